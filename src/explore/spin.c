// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Loops that wait for another thread.
 *
 * A thread that looks again and again until another one has changed something
 * would keep the search busy for ever: there is always a schedule in which it
 * looks once more.  A turn of such a loop that changed nothing, while nobody else
 * changed what it looked at, is like no turn at all.  So behind an idle turn the
 * thread waits, until the step of another thread may have changed something that
 * it looked at.
 *
 * A loop may also give up by itself, after a number of turns, and that must not
 * be lost.  So a loop is first let run.  A loop that has brought an execution to
 * the limit of steps, with the same operations and the same results over and
 * over, does not end by itself: its call sites are learnt, and the search begins
 * again.  If the thread had gone round a few times before its turns were all the
 * same, it does so again before it waits.  What ends by itself is explored as if
 * this file were not there.  Plain memory is not seen: a loop whose turns differ
 * in nothing but plain memory is taken to be idle.
 *
 * A turn ends when the thread comes to a call site, with an operation on the same
 * location, for the second time.  What a thread does in a turn that turns out to
 * be idle disturbs nobody, so that two threads that poll under one lock do not
 * keep each other awake.  What it does in any other turn, and in the last one,
 * does.
 *
 * Where nobody else can go on, not even by a timeout, all waiting threads may
 * look once more, as each may have seen something of the others' turns; then
 * they go round alone, one after the other, while the clock runs: a loop may end
 * by itself there.  If none does, that is a livelock.
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
/* They must make up this part of the execution. */
#define LONG_ENOUGH 4
/* Idle turns that a loop may be given before its thread waits. */
#define MAX_PATIENCE 8
/* Turns that a thread goes round alone before it is a livelock. */
#define TURNS_ALONE 64u

static const struct loop_site *find_site(const struct search *search, int nr,
					 void (*fn)(void *data),
					 const struct iommufd_model_site *site)
{
	const struct loop_site *loop;

	for (loop = search->loops; loop < search->loops + nr; loop++)
		if (loop->site == site && loop->fn == fn)
			return loop;
	return NULL;
}

