// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which steps are independent in this execution, and sleep sets.
 *
 * Whether two steps on the same location are independent, ordered or racing is
 * decided by conflict.c.  What it cannot decide is whether the result of an
 * addition to a counter is certain, as that depends on the execution.  A
 * decrement counts as an addition only if it could not have reached zero in any
 * order of the additions that are concurrent to it ("Counters").
 *
 * A thread is removed from a sleep set by a step that is not independent of the
 * thread's next step.  Two steps are not independent if they do not commute in
 * the current state, and also if the search for races would take them to be
 * ordered.  A thread stays asleep because its step could as well have come
 * first, and that was tried.  The search tries the other order of steps that
 * race, and not that of steps that it takes to be ordered.
 */
#include "dpor.h"
#include <string.h>

/* A hash of the members @most of all locations. */
static u64 most_hash;
NO_STATE(most_hash);

void explore_dpor_reset_counters(void)
{
	most_hash = 0;
}

/* Counters */

/*
 * Return the least value that the counter, which is @v now, could have when
 * thread @number does its step, in any order of the concurrent steps of other
 * threads.  For each thread, that order leaves out as many of its last steps as
 * make the value the least.
 */
static long least_value(const struct execution *exec,
			const struct location *loc, int number,
			const s16 *clock, long v)
{
	int sum[MAX_THREADS] = { 0 }, most[MAX_THREADS] = { 0 };
	const struct node *f;
	u32 link;
	int i;

	for (link = loc->last; link != NO_LINK;
	     link = f->prev[LINK_WHICH(link)]) {
		f = &exec->search->nodes[LINK_DEPTH(link)];
		if (f->conflict[LINK_WHICH(link)] == CONFLICT_AFTER)
			continue;
		if (f->conflict[LINK_WHICH(link)] != CONFLICT_ADD)
			break;
		if (f->thread == number || f->index <= clock[f->thread])
			continue;
		sum[f->thread] += f->delta;
		if (sum[f->thread] > most[f->thread])
			most[f->thread] = sum[f->thread];
	}
	for (i = 0; i < exec->nr_threads; i++)
		v -= most[i];
	return v;
}

/*
 * least_value() depends on the order of the steps so far.  The number @most of a
 * thread does not: it is the most that the thread's last steps on the counter add in
 * all, however many they are.  No order leaves out more.  It is a part of the state,
 * so what follows from it is true after all prefixes that lead to this state.
 */

/* The number stops here: a thread with this one may have added more. */
#define MOST_MAX SCHAR_MAX

void explore_dpor_note_most(struct location *loc, int number, int delta)
{
	int was = loc->most[number], is = was;
	u64 hash = ((u64)(uintptr_t)loc->addr << 4 | (u64)number) *
		   0x9e3779b97f4a7c15ull;

	if (was != MOST_MAX)
		is = delta < -was	    ? 0 :
		     delta > MOST_MAX - was ? MOST_MAX :
					      was + delta;
	loc->most[number] = (s8)is;
	most_hash += (u64)(is - was) * (hash ^ hash >> 32);
}

u64 explore_dpor_most(void)
{
	return most_hash;
}

/*
 * Return a lower bound of the counter, which is @v now, when thread @number does
 * its step, in any order of the steps of other threads.
 */
static long value_in_any_order(const struct execution *exec,
			       const struct location *loc, int number, long v)
{
	int i;

	for (i = 0; i < exec->nr_threads; i++) {
		if (i == number)
			continue;
		if (loc->most[i] == MOST_MAX)
			return LONG_MIN;
		v -= loc->most[i];
	}
	return v;
}

/*
 * Return the kind of conflict of an operation on a refcount_t.  @e is its effect,
 * @least the least value that it could find in this execution, and @any a lower bound
 * of that after all prefixes that lead to the state.
 */
static enum conflict refcount_conflict(struct node *node,
				       const struct iommufd_model_op *op,
				       const struct effect *e, long least,
				       long any)
{
	long end = 0;

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC:
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
		end = op->arg;
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD:
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
		if (!e->result)
			return CONFLICT_READ;
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE:
		if (!e->result)
			return CONFLICT_READ;
		end = 1;
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		return e->result ? CONFLICT_WRITE : CONFLICT_READ;
	default:
		return CONFLICT_WRITE;
	}
	node->certain = any > end;
	return least > end ? CONFLICT_ADD : CONFLICT_WRITE;
}

/*
 * Set *@end so that the result of @op on an atomic variable is certain while
 * the variable is above it.  Returns false if there is no such value.
 */
