// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-IOAS-3 to R-IOAS-9: reserved and allowed ranges, domains, alignment, and
 * large pages.
 */
#include "../../../src/iommufd/internal.h"
#include "map_suite.h"

static int ask_ranges(struct iommufd_ctx *ictx, u32 ioas, u32 *n,
		      struct iommu_iova_range *ranges)
{
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd), .ioas_id = ioas, .num_iovas = *n,
		.allowed_iovas = (uintptr_t)ranges, .out_iova_alignment = 77,
	};
	int rc = user_ioctl(ictx, IOMMU_IOAS_IOVA_RANGES, &cmd);

	*n = cmd.num_iovas;
	if (!rc || rc == -EMSGSIZE)
		ck_assert_uint_ne(cmd.out_iova_alignment, 77);
	return rc;
}

/* Checks that exactly these ranges of IOAS 1 are usable. */
static void check_ranges(struct iommufd_ctx *ictx, u32 n,
			 const struct iommu_iova_range *want)
{
	struct iommu_iova_range ranges[8];
	u32 is = ARRAY_SIZE(ranges), i;

	ck_assert_int_eq(ask_ranges(ictx, 1, &is, ranges), 0);
	ck_assert_uint_eq(is, n);
	for (i = 0; i < n; i++) {
		ck_assert_uint_eq(ranges[i].start, want[i].start);
		ck_assert_uint_eq(ranges[i].last, want[i].last);
	}
}

static const struct iommu_iova_range everything = { 0, ~0ull };

static int huge_pages(struct lab *lab, u64 val64)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd), .option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_SET, .object_id = 1, .val64 = val64,
	};

	return user_ioctl(lab->ictx, IOMMU_OPTION, &cmd);
}

/* R-IOAS-3: the order of the checks of IOVA_RANGES. */
START_TEST(errors_of_iova_ranges_come_in_their_order)
{
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd), .ioas_id = NOWHERE, .__reserved = 1,
		.num_iovas = 1, .allowed_iovas = 1,
	};
	struct lab lab;

	lab_open(&lab, NULL);
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_IOVA_RANGES, &cmd),
			 -EOPNOTSUPP);
	cmd.__reserved = 0;
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_IOVA_RANGES, &cmd),
			 -ENOENT);
	cmd.ioas_id = 1;
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_IOVA_RANGES, &cmd),
			 -EFAULT);
	ck_assert_uint_eq(cmd.num_iovas, 1);
	/* If num_iovas is 0 the array is not accessed. */
	cmd.num_iovas = 0;
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_IOVA_RANGES, &cmd),
			 -EMSGSIZE);
	ck_assert_uint_eq(cmd.num_iovas, 1);
	ck_assert_uint_eq(cmd.out_iova_alignment, 1);
	lab_close(&lab);
}
END_TEST

/* R-IOAS-3, R-IOAS-5: the usable ranges are the gaps between reservations. */
START_TEST(iova_ranges_are_the_gaps_between_reservations)
{
	static const struct iommu_iova_range gaps[] = {
		{ 0, P - 1 }, { 4 * P, 4 * P }, { 6 * P, ~0ull },
	};
	struct lab lab;

	lab_open(&lab, NULL);
	check_ranges(lab.ictx, 1, &everything);
	/* Reservations may overlap and come in any order. */
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 4 * P + 1, 6 * P - 1), 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, P, 3 * P - 1), 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 2 * P, 4 * P - 1), 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 2 * P, 2 * P), 0);
	/* Areas and allowed ranges have no influence. */
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_int_eq(allow_one(lab.ictx, 1, IOVA, IOVA + P), 0);
	check_ranges(lab.ictx, 3, gaps);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 2, 0, ~0ull - 1), 0);
	lab_close(&lab);
}
END_TEST

/*
 * R-IOAS-3: if the array is too small, the number of ranges is still returned.
 */
