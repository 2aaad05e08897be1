// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Loops that wait for another thread.
 *
 * A thread that polls until another thread has changed something would keep the
 * search busy for ever: there is always a schedule in which it polls once more.
 * A turn of a loop is one pass through its body.  A turn is idle if it changed
 * nothing and no other thread changed what it looked at; it has the same effect
 * as no turn at all.  So after an idle turn the thread waits until a step of
 * another thread may have changed something that it looked at.
 *
 * A loop may also give up by itself after a number of turns, and such
 * executions must not be lost.  So at first every loop runs freely.  A loop
 * that has brought an execution to the limit of steps, with the same operations
 * and the same results over and over, does not end by itself: its call sites
 * are learnt, and the search begins again.  If the thread did a few different
 * turns before all turns were the same, it does as many again before it waits.
 * A loop that ends by itself is explored as if this file did not exist.  The
 * explorer does not see plain memory, so a loop whose turns differ only in
 * plain memory is taken to be idle.
 *
 * The results may also grow by the same number in each turn: the loop counts its
 * turns.  Then it waits after a few of them, as if they had changed nothing, but
 * its turns wake those that wait for the count.
 *
 * A turn ends when the thread comes to a call site, with an operation on the
 * same location, for the second time.  The steps of a turn that proves to be
 * idle wake no waiting thread, so that two threads that poll under one lock do
 * not keep each other awake.  The steps of any other turn, and of the last
 * turn, do.
 *
 * Turns may overlap, and each fail because of what another one holds or has set
 * for its duration: two threads lock one mutex each and try the other's.  If they
 * go on in step, they do so for ever, and no scheduler is unfair.  So a thread that
 * cannot take a lock by trying waits there, with what it holds, wherever its loop
 * begins.  With variables in place of locks, the turns of such threads wake one
 * another.  So if the steps of all threads repeat for some rounds, and no other
 * thread was kept from going on, this is a livelock.
 *
 * If another thread was kept from going on, each turn more would be one more order
 * to explore, and there is no end of them.  But where a turn ends, the loops may be
 * in a state in which they were before: each thread is where it was, has done the
 * same in its turns, and looks at the same values.  Then what was done in between
 * is, taken together, idle.  What could follow it could have followed the earlier
 * state as well, and is explored from there.  So whoever was kept from going on
 * since then does so next, until it does something that may matter to a loop, or
 * ends its own turn, or blocks; if all who are left wait for time, time passes.  Of
 * two threads there are few states, so this is soon.  An execution has no more than
 * MAX_ENDS turns before it is done in any case.  Steps of threads in no loop do not
 * count if they use nothing that the loops look at.
 *
 * Why are no final states lost?  Of the executions that end in a state, a shortest
 * one is in no state of all threads twice, in whichever order its independent steps
 * come.  So nobody is made to go on in it.  That all races of such an execution are
 * found, though others are cut short, is not proved: tests/explore/let_go_on.c
 * compares final states with those of other searches.
 *
 * If loops use up the limit of steps nevertheless, for so long that they kept
 * another thread from going on, this is no failure.  The verdict says that the
 * search was stopped by it.
 *
 * If no other thread can go on, not even by a timeout, all waiting threads may
 * look once more, as each may have seen changes made during another's turn.
 * Then they run their loops alone, one after the other, while the clock
 * advances: some loop may end by itself then.  If none does, that is a
 * livelock, unless another thread could go on at some step of each turn, for
 * example while the loop has dropped a lock.  A scheduler lets it go on at some
 * time, so after a number of turns the search does so at the first such step.
 *
 * For the search, the step that lets a waiting thread go on is ordered before
 * the next step of that thread, as an unlock is before the lock that waited for
 * it.  Their other order need not be tried: it is that of an earlier idle turn,
 * which came before that step.
 */
#include "internal.h"
#include <stdio.h>
#include <string.h>

/* The number of equal turns after which a loop is learnt. */
#define SAME_TURNS 8
/* The largest number of steps of such a turn. */
#define MAX_PERIOD 128
/*
 * The equal turns must be at least one in this many steps of the execution,
 * without those in loops that are known; with these, one in LONG_ENOUGH_IN_ALL.
 */
