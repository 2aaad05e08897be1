/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The gate: the one place where the ground can be watched or steered.
 *
 * Every operation that another thread could observe passes it once: counter
 * operations, locks, wait queues, descriptors, allocation and free,
 * READ_ONCE/WRITE_ONCE, copies from and to user memory.  With no hook installed
 * the operation falls through after one predictable branch.  With hooks each is
 * called twice:
 *
 * - step() before the operation takes effect: a scheduling point; a scheduler
 * returns when this thread is the one to go on;
 * - event() after it, with the values it saw and left.
 *
 * Notes are announcements of the code above the ground ("object finalized",
 * "release pass 2 starts").  They have an event() and no step().
 *
 * A hook's own operations do not pass the gate again.  Adding and removing
 * hooks is for a time when no other thread is inside the ground.
 */
#ifndef IOMMUFD_MODEL_KERNEL_GATE_H
#define IOMMUFD_MODEL_KERNEL_GATE_H

#include <iommufd_model/kernel/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** What an operation at the gate does. */
enum iommufd_model_op_kind {
	IOMMUFD_MODEL_OP_REFCOUNT_SET,	/**< refcount_set() */
	IOMMUFD_MODEL_OP_REFCOUNT_READ,	/**< refcount_read() */
	IOMMUFD_MODEL_OP_REFCOUNT_ADD,	/**< refcount_inc(), refcount_add() */
	IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO,	/**< refcount_inc_not_zero() */
	IOMMUFD_MODEL_OP_REFCOUNT_DEC,	/**< refcount_dec() */
	/** refcount_dec_and_test(), refcount_sub_and_test() */
	IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST,
	IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE,	/**< refcount_dec_if_one() */

	IOMMUFD_MODEL_OP_MUTEX_LOCK,	/**< mutex_lock() */
	IOMMUFD_MODEL_OP_MUTEX_TRYLOCK,	/**< mutex_trylock() */
	/** mutex_unlock(): publishes the lock as free */
	IOMMUFD_MODEL_OP_MUTEX_UNLOCK,
	/** its tail, which still reads the lock */
	IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL,
	IOMMUFD_MODEL_OP_RWSEM_DOWN_READ,	/**< down_read() */
	IOMMUFD_MODEL_OP_RWSEM_TRY_READ,	/**< down_read_trylock() */
	IOMMUFD_MODEL_OP_RWSEM_UP_READ,	/**< up_read(): publishes */
	IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE,	/**< down_write() */
	IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE,	/**< down_write_trylock() */
	IOMMUFD_MODEL_OP_RWSEM_UP_WRITE,	/**< up_write(): publishes */
	/** the tail of either, which still reads the semaphore */
	IOMMUFD_MODEL_OP_RWSEM_UP_TAIL,
	IOMMUFD_MODEL_OP_SPIN_LOCK,	/**< spin_lock() */
	IOMMUFD_MODEL_OP_SPIN_UNLOCK,	/**< spin_unlock() */
	/** mutex_is_locked(), rwsem_is_locked(): a look that takes nothing */
	IOMMUFD_MODEL_OP_LOCK_READ,
	IOMMUFD_MODEL_OP_LOCK_DESTROY,	/**< mutex_destroy() */
	/** initialisation of any kind of lock, or of a wait queue */
	IOMMUFD_MODEL_OP_LOCK_INIT,

	IOMMUFD_MODEL_OP_WAIT_PREPARE,	/**< prepare_to_wait() */
	IOMMUFD_MODEL_OP_WAIT_SLEEP,	/**< sleep until woken, or for a time */
	IOMMUFD_MODEL_OP_WAIT_FINISH,	/**< finish_wait() */
	IOMMUFD_MODEL_OP_WAIT_WAKE,	/**< wake_up() and its variants */
	/** of a scheduler: iommufd_model_wait_zero() */
	IOMMUFD_MODEL_OP_WAIT_ZERO,

	IOMMUFD_MODEL_OP_ALLOC,	/**< kzalloc() and its like */
	IOMMUFD_MODEL_OP_FREE,	/**< kfree(), kvfree() */
	IOMMUFD_MODEL_OP_READ_ONCE,	/**< READ_ONCE() */
	IOMMUFD_MODEL_OP_WRITE_ONCE,	/**< WRITE_ONCE() */
	/** copy_from_user() and what is built on it */
	IOMMUFD_MODEL_OP_COPY_FROM_USER,
	/** copy_to_user() and what is built on it */
	IOMMUFD_MODEL_OP_COPY_TO_USER,
	/** one page of pin_user_pages_fast() */
	IOMMUFD_MODEL_OP_PIN_PAGE,
	IOMMUFD_MODEL_OP_UNPIN_PAGE,	/**< unpin_user_page() */

	IOMMUFD_MODEL_OP_FD_READ,	/**< fget() */
	/** a descriptor is reserved, installed, put back or closed */
	IOMMUFD_MODEL_OP_FD_WRITE,

