/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The spinlock, a lock for short critical sections that do not sleep.
 *
 * Unlock is one operation.  Unlike the unlock of a mutex, it does not access
 * the lock after another thread can have taken it.  Kernel code relies on that,
 * and so may code that uses this library.
 *
 * The functions with _irq and _irqsave also turn interrupts off on this thread,
 * and those with _bh turn bottom halves off (context.h).  If an interrupt
 * handler takes a lock, every other user must take it with one of these
 * functions.
 *
 * Misuse is a WARN, see lockdep.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SPINLOCK_H
#define IOMMUFD_MODEL_KERNEL_SPINLOCK_H

#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/context.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A spinlock. */
typedef struct spinlock {
	struct lockdep_map dep_map;	/**< the lock class */
	uintptr_t owner;	/**< the thread that holds it, or 0 */
} spinlock_t;

/** A spinlock: the same type, as on a kernel without PREEMPT_RT. */
typedef spinlock_t raw_spinlock_t;

/** @cond INTERNAL */
#define __SPIN_LOCK_INITIALIZER(keyp) { { keyp }, 0 }
/** @endcond */

/**
 * Defines a spinlock at file scope; "static" may precede it.  It is free and
 * has a lock class of its own.
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
/** Defines a raw spinlock, as DEFINE_SPINLOCK() does. */
#define DEFINE_RAW_SPINLOCK(name) DEFINE_SPINLOCK(name)

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
 * Takes a spinlock as one of a subclass: see mutex_lock_nested().
 * @param lock      the spinlock
 * @param subclass  a number below MAX_LOCKDEP_SUBCLASSES
 * @ownership The same as for spin_lock().
 * @errors The same as for spin_lock().
 * @context The same as for spin_lock().
 */
#define spin_lock_nested(lock, subclass) \
	iommufd_model_spin_lock_nested(lock, subclass, \
				       IOMMUFD_MODEL_SITE(#lock))

/**
 * Takes a spinlock unless a thread holds it.
 * @param lock  the spinlock
 * @return 1 if it was taken, 0 if not
 * @ownership On success the thread holds the spinlock afterwards.
 * @context Never blocks.
 */
#define spin_trylock(lock) \
	iommufd_model_spin_trylock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Tells whether any thread holds a spinlock now.
 * @param lock  the spinlock
 * @return true if a thread holds it
 * @context Does not block.
 */
#define spin_is_locked(lock) \
	iommufd_model_spin_is_locked(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Reports a WARN unless this thread holds a spinlock.  In a kernel it is enough
 * that any thread holds it.
 * @param lock  the spinlock
 */
#define assert_spin_locked(lock) lockdep_assert_held(lock)

/**
 * Turns interrupts off and takes a spinlock.
 * @param lock  the spinlock
 * @errors The same as for spin_lock().
 * @context The same as for spin_lock().
 */
#define spin_lock_irq(lock) do {					\
	local_irq_disable();						\
	spin_lock(lock);						\
} while (0)
/**
 * Unlocks a spinlock and turns interrupts on.
 * @param lock  the spinlock
 * @errors The same as for spin_unlock(), and a WARN if interrupts are on
 *   already.
 * @context Does not block.
 */
#define spin_unlock_irq(lock) do {					\
	spin_unlock(lock);						\
	iommufd_model_irq_enable(					\
		IOMMUFD_MODEL_SITE("spin_unlock_irq(" #lock ")"));	\
} while (0)
/**
 * Saves whether interrupts are on, turns them off, and takes a spinlock.
 * @param lock   the spinlock
 * @param flags  the variable in which the state is saved, an unsigned long
 * @errors The same as for spin_lock().
 * @context The same as for spin_lock().
 */
#define spin_lock_irqsave(lock, flags) do {				\
	local_irq_save(flags);						\
	spin_lock(lock);						\
} while (0)
/** Does spin_lock_irqsave() with the subclass of spin_lock_nested(). */
#define spin_lock_irqsave_nested(lock, flags, subclass) do {		\
	local_irq_save(flags);						\
	spin_lock_nested(lock, subclass);				\
} while (0)
/**
 * Unlocks a spinlock and turns interrupts on if they were on before.
 * @param lock   the spinlock
 * @param flags  what spin_lock_irqsave() stored
 * @errors The same as for spin_unlock() and local_irq_restore().
 * @context Does not block.
 */
#define spin_unlock_irqrestore(lock, flags) do {			\
	spin_unlock(lock);						\
	iommufd_model_irq_restore(flags,				\
		IOMMUFD_MODEL_SITE("spin_unlock_irqrestore(" #lock ")"));	\
} while (0)
/**
 * Turns bottom halves off and takes a spinlock.
 * @param lock  the spinlock
 * @errors The same as for spin_lock().
 * @context The same as for spin_lock().
 */
#define spin_lock_bh(lock) do {						\
	local_bh_disable();						\
	spin_lock(lock);						\
} while (0)
/**
 * Unlocks a spinlock and turns bottom halves on.
 * @param lock  the spinlock
 * @errors The same as for spin_unlock() and local_bh_enable().
 * @context Does not block.
 */
#define spin_unlock_bh(lock) do {					\
	spin_unlock(lock);						\
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_BH,		\
		IOMMUFD_MODEL_SITE("spin_unlock_bh(" #lock ")"));	\
} while (0)

/**
 * Does spin_lock_irqsave() unless a thread holds the spinlock.
 * @param lock   the spinlock
 * @param flags  the variable in which the state is saved, an unsigned long
 * @return 1 if the lock was taken; 0 if not, and then interrupts are unchanged
 * @context Never blocks.
 */
#define spin_trylock_irqsave(lock, flags) __extension__({		\
	int __got;							\
	(flags) = iommufd_model_spin_trylock_irqsave(			\
		lock, &__got, IOMMUFD_MODEL_SITE(#lock));		\
	__got;								\
})
/** Does spin_lock_irq() unless a thread holds the spinlock. */
#define spin_trylock_irq(lock) __extension__({				\
	unsigned long __flags;						\
	int __taken = spin_trylock_irqsave(lock, __flags);		\
	(void)__flags;							\
	__taken;							\
})
/**
 * Does spin_lock_bh() unless a thread holds the spinlock.
 * @param lock  the spinlock
 * @return 1 if the lock was taken; 0 if not, and then bottom halves are
 *   unchanged
 * @context Never blocks.
 */
