/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Wait queues, on which a thread sleeps until a condition holds.
 *
 * A sleeper first enters the queue, then tests the condition, and then sleeps.
 * A waker first changes the condition and then wakes the sleepers.  In that
 * order no wake-up is lost.  The wake-up functions with _interruptible in their
 * name do not wake sleepers that wait uninterruptibly.
 */
#ifndef IOMMUFD_MODEL_KERNEL_WAIT_H
#define IOMMUFD_MODEL_KERNEL_WAIT_H

#include <iommufd_model/kernel/clock.h>
#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define TASK_INTERRUPTIBLE 1	/**< signals could wake the sleeper */
#define TASK_UNINTERRUPTIBLE 2	/**< signals could not */
/** both kinds of sleepers */
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/** A wait queue. */
typedef struct wait_queue_head {
	spinlock_t lock;	/**< guards the list and the entries on it */
	struct list_head head;	/**< the entries of the sleepers */
} wait_queue_head_t;

/** The entry of a sleeper, on the sleeper's stack. */
struct wait_queue_entry {
	struct list_head entry;	/**< its links in the queue */
	/** the kind: TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE */
	unsigned int state;
	int woken;	/**< 1 if it was woken since prepare_to_wait() */
};

/** Defines the entry @p name of a sleeper, which is on no queue. */
#define DEFINE_WAIT(name)						\
	struct wait_queue_entry name = {				\
		{ &(name).entry, &(name).entry }, 0, 0			\
	}

/**
 * Initialises a wait queue.  Each call site is one lock class.
 * @param wq  a pointer to the queue
 * @context Does not block.
 */
#define init_waitqueue_head(wq) do {					\
	static struct lock_class_key __key = { #wq "->lock", 0 };	\
	iommufd_model_init_waitqueue_head_at(wq, &__key,		\
					     IOMMUFD_MODEL_SITE(#wq));	\
} while (0)

/**
 * Sleeps uninterruptibly until a condition holds.
 * @param wq    the queue itself, not a pointer to it
 * @param cond  the condition; evaluated several times, without a lock
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
 */
#define wait_event(wq, cond) \
	((void)__iommufd_model_wait(wq, cond, #cond, TASK_UNINTERRUPTIBLE, \
				    MAX_SCHEDULE_TIMEOUT))

/**
 * Sleeps interruptibly until a condition holds.  There are no signals here, so
 * the sleep is never interrupted.
 * @param wq    the queue itself, not a pointer to it
 * @param cond  the condition; evaluated several times, without a lock
 * @return 0
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
 */
#define wait_event_interruptible(wq, cond) __extension__({		\
	(void)__iommufd_model_wait(wq, cond, #cond, TASK_INTERRUPTIBLE,	\
				   MAX_SCHEDULE_TIMEOUT);		\
	0;								\
})

/**
 * Sleeps uninterruptibly until a condition holds or a time has passed.
 * @param wq       the queue itself, not a pointer to it
 * @param cond     the condition; evaluated several times, without a lock
 * @param timeout  the longest time to sleep, in jiffies
 * @return 0 if the time has passed and @p cond is still false; otherwise the
 *   number of jiffies left, at least 1
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
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
 * Puts the entry of a sleeper on a queue and marks it as not woken.
 *
 * This is for code that tests its condition itself, in a loop: call
 * prepare_to_wait(), leave the loop if the condition holds, and otherwise sleep
 * with iommufd_model_wait_sleep().  Call finish_wait() after the loop.
 * @param wq     a pointer to the queue
 * @param wait   the entry, defined with DEFINE_WAIT(); it may be on the queue
 *   already
 * @param state  TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE
 * @ownership The queue uses @p wait until finish_wait().
 * @context Does not block.
 */
#define prepare_to_wait(wq, wait, state) \
	iommufd_model_prepare_to_wait(wq, wait, state, IOMMUFD_MODEL_SITE(#wq))

/**
 * Removes the entry of a sleeper from a queue.
 * @param wq    a pointer to the queue
 * @param wait  the entry; it need not be on the queue
 * @ownership The caller may reuse the memory of @p wait.
 * @context Does not block.
 */
#define finish_wait(wq, wait) \
	iommufd_model_finish_wait(wq, wait, IOMMUFD_MODEL_SITE(#wq))

/**
 * Wakes every sleeper.  There are no exclusive sleepers here.
 * @param wq  a pointer to the queue; its memory must stay valid until the call
 *   returns
 * @context Does not block.
 */
#define wake_up(wq) iommufd_model_wake(wq, TASK_NORMAL, IOMMUFD_MODEL_SITE(#wq))
/** Wakes every sleeper, as wake_up(). */
#define wake_up_all(wq) wake_up(wq)
/**
 * Wakes every sleeper that waits interruptibly, and no other.
 * @param wq  a pointer to the queue; its memory must stay valid until the call
 *   returns
 * @context Does not block.
 */
#define wake_up_interruptible(wq) \
	iommufd_model_wake(wq, TASK_INTERRUPTIBLE, IOMMUFD_MODEL_SITE(#wq))
/** Wakes every sleeper that waits interruptibly, as wake_up_interruptible(). */
#define wake_up_interruptible_all(wq) wake_up_interruptible(wq)

/**
 * Initialises a wait queue without passing the gate.
 * @param wq   the queue
 * @param key  the class of the queue's lock; static
 */
IOMMUFD_MODEL_API void
iommufd_model_init_waitqueue_head(wait_queue_head_t *wq,
				  struct lock_class_key *key);

/**
 * Initialises a wait queue: what init_waitqueue_head() calls.
 * @param wq    the queue
 * @param key   the class of the queue's lock; static
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_init_waitqueue_head_at(wait_queue_head_t *wq,
				     struct lock_class_key *key,
				     const struct iommufd_model_site *site);

/**
 * Initialises the entry of a sleeper as DEFINE_WAIT() does.
 * @param wait  the entry
 */
IOMMUFD_MODEL_API void iommufd_model_wait_begin(struct wait_queue_entry *wait);
/** @behind{prepare_to_wait} */
IOMMUFD_MODEL_API void
iommufd_model_prepare_to_wait(wait_queue_head_t *wq,
			      struct wait_queue_entry *wait, int state,
			      const struct iommufd_model_site *site);

/**
 * Sleeps until the sleeper is woken or a time has passed.  Replaces the
 * kernel's schedule_timeout().
 * @param wq       the queue
 * @param wait     the sleeper's entry; call this between prepare_to_wait() and
 *   finish_wait()
 * @param timeout  the longest time to sleep, in jiffies; MAX_SCHEDULE_TIMEOUT
 *   for no limit
 * @param site     the call site, from IOMMUFD_MODEL_SITE()
 * @return the number of jiffies left, or 0 if the time has passed
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
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
 * Wakes every sleeper of the given kinds: what wake_up() and the like call.
 * @param wq    the queue
 * @param mode  the kinds, a set of TASK_ bits
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_wake(wait_queue_head_t *wq, unsigned int mode,
		   const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
