// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-HWQ-1: each step of IOMMU_HW_QUEUE_ALLOC, and its errors, row by row.
 * hw_queue_undo.c tests how a HW_QUEUE is destroyed.
 */
#include "queue_suite.h"

#define NOBODY 99
#define BEHIND (GUEST_IOVA + sizeof(guest_mem))

static int queue_cmd(struct guest *g, struct iommu_hw_queue_alloc cmd)
{
	return uapi(g, IOMMU_HW_QUEUE_ALLOC, &cmd);
}

/* The tests below are about R-HWQ-1. */

/*
 * R-HWQ-1 steps 1 to 17: each row fails at one check and would fail at all
 * later ones.
 */
START_TEST(alloc_checks_in_the_order_of_the_table)
{
	const u64 iova = GUEST_IOVA, max = ~0ull, page = PAGE_SIZE;
	const struct {
		u32 flags, viommu, type, index;
		u64 iova, length;
		int error;
	} bad[] = {
		{ 1, NOBODY, SELFTEST, 2, max, 0, -EOPNOTSUPP },
		{ 0, NOBODY, 0, 2, max, 0, -EOPNOTSUPP },
		{ 0, NOBODY, 7, 2, max, 0, -EINVAL },
		{ 0, NOBODY, 7, 2, max, 2, -EOVERFLOW },
		{ 0, NOBODY, 7, 2, max, 1, -ENOENT },
		{ 0, 5, 7, 2, max, 1, -ENOENT },
		{ 0, 6, 7, 2, 1, max, -EOPNOTSUPP },
		{ 0, 6, SELFTEST, 2, 1, max, -ERANGE },
		{ 0, 6, SELFTEST, 2, 0, 1ull << 50, -ENOMEM },
		{ 0, 6, SELFTEST, 2, 0, page, -ENOENT },
		{ 0, 6, SELFTEST, 2, BEHIND - page, 2 * page, -ENOENT },
		{ 0, 6, SELFTEST, 2, BEHIND, 1, -ENOENT },
		{ 0, 6, SELFTEST, 2, iova, 1, -EINVAL },
		{ 0, 6, SELFTEST, 1, iova, 1, -EIO },
	};
	char before[256], after[256];
	struct guest g;
	size_t i;
	int rc;

	guest_open_viommu(&g);
	ck_assert_uint_eq(g.viommu, 6);
	guest_counters(&g, before, sizeof(before));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		rc = queue_cmd(&g, (struct iommu_hw_queue_alloc){
			.flags = bad[i].flags,
			.viommu_id = bad[i].viommu,
			.type = bad[i].type,
			.index = bad[i].index,
			.nesting_parent_iova = bad[i].iova,
			.length = bad[i].length,
		});
		ck_assert_msg(rc == bad[i].error, "row %zu: %d", i, rc);
		guest_counters(&g, after, sizeof(after));
		ck_assert_str_eq(after, before);
		ck_assert_uint_eq(area_locks(&g), 0);
	}
	ck_assert_int_eq(unmap_queue_memory(&g), 0);
	guest_close(&g);
}
END_TEST

/*
 * R-HWQ-1 step 5: one of the two ops is missing; this is checked before step 6.
 */
START_TEST(alloc_without_the_drivers_ops_is_eopnotsupp)
{
	struct own_guest og;

	own_guest_open(&og);
	guest_viommu(&og.g);
	own_viommu_ops.get_hw_queue_size = NULL;
	ck_assert_int_eq(try_queue_at(&og.g, 0, 1, ~0ull), -EOPNOTSUPP);
	own_viommu_ops.get_hw_queue_size = own_queue_size;
	own_viommu_ops.hw_queue_init_phys = NULL;
	ck_assert_int_eq(try_queue_at(&og.g, 0, 1, ~0ull), -EOPNOTSUPP);
	ck_assert_held(&og.g, og.g.viommu, 1, 1);
	own_guest_close(&og);
}
END_TEST

static bool queue_size_is_too_small(void)
{
	struct own_guest og;
	int rc;

	own_guest_open(&og);
	guest_viommu(&og.g);
	own.queue_size = sizeof(struct iommufd_hw_queue) - 1;
	expect_warning("size");
	rc = try_queue_at(&og.g, 0, 1, ~0ull);
	ck_assert_held(&og.g, og.g.viommu, 1, 1);
	own_guest_close(&og);
	return rc == -EOPNOTSUPP;
}

