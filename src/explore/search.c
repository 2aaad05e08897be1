// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which schedule is next.
 *
 * The schedules form a tree.  A node is the choice of the thread that does the
 * next step.  The tree is walked depth first; search->nodes is the path from
 * its root to the current leaf, and every leaf to the left of the path is done.
 * To get to the next leaf, the test runs again from its start: along the path
 * to the deepest node at which some thread is still to be tried, and by default
 * choices below that node.
 *
 * The threads to be tried at a node are its @backtrack set:
 *
 *	bounded		each thread that can go on, as far as the bound allows
 *	exhaustive	one thread at first; dpor.c adds others when it finds
 *			two steps that could have come in the other order
 *
 * A step may also choose a value (choice.c).  Then the subtree below the node is
 * walked once for each value before the next thread is tried.
 *
 * Threads in the sleep set of the node are not tried.  A thread is in the sleep
 * set if it was tried at this node or at one above it, and no step chosen since
 * then conflicts with its next step: trying it again would give an equivalent
 * execution.  If all threads that can go on are in the sleep set, the execution
 * is redundant.  It is brought to its end by default choices, so that it frees
 * everything that it has allocated, or is left there if the next one begins at
 * a checkpoint (checkpoint.c).
 */
#include "internal.h"
#include <limits.h>
#include <string.h>

/* In a random execution, one in this many choices lets a timeout fire. */
#define EARLY_ODDS 8

static int lowest(unsigned int mask)
{
	return __builtin_ctz(mask);
}

