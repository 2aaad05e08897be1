// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-VDEVICE-1 to R-VDEVICE-3: vDEVICEs.  device.c tests how an unbind evicts
 * one.
 */
#include "own_driver.h"
#include "user_memory.h"

#define NOBODY 99

/* R-VDEVICE-1: the order of the checks in steps 2 to 4, 7 and 11. */
START_TEST(vdevice_alloc_checks_in_order)
{
	struct own_guest og;
	struct guest *g = &og.g;
	struct iommu_test_cmd cmd;
	u32 other, vdev;

	own_guest_open(&og);
	other = g->idev;
	made(try_device(g, g->ioas, &cmd));
	g->idev = cmd.mock_domain.out_idev_id;
	guest_viommu(g);
	ck_assert_int_eq(try_vdevice(g, NOBODY, NOBODY, 1), -ENOENT);
	ck_assert_int_eq(try_vdevice(g, g->parent, other, 1), -ENOENT);
	ck_assert_int_eq(try_vdevice(g, g->viommu, NOBODY, 1), -ENOENT);
	ck_assert_int_eq(try_vdevice(g, g->viommu, g->ioas, 1), -ENOENT);
	ck_assert_int_eq(try_vdevice(g, g->viommu, other, 1), -EINVAL);
	vdev = made(try_vdevice(g, g->viommu, g->idev, 1));
	ck_assert_int_eq(try_vdevice(g, g->viommu, g->idev, 1), -EEXIST);
	ck_assert_int_eq(try_vdevice(g, g->viommu, g->idev, 2), -EEXIST);
	ck_assert_held(g, g->idev, 4, 2);
	ck_assert_held(g, vdev, 1, 1);
	ck_assert_held(g, g->viommu, 2, 1);
	own_guest_close(&og);
}
END_TEST

/* R-VDEVICE-1 step 11: the slot still belongs to the first vDEVICE. */
START_TEST(vdevice_with_a_virt_id_that_is_taken_is_eexist)
{
	struct iommufd_viommu *viommu;
	struct iommu_test_cmd cmd;
	struct guest g;
	u32 vdev, second;

	guest_open_viommu(&g);
	made(try_device(&g, g.ioas, &cmd));
	second = cmd.mock_domain.out_idev_id;
	vdev = made(try_vdevice(&g, g.viommu, g.idev, 0));
	ck_assert_int_eq(try_vdevice(&g, g.viommu, second, 0), -EEXIST);
	ck_assert_held(&g, second, 3, 1);
	ck_assert_held(&g, g.viommu, 2, 1);
	viommu = container_of(obj_of(&g, g.viommu), struct iommufd_viommu,
			      obj);
	ck_assert_ptr_eq(xa_load(&viommu->vdevs, 0), obj_of(&g, vdev));
	made(try_vdevice(&g, g.viommu, second, 1));
	ck_destroy(&g, vdev);
	ck_assert_int_eq(destroy(&g, vdev), -ENOENT);
	ck_assert_int_eq(try_vdevice(&g, g.viommu, g.idev, 0), (int)vdev);
	guest_close(&g);
}
END_TEST

/*
 * R-VDEVICE-1 step 12: the slot is freed first, and the device can be used
 * again.
 */
START_TEST(vdevice_whose_init_fails_is_undone_without_the_driver)
{
	struct own_guest og;

	own_guest_open(&og);
	guest_viommu(&og.g);
	own.vdevice_error = -EXDEV;
	ck_assert_int_eq(try_vdevice(&og.g, og.g.viommu, og.g.idev, VIRT_ID),
			 -EXDEV);
	ck_assert_said("");
	ck_assert_ptr_null(og.idev->vdev);
	own.vdevice_error = 0;
	made(try_vdevice(&og.g, og.g.viommu, og.g.idev, VIRT_ID));
	ck_assert_held(&og.g, og.g.idev, 3, 2);
	own_guest_close(&og);
}
END_TEST

/*
 * R-VDEVICE-1 step 14: the driver's destroy is called.  Z-26: no lock remains
 * held.
 */
START_TEST(vdevice_whose_answer_cannot_be_written_is_undone)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd), .virt_id = VIRT_ID,
	};
	struct own_guest og;

	own_guest_open(&og);
	guest_viommu(&og.g);
	cmd.viommu_id = og.g.viommu;
	cmd.dev_id = og.g.idev;
	ck_assert_int_eq(iommufd_model_ioctl(og.g.fd, IOMMU_VDEVICE_ALLOC,
					     read_only(&cmd, sizeof(cmd))),
			 -EFAULT);
	ck_assert_said("vdevice stops, virt_id 99");
	ck_assert_int_eq(iommufd_model_locks_held(), 0);
	ck_assert_ptr_null(og.idev->vdev);
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	ck_assert_held(&og.g, og.g.viommu, 1, 1);
	own_guest_close(&og);
}
END_TEST

static int make_vdevice(struct guest *g)
{
	return try_vdevice(g, g->viommu, g->idev, VIRT_ID);
}

START_TEST(vdevice_without_memory_leaves_no_trace)
{
	struct guest g;

	guest_open_viommu(&g);
	fails_without_trace(&g, make_vdevice);
	ck_assert_held(&g, g.idev, 4, 2);
	guest_close(&g);
}
END_TEST

