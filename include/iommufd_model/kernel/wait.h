/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Wait queues, on which a thread sleeps until a condition holds.
 *
 * A sleeper first enters the queue, then tests the condition, and then sleeps.
 * A waker first changes the condition and then wakes the sleepers.  In that
 * order no wake-up is lost.  The wake-up functions with _interruptible in their
 * name do not wake sleepers that wait uninterruptibly.
 *
 * A sleeper can be exclusive.  wake_up() wakes all sleepers that are not
 * exclusive, and the exclusive sleeper that has waited longest.
 *
 * There are no signals, so that a signal never ends a wait.  A sleeper can be
 * woken although nobody has called a wake-up function; the explorer does that
 * if the option spurious asks for it.  So a condition must be tested in a loop.
 */
#ifndef IOMMUFD_MODEL_KERNEL_WAIT_H
#define IOMMUFD_MODEL_KERNEL_WAIT_H

#include <iommufd_model/kernel/bitops.h>
#include <iommufd_model/kernel/clock.h>
#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define TASK_RUNNING 0	/**< the thread does not sleep */
#define TASK_INTERRUPTIBLE 1	/**< a sleep that signals could end */
#define TASK_UNINTERRUPTIBLE 2	/**< a sleep that signals could not end */
/** both kinds of sleepers */
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
/** a sleep that only fatal signals could end */
#define TASK_KILLABLE TASK_UNINTERRUPTIBLE
/** a sleep that signals could not end */
#define TASK_IDLE TASK_UNINTERRUPTIBLE
#define TASK_PARKED 64	/**< the state in kthread_parkme() */
/** @cond INTERNAL */
/* Together with another state: a sleep that waits for nothing but time. */
#define __IOMMUFD_MODEL_TASK_DELAY 128
/** @endcond */

/**
 * Gives the running thread in the form in which others can wake it.  It is the
 * value of current.
 * @return a pointer that can be passed to wake_up_process()
 */
IOMMUFD_MODEL_API struct iommufd_model_task *iommufd_model_current(void);

/**
 * Gives the state of the running thread, for an entry of a wait queue.
 * @return its state
 */
IOMMUFD_MODEL_API struct iommufd_model_task *iommufd_model_task_self(void);

/** A wait queue. */
typedef struct wait_queue_head {
	/** guards the list and its entries; not for other use */
	spinlock_t lock;
	struct list_head head;	/**< the entries of the sleepers */
} wait_queue_head_t;

struct wait_queue_entry;
/**
 * The type of a function that a wake-up calls for an entry, with the queue's
 * lock held.
 * @param wait   the entry
 * @param mode   the kinds of sleepers that are to be woken, TASK_ bits
 * @param flags  0
 * @param key    the argument that the waker passes, or NULL
 * @return not 0 if a sleeper was woken
 */
typedef int (*wait_queue_func_t)(struct wait_queue_entry *wait,
				 unsigned int mode, int flags, void *key);

/** the entry belongs to an exclusive sleeper */
#define WQ_FLAG_EXCLUSIVE 1u
#define WQ_FLAG_WOKEN 2u	/**< see wait_woken() */

/** The entry of a sleeper; it is usually on the sleeper's stack. */
typedef struct wait_queue_entry {
	struct list_head entry;	/**< the links in the queue */
	/** the kind: TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE */
	unsigned int state;
	int woken;	/**< 1 if it was woken since prepare_to_wait() */
	unsigned int flags;	/**< WQ_FLAG_ bits */
	/** the sleeper; the kernel's member is called private */
	struct iommufd_model_task *task;
	wait_queue_func_t func;	/**< the function that a wake-up calls */
	const void *key;	/**< the variable of wait_var_event() */
} wait_queue_entry_t;

/** the kernel's name of the function */
#define default_wake_function iommufd_model_default_wake_function
/** the kernel's name of the function */
#define autoremove_wake_function iommufd_model_autoremove_wake_function
/** the kernel's name of the function */
#define woken_wake_function iommufd_model_woken_wake_function

