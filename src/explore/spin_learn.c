// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which call sites are in a loop that waits for another thread.
 *
 * A loop may end by itself after a number of turns, and the executions in which
 * it does must not be lost.  So at first every loop runs freely.  If an
 * execution comes to the limit of steps, and a large part of it is one thread's
 * loop with the same operations and the same results over and over, that loop
 * does not end by itself.  Its call sites are learnt, for the function that the
 * thread runs, and the search begins again.
 *
 * If the thread did a few different turns before all turns were the same, it
 * does as many idle turns before it waits.  The explorer does not see plain
 * memory, so turns that differ only in plain memory are the same.
 *
 * The results may also grow by the same number in each turn: the loop counts
 * its turns.  It is learnt if it also looks at something that stays the same,
 * for which it may wait.
 */
#include "spin.h"

/* The number of equal turns after which a loop is learnt. */
#define SAME_TURNS 8
/* The largest number of steps of such a turn. */
#define MAX_PERIOD 128
/*
 * The equal turns must be a large part (LONG_ENOUGH) of the steps outside known
 * loops, and at least one in this many of all steps.
 */
#define LONG_ENOUGH_IN_ALL 16
/*
 * The largest number of idle turns that a loop may do before its thread waits.
 */
#define MAX_PATIENCE 8
/*
 * A loop that counts may do at least this many, so that others see some counts.
 */
#define COUNTING_TURNS 2

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

const struct loop_site *
explore_spin_known_site(const struct search *search,
			const struct thread *thread,
			const struct iommufd_model_site *site)
{
	return find_site(search, search->nr_loops, thread->fn, site);
}

bool explore_spin_only_numbers(unsigned int kind)
{
	return kind == IOMMUFD_MODEL_OP_DONE ||
	       kind == IOMMUFD_MODEL_OP_WORK_CANCEL ||
	       (kind >= IOMMUFD_MODEL_OP_RCU_LOCK &&
		kind <= IOMMUFD_MODEL_OP_RCU_BARRIER_END) ||
	       kind == IOMMUFD_MODEL_OP_WAIT_UNTIL ||
	       kind == IOMMUFD_MODEL_OP_QUEUE_FLUSH ||
	       kind == IOMMUFD_MODEL_OP_QUEUE_FLUSHED;
}

bool explore_spin_same_step(const struct node *a, const struct node *b)
{
	/* A loop that a choice can end does not wait for another thread. */
	return a->kind != IOMMUFD_MODEL_OP_CHOOSE && a->site == b->site &&
	       a->kind == b->kind && a->addr == b->addr &&
	       (explore_spin_only_numbers(a->kind) ||
		(a->before == b->before && a->delta == b->delta &&
		 a->result == b->result));
}

static bool same_difference(int a, int b, int c)
{
	return (unsigned int)a - (unsigned int)b ==
	       (unsigned int)b - (unsigned int)c;
}

bool explore_spin_counting_step(const struct node *a, const struct node *b,
				const struct node *c)
{
	return a->kind != IOMMUFD_MODEL_OP_CHOOSE && a->site == b->site &&
	       a->kind == b->kind && a->addr == b->addr &&
	       (explore_spin_only_numbers(a->kind) ||
		(a->delta == b->delta &&
		 same_difference(a->before, b->before, c->before) &&
		 same_difference(a->result, b->result, c->result)));
}

/*
 * Return how many of the latest @nr steps are the same as the step @period steps
 * before each, or with @counts count on from it.
 */
static int repeated(const struct search *search, const int *depths, int nr,
		    int period, bool counts)
{
	const struct node *nodes = search->nodes;
	int i;

	for (i = 0; i + period < nr; i++)
		if (counts && i + 2 * period < nr ?
			    !explore_spin_counting_step(
				    &nodes[depths[i]],
				    &nodes[depths[i + period]],
				    &nodes[depths[i + 2 * period]]) :
			    !counts && !explore_spin_same_step(
					       &nodes[depths[i]],
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
		if (explore_spin_looks_at_something(
			    &search->nodes[depths[i]]) &&
		    explore_spin_same_step(&search->nodes[depths[i]],
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
	loop->nr_found = 0;
	search->nr_loops_learnt++;
	return true;
}

/*
 * The step of @node is in a loop that was learnt: learn what it has found, unless the
 * call site is one of the first @known_before, which are in use already.
 */
static void learn_found(struct search *search, void (*fn)(void *data),
			const struct node *node, int known_before)
{
	u64 found = explore_spin_found(node);
	struct loop_site *loop;
	int i, n;

	for (i = known_before; i < search->nr_loops_learnt; i++) {
		loop = &search->loops[i];
		if (loop->fn != fn || loop->site != node->site)
			continue;
		for (n = 0; n < loop->nr_found && n < MAX_FOUND; n++)
			if (loop->found[n] == found)
				return;
		if (n < MAX_FOUND)
			loop->found[n] = found;
		loop->nr_found = n + 1;
		return;
	}
}

/* Return how many steps of the execution were in loops that are known. */
static int steps_in_loops(const struct execution *exec)
{
	const struct search *search = exec->search;
	const struct node *node;
	int nr = 0;

	for (node = search->nodes; node < search->nodes + search->depth; node++)
		nr += !!explore_spin_known_site(
			search, &exec->threads[node->thread], node->site);
	return nr;
}

/*
 * Learn the turns at the end of a thread's steps, if the turns are the same for
 * a large part of the execution, of which @known steps were in known loops.
 * @depths are the depths of the steps, latest first.  Returns true if one of
 * their call sites was new.
 */
static bool learn_turns(struct search *search, void (*fn)(void *data),
			const int *depths, int nr, int known)
{
	int period = period_of(search, depths, nr, false), tail, before, i;
	bool any = false, counts = !period;
	int known_before = search->nr_loops_learnt, steps;

	if (counts)
		period = period_of(search, depths, nr, true);
	if (counts && period && !also_looks(search, depths, period))
		period = 0;
	tail = period ? repeated(search, depths, nr, period, counts) : 0;
	/* These turns are not what has used up the limit of steps. */
	if (tail < (search->depth - known) / LONG_ENOUGH ||
	    tail < search->depth / LONG_ENOUGH_IN_ALL)
		return false;
	steps = period;
	while (period--) {
		before = 0;
		for (i = tail; i < nr; i++)
			before += search->nodes[depths[i]].site ==
				  search->nodes[depths[period]].site;
		any |= learn_site(search, fn,
				  search->nodes[depths[period]].site, before,
				  counts);
	}
	for (i = 0; i < steps; i++)
		learn_found(search, fn, &search->nodes[depths[i]], known_before);
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

	for (depth = explore_spin_last_step(search, number); depth >= 0;
	     depth = explore_spin_step_before(search, depth))
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
	search->late |= any && explore_search_is_dealt(search);
	return any;
}
