/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Simple wait queues.  All sleepers are exclusive: swake_up_one() wakes the one
 * that has waited longest, and swake_up_all() wakes all.
 *
 * Here it is an ordinary wait queue, and reports name its operations
 * accordingly.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SWAIT_H
#define IOMMUFD_MODEL_KERNEL_SWAIT_H

#include <iommufd_model/kernel/wait.h>

/** A queue. */
struct swait_queue_head {
	wait_queue_head_t queue;	/**< the ordinary wait queue */
};

/** @cond INTERNAL */
#define __SWAIT_QUEUE_HEAD_INITIALIZER(name, keyp) \
	{ __WAIT_QUEUE_HEAD_INITIALIZER((name).queue, keyp) }
/** @endcond */

/** Defines a queue at file scope; "static" may precede it. */
#ifdef __cplusplus
#define DECLARE_SWAIT_QUEUE_HEAD(name)					\
	struct lock_class_key __##name##_key = { #name ".lock", 0 };	\
	struct swait_queue_head name =					\
		__SWAIT_QUEUE_HEAD_INITIALIZER(name, &__##name##_key)
#else
#define DECLARE_SWAIT_QUEUE_HEAD(name)					\
	struct swait_queue_head name = __SWAIT_QUEUE_HEAD_INITIALIZER(	\
		name, &((struct lock_class_key){ #name ".lock", 0 }))
#endif
/**
 * Initialises a queue.  Each call site is one lock class.
 * @param q  a pointer to the queue
 * @context Does not block.
 */
#define init_swait_queue_head(q) do {					\
	static struct lock_class_key __key = { #q "->lock", 0 };	\
	iommufd_model_init_waitqueue_head_at(&(q)->queue, &__key,	\
					     IOMMUFD_MODEL_SITE(#q));	\
} while (0)

/**
 * Sleeps uninterruptibly until a condition holds.
 * @param q     the queue itself, not a pointer to it
 * @param cond  the condition; evaluated several times, without a lock
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
 */
#define swait_event_exclusive(q, cond) \
	((void)__iommufd_model_swait(q, cond, #cond, TASK_UNINTERRUPTIBLE, \
				     MAX_SCHEDULE_TIMEOUT))
/** Does swait_event_exclusive().  In a kernel the wait counts as idle. */
#define swait_event_idle_exclusive(q, cond) swait_event_exclusive(q, cond)
/** Does swait_event_exclusive(); there are no signals.  @return 0 */
#define swait_event_interruptible_exclusive(q, cond) __extension__({	\
	(void)__iommufd_model_swait(q, cond, #cond, TASK_INTERRUPTIBLE,	\
				    MAX_SCHEDULE_TIMEOUT);		\
	0;								\
})
/**
 * Sleeps uninterruptibly until a condition holds or a time has passed.
 * @param q        the queue itself, not a pointer to it
 * @param cond     the condition; evaluated several times, without a lock
 * @param timeout  the longest time to sleep, in jiffies
 * @return as wait_event_timeout() does
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
 */
#define swait_event_timeout_exclusive(q, cond, timeout) \
	__iommufd_model_swait(q, cond, #cond, TASK_UNINTERRUPTIBLE, timeout)
/** Does swait_event_timeout_exclusive().  In a kernel the wait counts as idle. */
#define swait_event_idle_timeout_exclusive(q, cond, timeout) \
	swait_event_timeout_exclusive(q, cond, timeout)
/** Does swait_event_timeout_exclusive(); there are no signals. */
#define swait_event_interruptible_timeout_exclusive(q, cond, timeout) \
	__iommufd_model_swait(q, cond, #cond, TASK_INTERRUPTIBLE, timeout)

/** @cond INTERNAL */
#define __iommufd_model_swait(q, cond, text, mode, timeout) __extension__({ \
	iommufd_model_may_sleep("swait_event", IOMMUFD_MODEL_SITE(text)); \
	__iommufd_model_wait_cmd((q).queue, cond, text, mode,		\
				 WQ_FLAG_EXCLUSIVE, timeout, (void)0,	\
				 (void)0);				\
})
/** @endcond */

/**
 * Wakes the sleeper that has waited longest.
 * @param q  a pointer to the queue; its memory must stay valid until the call
 *   returns
 * @context Does not block.
 */
#define swake_up_one(q) \
	iommufd_model_wake(&(q)->queue, TASK_NORMAL, 1, IOMMUFD_MODEL_SITE(#q))
/**
 * Wakes all sleepers.
 * @param q  a pointer to the queue; its memory must stay valid until the call
 *   returns
 * @context In a kernel only where interrupts are on.
 */
#define swake_up_all(q) \
	iommufd_model_wake(&(q)->queue, TASK_NORMAL, 0, IOMMUFD_MODEL_SITE(#q))
/** Tells whether a queue has a sleeper. */
#define swait_active(q) \
	iommufd_model_waitqueue_active(&(q)->queue, IOMMUFD_MODEL_SITE(#q))
/** Does swait_active() after a full barrier. */
#define swq_has_sleeper(q) swait_active(q)

#endif