static const struct loop_site *known_site(const struct search *search,
					  const struct thread *thread,
					  const struct iommufd_model_site *site)
{
	return find_site(search, search->nr_loops, thread->fn, site);
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

static int number_of(const struct execution *exec,
		     const struct thread *thread)
{
	return (int)(thread - exec->threads);
}

/* Learning */

/* Do the values of an operation of this kind only grow, and mean nothing? */
static bool only_numbers(unsigned int kind)
{
	return kind == IOMMUFD_MODEL_OP_DONE ||
	       kind == IOMMUFD_MODEL_OP_WORK_CANCEL ||
	       (kind >= IOMMUFD_MODEL_OP_RCU_LOCK &&
		kind <= IOMMUFD_MODEL_OP_RCU_BARRIER_END) ||
	       kind == IOMMUFD_MODEL_OP_WAIT_UNTIL ||
	       kind == IOMMUFD_MODEL_OP_QUEUE_FLUSH ||
	       kind == IOMMUFD_MODEL_OP_QUEUE_FLUSHED;
}

static bool same_step(const struct node *a, const struct node *b)
{
	return a->site == b->site && a->kind == b->kind && a->addr == b->addr &&
	       (only_numbers(a->kind) ||
		(a->before == b->before && a->delta == b->delta &&
		 a->result == b->result));
}

/* How many of the first @nr steps are as those @period before them. */
static int repeated(const struct search *search, const int *depths, int nr,
		    int period)
{
	int i;

	for (i = 0; i + period < nr; i++)
		if (!same_step(&search->nodes[depths[i]],
			       &search->nodes[depths[i + period]]))
			break;
	return i + period;
}

/* After how many steps the last steps of a thread repeat; 0: they do not. */
static int period_of(const struct search *search, const int *depths, int nr)
{
	int period;

	for (period = 1; period <= MAX_PERIOD; period++) {
		if (period * SAME_TURNS > nr)
			return 0;
		if (repeated(search, depths, period * SAME_TURNS, period) ==
		    period * SAME_TURNS)
			return period;
	}
	return 0;
}

/* Learn @site, which came @before times until all turns were the same. */
static bool learn_site(struct search *search, void (*fn)(void *data),
		       const struct iommufd_model_site *site, int before)
{
	struct loop_site *loop = &search->loops[search->nr_loops_learnt];

	if (find_site(search, search->nr_loops_learnt, fn, site) ||
	    search->nr_loops_learnt == MAX_LOOPS)
		return false;
	loop->fn = fn;
	loop->site = site;
	loop->patience = before < MAX_PATIENCE ? before : MAX_PATIENCE;
	search->nr_loops_learnt++;
	return true;
}

/*
 * The turns that the first of @depths end with, latest first: are they the same
 * for a good part of the execution?  True if one of their call sites was new.
 */
static bool learn_turns(struct search *search, void (*fn)(void *data),
			const int *depths, int nr)
{
	int period = period_of(search, depths, nr), tail, before, i;
	bool any = false;

	tail = period ? repeated(search, depths, nr, period) : 0;
	/* It is not this thread that has used up the steps. */
	if (tail < search->depth / LONG_ENOUGH)
		return false;
	while (period--) {
		before = 0;
		for (i = tail; i < nr; i++)
			before += search->nodes[depths[i]].site ==
				  search->nodes[depths[period]].site;
		any |= learn_site(search, fn,
				  search->nodes[depths[period]].site, before);
	}
	return any;
}

/* True if thread @number is, or was, in a loop that was not known. */
static bool learn_thread(struct execution *exec, int number)
{
	static int depths[MAX_STEPS];
	struct search *search = exec->search;
	void (*fn)(void *data) = exec->threads[number].fn;
	int nr = 0, depth, from;
	bool any = false;

	for (depth = last_step(search, number); depth >= 0;
	     depth = step_before(search, depth))
		depths[nr++] = depth;
	for (from = 0; from < nr && !any; from += nr / LONG_ENOUGH + 1)
		any = learn_turns(search, fn, depths + from, nr - from);
	return any;
}

bool explore_spin_learn(struct execution *exec)
{
	struct search *search = exec->search;
	bool any = false;
	int i;

	for (i = 0; i < exec->nr_threads; i++)
		any |= learn_thread(exec, i);
	search->retry |= any;
	/* Not on its own may a shard walk another tree than the others. */
	search->late |= any && search->shards > 1 && search->shards != INT_MAX;
	return any;
}

/* What a step is to those who wait */

static bool only_looks(const struct node *node)
{
	switch (node->conflict[0]) {
	case CONFLICT_NONE:
	case CONFLICT_READ:
	case CONFLICT_READ_BIT:
	case CONFLICT_AFTER:
	case CONFLICT_UNTIL:
	case CONFLICT_FLUSH:
	case CONFLICT_PREPARE:
	case CONFLICT_LEAVE:
	case CONFLICT_RESUME:
	case CONFLICT_EXPIRE:
		return true;
	case CONFLICT_LOCK:
		/* A trylock that failed. */
		return (node->flags[0] & (LOCK_TRY | LOCK_TAKE)) == LOCK_TRY;
	default:
		return false;
	}
}

/* Taking a lock lets nobody go on, and changes nothing that is seen. */
static bool may_let_go_on(const struct node *node)
{
	return !only_looks(node) &&
	       (node->conflict[0] != CONFLICT_LOCK ||
		node->flags[0] & LOCK_DROP);
}

static void look_at(struct thread *thread, const void *addr)
{
	int i;

	for (i = 0; i < thread->nr_looked_at && i < MAX_LOOKED_AT; i++)
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

/* The step at @depth may have changed what @thread looked at. */
static void disturb(struct execution *exec, struct thread *thread, int depth)
{
	thread->disturbed_at = depth;
	thread->idle_turns = 0;
	thread->turn_hash = 0;
	thread->turns_alone = 0;
	exec->stalled = false;
	if (!thread->spins)
		return;
	thread->spins = false;
	thread->released_by = depth;
}

/* The turn of @self that ends here may have changed something. */
static void disturb_others(struct execution *exec, struct thread *self)
{
	struct thread *thread;
	int i, nr = self->nr_looked_at;
	bool any;

	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++) {
		if (thread == self || thread->ended || !thread->in_loop)
			continue;
		any = nr > MAX_LOOKED_AT || !thread->nr_looked_at;
		for (i = 0; i < nr && !any; i++)
			any = matters(thread, self->looked_at[i]);
		if (any)
			disturb(exec, thread, exec->search->depth - 1);
	}
	self->changed = false;
}

static bool looks_at_something(const struct node *node)
{
	return node->kind != IOMMUFD_MODEL_OP_AFTER &&
	       node->kind != IOMMUFD_MODEL_OP_RELAX &&
	       node->kind != IOMMUFD_MODEL_OP_IRQS_OFF &&
	       node->kind != IOMMUFD_MODEL_OP_IRQS_ON;
}

void explore_spin_stepped(struct execution *exec, int number,
			  const struct node *node,
			  const struct iommufd_model_op *op)
{
	struct thread *self = &exec->threads[number], *thread;

	self->released_by = -1;
	if (self->in_loop) {
		if (looks_at_something(node))
			look_at(self, op->addr);
		self->changed |= !only_looks(node);
		return;
	}
	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++)
		if (thread != self && !thread->ended && thread->in_loop &&
		    (!thread->nr_looked_at ||
		     node->conflict[0] == CONFLICT_FREE ||
		     (may_let_go_on(node) && matters(thread, op->addr))))
			disturb(exec, thread, exec->search->depth);
}

