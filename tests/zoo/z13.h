/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Page faults, simpler than those of the library: a small object type for Z-13.
 *
 * A device is attached by a handle.  A fault of the device is added to the queue
 * of the handle and points to the handle, through which a reader of the queue
 * finds the device.
 */
#ifndef TESTS_ZOO_Z13_H
#define TESTS_ZOO_Z13_H

#include <iommufd_model/iommufd_private.h>

/*
 * struct z13_queue - the object.  Each handle holds a reference in users.
 * @mutex: guards @deliver, and the handles that the faults in it point to
 */
struct z13_queue {
	struct iommufd_object obj;
	struct mutex mutex;
	struct list_head deliver;
};

/* @lock: guards @handle; it is taken before the mutex of a queue */
struct z13_device {
	struct mutex lock;
	struct z13_handle *handle;
	u32 id;
};

struct z13_queue *z13_queue_alloc(struct iommufd_ctx *ictx);
struct z13_device *z13_device_alloc(u32 id);

/*
 * z13_attach(): add later faults of @dev to @queue, or drop them if @queue is
 * NULL.  Earlier faults that were not read are removed.
 * z13_report(): add a fault of @dev.
 * z13_read(): take the first fault and return the id of its device, or 0.
 */
void z13_attach(struct z13_device *dev, struct z13_queue *queue);
void z13_report(struct z13_device *dev);
u32 z13_read(struct z13_queue *queue);

#endif