/* R-HWQ-1 step 7: a size of the driver that is too small is a WARN. */
START_TEST(alloc_by_a_driver_with_wrong_ops_warns)
{
	ck_assert(in_a_fresh_process(queue_size_is_too_small));
}
END_TEST

static int make_first(struct guest *g)
{
	return try_queue(g, 0);
}

static int make_second(struct guest *g)
{
	return try_queue(g, 1);
}

/* R-HWQ-1: an allocation of step 8, 10, 11, 12 or 13 fails. */
START_TEST(alloc_without_memory_leaves_no_trace)
{
	struct guest g;
	u32 first;

	guest_open_viommu(&g);
	first = fails_without_trace(&g, make_first);
	fails_without_trace(&g, make_second);
	ck_assert_held(&g, first, 2, 1);
	ck_assert_held(&g, g.viommu, 3, 1);
	guest_close(&g);
}
END_TEST

/*
 * R-HWQ-1 step 12: the area does not consist of whole pages; checked before
 * step 13.
 */
START_TEST(alloc_in_an_ioas_of_half_pages_is_eaddrinuse)
{
	struct guest g;

	guest_open_viommu(&g);
	ck_assert_int_eq(try_map(&g, g.ioas, BEHIND, guest_mem,
				 MOCK_PAGE_SIZE), 0);
	ck_assert_int_eq(try_queue_at(&g, 0, 0, PAGE_SIZE), -EADDRINUSE);
	ck_assert_held(&g, g.ioas, 3, 1);
	ck_assert_held(&g, g.viommu, 1, 1);
	guest_close(&g);
}
END_TEST

/* R-HWQ-1 step 13: the error is EPERM. */
START_TEST(alloc_in_memory_that_is_not_readable_is_eperm)
{
	struct iommu_ioas_map map = {
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE,
		.user_va = (uintptr_t)guest_mem,
		.length = PAGE_SIZE,
		.iova = BEHIND,
	};
	struct guest g;

	guest_open_viommu(&g);
	map.ioas_id = g.ioas;
	ck_assert_int_eq(uapi(&g, IOMMU_IOAS_MAP, &map), 0);
	ck_assert_int_eq(try_queue_at(&g, 0, BEHIND, PAGE_SIZE), -EPERM);
	ck_assert_held(&g, g.ioas, 3, 1);
	guest_close(&g);
}
END_TEST

/* Makes a gap in physical memory before page 4 of guest_mem. */
static u64 with_a_gap(u64 pfn, void *unused)
{
	(void)unused;
	return pfn < (uintptr_t)guest_mem / PAGE_SIZE + 4 ? pfn : pfn + 1;
}

/* R-HWQ-1 step 14: this is checked before step 17. */
START_TEST(alloc_in_memory_with_a_gap_is_efault)
{
	const u64 page = PAGE_SIZE;
	struct guest g;

	iommufd_model_set_page_map(with_a_gap, NULL);
	guest_open_viommu(&g);
	ck_assert_int_eq(try_queue_at(&g, 9, GUEST_IOVA, 5 * page), -EFAULT);
	ck_assert_int_eq(try_queue_at(&g, 9, GUEST_IOVA + 3 * page + 1, page),
			 -EFAULT);
	ck_assert_uint_eq(area_locks(&g), 0);
	ck_assert_held(&g, g.ioas, 3, 1);
	made(try_queue_at(&g, 0, GUEST_IOVA, 4 * page));
	made(try_queue_at(&g, 1, GUEST_IOVA + 4 * page, 4 * page));
	guest_close(&g);
}
END_TEST

/* R-HWQ-1 step 17, R-MOCK-6: the driver's errors are EINVAL, EEXIST and EIO. */
START_TEST(alloc_gives_the_drivers_error)
{
	struct guest g;
	u32 first, second;

	guest_open_viommu(&g);
	ck_assert_int_eq(try_queue(&g, 2), -EINVAL);
	ck_assert_int_eq(try_queue(&g, 1), -EIO);
	first = made(try_queue(&g, 0));
	ck_assert_int_eq(try_queue(&g, 0), -EEXIST);
	second = made(try_queue(&g, 1));
	ck_assert_int_eq(try_queue(&g, 1), -EEXIST);
	ck_assert_held(&g, first, 2, 1);
	ck_assert_held(&g, g.viommu, 3, 1);
	/* The destroy of each queue clears only its own slot. */
	ck_destroy(&g, second);
	ck_assert_int_eq(try_queue(&g, 0), -EEXIST);
	ck_assert_int_eq(try_queue(&g, 1), (int)second);
	guest_close(&g);
}
END_TEST

