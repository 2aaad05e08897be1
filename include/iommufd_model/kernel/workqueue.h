/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Work items: a function is called later on another thread, where it may sleep.
 *
 * An item that is queued runs at any moment after that, to the explorer also
 * before the thread that queued it goes on; see deferred.h.  Items of an ordered
 * queue run one at a time, in the order in which they were queued.  All other
 * items can run at the same time.
 */
#ifndef IOMMUFD_MODEL_KERNEL_WORKQUEUE_H
#define IOMMUFD_MODEL_KERNEL_WORKQUEUE_H

#include <iommufd_model/kernel/timer.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct work_struct;
/** The type of a work item's function. */
typedef void (*work_func_t)(struct work_struct *work);

/** A work item, a member of the object that it is about. */
struct work_struct {
	struct iommufd_model_item item;	/**< used by the ground */
	work_func_t func;	/**< the function */
};

/** A work item that is queued when a time has passed. */
struct delayed_work {
	struct work_struct work;	/**< the item */
};

/** A queue. */
struct workqueue_struct;

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_WORK(f) \
	{ { 0, 0, 0, #f, NULL, NULL, 0, 0 }, f }
/* The queues of the system. */
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
 * Gives a queue of the system: what system_wq and the like stand for.
 * @param number  its number
 * @return the queue
 */
IOMMUFD_MODEL_API struct workqueue_struct *
iommufd_model_system_queue(enum iommufd_model_system_queue number);

/** the queue of schedule_work() */
#define system_wq iommufd_model_system_queue(IOMMUFD_MODEL_SYSTEM_WQ)
#define system_percpu_wq system_wq	/**< its newer name */
/** a queue of the system */
#define system_unbound_wq \
	iommufd_model_system_queue(IOMMUFD_MODEL_SYSTEM_UNBOUND_WQ)
#define system_dfl_wq system_unbound_wq	/**< its newer name */
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

#define WORK_BUSY_PENDING 1u	/**< work_busy(): it is queued */
#define WORK_BUSY_RUNNING 2u	/**< work_busy(): it runs */

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
/** The same for an item on the stack. */
#define INIT_WORK_ONSTACK(work_, func_) INIT_WORK(work_, func_)
/** Initialises a delayed work item. */
#define INIT_DELAYED_WORK(dwork_, func_) INIT_WORK(&(dwork_)->work, func_)
/** The same for an item on the stack. */
#define INIT_DELAYED_WORK_ONSTACK(dwork_, func_) INIT_DELAYED_WORK(dwork_, func_)
/** Ends the use of an item on the stack. */
#define destroy_work_on_stack(work) ((void)(work))
/** Ends the use of a delayed item on the stack. */
#define destroy_delayed_work_on_stack(dwork) ((void)(dwork))

/**
 * Finds the delayed item of its work item.
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
 * @return false if it is queued already, or was disabled
 * @ownership The item must stay valid until it has begun to run, or was
 *   cancelled; its function may free it.
 * @context Any; does not block.
 */
#define queue_work(wq, work) \
	iommufd_model_queue_work(wq, work, 0, IOMMUFD_MODEL_SITE(#work))
/** Queues an item on system_wq. */
#define schedule_work(work) queue_work(system_wq, work)
/** queue_work(); the CPU is ignored. */
#define queue_work_on(cpu, wq, work) ((void)(cpu), queue_work(wq, work))
/** schedule_work(); the CPU is ignored. */
#define schedule_work_on(cpu, work) queue_work_on(cpu, system_wq, work)
/**
 * Queues an item when a time has passed.
 * @param wq     the queue
 * @param dwork  the item
 * @param delay  the time in jiffies; 0: at once
 * @return false if it is pending already, or was disabled
 * @context Any; does not block.
 */
#define queue_delayed_work(wq, dwork, delay) \
	iommufd_model_queue_work(wq, &(dwork)->work, delay, \
				 IOMMUFD_MODEL_SITE(#dwork))
/** queue_delayed_work() on system_wq. */
#define schedule_delayed_work(dwork, delay) \
	queue_delayed_work(system_wq, dwork, delay)
/**
 * Queues an item when a time has passed, also if it is pending already, for a
 * different time.
 * @param wq     the queue
 * @param dwork  the item
 * @param delay  the time in jiffies
 * @return true if it was pending
 * @context Any; does not block.
 */
#define mod_delayed_work(wq, dwork, delay) \
	iommufd_model_mod_work(wq, &(dwork)->work, delay, \
			       IOMMUFD_MODEL_SITE(#dwork))
/**
 * Cancels an item that has not begun to run.  If it has, it goes on.
 * @param work  the item
 * @return true if it was pending
 * @context Any; does not block.
 */
#define cancel_work(work) \
	iommufd_model_cancel_work(work, false, 0, IOMMUFD_MODEL_SITE(#work))
/**
 * Cancels an item and waits until its function has returned.  An item that
 * queues itself does not do so any more.
 * @param work  the item
 * @return true if it was pending
 * @context Sleeps.  Hold no lock that the function takes, and do not call it in
 *   the function.
 */
#define cancel_work_sync(work) \
	iommufd_model_cancel_work(work, true, 0, IOMMUFD_MODEL_SITE(#work))
/** cancel_work() of a delayed item. */
#define cancel_delayed_work(dwork) \
	iommufd_model_cancel_work(&(dwork)->work, false, 0, \
				  IOMMUFD_MODEL_SITE(#dwork))
/** cancel_work_sync() of a delayed item. */
#define cancel_delayed_work_sync(dwork) \
	iommufd_model_cancel_work(&(dwork)->work, true, 0, \
				  IOMMUFD_MODEL_SITE(#dwork))
/** cancel_work(), and the item cannot be queued until enable_work(). */
#define disable_work(work) \
	iommufd_model_cancel_work(work, false, 1, IOMMUFD_MODEL_SITE(#work))
/** cancel_work_sync(), and the item cannot be queued until enable_work(). */
#define disable_work_sync(work) \
	iommufd_model_cancel_work(work, true, 1, IOMMUFD_MODEL_SITE(#work))
/**
 * Undoes one disable_work().
 * @param work  the item
 * @return true if the item can be queued again
 */
#define enable_work(work) \
	iommufd_model_enable_work(work, IOMMUFD_MODEL_SITE(#work))
/** disable_work_sync() of a delayed item. */
#define disable_delayed_work_sync(dwork) \
	iommufd_model_cancel_work(&(dwork)->work, true, 1, \
				  IOMMUFD_MODEL_SITE(#dwork))
/** enable_work() of a delayed item. */
#define enable_delayed_work(dwork) enable_work(&(dwork)->work)
/**
 * Waits until an item has run as often as it was queued so far.
 * @param work  the item
 * @return false if it was idle
 * @context Sleeps.  Hold no lock that the function takes, and do not call it in
 *   the function.
 */
#define flush_work(work) \
	iommufd_model_flush_work(work, IOMMUFD_MODEL_SITE(#work))
/** flush_work() of a delayed item, which need not wait for its time. */
#define flush_delayed_work(dwork) \
	iommufd_model_flush_work(&(dwork)->work, IOMMUFD_MODEL_SITE(#dwork))
/** True if an item is queued and has not begun to run. */
#define work_pending(work) \
	iommufd_model_item_pending(__IOMMUFD_MODEL_ITEM(work), \
				   IOMMUFD_MODEL_SITE(#work))
/** work_pending() of a delayed item. */
#define delayed_work_pending(dwork) work_pending(&(dwork)->work)
/** A set of WORK_BUSY_ bits. */
#define work_busy(work) \
	iommufd_model_work_busy(work, IOMMUFD_MODEL_SITE(#work))

/* Queues */

/**
 * Creates a queue.
 * @param fmt         its name, as for printf()
 * @param flags       a set of WQ_ bits, which are ignored
 * @param ...         how many items run at once on one CPU, which is ignored;
 *   and arguments of @p fmt
 * @return the queue, or NULL if there is no memory
 * @ownership The caller destroys it with destroy_workqueue().
 * @context May sleep.
 */
#define alloc_workqueue(fmt, flags, ...) \
	iommufd_model_alloc_workqueue(IOMMUFD_MODEL_SITE("alloc_workqueue()"), \
				      fmt, flags, __VA_ARGS__)
/**
 * Creates a queue whose items run one at a time, in order.
 * @param fmt  its name, as for printf()
 * @param ...  a set of WQ_ bits, which are ignored, and arguments of @p fmt
 * @return the queue, or NULL if there is no memory
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
 * Waits until all items that were queued before have run.  Items that wait for
 * their time are not queued.
 * @param wq  the queue
 * @context Sleeps.
 */
#define flush_workqueue(wq) \
	iommufd_model_flush_workqueue(wq, false, IOMMUFD_MODEL_SITE(#wq))
/** Waits until a queue is empty, also of items that items queue. */
#define drain_workqueue(wq) \
	iommufd_model_flush_workqueue(wq, true, IOMMUFD_MODEL_SITE(#wq))
/** flush_workqueue() of system_wq. */
#define flush_scheduled_work() flush_workqueue(system_wq)
/**
 * Drains a queue and frees it.
 * @param wq  the queue
 * @context Sleeps.
 */
#define destroy_workqueue(wq) \
	iommufd_model_destroy_workqueue(wq, IOMMUFD_MODEL_SITE(#wq))

/**
 * Initialises a work item: what INIT_WORK() calls.
 * @param work  the item
 * @param func  its function
 * @param name  the name of the function, for reports; static
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_init_work(struct work_struct *work, work_func_t func,
			const char *name,
			const struct iommufd_model_site *site);
/**
 * Queues an item: what queue_work() and queue_delayed_work() call.
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
 * Queues an item or changes its time: what mod_delayed_work() calls.
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
 * Cancels an item: what cancel_work() and the like call.
 * @param work     the item
 * @param sync     wait for its function
 * @param disable  1: it cannot be queued any more
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
/**
 * Tells what an item does: what work_busy() calls.
 * @param work  the item
 * @param site  the call site
 * @return a set of WORK_BUSY_ bits
 */
IOMMUFD_MODEL_API unsigned int
iommufd_model_work_busy(struct work_struct *work,
			const struct iommufd_model_site *site);
/**
 * Creates a queue: what alloc_workqueue() calls.
 * @param site        the call site
 * @param fmt         its name, as for printf()
 * @param flags       ignored
 * @param max_active  ignored
 * @param ...         arguments of @p fmt
 * @return the queue, or NULL if there is no memory
 */
IOMMUFD_MODEL_API struct workqueue_struct *
iommufd_model_alloc_workqueue(const struct iommufd_model_site *site,
			      const char *fmt,
			      unsigned int flags, int max_active, ...)
	__attribute__((format(printf, 2, 5)));
/**
 * Creates an ordered queue: what alloc_ordered_workqueue() calls.
 * @param site   the call site
 * @param fmt    its name, as for printf()
 * @param flags  ignored
 * @param ...    arguments of @p fmt
 * @return the queue, or NULL if there is no memory
 */
IOMMUFD_MODEL_API struct workqueue_struct *
iommufd_model_alloc_ordered(const struct iommufd_model_site *site,
			    const char *fmt, unsigned int flags, ...)
	__attribute__((format(printf, 2, 4)));
/**
 * Waits for the items of a queue: what flush_workqueue() and drain_workqueue()
 * call.
 * @param wq     the queue
 * @param drain  until it is empty
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
