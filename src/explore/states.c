// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * States that were explored before.
 *
 * Two prefixes of executions that are not equivalent often lead to the same
 * state: a lock was taken in one order or in the other, and no thread can tell.
 * What follows is the same then, and need be explored only once.
 *
 * When is it the same state?  The explorer does not see the local variables of
 * a thread.  But between two operations no other thread runs, so what a thread
 * does up to its next operation is a function of three things: what it did
 * before, the result of its operation, and the plain memory at that moment.  So
 * each thread has a history, a hash of these for all its operations.  The plain
 * memory is hashed as a whole; left out are the variables that only operations
 * look at, which are counters and locks: their values are in the results.  A
 * state is the history of each thread, all of the memory, and what the explorer
 * itself knows (how each thread waits, the clock, what was used of the limits).
 *
 * For that the explorer must know all memory that threads share: the arena, and
 * what the test lists in its member memory.  An operation on other memory, or
 * of a kind whose effect is not in this memory, ends the use of states: the
 * search begins again without them, and the verdict says why.
 *
 * Or the test says that its threads share only static variables and the arena.
 * Then a state is all of this, with the stacks and the registers of the threads
 * (memory.c), in place of histories.  It is compared only at nodes at which paths
 * are likely to meet; at the others nothing is stored either.
 *
 * A state is stored when the subtree below it is done, with the sleep set that
 * it had and with all accesses in the subtree.  All executions from that state on
 * were tried, apart from those that a thread of that set could begin.  So if the
 * search comes to the state again, it tries those threads of the stored sleep set
 * that are not in the sleep set now.  No other thread needs to be tried, but the
 * others are not added to the sleep set, since executions that begin with a thread
 * that is tried now, and in which they come later, were not tried.  A thread that is
 * in the sleep set now and not in the stored one is removed, so that the state can be
 * stored with what the two sets have in common.
 *
 * If there is no thread to try, the execution is cut off.  In any case, the steps
 * of the stored subtree would have followed, and may race with steps of the prefix.
 * So each stored access is compared with the prefix as if its thread did it next.
 * Where it races, a thread is added to the threads to be tried with which the
 * steps up to the access can begin.  These are the steps of the prefix that follow
 * and do not depend on the one it races with; if there are none, the steps are
 * those of the subtree, whose order is not known, so its own thread is added, or, if
 * that is asleep or cannot go on there, all threads that can begin them
 * (dpor_races.c).  This is more than necessary.  It is less with locks: each access is
 * stored with the locks that its thread holds at the access, and those that the thread
 * does not hold yet in the state it takes first.  Which additions to a counter commute depends on the
 * steps before.  Only those that commute after all steps that lead to the state are
 * stored as additions, and the others as writes.
 *
 * Plain accesses are another matter (plain.c).
 *
 * A subtree in which an execution failed is not stored, as the steps that the
 * failure prevented are not known.
 *
 * If threads wait in loops (spin.c), the state has all that decides how long they
 * wait.  Loops may be cut short because they have come back to a time on the path
 * (spin_rounds.c): what follows is explored from there.  So the states behind that
 * time are not stored.
 *
 * All jobs use one table (known.c).  A job that has learnt something stores nothing
 * until it has begun again, so a subtree that another job finds is complete.
 *
 * A state is a hash of 64 bits: among a million states, two different ones are
 * taken for one with a probability of 3 in 100 million.
 */
#include "internal.h"
#include <iommufd_model/kernel/slab.h>
#include <stdio.h>
#include <string.h>

#define MAX_OPAQUE 64
#define MAX_BYTES (256ul << 10) /* the largest size of one piece of memory */
#define NR_PIECES (IOMMUFD_MODEL_MAX_MEMORY + 1)

/* A variable that only operations look at. */
struct opaque {
	uintptr_t addr;
	size_t size;
};

/*
 * struct states
 * @off: states are not used; @why says why
 * @full: there was no room for a state
 * @waits: states are not used while the search is short; @ready: it has turned out
 *	to be long
 * @at: for each node of the path, the key of the state before its step (0: it
 *	is not stored), the hash of the plain memory there, and the accesses of
 *	the subtree so far, first those of its steps; @above: the depth of the last
 *	node above it that is to be stored, or -1
 * @known: the states that are known
 */
