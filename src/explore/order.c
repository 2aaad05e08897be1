// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How operations at the gate order the plain accesses of watched code
 * (../watch/watch.h).
 *
 * An operation that releases publishes what its thread did so far, and one that
 * acquires orders what was published before what its thread does next.  Which
 * of the two an operation does follows from the kernel's memory model:
 *
 *	unlock, wake-up, last step of a work item, smp_store_release(),
 *	rcu_assign_pointer(), decrement of a refcount_t	release
 *	lock, end of a wait, smp_load_acquire()		acquire
 *	atomic operations that return a value, and change it	both, and fence
 *	increment of a refcount_t, atomic_inc(), set_bit(), READ_ONCE(),
 *	WRITE_ONCE()				nothing
 *
 * Two kinds of operations order more than in that model, because the kernel
 * relies on it.  An operation on a refcount_t that leaves or finds zero
 * acquires: the code after it frees the memory, and does so by writes, which a
 * control dependency orders after it.  A lookup in an idr or of a descriptor
 * acquires: what it returns is used through a pointer.
 *
 * The search runs only one order of independent operations.  If an operation
 * were ordered after one that is independent of it, a race that exists in the
 * other order would be missed.  Therefore:
 *
 * - The shared side of a lock has a clock of its own, which only the exclusive
 *   side acquires.
 * - Decrements of a refcount_t that are not the last one only release, and so
 *   do additions with a certain result (CONFLICT_ADD): all of them are before
 *   the operation that acquires, in every order.  That operation conflicts with
 *   each of them, because in another order one of them would have come last.
 * - An operation that leaves an atomic variable as it is only acquires.
 * - Operations on bits order operations on the same bit, or on the whole word.
 * - A sleeper is ordered after the one wake-up that woke it.  A thread that
 *   enters a wait queue is ordered against wake-ups, not against other
 *   sleepers.
 * - A wait for sections, callbacks or items is ordered after the ends of those
 *   that it waits for, not after others that have ended by chance.
 */
#include "internal.h"
#include <string.h>

/* The uses of an address, for watch_place(). */
#define ALL 0			/* all that was released to the address */
/* what was released by operations on the whole word */
#define WORD 1
/* what was released by the shared side of a lock */
#define SHARED 2
#define SLEEPERS 3
#define COUNTED 4
#define ITEMS 5
#define SECTIONS 6
#define CALLBACKS 7
#define GRACE 8
#define COMPLETED 9
#define BIT_0 64

/* The clock that each wake-up published, by the number of its step. */
static struct watch_clock *wakes;
NO_CHECKPOINT(wakes);

bool explore_order_prepare(void)
{
	if (!wakes)
		wakes = explore_arena_reserve(MAX_STEPS * sizeof(*wakes));
	return wakes && iommufd_model_watch_sync_prepare();
}

static void release(const void *addr, unsigned int use)
{
	iommufd_model_watch_release(watch_place(addr, use));
}

static void acquire(const void *addr, unsigned int use)
{
	iommufd_model_watch_acquire(watch_place(addr, use));
}

static void both(const void *addr, unsigned int use)
{
	acquire(addr, use);
	release(addr, use);
}

/* Marked accesses */

/*
 * Return the size of the variable that an operation accesses; 0: there is none.
 */
static size_t size_of(const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_READ_ONCE:
	case IOMMUFD_MODEL_OP_WRITE_ONCE:
	case IOMMUFD_MODEL_OP_LOAD_ACQUIRE:
	case IOMMUFD_MODEL_OP_STORE_RELEASE:
		return (size_t)op->arg;
	default:
		if (iommufd_model_op_is_atomic(op->kind))
			return explore_atomic(op)->size;
		return explore_is_counter(op->kind) ? sizeof(int) : 0;
	}
}

static bool is_read(const struct iommufd_model_op *op)
{
	return op->kind == IOMMUFD_MODEL_OP_READ_ONCE ||
	       op->kind == IOMMUFD_MODEL_OP_LOAD_ACQUIRE ||
	       (explore_is_counter(op->kind) && explore_only_reads(op->kind));
}

static void note_marked(const struct iommufd_model_op *op)
{
	size_t size = size_of(op);

	if (!size)
		return;
	iommufd_model_watch_note((uintptr_t)op->addr, size,
				 WATCH_MARKED | WATCH_SITE |
					 (is_read(op) ? 0 : WATCH_WRITE),
				 (uintptr_t)op->site);
}

