/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * A lock for short sections that do not sleep.
 *
 * Unlock is one step.  Unlike a mutex, a spinlock's unlock does not touch the
 * lock after another thread can have taken it; the kernel relies on that and so
 * may the code here.
 *
 * Misuse is a WARN, as lockdep.h says.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SPINLOCK_H
#define IOMMUFD_MODEL_KERNEL_SPINLOCK_H

#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A spinlock. */
typedef struct spinlock {
	struct lockdep_map dep_map;	/**< its class */
	uintptr_t owner;	/**< the holding thread, 0: free */
} spinlock_t;

/** @cond INTERNAL */
#define __SPIN_LOCK_INITIALIZER(keyp) { { keyp }, 0 }
/** @endcond */

/**
 * Defines a spinlock at file scope, perhaps static: free, and of a class of
 * its own.
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
 * Initialises a spinlock: it is free.  Each place of call is a class of locks.
 * @param lock  the spinlock
 */
#define spin_lock_init(lock) do {					\
	static struct lock_class_key __key = { #lock, 0 };		\
	iommufd_model_spin_lock_init_at(lock, &__key,			\
					IOMMUFD_MODEL_SITE(#lock));	\
} while (0)

/**
 * Takes a spinlock.
 * @param lock  the spinlock; the thread holds it on return
 * @errors A WARN, and no waiting, if the thread holds it already.
 * @context Spins, and gives the CPU away after a while.  The section must not
 *   sleep.
 */
#define spin_lock(lock) \
	iommufd_model_spin_lock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Gives a spinlock back, in one step.
 * @param lock  the spinlock
 * @ownership The thread held it; if not, a WARN, and nothing happens.
 */
#define spin_unlock(lock) \
	iommufd_model_spin_unlock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Initialises a spinlock without a step at the gate.
 * @param lock  the spinlock
 * @param key   its class; static
 */
IOMMUFD_MODEL_API void iommufd_model_spin_lock_init(spinlock_t *lock,
						    struct lock_class_key *key);

/**
 * Initialises a spinlock: what spin_lock_init() calls.
 * @param lock  the spinlock
 * @param key   its class; static
 * @param site  the place of the call
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
 * The fast half: nobody watches, the thread holds no other lock, the lock is
 * initialised and free.  Everything else, the checks included, is in the slow
 * half.
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
