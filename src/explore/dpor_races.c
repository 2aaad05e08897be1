// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which steps race, and what is tried for that.
 *
 * If two steps are not independent, the first happens before the second.  Each
 * step has a vector clock of all steps that happened before it.  Two dependent
 * steps of different threads race if no chain of other steps orders them and
 * the second could have come first.  Then an execution must be tried in which
 * the second comes first: a thread that can begin such an execution is added to
 * the threads to be tried at the node where the first was chosen (source-DPOR).
 *
 * To find the races of a step, the steps on each of its locations are walked
 * back from the last one.  The walk ends at a dependent step which all earlier
 * steps on the location happened before: it orders these.
 *
 * The step by which a thread leaves its sleep in a wait queue is ordered after
 * the wake-up that woke it, as it could not have gone on before.  A sleep can
 * end early only while another thread can go on.  So a step that ends a sleep
 * early depends on any step after which no other thread might be able to go on.
 * And if an execution ends while a thread sleeps, one is tried in which the sleep
 * ends early before the last step.
 *
 * Races are found for three things: the step that a thread does, or would do
 * next; the return from a function whose variables another thread has used
 * ("Stacks"); and the accesses in a subtree that is not walked again, as its
 * state is known ("Known subtrees").
 */
#include "dpor.h"
#include <string.h>

/* A step that accesses the stack of another thread. */
struct foreign {
	const void *addr;
	int depth, owner;
};

/* The foreign accesses of this execution; each step may be one. */
static struct foreign *foreign;
static int nr_foreign;
NO_CHECKPOINT(foreign);
NO_STATE(nr_foreign);

bool explore_dpor_prepare(void)
{
	if (!foreign)
		foreign = explore_arena_reserve(MAX_STEPS * sizeof(*foreign));
	return foreign;
}

void explore_dpor_reset_races(void)
{
	nr_foreign = 0;
}

/* The checkpoint has nr_foreign with the static variables. */
void explore_dpor_save_foreign(void)
{
	explore_checkpoint_put(foreign, (size_t)nr_foreign * sizeof(*foreign));
}

static void join(s16 *clock, const s16 *other)
{
	int i;

	for (i = 0; i < MAX_THREADS; i++)
		clock[i] = clock[i] > other[i] ? clock[i] : other[i];
}

void explore_dpor_time(struct execution *exec)
{
	int i;

	for (i = 0; i < exec->nr_threads; i++)
		if (exec->threads[i].clock)
			join(exec->time_clock, exec->threads[i].clock);
}

/* The threads to be tried */

/*
 * An execution is to be tried that does, from the node at @first on, the steps
 * behind @first, up to @last, that do not happen after the step at @first, and the
 * one at @second, unless that is -1.  Return the threads with which it may begin:
 * those whose first step among these depends on no other of them.
 */
static u16 initials_of(const struct search *search, int first, int last,
		       int second)
{
	const struct node *f = &search->nodes[first], *x;
	u16 seen = 0, initials = 0;
	s16 starts[MAX_THREADS];
	unsigned int rest;
	bool waits;
	int i, s;

	for (i = first + 1; i <= last; i++) {
		x = &search->nodes[i];
		if (i != second && x->clock[f->thread] >= (s16)f->index)
			continue;
		if (seen & BIT16(x->thread))
			continue;
		waits = false;
		for (rest = seen; rest; rest &= rest - 1) {
			s = __builtin_ctz(rest);
			waits |= x->clock[s] >= starts[s];
		}
		if (!waits)
			initials |= BIT16(x->thread);
		seen |= BIT16(x->thread);
		starts[x->thread] = (s16)x->index;
	}
	if (initials & f->hidden) {
		initials &= (u16)~f->hidden;
		initials |= f->stand_in;
	}
	return initials;
}

/*
 * Try one of the threads @initials at @node, @rather if it is among them.  If one of
 * them is in the backtrack set or the sleep set, there is nothing to do.  If none of
 * them can go on at that node, every thread that can is tried.
 */