/* Counters and atomic variables */

static void order_refcount(const struct iommufd_model_op *op)
{
	u64 key = watch_place(op->addr, ALL);

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_SET:
		iommufd_model_watch_store(key);
		return;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC:
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE:
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		if (op->after != op->before)
			iommufd_model_watch_release(key);
		break;
	default:
		if (op->after != op->before)
			iommufd_model_watch_change(key);
		break;
	}
	if (!op->after)
		iommufd_model_watch_acquire(key);
}

/*
 * True if an operation that is not relaxed only releases: percpu_ref_get() and
 * clear_bit_unlock().  atomic_fetch_or() and the like, which have the kinds of
 * the relaxed atomic_or() and so on, return the value, and so they also acquire.
 */
static bool only_releases(enum iommufd_model_op_kind kind)
{
	return kind == IOMMUFD_MODEL_OP_ATOMIC_ADD ||
	       kind == IOMMUFD_MODEL_OP_BIT_CLEAR;
}

/* True if the operation orders nothing when it does not change the variable. */
static bool may_fail(enum iommufd_model_op_kind kind)
{
	return kind == IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG ||
	       kind == IOMMUFD_MODEL_OP_ATOMIC_ADD_UNLESS ||
	       kind == IOMMUFD_MODEL_OP_ATOMIC_FETCH_ADD_UNLESS ||
	       kind == IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE ||
	       kind == IOMMUFD_MODEL_OP_ATOMIC_DEC_UNLESS_POSITIVE ||
	       kind == IOMMUFD_MODEL_OP_ATOMIC_DEC_IF_POSITIVE;
}

/*
 * Acquire or release a variable, or a bit of it.  Only an unsigned long has
 * bits, so only there the two uses differ.
 */
static void acquire_variable(const struct iommufd_model_op *op)
{
	if (!iommufd_model_op_is_bit(op->kind)) {
		iommufd_model_watch_acquire_now(watch_place(op->addr, ALL));
		return;
	}
	iommufd_model_watch_acquire_now(
		watch_place(op->addr, BIT_0 + BIT_OF(op)));
	iommufd_model_watch_acquire_now(watch_place(op->addr, WORD));
}

static void release_variable(const struct iommufd_model_op *op)
{
	release(op->addr, ALL);
	if (iommufd_model_op_is_bit(op->kind))
		release(op->addr, BIT_0 + BIT_OF(op));
	else if (explore_atomic(op)->size == sizeof(long))
		release(op->addr, WORD);
}

/*
 * Note a relaxed read of a bit, which finds changes of the bit and of the word.
 */
static void read_bit(const struct iommufd_model_op *op)
{
	iommufd_model_watch_read(watch_place(op->addr, BIT_0 + BIT_OF(op)), 0);
	iommufd_model_watch_read(watch_place(op->addr, WORD), 0);
}

/* Note a relaxed change of one bit, or of a word that has bits. */
static void change_part(const struct iommufd_model_op *op)
{
	if (iommufd_model_op_is_bit(op->kind))
		iommufd_model_watch_change(
			watch_place(op->addr, BIT_0 + BIT_OF(op)));
	else if (explore_atomic(op)->size == sizeof(long))
		iommufd_model_watch_change(watch_place(op->addr, WORD));
}

static void order_relaxed(const struct iommufd_model_op *op)
{
	u64 key = watch_place(op->addr, ALL);

	if (op->kind == IOMMUFD_MODEL_OP_ATOMIC_SET)
		iommufd_model_watch_store(key);
	else if (op->before != op->after)
		iommufd_model_watch_change(key);
	else if (iommufd_model_op_is_bit(op->kind))
		read_bit(op);
	else
		iommufd_model_watch_read(key, 0);
	if (op->before != op->after)
		change_part(op);
	if (op->kind == IOMMUFD_MODEL_OP_ATOMIC_XCHG ||
	    op->kind == IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG ||
	    op->kind == IOMMUFD_MODEL_OP_ATOMIC_READ)
		iommufd_model_watch_read(key, (uintptr_t)op->before);
}

/*
 * Order an operation that returns a value.  @certain: it commutes with those
 * that are concurrent to it.
 */