#define LONG_ENOUGH 4
#define LONG_ENOUGH_IN_ALL 16
/*
 * The largest number of idle turns that a loop may do before its thread waits.
 */
#define MAX_PATIENCE 8
/* A loop that counts may do at least this many, so that others see some counts. */
#define COUNTING_TURNS 2
/* A thread may do this many turns alone before a livelock is reported. */
#define TURNS_ALONE 64u
/*
 * After this many it lets others go on that can.  The clock has moved by minutes
 * then.
 */
#define TURNS_BEFORE_YIELD 4u
/*
 * The number of equal rounds after which threads are in step, and the largest
 * number of steps of a round.
 */
#define SAME_ROUNDS 4
#define MAX_ROUND 256
/*
 * The largest number of turns, of all threads in loops, that end before somebody
 * goes on whom they keep from that.
 */
#define MAX_ENDS 256

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

/*
 * Return the depth of the previous step of the thread that did nodes[@depth],
 * or -1.
 */
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

/* True if values of this kind are only sequence numbers, which always grow. */
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
	/* A loop that a choice can end does not wait for another thread. */
	return a->kind != IOMMUFD_MODEL_OP_CHOOSE && a->site == b->site &&
	       a->kind == b->kind && a->addr == b->addr &&
	       (only_numbers(a->kind) ||
		(a->before == b->before && a->delta == b->delta &&
		 a->result == b->result));
}

static bool looks_at_something(const struct node *node)
{
	return node->kind != IOMMUFD_MODEL_OP_AFTER &&
	       node->kind != IOMMUFD_MODEL_OP_RELAX &&
	       node->kind != IOMMUFD_MODEL_OP_IRQS_OFF &&
	       node->kind != IOMMUFD_MODEL_OP_IRQS_ON;
}

static bool same_difference(int a, int b, int c)
{
	return (unsigned int)a - (unsigned int)b ==
	       (unsigned int)b - (unsigned int)c;
}

/*
 * The same for the steps of three turns, in which values may grow by the same
 * number each time.
 */
static bool counting_step(const struct node *a, const struct node *b,
			  const struct node *c)
{
	return a->kind != IOMMUFD_MODEL_OP_CHOOSE && a->site == b->site &&
	       a->kind == b->kind && a->addr == b->addr &&
	       (only_numbers(a->kind) ||
		(a->delta == b->delta &&
		 same_difference(a->before, b->before, c->before) &&
		 same_difference(a->result, b->result, c->result)));
}

/*
 * Return how many of the first @nr steps are the same as the step @period
 * before, or @counts on from it.
 */
static int repeated(const struct search *search, const int *depths, int nr,
		    int period, bool counts)
{
	const struct node *nodes = search->nodes;
	int i;

	for (i = 0; i + period < nr; i++)
		if (counts && i + 2 * period < nr ?
			    !counting_step(&nodes[depths[i]],
					   &nodes[depths[i + period]],
					   &nodes[depths[i + 2 * period]]) :
			    !counts && !same_step(&nodes[depths[i]],
						  &nodes[depths[i + period]]))
			break;
	return i + period;
}

/* Return the period with which the last steps of a thread repeat; 0: none. */
static int period_of(const struct search *search, const int *depths, int nr,
		     bool counts)
{
	int period;

	for (period = 1; period <= MAX_PERIOD; period++) {
		if (period * SAME_TURNS > nr)
			return 0;
		if (repeated(search, depths, period * SAME_TURNS, period,
			     counts) == period * SAME_TURNS)
			return period;
	}
	return 0;
}

/*
 * True if a turn of @period steps does something that is the same in each turn,
 * for which it may wait.  A loop that does nothing but count may end by itself
 * after any number of turns.
 */
static bool also_looks(const struct search *search, const int *depths,
		       int period)
{
	int i;

	for (i = 0; i < period; i++)
		if (looks_at_something(&search->nodes[depths[i]]) &&
		    same_step(&search->nodes[depths[i]],
			      &search->nodes[depths[i + period]]))
			return true;
	return false;
}

/*
 * Learn @site, at which the thread was @before times until all turns were the
 * same, or counted.
 */
