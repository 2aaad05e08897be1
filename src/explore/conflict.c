// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which operations on the same location conflict.
 *
 * Two steps are independent if their order makes no difference.  Otherwise they
 * are ordered if the later one could not have come first, and race if it could.
 *
 * Additions to a counter are independent of each other as long as the result of
 * each is certain: an increment, an inc_not_zero that succeeds, a decrement
 * that cannot reach zero.  Their sum is the same in every order.
 *
 * The same holds for atomic variables.  An operation that leaves such a
 * variable as it is, for example a compare-and-exchange that fails, is a read.
 * One on a single bit of a word is independent of those on other bits.
 *
 * The step that takes a lock is ordered after the step that dropped it, as the
 * lock could not be taken before.  It races with the step by which the previous
 * holder took the lock.
 *
 * So it is with a completion, of which a semaphore is made, too: the step that takes
 * 1 from its count is ordered after a complete() if it could not have come before
 * that one.  It could if another complete() could have come first (dpor_races.c).  Two
 * calls of complete() that wake no thread are independent of each other.
 *
 * Nothing in this file depends on the search; dpor_races.c and dpor_commute.c call
 * it.
 */
#include "internal.h"

/* Counters */

/*
 * Return the result of an operation that changed a counter from @old to @new.
 */
static int result_of(enum iommufd_model_op_kind kind, int old, int new)
{
	switch (kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_SET:
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD:
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC:
		return 0;
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
		return old != 0;
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
		return new == 0;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE:
		return old != 1;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		return old == 1;
	default:
		return old;
	}
}

/* The same for an atomic variable. */
static long atomic_result_of(enum iommufd_model_op_kind kind, long arg,
			     long test, long old, long new)
{
	switch (kind) {
	case IOMMUFD_MODEL_OP_ATOMIC_SET:
	case IOMMUFD_MODEL_OP_ATOMIC_ADD:
	case IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN:
	case IOMMUFD_MODEL_OP_SEQ_WRITE_END:
	case IOMMUFD_MODEL_OP_BIT_SET:
	case IOMMUFD_MODEL_OP_BIT_CLEAR:
	case IOMMUFD_MODEL_OP_BIT_CHANGE:
		return 0;
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST:
		return new == test;
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_UNLESS:
	case IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE:
	case IOMMUFD_MODEL_OP_ATOMIC_DEC_UNLESS_POSITIVE:
		return new != old;
	case IOMMUFD_MODEL_OP_BIT_TEST:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_SET:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_CLEAR:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_CHANGE:
		return ((unsigned long)old & __IOMMUFD_MODEL_BIT(arg)) != 0;
	default:
		return old;
	}
}

static struct effect atomic_effect(const struct iommufd_model_op *op, long v)
{
	const struct iommufd_model_atomic_op *atomic = explore_atomic(op);
	struct effect e = { .misuse = false };

	e.value = iommufd_model_atomic_signed(
		atomic->size, iommufd_model_atomic_result(op->kind, v, op->arg,
							  atomic->arg2));
	e.result = atomic_result_of(op->kind, op->arg, atomic->arg2, v,
				    e.value);
	return e;
}

static struct effect refcount_effect(const struct iommufd_model_op *op, int v)
{
	int n = (int)op->arg;
	int value = (int)iommufd_model_refcount_result(op->kind, v, n);
	struct effect e = {
		.value = value,
		.result = result_of(op->kind, v, value),
		.misuse = iommufd_model_refcount_is_misuse(op->kind, v, n),
	};

	return e;
}

struct effect explore_counter_effect(const struct iommufd_model_op *op, long v)
{
	return iommufd_model_op_is_atomic(op->kind) ?
		       atomic_effect(op, v) :
		       refcount_effect(op, (int)v);
}

long explore_counter_value(const struct iommufd_model_op *op)
{
	const struct iommufd_model_atomic_op *atomic;

	if (!iommufd_model_op_is_atomic(op->kind))
		return __atomic_load_n((const int *)op->addr, __ATOMIC_RELAXED);
	atomic = explore_atomic(op);
	switch (atomic->size) {
	case 1:
		return *(const volatile int8_t *)atomic->variable;
	case 2:
		return *(const volatile int16_t *)atomic->variable;
	case 4:
		return *(const volatile int32_t *)atomic->variable;
	default:
		return *(const volatile int64_t *)atomic->variable;
	}
}

