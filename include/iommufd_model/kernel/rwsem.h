/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Many readers or one writer; both sleep.
 *
 * A waiting writer keeps new readers out.  A thread that reads must therefore
 * not take the read side again: with a writer between the two it would wait for
 * itself.  That is reported as a self-deadlock.  Release is two steps, as for a
 * mutex.
 *
 * Misuse is a WARN, as lockdep.h says.
 */
#ifndef IOMMUFD_MODEL_KERNEL_RWSEM_H
#define IOMMUFD_MODEL_KERNEL_RWSEM_H

#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A reader-writer semaphore. */
struct rw_semaphore {
	struct lockdep_map dep_map;	/**< its class */
	int count;	/**< readers, or -1: a writer; 0: free */
	int writers_waiting;	/**< writers that sleep */
	int sleepers;	/**< all who sleep */
	uintptr_t owner;	/**< the writer; 0 otherwise */
};

/**
 * Initialises a semaphore: it is free.  Each place of call is a class of locks.
 * @param sem  the semaphore
 */
#define init_rwsem(sem) do {						\
	static struct lock_class_key __key = { #sem, 0 };		\
	iommufd_model_init_rwsem_at(sem, &__key,			\
				    IOMMUFD_MODEL_SITE(#sem));		\
} while (0)

/**
 * Takes the read side.
 * @param sem  the semaphore; the thread holds its read side on return
 * @errors A WARN, and no waiting, if the thread holds either side already.
 * @context May block.  Hold no spinlock.
 */
#define down_read(sem) \
	iommufd_model_down_read(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the write side.
 * @param sem  the semaphore; the thread holds its write side on return
 * @errors A WARN, and no waiting, if the thread holds either side already.
 * @context May block.  Hold no spinlock.
 */
#define down_write(sem) \
	iommufd_model_down_write(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the read side if no writer has it or waits for it.
 * @param sem  the semaphore; the thread holds its read side on success
 * @return 1 if taken, 0 if not
 * @context Never blocks.
 */
#define down_read_trylock(sem) \
	iommufd_model_down_read_trylock(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Takes the write side if nobody holds either.
 * @param sem  the semaphore; the thread holds its write side on success
 * @return 1 if taken, 0 if not
 * @context Never blocks.
 */
#define down_write_trylock(sem) \
	iommufd_model_down_write_trylock(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Gives the read side back, in two steps.
 * @param sem  the semaphore, which must keep its memory until the call returns
 * @ownership The thread held it.  If it held the write side: a WARN, and that
 *   is given back; if neither: a WARN, and nothing happens.
 */
#define up_read(sem) iommufd_model_up_read(sem, IOMMUFD_MODEL_SITE(#sem))
/**
 * Gives the write side back, in two steps.
 * @param sem  the semaphore, which must keep its memory until the call returns
 * @ownership The thread held it.  If it held the read side: a WARN, and that is
 *   given back; if neither: a WARN, and nothing happens.
 */
#define up_write(sem) iommufd_model_up_write(sem, IOMMUFD_MODEL_SITE(#sem))

/**
 * Tells whether any thread holds a side at this moment.
 * @param sem  the semaphore
 * @return true if so
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
 * Initialises a semaphore without a step at the gate.
 * @param sem  the semaphore
 * @param key  its class; static
 */
IOMMUFD_MODEL_API void iommufd_model_init_rwsem(struct rw_semaphore *sem,
						struct lock_class_key *key);

/**
 * Initialises a semaphore: what init_rwsem() calls.
 * @param sem   the semaphore
 * @param key   its class; static
 * @param site  the place of the call
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

IOMMUFD_MODEL_END_DECLS

#endif