static bool learn_site(struct search *search, void (*fn)(void *data),
		       const struct iommufd_model_site *site, int before,
		       bool counts)
{
	struct loop_site *loop = &search->loops[search->nr_loops_learnt];

	if (find_site(search, search->nr_loops_learnt, fn, site) ||
	    search->nr_loops_learnt == MAX_LOOPS)
		return false;
	loop->fn = fn;
	loop->site = site;
	if (counts && before < COUNTING_TURNS)
		before = COUNTING_TURNS;
	loop->patience = before < MAX_PATIENCE ? before : MAX_PATIENCE;
	loop->counts = counts;
	search->nr_loops_learnt++;
	return true;
}

/* Return how many steps of the execution were in loops that are known. */
static int steps_in_loops(const struct execution *exec)
{
	const struct search *search = exec->search;
	const struct node *node;
	int nr = 0;

	for (node = search->nodes; node < search->nodes + search->depth; node++)
		nr += !!known_site(search, &exec->threads[node->thread],
				   node->site);
	return nr;
}

/*
 * Learn the turns at the end of a thread's steps, if the turns are the same for
 * a large part of the execution, of which @known steps were in known loops.  @depths
 * are the depths of the steps, latest first.  Returns true if one of their call
 * sites was new.
 */
static bool learn_turns(struct search *search, void (*fn)(void *data),
			const int *depths, int nr, int known)
{
	int period = period_of(search, depths, nr, false), tail, before, i;
	bool any = false, counts = !period;

	if (counts)
		period = period_of(search, depths, nr, true);
	if (counts && period && !also_looks(search, depths, period))
		period = 0;
	tail = period ? repeated(search, depths, nr, period, counts) : 0;
	/* This thread is not the one that has used up the limit of steps. */
	if (tail < (search->depth - known) / LONG_ENOUGH ||
	    tail < search->depth / LONG_ENOUGH_IN_ALL)
		return false;
	while (period--) {
		before = 0;
		for (i = tail; i < nr; i++)
			before += search->nodes[depths[i]].site ==
				  search->nodes[depths[period]].site;
		any |= learn_site(search, fn,
				  search->nodes[depths[period]].site, before,
				  counts);
	}
	return any;
}

/*
 * Learn the loops of thread @number; returns true if one of them was not known.
 */
static bool learn_thread(struct execution *exec, int number, int known)
{
	static int depths[MAX_STEPS];
	NO_CHECKPOINT(depths);
	struct search *search = exec->search;
	void (*fn)(void *data) = exec->threads[number].fn;
	int nr = 0, depth, from;
	bool any = false;

	for (depth = last_step(search, number); depth >= 0;
	     depth = step_before(search, depth))
		depths[nr++] = depth;
	for (from = 0; from < nr && !any; from += nr / LONG_ENOUGH + 1)
		any = learn_turns(search, fn, depths + from, nr - from, known);
	return any;
}

bool explore_spin_learn(struct execution *exec)
{
	struct search *search = exec->search;
	int i, known = steps_in_loops(exec);
	bool any = false;

	for (i = 0; i < exec->nr_threads; i++)
		any |= learn_thread(exec, i, known);
	search->retry |= any;
	/* All shards must walk the same tree, so none may learn on its own. */
	search->late |= any && search->shards > 1 && search->shards != INT_MAX;
	return any;
}

/* Which steps let a waiting thread go on */

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
		/* The thread only looked if its trylock has failed. */
		return (node->flags[0] & (LOCK_TRY | LOCK_TAKE)) == LOCK_TRY;
	default:
		/*
		 * An exchange that has changed nothing is a write with PLAIN,
		 * and if the invariant reads the variable.
		 */
		return explore_is_counter(
			       (enum iommufd_model_op_kind)node->kind) &&
		       !node->delta;
	}
}

/* Taking a lock lets no thread go on, and changes nothing that others read. */
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

/* True if a step at @addr may have changed what @thread looked at. */
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

/* True if both threads are in step, and have been found out. */
static bool in_step(const struct execution *exec, const struct thread *a,
		    const struct thread *b)
{
	u16 both = BIT16(number_of(exec, a)) | BIT16(number_of(exec, b));

	return (exec->in_step & both) == both;
}

