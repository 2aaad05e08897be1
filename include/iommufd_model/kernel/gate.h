/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The gate, the only interface through which the ground can be observed and
 * its threads scheduled.
 *
 * Every operation that another thread could observe passes the gate once:
 * counter operations, atomic variables, locks, wait queues, descriptors,
 * allocation and free, READ_ONCE() and WRITE_ONCE(), and copies from and to user
 * memory.  If no hook is installed, this costs one predictable branch.
 * Otherwise two functions of each hook are called:
 *
 * - step() before the operation takes effect.  This is a scheduling point: a
 * scheduler returns from step() when this thread is to continue.
 * - event() after the operation, with the values before and after.
 *
 * The code above the ground can also announce notes, such as "object finalized"
 * or "release pass 2 starts".  A note has an event() and no step().
 *
 * Operations that a hook itself makes do not pass the gate again.  Hooks may
 * only be added and removed while no other thread is inside the ground.
 */
#ifndef IOMMUFD_MODEL_KERNEL_GATE_H
#define IOMMUFD_MODEL_KERNEL_GATE_H

#include <iommufd_model/kernel/alone.h>
#include <iommufd_model/kernel/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** The kinds of operations at the gate. */
enum iommufd_model_op_kind {
	IOMMUFD_MODEL_OP_REFCOUNT_SET,	/**< refcount_set() */
	IOMMUFD_MODEL_OP_REFCOUNT_READ,	/**< refcount_read() */
	IOMMUFD_MODEL_OP_REFCOUNT_ADD,	/**< refcount_inc(), refcount_add() */
	IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO,	/**< refcount_inc_not_zero() */
	IOMMUFD_MODEL_OP_REFCOUNT_DEC,	/**< refcount_dec() */
	/** refcount_dec_and_test(), refcount_sub_and_test() */
	IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST,
	IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE,	/**< refcount_dec_not_one() */
	IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE,	/**< refcount_dec_if_one() */

	IOMMUFD_MODEL_OP_MUTEX_LOCK,	/**< mutex_lock() */
	IOMMUFD_MODEL_OP_MUTEX_TRYLOCK,	/**< mutex_trylock() */
	/** the first half of mutex_unlock(), which makes the mutex free */
	IOMMUFD_MODEL_OP_MUTEX_UNLOCK,
	/** the second half, the tail, which still reads the mutex */
	IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL,
	IOMMUFD_MODEL_OP_RWSEM_DOWN_READ,	/**< down_read() */
	IOMMUFD_MODEL_OP_RWSEM_TRY_READ,	/**< down_read_trylock() */
	/** the first half of up_read() */
	IOMMUFD_MODEL_OP_RWSEM_UP_READ,
	IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE,	/**< down_write() */
	IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE,	/**< down_write_trylock() */
	/** the first half of up_write() */
	IOMMUFD_MODEL_OP_RWSEM_UP_WRITE,
	/** the second half of either, which still reads the semaphore */
	IOMMUFD_MODEL_OP_RWSEM_UP_TAIL,
	IOMMUFD_MODEL_OP_RWSEM_DOWNGRADE,	/**< downgrade_write() */
	IOMMUFD_MODEL_OP_SPIN_LOCK,	/**< spin_lock() and its variants */
	IOMMUFD_MODEL_OP_SPIN_TRYLOCK,	/**< spin_trylock() */
	IOMMUFD_MODEL_OP_SPIN_UNLOCK,	/**< spin_unlock() */
	IOMMUFD_MODEL_OP_READ_LOCK,	/**< read_lock() */
	IOMMUFD_MODEL_OP_READ_TRYLOCK,	/**< read_trylock() */
	IOMMUFD_MODEL_OP_READ_UNLOCK,	/**< read_unlock() */
	IOMMUFD_MODEL_OP_WRITE_LOCK,	/**< write_lock() */
	IOMMUFD_MODEL_OP_WRITE_TRYLOCK,	/**< write_trylock() */
	IOMMUFD_MODEL_OP_WRITE_UNLOCK,	/**< write_unlock() */
	/** mutex_is_locked(), rwsem_is_locked(), spin_is_locked() */
	IOMMUFD_MODEL_OP_LOCK_READ,
	IOMMUFD_MODEL_OP_LOCK_DESTROY,	/**< mutex_destroy() */
	/** initialisation of a lock of any kind, or of a wait queue */
	IOMMUFD_MODEL_OP_LOCK_INIT,

