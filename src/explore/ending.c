// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The code of a thread after an operation by which it gives memory away, such
 * as dropping a reference or a lock.  That code may use, by plain accesses,
 * memory that another thread has freed by then.
 *
 * The statements up to the thread's next operation are a step of their own,
 * with the operation AFTER, if the operation before them was done to memory
 * that can be freed.  That step races with a free of the memory, and dpor.c has
 * both orders tried.
 *
 * The AFTER that follows the last operation of a thread is tried in one order
 * only.  No other thread can notice when it comes, so it comes as late as
 * possible, after every free that can come before it.  It then shows a use of
 * any freed memory, not only of the memory of its operation.  So the last
 * operation of every thread is followed by an AFTER.
 *
 * Which operation is the last one of a thread is known only when the thread has
 * ended.  So call sites of last operations are learnt, and the search begins
 * again when it has learnt one; all its jobs begin again.  All shards must walk
 * the same tree, so they learn only in the part of it that all of them walk.  A
 * bounded search walks its tree once for each bound and learns nothing.
 *
 * A thread that polls may come to such a call site in each turn of its loop.  Then
 * each execution goes one turn further than the one before, and it is long until one
 * comes to the limit of steps, by which the loop is learnt (spin_learn.c).  So when a
 * thread has first done many of these steps, the search hurries for a while: such a
 * thread goes on.  Then it begins again, whether a loop was learnt or not, as the last
 * step of the thread came too early.
 *
 * If there are too many to be learnt, every operation counts as one that may be
 * the last.
 *
 * There are no such steps if every source file is watched: then each plain access
 * is seen, and a free that nothing orders with it is found in whichever order they
 * come (watch.c).  An invariant could notice that an operation is done and what
 * follows is not, so with one there are.
 *
 * A schedule marks the steps that exist because a call site was known, so that
 * a replay, which has learnt nothing, does them too.  If an execution fails while a
 * thread waits for its AFTER, that step is not a part of the path; then the schedule
 * can need it behind the others, and has it only if a replay without it ends in
 * another way.
 */
#include "internal.h"

/* After this many such steps of a thread the search hurries. */
#define MANY_ENDINGS 32
/* For how many executions it does. */
#define HURRIES 64

/*
 * True if another thread may free the memory once an operation of this kind is
 * done.
 */
static bool gives_away(enum iommufd_model_op_kind kind)
{
	return kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC ||
	       kind == IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST ||
	       kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE ||
	       kind == IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL ||
	       kind == IOMMUFD_MODEL_OP_RWSEM_UP_TAIL ||
	       kind == IOMMUFD_MODEL_OP_SPIN_UNLOCK ||
	       kind == IOMMUFD_MODEL_OP_READ_UNLOCK ||
	       kind == IOMMUFD_MODEL_OP_WRITE_UNLOCK ||
	       kind == IOMMUFD_MODEL_OP_WRITE_ONCE ||
	       kind == IOMMUFD_MODEL_OP_STORE_RELEASE ||
	       kind == IOMMUFD_MODEL_OP_WAIT_WAKE ||
	       kind == IOMMUFD_MODEL_OP_RCU_UNLOCK ||
	       kind == IOMMUFD_MODEL_OP_RCU_CALL ||
	       kind == IOMMUFD_MODEL_OP_COMPLETE ||
	       kind == IOMMUFD_MODEL_OP_WORK_QUEUE ||
	       kind == IOMMUFD_MODEL_OP_TIMER_ARM ||
	       kind == IOMMUFD_MODEL_OP_IDR_DONE ||
	       (iommufd_model_op_is_atomic(kind) && !explore_only_reads(kind));
}

/*
 * The same for a completed operation: an atomic operation may not have changed
 * its variable.
 */
static bool gave_away(const struct iommufd_model_op *op)
{
	return gives_away(op->kind) &&
	       (!iommufd_model_op_is_atomic(op->kind) ||
		op->before != op->after);
}

/*
 * True if an operation of this kind, on any memory, may be the last one before
 * an AFTER.
 */