/* Turns */

static u64 mix(u64 hash, u64 value)
{
	return (hash ^ value) * 0x9e3779b97f4a7c15ull + (hash >> 29);
}

/*
 * Did the steps of @thread from @from on change nothing?  They did not if each of
 * them only looks, or is a lock's; or if they gave what those of the turn before
 * gave.
 */
static bool idle_turn(const struct execution *exec, struct thread *thread,
		      int from)
{
	const struct search *search = exec->search;
	int depth, sum = 0;
	const struct node *node;
	bool idle = true;
	u64 hash = 1;

	for (depth = last_step(search, number_of(exec, thread)); depth >= from;
	     depth = step_before(search, depth)) {
		node = &search->nodes[depth];
		idle = idle && (only_looks(node) ||
				node->conflict[0] == CONFLICT_LOCK);
		if (explore_is_counter((enum iommufd_model_op_kind)node->kind))
			sum += node->delta;
		hash = mix(hash, (uintptr_t)node->site);
		hash = mix(hash, node->addr);
		if (only_numbers(node->kind))
			continue;
		hash = mix(hash, (u64)(unsigned int)node->before << 32 |
					 (unsigned int)node->result);
	}
	idle = idle || (hash == thread->turn_hash && !sum);
	thread->turn_hash = hash;
	return idle;
}

/* Where @thread did what it is about to do again; -1: not in this loop. */
static int turn_begins(const struct execution *exec,
		       const struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;
	const struct search *search = exec->search;
	u64 addr = explore_determinism_address(exec, op->addr);
	const struct node *node;
	int depth;

	for (depth = last_step(search, number_of(exec, thread)); depth >= 0;
	     depth = step_before(search, depth)) {
		node = &search->nodes[depth];
		if (node->kind == IOMMUFD_MODEL_OP_AFTER)
			continue;
		if (node->index <= thread->base ||
		    !known_site(search, thread, node->site))
			break;
		if (node->site == op->site && node->kind == (u8)op->kind &&
		    node->addr == addr)
			return depth;
	}
	return -1;
}

static void enter_loop(struct thread *thread)
{
	thread->in_loop = true;
	thread->changed = false;
	thread->nr_looked_at = 0;
	thread->idle_turns = 0;
	thread->turn_hash = 0;
	thread->turn_head = 0;
}

/* @thread does something else than go round, or ends. */
static void leave_loop(struct execution *exec, struct thread *thread)
{
	if (!thread->in_loop)
		return;
	disturb_others(exec, thread);
	thread->in_loop = false;
	thread->alone = false;
	thread->turns_alone = 0;
}