/**
 * Wakes the sleeper of an entry, which stays on the queue.
 * @param wait   the entry
 * @param mode   the kinds of sleepers that are to be woken, TASK_ bits
 * @param flags  unused
 * @param key    unused
 * @return 1 if the sleeper was woken, 0 if not
 */
IOMMUFD_MODEL_API int
iommufd_model_default_wake_function(struct wait_queue_entry *wait,
				    unsigned int mode, int flags, void *key);
/**
 * Wakes the sleeper of an entry, and takes the entry off the queue.
 * @param wait   the entry
 * @param mode   the kinds of sleepers that are to be woken, TASK_ bits
 * @param flags  unused
 * @param key    unused
 * @return 1 if the sleeper was woken, 0 if not
 */
IOMMUFD_MODEL_API int
iommufd_model_autoremove_wake_function(struct wait_queue_entry *wait,
				    unsigned int mode, int flags, void *key);
/**
 * Ends a wait_woken(): the one that is in progress, or else the next one.
 * @param wait   the entry
 * @param mode   the kinds of sleepers that are to be woken, TASK_ bits
 * @param flags  unused
 * @param key    unused
 * @return 1 if the sleeper was woken, 0 if not
 */
IOMMUFD_MODEL_API int
iommufd_model_woken_wake_function(struct wait_queue_entry *wait,
				    unsigned int mode, int flags, void *key);

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_WAIT(name, tsk, func)				\
	struct wait_queue_entry name = {				\
		{ &(name).entry, &(name).entry }, 0, 0, 0, tsk, func,	\
		NULL							\
	}
/** @endcond */

/** Defines the entry @p name of this thread; it is on no queue yet. */
#define DEFINE_WAIT(name) DEFINE_WAIT_FUNC(name, autoremove_wake_function)
/** Defines the entry @p name, whose wake-up calls @p function. */
#define DEFINE_WAIT_FUNC(name, function) \
	__IOMMUFD_MODEL_WAIT(name, iommufd_model_task_self(), function)
/** Defines the entry @p name of the thread @p tsk, for add_wait_queue(). */
#define DECLARE_WAITQUEUE(name, tsk) \
	__IOMMUFD_MODEL_WAIT(name, tsk, default_wake_function)

/** @cond INTERNAL */
#define __WAIT_QUEUE_HEAD_INITIALIZER(name, keyp)			\
	{ { { keyp }, 0 }, { &(name).head, &(name).head } }
/** @endcond */

/**
 * Defines a wait queue at file scope; "static" may precede it.  Its lock has a
 * lock class of its own.
 */