/*
 * True if @a and @b have the same results in both orders if the counter is @v.
 */
bool explore_counters_commute(const struct iommufd_model_op *a,
			      const struct iommufd_model_op *b, long v)
{
	struct effect a1 = explore_counter_effect(a, v),
		      b2 = explore_counter_effect(b, a1.value);
	struct effect b1 = explore_counter_effect(b, v),
		      a2 = explore_counter_effect(a, b1.value);

	return !a1.misuse && !b2.misuse && !b1.misuse && !a2.misuse &&
	       a1.result == a2.result && b1.result == b2.result &&
	       b2.value == a2.value;
}

/* Completions */

/* No count of a test comes near it; complete_all() makes the count as large. */
#define FOR_ALL (1 << 20)

static int count_of(const struct iommufd_model_op *op)
{
	unsigned int done = __atomic_load_n(
		&((const struct completion *)op->addr)->done, __ATOMIC_RELAXED);

	return done < FOR_ALL ? (int)done : FOR_ALL;
}

bool explore_completion_effect(const struct iommufd_model_op *op, int *before,
			       int *delta)
{
	if (!explore_is_completion(op->kind))
		return false;
	*before = count_of(op);
	if (*before == FOR_ALL)
		*delta = 0;
	else if (op->kind != IOMMUFD_MODEL_OP_COMPLETE)
		*delta = *before ? -1 : 0;
	else
		*delta = op->arg == TASK_NORMAL ? FOR_ALL - *before : 1;
	return true;
}

bool explore_completion_open(const struct iommufd_model_op *op)
{
	return count_of(op);
}

/* True if nobody is in the queue of the completion. */
static bool wakes_nobody(const struct iommufd_model_op *op)
{
	const struct completion *x = op->addr;

	return x->wait.head.next == &x->wait.head;
}

/* Locks */

/* Return the lock flags of a successful operation of this kind; 0: no lock. */
static unsigned int lock_flags(enum iommufd_model_op_kind kind)
{
	switch (kind) {
	case IOMMUFD_MODEL_OP_MUTEX_LOCK:
	case IOMMUFD_MODEL_OP_SPIN_LOCK:
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE:
		return LOCK_TAKE;
	/* That a writer of a rwlock_t waits keeps no reader out, and is no step. */
	case IOMMUFD_MODEL_OP_WRITE_LOCK:
		return LOCK_TAKE | LOCK_WAITED;
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
	case IOMMUFD_MODEL_OP_SPIN_TRYLOCK:
	case IOMMUFD_MODEL_OP_WRITE_TRYLOCK:
		return LOCK_TAKE | LOCK_TRY;
	case IOMMUFD_MODEL_OP_MUTEX_UNLOCK:
	case IOMMUFD_MODEL_OP_SPIN_UNLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_UP_WRITE:
	case IOMMUFD_MODEL_OP_WRITE_UNLOCK:
	/*
	 * No reader can take the lock before the downgrade, and no writer after
	 * it.
	 */
	case IOMMUFD_MODEL_OP_RWSEM_DOWNGRADE:
		return LOCK_DROP;
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_READ:
	case IOMMUFD_MODEL_OP_READ_LOCK:
		return LOCK_TAKE | LOCK_READ;
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
	case IOMMUFD_MODEL_OP_READ_TRYLOCK:
		return LOCK_TAKE | LOCK_READ | LOCK_TRY;
	case IOMMUFD_MODEL_OP_RWSEM_UP_READ:
	case IOMMUFD_MODEL_OP_READ_UNLOCK:
		return LOCK_DROP | LOCK_READ;
	default:
		return 0;
	}
}

/* Waiting */

bool explore_is_until(enum iommufd_model_op_kind kind)
{
	return kind == IOMMUFD_MODEL_OP_WAIT_UNTIL ||
	       kind == IOMMUFD_MODEL_OP_RCU_END ||
	       kind == IOMMUFD_MODEL_OP_QUEUE_FLUSHED ||
	       kind == IOMMUFD_MODEL_OP_RCU_BARRIER_END;
}

