/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Page faults, which the library leaves out: a small object type for Z-13.
 *
 * A device is attached by a handle.  Its faults go to the queue of the handle
 * and know the handle; whoever reads a queue finds the device by it.
 */
#ifndef ZOO_Z13_H
#define ZOO_Z13_H

#include <iommufd_model/iommufd_private.h>

/*
 * struct z13_queue - the object.  A unit of users for each handle.
 * @mutex: guards @deliver, and what a fault on it points to
 */
struct z13_queue {
	struct iommufd_object obj;
	struct mutex mutex;
	struct list_head deliver;
};

/* @lock: guards @handle; outside of the queues' */
struct z13_device {
	struct mutex lock;
	struct z13_handle *handle;
	u32 id;
};

struct z13_queue *z13_queue_alloc(struct iommufd_ctx *ictx);
struct z13_device *z13_device_alloc(u32 id);

/*
 * z13_attach(dev, queue): from now on faults of @dev go to @queue; NULL:
 * nowhere.  Those that nobody has read are gone.
 * z13_report(dev): a fault.  z13_read(queue): the id of the device whose fault
 * is the first; 0: there is none.
 */
void z13_attach(struct z13_device *dev, struct z13_queue *queue);
void z13_report(struct z13_device *dev);
u32 z13_read(struct z13_queue *queue);

#endif
