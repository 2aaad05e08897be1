// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What a thread does behind an operation that gives something away: it may use
 * memory, without an operation, that another thread frees by then.
 *
 * Such statements are a step of their own, AFTER, if the operation was done to
 * memory that can be freed.  It races with a free of that memory: dpor.c tries
 * both orders.
 *
 * The last one of a thread needs no second order.  No other thread can notice
 * when it comes, so it comes as late as can be, and every free that may come
 * before it does.  It may then use any memory, whatever its operation was done
 * to: so a thread's last operation has an AFTER in any case.
 *
 * Which operation is a thread's last one is known only when the thread has
 * ended.  So the places are learnt, and the search begins anew when it has found
 * one; they are few.  Shards have to agree on the tree: they learn only while
 * they walk the part of it that all of them walk.  A bounded search, which walks
 * its tree once for each bound, does not learn.
 *
 * A schedule marks the steps that are there because the place was known, so that
 * a replay, which knows nothing, has them too.
 */
#include "internal.h"

/* Does it give something away: a reference, a lock, the word that it is done? */
static bool gives_away(enum iommufd_model_op_kind kind)
{
	return kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC ||
	       kind == IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST ||
	       kind == IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL ||
	       kind == IOMMUFD_MODEL_OP_RWSEM_UP_TAIL ||
	       kind == IOMMUFD_MODEL_OP_SPIN_UNLOCK ||
	       kind == IOMMUFD_MODEL_OP_WRITE_ONCE ||
	       kind == IOMMUFD_MODEL_OP_WAIT_WAKE;
}

/* Is @site of @thread among the first @nr endings? */
static bool is_among(const struct search *search, int nr, int thread,
		     const struct iommufd_model_site *site)
{
	int i;

	for (i = 0; i < nr; i++)
		if (search->endings[i].site == site &&
		    search->endings[i].thread == thread)
			return true;
	return false;
}

static bool is_known(const struct search *search, int thread,
		     const struct iommufd_model_site *site)
{
	return is_among(search, search->nr_endings, thread, site);
}

bool explore_ending_known(const struct search *search, const struct node *f)
{
	return is_known(search, f->thread, f->site);
}

/* What the schedule to replay says of thread @number's next step. */
static bool given_next(const struct search *search, int number)
{
	int i;

	for (i = search->depth; i < search->nr_given; i++)
		if (CHOICE_THREAD(search->given[i]) == number)
			return search->given[i] & CHOICE_ENDS;
	return false;
}

bool explore_ending_follows(const struct search *search, int number,
			    const struct iommufd_model_op *op)
{
	if (!gives_away(op->kind) || search->opt.plain)
		return false;
	if (explore_arena_chunk(op->addr))
		return true;
	if (search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY)
		return given_next(search, number);
	return is_known(search, number, op->site);
}

void explore_ending_note(struct search *search, const struct thread *thread)
{
	int number = (int)(thread - explore_run.threads);
	const struct node *last;

	if (!thread->steps || search->opt.plain ||
	    search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY ||
	    search->opt.mode == IOMMUFD_MODEL_MODE_BOUNDED)
		return;
	last = container_of(thread->clock, struct node, clock[0]);
	if (last->kind != IOMMUFD_MODEL_OP_AFTER &&
	    !gives_away((enum iommufd_model_op_kind)last->kind))
		return;
	if (is_among(search, search->nr_learnt, number, last->site) ||
	    search->nr_learnt == MAX_ENDINGS ||
	    (search->shards > 1 && search->shards != INT_MAX))
		return;
	search->endings[search->nr_learnt].site = last->site;
	search->endings[search->nr_learnt++].thread = number;
	search->anew = true;
}

u16 explore_ending_last(const struct search *search, u16 enabled)
{
	const struct iommufd_model_op *op;
	unsigned int rest, others = enabled;
	int i;

	for (rest = enabled; rest && search->nr_endings; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		op = explore_run.threads[i].op;
		if (op && op->kind == IOMMUFD_MODEL_OP_AFTER &&
		    is_known(search, i, op->site))
			others &= ~(1u << i);
	}
	return others ? (u16)others : enabled;
}
