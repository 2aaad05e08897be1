// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Dynamic partial-order reduction: which steps must also be tried in the other
 * order.
 *
 * Steps on different locations are independent.  Whether two steps on the same
 * location are independent, ordered or racing is decided by conflict.c, with
 * two exceptions that depend on the execution.  A decrement counts as an
 * addition only if it could not have reached zero in any order of the additions
 * that are concurrent to it.  A free is a step on every location in the freed
 * memory, and it races with what another thread does after the step by which it
 * gave its part of that memory away, for example by dropping its reference.
 *
 * If two steps are not independent, the first happens before the second.  Each
 * step has a vector clock of all steps that happened before it.  Two dependent
 * steps of different threads race if no chain of other steps orders them and
 * the second could have come first.  Then an execution must be tried in which
 * the second comes first: a thread that can begin such an execution is added to
 * the threads to be tried at the node where the first was chosen (source-DPOR).
 *
 * The step by which a thread leaves its sleep in a wait queue is ordered after
 * the wake-up that woke it, as it could not have gone on before.  A sleep can
 * end early only while another thread can go on.  So such a step depends on a
 * step after which no other thread might be able to go on, and in an execution
 * that ends while a thread sleeps, the sleep is also ended early before the last
 * step.
 *
 * A thread is removed from a sleep set by a step that is not independent of the
 * thread's next step.  Two steps are not independent if they do not commute in
 * the current state, and also if the search for races would take them to be
 * ordered.
 *
 * Whether a step looks at the clock or moves it is known only when the step has
 * been done ("The clock" below).
 *
 * A location is identified by its address, within one execution.
 */
#include "internal.h"
#include <stdio.h>
#include <string.h>

#define INDEX_BITS 13
#define INDEX_SIZE (1u << INDEX_BITS)
#define MAX_LOCATIONS (INDEX_SIZE / 4 * 3)
#define MAX_FOREIGN 64

struct location {
	const void *addr;
	struct chunk *chunk;
	u32 last; /* the last step on the location, as a link */
	u32 number; /* for determinism.c; 0: none yet */
	u32 next; /* the next location in the chunk */
	u32 place; /* its place in the index */
	s8 most[MAX_THREADS]; /* of a counter: see note_most() */
};

/*
 * The locations in the order in which they were first accessed, and an index by
 * address, whose entries are void if they have another epoch than @epoch.
 */
static struct location locations[MAX_LOCATIONS + 1];
static struct {
	u32 epoch, location;
} locations_index[INDEX_SIZE];
static u32 epoch, nr_locations;
/* The accesses to the stacks of other threads in this execution. */
static struct {
	const void *addr;
	int depth, owner;
} foreign[MAX_FOREIGN];
static int nr_foreign;
/* Locations that stand for something other than memory. */
static char watch_key, alloc_key, fd_key, timeout_key, spurious_key;
static char clock_key;
NO_CHECKPOINT(locations);
NO_CHECKPOINT(locations_index);
NO_CHECKPOINT(epoch);
NO_CHECKPOINT(nr_locations);
NO_STATE(foreign);
NO_STATE(nr_foreign);
/* A hash of all @most. */
static u64 most_hash;
NO_STATE(most_hash);

/* The last location of a node is the clock; no step has as many others. */
#define CLOCK (NODE_LOCATIONS - 1)

/* The operation of a step, and the locations that it accesses. */
struct step {
	const struct iommufd_model_op *op;
	const void *addr[NODE_LOCATIONS];
	int nr;
};

/*
 * Called when the thread has come to an operation.  The thread is doomed if the
 * operation is in freed memory, or uses a pointer that was read from freed
 * memory.
 */
void explore_dpor_arrived(struct thread *thread)
{
	const struct chunk *chunk = explore_arena_chunk(thread->op->addr);
	const struct chunk *also = explore_arena_chunk(thread->task.also);

	if (explore_only_names(thread->op))
		return;
	thread->doomed = (chunk && chunk->freed_step >= 0) ||
			 (also && also->freed_step >= 0) ||
			 explore_arena_poison(thread->op->addr);
}

void explore_dpor_reset(void)
{
	nr_locations = nr_foreign = 0;
	most_hash = 0;
	if (!++epoch) {
		memset(locations_index, 0, sizeof(locations_index));
		epoch = 1;
	}
}

void explore_dpor_save(void)
{
	explore_checkpoint_put(&nr_locations, sizeof(nr_locations));
	explore_checkpoint_put(locations, nr_locations * sizeof(*locations));
}

u32 explore_dpor_nr_locations(void)
{
	return nr_locations;
}

void explore_dpor_restored(u32 nr_before)
{
	u32 i;

	for (i = nr_locations; i < nr_before; i++)
		locations_index[locations[i].place].epoch = epoch - 1;
}