/* Note that the step at @depth may have changed what @thread looked at. */
static void disturb(struct execution *exec, struct thread *thread, int depth)
{
	thread->disturbed_at = depth;
	thread->idle_turns = 0;
	thread->turn_hash = 0;
	thread->turns_alone = 0;
	thread->yields = false;
	exec->stalled = false;
	if (!thread->spins)
		return;
	thread->spins = false;
	thread->released_by = depth;
}

/*
 * Note for the other threads that the turn of @self that ends here may have
 * changed what they looked at.
 */
static void disturb_others(struct execution *exec, struct thread *self)
{
	struct thread *thread;
	int i, nr = self->nr_looked_at;
	bool any;

	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++) {
		if (thread == self || thread->ended || !thread->in_loop ||
		    (self->counts && thread->counts) ||
		    in_step(exec, self, thread))
			continue;
		any = nr > MAX_LOOKED_AT || !thread->nr_looked_at;
		for (i = 0; i < nr && !any; i++)
			any = matters(thread, self->looked_at[i]);
		if (any)
			disturb(exec, thread, exec->search->depth - 1);
	}
	self->changed = false;
}

/* The time without news ends here.  If it was the longest, note it. */
static void end_no_news(struct execution *exec)
{
	int depth = exec->search->depth;

	if (depth - exec->news_at > exec->no_news_to - exec->no_news_from) {
		exec->no_news_from = exec->news_at;
		exec->no_news_to = depth;
	}
	exec->news_at = depth;
}

/*
 * Thread @number has done something that loops may wait for: what they did before
 * is not what they will do.
 */
static void news(struct execution *exec, int number)
{
	exec->kept &= (u16)~BIT16(number);
	exec->nr_ends = 0;
	end_no_news(exec);
}

/*
 * @self could not take a lock by trying: its turns begin and end here from now on.
 */
static void note_missed(struct thread *self, const struct node *node)
{
	if (self->missed)
		return;
	self->missed = true;
	self->turn_head = node->index;
	self->idle_turns = 0;
	self->turn_hash = 0;
}

void explore_spin_stepped(struct execution *exec, int number,
			  const struct node *node,
			  const struct iommufd_model_op *op)
{
	struct thread *self = &exec->threads[number], *thread;

	self->released_by = -1;
	if (exec->in_step && !(exec->in_step & BIT16(number)))
		exec->in_step = 0;
	if (self->in_loop) {
		if (looks_at_something(node))
			look_at(self, op->addr);
		self->changed |= !only_looks(node);
		if (!only_looks(node))
			exec->kept &= (u16)~BIT16(number);
		if (node->conflict[0] == CONFLICT_LOCK &&
		    (node->flags[0] & (LOCK_TRY | LOCK_TAKE)) == LOCK_TRY)
			note_missed(self, node);
		return;
	}
	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++) {
		if (thread == self || thread->ended || !thread->in_loop)
			continue;
		if (matters(thread, op->addr))
			exec->touched_at = exec->search->depth;
		if (thread->nr_looked_at &&
		    node->conflict[0] != CONFLICT_FREE &&
		    !(may_let_go_on(node) && matters(thread, op->addr)))
			continue;
		disturb(exec, thread, exec->search->depth);
		news(exec, number);
	}
}

/* Turns */

static u64 mix(u64 hash, u64 value)
{
	return (hash ^ value) * 0x9e3779b97f4a7c15ull + (hash >> 29);
}

/* Add the step of @node to a hash; @counts: of a thread whose turns count. */
static u64 mix_step(u64 hash, const struct node *node, bool counts)
{
	hash = mix(hash, (uintptr_t)node->site);
	hash = mix(hash, node->addr);
	if (only_numbers(node->kind) || counts)
		return hash;
	return mix(hash, (u64)(unsigned int)node->before << 32 |
				 (unsigned int)node->result);
}

/*
 * True if the steps of @thread from depth @from on changed nothing.  That is so
 * if each of them only looks or is a lock operation, or if they had the same
 * results as those of the previous turn and left the sum of all counters as it
 * was.  None of them is a choice, as no turn with one is learnt.  A turn that
 * only counts on is idle, too.
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
		hash = mix_step(hash, node, thread->counts);
	}
	idle = idle || (hash == thread->turn_hash && (!sum || thread->counts));
	thread->turn_hash = thread->last_turn = hash;
	return idle;
}

/*
 * Return the depth of the last step at which @thread did the operation that it
 * is about to do again, or -1 if it did not do it in this loop.
 */
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

