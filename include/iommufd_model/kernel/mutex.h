/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The mutex, a sleeping lock with one owner.
 *
 * Unlock is two operations.  The first makes the mutex free: from then on
 * another thread may take it, unlock it and free its memory.  The second,
 * called the tail, looks for sleepers and therefore still reads the mutex.
 * Code is correct only if something other than the mutex keeps its memory alive
 * until the tail is done.
 *
 * Misuse is a WARN, see lockdep.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MUTEX_H
#define IOMMUFD_MODEL_KERNEL_MUTEX_H

#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A sleeping lock. */
struct mutex {
	struct lockdep_map dep_map;	/**< the lock class */
	uintptr_t owner;	/**< the thread that holds it, or 0 */
	int sleepers;	/**< the number of threads that wait */
};

/** @cond INTERNAL */
#define __MUTEX_INITIALIZER(keyp) { { keyp }, 0, 0 }
/** @endcond */

/**
 * Defines a mutex at file scope; "static" may precede it.  It is free and has a
 * lock class of its own.
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
 * Initialises a mutex as free.  Each call site is one lock class.
 * @param lock  the mutex
 * @context Does not block.
 */
#define mutex_init(lock) do {						\
	static struct lock_class_key __key = { #lock, 0 };		\
	iommufd_model_mutex_init_at(lock, &__key,			\
				    IOMMUFD_MODEL_SITE(#lock));		\
} while (0)

/**
 * Takes a mutex.
 * @param lock  the mutex
 * @ownership The thread holds the mutex afterwards.
 * @errors If the thread holds it already: a WARN, and the call does not wait.
 * @context May block.  Hold no spinlock.
 */
#define mutex_lock(lock) \
	iommufd_model_mutex_lock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Takes a mutex as one of a subclass, while another lock of its class is held.
 * @param lock      the mutex
 * @param subclass  a number below MAX_LOCKDEP_SUBCLASSES; the order of locks is
 *   checked for each subclass separately
 * @ownership The same as for mutex_lock().
 * @errors The same as for mutex_lock().
 * @context May block.  Hold no spinlock.
 */
#define mutex_lock_nested(lock, subclass) \
	iommufd_model_mutex_lock_nested(lock, subclass, \
					IOMMUFD_MODEL_SITE(#lock))

/**
 * Takes a mutex.  In a kernel a signal can interrupt the wait, but there are no
 * signals here.
 * @param lock  the mutex
 * @return 0
 * @ownership The same as for mutex_lock().
 * @errors The same as for mutex_lock().
 * @context May block.  Hold no spinlock.
 */
#define mutex_lock_interruptible(lock) \
	iommufd_model_mutex_lock_no_signal(lock, 0, IOMMUFD_MODEL_SITE(#lock))
/** Does mutex_lock_interruptible(): there are no fatal signals either. */
#define mutex_lock_killable(lock) mutex_lock_interruptible(lock)
/**
 * Does mutex_lock_nested(); there are no signals.
 * @param lock      the mutex
 * @param subclass  a number below MAX_LOCKDEP_SUBCLASSES
 * @return 0
 */
#define mutex_lock_interruptible_nested(lock, subclass) \
	iommufd_model_mutex_lock_no_signal(lock, subclass, \
					   IOMMUFD_MODEL_SITE(#lock))
/** Does mutex_lock_nested(); there are no signals. */
#define mutex_lock_killable_nested(lock, subclass) \
	mutex_lock_interruptible_nested(lock, subclass)
/** Does mutex_lock().  In a kernel the wait counts as a wait for I/O. */
#define mutex_lock_io(lock) mutex_lock(lock)

/**
 * Takes a mutex unless a thread holds it.
 * @param lock  the mutex
 * @return 1 if it was taken, 0 if not
 * @ownership On success the thread holds the mutex afterwards.
 * @context Never blocks.
 */
#define mutex_trylock(lock) \
	iommufd_model_mutex_trylock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Unlocks a mutex, in two operations.
 * @param lock  the mutex; its memory must stay valid until the call returns
 * @ownership The thread must hold the mutex, and does not hold it afterwards.
 * @errors If the thread does not hold it: a WARN, and nothing is unlocked.
 * @context Does not block.
 */
#define mutex_unlock(lock) \
	iommufd_model_mutex_unlock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Ends the use of a mutex.  Using it again without mutex_init() is a WARN.
 * @param lock  the mutex
 * @errors A WARN if it is held.
 * @context Does not block.
 */
#define mutex_destroy(lock) \
	iommufd_model_mutex_destroy(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Tells whether any thread holds a mutex now.
 * @param lock  the mutex
 * @return true if a thread holds it
 * @context Does not block.
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
 * Initialises a mutex without passing the gate.
 * @param lock  the mutex
 * @param key   its lock class; must be static
 */
IOMMUFD_MODEL_API void iommufd_model_mutex_init(struct mutex *lock,
						struct lock_class_key *key);

/**
 * Initialises a mutex.  mutex_init() calls it.
 * @param lock  the mutex
 * @param key   its lock class; must be static
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_mutex_init_at(struct mutex *lock, struct lock_class_key *key,
			    const struct iommufd_model_site *site);
/** @behind{mutex_lock} */
IOMMUFD_MODEL_API void
iommufd_model_mutex_lock(struct mutex *lock,
			 const struct iommufd_model_site *site);
/** @behind{mutex_lock_nested} */
IOMMUFD_MODEL_API void
iommufd_model_mutex_lock_nested(struct mutex *lock, unsigned int subclass,
				const struct iommufd_model_site *site);
/** @behind{mutex_lock_interruptible_nested} */
__must_check static inline int
iommufd_model_mutex_lock_no_signal(struct mutex *lock, unsigned int subclass,
				   const struct iommufd_model_site *site)
{
	iommufd_model_mutex_lock_nested(lock, subclass, site);
	return 0;
}
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

/** @cond INTERNAL */
/*
 * Defines guard(mutex) and its variants mutex_try, mutex_intr and mutex_kill.
 */
__IOMMUFD_MODEL_SITE_GUARD(mutex, struct mutex, iommufd_model_mutex_lock(_T->lock, _T->site),
			   iommufd_model_mutex_unlock(_T->lock, _T->site))
#define class_mutex_constructor(lock) \
	iommufd_model_class_mutex(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD_COND(mutex, _try,
				iommufd_model_mutex_trylock(_T->lock, _T->site),
				_RET)
#define class_mutex_try_constructor(lock) \
	iommufd_model_class_mutex_try(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD_COND(mutex, _intr,
				iommufd_model_mutex_lock_no_signal(_T->lock, 0, _T->site),
				!_RET)
#define class_mutex_intr_constructor(lock) \
	iommufd_model_class_mutex_intr(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD_COND(mutex, _kill,
				iommufd_model_mutex_lock_no_signal(_T->lock, 0, _T->site),
				!_RET)
#define class_mutex_kill_constructor(lock) \
	iommufd_model_class_mutex_kill(lock, IOMMUFD_MODEL_SITE(#lock))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