static void order_full(const struct iommufd_model_op *op, bool certain)
{
	bool changed = op->before != op->after;

	/* What is found may be a pointer, as if it were read. */
	if (!changed && may_fail(op->kind)) {
		iommufd_model_watch_read(watch_place(op->addr, ALL),
					 (uintptr_t)op->before);
		return;
	}
	if (!certain)
		acquire_variable(op);
	iommufd_model_watch_fence();
	if (changed)
		release_variable(op);
}

static void order_atomic(const struct iommufd_model_op *op, bool certain)
{
	struct watch_thread *me = iommufd_model_watch.me;

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_SEQ_BEGIN:
		acquire(op->addr, ALL);
		me->reader = true;
		return;
	case IOMMUFD_MODEL_OP_SEQ_READ:
		acquire(op->addr, ALL);
		me->reader = !me->reader;
		return;
	case IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN:
		me->writers++;
		return;
	case IOMMUFD_MODEL_OP_SEQ_WRITE_END:
		me->writers -= me->writers > 0;
		release(op->addr, ALL);
		return;
	default:
		break;
	}
	if (explore_atomic(op)->relaxed)
		order_relaxed(op);
	else if (op->kind == IOMMUFD_MODEL_OP_ATOMIC_SET)
		iommufd_model_watch_publish(watch_place(op->addr, ALL));
	else if (explore_only_reads(op->kind))
		acquire_variable(op);
	else if (only_releases(op->kind))
		release_variable(op);
	else
		order_full(op, certain);
}

/* Locks */

static void order_lock(const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
	case IOMMUFD_MODEL_OP_SPIN_TRYLOCK:
		if (op->after)
			acquire(op->addr, ALL);
		break;
	case IOMMUFD_MODEL_OP_MUTEX_LOCK:
	case IOMMUFD_MODEL_OP_SPIN_LOCK:
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_READ:
	case IOMMUFD_MODEL_OP_READ_LOCK:
		acquire(op->addr, ALL);
		break;
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
	case IOMMUFD_MODEL_OP_READ_TRYLOCK:
		if (op->after)
			acquire(op->addr, ALL);
		break;
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
	case IOMMUFD_MODEL_OP_WRITE_TRYLOCK:
		if (!op->after)
			break;
		/* fallthrough */
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE:
	case IOMMUFD_MODEL_OP_WRITE_LOCK:
		acquire(op->addr, ALL);
		acquire(op->addr, SHARED);
		break;
	case IOMMUFD_MODEL_OP_RWSEM_UP_READ:
	case IOMMUFD_MODEL_OP_READ_UNLOCK:
		release(op->addr, SHARED);
		break;
	default:
		release(op->addr, ALL);
		break;
	}
}

/* Waiting */

static void order_wake(struct execution *exec,
		       const struct iommufd_model_op *op)
{
	acquire(op->addr, SLEEPERS);
	both(op->addr, ALL);
	iommufd_model_watch_give(&wakes[exec->search->depth - 1]);
}

static void order_sleep(const struct execution *exec,
			const struct thread *self)
{
	if (!exec->expired && self->task.woken_by >= 0)
		iommufd_model_watch_take(&wakes[self->task.woken_by]);
}

/* Work items, timers, callbacks, and waits for them */

static void order_done(const struct thread *self, const struct node *node,
		       const struct iommufd_model_op *op)
{
	iommufd_model_watch_mark(watch_place(op->addr, COUNTED), node->before);
	if (self->task.also)
		iommufd_model_watch_mark(watch_place(self->task.also, ITEMS),
					 (int)op->arg);
}

static void order_epoch(const struct thread *self,
			const struct iommufd_model_op *op)
{
	int arg = (int)op->arg;

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_WAIT_UNTIL:
		iommufd_model_watch_reach(watch_place(op->addr, COUNTED), arg);
		break;
	case IOMMUFD_MODEL_OP_QUEUE_FLUSHED:
		iommufd_model_watch_reach(watch_place(op->addr, ITEMS), arg);
		break;
	case IOMMUFD_MODEL_OP_RCU_LOCK:
		acquire(op->addr, GRACE);
		break;
	case IOMMUFD_MODEL_OP_RCU_UNLOCK:
		iommufd_model_watch_mark(watch_place(op->addr, SECTIONS), arg);
		break;
	case IOMMUFD_MODEL_OP_RCU_BEGIN:
		release(op->addr, GRACE);
		break;
	case IOMMUFD_MODEL_OP_RCU_CALL:
		release(self->task.also, GRACE);
		break;
	case IOMMUFD_MODEL_OP_RCU_END:
		iommufd_model_watch_reach(
			watch_place(self->task.also, SECTIONS), arg);
		break;
	case IOMMUFD_MODEL_OP_RCU_CALLED:
		iommufd_model_watch_mark(watch_place(op->addr, CALLBACKS), arg);
		break;
	default:
		iommufd_model_watch_reach(watch_place(op->addr, CALLBACKS), arg);
		break;
	}
}

