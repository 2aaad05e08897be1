// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-ACC-12 to R-ACC-14: pins and copies through an access; R-PAGES-4: who pays
 * for pinned memory.
 */
#include "map_suite.h"
#include <sys/mman.h>

static void accounting_teardown(void)
{
	iommufd_model_set_capable(true);
	iommufd_model_set_memlock_limit(ULONG_MAX);
	iommufd_model_check_teardown();
}

/*
 * Creates a driver on IOAS 1 that pins, and two areas of two pages with a gap
 * between them.
 */
static void pin_open(struct lab *lab)
{
	lab_open(lab, &page_ops);
	driver_attach(&lab->driver, lab->a);
	ck_assert_map(lab->ictx, 1, IOVA, 0, 2 * P, 0);
	ck_assert_map(lab->ictx, 1, IOVA + 2 * P, 8 * P, 2 * P, 0);
	ck_assert_map(lab->ictx, 1, IOVA + 5 * P, 4 * P, P, 0);
}

static void unpin(struct lab *lab, u64 iova, u64 length)
{
	iommufd_access_unpin_pages(lab->driver.access, iova, length);
}

static int rw(struct lab *lab, u64 iova, void *data, size_t length,
	      unsigned int flags)
{
	return iommufd_access_rw(lab->driver.access, iova, data, length,
				 flags);
}

/*
 * R-ACC-12 step 1: a pin by an access that was created without needs_pin_pages
 * is a WARN.
 */
START_TEST(pin_by_an_access_that_may_not_warns)
{
	static const struct iommufd_access_ops no_unmap = {
		.needs_pin_pages = 1,
	};
	const struct iommufd_access_ops *ops[] = { &byte_ops, &no_unmap };
	struct driver driver;
	struct lab lab;
	int i;

	lab_open(&lab, NULL);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	for (i = 0; i < 2; i++) {
		driver_create(&driver, lab.ictx, ops[i]);
		driver_attach(&driver, lab.a);
		iommufd_model_expect_warning("iova_alignment");
		ck_assert_int_eq(pin(driver.access, IOVA, 0, READ), -EINVAL);
		driver_destroy(&driver);
	}
	lab_close(&lab);
}
END_TEST

/* R-ACC-12 steps 2 to 4; R-ACC-14 begins with the same steps. */
START_TEST(range_is_looked_at_before_the_ioas)
{
	struct lab lab;
	char byte;

	lab_open(&lab, &page_ops);
	ck_assert_int_eq(pin(lab.driver.access, ~0ull, 0, READ), -EINVAL);
	ck_assert_int_eq(pin(lab.driver.access, ~0ull, 2, READ), -EOVERFLOW);
	ck_assert_int_eq(pin(lab.driver.access, ~0ull, 1, READ), -ENOENT);
	ck_assert_int_eq(rw(&lab, ~0ull, &byte, 0, READ), -EINVAL);
	ck_assert_int_eq(rw(&lab, ~0ull, &byte, 2, READ), -EOVERFLOW);
	ck_assert_int_eq(rw(&lab, ~0ull, &byte, 1, READ), -ENOENT);
	lab_close(&lab);
}
END_TEST

/* R-ACC-12: a pin over several areas gives their pages in order. */
START_TEST(pin_gives_the_pages_of_all_areas_in_order)
{
	static const unsigned int index[] = { 1, 8, 9 };
	struct page *pages[4] = { NULL };
	struct lab lab;
	int i;

	pin_open(&lab);
	ck_assert_int_eq(iommufd_access_pin_pages(lab.driver.access, IOVA + P,
						  2 * P + 1, pages, WRITE), 0);
	for (i = 0; i < 3; i++) {
		ck_assert_ptr_eq(pages[i], virt_to_page(mem + index[i] * P));
		check_pins(index[i], 1, 1);
	}
	ck_assert_ptr_null(pages[3]);
	unpin(&lab, IOVA + P, 2 * P + 1);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	lab_close(&lab);
}
END_TEST

