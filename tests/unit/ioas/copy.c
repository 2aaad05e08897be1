// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-MAP-5 and R-PAGES-1 to R-PAGES-3: copies, and the pages that they share.
 */
#include "map_suite.h"

/*
 * R-MAP-5: copies from IOAS 1, which maps two pages at IOVA, to IOAS 2, which
 * maps one there.
 */
START_TEST(errors_of_copy_come_in_their_order)
{
	static const struct {
		u32 flags, src, dst;
		u64 length, src_iova, dst_iova;
		int error;
	} rows[] = {
		{ 8, 9, 9, ~0ull, 0, 0, -EOPNOTSUPP },
		{ 0, 9, 9, ~0ull, 0, 0, -EOVERFLOW },
		{ 0, 9, 9, 0, ~0ull, 0, -EOVERFLOW },
		{ 0, 9, 9, 0, 0, ~0ull, -EOVERFLOW },
		{ FIXED, 9, 9, 0, 0, 0, -EINVAL },
		/*
		 * The flag of the test commands is removed before the flags are
		 * checked.
		 */
		{ FIXED | 0x10000, 9, 9, 0, 0, 0, -EINVAL },
		{ FIXED | RW, 9, 9, 0, 0, 0, -ENOENT },
		{ FIXED | RW, 1, 9, 0, 0, 0, -EINVAL },
		{ FIXED | RW, 1, 9, 2 * P, ~0ull - P + 1, 0, -EOVERFLOW },
		{ FIXED | RW, 1, 2, 3 * P, IOVA, IOVA, -ENOENT },
		{ FIXED | RW, 1, 2, P, IOVA - 1, IOVA, -ENOENT },
		{ FIXED | RW, 1, 9, 2 * P, IOVA, IOVA, -ENOENT },
		{ FIXED | RW, 1, 2, 2 * P, IOVA, ~0ull - P, -EOVERFLOW },
		{ FIXED | RW, 1, 2, 2 * P, IOVA, IOVA + 8 * P, -EINVAL },
		{ FIXED | RW, 1, 2, 2 * P, IOVA, IOVA - P, -EEXIST },
		{ FIXED | RW, 1, 2, 2 * P, IOVA, IOVA + P, 0 },
	};
	struct lab lab;
	size_t i;
	int rc;

	lab_open(&lab, &byte_ops);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 2 * P, 0);
	ck_assert_map(lab.ictx, 2, IOVA, 4 * P, P, 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 2, IOVA + 9 * P,
				       IOVA + 9 * P), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 dst_iova = rows[i].dst_iova;

		rc = copy_with(lab.ictx, rows[i].flags, rows[i].src,
			       rows[i].src_iova, rows[i].length, rows[i].dst,
			       &dst_iova);
		ck_assert_msg(rc == rows[i].error, "row %zu: %d", i, rc);
		ck_assert_uint_eq(dst_iova, rows[i].dst_iova);
	}
	lab_close(&lab);
}
END_TEST

/*
 * R-MAP-5: the list element is allocated first, and the areas after the
 * destination was looked up.
 */
START_TEST(copy_without_memory_is_enomem_and_leaves_nothing)
{
	unsigned long before, n;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_map(lab.ictx, 1, IOVA + P, 0, P, 0);
	before = iommufd_model_allocations();
	for (n = 1; n <= 4; n++) {
		iommufd_model_fail_nth(n);
		ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, 2 * P, 2, IOVA),
				 -ENOMEM);
		iommufd_model_fail_nth(0);
		ck_assert_uint_eq(iommufd_model_leaks(before, NULL, NULL), 0);
	}
	ck_assert_int_eq(unmap_all(lab.ictx, 2), 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, 2 * P, 2, IOVA), 0);
	lab_close(&lab);
}
END_TEST

/*
 * R-MAP-5: the copy may take any part of the source; it has an area for each
 * source area.
 */
START_TEST(copy_has_an_area_for_each_area_of_the_source)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 2 * P, 0);
	ck_assert_map(lab.ictx, 1, IOVA + 2 * P, 8 * P, 2 * P, 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA + P, 2 * P, 2, IOVA), 0);
	ck_assert_int_eq(unmap_at(lab.ictx, 2, IOVA, P / 2), -ENOENT);
	ck_assert_int_eq(unmap_at(lab.ictx, 2, IOVA, P), P);
	ck_assert_int_eq(unmap_at(lab.ictx, 2, IOVA + P, P), P);
	lab_close(&lab);
}
END_TEST

/*
 * R-MAP-5, R-MAP-4: the address of the first byte that is copied decides the
 * alignment.
 */
