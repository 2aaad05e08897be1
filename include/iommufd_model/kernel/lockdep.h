/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Checks on the use of locks.  They are always on.
 *
 * Each of the following is a WARN:
 * - a lock is used before it is initialised or after it is destroyed;
 * - a thread unlocks a lock that it does not hold;
 * - a thread takes a lock that it holds already;
 * - a lock is destroyed while it is held;
 * - a thread frees memory that contains a lock it holds;
 * - two classes of locks are taken in both orders;
 * - a thread that holds a spinlock, or is in a context that must not sleep
 *   (context.h), makes a call that may sleep.
 *
 * All locks that are initialised at one call site form one class, unless
 * lockdep_set_class() says otherwise.  The functions whose names end in _nested
 * take a lock as one of a subclass; the order of locks is checked for each
 * subclass separately.
 *
 * The order of two classes is recorded the first time it occurs, on any thread.
 * The report of an inversion names the two chains of locks that contradict each
 * other.  The order is checked for the first 63 classes only; a notice reports
 * when there are more.  The order of two locks of the same class is not
 * checked.
 */
#ifndef IOMMUFD_MODEL_KERNEL_LOCKDEP_H
#define IOMMUFD_MODEL_KERNEL_LOCKDEP_H

#include <iommufd_model/kernel/bug.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A class of locks.  It must be static. */
struct lock_class_key {
	const char *name;	/**< the name, for reports */
	int number;	/**< 0 until a lock of the class is first taken */
};

/** The first member of every lock. */
struct lockdep_map {
	/** the class; NULL if the lock is not initialised or was destroyed */
	struct lock_class_key *key;
} __attribute__((aligned(8)));

/** the number of subclasses of a class; 0 is the class itself */
#define MAX_LOCKDEP_SUBCLASSES 8
/** the usual subclass of a lock that is taken inside one of the same class */
#define SINGLE_DEPTH_NESTING 1

/** The contexts in which a thread must not sleep; see context.h. */
enum iommufd_model_context {
	IOMMUFD_MODEL_CONTEXT_HARDIRQ,	/**< in an interrupt handler */
	IOMMUFD_MODEL_CONTEXT_SOFTIRQ,	/**< in a softirq, such as a timer */
	IOMMUFD_MODEL_CONTEXT_IRQS,	/**< interrupts are off */
	IOMMUFD_MODEL_CONTEXT_BH,	/**< bottom halves are off */
	IOMMUFD_MODEL_CONTEXT_PREEMPT,	/**< preemption is off */
	IOMMUFD_MODEL_CONTEXT_RCU,	/**< in an RCU read section */
	IOMMUFD_MODEL_NR_CONTEXTS	/**< the number of contexts */
};

/** @cond INTERNAL */
/*
 * A lock that a thread holds.  @map is the address of its lockdep_map, with
 * flags in the low bits: the lock is held only for reading, it is a spinlock or
 * rwlock (so that the thread must not sleep), or it was taken as one of the
 * subclass in held_subclass[].
 */
struct iommufd_model_held {
	uintptr_t map;
	const struct iommufd_model_site *site;
};

#define IOMMUFD_MODEL_HELD_FOR_READ 1ul
#define IOMMUFD_MODEL_HELD_SPIN 2ul
#define IOMMUFD_MODEL_HELD_NESTED 4ul
#define IOMMUFD_MODEL_HELD_BITS 7ul

#define IOMMUFD_MODEL_MAX_HELD 16

/*
 * A section that a thread is in: a read section of an SRCU domain, which has a
 * number, or a write section of a sequence counter.
 */
struct iommufd_model_section {
	const void *object;
	const struct iommufd_model_site *site;
	int number;
	int write;
};

#define IOMMUFD_MODEL_MAX_SECTIONS 16

struct wait_queue_entry;

/*
 * The ground's state of one thread.  It is in this header only because the
 * inline functions of the locks need it.  It is accessed through a pointer,
 * which is NULL until the thread first uses the ground.  A scheduler that runs
 * several threads of a test on one thread of the system switches the pointer.
 */
