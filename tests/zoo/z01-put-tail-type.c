// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The object type of Z-01, Z-01b and Z-01c.  Its references are right: there are
 * two counters in the object, and the wait queue is in the ctx.
 */
#include "z01-put-tail-type.h"

struct demo {
	struct iommufd_object obj;
	int value;
};

static void demo_destroy(struct iommufd_object *obj)
{
	(void)obj;
}

static const struct iommufd_object_ops demo_ops = { .destroy = demo_destroy };

u32 demo_make(struct iommufd_ctx *ictx)
{
	struct demo *demo;
	int type;

	type = iommufd_model_register_type("demo", &demo_ops,
					   IOMMUFD_OBJ_NONE);
	demo = iommufd_object_alloc(ictx, demo,
				    (enum iommufd_object_type)type);
	iommufd_model_assert(!IS_ERR(demo));
	demo->value = 4711;
	iommufd_object_finalize(ictx, &demo->obj);
	return demo->obj.id;
}

struct demo *demo_get(struct iommufd_ctx *ictx, u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ANY);
	return IS_ERR(obj) ? NULL : container_of(obj, struct demo, obj);
}

int demo_value(const struct demo *demo)
{
	return READ_ONCE(demo->value);
}

void demo_put(struct iommufd_ctx *ictx, struct demo *demo)
{
	iommufd_put_object(ictx, &demo->obj);
}