static void try_one(struct node *node, u16 initials, int rather)
{
	if (!(initials & node->enabled)) {
		node->backtrack |= node->enabled & (u16)~node->hidden;
		return;
	}
	initials &= node->enabled;
	if (initials & (node->backtrack | node->sleep))
		return;
	if (initials & BIT16(rather))
		node->backtrack |= BIT16(rather);
	else
		node->backtrack |= (u16)(initials & -initials);
}

/*
 * The steps at depths @first and @second race.  Add a thread to the backtrack
 * set of the node at @first so that an execution is tried that does, from that
 * node on, the steps between @first and @second that do not happen after
 * @first, and then the step at @second.
 */
static void reverse(struct search *search, int first, int second)
{
	if (first < search->split || !explore_dpor_reduces(search))
		return;
	try_one(&search->nodes[first],
		initials_of(search, first, second, second),
		search->nodes[second].thread);
}

/* The races of a step */

/*
 * A step found to race covers all earlier ones of its thread.  So each of the
 * following finds at most one race for each other thread: the walk of a location, a
 * second walk of the clock, and the search for accesses to a stack.  The search for
 * races on a processor finds two in all.  There may be more races only for a thread
 * that goes on in after(), where it does no steps: it may return from functions again
 * and again.  So there may be where races do not cover earlier ones (may_race()).
 */
#define MAX_RACES ((NODE_LOCATIONS + 2) * (MAX_THREADS - 1) + 2)

struct races {
	s16 clock[MAX_THREADS]; /* the vector clock of the step */
	s16 covered[MAX_THREADS]; /* that clock without ORDERED steps */
	bool partly; /* not all steps before the step are known */
	int nr;
	int depth[MAX_RACES];
};
/* The races of the step that was done last. */
static struct races last_races;
NO_CHECKPOINT(last_races);

/*
 * Have the step of @races tried before @f.  If there is no room for the race, every
 * thread is tried at @f.
 */
static void add_race(struct search *search, struct races *races,
		     const struct node *f)
{
	int depth = (int)(f - search->nodes);

	if (races->nr < MAX_RACES)
		races->depth[races->nr++] = depth;
	else if (depth >= search->split && explore_dpor_reduces(search))
		try_one(&search->nodes[depth], 0, 0);
}

/* Order the step of @races after @f.  @racing: it could have come before @f. */
static void comes_after(struct search *search, struct races *races,
			const struct node *f, bool racing)
{
	join(races->clock, f->clock);
	if (!racing)
		return;
	join(races->covered, f->clock);
	add_race(search, races, f);
}

/*
 * A step takes 1 from the count of a completion, and the step @f, a complete(), has
 * added to it.  True if the step could have come before @f: the count was not 0 there,
 * or another complete() did not happen after @f and could have come before the step.
 */
static bool could_take_before(const struct search *search,
			      const struct location *loc, const struct node *f,
			      int fi)
{
	const struct node *g;
	u32 link;

	if (f->before)
		return true;
	for (link = loc->last; link != LINK((u32)(f - search->nodes), (u32)fi);
	     link = g->prev[LINK_WHICH(link)]) {
		g = &search->nodes[LINK_DEPTH(link)];
		if (g->kind == IOMMUFD_MODEL_OP_COMPLETE &&
		    g->clock[f->thread] < (s16)f->index)
			return true;
	}
	return false;
}

/*
 * True if a reader, perhaps the same one, had the lock when the reader at @f took
 * it.
 */
static bool was_read_locked(const struct search *search, const struct node *f,
			    int fi)
{
	const struct node *g;
	int nr = 0;
	u32 link;

	for (link = f->prev[fi]; link != NO_LINK; link = g->prev[fi]) {
		g = &search->nodes[LINK_DEPTH(link)];
		fi = (int)LINK_WHICH(link);
		if (g->conflict[fi] != CONFLICT_LOCK)
			continue;
		if (g->flags[fi] & LOCK_TAKE)
			nr += g->flags[fi] & LOCK_READ ? 1 : 0;
		else if (g->flags[fi] & LOCK_DROP && g->flags[fi] & LOCK_READ)
			nr--;
		if (g->flags[fi] & (LOCK_TAKE | LOCK_DROP) &&
		    !(g->flags[fi] & LOCK_READ))
			break;
	}
	return nr > 0;
}

