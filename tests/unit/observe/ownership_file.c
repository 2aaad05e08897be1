// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-OWN-15 to R-OWN-33: the rules about files, the context, accesses, groups,
 * pages and weak pointers; the values of users when no operation is running;
 * and the order of destruction that the references force.
 */
#include "own_driver.h"
#include "../../../src/iommufd/io_pagetable.h"
#include <sys/mman.h>

static unsigned int ctx_refs(struct guest *g)
{
	return (unsigned int)file_count(g->ictx->file);
}

/*
 * The file of @queue holds a users reference to the queue and a reference to
 * the context until the file is released.
 */
static void check_event_file(struct guest *g, u32 queue, unsigned int refs)
{
	ck_assert_held(g, queue, 2, 1);
	ck_assert_uint_eq(ctx_refs(g), refs + 1);
	ck_assert_int_eq(destroy(g, queue), -EBUSY);
	watch(g->ictx, obj_of(g, queue));
	ck_assert_int_eq(close_event_fd(g), 0);
	ck_assert_said("U1");
	unwatch();
	ck_assert_held(g, queue, 1, 1);
	ck_assert_uint_eq(ctx_refs(g), refs);
	ck_destroy(g, queue);
	ck_assert_uint_eq(ctx_refs(g), refs);
}

/*
 * R-OWN-15, R-OWN-16: the file of a VEVENTQ or a FAULT holds its object and the
 * context from the creation of the queue until the file is released.
 */
START_TEST(fault_file_holds_its_object_and_ctx)
{
	struct guest g;

	guest_open(&g);
	ck_assert_uint_eq(ctx_refs(&g), 1);
	check_event_file(&g, made(try_fault(&g)), 1);
	guest_close(&g);
}
END_TEST

START_TEST(veventq_file_holds_its_object_and_ctx)
{
	struct guest g;

	guest_open_viommu(&g);
	ck_assert_uint_eq(ctx_refs(&g), 1);
	check_event_file(&g, made(try_veventq(&g, 7, 1)), 1);
	guest_close(&g);
}
END_TEST

static const struct iommufd_access_ops access_ops = { .unmap = NULL };

static struct iommufd_access *external(struct guest *g, u32 *id)
{
	struct iommufd_access *access;

	access = iommufd_access_create(g->ictx, &access_ops, g, id);
	ck_assert(!IS_ERR(access));
	return access;
}

/*
 * R-OWN-20: a driver holds its external access from iommufd_access_create() to
 * iommufd_access_destroy().
 */
START_TEST(external_driver_holds_external_access)
{
	struct iommufd_access *access;
	struct guest g;
	u32 id;

	guest_open(&g);
	access = external(&g, &id);
	ck_assert_held(&g, id, 2, 1);
	ck_assert_int_eq(destroy(&g, id), -EBUSY);
	watch(g.ictx, &access->obj);
	iommufd_access_destroy(access);
	ck_assert_said("W0 U1t U0t");
	guest_close(&g);
}
END_TEST

/* R-OWN-21: an attached access, external or internal, holds its IOAS. */
START_TEST(attached_access_of_both_kinds_holds_ioas)
{
	struct iommufd_access *access;
	struct guest g;
	u32 id, other, queue;

	guest_open_viommu(&g);
	other = make_ioas(g.ictx);
	access = external(&g, &id);
	ck_assert_held(&g, g.ioas, 3, 1);
	ck_assert_int_eq(iommufd_access_attach(access, g.ioas), 0);
	ck_assert_held(&g, g.ioas, 4, 1);
	ck_assert_int_eq(iommufd_access_replace(access, other), 0);
	ck_assert_held(&g, g.ioas, 3, 1);
	ck_assert_held(&g, other, 2, 1);
	iommufd_access_detach(access);
	ck_assert_held(&g, other, 1, 1);
	iommufd_access_destroy(access);

	queue = made(try_queue(&g, 0));
	ck_assert_held(&g, g.ioas, 4, 1);
	ck_destroy(&g, queue);
	ck_assert_held(&g, g.ioas, 3, 1);
	guest_close(&g);
}
END_TEST

