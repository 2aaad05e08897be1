// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "access_suite.h"

static void driver_unmap(void *data, unsigned long iova, unsigned long length)
{
	struct driver *driver = data;

	driver->calls++;
	driver->iova = iova;
	driver->length = length;
	driver->locks = iommufd_model_locks_held();
	if (driver->act)
		driver->act(driver);
}

const struct iommufd_access_ops byte_ops = { .unmap = driver_unmap };

const struct iommufd_access_ops page_ops = {
	.needs_pin_pages = 1,
	.unmap = driver_unmap,
};

const struct iommufd_access_ops mute_ops = { .unmap = NULL };

void driver_create(struct driver *driver, struct iommufd_ctx *ictx,
		   const struct iommufd_access_ops *ops)
{
	*driver = (struct driver){ .access = NULL };
	driver->access = iommufd_access_create(ictx, ops, driver, &driver->id);
	ck_assert(!IS_ERR(driver->access));
}

void driver_attach(struct driver *driver, struct iommufd_ioas *ioas)
{
	ck_assert_int_eq(iommufd_access_attach(driver->access, ioas->obj.id),
			 0);
}

void driver_destroy(struct driver *driver)
{
	iommufd_access_destroy(driver->access);
	driver->access = NULL;
}

struct iommufd_ioas *new_ioas(struct iommufd_ctx *ictx)
{
	return container_of(peek(ictx, make_ioas(ictx)), struct iommufd_ioas,
			    obj);
}

struct iommufd_access *listed(struct iommufd_ioas *ioas, unsigned long index)
{
	return xa_load(&ioas->iopt.access_list, index);
}

void lab_open(struct lab *lab, const struct iommufd_access_ops *ops)
{
	lab->ictx = iommufd_model_check_open();
	lab->a = new_ioas(lab->ictx);
	lab->b = new_ioas(lab->ictx);
	lab->driver = (struct driver){ .access = NULL };
	if (ops)
		driver_create(&lab->driver, lab->ictx, ops);
}

void lab_close(struct lab *lab)
{
	lab->driver.act = NULL;
	if (lab->driver.access)
		driver_destroy(&lab->driver);
	ck_assert_users(&lab->a->obj, 1);
	ck_assert_users(&lab->b->obj, 1);
	ck_assert_shortterm(&lab->a->obj, 1);
	ck_assert_shortterm(&lab->b->obj, 1);
	ck_assert_balanced();
	iommufd_model_check_close(lab->ictx);
	ck_assert_no_leaks(lab->ictx);
}

static void queue_destroy(struct iommufd_object *obj)
{
	struct queue *queue = container_of(obj, struct queue, obj);

	if (!queue->access)
		return;
	if (iommufd_access_is_internal(queue->access))
		iommufd_access_destroy_internal(queue->ictx, queue->access);
	else
		iommufd_access_destroy(queue->access);
}

static const struct iommufd_object_ops queue_ops = { .destroy = queue_destroy };

struct queue *queue_alloc(struct iommufd_ctx *ictx)
{
	int type = iommufd_model_register_type("queue", &queue_ops,
					       IOMMUFD_OBJ_NONE);
	struct queue *queue;

	ck_assert_int_ge(type, IOMMUFD_OBJ_MAX);
	queue = iommufd_object_alloc(ictx, queue,
				     (enum iommufd_object_type)type);
	ck_assert(!IS_ERR(queue));
	queue->ictx = ictx;
	return queue;
}

struct queue *make_queue(struct iommufd_ctx *ictx, struct iommufd_ioas *ioas)
{
	struct queue *queue = queue_alloc(ictx);

	queue->access = iommufd_access_create_internal(ictx);
	ck_assert(!IS_ERR(queue->access));
	ck_assert_int_eq(iommufd_access_attach_internal(queue->access, ioas),
			 0);
	iommufd_object_finalize(ictx, &queue->obj);
	return queue;
}