START_TEST(automatic_place_of_a_copy_goes_by_its_first_piece)
{
	struct lab lab;
	u64 iova = 0;

	lab_open(&lab, &byte_ops);
	ck_assert_map(lab.ictx, 1, IOVA + 1, 2 * P, 8 * P, 0);
	ck_assert_int_eq(copy_with(lab.ictx, RW, 1, IOVA + 1 + 2 * P, 4 * P, 2,
				   &iova), 0);
	ck_assert_uint_eq(iova, 4 * P);
	ck_assert_int_eq(copy_with(lab.ictx, RW, 1, IOVA + 1 + 3 * P, 4 * P, 2,
				   &iova), 0);
	ck_assert_uint_eq(iova, 8 * P);
	ck_assert_int_eq(copy_with(lab.ictx, RW, 1, IOVA + 1 + 100, 8, 2,
				   &iova), 0);
	/*
	 * The IOVA is a multiple of 4 pages plus the offset of the byte in its
	 * page.
	 */
	ck_assert_uint_eq(iova, P + 100);
	lab_close(&lab);
}
END_TEST

/* R-MAP-5: source and destination may be the same IOAS. */
START_TEST(copy_within_one_ioas)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 2 * P, 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, 2 * P, 1, IOVA + P),
			 -EEXIST);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, 2 * P, 1, IOVA + 2 * P), 0);
	/* Two adjacent areas are a valid source. */
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, 4 * P, 1, IOVA + 4 * P), 0);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 8 * P);
	lab_close(&lab);
}
END_TEST

/*
 * R-MAP-5; R-MAP-2 step 3: a copy may be writeable if the original map was,
 * even if it copies an area that is only readable.
 */
START_TEST(copy_may_be_writeable_only_if_the_map_was)
{
	u64 iova = IOVA;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(map_with(lab.ictx, FIXED | READABLE, 1, &iova, va(0),
				  P), 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, P, 2, IOVA), -EPERM);
	ck_assert_int_eq(copy_with(lab.ictx, FIXED | READABLE, 1, IOVA, P, 2,
				   &iova), 0);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), P);
	ck_assert_int_eq(unmap_all(lab.ictx, 2), P);

	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_int_eq(copy_with(lab.ictx, FIXED | READABLE, 1, IOVA, P, 2,
				   &iova), 0);
	ck_assert_int_eq(copy_at(lab.ictx, 2, IOVA, P, 1, IOVA + P), 0);
	lab_close(&lab);
}
END_TEST

/*
 * R-MAP-5, R-MAP-2 step 3: if a later piece cannot be mapped, the first one is
 * unmapped again.
 */
START_TEST(copy_that_fails_at_its_second_piece_leaves_nothing)
{
	struct lab lab;
	u64 iova = IOVA + P;

	lab_open(&lab, &byte_ops);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_int_eq(map_with(lab.ictx, FIXED | READABLE, 1, &iova, va(P),
				  P), 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, 2 * P, 2, IOVA), -EPERM);
	ck_assert_int_eq(unmap_all(lab.ictx, 2), 0);
	lab_close(&lab);
}
END_TEST

/* R-MAP-5: the copy keeps its memory when the source is unmapped. */
START_TEST(copy_outlives_its_source)
{
	struct lab lab;
	char byte = 0;
	u32 ioas;

	lab_open(&lab, &byte_ops);
	driver_attach(&lab.driver, lab.b);
	ioas = make_ioas(lab.ictx);
	ck_assert_map(lab.ictx, ioas, IOVA, 0, P, 0);
	ck_assert_int_eq(copy_at(lab.ictx, ioas, IOVA, P, 2, IOVA), 0);
	ck_assert_int_eq(user_destroy(lab.ictx, ioas), 0);
	mem[5] = 'x';
	ck_assert_int_eq(iommufd_access_rw(lab.driver.access, IOVA + 5, &byte,
					   1, READ), 0);
	ck_assert_int_eq(byte, 'x');
	lab_close(&lab);
}
END_TEST

/* R-MAP-5: the offset of each byte in its page is kept. */
START_TEST(copy_of_part_of_a_page_keeps_the_byte_positions)
{
	struct lab lab;
	char byte = 0;
	u32 stdev;

	lab_open(&lab, &byte_ops);
	driver_attach(&lab.driver, lab.b);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA + 1024, 2048, 2, IOVA), 0);
	mem[1024 + 7] = 'y';
	ck_assert_int_eq(iommufd_access_rw(lab.driver.access, IOVA + 7, &byte,
					   1, READ), 0);
	ck_assert_int_eq(byte, 'y');
	ck_assert_int_eq(unmap_all(lab.ictx, 2), 2048);
	stdev = add_domain(lab.ictx, 2);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA + 1024, 2048, 2, IOVA),
			 -EINVAL);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA + 2048, 2048, 2, IOVA), 0);
	ck_assert_int_eq(user_destroy(lab.ictx, stdev), 0);
	lab_close(&lab);
}
END_TEST