u64 explore_search_random(struct search *search)
{
	/* splitmix64 */
	u64 z = search->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/*
 * PCT (probabilistic concurrency testing): draw a random order of priorities,
 * and opt.depth - 1 random steps at which the running thread gets the lowest
 * priority.
 */
static void draw_priorities(struct search *search)
{
	unsigned int i, steps = search->max_depth ? search->max_depth : 1;
	s16 swap;
	int j;

	search->random = search->opt.seed * 0x100000001b3ull +
			 search->executions * (u64)search->shards +
			 (u64)search->shard;
	for (i = 0; i < MAX_THREADS; i++)
		search->priority[i] = (s16)(i + ARRAY_SIZE(search->change));
	for (i = MAX_THREADS - 1; i; i--) {
		j = (int)(explore_search_random(search) % (i + 1));
		swap = search->priority[i];
		search->priority[i] = search->priority[j];
		search->priority[j] = swap;
	}
	for (i = 0; i < ARRAY_SIZE(search->change); i++)
		search->change[i] =
			i + 1 < search->opt.depth ?
				(int)(explore_search_random(search) % steps) :
				-1;
}

static int choose_by_priority(struct search *search, u16 enabled)
{
	struct node *node = &search->nodes[search->depth];
	int i, best = -1;

	for (i = 0; i < (int)ARRAY_SIZE(search->change); i++)
		if (search->change[i] == search->depth && search->depth)
			search->priority[node[-1].thread] = (s16)i;
	for (i = 0; i < MAX_THREADS; i++)
		if (enabled & BIT16(i) &&
		    (best < 0 || search->priority[i] > search->priority[best]))
			best = i;
	return best;
}

void explore_search_begin(struct search *search)
{
	search->depth = 0;
	search->dead = false;
	search->mine = !search->top || search->forced > search->top;
	search->next_sleep = 0;
	if (search->opt.mode == IOMMUFD_MODEL_MODE_RANDOM)
		draw_priorities(search);
}

/*
 * Return the default choice: the thread of the previous step, if it can go on.
 */
static int keep_running(const struct node *node, int depth, u16 enabled)
{
	if (depth && enabled & BIT16(node[-1].thread))
		return node[-1].thread;
	return lowest(enabled);
}

static int default_choice(const struct search *search, int depth)
{
	const struct node *node = &search->nodes[depth];

	return keep_running(node, depth, node->enabled & (u16)~node->early);
}

/*
 * True if it is a preemption that @thread goes on at @node.  A timeout that
 * fires while other threads can go on counts as a preemption.
 */
static bool preempts(const struct node *node, int depth, int thread)
{
	if (node->early & BIT16(thread))
		return true;
	return depth && node[-1].thread != thread &&
	       node->enabled & (u16)~node->early & BIT16(node[-1].thread);
}

/*
 * Return the threads of @may without those of @last, or @may if none is left
 * then.
 */
static u16 rather_not(u16 may, u16 last)
{
	return may & (u16)~last ? may & (u16)~last : may;
}

static int choose_bounded(struct search *search, struct node *node, u16 may)
{
	int depth = search->depth;
	u16 all = may;

	if (search->bound >= 0 && node->preemptions >= search->bound) {
		may &= (u16)~node->early;
		if (depth &&
		    node->enabled & (u16)~node->early & BIT16(node[-1].thread))
			may &= BIT16(node[-1].thread);
		search->cut |= may != all;
	}
	node->backtrack = may;
	return keep_running(node, depth, rather_not(may, node->early));
}

/*
 * Take the subtree for this job, unless another job has it.  Jobs come to the
 * subtrees in the same order, and each takes the next one that nobody has.  A job
 * that begins its walk again comes to its own subtrees again.
 */
static bool take_subtree(const struct search *search, unsigned long leaf)
{
	u32 mine = search->walk << 8 | search->job, none;

	none = __atomic_load_n(&search->taken[leaf], __ATOMIC_RELAXED);
	while (none >> 8 < search->walk)
		if (__atomic_compare_exchange_n(&search->taken[leaf], &none,
						mine, false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return true;
	return none == mine;
}

/*
 * True if the subtree that begins here belongs to this shard and to this job.
 * The sizes of subtrees follow patterns, so their numbers are mixed.
 */
static bool is_mine(struct search *search)
{
	unsigned long leaf = search->leaf++, to;

	to = (unsigned long)(leaf * 0x9e3779b97f4a7c15ull >> 32) %
	     (unsigned long)search->shards;
	if (search->shards == INT_MAX || !search->taken ||
	    leaf >= EXPLORE_MAX_TAKEN)
		return to == (unsigned long)search->shard;
	return to / search->opt.jobs == search->opt.shard - 1 &&
	       take_subtree(search, leaf);
}

/* Do not count the execution, and bring it to its end by default choices. */
static int give_up(struct search *search, struct node *node, u16 enabled)
{
	search->dead = true;
	search->dead_at = search->depth;
	return keep_running(node, search->depth,
			    rather_not(enabled, node->early));
}

/*
 * Among equal threads that have done nothing yet that another thread could
 * notice, only the first may be the first to do so.  An execution in which
 * another one is first would be the same with the two names exchanged.
 */
static void hide_equals(const struct execution *exec, struct node *node)
{
	u16 equal = (u16)(exec->fresh & exec->test->symmetric);
	unsigned int rest;
	int i;

	node->hidden = 0;
	node->stand_in = (u16)(equal & -equal);
	if (!(node->enabled & node->stand_in))
		return;
	for (rest = equal & (equal - 1u); rest; rest &= rest - 1) {
		i = lowest(rest);
		if (explore_is_observable(exec->threads[i].op))
			node->hidden |= BIT16(i);
	}
}

/*
 * The thread of the step before @node has been tried there.  Note whether it is
 * certain that the thread can go on at @node, even if other threads do steps
 * that are independent of its own.  That is needed if a sleep ends early
 * (dpor_commute.c).
 */
static void note_goes_on(const struct execution *exec, struct node *node)
{
	const struct thread *thread = &exec->threads[node[-1].thread];

	if (node[-1].nr_values == 1 && !exec->handlers &&
	    node->enabled & BIT16(node[-1].thread) &&
	    explore_never_blocks(thread->op->kind))
		node[-1].goes_on |= BIT16(node[-1].thread);
}

static int choose_new(struct execution *exec, u16 enabled, u16 early)
{
	struct search *search = exec->search;
	struct node *node = &search->nodes[search->depth];
	int depth = search->depth, thread;
	u16 may;

	/* A thread that yields is tried in no order. */
	if (__builtin_expect(search->nr_loops, 0))
		enabled = explore_spin_yield(exec, enabled);
	node->early = early;
	node->enabled = may = enabled | early;
	node->done = 0;
	node->value_chosen = 0;
	node->nr_values = 1;
	node->sleep = search->next_sleep;
	node->goes_on = node->looks = node->moves = 0;
	node->covered = node->elsewhere = 0;
	if (depth) {
		node->goes_on = node[-1].goes_on & node->sleep;
		node->looks = node[-1].looks & node->sleep;
		node->moves = node[-1].moves & node->sleep;
	}
	if (depth && node[-1].early | early)
		note_goes_on(exec, node);
	hide_equals(exec, node);
	node->preemptions = 0;
	if (depth)
		node->preemptions =
			(u16)(node[-1].preemptions +
			      preempts(&node[-1], depth - 1, node[-1].thread));
	if (search->dead)
		return keep_running(node, depth, enabled);
	if (!search->mine && depth == search->top) {
		search->mine = is_mine(search);
		if (!search->mine)
			return give_up(search, node, enabled);
	}
	may &= (u16)~node->hidden;
	switch (search->opt.mode) {
	case IOMMUFD_MODEL_MODE_RANDOM:
		if (early && !(explore_search_random(search) % EARLY_ODDS))
			enabled = early;
		return choose_by_priority(search, enabled);
	case IOMMUFD_MODEL_MODE_REPLAY:
		if (depth >= search->nr_given)
			return keep_running(node, depth, enabled);
		node->value_chosen = CHOICE_VALUE(search->given[depth]);
		return CHOICE_THREAD(search->given[depth]);
	case IOMMUFD_MODEL_MODE_BOUNDED:
		return choose_bounded(search, node, may);
	default:
		break;
	}
	if (search->states)
		explore_progress_reached(search, depth);
	may &= (u16)~node->sleep;
	if (may)
		may = explore_states_untried(exec, node, may);
	else
		explore_dpor_asleep(exec, node);
	if (!may)
		return give_up(search, node, enabled);
	thread = keep_running(
		node, depth, explore_ending_last(exec, rather_not(may, early)));
	node->backtrack = depth < search->top || node->covered ? may :
								  BIT16(thread);
	return thread;
}

int explore_search_choose(struct execution *exec, u16 enabled, u16 early)
{
	struct search *search = exec->search;
	struct node *node = &search->nodes[search->depth];

	if (search->depth >= search->forced)
		node->thread = (u8)choose_new(exec, enabled, early);
	return node->thread;
}

void explore_search_end(struct search *search)
{
	search->steps += (unsigned long)search->depth;
	if ((unsigned int)search->depth > search->max_depth)
		search->max_depth = (unsigned int)search->depth;
	if (!search->mine && !search->dead && !is_mine(search))
		return;
	if (search->dead)
		search->redundant += search->mine;
	else
		search->executions++;
}

/* Return how many preemptions the first @n steps have. */
static int preemptions(const struct search *search, int n)
{
	const struct node *last;

	if (!n)
		return 0;
	last = &search->nodes[n - 1];
	return last->preemptions + preempts(last, n - 1, last->thread);
}

static u16 choice_of(const struct search *search,
			       const struct node *node)
{
	bool ends = node->kind == IOMMUFD_MODEL_OP_AFTER &&
		    explore_ending_known(search, node);

	return (u16)(node->thread | (ends ? CHOICE_ENDS : 0) |
		     node->value_chosen << 8);
}

/*
 * The execution has failed after @n steps.  A replay of these does not know after
 * which operations a thread has waited for an AFTER that never came (ending.c).  So
 * add one for each such thread to the schedule.  Returns how many these are.
 */
static int add_endings(struct search *search, int n)
{
	const struct node *last;
	unsigned int seen = 0;
	int i, nr = 0;

	for (i = n - 1; i >= 0 && n + nr < MAX_STEPS; i--) {
		last = &search->nodes[i];
		if (seen & BIT16(last->thread))
			continue;
		seen |= BIT16(last->thread);
		if (explore_ending_waits(search, last))
			search->choices[n + nr++] = last->thread | CHOICE_ENDS;
	}
	return nr;
}

void explore_search_failed(struct search *search,
			   enum iommufd_model_failure failure)
{
	int i, n = search->depth, count = preemptions(search, n);
	struct node *node;

	search->failed++;
	search->seen |= 1u << failure;
	explore_states_failed(search);
	/*
	 * The steps that would have followed the failure are not known, nor
	 * are their races with the steps before it.  So every thread that can
	 * go on is tried at each node.
	 */
	for (i = 0; search->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE && i < n;
	     i++) {
		node = &search->nodes[i];
		node->backtrack |= node->enabled & (u16)~node->hidden;
	}
	if (search->target && search->target != failure)
		return;
	if (search->failure &&
	    (count > search->found_preemptions ||
	     (count == search->found_preemptions && n >= search->nr_choices)))
		return;
	if (!search->failure)
		search->found_after = explore_search_count(search);
	search->failure = failure;
	search->found_preemptions = count;
	for (i = 0; i < n; i++)
		search->choices[i] = choice_of(search, &search->nodes[i]);
	for (i = n;
	     i && search->choices[i - 1] == default_choice(search, i - 1); i--)
		;
	search->nr_choices = n;
	search->nr_short = i;
	search->nr_ends = add_endings(search, n);
}

/*
 * Let the step of @node choose its next value.  Returns false if it has chosen
 * the last one.
 */
static bool next_value(struct node *node)
{
	if (node->value_chosen + 1 >= node->nr_values)
		return false;
	node->value_chosen++;
	return true;
}

/* The next execution follows the path as far as the node at @depth. */
static void go_on_at(struct search *search, int depth)
{
	if (depth < search->split)
		search->split = depth + 1 > search->top ? depth + 1 :
							  search->top;
	search->forced = depth + 1;
	search->depth = depth + 1;
}

/*
 * First threads that go on without a timeout.  After a sleep was ended early here,
 * it would be asleep in their subtrees, though there it can also end late, which
 * the limit of early ends does not count.
 */
void explore_search_try(struct search *search, int depth, u16 todo)
{
	struct node *node = &search->nodes[depth];

	node->thread = (u8)lowest(rather_not(todo, node->early));
	node->value_chosen = 0;
	go_on_at(search, depth);
}

bool explore_search_advance(struct search *search)
{
	struct node *node;
	int depth;
	u16 todo;
	bool learnt = search->nr_loops != search->nr_loops_learnt ||
		      search->marked != search->marked_learnt;

	search->nr_loops = search->nr_loops_learnt;
	search->marked = search->marked_learnt;
	if (search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY && !learnt)
		return false;
	if (search->opt.mode == IOMMUFD_MODEL_MODE_RANDOM) {
		search->nr_endings = search->nr_learnt;
		search->forced = 0;
		return true;
	}
	if (learnt || (search->restart &&
		       search->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE)) {
		search->restart = search->cut_steps = false;
		/* It learnt something else, and may hurry again. */
		search->hurried = search->hurried && !search->hurries;
		search->hurries = 0;
		search->nr_endings = search->nr_learnt;
		search->forced = 0;
		search->leaf = 0;
		search->split = search->top;
		search->executions = search->redundant = search->steps = 0;
		explore_states_clear(search);
		return true;
	}
	depth = search->dead ? search->dead_at : search->depth;
	while (depth--) {
		node = &search->nodes[depth];
		if (!next_value(node)) {
			if (search->states)
				explore_progress_tried(search, depth);
			node->done |= BIT16(node->thread);
			todo = node->backtrack &
			       (u16) ~(node->done | node->sleep |
				       node->covered | node->elsewhere);
			if (!todo) {
				explore_states_done(search, depth);
				continue;
			}
			explore_search_try(search, depth, todo);
			return true;
		}
		go_on_at(search, depth);
		return true;
	}
	return false;
}
