// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-HWPT-2, R-HWPT-3, R-HWPT-8, R-VIOMMU-1, R-DEVICE-9: drivers of an IOMMU that
 * lack ops, or whose ops return what they must not.
 */
#include "own_driver.h"

#define NEST IOMMU_HWPT_ALLOC_NEST_PARENT

/* The ops of the driver, for a test to change. */
static struct iommu_ops ops;
static const struct iommu_ops *proper_ops;

static void open_with_ops(struct own_guest *og)
{
	own_guest_open(og);
	proper_ops = own_iommu.ops;
	ops = *proper_ops;
	own_iommu.ops = &ops;
}

static void close_with_ops(struct own_guest *og)
{
	og->pair.a.iommu_dev = &own_iommu;
	own_iommu.ops = proper_ops;
	own_guest_close(og);
}

START_TEST(what_the_driver_has_no_op_for_is_not_supported)
{
	struct own_guest og;

	open_with_ops(&og);
	og.g.parent = made(try_paging(&og.g, NEST));
	ops.domain_alloc_nested = NULL;
	ck_assert_int_eq(try_nested(&og.g, og.g.parent, 0), -EOPNOTSUPP);
	ops.viommu_init = NULL;
	ck_assert_int_eq(try_viommu(&og.g, NULL), -EOPNOTSUPP);
	ops.get_viommu_size = NULL;
	ck_assert_int_eq(try_viommu(&og.g, NULL), -EOPNOTSUPP);
	ops.capable = NULL;
	ck_assert_int_eq(try_paging(&og.g, IOMMU_HWPT_ALLOC_DIRTY_TRACKING),
			 -EOPNOTSUPP);
	ops.domain_alloc_paging_flags = NULL;
	ck_assert_int_eq(try_paging(&og.g, 0), -EOPNOTSUPP);
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	close_with_ops(&og);
}
END_TEST

START_TEST(viommu_of_a_device_without_an_iommu_is_not_supported)
{
	struct own_guest og;

	open_with_ops(&og);
	og.g.parent = made(try_paging(&og.g, NEST));
	own_iommu.ops = NULL;
	ck_assert_int_eq(try_viommu(&og.g, NULL), -EOPNOTSUPP);
	og.pair.a.iommu_dev = NULL;
	ck_assert_int_eq(try_viommu(&og.g, NULL), -EOPNOTSUPP);
	close_with_ops(&og);
}
END_TEST

static bool hwpt_of_a_device_without_ops(void)
{
	struct own_guest og;
	int rc;

	open_with_ops(&og);
	own_iommu.ops = NULL;
	expect_warning("ops");
	rc = try_paging(&og.g, 0);
	close_with_ops(&og);
	return rc == -ENODEV;
}

static bool hwpt_of_a_device_without_an_iommu(void)
{
	struct own_guest og;
	int rc;

	open_with_ops(&og);
	og.pair.a.iommu_dev = NULL;
	expect_warning("iommu_dev");
	rc = try_paging(&og.g, 0);
	close_with_ops(&og);
	return rc == -ENODEV;
}

START_TEST(hwpt_of_a_device_without_an_iommu_warns)
{
	ck_assert(in_a_fresh_process(hwpt_of_a_device_without_ops));
	ck_assert(in_a_fresh_process(hwpt_of_a_device_without_an_iommu));
}
END_TEST

/* Cache coherency that is enforced */

static bool enforces;

static bool enforce(struct iommu_domain *domain)
{
	(void)domain;
	return enforces;
}

static struct iommu_domain_ops domain_ops;

static struct iommu_domain *with_domain_ops(struct iommu_domain *domain)
{
	domain_ops = *domain->ops;
	domain_ops.enforce_cache_coherency = enforces ? enforce : NULL;
	domain->ops = &domain_ops;
	return domain;
}

static struct iommu_domain *
alloc_paging(struct device *dev, u32 flags,
	     const struct iommu_user_data *user_data)
{
	return with_domain_ops(proper_ops->domain_alloc_paging_flags(
		dev, flags, user_data));
}