struct states {
	bool off, full, waits, ready;
	char why[80];
	int nr_opaque;
	struct opaque opaque[MAX_OPAQUE];
	struct known *known;
	struct {
		u64 key, plain;
		bool tainted;
		int above;
		struct access_set accesses;
		struct plain_set watched;
	} at[MAX_STEPS + 1];
};

/*
 * A piece of memory; @mask has a one in each bit of the bytes that are not plain.
 * @marked: @mask has no ones from there on, so most of its pages are never touched.
 */
struct piece {
	const char *start;
	size_t size, marked;
	u64 mask[MAX_BYTES / 8];
};
static struct piece *pieces;
static int nr_pieces, opaque_in_masks;
static u64 histories[MAX_THREADS];
/*
 * The locks that a thread holds, in the order of their addresses, and their
 * number in the table.  @lost: it held too many.
 */
static struct {
	struct lockset set;
	u32 number;
	bool lost;
} held[MAX_THREADS];
NO_CHECKPOINT(pieces);
NO_CHECKPOINT(nr_pieces);
NO_CHECKPOINT(opaque_in_masks);
NO_STATE(histories);
NO_STATE(held);

size_t explore_states_size(void)
{
	return sizeof(struct states);
}

void explore_states_init(struct states *states, struct known *known)
{
	states->known = known;
}

void explore_states_clear(struct search *search)
{
	if (!search->states)
		return;
	explore_known_clear(search->states->known);
	if (search->states->ready)
		search->states->waits = false;
}

bool explore_states_used(const struct search *search)
{
	return search->states && !search->states->off &&
	       !search->states->waits &&
	       search->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE;
}

bool explore_states_wanted(const struct search *search)
{
	return search->states && !search->states->off &&
	       iommufd_model_watched_files &&
	       search->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE;
}

bool explore_states_settled(const struct search *search)
{
	const struct states *states = search->states;

	return !states || states->off || !states->waits;
}

void explore_states_give(struct search *to, const struct search *from,
			 int depth)
{
	const size_t size = offsetof(struct states, at) +
			    sizeof(to->states->at[0]) * (size_t)(depth + 1);
	bool full;

	if (!from->states)
		return;
	full = to->states->full;
	memcpy(to->states, from->states, size);
	to->states->full |= full;
}

struct known *explore_states_known_of(const struct search *search)
{
	return search->states->known;
}

struct plain_set *explore_states_plain(const struct search *search, int *depth)
{
	struct states *states = search->states;
	int at = *depth;

	if (at >= 0 && !states->at[at].key)
		at = states->at[at].above;
	if (at < 0)
		return NULL;
	*depth = states->at[at].above;
	return &states->at[at].watched;
}

/* True if threads share only static variables, the arena and stacks. */
static bool is_whole(const struct execution *exec)
{
	return exec->test->memory[0].size == SIZE_MAX;
}

static void set_off(struct states *states, const char *why, const char *what)
{
	states->off = true;
	snprintf(states->why, sizeof(states->why), "%s%s", why, what);
}

/* Stop the use of states, and begin the search again. */
static void turn_off(struct search *search, const char *why, const char *what)
{
	if (search->states->off)
		return;
	set_off(search->states, why, what);
	search->restart = true;
}

void explore_states_turn_off(struct search *search, const char *why)
{
	turn_off(search, why, "");
}

void explore_states_told(const struct search *search,
			 struct iommufd_model_explore_result *r)
{
	const struct states *states = search->states;

	if (!states)
		return;
	if (!states->off)
		r->states = explore_known_nr(states->known);
	r->states_full |= states->full;
	if (states->off)
		snprintf(r->no_states, sizeof(r->no_states), "%s", states->why);
}

/* Hashes */

