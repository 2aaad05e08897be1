/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Work items: a function is called later on another thread, where it may sleep.
 *
 * In the explorer an item may run at any moment after it was queued, even
 * before the thread that queued it continues; see deferred.h.  The items of an
 * ordered queue run one at a time, in the order in which they were queued.  All
 * other items can run at the same time.
 */
#ifndef IOMMUFD_MODEL_KERNEL_WORKQUEUE_H
#define IOMMUFD_MODEL_KERNEL_WORKQUEUE_H

#include <iommufd_model/kernel/timer.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct work_struct;
/** The type of a work item's function. */
typedef void (*work_func_t)(struct work_struct *work);

/** A work item, which is a member of another object. */
struct work_struct {
	struct iommufd_model_item item;	/**< used by the ground */
	work_func_t func;	/**< the function */
};

/** A work item that is queued after a time has passed. */
struct delayed_work {
	struct work_struct work;	/**< the item */
};

/** A workqueue. */
struct workqueue_struct;

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_WORK(f) \
	{ { 0, 0, 0, #f, NULL, NULL, 0, 0 }, f }
/* The workqueues of the system. */
enum iommufd_model_system_queue {
	IOMMUFD_MODEL_SYSTEM_WQ,
	IOMMUFD_MODEL_SYSTEM_UNBOUND_WQ,
	IOMMUFD_MODEL_SYSTEM_HIGHPRI_WQ,
	IOMMUFD_MODEL_SYSTEM_LONG_WQ,
	IOMMUFD_MODEL_SYSTEM_FREEZABLE_WQ,
	IOMMUFD_MODEL_NR_SYSTEM_QUEUES
};
/** @endcond */

/**
 * Gives a workqueue of the system.  system_wq and the like call it.
 * @param number  its number
 * @return the queue
 */
IOMMUFD_MODEL_API struct workqueue_struct *
iommufd_model_system_queue(enum iommufd_model_system_queue number);

/** the queue of schedule_work() */
#define system_wq iommufd_model_system_queue(IOMMUFD_MODEL_SYSTEM_WQ)
#define system_percpu_wq system_wq	/**< the newer name of system_wq */
/** a queue of the system */
#define system_unbound_wq \
	iommufd_model_system_queue(IOMMUFD_MODEL_SYSTEM_UNBOUND_WQ)
/** the newer name of system_unbound_wq */
#define system_dfl_wq system_unbound_wq
/** a queue of the system */
#define system_highpri_wq \
	iommufd_model_system_queue(IOMMUFD_MODEL_SYSTEM_HIGHPRI_WQ)
/** a queue of the system */
#define system_long_wq iommufd_model_system_queue(IOMMUFD_MODEL_SYSTEM_LONG_WQ)
/** a queue of the system */
#define system_freezable_wq \
	iommufd_model_system_queue(IOMMUFD_MODEL_SYSTEM_FREEZABLE_WQ)
/** a queue of the system */
#define system_power_efficient_wq system_wq

#define WQ_UNBOUND 0x2u	/**< ignored */
#define WQ_FREEZABLE 0x4u	/**< ignored */
#define WQ_MEM_RECLAIM 0x8u	/**< ignored */
#define WQ_HIGHPRI 0x10u	/**< ignored */
#define WQ_CPU_INTENSIVE 0x20u	/**< ignored */
#define WQ_SYSFS 0x40u	/**< ignored */
#define WQ_POWER_EFFICIENT 0x80u	/**< ignored */
#define WQ_PERCPU 0x100u	/**< ignored */
#define WQ_BH 0x1u	/**< ignored: items always run in task context */

#define WORK_BUSY_PENDING 1u	/**< in work_busy(): the item is queued */
#define WORK_BUSY_RUNNING 2u	/**< in work_busy(): the item's function runs */

/* Items */

/** Defines a work item that is ready for use. */
#define DECLARE_WORK(n, f) struct work_struct n = __IOMMUFD_MODEL_WORK(f)
/** Defines a delayed work item that is ready for use. */
#define DECLARE_DELAYED_WORK(n, f) \
	struct delayed_work n = { __IOMMUFD_MODEL_WORK(f) }
/**
 * Initialises a work item.
 * @param work_  the item, which is not queued
 * @param func_  its function
 * @errors A WARN if the item is queued.
 * @context Does not block.
 */
#define INIT_WORK(work_, func_) \
	iommufd_model_init_work(work_, func_, #func_, \
				IOMMUFD_MODEL_SITE(#work_))
/** Does INIT_WORK() for an item on the stack. */
#define INIT_WORK_ONSTACK(work_, func_) INIT_WORK(work_, func_)
/** Initialises a delayed work item. */
#define INIT_DELAYED_WORK(dwork_, func_) INIT_WORK(&(dwork_)->work, func_)
/** Does INIT_DELAYED_WORK() for an item on the stack. */
#define INIT_DELAYED_WORK_ONSTACK(dwork_, func_) INIT_DELAYED_WORK(dwork_, func_)
/** Ends the use of an item on the stack. */
#define destroy_work_on_stack(work) ((void)(work))
/** Ends the use of a delayed item on the stack. */
#define destroy_delayed_work_on_stack(dwork) ((void)(dwork))

/**
 * Finds the delayed item that contains a work item.
 * @param work  the member of the delayed item
 * @return the delayed item
 */
static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

/**
 * Queues an item.
 * @param wq    the queue
 * @param work  the item
 * @return false if it is already queued or is disabled
 * @ownership The item must stay valid until it has begun to run, or was
 *   cancelled; its function may free it.
 * @context Any; does not block.
 */
#define queue_work(wq, work) \
	iommufd_model_queue_work(wq, work, 0, IOMMUFD_MODEL_SITE(#work))
/** Queues an item on system_wq. */
#define schedule_work(work) queue_work(system_wq, work)
/** Does queue_work(); the CPU is ignored. */
#define queue_work_on(cpu, wq, work) ((void)(cpu), queue_work(wq, work))
/** Does schedule_work(); the CPU is ignored. */
#define schedule_work_on(cpu, work) queue_work_on(cpu, system_wq, work)
/**
 * Queues an item after a time has passed.
 * @param wq     the queue
 * @param dwork  the item
 * @param delay  the time in jiffies; 0: at once
 * @return false if it is already pending or is disabled
 * @context Any; does not block.
 */
#define queue_delayed_work(wq, dwork, delay) \
	iommufd_model_queue_work(wq, &(dwork)->work, delay, \
				 IOMMUFD_MODEL_SITE(#dwork))
/** Does queue_delayed_work() on system_wq. */
#define schedule_delayed_work(dwork, delay) \
	queue_delayed_work(system_wq, dwork, delay)
/**
 * Queues an item after a time has passed.  If the item is already pending, this
 * changes its time and its queue: an item that is queued leaves its queue, and
 * is queued anew when the time has passed.
 * @param wq     the queue
 * @param dwork  the item
 * @param delay  the time in jiffies; 0: at once
 * @return true if it was pending
 * @context Any; does not block.
 */
#define mod_delayed_work(wq, dwork, delay) \
	iommufd_model_mod_work(wq, &(dwork)->work, delay, \
			       IOMMUFD_MODEL_SITE(#dwork))
/**
 * Cancels an item whose function has not begun to run.  If it has begun, it
 * goes on.
 * @param work  the item
 * @return true if it was pending
 * @context Any; does not block.
 */
#define cancel_work(work) \
	iommufd_model_cancel_work(work, false, 0, IOMMUFD_MODEL_SITE(#work))
/**
 * Cancels an item and waits until its function has returned.  If the function
 * queues its own item in the meantime, that has no effect.
 * @param work  the item
 * @return true if it was pending
 * @context Sleeps.  Hold no lock that the function takes, and do not call it in
 *   the function.
 */
#define cancel_work_sync(work) \
	iommufd_model_cancel_work(work, true, 0, IOMMUFD_MODEL_SITE(#work))
/** Does cancel_work() for a delayed item. */
#define cancel_delayed_work(dwork) \
	iommufd_model_cancel_work(&(dwork)->work, false, 0, \
				  IOMMUFD_MODEL_SITE(#dwork))
/** Does cancel_work_sync() for a delayed item. */
#define cancel_delayed_work_sync(dwork) \
	iommufd_model_cancel_work(&(dwork)->work, true, 0, \
				  IOMMUFD_MODEL_SITE(#dwork))
/** Does cancel_work(); the item then cannot be queued until enable_work(). */
#define disable_work(work) \
	iommufd_model_cancel_work(work, false, 1, IOMMUFD_MODEL_SITE(#work))
/**
 * Does cancel_work_sync(); the item then cannot be queued until enable_work().
 */
#define disable_work_sync(work) \
	iommufd_model_cancel_work(work, true, 1, IOMMUFD_MODEL_SITE(#work))
/**
 * Undoes one disable_work().
 * @param work  the item
 * @return true if the item can be queued again
 */
#define enable_work(work) \
	iommufd_model_enable_work(work, IOMMUFD_MODEL_SITE(#work))
/** Does disable_work_sync() for a delayed item. */
#define disable_delayed_work_sync(dwork) \
	iommufd_model_cancel_work(&(dwork)->work, true, 1, \
				  IOMMUFD_MODEL_SITE(#dwork))
/** Does enable_work() for a delayed item. */
#define enable_delayed_work(dwork) enable_work(&(dwork)->work)
/**
 * Waits until all runs for which an item was queued so far have ended.  A
 * delayed item whose time has not come is not queued.
 * @param work  the item
 * @return false if the item was neither queued nor running
 * @context Sleeps.  Hold no lock that the function takes, and do not call it in
 *   the function.
 */
#define flush_work(work) \
	iommufd_model_flush_work(work, IOMMUFD_MODEL_SITE(#work))
/**
 * Does flush_work() for a delayed item.  If its time has not come, it is queued
 * at once.
 * @param dwork  the item
 * @return false if the item was neither pending nor running
 * @context Sleeps.  Hold no lock that the function takes, and do not call it in
 *   the function.
 */
#define flush_delayed_work(dwork) \
	iommufd_model_flush_delayed_work(dwork, IOMMUFD_MODEL_SITE(#dwork))
/** Is true if an item is queued and its function has not begun to run. */
#define work_pending(work) \
	iommufd_model_item_pending(__IOMMUFD_MODEL_ITEM(work), \
				   IOMMUFD_MODEL_SITE(#work))
/** Does work_pending() for a delayed item. */
#define delayed_work_pending(dwork) work_pending(&(dwork)->work)
/**
 * Gives the set of WORK_BUSY_ bits that hold for an item.  The two are looked at
 * one after the other, so an item that begins to run in between has both.
 */
#define work_busy(work) \
	iommufd_model_work_busy(work, IOMMUFD_MODEL_SITE(#work))

/* Queues */

/**
 * Creates a workqueue.
 * @param fmt         the format of its name
 * @param flags       a set of WQ_ bits, which are ignored
 * @param ...         the number of items that run at once on one CPU, which is
 *   ignored; and the arguments of @p fmt
 * @return the workqueue, or NULL if the allocation failed
 * @ownership The caller destroys it with destroy_workqueue().
 * @context May sleep.
 */
#define alloc_workqueue(fmt, flags, ...) \
	iommufd_model_alloc_workqueue(IOMMUFD_MODEL_SITE("alloc_workqueue()"), \
				      fmt, flags, __VA_ARGS__)
/**
 * Creates a workqueue whose items run one at a time, in order.
 * @param fmt  the format of its name
 * @param ...  a set of WQ_ bits, which are ignored, and arguments of @p fmt
 * @return the workqueue, or NULL if the allocation failed
 * @ownership The caller destroys it with destroy_workqueue().
 * @context May sleep.
 */
#define alloc_ordered_workqueue(fmt, ...) \
	iommufd_model_alloc_ordered( \
		IOMMUFD_MODEL_SITE("alloc_ordered_workqueue()"), fmt, \
		__VA_ARGS__)
/** Creates an ordered queue called @p name. */
#define create_singlethread_workqueue(name) \
	alloc_ordered_workqueue("%s", WQ_MEM_RECLAIM, name)
/** Creates a queue called @p name. */
#define create_workqueue(name) alloc_workqueue("%s", WQ_MEM_RECLAIM, 1, name)
/**
 * Waits until all items that are queued now have run.  Delayed items whose time
 * has not come are not queued.
 * @param wq  the queue
 * @context Sleeps.
 */
#define flush_workqueue(wq) \
	iommufd_model_flush_workqueue(wq, false, IOMMUFD_MODEL_SITE(#wq))
/**
 * Waits until a workqueue is empty.  Items that queue new items prolong the
 * wait.
 */
#define drain_workqueue(wq) \
	iommufd_model_flush_workqueue(wq, true, IOMMUFD_MODEL_SITE(#wq))
/** Does flush_workqueue() for system_wq. */
#define flush_scheduled_work() flush_workqueue(system_wq)
/**
 * Does drain_workqueue() and frees the workqueue.
 * @param wq  the queue
 * @context Sleeps.
 */
#define destroy_workqueue(wq) \
	iommufd_model_destroy_workqueue(wq, IOMMUFD_MODEL_SITE(#wq))

/**
 * Initialises a work item.  INIT_WORK() calls it.
 * @param work  the item
 * @param func  its function
 * @param name  the name of the function, for reports; must be static
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_init_work(struct work_struct *work, work_func_t func,
			const char *name,
			const struct iommufd_model_site *site);
/**
 * Queues an item.  queue_work() and queue_delayed_work() call it.
 * @param wq     the queue
 * @param work   the item
 * @param delay  the time in jiffies after which it is queued; 0: at once
 * @param site   the call site
 * @return false if it is pending already, or was disabled
 */
IOMMUFD_MODEL_API bool
iommufd_model_queue_work(struct workqueue_struct *wq, struct work_struct *work,
			 unsigned long delay,
			 const struct iommufd_model_site *site);
/**
 * Queues an item or changes its time.  mod_delayed_work() calls it.
 * @param wq     the queue
 * @param work   the item
 * @param delay  the time in jiffies after which it is queued
 * @param site   the call site
 * @return true if it was pending
 */
IOMMUFD_MODEL_API bool
iommufd_model_mod_work(struct workqueue_struct *wq, struct work_struct *work,
		       unsigned long delay,
		       const struct iommufd_model_site *site);
/**
 * Cancels an item.  cancel_work() and the like call it.
 * @param work     the item
 * @param sync     true to wait until the item's function has returned
 * @param disable  1 to disable the item as well, otherwise 0
 * @param site     the call site
 * @return true if it was pending
 */
IOMMUFD_MODEL_API bool
iommufd_model_cancel_work(struct work_struct *work, bool sync, int disable,
			  const struct iommufd_model_site *site);
/** @behind{enable_work} */
IOMMUFD_MODEL_API bool
iommufd_model_enable_work(struct work_struct *work,
			  const struct iommufd_model_site *site);
/** @behind{flush_work} */
IOMMUFD_MODEL_API bool
iommufd_model_flush_work(struct work_struct *work,
			 const struct iommufd_model_site *site);
/** @behind{flush_delayed_work} */
IOMMUFD_MODEL_API bool
iommufd_model_flush_delayed_work(struct delayed_work *dwork,
				 const struct iommufd_model_site *site);
/**
 * Tells the state of an item.  work_busy() calls it.
 * @param work  the item
 * @param site  the call site
 * @return a set of WORK_BUSY_ bits
 */
IOMMUFD_MODEL_API unsigned int
iommufd_model_work_busy(struct work_struct *work,
			const struct iommufd_model_site *site);
/**
 * Creates a workqueue.  alloc_workqueue() calls it.
 * @param site        the call site
 * @param fmt         the format of its name
 * @param flags       ignored
 * @param max_active  ignored
 * @param ...         arguments of @p fmt
 * @return the workqueue, or NULL if the allocation failed
 */
IOMMUFD_MODEL_API struct workqueue_struct *
iommufd_model_alloc_workqueue(const struct iommufd_model_site *site,
			      const char *fmt,
			      unsigned int flags, int max_active, ...)
	__attribute__((format(printf, 2, 5)));
/**
 * Creates an ordered workqueue.  alloc_ordered_workqueue() calls it.
 * @param site   the call site
 * @param fmt    the format of its name
 * @param flags  ignored
 * @param ...    arguments of @p fmt
 * @return the workqueue, or NULL if the allocation failed
 */
IOMMUFD_MODEL_API struct workqueue_struct *
iommufd_model_alloc_ordered(const struct iommufd_model_site *site,
			    const char *fmt, unsigned int flags, ...)
	__attribute__((format(printf, 2, 4)));
/**
 * Waits for the items of a workqueue.  flush_workqueue() and drain_workqueue()
 * call it.
 * @param wq     the queue
 * @param drain  true to wait until the workqueue is empty
 * @param site   the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_flush_workqueue(struct workqueue_struct *wq, bool drain,
			      const struct iommufd_model_site *site);
/** @behind{destroy_workqueue} */
IOMMUFD_MODEL_API void
iommufd_model_destroy_workqueue(struct workqueue_struct *wq,
				const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