static bool atomic_end(const struct iommufd_model_op *op, long *end)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_ATOMIC_ADD:
		*end = LONG_MIN;
		return true;
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST:
		*end = explore_atomic(op)->arg2 - (op->arg < 0 ? op->arg : 0);
		return true;
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_UNLESS:
		*end = explore_atomic(op)->arg2;
		return true;
	case IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE:
		*end = -1;
		return true;
	default:
		return false;
	}
}

/*
 * Add to how much the thread of @g could take from the counter before the step
 * @f: @most if some of its steps before @f come later, @after if some of its
 * steps after @f come first.  The steps @g are walked from the last one back.
 */
static void add_taken(const struct node *f, const struct node *g,
		      long before[MAX_THREADS], long most[MAX_THREADS],
		      long after[MAX_THREADS])
{
	long delta = g->delta;

	if (g->thread == f->thread)
		return;
	if (g < f) {
		/* The step @g could come after @f instead. */
		if (g->index <= f->clock[g->thread])
			return;
		before[g->thread] += delta;
		if (before[g->thread] > most[g->thread])
			most[g->thread] = before[g->thread];
	} else if (g->clock[f->thread] < (s16)f->index) {
		/*
		 * The step @g could come before @f, alone or with steps that
		 * follow it.
		 */
		after[g->thread] -= delta;
		if (after[g->thread] < 0)
			after[g->thread] = 0;
	}
}

/*
 * True if there is a step @f whose result would not be certain any more if the
 * step @e, which adds to the counter, could come before it.  least_value() took
 * into account only the steps before @f when @f was done.
 */
static bool makes_uncertain(const struct execution *exec,
			    const struct location *loc, struct node *e,
			    int number, const s16 *clock)
{
	const struct node *nodes = exec->search->nodes, *f, *g;
	long before[MAX_THREADS], most[MAX_THREADS], after[MAX_THREADS], v;
	u32 link, other;
	int i;

	for (link = loc->last; link != NO_LINK;
	     link = f->prev[LINK_WHICH(link)]) {
		f = &nodes[LINK_DEPTH(link)];
		if (f->conflict[LINK_WHICH(link)] == CONFLICT_AFTER)
			continue;
		if (f->conflict[LINK_WHICH(link)] != CONFLICT_ADD)
			break;
		if (f->thread == number || f->index <= clock[f->thread] ||
		    f->end == LONG_MIN)
			continue;
		memset(before, 0, sizeof(before));
		memset(most, 0, sizeof(most));
		memset(after, 0, sizeof(after));
		after[number] = e->delta < 0 ? -e->delta : 0;
		for (other = loc->last; other != NO_LINK;
		     other = g->prev[LINK_WHICH(other)]) {
			g = &nodes[LINK_DEPTH(other)];
			if (g->conflict[LINK_WHICH(other)] == CONFLICT_AFTER)
				continue;
			if (g->conflict[LINK_WHICH(other)] != CONFLICT_ADD)
				break;
			add_taken(f, g, before, most, after);
		}
		for (v = f->before, i = 0; i < exec->nr_threads; i++)
			v -= most[i] > after[i] ? most[i] : after[i];
		if (v <= f->end)
			return true;
	}
	return false;
}

/*
 * The same as refcount_conflict() for an atomic variable, which is @v.  An
 * addition is a CONFLICT_ADD only if the numbers are small, so that the sums
 * are exact.
 */
static enum conflict
atomic_conflict(const struct execution *exec, const struct location *loc,
		struct node *node, const struct iommufd_model_op *op,
		int number, const s16 *clock, long v, long least)
{
	const long large = 1l << 28;

	if (!node->delta)
		return CONFLICT_READ;
	if (op->arg > large || op->arg < -large)
		return CONFLICT_WRITE;
	if (op->kind != IOMMUFD_MODEL_OP_ATOMIC_ADD &&
	    (v > large || v < -large))
		return CONFLICT_WRITE;
	if (!atomic_end(op, &node->end) || least <= node->end ||
	    makes_uncertain(exec, loc, node, number, clock))
		return CONFLICT_WRITE;
	return CONFLICT_ADD;
}

static enum conflict bit_conflict(const struct effect *e, long v)
{
	return e->value == v ? CONFLICT_READ_BIT : CONFLICT_WRITE_BIT;
}

/*
 * Return @value - @v, limited to an int.  For a CONFLICT_ADD the result is
 * exact.
 */
static int difference(long value, long v)
{
	long delta = (long)((unsigned long)value - (unsigned long)v);

	return delta > INT_MAX	? INT_MAX :
	       delta < -INT_MAX ? -INT_MAX :
				  (int)delta;
}