/*
 * R-HWQ-1 step 16, Z-11e: the user's bounds are stored, but whole pages are
 * locked.
 */
START_TEST(unaligned_bounds_lock_whole_pages_and_let_go_of_them)
{
	struct iommufd_hw_queue *queue;
	struct guest g;
	u32 id;

	guest_open_viommu(&g);
	id = made(try_queue_at(&g, 0, GUEST_IOVA + 100, PAGE_SIZE));
	queue = container_of(obj_of(&g, id), struct iommufd_hw_queue, obj);
	ck_assert_uint_eq(queue->base_addr, GUEST_IOVA + 100);
	ck_assert_uint_eq(queue->length, PAGE_SIZE);
	ck_assert_uint_eq(queue->type, SELFTEST);
	ck_assert_uint_eq(area_locks(&g), 1);
	ck_destroy(&g, id);
	ck_assert_uint_eq(area_locks(&g), 0);
	ck_assert_int_eq(unmap_queue_memory(&g), 0);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	guest_close(&g);
}
END_TEST

/* R-HWQ-1: the queue gets the lowest free id, and its access the next one. */
START_TEST(queue_has_the_lowest_free_id_its_access_the_next)
{
	struct iommufd_hw_queue *queue;
	struct guest g;
	u32 a, b;

	guest_open_viommu(&g);
	a = make_ioas(g.ictx);
	made(try_paging(&g, 0));
	b = make_ioas(g.ictx);
	made(try_paging(&g, 0));
	ck_destroy(&g, b);
	ck_destroy(&g, a);
	ck_assert_int_eq(try_queue(&g, 0), (int)a);
	queue = container_of(obj_of(&g, a), struct iommufd_hw_queue, obj);
	ck_assert_uint_eq(queue->access->obj.id, b);
	guest_close(&g);
}
END_TEST

static int look_during_init(struct iommufd_hw_queue *queue, u32 index,
			    phys_addr_t base)
{
	struct iommufd_ctx *ictx = queue->viommu->ictx;

	say("queue %d, access %d, index %u, base %lx",
	    look_up(ictx, queue->obj.id, IOMMUFD_OBJ_ANY),
	    look_up(ictx, queue->access->obj.id, IOMMUFD_OBJ_ACCESS), index,
	    (unsigned long)(base - (uintptr_t)guest_mem));
	return 0;
}

/* R-HWQ-1 step 15: the access is published before the queue. */
START_TEST(access_is_published_before_its_queue)
{
	struct own_guest og;

	own_guest_open(&og);
	guest_viommu(&og.g);
	own_viommu_ops.hw_queue_init_phys = look_during_init;
	made(try_queue_at(&og.g, 5, GUEST_IOVA + 0x1234, 8));
	ck_assert_said("queue -2, access 0, index 5, base 1234");
	own_guest_close(&og);
}
END_TEST

static Suite *hw_queue_suite(void)
{
	Suite *suite = suite_create("hw_queue");
	TCase *tc = guest_tests(suite, "alloc");

	tcase_add_test(tc, alloc_checks_in_the_order_of_the_table);
	tcase_add_test(tc, alloc_without_the_drivers_ops_is_eopnotsupp);
	tcase_add_test(tc, alloc_by_a_driver_with_wrong_ops_warns);
	tcase_add_test(tc, alloc_without_memory_leaves_no_trace);
	tcase_add_test(tc, alloc_in_an_ioas_of_half_pages_is_eaddrinuse);
	tcase_add_test(tc, alloc_in_memory_that_is_not_readable_is_eperm);
	tcase_add_test(tc, alloc_in_memory_with_a_gap_is_efault);
	tcase_add_test(tc, alloc_gives_the_drivers_error);
	tcase_add_test(tc,
		       unaligned_bounds_lock_whole_pages_and_let_go_of_them);
	tcase_add_test(tc, queue_has_the_lowest_free_id_its_access_the_next);
	tcase_add_test(tc, access_is_published_before_its_queue);
	return suite;
}

int main(void)
{
	return run_suite(hw_queue_suite());
}