bool explore_until_holds(enum iommufd_model_op_kind kind, int value, int arg)
{
	(void)kind;
	return iommufd_model_reached(value, arg);
}

/* Epochs */

/*
 * Return the flags of an item that enters a queue.  The order of two such steps
 * matters only in an ordered queue.
 */
static unsigned int enter_flags(const struct iommufd_model_op *op)
{
	if (!(op->arg & ARM_ORDERED))
		return EPOCH_ENTER;
	return EPOCH_ENTER | (EPOCH_ENTER | EPOCH_BEGIN) << EPOCH_SECOND;
}

unsigned int explore_conflict_epoch_flags(const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_WORK_QUEUE:
	case IOMMUFD_MODEL_OP_TIMER_FIRE:
		return enter_flags(op);
	case IOMMUFD_MODEL_OP_WORK_CANCEL:
	case IOMMUFD_MODEL_OP_DONE:
		return EPOCH_LEAVE;
	case IOMMUFD_MODEL_OP_QUEUE_FLUSH:
		return EPOCH_BEGIN;
	case IOMMUFD_MODEL_OP_QUEUE_FLUSHED:
		return EPOCH_END;
	case IOMMUFD_MODEL_OP_RCU_LOCK:
		return EPOCH_ENTER;
	case IOMMUFD_MODEL_OP_RCU_UNLOCK:
		return EPOCH_LEAVE;
	case IOMMUFD_MODEL_OP_RCU_BEGIN:
		return EPOCH_BEGIN;
	case IOMMUFD_MODEL_OP_RCU_END:
		return EPOCH_END;
	case IOMMUFD_MODEL_OP_RCU_CALL:
		return EPOCH_BEGIN | EPOCH_ENTER << EPOCH_SECOND;
	case IOMMUFD_MODEL_OP_RCU_CALLED:
		return EPOCH_LEAVE << EPOCH_SECOND;
	case IOMMUFD_MODEL_OP_RCU_BARRIER:
		return EPOCH_BEGIN << EPOCH_SECOND;
	case IOMMUFD_MODEL_OP_RCU_BARRIER_END:
		return EPOCH_END << EPOCH_SECOND;
	default:
		return 0;
	}
}

/*
 * A wait ends when all sections have ended that began before it.  So the begin
 * of a section and the begin of a wait race.  The end of a section and the
 * begin of a wait are independent: if the section began first, the wait ends
 * after it in either order.
 */
static enum relation epoch_relation(unsigned int f, unsigned int e,
				    int section, int target)
{
	if ((f & EPOCH_ENTER && e & EPOCH_BEGIN) ||
	    (f & EPOCH_BEGIN && e & EPOCH_ENTER))
		return RACING;
	if (f & EPOCH_LEAVE && e & EPOCH_END &&
	    !iommufd_model_reached(section, target))
		return ORDERED;
	return INDEPENDENT;
}

enum relation explore_conflict_epoch_relation(unsigned int f, unsigned int e,
					      int section, int target)
{
	enum relation first = epoch_relation(f & 15, e & 15, section, target);

	if (first != INDEPENDENT)
		return first;
	return epoch_relation(f >> EPOCH_SECOND, e >> EPOCH_SECOND, section,
			      target);
}

bool explore_may_block(enum iommufd_model_op_kind kind)
{
	return (lock_flags(kind) & (LOCK_TAKE | LOCK_TRY)) == LOCK_TAKE ||
	       kind == IOMMUFD_MODEL_OP_WAIT_SLEEP ||
	       kind == IOMMUFD_MODEL_OP_WAIT_ZERO ||
	       kind == IOMMUFD_MODEL_OP_COMPLETION_TAKE ||
	       kind == IOMMUFD_MODEL_OP_SEQ_BEGIN || explore_is_until(kind);
}

bool explore_never_blocks(enum iommufd_model_op_kind kind)
{
	return !explore_may_block(kind) && kind != IOMMUFD_MODEL_OP_JOIN &&
	       kind != IOMMUFD_MODEL_OP_IRQ_ENTER;
}

