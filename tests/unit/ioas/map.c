// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-MAP-1 to R-MAP-4: maps, the order of their checks, and how other calls see
 * a map that is in progress (R-IOAS-1).
 */
#include "map_suite.h"

/* R-MAP-1: the order of the checks of a map. */
START_TEST(errors_of_map_come_in_their_order)
{
	static const struct {
		u32 flags, reserved, ioas;
		u64 va, length, iova;
		int error;
	} rows[] = {
		{ 8, 0, NOWHERE, ~0ull, ~0ull, ~0ull, -EOPNOTSUPP },
		{ 0, 1, NOWHERE, ~0ull, ~0ull, ~0ull, -EOPNOTSUPP },
		{ 0, 0, NOWHERE, ~0ull, P, ~0ull, -EOVERFLOW },
		{ 0, 0, NOWHERE, ~0ull, ~0ull, 0, -EOVERFLOW },
		/* the check is made without FIXED_IOVA too */
		{ RW, 0, 1, 0, P, ~0ull, -EOVERFLOW },
		{ FIXED, 0, NOWHERE, ~0ull, 0, 1, -EINVAL },
		{ FIXED | RW, 0, NOWHERE, ~0ull, P, 1, -ENOENT },
		{ FIXED | RW, 0, 3, ~0ull, P, 1, -ENOENT },
		{ FIXED | RW, 0, 1, ~0ull - P + 1, P, 1, -EOVERFLOW },
		{ FIXED | RW, 0, 1, 0, 0, 1, -EINVAL },
		{ RW, 0, 1, 0, ~0ull - 1, 1, -EINVAL },
		{ RW, 0, 1, 0, ~0ull - P + 1, 1, -EINVAL },
		{ RW, 0, 1, 0, ~0ull - P, 1, -EOVERFLOW },	/* R-MAP-4 */
	};
	struct lab lab;
	size_t i;

	lab_open(&lab, &byte_ops);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iommu_ioas_map cmd = {
			.size = sizeof(cmd), .flags = rows[i].flags,
			.__reserved = rows[i].reserved,
			.ioas_id = rows[i].ioas, .user_va = rows[i].va,
			.length = rows[i].length, .iova = rows[i].iova,
		};
		int rc = user_ioctl(lab.ictx, IOMMU_IOAS_MAP, &cmd);

		ck_assert_msg(rc == rows[i].error, "row %zu: %d", i, rc);
		ck_assert_uint_eq(cmd.iova, rows[i].iova);
	}
	lab_close(&lab);
}
END_TEST

/* R-MAP-1 step 7 precedes R-MAP-2; everything allocated is freed again. */
START_TEST(map_without_memory_is_enomem_before_the_iova_counts)
{
	struct lab lab;
	unsigned long n;

	lab_open(&lab, &byte_ops);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	for (n = 1; n <= 2; n++) {
		iommufd_model_fail_nth(n);
		ck_assert_map(lab.ictx, 1, IOVA, 0, P, -ENOMEM);
		iommufd_model_fail_nth(0);
	}
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, -EEXIST);
	lab_close(&lab);
}
END_TEST

/* R-MAP-1: the IOVA is written back to the struct. */
START_TEST(iova_given_without_fixed_is_ignored_and_replaced)
{
	struct lab lab;
	u64 iova = 77;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(map_with(lab.ictx, RW, 1, &iova, va(0), P), 0);
	ck_assert_uint_eq(iova, P);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, P, P), P);
	lab_close(&lab);
}
END_TEST

/* R-MAP-1 step 10: if the IOVA cannot be written back, the mapping stays. */
START_TEST(map_whose_answer_cannot_be_written_stays)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd), .flags = FIXED | RW, .ioas_id = 1,
		.user_va = va(0), .length = P, .iova = IOVA,
	};
	void *page = mmap(NULL, P, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct lab lab;

	ck_assert_ptr_ne(page, MAP_FAILED);
	memcpy(page, &cmd, sizeof(cmd));
	ck_assert_int_eq(mprotect(page, P, PROT_READ), 0);
	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_MAP, page), -EFAULT);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, P), P);
	munmap(page, P);
	lab_close(&lab);
}
END_TEST

/*
 * R-MAP-2 steps 1, 2 and 3 for a fixed IOVA; the access requires page
 * alignment.
 */