/*
 * R-PAGES-2: a page is pinned once, although domains, an access and copies use
 * it.
 */
START_TEST(page_is_pinned_once_however_many_want_it)
{
	u32 stdev[2];
	struct lab lab;

	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 4 * P, 0);
	check_pins(0, 4, 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + P, P, READ), 0);
	check_pins(0, 1, 0);
	check_pins(1, 1, 1);
	stdev[0] = add_domain(lab.ictx, 1);
	check_pins(0, 4, 1);
	stdev[1] = add_domain(lab.ictx, 2);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, 2 * P, 2, IOVA), 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, 2 * P, 1, IOVA + 8 * P), 0);
	check_pins(0, 4, 1);
	ck_assert_int_eq(user_destroy(lab.ictx, stdev[0]), 0);
	check_pins(0, 2, 1);
	check_pins(2, 2, 0);
	ck_assert_int_eq(user_destroy(lab.ictx, stdev[1]), 0);
	check_pins(0, 1, 0);
	check_pins(1, 1, 1);
	iommufd_access_unpin_pages(lab.driver.access, IOVA + P, P);
	check_pins(0, 4, 0);
	lab_close(&lab);
}
END_TEST

/* R-PAGES-2: two maps of the same memory pin it twice */
START_TEST(two_maps_of_the_same_memory_pin_it_twice)
{
	struct lab lab;
	u32 stdev;

	lab_open(&lab, &byte_ops);
	stdev = add_domain(lab.ictx, 1);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 2 * P, 0);
	ck_assert_map(lab.ictx, 1, IOVA + 2 * P, P, 2 * P, 0);
	check_pins(0, 1, 1);
	check_pins(1, 1, 2);
	check_pins(2, 1, 1);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, 2 * P), 2 * P);
	check_pins(0, 1, 0);
	check_pins(1, 2, 1);
	ck_assert_int_eq(user_destroy(lab.ictx, stdev), 0);
	lab_close(&lab);
}
END_TEST

/*
 * R-PAGES-3: each pin is a record, whether it overlaps others, has the same
 * bounds, or comes through a copy.
 */
START_TEST(pins_are_records_with_exact_bounds)
{
	struct lab lab;

	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 4 * P, 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 2 * P, READ), 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 2 * P, READ), 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + P, 2 * P, READ), 0);
	check_pins(0, 3, 1);
	iommufd_access_unpin_pages(lab.driver.access, IOVA, 2 * P);
	check_pins(0, 3, 1);
	iommufd_access_unpin_pages(lab.driver.access, IOVA, 2 * P);
	check_pins(0, 1, 0);
	check_pins(1, 2, 1);
	iommufd_access_unpin_pages(lab.driver.access, IOVA + P, 2 * P);
	check_pins(0, 4, 0);
	lab_close(&lab);
}
END_TEST

/* R-PAGES-3: a copy does not inherit the lock */
START_TEST(copy_of_a_locked_area_is_not_locked)
{
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	queue = make_queue(lab.ictx, lab.a);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, P, 1, IOVA + P), 0);
	ck_assert_int_eq(pin(queue->access, IOVA, P, READ), 0);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA + P, P), P);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, P), -EBUSY);
	check_pins(0, 1, 1);
	iommufd_access_unpin_pages(queue->access, IOVA, P);
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("copy");
	TCase *tc = checked_case(suite, "copy");

	tcase_add_test(tc, errors_of_copy_come_in_their_order);
	tcase_add_test(tc, copy_without_memory_is_enomem_and_leaves_nothing);
	tcase_add_test(tc, copy_has_an_area_for_each_area_of_the_source);
	tcase_add_test(tc, automatic_place_of_a_copy_goes_by_its_first_piece);
	tcase_add_test(tc, copy_within_one_ioas);
	tcase_add_test(tc, copy_may_be_writeable_only_if_the_map_was);
	tcase_add_test(tc, copy_that_fails_at_its_second_piece_leaves_nothing);
	tcase_add_test(tc, copy_outlives_its_source);
	tcase_add_test(tc, copy_of_part_of_a_page_keeps_the_byte_positions);
	tc = checked_case(suite, "pages");
	tcase_add_test(tc, page_is_pinned_once_however_many_want_it);
	tcase_add_test(tc, two_maps_of_the_same_memory_pin_it_twice);
	tcase_add_test(tc, pins_are_records_with_exact_bounds);
	tcase_add_test(tc, copy_of_a_locked_area_is_not_locked);
	return run_map_suite(suite);
}
