/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests of accesses share: a context with two IOASes and one driver
 * that remembers what its unmap callback was told, and a queue, an object that
 * owns an access as a hw queue does.
 */
#ifndef ACCESS_SUITE_H
#define ACCESS_SUITE_H

#include "suite.h"
#include <pthread.h>
#include <sched.h>

#define UNUSED __attribute__((unused))

/* Give way till @cond holds; the test's time limit is what ends it if not. */
#define until(cond) do {						\
	while (!(cond))							\
		sched_yield();						\
} while (0)

#define ck_assert_balanced() \
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0)

#define raise_flag(flag) __atomic_store_n(flag, 1, __ATOMIC_RELEASE)
#define flag_is_up(flag) __atomic_load_n(flag, __ATOMIC_ACQUIRE)

/*
 * struct driver - owner of an external access
 * @calls, @iova, @length, @locks: of unmap; of the last call, with the locks
 *	its thread held
 * @act: what unmap does beside counting; NULL: nothing
 */
struct driver {
	struct iommufd_access *access;
	u32 id;
	unsigned int calls;
	unsigned long iova, length;
	int locks;
	void (*act)(struct driver *driver);
	void *arg;
};

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

UNUSED static const struct iommufd_access_ops byte_ops = {
	.unmap = driver_unmap,
};
UNUSED static const struct iommufd_access_ops page_ops = {
	.needs_pin_pages = 1,
	.unmap = driver_unmap,
};
UNUSED static const struct iommufd_access_ops mute_ops = { .unmap = NULL };

UNUSED static void driver_create(struct driver *driver,
				 struct iommufd_ctx *ictx,
				 const struct iommufd_access_ops *ops)
{
	*driver = (struct driver){ .access = NULL };
	driver->access = iommufd_access_create(ictx, ops, driver, &driver->id);
	ck_assert(!IS_ERR(driver->access));
}

UNUSED static void driver_attach(struct driver *driver,
				 struct iommufd_ioas *ioas)
{
	ck_assert_int_eq(iommufd_access_attach(driver->access, ioas->obj.id),
			 0);
}

UNUSED static void driver_destroy(struct driver *driver)
{
	iommufd_access_destroy(driver->access);
	driver->access = NULL;
}

UNUSED static struct iommufd_ioas *new_ioas(struct iommufd_ctx *ictx)
{
	return container_of(peek(ictx, make_ioas(ictx)), struct iommufd_ioas,
			    obj);
}

/* The access in slot @index of the list of @ioas. */
UNUSED static struct iommufd_access *listed(struct iommufd_ioas *ioas,
					    unsigned long index)
{
	return xa_load(&ioas->iopt.access_list, index);
}

/* The access is on @to, in slot @slot, and nowhere on the way. */
#define ck_assert_attached(access, to, slot) do {			\
	ck_assert_ptr_eq((access)->ioas, to);				\
	ck_assert_ptr_eq((access)->ioas_unpin, to);			\
	ck_assert_uint_eq((access)->iopt_access_list_id, slot);		\
	ck_assert_ptr_eq(listed(to, slot), access);			\
} while (0)

#define ck_assert_detached(access) do {					\
	ck_assert_ptr_null((access)->ioas);				\
	ck_assert_ptr_null((access)->ioas_unpin);			\
} while (0)

/* A context, two IOASes, and a driver; every test begins and ends with it. */
struct lab {
	struct iommufd_ctx *ictx;
	struct iommufd_ioas *a, *b;
	struct driver driver;
};

UNUSED static void lab_open(struct lab *lab,
			    const struct iommufd_access_ops *ops)
{
	lab->ictx = iommufd_model_check_open();
	lab->a = new_ioas(lab->ictx);
	lab->b = new_ioas(lab->ictx);
	lab->driver = (struct driver){ .access = NULL };
	if (ops)
		driver_create(&lab->driver, lab->ictx, ops);
}

/* The IOASes are nobody's by now, and all that there was is gone. */
UNUSED static void lab_close(struct lab *lab)
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

/* The queue: owns an access from its creation to its destroy op. */
struct queue {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommufd_access *access;
};

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

UNUSED static struct queue *queue_alloc(struct iommufd_ctx *ictx)
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

/* A queue with an internal access on @ioas. */
UNUSED static struct queue *make_queue(struct iommufd_ctx *ictx,
				       struct iommufd_ioas *ioas)
{
	struct queue *queue = queue_alloc(ictx);

	queue->access = iommufd_access_create_internal(ictx);
	ck_assert(!IS_ERR(queue->access));
	ck_assert_int_eq(iommufd_access_attach_internal(queue->access, ioas),
			 0);
	iommufd_object_finalize(ictx, &queue->obj);
	return queue;
}

UNUSED static TCase *checked_case(Suite *suite, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, iommufd_model_check_setup,
				  iommufd_model_check_teardown);
	suite_add_tcase(suite, tc);
	return tc;
}

#endif
