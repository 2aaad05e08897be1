/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The common part of work items and timers, both of which call a function
 * later, on another thread.  Include workqueue.h or timer.h instead.
 *
 * While an item is pending, its function is yet to be called.  Each call is a
 * run.  The explorer lets a run begin at any moment after the item became
 * pending, whatever time was asked for, because other threads may be
 * arbitrarily slow; the clock is then set to at least the requested time.  Two
 * threads never run the same item at once.
 */
#ifndef IOMMUFD_MODEL_KERNEL_DEFERRED_H
#define IOMMUFD_MODEL_KERNEL_DEFERRED_H

#include <iommufd_model/kernel/clock.h>
#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** @cond INTERNAL */
struct iommufd_model_run;
struct workqueue_struct;

/* The first member of a work item and of a timer.  See deferred.c. */
struct iommufd_model_item {
	/*
	 * the pending bit, the shut-down bit, and the number of times the item
	 * was disabled
	 */
	int state;
	/* the number of the item's current section in the epoch of its queue */
	int section;
	/* the explored execution to which the item belongs */
	unsigned int generation;
	/* the name of the item's function, for reports */
	const char *name;
	/*
	 * The latest run, and the run that was begun last.  The item's call has
	 * ended when the member @done of the run has reached the target.
	 */
	struct iommufd_model_run *run, *begun;
	int target, begun_target;
};
/** @endcond */

/**
 * Tells whether an item is pending.  work_pending() and timer_pending() call
 * it.
 * @param item  the item
 * @param site  the call site
 * @return true if it is
 */
IOMMUFD_MODEL_API bool
iommufd_model_item_pending(struct iommufd_model_item *item,
			   const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