START_TEST(fixed_iova_is_refused_for_the_first_error)
{
	static const struct {
		u64 iova, offset, length;
		int error;
	} rows[] = {
		/* the length is not aligned */
		{ IOVA + 1, 1, P / 2, -EINVAL },
		/* the IOVA is checked before the end */
		{ ~0ull - P, 1, 2 * P, -EINVAL },
		{ ~0ull - P + 1, 0, 2 * P, -EOVERFLOW },
		/* the range meets an area and a reserved range */
		{ IOVA + P, 1, 3 * P, -EINVAL },
		/* the range meets a reserved range */
		{ IOVA + 3 * P, 0, P, -EINVAL },
		{ IOVA + P, 0, P, -EEXIST },
		/* the area is checked before the offset */
		{ IOVA + P, 1, P, -EEXIST },
		{ IOVA, 0, 2 * P, -EEXIST },
		/* the offset in the page differs */
		{ IOVA, P / 2, P, -EINVAL },
		{ IOVA, 0, P, 0 },
		{ IOVA + 2 * P, 0, P, 0 },
		{ ~0ull - P + 1, 0, P, 0 },
	};
	struct lab lab;
	size_t i;
	int rc;

	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	ck_assert_map(lab.ictx, 1, IOVA + P, 0, P, 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, IOVA + 3 * P,
				       IOVA + 4 * P), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		rc = map_at(lab.ictx, 1, rows[i].iova, va(rows[i].offset),
			    rows[i].length);
		ck_assert_msg(rc == rows[i].error, "row %zu: %d", i, rc);
	}
	lab_close(&lab);
}
END_TEST

/* R-MAP-2 step 2 fixed */
START_TEST(fixed_place_need_not_be_allowed)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(allow_one(lab.ictx, 1, IOVA, IOVA + P - 1), 0);
	ck_assert_map(lab.ictx, 1, IOVA + 4 * P, 0, P, 0);
	lab_close(&lab);
}
END_TEST

/* R-MAP-3: a map into a domain pins the pages and maps them in the domain. */
START_TEST(map_into_a_domain_pins_and_is_seen)
{
	struct iommu_test_cmd cmd = { .last = 0 };
	u32 stdev, hwpt;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(add_device(lab.ictx, 1, &stdev, &hwpt), 0);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 3 * P, 0);
	check_pins(0, 3, 1);
	check_pins(3, 1, 0);
	cmd.check_map.iova = IOVA;
	cmd.check_map.length = 3 * P;
	cmd.check_map.uptr = va(0);
	ck_assert_int_eq(test_ioctl(lab.ictx, &cmd, IOMMU_TEST_OP_MD_CHECK_MAP,
				    hwpt), 0);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, 3 * P), 3 * P);
	check_pins(0, 3, 0);
	ck_assert_int_eq(test_ioctl(lab.ictx, &cmd, IOMMU_TEST_OP_MD_CHECK_MAP,
				    hwpt), -EINVAL);
	ck_assert_int_eq(user_destroy(lab.ictx, stdev), 0);
	lab_close(&lab);
}
END_TEST

/* R-MAP-3: a map that fails half way leaves no trace. */
START_TEST(map_of_bad_memory_into_a_domain_is_undone)
{
	u64 iova = IOVA;
	struct lab lab;
	u32 stdev;

	lab_open(&lab, &byte_ops);
	stdev = add_domain(lab.ictx, 1);
	ck_assert_map(lab.ictx, 1, IOVA, MEM_BAD, P, -EFAULT);
	ck_assert_map(lab.ictx, 1, IOVA, MEM_READ_ONLY - 2 * P, 3 * P,
		      -EFAULT);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 0);
	ck_assert_int_eq(map_with(lab.ictx, FIXED | READABLE, 1, &iova,
				  va(MEM_READ_ONLY - 2 * P), 3 * P), 0);
	check_pins(MEM_PAGES - 2, 3, 1);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 3 * P);
	ck_assert_int_eq(user_destroy(lab.ictx, stdev), 0);
	lab_close(&lab);
}
END_TEST

/* R-MAP-3: without a domain nothing is pinned */
START_TEST(map_of_bad_memory_without_a_domain_fails_when_used)
{
	u32 stdev, hwpt;
	struct lab lab;
	char byte;

	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	ck_assert_map(lab.ictx, 1, IOVA, MEM_BAD, P, 0);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, P, READ), -EFAULT);
	ck_assert_int_eq(iommufd_access_rw(lab.driver.access, IOVA, &byte, 1,
					   READ), -EFAULT);
	ck_assert_int_eq(add_device(lab.ictx, 1, &stdev, &hwpt), -EFAULT);
	ck_assert_uint_eq(lab.a->iopt.next_domain_id, 0);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), P);
	lab_close(&lab);
}
END_TEST