	IOMMUFD_MODEL_OP_RELAX,	/**< cpu_relax(), cond_resched() */

	IOMMUFD_MODEL_OP_SPAWN,	/**< of a scheduler: iommufd_model_spawn() */
	IOMMUFD_MODEL_OP_JOIN,	/**< of a scheduler: iommufd_model_join() */
	IOMMUFD_MODEL_OP_AFTER,	/**< none: what follows one, to a scheduler */

	IOMMUFD_MODEL_OP_NOTE,	/**< iommufd_model_note() */
};

/** Where an operation stands in the source, and the expression it names. */
struct iommufd_model_site {
	const char *func;	/**< the function */
	const char *file;	/**< the file */
	int line;	/**< the line */
	/** the expression: of refcount_inc(&obj->users), "&obj->users" */
	const char *what;
};

/** One operation at the gate.  Only event() sees @p before and @p after. */
struct iommufd_model_op {
	enum iommufd_model_op_kind kind;	/**< what is done */
	/**
	 * The counter, lock, wait queue or memory it is done to; for a
	 * descriptor what stands for its slot, or for the choice of a free one;
	 * of a note as its number says.
	 */
	const void *addr;
	/**
	 * With what: n of a counter operation, bytes of a copy, an allocation
	 * or a lock that is initialised, the mode of a wake-up or a sleeper,
	 * the timeout of a sleep, 1 if a page is pinned for writing, the number
	 * of a note, a descriptor (-1: to be chosen).
	 */
	long arg;
	/** The value of the counter before; of a note its parameter. */
	long before;
	/**
	 * The value of the counter afterwards; for an allocation the address
	 * (0: it failed); for a descriptor what the change returns or the file
	 * found; for a lock whether it was got.  Of a misused counter it is
	 * what the arithmetic gives, not the poison that is left.
	 */
	long after;
	const struct iommufd_model_site *site;	/**< where; valid for ever */
};

/** Someone who watches or steers. */
struct iommufd_model_hook {
	/** Called before each operation, on its thread; may be NULL. */
	void (*step)(struct iommufd_model_hook *hook,
		     const struct iommufd_model_op *op);
	/**
	 * Called after each operation and for each note, on its thread; may be
	 * NULL.
	 */
	void (*event)(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op);
	struct iommufd_model_hook *next;	/**< the next one; the gate's */
};

/**
 * Lets a hook see every operation from now on, after the hooks added before it.
 * @param hook  the hook
 * @ownership The caller keeps @p hook alive until it has removed it.
 * @context While no other thread is inside the ground.
 */
IOMMUFD_MODEL_API void iommufd_model_hook_add(struct iommufd_model_hook *hook);

/**
 * Undoes iommufd_model_hook_add(); has no effect if @p hook was not added.
 * @param hook  the hook
 * @context While no other thread is inside the ground.
 */
IOMMUFD_MODEL_API void
iommufd_model_hook_remove(struct iommufd_model_hook *hook);

/**
 * Finds the allocation an operation is done to.  Walks all live ones.
 * @param op  an operation
 * @return the start of the ground's allocation that contains its address, or
 *   NULL (static memory, a stack, freed already)
 */
IOMMUFD_MODEL_API const void *
iommufd_model_op_object(const struct iommufd_model_op *op);

/**
 * Names a kind of operation.
 * @param kind  the kind
 * @return "mutex_lock" and so on, "?" if unknown; static
 */
IOMMUFD_MODEL_API const char *
iommufd_model_op_name(enum iommufd_model_op_kind kind);

/**
 * Announces something: what iommufd_model_note() calls if a hook is installed.
 * @param number  what
 * @param addr    what it is about
 * @param param   a number with it
 * @param site    the place of the call
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_note_slow(int number, const void *addr, long param,
			const struct iommufd_model_site *site);

/** The first hook, NULL: none.  For IOMMUFD_MODEL_GATE_OPEN(). */
extern IOMMUFD_MODEL_API struct iommufd_model_hook *iommufd_model_gate;

/**
 * Tells whether any hook is installed; unlikely, to the compiler.
 * @return true if so
 */
#ifdef IOMMUFD_MODEL_NO_GATE	/* what the benchmark compares with */
#define IOMMUFD_MODEL_GATE_OPEN() 0
#else
#define IOMMUFD_MODEL_GATE_OPEN() \
	__builtin_expect(!!__atomic_load_n(&iommufd_model_gate, \
					   __ATOMIC_RELAXED), 0)
#endif

/**
 * Makes a place in the source, for the functions that want one.
 * @param what  a string literal: the expression that is dealt with
 * @return a pointer to a static struct iommufd_model_site
 */
#define IOMMUFD_MODEL_SITE(what) __extension__({			\
	static const struct iommufd_model_site __site = {		\
		__func__, __FILE__, __LINE__, what			\
	};								\
	&__site;							\
})

