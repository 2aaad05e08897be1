/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Wait queues: sleep until a condition holds, and the calls that wake.
 *
 * A sleeper first puts itself on the queue, then tests the condition, then
 * sleeps; a waker changes the condition first and then wakes.  In that order
 * no wake-up is lost.  A wake-up reaches only sleepers of its kind: the
 * _interruptible wakers pass over those who wait uninterruptibly.
 */
#ifndef IOMMUFD_MODEL_KERNEL_WAIT_H
#define IOMMUFD_MODEL_KERNEL_WAIT_H

#include <iommufd_model/kernel/clock.h>
#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

typedef struct wait_queue_head {
	spinlock_t lock;	/* guards @head and the entries on it */
	struct list_head head;
} wait_queue_head_t;

/* A sleeper, on its stack. */
struct wait_queue_entry {
	struct list_head entry;
	unsigned int state;
	int woken;
};

#define DEFINE_WAIT(name)						\
	struct wait_queue_entry name = {				\
		{ &(name).entry, &(name).entry }, 0, 0			\
	}

#define init_waitqueue_head(wq) do {					\
	static struct lock_class_key __key = { #wq "->lock", 0 };	\
	iommufd_model_init_waitqueue_head(wq, &__key);			\
} while (0)

/*
 * wait_event(wq, cond): sleep uninterruptibly until @cond, tested under no
 * lock, holds.  Blocks.
 */
#define wait_event(wq, cond) \
	((void)__iommufd_model_wait(wq, cond, #cond, TASK_UNINTERRUPTIBLE, \
				    MAX_SCHEDULE_TIMEOUT))

/* wait_event_interruptible(wq, cond): the same; always 0, no signals here. */
#define wait_event_interruptible(wq, cond) __extension__({		\
	(void)__iommufd_model_wait(wq, cond, #cond, TASK_INTERRUPTIBLE,	\
				   MAX_SCHEDULE_TIMEOUT);		\
	0;								\
})

/*
 * wait_event_timeout(wq, cond, timeout): at most @timeout jiffies.  0 if the
 * time ran out and @cond is still false, else the jiffies left, at least 1.
 */
#define wait_event_timeout(wq, cond, timeout) \
	__iommufd_model_wait(wq, cond, #cond, TASK_UNINTERRUPTIBLE, timeout)

#define __iommufd_model_wait(wq, cond, text, mode, timeout) __extension__({ \
	long __left = (timeout);					\
	if (!(cond)) {							\
		struct wait_queue_entry __wait;				\
		wait_queue_head_t *__wq = &(wq);			\
		iommufd_model_wait_begin(&__wait);			\
		for (;;) {						\
			iommufd_model_prepare_to_wait(			\
				__wq, &__wait, mode,			\
				IOMMUFD_MODEL_SITE("&" #wq));		\
			if (cond) {					\
				if (!__left)				\
					__left = 1;			\
				break;					\
			}						\
			if (!__left)					\
				break;					\
			__left = iommufd_model_wait_sleep(		\
				__wq, &__wait, __left,			\
				IOMMUFD_MODEL_SITE(text));		\
		}							\
		iommufd_model_finish_wait(__wq, &__wait,		\
					  IOMMUFD_MODEL_SITE("&" #wq)); \
	} else if (!__left) {						\
		__left = 1;						\
	}								\
	__left;								\
})

/*
 * The parts of a wait, for code that tests its condition itself:
 *
 * prepare_to_wait(wq, wait, state): @wait, made by DEFINE_WAIT(), is on the
 * queue and not woken.  Between it and finish_wait(wq, wait), which takes it
 * off, iommufd_model_wait_sleep() sleeps until it is woken or for @timeout
 * jiffies, and returns those that are left.
 */
#define prepare_to_wait(wq, wait, state) \
	iommufd_model_prepare_to_wait(wq, wait, state, IOMMUFD_MODEL_SITE(#wq))
#define finish_wait(wq, wait) \
	iommufd_model_finish_wait(wq, wait, IOMMUFD_MODEL_SITE(#wq))

/* Wake every sleeper of the given kinds; there are no exclusive sleepers. */
#define wake_up(wq) iommufd_model_wake(wq, TASK_NORMAL, IOMMUFD_MODEL_SITE(#wq))
#define wake_up_all(wq) wake_up(wq)
#define wake_up_interruptible(wq) \
	iommufd_model_wake(wq, TASK_INTERRUPTIBLE, IOMMUFD_MODEL_SITE(#wq))
#define wake_up_interruptible_all(wq) wake_up_interruptible(wq)

IOMMUFD_MODEL_API void
iommufd_model_init_waitqueue_head(wait_queue_head_t *wq,
				  struct lock_class_key *key);
IOMMUFD_MODEL_API void iommufd_model_wait_begin(struct wait_queue_entry *wait);
IOMMUFD_MODEL_API void
iommufd_model_prepare_to_wait(wait_queue_head_t *wq,
			      struct wait_queue_entry *wait, int state,
			      const struct iommufd_model_site *site);
IOMMUFD_MODEL_API long
iommufd_model_wait_sleep(wait_queue_head_t *wq, struct wait_queue_entry *wait,
			 long timeout, const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_finish_wait(wait_queue_head_t *wq,
			  struct wait_queue_entry *wait,
			  const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_wake(wait_queue_head_t *wq, unsigned int mode,
		   const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