/*
 * An interrupt handler begins when the thread is about to do an operation, but
 * could as well have begun at any point since the operation before.  So what the
 * thread did since then, in its last epoch, is not ordered before the handler.
 * The operations of the thread end an epoch for that (explore_order()).
 */
static void order_interrupt(const struct execution *exec,
			    const struct thread *self,
			    const struct iommufd_model_op *op)
{
	struct watch_thread *me = iommufd_model_watch.me;
	struct watch_thread *other =
		&iommufd_model_watch.threads[self->interrupts];

	(void)exec;
	if (op->kind == IOMMUFD_MODEL_OP_IRQ_ENTER) {
		struct watch_clock clock = other->clock;

		clock.at[self->interrupts]--;
		watch_join(&me->clock, &clock);
	} else {
		struct watch_clock clock;

		iommufd_model_watch_give(&clock);
		watch_join(&other->clock, &clock);
	}
}

static void order_ended(const struct iommufd_model_op *op)
{
	iommufd_model_watch_take(&iommufd_model_watch.threads[op->arg].clock);
}

void explore_order(struct execution *exec, const struct iommufd_model_op *op)
{
	const struct thread *self = &exec->threads[exec->current];
	const struct node *node = &exec->search->nodes[exec->search->depth - 1];
	bool reduced = exec->search->opt.mode != IOMMUFD_MODEL_MODE_BOUNDED &&
		       exec->search->opt.mode != IOMMUFD_MODEL_MODE_RANDOM &&
		       !exec->search->dead;

	if (exec->record)
		explore_ordered_step(exec);
	note_marked(op);
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_FREE:
		iommufd_model_watch_freed((uintptr_t)op->addr, (size_t)op->arg,
					  op->site);
		break;
	case IOMMUFD_MODEL_OP_READ_ONCE:
		iommufd_model_watch_read(watch_place(op->addr, ALL),
					 (uintptr_t)op->after);
		break;
	case IOMMUFD_MODEL_OP_WRITE_ONCE:
	case IOMMUFD_MODEL_OP_LOCK_INIT:
		iommufd_model_watch_store(watch_place(op->addr, ALL));
		break;
	case IOMMUFD_MODEL_OP_STORE_RELEASE:
		iommufd_model_watch_publish(watch_place(op->addr, ALL));
		break;
	case IOMMUFD_MODEL_OP_LOAD_ACQUIRE:
	case IOMMUFD_MODEL_OP_WAIT_ZERO:
	case IOMMUFD_MODEL_OP_FD_READ:
	case IOMMUFD_MODEL_OP_IDR_READ:
	case IOMMUFD_MODEL_OP_WORK_RUN:
	case IOMMUFD_MODEL_OP_IRQ_RUN:
		acquire(op->addr, ALL);
		break;
	case IOMMUFD_MODEL_OP_WORK_QUEUE:
	case IOMMUFD_MODEL_OP_TIMER_ARM:
	case IOMMUFD_MODEL_OP_IRQ_RAISE:
		release(op->addr, ALL);
		break;
	case IOMMUFD_MODEL_OP_TIMER_FIRE:
	case IOMMUFD_MODEL_OP_TIMER_DELETE:
	case IOMMUFD_MODEL_OP_WORK_CANCEL:
	case IOMMUFD_MODEL_OP_WORK_ENABLE:
	case IOMMUFD_MODEL_OP_IRQ_CHANGE:
	case IOMMUFD_MODEL_OP_FD_WRITE:
	case IOMMUFD_MODEL_OP_IDR_WRITE:
		both(op->addr, ALL);
		break;
	case IOMMUFD_MODEL_OP_MUTEX_LOCK:
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
	case IOMMUFD_MODEL_OP_MUTEX_UNLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_READ:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
	case IOMMUFD_MODEL_OP_RWSEM_UP_READ:
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
	case IOMMUFD_MODEL_OP_RWSEM_UP_WRITE:
	case IOMMUFD_MODEL_OP_RWSEM_DOWNGRADE:
	case IOMMUFD_MODEL_OP_SPIN_LOCK:
	case IOMMUFD_MODEL_OP_SPIN_TRYLOCK:
	case IOMMUFD_MODEL_OP_SPIN_UNLOCK:
	case IOMMUFD_MODEL_OP_READ_LOCK:
	case IOMMUFD_MODEL_OP_READ_TRYLOCK:
	case IOMMUFD_MODEL_OP_READ_UNLOCK:
	case IOMMUFD_MODEL_OP_WRITE_LOCK:
	case IOMMUFD_MODEL_OP_WRITE_TRYLOCK:
	case IOMMUFD_MODEL_OP_WRITE_UNLOCK:
		order_lock(op);
		break;
	case IOMMUFD_MODEL_OP_WAIT_PREPARE:
	case IOMMUFD_MODEL_OP_WAIT_PREPARE_EXCLUSIVE:
		release(op->addr, SLEEPERS);
		acquire(op->addr, ALL);
		break;
	case IOMMUFD_MODEL_OP_COMPLETION_TAKE:
	case IOMMUFD_MODEL_OP_COMPLETION_WAIT:
		acquire(op->addr, ALL);
		break;
	case IOMMUFD_MODEL_OP_WAIT_READ:
		/*
		 * A completion_done() that returns true acquires; for a wait
		 * queue, nothing is ordered.
		 */
		if (op->after)
			acquire(op->addr, COMPLETED);
		break;
	case IOMMUFD_MODEL_OP_COMPLETE:
		release(op->addr, COMPLETED);
		/* Their order is not tried, so one is not ordered after another. */
		if (reduced && node->conflict[0] == CONFLICT_GIVE) {
			release(op->addr, ALL);
			break;
		}
		/* fallthrough */
	case IOMMUFD_MODEL_OP_WAIT_WAKE:
		order_wake(exec, op);
		break;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		order_sleep(exec, self);
		break;
	case IOMMUFD_MODEL_OP_DONE:
		order_done(self, node, op);
		break;
	case IOMMUFD_MODEL_OP_WAIT_UNTIL:
	case IOMMUFD_MODEL_OP_QUEUE_FLUSHED:
	case IOMMUFD_MODEL_OP_RCU_LOCK:
	case IOMMUFD_MODEL_OP_RCU_UNLOCK:
	case IOMMUFD_MODEL_OP_RCU_BEGIN:
	case IOMMUFD_MODEL_OP_RCU_CALL:
	case IOMMUFD_MODEL_OP_RCU_END:
	case IOMMUFD_MODEL_OP_RCU_CALLED:
	case IOMMUFD_MODEL_OP_RCU_BARRIER_END:
		order_epoch(self, op);
		break;
	case IOMMUFD_MODEL_OP_IRQ_ENTER:
	case IOMMUFD_MODEL_OP_IRQ_LEAVE:
		if (self->interrupts >= 0)
			order_interrupt(exec, self, op);
		break;
	case IOMMUFD_MODEL_OP_JOIN:
		order_ended(op);
		break;
	default:
		if (iommufd_model_op_is_atomic(op->kind))
			order_atomic(op, reduced && node->conflict[0] ==
							    CONFLICT_ADD);
		else if (explore_is_counter(op->kind))
			order_refcount(op);
		break;
	}
	if (exec->handlers)
		iommufd_model_watch.me->clock.at[exec->current]++;
}

void explore_order_start(struct execution *exec, int number)
{
	struct watch_thread *thread = &iommufd_model_watch.threads[number];
	u32 epoch = thread->clock.at[number];
	int running = explore_thread_running(exec);

	if (exec->record)
		explore_ordered_start(exec, number);
	memset(thread, 0, sizeof(*thread));
	/*
	 * What main did happened before any thread goes on, so only threads are
	 * ordered here.
	 */
	if (exec->phase == PHASE_THREADS && running >= 0)
		iommufd_model_watch_give(&thread->clock);
	/* All that an earlier thread with the same number did is over. */
	thread->clock.at[number] = epoch + 1;
}
