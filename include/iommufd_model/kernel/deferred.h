/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * What work items and timers have in common: something is called later, on
 * another thread.  Include workqueue.h or timer.h instead.
 *
 * An item that is pending will be called.  Each call is a run.  A run begins at
 * any moment after the item became pending, however short or long the time that
 * was asked for, because other threads may be as slow as they like; the clock is
 * then at least at that time.  One item is never run by two threads at once.
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

/* The first member of a work item and of a timer.  deferred.c has the rest. */
struct iommufd_model_item {
	int state;		/* a bit for pending, one for shut down, and
				 * how often it was disabled */
	int section;		/* its number in the queue's epoch */
	unsigned int generation; /* explored execution it belongs to */
	const char *name;	/* of its function, for reports */
	/* Its latest run, and the one that was begun last; how @done of them
	 * counts their ends */
	struct iommufd_model_run *run, *begun;
	int target, begun_target;
};
/** @endcond */

/**
 * Tells whether an item is pending: what work_pending() and timer_pending()
 * call.
 * @param item  the item
 * @param site  the call site
 * @return true if it is
 */
IOMMUFD_MODEL_API bool
iommufd_model_item_pending(struct iommufd_model_item *item,
			   const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