/* R-ACC-12 step 5 a: the range must consist of whole pages of the memory. */
START_TEST(pin_from_the_middle_of_a_page_is_einval)
{
	struct lab lab;

	pin_open(&lab);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + 1, P, READ), -EINVAL);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, P / 2, READ), 0);
	unpin(&lab, IOVA, P / 2);
	lab_close(&lab);
}
END_TEST

/* R-ACC-12 step 5 b: the area must permit reading or writing. */
START_TEST(pin_needs_the_protection_of_the_area)
{
	u64 read = IOVA, write = IOVA + P;
	struct lab lab;
	char byte = 0;

	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	ck_assert_int_eq(map_with(lab.ictx, FIXED | READABLE, 1, &read, va(0),
				  P), 0);
	ck_assert_int_eq(map_with(lab.ictx, FIXED | WRITEABLE, 1, &write,
				  va(P), P), 0);
	ck_assert_int_eq(pin(lab.driver.access, read, P, WRITE), -EPERM);
	ck_assert_int_eq(pin(lab.driver.access, write, P, READ), -EPERM);
	ck_assert_int_eq(rw(&lab, read, &byte, 1, WRITE), -EPERM);
	ck_assert_int_eq(rw(&lab, write, &byte, 1, READ), -EPERM);
	/*
	 * EINVAL is checked before EPERM, and EPERM is found before a hole
	 * further on.
	 */
	ck_assert_int_eq(pin(lab.driver.access, read + 1, P, WRITE), -EINVAL);
	ck_assert_int_eq(pin(lab.driver.access, read, 4 * P, WRITE), -EPERM);
	ck_assert_int_eq(pin(lab.driver.access, write, 4 * P, READ), -EPERM);
	ck_assert_int_eq(pin(lab.driver.access, read, 2 * P, READ), -EPERM);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	lab_close(&lab);
}
END_TEST

/* R-ACC-12 step 6: all pages are unpinned again, and no area keeps a record. */
START_TEST(pin_that_meets_a_hole_is_enoent_and_undone)
{
	struct lab lab;

	pin_open(&lab);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 5 * P, READ), -ENOENT);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + 4 * P, P, READ),
			 -ENOENT);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 5 * P);
	ck_assert_uint_eq(lab.driver.calls, 0);
	lab_close(&lab);
}
END_TEST

/* R-ACC-12 step 5 c: memory that is inaccessible cannot be pinned. */
START_TEST(pin_of_bad_memory_is_efault_and_undone)
{
	u64 iova = IOVA + 9 * P;
	struct lab lab;

	pin_open(&lab);
	ck_assert_map(lab.ictx, 1, IOVA + 4 * P, MEM_BAD, P, 0);
	ck_assert_map(lab.ictx, 1, IOVA + 8 * P, MEM_READ_ONLY, P, 0);
	ck_assert_int_eq(map_with(lab.ictx, FIXED | READABLE, 1, &iova,
				  va(MEM_READ_ONLY), P), 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 6 * P, READ), -EFAULT);
	/*
	 * A writeable mapping is pinned for writing, even if the caller wants
	 * to read.
	 */
	ck_assert_int_eq(pin(lab.driver.access, IOVA + 8 * P, P, READ),
			 -EFAULT);
	ck_assert_int_eq(pin(lab.driver.access, iova, P, READ), 0);
	unpin(&lab, iova, P);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	lab_close(&lab);
}
END_TEST

/* R-ACC-12: each allocation that pinning makes fails in turn. */
START_TEST(pin_without_memory_is_enomem_and_undone)
{
	struct lab lab;
	unsigned long n;
	int rc = -ENOMEM;

	pin_open(&lab);
	for (n = 1; rc; n++) {
		ck_assert_uint_lt(n, 20);
		iommufd_model_fail_nth(n);
		rc = pin(lab.driver.access, IOVA, 4 * P, READ);
		iommufd_model_fail_nth(0);
		ck_assert(!rc || rc == -ENOMEM);
		ck_assert_uint_eq(iommufd_model_pinned(), rc ? 0 : 4);
	}
	ck_assert_uint_gt(n, 3);
	unpin(&lab, IOVA, 4 * P);
	lab_close(&lab);
}
END_TEST

