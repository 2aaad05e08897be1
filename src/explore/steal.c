// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Work stealing: a job that has nothing left to do takes a part of what another
 * one has before it.
 *
 * The subtrees below search.top are dealt out (search.c), and their sizes differ.
 * A job that gets none any more says that it is idle.  Between two executions
 * each of the others looks whether one is, and gives it the threads that are
 * still to be tried at the highest node of its path that has any:
 *
 *	path of the one that gives	what the idle one gets
 *	  top
 *	   |	every thread has been tried
 *	  node ------------------------> the threads not tried there
 *	   |
 *	  the subtree of the thread that is tried there now stays
 *
 * Races with steps on this part of the path are found by both jobs, and neither
 * can tell the other which thread to try.  So at these nodes every thread is tried,
 * by one job or another, as above search.top.  search.split is the depth of the first
 * node behind them.  It becomes less when a job goes on at a node above it.
 *
 * The idle job takes the thread that stays for one that has been tried, as it will
 * be: it is in the sleep set of what the idle job does.  The job that gives does not
 * take the threads that it has given away for tried ones.
 *
 * The states of these nodes are not stored, as none of the jobs has explored all
 * that follows them.
 *
 * If a walk has to begin again after that, all jobs begin again.
 *
 * struct stealing is in shared memory, as the searches are, from before the jobs begin
 * until the exploration ends (api.c).  There is no lock.  A job that is idle stops to
 * count as one that works, and puts its number into stealing.idle, where one number
 * has room.  Who takes the number out counts that job as one that works, writes its
 * search, and sets its search.got last.  Until then the idle job only reads that flag.
 * All work is done when no job counts.
 */
#define _XOPEN_SOURCE 700
#include "exploration.h"
#include <string.h>
#include <time.h>

#define WAIT_NANOSECONDS 200000

/*
 * struct stealing - shared by the jobs
 * @idle: the number of a job that waits for work, from 1; 0: none waits
 * @working: how many jobs have work
 */
struct stealing {
	u32 idle;
	int working;
	struct search *of[EXPLORE_MAX_JOBS];
};

size_t explore_stealing_size(void)
{
	return sizeof(struct stealing);
}

void explore_stealing_begin(struct exploration *x)
{
	struct stealing *stealing = x->stealing;
	int i;

	if (!stealing)
		return;
	stealing->idle = 0;
	stealing->working = x->nr_searches;
	for (i = 0; i < x->nr_searches; i++) {
		stealing->of[i] = x->searches[i];
		x->searches[i]->stealing = stealing;
		x->searches[i]->got = x->searches[i]->shares = false;
		x->searches[i]->works = true;
	}
}

void explore_stealing_leave(struct search *s)
{
	if (s->stealing && s->works)
		__atomic_sub_fetch(&s->stealing->working, 1, __ATOMIC_ACQ_REL);
	s->works = false;
}

/* True if the jobs do parts of the walk, and can give each other some. */
static bool is_shared(const struct search *s)
{
	return s->stealing && explore_search_is_dealt(s) &&
	       s->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE;
}

/* The one that gives */

/* The threads with which no job has begun at @node, and which may be tried there. */
static u16 not_begun(const struct node *node)
{
	return node->enabled &
	       (u16) ~(node->hidden | node->done | node->sleep | node->covered |
		       node->elsewhere | BIT16(node->thread));
}

/* True if the step of @node has been done with each of its values. */
static bool was_done(const struct search *s, int depth)
{
	const struct node *node = &s->nodes[depth];

	return depth + 1 < s->forced &&
	       node->value_chosen + 1 == node->nr_values;
}

/*
 * Return the depth of the highest node that has something to give, or -1.  The one
 * that gets it takes the thread of the step for one that has been tried.  So the
 * step must have been done: only then is it known whether it looks at the clock.
 */
static int highest(const struct search *s)
{
	int depth;

	for (depth = s->top; depth < s->forced; depth++)
		if (was_done(s, depth) && not_begun(&s->nodes[depth]))
			return depth;
	return -1;
}

/*
 * Let @to try the threads @todo at the node at @depth of the path of @s, behind the
 * subtree that @s is in.
 */
static void give(struct search *s, struct search *to, int depth, u16 todo)
{
	struct node *node;
	int i;

	for (i = s->top; i <= depth; i++) {
		node = &s->nodes[i];
		node->backtrack |= node->enabled & (u16)~node->hidden;
	}
	memcpy(to->nodes, s->nodes, sizeof(*node) * (size_t)(depth + 1));
	s->nodes[depth].elsewhere |= todo;
	s->split = depth + 1;
	for (i = 0; i < depth; i++) {
		to->nodes[i].backtrack = to->nodes[i].done = 0;
		to->nodes[i].elsewhere = to->nodes[i].enabled;
		to->nodes[i].nr_values = (u16)(to->nodes[i].value_chosen + 1);
	}
	node = &to->nodes[depth];
	node->sleep |= node->done | BIT16(node->thread);
	node->backtrack = todo;
	node->done = 0;
	explore_states_give(to, s, depth);
	explore_progress_given(to, depth);
	to->top = s->top;
	to->split = depth + 1;
	to->dead = false;
	explore_search_try(to, depth, todo);
	to->shares = s->shares = true;
}

void explore_give(struct search *s)
{
	struct stealing *stealing = s->stealing;
	struct search *to;
	int depth;
	u32 idle;

	if (!is_shared(s))
		return;
	idle = __atomic_load_n(&stealing->idle, __ATOMIC_RELAXED);
	if (!idle || s->restart || s->hurries || !explore_states_settled(s))
		return;
	depth = highest(s);
	if (depth < 0 ||
	    !__atomic_compare_exchange_n(&stealing->idle, &idle, 0, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	to = stealing->of[idle - 1];
	__atomic_add_fetch(&stealing->working, 1, __ATOMIC_ACQ_REL);
	give(s, to, depth, not_begun(&s->nodes[depth]));
	__atomic_store_n(&to->got, true, __ATOMIC_RELEASE);
}

/* The one that gets it */

/* Say that the job is idle.  Returns false if another one says so. */
static bool ask(struct stealing *stealing, u32 me)
{
	u32 none = 0;

	return __atomic_compare_exchange_n(&stealing->idle, &none, me, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Return true if the job has work, false if there will be none. */
static bool wait_for_work(struct search *s)
{
	const struct timespec tick = { 0, WAIT_NANOSECONDS };
	struct stealing *stealing = s->stealing;
	bool asked = false;

	/*
	 * A job that is given work counts as one that works before the one that
	 * gives can end, so work that is on its way is waited for.
	 */
	while (!*s->stop && !explore_child_orphaned() &&
	       __atomic_load_n(&stealing->working, __ATOMIC_ACQUIRE)) {
		if (__atomic_load_n(&s->got, __ATOMIC_ACQUIRE))
			return true;
		/* Once only: whoever takes the number gives. */
		asked = asked || ask(stealing, s->job + 1);
		s->heartbeat++;
		nanosleep(&tick, NULL);
	}
	return false;
}

bool explore_steal(struct search *s)
{
	if (!is_shared(s))
		return false;
	s->got = false;
	explore_stealing_leave(s);
	s->works = wait_for_work(s);
	explore_checkpoint_other_path();
	return s->works;
}
