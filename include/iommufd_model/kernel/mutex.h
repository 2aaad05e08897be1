/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A sleeping lock with one owner.
 *
 * Unlock is two steps.  The first publishes the mutex as free: another thread
 * may take it, drop it and free its memory.  The second, the tail, looks for
 * sleepers and therefore still reads the mutex.  Code is right only if
 * something other than the mutex keeps its memory alive across the tail.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MUTEX_H
#define IOMMUFD_MODEL_KERNEL_MUTEX_H

#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct mutex {
	struct lockdep_map dep_map;
	uintptr_t owner;	/* the holding thread, 0: free */
	int sleepers;
};

#define __MUTEX_INITIALIZER(keyp) { { keyp }, 0, 0 }
/* A lock at file scope, perhaps static. */
#ifdef __cplusplus
#define DEFINE_MUTEX(name)						\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	struct mutex name = __MUTEX_INITIALIZER(&__##name##_key)
#else
#define DEFINE_MUTEX(name)						\
	struct mutex name =							\
		__MUTEX_INITIALIZER(&((struct lock_class_key){ #name, 0 }))
#endif

/* mutex_init(lock): @lock is free; each place of call is a class. */
#define mutex_init(lock) do {						\
	static struct lock_class_key __key = { #lock, 0 };		\
	iommufd_model_mutex_init_at(lock, &__key,			\
				    IOMMUFD_MODEL_SITE(#lock));		\
} while (0)

/* mutex_lock(lock): may block.  The thread holds @lock on return. */
#define mutex_lock(lock) \
	iommufd_model_mutex_lock(lock, IOMMUFD_MODEL_SITE(#lock))

/* mutex_trylock(lock): 1 if taken, 0 if somebody holds it; never blocks. */
#define mutex_trylock(lock) \
	iommufd_model_mutex_trylock(lock, IOMMUFD_MODEL_SITE(#lock))

/* mutex_unlock(lock): the thread held @lock; see above for the two steps. */
#define mutex_unlock(lock) \
	iommufd_model_mutex_unlock(lock, IOMMUFD_MODEL_SITE(#lock))

/* mutex_destroy(lock): WARN if held; using it again without init is a WARN. */
#define mutex_destroy(lock) \
	iommufd_model_mutex_destroy(lock, IOMMUFD_MODEL_SITE(#lock))

/* mutex_is_locked(lock): does any thread hold it at this moment? */
static inline bool mutex_is_locked(const struct mutex *lock)
{
	return __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != 0;
}

/* Without a step at the gate. */
IOMMUFD_MODEL_API void iommufd_model_mutex_init(struct mutex *lock,
						struct lock_class_key *key);
IOMMUFD_MODEL_API void
iommufd_model_mutex_init_at(struct mutex *lock, struct lock_class_key *key,
			    const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_mutex_lock(struct mutex *lock,
			 const struct iommufd_model_site *site);
IOMMUFD_MODEL_API int
iommufd_model_mutex_trylock(struct mutex *lock,
			    const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_mutex_unlock(struct mutex *lock,
			   const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_mutex_destroy(struct mutex *lock,
			    const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