struct iommufd_model_task {
	int nr_held;
	/* held locks for which @held has no room */
	int nr_untracked;
	/* locks in @held that are held a second time */
	int nr_twice;
	unsigned int contexts;		/* bit n is set while in context n */
	int nr_sections;
	/* sections for which @sections has no room */
	int nr_more_sections;
	struct iommufd_model_held held[IOMMUFD_MODEL_MAX_HELD];
	struct iommufd_model_section sections[IOMMUFD_MODEL_MAX_SECTIONS];
	/* if not 0, operations bypass the gate */
	int in_hook;
	int syscall_depth;
	struct file *deferred;		/* released when syscall_depth is 0 */
	void *fault;			/* sigjmp_buf to go to after a fault */
	/* the entry of a wait queue with which the thread sleeps */
	struct wait_queue_entry *waiting;
	/*
	 * The wait queue, or other object, on which the thread has waited since
	 * prepare_to_wait() or add_wait_queue(); NULL if only wake_up_process()
	 * can wake it.
	 */
	const void *queue;
	unsigned int state;		/* TASK_ bits; 0 when it was woken */
	/* a scheduler's number of the wake-up */
	int woken_by;
	bool known;			/* other threads have a pointer to it */
	unsigned char held_subclass[IOMMUFD_MODEL_MAX_HELD];
	/* the background thread for which this thread waits, plus 1 */
	int waits_for;
	/* a background thread that has nothing to do any more */
	bool retired;
	/* the number of this thread's RCU read section */
	int rcu_section;
	const void *also;	/* a second location of the current operation */
	/* the run of an item that this thread executes (deferred.c) */
	void *run;
	void *kthread;		/* the data of kthread.c for this thread */
	/*
	 * How often the thread has entered each context, and the call site of
	 * the outermost entry.
	 */
	uint16_t context_depth[IOMMUFD_MODEL_NR_CONTEXTS];
	const struct iommufd_model_site *context_site[IOMMUFD_MODEL_NR_CONTEXTS];
	/* where its stack ended when it came to the gate last (gate.c) */
	const void *stack;
	/* the gate's frame address then, below the frame that called the gate */
	const void *frame;
};

/** @endcond */

/**
 * The ground's state of this thread, or NULL.  Only the inline functions of the
 * locks use it.
 */
extern IOMMUFD_MODEL_API __thread struct iommufd_model_task *iommufd_model_task
	__attribute__((tls_model("initial-exec")));

/**
 * Reports a WARN unless this thread holds a lock: the slow path of
 * lockdep_assert_held().
 * @param map    the lock's dep_map
 * @param write  true if it must be held for writing
 * @param site   the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_assert_held_slow(const struct lockdep_map *map, bool write,
			       const struct iommufd_model_site *site);

/** @cond INTERNAL */
/* The fast path, in which the lock is the one that was taken last. */
static inline void
iommufd_model_assert_held(const struct lockdep_map *map, bool write,
			  const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = iommufd_model_task;

	if (!task || !task->nr_held ||
	    (task->held[task->nr_held - 1].map &
	     ~(IOMMUFD_MODEL_HELD_SPIN | IOMMUFD_MODEL_HELD_NESTED)) !=
		    (uintptr_t)map)
		iommufd_model_assert_held_slow(map, write, site);
}

/** @endcond */

/**
 * Reports a WARN unless this thread holds a lock, for reading or writing.
 * @param lock  a lock of any kind
 */