/* R-OWN-22: an external access holds the context until its destroy op. */
START_TEST(external_access_holds_ctx)
{
	struct iommufd_access *access;
	struct guest g;
	u32 id;

	guest_open(&g);
	ck_assert_uint_eq(ctx_refs(&g), 1);
	access = external(&g, &id);
	ck_assert_uint_eq(ctx_refs(&g), 2);
	ck_assert_int_eq(iommufd_access_attach(access, g.ioas), 0);
	ck_assert_uint_eq(ctx_refs(&g), 2);
	iommufd_access_destroy(access);
	ck_assert_uint_eq(ctx_refs(&g), 1);
	guest_close(&g);
}
END_TEST

/*
 * R-OWN-23: an internal access does not hold the context, so closing the
 * descriptor releases the queue, too.
 */
START_TEST(internal_access_does_not_hold_ctx)
{
	struct iommufd_object *queue, *ioas;
	struct guest g;

	guest_open_viommu(&g);
	queue = obj_of(&g, made(try_queue(&g, 0)));
	ioas = obj_of(&g, g.ioas);
	ck_assert_uint_eq(ctx_refs(&g), 1);
	guest_close(&g);
	ck_assert_released_before(queue, ioas);
}
END_TEST

/* R-OWN-24: a real DEVICE holds the context from bind to its destroy op. */
START_TEST(real_device_holds_ctx)
{
	struct own_guest og;

	own_guest_open(&og);
	ck_assert_uint_eq(ctx_refs(&og.g), 2);
	iommufd_device_unbind(og.idev);
	ck_assert_uint_eq(ctx_refs(&og.g), 1);
	guest_close(&og.g);
}
END_TEST

/* R-OWN-25: a mock DEVICE does not hold the context. */
START_TEST(mock_device_does_not_hold_ctx)
{
	struct guest g;

	guest_open(&g);
	ck_assert_uint_eq(ctx_refs(&g), 1);
	ck_destroy(&g, g.stdev);
	ck_assert_uint_eq(ctx_refs(&g), 1);
	guest_close(&g);
}
END_TEST

/* R-OWN-26: a DEVICE holds its group from bind to its destroy op. */
START_TEST(device_holds_iommufd_group)
{
	struct own_guest og;
	struct iommufd_device *b;
	struct iommufd_group *igroup;

	own_guest_open(&og);
	igroup = og.idev->igroup;
	ck_assert_uint_eq(refcount_read(&igroup->ref), 1);
	b = own_bind(&og.g, &og.pair.b);
	ck_assert_ptr_eq(b->igroup, igroup);
	ck_assert_uint_eq(refcount_read(&igroup->ref), 2);
	iommufd_device_unbind(b);
	ck_assert_uint_eq(refcount_read(&igroup->ref), 1);
	ck_assert(!xa_empty(&og.g.ictx->groups));
	iommufd_device_unbind(og.idev);
	ck_assert(xa_empty(&og.g.ictx->groups));
	guest_close(&og.g);
}
END_TEST

/*
 * R-OWN-27, R-OWN-28: a mapping holds the owner of its cookie and the file,
 * from mmap(), or from the copy of the mapping, until it is unmapped.
 */
START_TEST(vma_holds_owner_and_file)
{
	struct iommu_viommu_selftest data = { .in_data = 5 };
	struct guest g;
	size_t len;
	void *p;

	guest_open_viommu(&g);
	g.viommu = made(try_viommu(&g, &data));
	len = data.out_mmap_length;
	ck_assert_held(&g, g.viommu, 1, 1);
	p = iommufd_model_mmap(g.fd, len, PROT_READ, MAP_SHARED,
			       data.out_mmap_offset);
	ck_assert(!IS_ERR(p));
	ck_assert_held(&g, g.viommu, 2, 1);
	ck_assert_uint_eq(ctx_refs(&g), 2);
	ck_assert_int_eq(iommufd_model_mdup(p, len), 0);
	ck_assert_held(&g, g.viommu, 3, 1);
	ck_assert_uint_eq(ctx_refs(&g), 3);
	ck_assert_int_eq(iommufd_model_munmap(p, len), 0);
	ck_assert_held(&g, g.viommu, 2, 1);
	ck_assert_uint_eq(ctx_refs(&g), 2);
	ck_assert_int_eq(iommufd_model_munmap(p, len), 0);
	ck_assert_held(&g, g.viommu, 1, 1);
	ck_assert_uint_eq(ctx_refs(&g), 1);
	guest_close(&g);
}
END_TEST

