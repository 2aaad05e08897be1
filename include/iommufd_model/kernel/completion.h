/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The completion, on which a thread waits until another thread has done
 * something.
 *
 * A completion has a count.  complete() adds 1 to it and wakes one waiting
 * thread; each waiting thread takes 1 away before it goes on.  complete_all()
 * makes the count so large that every thread goes on, until
 * reinit_completion().
 *
 * complete() is one operation and does not touch the completion after it.  So a
 * completion may be on the stack of the waiting thread, if that thread does not
 * return before complete() was called, as it may after a wait with a timeout.
 */
#ifndef IOMMUFD_MODEL_KERNEL_COMPLETION_H
#define IOMMUFD_MODEL_KERNEL_COMPLETION_H

#include <iommufd_model/kernel/wait.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A completion. */
struct completion {
	unsigned int done;	/**< how many threads may go on */
	wait_queue_head_t wait;	/**< the waiting threads */
};

/** @cond INTERNAL */
#define __COMPLETION_INITIALIZER(name, keyp) \
	{ 0, __WAIT_QUEUE_HEAD_INITIALIZER((name).wait, keyp) }
/** @endcond */

/** Defines a completion at file scope; "static" may stand in front of it. */
#ifdef __cplusplus
#define DECLARE_COMPLETION(name)					\
	struct lock_class_key __##name##_key = { #name ".wait", 0 };	\
	struct completion name =					\
		__COMPLETION_INITIALIZER(name, &__##name##_key)
#else
#define DECLARE_COMPLETION(name)					\
	struct completion name = __COMPLETION_INITIALIZER(		\
		name, &((struct lock_class_key){ #name ".wait", 0 }))
#endif
/** Defines a completion in a function. */
#define DECLARE_COMPLETION_ONSTACK(name)				\
	static struct lock_class_key __##name##_key = { #name ".wait", 0 }; \
	struct completion name =					\
		__COMPLETION_INITIALIZER(name, &__##name##_key)

/**
 * Initialises a completion.
 * @param x  a pointer to the completion
 * @context Does not block.
 */
#define init_completion(x) do {						\
	static struct lock_class_key __key = { #x "->wait", 0 };	\
	iommufd_model_init_completion(x, &__key, IOMMUFD_MODEL_SITE(#x)); \
} while (0)
/**
 * Sets the count to 0 again.
 * @param x  a pointer to the completion
 * @context Does not block.
 */
#define reinit_completion(x) \
	iommufd_model_reinit_completion(x, IOMMUFD_MODEL_SITE(#x))

/**
 * Waits until the count is not 0, and subtracts 1 from it.
 * @param x  a pointer to the completion
 * @context May block.  Hold no spinlock, and no lock that the other thread
 *   needs.
 */
#define wait_for_completion(x) \
	((void)iommufd_model_wait_for_completion(x, MAX_SCHEDULE_TIMEOUT, \
						 IOMMUFD_MODEL_SITE(#x)))
/** Does the same as wait_for_completion(). */
#define wait_for_completion_io(x) wait_for_completion(x)
/** Does wait_for_completion(); there are no signals.  @return 0 */
#define wait_for_completion_interruptible(x) \
	((int)(iommufd_model_wait_for_completion(x, MAX_SCHEDULE_TIMEOUT, \
						 IOMMUFD_MODEL_SITE(#x)) & 0))
/** Does wait_for_completion(); there are no signals.  @return 0 */
#define wait_for_completion_killable(x) wait_for_completion_interruptible(x)
/**
 * Waits until the count is not 0, and subtracts 1 from it, or until a time has
 * passed.
 * @param x        a pointer to the completion
 * @param timeout  the longest time to wait, in jiffies
 * @return 0 if the time has passed; otherwise the number of jiffies left, at
 *   least 1
 * @context May block.  Hold no spinlock, and no lock that the other thread
 *   needs.
 */
#define wait_for_completion_timeout(x, timeout) \
	((unsigned long)iommufd_model_wait_for_completion( \
		x, (long)(timeout), IOMMUFD_MODEL_SITE(#x)))
/** Does the same as wait_for_completion_timeout(). */
#define wait_for_completion_io_timeout(x, timeout) \
	wait_for_completion_timeout(x, timeout)
/** Does wait_for_completion_timeout(); there are no signals. */
#define wait_for_completion_interruptible_timeout(x, timeout) \
	iommufd_model_wait_for_completion(x, (long)(timeout), \
					  IOMMUFD_MODEL_SITE(#x))
/** Does wait_for_completion_timeout(); there are no signals. */
#define wait_for_completion_killable_timeout(x, timeout) \
	wait_for_completion_interruptible_timeout(x, timeout)
/**
 * Subtracts 1 from the count unless it is 0.
 * @param x  a pointer to the completion
 * @return true if the count was not 0
 * @context Never blocks.
 */
#define try_wait_for_completion(x) \
	iommufd_model_try_wait_for_completion(x, IOMMUFD_MODEL_SITE(#x))
/**
 * Tells whether the count is not 0.
 * @param x  a pointer to the completion
 * @return true if wait_for_completion() would return at once
 * @context Does not block.
 */
#define completion_done(x) \
	iommufd_model_completion_done(x, IOMMUFD_MODEL_SITE(#x))

/**
 * Adds 1 to the count and wakes one waiting thread.
 * @param x  a pointer to the completion; its memory must stay valid until the
 *   call returns
 * @context Does not block.
 */
#define complete(x) iommufd_model_complete(x, false, IOMMUFD_MODEL_SITE(#x))
/**
 * Lets all threads go on: those that wait now, and those that will wait.
 * @param x  a pointer to the completion
 * @context Does not block.
 */
#define complete_all(x) iommufd_model_complete(x, true, IOMMUFD_MODEL_SITE(#x))

/**
 * Initialises a completion.  init_completion() calls it.
 * @param x     the completion
 * @param key   the class of its lock; must be static
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_init_completion(struct completion *x, struct lock_class_key *key,
			      const struct iommufd_model_site *site);
/** @behind{reinit_completion} */
IOMMUFD_MODEL_API void
iommufd_model_reinit_completion(struct completion *x,
				const struct iommufd_model_site *site);
/**
 * Waits.  wait_for_completion() and the like call it.
 * @param x        the completion
 * @param timeout  the longest time to wait, in jiffies; MAX_SCHEDULE_TIMEOUT
 *   for no limit
 * @param site     the call site
 * @return 0 if the time has passed; otherwise the number of jiffies left, at
 *   least 1
 */
IOMMUFD_MODEL_API long
iommufd_model_wait_for_completion(struct completion *x, long timeout,
				  const struct iommufd_model_site *site);
/** @behind{try_wait_for_completion} */
IOMMUFD_MODEL_API bool
iommufd_model_try_wait_for_completion(struct completion *x,
				      const struct iommufd_model_site *site);
/** @behind{completion_done} */
IOMMUFD_MODEL_API bool
iommufd_model_completion_done(struct completion *x,
			      const struct iommufd_model_site *site);
/**
 * Adds 1 to the count, or lets all threads go on.  complete() and complete_all()
 * call it.
 * @param x     the completion
 * @param all   true for complete_all()
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_complete(struct completion *x, bool all,
		       const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
