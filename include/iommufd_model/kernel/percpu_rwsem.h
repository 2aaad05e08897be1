/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The reader-writer semaphore whose read side is cheap in a kernel, and whose
 * write side is slow.
 *
 * Here it is an rwsem, and reports name its operations accordingly.
 */
#ifndef IOMMUFD_MODEL_KERNEL_PERCPU_RWSEM_H
#define IOMMUFD_MODEL_KERNEL_PERCPU_RWSEM_H

#include <iommufd_model/kernel/rwsem.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A semaphore. */
struct percpu_rw_semaphore {
	struct rw_semaphore rw_sem;	/**< the rwsem */
};

/** Defines a semaphore at file scope, "static" may precede it. */
#ifdef __cplusplus
#define DEFINE_PERCPU_RWSEM(name)					\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	struct percpu_rw_semaphore name =				\
		{ __RWSEM_INITIALIZER(&__##name##_key) }
#else
#define DEFINE_PERCPU_RWSEM(name)					\
	struct percpu_rw_semaphore name = { __RWSEM_INITIALIZER(	\
		&((struct lock_class_key){ #name, 0 })) }
#endif
/** Defines a static semaphore. */
#define DEFINE_STATIC_PERCPU_RWSEM(name) static DEFINE_PERCPU_RWSEM(name)

/**
 * Initialises a semaphore as free.  Each call site is one lock class.
 * @param sem  the semaphore
 * @return 0; in a kernel it can be -ENOMEM
 * @ownership The caller ends its use with percpu_free_rwsem().
 * @context May sleep in a kernel.
 */
#define percpu_init_rwsem(sem)                                         \
	__extension__({                                                \
		static struct lock_class_key __key = { #sem, 0 };      \
		iommufd_model_may_sleep("percpu_init_rwsem",           \
					IOMMUFD_MODEL_SITE(#sem));     \
		iommufd_model_init_rwsem_at(&(sem)->rw_sem, &__key,    \
					    IOMMUFD_MODEL_SITE(#sem)); \
		0;                                                     \
	})
/** Ends the use of a semaphore, which is free. */
#define percpu_free_rwsem(sem) ((void)(sem))

/**
 * Takes the read side.
 * @param sem  the semaphore
 * @ownership The thread holds the read side afterwards.
 * @errors The same as for down_read().
 * @context May block.  Hold no spinlock.
 */
#define percpu_down_read(sem) \
	iommufd_model_down_read(&(sem)->rw_sem, IOMMUFD_MODEL_SITE(#sem))
/**
 * Takes the read side if no thread holds or waits for the write side.
 * @param sem  the semaphore
 * @return true if it was taken
 * @context Never blocks.
 */
#define percpu_down_read_trylock(sem)					\
	(iommufd_model_down_read_trylock(&(sem)->rw_sem,		\
					 IOMMUFD_MODEL_SITE(#sem)) != 0)
/**
 * Releases the read side.
 * @param sem  the semaphore, whose read side the thread holds
 * @errors The same as for up_read().
 * @context Does not block.
 */
#define percpu_up_read(sem) \
	iommufd_model_up_read(&(sem)->rw_sem, IOMMUFD_MODEL_SITE(#sem))
/**
 * Takes the write side.
 * @param sem  the semaphore
 * @ownership The thread holds the write side afterwards.
 * @errors The same as for down_write().
 * @context May block.  Hold no spinlock.
 */
#define percpu_down_write(sem) \
	iommufd_model_down_write(&(sem)->rw_sem, IOMMUFD_MODEL_SITE(#sem))
/**
 * Releases the write side.
 * @param sem  the semaphore, whose write side the thread holds
 * @errors The same as for up_write().
 * @context Does not block.
 */
#define percpu_up_write(sem) \
	iommufd_model_up_write(&(sem)->rw_sem, IOMMUFD_MODEL_SITE(#sem))
/** Tells whether a thread holds the write side, or the read side. */
#define percpu_is_locked(sem) rwsem_is_locked(&(sem)->rw_sem)
/** Reports if this thread holds neither side. */
#define percpu_rwsem_assert_held(sem) lockdep_assert_held(&(sem)->rw_sem)

IOMMUFD_MODEL_END_DECLS

#endif