	IOMMUFD_MODEL_OP_WAIT_PREPARE,	/**< prepare_to_wait() */
	IOMMUFD_MODEL_OP_WAIT_SLEEP,	/**< sleep until woken or timed out */
	IOMMUFD_MODEL_OP_WAIT_FINISH,	/**< finish_wait() */
	IOMMUFD_MODEL_OP_WAIT_WAKE,	/**< wake_up() and its variants */
	/** prepare_to_wait_exclusive() */
	IOMMUFD_MODEL_OP_WAIT_PREPARE_EXCLUSIVE,
	/** finish_wait() of an exclusive sleeper */
	IOMMUFD_MODEL_OP_WAIT_FINISH_EXCLUSIVE,
	/** waitqueue_active(), completion_done() */
	IOMMUFD_MODEL_OP_WAIT_READ,
	/** wait_for_completion() and down(): wait until there is a count */
	IOMMUFD_MODEL_OP_COMPLETION_TAKE,
	/**
	 * wait_for_completion_timeout() enters the queue, or goes on;
	 * try_wait_for_completion()
	 */
	IOMMUFD_MODEL_OP_COMPLETION_WAIT,
	IOMMUFD_MODEL_OP_COMPLETE,	/**< complete(), complete_all() */
	/** iommufd_model_wait_zero(), which a scheduler provides */
	IOMMUFD_MODEL_OP_WAIT_ZERO,

	IOMMUFD_MODEL_OP_ALLOC,	/**< kzalloc() and the like */
	IOMMUFD_MODEL_OP_FREE,	/**< kfree(), kvfree() */
	IOMMUFD_MODEL_OP_READ_ONCE,	/**< READ_ONCE() */
	IOMMUFD_MODEL_OP_WRITE_ONCE,	/**< WRITE_ONCE() */
	/** copy_from_user() and the functions that use it */
	IOMMUFD_MODEL_OP_COPY_FROM_USER,
	/** copy_to_user() and the functions that use it */
	IOMMUFD_MODEL_OP_COPY_TO_USER,
	/** one page of pin_user_pages_fast() */
	IOMMUFD_MODEL_OP_PIN_PAGE,
	IOMMUFD_MODEL_OP_UNPIN_PAGE,	/**< unpin_user_page() */

	IOMMUFD_MODEL_OP_FD_READ,	/**< fget() */
	/** a descriptor is reserved, installed, put back or closed */
	IOMMUFD_MODEL_OP_FD_WRITE,

	IOMMUFD_MODEL_OP_RELAX,	/**< cpu_relax(), cond_resched() */

