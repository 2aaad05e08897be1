// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An ioctl whose answer cannot be written to user space, or for whose result
 * there is no descriptor, leaves no trace.
 */
#include "guest.h"
#include "user_memory.h"
#include <limits.h>

static int answerless(struct guest *g, u32 op, u32 id,
		      struct iommu_test_cmd cmd)
{
	cmd.size = sizeof(cmd);
	cmd.op = op;
	cmd.id = id;
	return iommufd_model_ioctl(g->fd, IOMMU_TEST_CMD,
				   read_only(&cmd, sizeof(cmd)));
}

/* Check that the call fails with EFAULT, and that all counters stay. */
#define ck_assert_undone(g, op, id, ...) do {				\
	char before[256], after[256];					\
									\
	guest_counters(g, before, sizeof(before));			\
	ck_assert_int_eq(answerless(g, op, id,				\
				    (struct iommu_test_cmd){ __VA_ARGS__ }), \
			 -EFAULT);					\
	guest_counters(g, after, sizeof(after));			\
	ck_assert_str_eq(after, before);				\
} while (0)

START_TEST(command_whose_answer_cannot_be_written_is_undone)
{
	struct iommu_test_cmd cmd = { .size = 0 };
	u32 pinner;
	struct guest g;

	guest_open(&g);
	ck_assert_undone(&g, IOMMU_TEST_OP_MOCK_DOMAIN, g.ioas, .size = 0);
	ck_assert_undone(&g, IOMMU_TEST_OP_CREATE_ACCESS, g.ioas, .size = 0);
	cmd.create_access.flags = MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES;
	ck_assert_int_eq(ioctl_test(g.fd, IOMMU_TEST_OP_CREATE_ACCESS, g.ioas,
				    &cmd), 0);
	pinner = cmd.create_access.out_access_fd;
	ck_assert_undone(&g, IOMMU_TEST_OP_ACCESS_PAGES, pinner,
			 .access_pages = { .iova = GUEST_IOVA,
					   .length = PAGE_SIZE });
	/* Only the domain of the guest has it pinned. */
	ck_assert_uint_eq(iommufd_model_page_pins(virt_to_page(
				  (uintptr_t)guest_mem)), 1);
	ck_assert_int_eq(iommufd_model_close((int)pinner), 0);
	guest_close(&g);
}
END_TEST

START_TEST(pasid_attach_that_cannot_be_told_is_undone)
{
	struct iommu_test_cmd cmd = {
		.mock_domain_flags = { .dev_flags = MOCK_FLAGS_DEVICE_PASID },
	};
	struct guest g;
	u32 stdev, hwpt;

	guest_open(&g);
	ck_assert_int_eq(ioctl_test(g.fd, IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
				    g.ioas, &cmd), 0);
	stdev = cmd.mock_domain_flags.out_stdev_id;
	g.idev = cmd.mock_domain_flags.out_idev_id;
	hwpt = made(try_paging(&g, IOMMU_HWPT_ALLOC_PASID));
	made(try_replace(&g, stdev, hwpt));
	ck_assert_undone(&g, IOMMU_TEST_OP_PASID_ATTACH, stdev,
			 .pasid_attach = { .pasid = 5, .pt_id = hwpt });
	guest_close(&g);
}
END_TEST

START_TEST(ranges_that_cannot_be_told_are_efault)
{
	struct iommu_iova_range range;
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd), .num_iovas = 1,
		.allowed_iovas = (uintptr_t)&range,
	};
	struct guest g;

	guest_open(&g);
	cmd.ioas_id = g.ioas;
	ck_assert_int_eq(iommufd_model_ioctl(g.fd, IOMMU_IOAS_IOVA_RANGES,
					     read_only(&cmd, sizeof(cmd))),
			 -EFAULT);
	guest_close(&g);
}
END_TEST

START_TEST(access_without_a_descriptor_is_enomem)
{
	struct iommu_test_cmd cmd = { .size = 0 };
	struct guest g;

	guest_open(&g);
	iommufd_model_set_first_fd(INT_MAX);
	ck_assert_int_eq(ioctl_test(g.fd, IOMMU_TEST_OP_CREATE_ACCESS, g.ioas,
				    &cmd), -ENOMEM);
	iommufd_model_set_first_fd(3);
	guest_close(&g);
}
END_TEST

/* The mock's commands check their arguments. */
START_TEST(commands_refuse_what_they_do_not_have)
{
	struct iommu_test_cmd pages = {
		.access_pages = { .flags = 1u << 9, .length = PAGE_SIZE },
	};
	struct iommu_test_cmd wraps = {
		.check_map = { .length = PAGE_SIZE, .uptr = -PAGE_SIZE },
	};
	struct guest g;

	guest_open(&g);
	ck_assert_int_eq(ioctl_test(g.fd, IOMMU_TEST_OP_ACCESS_PAGES, 0,
				    &pages), -EOPNOTSUPP);
	ck_assert_int_eq(ioctl_test(g.fd, IOMMU_TEST_OP_MD_CHECK_MAP, g.hwpt,
				    &wraps), -EINVAL);
	guest_close(&g);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("answer");
	TCase *tc = guest_tests(suite, "answers");

	tcase_add_test(tc, command_whose_answer_cannot_be_written_is_undone);
	tcase_add_test(tc, pasid_attach_that_cannot_be_told_is_undone);
	tcase_add_test(tc, ranges_that_cannot_be_told_are_efault);
	tcase_add_test(tc, access_without_a_descriptor_is_enomem);
	tcase_add_test(tc, commands_refuse_what_they_do_not_have);
	return run_suite(suite);
}