static void enter_loop(struct execution *exec, struct thread *thread)
{
	news(exec, number_of(exec, thread));
	thread->in_loop = true;
	thread->changed = false;
	thread->last_turn = 0;
	thread->nr_looked_at = 0;
	thread->idle_turns = 0;
	thread->turn_hash = 0;
	thread->turn_head = 0;
	thread->missed = false;
}

/* Called when @thread leaves the loop, or ends. */
static void leave_loop(struct execution *exec, struct thread *thread)
{
	if (!thread->in_loop)
		return;
	disturb_others(exec, thread);
	news(exec, number_of(exec, thread));
	thread->in_loop = false;
	thread->alone = false;
	thread->turns_alone = 0;
	thread->yields = false;
}

void explore_spin_ended(struct execution *exec, struct thread *thread)
{
	leave_loop(exec, thread);
}

/* True if another thread could go on at a step of @thread from @from on. */
static bool others_could_go_on(const struct execution *exec,
			       const struct thread *thread, int from)
{
	const struct search *search = exec->search;
	int number = number_of(exec, thread), depth;
	const struct node *node;

	for (depth = last_step(search, number); depth >= from;
	     depth = step_before(search, depth)) {
		node = &search->nodes[depth];
		if (node->enabled & (u16)~node->early & (u16)~BIT16(number))
			return true;
	}
	return false;
}

/*
 * Do one more turn without any other thread; the clock advances ever faster.
 * @from: the first step of the turn that has ended.
 */
static void turn_alone(struct execution *exec, struct thread *thread, int from)
{
	unsigned int n = thread->turns_alone++;
	bool others = others_could_go_on(exec, thread, from);

	if (others)
		n *= 6;
	iommufd_model_clock_set(jiffies + (1ul << (n < 40 ? n : 40)));
	thread->yields = others && thread->turns_alone >= TURNS_BEFORE_YIELD;
	if (thread->turns_alone >= TURNS_ALONE && !thread->yields) {
		thread->alone = false;
		thread->spins = true;
	}
}

u16 explore_spin_yield(const struct execution *exec, u16 enabled)
{
	unsigned int rest, others = enabled;
	int i;

	if (enabled & exec->kept)
		return enabled & exec->kept;
	for (rest = enabled; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (exec->threads[i].yields)
			others &= ~(1u << i);
	}
	return others ? (u16)others : enabled;
}

/*
 * True if a turn of @thread ends at the call site that it has reached.  @from
 * is the depth of its last step there.  If it has done a whole turn without
 * reaching the call site at which its turns ended so far, they end here from
 * now on.
 */
static bool at_end_of_turn(struct execution *exec, struct thread *thread,
			   int from)
{
	int first = exec->search->nodes[from].index;

	if (thread->turn_head > first)
		return false;
	if (thread->turn_head < first) {
		thread->missed = false;
		thread->idle_turns = 0;
		thread->turn_hash = 0;
	}
	thread->turn_head = thread->steps + 1;
	return true;
}

/* Threads in step */

static bool same_in_round(const struct execution *exec, int depth, int steps)
{
	const struct node *a = &exec->search->nodes[depth];
	const struct node *b = a - steps;

	return a->thread == b->thread &&
	       (same_step(a, b) || (exec->threads[a->thread].counts &&
				    counting_step(a, b, b - steps)));
}

/* True if all threads have done the same SAME_ROUNDS times, in @steps steps each. */
static bool rounds_of(const struct execution *exec, int steps)
{
	int depth = exec->search->depth, i;

	if (steps < 2 || steps * (SAME_ROUNDS + 1) > depth)
		return false;
	for (i = 1; i <= steps * (SAME_ROUNDS - 1); i++)
		if (!same_in_round(exec, depth - i, steps))
			return false;
	return true;
}

/*
 * Return the number of steps of the rounds that all threads do, which have at most
 * @most; 0: they do not.
 */