	/** iommufd_model_spawn(), which a scheduler provides */
	IOMMUFD_MODEL_OP_SPAWN,
	/** iommufd_model_join(), which a scheduler provides */
	IOMMUFD_MODEL_OP_JOIN,
	/* contexts and interrupts */
	IOMMUFD_MODEL_OP_IRQS_OFF,	/**< local_irq_save() and the like */
	IOMMUFD_MODEL_OP_IRQS_ON,	/**< local_irq_restore() and the like */
	/** a thread of a test that is an interrupt handler begins */
	IOMMUFD_MODEL_OP_IRQ_ENTER,
	IOMMUFD_MODEL_OP_IRQ_LEAVE,	/**< an interrupt handler ends */
	IOMMUFD_MODEL_OP_IRQ_RAISE,	/**< iommufd_model_irq_raise() */
	/** request_irq(), free_irq(), disable_irq(), enable_irq() */
	IOMMUFD_MODEL_OP_IRQ_CHANGE,
	/** the thread of a handler checks whether it has to call the handler */
	IOMMUFD_MODEL_OP_IRQ_RUN,
	/* waits for, and ends of, activities in the background */
	/** a thread waits until a counter has reached a value */
	IOMMUFD_MODEL_OP_WAIT_UNTIL,
	IOMMUFD_MODEL_OP_DONE,	/**< such a counter is incremented */
	/* RCU and SRCU */
	IOMMUFD_MODEL_OP_RCU_LOCK,	/**< an outermost read section begins */
	IOMMUFD_MODEL_OP_RCU_UNLOCK,	/**< an outermost read section ends */
	/** synchronize_rcu() records the readers that it waits for */
	IOMMUFD_MODEL_OP_RCU_BEGIN,
	/**
	 * the readers have left: synchronize_rcu() ends, or a callback may run
	 */
	IOMMUFD_MODEL_OP_RCU_END,
	IOMMUFD_MODEL_OP_RCU_CALL,	/**< call_rcu(), kfree_rcu() */
	IOMMUFD_MODEL_OP_RCU_CALLED,	/**< a callback has returned */
	/** rcu_barrier() records the callbacks that it waits for */
	IOMMUFD_MODEL_OP_RCU_BARRIER,
	IOMMUFD_MODEL_OP_RCU_BARRIER_END,	/**< rcu_barrier() ends */
	/* work items and timers */
	IOMMUFD_MODEL_OP_WORK_QUEUE,	/**< queue_work() and the like */
	IOMMUFD_MODEL_OP_WORK_CANCEL,	/**< cancel_work(), disable_work() */
	IOMMUFD_MODEL_OP_WORK_ENABLE,	/**< enable_work() */
	IOMMUFD_MODEL_OP_WORK_RUN,	/**< the function of an item is called */
	IOMMUFD_MODEL_OP_WORK_READ,	/**< work_pending(), timer_pending() */
	/** flush_work() records the run that it waits for */
	IOMMUFD_MODEL_OP_WORK_FLUSH,
	/** flush_workqueue() records the items that it waits for */
	IOMMUFD_MODEL_OP_QUEUE_FLUSH,
	IOMMUFD_MODEL_OP_QUEUE_FLUSHED,	/**< flush_workqueue() ends */
	IOMMUFD_MODEL_OP_TIMER_ARM,	/**< mod_timer() and the like */
	IOMMUFD_MODEL_OP_TIMER_DELETE,	/**< timer_delete() and the like */
	/** a timer or the timer of a delayed item expires */
	IOMMUFD_MODEL_OP_TIMER_FIRE,
	/**
	 * Not an operation: a scheduler uses it for the code that follows an
	 * operation.
	 */
	IOMMUFD_MODEL_OP_AFTER,

	/** idr_find() and other reads of an idr or an ida */
	IOMMUFD_MODEL_OP_IDR_READ,
	IOMMUFD_MODEL_OP_IDR_WRITE,	/**< a change of an idr or an ida */
	IOMMUFD_MODEL_OP_IDR_DONE,	/**< a change of an idr ends */