#ifdef __cplusplus
#define DECLARE_WAIT_QUEUE_HEAD(name)					\
	struct lock_class_key __##name##_key = { #name ".lock", 0 };	\
	wait_queue_head_t name =					\
		__WAIT_QUEUE_HEAD_INITIALIZER(name, &__##name##_key)
#else
#define DECLARE_WAIT_QUEUE_HEAD(name)					\
	wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(		\
		name, &((struct lock_class_key){ #name ".lock", 0 }))
#endif
/** Defines a wait queue in a function. */
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name)				\
	static struct lock_class_key __##name##_key = { #name ".lock", 0 }; \
	wait_queue_head_t name =					\
		__WAIT_QUEUE_HEAD_INITIALIZER(name, &__##name##_key)

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
/** Does wait_event().  In a kernel the wait counts as a wait for I/O. */
#define io_wait_event(wq, cond) wait_event(wq, cond)
/** Does wait_event().  In a kernel the wait counts as idle. */
#define wait_event_idle(wq, cond) wait_event(wq, cond)

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
/** Does wait_event_interruptible().  In a kernel the thread can be frozen. */
#define wait_event_freezable(wq, cond) wait_event_interruptible(wq, cond)
/** Does wait_event(); there are no fatal signals.  @return 0 */
#define wait_event_killable(wq, cond) __extension__({			\
	wait_event(wq, cond);						\
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
/** Does wait_event_timeout().  In a kernel the wait counts as idle. */
#define wait_event_idle_timeout(wq, cond, timeout) \
	wait_event_timeout(wq, cond, timeout)
/** Does wait_event_timeout(); there are no fatal signals. */
#define wait_event_killable_timeout(wq, cond, timeout) \
	wait_event_timeout(wq, cond, timeout)
/** Does wait_event_timeout(); there are no signals. */
#define wait_event_interruptible_timeout(wq, cond, timeout) \
	__iommufd_model_wait(wq, cond, #cond, TASK_INTERRUPTIBLE, timeout)
/**
 * Does wait_event_interruptible_timeout().  In a kernel the thread can be
 * frozen.
 */
#define wait_event_freezable_timeout(wq, cond, timeout) \
	wait_event_interruptible_timeout(wq, cond, timeout)

/**
 * @name Exclusive sleepers
 * wake_up() wakes only one of them.
 * @{
 */
/** Does wait_event_interruptible() as an exclusive sleeper. */
#define wait_event_interruptible_exclusive(wq, cond) __extension__({	\
	iommufd_model_may_sleep("wait_event", IOMMUFD_MODEL_SITE(#cond)); \
	(void)__iommufd_model_wait_cmd(wq, cond, #cond, TASK_INTERRUPTIBLE, \
				       WQ_FLAG_EXCLUSIVE,		\
				       MAX_SCHEDULE_TIMEOUT, (void)0,	\
				       (void)0);			\
	0;								\
})
/** Does wait_event_killable() as an exclusive sleeper. */
#define wait_event_killable_exclusive(wq, cond) __extension__({		\
	iommufd_model_may_sleep("wait_event", IOMMUFD_MODEL_SITE(#cond)); \
	(void)__iommufd_model_wait_cmd(wq, cond, #cond, TASK_KILLABLE,	\
				       WQ_FLAG_EXCLUSIVE,		\
				       MAX_SCHEDULE_TIMEOUT, (void)0,	\
				       (void)0);			\
	0;								\
})
/** Does wait_event_idle() as an exclusive sleeper. */
#define wait_event_idle_exclusive(wq, cond) \
	((void)wait_event_killable_exclusive(wq, cond))
/** @} */

/**
 * @name Sleepers that give something up while they sleep
 * @{
 */
/** Does wait_event(), with @p cmd1 before each sleep and @p cmd2 after it. */
#define wait_event_cmd(wq, cond, cmd1, cmd2) do {			\
	iommufd_model_may_sleep("wait_event", IOMMUFD_MODEL_SITE(#cond)); \
	(void)__iommufd_model_wait_cmd(wq, cond, #cond,			\
				       TASK_UNINTERRUPTIBLE, 0,		\
				       MAX_SCHEDULE_TIMEOUT, cmd1, cmd2); \
} while (0)
/** Does wait_event_cmd() as an exclusive sleeper. */
#define wait_event_exclusive_cmd(wq, cond, cmd1, cmd2) do {		\
	iommufd_model_may_sleep("wait_event", IOMMUFD_MODEL_SITE(#cond)); \
	(void)__iommufd_model_wait_cmd(wq, cond, #cond,			\
				       TASK_UNINTERRUPTIBLE,		\
				       WQ_FLAG_EXCLUSIVE,		\
				       MAX_SCHEDULE_TIMEOUT, cmd1, cmd2); \
} while (0)
/**
 * Sleeps uninterruptibly until a condition holds, which is tested with a
 * spinlock held.
 * @param wq    the queue itself, not a pointer to it
 * @param cond  the condition; evaluated several times, with the lock held
 * @param lock  the spinlock itself, taken with spin_lock_irq(); it is unlocked
 *   while the thread sleeps
 * @context May block.  Hold no other spinlock.
 */
#define wait_event_lock_irq(wq, cond, lock) \
	((void)__iommufd_model_wait_cmd(wq, cond, #cond,		\
					TASK_UNINTERRUPTIBLE, 0,	\
					MAX_SCHEDULE_TIMEOUT,		\
					__iommufd_model_unlock_irq(lock), \
					__iommufd_model_lock_irq(lock)))
/** Does wait_event_lock_irq(), with @p cmd after each unlock. */
#define wait_event_lock_irq_cmd(wq, cond, lock, cmd) \
	((void)__iommufd_model_wait_cmd(wq, cond, #cond,		\
					TASK_UNINTERRUPTIBLE, 0,	\
					MAX_SCHEDULE_TIMEOUT,		\
					__extension__({			\
						spin_unlock_irq(&(lock)); \
						cmd;			\
					}),				\
					__iommufd_model_lock_irq(lock)))
/** Does wait_event_lock_irq(); there are no signals.  @return 0 */
#define wait_event_interruptible_lock_irq(wq, cond, lock) __extension__({ \
	(void)__iommufd_model_wait_cmd(wq, cond, #cond, TASK_INTERRUPTIBLE, \
				       0, MAX_SCHEDULE_TIMEOUT,		\
				       __iommufd_model_unlock_irq(lock), \
				       __iommufd_model_lock_irq(lock));	\
	0;								\
})
/** Does wait_event_lock_irq(), but returns as wait_event_timeout() does. */
#define wait_event_lock_irq_timeout(wq, cond, lock, timeout) \
	__iommufd_model_wait_cmd(wq, cond, #cond, TASK_UNINTERRUPTIBLE, 0, \
				 timeout, __iommufd_model_unlock_irq(lock), \
				 __iommufd_model_lock_irq(lock))
/** Does wait_event_lock_irq_timeout(); there are no signals. */
#define wait_event_interruptible_lock_irq_timeout(wq, cond, lock, timeout) \
	__iommufd_model_wait_cmd(wq, cond, #cond, TASK_INTERRUPTIBLE, 0, \
				 timeout, __iommufd_model_unlock_irq(lock), \
				 __iommufd_model_lock_irq(lock))
/** @} */

/** @cond INTERNAL */
#define __iommufd_model_unlock_irq(lock) \
	__extension__({ spin_unlock_irq(&(lock)); })
#define __iommufd_model_lock_irq(lock) \
	__extension__({ spin_lock_irq(&(lock)); })

#define __iommufd_model_wait(wq, cond, text, mode, timeout) __extension__({ \
	iommufd_model_may_sleep("wait_event", IOMMUFD_MODEL_SITE(text));	\
	__iommufd_model_wait_cmd(wq, cond, text, mode, 0, timeout, (void)0, \
				 (void)0);				\
})

/* @exclusive is WQ_FLAG_EXCLUSIVE or 0. */
#define __iommufd_model_wait_cmd(wq, cond, text, mode, exclusive, timeout, \
				 cmd1, cmd2) __extension__({		\
	long __left = (timeout);					\
	if (!(cond)) {							\
		struct wait_queue_entry __wait;				\
		wait_queue_head_t *__wq = &(wq);			\
		iommufd_model_wait_begin(&__wait);			\
		__wait.flags = (exclusive);				\
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
			cmd1;						\
			__left = iommufd_model_wait_sleep(		\
				__wq, &__wait, __left,			\
				IOMMUFD_MODEL_SITE(text));		\
			cmd2;						\
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
 * with schedule() or schedule_timeout().  Call finish_wait() after the loop.
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
 * Does prepare_to_wait() for an exclusive sleeper.
 * @param wq     a pointer to the queue
 * @param wait   the entry
 * @param state  TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE
 * @ownership The queue uses @p wait until finish_wait().
 * @context Does not block.
 */
#define prepare_to_wait_exclusive(wq, wait, state) do {			\
	(wait)->flags |= WQ_FLAG_EXCLUSIVE;				\
	iommufd_model_prepare_to_wait(wq, wait, state,			\
				      IOMMUFD_MODEL_SITE(#wq));		\
} while (0)

/**
 * Initialises the entry @p wait for this thread, as DEFINE_WAIT() does.
 * @param wait  the entry
 */
#define init_wait(wait) iommufd_model_wait_begin(wait)
/** Initialises an entry as DECLARE_WAITQUEUE() does. */
#define init_waitqueue_entry(wait, tsk) \
	iommufd_model_wait_init(wait, tsk, default_wake_function)
/** Initialises an entry that has no thread, and whose wake-up calls @p func. */
#define init_waitqueue_func_entry(wait, func) \
	iommufd_model_wait_init(wait, NULL, func)

/**
 * Puts an entry on a queue.  It is for code that changes the state of its
 * thread with set_current_state().
 * @param wq    a pointer to the queue
 * @param wait  the entry
 * @ownership The queue uses @p wait until remove_wait_queue().
 * @context Does not block.
 */
#define add_wait_queue(wq, wait) \
	iommufd_model_add_wait(wq, wait, 0, IOMMUFD_MODEL_SITE(#wq))
/** Does add_wait_queue() for an exclusive sleeper. */
#define add_wait_queue_exclusive(wq, wait) \
	iommufd_model_add_wait(wq, wait, WQ_FLAG_EXCLUSIVE, \
			       IOMMUFD_MODEL_SITE(#wq))
/**
 * Removes an entry from a queue.
 * @param wq    a pointer to the queue
 * @param wait  the entry, which is on the queue
 * @ownership The caller may reuse the memory of @p wait.
 * @context Does not block.
 */
#define remove_wait_queue(wq, wait) \
	iommufd_model_remove_wait(wq, wait, IOMMUFD_MODEL_SITE(#wq))

/**
 * Sleeps until this entry is woken or a time has passed.  It also counts a
 * wake-up since the last wait_woken().  The entry must be on a queue, and must
 * have been defined by DEFINE_WAIT_FUNC() with woken_wake_function.
 * @param wait     the entry
 * @param mode     TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE
 * @param timeout  the longest time to sleep, in jiffies
 * @return the number of jiffies left
 * @context May block.  Hold no spinlock.
 */
#define wait_woken(wait, mode, timeout) \
	iommufd_model_wait_woken(wait, mode, timeout, IOMMUFD_MODEL_SITE(#wait))

/**
 * Wakes all sleepers that are not exclusive, and one exclusive sleeper.
 * @param wq  a pointer to the queue; its memory must stay valid until the call
 *   returns
 * @context Does not block.
 */
#define wake_up(wq) \
	iommufd_model_wake(wq, TASK_NORMAL, 1, IOMMUFD_MODEL_SITE(#wq))
/** Wakes all sleepers that are not exclusive, and @p nr exclusive sleepers. */
#define wake_up_nr(wq, nr) \
	iommufd_model_wake(wq, TASK_NORMAL, nr, IOMMUFD_MODEL_SITE(#wq))
/** Wakes all sleepers. */
#define wake_up_all(wq) wake_up_nr(wq, 0)
/**
 * Does wake_up() for the sleepers that wait interruptibly; it wakes no others.
 * @param wq  a pointer to the queue; its memory must stay valid until the call
 *   returns
 * @context Does not block.
 */
#define wake_up_interruptible(wq) \
	iommufd_model_wake(wq, TASK_INTERRUPTIBLE, 1, IOMMUFD_MODEL_SITE(#wq))
/** Does wake_up_nr() for the sleepers that wait interruptibly. */
#define wake_up_interruptible_nr(wq, nr) \
	iommufd_model_wake(wq, TASK_INTERRUPTIBLE, nr, IOMMUFD_MODEL_SITE(#wq))
/** Wakes all sleepers that wait interruptibly. */
#define wake_up_interruptible_all(wq) wake_up_interruptible_nr(wq, 0)
/**
 * Does wake_up_interruptible().  In a kernel the sleeper does not preempt this
 * thread.
 */
#define wake_up_interruptible_sync(wq) wake_up_interruptible(wq)
/** Does wake_up() for the events @p m of poll(). */
#define wake_up_poll(wq, m) \
	iommufd_model_wake_key(wq, TASK_NORMAL, 1, (void *)(uintptr_t)(m), \
			       IOMMUFD_MODEL_SITE(#wq))
/** Does wake_up_interruptible() for the events @p m of poll(). */
#define wake_up_interruptible_poll(wq, m) \
	iommufd_model_wake_key(wq, TASK_INTERRUPTIBLE, 1, \
			       (void *)(uintptr_t)(m), IOMMUFD_MODEL_SITE(#wq))
/**
 * Does wake_up_interruptible_poll().  In a kernel the sleeper does not preempt
 * this thread.
 */
#define wake_up_interruptible_sync_poll(wq, m) wake_up_interruptible_poll(wq, m)

/**
 * Tells whether a queue has an entry.
 * @param wq  a pointer to the queue
 * @return true if it has one
 * @context Does not block.
 */
#define waitqueue_active(wq) \
	iommufd_model_waitqueue_active(wq, IOMMUFD_MODEL_SITE(#wq))
/** Does waitqueue_active() after a full barrier. */
#define wq_has_sleeper(wq) waitqueue_active(wq)

/**
 * @name Waiting for a variable
 * There is no queue: who changes the variable wakes those that wait for its
 * address.
 * @{
 */
/**
 * Sleeps until a condition holds that depends on a variable.
 * @param var   a pointer to the variable
 * @param cond  the condition; evaluated several times, without a lock
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
 */
#define wait_var_event(var, cond) \
	((void)__iommufd_model_wait_var(var, cond, #var, #cond, \
					MAX_SCHEDULE_TIMEOUT))
/** Does wait_var_event(); there are no fatal signals.  @return 0 */
#define wait_var_event_killable(var, cond) __extension__({		\
	wait_var_event(var, cond);					\
	0;								\
})
/** Does wait_var_event(); there are no signals.  @return 0 */
#define wait_var_event_interruptible(var, cond) \
	wait_var_event_killable(var, cond)
/** Does wait_var_event(), but returns as wait_event_timeout() does. */
#define wait_var_event_timeout(var, cond, timeout) \
	__iommufd_model_wait_var(var, cond, #var, #cond, timeout)
/**
 * Wakes all threads that wait for a variable.
 * @param var  a pointer to the variable
 * @context Does not block.
 */
#define wake_up_var(var) \
	iommufd_model_wake_var(var, IOMMUFD_MODEL_SITE(#var))
/**
 * Sleeps until a bit is 0.
 * @param word  the unsigned long
 * @param bit   the number of the bit
 * @param mode  a TASK_ state, which is ignored: there are no signals
 * @return 0
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
 */
#define wait_on_bit(word, bit, mode)                                     \
	__extension__({                                                  \
		(void)(mode);                                            \
		(void)__iommufd_model_wait_bit(word, bit, #word,         \
					       "bit " #bit " of " #word, \
					       MAX_SCHEDULE_TIMEOUT);    \
		0;                                                       \
	})
/**
 * Wakes the threads that wait for a bit.  In a kernel there must be a barrier
 * between the change of the bit and this call.
 * @param word  the unsigned long
 * @param bit   the number of the bit
 * @context Does not block.
 */
#define wake_up_bit(word, bit) ((void)(bit), wake_up_var(word))
/** @} */

/** @cond INTERNAL */
#define __iommufd_model_wait_bit(word, bit, name, text, timeout)               \
	__extension__({                                                        \
		const unsigned long *__word = (word);                          \
		int __bit = (int)(bit);                                        \
		__iommufd_model_wait_var(                                      \
			__word,                                                \
			!__IOMMUFD_MODEL_BITOP(                                \
				TEST, __bit, (volatile unsigned long *)__word, \
				0, name),                                      \
			name, text, timeout);                                  \
	})
#define __iommufd_model_wait_var(var, cond, name, text, timeout)	\
	__extension__({							\
	long __left = (timeout);					\
	iommufd_model_may_sleep("wait_var_event",			\
				IOMMUFD_MODEL_SITE(text));		\
	if (!(cond)) {							\
		struct wait_queue_entry __wait;				\
		const volatile void *__var = (var);			\
		iommufd_model_wait_begin(&__wait);			\
		for (;;) {						\
			iommufd_model_prepare_var(			\
				__var, &__wait,				\
				IOMMUFD_MODEL_SITE(name));		\
			if ((cond) || !__left)				\
				break;					\
			__left = iommufd_model_schedule(		\
				__left, IOMMUFD_MODEL_SITE(text));	\
		}							\
		iommufd_model_finish_var(__var, &__wait,		\
					 IOMMUFD_MODEL_SITE(name));	\
		if (!__left && (cond))					\
			__left = 1;					\
	} else if (!__left) {						\
		__left = 1;						\
	}								\
	__left;								\
})
/** @endcond */

/**
 * Initialises a wait queue without passing the gate.
 * @param wq   the queue
 * @param key  the class of the queue's lock; must be static
 */
IOMMUFD_MODEL_API void
iommufd_model_init_waitqueue_head(wait_queue_head_t *wq,
				  struct lock_class_key *key);

/**
 * Initialises a wait queue.  init_waitqueue_head() calls it.
 * @param wq    the queue
 * @param key   the class of the queue's lock; must be static
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
 * Sleeps until the sleeper is woken or a time has passed.  A kernel has
 * schedule_timeout() for this purpose.
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
 * Wakes sleepers of the given kinds.  wake_up() and the like call it.
 * @param wq    the queue
 * @param mode  the kinds, a set of TASK_ bits
 * @param nr    the largest number of exclusive sleepers to wake; 0 for all
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_wake(wait_queue_head_t *wq, unsigned int mode, int nr,
		   const struct iommufd_model_site *site);

/**
 * Wakes sleepers and passes a key to their entries.  wake_up_poll() calls it.
 * @param wq    the queue
 * @param mode  the kinds, a set of TASK_ bits
 * @param nr    the largest number of exclusive sleepers to wake; 0 for all
 * @param key   the argument for the functions of the entries
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_wake_key(wait_queue_head_t *wq, unsigned int mode, int nr,
		       void *key, const struct iommufd_model_site *site);

/**
 * Initialises an entry.
 * @param wait  the entry
 * @param task  the thread that a wake-up wakes, or NULL
 * @param func  the function that a wake-up calls
 */
IOMMUFD_MODEL_API void
iommufd_model_wait_init(struct wait_queue_entry *wait, struct iommufd_model_task *task,
			wait_queue_func_t func);
/**
 * Puts an entry on a queue.  add_wait_queue() calls it.
 * @param wq     the queue
 * @param wait   the entry
 * @param flags  WQ_FLAG_EXCLUSIVE or 0
 * @param site   the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_add_wait(wait_queue_head_t *wq, struct wait_queue_entry *wait,
		       unsigned int flags,
		       const struct iommufd_model_site *site);
/** @behind{remove_wait_queue} */
IOMMUFD_MODEL_API void
iommufd_model_remove_wait(wait_queue_head_t *wq, struct wait_queue_entry *wait,
			  const struct iommufd_model_site *site);
/**
 * Sleeps until the thread is woken or a time has passed.  schedule_timeout()
 * calls it.
 * @param timeout  the longest time to sleep, in jiffies
 * @param site     the call site
 * @return the number of jiffies left, or 0 if the time has passed
 * @context May block.  Hold no spinlock.
 */
IOMMUFD_MODEL_API long
iommufd_model_schedule(long timeout, const struct iommufd_model_site *site);
/** @behind{wait_woken} */
IOMMUFD_MODEL_API long
iommufd_model_wait_woken(struct wait_queue_entry *wait, int mode, long timeout,
			 const struct iommufd_model_site *site);
/** @behind{waitqueue_active} */
IOMMUFD_MODEL_API bool
iommufd_model_waitqueue_active(wait_queue_head_t *wq,
			       const struct iommufd_model_site *site);
/**
 * Puts an entry on the queue of a variable.  It is a part of wait_var_event().
 * @param var   the variable
 * @param wait  the entry
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_prepare_var(const volatile void *var,
			  struct wait_queue_entry *wait,
			  const struct iommufd_model_site *site);
/**
 * Removes an entry from the queue of a variable.
 * @param var   the variable
 * @param wait  the entry
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_finish_var(const volatile void *var,
			 struct wait_queue_entry *wait,
			 const struct iommufd_model_site *site);
/** @behind{wake_up_var} */
IOMMUFD_MODEL_API void
iommufd_model_wake_var(const volatile void *var,
		       const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