/* R-OWN-29: each area holds its pages object until it is unmapped. */
START_TEST(area_holds_pages_object)
{
	struct iommu_ioas_copy copy = {
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.length = PAGE_SIZE,
		.dst_iova = GUEST_IOVA,
		.src_iova = GUEST_IOVA,
	};
	struct iopt_area *area;
	struct iommufd_ioas *ioas;
	struct guest g;

	guest_open_empty(&g);
	ioas = container_of(obj_of(&g, g.ioas), struct iommufd_ioas, obj);
	area = range_first(&ioas->iopt.areas, GUEST_IOVA, GUEST_IOVA);
	ck_assert_ptr_nonnull(area);
	ck_assert_uint_eq(refcount_read(&area->pages->ref), 1);
	copy.src_ioas_id = g.ioas;
	copy.dst_ioas_id = make_ioas(g.ictx);
	ck_assert_int_eq(uapi(&g, IOMMU_IOAS_COPY, &copy), 0);
	ck_assert_uint_eq(refcount_read(&area->pages->ref), 2);
	ck_assert_int_eq(try_unmap(&g, copy.dst_ioas_id, GUEST_IOVA,
				   PAGE_SIZE), 0);
	ck_assert_uint_eq(refcount_read(&area->pages->ref), 1);
	guest_close(&g);
}
END_TEST

/*
 * R-OWN-30: back pointers, lists and tables hold no reference; the destroy of
 * the object that they point to clears them.
 */
START_TEST(back_pointers_are_weak)
{
	struct iommufd_viommu *viommu;
	struct iommufd_device *idev;
	struct iommufd_ioas *ioas;
	struct guest g;
	u32 vdev;

	guest_open_viommu(&g);
	ioas = container_of(obj_of(&g, g.ioas), struct iommufd_ioas, obj);
	idev = container_of(obj_of(&g, g.idev), struct iommufd_device, obj);
	viommu = container_of(obj_of(&g, g.viommu), struct iommufd_viommu,
			      obj);
	vdev = made(try_vdevice(&g, g.viommu, g.idev, VIRT_ID));
	ck_assert_ptr_eq(idev->vdev, obj_of(&g, vdev));
	ck_assert_ptr_eq(xa_load(&viommu->vdevs, VIRT_ID), idev->vdev);
	ck_assert_held(&g, vdev, 1, 1);
	ck_destroy(&g, vdev);
	ck_assert_ptr_null(idev->vdev);
	ck_assert(xa_empty(&viommu->vdevs));

	ck_destroy(&g, g.viommu);
	ck_destroy(&g, g.parent);
	ck_destroy(&g, g.stdev);
	ck_assert(list_empty(&ioas->hwpt_list));
	ck_assert(!ioas->iopt.next_domain_id);
	ck_assert(xa_empty(&g.ictx->groups));
	guest_close(&g);
}
END_TEST

/* R-OWN-32: the values of users when no operation is running. */
START_TEST(typical_values_are_those_of_the_table)
{
	struct guest g;
	u32 queue, nested, fault;

	guest_open_empty(&g);
	ck_assert_held(&g, g.ioas, 1, 1);
	ck_destroy(&g, g.ioas);
	guest_close(&g);

	guest_open(&g);
	ck_assert_held(&g, g.ioas, 2, 1);
	ck_assert_held(&g, g.hwpt, 2, 1);
	ck_assert_held(&g, g.idev, 3, 1);
	guest_viommu(&g);
	ck_assert_held(&g, g.parent, 2, 1);
	made(try_vdevice(&g, g.viommu, g.idev, VIRT_ID));
	ck_assert_held(&g, g.idev, 4, 2);
	guest_close(&g);

	guest_open_viommu(&g);
	nested = made(try_nested(&g, g.viommu, 0));
	ck_assert_held(&g, g.viommu, 2, 1);
	queue = made(try_queue(&g, 0));
	ck_assert_held(&g, queue, 1, 1);
	ck_assert_held(&g, queue + 1, 2, 1);
	ck_assert_held(&g, g.viommu, 3, 1);
	made(try_queue(&g, 1));
	ck_assert_held(&g, g.viommu, 4, 1);
	ck_assert_held(&g, queue, 2, 1);
	ck_destroy(&g, nested);
	fault = made(try_fault(&g));
	ck_assert_held(&g, fault, 2, 1);
	made(try_nested(&g, g.parent, fault));
	ck_assert_held(&g, fault, 3, 1);
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}
END_TEST