static int round_of(const struct execution *exec, int most)
{
	int steps;

	for (steps = 2; steps <= most; steps++) {
		if (steps * (SAME_ROUNDS + 1) > exec->search->depth)
			return 0;
		if (rounds_of(exec, steps))
			return steps;
	}
	return 0;
}

/*
 * Find who did the last @steps steps, and who could have gone on and did not.
 * Returns false if not all of these steps are in loops that wait.
 */
static bool look_at_round(const struct execution *exec, int steps, u16 *did,
			  u16 *kept)
{
	const struct search *search = exec->search;
	const struct node *node = &search->nodes[search->depth];
	bool loops = true;

	*did = *kept = 0;
	for (; steps; steps--) {
		node--;
		*did |= BIT16(node->thread);
		*kept |= node->enabled & (u16)~node->early;
		loops = loops &&
			(node->kind == IOMMUFD_MODEL_OP_AFTER ||
			 known_site(search, &exec->threads[node->thread],
				    node->site));
	}
	*kept &= exec->alive & (u16) ~*did;
	return loops;
}

/* True if a thread but @did would go on if time passed. */
static bool waits_for_time(const struct execution *exec, u16 did)
{
	const struct thread *thread;
	unsigned int rest;

	for (rest = exec->alive & (u16)~did; rest; rest &= rest - 1) {
		thread = &exec->threads[__builtin_ctz(rest)];
		if (thread->timed && !thread->over &&
		    thread->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP)
			return true;
	}
	return false;
}

static void fail_in_step(struct execution *exec, struct thread *thread,
			 u16 did);

/*
 * The state of the loops
 *
 * Where a turn ends, the state of all threads in loops is a hash: of what each of
 * them has done in this turn, of what it did in the one before and is about to do,
 * and of the values of what it looks at.
 */

/* Where turns have ended since there was news, and the states. */
static struct {
	u64 state;
	int depth;
} ends[MAX_ENDS];
NO_CHECKPOINT(ends);

/* Return a hash of what the last step at @addr that changed something left. */
static u64 value_at(const struct search *search, const void *addr)
{
	const struct node *node;
	u32 link;
	u64 hash;

	for (link = explore_dpor_last_link(addr); link != NO_LINK;
	     link = node->prev[LINK_WHICH(link)]) {
		node = &search->nodes[LINK_DEPTH(link)];
		if (only_looks(node))
			continue;
		if (explore_is_counter((enum iommufd_model_op_kind)node->kind))
			return (u64)(unsigned int)(node->before + node->delta);
		/* A lock has an owner. */
		hash = node->conflict[0] == CONFLICT_WRITE ? 1 :
							     2 + node->thread;
		return mix_step(hash, node, false);
	}
	return 0;
}

/* Add the state of @thread, which is in a loop, to @hash. */
static u64 mix_loop(const struct execution *exec, const struct thread *thread,
		    u64 hash)
{
	const struct search *search = exec->search;
	const struct node *node;
	int depth, i;

	hash = mix(hash, (u64)number_of(exec, thread));
	hash = mix(hash, thread->last_turn);
	hash = mix(hash, (uintptr_t)thread->op->site);
	hash = mix(hash, explore_determinism_address(exec, thread->op->addr));
	for (depth = last_step(search, number_of(exec, thread)); depth >= 0;
	     depth = step_before(search, depth)) {
		node = &search->nodes[depth];
		if (node->index < thread->turn_head ||
		    node->index <= thread->base ||
		    (node->kind != IOMMUFD_MODEL_OP_AFTER &&
		     !known_site(search, thread, node->site)))
			break;
		hash = mix_step(hash, node, thread->counts);
	}
	for (i = 0; i < thread->nr_looked_at && !thread->counts; i++)
		hash = mix(hash, value_at(search, thread->looked_at[i]));
	return hash;
}

/* Return the state of all threads that are in loops; 0: it is not known. */
static u64 state_of_loops(const struct execution *exec)
{
	const struct thread *thread;
	unsigned int rest;
	u64 hash = 1;

	for (rest = exec->alive; rest; rest &= rest - 1) {
		thread = &exec->threads[__builtin_ctz(rest)];
		if (!thread->in_loop)
			continue;
		if (thread->nr_looked_at > MAX_LOOKED_AT)
			return 0;
		hash = mix_loop(exec, thread, hash);
	}
	return hash ? hash : 1;
}