/*
 * True if it is not known whether the step @e could come before @f: that may need a
 * complete() that is not known, another reader that has unlocked, or a writer that
 * does not wait.  So the race does not cover the earlier ones of the thread of @f.
 */
static bool may_race(const struct search *search, const struct races *races,
		     const struct node *f, int fi, const struct node *e, int ei,
		     bool blocked)
{
	/* A writer may have been waiting, which keeps readers out. */
	if (f->kind == IOMMUFD_MODEL_OP_LOCK_READ)
		return !f->result && e->flags[ei] & LOCK_READ;
	/* A writer of an rwlock_t is no step until it has the lock. */
	if (e->kind == IOMMUFD_MODEL_OP_WRITE_LOCK &&
	    f->conflict[fi] == CONFLICT_LOCK && f->flags[fi] & LOCK_TAKE)
		return f->flags[fi] & LOCK_READ &&
		       was_read_locked(search, f, fi);
	return blocked && races->partly;
}

static void walk_location(struct execution *exec, struct races *races,
			  const struct location *loc, const struct node *e,
			  int ei)
{
	struct search *search = exec->search;
	enum relation how;
	const struct node *f;
	bool covered, blocked, may;
	u32 link;
	int fi;

	for (link = loc->last; link != NO_LINK; link = f->prev[fi]) {
		f = &search->nodes[LINK_DEPTH(link)];
		fi = (int)LINK_WHICH(link);
		if (f->thread == e->thread) {
			if (explore_conflict_ends_walk(f, fi))
				break;
			continue;
		}
		how = explore_conflict_node_relation(f, fi, e, ei,
						     exec->nr_threads);
		if (how == INDEPENDENT)
			continue;
		/* The thread waited in a loop for this step (spin.c). */
		if (f - search->nodes == exec->threads[e->thread].released_by)
			how = ORDERED;
		blocked = e->conflict[ei] == CONFLICT_TAKE &&
			  f->kind == IOMMUFD_MODEL_OP_COMPLETE &&
			  !could_take_before(search, loc, f, fi);
		may = how == RACING &&
		      may_race(search, races, f, fi, e, ei, blocked);
		if (blocked || may)
			how = ORDERED;
		covered = f->index <= races->covered[f->thread];
		if (!covered)
			comes_after(search, races, f, how == RACING);
		if (!covered && may)
			add_race(search, races, f);
		if (how == RACING && explore_conflict_ends_walk(f, fi))
			break;
	}
}

/*
 * True if @f is the last step of a thread that has ended, and that step came as
 * late as possible (ending.c).
 */
static bool nothing_follows(const struct execution *exec, const struct node *f,
			    u32 link)
{
	const struct thread *thread = &exec->threads[f->thread];

	return f->conflict[LINK_WHICH(link)] == CONFLICT_AFTER &&
	       thread->ended && f->index == thread->steps &&
	       explore_ending_known(exec->search, f);
}

/*
 * The step @e frees @chunk: order it after all steps on locations in @chunk,
 * beginning with the latest.
 */
static void walk_chunk(struct execution *exec, struct races *races,
		       const struct chunk *chunk, const struct node *e)
{
	struct search *search = exec->search;
	static u32 links[NODE_LOCATIONS * MAX_STEPS];
	NO_CHECKPOINT(links);
	const struct location *loc;
	const struct node *f;
	int nr = 0, i, j;
	u32 link, number;

	for (number = chunk->first_location; number != NO_LINK;
	     number = loc->next) {
		loc = explore_dpor_location_at(number);
		for (link = loc->last; link != NO_LINK;
		     link = f->prev[LINK_WHICH(link)]) {
			f = &search->nodes[LINK_DEPTH(link)];
			if (f->thread == e->thread ||
			    f->index <= races->covered[f->thread] ||
			    nothing_follows(exec, f, link))
				continue;
			for (i = nr++; i && links[i - 1] < link; i--)
				links[i] = links[i - 1];
			links[i] = link;
		}
	}
	for (j = 0; j < nr; j++) {
		f = &search->nodes[LINK_DEPTH(links[j])];
		if (f->index > races->covered[f->thread])
			comes_after(search, races, f, true);
	}
}

