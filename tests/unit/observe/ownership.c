// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-OWN-1 to R-OWN-19, R-OWN-31: each test checks one rule.  It looks at users
 * and wait_cnt before the reference is taken, while it is held, and after it
 * was dropped.  ownership_file.c tests the rules about files, the context and
 * weak pointers.  "Holds" means: with a users reference.
 */
#include "own_driver.h"

/*
 * R-OWN-1: the id table holds each object with a users and a wait reference
 * from its allocation on; abort drops only the users reference.
 */
START_TEST(id_table_holds_any_object)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, plain_type());

	ck_assert_counters(probe, 1, 1);
	watch(ictx, &probe->obj);
	iommufd_object_abort(ictx, &probe->obj);
	ck_assert_said("U0");

	probe = publish(ictx, plain_type());
	ck_assert_counters(probe, 1, 1);
	watch(ictx, &probe->obj);
	ck_assert_int_eq(user_destroy(ictx, 1), 0);
	ck_assert_said("U0t W0 destroy(1)");

	probe = publish(ictx, plain_type());
	watch(ictx, &probe->obj);
	iommufd_model_check_close(ictx);
	ck_assert_said("U0 destroy(1)");
	unwatch();
	ck_assert_no_leaks(ictx);
}
END_TEST

/*
 * R-OWN-2: a running ioctl or kernel path holds an object with a short
 * reference from iommufd_get_object() to iommufd_put_object().
 */
START_TEST(running_path_holds_any_object)
{
	struct iommufd_object *obj;
	struct guest g;
	char before[256], after[256];
	u32 id;

	guest_open_viommu(&g);
	guest_counters(&g, before, sizeof(before));
	for (id = 1; id <= g.viommu; id++) {
		obj = obj_of(&g, id);
		watch(g.ictx, obj);
		obj = iommufd_get_object(g.ictx, id, IOMMUFD_OBJ_ANY);
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, g.ictx, 0);
		iommufd_put_object(g.ictx, obj);
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, g.ictx, 0);
		forget_said();
	}
	unwatch();
	guest_counters(&g, after, sizeof(after));
	ck_assert_str_eq(after, before);

	/*
	 * An ioctl that fails late takes a short reference to each object, and
	 * puts both.
	 */
	watch(g.ictx, obj_of(&g, g.idev));
	ck_assert_int_eq(try_vdevice(&g, g.viommu + 9, g.idev, 1), -ENOENT);
	ck_assert_said("");
	ck_assert_int_eq(try_nested(&g, g.ioas + 99, 0), -EINVAL);
	ck_assert_said("U4t W2t U3 W1");
	guest_close(&g);
}
END_TEST

/* R-OWN-3: the driver holds the DEVICE from bind until unbind removes it. */
START_TEST(binding_driver_holds_device)
{
	struct own_guest og;

	own_guest_open(&og);
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	watch(og.g.ictx, &og.idev->obj);
	iommufd_device_unbind(og.idev);
	ck_assert_said("W0 U1t U0t");
	guest_close(&og.g);
}
END_TEST

/*
 * R-OWN-4: each attachment holds the DEVICE from iommufd_device_attach() to
 * iommufd_device_detach().
 */
START_TEST(attachment_holds_device)
{
	struct own_guest og;

	own_guest_open(&og);
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	watch(og.g.ictx, &og.idev->obj);
	made(own_attach_to(og.idev, og.g.ioas));
	ck_assert_said("attach(a) attach(b) U3");
	ck_assert_held(&og.g, og.g.idev, 3, 1);
	unwatch();
	forget_said();
	watch(og.g.ictx, &og.idev->obj);
	own_detach_from(og.idev);
	ck_assert_said("detach(a) detach(b) U2");
	unwatch();
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	own_guest_close(&og);
}
END_TEST

/*
 * R-OWN-5: each attached device holds a users reference to its HWPT.  Attach
 * takes it, replace moves it to the new HWPT, and detach drops it.
 */