/*
 * Find which threads in loops have done steps since depth @from, and who could
 * have gone on and did not.  A thread in no loop that has done steps may be among
 * the latter, if it has used nothing that the loops look at.  Returns false if one
 * has.
 */
static bool look_back(const struct execution *exec, int from, u16 *did,
		      u16 *kept)
{
	const struct search *search = exec->search;
	const struct node *node = &search->nodes[search->depth];
	u16 moved = 0;

	*did = *kept = 0;
	if (exec->touched_at >= from)
		return false;
	while (node-- > &search->nodes[from]) {
		if (exec->threads[node->thread].in_loop)
			*did |= BIT16(node->thread);
		else
			moved |= BIT16(node->thread);
		*kept |= node->enabled & (u16)~node->early & (u16)~moved;
	}
	*kept &= exec->alive & (u16) ~*did;
	return true;
}

/* The threads @did, of which @thread is one, wait for time to pass. */
static void wait_for_time(struct execution *exec, struct thread *thread,
			  u16 did)
{
	exec->in_step = did;
	thread->spins = true;
}

/*
 * The threads @did go round in step, and there is nobody else.  If livelocks are
 * ignored, they go on one after the other, as if each was alone.
 */
static void fail_round(struct execution *exec, struct thread *thread, u16 did)
{
	fail_in_step(exec, thread, did);
	if (!exec->failure)
		wait_for_time(exec, thread, did);
}

/*
 * The loops were in @state before.  What was done since the last time keeps nobody
 * but those who go on next; what was done since an earlier time may keep nobody.
 */
static void come_back(struct execution *exec, struct thread *thread, u64 state)
{
	int depth = exec->search->depth, i;
	u16 did, kept, last = 0;

	for (i = exec->nr_ends; i--;) {
		if (ends[i].state != state)
			continue;
		if (!look_back(exec, ends[i].depth, &did, &kept))
			break;
		last = last ? last : kept;
		if (kept)
			continue;
		if (waits_for_time(exec, did)) {
			wait_for_time(exec, thread, did);
			return;
		}
		if (rounds_of(exec, depth - ends[i].depth)) {
			fail_round(exec, thread, did);
			return;
		}
	}
	exec->kept |= last;
}

/* There were very many turns: those go on that have not in all that time. */
static void end_stretch(struct execution *exec, struct thread *thread)
{
	u16 did, kept;

	if (look_back(exec, ends[0].depth, &did, &kept)) {
		exec->kept |= kept;
		if (!kept && waits_for_time(exec, did))
			wait_for_time(exec, thread, did);
	}
	exec->nr_ends = 0;
}

/* A turn of @thread has ended: see if the loops were in this state before. */
static void look_for_state(struct execution *exec, struct thread *thread)
{
	u64 state = state_of_loops(exec);

	if (state)
		come_back(exec, thread, state);
	if (exec->nr_ends == MAX_ENDS)
		end_stretch(exec, thread);
	ends[exec->nr_ends].state = state;
	ends[exec->nr_ends++].depth = exec->search->depth;
}

/*
 * @thread has done one more turn.  If it goes round in step with others, this is
 * a livelock, unless there is a thread that was kept from going on.
 */
static void end_round(struct execution *exec, struct thread *thread)
{
	u16 did, kept;
	int steps;

	if (exec->in_step) {
		thread->spins = exec->in_step & BIT16(number_of(exec, thread));
		return;
	}
	steps = round_of(exec, MAX_ROUND);
	if (!steps || !look_at_round(exec, steps, &did, &kept))
		look_for_state(exec, thread);
	else if (kept)
		exec->kept = kept;
	else if (waits_for_time(exec, did))
		wait_for_time(exec, thread, did);
	else
		fail_round(exec, thread, did);
}

bool explore_spin_repeats(struct execution *exec)
{
	const struct search *search = exec->search;
	int steps;
	u16 did, kept;

	if (!search->given_loops || search->depth != search->given_steps)
		return false;
	steps = round_of(exec, search->depth);
	if (!steps)
		return false;
	look_at_round(exec, steps, &did, &kept);
	if (kept || !(did & (did - 1)) || waits_for_time(exec, did))
		return false;
	fail_in_step(exec, &exec->threads[__builtin_ctz(did)], did);
	return exec->failure;
}