/* Return how many sleeps have ended early before the step @f. */
static int early_before(const struct search *search, const struct node *f)
{
	const struct node *x;
	int n = 0;

	for (x = search->nodes; x < f; x++)
		n += !!(x->early & BIT16(x->thread));
	return n;
}

/* True if thread @number is not asleep now, or has done a step after @f. */
static bool went_on_after(const struct search *search,
			  const struct thread *thread, int number,
			  const struct node *f)
{
	const struct node *x = &search->nodes[search->depth];

	if (thread->op->kind != IOMMUFD_MODEL_OP_WAIT_SLEEP)
		return true;
	while (--x > f)
		if (x->thread == number)
			return true;
	return false;
}

/*
 * True if the sleep of @thread, which @waker ended, could have ended by itself
 * before.  If the thread was not asleep at that time, it could have gone to
 * sleep first.
 */
static bool could_end_before(const struct search *search,
			     const struct thread *thread, int number,
			     const struct node *waker)
{
	if (waker->early & BIT16(number))
		return true;
	return explore_thread_may_end_early(search, thread) &&
	       early_before(search, waker) <
		       search->opt.timeouts + search->opt.spurious &&
	       went_on_after(search, thread, number, waker);
}

/* @thread ends its sleep: order that step after the wake-up that ended it. */
static void find_waker(struct search *search, struct races *races,
		       const struct thread *thread, int number)
{
	const struct node *waker;

	if (thread->task.woken_by < 0)
		return;
	waker = &search->nodes[thread->task.woken_by];
	if (waker->thread != number)
		comes_after(search, races, waker,
			    could_end_before(search, thread, number, waker));
}

/*
 * Interrupt handlers
 *
 * A handler and the thread that it interrupts share one processor.  Each step
 * of the thread conflicts with the handler's first step, IRQ_ENTER: after that
 * step the thread cannot go on until the handler ends, and the handler cannot
 * begin while interrupts are off.  The other steps of the handler are ordered
 * with those of the thread by the handler's first and last step.  No location
 * stands for the processor; find_processor_races() searches for the last of
 * these steps instead.
 */

/* True if thread @number, a handler, could have begun before step @f. */
static bool could_interrupt(const struct execution *exec, const struct node *f,
			    int number)
{
	return explore_dpor_processor_of(exec, f->thread) ==
		       exec->threads[number].interrupts &&
	       f->thread != number && f->enabled & BIT16(number);
}

/* The handler @number begins: find the step of its processor it races with. */
static void find_interrupted(struct execution *exec, struct races *races,
			     const struct node *e, int number)
{
	struct search *search = exec->search;
	int interrupted = exec->threads[number].interrupts;
	const struct thread *thread = &exec->threads[interrupted];
	const struct node *f = e;

	while (f-- > search->nodes) {
		if (!could_interrupt(exec, f, number))
			continue;
		if (f->index > races->covered[f->thread])
			comes_after(search, races, f, true);
		break;
	}
	join(races->clock, explore_dpor_clock_of(thread));
	if (thread->left_at >= 0)
		join(races->clock, search->nodes[thread->left_at].clock);
}

/* Find the races between a handler and the thread that it interrupts. */
static void find_processor_races(struct execution *exec, struct races *races,
				 const struct node *e, int number)
{
	struct search *search = exec->search;
	const struct thread *thread = &exec->threads[number];
	const struct node *f;

	if (e->kind == IOMMUFD_MODEL_OP_IRQ_ENTER)
		find_interrupted(exec, races, e, number);
	if (thread->left_at < 0)
		return;
	f = &search->nodes[thread->entered_at];
	if (f->index <= races->covered[f->thread])
		return;
	comes_after(search, races, f, true);
	f = &search->nodes[thread->left_at];
	join(races->clock, f->clock);
	join(races->covered, f->clock);
}