enum conflict explore_dpor_counter_conflict(const struct execution *exec,
					    const struct location *loc,
					    struct node *node,
					    const struct iommufd_model_op *op,
					    int number, const s16 *clock,
					    int less)
{
	const struct search *search = exec->search;
	bool is_bit = iommufd_model_op_is_bit(op->kind);
	long v = explore_counter_value(op), least, any;
	struct effect e = explore_counter_effect(op, v);

	node->before = (int)v;
	node->delta = difference(e.value, v);
	if (explore_only_reads(op->kind))
		return is_bit ? CONFLICT_READ_BIT : CONFLICT_READ;
	if (search->opt.plain || e.misuse ||
	    explore_dpor_is_watched(search, op->addr))
		return CONFLICT_WRITE;
	if (is_bit)
		return bit_conflict(&e, v);
	least = least_value(exec, loc, number, clock, v) - less;
	any = value_in_any_order(exec, loc, number, v);
	return iommufd_model_op_is_atomic(op->kind) ?
		       atomic_conflict(exec, loc, node, op, number, clock, v,
				       least) :
		       refcount_conflict(node, op, &e, least, any);
}

/* Sleep sets */

static int taken_by(const struct node *node)
{
	return node->delta < 0 ? -node->delta : 0;
}

/*
 * True if the step of @node and the next step of thread @number are
 * independent.  Both are on the same counter.  It is not enough that they
 * commute now.  The search looks for no race between steps that it takes to be
 * ordered, so such steps do not count as independent here.
 */
static bool counters_swap(struct execution *exec, const struct node *node,
			  const struct iommufd_model_op *op, int number)
{
	const struct thread *other = &exec->threads[number];
	const struct location *loc = explore_dpor_location(exec, op->addr);
	struct node mine = *node, theirs = *node;
	enum conflict a = (enum conflict)node->conflict[0], b = CONFLICT_ZERO;

	if (explore_is_counter(other->op->kind))
		b = explore_dpor_counter_conflict(exec, loc, &theirs, other->op,
						  number,
						  explore_dpor_clock_of(other),
						  taken_by(node));
	if (explore_is_counter(op->kind) && b != CONFLICT_ZERO)
		a = explore_dpor_counter_conflict(
			exec, loc, &mine, op, node->thread,
			explore_dpor_clock_of(&exec->threads[node->thread]),
			taken_by(&theirs));
	return explore_conflict_bit_relation(
		       a, BIT_OF(op), b, BIT_OF(other->op)) == INDEPENDENT &&
	       explore_conflict_bit_relation(b, BIT_OF(other->op), a,
					     BIT_OF(op)) == INDEPENDENT;
}

/*
 * The same as counters_swap() for two steps on one epoch.  If one of them is
 * the end of a wait, it is enabled now, so it waits for no section any more.
 */
static bool epochs_swap(const struct node *node, int i,
			const struct iommufd_model_op *other)
{
	return explore_conflict_epoch_relation(
		       node->flags[i], explore_conflict_epoch_flags(other), 0,
		       0) == INDEPENDENT;
}

/* Return the lock flags of the next step of thread @number. */
static unsigned int lock_flags_next(const struct execution *exec, int number)
{
	const struct thread *thread = &exec->threads[number];

	return explore_conflict_lock_flags(thread,
					   explore_thread_only_queues(thread));
}

/*
 * The same as counters_swap() for any two steps that share location @i of
 * @step.
 */
static bool may_swap_at(struct execution *exec, const struct node *node,
			const struct step *step, int i, int number)
{
	const struct iommufd_model_op *op = step->op;
	const struct iommufd_model_op *other = exec->threads[number].op;
	enum conflict conflict =
		explore_conflict_next(exec, &exec->threads[number]);
	long v;

	if (node->conflict[i] == CONFLICT_EPOCH &&
	    explore_conflict_epoch_flags(other))
		return epochs_swap(node, i, other);
	if ((!explore_is_counter(op->kind) &&
	     op->kind != IOMMUFD_MODEL_OP_WAIT_ZERO) ||
	    (!explore_is_counter(other->kind) && conflict != CONFLICT_ZERO) ||
	    exec->search->opt.plain ||
	    step->addr[i] == &explore_dpor_keys.watch) {
		if (conflict == CONFLICT_LOCK &&
		    node->conflict[i] == CONFLICT_LOCK)
			return explore_conflict_lock_relation(
				       node->flags[i],
				       lock_flags_next(exec, number),
				       exec->nr_threads) == INDEPENDENT;
		return explore_conflict_relation(node->conflict[i], conflict) ==
			       INDEPENDENT &&
		       explore_conflict_relation(conflict, node->conflict[i]) ==
			       INDEPENDENT;
	}
	if (!counters_swap(exec, node, op, number))
		return false;
	v = explore_counter_value(op);
	if (conflict == CONFLICT_ZERO)
		return !v && !explore_counter_effect(op, v).value;
	if (op->kind == IOMMUFD_MODEL_OP_WAIT_ZERO)
		return !explore_counter_effect(other, v).value;
	return explore_counters_commute(op, other, v);
}

