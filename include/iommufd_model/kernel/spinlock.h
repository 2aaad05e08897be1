/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A lock for short sections that do not sleep.
 *
 * Unlock is one step.  Unlike a mutex, a spinlock's unlock does not touch the
 * lock after another thread can have taken it; the kernel relies on that and
 * so may the code here.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SPINLOCK_H
#define IOMMUFD_MODEL_KERNEL_SPINLOCK_H

#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

typedef struct spinlock {
	struct lockdep_map dep_map;
	uintptr_t owner;	/* the holding thread, 0: free */
} spinlock_t;

#define __SPIN_LOCK_INITIALIZER(keyp) { { keyp }, 0 }
/* A lock at file scope, perhaps static. */
#ifdef __cplusplus
#define DEFINE_SPINLOCK(name)						\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	spinlock_t name = __SPIN_LOCK_INITIALIZER(&__##name##_key)
#else
#define DEFINE_SPINLOCK(name)						\
	spinlock_t name =							\
		__SPIN_LOCK_INITIALIZER(&((struct lock_class_key){ #name, 0 }))
#endif

/* spin_lock_init(lock): @lock is free; each place of call is a class. */
#define spin_lock_init(lock) do {					\
	static struct lock_class_key __key = { #lock, 0 };		\
	iommufd_model_spin_lock_init_at(lock, &__key,			\
					IOMMUFD_MODEL_SITE(#lock));	\
} while (0)

/* spin_lock(lock): spins.  The section must not sleep. */
#define spin_lock(lock) \
	iommufd_model_spin_lock(lock, IOMMUFD_MODEL_SITE(#lock))
#define spin_unlock(lock) \
	iommufd_model_spin_unlock(lock, IOMMUFD_MODEL_SITE(#lock))

IOMMUFD_MODEL_API void iommufd_model_spin_lock_init(spinlock_t *lock,
						    struct lock_class_key *key);
IOMMUFD_MODEL_API void
iommufd_model_spin_lock_init_at(spinlock_t *lock, struct lock_class_key *key,
				const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_spin_lock_slow(spinlock_t *lock,
			     const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_spin_unlock_slow(spinlock_t *lock,
			       const struct iommufd_model_site *site);

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
		task->held[0].map = (uintptr_t)&lock->dep_map;
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
			     task->held[0].map == (uintptr_t)&lock->dep_map,
			     1)) {
		task->nr_held = 0;
		__atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
		return;
	}
	iommufd_model_spin_unlock_slow(lock, site);
}

IOMMUFD_MODEL_END_DECLS

#endif