/*
 * Reverse all races of the step of @node, whose clock is complete.  If the clock
 * grows later, because of what the thread does after the step, this must be done
 * again: it may show that another thread has to go on before the thread of the step.
 */
static void reverse_all(struct search *search, const struct races *races,
			const struct node *node)
{
	int i;

	for (i = 0; i < races->nr; i++)
		reverse(search, races->depth[i], (int)(node - search->nodes));
}

static void find_races(struct execution *exec, struct node *node,
		       const struct step *step, struct location **locs,
		       int number, struct races *races)
{
	const s16 *before = explore_dpor_clock_of(&exec->threads[number]);
	struct search *search = exec->search;
	int i;

	races->nr = 0;
	races->partly = false;
	memcpy(races->clock, before, sizeof(races->clock));
	memcpy(races->covered, before, sizeof(races->covered));
	if (exec->handlers)
		find_processor_races(exec, races, node, number);
	for (i = 0; i < step->nr; i++) {
		if (node->conflict[i] == CONFLICT_FREE && locs[i]->chunk)
			walk_chunk(exec, races, locs[i]->chunk, node);
		else if (node->conflict[i] == CONFLICT_RESUME && !exec->expired)
			find_waker(search, races, &exec->threads[number],
				   number);
		else if (node->conflict[i] != CONFLICT_NONE &&
			 node->conflict[i] != CONFLICT_RESUME)
			walk_location(exec, races, locs[i], node, i);
	}
	if (step->op->kind == IOMMUFD_MODEL_OP_JOIN &&
	    exec->threads[step->op->arg].clock)
		join(races->clock, exec->threads[step->op->arg].clock);
	/*
	 * Time passes only when no thread can go on, so all that happened
	 * before it comes before this step.
	 */
	if (exec->expired && node->conflict[0] != CONFLICT_EXPIRE)
		join(races->clock, exec->time_clock);
	races->clock[number] = (s16)node->index;
	memcpy(node->clock, races->clock, sizeof(node->clock));
	reverse_all(search, races, node);
}

void explore_dpor_find_races(struct execution *exec, struct node *node,
			     const struct step *step, struct location **locs,
			     int number)
{
	find_races(exec, node, step, locs, number, &last_races);
}

void explore_dpor_find_races_of_next(struct execution *exec, struct node *node,
				     const struct step *step,
				     struct location **locs, int number)
{
	struct races races;

	find_races(exec, node, step, locs, number, &races);
}

void explore_dpor_try_early(struct execution *exec, int number)
{
	struct search *search = exec->search;
	const struct thread *thread = &exec->threads[number];
	const struct node *f = &search->nodes[search->depth];
	const s16 *clock = explore_dpor_clock_of(thread);

	if (thread->op->kind != IOMMUFD_MODEL_OP_WAIT_SLEEP ||
	    !explore_thread_may_end_early(search, thread))
		return;
	while (f-- > search->nodes) {
		if (f->index <= clock[f->thread])
			continue;
		if (early_before(search, f) <
		    search->opt.timeouts + search->opt.spurious)
			reverse(search, (int)(f - search->nodes),
				search->depth);
		return;
	}
}

void explore_dpor_find_clock_races(struct execution *exec, struct node *node)
{
	struct search *search = exec->search;
	int i, nr = last_races.nr;
	/* A timeout that was not early could have been, if the limit allows. */
	bool late = exec->expired && !(node->early & BIT16(node->thread));
	const struct node *f;
	struct location before =
		*explore_dpor_location(exec, &explore_dpor_keys.clock);

	before.last = node->prev[CLOCK];
	memcpy(last_races.clock, node->clock, sizeof(node->clock));
	memcpy(last_races.covered, node->clock, sizeof(node->clock));
	walk_location(exec, &last_races, &before, node, CLOCK);
	memcpy(node->clock, last_races.clock, sizeof(node->clock));
	for (i = nr; i < last_races.nr; i++) {
		f = &search->nodes[last_races.depth[i]];
		if (!late || early_before(search, f) < search->opt.timeouts)
			last_races.depth[nr++] = last_races.depth[i];
	}
	last_races.nr = nr;
	reverse_all(search, &last_races, node);
}

