// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The queues of page faults of Z-13.
 *
 * A handle is freed when its device leaves the queue; the faults of the handle
 * are removed from the queue before that.
 */
#include "z13.h"

struct z13_handle {
	struct z13_device *dev;
	struct z13_queue *queue;	/* a reference is held */
};

struct fault {
	struct list_head node;
	struct z13_handle *handle;
};

static void queue_destroy(struct iommufd_object *obj)
{
	struct z13_queue *queue = container_of(obj, struct z13_queue, obj);
	struct fault *fault, *next;

	list_for_each_entry_safe(fault, next, &queue->deliver, node)
		kfree(fault);
	mutex_destroy(&queue->mutex);
}

static const struct iommufd_object_ops queue_ops = { .destroy = queue_destroy };

struct z13_queue *z13_queue_alloc(struct iommufd_ctx *ictx)
{
	struct z13_queue *queue;
	int type;

	type = iommufd_model_register_type("fault queue", &queue_ops,
					   IOMMUFD_OBJ_NONE);
	queue = iommufd_object_alloc(ictx, queue,
				     (enum iommufd_object_type)type);
	if (IS_ERR(queue))
		return queue;
	mutex_init(&queue->mutex);
	INIT_LIST_HEAD(&queue->deliver);
	iommufd_object_finalize(ictx, &queue->obj);
	return queue;
}

struct z13_device *z13_device_alloc(u32 id)
{
	struct z13_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	mutex_init(&dev->lock);
	dev->id = id;
	return dev;
}

/* Remove all faults from @queue that point to @handle. */
static void sweep(struct z13_queue *queue, const struct z13_handle *handle)
{
	struct fault *fault, *next;

	mutex_lock(&queue->mutex);
	list_for_each_entry_safe(fault, next, &queue->deliver, node) {
		if (fault->handle != handle)
			continue;
		list_del(&fault->node);
		kfree(fault);
	}
	mutex_unlock(&queue->mutex);
}

static struct z13_handle *handle_alloc(struct z13_device *dev,
				       struct z13_queue *queue)
{
	struct z13_handle *handle = kzalloc(sizeof(*handle), GFP_KERNEL);

	handle->dev = dev;
	handle->queue = queue;
	refcount_inc(&queue->obj.users);
	return handle;
}

void z13_attach(struct z13_device *dev, struct z13_queue *queue)
{
	struct z13_handle *handle = queue ? handle_alloc(dev, queue) : NULL;
	struct z13_handle *old;

	mutex_lock(&dev->lock);
	old = dev->handle;
	dev->handle = handle;
	mutex_unlock(&dev->lock);
	if (!old)
		return;
	sweep(old->queue, old);
	refcount_dec(&old->queue->obj.users);
	kfree(old);
}

void z13_report(struct z13_device *dev)
{
	struct fault *fault = kzalloc(sizeof(*fault), GFP_KERNEL);
	struct z13_queue *queue;

	mutex_lock(&dev->lock);
	fault->handle = dev->handle;
	queue = dev->handle->queue;
	mutex_lock(&queue->mutex);
	list_add_tail(&fault->node, &queue->deliver);
	mutex_unlock(&queue->mutex);
	mutex_unlock(&dev->lock);
}

u32 z13_read(struct z13_queue *queue)
{
	struct fault *fault;
	u32 id = 0;

	mutex_lock(&queue->mutex);
	if (!list_empty(&queue->deliver)) {
		fault = list_first_entry(&queue->deliver, struct fault, node);
		list_del(&fault->node);
		id = fault->handle->dev->id;
		kfree(fault);
	}
	mutex_unlock(&queue->mutex);
	return id;
}
