/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Wait queues: sleep until a condition holds, and the calls that wake.
 *
 * A sleeper first puts itself on the queue, then tests the condition, then
 * sleeps; a waker changes the condition first and then wakes.  In that order no
 * wake-up is lost.  A wake-up reaches only sleepers of its kind: the
 * _interruptible wakers pass over those who wait uninterruptibly.
 */
#ifndef IOMMUFD_MODEL_KERNEL_WAIT_H
#define IOMMUFD_MODEL_KERNEL_WAIT_H

#include <iommufd_model/kernel/clock.h>
#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define TASK_INTERRUPTIBLE 1	/**< a sleeper that a signal could wake */
#define TASK_UNINTERRUPTIBLE 2	/**< one that no signal could */
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)	/**< either */

/** A wait queue. */
typedef struct wait_queue_head {
	spinlock_t lock;	/**< guards the list and the entries on it */
	struct list_head head;	/**< who sleeps */
} wait_queue_head_t;

/** A sleeper, on its stack. */
struct wait_queue_entry {
	struct list_head entry;	/**< on the queue */
	/** of what kind: TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE */
	unsigned int state;
	int woken;	/**< was it woken since prepare_to_wait()? */
};

/** Defines a sleeper @p name, on no queue. */
#define DEFINE_WAIT(name)						\
	struct wait_queue_entry name = {				\
		{ &(name).entry, &(name).entry }, 0, 0			\
	}

/**
 * Initialises a wait queue.  Each place of call is a class of locks.
 * @param wq  a pointer to the queue
 */
#define init_waitqueue_head(wq) do {					\
	static struct lock_class_key __key = { #wq "->lock", 0 };	\
	iommufd_model_init_waitqueue_head_at(wq, &__key,		\
					     IOMMUFD_MODEL_SITE(#wq));	\
} while (0)

/**
 * Sleeps uninterruptibly until a condition holds.
 * @param wq    the queue itself, no pointer
 * @param cond  tested under no lock, as often as need be
 * @context Blocks.  Hold no lock that the waker needs.
 */
#define wait_event(wq, cond) \
	((void)__iommufd_model_wait(wq, cond, #cond, TASK_UNINTERRUPTIBLE, \
				    MAX_SCHEDULE_TIMEOUT))

/**
 * Sleeps until a condition holds; signals do not exist here.
 * @param wq    the queue itself, no pointer
 * @param cond  tested under no lock, as often as need be
 * @return 0
 * @context Blocks.  Hold no lock that the waker needs.
 */
#define wait_event_interruptible(wq, cond) __extension__({		\
	(void)__iommufd_model_wait(wq, cond, #cond, TASK_INTERRUPTIBLE,	\
				   MAX_SCHEDULE_TIMEOUT);		\
	0;								\
})

/**
 * Sleeps uninterruptibly until a condition holds, but not for ever.
 * @param wq       the queue itself, no pointer
 * @param cond     tested under no lock, as often as need be
 * @param timeout  at most so many jiffies
 * @return 0 if the time ran out and @p cond is still false, else the jiffies
 *   left, at least 1
 * @context Blocks.  Hold no lock that the waker needs.
 */