/* R-ACC-12: an unmap asks the driver again until the last pin is dropped. */
static void drop_one(struct driver *driver)
{
	iommufd_access_unpin_pages(driver->access, IOVA, P);
}

START_TEST(each_pin_counts_in_its_area)
{
	struct lab lab;

	pin_open(&lab);
	lab.driver.act = drop_one;
	ck_assert_int_eq(pin(lab.driver.access, IOVA, P, READ), 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, P, READ), 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, P, READ), 0);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 5 * P);
	ck_assert_uint_eq(lab.driver.calls, 3);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	lab_close(&lab);
}
END_TEST

/* R-ACC-12: a pin by an internal access also locks the area. */
START_TEST(each_internal_pin_locks_its_area)
{
	struct queue *queue;
	struct lab lab;

	pin_open(&lab);
	queue = make_queue(lab.ictx, lab.a);
	ck_assert_int_eq(pin(queue->access, IOVA, 4 * P, READ), 0);
	ck_assert_int_eq(pin(queue->access, IOVA, 2 * P, READ), 0);
	iommufd_access_unpin_pages(queue->access, IOVA, 4 * P);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA + 2 * P, 2 * P), 2 * P);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, 2 * P), -EBUSY);
	iommufd_access_unpin_pages(queue->access, IOVA, 2 * P);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, 2 * P), 2 * P);
	ck_assert_uint_eq(lab.driver.calls, 0);
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	lab_close(&lab);
}
END_TEST

/* Page 40 is pinned first, far from the lowest number, and then with others. */
START_TEST(pins_of_one_far_page_pin_it_once_for_all)
{
	const size_t size = 64 * PAGE_SIZE;
	struct lab lab;
	char *far;
	int i;

	far = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(far, MAP_FAILED);
	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	ck_assert_int_eq(map_at(lab.ictx, 1, IOVA, (uintptr_t)far, size), 0);
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(pin(lab.driver.access, IOVA + (40 - i) * P,
				     (1 + i) * P, READ), 0);
		ck_assert_uint_eq(iommufd_model_page_pins(
					  virt_to_page(far + 40 * P)), 1);
	}
	for (i = 0; i < 3; i++)
		unpin(&lab, IOVA + (40 - i) * P, (1 + i) * P);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	lab_close(&lab);
	munmap(far, size);
}
END_TEST

static void keep(void *data, unsigned long iova, unsigned long length)
{
	(void)data;
	(void)iova;
	(void)length;
}

/*
 * The area at @at was copied from the middle of another one, so that the number
 * of its first page is not 0.
 */
START_TEST(a_pin_that_stays_is_named_by_its_iova)
{
	static const struct iommufd_access_ops stubborn = {
		.needs_pin_pages = 1, .unmap = keep,
	};
	const u64 at = IOVA + 32 * P;
	struct driver driver;
	struct lab lab;
	char text[64];

	lab_open(&lab, NULL);
	driver_create(&driver, lab.ictx, &stubborn);
	driver_attach(&driver, lab.a);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 8 * P, 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA + 3 * P, 4 * P, 1, at), 0);
	ck_assert_int_eq(pin(driver.access, at + P, 2 * P, READ), 0);
	snprintf(text, sizeof(text), "still has %#lx bytes pinned at IOVA %#lx",
		 (unsigned long)(2 * P), (unsigned long)(at + P));
	iommufd_model_expect_warning(text);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, at, 4 * P), -EDEADLOCK);
	iommufd_access_unpin_pages(driver.access, at + P, 2 * P);
	driver_destroy(&driver);
	lab_close(&lab);
}
END_TEST

/* R-ACC-13: an unpin of an empty range is a WARN. */
START_TEST(unpin_of_no_range_warns)
{
	struct lab lab;

	pin_open(&lab);
	iommufd_model_expect_warning("check_range");
	unpin(&lab, IOVA, 0);
	iommufd_model_expect_warning("check_range");
	unpin(&lab, ~0ull, 2);
	lab_close(&lab);
}
END_TEST

