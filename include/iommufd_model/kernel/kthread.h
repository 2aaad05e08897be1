/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Kernel threads.  A thread runs a function until it is stopped, and can be
 * parked and unparked before that.
 *
 * To the explorer a kernel thread is one of the threads of the test.  When all
 * other threads have ended it may be asleep, until after() stops it.
 *
 * <iommufd_model/kernel.h> does not include this header, because it needs
 * sched.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_KTHREAD_H
#define IOMMUFD_MODEL_KERNEL_KTHREAD_H

#include <iommufd_model/kernel/sched.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Creates a thread, which sleeps until wake_up_process().
 * @param threadfn  its function; kthread_stop() returns what it returns
 * @param data      the argument of the function
 * @param ...       the thread's name: a format as for printf() and its
 *   arguments
 * @return the thread, or ERR_PTR(-ENOMEM)
 * @ownership The thread belongs to the caller until kthread_stop().  If its
 *   function returns before that, the library frees the thread, unless somebody
 *   has a reference of get_task_struct().
 * @context May sleep.
 */
#define kthread_create(threadfn, data, ...) \
	iommufd_model_kthread_create(threadfn, data, false, \
				     IOMMUFD_MODEL_SITE(#threadfn), \
				     __VA_ARGS__)
/** Creates a thread and wakes it; see kthread_create(). */
#define kthread_run(threadfn, data, ...) \
	iommufd_model_kthread_create(threadfn, data, true, \
				     IOMMUFD_MODEL_SITE(#threadfn), \
				     __VA_ARGS__)
/**
 * Asks a thread to stop, wakes it, and waits until it has ended.
 * @param k  the thread; it must not have ended before, unless the caller has a
 *   reference
 * @return what its function returned; -EINTR if its function was never called
 * @context Sleeps.
 */
#define kthread_stop(k)               \
	iommufd_model_kthread_stop(k, \
				   IOMMUFD_MODEL_SITE("kthread_stop(" #k ")"))
/**
 * Tells whether this thread has been asked to stop.
 * @return true if kthread_stop() was called
 */
#define kthread_should_stop() \
	iommufd_model_kthread_test(IOMMUFD_MODEL_KTHREAD_STOP, \
				   IOMMUFD_MODEL_SITE("kthread_should_stop()"))
/**
 * Asks a thread to park, wakes it, and waits until it is parked.
 * @param k  the thread
 * @return 0, or -EBUSY if it had been asked before
 * @context Sleeps.
 */
#define kthread_park(k)               \
	iommufd_model_kthread_park(k, \
				   IOMMUFD_MODEL_SITE("kthread_park(" #k ")"))
/**
 * Lets a parked thread go on.
 * @param k  the thread
 */
#define kthread_unpark(k)             \
	iommufd_model_kthread_unpark( \
		k, IOMMUFD_MODEL_SITE("kthread_unpark(" #k ")"))
/** Tells whether this thread has been asked to park, with kthread_parkme(). */
#define kthread_should_park() \
	iommufd_model_kthread_test(IOMMUFD_MODEL_KTHREAD_PARK, \
				   IOMMUFD_MODEL_SITE("kthread_should_park()"))
/**
 * Parks this thread until kthread_unpark(), if it has been asked to park.
 * @context Sleeps.
 */
#define kthread_parkme() \
	iommufd_model_kthread_parkme(IOMMUFD_MODEL_SITE("kthread_parkme()"))
/** Does the same as kthread_should_stop(); there is no freezer. */
#define kthread_freezable_should_stop(was_frozen) kthread_should_stop()

/** @cond INTERNAL */
enum iommufd_model_kthread_flag {
	IOMMUFD_MODEL_KTHREAD_STOP,
	IOMMUFD_MODEL_KTHREAD_PARK
};
/** @endcond */

/**
 * Creates a thread.  kthread_create() and kthread_run() call it.
 * @param threadfn  its function
 * @param data      the argument of the function
 * @param run       true to wake the thread
 * @param site      the call site
 * @param fmt       the format of its name
 * @param ...       arguments of @p fmt
 * @return the thread, or ERR_PTR(-ENOMEM)
 */
IOMMUFD_MODEL_API struct iommufd_model_task *
iommufd_model_kthread_create(int (*threadfn)(void *data), void *data, bool run,
			     const struct iommufd_model_site *site,
			     const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/** @behind{kthread_stop} */
IOMMUFD_MODEL_API int
iommufd_model_kthread_stop(struct iommufd_model_task *k,
			   const struct iommufd_model_site *site);
/**
 * Tests a flag of this thread.  kthread_should_stop() and kthread_should_park()
 * call it.
 * @param flag  the flag
 * @param site  the call site
 * @return true if the flag is set; always false in a thread that is no kernel
 *   thread
 */
IOMMUFD_MODEL_API bool
iommufd_model_kthread_test(enum iommufd_model_kthread_flag flag,
			   const struct iommufd_model_site *site);
/** @behind{kthread_park} */
IOMMUFD_MODEL_API int
iommufd_model_kthread_park(struct iommufd_model_task *k,
			   const struct iommufd_model_site *site);
/** @behind{kthread_unpark} */
IOMMUFD_MODEL_API void
iommufd_model_kthread_unpark(struct iommufd_model_task *k,
			     const struct iommufd_model_site *site);
/** @behind{kthread_parkme} */
IOMMUFD_MODEL_API void
iommufd_model_kthread_parkme(const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