static bool can_enforce(struct device *dev, enum iommu_cap cap)
{
	(void)dev;
	return cap == IOMMU_CAP_CACHE_COHERENCY ||
	       cap == IOMMU_CAP_ENFORCE_CACHE_COHERENCY;
}

/* R-HWPT-2: only a domain that enforces it is taken for such a device. */
START_TEST(hwpt_of_an_enforcing_device_enforces_coherency)
{
	struct iommufd_hwpt_paging *hwpt;
	struct iommufd_device *idev;
	struct own_guest og;

	open_with_ops(&og);
	ops.capable = can_enforce;
	ops.domain_alloc_paging_flags = alloc_paging;
	idev = own_bind(&og.g, &og.pair.b);
	og.g.idev = iommufd_device_to_id(idev);
	enforces = true;
	hwpt = container_of(obj_of(&og.g, made(try_paging(&og.g, 0))),
			    struct iommufd_hwpt_paging, common.obj);
	ck_assert(hwpt->enforce_cache_coherency);
	enforces = false;
	expect_warning("rc");
	ck_assert_int_eq(try_paging(&og.g, 0), -EINVAL);
	iommufd_device_unbind(idev);
	close_with_ops(&og);
}
END_TEST

/* Invalidation */

static struct iommu_domain *
alloc_nested(struct device *dev, struct iommu_domain *parent, u32 flags,
	     const struct iommu_user_data *user_data)
{
	struct iommu_domain *domain = proper_ops->domain_alloc_nested(
		dev, parent, flags, user_data);

	domain->type = IOMMU_DOMAIN_NESTED;
	return domain;
}

static int invalidate(struct guest *g, u32 id)
{
	struct iommu_hwpt_invalidate cmd = {
		.hwpt_id = id,
		.data_uptr = (uintptr_t)guest_mem,
		.entry_len = 8,
	};

	return uapi(g, IOMMU_HWPT_INVALIDATE, &cmd);
}

/* R-HWPT-8 */
START_TEST(invalidate_without_an_op_of_the_driver_is_not_supported)
{
	struct own_guest og;

	open_with_ops(&og);
	og.g.parent = made(try_paging(&og.g, NEST));
	og.g.viommu = made(try_viommu(&og.g, NULL));
	ops.domain_alloc_nested = alloc_nested;
	ck_assert_int_eq(invalidate(&og.g, og.g.viommu), -EOPNOTSUPP);
	ck_assert_int_eq(invalidate(&og.g, made(try_nested(&og.g, og.g.parent,
							   0))),
			 -EOPNOTSUPP);
	close_with_ops(&og);
}
END_TEST

/* Descriptions */

static u32 info_type;

static void *hw_info(struct device *dev, u32 *length, u32 *type)
{
	(void)dev;
	*length = 0;
	*type = info_type;
	return NULL;
}

static int get_info(struct guest *g, u32 *type)
{
	struct iommu_hw_info cmd = {
		.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE, .dev_id = g->idev,
		.in_data_type = 7,
	};
	int rc = uapi(g, IOMMU_GET_HW_INFO, &cmd);

	*type = cmd.out_data_type;
	return rc;
}

static bool description_without_a_type(void)
{
	struct own_guest og;
	u32 type;
	int rc;

	open_with_ops(&og);
	ops.hw_info = hw_info;
	info_type = IOMMU_HW_INFO_TYPE_NONE;
	expect_warning("IOMMU_HW_INFO_TYPE_NONE");
	rc = get_info(&og.g, &type);
	close_with_ops(&og);
	return rc == -EOPNOTSUPP;
}

/* R-DEVICE-9 */
START_TEST(driver_without_a_description_has_the_type_none)
{
	struct own_guest og;
	u32 type = 7;

	open_with_ops(&og);
	ck_assert_int_eq(get_info(&og.g, &type), 0);
	ck_assert_uint_eq(type, IOMMU_HW_INFO_TYPE_NONE);
	close_with_ops(&og);
	ck_assert(in_a_fresh_process(description_without_a_type));
}
END_TEST

