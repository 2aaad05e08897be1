// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-MAP-4, R-MAP-5, R-PAGES-4, R-UNMAP-2: areas at the end of the address
 * space; memory that is charged to the process; pins that share their pages
 * with others, or that are never undone.
 */
#define _GNU_SOURCE
#include "map_suite.h"
#include <sys/mman.h>
#include <unistd.h>

/* For the server of "iommufd-model exec", which declares it as well. */
bool iommufd_model_process_memory(int pid, unsigned long *pinned,
				  unsigned long *locked);
void *iommufd_model_process_new(int pid);
void iommufd_model_process_select(void *process);

#define TOP (-PAGE_SIZE)
#define HUGE (2ul << 20)

static void accounting_teardown(void)
{
	iommufd_model_set_capable(true);
	iommufd_model_set_memlock_limit(ULONG_MAX);
	iommufd_model_check_teardown();
}

START_TEST(last_page_of_the_address_space_can_be_mapped)
{
	struct driver second;
	struct lab lab;

	/* Each access asks every area for its alignment. */
	lab_open(&lab, &page_ops);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_map(lab.ictx, 1, TOP, P, P, 0);
	ck_assert_map(lab.ictx, 1, TOP, P, 2 * P, -EOVERFLOW);
	driver_attach(&lab.driver, lab.a);
	ck_assert_int_eq(pin(lab.driver.access, TOP, P, READ), 0);
	driver_create(&second, lab.ictx, &page_ops);
	driver_attach(&second, lab.a);
	driver_destroy(&second);
	iommufd_access_unpin_pages(lab.driver.access, TOP, P);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 2 * P);
	lab_close(&lab);
}
END_TEST

/* The first pin of an area can be far from its start. */
START_TEST(pin_of_a_late_page_pins_only_that_page)
{
	static char large[64 * PAGE_SIZE]
		__attribute__((aligned(PAGE_SIZE)));
	const char *page = large + 40 * PAGE_SIZE;
	struct lab lab;

	lab_open(&lab, &page_ops);
	ck_assert_int_eq(map_at(lab.ictx, 1, IOVA, (uintptr_t)large,
				sizeof(large)), 0);
	driver_attach(&lab.driver, lab.a);
	ck_assert_int_eq(pin(lab.driver.access, IOVA + 40 * P, P, READ), 0);
	ck_assert_uint_eq(iommufd_model_page_pins(virt_to_page(
				  (uintptr_t)page)), 1);
	ck_assert_uint_eq(iommufd_model_pinned(), 1);
	iommufd_access_unpin_pages(lab.driver.access, IOVA + 40 * P, P);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	lab_close(&lab);
}
END_TEST

/* R-MAP-5: rounded up to its alignment, the start is beyond the end. */
START_TEST(no_room_below_the_end_of_the_address_space_is_enospc)
{
	struct lab lab;

	lab_open(&lab, NULL);
	ck_assert_int_eq(allow_one(lab.ictx, 1, -4 * PAGE_SIZE, ULONG_MAX), 0);
	ck_assert_int_eq(map_auto(lab.ictx, 1, HUGE, HUGE), -ENOSPC);
	lab_close(&lab);
}
END_TEST

static int set_mode(struct iommufd_ctx *ictx, u64 mode)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_SET,
		.val64 = mode,
	};

	return user_ioctl(ictx, IOMMU_OPTION, &cmd);
}

/* R-PAGES-4: mode 1 charges the process, mode 0 the user. */
START_TEST(mode_1_counts_the_locked_memory_of_the_process)
{
	struct iommufd_ctx *ictx;
	unsigned long pinned, locked;
	u64 mode;

	for (mode = 0; mode < 2; mode++) {
		ictx = iommufd_model_check_open();
		ck_assert_int_eq(set_mode(ictx, mode), 0);
		iommufd_model_set_capable(false);
		make_ioas(ictx);
		ck_assert_map(ictx, 1, IOVA, 0, 2 * P, 0);
		add_domain(ictx, 1);
		ck_assert(iommufd_model_process_memory(0, &pinned, &locked));
		ck_assert_uint_eq(pinned, 2);
		ck_assert_uint_eq(locked, mode ? 2 : 0);
		iommufd_model_check_close(ictx);
		iommufd_model_set_capable(true);
		ck_assert(iommufd_model_process_memory(0, &pinned, &locked));
		ck_assert_uint_eq(pinned + locked, 0);
	}
	iommufd_model_process_new(4711);
	iommufd_model_process_new(4712);
	pinned = 1;
	ck_assert(iommufd_model_process_memory(4711, &pinned, &locked));
	ck_assert_uint_eq(pinned, 0);
	ck_assert(!iommufd_model_process_memory(4713, &pinned, &locked));
}
END_TEST

