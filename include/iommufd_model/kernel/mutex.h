/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * A sleeping lock with one owner.
 *
 * Unlock is two steps.  The first publishes the mutex as free: another thread
 * may take it, drop it and free its memory.  The second, the tail, looks for
 * sleepers and therefore still reads the mutex.  Code is right only if
 * something other than the mutex keeps its memory alive across the tail.
 *
 * Misuse is a WARN, as lockdep.h says.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MUTEX_H
#define IOMMUFD_MODEL_KERNEL_MUTEX_H

#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A mutex. */
struct mutex {
	struct lockdep_map dep_map;	/**< its class */
	uintptr_t owner;	/**< the holding thread, 0: free */
	int sleepers;	/**< how many wait */
};

/** @cond INTERNAL */
#define __MUTEX_INITIALIZER(keyp) { { keyp }, 0, 0 }
/** @endcond */

/**
 * Defines a mutex at file scope, perhaps static: free, and of a class of its
 * own.
 */
#ifdef __cplusplus
#define DEFINE_MUTEX(name)						\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	struct mutex name = __MUTEX_INITIALIZER(&__##name##_key)
#else
#define DEFINE_MUTEX(name)						\
	struct mutex name =							\
		__MUTEX_INITIALIZER(&((struct lock_class_key){ #name, 0 }))
#endif

/**
 * Initialises a mutex: it is free.  Each place of call is a class of locks.
 * @param lock  the mutex
 */
#define mutex_init(lock) do {						\
	static struct lock_class_key __key = { #lock, 0 };		\
	iommufd_model_mutex_init_at(lock, &__key,			\
				    IOMMUFD_MODEL_SITE(#lock));		\
} while (0)

/**
 * Takes a mutex.
 * @param lock  the mutex; the thread holds it on return
 * @errors A WARN, and no waiting, if the thread holds it already.
 * @context May block.  Hold no spinlock.
 */
#define mutex_lock(lock) \
	iommufd_model_mutex_lock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Takes a mutex if nobody holds it.
 * @param lock  the mutex; the thread holds it on success
 * @return 1 if taken, 0 if not
 * @context Never blocks.
 */
#define mutex_trylock(lock) \
	iommufd_model_mutex_trylock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Gives a mutex back, in two steps.
 * @param lock  the mutex, which must keep its memory until the call returns
 * @ownership The thread held it; if not, a WARN, and nothing happens.
 */
#define mutex_unlock(lock) \
	iommufd_model_mutex_unlock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Ends a mutex.  Using it again without mutex_init() is a WARN.
 * @param lock  the mutex; a WARN if it is held
 */
#define mutex_destroy(lock) \
	iommufd_model_mutex_destroy(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Tells whether any thread holds a mutex at this moment.
 * @param lock  the mutex
 * @return true if so
 */
#define mutex_is_locked(lock) \
	iommufd_model_mutex_is_locked(lock, IOMMUFD_MODEL_SITE(#lock))

/** @behind{mutex_is_locked} */
static inline bool
iommufd_model_mutex_is_locked(const struct mutex *lock,
			      const struct iommufd_model_site *site)
{
	bool open = IOMMUFD_MODEL_GATE_OPEN(), locked;

	if (open)
		iommufd_model_access_begin(IOMMUFD_MODEL_OP_LOCK_READ, lock,
					   sizeof(*lock), site);
	locked = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != 0;
	if (open)
		iommufd_model_access_done(IOMMUFD_MODEL_OP_LOCK_READ, lock,
					  sizeof(*lock), locked, site);
	return locked;
}

/**
 * Initialises a mutex without a step at the gate.
 * @param lock  the mutex
 * @param key   its class; static
 */
IOMMUFD_MODEL_API void iommufd_model_mutex_init(struct mutex *lock,
						struct lock_class_key *key);

/**
 * Initialises a mutex: what mutex_init() calls.
 * @param lock  the mutex
 * @param key   its class; static
 * @param site  the place of the call
 */
IOMMUFD_MODEL_API void
iommufd_model_mutex_init_at(struct mutex *lock, struct lock_class_key *key,
			    const struct iommufd_model_site *site);
/** @behind{mutex_lock} */
IOMMUFD_MODEL_API void
iommufd_model_mutex_lock(struct mutex *lock,
			 const struct iommufd_model_site *site);
/** @behind{mutex_trylock} */
IOMMUFD_MODEL_API int
iommufd_model_mutex_trylock(struct mutex *lock,
			    const struct iommufd_model_site *site);
/** @behind{mutex_unlock} */
IOMMUFD_MODEL_API void
iommufd_model_mutex_unlock(struct mutex *lock,
			   const struct iommufd_model_site *site);
/** @behind{mutex_destroy} */
IOMMUFD_MODEL_API void
iommufd_model_mutex_destroy(struct mutex *lock,
			    const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