	/*
	 * The operations of atomic.h, bitops.h and barrier.h; see struct
	 * iommufd_model_atomic_op.
	 */
	IOMMUFD_MODEL_OP_ATOMIC_READ,	/**< atomic_read() */
	IOMMUFD_MODEL_OP_ATOMIC_SET,	/**< atomic_set() */
	/** atomic_add(), atomic_sub(), atomic_inc(), atomic_dec() */
	IOMMUFD_MODEL_OP_ATOMIC_ADD,
	/** atomic_add_return(), atomic_fetch_add() and the like */
	IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN,
	/** atomic_dec_and_test(), atomic_inc_and_test() and the like */
	IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST,
	/** atomic_add_unless(), atomic_inc_not_zero() */
	IOMMUFD_MODEL_OP_ATOMIC_ADD_UNLESS,
	IOMMUFD_MODEL_OP_ATOMIC_FETCH_ADD_UNLESS, /**< atomic_fetch_add_unless() */
	/** atomic_inc_unless_negative() */
	IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE,
	/** atomic_dec_unless_positive() */
	IOMMUFD_MODEL_OP_ATOMIC_DEC_UNLESS_POSITIVE,
	/** atomic_dec_if_positive() */
	IOMMUFD_MODEL_OP_ATOMIC_DEC_IF_POSITIVE,
	IOMMUFD_MODEL_OP_ATOMIC_AND,	/**< atomic_and(), atomic_andnot() */
	IOMMUFD_MODEL_OP_ATOMIC_OR,	/**< atomic_or() */
	IOMMUFD_MODEL_OP_ATOMIC_XOR,	/**< atomic_xor() */
	IOMMUFD_MODEL_OP_ATOMIC_XCHG,	/**< atomic_xchg(), xchg() */
	IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG,	/**< atomic_cmpxchg(), cmpxchg() */
	/** read_seqcount_begin(), which waits for an even value */
	IOMMUFD_MODEL_OP_SEQ_BEGIN,
	/** read_seqcount_retry(), raw_read_seqcount() */
	IOMMUFD_MODEL_OP_SEQ_READ,
	IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN,	/**< write_seqcount_begin() */
	IOMMUFD_MODEL_OP_SEQ_WRITE_END,	/**< write_seqcount_end() */
	IOMMUFD_MODEL_OP_BIT_TEST,	/**< test_bit() */
	IOMMUFD_MODEL_OP_BIT_SET,	/**< set_bit() */
	IOMMUFD_MODEL_OP_BIT_CLEAR,	/**< clear_bit() */
	IOMMUFD_MODEL_OP_BIT_CHANGE,	/**< change_bit() */
	IOMMUFD_MODEL_OP_BIT_TEST_AND_SET,	/**< test_and_set_bit() */
	IOMMUFD_MODEL_OP_BIT_TEST_AND_CLEAR,	/**< test_and_clear_bit() */
	IOMMUFD_MODEL_OP_BIT_TEST_AND_CHANGE,	/**< test_and_change_bit() */
	IOMMUFD_MODEL_OP_LOAD_ACQUIRE,	/**< smp_load_acquire() */
	IOMMUFD_MODEL_OP_STORE_RELEASE,	/**< smp_store_release() */
	/** iommufd_model_choose(), which a scheduler provides */
	IOMMUFD_MODEL_OP_CHOOSE,

	IOMMUFD_MODEL_OP_NOTE,	/**< iommufd_model_note() */
};

/**
 * Tells whether an operation is one on an atomic variable.
 * @param kind  the kind of operation
 * @return true if it is
 */
static inline bool iommufd_model_op_is_atomic(enum iommufd_model_op_kind kind)
{
	return kind >= IOMMUFD_MODEL_OP_ATOMIC_READ &&
	       kind <= IOMMUFD_MODEL_OP_BIT_TEST_AND_CHANGE;
}

/**
 * Tells whether an operation is one on a single bit.
 * @param kind  the kind of operation
 * @return true if it is
 */
static inline bool iommufd_model_op_is_bit(enum iommufd_model_op_kind kind)
{
	return kind >= IOMMUFD_MODEL_OP_BIT_TEST &&
	       kind <= IOMMUFD_MODEL_OP_BIT_TEST_AND_CHANGE;
}

/** The call site of an operation in the source, and its argument as text. */
struct iommufd_model_site {
	const char *func;	/**< the function */
	const char *file;	/**< the source file */
	int line;	/**< the line */
	/**
	 * the argument as text: for refcount_inc(&obj->users) it is
	 * "&obj->users"
	 */
	const char *what;
};