START_TEST(attached_device_holds_hwpt)
{
	struct own_guest og;
	u32 x, y;

	own_guest_open(&og);
	x = made(try_paging(&og.g, 0));
	y = made(try_paging(&og.g, 0));
	ck_assert_held(&og.g, x, 1, 1);
	ck_assert_int_eq(own_attach_to(og.idev, x), (int)x);
	ck_assert_held(&og.g, x, 2, 1);
	ck_assert_held(&og.g, y, 1, 1);
	ck_assert_int_eq(own_replace(og.idev, y), (int)y);
	ck_assert_held(&og.g, x, 1, 1);
	ck_assert_held(&og.g, y, 2, 1);
	ck_assert_held(&og.g, og.g.idev, 3, 1);
	ck_assert_int_eq(destroy(&og.g, y), -EBUSY);
	own_detach_from(og.idev);
	ck_assert_held(&og.g, y, 1, 1);
	own_guest_close(&og);
}
END_TEST

/* R-OWN-6: a HWPT_PAGING holds its IOAS until it is destroyed. */
START_TEST(hwpt_paging_holds_ioas)
{
	struct guest g;
	u32 hwpt;

	guest_open(&g);
	ck_assert_held(&g, g.ioas, 2, 1);
	hwpt = made(try_paging(&g, 0));
	ck_assert_held(&g, g.ioas, 3, 1);
	ck_assert_int_eq(destroy(&g, g.ioas), -EBUSY);
	ck_destroy(&g, hwpt);
	ck_assert_held(&g, g.ioas, 2, 1);
	ck_destroy(&g, g.stdev);
	ck_assert_held(&g, g.ioas, 1, 1);
	ck_destroy(&g, g.ioas);
	guest_close(&g);
}
END_TEST

/* R-OWN-7: a HWPT_NESTED made on a HWPT_PAGING holds this parent. */
START_TEST(hwpt_nested_direct_holds_parent)
{
	struct guest g;
	u32 nested;

	guest_open_viommu(&g);
	ck_assert_held(&g, g.parent, 2, 1);
	nested = made(try_nested(&g, g.parent, 0));
	ck_assert_held(&g, g.parent, 3, 1);
	ck_assert_held(&g, nested, 1, 1);
	ck_assert_held(&g, g.viommu, 1, 1);
	ck_destroy(&g, nested);
	ck_assert_held(&g, g.parent, 2, 1);
	guest_close(&g);
}
END_TEST

/* R-OWN-8: a HWPT_NESTED made on a vIOMMU holds the vIOMMU, not the parent. */
START_TEST(hwpt_nested_on_viommu_holds_viommu)
{
	struct guest g;
	u32 nested;

	guest_open_viommu(&g);
	ck_assert_held(&g, g.viommu, 1, 1);
	nested = made(try_nested(&g, g.viommu, 0));
	ck_assert_held(&g, g.viommu, 2, 1);
	ck_assert_held(&g, g.parent, 2, 1);
	ck_assert_int_eq(destroy(&g, g.viommu), -EBUSY);
	ck_destroy(&g, nested);
	ck_assert_held(&g, g.viommu, 1, 1);
	guest_close(&g);
}
END_TEST

/* R-OWN-9: a HWPT with a fault queue holds the FAULT. */
START_TEST(hwpt_with_fault_queue_holds_fault)
{
	struct guest g;
	u32 fault, nested;

	guest_open_viommu(&g);
	fault = made(try_fault(&g));
	ck_assert_held(&g, fault, 2, 1);
	nested = made(try_nested(&g, g.parent, fault));
	ck_assert_held(&g, fault, 3, 1);
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_held(&g, fault, 2, 1);
	ck_assert_int_eq(destroy(&g, fault), -EBUSY);
	ck_destroy(&g, nested);
	ck_assert_held(&g, fault, 1, 1);
	ck_destroy(&g, fault);
	guest_close(&g);
}
END_TEST