/*
 * True if the invariant reads this location.
 *
 * The invariant can tell the order of steps that are otherwise independent.  So
 * every change of a location that it reads is also a step on one more location,
 * which all of these changes share.  The locations that it reads are learnt
 * while it runs; when it reads a new one, the search begins again.  Shards must
 * all walk the same tree, so with shards the invariant is taken to read every
 * location.  The same holds if it reads MAX_WATCHED locations or more.
 */
static bool is_watched(const struct search *search, const void *addr)
{
	int i;

	if (!search->nr_watched)
		return false;
	if (search->shards > 1 || search->nr_watched == MAX_WATCHED)
		return true;
	for (i = 0; i < search->nr_watched; i++)
		if (search->watched[i] == addr)
			return true;
	return false;
}

void explore_dpor_watch(struct search *search, const void *addr)
{
	if (is_watched(search, addr))
		return;
	search->watched[search->nr_watched++] = addr;
	search->restart |= search->depth > 0;
}

static bool changes_something(enum iommufd_model_op_kind kind)
{
	return (explore_is_counter(kind) && !explore_only_reads(kind)) ||
	       kind == IOMMUFD_MODEL_OP_WRITE_ONCE ||
	       kind == IOMMUFD_MODEL_OP_STORE_RELEASE ||
	       kind == IOMMUFD_MODEL_OP_COPY_TO_USER;
}

/* Return the place in the index of the location at @addr, or for it. */
static u32 place_of(const void *addr)
{
	u32 i = (u32)(((uintptr_t)addr >> 2) * 0x9e3779b97f4a7c15ull >>
		      (64 - INDEX_BITS));

	while (locations_index[i].epoch == epoch &&
	       locations[locations_index[i].location].addr != addr)
		i = (i + 1) % INDEX_SIZE;
	return i;
}

static struct location *find_location(struct execution *exec, const void *addr)
{
	u32 place = place_of(addr);
	struct location *loc;

	if (locations_index[place].epoch == epoch)
		return &locations[locations_index[place].location];
	loc = &locations[nr_locations];
	loc->addr = addr;
	loc->last = NO_LINK;
	loc->number = 0;
	loc->place = place;
	memset(loc->most, 0, sizeof(loc->most));
	loc->chunk = explore_arena_chunk(addr);
	if (loc->chunk) {
		loc->next = loc->chunk->first_location;
		loc->chunk->first_location = nr_locations;
	}
	if (nr_locations == MAX_LOCATIONS) {
		explore_fail(exec, IOMMUFD_MODEL_FAIL_STEP_LIMIT, NULL, NULL,
			     "more than %u variables in one execution",
			     MAX_LOCATIONS);
		return loc;
	}
	locations_index[place].epoch = epoch;
	locations_index[place].location = nr_locations++;
	return loc;
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