#define wait_event_timeout(wq, cond, timeout) \
	__iommufd_model_wait(wq, cond, #cond, TASK_UNINTERRUPTIBLE, timeout)

/** @cond INTERNAL */
#define __iommufd_model_wait(wq, cond, text, mode, timeout) __extension__({ \
	long __left = (timeout);					\
	iommufd_model_may_sleep("wait_event", IOMMUFD_MODEL_SITE(text));	\
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

/** @endcond */

/**
 * Puts a sleeper on a queue, not woken; for code that tests its condition
 * itself.  Then test it, sleep by iommufd_model_wait_sleep(), begin again, and
 * at the end finish_wait().
 * @param wq     a pointer to the queue
 * @param wait   the sleeper, made by DEFINE_WAIT(); it may be on the queue
 * @param state  TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE
 */
#define prepare_to_wait(wq, wait, state) \
	iommufd_model_prepare_to_wait(wq, wait, state, IOMMUFD_MODEL_SITE(#wq))

/**
 * Takes a sleeper off a queue.
 * @param wq    a pointer to the queue
 * @param wait  the sleeper, whose memory is the caller's again
 */
#define finish_wait(wq, wait) \
	iommufd_model_finish_wait(wq, wait, IOMMUFD_MODEL_SITE(#wq))

/**
 * Wakes every sleeper; there are no exclusive ones.
 * @param wq  a pointer to the queue, which must keep its memory until the call
 *   returns
 * @context Does not block.
 */
#define wake_up(wq) iommufd_model_wake(wq, TASK_NORMAL, IOMMUFD_MODEL_SITE(#wq))
/** Wakes every sleeper: wake_up(). */
#define wake_up_all(wq) wake_up(wq)
/**
 * Wakes every sleeper that waits interruptibly, and passes over the others.
 * @param wq  a pointer to the queue, which must keep its memory until the call
 *   returns
 * @context Does not block.
 */
#define wake_up_interruptible(wq) \
	iommufd_model_wake(wq, TASK_INTERRUPTIBLE, IOMMUFD_MODEL_SITE(#wq))
/** Wakes every sleeper that waits interruptibly: wake_up_interruptible(). */
#define wake_up_interruptible_all(wq) wake_up_interruptible(wq)

/**
 * Initialises a wait queue without a step at the gate.
 * @param wq   the queue
 * @param key  the class of its lock; static
 */
IOMMUFD_MODEL_API void
iommufd_model_init_waitqueue_head(wait_queue_head_t *wq,
				  struct lock_class_key *key);

/**
 * Initialises a wait queue: what init_waitqueue_head() calls.
 * @param wq    the queue
 * @param key   the class of its lock; static
 * @param site  the place of the call
 */
IOMMUFD_MODEL_API void
iommufd_model_init_waitqueue_head_at(wait_queue_head_t *wq,
				     struct lock_class_key *key,
				     const struct iommufd_model_site *site);

/**
 * Makes a sleeper that is on no queue, as DEFINE_WAIT() does.
 * @param wait  the sleeper
 */
IOMMUFD_MODEL_API void iommufd_model_wait_begin(struct wait_queue_entry *wait);
/** @behind{prepare_to_wait} */
IOMMUFD_MODEL_API void
iommufd_model_prepare_to_wait(wait_queue_head_t *wq,
			      struct wait_queue_entry *wait, int state,
			      const struct iommufd_model_site *site);

/**
 * Sleeps until woken or for a time; in place of schedule_timeout().
 * @param wq       the queue
 * @param wait     the sleeper, between prepare_to_wait() and finish_wait()
 * @param timeout  at most so many jiffies; MAX_SCHEDULE_TIMEOUT: no limit
 * @param site     the place of the call, as of IOMMUFD_MODEL_SITE()
 * @return the jiffies left, 0 if the time ran out
 * @context Blocks.  Hold no lock that the waker needs.
 */
IOMMUFD_MODEL_API long
iommufd_model_wait_sleep(wait_queue_head_t *wq, struct wait_queue_entry *wait,
			 long timeout, const struct iommufd_model_site *site);
/** @behind{finish_wait} */
IOMMUFD_MODEL_API void
iommufd_model_finish_wait(wait_queue_head_t *wq,
			  struct wait_queue_entry *wait,
			  const struct iommufd_model_site *site);

/**
 * Wakes every sleeper of the given kinds: what wake_up() and its like call.
 * @param wq    the queue
 * @param mode  TASK_ bits
 * @param site  the place of the call
 */
IOMMUFD_MODEL_API void
iommufd_model_wake(wait_queue_head_t *wq, unsigned int mode,
		   const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