/* R-OWN-10: a vIOMMU holds its nest parent. */
START_TEST(viommu_holds_nest_parent)
{
	struct guest g;

	guest_open(&g);
	g.parent = made(try_paging(&g, IOMMU_HWPT_ALLOC_NEST_PARENT));
	ck_assert_held(&g, g.parent, 1, 1);
	g.viommu = made(try_viommu(&g, NULL));
	ck_assert_held(&g, g.parent, 2, 1);
	ck_assert_held(&g, g.idev, 3, 1);
	ck_assert_int_eq(destroy(&g, g.parent), -EBUSY);
	ck_destroy(&g, g.viommu);
	ck_assert_held(&g, g.parent, 1, 1);
	guest_close(&g);
}
END_TEST

/* R-OWN-11: a vDEVICE holds its vIOMMU. */
START_TEST(vdevice_holds_viommu)
{
	struct guest g;
	u32 vdev;

	guest_open_viommu(&g);
	ck_assert_held(&g, g.viommu, 1, 1);
	vdev = made(try_vdevice(&g, g.viommu, g.idev, VIRT_ID));
	ck_assert_held(&g, g.viommu, 2, 1);
	ck_assert_held(&g, vdev, 1, 1);
	ck_assert_int_eq(destroy(&g, g.viommu), -EBUSY);
	ck_destroy(&g, vdev);
	ck_assert_held(&g, g.viommu, 1, 1);
	guest_close(&g);
}
END_TEST

/*
 * R-OWN-12: a vDEVICE holds its DEVICE with a users and a wait reference; the
 * end of its destroy drops the users reference first.
 */
START_TEST(vdevice_holds_device_with_both)
{
	struct guest g;
	u32 vdev;

	guest_open_viommu(&g);
	ck_assert_held(&g, g.idev, 3, 1);
	vdev = made(try_vdevice(&g, g.viommu, g.idev, VIRT_ID));
	ck_assert_held(&g, g.idev, 4, 2);
	watch(g.ictx, obj_of(&g, g.idev));
	ck_destroy(&g, vdev);
	ck_assert_said("U3 W1");
	unwatch();
	ck_assert_held(&g, g.idev, 3, 1);
	guest_close(&g);
}
END_TEST

/*
 * R-OWN-13: pre_destroy of a DEVICE holds the vDEVICE from
 * iommufd_try_inc_users() until the destroy of the vDEVICE drops the reference.
 */
START_TEST(device_pre_destroy_holds_vdevice)
{
	struct guest g;
	u32 vdev;

	guest_open_viommu(&g);
	vdev = made(try_vdevice(&g, g.viommu, g.idev, VIRT_ID));
	ck_assert_held(&g, vdev, 1, 1);
	watch(g.ictx, obj_of(&g, vdev));
	ck_destroy(&g, g.stdev);
	ck_assert_said("U2t W0 U1t U0t");
	unwatch();
	ck_assert_ptr_eq(slot(g.ictx, vdev), XA_ZERO_ENTRY);
	guest_close(&g);
}
END_TEST

/* R-OWN-14: a VEVENTQ holds its vIOMMU. */
START_TEST(veventq_holds_viommu)
{
	struct guest g;
	u32 queue;

	guest_open_viommu(&g);
	ck_assert_held(&g, g.viommu, 1, 1);
	queue = made(try_veventq(&g, IOMMU_VEVENTQ_TYPE_SELFTEST, 2));
	ck_assert_held(&g, g.viommu, 2, 1);
	ck_assert_int_eq(close_event_fd(&g), 0);
	ck_assert_held(&g, g.viommu, 2, 1);
	ck_assert_int_eq(destroy(&g, g.viommu), -EBUSY);
	ck_destroy(&g, queue);
	ck_assert_held(&g, g.viommu, 1, 1);
	guest_close(&g);
}
END_TEST

/* R-OWN-17: a HW_QUEUE holds its vIOMMU. */
START_TEST(hw_queue_holds_viommu)
{
	struct guest g;
	u32 queue;

	guest_open_viommu(&g);
	ck_assert_held(&g, g.viommu, 1, 1);
	queue = made(try_queue(&g, 0));
	ck_assert_held(&g, g.viommu, 2, 1);
	ck_assert_int_eq(destroy(&g, g.viommu), -EBUSY);
	ck_destroy(&g, queue);
	ck_assert_held(&g, g.viommu, 1, 1);
	guest_close(&g);
}
END_TEST