/*
 * Loops have used up the limit if there was no news for a large part of the
 * execution, and most of that was in loops.  They have kept those from going on who
 * could have, or who went on at last.
 */
bool explore_spin_kept(struct execution *exec)
{
	const struct search *search = exec->search;
	int depth, in_loops = 0, nr;
	const struct node *node;
	u16 did = 0, could = 0;

	end_no_news(exec);
	nr = exec->no_news_to - exec->no_news_from;
	for (depth = exec->no_news_from; depth < exec->no_news_to; depth++) {
		node = &search->nodes[depth];
		did |= BIT16(node->thread);
		could |= node->enabled;
		in_loops += !!known_site(search, &exec->threads[node->thread],
					 node->site);
	}
	if (depth < search->depth)
		could |= BIT16(search->nodes[depth].thread);
	return nr >= search->depth / LONG_ENOUGH && in_loops > nr / 2 &&
	       (could & (u16)~did || waits_for_time(exec, did));
}

void explore_spin_arrived(struct execution *exec, struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;
	const struct loop_site *loop;
	int from;

	thread->spins = false;
	if (op->kind == IOMMUFD_MODEL_OP_AFTER)
		return;
	if (!explore_thread_enabled(exec, thread))
		exec->kept &= (u16)~BIT16(number_of(exec, thread));
	loop = known_site(exec->search, thread, op->site);
	if (!loop) {
		leave_loop(exec, thread);
		return;
	}
	if (!thread->in_loop)
		enter_loop(exec, thread);
	thread->counts = loop->counts;
	from = turn_begins(exec, thread);
	if (from < 0 || !at_end_of_turn(exec, thread, from))
		return;
	exec->kept &= (u16)~BIT16(number_of(exec, thread));
	if (!idle_turn(exec, thread, from)) {
		thread->idle_turns = 0;
		if (thread->changed)
			disturb_others(exec, thread);
		end_round(exec, thread);
		return;
	}
	if (thread->counts && thread->changed)
		disturb_others(exec, thread);
	thread->changed = false;
	if (thread->disturbed_at >= from) {
		end_round(exec, thread);
		return;
	}
	if (thread->idle_turns++ < loop->patience)
		return;
	if (thread->alone)
		turn_alone(exec, thread, from);
	else
		thread->spins = true;
}

/* No other thread can go on */

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

/*
 * If more than one thread waits, let each of them look once more.  Returns
 * false if only one waits, or if nothing has changed since they last looked.
 */
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

/* Write the names of what thread @number looked at in its last turn. */
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

/* Fail, because the threads @did keep each other in their loops. */
static void fail_in_step(struct execution *exec, struct thread *thread, u16 did)
{
	char what[RECORD_NAME], name[RECORD_NAME], names[RECORD_TEXT] = "";
	int number = number_of(exec, thread);
	unsigned int rest = did & (u16)~BIT16(number);
	size_t len = 0;

	for (; rest && len < sizeof(names); rest &= rest - 1) {
		explore_thread_name(exec, __builtin_ctz(rest), name,
				    sizeof(name));
		len += (size_t)snprintf(names + len, sizeof(names) - len,
					"%s%s", len ? ", " : "", name);
	}
	name_looked_at(exec, number, what, sizeof(what));
	explore_thread_name(exec, number, name, sizeof(name));
	explore_fail(exec, IOMMUFD_MODEL_FAIL_LIVELOCK, thread->op->site, NULL,
		     "%s waits in a loop for %s%s%s%s, and nobody is left to "
		     "change it",
		     name, what, len ? ", in step with " : "", names,
		     len ? ", for ever" : "");
}

bool explore_spin_all(const struct execution *exec)
{
	int depth = exec->search->depth;
	const struct thread *thread;

	if (exec->news_at >= depth - depth / LONG_ENOUGH)
		return false;

	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++)
		if (!thread->ended && !thread->in_loop &&
		    explore_thread_enabled(exec, thread))
			return false;
	return !waits_for_time(exec, 0);
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
