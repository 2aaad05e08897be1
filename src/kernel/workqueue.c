// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Work items and their queues.  deferred.c explains how an item is run. */
#include "ground.h"
#include <stdarg.h>
#include <stdio.h>

static struct workqueue_struct system_queues[IOMMUFD_MODEL_NR_SYSTEM_QUEUES];

struct workqueue_struct *
iommufd_model_system_queue(enum iommufd_model_system_queue number)
{
	return &system_queues[number];
}

static void call(struct iommufd_model_item *item)
{
	struct work_struct *work = container_of(item, struct work_struct, item);

	work->func(work);
}

static const struct iommufd_model_item_kind kind = {
	.arm = IOMMUFD_MODEL_OP_WORK_QUEUE,
	.cancel = IOMMUFD_MODEL_OP_WORK_CANCEL,
	.run = IOMMUFD_MODEL_OP_WORK_RUN,
	.call = call,
};

void iommufd_model_init_work(struct work_struct *work, work_func_t func,
			     const char *name,
			     const struct iommufd_model_site *site)
{
	iommufd_model_item_init(&work->item, name, site);
	work->func = func;
}

static struct iommufd_model_call asked(struct workqueue_struct *wq,
				       unsigned long delay,
				       const struct iommufd_model_site *site)
{
	return (struct iommufd_model_call){
		.kind = &kind,
		.wq = wq,
		.ordered = wq->ordered,
		.delayed = delay,
		.due = delay ? jiffies + delay : 0,
		.site = site,
	};
}

bool iommufd_model_queue_work(struct workqueue_struct *wq,
			      struct work_struct *work, unsigned long delay,
			      const struct iommufd_model_site *site)
{
	const struct iommufd_model_call call = asked(wq, delay, site);

	return iommufd_model_item_arm(&work->item, &call);
}

bool iommufd_model_mod_work(struct workqueue_struct *wq,
			    struct work_struct *work, unsigned long delay,
			    const struct iommufd_model_site *site)
{
	const struct iommufd_model_call call = asked(wq, delay, site);

	return iommufd_model_item_change(&work->item, &call);
}

bool iommufd_model_cancel_work(struct work_struct *work, bool sync, int disable,
			       const struct iommufd_model_site *site)
{
	if (sync)
		iommufd_model_may_sleep("cancel_work_sync", site);
	return iommufd_model_item_cancel(&work->item, &kind, sync,
					 disable ? ITEM_DISABLED : 0, site);
}

bool iommufd_model_enable_work(struct work_struct *work,
			       const struct iommufd_model_site *site)
{
	return iommufd_model_item_enable(&work->item, site);
}

bool iommufd_model_flush_work(struct work_struct *work,
			      const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("flush_work", site);
	return iommufd_model_item_flush(&work->item, false, site);
}

bool iommufd_model_flush_delayed_work(struct delayed_work *dwork,
				      const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("flush_delayed_work", site);
	return iommufd_model_item_flush(&dwork->work.item, true, site);
}

unsigned int iommufd_model_work_busy(struct work_struct *work,
				     const struct iommufd_model_site *site)
{
	unsigned int busy = 0;

	if (iommufd_model_item_pending(&work->item, site))
		busy |= WORK_BUSY_PENDING;
	if (iommufd_model_item_runs(&work->item, site))
		busy |= WORK_BUSY_RUNNING;
	return busy;
}

/* The functions below create and free queues. */

static struct workqueue_struct *create(const struct iommufd_model_site *site,
				       bool ordered, const char *fmt,
				       va_list args)
	__attribute__((format(printf, 3, 0)));

static struct workqueue_struct *create(const struct iommufd_model_site *site,
				       bool ordered, const char *fmt,
				       va_list args)
{
	struct workqueue_struct *wq;

	wq = iommufd_model_alloc(1, sizeof(*wq), GFP_KERNEL | __GFP_ZERO, false,
				 site);
	if (!wq)
		return NULL;
	wq->ordered = ordered;
	iommufd_model_format_reads(site, fmt, args);
	vsnprintf(wq->name, sizeof(wq->name), fmt, args);
	return wq;
}

struct workqueue_struct *
iommufd_model_alloc_workqueue(const struct iommufd_model_site *site,
			      const char *fmt, unsigned int flags,
			      int max_active, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	(void)flags;
	va_start(args, max_active);
	wq = create(site, false, fmt, args);
	va_end(args);
	return wq;
}

struct workqueue_struct *
iommufd_model_alloc_ordered(const struct iommufd_model_site *site,
			    const char *fmt, unsigned int flags, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, flags);
	wq = create(site, true, fmt, args);
	va_end(args);
	return wq;
}

static void flush(struct workqueue_struct *wq,
		  const struct iommufd_model_site *site)
{
	long target;

	if (!IOMMUFD_MODEL_GATE_OPEN()) {
		iommufd_model_epoch_end(&wq->items,
					iommufd_model_epoch_begin(&wq->items));
		return;
	}
	target = GATED(IOMMUFD_MODEL_OP_QUEUE_FLUSH, wq, 0, site,
		       iommufd_model_epoch_begin(&wq->items));
	GATED(IOMMUFD_MODEL_OP_QUEUE_FLUSHED, wq, target, site,
	      (iommufd_model_epoch_end(&wq->items, (int)target), 0));
}

void iommufd_model_flush_workqueue(struct workqueue_struct *wq, bool drain,
				   const struct iommufd_model_site *site)
{
	bool any;

	iommufd_model_may_sleep("flush_workqueue", site);
	/*
	 * A flush is ordered after the items that were queued before it began.
	 * So the last one begins when the queue is empty: it is ordered after
	 * those as well that other items have queued.
	 */
	do {
		any = iommufd_model_epoch_inside(&wq->items);
		flush(wq, site);
	} while (drain && (any || iommufd_model_epoch_inside(&wq->items)));
}

void iommufd_model_destroy_workqueue(struct workqueue_struct *wq,
				     const struct iommufd_model_site *site)
{
	iommufd_model_flush_workqueue(wq, true, site);
	iommufd_model_items_settle();
	iommufd_model_free(wq, false, site);
}
