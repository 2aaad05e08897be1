/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The spinlock, a lock for short critical sections that do not sleep.
 *
 * Unlock is one operation.  Unlike the unlock of a mutex, it does not access
 * the lock after another thread can have taken it.  Kernel code relies on that,
 * and so may code that uses this library.
 *
 * Misuse is a WARN, see lockdep.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SPINLOCK_H
#define IOMMUFD_MODEL_KERNEL_SPINLOCK_H

#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A spinlock. */
typedef struct spinlock {
	struct lockdep_map dep_map;	/**< its class */
	uintptr_t owner;	/**< the thread that holds it, or 0 */
} spinlock_t;

/** @cond INTERNAL */
#define __SPIN_LOCK_INITIALIZER(keyp) { { keyp }, 0 }
/** @endcond */

/**
 * Defines a spinlock at file scope, which may be static.  It is free and has a
 * lock class of its own.
 */
#ifdef __cplusplus
#define DEFINE_SPINLOCK(name)						\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	spinlock_t name = __SPIN_LOCK_INITIALIZER(&__##name##_key)
#else
#define DEFINE_SPINLOCK(name)						\
	spinlock_t name =							\
		__SPIN_LOCK_INITIALIZER(&((struct lock_class_key){ #name, 0 }))
#endif

/**
 * Initialises a spinlock as free.  Each call site is one lock class.
 * @param lock  the spinlock
 * @context Does not block.
 */
#define spin_lock_init(lock) do {					\
	static struct lock_class_key __key = { #lock, 0 };		\
	iommufd_model_spin_lock_init_at(lock, &__key,			\
					IOMMUFD_MODEL_SITE(#lock));	\
} while (0)

/**
 * Takes a spinlock.
 * @param lock  the spinlock
 * @ownership The thread holds the spinlock afterwards.
 * @errors If the thread holds it already: a WARN, and the call does not wait.
 * @context Spins, and yields the CPU after a while.  The thread must not sleep
 *   until it has unlocked the spinlock.
 */
#define spin_lock(lock) \
	iommufd_model_spin_lock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Unlocks a spinlock, in one operation.
 * @param lock  the spinlock
 * @ownership The thread must hold the spinlock, and does not hold it
 *   afterwards.
 * @errors If the thread does not hold it: a WARN, and nothing is unlocked.
 * @context Does not block.
 */
#define spin_unlock(lock) \
	iommufd_model_spin_unlock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Initialises a spinlock without passing the gate.
 * @param lock  the spinlock
 * @param key   its lock class; static
 */
IOMMUFD_MODEL_API void iommufd_model_spin_lock_init(spinlock_t *lock,
						    struct lock_class_key *key);

/**
 * Initialises a spinlock: what spin_lock_init() calls.
 * @param lock  the spinlock
 * @param key   its lock class; static
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_spin_lock_init_at(spinlock_t *lock, struct lock_class_key *key,
				const struct iommufd_model_site *site);
/** @behind{spin_lock} */
IOMMUFD_MODEL_API void
iommufd_model_spin_lock_slow(spinlock_t *lock,
			     const struct iommufd_model_site *site);
/** @behind{spin_unlock} */
IOMMUFD_MODEL_API void
iommufd_model_spin_unlock_slow(spinlock_t *lock,
			       const struct iommufd_model_site *site);

/** @cond INTERNAL */
/*
 * The fast path: no hook is installed, the thread holds no other lock, and the
 * lock is initialised and free.  All other cases and all checks are in the slow
 * path.
 */
static inline void
iommufd_model_spin_lock(spinlock_t *lock, const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = iommufd_model_task;
	uintptr_t free = 0;

	if (__builtin_expect(!IOMMUFD_MODEL_GATE_OPEN() && task &&
			     !task->nr_held && lock->dep_map.key, 1) &&
	    __builtin_expect(__atomic_compare_exchange_n(
				     &lock->owner, &free, (uintptr_t)task,
				     false, __ATOMIC_ACQUIRE,
				     __ATOMIC_RELAXED), 1)) {
		task->held[0].map = (uintptr_t)&lock->dep_map |
				    IOMMUFD_MODEL_HELD_SPIN;
		task->held[0].site = site;
		task->nr_held = 1;
		return;
	}
	iommufd_model_spin_lock_slow(lock, site);
}

static inline void
iommufd_model_spin_unlock(spinlock_t *lock,
			  const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = iommufd_model_task;

	if (__builtin_expect(!IOMMUFD_MODEL_GATE_OPEN() && task &&
			     task->nr_held == 1 &&
			     task->held[0].map ==
				     ((uintptr_t)&lock->dep_map |
				      IOMMUFD_MODEL_HELD_SPIN),
			     1)) {
		task->nr_held = 0;
		__atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
		return;
	}
	iommufd_model_spin_unlock_slow(lock, site);
}

/** @endcond */
IOMMUFD_MODEL_END_DECLS

#endif
