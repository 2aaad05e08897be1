/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Timers: a function is called in softirq context when a time has come.
 *
 * In the explorer a timer may fire at any moment after it was armed, even
 * before the thread that armed it continues; see deferred.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_TIMER_H
#define IOMMUFD_MODEL_KERNEL_TIMER_H

#include <iommufd_model/kernel/deferred.h>
#include <time.h>	/* before POSIX's timer_delete() is hidden by a macro */

IOMMUFD_MODEL_BEGIN_DECLS

/** A timer, which is a member of another object. */
struct timer_list {
	struct iommufd_model_item item;	/**< used by the ground */
	/** the time at which the timer fires, in jiffies */
	unsigned long expires;
	void (*function)(struct timer_list *timer);	/**< the function */
	unsigned int flags;	/**< ignored */
};

#define TIMER_DEFERRABLE 0x80000u	/**< ignored */
#define TIMER_PINNED 0x100000u	/**< ignored */
#define TIMER_IRQSAFE 0x200000u	/**< ignored */

/** Defines a timer that is ready for use. */
#define DEFINE_TIMER(name_, function_)					\
	struct timer_list name_ = { { 0, 0, 0, #function_, NULL, NULL,	\
				      0, 0 },				\
				    0, function_, 0 }
/**
 * Initialises a timer.
 * @param timer  the timer, which is not armed
 * @param func   its function; it runs in softirq context and must not sleep
 * @param flags  ignored
 * @errors A WARN if the timer is armed.
 * @context Does not block.
 */
#define timer_setup(timer, func, flags) \
	iommufd_model_timer_setup(timer, func, flags, #func, \
				  IOMMUFD_MODEL_SITE(#timer))
/** Initialises a timer on the stack. */
#define timer_setup_on_stack(timer, func, flags) timer_setup(timer, func, flags)
/** Ends the use of a timer on the stack. */
#define timer_destroy_on_stack(timer) ((void)(timer))
/** The older name of timer_destroy_on_stack(). */
#define destroy_timer_on_stack(timer) timer_destroy_on_stack(timer)
/**
 * Arms a timer; if it is armed already, changes its time.
 * @param timer    the timer
 * @param expires  when it fires, in jiffies
 * @return 1 if it was armed, 0 if not
 * @ownership The timer must stay valid until it has fired or was deleted.
 * @context Any; does not block.
 */
#define mod_timer(timer, expires) \
	iommufd_model_mod_timer(timer, expires, IOMMUFD_MODEL_SITE(#timer))
/**
 * Arms a timer that is not armed.  It will fire at the time in its member @p
 * expires.
 */
#define add_timer(timer) \
	iommufd_model_add_timer(timer, IOMMUFD_MODEL_SITE(#timer))
/**
 * Disarms a timer.  If its function is running already, it continues to run
 * after the return.
 * @param timer  the timer
 * @return 1 if it was armed, 0 if not
 * @context Any; does not block.
 */
#define timer_delete(timer) \
	iommufd_model_timer_delete(timer, false, false, \
				   IOMMUFD_MODEL_SITE(#timer))
/**
 * Disarms a timer and waits until its function has returned.
 * @param timer  the timer
 * @return 1 if it was armed, 0 if not
 * @context Blocks.  Hold no lock that the function takes, and do not call it in
 *   the function.
 */
#define timer_delete_sync(timer) \
	iommufd_model_timer_delete(timer, true, false, \
				   IOMMUFD_MODEL_SITE(#timer))
/** Does timer_delete(), after which the timer cannot be armed any more. */
#define timer_shutdown(timer) \
	iommufd_model_timer_delete(timer, false, true, \
				   IOMMUFD_MODEL_SITE(#timer))
/** Does timer_delete_sync(), after which the timer cannot be armed any more. */
#define timer_shutdown_sync(timer) \
	iommufd_model_timer_delete(timer, true, true, \
				   IOMMUFD_MODEL_SITE(#timer))
/** The older name of timer_delete(). */
#define del_timer(timer) timer_delete(timer)
/** The older name of timer_delete_sync(). */
#define del_timer_sync(timer) timer_delete_sync(timer)
/** Is true if a timer is armed. */
#define timer_pending(timer) \
	iommufd_model_item_pending(__IOMMUFD_MODEL_ITEM(timer), \
				   IOMMUFD_MODEL_SITE(#timer))
/** Gives the object whose member @p field is the timer @p t. */
#define timer_container_of(var, t, field) \
	container_of(t, __typeof__(*(var)), field)
/** The older name of timer_container_of(). */
#define from_timer(var, t, field) timer_container_of(var, t, field)

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_ITEM(p) \
	((struct iommufd_model_item *)(uintptr_t)(&(p)->item))
/** @endcond */

/**
 * Initialises a timer.  timer_setup() calls it.
 * @param timer  the timer
 * @param func   its function
 * @param flags  ignored
 * @param name   the name of the function, for reports; must be static
 * @param site   the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_timer_setup(struct timer_list *timer,
			  void (*func)(struct timer_list *timer),
			  unsigned int flags, const char *name,
			  const struct iommufd_model_site *site);
/** @behind{mod_timer} */
IOMMUFD_MODEL_API int
iommufd_model_mod_timer(struct timer_list *timer, unsigned long expires,
			const struct iommufd_model_site *site);
/**
 * Arms a timer for its time.  add_timer() calls it.
 * @param timer  the timer
 * @param site   the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_add_timer(struct timer_list *timer,
			const struct iommufd_model_site *site);
/**
 * Disarms a timer.  timer_delete() and the like call it.
 * @param timer     the timer
 * @param sync      true to wait until the timer's function has returned
 * @param shutdown  true if the timer cannot be armed any more
 * @param site      the call site
 * @return 1 if it was armed, 0 if not
 */
IOMMUFD_MODEL_API int
iommufd_model_timer_delete(struct timer_list *timer, bool sync, bool shutdown,
			   const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