#define lockdep_assert_held(lock) \
	iommufd_model_assert_held(&(lock)->dep_map, false, \
				  IOMMUFD_MODEL_SITE(#lock))

/**
 * Reports a WARN unless this thread holds a lock for writing.
 * @param lock  a lock of any kind; only a rw_semaphore and an rwlock_t can be
 *   held for reading
 */
#define lockdep_assert_held_write(lock) \
	iommufd_model_assert_held(&(lock)->dep_map, true, \
				  IOMMUFD_MODEL_SITE(#lock))

/**
 * Reports a WARN unless this thread holds a lock for reading.
 * @param lock  a rw_semaphore or an rwlock_t
 */
#define lockdep_assert_held_read(lock) \
	iommufd_model_assert_held_read(&(lock)->dep_map, \
				       IOMMUFD_MODEL_SITE(#lock))

/**
 * Reports a WARN unless this thread holds a lock for reading.
 * lockdep_assert_held_read() calls it.
 * @param map   the lock's dep_map
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_assert_held_read(const struct lockdep_map *map,
			       const struct iommufd_model_site *site);

/**
 * Tells whether this thread holds a lock, for reading or writing.
 * @param lock  a lock of any kind
 * @return 1 if it does, 0 if not
 */
#define lockdep_is_held(lock) iommufd_model_lock_is_held(&(lock)->dep_map)
/**
 * Tells whether this thread holds a lock.  lockdep_is_held() calls it.
 * @param map  the lock's dep_map
 * @return 1 if it does, 0 if not
 */
IOMMUFD_MODEL_API int iommufd_model_lock_is_held(const struct lockdep_map *map);

/**
 * Changes the class of a lock.
 * @param lock  a lock of any kind, which no thread holds
 * @param k     a pointer to the class, which must be static
 */
#define lockdep_set_class(lock, k) ((void)((lock)->dep_map.key = (k)))

/**
 * Reports a WARN if this thread holds a lock.
 * @param lock  a lock of any kind
 */
#define lockdep_assert_not_held(lock) \
	iommufd_model_assert_not_held(&(lock)->dep_map, \
				      IOMMUFD_MODEL_SITE(#lock))

/**
 * Reports a WARN if this thread holds a lock.  lockdep_assert_not_held() calls
 * it.
 * @param map   the lock's dep_map
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_assert_not_held(const struct lockdep_map *map,
			      const struct iommufd_model_site *site);

/**
 * Returns the number of locks that this thread holds.
 * @return the number
 */
IOMMUFD_MODEL_API int iommufd_model_locks_held(void);

/**
 * Reports a WARN if this thread must not sleep, because it holds a spinlock or
 * is inside of a context (context.h).  Every function of the ground that may
 * sleep in a kernel makes this check.
 * @errors A report of the kind IOMMUFD_MODEL_MISUSE_ATOMIC, which names the
 *   spinlock or the context, and its call site.
 * @context Any; does not block.
 */
#define might_sleep() \
	iommufd_model_may_sleep("might_sleep", \
				IOMMUFD_MODEL_SITE("might_sleep()"))

/**
 * Reports a WARN if this thread must not sleep: the slow path of might_sleep().
 * @param call  the name of the function that may sleep, for the report
 * @param site  the call site
 * @errors A report of the kind IOMMUFD_MODEL_MISUSE_ATOMIC, which names the
 *   spinlock or the context, and its call site.
 * @context Any; does not block.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_might_sleep(const char *call,
			  const struct iommufd_model_site *site);

/**
 * Lets other threads run, in a long loop: might_sleep() and then cpu_relax().
 * @return 0, whether or not another thread has run
 * @context May sleep in a kernel; hold no spinlock.
 */
#define cond_resched() __extension__({					\
	iommufd_model_may_sleep("cond_resched",				\
				IOMMUFD_MODEL_SITE("cond_resched()"));	\
	iommufd_model_relax(IOMMUFD_MODEL_SITE("cond_resched()"));	\
	0;								\
})

/** @cond INTERNAL */
/* The fast path, for a thread that holds no lock and is in no context. */
static inline void
iommufd_model_may_sleep(const char *call, const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = iommufd_model_task;

	if (__builtin_expect(task && (task->nr_held || task->contexts), 0))
		iommufd_model_might_sleep(call, site);
}

/** @endcond */

/** Forgets all orders of lock classes that were recorded so far. */
IOMMUFD_MODEL_API void iommufd_model_forget_lock_orders(void);

IOMMUFD_MODEL_END_DECLS

#endif