/* False for an operation that no other thread can notice. */
bool explore_is_observable(const struct iommufd_model_op *op)
{
	return op->kind != IOMMUFD_MODEL_OP_FD_READ &&
	       op->kind != IOMMUFD_MODEL_OP_COPY_FROM_USER &&
	       op->kind != IOMMUFD_MODEL_OP_ALLOC &&
	       op->kind != IOMMUFD_MODEL_OP_CHOOSE &&
	       op->kind != IOMMUFD_MODEL_OP_RELAX;
}

/* Wait queues are aligned: an odd address is that of location_of() in wait.c. */
bool explore_only_names(const struct iommufd_model_op *op)
{
	return (uintptr_t)op->addr & 1 &&
	       (op->kind == IOMMUFD_MODEL_OP_WAIT_PREPARE ||
		op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP ||
		op->kind == IOMMUFD_MODEL_OP_WAIT_FINISH ||
		op->kind == IOMMUFD_MODEL_OP_WAIT_WAKE);
}

/* True if the trylock @op would get the lock now. */
static bool trylock_gets_it(const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
		return !((const struct mutex *)op->addr)->owner;
	case IOMMUFD_MODEL_OP_SPIN_TRYLOCK:
		return !((const spinlock_t *)op->addr)->owner;
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
		return explore_rwsem_open(op->addr, false);
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
		return explore_rwsem_open(op->addr, true);
	case IOMMUFD_MODEL_OP_READ_TRYLOCK:
		return ((const rwlock_t *)op->addr)->count >= 0;
	default:
		return !((const rwlock_t *)op->addr)->count;
	}
}

/* Return the lock flags of the next step of @thread. */
unsigned int explore_conflict_lock_flags(const struct thread *thread,
					 bool queue)
{
	const struct iommufd_model_op *op = thread->op;
	unsigned int flags = lock_flags(op->kind);

	if (queue)
		return ((const struct rw_semaphore *)op->addr)->count < 0 ?
			       LOCK_QUEUE | LOCK_HELD :
			       LOCK_QUEUE;
	if ((op->kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE ||
	     op->kind == IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE) &&
	    ((const struct rw_semaphore *)op->addr)->writers_waiting)
		flags |= LOCK_QUEUED;
	if (thread->queued)
		flags |= LOCK_WAITED;
	if (flags & LOCK_TRY && !trylock_gets_it(op))
		flags &= ~LOCK_TAKE;
	return flags;
}