START_TEST(ranges_that_do_not_fit_are_counted)
{
	struct iommu_iova_range ranges[3] = { { 5, 5 }, { 5, 5 }, { 5, 5 } };
	struct lab lab;
	u32 n = 1;

	lab_open(&lab, NULL);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, P, 2 * P - 1), 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 4 * P, 5 * P - 1), 0);
	ck_assert_int_eq(ask_ranges(lab.ictx, 1, &n, ranges), -EMSGSIZE);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(ranges[0].start, 0);
	ck_assert_uint_eq(ranges[0].last, P - 1);
	ck_assert_uint_eq(ranges[1].start, 5);
	lab_close(&lab);
}
END_TEST

/* R-IOAS-3: if everything is reserved, there is no usable range. */
START_TEST(nothing_can_be_used_when_all_is_reserved)
{
	struct lab lab;

	lab_open(&lab, NULL);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 0, P), 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, P, ~0ull), 0);
	check_ranges(lab.ictx, 0, NULL);
	lab_close(&lab);
}
END_TEST

/* R-IOAS-4: the second entry of the array is on a page that cannot be read. */
START_TEST(errors_of_allow_come_in_their_order)
{
	struct iommu_iova_range *entry =
		(struct iommu_iova_range *)(void *)(mem + MEM_BAD) - 1;
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd), .ioas_id = NOWHERE, .num_iovas = 2,
		.__reserved = 1, .allowed_iovas = (uintptr_t)entry,
	};
	struct lab lab;

	lab_open(&lab, NULL);
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_ALLOW_IOVAS, &cmd),
			 -EOPNOTSUPP);
	cmd.__reserved = 0;
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_ALLOW_IOVAS, &cmd),
			 -ENOENT);
	cmd.ioas_id = 1;
	/* The first entry consists of zeros, which is an error by itself. */
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_ALLOW_IOVAS, &cmd),
			 -EINVAL);
	cmd.allowed_iovas = va(MEM_BAD);
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_ALLOW_IOVAS, &cmd),
			 -EFAULT);
	cmd.num_iovas = 0;
	ck_assert_int_eq(user_ioctl(lab.ictx, IOMMU_IOAS_ALLOW_IOVAS, &cmd),
			 0);
	lab_close(&lab);
}
END_TEST

/* R-IOAS-4 steps 3 and 4: the old list stays in force. */
START_TEST(list_that_is_refused_changes_nothing)
{
	static const struct iommu_iova_range twice[] = {
		{ 0x20000, 0x20fff }, { 0x20fff, 0x21fff },
	};
	static const struct iommu_iova_range reserved[] = {
		{ 0x20000, 0x20fff }, { 0x30000, 0x30fff },
	};
	struct lab lab;
	unsigned long n;

	lab_open(&lab, NULL);
	ck_assert_int_eq(allow_one(lab.ictx, 1, 0x10000, 0x10fff), 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 0x30fff, 0x30fff), 0);
	ck_assert_int_eq(allow_one(lab.ictx, 1, 0x20000, 0x20000), -EINVAL);
	ck_assert_int_eq(allow_one(lab.ictx, 1, 0x20001, 0x20000), -EINVAL);
	ck_assert_int_eq(allow(lab.ictx, 1, 2, twice), -EINVAL);
	ck_assert_int_eq(allow(lab.ictx, 1, 2, reserved), -EADDRINUSE);
	for (n = 1; n <= 2; n++) {
		iommufd_model_fail_nth(n);
		ck_assert_int_eq(allow_one(lab.ictx, 1, 0x20000, 0x20fff),
				 -ENOMEM);
		iommufd_model_fail_nth(0);
	}
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), P), 0x10000);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), P), -ENOSPC);
	/* The existing area is outside of the new list, and is left alone. */
	ck_assert_int_eq(allow_one(lab.ictx, 1, 0x20000, 0x20fff), 0);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), P), 0x20000);
	ck_assert_int_eq(allow(lab.ictx, 1, 0, NULL), 0);
	ck_assert_int_eq(map_auto(lab.ictx, 1, va(0), P), P);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 3 * P);
	lab_close(&lab);
}
END_TEST

