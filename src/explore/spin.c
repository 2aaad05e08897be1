// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Loops that wait for another thread.
 *
 * A thread that looks again and again until another one has changed something
 * would keep the search busy for ever: there is always a schedule in which it
 * looks once more.  A turn of such a loop that changed nothing, while nobody else
 * changed what it looked at, is like no turn at all.  So behind one the thread
 * waits: it can go on when another thread's step conflicts with one of the
 * turn's.
 *
 * But a loop may also give up by itself, after a number of turns, and that must
 * not be lost.  So a loop is first let run.  One that has brought an execution
 * to the limit of steps, with the same operations and the same results over and
 * over, does not end by itself: its call sites are learnt, and the search begins
 * anew.  Whatever ends by itself is explored as if this file were not there.
 *
 * Where nobody else can go on, not even by a timeout, the waiting threads go
 * round alone for a while, and the clock runs: perhaps the loop does end by
 * itself there.  If none does, that is a livelock.
 *
 * The search: the step that lets a waiting thread go on is ordered before the
 * next step of that thread, like an unlock before the lock that waited for it.
 * The turn before has been tried on the other side of it.
 */
#include "internal.h"
#include <stdio.h>
#include <string.h>

/* Turns that must be the same for a loop to be learnt, and their length. */
#define SAME_TURNS 8
#define MAX_PERIOD 128
/* Turns that a thread goes round alone before it is a livelock. */
#define TURNS_ALONE 64u

static bool is_among(const struct search *search, int nr,
		     void (*fn)(void *data),
		     const struct iommufd_model_site *site)
{
	int i;

	for (i = 0; i < nr; i++)
		if (search->loops[i].site == site && search->loops[i].fn == fn)
			return true;
	return false;
}

/* The step before @depth of the same thread as nodes[@depth], or -1. */
static int step_before(const struct search *search, int depth)
{
	const struct node *node = &search->nodes[depth];

	while (--depth >= 0)
		if (search->nodes[depth].thread == node->thread)
			return depth;
	return -1;
}

static int last_step(const struct search *search, int number)
{
	int depth;

	for (depth = search->depth - 1; depth >= 0; depth--)
		if (search->nodes[depth].thread == number)
			break;
	return depth;
}

/* Learning */

static bool same_step(const struct node *a, const struct node *b)
{
	return a->site == b->site && a->kind == b->kind &&
	       a->before == b->before && a->delta == b->delta &&
	       a->result == b->result;
}

/* How many steps ago the last steps of a thread began to repeat; 0: never. */
static int period_of(const struct search *search, const int *depths, int nr)
{
	int period, i;

	for (period = 1; period <= MAX_PERIOD; period++) {
		if (period * SAME_TURNS > nr)
			return 0;
		for (i = 0; i + period < period * SAME_TURNS; i++)
			if (!same_step(&search->nodes[depths[i]],
				       &search->nodes[depths[i + period]]))
				break;
		if (i + period == period * SAME_TURNS)
			return period;
	}
	return 0;
}

static bool learn_site(struct search *search, void (*fn)(void *data),
		       const struct iommufd_model_site *site)
{
	if (is_among(search, search->nr_loops_learnt, fn, site) ||
	    search->nr_loops_learnt == MAX_LOOPS)
		return false;
	search->loops[search->nr_loops_learnt].fn = fn;
	search->loops[search->nr_loops_learnt++].site = site;
	return true;
}

/* True if thread @number is in a loop that was not known. */
static bool learn_thread(struct execution *exec, int number)
{
	struct search *search = exec->search;
	int depths[MAX_PERIOD * SAME_TURNS], nr = 0, depth, period;
	bool any = false;

	for (depth = last_step(search, number);
	     depth >= 0 && nr < (int)ARRAY_SIZE(depths);
	     depth = step_before(search, depth))
		depths[nr++] = depth;
	period = period_of(search, depths, nr);
	while (period--)
		any |= learn_site(search, exec->threads[number].fn,
				  search->nodes[depths[period]].site);
	return any;
}