enum conflict explore_conflict_of(enum iommufd_model_op_kind kind)
{
	switch (kind) {
	case IOMMUFD_MODEL_OP_READ_ONCE:
	case IOMMUFD_MODEL_OP_LOAD_ACQUIRE:
	case IOMMUFD_MODEL_OP_ATOMIC_READ:
	case IOMMUFD_MODEL_OP_SEQ_BEGIN:
	case IOMMUFD_MODEL_OP_SEQ_READ:
	case IOMMUFD_MODEL_OP_COPY_FROM_USER:
	case IOMMUFD_MODEL_OP_FD_READ:
	case IOMMUFD_MODEL_OP_IDR_READ:
	case IOMMUFD_MODEL_OP_REFCOUNT_READ:
	case IOMMUFD_MODEL_OP_LOCK_READ:
	case IOMMUFD_MODEL_OP_WAIT_READ:
		return CONFLICT_READ;
	case IOMMUFD_MODEL_OP_BIT_TEST:
		return CONFLICT_READ_BIT;
	case IOMMUFD_MODEL_OP_WRITE_ONCE:
	case IOMMUFD_MODEL_OP_STORE_RELEASE:
	case IOMMUFD_MODEL_OP_COPY_TO_USER:
	case IOMMUFD_MODEL_OP_FD_WRITE:
	case IOMMUFD_MODEL_OP_IDR_WRITE:
	/* Only another change can notice whether this change is complete. */
	case IOMMUFD_MODEL_OP_IDR_DONE:
	case IOMMUFD_MODEL_OP_ALLOC:
	case IOMMUFD_MODEL_OP_LOCK_DESTROY:
	case IOMMUFD_MODEL_OP_LOCK_INIT:
	case IOMMUFD_MODEL_OP_IRQ_RAISE:
	case IOMMUFD_MODEL_OP_IRQ_CHANGE:
	case IOMMUFD_MODEL_OP_IRQ_RUN:
	case IOMMUFD_MODEL_OP_DONE:
	/* Which of the exclusive sleepers is woken depends on their order. */
	case IOMMUFD_MODEL_OP_WAIT_PREPARE_EXCLUSIVE:
	case IOMMUFD_MODEL_OP_WAIT_FINISH_EXCLUSIVE:
	case IOMMUFD_MODEL_OP_COMPLETION_WAIT:
		return CONFLICT_WRITE;
	case IOMMUFD_MODEL_OP_WAIT_FINISH:
		return CONFLICT_LEAVE;
	case IOMMUFD_MODEL_OP_WAIT_UNTIL:
		return CONFLICT_UNTIL;
	case IOMMUFD_MODEL_OP_RCU_LOCK:
	case IOMMUFD_MODEL_OP_RCU_UNLOCK:
	case IOMMUFD_MODEL_OP_RCU_BEGIN:
	case IOMMUFD_MODEL_OP_RCU_END:
	case IOMMUFD_MODEL_OP_RCU_CALLED:
	case IOMMUFD_MODEL_OP_RCU_BARRIER:
	case IOMMUFD_MODEL_OP_RCU_BARRIER_END:
		return CONFLICT_EPOCH;
	case IOMMUFD_MODEL_OP_RCU_CALL:
	case IOMMUFD_MODEL_OP_WORK_QUEUE:
	case IOMMUFD_MODEL_OP_WORK_CANCEL:
	case IOMMUFD_MODEL_OP_WORK_ENABLE:
	case IOMMUFD_MODEL_OP_TIMER_ARM:
	case IOMMUFD_MODEL_OP_TIMER_DELETE:
	/* After a flush, the end of the delay does not move the clock. */
	case IOMMUFD_MODEL_OP_TIMER_FIRE:
		return CONFLICT_WRITE;
	case IOMMUFD_MODEL_OP_WORK_RUN:
		return CONFLICT_BEGIN;
	case IOMMUFD_MODEL_OP_WORK_FLUSH:
		return CONFLICT_FLUSH;
	case IOMMUFD_MODEL_OP_WORK_READ:
		return CONFLICT_READ;
	case IOMMUFD_MODEL_OP_QUEUE_FLUSH:
	case IOMMUFD_MODEL_OP_QUEUE_FLUSHED:
		return CONFLICT_EPOCH;
	case IOMMUFD_MODEL_OP_WAIT_PREPARE:
		return CONFLICT_PREPARE;
	case IOMMUFD_MODEL_OP_WAIT_WAKE:
	case IOMMUFD_MODEL_OP_COMPLETE:
		return CONFLICT_WAKE;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		return CONFLICT_RESUME;
	case IOMMUFD_MODEL_OP_COMPLETION_TAKE:
		return CONFLICT_TAKE;
	case IOMMUFD_MODEL_OP_WAIT_ZERO:
		return CONFLICT_ZERO;
	case IOMMUFD_MODEL_OP_FREE:
		return CONFLICT_FREE;
	case IOMMUFD_MODEL_OP_AFTER:
		return CONFLICT_AFTER;
	default:
		if (explore_is_counter(kind))
			return CONFLICT_WRITE;
		return lock_flags(kind) ? CONFLICT_LOCK : CONFLICT_NONE;
	}
}

enum conflict explore_conflict_next(const struct execution *exec,
				    const struct thread *thread)
{
	if (thread->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP &&
	    (explore_thread_would_expire(exec, thread) ||
	     explore_thread_would_rouse(exec, thread)))
		return CONFLICT_EXPIRE;
	if (thread->op->kind == IOMMUFD_MODEL_OP_COMPLETE &&
	    !exec->search->opt.plain && wakes_nobody(thread->op))
		return CONFLICT_GIVE;
	return explore_conflict_of(thread->op->kind);
}

/* Pairs of steps */

