// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The thing of Z-01 and Z-01b, whose references are right: two counters in the
 * object, the wait queue in the ctx.
 */
#include "z01-put-tail-type.h"

struct thing {
	struct iommufd_object obj;
	int value;
};

static void thing_destroy(struct iommufd_object *obj)
{
	(void)obj;
}

static const struct iommufd_object_ops thing_ops = { .destroy = thing_destroy };

u32 thing_make(struct iommufd_ctx *ictx)
{
	struct thing *thing;
	int type;

	type = iommufd_model_register_type("thing", &thing_ops,
					   IOMMUFD_OBJ_NONE);
	thing = iommufd_object_alloc(ictx, thing,
				     (enum iommufd_object_type)type);
	iommufd_model_assert(!IS_ERR(thing));
	thing->value = 4711;
	iommufd_object_finalize(ictx, &thing->obj);
	return thing->obj.id;
}

struct thing *thing_get(struct iommufd_ctx *ictx, u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ANY);
	return IS_ERR(obj) ? NULL : container_of(obj, struct thing, obj);
}

int thing_value(const struct thing *thing)
{
	return READ_ONCE(thing->value);
}

void thing_put(struct iommufd_ctx *ictx, struct thing *thing)
{
	iommufd_put_object(ictx, &thing->obj);
}
