/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The rwlock, a spinning lock for many readers or one writer, whose critical
 * sections do not sleep.
 *
 * A waiting writer does not keep new readers out, so a thread may take the read
 * side again while it holds it.  A thread that takes the write side while it
 * holds the read side deadlocks with itself.  Unlock is one operation.
 *
 * The functions with _irq, _irqsave and _bh do what those of a spinlock do.
 * Misuse is a WARN, see lockdep.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_RWLOCK_H
#define IOMMUFD_MODEL_KERNEL_RWLOCK_H

#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/context.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A reader-writer lock. */
typedef struct rwlock {
	struct lockdep_map dep_map;	/**< the lock class */
	int count;	/**< number of readers; -1 for a writer, 0 if free */
} rwlock_t;

/** @cond INTERNAL */
#define __RW_LOCK_INITIALIZER(keyp) { { keyp }, 0 }
/** @endcond */

/**
 * Defines an rwlock at file scope; "static" may precede it.  It is free and has
 * a lock class of its own.
 */
#ifdef __cplusplus
#define DEFINE_RWLOCK(name)						\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	rwlock_t name = __RW_LOCK_INITIALIZER(&__##name##_key)
#else
#define DEFINE_RWLOCK(name)						\
	rwlock_t name =							\
		__RW_LOCK_INITIALIZER(&((struct lock_class_key){ #name, 0 }))
#endif

/**
 * Initialises an rwlock as free.  Each call site is one lock class.
 * @param lock  the rwlock
 * @context Does not block.
 */
#define rwlock_init(lock) do {						\
	static struct lock_class_key __key = { #lock, 0 };		\
	iommufd_model_rwlock_init_at(lock, &__key,			\
				     IOMMUFD_MODEL_SITE(#lock));	\
} while (0)

/**
 * Takes the read side.
 * @param lock  the rwlock
 * @ownership The thread holds the read side afterwards, once more than before.
 * @errors If the thread holds the write side: a WARN, and the call does not
 *   wait.
 * @context Spins.  The thread must not sleep until it has unlocked it.
 */
#define read_lock(lock) \
	iommufd_model_read_lock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Takes the write side.
 * @param lock  the rwlock
 * @ownership The thread holds the write side afterwards.
 * @errors If the thread holds either side: a WARN, and the call does not wait.
 * @context Spins.  The thread must not sleep until it has unlocked it.
 */
#define write_lock(lock) \
	iommufd_model_write_lock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Takes the read side unless a writer holds the rwlock.
 * @param lock  the rwlock
 * @return 1 if it was taken, 0 if not
 * @ownership On success the thread holds the read side afterwards.
 * @context Never blocks.
 */
#define read_trylock(lock) \
	iommufd_model_read_trylock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Takes the write side unless a thread holds either side.
 * @param lock  the rwlock
 * @return 1 if it was taken, 0 if not
 * @ownership On success the thread holds the write side afterwards.
 * @context Never blocks.
 */
#define write_trylock(lock) \
	iommufd_model_write_trylock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Unlocks the read side, in one operation.
 * @param lock  the rwlock
 * @ownership The thread must hold the read side.
 * @errors If the thread does not hold it: a WARN, and nothing is unlocked.
 * @context Does not block.
 */
#define read_unlock(lock) \
	iommufd_model_read_unlock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * Unlocks the write side, in one operation.
 * @param lock  the rwlock
 * @ownership The thread must hold the write side.
 * @errors If the thread does not hold it: a WARN, and nothing is unlocked.
 * @context Does not block.
 */
#define write_unlock(lock) \
	iommufd_model_write_unlock(lock, IOMMUFD_MODEL_SITE(#lock))

/**
 * @name Forms that turn interrupts or bottom halves off
 * As those of a spinlock.
 * @{
 */
/** Turns interrupts off and does read_lock(). */
#define read_lock_irq(lock) do {					\
	local_irq_disable();						\
	read_lock(lock);						\
} while (0)
/** Does read_unlock() and turns interrupts on. */
#define read_unlock_irq(lock) do {					\
	read_unlock(lock);						\
	iommufd_model_irq_enable(					\
		IOMMUFD_MODEL_SITE("read_unlock_irq(" #lock ")"));	\
} while (0)
/** Saves whether interrupts are on, turns them off, and does read_lock(). */
#define read_lock_irqsave(lock, flags) do {				\
	local_irq_save(flags);						\
	read_lock(lock);						\
} while (0)
/** Does read_unlock() and turns interrupts on if they were on before. */
#define read_unlock_irqrestore(lock, flags) do {			\
	read_unlock(lock);						\
	iommufd_model_irq_restore(flags,				\
		IOMMUFD_MODEL_SITE("read_unlock_irqrestore(" #lock ")"));	\
} while (0)
/** Turns bottom halves off and does read_lock(). */
#define read_lock_bh(lock) do {						\
	local_bh_disable();						\
	read_lock(lock);						\
} while (0)
/** Does read_unlock() and turns bottom halves on. */
#define read_unlock_bh(lock) do {					\
	read_unlock(lock);						\
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_BH,		\
		IOMMUFD_MODEL_SITE("read_unlock_bh(" #lock ")"));	\
} while (0)
/** Turns interrupts off and does write_lock(). */
#define write_lock_irq(lock) do {					\
	local_irq_disable();						\
	write_lock(lock);						\
} while (0)
/** Does write_unlock() and turns interrupts on. */
#define write_unlock_irq(lock) do {					\
	write_unlock(lock);						\
	iommufd_model_irq_enable(					\
		IOMMUFD_MODEL_SITE("write_unlock_irq(" #lock ")"));	\
} while (0)
/** Saves whether interrupts are on, turns them off, and does write_lock(). */
#define write_lock_irqsave(lock, flags) do {				\
	local_irq_save(flags);						\
	write_lock(lock);						\
} while (0)
/** Does write_unlock() and turns interrupts on if they were on before. */
#define write_unlock_irqrestore(lock, flags) do {			\
	write_unlock(lock);						\
	iommufd_model_irq_restore(flags,				\
		IOMMUFD_MODEL_SITE("write_unlock_irqrestore(" #lock ")"));	\
} while (0)
/** Turns bottom halves off and does write_lock(). */
#define write_lock_bh(lock) do {					\
	local_bh_disable();						\
	write_lock(lock);						\
} while (0)
/** Does write_unlock() and turns bottom halves on. */
#define write_unlock_bh(lock) do {					\
	write_unlock(lock);						\
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_BH,		\
		IOMMUFD_MODEL_SITE("write_unlock_bh(" #lock ")"));	\
} while (0)
/** @} */

/**
 * Initialises an rwlock.  rwlock_init() calls it.
 * @param lock  the rwlock
 * @param key   its lock class; must be static
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_rwlock_init_at(rwlock_t *lock, struct lock_class_key *key,
			     const struct iommufd_model_site *site);
/** @behind{read_lock} */
IOMMUFD_MODEL_API void
iommufd_model_read_lock(rwlock_t *lock, const struct iommufd_model_site *site);
/** @behind{write_lock} */
IOMMUFD_MODEL_API void
iommufd_model_write_lock(rwlock_t *lock, const struct iommufd_model_site *site);
/** @behind{read_trylock} */
IOMMUFD_MODEL_API int
iommufd_model_read_trylock(rwlock_t *lock,
			   const struct iommufd_model_site *site);
/** @behind{write_trylock} */
IOMMUFD_MODEL_API int
iommufd_model_write_trylock(rwlock_t *lock,
			    const struct iommufd_model_site *site);
/** @behind{read_unlock} */
IOMMUFD_MODEL_API void
iommufd_model_read_unlock(rwlock_t *lock,
			  const struct iommufd_model_site *site);
/** @behind{write_unlock} */
IOMMUFD_MODEL_API void
iommufd_model_write_unlock(rwlock_t *lock,
			   const struct iommufd_model_site *site);

/** @cond INTERNAL */
/*
 * Defines guard(read_lock) and guard(write_lock), also with _irq, _irqsave and
 * _bh.
 */
__IOMMUFD_MODEL_SITE_GUARD(read_lock, rwlock_t, iommufd_model_read_lock(_T->lock, _T->site),
			   iommufd_model_read_unlock(_T->lock, _T->site))
#define class_read_lock_constructor(lock) \
	iommufd_model_class_read_lock(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD(read_lock_irq, rwlock_t, iommufd_model_irq_save(_T->site);
			   iommufd_model_read_lock(_T->lock, _T->site),
			   iommufd_model_read_unlock(_T->lock, _T->site);
			   iommufd_model_irq_enable(_T->site))
#define class_read_lock_irq_constructor(lock) \
	iommufd_model_class_read_lock_irq(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD(read_lock_irqsave, rwlock_t, _T->flags = iommufd_model_irq_save(_T->site);
			   iommufd_model_read_lock(_T->lock, _T->site),
			   iommufd_model_read_unlock(_T->lock, _T->site);
			   iommufd_model_irq_restore(_T->flags, _T->site))
#define class_read_lock_irqsave_constructor(lock) \
	iommufd_model_class_read_lock_irqsave(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD(read_lock_bh, rwlock_t, iommufd_model_context_enter(
				   IOMMUFD_MODEL_CONTEXT_BH, _T->site);
			   iommufd_model_read_lock(_T->lock, _T->site),
			   iommufd_model_read_unlock(_T->lock, _T->site);
			   iommufd_model_context_leave(
				   IOMMUFD_MODEL_CONTEXT_BH, _T->site))
#define class_read_lock_bh_constructor(lock) \
	iommufd_model_class_read_lock_bh(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD(write_lock, rwlock_t, iommufd_model_write_lock(_T->lock, _T->site),
			   iommufd_model_write_unlock(_T->lock, _T->site))
#define class_write_lock_constructor(lock) \
	iommufd_model_class_write_lock(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD(write_lock_irq, rwlock_t, iommufd_model_irq_save(_T->site);
			   iommufd_model_write_lock(_T->lock, _T->site),
			   iommufd_model_write_unlock(_T->lock, _T->site);
			   iommufd_model_irq_enable(_T->site))
#define class_write_lock_irq_constructor(lock) \
	iommufd_model_class_write_lock_irq(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD(write_lock_irqsave, rwlock_t, _T->flags = iommufd_model_irq_save(_T->site);
			   iommufd_model_write_lock(_T->lock, _T->site),
			   iommufd_model_write_unlock(_T->lock, _T->site);
			   iommufd_model_irq_restore(_T->flags, _T->site))
#define class_write_lock_irqsave_constructor(lock) \
	iommufd_model_class_write_lock_irqsave(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD(write_lock_bh, rwlock_t, iommufd_model_context_enter(
				   IOMMUFD_MODEL_CONTEXT_BH, _T->site);
			   iommufd_model_write_lock(_T->lock, _T->site),
			   iommufd_model_write_unlock(_T->lock, _T->site);
			   iommufd_model_context_leave(
				   IOMMUFD_MODEL_CONTEXT_BH, _T->site))
#define class_write_lock_bh_constructor(lock) \
	iommufd_model_class_write_lock_bh(lock, IOMMUFD_MODEL_SITE(#lock))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