bool explore_spin_learn(struct execution *exec)
{
	struct search *search = exec->search;
	bool any = false;
	int i;

	for (i = 0; i < exec->nr_threads; i++)
		if (!exec->threads[i].ended)
			any |= learn_thread(exec, i);
	search->retry |= any;
	/* Not on its own may a shard walk another tree than the others. */
	search->late |= any && search->shards > 1 && search->shards != INT_MAX;
	return any;
}

/* Waiting */

static bool changes_nothing(const struct node *node)
{
	switch (node->conflict[0]) {
	case CONFLICT_NONE:
	case CONFLICT_READ:
	case CONFLICT_AFTER:
	case CONFLICT_LOCK:
	case CONFLICT_PREPARE:
	case CONFLICT_RESUME:
		return true;
	default:
		return false;
	}
}

static u64 mix(u64 hash, u64 value)
{
	return (hash ^ value) * 0x9e3779b97f4a7c15ull + (hash >> 29);
}

/*
 * Did the steps of @thread from number @from on change nothing?  They did not if
 * none of them is of a kind that does, or if they gave what those of the turn
 * before gave.
 */
static bool idle_turn(const struct execution *exec, struct thread *thread)
{
	const struct search *search = exec->search;
	int depth, number = (int)(thread - exec->threads), sum = 0;
	const struct node *node;
	bool nothing = true;
	u64 hash = 1;

	for (depth = last_step(search, number); depth >= 0;
	     depth = step_before(search, depth)) {
		node = &search->nodes[depth];
		if (node->index <= thread->turn_from)
			break;
		nothing = nothing && changes_nothing(node);
		if (explore_is_counter((enum iommufd_model_op_kind)node->kind))
			sum += node->delta;
		hash = mix(hash, (uintptr_t)node->site);
		hash = mix(hash, (u64)(unsigned int)node->before << 32 |
					 (unsigned int)node->result);
	}
	if (hash == thread->turn_hash && !sum)
		nothing = true;
	thread->turn_hash = hash;
	return nothing;
}

static void begin_turn(struct thread *thread,
		       const struct iommufd_model_site *head)
{
	thread->loop_head = head;
	thread->turn_from = thread->steps;
	thread->disturbed = false;
	thread->nr_looked_at = 0;
}

static void leave_loop(struct thread *thread)
{
	thread->loop_head = NULL;
	thread->turn_hash = 0;
	thread->alone = false;
	thread->turns_alone = 0;
}

/* One more turn without any other thread; the clock makes ever longer steps. */
static void turn_alone(struct thread *thread)
{
	unsigned int n = thread->turns_alone++;

	iommufd_model_clock_set(jiffies + (1ul << (n < 40 ? n : 40)));
	if (thread->turns_alone >= TURNS_ALONE) {
		thread->alone = false;
		thread->spins = true;
	}
}

void explore_spin_arrived(const struct execution *exec, struct thread *thread)
{
	const struct search *search = exec->search;
	const struct iommufd_model_op *op = thread->op;

	thread->spins = false;
	if (op->kind == IOMMUFD_MODEL_OP_AFTER)
		return;
	if (!is_among(search, search->nr_loops, thread->fn, op->site)) {
		leave_loop(thread);
		return;
	}
	if (op->site == thread->loop_head &&
	    thread->steps > thread->turn_from) {
		if (!thread->disturbed && idle_turn(exec, thread)) {
			if (thread->alone)
				turn_alone(thread);
			else
				thread->spins = true;
		}
	} else if (thread->loop_head) {
		return;
	}
	if (!thread->spins)
		begin_turn(thread, op->site);
}

static void look_at(struct thread *thread, const void *addr)
{
	int i;

	for (i = 0; i < thread->nr_looked_at; i++)
		if (thread->looked_at[i] == addr)
			return;
	if (thread->nr_looked_at < MAX_LOOKED_AT)
		thread->looked_at[thread->nr_looked_at] = addr;
	thread->nr_looked_at++;
}

