/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The reader-writer semaphore, a sleeping lock for many readers or one writer.
 *
 * A waiting writer keeps new readers out.  A thread that holds the read side
 * must therefore not take it again: if a writer began to wait meanwhile, the
 * thread would wait for itself.  This is reported as a self-deadlock.  Unlock
 * is two operations, as for a mutex.
 *
 * Misuse is a WARN, see lockdep.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_RWSEM_H
#define IOMMUFD_MODEL_KERNEL_RWSEM_H

#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A reader-writer semaphore. */
struct rw_semaphore {
	struct lockdep_map dep_map;	/**< the lock class */
	int count;	/**< number of readers; -1 for a writer, 0 if free */
	int writers_waiting;	/**< the number of writers that wait */
	int sleepers;	/**< the number of readers and writers that wait */
	uintptr_t owner;	/**< the thread that is the writer, or 0 */
};

/** @cond INTERNAL */
#define __RWSEM_INITIALIZER(keyp) { { keyp }, 0, 0, 0, 0 }
/** @endcond */

/**
 * Defines a semaphore at file scope; "static" may precede it.  It is free and
 * has a lock class of its own.
 */
#ifdef __cplusplus
#define DECLARE_RWSEM(name)						\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	struct rw_semaphore name = __RWSEM_INITIALIZER(&__##name##_key)
#else
#define DECLARE_RWSEM(name)						\
	struct rw_semaphore name =					\
		__RWSEM_INITIALIZER(&((struct lock_class_key){ #name, 0 }))
#endif

/**
 * Initialises a semaphore as free.  Each call site is one lock class.
 * @param sem  the semaphore
 * @context Does not block.
 */
#define init_rwsem(sem) do {						\
	static struct lock_class_key __key = { #sem, 0 };		\
	iommufd_model_init_rwsem_at(sem, &__key,			\
				    IOMMUFD_MODEL_SITE(#sem));		\
} while (0)

/**
 * Takes the read side.
 * @param sem  the semaphore
 * @ownership The thread holds the read side afterwards.
 * @errors If the thread holds either side already: a WARN, and the call does
 *   not wait.
 * @context May block.  Hold no spinlock.
 */
#define down_read(sem) \
	iommufd_model_down_read(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the write side.
 * @param sem  the semaphore
 * @ownership The thread holds the write side afterwards.
 * @errors If the thread holds either side already: a WARN, and the call does
 *   not wait.
 * @context May block.  Hold no spinlock.
 */
#define down_write(sem) \
	iommufd_model_down_write(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the read side as one of a subclass: see mutex_lock_nested().
 * @param sem       the semaphore
 * @param subclass  a number below MAX_LOCKDEP_SUBCLASSES
 * @ownership The same as for down_read().
 * @errors The same as for down_read().
 * @context May block.  Hold no spinlock.
 */
#define down_read_nested(sem, subclass) \
	iommufd_model_down_read_nested(sem, subclass, IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the write side as one of a subclass: see mutex_lock_nested().
 * @param sem       the semaphore
 * @param subclass  a number below MAX_LOCKDEP_SUBCLASSES
 * @ownership The same as for down_write().
 * @errors The same as for down_write().
 * @context May block.  Hold no spinlock.
 */
#define down_write_nested(sem, subclass) \
	iommufd_model_down_write_nested(sem, subclass, IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the write side of a semaphore.  A thread that holds @p nest_lock may
 * hold any number of semaphores of one class in this way.
 * @param sem        the semaphore
 * @param nest_lock  the address of a lock that this thread holds
 * @ownership The same as for down_write().
 * @errors The same as for down_write().
 * @context May block.  Hold no spinlock.
 */
#define down_write_nest_lock(sem, nest_lock) \
	iommufd_model_down_write_nest_lock(sem, nest_lock, \
					   IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the read side.  In a kernel a signal can interrupt the wait, but there
 * are no signals here.
 * @param sem  the semaphore
 * @return 0
 * @ownership The same as for down_read().
 * @errors The same as for down_read().
 * @context May block.  Hold no spinlock.
 */
#define down_read_interruptible(sem) \
	iommufd_model_down_read_no_signal(sem, IOMMUFD_MODEL_SITE(#sem))
/** Does down_read_interruptible(): there are no fatal signals either. */
#define down_read_killable(sem) down_read_interruptible(sem)

/**
 * Takes the write side.  In a kernel a fatal signal can interrupt the wait, but
 * there are no signals here.
 * @param sem  the semaphore
 * @return 0
 * @ownership The same as for down_write().
 * @errors The same as for down_write().
 * @context May block.  Hold no spinlock.
 */
#define down_write_killable(sem) \
	iommufd_model_down_write_no_signal(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Turns a write lock into a read lock.  No other writer can take the lock in
 * between.
 * @param sem  the semaphore
 * @ownership The thread must hold the write side, and holds the read side
 *   afterwards.
 * @errors A WARN if the thread does not hold the write side, and nothing
 *   changes.
 * @context Does not block.
 */
#define downgrade_write(sem) \
	iommufd_model_downgrade_write(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the read side unless a writer holds the semaphore or waits for it.
 * @param sem  the semaphore
 * @return 1 if it was taken, 0 if not
 * @ownership On success the thread holds the read side afterwards.
 * @context Never blocks.
 */
#define down_read_trylock(sem) \
	iommufd_model_down_read_trylock(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the write side unless a thread holds either side.
 * @param sem  the semaphore
 * @return 1 if it was taken, 0 if not
 * @ownership On success the thread holds the write side afterwards.
 * @context Never blocks.
 */
#define down_write_trylock(sem) \
	iommufd_model_down_write_trylock(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Unlocks the read side, in two operations.
 * @param sem  the semaphore; its memory must stay valid until the call returns
 * @ownership The thread must hold the read side, and does not hold it
 *   afterwards.
 * @errors If the thread holds the write side instead: a WARN, and the write
 *   side is unlocked.  If it holds neither: a WARN, and nothing is unlocked.
 * @context Does not block.
 */
#define up_read(sem) iommufd_model_up_read(sem, IOMMUFD_MODEL_SITE(#sem))
/**
 * Unlocks the write side, in two operations.
 * @param sem  the semaphore; its memory must stay valid until the call returns
 * @ownership The thread must hold the write side, and does not hold it
 *   afterwards.
 * @errors If the thread holds the read side instead: a WARN, and the read side
 *   is unlocked.  If it holds neither: a WARN, and nothing is unlocked.
 * @context Does not block.
 */
#define up_write(sem) iommufd_model_up_write(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Tells whether any thread holds either side now.
 * @param sem  the semaphore
 * @return true if a thread holds one
 * @context Does not block.
 */
#define rwsem_is_locked(sem) \
	iommufd_model_rwsem_is_locked(sem, IOMMUFD_MODEL_SITE(#sem))

/** @behind{rwsem_is_locked} */
static inline bool
iommufd_model_rwsem_is_locked(const struct rw_semaphore *sem,
			      const struct iommufd_model_site *site)
{
	bool open = IOMMUFD_MODEL_GATE_OPEN(), locked;

	if (open)
		iommufd_model_access_begin(IOMMUFD_MODEL_OP_LOCK_READ, sem,
					   sizeof(*sem), site);
	locked = __atomic_load_n(&sem->count, __ATOMIC_RELAXED) != 0;
	if (open)
		iommufd_model_access_done(IOMMUFD_MODEL_OP_LOCK_READ, sem,
					  sizeof(*sem), locked, site);
	return locked;
}

/**
 * Initialises a semaphore without passing the gate.
 * @param sem  the semaphore
 * @param key  its lock class; must be static
 */
IOMMUFD_MODEL_API void iommufd_model_init_rwsem(struct rw_semaphore *sem,
						struct lock_class_key *key);

/**
 * Initialises a semaphore.  init_rwsem() calls it.
 * @param sem   the semaphore
 * @param key   its lock class; must be static
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_init_rwsem_at(struct rw_semaphore *sem,
			    struct lock_class_key *key,
			    const struct iommufd_model_site *site);
/** @behind{down_read} */
IOMMUFD_MODEL_API void
iommufd_model_down_read(struct rw_semaphore *sem,
			const struct iommufd_model_site *site);
/** @behind{down_write} */
IOMMUFD_MODEL_API void
iommufd_model_down_write(struct rw_semaphore *sem,
			 const struct iommufd_model_site *site);
/** @behind{down_read_nested} */
IOMMUFD_MODEL_API void
iommufd_model_down_read_nested(struct rw_semaphore *sem, unsigned int subclass,
			       const struct iommufd_model_site *site);
/** @behind{down_write_nested} */
IOMMUFD_MODEL_API void
iommufd_model_down_write_nested(struct rw_semaphore *sem, unsigned int subclass,
				const struct iommufd_model_site *site);
/** @behind{down_write_nest_lock} */
IOMMUFD_MODEL_API void
iommufd_model_down_write_nest_lock(struct rw_semaphore *sem,
				   const void *nest_lock,
				   const struct iommufd_model_site *site);
/** @behind{down_read_interruptible} */
__must_check static inline int
iommufd_model_down_read_no_signal(struct rw_semaphore *sem,
				  const struct iommufd_model_site *site)
{
	iommufd_model_down_read(sem, site);
	return 0;
}
/** @behind{down_write_killable} */
__must_check static inline int
iommufd_model_down_write_no_signal(struct rw_semaphore *sem,
				   const struct iommufd_model_site *site)
{
	iommufd_model_down_write(sem, site);
	return 0;
}
/** @behind{downgrade_write} */
IOMMUFD_MODEL_API void
iommufd_model_downgrade_write(struct rw_semaphore *sem,
			      const struct iommufd_model_site *site);
/** @behind{down_read_trylock} */
IOMMUFD_MODEL_API int
iommufd_model_down_read_trylock(struct rw_semaphore *sem,
				const struct iommufd_model_site *site);
/** @behind{down_write_trylock} */
IOMMUFD_MODEL_API int
iommufd_model_down_write_trylock(struct rw_semaphore *sem,
				 const struct iommufd_model_site *site);
/** @behind{up_read} */
IOMMUFD_MODEL_API void
iommufd_model_up_read(struct rw_semaphore *sem,
		      const struct iommufd_model_site *site);
/** @behind{up_write} */
IOMMUFD_MODEL_API void
iommufd_model_up_write(struct rw_semaphore *sem,
		       const struct iommufd_model_site *site);

/** @cond INTERNAL */
/*
 * Defines guard(rwsem_read), guard(rwsem_write) and their _try and _intr
 * variants.
 */
__IOMMUFD_MODEL_SITE_GUARD(rwsem_read, struct rw_semaphore, iommufd_model_down_read(_T->lock, _T->site),
			   iommufd_model_up_read(_T->lock, _T->site))
#define class_rwsem_read_constructor(lock) \
	iommufd_model_class_rwsem_read(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD_COND(rwsem_read, _try,
				iommufd_model_down_read_trylock(_T->lock, _T->site),
				_RET)
#define class_rwsem_read_try_constructor(lock) \
	iommufd_model_class_rwsem_read_try(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD_COND(rwsem_read, _intr,
				iommufd_model_down_read_no_signal(_T->lock, _T->site),
				!_RET)
#define class_rwsem_read_intr_constructor(lock) \
	iommufd_model_class_rwsem_read_intr(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD_COND(rwsem_read, _kill,
				iommufd_model_down_read_no_signal(_T->lock, _T->site),
				!_RET)
#define class_rwsem_read_kill_constructor(lock) \
	iommufd_model_class_rwsem_read_kill(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD(rwsem_write, struct rw_semaphore, iommufd_model_down_write(_T->lock, _T->site),
			   iommufd_model_up_write(_T->lock, _T->site))
#define class_rwsem_write_constructor(lock) \
	iommufd_model_class_rwsem_write(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD_COND(rwsem_write, _try,
				iommufd_model_down_write_trylock(_T->lock, _T->site),
				_RET)
#define class_rwsem_write_try_constructor(lock) \
	iommufd_model_class_rwsem_write_try(lock, IOMMUFD_MODEL_SITE(#lock))
__IOMMUFD_MODEL_SITE_GUARD_COND(rwsem_write, _kill,
				iommufd_model_down_write_no_signal(_T->lock, _T->site),
				!_RET)
#define class_rwsem_write_kill_constructor(lock) \
	iommufd_model_class_rwsem_write_kill(lock, IOMMUFD_MODEL_SITE(#lock))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
