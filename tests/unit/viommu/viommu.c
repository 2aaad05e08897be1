// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* R-VIOMMU-1, R-MOCK-5: vIOMMUs. */
#include "own_driver.h"
#include "user_memory.h"
#include <sys/mman.h>

#define NOBODY 99
#define SELFTEST IOMMU_VIOMMU_TYPE_SELFTEST

/* The tests below allocate a vIOMMU. */

/* R-VIOMMU-1: each row fails at one check and would fail at all later ones. */
START_TEST(viommu_alloc_checks_in_order)
{
	static const struct {
		u32 flags, type, dev, hwpt;
		int error;
	} bad[] = {
		{ 1, SELFTEST, NOBODY, NOBODY, -EOPNOTSUPP },
		{ 0, 0, NOBODY, NOBODY, -EOPNOTSUPP },
		{ 0, 7, NOBODY, NOBODY, -ENOENT },
		{ 0, 7, 1, NOBODY, -ENOENT },
		{ 0, 7, 3, NOBODY, -EOPNOTSUPP },
		{ 0, SELFTEST, 3, NOBODY, -ENOENT },
		{ 0, SELFTEST, 3, 1, -ENOENT },
		{ 0, SELFTEST, 3, 4, -EINVAL },
	};
	char before[256], after[256];
	struct guest g;
	size_t i;
	int rc;

	guest_open(&g);
	guest_counters(&g, before, sizeof(before));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct iommu_viommu_alloc cmd = {
			.flags = bad[i].flags,
			.type = bad[i].type,
			.dev_id = bad[i].dev,
			.hwpt_id = bad[i].hwpt,
		};

		rc = uapi(&g, IOMMU_VIOMMU_ALLOC, &cmd);
		ck_assert_msg(rc == bad[i].error, "row %zu: %d", i, rc);
		guest_counters(&g, after, sizeof(after));
		ck_assert_str_eq(after, before);
	}
	guest_close(&g);
}
END_TEST

/* R-VIOMMU-1: the driver's init fails, and so its destroy is not called. */
START_TEST(viommu_whose_init_fails_is_undone_without_the_driver)
{
	struct own_guest og;

	own_guest_open(&og);
	og.g.parent = made(try_paging(&og.g, IOMMU_HWPT_ALLOC_NEST_PARENT));
	own.viommu_error = -EXDEV;
	ck_assert_int_eq(try_viommu(&og.g, NULL), -EXDEV);
	ck_assert_said("");
	ck_assert_held(&og.g, og.g.parent, 1, 1);
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	own_guest_close(&og);
}
END_TEST

static bool init_sets_no_ops(void)
{
	struct own_guest og;
	int rc;

	own_guest_open(&og);
	og.g.parent = made(try_paging(&og.g, IOMMU_HWPT_ALLOC_NEST_PARENT));
	own.viommu_ops = NULL;
	expect_warning("ops");
	rc = try_viommu(&og.g, NULL);
	ck_assert_held(&og.g, og.g.parent, 1, 1);
	own_guest_close(&og);
	return rc == -EOPNOTSUPP;
}

static bool size_is_too_small(void)
{
	struct own_guest og;
	int rc;

	own_guest_open(&og);
	own.viommu_size = sizeof(struct iommufd_viommu) - 1;
	og.g.parent = NOBODY;
	expect_warning("size");
	rc = try_viommu(&og.g, NULL);
	own_guest_close(&og);
	return rc == -EOPNOTSUPP;
}

START_TEST(viommu_of_a_driver_with_wrong_ops_warns)
{
	ck_assert(in_a_fresh_process(init_sets_no_ops));
	ck_assert(in_a_fresh_process(size_is_too_small));
}
END_TEST

/* The answer gives EFAULT, and the driver's destroy is called. */
START_TEST(viommu_whose_answer_cannot_be_written_is_undone)
{
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd), .type = SELFTEST,
	};
	struct own_guest og;

	own_guest_open(&og);
	cmd.dev_id = og.g.idev;
	cmd.hwpt_id = made(try_paging(&og.g, IOMMU_HWPT_ALLOC_NEST_PARENT));
	ck_assert_int_eq(iommufd_model_ioctl(og.g.fd, IOMMU_VIOMMU_ALLOC,
					     read_only(&cmd, sizeof(cmd))),
			 -EFAULT);
	ck_assert_said("viommu stops");
	ck_assert_held(&og.g, cmd.hwpt_id, 1, 1);
	ck_assert_ptr_null(slot(og.g.ictx, cmd.hwpt_id + 1));
	own_guest_close(&og);
}
END_TEST

static struct iommu_viommu_selftest viommu_data;

static int make_viommu(struct guest *g)
{
	return try_viommu(g, NULL);
}

static int make_viommu_with_data(struct guest *g)
{
	viommu_data.in_data = 0x1234;
	return try_viommu(g, &viommu_data);
}