/* R-ACC-13: an unpin by a detached access is a WARN. */
START_TEST(unpin_by_a_detached_access_warns)
{
	struct lab lab;

	lab_open(&lab, &page_ops);
	iommufd_model_expect_warning("ioas_unpin");
	unpin(&lab, IOVA, P);
	lab_close(&lab);
}
END_TEST

/* R-ACC-13: an unpin of one page of a pin of two pages warns. */
START_TEST(unpin_with_other_bounds_warns_and_changes_nothing)
{
	struct lab lab;

	pin_open(&lab);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 2 * P, READ), 0);
	iommufd_model_expect_warning("remove_access");
	unpin(&lab, IOVA, P);
	iommufd_model_expect_warning("remove_access");
	unpin(&lab, IOVA + P, P);
	check_pins(0, 2, 1);
	unpin(&lab, IOVA, 2 * P);
	iommufd_model_expect_warning("remove_access");
	unpin(&lab, IOVA, 2 * P);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	lab_close(&lab);
}
END_TEST

/* R-ACC-13: the pages before the hole are unpinned in spite of the WARN. */
START_TEST(unpin_over_a_hole_warns)
{
	struct lab lab;

	pin_open(&lab);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + 2 * P, 2 * P, READ), 0);
	iommufd_model_expect_warning("unpin_range");
	unpin(&lab, IOVA + 2 * P, 3 * P);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	lab_close(&lab);
}
END_TEST

/*
 * R-ACC-14: a copy begins at any byte, crosses areas, and leaves nothing
 * pinned.
 */
START_TEST(rw_copies_bytes_over_areas_without_pinning)
{
	char data[2 * 4096];
	struct driver bytes;
	struct lab lab;

	pin_open(&lab);
	driver_create(&bytes, lab.ictx, &byte_ops);
	driver_attach(&bytes, lab.a);
	memset(mem, 'a', 2 * P);
	memset(mem + 8 * P, 'b', 2 * P);
	ck_assert_int_eq(iommufd_access_rw(bytes.access, IOVA + P + 7, data,
					   2 * P, READ), 0);
	ck_assert_int_eq(data[0], 'a');
	ck_assert_int_eq(data[P - 8], 'a');
	ck_assert_int_eq(data[P - 7], 'b');
	memset(data, 'c', sizeof(data));
	ck_assert_int_eq(iommufd_access_rw(bytes.access, IOVA + 2 * P - 1,
					   data, 2, WRITE), 0);
	ck_assert_int_eq(mem[2 * P - 2], 'a');
	ck_assert_int_eq(mem[2 * P - 1], 'c');
	ck_assert_int_eq(mem[8 * P], 'c');
	ck_assert_int_eq(mem[8 * P + 1], 'b');
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	driver_destroy(&bytes);
	lab_close(&lab);
}
END_TEST

/* R-ACC-14: the bytes before a hole or before bad memory have been copied. */
START_TEST(rw_copies_the_bytes_before_the_error)
{
	struct lab lab;
	char data[4096];

	pin_open(&lab);
	memset(mem, 0, 16 * P);
	memset(data, 'z', sizeof(data));
	ck_assert_int_eq(rw(&lab, IOVA + 4 * P - 2, data, 5, WRITE), -ENOENT);
	ck_assert_int_eq(mem[10 * P - 2], 'z');
	ck_assert_int_eq(mem[10 * P - 1], 'z');
	ck_assert_map(lab.ictx, 1, IOVA + 4 * P, MEM_BAD, P, 0);
	ck_assert_int_eq(rw(&lab, IOVA + 4 * P - 3, data, 5, WRITE), -EFAULT);
	ck_assert_int_eq(mem[10 * P - 3], 'z');
	ck_assert_int_eq(rw(&lab, IOVA + 4 * P, data, 1, READ), -EFAULT);
	lab_close(&lab);
}
END_TEST

/*
 * R-PAGES-4: only pages that were not pinned before are charged, after the
 * pinning.
 */
START_TEST(pins_over_the_limit_are_enomem_and_undone)
{
	struct lab lab;

	iommufd_model_set_capable(false);
	iommufd_model_set_memlock_limit(2);
	pin_open(&lab);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 4 * P, READ), -ENOMEM);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 2 * P, READ), 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + P, P, READ), 0);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + 5 * P, P, READ),
			 -ENOMEM);
	unpin(&lab, IOVA, 2 * P);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + 5 * P, P, READ), 0);
	unpin(&lab, IOVA + P, P);
	unpin(&lab, IOVA + 5 * P, P);
	lab_close(&lab);
}
END_TEST