/* R-MAP-4 steps 1 to 4 and 6: each row uses an IOAS that has no other area. */
START_TEST(automatic_place_is_aligned_like_the_memory)
{
	static const struct {
		u64 va, length;
		long iova;
	} rows[] = {
		{ 0x10000000, P, P },
		/* the alignment is the length, rounded up to a power of two */
		{ 0x10000000, 3 * P, 4 * P },
		/* the alignment is at most that of the address */
		{ 0x10001000, 3 * P, P },
		/* the alignment is at most a huge page */
		{ 1ull << 40, 1ull << 30, 2 << 20 },
		/* address 0 does not limit it */
		{ 0, 3 * P, 4 * P },
		/* the offset in the page is kept */
		{ 0x10000800, 0x800, 0x1800 },
		{ 0x10000800, 0x1000, 0x1800 },
		/* the address is odd, so the alignment is 1 */
		{ 0x10000801, 10, P + 0x801 },
		/* the IOVA is 0x1000 plus the offset in the page */
		{ 0x10000c00, 0x400, 0x1c00 },
		{ 0, 1ull << 63, -EOVERFLOW },
		{ 0, ~0ull / 2, -EOVERFLOW },
		{ 0, ~0ull / 2 - 1, 2 << 20 },
	};
	struct lab lab;
	size_t i;
	long iova;

	lab_open(&lab, &byte_ops);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		iova = map_auto(lab.ictx, 1, rows[i].va, rows[i].length);
		ck_assert_msg(iova == rows[i].iova, "row %zu: %#lx", i,
			      (unsigned long)iova);
		unmap_all(lab.ictx, 1);
	}
	lab_close(&lab);
}
END_TEST

/* R-MAP-4 step 4: the memory must have at least the alignment of the IOAS. */
START_TEST(memory_less_aligned_than_the_ioas_is_einval)
{
	struct lab lab;

	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0x800), P), -EINVAL);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), P), P);
	lab_close(&lab);
}
END_TEST

/* R-MAP-4 step 7: the lowest free range that fits is taken. */
START_TEST(lowest_hole_that_fits_is_taken)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 0, 2 * P - 1), 0);
	ck_assert_map(lab.ictx, 1, 3 * P, 0, P, 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 6 * P, 6 * P), 0);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(P), 2 * P), 4 * P);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(P), P), 2 * P);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(P), P), 7 * P);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, 3 * P, P), P);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(P), P), 3 * P);
	lab_close(&lab);
}
END_TEST

/* R-MAP-4 steps 5, 6 and 8: only allowed ranges are candidates. */
START_TEST(automatic_place_is_within_what_is_allowed)
{
	static const struct iommu_iova_range ranges[] = {
		{ 0x12000, 0x13fff }, { 0x10000, 0x11fff },
		{ 0x8000, 0x8fff },
	};
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(allow(lab.ictx, 1, 3, ranges), 0);
	/* Adjacent allowed ranges count as one. */
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), 4 * P), 0x10000);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), 2 * P), -ENOSPC);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), P), 0x8000);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), P), -ENOSPC);
	lab_close(&lab);
}
END_TEST

/* R-MAP-4 steps 5 and 6: the first and the last page are no candidates. */
START_TEST(first_and_last_page_are_never_chosen)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(allow_one(lab.ictx, 1, 0, P - 1), 0);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), 1), -ENOSPC);
	ck_assert_int_eq(allow_one(lab.ictx, 1, ~0ull - P + 1, ~0ull), 0);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), 1), -ENOSPC);
	lab_close(&lab);
}
END_TEST

/* R-MAP-4 step 6: an aligned start beyond the last address fails. */
START_TEST(hole_of_one_byte_is_never_chosen)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(allow_one(lab.ictx, 1, 0x5000, 0x5001), 0);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), 1), 0x5000);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), 1), -ENOSPC);
	lab_close(&lab);
}
END_TEST

/* R-MAP-4 step 8: if no range fits, the call fails with ENOSPC. */
START_TEST(nothing_is_left_when_all_is_reserved)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 0, ~0ull - 1), 0);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), P), -ENOSPC);
	lab_close(&lab);
}
END_TEST

/*
 * What another thread sees of an area of one page at IOVA that is in progress.
 */