/*
 * R-OWN-33: the destroy of each object fails with -EBUSY until all objects that
 * hold it are destroyed.
 */
START_TEST(destruction_has_the_order_that_the_graph_forces)
{
	struct iommu_viommu_selftest data = { .in_data = 5 };
	u32 order[11], fault, fault_fd, i, k;
	struct guest g;
	void *p;

	guest_open(&g);
	g.parent = made(try_paging(&g, IOMMU_HWPT_ALLOC_NEST_PARENT));
	g.viommu = made(try_viommu(&g, &data));
	p = iommufd_model_mmap(g.fd, data.out_mmap_length, PROT_READ,
			       MAP_SHARED, data.out_mmap_offset);
	ck_assert(!IS_ERR(p));
	fault = made(try_fault(&g));
	fault_fd = (u32)g.event_fd;
	order[1] = made(try_queue(&g, 0));
	order[0] = made(try_queue(&g, 1));
	order[2] = made(try_vdevice(&g, g.viommu, g.idev, VIRT_ID));
	order[3] = made(try_nested(&g, g.viommu, fault));
	order[4] = made(try_veventq(&g, 7, 2));
	order[5] = g.viommu;
	order[6] = g.parent;
	order[7] = g.stdev;
	order[8] = g.ioas;
	order[9] = fault;

	ck_assert_int_eq(destroy(&g, order[1]), -EBUSY);
	ck_assert_int_eq(destroy(&g, order[4]), -EBUSY);
	ck_assert_int_eq(destroy(&g, fault), -EBUSY);
	ck_assert_int_eq(close_event_fd(&g), 0);
	for (i = 0; i < 10; i++) {
		for (k = 5; k <= 8; k++)
			if (k > i && k != 7)
				ck_assert_int_eq(destroy(&g, order[k]),
						 -EBUSY);
		if (i == 5)
			ck_assert_int_eq(
				iommufd_model_munmap(p, data.out_mmap_length),
				0);
		if (i == 9)
			ck_assert_int_eq(iommufd_model_close((int)fault_fd),
					 0);
		ck_destroy(&g, order[i]);
	}
	ck_assert(xa_empty(&g.ictx->objects));
	guest_close(&g);
}
END_TEST

static Suite *ownership_file_suite(void)
{
	Suite *suite = suite_create("ownership_file");
	TCase *tc = guest_tests(suite, "rows");

	tcase_add_test(tc, fault_file_holds_its_object_and_ctx);
	tcase_add_test(tc, veventq_file_holds_its_object_and_ctx);
	tcase_add_test(tc, external_driver_holds_external_access);
	tcase_add_test(tc, attached_access_of_both_kinds_holds_ioas);
	tcase_add_test(tc, external_access_holds_ctx);
	tcase_add_test(tc, internal_access_does_not_hold_ctx);
	tcase_add_test(tc, real_device_holds_ctx);
	tcase_add_test(tc, mock_device_does_not_hold_ctx);
	tcase_add_test(tc, device_holds_iommufd_group);
	tcase_add_test(tc, vma_holds_owner_and_file);
	tcase_add_test(tc, area_holds_pages_object);
	tcase_add_test(tc, back_pointers_are_weak);

	tc = guest_tests(suite, "whole");
	tcase_add_test(tc, typical_values_are_those_of_the_table);
	tcase_add_test(tc, destruction_has_the_order_that_the_graph_forces);
	return suite;
}

int main(void)
{
	return run_suite(ownership_file_suite());
}