/**
 * Announces something to the event() callbacks.
 * @param number  what; those below 1024 are the library's (notes.h)
 * @param addr    what it is about
 * @param param   a number with it
 */
#define iommufd_model_note(number, addr, param) do {			\
	if (IOMMUFD_MODEL_GATE_OPEN())					\
		iommufd_model_note_slow(number, addr, (long)(param),	\
					IOMMUFD_MODEL_SITE(#addr));	\
} while (0)

/**
 * Calls the step() of each hook; for code that makes operations of its own.
 * @param op  the operation, about to take effect
 * @context A scheduler may let other threads run before it returns.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_gate_step(const struct iommufd_model_op *op);

/**
 * Calls the event() of each hook; for code that makes operations of its own.
 * @param op  the operation, which has taken effect
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_gate_event(const struct iommufd_model_op *op);

/**
 * Tells that this thread waits for another one, in a loop that looks again and
 * again.  Gives the processor away, where there are more threads than
 * processors.
 * @context Any; under a spinlock too.
 */
#define cpu_relax() iommufd_model_relax(IOMMUFD_MODEL_SITE("cpu_relax()"))

/**
 * Does what cpu_relax() does: for cpu_relax() and cond_resched().
 * @param site  the place of the call
 */
IOMMUFD_MODEL_API void
iommufd_model_relax(const struct iommufd_model_site *site);

/**
 * Reads a plain variable that several threads use without a lock.
 * @param x  the variable, a scalar
 * @return its value
 */
#define READ_ONCE(x) __IOMMUFD_MODEL_READ_ONCE(x, __COUNTER__)

/**
 * Writes a plain variable that several threads use without a lock.
 * @param x      the variable, a scalar
 * @param value  its new value
 */
#define WRITE_ONCE(x, value) \
	__IOMMUFD_MODEL_WRITE_ONCE(x, value, __COUNTER__)

/** @cond INTERNAL */
#ifdef __cplusplus
#define __IOMMUFD_MODEL_AUTO auto
#else
#define __IOMMUFD_MODEL_AUTO __auto_type
#endif

/* The site if the gate is open, and then the step has been taken; else NULL. */
#define __IOMMUFD_MODEL_ONCE(kind, x)					\
	(IOMMUFD_MODEL_GATE_OPEN() ?					\
		 iommufd_model_access_begin(IOMMUFD_MODEL_OP_##kind, &(x), \
					    sizeof(x),			\
					    IOMMUFD_MODEL_SITE(#x)) :	\
		 (const struct iommufd_model_site *)0)
#define __IOMMUFD_MODEL_DONE(kind, x, value, at) do {			\
	if (at)								\
		iommufd_model_access_done(IOMMUFD_MODEL_OP_##kind, &(x), \
					  sizeof(x), (long)(value), at); \
} while (0)

/* @n makes the names of one use differ from those of one inside of it. */
#define __IOMMUFD_MODEL_READ_ONCE(x, n) __IOMMUFD_MODEL_READ_ONCE_(x, n)
#define __IOMMUFD_MODEL_READ_ONCE_(x, n) __extension__({		\
	const struct iommufd_model_site *__at##n =			\
		__IOMMUFD_MODEL_ONCE(READ_ONCE, x);			\
	__IOMMUFD_MODEL_AUTO __once##n =				\
		__atomic_load_n(&(x), __ATOMIC_RELAXED);		\
	__IOMMUFD_MODEL_DONE(READ_ONCE, x, __once##n, __at##n);		\
	__once##n;							\
})
#define __IOMMUFD_MODEL_WRITE_ONCE(x, value, n) \
	__IOMMUFD_MODEL_WRITE_ONCE_(x, value, n)
#define __IOMMUFD_MODEL_WRITE_ONCE_(x, value, n) do {			\
	const struct iommufd_model_site *__at##n =			\
		__IOMMUFD_MODEL_ONCE(WRITE_ONCE, x);			\
	__typeof__(__atomic_load_n(&(x), __ATOMIC_RELAXED)) __once##n =	\
		(value);						\
	__atomic_store_n(&(x), __once##n, __ATOMIC_RELAXED);		\
	__IOMMUFD_MODEL_DONE(WRITE_ONCE, x, __once##n, __at##n);	\
} while (0)
/** @endcond */

/**
 * Passes the gate for an access that the caller makes itself: the step before.
 * @param kind  the kind of operation
 * @param addr  the variable
 * @param size  its size
 * @param site  the place of the call
 * @return @p site
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD const struct iommufd_model_site *
iommufd_model_access_begin(enum iommufd_model_op_kind kind, const volatile void *addr,
			   size_t size, const struct iommufd_model_site *site);

/**
 * Tells the hooks of an access that iommufd_model_access_begin() announced.
 * @param kind   the kind of operation
 * @param addr   the variable
 * @param size   its size
 * @param value  what was read or written
 * @param site   the place of the call
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_access_done(enum iommufd_model_op_kind kind, const volatile void *addr,
			  size_t size, long value,
			  const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