struct in_flight {
	struct iommufd_model_hook hook;
	enum iommufd_model_op_kind when;
	struct lab *lab;
	unsigned int looks;
	long pin, rw, copy, map, automatic, unmap, reserve;
};

static void *look_at_area(void *data)
{
	struct in_flight *f = data;
	struct iommufd_ctx *ictx = f->lab->ictx;
	char byte;

	f->pin = pin(f->lab->driver.access, IOVA, P, READ);
	f->rw = iommufd_access_rw(f->lab->driver.access, IOVA, &byte, 1, READ);
	f->copy = copy_at(ictx, 1, IOVA, P, 2, IOVA);
	f->map = map_at(ictx, 1, IOVA, va(P), P);
	f->automatic = map_auto(ictx, 1, va(P), P);
	f->unmap = unmap_at(ictx, 1, IOVA, P);
	f->reserve = reserve_iovas(ictx, 1, IOVA, IOVA);
	return NULL;
}

static void look_once(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op)
{
	struct in_flight *f = container_of(hook, struct in_flight, hook);
	pthread_t thread;

	if (op->kind != f->when || f->looks++)
		return;
	pthread_create(&thread, NULL, look_at_area, f);
	pthread_join(thread, NULL);
}

/* R-IOAS-1: a map is interrupted while it pins, an unmap while it unpins. */
START_TEST(area_that_is_being_mapped_is_neither_usable_nor_free)
{
	struct in_flight f = { .hook = { .step = look_once } };
	struct lab lab;
	u32 stdev;
	int unmapping;

	for (unmapping = 0; unmapping < 2; unmapping++) {
		lab_open(&lab, &page_ops);
		driver_attach(&lab.driver, lab.a);
		stdev = add_domain(lab.ictx, 1);
		/*
		 * Everything else is reserved, so that only the IOVA of the
		 * area could be used.
		 */
		ck_assert_int_eq(reserve_iovas(lab.ictx, 1, IOVA + P,
					       U64_MAX - 1), 0);
		f.lab = &lab;
		f.looks = 0;
		f.when = unmapping ? IOMMUFD_MODEL_OP_UNPIN_PAGE :
				     IOMMUFD_MODEL_OP_PIN_PAGE;
		iommufd_model_hook_add(&f.hook);
		ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
		ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, P), P);
		iommufd_model_hook_remove(&f.hook);
		ck_assert_uint_eq(f.looks, 1);
		ck_assert_int_eq(f.pin, -ENOENT);
		ck_assert_int_eq(f.rw, -ENOENT);
		ck_assert_int_eq(f.copy, -ENOENT);
		ck_assert_int_eq(f.map, -EEXIST);
		ck_assert_int_eq(f.automatic, -ENOSPC);
		ck_assert_int_eq(f.unmap, -EBUSY);
		ck_assert_int_eq(f.reserve, -EADDRINUSE);
		ck_assert_int_eq(user_destroy(lab.ictx, stdev), 0);
		lab_close(&lab);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("map");
	TCase *tc = checked_case(suite, "order");

	tcase_add_test(tc, errors_of_map_come_in_their_order);
	tcase_add_test(tc, map_without_memory_is_enomem_before_the_iova_counts);
	tcase_add_test(tc, iova_given_without_fixed_is_ignored_and_replaced);
	tcase_add_test(tc, map_whose_answer_cannot_be_written_stays);
	tc = checked_case(suite, "automatic IOVA");
	tcase_add_test(tc, fixed_iova_is_refused_for_the_first_error);
	tcase_add_test(tc, fixed_place_need_not_be_allowed);
	tcase_add_test(tc, automatic_place_is_aligned_like_the_memory);
	tcase_add_test(tc, memory_less_aligned_than_the_ioas_is_einval);
	tcase_add_test(tc, lowest_hole_that_fits_is_taken);
	tcase_add_test(tc, automatic_place_is_within_what_is_allowed);
	tcase_add_test(tc, first_and_last_page_are_never_chosen);
	tcase_add_test(tc, hole_of_one_byte_is_never_chosen);
	tcase_add_test(tc, nothing_is_left_when_all_is_reserved);
	tc = checked_case(suite, "fill");
	tcase_add_test(tc, map_into_a_domain_pins_and_is_seen);
	tcase_add_test(tc, map_of_bad_memory_into_a_domain_is_undone);
	tcase_add_test(tc, map_of_bad_memory_without_a_domain_fails_when_used);
	tcase_add_test(tc,
		area_that_is_being_mapped_is_neither_usable_nor_free);
	return run_map_suite(suite);
}
