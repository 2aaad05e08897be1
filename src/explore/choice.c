// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Steps that choose a value.
 *
 *	iommufd_model_choose()	one of its values
 *	an allocation		0: as usual, 1: it fails
 *	a user copy		0: as usual, 1: nothing is copied, 2: half is
 *
 * At an allocation or a copy there is a choice only if an option asks for it,
 * and in one execution at most as often as the option says.
 *
 * Each value is tried at every node at which the thread of the step is tried,
 * and the thread is done there only after the last value.  So what holds for
 * the threads to be tried and for sleep sets holds as if every value were tried
 * at once.  A choice conflicts with nothing, apart from what a copy conflicts
 * with anyway.
 *
 * The limit of an option needs a further argument, because under it one choice
 * can exclude another.  The limit counts how many choices of an execution are
 * not 0, and the order of its steps does not change this number.  So either all
 * executions of a class of equivalent executions keep to the limit, or none
 * does.  And 0 can always be chosen: an execution that shows a race of a step
 * has one that keeps to the limit, in which that step chooses 0.
 */
#include "internal.h"

/*
 * True if one more of @count choices may be other than 0.  If not, set *@cut.
 */
static bool below_limit(const struct search *search, int count, int limit,
			bool *cut)
{
	if (search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY || count < limit)
		return true;
	*cut |= limit > 0;
	return false;
}

/* Return how many values the operation can choose from. */
static int nr_values(struct execution *exec, const struct iommufd_model_op *op)
{
	struct search *search = exec->search;

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_CHOOSE:
		return (int)op->arg;
	case IOMMUFD_MODEL_OP_ALLOC:
		/* With __GFP_NOFAIL it never fails. */
		if (op->before)
			return 1;
		return below_limit(search, exec->failed_allocs,
				   search->opt.alloc_failures,
				   &search->cut_allocs) ?
			       2 :
			       1;
	case IOMMUFD_MODEL_OP_COPY_FROM_USER:
	case IOMMUFD_MODEL_OP_COPY_TO_USER:
		if (!below_limit(search, exec->short_copies,
				 search->opt.short_copies, &search->cut_copies))
			return 1;
		return op->arg > 1 ? 3 : 2;
	default:
		return 1;
	}
}

/* In a random execution, one in this many allocations or copies fails. */
#define FAILING_ODDS 8

static int draw(struct search *search, enum iommufd_model_op_kind kind, int nr)
{
	if (kind != IOMMUFD_MODEL_OP_CHOOSE &&
	    explore_search_random(search) % FAILING_ODDS)
		return 0;
	return (int)(explore_search_random(search) % (unsigned int)nr);
}

/*
 * Fail, because the schedule or an earlier execution gives a value that does
 * not exist.
 */
static void fail_value(struct execution *exec, int number,
		       const struct iommufd_model_op *op, int nr)
{
	const struct search *search = exec->search;
	const struct node *node = &search->nodes[search->depth];

	explore_determinism_fail(
		exec, number, op->site,
		"at step %d thread %c is to choose the value %d, but %s of %s "
		"(%s:%d) has only %d value%s, counted from 0",
		search->depth + 1, 'a' + number, node->value_chosen,
		iommufd_model_op_name(op->kind), op->site->what,
		op->site->file, op->site->line, nr, nr > 1 ? "s" : "");
}

bool explore_choice_make(struct execution *exec, int number)
{
	struct search *search = exec->search;
	struct node *node = &search->nodes[search->depth];
	const struct iommufd_model_op *op = exec->threads[number].op;
	int nr = nr_values(exec, op);

	if (nr > 1 && search->opt.mode == IOMMUFD_MODEL_MODE_RANDOM &&
	    search->depth >= search->forced)
		node->value_chosen = (u16)draw(search, op->kind, nr);
	if (node->value_chosen >= nr) {
		fail_value(exec, number, op, nr);
		return false;
	}
	if (search->depth >= search->forced - 1)
		node->nr_values = (u16)nr;
	exec->chosen = node->value_chosen;
	if (!exec->chosen)
		return true;
	search->injected |= op->kind == IOMMUFD_MODEL_OP_ALLOC;
	exec->failed_allocs += op->kind == IOMMUFD_MODEL_OP_ALLOC;
	exec->short_copies += op->kind == IOMMUFD_MODEL_OP_COPY_FROM_USER ||
			      op->kind == IOMMUFD_MODEL_OP_COPY_TO_USER;
	return true;
}