/** One operation at the gate.  Only event() may use @p before and @p after. */
struct iommufd_model_op {
	enum iommufd_model_op_kind kind;	/**< the kind of operation */
	/**
	 * The location: the address of the counter, lock, wait queue or memory
	 * on which the operation acts.  For an operation on a descriptor it is
	 * an address that represents the descriptor, or, when a free descriptor
	 * is to be chosen, the whole table.  For a note it depends on the
	 * note's number.
	 */
	const void *addr;
	/**
	 * The argument of the operation:
	 * - counter: the number that is added, subtracted or set;
	 * - atomic variable: as struct iommufd_model_atomic_op says;
	 * - copy, allocation, free, READ_ONCE(), WRITE_ONCE(),
	 *   smp_load_acquire(), smp_store_release(), initialisation or
	 *   destruction of a lock: the size in bytes;
	 * - wake-up or prepare_to_wait(): the TASK_ bits;
	 * - sleep: the timeout in jiffies;
	 * - wait for a counter, end of a grace period or of rcu_barrier(): the
	 *   number that it has to reach;
	 * - end of a read section, a callback or a work item: its number;
	 * - pin: 1 if the page is pinned for writing;
	 * - idr, ida: the id, or where to look for a free one;
	 * - descriptor: its number, or -1 if a free one is to be chosen;
	 * - choice of data: the number of values;
	 * - note: its number.
	 */
	long arg;
	/**
	 * The old value of a counter, an atomic variable or a bit; the
	 * parameter of a note; 1 for an allocation with __GFP_NOFAIL.
	 */
	long before;
	/**
	 * The result of the operation:
	 * - counter: its value afterwards; after a misuse, the value that the
	 *   arithmetic gives and not the value of a poisoned counter;
	 * - atomic variable, bit: its value afterwards;
	 * - allocation: the address, or 0 if it failed;
	 * - lock, completion: 1 if it was taken, 0 if not;
	 * - copy: the number of bytes that were not copied;
	 * - pin: 0 or a negative errno;
	 * - idr, ida: what the call returned;
	 * - sleep: the jiffies left;
	 * - READ_ONCE(), WRITE_ONCE(), smp_load_acquire(),
	 *   smp_store_release(): the value that was read or written;
	 * - descriptor: the file that was found, or what the change returned;
	 * - choice of data: the value.
	 */
	long after;
	const struct iommufd_model_site *site;	/**< the call site; static */
};

/** A hook, which observes operations or schedules threads. */
struct iommufd_model_hook {
	/** Called before each operation, on the same thread; may be NULL. */
	void (*step)(struct iommufd_model_hook *hook,
		     const struct iommufd_model_op *op);
	/**
	 * Called after each operation and for each note, on the same thread;
	 * may be NULL.
	 */
	void (*event)(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op);
	struct iommufd_model_hook *next;	/**< used by the gate */
	/**
	 * The size of this struct in bytes as the caller was compiled with it;
	 * set by iommufd_model_hook_add().  Members that are added later come
	 * after this one.
	 */
	size_t size;
};

/**
 * Installs a hook.  iommufd_model_hook_add() calls it.
 * @param hook  the hook
 * @param size  the size in bytes of the struct that the caller was compiled
 *   with
 */
IOMMUFD_MODEL_API void
iommufd_model_hook_add_sized(struct iommufd_model_hook *hook, size_t size);

/**
 * Installs a hook.  From now on it is called for every operation, after the
 * hooks that were installed before it.
 * @param hook  the hook
 * @ownership The caller keeps @p hook alive until it has removed it.
 * @context Call it only while no other thread is inside the ground, apart from
 *   threads that the library has started itself.
 */
static inline void iommufd_model_hook_add(struct iommufd_model_hook *hook)
{
	iommufd_model_hook_add_sized(hook, sizeof(*hook));
}

/**
 * Removes a hook.  Has no effect if @p hook is not installed.  Waits until the
 * threads that the library has started itself, for work items, timers, RCU
 * callbacks and kthreads, have returned from the hook; they may be inside of it
 * for a moment after the call that waited for them.
 * @param hook  the hook
 * @ownership The caller may free @p hook when the call has returned.
 * @context Call it only while no other thread is inside the ground, apart from
 *   those of the library.  May block.
 */
