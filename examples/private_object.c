// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The life of an object, step by step, by the private API.
 *
 * To learn: an id is reserved when the object is allocated and can be looked up
 * when it is finalized; users are reasons not to destroy it, wait_cnt those
 * that a destroy waits for; and which call fails with what.
 *
 *			users	wait_cnt
 *	alloc		1	1		the id table's
 *	get		2	2
 *	put		1	1
 *	remove		0	0		and freed
 */
#include "account.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

struct thing {
	struct iommufd_object obj;
};

static int destroyed;

static void thing_destroy(struct iommufd_object *obj)
{
	printf("destroy op of thing %u\n", obj->id);
	destroyed++;
}

static const struct iommufd_object_ops thing_ops = { .destroy = thing_destroy };

static int look_up(struct iommufd_ctx *ictx, u32 id,
		   enum iommufd_object_type type)
{
	struct iommufd_object *obj = iommufd_get_object(ictx, id, type);

	if (!IS_ERR(obj))
		iommufd_put_object(ictx, obj);
	return PTR_ERR_OR_ZERO(obj);
}

static void counters(const char *what, struct thing *thing, unsigned int users,
		     unsigned int wait_cnt)
{
	printf("%s\n", what);
	number("  users", refcount_read(&thing->obj.users), users);
	number("  wait_cnt", refcount_read(&thing->obj.wait_cnt), wait_cnt);
}

static void live(struct iommufd_ctx *ictx, enum iommufd_object_type type)
{
	struct thing *thing = iommufd_object_alloc(ictx, thing, type);
	u32 id;

	if (IS_ERR(thing))
		return;
	id = thing->obj.id;
	counters("alloc", thing, 1, 1);
	result("look it up", look_up(ictx, id, type), -ENOENT);
	iommufd_object_finalize(ictx, &thing->obj);
	printf("finalize\n");
	result("look it up", look_up(ictx, id, type), 0);
	result("as an IOAS", look_up(ictx, id, IOMMUFD_OBJ_IOAS), -ENOENT);

	if (IS_ERR(iommufd_get_object(ictx, id, type)))
		return;
	counters("get", thing, 2, 2);
	result("remove", iommufd_object_remove(ictx, NULL, id, 0), -EBUSY);
	iommufd_put_object(ictx, &thing->obj);
	counters("put", thing, 1, 1);
	result("remove", iommufd_object_remove(ictx, NULL, id, 0), 0);
	number("things destroyed", destroyed, 1);
	result("look it up", look_up(ictx, id, type), -ENOENT);

	thing = iommufd_object_alloc(ictx, thing, type);
	if (IS_ERR(thing))
		return;
	number("alloc another: it has the id", thing->obj.id, id);
	printf("abort\n");
	iommufd_object_abort(ictx, &thing->obj);
}

int main(void)
{
	int type = iommufd_model_register_type("thing", &thing_ops,
					       IOMMUFD_OBJ_NONE);
	int fd = iommufd_model_open();
	struct iommufd_ctx *ictx;

	if (type < 0 || fd < 0)
		return EXIT_FAILURE;
	ictx = iommufd_ctx_from_fd(fd);
	live(ictx, (enum iommufd_object_type)type);
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
	number("things destroyed", destroyed, 1);
	return account_end();
}