/* What drivers call */

static bool id_without_a_place_for_it(void)
{
	struct own_guest og;
	struct iommufd_viommu *viommu;
	int rc;

	own_guest_open(&og);
	og.g.parent = made(try_paging(&og.g, NEST));
	viommu = container_of(obj_of(&og.g, made(try_viommu(&og.g, NULL))),
			      struct iommufd_viommu, obj);
	expect_warning("vdev_id");
	rc = iommufd_viommu_get_vdev_id(viommu, &og.pair.a, NULL);
	own_guest_close(&og);
	return rc == -EINVAL;
}

START_TEST(questions_without_an_argument_have_an_answer)
{
	struct own_guest og;

	own_guest_open(&og);
	ck_assert(!iommufd_ctx_has_group(NULL, &og.pair.group));
	ck_assert(!iommufd_ctx_has_group(og.g.ictx, NULL));
	own_guest_close(&og);
	ck_assert(in_a_fresh_process(id_without_a_place_for_it));
}
END_TEST

/* The mock's driver checks the flags as well as the core does. */
START_TEST(the_mock_refuses_flags_that_it_does_not_have)
{
	struct iommufd_device *idev;
	struct guest g;

	guest_open(&g);
	idev = container_of(obj_of(&g, g.idev), struct iommufd_device, obj);
	ck_assert_int_eq(PTR_ERR(dev_iommu_ops(idev->dev)
					 ->domain_alloc_paging_flags(
						 idev->dev, 1u << 9, NULL)),
			 -EOPNOTSUPP);
	guest_close(&g);
}
END_TEST

/* A driver may ask for the handle of an attachment to a domain of this type. */
START_TEST(the_mock_says_that_a_paging_domain_is_unmanaged)
{
	struct iommufd_hwpt_paging *hwpt;
	struct guest g;

	guest_open(&g);
	hwpt = container_of(obj_of(&g, made(try_paging(&g, 0))),
			    struct iommufd_hwpt_paging, common.obj);
	ck_assert_uint_eq(hwpt->common.domain->type, IOMMU_DOMAIN_UNMANAGED);
	guest_close(&g);
}
END_TEST

/* The two entries of a page are in two nodes of the mock's table. */
static int map_over_a_boundary(struct guest *g)
{
	u64 boundary = GUEST_IOVA + 128 * MOCK_PAGE_SIZE;
	int rc = try_map(g, g->ioas, boundary - MOCK_PAGE_SIZE, guest_mem,
			 PAGE_SIZE);

	return rc ? rc : 1;
}

START_TEST(map_of_the_mock_without_memory_leaves_no_entry)
{
	struct guest g;

	guest_open(&g);
	fails_without_trace(&g, map_over_a_boundary);
	guest_close(&g);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("driver_ops");
	TCase *tc = guest_tests(suite, "drivers");

	tcase_add_test(tc, what_the_driver_has_no_op_for_is_not_supported);
	tcase_add_test(tc,
		       viommu_of_a_device_without_an_iommu_is_not_supported);
	tcase_add_test(tc, hwpt_of_a_device_without_an_iommu_warns);
	tcase_add_test(tc, hwpt_of_an_enforcing_device_enforces_coherency);
	tcase_add_test(
		tc, invalidate_without_an_op_of_the_driver_is_not_supported);
	tcase_add_test(tc, driver_without_a_description_has_the_type_none);
	tcase_add_test(tc, questions_without_an_argument_have_an_answer);
	tcase_add_test(tc, the_mock_refuses_flags_that_it_does_not_have);
	tcase_add_test(tc, the_mock_says_that_a_paging_domain_is_unmanaged);
	tcase_add_test(tc, map_of_the_mock_without_memory_leaves_no_entry);
	return run_suite(suite);
}