static bool may_be_last(enum iommufd_model_op_kind kind)
{
	return gives_away(kind) || kind == IOMMUFD_MODEL_OP_REFCOUNT_SET ||
	       kind == IOMMUFD_MODEL_OP_REFCOUNT_ADD ||
	       kind == IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO ||
	       kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE;
}

/* True if @site of @thread is among the first @nr endings. */
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
	return search->nr_endings == MAX_ENDINGS ||
	       is_among(search, search->nr_endings, thread, site);
}

/* True if no code of a thread is a step of its own. */
static bool has_none(const struct search *search)
{
	return search->opt.plain || search->sees_all;
}

bool explore_ending_known(const struct search *search, const struct node *f)
{
	return is_known(search, f->thread, f->site);
}

bool explore_ending_waits(const struct search *search, const struct node *last)
{
	return may_be_last((enum iommufd_model_op_kind)last->kind) &&
	       explore_ending_known(search, last);
}

/* True if the schedule says that an AFTER is the next step of the thread. */
static bool given_next(const struct search *search, int number)
{
	int i;

	for (i = search->depth; i < search->nr_given; i++)
		if (CHOICE_THREAD(search->given[i]) == number)
			return search->given[i] & CHOICE_ENDS;
	return false;
}

bool explore_ending_follows(const struct search *search, int number,
			    const struct iommufd_model_op *op, const void *addr)
{
	if (!may_be_last(op->kind) || has_none(search))
		return false;
	if (gave_away(op) && explore_arena_chunk(addr))
		return true;
	if (search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY)
		return given_next(search, number);
	return is_known(search, number, op->site);
}

/* True if all those who walk the tree can begin again together. */
static bool may_learn(const struct search *search)
{
	return !explore_search_is_dealt(search) ||
	       (search->opt.shards == 1 &&
		search->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE);
}

void explore_ending_note(struct execution *exec, const struct thread *thread)
{
	int number = (int)(thread - exec->threads);
	struct search *search = exec->search;
	const struct node *last;

	if (!thread->steps || has_none(search) ||
	    search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY ||
	    search->opt.mode == IOMMUFD_MODEL_MODE_BOUNDED)
		return;
	/* If its number is used again, it has done a step of its own since. */
	last = container_of(thread->clock, struct node, clock[0]);
	if (last->kind != IOMMUFD_MODEL_OP_AFTER &&
	    !may_be_last((enum iommufd_model_op_kind)last->kind))
		return;
	if (is_among(search, search->nr_learnt, number, last->site) ||
	    search->nr_learnt == MAX_ENDINGS || !may_learn(search))
		return;
	search->endings[search->nr_learnt].site = last->site;
	search->endings[search->nr_learnt++].thread = number;
	search->restart = true;
	search->late |= explore_search_is_dealt(search);
}

void explore_ending_step(const struct execution *exec, struct thread *thread)
{
	struct search *search = exec->search;

	if (thread->op->kind != IOMMUFD_MODEL_OP_AFTER ||
	    search->opt.mode != IOMMUFD_MODEL_MODE_EXHAUSTIVE ||
	    !is_known(search, (int)(thread - exec->threads), thread->op->site))
		return;
	if (++thread->endings < MANY_ENDINGS || search->hurried)
		return;
	search->hurried = true;
	search->hurries = HURRIES;
}

bool explore_ending_advance(struct search *search, bool done)
{
	if (!search->hurries || (--search->hurries && !done))
		return false;
	search->hurries = 0;
	search->restart = true;
	return true;
}

u16 explore_ending_last(const struct execution *exec, u16 enabled)
{
	const struct search *search = exec->search;
	const struct iommufd_model_op *op;
	unsigned int rest, others = enabled;
	int i;

	for (rest = enabled; rest && search->nr_endings; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		op = exec->threads[i].op;
		if (op && op->kind == IOMMUFD_MODEL_OP_AFTER &&
		    !(search->hurries &&
		      exec->threads[i].endings >= MANY_ENDINGS) &&
		    is_known(search, i, op->site))
			others &= ~(1u << i);
	}
	return others ? (u16)others : enabled;
}