static inline u64 mix(u64 hash, u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

/*
 * Hash the @size bytes at @from: all of them in @all, and those that are plain
 * in @plain.
 */
static void hash_bytes(const struct piece *piece, const char *from, size_t size,
		       u64 *all, u64 *plain)
{
	const u64 *mask = piece->mask + (size_t)(from - piece->start) / 8;
	u64 a = *all, p = *plain, word;

	for (; size >= 8; size -= 8, from += 8) {
		memcpy(&word, from, 8);
		a = mix(a, word);
		p = mix(p, word & ~*mask++);
	}
	if (size) {
		word = 0;
		memcpy(&word, from, size);
		a = mix(a, word);
		p = mix(p, word & ~*mask);
	}
	*all = a;
	*plain = p;
}

/* Returns false if the arena has memory for which its piece has no mask. */
static bool hash_arena(u64 *all, u64 *plain)
{
	const struct piece *arena = &pieces[nr_pieces - 1];
	const struct chunk *chunk = NULL;
	const size_t header = iommufd_model_slab_header();
	bool freed, shut;

	while ((chunk = explore_arena_next(chunk))) {
		if (chunk->start + chunk->size > arena->start + arena->size)
			return false;
		freed = chunk->freed_step >= 0;
		shut = freed && explore_arena_shut();
		*all = mix(*all, chunk->size << 1 | freed);
		*plain = mix(*plain, chunk->size << 1 | shut);
		/* If freed memory must not be read, only its size is hashed. */
		if (shut)
			continue;
		hash_bytes(arena, chunk->start + header, chunk->size - header,
			   all, plain);
	}
	return true;
}

static bool hash_memory(u64 *all, u64 *plain)
{
	int i;

	*all = *plain = 1;
	for (i = 0; i < nr_pieces - 1; i++)
		hash_bytes(&pieces[i], pieces[i].start, pieces[i].size, all,
			   plain);
	return hash_arena(all, plain);
}

static u64 hash_thread(const struct execution *exec, int number)
{
	const struct thread *t = &exec->threads[number];
	const struct watch_thread *w = &iommufd_model_watch.threads[number];
	u64 hash = mix(histories[number], (u64)number + 1);

	if (t->ended)
		return mix(hash, 1);
	/* This decides with which accesses the thread's next ones race. */
	hash = mix(hash, (u64)w->reader | (u64)w->writers << 1 |
				 (u64)w->hidden << 32);
	hash = mix(hash, t->task.state | (u64)t->task.contexts << 32);
	return mix(hash, (u64)t->timed << 1 | (u64)t->over << 2 |
				 (u64)t->queued << 3 | (u64)t->doomed << 4 |
				 (t->timed ? t->deadline << 8 : 0));
}

/*
 * Several processes share the table.  What one has stored is found by another one
 * only if their arenas and stacks are at the same addresses.
 */
static u64 hash_state(const struct execution *exec, u64 memory)
{
	u64 hash = mix(memory, jiffies);
	int i;

	hash = mix(mix(hash, exec->arena), exec->stacks_from);
	hash = mix(hash, explore_dpor_most());
	hash = mix(hash, explore_known_shared(exec->search->states->known));
	hash = mix(hash, iommufd_model_lock_orders());
	hash = mix(hash, iommufd_model_missing_warnings());
	hash = mix(hash, (u64)exec->timeouts << 32 | (u64)exec->spurious);
	hash = mix(hash,
		   (u64)exec->failed_allocs << 32 | (u64)exec->short_copies);
	for (i = 0; i < exec->nr_threads; i++)
		hash = mix(hash, hash_thread(exec, i));
	return hash;
}

/* Variables that only operations look at */

/*
 * Return the size of the variable at op->addr if only operations look at it; 0:
 * it is another variable.
 */
static size_t opaque_size(const struct iommufd_model_op *op)
{
	if (explore_only_names(op))
		return 0;
	switch (explore_conflict_of(op->kind)) {
	case CONFLICT_LOCK:
		switch (op->kind) {
		case IOMMUFD_MODEL_OP_MUTEX_LOCK:
		case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
		case IOMMUFD_MODEL_OP_MUTEX_UNLOCK:
			return sizeof(struct mutex);
		case IOMMUFD_MODEL_OP_SPIN_LOCK:
		case IOMMUFD_MODEL_OP_SPIN_TRYLOCK:
		case IOMMUFD_MODEL_OP_SPIN_UNLOCK:
			return sizeof(spinlock_t);
		case IOMMUFD_MODEL_OP_READ_LOCK:
		case IOMMUFD_MODEL_OP_READ_TRYLOCK:
		case IOMMUFD_MODEL_OP_READ_UNLOCK:
		case IOMMUFD_MODEL_OP_WRITE_LOCK:
		case IOMMUFD_MODEL_OP_WRITE_TRYLOCK:
		case IOMMUFD_MODEL_OP_WRITE_UNLOCK:
			return sizeof(rwlock_t);
		default:
			return sizeof(struct rw_semaphore);
		}
	case CONFLICT_PREPARE:
	case CONFLICT_WAKE:
		return op->kind == IOMMUFD_MODEL_OP_COMPLETE ?
			       sizeof(struct completion) :
			       sizeof(wait_queue_head_t);
	case CONFLICT_TAKE:
		return sizeof(struct completion);
	default:
		return op->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE ?
			       sizeof(refcount_t) :
			       0;
	}
}

static struct piece *piece_of(const void *addr)
{
	int i;

	for (i = 0; i < nr_pieces; i++)
		if ((size_t)((const char *)addr - pieces[i].start) <
		    pieces[i].size)
			return &pieces[i];
	return NULL;
}

/* Mark the bytes of the variable as not plain. */
static void leave_out(const struct opaque *opaque)
{
	struct piece *piece = piece_of((const void *)opaque->addr);
	size_t at, end;
	char *mask;

	if (!piece)
		return;
	mask = (char *)piece->mask;
	at = opaque->addr - (uintptr_t)piece->start;
	end = at + opaque->size < piece->size ? at + opaque->size : piece->size;
	memset(mask + at, 0xff, end - at);
	if (piece->marked < end)
		piece->marked = end;
}

static bool knows_opaque(const struct states *states,
			 const struct opaque *opaque)
{
	int i;

	for (i = 0; i < states->nr_opaque; i++)
		if (states->opaque[i].addr == opaque->addr &&
		    states->opaque[i].size >= opaque->size)
			return true;
	return false;
}

static void add_opaque(struct states *states, const struct opaque *opaque)
{
	if (states->nr_opaque < MAX_OPAQUE)
		states->opaque[states->nr_opaque++] = *opaque;
	else
		set_off(states, "too many locks and counters", "");
}

/* Learn that only operations look at the location of @op. */
static void learn_opaque(struct search *search,
			 const struct iommufd_model_op *op)
{
	const struct opaque opaque = { (uintptr_t)op->addr, opaque_size(op) };
	struct states *states = search->states;

	if (states->off || !opaque.size || knows_opaque(states, &opaque))
		return;
	add_opaque(states, &opaque);
	search->restart = true;
}

void explore_states_learn(struct search *to, const struct search *from)
{
	const struct states *states = from->states;
	int i;

	if (!states || !to->states || to->states->off)
		return;
	if (states->off)
		set_off(to->states, states->why, "");
	for (i = 0; i < states->nr_opaque && !to->states->off; i++)
		if (!knows_opaque(to->states, &states->opaque[i]))
			add_opaque(to->states, &states->opaque[i]);
}

/*
 * Locks
 *
 * A thread that accesses something while it holds a lock has taken the lock
 * before.  If it does not hold the lock yet in the state, it takes it after the
 * present holder has dropped it, and so its access comes after all that the holder
 * did until then.
 *
 * Lockdep's list (task.held) cannot be used: it does not have the lock's address.
 */

/* Find the number of the locks that the thread holds. */
static void number_locks(const struct search *search, int number)
{
	struct known *known = search->states->known;

	held[number].number = (u32)number;
	if (!held[number].lost)
		held[number].number =
			(u32)explore_known_lockset(known, &held[number].set);
}

static void forget_locks(int number)
{
	memset(&held[number], 0, sizeof(held[number]));
	held[number].set.thread = held[number].number = (u32)number;
}

static bool holds(int number, const void *lock)
{
	const struct lockset *set = &held[number].set;
	u32 i;

	for (i = 0; i < set->nr; i++)
		if (set->at[i].addr == lock)
			return true;
	return false;
}

static void add_lock(int number, const void *lock, unsigned int flags)
{
	struct lockset *set = &held[number].set;
	u32 i;

	if (set->nr == MAX_HELD_LOCKS) {
		held[number].lost = true;
		return;
	}
	for (i = set->nr++; i && set->at[i - 1].addr > lock; i--)
		set->at[i] = set->at[i - 1];
	set->at[i].addr = lock;
	set->at[i].flags = flags & (LOCK_TAKE | LOCK_READ);
}

static void remove_lock(int number, const void *lock)
{
	struct lockset *set = &held[number].set;
	u32 i;

	for (i = 0; i < set->nr && set->at[i].addr != lock; i++)
		;
	if (i == set->nr)
		return;
	for (set->nr--; i < set->nr; i++)
		set->at[i] = set->at[i + 1];
	memset(&set->at[i], 0, sizeof(set->at[i]));
}

void explore_states_lock(const struct search *search, int number,
			 const void *lock, unsigned int flags)
{
	if (!explore_states_used(search))
		return;
	if (flags & LOCK_TAKE)
		add_lock(number, lock, flags);
	else if (flags & LOCK_DROP)
		remove_lock(number, lock);
	number_locks(search, number);
}

/* Executions */

static void add_piece(struct search *search, const void *start, size_t size)
{
	struct piece *piece = &pieces[nr_pieces++];

	if (size > MAX_BYTES)
		turn_off(search, "the test lists too much memory", "");
	if (piece->start != (const char *)start || piece->size != size)
		opaque_in_masks = -1;
	piece->start = start;
	piece->size = size;
}

static void make_masks(const struct states *states)
{
	int i;

	if (opaque_in_masks == states->nr_opaque)
		return;
	for (i = 0; i < nr_pieces; i++) {
		memset(pieces[i].mask, 0, pieces[i].marked);
		pieces[i].marked = 0;
	}
	for (i = 0; i < states->nr_opaque; i++)
		leave_out(&states->opaque[i]);
	opaque_in_masks = states->nr_opaque;
}

/* Return why the search can use states of no kind; NULL: it can. */
static const char *why_not(const struct execution *exec)
{
	if (exec->handlers || exec->test->symmetric)
		return "interrupt handlers or equal threads";
	/* TSan finds races only in executions that are run. */
	if (TSAN_BUILD)
		return "TSan is used";
	return NULL;
}

/* The same for the states of listed memory. */
static const char *why_not_listed(const struct execution *exec)
{
	if (exec->search->nr_loops_learnt)
		return "a loop that waits";
	return why_not(exec);
}

/* The same for the states of all memory. */
static const char *why_not_whole(const struct execution *exec)
{
	const void *data = exec->test->data;

	if (!explore_memory_start())
		return "static variables are not known here";
	if (data && !explore_memory_has(exec, data))
		return "the data of the test is no static variable";
	if (exec->search->opt.fail_nth)
		return "an allocation fails by its number";
	if (iommufd_model_gate != &exec->gate_hook || exec->gate_hook.next)
		return "an observer is running";
	if (iommufd_model_device_in_use())
		return "device memory";
	if (iommufd_model_memfd_in_use())
		return "memfds";
	return why_not(exec);
}

/*
 * To compare all memory takes longer than a step, and a search that is cut off
 * at states has to try more orders.  So a search begins without states, and
 * begins again with them when it has turned out to be long.
 */
static void begin_later(struct execution *exec)
{
	struct search *search = exec->search;
	struct states *states = search->states;
	unsigned long executions = search->executions + search->redundant;

	if (!states->ready && !executions)
		states->waits = search->opt.states_after > 1;
	if (!states->waits || executions < search->opt.states_after)
		return;
	/* If the search cannot use states, it need not begin again. */
	if (why_not_whole(exec)) {
		set_off(states, why_not_whole(exec), "");
		return;
	}
	states->ready = true;
	search->restart = true;
}

void explore_states_begin(struct execution *exec)
{
	const struct iommufd_model_memory *memory = exec->test->memory;
	struct search *search = exec->search;
	bool whole = is_whole(exec);
	const char *why;
	int i;

	exec->clean = false;
	explore_arena_keep_apart(false);
	if (search->states && !search->states->off && whole)
		begin_later(exec);
	if (!explore_states_used(search))
		return;
	for (i = 0; i < MAX_THREADS; i++)
		forget_locks(i);
	why = whole ? why_not_whole(exec) : why_not_listed(exec);
	if (why)
		turn_off(search, why, "");
	if (whole) {
		exec->clean = !why;
		explore_arena_keep_apart(!why);
		memset(histories, 0, sizeof(histories));
		return;
	}
	if (!pieces)
		pieces = explore_arena_reserve(NR_PIECES * sizeof(*pieces));
	if (!pieces) {
		turn_off(search, "too little memory", "");
		return;
	}
	nr_pieces = 0;
	for (i = 0; i < IOMMUFD_MODEL_MAX_MEMORY && memory[i].size; i++)
		add_piece(search, memory[i].start, memory[i].size);
	add_piece(search, (const void *)exec->arena, MAX_BYTES);
	if (search->states->off)
		return;
	make_masks(search->states);
	for (i = 0; i < MAX_THREADS; i++)
		histories[i] = (u64)i + 1;
}

void explore_states_started(struct execution *exec, int number, int by)
{
	if (!explore_states_used(exec->search))
		return;
	forget_locks(number);
	if (by >= 0 && !is_whole(exec))
		histories[number] = mix(histories[by], (u64)number);
}

void explore_states_known(const struct search *search, const struct node *node)
{
	if (explore_states_used(search))
		histories[node->thread] = node->history;
}

/* Steps */

/*
 * True if all that an operation of this kind changes is in memory that is
 * known.
 */
static bool knows_kind(enum iommufd_model_op_kind kind)
{
	switch (kind) {
	case IOMMUFD_MODEL_OP_WAIT_PREPARE:
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
	case IOMMUFD_MODEL_OP_WAIT_FINISH:
	case IOMMUFD_MODEL_OP_WAIT_WAKE:
	/* With these two alone, nobody is in the queue of a completion. */
	case IOMMUFD_MODEL_OP_COMPLETION_TAKE:
	case IOMMUFD_MODEL_OP_COMPLETE:
	case IOMMUFD_MODEL_OP_WAIT_ZERO:
	case IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL:
	case IOMMUFD_MODEL_OP_RWSEM_UP_TAIL:
	case IOMMUFD_MODEL_OP_READ_ONCE:
	case IOMMUFD_MODEL_OP_WRITE_ONCE:
	case IOMMUFD_MODEL_OP_LOAD_ACQUIRE:
	case IOMMUFD_MODEL_OP_STORE_RELEASE:
	case IOMMUFD_MODEL_OP_FREE:
		return true;
	default:
		return explore_is_counter(kind) ||
		       explore_conflict_of(kind) == CONFLICT_LOCK;
	}
}

/* True if all that it changes is in the memory that memory.c compares. */
static bool knows_kind_whole(enum iommufd_model_op_kind kind)
{
	switch (kind) {
	case IOMMUFD_MODEL_OP_FD_READ:
	case IOMMUFD_MODEL_OP_FD_WRITE:
	case IOMMUFD_MODEL_OP_COPY_FROM_USER:
	case IOMMUFD_MODEL_OP_COPY_TO_USER:
	case IOMMUFD_MODEL_OP_LOCK_READ:
	case IOMMUFD_MODEL_OP_LOCK_INIT:
	case IOMMUFD_MODEL_OP_LOCK_DESTROY:
	case IOMMUFD_MODEL_OP_WAIT_READ:
	case IOMMUFD_MODEL_OP_WAIT_PREPARE_EXCLUSIVE:
	case IOMMUFD_MODEL_OP_WAIT_FINISH_EXCLUSIVE:
	case IOMMUFD_MODEL_OP_COMPLETION_WAIT:
		return true;
	default:
		return knows_kind(kind);
	}
}

static void check_op_whole(struct execution *exec,
			   const struct iommufd_model_op *op)
{
	bool fd = op->kind == IOMMUFD_MODEL_OP_FD_READ ||
		  op->kind == IOMMUFD_MODEL_OP_FD_WRITE;

	if (!knows_kind_whole(op->kind))
		turn_off(exec->search, iommufd_model_op_name(op->kind), "");
	else if (!fd && !explore_memory_has(exec, op->addr))
		turn_off(exec->search, "memory that is not static: ",
			 op->site->what);
}

/* True if an operation of this kind has no location in memory. */
static bool without_location(enum iommufd_model_op_kind kind)
{
	return kind == IOMMUFD_MODEL_OP_ALLOC ||
	       kind == IOMMUFD_MODEL_OP_RELAX ||
	       kind == IOMMUFD_MODEL_OP_PIN_PAGE ||
	       kind == IOMMUFD_MODEL_OP_UNPIN_PAGE ||
	       kind == IOMMUFD_MODEL_OP_CHOOSE ||
	       kind == IOMMUFD_MODEL_OP_SPAWN ||
	       kind == IOMMUFD_MODEL_OP_JOIN ||
	       kind == IOMMUFD_MODEL_OP_AFTER;
}

static void check_op(struct search *search, const struct iommufd_model_op *op)
{
	if (without_location(op->kind))
		return;
	if (!knows_kind(op->kind))
		turn_off(search, iommufd_model_op_name(op->kind), "");
	else if (!piece_of(op->addr))
		turn_off(search, "memory that the test does not list: ",
			 op->site->what);
	else
		learn_opaque(search, op);
}

void explore_states_access(struct execution *exec, const struct node *node,
			   int depth, const void *const *addr, int nr)
{
	struct search *search = exec->search;
	struct access access;
	int i, number;

	for (i = 0; explore_states_used(search) && depth >= 0 && i < nr; i++) {
		memset(&access, 0, sizeof(access));
		access.addr = addr[i];
		access.thread = node->thread;
		access.kind = node->kind;
		access.flags = node->flags[i];
		access.conflict = node->conflict[i];
		if (node->conflict[i] == CONFLICT_ADD && !node->certain)
			access.conflict = CONFLICT_WRITE;
		access.locks = held[node->thread].number;
		number = explore_known_access(search->states->known, &access);
		if (number < 0)
			turn_off(search, "too many different accesses", "");
		else
			search->states->at[depth].accesses.bits[number / 64] |=
				1ull << (number % 64);
	}
}

void explore_states_step(struct execution *exec, struct node *node,
			 const struct iommufd_model_op *op)
{
	struct search *search = exec->search;
	u64 *history = &histories[node->thread], hash = *history;

	if (!explore_states_used(search))
		return;
	if (is_whole(exec)) {
		if (!without_location(op->kind))
			check_op_whole(exec, op);
		return;
	}
	check_op(search, op);
	hash = mix(hash, (uintptr_t)op->site);
	hash = mix(hash, (uintptr_t)op->addr);
	hash = mix(hash, (u64)op->kind << 48 | (u64)node->flags[0] << 40 |
				 (u64)node->value_chosen << 16 |
				 (u64)exec->expired << 1 | exec->roused);
	hash = mix(hash, (u64)op->arg);
	if (explore_is_counter(op->kind))
		hash = mix(hash, (u64)explore_counter_effect(
					 op, explore_counter_value(op))
					 .result);
	if (op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP)
		hash = mix(hash, jiffies);
	if (op->kind == IOMMUFD_MODEL_OP_SPAWN)
		hash = mix(hash, (u64)exec->nr_threads);
	hash = mix(hash, search->states->at[search->depth].plain);
	*history = node->history = hash;
}

/*
 * Find the vector clock of a step that its thread does with these locks held.
 */
static void find_clock(struct execution *exec, const struct lockset *set,
		       s16 clock[MAX_THREADS])
{
	struct held_lock locks[MAX_HELD_LOCKS];
	int number = (int)set->thread, nr = 0;
	u32 i;

	for (i = 0; i < set->nr && !held[number].lost; i++)
		if (!holds(number, set->at[i].addr))
			locks[nr++] = set->at[i];
	explore_dpor_take_locks(exec, number, locks, nr, clock);
}

/*
 * Find the races of the accesses of @set, which would follow, with the steps so
 * far.
 */
static void find_races(struct execution *exec, const struct access_set *set)
{
	const struct known *known = exec->search->states->known;
	const struct lockset *locksets = explore_known_locksets(known);
	static struct {
		u64 found;
		s16 clock[MAX_THREADS];
	} clocks[MAX_LOCKSETS];
	static u64 now;
	NO_CHECKPOINT(clocks);
	NO_CHECKPOINT(now);
	const struct access *accesses = explore_known_accesses(known), *access;
	u64 rest;
	int i;

	now++;
	explore_dpor_known(accesses, set);
	for (i = 0; i < ACCESS_WORDS; i++) {
		for (rest = set->bits[i]; rest; rest &= rest - 1) {
			access = &accesses[i * 64 + __builtin_ctzll(rest)];
			if (access->conflict == CONFLICT_PLAIN)
				continue;
			if (clocks[access->locks].found != now)
				find_clock(exec, &locksets[access->locks],
					   clocks[access->locks].clock);
			clocks[access->locks].found = now;
			explore_dpor_follows(exec, access,
					     clocks[access->locks].clock);
		}
	}
}

static void check_other_memory(struct search *search)
{
	if (iommufd_model_device_in_use())
		turn_off(search, "device memory", "");
	else if (iommufd_model_memfd_in_use())
		turn_off(search, "memfds", "");
}

/*
 * Paths meet where two threads have done their parts in either order.  Such a
 * part ends with the drop of a lock, or, if no lock is held, with a change.
 */
static bool worth_comparing(const struct execution *exec,
			    const struct node *node)
{
	const struct node *last = node - 1;
	const struct thread *thread;

	if (node == exec->search->nodes)
		return false;
	thread = &exec->threads[last->thread];
	switch (last->conflict[0]) {
	case CONFLICT_LOCK:
		return last->flags[0] & LOCK_DROP;
	case CONFLICT_WRITE:
	case CONFLICT_ADD:
	case CONFLICT_WAKE:
		return thread->ended || !thread->task.nr_held;
	default:
		return false;
	}
}

/* Take the threads @woken from the sleep set of @node. */
static void wake(struct node *node, unsigned int woken)
{
	node->sleep &= (u16)~woken;
	node->goes_on &= (u16)~woken;
	node->looks &= (u16)~woken;
	node->moves &= (u16)~woken;
}

u16 explore_states_untried(struct execution *exec, struct node *node, u16 may)
{
	struct search *search = exec->search;
	struct states *states = search->states;
	int depth = search->depth;
	struct access_set accesses;
	u64 memory, plain, loops;
	u16 sleep;

	if (!explore_states_used(search))
		return may;
	states->at[depth].key = 0;
	states->at[depth].tainted = false;
	states->at[depth].above = depth - 1;
	if (depth && !states->at[depth - 1].key)
		states->at[depth].above = states->at[depth - 1].above;
	memset(&states->at[depth].accesses, 0, sizeof(accesses));
	if (is_whole(exec) && !worth_comparing(exec, node))
		return may;
	loops = search->nr_loops ? explore_spin_state(exec) : 1;
	if (!loops)
		return may;
	if (is_whole(exec)) {
		check_other_memory(search);
		memory = explore_memory_hash(exec);
		plain = 0;
	} else if (!hash_memory(&memory, &plain)) {
		turn_off(search, "the test allocates too much memory", "");
		return may;
	}
	states->at[depth].plain = plain;
	states->at[depth].key = mix(hash_state(exec, memory), loops);
	explore_plain_begin(exec, &states->at[depth].watched);
	/*
	 * No stored state is used until the search begins again, and none is
	 * used in the part of the tree that all shards must walk.
	 */
	if (search->restart || search->hurries || depth < search->top)
		return may;
	if (!explore_known_find(states->known, states->at[depth].key, &sleep,
				&accesses))
		return may;
	if (!explore_plain_known(exec, &accesses))
		return may;
	find_races(exec, &accesses);
	if (depth)
		explore_known_add_steps(states->known,
					&states->at[depth - 1].accesses,
					&accesses);
	explore_known_add_steps(states->known, &states->at[depth].accesses,
				&accesses);
	if (may & sleep)
		wake(node, node->sleep & (u16)~sleep);
	node->covered = may & (u16)~sleep;
	return may & sleep;
}

void explore_states_done(struct search *search, int depth)
{
	struct states *states = search->states;
	struct access_set all;

	if (!explore_states_used(search))
		return;
	if (depth)
		explore_known_add(states->known,
				  &states->at[depth - 1].accesses,
				  &states->at[depth].accesses);
	/* What was learnt just now was not known in all of the subtree. */
	if (states->at[depth].tainted || depth < search->split ||
	    !states->at[depth].key || search->restart || search->hurries)
		return;
	all = states->at[depth].accesses;
	explore_known_add(states->known, &all,
			  &states->at[depth].watched.accesses);
	if (!explore_known_store(states->known, states->at[depth].key,
				 search->nodes[depth].sleep, &all))
		states->full = true;
}

void explore_states_taint(struct search *search, int depth)
{
	if (!explore_states_used(search))
		return;
	while (++depth <= search->depth)
		search->states->at[depth].tainted = true;
}

/* All subtrees that the path is in have a failure. */
void explore_states_failed(struct search *search)
{
	int i;

	for (i = 0; explore_states_used(search) && i <= search->depth; i++)
		search->states->at[i].tainted = true;
}
