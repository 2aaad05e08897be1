// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-13: the faults of a device are removed from the queue that it moves to.
 */
#include "zoo.h"
#include "z13.h"
#include <iommufd_model/model.h>

#define DEV_ID 7

static int fd;
static struct z13_queue *old, *new;
static struct z13_device *dev;

/* The first queue has a fault that nobody has read. */
static void open_fault(void *unused)
{
	struct iommufd_ctx *ictx;

	(void)unused;
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	old = z13_queue_alloc(ictx);
	new = z13_queue_alloc(ictx);
	iommufd_model_assert(!IS_ERR(old) && !IS_ERR(new));
	iommufd_ctx_put(ictx);
	dev = z13_device_alloc(DEV_ID);
	z13_attach(dev, old);
	z13_report(dev);
}

static void replaces(void *unused)
{
	(void)unused;
	z13_attach(dev, new);
}

static void reads(void *unused)
{
	u32 id;

	(void)unused;
	id = z13_read(old);
	iommufd_model_assert(!id || id == DEV_ID);
}

static void detach_and_close(void *unused)
{
	(void)unused;
	z13_attach(dev, NULL);
	iommufd_model_close(fd);
	kfree(dev);
}

const struct zoo_entry zoo_entry = {
	.name = "z13-swept-the-wrong-queue",
	.title = "swept the wrong queue",
	.when = "review",
	.family = "notification",
	.lesson = "pointers to the old handle are in the old queue, not in "
		  "the new one",
	.wrong = "A device moves from one page table to another, and its "
		 "handle is freed. Before that, faults that point to the "
		 "handle are removed from the queue of the new page table. "
		 "But they are in the queue of the old one. The next read "
		 "there finds them and follows the pointer to the freed "
		 "handle.",
	.right = "Remove the faults from the old page table's queue before "
		 "the old handle is freed.",
	.rule = "R-EVQ-6: when a device leaves a queue, all its groups are "
		 "removed from that queue",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "z13_read",
	.test = {
		.name = "swept the wrong queue",
		.setup = open_fault,
		.threads = { { "replacer", replaces }, { "reader", reads } },
		.after = detach_and_close,
	},
};