/*
 * Stacks
 *
 * An operation of one thread may access the stack of another.  A function's
 * return frees its stack frame, but no step does that: it is a part of what a
 * thread does between two operations, or after its last one.  So the accesses to
 * a stack by other threads are noted.  When a thread has returned from a function,
 * its last step races with each of these accesses to a frame that is gone.
 */

/* True if @addr is on the stack of thread @number. */
static bool on_stack(const struct execution *exec, int number, const void *addr)
{
	return explore_dpor_in_stacks(exec, addr) &&
	       explore_fiber_has(&exec->threads[number].fiber, addr);
}

int explore_dpor_find_owner(const struct execution *exec, int number,
			    const struct iommufd_model_op *op)
{
	int i;

	if (op->kind == IOMMUFD_MODEL_OP_AFTER || explore_only_names(op))
		return -1;
	for (i = 0; i < exec->nr_threads; i++)
		if (i != number && on_stack(exec, i, op->addr))
			return i;
	return -1;
}

/*
 * True if @addr, on the stack of @thread, is in a function that has returned.
 * If the thread has ended, all of them have.  Otherwise every frame below the one
 * that calls the gate has ended: the gate's own are there now.  (Some processors
 * have the gate's frame address lower than where its frame begins.  What is between
 * the two may have ended, too; such an access is not found.)
 */
static bool is_gone(const struct thread *thread, const void *addr)
{
	return thread->ended ||
	       (const char *)addr < (const char *)thread->task.frame;
}

bool explore_dpor_use_of_gone_stack(struct execution *exec, int owner,
				    const struct iommufd_model_op *op)
{
	char name[RECORD_NAME];

	if (!is_gone(&exec->threads[owner], op->addr))
		return false;
	explore_fail(exec, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE, op->site, NULL,
		     "%s of %s, which was on the stack of %s in a function "
		     "that has returned",
		     iommufd_model_op_name(op->kind), op->site->what,
		     explore_thread_name(exec, owner, name, sizeof(name)));
	return true;
}

void explore_dpor_note_foreign(struct search *search, int owner,
			       const void *addr)
{
	search->next_sleep &= (u16)~BIT16(owner);
	foreign[nr_foreign].addr = addr;
	foreign[nr_foreign].depth = search->depth;
	foreign[nr_foreign++].owner = owner;
}

void explore_dpor_forget_foreign(int number)
{
	int i, nr = 0;

	for (i = 0; i < nr_foreign; i++)
		if (foreign[i].owner != number)
			foreign[nr++] = foreign[i];
	nr_foreign = nr;
}

void explore_dpor_find_stack_races(struct execution *exec, struct node *last,
				   const struct thread *thread, int number)
{
	struct search *search = exec->search;
	const struct node *f;
	bool grown = false;
	int i;

	for (i = nr_foreign - 1; i >= 0; i--) {
		f = &search->nodes[foreign[i].depth];
		if (foreign[i].owner != number ||
		    !is_gone(thread, foreign[i].addr) ||
		    f->index <= last->clock[f->thread])
			continue;
		memcpy(last_races.clock, last->clock, sizeof(last->clock));
		comes_after(search, &last_races, f, true);
		memcpy(last->clock, last_races.clock, sizeof(last->clock));
		grown = true;
	}
	if (grown)
		reverse_all(search, &last_races, last);
}

/*
 * Known subtrees
 *
 * The search has come to a state whose subtree was walked before (states.c).
 * The steps of the subtree would follow, and race with steps of this execution.
 * So each access in it is compared with these, as if its thread did it next,
 * after it has taken the locks that it holds at the access.  What else happens
 * before the access in the subtree is not known.  So its vector clock may be
 * too small, and is never too large: a race may be found that is none, but none
 * is missed.
 *
 * The steps up to the access are not known either.  So the threads with which
 * they can begin are found from all accesses in the subtree.
 */