/* R-IOAS-5, and R-MOCK-8 ADD_RESERVED */
START_TEST(used_or_allowed_range_cannot_be_reserved)
{
	struct iommu_test_cmd cmd = { .last = 0 };
	struct lab lab;

	lab_open(&lab, NULL);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_int_eq(allow_one(lab.ictx, 1, 0x10000, 0x10fff), 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, IOVA + P - 1, IOVA + P),
			 -EADDRINUSE);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 0x10fff, 0x10fff),
			 -EADDRINUSE);
	ck_assert_int_eq(test_ioctl(lab.ictx, &cmd, IOMMU_TEST_OP_ADD_RESERVED,
				    NOWHERE), -EINVAL);
	cmd.add_reserved.start = ~0ull;
	cmd.add_reserved.length = 2;
	ck_assert_int_eq(test_ioctl(lab.ictx, &cmd, IOMMU_TEST_OP_ADD_RESERVED,
				    NOWHERE), -EOVERFLOW);
	cmd.add_reserved.length = 1;
	ck_assert_int_eq(test_ioctl(lab.ictx, &cmd, IOMMU_TEST_OP_ADD_RESERVED,
				    NOWHERE), -ENOENT);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, 0, 0), -ENOMEM);
	iommufd_model_fail_nth(0);
	check_ranges(lab.ictx, 1, &everything);
	lab_close(&lab);
}
END_TEST

/*
 * R-IOAS-6 step 4, R-IOAS-7, R-IOAS-5: each domain reserves what is outside its
 * aperture.
 */
START_TEST(domain_reserves_what_it_cannot_reach)
{
	static const struct iommu_iova_range aperture[] = {
		{ MOCK_APERTURE_START, MOCK_APERTURE_LAST - P },
	};
	struct lab lab;
	u32 first, second;

	lab_open(&lab, NULL);
	ck_assert_int_eq(reserve_iovas(lab.ictx, 1, MOCK_APERTURE_LAST - P + 1,
				 ~0ull), 0);
	first = add_domain(lab.ictx, 1);
	second = add_domain(lab.ictx, 1);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, MOCK_PAGE_SIZE);
	check_ranges(lab.ictx, 1, aperture);
	ck_assert_int_eq(user_destroy(lab.ictx, first), 0);
	check_ranges(lab.ictx, 1, aperture);
	ck_assert_int_eq(user_destroy(lab.ictx, second), 0);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
	check_ranges(lab.ictx, 1, &(struct iommu_iova_range){
			     0, MOCK_APERTURE_LAST - P });
	lab_close(&lab);
}
END_TEST

/* R-IOAS-6 steps 3 and 4: a domain that fails changes nothing. */
START_TEST(domain_that_does_not_fit_changes_nothing)
{
	static const struct {
		u64 iova, offset, length;
	} areas[] = {
		{ IOVA + 1024, 1024, 2048 },	/* the IOVA is not aligned */
		{ IOVA, 0, 1024 },		/* the length is not aligned */
		/* the offset in the page is not aligned */
		{ IOVA, 1024, 2048 },
		/* the area is below the aperture */
		{ 0, 0, P },
		{ MOCK_APERTURE_LAST + 1, 0, P },
	};
	u32 stdev, hwpt;
	struct lab lab;
	size_t i;

	lab_open(&lab, NULL);
	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		ck_assert_map(lab.ictx, 1, areas[i].iova, areas[i].offset,
			      areas[i].length, 0);
		ck_assert_int_eq(add_device(lab.ictx, 1, &stdev, &hwpt),
				 -EADDRINUSE);
		ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
		ck_assert_uint_eq(lab.a->iopt.next_domain_id, 0);
		check_ranges(lab.ictx, 1, &everything);
		ck_assert_int_ne(unmap_all(lab.ictx, 1), 0);
	}
	ck_assert_int_eq(allow_one(lab.ictx, 1, 0, P), 0);
	ck_assert_int_eq(add_device(lab.ictx, 1, &stdev, &hwpt), -EADDRINUSE);
	check_ranges(lab.ictx, 1, &everything);
	lab_close(&lab);
}
END_TEST