enum relation explore_conflict_lock_relation(unsigned int f, unsigned int e,
					     int nr_threads)
{
	unsigned int both = f & e, any = f | e;

	if (both & LOCK_READ && f & (LOCK_TAKE | LOCK_DROP) &&
	    e & (LOCK_TAKE | LOCK_DROP))
		return INDEPENDENT;
	if (both & LOCK_QUEUE)
		return INDEPENDENT;
	if (both & LOCK_TRY && !(any & LOCK_TAKE))
		return INDEPENDENT;
	/*
	 * The writer that failed at @f because of a reader would also have
	 * failed with the reader at @e.  If it failed because of a writer, that
	 * one's drop is between @f and @e, and orders them.
	 */
	if (f & LOCK_TRY && !(f & (LOCK_READ | LOCK_TAKE)) && e & LOCK_READ &&
	    e & LOCK_TAKE)
		return INDEPENDENT;
	if (e & LOCK_TAKE && !(e & LOCK_TRY)) {
		/*
		 * While the reader at @f had the lock, the writer at @e could
		 * have begun to wait, which would have kept out a third thread.
		 */
		if (f & LOCK_DROP && f & LOCK_READ && nr_threads > 2 &&
		    !(e & (LOCK_READ | LOCK_WAITED)))
			return RACING;
		if (f & LOCK_DROP || (f & LOCK_TRY && !(f & LOCK_TAKE)))
			return ORDERED;
		/* The reader could not have gone on just before @f either. */
		if (f & LOCK_QUEUE && (!(e & LOCK_READ) || f & LOCK_HELD))
			return ORDERED;
		/*
		 * When @f took the lock, a waiting writer kept out the reader
		 * at @e.
		 */
		if (f & LOCK_QUEUED && e & LOCK_READ)
			return ORDERED;
	}
	if (e & LOCK_DROP && f & LOCK_TAKE)
		return ORDERED;
	return RACING;
}

enum relation explore_conflict_relation(enum conflict f, enum conflict e)
{
	if (f == CONFLICT_NONE || e == CONFLICT_NONE)
		return INDEPENDENT;
	if (f == CONFLICT_FREE || e == CONFLICT_FREE)
		return RACING;
	if (f == CONFLICT_AFTER || e == CONFLICT_AFTER)
		return INDEPENDENT;
	/*
	 * @f is the end of a wait.  It could also have come after @e, as the
	 * condition stays true.  The case that @e ends a wait is handled by
	 * explore_conflict_node_relation(), except for a thread in a sleep set,
	 * which could go on before @f already.
	 */
	if (f == CONFLICT_UNTIL || e == CONFLICT_UNTIL)
		return INDEPENDENT;
	/*
	 * That a sleeper has left the queue is noticed only by an operation
	 * that looks at the queue.
	 */
	if (f == CONFLICT_LEAVE || e == CONFLICT_LEAVE)
		return f == CONFLICT_READ || e == CONFLICT_READ ? RACING :
								  INDEPENDENT;
	/* A flush waits for the end of the run, whether it has begun or not. */
	if ((f == CONFLICT_BEGIN && e == CONFLICT_FLUSH) ||
	    (f == CONFLICT_FLUSH && e == CONFLICT_BEGIN) ||
	    (f == CONFLICT_FLUSH && e == CONFLICT_FLUSH))
		return INDEPENDENT;
	if (f == CONFLICT_WRITE || e == CONFLICT_WRITE)
		return RACING;
	if (e == CONFLICT_READ && f == CONFLICT_PREPARE)
		return RACING;
	switch (f) {
	case CONFLICT_READ:
	case CONFLICT_READ_BIT:
	case CONFLICT_ZERO:
		return e == CONFLICT_READ || e == CONFLICT_READ_BIT ||
				       e == CONFLICT_ZERO ||
				       e == CONFLICT_FLUSH ?
			       INDEPENDENT :
			       RACING;
	case CONFLICT_FLUSH:
		return e == CONFLICT_READ ? INDEPENDENT : RACING;
	case CONFLICT_ADD:
		return e == CONFLICT_ADD ? INDEPENDENT : RACING;
	/* The sleepers that come later are not woken by this. */
	case CONFLICT_GIVE:
		return e == CONFLICT_GIVE || e == CONFLICT_RESUME ?
			       INDEPENDENT :
			       RACING;
	case CONFLICT_PREPARE:
		return e == CONFLICT_WAKE ? RACING : INDEPENDENT;
	case CONFLICT_WAKE:
		/*
		 * find_waker() orders a sleeper after the wake-up that woke
		 * it.
		 */
		return e == CONFLICT_RESUME ? INDEPENDENT : RACING;
	case CONFLICT_RESUME:
		return INDEPENDENT;
	case CONFLICT_EXPIRE:
		return e == CONFLICT_WAKE ? RACING : INDEPENDENT;
	default:
		return RACING;
	}
}

