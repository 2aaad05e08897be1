/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The running thread: its state, and sleeping until another thread wakes it.
 *
 * <iommufd_model/kernel.h> does not include this header, because its names are
 * common words.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SCHED_H
#define IOMMUFD_MODEL_KERNEL_SCHED_H

#include <iommufd_model/kernel/wait.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A thread, in the form in which other threads can wake it. */
#define task_struct iommufd_model_task
/** The running thread, a pointer to struct task_struct. */
#define current iommufd_model_current()

/**
 * Sets the state of this thread.  A wake-up has an effect only after that.
 * @param value  TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, or TASK_RUNNING
 * @context Does not block.
 */
#define set_current_state(value) \
	iommufd_model_set_state(value, IOMMUFD_MODEL_SITE("set_current_state()"))
/** Does the same as set_current_state(). */
#define __set_current_state(value) set_current_state(value)
/**
 * Sleeps until the thread is woken.  Returns at once if it was woken after it
 * set its state.
 * @context May block, unless the state is TASK_RUNNING.  Hold no spinlock.
 */
#define schedule() \
	((void)iommufd_model_schedule(MAX_SCHEDULE_TIMEOUT, \
				      IOMMUFD_MODEL_SITE("schedule()")))
/**
 * Lets other threads run in a long loop: unlocks a spinlock, does cond_resched()
 * and locks it again.  In a kernel that happens only if this thread has run long
 * enough, so what the lock guards may have changed.
 * @param lock  the spinlock, which the thread holds, and no other
 * @return 1: it was unlocked
 * @context May sleep while the lock is free.
 */
#define cond_resched_lock(lock) __extension__({				\
	spinlock_t *__relock = (lock);					\
	iommufd_model_spin_unlock(__relock, IOMMUFD_MODEL_SITE(#lock));	\
	cond_resched();							\
	iommufd_model_spin_lock(__relock, IOMMUFD_MODEL_SITE(#lock));	\
	1;								\
})
/** Does schedule().  In a kernel the wait counts as a wait for I/O. */
#define io_schedule() schedule()
/**
 * Sleeps until the thread is woken or a time has passed.
 * @param timeout  the longest time to sleep, in jiffies
 * @return the number of jiffies left, or 0 if the time has passed
 * @context May block.  Hold no spinlock.
 */
#define schedule_timeout(timeout) \
	iommufd_model_schedule(timeout, IOMMUFD_MODEL_SITE("schedule_timeout()"))
/**
 * Sets the state to TASK_INTERRUPTIBLE and does schedule_timeout().  To the
 * explorer it is a delay: it is no failure if nobody wakes the thread.
 */
#define schedule_timeout_interruptible(timeout) __extension__({		\
	set_current_state(TASK_INTERRUPTIBLE |				\
			  __IOMMUFD_MODEL_TASK_DELAY);			\
	schedule_timeout(timeout);					\
})
/** The same with TASK_UNINTERRUPTIBLE. */
#define schedule_timeout_uninterruptible(timeout) __extension__({	\
	set_current_state(TASK_UNINTERRUPTIBLE |			\
			  __IOMMUFD_MODEL_TASK_DELAY);			\
	schedule_timeout(timeout);					\
})
/**
 * Says whether a thread has a signal.  There are no signals.
 * @param tsk  the thread
 * @return 0
 */
#define signal_pending(tsk) ((void)(tsk), 0)
/** Says whether a thread is about to be killed.  @return 0 */
#define fatal_signal_pending(tsk) signal_pending(tsk)
/**
 * Wakes a thread.  To the explorer it is two steps for a thread of kthread.h: the
 * first one looks whether the thread was freed.
 * @param tsk  the thread: the value of current in it; it may not have been freed
 * @return 1 if it was asleep or about to sleep, 0 if not
 * @context Does not block.
 */
#define wake_up_process(tsk) \
	iommufd_model_wake_task(tsk, TASK_NORMAL, IOMMUFD_MODEL_SITE(#tsk))
/** Wakes a thread if its state is among @p mode. */
#define wake_up_state(tsk, mode) \
	iommufd_model_wake_task(tsk, mode, IOMMUFD_MODEL_SITE(#tsk))

/**
 * Takes a reference to a thread, so that it is not freed when it ends.  Other
 * threads than those of kthread.h are never freed.
 * @param tsk  the thread, which may not have been freed
 * @return the thread
 * @ownership The caller drops the reference with put_task_struct().
 * @context Any; does not block.
 */
#define get_task_struct(tsk)                                                   \
	iommufd_model_get_task(tsk, IOMMUFD_MODEL_SITE("get_task_struct(" #tsk \
						       ")"))
/**
 * Drops a reference to a thread, and frees it if it was the last one and the
 * thread has ended.
 * @param tsk  the thread
 * @context Any; does not block.
 */
#define put_task_struct(tsk)                                                   \
	iommufd_model_put_task(tsk, IOMMUFD_MODEL_SITE("put_task_struct(" #tsk \
						       ")"))

/**
 * Sets the state of this thread.  set_current_state() calls it.
 * @param value  the state, TASK_ bits
 * @param site   the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_set_state(unsigned int value,
			const struct iommufd_model_site *site);
/**
 * Wakes a thread.  wake_up_process() calls it.
 * @param task  the thread
 * @param mode  the kinds of sleepers, a set of TASK_ bits
 * @param site  the call site
 * @return 1 if it was asleep or about to sleep, 0 if not
 */
IOMMUFD_MODEL_API int
iommufd_model_wake_task(struct iommufd_model_task *task, unsigned int mode,
			const struct iommufd_model_site *site);
/** @behind{get_task_struct} */
IOMMUFD_MODEL_API struct iommufd_model_task *
iommufd_model_get_task(struct iommufd_model_task *tsk,
		       const struct iommufd_model_site *site);
/** @behind{put_task_struct} */
IOMMUFD_MODEL_API void
iommufd_model_put_task(struct iommufd_model_task *tsk,
		       const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