/* R-IOAS-6 steps 1 and 2, R-IOAS-7: nothing is mapped in the iopt. */
START_TEST(domains_are_a_dense_array)
{
	struct iommu_domain d[4];
	struct io_pagetable *iopt;
	struct lab lab;
	int i;

	lab_open(&lab, NULL);
	iopt = &lab.a->iopt;
	for (i = 0; i < 4; i++) {
		d[i] = (struct iommu_domain){ .pgsize_bitmap = P };
		d[i].geometry.aperture_end = ULONG_MAX;
	}
	d[3].pgsize_bitmap = 2 * P;
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(iopt_table_add_domain(iopt, &d[i]), 0);
	ck_assert_int_eq(iopt_table_add_domain(iopt, &d[3]), -EINVAL);
	iommufd_model_expect_warning("has_domain");
	ck_assert_int_eq(iopt_table_add_domain(iopt, &d[1]), -EEXIST);
	ck_assert_uint_eq(iopt->next_domain_id, 3);
	iopt_table_remove_domain(iopt, &d[0]);
	ck_assert_uint_eq(iopt->next_domain_id, 2);
	ck_assert_ptr_eq(iopt->domains[0], &d[2]);
	ck_assert_ptr_eq(iopt->domains[1], &d[1]);
	ck_assert_uint_eq(iopt->iova_alignment, P);
	iopt_table_remove_domain(iopt, &d[1]);
	iopt_table_remove_domain(iopt, &d[2]);
	ck_assert_uint_eq(iopt->iova_alignment, 1);
	lab_close(&lab);
}
END_TEST

/*
 * R-IOAS-9: large pages can be turned off unless there are both domains and
 * areas.
 */
START_TEST(large_pages_can_be_disabled_before_there_is_both)
{
	struct lab lab;
	u32 stdev;

	lab_open(&lab, NULL);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	stdev = add_domain(lab.ictx, 1);
	ck_assert_int_eq(huge_pages(&lab, 0), -EINVAL);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), P);
	ck_assert_int_eq(huge_pages(&lab, 0), 0);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_int_eq(huge_pages(&lab, 0), 0);
	ck_assert_int_eq(huge_pages(&lab, 1), 0);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, MOCK_PAGE_SIZE);
	ck_assert_int_eq(user_destroy(lab.ictx, stdev), 0);
	lab_close(&lab);
}
END_TEST

/*
 * R-IOAS-9, R-IOAS-8: large pages stay on if an area is not aligned to a page.
 */
START_TEST(large_pages_stay_if_an_area_is_in_the_way)
{
	struct driver driver;
	struct lab lab;

	lab_open(&lab, NULL);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P / 2, 0);
	ck_assert_int_eq(huge_pages(&lab, 0), -EADDRINUSE);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
	ck_assert_uint_eq(lab.a->iopt.disable_large_pages, 0);
	/* An access that requires page alignment is refused too. */
	driver_create(&driver, lab.ictx, &page_ops);
	ck_assert_int_eq(iommufd_access_attach(driver.access, 1),
			 -EADDRINUSE);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), P / 2);
	driver_attach(&driver, lab.a);
	ck_assert_int_eq(huge_pages(&lab, 0), 0);
	driver_destroy(&driver);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ranges");
	TCase *tc = checked_case(suite, "ranges");

	tcase_add_test(tc, errors_of_iova_ranges_come_in_their_order);
	tcase_add_test(tc, iova_ranges_are_the_gaps_between_reservations);
	tcase_add_test(tc, ranges_that_do_not_fit_are_counted);
	tcase_add_test(tc, nothing_can_be_used_when_all_is_reserved);
	tcase_add_test(tc, errors_of_allow_come_in_their_order);
	tcase_add_test(tc, list_that_is_refused_changes_nothing);
	tcase_add_test(tc, used_or_allowed_range_cannot_be_reserved);
	tc = checked_case(suite, "domains");
	tcase_add_test(tc, domain_reserves_what_it_cannot_reach);
	tcase_add_test(tc, domain_that_does_not_fit_changes_nothing);
	tcase_add_test(tc, domains_are_a_dense_array);
	tcase_add_test(tc, large_pages_can_be_disabled_before_there_is_both);
	tcase_add_test(tc, large_pages_stay_if_an_area_is_in_the_way);
	return run_map_suite(suite);
}