#define spin_trylock_bh(lock) \
	iommufd_model_spin_trylock_bh(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * @name Raw spinlocks
 * The same functions for raw_spinlock_t.
 * @{
 */
#define raw_spin_lock_init(lock) spin_lock_init(lock) /**< spin_lock_init() */
#define raw_spin_lock(lock) spin_lock(lock)	/**< spin_lock() */
/** spin_lock_nested() */
#define raw_spin_lock_nested(lock, subclass) spin_lock_nested(lock, subclass)
#define raw_spin_unlock(lock) spin_unlock(lock)	/**< spin_unlock() */
#define raw_spin_trylock(lock) spin_trylock(lock)	/**< spin_trylock() */
#define raw_spin_is_locked(lock) spin_is_locked(lock) /**< spin_is_locked() */
#define raw_spin_lock_irq(lock) spin_lock_irq(lock)	/**< spin_lock_irq() */
/** spin_unlock_irq() */
#define raw_spin_unlock_irq(lock) spin_unlock_irq(lock)
/** spin_lock_irqsave() */
#define raw_spin_lock_irqsave(lock, flags) spin_lock_irqsave(lock, flags)
/** spin_unlock_irqrestore() */
#define raw_spin_unlock_irqrestore(lock, flags) \
	spin_unlock_irqrestore(lock, flags)
#define raw_spin_lock_bh(lock) spin_lock_bh(lock)	/**< spin_lock_bh() */
#define raw_spin_unlock_bh(lock) spin_unlock_bh(lock)	/**< spin_unlock_bh() */
/** spin_trylock_irqsave() */
#define raw_spin_trylock_irqsave(lock, flags) spin_trylock_irqsave(lock, flags)
/** spin_trylock_irq() */
#define raw_spin_trylock_irq(lock) spin_trylock_irq(lock)
#define raw_spin_trylock_bh(lock) spin_trylock_bh(lock)	/**< spin_trylock_bh() */
/** @} */

/** @behind{spin_lock_nested} */
IOMMUFD_MODEL_API void
iommufd_model_spin_lock_nested(spinlock_t *lock, unsigned int subclass,
			       const struct iommufd_model_site *site);
/** @behind{spin_trylock} */
IOMMUFD_MODEL_API int
iommufd_model_spin_trylock(spinlock_t *lock,
			   const struct iommufd_model_site *site);
/**
 * Tries to take a spinlock.  spin_trylock_irqsave() calls it.
 * @param lock  the spinlock
 * @param got   set to 1 if the lock was taken, 0 if not
 * @param site  the call site
 * @return the flags for iommufd_model_irq_restore()
 */
IOMMUFD_MODEL_API unsigned long
iommufd_model_spin_trylock_irqsave(spinlock_t *lock, int *got,
				   const struct iommufd_model_site *site);
/** @behind{spin_trylock_bh} */
IOMMUFD_MODEL_API int
iommufd_model_spin_trylock_bh(spinlock_t *lock,
			      const struct iommufd_model_site *site);

/** @behind{spin_is_locked} */
static inline bool
iommufd_model_spin_is_locked(const spinlock_t *lock,
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
 * Initialises a spinlock without passing the gate.
 * @param lock  the spinlock
 * @param key   its lock class; must be static
 */
IOMMUFD_MODEL_API void iommufd_model_spin_lock_init(spinlock_t *lock,
						    struct lock_class_key *key);

/**
 * Initialises a spinlock.  spin_lock_init() calls it.
 * @param lock  the spinlock
 * @param key   its lock class; must be static
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
 * lock is initialised and free.  The slow path handles all other cases and
 * makes all checks.
 */
static inline void
iommufd_model_spin_lock(spinlock_t *lock, const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = iommufd_model_task;
	uintptr_t free = 0;

	if (__builtin_expect(!IOMMUFD_MODEL_GATE_OPEN() && task &&
			     !task->nr_held && lock->dep_map.key, 1) &&
	    __builtin_expect(IOMMUFD_MODEL_REPLACE(&lock->owner, &free,
						   (uintptr_t)task,
						   __ATOMIC_ACQUIRE), 1)) {
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

/*
 * Defines the guards of @type: guard(spinlock) and guard(spinlock_try), also
 * with _irq, _irqsave and _bh, and the same for raw_spinlock.
 */
#define __IOMMUFD_MODEL_SPIN_GUARDS(name, type)				\
	__IOMMUFD_MODEL_SITE_GUARD(					\
		name, type, iommufd_model_spin_lock(_T->lock, _T->site), \
		iommufd_model_spin_unlock(_T->lock, _T->site))		\
	__IOMMUFD_MODEL_SITE_GUARD_COND(				\
		name, _try,						\
		iommufd_model_spin_trylock(_T->lock, _T->site), _RET)	\
	__IOMMUFD_MODEL_SITE_GUARD(					\
		name##_irq, type, iommufd_model_irq_save(_T->site);	\
		iommufd_model_spin_lock(_T->lock, _T->site),		\
		iommufd_model_spin_unlock(_T->lock, _T->site);		\
		iommufd_model_irq_enable(_T->site))			\
	__IOMMUFD_MODEL_SITE_GUARD(					\
		name##_irqsave, type,					\
		_T->flags = iommufd_model_irq_save(_T->site);		\
		iommufd_model_spin_lock(_T->lock, _T->site),		\
		iommufd_model_spin_unlock(_T->lock, _T->site);		\
		iommufd_model_irq_restore(_T->flags, _T->site))		\
	__IOMMUFD_MODEL_SITE_GUARD(					\
		name##_bh, type,					\
		iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_BH,	\
					    _T->site);			\
		iommufd_model_spin_lock(_T->lock, _T->site),		\
		iommufd_model_spin_unlock(_T->lock, _T->site);		\
		iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_BH,	\
					    _T->site))
__IOMMUFD_MODEL_SPIN_GUARDS(spinlock, spinlock_t)
__IOMMUFD_MODEL_SPIN_GUARDS(raw_spinlock, raw_spinlock_t)
#define class_spinlock_constructor(lock) \
	iommufd_model_class_spinlock(lock, IOMMUFD_MODEL_SITE(#lock))
#define class_spinlock_try_constructor(lock) \
	iommufd_model_class_spinlock_try(lock, IOMMUFD_MODEL_SITE(#lock))
#define class_spinlock_irq_constructor(lock) \
	iommufd_model_class_spinlock_irq(lock, IOMMUFD_MODEL_SITE(#lock))
#define class_spinlock_irqsave_constructor(lock) \
	iommufd_model_class_spinlock_irqsave(lock, IOMMUFD_MODEL_SITE(#lock))
#define class_spinlock_bh_constructor(lock) \
	iommufd_model_class_spinlock_bh(lock, IOMMUFD_MODEL_SITE(#lock))
#define class_raw_spinlock_constructor(lock) \
	iommufd_model_class_raw_spinlock(lock, IOMMUFD_MODEL_SITE(#lock))
#define class_raw_spinlock_try_constructor(lock) \
	iommufd_model_class_raw_spinlock_try(lock, IOMMUFD_MODEL_SITE(#lock))
#define class_raw_spinlock_irq_constructor(lock) \
	iommufd_model_class_raw_spinlock_irq(lock, IOMMUFD_MODEL_SITE(#lock))
#define class_raw_spinlock_irqsave_constructor(lock) \
	iommufd_model_class_raw_spinlock_irqsave(lock, IOMMUFD_MODEL_SITE(#lock))
#define class_raw_spinlock_bh_constructor(lock) \
	iommufd_model_class_raw_spinlock_bh(lock, IOMMUFD_MODEL_SITE(#lock))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