IOMMUFD_MODEL_API void
iommufd_model_hook_remove(struct iommufd_model_hook *hook);

/**
 * Finds the allocation that contains the location of an operation.  Takes time
 * in proportion to the number of live allocations.
 * @param op  an operation
 * @return the start of the allocation; NULL if the location is in static
 *   memory, on a stack, or in memory that has been freed
 */
IOMMUFD_MODEL_API const void *
iommufd_model_op_object(const struct iommufd_model_op *op);

/**
 * Returns the name of a kind of operation.
 * @param kind  the kind
 * @return the name, such as "mutex_lock", or "?" if @p kind is unknown; static
 */
IOMMUFD_MODEL_API const char *
iommufd_model_op_name(enum iommufd_model_op_kind kind);

/**
 * Announces a note.  iommufd_model_note() calls it if a hook is installed.
 * @param number  the number of the note, which tells what has happened
 * @param addr    the address of the object concerned
 * @param param   a parameter; its meaning depends on @p number
 * @param site    the call site
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_note_slow(int number, const void *addr, long param,
			const struct iommufd_model_site *site);

/** The first hook, or NULL.  Only IOMMUFD_MODEL_GATE_OPEN() uses it. */
extern IOMMUFD_MODEL_API struct iommufd_model_hook *iommufd_model_gate;

/**
 * Tells whether any hook is installed.  The compiler is told that this is
 * unlikely.
 * @return true if a hook is installed
 */
#ifdef IOMMUFD_MODEL_NO_GATE	/* the benchmark measures the gate's cost */
#define IOMMUFD_MODEL_GATE_OPEN() 0
#else
#define IOMMUFD_MODEL_GATE_OPEN() \
	__builtin_expect(!!__atomic_load_n(&iommufd_model_gate, \
					   __ATOMIC_RELAXED), 0)
#endif

/**
 * Makes a call site of the line where the macro is used.
 * @param what  a string literal with the argument of the operation
 * @return a pointer to a static struct iommufd_model_site
 */
#define IOMMUFD_MODEL_SITE(what) __extension__({			\
	static const struct iommufd_model_site __site = {		\
		__func__, __FILE__, __LINE__, what			\
	};								\
	&__site;							\
})

/**
 * Announces a note to the event() functions of all hooks.
 * @param number  the number of the note; numbers below 1024 are reserved for
 *   the library (notes.h)
 * @param addr    the address of the object concerned
 * @param param   a parameter; its meaning depends on @p number
 */
#define iommufd_model_note(number, addr, param) do {			\
	if (IOMMUFD_MODEL_GATE_OPEN())					\
		iommufd_model_note_slow(number, addr, (long)(param),	\
					IOMMUFD_MODEL_SITE(#addr));	\
} while (0)

/**
 * Calls step() of each hook.  It is for code that defines operations of its
 * own.
 * @param op  the operation, which is about to take effect
 * @context A scheduler may let other threads run before it returns.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_gate_step(const struct iommufd_model_op *op);

/**
 * Calls event() of each hook.  It is for code that defines operations of its
 * own.
 * @param op  the operation, which has taken effect
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_gate_event(const struct iommufd_model_op *op);

/**
 * Lets other threads run.  It is for loops that wait until another thread has
 * done something.  To the explorer it is a scheduling point; otherwise the
 * thread yields the processor.
 * @context Any, also with a spinlock held.
 */
#define cpu_relax() iommufd_model_relax(IOMMUFD_MODEL_SITE("cpu_relax()"))

/**
 * Lets other threads run.  cpu_relax() and cond_resched() call it.
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_relax(const struct iommufd_model_site *site);

/**
 * Reads a plain variable that several threads use without a lock.
 * @param x  the variable, a scalar
 * @return its value
 * @context Any; does not block.
 */
#define READ_ONCE(x) __IOMMUFD_MODEL_READ_ONCE(x, __COUNTER__)

/**
 * Writes a plain variable that several threads use without a lock.
 * @param x      the variable, a scalar
 * @param value  its new value
 * @context Any; does not block.
 */
#define WRITE_ONCE(x, value) \
	__IOMMUFD_MODEL_WRITE_ONCE(x, value, __COUNTER__)

/** @cond INTERNAL */
#ifdef __cplusplus
#define __IOMMUFD_MODEL_AUTO auto
#else
#define __IOMMUFD_MODEL_AUTO __extension__ __auto_type
#endif

/*
 * If a hook is installed, calls step() and gives the call site; otherwise gives
 * NULL.
 */
#define __IOMMUFD_MODEL_ONCE(kind, addr, text)				\
	(IOMMUFD_MODEL_GATE_OPEN() ?					\
		 iommufd_model_access_begin(IOMMUFD_MODEL_OP_##kind, addr, \
					    sizeof(*(addr)),		\
					    IOMMUFD_MODEL_SITE(text)) :	\
		 (const struct iommufd_model_site *)0)
#define __IOMMUFD_MODEL_DONE(kind, addr, value, at) do {		\
	if (at)								\
		iommufd_model_access_done(IOMMUFD_MODEL_OP_##kind, addr, \
					  sizeof(*(addr)), (long)(value), at); \
} while (0)

