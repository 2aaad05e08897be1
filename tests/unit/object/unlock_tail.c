// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A thread must not unlock a lock in an object after it has dropped its
 * reference to the object, because the tail of the unlock still reads the lock
 * (Z-08b).
 *
 * A hook reads the counters of the object at the moment of the tail.
 */
#include "guest.h"

struct tail {
	struct iommufd_model_hook hook;
	const void *lock;
	const struct iommufd_object *obj;
	int users, wait_cnt;	/* the counters at the last tail of @lock */
	unsigned int seen;
};

static void look(struct iommufd_model_hook *hook,
		 const struct iommufd_model_op *op)
{
	struct tail *tail = container_of(hook, struct tail, hook);

	if (op->addr != tail->lock ||
	    (op->kind != IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL &&
	     op->kind != IOMMUFD_MODEL_OP_RWSEM_UP_TAIL))
		return;
	tail->seen++;
	tail->users = tail->obj->users.refs;
	tail->wait_cnt = tail->obj->wait_cnt.refs;
}

/* Deviation: the reference to the vIOMMU is dropped after up_write(). */
START_TEST(destroy_of_a_veventq_holds_the_viommu_across_the_unlock)
{
	struct tail tail = { .hook = { .step = look } };
	struct iommufd_viommu *viommu;
	struct guest g;
	u32 id;

	guest_open_viommu(&g);
	viommu = container_of(obj_of(&g, g.viommu), struct iommufd_viommu, obj);
	id = made_by(try_veventq(&g, 5, 2), "veventq");
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_users(&viommu->obj, 2);

	tail.lock = &viommu->veventqs_rwsem;
	tail.obj = &viommu->obj;
	iommufd_model_hook_add(&tail.hook);
	ck_assert_int_eq(destroy(&g, id), 0);
	iommufd_model_hook_remove(&tail.hook);
	ck_assert_uint_eq(tail.seen, 1);
	ck_assert_int_eq(tail.users, 2);
	ck_assert_users(&viommu->obj, 1);
	guest_close(&g);
}
END_TEST

/* Deviation: the ioctl and the vDEVICE each hold a reference to the device. */
START_TEST(vdevice_alloc_holds_the_device_across_the_unlock)
{
	struct tail tail = { .hook = { .step = look } };
	struct iommufd_device *idev;
	struct guest g;
	int users;

	guest_open_viommu(&g);
	idev = container_of(obj_of(&g, g.idev), struct iommufd_device, obj);
	users = (int)refcount_read(&idev->obj.users);
	tail.lock = &idev->igroup->lock;
	tail.obj = &idev->obj;
	iommufd_model_hook_add(&tail.hook);
	made_by(try_vdevice(&g, g.viommu, g.idev, 7), "vdevice");
	iommufd_model_hook_remove(&tail.hook);
	ck_assert_uint_ge(tail.seen, 1);
	ck_assert_int_eq(tail.users, users + 2);
	ck_assert_int_eq(tail.wait_cnt, 3);
	ck_assert_users(&idev->obj, (unsigned int)users + 1);
	ck_assert_shortterm(&idev->obj, 2);
	guest_close(&g);
}
END_TEST

static Suite *unlock_tail_suite(void)
{
	Suite *suite = suite_create("unlock_tail");
	TCase *tc = guest_tests(suite, "unlock");

	tcase_add_test(tc,
		       destroy_of_a_veventq_holds_the_viommu_across_the_unlock);
	tcase_add_test(tc, vdevice_alloc_holds_the_device_across_the_unlock);
	return suite;
}

int main(void)
{
	return run_suite(unlock_tail_suite());
}
