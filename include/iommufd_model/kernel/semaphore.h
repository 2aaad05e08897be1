/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The counting semaphore.
 *
 * A semaphore has a count.  down() takes 1 from it, and sleeps while it is 0;
 * up() adds 1 and wakes one sleeper.  Any thread may do either, so a semaphore
 * has no owner, and lockdep does not know it.
 *
 * A semaphore is made of a completion, and a report names its operations
 * accordingly: wait_for_completion for down(), complete for up().  A thread that
 * comes between up() and the sleeper that it woke may take the count first; in a
 * kernel the sleeper has it already.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SEMAPHORE_H
#define IOMMUFD_MODEL_KERNEL_SEMAPHORE_H

#include <iommufd_model/kernel/completion.h>
#include <iommufd_model/kernel/errno.h>

/** A counting semaphore. */
struct semaphore {
	struct completion free;	/**< its count is that of the semaphore */
};

/** @cond INTERNAL */
#define __SEMAPHORE_INITIALIZER(name, n, keyp) \
	{ { n, __WAIT_QUEUE_HEAD_INITIALIZER((name).free.wait, keyp) } }
/** @endcond */

/**
 * Defines a semaphore with the count @p n at file scope; "static" may stand in
 * front of it.
 */
#ifdef __cplusplus
#define DEFINE_SEMAPHORE(name, n)					\
	struct lock_class_key __##name##_key = { #name ".wait", 0 };	\
	struct semaphore name =						\
		__SEMAPHORE_INITIALIZER(name, n, &__##name##_key)
#else
#define DEFINE_SEMAPHORE(name, n)					\
	struct semaphore name = __SEMAPHORE_INITIALIZER(		\
		name, n, &((struct lock_class_key){ #name ".wait", 0 }))
#endif

/**
 * Initialises a semaphore.
 * @param sem  a pointer to the semaphore
 * @param n    its count
 * @context Does not block.
 */
#define sema_init(sem, n) ((void)__extension__({			\
	struct semaphore *__sem = (sem);				\
	static struct lock_class_key __key = { #sem "->wait", 0 };	\
	iommufd_model_init_completion(&__sem->free, &__key,		\
				      IOMMUFD_MODEL_SITE(#sem));	\
	__sem->free.done = (unsigned int)(n);				\
}))

/**
 * Takes 1 from the count, and sleeps while it is 0.
 * @param sem  a pointer to the semaphore
 * @context May block.  Hold no spinlock.
 */
#define down(sem)							\
	((void)iommufd_model_wait_for_completion(			\
		&(sem)->free, MAX_SCHEDULE_TIMEOUT, IOMMUFD_MODEL_SITE(#sem)))
/** Does down(); there are no signals.  @return 0 */
#define down_interruptible(sem)						\
	((int)(iommufd_model_wait_for_completion(			\
		       &(sem)->free, MAX_SCHEDULE_TIMEOUT,		\
		       IOMMUFD_MODEL_SITE(#sem)) & 0))
/** Does down(); there are no signals.  @return 0 */
#define down_killable(sem) down_interruptible(sem)
/**
 * Takes 1 from the count unless it is 0.
 * @param sem  a pointer to the semaphore
 * @return 0 if it was taken, 1 if not, unlike mutex_trylock()
 * @context Never blocks.
 */
#define down_trylock(sem)						\
	((int)!iommufd_model_try_wait_for_completion(			\
		&(sem)->free, IOMMUFD_MODEL_SITE(#sem)))
/**
 * Takes 1 from the count, and sleeps while it is 0, but no longer than a time.
 * @param sem      a pointer to the semaphore
 * @param timeout  the longest time to sleep, in jiffies
 * @return 0, or -ETIME if the time has passed
 * @context May block.  Hold no spinlock.
 */
#define down_timeout(sem, timeout)					\
	(iommufd_model_wait_for_completion(&(sem)->free, (long)(timeout), \
					   IOMMUFD_MODEL_SITE(#sem)) ?	\
		 0 :							\
		 -ETIME)
/**
 * Adds 1 to the count and wakes one sleeper.
 * @param sem  a pointer to the semaphore; its memory must stay valid until the
 *   call returns
 * @context Does not block.
 */
#define up(sem)								\
	iommufd_model_complete(&(sem)->free, false, IOMMUFD_MODEL_SITE(#sem))

#endif
