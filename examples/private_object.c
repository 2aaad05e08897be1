// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The life of an object, one call of the private API after the other.
 *
 * The example shows that an id is reserved when the object is allocated, and
 * can be looked up from the moment it is finalized.  It prints both counters
 * after each call, and the error of each call that fails: a reference in users
 * forbids a destroy, one in wait_cnt is short, and a destroy may wait for it.
 *
 *			users	wait_cnt
 *	alloc		1	1		the references of the id table
 *	get		2	2
 *	put		1	1
 *	remove		0	0		and freed
 */
#include "account.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

struct demo {
	struct iommufd_object obj;
};

static int destroyed;

static void demo_destroy(struct iommufd_object *obj)
{
	printf("destroy op of demo %u\n", obj->id);
	destroyed++;
}

static const struct iommufd_object_ops demo_ops = { .destroy = demo_destroy };

static int look_up(struct iommufd_ctx *ictx, u32 id,
		   enum iommufd_object_type type)
{
	struct iommufd_object *obj = iommufd_get_object(ictx, id, type);

	if (!IS_ERR(obj))
		iommufd_put_object(ictx, obj);
	return PTR_ERR_OR_ZERO(obj);
}

static void counters(const char *what, struct demo *demo, unsigned int users,
		     unsigned int wait_cnt)
{
	printf("%s\n", what);
	number("  users", refcount_read(&demo->obj.users), users);
	number("  wait_cnt", refcount_read(&demo->obj.wait_cnt), wait_cnt);
}

static void live(struct iommufd_ctx *ictx, enum iommufd_object_type type)
{
	struct demo *demo = iommufd_object_alloc(ictx, demo, type);
	u32 id;

	if (IS_ERR(demo))
		return;
	id = demo->obj.id;
	counters("alloc", demo, 1, 1);
	result("look it up", look_up(ictx, id, type), -ENOENT);
	iommufd_object_finalize(ictx, &demo->obj);
	printf("finalize\n");
	result("look it up", look_up(ictx, id, type), 0);
	result("as an IOAS", look_up(ictx, id, IOMMUFD_OBJ_IOAS), -ENOENT);

	if (IS_ERR(iommufd_get_object(ictx, id, type)))
		return;
	counters("get", demo, 2, 2);
	result("remove", iommufd_object_remove(ictx, NULL, id, 0), -EBUSY);
	iommufd_put_object(ictx, &demo->obj);
	counters("put", demo, 1, 1);
	result("remove", iommufd_object_remove(ictx, NULL, id, 0), 0);
	number("objects destroyed", destroyed, 1);
	result("look it up", look_up(ictx, id, type), -ENOENT);

	demo = iommufd_object_alloc(ictx, demo, type);
	if (IS_ERR(demo))
		return;
	number("alloc another: it has the id", demo->obj.id, id);
	printf("abort\n");
	iommufd_object_abort(ictx, &demo->obj);
}

int main(void)
{
	int type = iommufd_model_register_type("demo", &demo_ops,
					       IOMMUFD_OBJ_NONE);
	int fd = iommufd_model_open();
	struct iommufd_ctx *ictx;

	if (type < 0 || fd < 0)
		return EXIT_FAILURE;
	ictx = iommufd_ctx_from_fd(fd);
	live(ictx, (enum iommufd_object_type)type);
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
	number("objects destroyed", destroyed, 1);
	return account_end();
}