/* R-OWN-18: a HW_QUEUE holds the internal access that it created. */
START_TEST(hw_queue_holds_internal_access)
{
	struct guest g;
	u32 queue;

	guest_open_viommu(&g);
	queue = made(try_queue(&g, 0));
	ck_assert_held(&g, queue, 1, 1);
	ck_assert_held(&g, queue + 1, 2, 1);
	ck_assert_int_eq(obj_of(&g, queue + 1)->type, IOMMUFD_OBJ_ACCESS);
	ck_assert_int_eq(destroy(&g, queue + 1), -EBUSY);
	watch(g.ictx, obj_of(&g, queue + 1));
	ck_destroy(&g, queue);
	ck_assert_said("W0 U1t U0t");
	unwatch();
	ck_assert(is_gone(&g, queue + 1));
	guest_close(&g);
}
END_TEST

/* R-OWN-19: a queue holds the one that it depends on until undepend. */
START_TEST(dependent_hw_queue_holds_depended)
{
	struct guest g;
	u32 first, second;

	guest_open_viommu(&g);
	first = made(try_queue(&g, 0));
	ck_assert_held(&g, first, 1, 1);
	second = made(try_queue(&g, 1));
	ck_assert_held(&g, first, 2, 1);
	ck_assert_held(&g, second, 1, 1);
	ck_assert_int_eq(destroy(&g, first), -EBUSY);
	ck_destroy(&g, second);
	ck_assert_held(&g, first, 1, 1);
	ck_destroy(&g, first);
	guest_close(&g);
}
END_TEST

/*
 * R-OWN-31: a SELFTEST object holds its mock DEVICE twice, as the driver that
 * has bound it and through the attachment.
 */
START_TEST(selftest_object_holds_mock_device)
{
	struct guest g;

	guest_open(&g);
	ck_assert_held(&g, g.stdev, 1, 1);
	ck_assert_held(&g, g.idev, 3, 1);
	ck_assert_int_eq(destroy(&g, g.idev), -EBUSY);
	watch(g.ictx, obj_of(&g, g.idev));
	ck_destroy(&g, g.stdev);
	ck_assert_said("U2 W0 U1t U0t");
	unwatch();
	ck_assert(is_gone(&g, g.idev));
	guest_close(&g);
}
END_TEST

static Suite *ownership_suite(void)
{
	Suite *suite = suite_create("ownership");
	TCase *tc = guest_tests(suite, "rows");

	tcase_add_test(tc, id_table_holds_any_object);
	tcase_add_test(tc, running_path_holds_any_object);
	tcase_add_test(tc, binding_driver_holds_device);
	tcase_add_test(tc, attachment_holds_device);
	tcase_add_test(tc, attached_device_holds_hwpt);
	tcase_add_test(tc, hwpt_paging_holds_ioas);
	tcase_add_test(tc, hwpt_nested_direct_holds_parent);
	tcase_add_test(tc, hwpt_nested_on_viommu_holds_viommu);
	tcase_add_test(tc, hwpt_with_fault_queue_holds_fault);
	tcase_add_test(tc, viommu_holds_nest_parent);
	tcase_add_test(tc, vdevice_holds_viommu);
	tcase_add_test(tc, vdevice_holds_device_with_both);
	tcase_add_test(tc, device_pre_destroy_holds_vdevice);
	tcase_add_test(tc, veventq_holds_viommu);
	tcase_add_test(tc, hw_queue_holds_viommu);
	tcase_add_test(tc, hw_queue_holds_internal_access);
	tcase_add_test(tc, dependent_hw_queue_holds_depended);
	tcase_add_test(tc, selftest_object_holds_mock_device);
	return suite;
}

int main(void)
{
	return run_suite(ownership_suite());
}