/* Interrupt handlers: see the same heading in dpor_races.c. */

/*
 * True if @op, of thread @a, begins or ends a handler that shares its processor
 * with thread @b, or if the next step of @b begins such a handler.
 */
static bool share_processor(const struct execution *exec, int a,
			    const struct iommufd_model_op *op, int b)
{
	if (explore_dpor_processor_of(exec, a) !=
	    explore_dpor_processor_of(exec, b))
		return false;
	return op->kind == IOMMUFD_MODEL_OP_IRQ_ENTER ||
	       op->kind == IOMMUFD_MODEL_OP_IRQ_LEAVE ||
	       exec->threads[b].op->kind == IOMMUFD_MODEL_OP_IRQ_ENTER;
}

/*
 * True if the step of @node, which is about to be done, is independent of the
 * next step of thread @number.
 */
static bool may_swap_now(struct execution *exec, const struct node *node,
			 const struct step *step, int number)
{
	const struct iommufd_model_op *op = step->op;
	const struct iommufd_model_op *other = exec->threads[number].op;
	struct step theirs;
	int i, j;

	if (op->kind == IOMMUFD_MODEL_OP_FREE &&
	    explore_dpor_in_chunk(explore_arena_chunk(op->addr), other->addr))
		return false;
	if (other->kind == IOMMUFD_MODEL_OP_FREE &&
	    explore_dpor_in_chunk(explore_arena_chunk(other->addr), op->addr))
		return false;
	if (exec->handlers && share_processor(exec, node->thread, op, number))
		return false;
	explore_dpor_locations_of(exec, &theirs, &exec->threads[number]);
	for (i = 0; i < step->nr; i++)
		for (j = 0; j < theirs.nr; j++)
			if (step->addr[i] == theirs.addr[j] &&
			    !may_swap_at(exec, node, step, i, number))
				return false;
	return true;
}

/*
 * True if the next step of @other could block the next step of thread @number.
 */
static bool could_block(struct execution *exec, int other, int number)
{
	struct step a, b;
	int i, j;

	if (explore_never_blocks(exec->threads[number].op->kind))
		return exec->handlers;
	explore_dpor_locations_of(exec, &a, &exec->threads[other]);
	explore_dpor_locations_of(exec, &b, &exec->threads[number]);
	for (i = 0; i < a.nr; i++)
		for (j = 0; j < b.nr; j++)
			if (a.addr[i] == b.addr[j])
				return true;
	return exec->handlers;
}

/*
 * True if the sleep of @thread ends by itself in any case, without a failure.
 */
static bool ends_late_too(const struct execution *exec,
			  const struct thread *thread)
{
	return exec->search->opt.ignore & 1u << IOMMUFD_MODEL_FAIL_TIMEOUT &&
	       !explore_thread_would_rouse(exec, thread) && !thread->stays;
}

/*
 * The step of @node ends a sleep early, which can be done only while another
 * thread can go on.  True if it could also be done after the next step of
 * thread @number.  It could not if that step might leave no other thread that
 * can go on, unless the sleep then ends with its timeout.
 */
static bool early_after(struct execution *exec, const struct node *node,
			int number)
{
	unsigned int rest = node->enabled & (u16)~node->early & ~BIT16(number);
	int i;

	if (node->goes_on & BIT16(number))
		return true;
	for (; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (!could_block(exec, number, i))
			return true;
	}
	return ends_late_too(exec, &exec->threads[node->thread]);
}

void explore_dpor_compute_sleep(struct execution *exec, const struct node *node,
				const struct step *step)
{
	bool early = node->early & BIT16(node->thread);
	unsigned int asleep = (unsigned int)(node->sleep | node->done) &
			      ~(1u << node->thread),
		     rest;
	int i;

	for (rest = asleep; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (exec->threads[i].ended ||
		    !may_swap_now(exec, node, step, i) ||
		    (early && !early_after(exec, node, i)))
			asleep &= ~(1u << i);
	}
	exec->search->next_sleep = (u16)asleep;
}
