/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Many readers or one writer; both sleep.
 *
 * A waiting writer keeps new readers out.  A thread that reads must therefore
 * not take the read side again: with a writer between the two it would wait
 * for itself.  That is reported as a self-deadlock.  Release is two steps, as
 * for a mutex.
 */
#ifndef IOMMUFD_MODEL_KERNEL_RWSEM_H
#define IOMMUFD_MODEL_KERNEL_RWSEM_H

#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct rw_semaphore {
	struct lockdep_map dep_map;
	int count;		/* readers, or -1: a writer; 0: free */
	int writers_waiting;
	int sleepers;
	uintptr_t owner;	/* the writer; 0 otherwise */
};

/* init_rwsem(sem): @sem is free; each place of call is a class. */
#define init_rwsem(sem) do {						\
	static struct lock_class_key __key = { #sem, 0 };		\
	iommufd_model_init_rwsem_at(sem, &__key,			\
				    IOMMUFD_MODEL_SITE(#sem));		\
} while (0)

/* down_read(sem), down_write(sem): may block. */
#define down_read(sem) \
	iommufd_model_down_read(sem, IOMMUFD_MODEL_SITE(#sem))
#define down_write(sem) \
	iommufd_model_down_write(sem, IOMMUFD_MODEL_SITE(#sem))

/* down_*_trylock(sem): 1 if taken, 0 if not; never block. */
#define down_read_trylock(sem) \
	iommufd_model_down_read_trylock(sem, IOMMUFD_MODEL_SITE(#sem))
#define down_write_trylock(sem) \
	iommufd_model_down_write_trylock(sem, IOMMUFD_MODEL_SITE(#sem))

/* up_read(sem), up_write(sem): the thread held that side. */
#define up_read(sem) iommufd_model_up_read(sem, IOMMUFD_MODEL_SITE(#sem))
#define up_write(sem) iommufd_model_up_write(sem, IOMMUFD_MODEL_SITE(#sem))

/* rwsem_is_locked(sem): does any thread hold a side at this moment? */
static inline bool rwsem_is_locked(const struct rw_semaphore *sem)
{
	return __atomic_load_n(&sem->count, __ATOMIC_RELAXED) != 0;
}

/* Without a step at the gate. */
IOMMUFD_MODEL_API void iommufd_model_init_rwsem(struct rw_semaphore *sem,
						struct lock_class_key *key);
IOMMUFD_MODEL_API void
iommufd_model_init_rwsem_at(struct rw_semaphore *sem,
			    struct lock_class_key *key,
			    const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_down_read(struct rw_semaphore *sem,
			const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_down_write(struct rw_semaphore *sem,
			 const struct iommufd_model_site *site);
IOMMUFD_MODEL_API int
iommufd_model_down_read_trylock(struct rw_semaphore *sem,
				const struct iommufd_model_site *site);
IOMMUFD_MODEL_API int
iommufd_model_down_write_trylock(struct rw_semaphore *sem,
				 const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_up_read(struct rw_semaphore *sem,
		      const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_up_write(struct rw_semaphore *sem,
		       const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