	for (link = loc->last; link != NO_LINK; link = f->prev[LINK_WHICH(link)]) {
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
 * least_value() depends on the order of the steps so far.  What follows does not:
 * for each thread, the most that its last steps on the counter add in all,
 * however many they are.  No order leaves out more.  It is a part of the state,
 * so that what it says of a step is true after all prefixes that lead to this
 * state.
 */

/* A number that is as large as this may be larger. */
#define MOST_MAX SCHAR_MAX

static void note_most(struct location *loc, int number, int delta)
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
 * Return a value that the counter, which is @v, does not fall below when thread
 * @number does its step, in any order of the steps of other threads.
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
 * Return the kind of conflict of an operation on a refcount_t.  @e is its
 * effect, @least the least value that it could find, and @any a limit of that in
 * any order.
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
 * step @e, which adds to the counter, could come before it.  least_value() of
 * @f has only seen the steps before @f.
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
static enum conflict atomic_conflict(const struct execution *exec,
				     const struct location *loc,
				     struct node *node,
				     const struct iommufd_model_op *op,
				     int number, const s16 *clock, long v,
				     long least)
{
	const long large = 1l << 28;

	if (!node->delta)
		return CONFLICT_READ;
	if (op->arg > large || op->arg < -large)
		return CONFLICT_WRITE;
	if (op->kind != IOMMUFD_MODEL_OP_ATOMIC_ADD && (v > large || v < -large))
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

/*
 * Return the kind of conflict of a counter operation.  @less: the counter could
 * be less by this amount than the value that least_value() finds.
 */
static enum conflict counter_conflict(const struct execution *exec,
				      const struct location *loc,
				      struct node *node,
				      const struct iommufd_model_op *op,
				      int number, const s16 *clock, int less)
{
	const struct search *search = exec->search;
	bool is_bit = iommufd_model_op_is_bit(op->kind);
	long v = explore_counter_value(op), least, any;
	struct effect e = explore_counter_effect(op, v);

	node->before = (int)v;
	node->delta = difference(e.value, v);
	if (explore_only_reads(op->kind))
		return is_bit ? CONFLICT_READ_BIT : CONFLICT_READ;
	if (search->opt.plain || e.misuse || is_watched(search, op->addr))
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

/* Fill in the next step of @thread. */
static void locations_of(const struct execution *exec, struct step *step,
			 const struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;

	step->op = op;
	step->nr = 1;
	step->addr[0] = op->addr;
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_FD_WRITE:
		/* Every such operation uses the lowest free descriptor. */
		step->addr[1] = &fd_key;
		step->nr = 2;
		break;
	case IOMMUFD_MODEL_OP_WAIT_PREPARE:
	case IOMMUFD_MODEL_OP_WAIT_PREPARE_EXCLUSIVE:
		if (thread->task.known)
			step->addr[step->nr++] = &thread->task;
		break;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		/*
		 * The second location is the thread, which others can wake
		 * without the queue.
		 */
		if (thread->task.known)
			step->addr[step->nr++] = &thread->task;
		/* Sleeps that can end early share a limit. */
		if (explore_thread_would_expire(exec, thread))
			step->addr[step->nr++] = &timeout_key;
		else if (explore_thread_would_rouse(exec, thread))
			step->addr[step->nr++] = &spurious_key;
		break;
	case IOMMUFD_MODEL_OP_RCU_CALLED:
	case IOMMUFD_MODEL_OP_RCU_BARRIER:
	case IOMMUFD_MODEL_OP_RCU_BARRIER_END:
		/* Both epochs of a domain have one location. */
		step->addr[0] = thread->task.also;
		break;
	case IOMMUFD_MODEL_OP_RCU_CALL:
	case IOMMUFD_MODEL_OP_RCU_END:
		/*
		 * The locations are the callback, if there is one, and the
		 * domain.
		 */
		step->addr[1] = thread->task.also;
		step->nr = 1 + (step->addr[1] != step->addr[0]);
		break;
	case IOMMUFD_MODEL_OP_WORK_QUEUE:
	case IOMMUFD_MODEL_OP_WORK_CANCEL:
	case IOMMUFD_MODEL_OP_TIMER_FIRE:
	case IOMMUFD_MODEL_OP_DONE:
		/* The locations are the item or the counter, and the queue. */
		step->addr[1] = thread->task.also;
		step->nr = 1 + (step->addr[1] != NULL);
		break;
	case IOMMUFD_MODEL_OP_WORK_FLUSH:
		/* The item, and the counter of the run that has ended or not. */
		if (thread->doomed)
			break;
		step->addr[1] =
			iommufd_model_item_looks_at((void *)op->addr, op->arg);
		step->nr = 1 + (step->addr[1] != NULL);
		break;
	case IOMMUFD_MODEL_OP_ALLOC:
		step->addr[0] = &alloc_key;
		step->nr = exec->search->opt.fail_nth != 0;
		break;
	case IOMMUFD_MODEL_OP_PIN_PAGE:
	case IOMMUFD_MODEL_OP_UNPIN_PAGE:
	case IOMMUFD_MODEL_OP_CHOOSE:
	case IOMMUFD_MODEL_OP_SPAWN:
	case IOMMUFD_MODEL_OP_JOIN:
	case IOMMUFD_MODEL_OP_RELAX:
	case IOMMUFD_MODEL_OP_IRQS_OFF:
	case IOMMUFD_MODEL_OP_IRQS_ON:
	case IOMMUFD_MODEL_OP_IRQ_ENTER:
	case IOMMUFD_MODEL_OP_IRQ_LEAVE:
		step->nr = 0;
		break;
	default:
		if (changes_something(op->kind) &&
		    is_watched(exec->search, op->addr))
			step->addr[step->nr++] = &watch_key;
		break;
	}
}

/* Sleep sets */

static bool in_chunk(const struct chunk *chunk, const void *addr)
{
	return chunk &&
	       (size_t)((const char *)addr - chunk->start) < chunk->size;
}

static const s16 *clock_of(const struct thread *thread)
{
	static const s16 zero[MAX_THREADS];

	return thread->clock ? thread->clock : zero;
}

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
	const struct location *loc = find_location(exec, op->addr);
	struct node mine = *node, theirs = *node;
	enum conflict a = (enum conflict)node->conflict[0], b = CONFLICT_ZERO;

	if (explore_is_counter(other->op->kind))
		b = counter_conflict(exec, loc, &theirs, other->op, number,
				     clock_of(other), taken_by(node));
	if (explore_is_counter(op->kind) && b != CONFLICT_ZERO)
		a = counter_conflict(exec, loc, &mine, op, node->thread,
				     clock_of(&exec->threads[node->thread]),
				     taken_by(&theirs));
	return explore_conflict_bit_relation(a, BIT_OF(op), b,
					     BIT_OF(other->op)) ==
		       INDEPENDENT &&
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
		       node->flags[i],
		       explore_conflict_epoch_flags(other), 0,
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
	    exec->search->opt.plain || step->addr[i] == &watch_key) {
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

static int processor_of(const struct execution *exec, int number)
{
	int interrupts = exec->threads[number].interrupts;

	return interrupts < 0 ? number : interrupts;
}

/*
 * True if @op, of thread @a, begins or ends a handler that shares its processor
 * with thread @b, or if the next step of @b begins such a handler.
 */
static bool share_processor(const struct execution *exec, int a,
			    const struct iommufd_model_op *op, int b)
{
	if (processor_of(exec, a) != processor_of(exec, b))
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
	    in_chunk(explore_arena_chunk(op->addr), other->addr))
		return false;
	if (other->kind == IOMMUFD_MODEL_OP_FREE &&
	    in_chunk(explore_arena_chunk(other->addr), op->addr))
		return false;
	if (exec->handlers && share_processor(exec, node->thread, op, number))
		return false;
	locations_of(exec, &theirs, &exec->threads[number]);
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
	locations_of(exec, &a, &exec->threads[other]);
	locations_of(exec, &b, &exec->threads[number]);
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

static void compute_sleep(struct execution *exec, const struct node *node,
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

/* Races */

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
 * Try one of the threads @initials at @node; @rather that one, if it is among
 * them.  If the backtrack set or the sleep set has one of them, there is nothing
 * to do.  If none of them can go on at that node, every thread that can is tried.
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
	if (first < search->top)
		return;
	try_one(&search->nodes[first],
		initials_of(search, first, second, second),
		search->nodes[second].thread);
}

struct races {
	s16 clock[MAX_THREADS]; /* the vector clock of the step */
	s16 covered[MAX_THREADS]; /* that clock without ORDERED steps */
	int nr;
	int depth[64];
};
/* The races of the step that was done last. */
static struct races last_races;
NO_CHECKPOINT(last_races);

/* Order the step of @races after @f.  @racing: it could have come before @f. */
static void comes_after(struct search *search, struct races *races,
			const struct node *f, bool racing)
{
	join(races->clock, f->clock);
	if (!racing)
		return;
	join(races->covered, f->clock);
	if (races->nr < (int)ARRAY_SIZE(races->depth))
		races->depth[races->nr++] = (int)(f - search->nodes);
}

static void walk_location(struct execution *exec, struct races *races,
			  const struct location *loc, const struct node *e,
			  int ei)
{
	struct search *search = exec->search;
	enum relation how;
	const struct node *f;
	bool covered;
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
		covered = f->index <= races->covered[f->thread];
		if (!covered)
			comes_after(search, races, f, how == RACING);
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

	return f->conflict[LINK_WHICH(link)] == CONFLICT_AFTER && thread->ended &&
	       f->index == thread->steps &&
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
	const struct node *f;
	int nr = 0, i, j;
	u32 link, loc;

	for (loc = chunk->first_location; loc != NO_LINK;
	     loc = locations[loc].next) {
		for (link = locations[loc].last; link != NO_LINK;
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

/* True if thread @number has done a step after @f, or is about to do one. */
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

/* True if thread @number, a handler, could have begun before step @f. */
static bool could_interrupt(const struct execution *exec, const struct node *f,
			    int number)
{
	return processor_of(exec, f->thread) ==
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
	join(races->clock, clock_of(thread));
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
 * again: a thread may be found then that has to go on before that of the step.
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
	const s16 *before = clock_of(&exec->threads[number]);
	struct search *search = exec->search;
	int i;

	races->nr = 0;
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

static u8 flags_of(const struct thread *thread, enum conflict conflict,
		   bool queue)
{
	switch (conflict) {
	case CONFLICT_LOCK:
		return (u8)explore_conflict_lock_flags(thread, queue);
	case CONFLICT_READ_BIT:
	case CONFLICT_WRITE_BIT:
		return BIT_OF(thread->op);
	default:
		return 0;
	}
}

/* True if @op queues or cancels an item whose state it does not change. */
static bool changes_no_queue(const struct iommufd_model_op *op)
{
	const struct iommufd_model_item *item = op->addr;

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_WORK_QUEUE:
		return item->generation == iommufd_model_generation &&
		       item->state && !(op->arg & ARM_CHANGES);
	case IOMMUFD_MODEL_OP_WORK_CANCEL:
		return !item_is_pending(item);
	default:
		return false;
	}
}

/*
 * Fill in location @i of a step that enters or leaves an epoch, or waits for
 * one.  If the step has two locations, the second is the epoch, and the first
 * is memory that must not be freed, or that the step changes.
 */
static void fill_epoch(struct node *node, const struct step *step, int i)
{
	const struct iommufd_model_op *op = step->op;

	if (i != step->nr - 1) {
		if (op->kind == IOMMUFD_MODEL_OP_RCU_END)
			node->conflict[i] = CONFLICT_NONE;
		return;
	}
	/* The location is an item that is in no queue, or a counter. */
	if (!i && node->conflict[0] != CONFLICT_EPOCH)
		return;
	node->conflict[i] = CONFLICT_EPOCH;
	node->flags[i] = (u8)explore_conflict_epoch_flags(op);
	if (changes_no_queue(op))
		node->conflict[i] = CONFLICT_NONE;
	else if (op->kind == IOMMUFD_MODEL_OP_WORK_CANCEL)
		node->delta = ((const struct iommufd_model_item *)op->addr)
				      ->section;
}

static void fill_node(struct execution *exec, struct node *node,
		      const struct step *step, struct location **locs,
		      int number, bool queue)
{
	const struct iommufd_model_op *op = step->op;
	struct thread *thread = &exec->threads[number];
	enum conflict conflict = explore_conflict_next(exec, thread);
	int i;

	node->kind = (u8)op->kind;
	node->site = op->site;
	node->thread = (u8)number;
	node->index = (u16)(thread->steps + 1);
	node->before = 0;
	node->delta = (int)op->arg;
	node->certain = 0;
	/* Clear what an earlier execution left in this node. */
	for (i = 0; i < NODE_LOCATIONS; i++)
		node->conflict[i] = CONFLICT_NONE;
	if (explore_is_counter(op->kind))
		conflict = counter_conflict(exec, locs[0], node, op, number,
					    clock_of(thread), 0);
	else if (conflict == CONFLICT_ZERO || op->kind == IOMMUFD_MODEL_OP_DONE)
		node->before = (int)explore_counter_value(op);
	for (i = 0; i < step->nr; i++) {
		node->conflict[i] = (u8)conflict;
		node->flags[i] = flags_of(thread, conflict, queue);
		if (step->addr[i] == &watch_key ||
		    step->addr[i] == &timeout_key ||
		    step->addr[i] == &spurious_key)
			node->conflict[i] = CONFLICT_WRITE;
		if (explore_conflict_epoch_flags(op))
			fill_epoch(node, step, i);
	}
}

/* Store that thread @number is about to free @chunk. */
static void note_free(struct execution *exec, struct chunk *chunk, int number,
		      const struct iommufd_model_op *op)
{
	int i;

	chunk->freed_step = exec->record ? exec->record->nr_steps - 1 :
					   exec->search->depth;
	chunk->freed_by = number;
	chunk->freed_at = op->site;
	for (i = 0; i < exec->nr_threads; i++)
		if (!exec->threads[i].ended && i != number &&
		    !explore_only_names(exec->threads[i].op) &&
		    (in_chunk(chunk, exec->threads[i].op->addr) ||
		     in_chunk(chunk, exec->threads[i].task.also)))
			exec->threads[i].doomed = true;
}

static bool use_after_free(struct execution *exec,
			   const struct iommufd_model_op *op,
			   struct location *loc)
{
	bool frees = op->kind == IOMMUFD_MODEL_OP_FREE;
	const char *how = frees ? "," : " in";
	struct chunk *chunk = loc->chunk;
	char what[RECORD_TEXT / 2];

	if ((chunk && chunk->freed_step < 0) ||
	    op->kind == IOMMUFD_MODEL_OP_AFTER || explore_only_names(op))
		return false;
	if (!chunk) {
		chunk = explore_arena_poison(op->addr);
		how = ", by a pointer read from";
	}
	if (!chunk)
		return false;
	snprintf(what, sizeof(what), "%s of %s%s",
		 iommufd_model_op_name(op->kind), op->site->what, how);
	explore_fail_freed(exec,
			   frees && loc->chunk ?
				   IOMMUFD_MODEL_FAIL_DOUBLE_FREE :
				   IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
			   op->site, chunk, what);
	return true;
}

/*
 * Stacks
 *
 * An operation of one thread may access the stack of another.  A function's
 * return frees its stack frame, but no step does that: it is a part of what a
 * thread does between two operations, or after its last one.  So the accesses to
 * a stack by other threads are noted.  When a thread has returned, its last step
 * races with each of these that is in a frame which is gone.
 */

/* True if @addr is on the stack of thread @number. */
static bool on_stack(const struct execution *exec, int number, const void *addr)
{
	return (uintptr_t)addr >= exec->stacks_from &&
	       (uintptr_t)addr < exec->stacks_to &&
	       explore_fiber_has(&exec->threads[number].fiber, addr);
}

/*
 * Return the thread, other than @number, on whose stack the operation is; -1:
 * it is on none.
 */
static int owner_of_stack(const struct execution *exec, int number,
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
 * If the thread has ended, all of them have.  Otherwise every frame below the
 * address of its next operation has ended.  (A frame a little above that address
 * may have ended, too; such an access is not found.)
 */
static bool is_gone(const struct thread *thread, const void *addr)
{
	return thread->ended || (const char *)addr <= (const char *)thread->op;
}

static bool use_of_gone_stack(struct execution *exec, int owner,
			      const struct iommufd_model_op *op)
{
	char name[RECORD_NAME];

	if (owner < 0 || !is_gone(&exec->threads[owner], op->addr))
		return false;
	explore_fail(exec, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE, op->site, NULL,
		     "%s of %s, which was on the stack of %s in a function "
		     "that has returned",
		     iommufd_model_op_name(op->kind), op->site->what,
		     explore_thread_name(exec, owner, name, sizeof(name)));
	return true;
}

/* The step at this depth accesses the stack of thread @owner. */
static void note_foreign(struct search *search, int owner, const void *addr)
{
	search->next_sleep &= (u16)~BIT16(owner);
	if (nr_foreign == MAX_FOREIGN)
		return;
	foreign[nr_foreign].addr = addr;
	foreign[nr_foreign].depth = search->depth;
	foreign[nr_foreign++].owner = owner;
}

/* Forget the accesses to the stack of thread @number, which has ended. */
static void forget_foreign(int number)
{
	int i, nr = 0;

	for (i = 0; i < nr_foreign; i++)
		if (foreign[i].owner != number)
			foreign[nr++] = foreign[i];
	nr_foreign = nr;
}

/* A thread whose next step is on memory that is gone must not stay asleep. */
static void wake_for_stack(struct execution *exec, int number)
{
	struct search *search = exec->search;
	unsigned int rest;
	int i;

	for (rest = search->next_sleep; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (owner_of_stack(exec, i, exec->threads[i].op) == number)
			search->next_sleep &= (u16)~BIT16(i);
	}
}

static void find_stack_races(struct execution *exec, struct node *last,
			     const struct thread *thread, int number)
{
	struct search *search = exec->search;
	struct node access = {
		.thread = (u8)number,
		.conflict = { CONFLICT_WRITE },
	};
	const void *key = thread;
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
	explore_states_access(exec, &access, search->depth - 1, &key, 1);
}

void explore_dpor_left(struct execution *exec, struct thread *thread)
{
	struct search *search = exec->search;
	int number = (int)(thread - exec->threads), last = search->depth - 1;

	if (search->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE &&
	    !search->dead && last >= 0 &&
	    search->nodes[last].thread == number &&
	    search->depth >= search->forced) {
		find_stack_races(exec, &search->nodes[last], thread, number);
		wake_for_stack(exec, number);
	}
	if (thread->ended)
		forget_foreign(number);
}

/* Return the number of the location of a step; 0: it has none in memory. */
static u32 location_number(struct execution *exec, const struct step *step,
			   struct location *loc)
{
	if (!step->nr || step->addr[0] != step->op->addr)
		return 0;
	if (!loc->number)
		loc->number = ++exec->nr_locations;
	return loc->number;
}

/* Called when thread @number, a handler, does a step. */
static void note_interrupt(struct execution *exec, int number,
			   const struct iommufd_model_op *op)
{
	struct thread *thread =
		&exec->threads[exec->threads[number].interrupts];

	if (op->kind == IOMMUFD_MODEL_OP_IRQ_ENTER) {
		thread->interrupted_by = number;
		thread->entered_at = exec->search->depth;
	} else if (op->kind == IOMMUFD_MODEL_OP_IRQ_LEAVE) {
		thread->interrupted_by = -1;
		thread->left_at = exec->search->depth;
	}
}

/*
 * The clock
 *
 * A timeout moves the clock forward to its deadline, and so does the end of a
 * delay.  Code of another thread can look at the clock: for example, where a
 * sleep begins, as its deadline is a time of the clock.  Such code runs after a
 * step that need not have to do with time, and only then is it known that it
 * looks.  So the clock is a location that is added to a step after the step.
 * Moves are independent of each other: in every order the clock ends at the
 * latest of their times.
 *
 * The races of the step are known by then.  All that happened before the step
 * happened before the code that follows it, so only concurrent steps race with
 * the look.
 */

/* The step of @node is the last one that looks at the clock, or moves it. */
static void link_clock(struct execution *exec, struct node *node)
{
	struct location *loc = find_location(exec, &clock_key);

	node->prev[CLOCK] = loc->last;
	node->flags[CLOCK] = 0;
	loc->last = LINK((u32)(node - exec->search->nodes), CLOCK);
}

/*
 * The step chooses its next value.  After the last one its thread may have looked
 * at the clock, or have returned from a function, and after this one it need not.
 */
static void forget_value(struct execution *exec, struct node *node,
			 const struct step *step, struct location **locs,
			 int number)
{
	if (node->conflict[CLOCK] == CONFLICT_NONE && !exec->on_stacks)
		return;
	node->conflict[CLOCK] = CONFLICT_NONE;
	find_races(exec, node, step, locs, number, &last_races);
}

/*
 * Remove the threads from the sleep set whose next step conflicts with what the
 * step of @node did to the clock.
 */
static void wake_for_clock(struct execution *exec, struct node *node,
			   enum conflict conflict)
{
	struct search *search = exec->search;
	unsigned int rest, moves = node->moves;
	int i;

	for (rest = search->next_sleep; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (exec->threads[i].op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP &&
		    explore_thread_would_expire(exec, &exec->threads[i]))
			moves |= 1u << i;
	}
	if (conflict != CONFLICT_READ) {
		node->moves |= BIT16(node->thread);
		search->next_sleep &= (u16)~node->looks;
	}
	if (conflict != CONFLICT_ADD) {
		node->looks |= BIT16(node->thread);
		search->next_sleep &= (u16)~moves;
	}
}

static void find_clock_races(struct execution *exec, struct node *node)
{
	struct search *search = exec->search;
	int depth = (int)(node - search->nodes), i, nr = last_races.nr;
	/* A timeout that was not early could have been, if the limit allows. */
	bool late = exec->expired && !(node->early & BIT16(node->thread));
	const void *key = &clock_key;
	const struct node *f;
	struct node access = {
		.thread = node->thread,
		.kind = node->kind,
		.conflict = { node->conflict[CLOCK] },
	};
	struct location before = *find_location(exec, &clock_key);

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
	explore_states_access(exec, &access, depth, &key, 1);
}

void explore_dpor_clock(struct execution *exec, bool moves)
{
	struct search *search = exec->search;
	enum conflict conflict = moves ? CONFLICT_ADD : CONFLICT_READ, was;
	struct node *node;

	if (!search->depth || search->dead)
		return;
	node = &search->nodes[search->depth - 1];
	was = (enum conflict)node->conflict[CLOCK];
	if (was == conflict || was == CONFLICT_WRITE)
		return;
	if (was == CONFLICT_NONE)
		link_clock(exec, node);
	else
		conflict = CONFLICT_WRITE;
	node->conflict[CLOCK] = (u8)conflict;
	if (search->opt.mode != IOMMUFD_MODEL_MODE_EXHAUSTIVE &&
	    search->opt.mode != IOMMUFD_MODEL_MODE_REPLAY)
		return;
	find_clock_races(exec, node);
	wake_for_clock(exec, node, conflict);
}

bool explore_dpor_step(struct execution *exec, int number, bool queue)
{
	struct search *search = exec->search;
	int depth = search->depth, owner, i;
	struct node *node = &search->nodes[depth];
	struct thread *thread = &exec->threads[number];
	bool again = explore_choice_again(search, node);
	bool known = depth + 1 < search->forced || again;
	bool reduce = search->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE &&
		      !search->dead;
	/*
	 * A replay needs clocks to decide about operations as the search did.
	 */
	bool clocks = reduce || search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY;
	struct location *locs[NODE_LOCATIONS] = { NULL };
	struct step step;

	if (!explore_determinism_check_write(exec))
		return false;
	if (search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY &&
	    !explore_fingerprint_step(exec, number, thread->op))
		return false;
	owner = owner_of_stack(exec, number, thread->op);
	if (use_of_gone_stack(exec, owner, thread->op))
		goto failed;
	locations_of(exec, &step, thread);
	for (i = 0; i < step.nr; i++) {
		locs[i] = find_location(exec, step.addr[i]);
		if (use_after_free(exec, step.op, locs[i]))
			goto failed;
	}
	if (!known) {
		fill_node(exec, node, &step, locs, number, queue);
		explore_determinism_note(exec, node, step.op,
					 location_number(exec, &step, locs[0]));
		if (clocks)
			find_races(exec, node, &step, locs, number,
				   &last_races);
		if (reduce) {
			compute_sleep(exec, node, &step);
			explore_states_step(exec, node, step.op);
			explore_states_access(exec, node, depth, step.addr,
					      step.nr);
		}
	} else if (!explore_determinism_check(exec, node, step.op,
					      location_number(exec, &step,
							      locs[0]))) {
		goto failed;
	} else if (again && reduce) {
		forget_value(exec, node, &step, locs, number);
		compute_sleep(exec, node, &step);
		explore_states_step(exec, node, step.op);
	} else if (reduce) {
		explore_states_known(search, node);
	}
	for (i = 0; i < step.nr; i++) {
		node->prev[i] = locs[i]->last;
		locs[i]->last = LINK((u32)depth, (u32)i);
	}
	if (explore_is_counter(node->kind))
		note_most(locs[0], number, node->delta);
	if (node->conflict[0] == CONFLICT_LOCK)
		explore_states_lock(search, number, step.addr[0],
				    node->flags[0]);
	if (node->conflict[CLOCK] != CONFLICT_NONE)
		link_clock(exec, node);
	if (owner >= 0)
		note_foreign(search, owner, thread->op->addr);
	if (step.op->kind == IOMMUFD_MODEL_OP_FREE && locs[0]->chunk)
		note_free(exec, locs[0]->chunk, number, step.op);
	if (node->conflict[0] == CONFLICT_WAKE)
		iommufd_model_waker = depth;
	if (thread->interrupts >= 0)
		note_interrupt(exec, number, step.op);
	thread->steps++;
	thread->clock = node->clock;
	if (__builtin_expect(search->nr_loops, 0))
		explore_spin_stepped(exec, number, node, step.op);
	if (explore_is_observable(step.op))
		exec->fresh &= (u16)~BIT16(number);
	search->depth++;
	return true;
failed:
	/* The schedule of the failure has the step that shows it. */
	search->depth++;
	return false;
}

/* Find the races of the step that thread @number would do next. */
static void find_races_of_next(struct execution *exec, int number)
{
	struct node *node = &exec->search->nodes[exec->search->depth];
	struct location *locs[NODE_LOCATIONS];
	struct races races;
	struct step step;
	int i;

	exec->expired = false;
	locations_of(exec, &step, &exec->threads[number]);
	for (i = 0; i < step.nr; i++)
		locs[i] = find_location(exec, step.addr[i]);
	fill_node(exec, node, &step, locs, number, false);
	find_races(exec, node, &step, locs, number, &races);
	explore_states_access(exec, node, exec->search->depth - 1, step.addr,
			      step.nr);
}

/* Return the location at @addr if it was accessed, or NULL. */
static struct location *known_location(const void *addr)
{
	u32 place = place_of(addr);

	return locations_index[place].epoch == epoch ?
		       &locations[locations_index[place].location] :
		       NULL;
}

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
	if (access->addr == &clock_key || on_stack(exec, number, access->addr))
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

/* Add to each @begins[] the threads that the ones in it depend on, in turn. */
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

void explore_dpor_begins(const struct execution *exec,
			 const struct access *accesses,
			 const struct access_set *set, u16 begins[MAX_THREADS])
{
	struct step step[MAX_THREADS];
	const struct access *access;
	unsigned int rest;
	u64 bits;
	int i, t;

	for (i = 0; i < MAX_THREADS; i++)
		begins[i] = BIT16(i);
	for (rest = exec->alive; rest; rest &= rest - 1) {
		t = __builtin_ctz(rest);
		locations_of(exec, &step[t], &exec->threads[t]);
	}
	for (i = 0; i < ACCESS_WORDS; i++)
		for (bits = set->bits[i]; bits; bits &= bits - 1) {
			access = &accesses[i * 64 + __builtin_ctzll(bits)];
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
 * An access of thread @number, in a subtree that is known, races with the step at
 * @depth.  An execution is to be tried that does the access before that step.  It
 * begins with the steps after @depth that do not happen after the step there.  If
 * there are none, one of the threads @begins begins it.
 */
static void try_before(struct search *search, int depth, int number, u16 begins)
{
	struct node *node = &search->nodes[depth];
	u16 initials;

	if (depth < search->top)
		return;
	initials = initials_of(search, depth, search->depth - 1, -1);
	if (!initials && begins & node->enabled)
		node->backtrack |= begins & node->enabled;
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
	memset(races.clock, 0, sizeof(races.clock));
	if (number < exec->nr_threads && thread->clock)
		memcpy(races.clock, thread->clock, sizeof(races.clock));
	for (i = 0; i < nr; i++) {
		loc = known_location(locks[i].addr);
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
			  const s16 clock[MAX_THREADS], u16 begins)
{
	const struct thread *thread = &exec->threads[access->thread];
	const struct location *loc = known_location(access->addr);
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
		try_before(exec->search, races.depth[i], access->thread,
			   begins);
	for (i = 0; access->addr == thread && i < nr_foreign; i++)
		if (foreign[i].owner == access->thread)
			try_before(exec->search, foreign[i].depth,
				   access->thread, begins);
}

/*
 * The execution ends while thread @number sleeps.  The sleep could have ended
 * early before the last step that the thread need not wait for.
 */
static void try_early(struct execution *exec, int number)
{
	struct search *search = exec->search;
	const struct thread *thread = &exec->threads[number];
	const struct node *f = &search->nodes[search->depth];
	const s16 *clock = clock_of(thread);

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

/* Find the races of all threads that are left, apart from those in @but. */
static void find_races_of_blocked(struct execution *exec, u16 but)
{
	int number;

	for (number = 0; number < exec->nr_threads; number++) {
		if (exec->threads[number].ended || but & BIT16(number))
			continue;
		find_races_of_next(exec, number);
		try_early(exec, number);
	}
}

void explore_dpor_blocked(struct execution *exec)
{
	const struct search *search = exec->search;

	if (search->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE && !search->dead)
		find_races_of_blocked(exec, 0);
}

/*
 * All threads that can go on are in the sleep set.  A thread that cannot go on
 * could have gone on before a step that keeps it from that.  The searches that the
 * sleep set stands for need not come here with the same threads blocked.
 */
void explore_dpor_asleep(struct execution *exec, const struct node *node)
{
	find_races_of_blocked(exec, node->enabled);
}

void explore_dpor_never(struct execution *exec, int number)
{
	const struct search *search = exec->search;
	bool expired = exec->expired;

	/* The races of known steps were found in an earlier execution. */
	if (search->opt.mode != IOMMUFD_MODEL_MODE_EXHAUSTIVE || search->dead ||
	    search->depth < search->forced ||
	    search->depth >= MAX_STEPS)
		return;
	find_races_of_next(exec, number);
	exec->expired = expired;
}

void explore_dpor_retire(struct execution *exec, int number)
{
	forget_foreign(number);
	explore_dpor_never(exec, number);
}