static bool vdevice_size_is_too_small(void)
{
	struct own_guest og;
	int rc;

	own_guest_open(&og);
	guest_viommu(&og.g);
	own_viommu_ops.vdevice_size = sizeof(struct iommufd_vdevice) - 1;
	expect_warning("size");
	rc = try_vdevice(&og.g, og.g.viommu, og.g.idev, VIRT_ID);
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	own_guest_close(&og);
	return rc == -EOPNOTSUPP;
}

/* R-VDEVICE-1 step 8: a size of the driver that is too small is a WARN. */
START_TEST(vdevice_of_a_driver_with_wrong_ops_warns)
{
	ck_assert(in_a_fresh_process(vdevice_size_is_too_small));
}
END_TEST

static struct device *found(struct iommufd_viommu *viommu)
{
	struct device *dev;

	xa_lock(&viommu->vdevs);
	dev = iommufd_viommu_find_dev(viommu, VIRT_ID);
	xa_unlock(&viommu->vdevs);
	return dev;
}

static int look_during_init(struct iommufd_vdevice *vdev)
{
	say(found(vdev->viommu) ? "visible" : "invisible");
	return 0;
}

/* R-VDEVICE-1 steps 11 to 13, Z-16; the lookup functions for drivers. */
START_TEST(vdevice_is_found_by_virt_id_once_it_is_ready)
{
	struct iommufd_viommu *viommu;
	unsigned long virt_id = 0;
	struct own_guest og;
	u32 vdev;

	own_guest_open(&og);
	guest_viommu(&og.g);
	own_viommu_ops.vdevice_init = look_during_init;
	viommu = container_of(obj_of(&og.g, og.g.viommu),
			      struct iommufd_viommu, obj);
	ck_assert_int_eq(iommufd_viommu_get_vdev_id(viommu, &og.pair.a,
						    &virt_id), -ENOENT);
	vdev = made(make_vdevice(&og.g));
	ck_assert_said("invisible");
	ck_assert_ptr_eq(found(viommu), &og.pair.a);
	ck_assert_ptr_eq(iommufd_vdevice_to_device(og.idev->vdev),
			 &og.pair.a);
	ck_assert_int_eq(iommufd_viommu_get_vdev_id(viommu, &og.pair.a,
						    &virt_id), 0);
	ck_assert_uint_eq(virt_id, VIRT_ID);
	ck_destroy(&og.g, vdev);
	ck_assert_ptr_null(found(viommu));
	own_guest_close(&og);
}
END_TEST

static struct iommufd_object *put_device;

static void put_event(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op)
{
	(void)hook;
	if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC &&
	    op->addr == &put_device->users)
		say("put, %d locks", iommufd_model_locks_held());
}

/*
 * R-VDEVICE-2, R-VDEVICE-3; Z-08b: the reference to the device is dropped after
 * the mutex is unlocked.
 */
START_TEST(vdevice_destroy_puts_the_device_without_a_lock)
{
	struct iommufd_model_hook hook = { .event = put_event };
	struct own_guest og;
	u32 vdev;

	own_guest_open(&og);
	guest_viommu(&og.g);
	vdev = made(make_vdevice(&og.g));
	put_device = &og.idev->obj;
	iommufd_model_hook_add(&hook);
	ck_destroy(&og.g, vdev);
	iommufd_model_hook_remove(&hook);
	ck_assert_said("vdevice stops, virt_id 99 put, 0 locks");
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	ck_assert_held(&og.g, og.g.viommu, 1, 1);
	own_guest_close(&og);
}
END_TEST

static void count_held_by(const struct iommufd_model_event *event, void *data)
{
	*(unsigned int *)data += !strcmp(event->holder, "vdevice 7");
}

/* R-OWN-12: while the vDEVICE lives, it holds both references to the device. */
START_TEST(references_of_the_device_are_the_vdevices)
{
	unsigned int by_vdevice = 0;
	struct guest g;

	guest_open_viommu(&g);
	ck_assert_int_eq(made(make_vdevice(&g)), 7);
	ck_assert_int_eq(iommufd_model_holders(obj_of(&g, g.idev),
					       count_held_by, &by_vdevice), 6);
	ck_assert_uint_eq(by_vdevice, 2);
	guest_close(&g);
}
END_TEST

static Suite *vdevice_suite(void)
{
	Suite *suite = suite_create("vdevice");
	TCase *tc = guest_tests(suite, "vdevice");
	tcase_add_test(tc, vdevice_alloc_checks_in_order);
	tcase_add_test(tc, vdevice_with_a_virt_id_that_is_taken_is_eexist);
	tcase_add_test(
		tc, vdevice_whose_init_fails_is_undone_without_the_driver);
	tcase_add_test(tc, vdevice_whose_answer_cannot_be_written_is_undone);
	tcase_add_test(tc, vdevice_without_memory_leaves_no_trace);
	tcase_add_test(tc, vdevice_of_a_driver_with_wrong_ops_warns);
	tcase_add_test(tc, vdevice_is_found_by_virt_id_once_it_is_ready);
	tcase_add_test(tc, vdevice_destroy_puts_the_device_without_a_lock);
	tcase_add_test(tc, references_of_the_device_are_the_vdevices);
	return suite;
}

int main(void)
{
	return run_suite(vdevice_suite());
}