/* R-IOAS-11: the pages of a user who may lock any memory are nobody's. */
START_TEST(pages_that_nobody_is_charged_for_change_their_process)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommu_ioas_change_process change = { .size = sizeof(change) };
	struct iommu_ioas_map_file map = {
		.size = sizeof(map), .ioas_id = make_ioas(ictx), .length = P,
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_FIXED_IOVA,
		.iova = IOVA, .fd = memfd_create("edges", MFD_CLOEXEC),
	};
	unsigned long pinned, locked;

	ck_assert_int_eq(ftruncate(map.fd, P), 0);
	ck_assert_int_eq(user_ioctl(ictx, IOMMU_IOAS_MAP_FILE, &map), 0);
	add_domain(ictx, map.ioas_id);
	iommufd_model_process_select(iommufd_model_process_new(4711));
	ck_assert_int_eq(user_ioctl(ictx, IOMMU_IOAS_CHANGE_PROCESS, &change),
			 0);
	iommufd_model_process_select(NULL);
	ck_assert(iommufd_model_process_memory(4711, &pinned, &locked));
	ck_assert_uint_eq(locked, 0);
	iommufd_model_check_close(ictx);
	close(map.fd);
}
END_TEST

/* A driver on each of two areas, of which one is a copy of the other. */
static void open_copy(struct lab *lab, struct driver *other)
{
	lab_open(lab, &page_ops);
	ck_assert_map(lab->ictx, 1, IOVA, 0, 2 * P, 0);
	ck_assert_int_eq(copy_at(lab->ictx, 1, IOVA, 2 * P, 2, IOVA), 0);
	driver_attach(&lab->driver, lab->a);
	driver_create(other, lab->ictx, &page_ops);
	driver_attach(other, lab->b);
}

static void close_copy(struct lab *lab, struct driver *other, u64 length)
{
	iommufd_access_unpin_pages(lab->driver.access, IOVA, 2 * P);
	iommufd_access_unpin_pages(other->access, IOVA, length);
	driver_destroy(other);
	lab_close(lab);
}

/* The pins of a copy, which has the same pages, are not those of the area. */
START_TEST(warning_names_the_pin_of_the_area_and_not_that_of_its_copy)
{
	struct driver other;
	struct lab lab;

	open_copy(&lab, &other);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 2 * P, READ), 0);
	ck_assert_int_eq(pin(other.access, IOVA, P, READ), 0);
	iommufd_model_expect_warning("access 3 still has 0x2000 bytes");
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, 2 * P), -EDEADLOCK);
	iommufd_model_expect_warning("access 4 still has 0x1000 bytes");
	ck_assert_int_eq(unmap_at(lab.ictx, 2, IOVA, 2 * P), -EDEADLOCK);
	close_copy(&lab, &other, P);
}
END_TEST

/* One record stands for equal pins, and it names only the first access. */
START_TEST(warning_of_an_equal_pin_through_a_copy_names_no_access)
{
	struct driver other;
	struct lab lab;

	open_copy(&lab, &other);
	ck_assert_int_eq(pin(lab.driver.access, IOVA, 2 * P, READ), 0);
	ck_assert_int_eq(pin(other.access, IOVA, 2 * P, READ), 0);
	iommufd_model_expect_warning("is still pinned after 101 tries");
	ck_assert_int_eq(unmap_at(lab.ictx, 2, IOVA, 2 * P), -EDEADLOCK);
	close_copy(&lab, &other, 2 * P);
}
END_TEST

static bool pin_is_left_over(void)
{
	struct lab lab;
	bool good;

	lab_open(&lab, &page_ops);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	driver_attach(&lab.driver, lab.a);
	good = !pin(lab.driver.access, IOVA, P, READ);
	driver_destroy(&lab.driver);
	iommufd_model_expect_warning("tries");
	iommufd_model_expect_warning("the IOAS is destroyed, and access 3");
	iommufd_model_expect_warning("range_empty");
	iommufd_model_close(iommufd_model_check_fd(lab.ictx));
	return good;
}

START_TEST(ioas_with_a_pin_that_is_left_over_names_its_access)
{
	ck_assert(in_a_fresh_process(pin_is_left_over));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("edges");
	TCase *tc = checked_case(suite, "edges");

	tcase_add_test(tc, last_page_of_the_address_space_can_be_mapped);
	tcase_add_test(tc, pin_of_a_late_page_pins_only_that_page);
	tcase_add_test(tc,
		       no_room_below_the_end_of_the_address_space_is_enospc);
	tcase_add_test(
		tc, warning_names_the_pin_of_the_area_and_not_that_of_its_copy);
	tcase_add_test(tc,
		       warning_of_an_equal_pin_through_a_copy_names_no_access);
	tcase_add_test(tc, ioas_with_a_pin_that_is_left_over_names_its_access);
	tc = case_with(suite, "accounting", iommufd_model_check_setup,
		       accounting_teardown);
	tcase_add_test(tc, mode_1_counts_the_locked_memory_of_the_process);
	tcase_add_test(tc,
		       pages_that_nobody_is_charged_for_change_their_process);
	return run_map_suite(suite);
}