/*
 * @n is a number that is different in each use.  It makes the names of the
 * variables unique, so that one use may be the argument of another.
 */
#define __IOMMUFD_MODEL_READ_ONCE(x, n) __IOMMUFD_MODEL_READ_ONCE_(x, n)
#define __IOMMUFD_MODEL_READ_ONCE_(x, n) __extension__({		\
	/* @x may contain an operation: evaluate it once. */		\
	__IOMMUFD_MODEL_AUTO __addr##n = &(x);				\
	const struct iommufd_model_site *__at##n =			\
		__IOMMUFD_MODEL_ONCE(READ_ONCE, __addr##n, #x);		\
	__IOMMUFD_MODEL_AUTO __once##n =				\
		__atomic_load_n(__addr##n, __ATOMIC_RELAXED);		\
	__IOMMUFD_MODEL_DONE(READ_ONCE, __addr##n, __once##n, __at##n);	\
	__once##n;							\
})
#define __IOMMUFD_MODEL_WRITE_ONCE(x, value, n) \
	__IOMMUFD_MODEL_WRITE_ONCE_(x, value, n)
#define __IOMMUFD_MODEL_WRITE_ONCE_(x, value, n) do {			\
	/* @value may contain an operation: evaluate it first. */	\
	__typeof__(__atomic_load_n(&(x), __ATOMIC_RELAXED)) __once##n =	\
		(value);						\
	__typeof__(&(x)) __addr##n = &(x);				\
	const struct iommufd_model_site *__at##n =			\
		__IOMMUFD_MODEL_ONCE(WRITE_ONCE, __addr##n, #x);	\
	__atomic_store_n(__addr##n, __once##n, __ATOMIC_RELAXED);	\
	__IOMMUFD_MODEL_DONE(WRITE_ONCE, __addr##n, __once##n, __at##n); \
} while (0)
/** @endcond */

/**
 * Calls step() of each hook before an access that the caller makes itself.
 * @param kind  the kind of access
 * @param addr  the address of the variable
 * @param size  its size in bytes
 * @param site  the call site
 * @return @p site
 * @context A scheduler may let other threads run before it returns.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD const struct iommufd_model_site *
iommufd_model_access_begin(enum iommufd_model_op_kind kind,
			   const volatile void *addr, size_t size,
			   const struct iommufd_model_site *site);

/**
 * Calls event() of each hook, after an access that was begun with
 * iommufd_model_access_begin().
 * @param kind   the kind of operation
 * @param addr   the address of the variable
 * @param size   its size in bytes
 * @param value  the value that was read or written
 * @param site   the call site
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_access_done(enum iommufd_model_op_kind kind,
			  const volatile void *addr, size_t size, long value,
			  const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