/* R-PAGES-4, R-MAP-3: a map into a domain is charged; a copy costs nothing. */
START_TEST(map_over_the_limit_is_enomem_and_undone)
{
	struct lab lab;
	u32 stdev;

	iommufd_model_set_capable(false);
	iommufd_model_set_memlock_limit(3);
	lab_open(&lab, NULL);
	stdev = add_domain(lab.ictx, 1);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 4 * P, -ENOMEM);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	ck_assert_map(lab.ictx, 1, IOVA, 0, 3 * P, 0);
	ck_assert_int_eq(copy_at(lab.ictx, 1, IOVA, 3 * P, 1, IOVA + 8 * P),
			 0);
	ck_assert_map(lab.ictx, 1, IOVA + 16 * P, 0, P, -ENOMEM);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, 3 * P), 3 * P);
	ck_assert_map(lab.ictx, 1, IOVA + 16 * P, 0, P, -ENOMEM);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 3 * P);
	ck_assert_map(lab.ictx, 1, IOVA + 16 * P, 0, P, 0);
	ck_assert_int_eq(user_destroy(lab.ictx, stdev), 0);
	lab_close(&lab);
}
END_TEST

/*
 * R-PAGES-4: the capability of the mapper at the time of the map decides who
 * pays.
 */
START_TEST(account_that_pays_for_pins_is_settled_by_the_map)
{
	struct lab lab;

	iommufd_model_set_memlock_limit(1);
	pin_open(&lab);
	iommufd_model_set_capable(false);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 4 * P, READ), 0);
	unpin(&lab, IOVA, 4 * P);
	ck_assert_map(lab.ictx, 1, IOVA + 8 * P, 0, 2 * P, 0);
	iommufd_model_set_capable(true);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + 8 * P, 2 * P, READ),
			 -ENOMEM);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pin");
	TCase *tc = checked_case(suite, "pin");

	tcase_add_test(tc, pin_by_an_access_that_may_not_warns);
	tcase_add_test(tc, range_is_looked_at_before_the_ioas);
	tcase_add_test(tc, pin_gives_the_pages_of_all_areas_in_order);
	tcase_add_test(tc, pin_from_the_middle_of_a_page_is_einval);
	tcase_add_test(tc, pin_needs_the_protection_of_the_area);
	tcase_add_test(tc, pin_that_meets_a_hole_is_enoent_and_undone);
	tcase_add_test(tc, pin_of_bad_memory_is_efault_and_undone);
	tcase_add_test(tc, pin_without_memory_is_enomem_and_undone);
	tcase_add_test(tc, each_pin_counts_in_its_area);
	tcase_add_test(tc, each_internal_pin_locks_its_area);
	tc = checked_case(suite, "unpin");
	tcase_add_test(tc, pins_of_one_far_page_pin_it_once_for_all);
	tcase_add_test(tc, a_pin_that_stays_is_named_by_its_iova);
	tcase_add_test(tc, unpin_of_no_range_warns);
	tcase_add_test(tc, unpin_by_a_detached_access_warns);
	tcase_add_test(tc, unpin_with_other_bounds_warns_and_changes_nothing);
	tcase_add_test(tc, unpin_over_a_hole_warns);
	tc = checked_case(suite, "rw");
	tcase_add_test(tc, rw_copies_bytes_over_areas_without_pinning);
	tcase_add_test(tc, rw_copies_the_bytes_before_the_error);
	tc = tcase_create("accounting");
	tcase_add_checked_fixture(tc, iommufd_model_check_setup,
				  accounting_teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, pins_over_the_limit_are_enomem_and_undone);
	tcase_add_test(tc, map_over_the_limit_is_enomem_and_undone);
	tcase_add_test(tc, account_that_pays_for_pins_is_settled_by_the_map);
	return run_map_suite(suite);
}