/*
 * The subtree that is known
 * @begins: for each thread, those with which its steps can begin; found when asked for
 */
static struct {
	const struct access *accesses;
	const struct access_set *set;
	bool begins_known;
	u16 begins[MAX_THREADS];
} subtree;
NO_CHECKPOINT(subtree);

/*
 * True if the next step of thread @number, which is @step, can depend on @access
 * of another thread.
 */
static bool may_depend(const struct execution *exec, int number,
		       const struct step *step, const struct access *access)
{
	enum conflict next =
		explore_conflict_next(exec, &exec->threads[number]);
	int other = access->thread, i;
	const struct chunk *chunk = NULL;

	/* The other kinds can depend on more than what is at their locations. */
	if (next != CONFLICT_READ && next != CONFLICT_WRITE &&
	    next != CONFLICT_ADD && next != CONFLICT_LOCK &&
	    next != CONFLICT_AFTER)
		return true;
	/* After its operation the thread may look at the clock, or return. */
	if (access->addr == &explore_dpor_keys.clock ||
	    on_stack(exec, number, access->addr))
		return true;
	if (access->conflict == CONFLICT_FREE)
		chunk = explore_arena_chunk(access->addr);
	for (i = 0; i < step->nr; i++) {
		if (chunk && explore_arena_chunk(step->addr[i]) == chunk)
			return true;
		if (access->addr == &exec->threads[other] &&
		    on_stack(exec, other, step->addr[i]))
			return true;
		if (step->addr[i] == access->addr && next != CONFLICT_AFTER &&
		    (next != CONFLICT_READ ||
		     access->conflict != CONFLICT_READ))
			return true;
	}
	return false;
}

/* Make @begins[] transitive: add the begins of the threads in each entry to it. */
static void close_begins(const struct execution *exec, u16 *begins)
{
	unsigned int rest;
	bool again = true;
	u16 all;
	int i;

	while (again) {
		again = false;
		for (i = 0; i < MAX_THREADS; i++) {
			all = begins[i];
			for (rest = all; rest; rest &= rest - 1)
				all |= begins[__builtin_ctz(rest)];
			/* Which thread starts another one is not known. */
			if (all & (u16)~exec->alive)
				all = (u16)-1;
			again |= all != begins[i];
			begins[i] = all;
		}
	}
}

void explore_dpor_known(const struct access *accesses,
			const struct access_set *set)
{
	subtree.accesses = accesses;
	subtree.set = set;
	subtree.begins_known = false;
}

static void find_begins(const struct execution *exec)
{
	const struct access_set *set = subtree.set;
	struct step step[MAX_THREADS];
	const struct access *access;
	u16 *begins = subtree.begins;
	unsigned int rest;
	u64 bits;
	int i, t;

	for (i = 0; i < MAX_THREADS; i++)
		begins[i] = BIT16(i);
	for (rest = exec->alive; rest; rest &= rest - 1) {
		t = __builtin_ctz(rest);
		explore_dpor_locations_of(exec, &step[t], &exec->threads[t]);
	}
	for (i = 0; i < ACCESS_WORDS; i++)
		for (bits = set->bits[i]; bits; bits &= bits - 1) {
			access = &subtree.accesses[i * 64 +
						   __builtin_ctzll(bits)];
			if (access->conflict == CONFLICT_PLAIN)
				continue;
			for (rest = exec->alive; rest; rest &= rest - 1) {
				t = __builtin_ctz(rest);
				if (!(begins[t] & BIT16(access->thread)) &&
				    may_depend(exec, t, &step[t], access))
					begins[t] |= BIT16(access->thread);
			}
		}
	close_begins(exec, begins);
}

/*
 * Return the threads with which any steps of the subtree can begin that contain one of
 * thread @number.  For that these are, with each thread, those that do an access on
 * which its next step can depend.  They are seldom asked for.
 */