/* Could a step at @addr matter to what @thread looked at? */
static bool matters(const struct thread *thread, const void *addr)
{
	int i;

	if (!thread->nr_looked_at || thread->nr_looked_at > MAX_LOOKED_AT)
		return true;
	for (i = 0; i < thread->nr_looked_at; i++)
		if (thread->looked_at[i] == addr)
			return true;
	return false;
}

static void disturb(struct search *search, struct thread *thread)
{
	thread->disturbed = true;
	thread->turn_hash = 0;
	if (!thread->spins)
		return;
	thread->spins = false;
	thread->turns_alone = 0;
	thread->released_by = search->depth;
	begin_turn(thread, thread->op->site);
}

void explore_spin_stepped(struct execution *exec, int number,
			  const struct node *node,
			  const struct iommufd_model_op *op)
{
	struct search *search = exec->search;
	struct thread *self = &exec->threads[number], *thread;
	bool reads = node->conflict[0] == CONFLICT_READ ||
		     node->conflict[0] == CONFLICT_AFTER ||
		     node->conflict[0] == CONFLICT_NONE;

	self->released_by = -1;
	if (self->loop_head && node->conflict[0] != CONFLICT_AFTER &&
	    node->kind != IOMMUFD_MODEL_OP_RELAX)
		look_at(self, op->addr);
	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++) {
		if (thread == self || thread->ended || !thread->loop_head)
			continue;
		if (!thread->nr_looked_at ||
		    node->conflict[0] == CONFLICT_FREE ||
		    (!reads && matters(thread, op->addr)))
			disturb(search, thread);
	}
}

bool explore_spin_any(const struct execution *exec)
{
	int i;

	for (i = 0; i < exec->nr_threads; i++)
		if (!exec->threads[i].ended && exec->threads[i].spins)
			return true;
	return false;
}

bool explore_spin_alone(struct execution *exec)
{
	struct thread *thread;

	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++) {
		if (thread->ended || !thread->spins ||
		    thread->turns_alone >= TURNS_ALONE)
			continue;
		thread->spins = false;
		thread->alone = true;
		begin_turn(thread, thread->op->site);
		return true;
	}
	return false;
}

/* Telling */

/* The names of what the last turn of @number looked at. */
static void name_looked_at(const struct execution *exec, int number, char *text,
			   size_t size)
{
	const struct search *search = exec->search;
	const struct thread *thread = &exec->threads[number];
	const struct node *node;
	size_t len = 0;
	int depth;

	text[0] = 0;
	for (depth = last_step(search, number); depth >= 0 && len < size;
	     depth = step_before(search, depth)) {
		node = &search->nodes[depth];
		if (node->index <= thread->turn_from && len)
			break;
		if (node->kind != IOMMUFD_MODEL_OP_RELAX &&
		    node->conflict[0] != CONFLICT_AFTER &&
		    !strstr(text, node->site->what))
			len += (size_t)snprintf(text + len, size - len, "%s%s",
						len ? ", " : "",
						node->site->what);
		if (node->site == thread->loop_head && len)
			break;
	}
	if (!len)
		snprintf(text, size, "something");
}

void explore_spin_fail(struct execution *exec)
{
	char what[RECORD_NAME], name[RECORD_NAME];
	const struct thread *thread;
	int i;

	for (i = 0; i < exec->nr_threads; i++)
		if (!exec->threads[i].ended && exec->threads[i].loop_head)
			break;
	if (i == exec->nr_threads)
		return;
	thread = &exec->threads[i];
	name_looked_at(exec, i, what, sizeof(what));
	exec->current = i;
	explore_fail(exec, IOMMUFD_MODEL_FAIL_LIVELOCK, thread->loop_head, NULL,
		     "%s waits in a loop for %s, and nobody is left to "
		     "change it",
		     explore_thread_name(exec, i, name, sizeof(name)), what);
}