void explore_spin_ended(struct execution *exec, struct thread *thread)
{
	leave_loop(exec, thread);
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

/*
 * Is the place to which @thread has come the one at which its turns end?  If it
 * has gone round without that place, its turns end here from now on.
 */
static bool at_end_of_turn(struct execution *exec, struct thread *thread,
			   int from)
{
	int first = exec->search->nodes[from].index;

	if (thread->turn_head > first)
		return false;
	if (thread->turn_head < first) {
		thread->idle_turns = 0;
		thread->turn_hash = 0;
	}
	thread->turn_head = thread->steps + 1;
	return true;
}

void explore_spin_arrived(struct execution *exec, struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;
	const struct loop_site *loop;
	int from;

	thread->spins = false;
	if (op->kind == IOMMUFD_MODEL_OP_AFTER)
		return;
	loop = known_site(exec->search, thread, op->site);
	if (!loop) {
		leave_loop(exec, thread);
		return;
	}
	if (!thread->in_loop)
		enter_loop(thread);
	from = turn_begins(exec, thread);
	if (from < 0 || !at_end_of_turn(exec, thread, from))
		return;
	if (!idle_turn(exec, thread, from)) {
		thread->idle_turns = 0;
		if (thread->changed)
			disturb_others(exec, thread);
		return;
	}
	thread->changed = false;
	if (thread->disturbed_at >= from)
		return;
	if (thread->idle_turns++ < loop->patience)
		return;
	if (thread->alone)
		turn_alone(thread);
	else
		thread->spins = true;
}

/* Nobody can go on */

bool explore_spin_any(const struct execution *exec)
{
	int i;

	for (i = 0; i < exec->nr_threads; i++)
		if (!exec->threads[i].ended && exec->threads[i].spins)
			return true;
	return false;
}

static void look_once_more(struct thread *thread)
{
	thread->spins = false;
	thread->idle_turns = 0;
}

/* More than one waits: let each look once more.  False if they just did. */
static bool all_look_again(struct execution *exec)
{
	int i, nr = 0;

	if (exec->stalled)
		return false;
	exec->stalled = true;
	for (i = 0; i < exec->nr_threads; i++)
		nr += !exec->threads[i].ended && exec->threads[i].spins;
	for (i = 0; i < exec->nr_threads && nr > 1; i++)
		if (!exec->threads[i].ended && exec->threads[i].spins)
			look_once_more(&exec->threads[i]);
	return nr > 1;
}

bool explore_spin_alone(struct execution *exec)
{
	struct thread *thread;

	if (all_look_again(exec))
		return true;
	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++) {
		if (thread->ended || !thread->spins ||
		    thread->turns_alone >= TURNS_ALONE)
			continue;
		look_once_more(thread);
		thread->alone = true;
		return true;
	}
	return false;
}

/* Reports */

/* The names of what the last turn of @number looked at. */
static void name_looked_at(const struct execution *exec, int number, char *text,
			   size_t size)
{
	const struct search *search = exec->search;
	int from = turn_begins(exec, &exec->threads[number]), depth;
	const struct node *node;
	size_t len = 0;

	for (depth = last_step(search, number);
	     from >= 0 && depth >= from && len < size;
	     depth = step_before(search, depth)) {
		node = &search->nodes[depth];
		if (looks_at_something(node) &&
		    !(len && strstr(text, node->site->what)))
			len += (size_t)snprintf(text + len, size - len, "%s%s",
						len ? ", " : "",
						node->site->what);
	}
	if (!len)
		snprintf(text, size, "plain memory");
}

bool explore_spin_all(const struct execution *exec)
{
	const struct thread *thread;

	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++)
		if (!thread->ended && !thread->in_loop &&
		    explore_thread_enabled(exec, thread))
			return false;
	return true;
}

void explore_spin_fail(struct execution *exec)
{
	char what[RECORD_NAME], name[RECORD_NAME];
	int i;

	for (i = 0; i < exec->nr_threads; i++)
		if (!exec->threads[i].ended && exec->threads[i].in_loop)
			break;
	if (i == exec->nr_threads)
		return;
	name_looked_at(exec, i, what, sizeof(what));
	exec->current = i;
	explore_fail(exec, IOMMUFD_MODEL_FAIL_LIVELOCK,
		     exec->threads[i].op->site, NULL,
		     "%s waits in a loop for %s, and nobody is left to "
		     "change it",
		     explore_thread_name(exec, i, name, sizeof(name)), what);
}