static u16 begins_with(const struct execution *exec, int number)
{
	if (!subtree.begins_known)
		find_begins(exec);
	subtree.begins_known = true;
	return subtree.begins[number];
}

/*
 * An access of thread @number, in a subtree that is known, races with the step at
 * @depth.  An execution is to be tried that does the access before that step.  It
 * begins with the steps after @depth that do not happen after the step there.
 *
 * If there are none, one of the threads begins it with which the steps up to the access
 * can begin.  It is enough to try the thread of the access: if another thread has to go
 * first, what it does races with the step that is tried, and that race adds the other
 * thread.  But if the thread of the access is asleep, that race is found on another
 * path, whose prefix may differ.
 */
static void try_before(const struct execution *exec, int depth, int number)
{
	struct search *search = exec->search;
	struct node *node = &search->nodes[depth];
	u16 initials, begins;

	/* Is there a thread that would not be tried without this race? */
	if (depth < search->split ||
	    !(node->enabled & (u16) ~(node->backtrack | node->sleep)))
		return;
	initials = initials_of(search, depth, search->depth - 1, -1);
	if (!initials && node->enabled & (u16)~node->sleep & BIT16(number))
		initials = BIT16(number);
	begins = initials ? 0 : begins_with(exec, number) & node->enabled;
	if (begins)
		node->backtrack |= begins;
	else
		try_one(node, initials, number);
}

void explore_dpor_take_locks(struct execution *exec, int number,
			     const struct held_lock *locks, int nr,
			     s16 clock[MAX_THREADS])
{
	const struct thread *thread = &exec->threads[number];
	static struct node e = { .conflict = { CONFLICT_LOCK } };
	NO_CHECKPOINT(e);
	const struct location *loc;
	struct races races;
	int i;

	e.thread = (u8)number;
	races.nr = 0;
	races.partly = false;
	memset(races.clock, 0, sizeof(races.clock));
	if (number < exec->nr_threads && thread->clock)
		memcpy(races.clock, thread->clock, sizeof(races.clock));
	for (i = 0; i < nr; i++) {
		loc = explore_dpor_known_location(locks[i].addr);
		if (!loc)
			continue;
		memcpy(races.covered, races.clock, sizeof(races.covered));
		e.flags[0] = (u8)locks[i].flags;
		walk_location(exec, &races, loc, &e, 0);
		races.nr = 0;
	}
	memcpy(clock, races.clock, sizeof(races.clock));
}

void explore_dpor_follows(struct execution *exec, const struct access *access,
			  const s16 clock[MAX_THREADS])
{
	const struct thread *thread = &exec->threads[access->thread];
	const struct location *loc = explore_dpor_known_location(access->addr);
	bool started = access->thread < exec->nr_threads;
	/* This runs often, and most of a node does not matter here. */
	static struct node e;
	NO_CHECKPOINT(e);
	struct chunk *chunk = NULL;
	struct races races;
	int i;

	e.thread = access->thread;
	e.kind = access->kind;
	e.conflict[0] = access->conflict;
	e.flags[0] = access->flags;
	races.nr = 0;
	races.partly = true;
	memcpy(races.clock, clock, sizeof(races.clock));
	memcpy(races.covered, clock, sizeof(races.covered));
	if (access->conflict == CONFLICT_FREE)
		chunk = explore_arena_chunk(access->addr);
	if (access->conflict == CONFLICT_RESUME && started && !thread->ended)
		find_waker(exec->search, &races, thread, access->thread);
	else if (chunk)
		walk_chunk(exec, &races, chunk, &e);
	else if (loc && access->conflict != CONFLICT_NONE &&
		 access->conflict != CONFLICT_RESUME)
		walk_location(exec, &races, loc, &e, 0);
	for (i = 0; i < races.nr; i++)
		try_before(exec, races.depth[i], access->thread);
	for (i = 0; access->addr == thread && i < nr_foreign; i++)
		if (foreign[i].owner == access->thread)
			try_before(exec, foreign[i].depth, access->thread);
}
