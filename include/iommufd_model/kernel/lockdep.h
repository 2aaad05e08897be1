/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * What every lock carries for its checks, which are always on.
 *
 * Each of these is a WARN: use before init, unlock by a thread that does not
 * hold the lock, taking a lock the thread holds already, destroying a held
 * lock, freeing memory with a lock that the freeing thread holds, taking two
 * classes of locks in both orders.
 *
 * Locks initialised at one place in the source are one class; an order is
 * learnt the first time it is seen, on any thread, and the report names the two
 * chains that contradict each other.  Beyond 63 classes, locks are not
 * order-checked (one notice says so).  Two locks of one class taken together
 * are not checked against each other.
 */
#ifndef IOMMUFD_MODEL_KERNEL_LOCKDEP_H
#define IOMMUFD_MODEL_KERNEL_LOCKDEP_H

#include <iommufd_model/kernel/bug.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A class of locks; static. */
struct lock_class_key {
	const char *name;	/**< for reports */
	int number;	/**< 0 until the class is first taken */
};

/** The first member of every lock. */
struct lockdep_map {
	/** the lock's class; NULL: never initialised, or destroyed */
	struct lock_class_key *key;
};

/** @cond INTERNAL */
/*
 * A lock that a thread holds.  The low bits of @map say how: for reading only,
 * or as a spinlock, under which nothing may sleep.
 */
struct iommufd_model_held {
	uintptr_t map;
	const struct iommufd_model_site *site;
};

#define IOMMUFD_MODEL_HELD_FOR_READ 1ul
#define IOMMUFD_MODEL_HELD_SPIN 2ul
#define IOMMUFD_MODEL_HELD_BITS \
	(IOMMUFD_MODEL_HELD_FOR_READ | IOMMUFD_MODEL_HELD_SPIN)

#define IOMMUFD_MODEL_MAX_HELD 16

struct wait_queue_entry;

/*
 * What the ground knows of a thread: here for the inline half of the locks, of
 * no use to others.  Reached through a pointer, NULL before the thread's first
 * lock, which a scheduler switches when it runs several threads of a test on
 * one thread of the system.
 */
struct iommufd_model_task {
	int nr_held;
	int nr_untracked;		/* held beyond the room */
	int nr_twice;			/* entries of locks held already */
	struct iommufd_model_held held[IOMMUFD_MODEL_MAX_HELD];
	int in_hook;			/* operations bypass the gate */
	int syscall_depth;
	struct file *deferred;		/* released when syscall_depth is 0 */
	void *fault;			/* where a bad user address leads */
	struct wait_queue_entry *waiting; /* asleep on it; for a scheduler */
};

/** @endcond */

/**
 * What the ground knows of this thread; for the inline half of the locks, of no
 * use to others.
 */
extern IOMMUFD_MODEL_API __thread struct iommufd_model_task *iommufd_model_task
	__attribute__((tls_model("initial-exec")));

/**
 * Checks that the thread holds a lock: the slow half of lockdep_assert_held().
 * @param map    the lock's dep_map
 * @param write  for writing
 * @param site   the place of the call
 */
IOMMUFD_MODEL_API void
iommufd_model_assert_held_slow(const struct lockdep_map *map, bool write,
			       const struct iommufd_model_site *site);

/** @cond INTERNAL */
/* The quick half: it is the lock taken last. */
static inline void
iommufd_model_assert_held(const struct lockdep_map *map, bool write,
			  const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = iommufd_model_task;

	if (!task || !task->nr_held ||
	    (task->held[task->nr_held - 1].map &
	     ~IOMMUFD_MODEL_HELD_SPIN) != (uintptr_t)map)
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
 * @param lock  a lock of any kind; all but a rw_semaphore are held for writing
 */
#define lockdep_assert_held_write(lock) \
	iommufd_model_assert_held(&(lock)->dep_map, true, \
				  IOMMUFD_MODEL_SITE(#lock))

/**
 * Reports a WARN if this thread holds a lock.
 * @param lock  a lock of any kind
 */
#define lockdep_assert_not_held(lock) \
	iommufd_model_assert_not_held(&(lock)->dep_map, \
				      IOMMUFD_MODEL_SITE(#lock))

/**
 * What lockdep_assert_not_held() calls, with the place of the call.
 * @param map   the lock's dep_map
 * @param site  the place of the call
 */
IOMMUFD_MODEL_API void
iommufd_model_assert_not_held(const struct lockdep_map *map,
			      const struct iommufd_model_site *site);

/**
 * Counts the locks this thread holds.
 * @return how many
 */
IOMMUFD_MODEL_API int iommufd_model_locks_held(void);

/**
 * Reports code that may sleep where it must not: under a spinlock.  Every
 * function of the ground that may sleep begins with it.
 */
#define might_sleep() \
	iommufd_model_may_sleep("might_sleep", \
				IOMMUFD_MODEL_SITE("might_sleep()"))

/**
 * Does what might_sleep() says.
 * @param call  the name of the function that may sleep; a string literal
 * @param site  the place of the call
 * @errors A report of the kind IOMMUFD_MODEL_MISUSE_ATOMIC, which names the
 *   spinlock and where it was taken.
 * @context Any; does not block.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_might_sleep(const char *call,
			  const struct iommufd_model_site *site);

/**
 * Lets others run, in a long loop: might_sleep() and cpu_relax().
 * @return 0: nobody is told whether the processor was given away
 * @context May sleep.
 */
#define cond_resched() __extension__({					\
	iommufd_model_may_sleep("cond_resched",				\
				IOMMUFD_MODEL_SITE("cond_resched()"));	\
	iommufd_model_relax(IOMMUFD_MODEL_SITE("cond_resched()"));	\
	0;								\
})

/** @cond INTERNAL */
/* The quick half: most threads hold nothing. */
static inline void
iommufd_model_may_sleep(const char *call, const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = iommufd_model_task;

	if (__builtin_expect(task && task->nr_held, 0))
		iommufd_model_might_sleep(call, site);
}

/** @endcond */

/** Forgets the orders that were learnt so far. */
IOMMUFD_MODEL_API void iommufd_model_forget_lock_orders(void);

IOMMUFD_MODEL_END_DECLS

#endif