static bool about_a_bit(enum conflict conflict)
{
	return conflict == CONFLICT_READ_BIT || conflict == CONFLICT_WRITE_BIT;
}

enum relation explore_conflict_bit_relation(enum conflict f, unsigned int f_bit,
					    enum conflict e, unsigned int e_bit)
{
	if (about_a_bit(f) && about_a_bit(e) && f_bit != e_bit)
		return INDEPENDENT;
	return explore_conflict_relation(f, e);
}

/* A lock that is found to be taken is the same as a trylock that fails. */
static bool is_trylock_missed(const struct node *f)
{
	return f->kind == IOMMUFD_MODEL_OP_LOCK_READ && f->result;
}

/*
 * True if the count of the completion was 0 at @f.  Each complete() that came later
 * happened after @f, as the two do not commute.
 */
static bool nothing_to_take(const struct node *f)
{
	switch (f->kind) {
	case IOMMUFD_MODEL_OP_COMPLETION_WAIT:
		return !f->before;
	case IOMMUFD_MODEL_OP_WAIT_READ:
	case IOMMUFD_MODEL_OP_LOCK_INIT:
		return !f->result;
	default:
		return false;
	}
}

enum relation explore_conflict_node_relation(const struct node *f, int fi,
					     const struct node *e, int ei,
					     int nr_threads)
{
	if (f->conflict[fi] == CONFLICT_LOCK &&
	    e->conflict[ei] == CONFLICT_LOCK)
		return explore_conflict_lock_relation(f->flags[fi],
						      e->flags[ei], nr_threads);
	if (e->conflict[ei] == CONFLICT_ZERO &&
	    (f->conflict[fi] == CONFLICT_WRITE ||
	     f->conflict[fi] == CONFLICT_ADD))
		return f->before ? ORDERED : RACING;
	if (e->conflict[ei] == CONFLICT_LOCK && is_trylock_missed(f))
		return explore_conflict_lock_relation(LOCK_TRY, e->flags[ei],
						      nr_threads);
	if (e->conflict[ei] == CONFLICT_TAKE && nothing_to_take(f))
		return ORDERED;
	if (f->conflict[fi] == CONFLICT_TAKE &&
	    e->conflict[ei] == CONFLICT_TAKE &&
	    f->flags[fi] & e->flags[ei] & TAKE_NOTHING)
		return INDEPENDENT;
	if (f->conflict[fi] == CONFLICT_EPOCH &&
	    e->conflict[ei] == CONFLICT_EPOCH)
		return explore_conflict_epoch_relation(f->flags[fi],
						       e->flags[ei], f->delta,
						       e->delta);
	/*
	 * Either @e could not go on before @f, or @e could go on before and
	 * after @f.
	 */
	if (e->conflict[ei] == CONFLICT_UNTIL &&
	    f->conflict[fi] == CONFLICT_WRITE)
		return explore_until_holds((enum iommufd_model_op_kind)e->kind,
					   f->before, e->delta) ?
			       INDEPENDENT :
			       ORDERED;
	/* The reader could not go on while the sequence number was odd. */
	if (e->kind == IOMMUFD_MODEL_OP_SEQ_BEGIN && f->before & 1 &&
	    (f->kind == IOMMUFD_MODEL_OP_SEQ_WRITE_END ||
	     f->kind == IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN))
		return ORDERED;
	return explore_conflict_bit_relation((enum conflict)f->conflict[fi],
					     f->flags[fi],
					     (enum conflict)e->conflict[ei],
					     e->flags[ei]);
}

/* True if every earlier step on the location conflicts with @f. */
bool explore_conflict_ends_walk(const struct node *f, int fi)
{
	return f->conflict[fi] == CONFLICT_WRITE ||
	       (f->conflict[fi] == CONFLICT_TAKE &&
		!(f->flags[fi] & TAKE_NOTHING)) ||
	       (f->conflict[fi] == CONFLICT_LOCK &&
		(f->flags[fi] & (LOCK_TAKE | LOCK_READ)) == LOCK_TAKE);
}