START_TEST(viommu_without_memory_leaves_no_trace)
{
	struct guest g;

	guest_open_viommu(&g);
	fails_without_trace(&g, make_viommu);
	fails_without_trace(&g, make_viommu_with_data);
	ck_assert_held(&g, g.parent, 4, 1);
	guest_close(&g);
}
END_TEST

/* R-VIOMMU-1: a vIOMMU holds no reference to the device. */
START_TEST(viommu_outlives_its_device)
{
	struct guest g;

	guest_open_viommu(&g);
	ck_assert_held(&g, g.idev, 3, 1);
	ck_destroy(&g, g.stdev);
	ck_destroy(&g, g.viommu);
	guest_close(&g);
}
END_TEST

/* The tests below map the pages of a mock vIOMMU. */

/*
 * R-MOCK-5: the pages of a mock vIOMMU begin with the word that the user gave.
 */
START_TEST(viommu_pages_show_the_data)
{
	struct guest g;
	u32 *p;

	guest_open_viommu(&g);
	made(make_viommu_with_data(&g));
	ck_assert_uint_eq(viommu_data.out_data, 0x1234);
	ck_assert_uint_eq(viommu_data.out_mmap_length, 2 * PAGE_SIZE);
	p = iommufd_model_mmap(g.fd, viommu_data.out_mmap_length,
			       PROT_READ | PROT_WRITE, MAP_SHARED,
			       viommu_data.out_mmap_offset);
	ck_assert(!IS_ERR(p));
	ck_assert_uint_eq(p[0], 0x1234);
	ck_assert_uint_eq(p[1], 0);
	p[2 * PAGE_SIZE / sizeof(*p) - 1] = 1;
	ck_assert_int_eq(iommufd_model_munmap(p, 2 * PAGE_SIZE), 0);
	guest_close(&g);
}
END_TEST

START_TEST(viommu_is_busy_while_its_pages_are_mapped)
{
	struct guest g;
	void *p;
	u32 id;

	guest_open_viommu(&g);
	id = made(make_viommu_with_data(&g));
	p = iommufd_model_mmap(g.fd, PAGE_SIZE, PROT_READ, MAP_SHARED,
			       viommu_data.out_mmap_offset);
	ck_assert_int_eq(PTR_ERR(p), -ENXIO);
	p = iommufd_model_mmap(g.fd, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED,
			       viommu_data.out_mmap_offset);
	ck_assert(!IS_ERR(p));
	ck_assert_int_eq(destroy(&g, id), -EBUSY);
	ck_assert_int_eq(iommufd_model_munmap(p, 2 * PAGE_SIZE), 0);
	ck_destroy(&g, id);
	/* Z-25a: the cookie is destroyed together with the vIOMMU. */
	p = iommufd_model_mmap(g.fd, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED,
			       viommu_data.out_mmap_offset);
	ck_assert_int_eq(PTR_ERR(p), -ENXIO);
	guest_close(&g);
}
END_TEST

static void viommu_with(struct guest *g, u32 len, const void *data, int error)
{
	struct iommu_viommu_alloc cmd = {
		.type = SELFTEST, .dev_id = g->idev, .hwpt_id = g->parent,
		.data_len = len, .data_uptr = (uintptr_t)data,
	};

	ck_assert_int_eq(uapi(g, IOMMU_VIOMMU_ALLOC, &cmd), error);
	ck_assert_held(g, g->parent, 2, 1);
	ck_assert(list_empty(&g->ictx->mmaps));
}

START_TEST(viommu_with_bad_data_is_refused)
{
	char room[32] = "";
	struct guest g;

	guest_open_viommu(&g);
	viommu_with(&g, 7, room, -EINVAL);
	viommu_with(&g, 25, room, -EINVAL);
	viommu_with(&g, 24, NULL, -EFAULT);
	viommu_with(&g, 24, read_only(room, 24), -EFAULT);
	guest_close(&g);
}
END_TEST

static Suite *viommu_suite(void)
{
	Suite *suite = suite_create("viommu");
	TCase *tc = guest_tests(suite, "viommu");

	tcase_add_test(tc, viommu_alloc_checks_in_order);
	tcase_add_test(tc,
		       viommu_whose_init_fails_is_undone_without_the_driver);
	tcase_add_test(tc, viommu_of_a_driver_with_wrong_ops_warns);
	tcase_add_test(tc, viommu_whose_answer_cannot_be_written_is_undone);
	tcase_add_test(tc, viommu_without_memory_leaves_no_trace);
	tcase_add_test(tc, viommu_outlives_its_device);
	tcase_add_test(tc, viommu_pages_show_the_data);
	tcase_add_test(tc, viommu_is_busy_while_its_pages_are_mapped);
	tcase_add_test(tc, viommu_with_bad_data_is_refused);
	return suite;
}

int main(void)
{
	return run_suite(viommu_suite());
}
