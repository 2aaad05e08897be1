// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-HWPT-1 to R-HWPT-7: HWPTs and IOMMU_HWPT_ALLOC.
 */
#include "own_driver.h"
#include "user_memory.h"

#define NEST IOMMU_HWPT_ALLOC_NEST_PARENT
#define FAULT IOMMU_HWPT_FAULT_ID_VALID
#define DIRTY IOMMU_HWPT_ALLOC_DIRTY_TRACKING
#define SELFTEST IOMMU_HWPT_DATA_SELFTEST
#define NOBODY 99

/* R-HWPT-7: each row fails at one check and would fail at all later ones. */
START_TEST(alloc_checks_in_the_order_of_the_uapi)
{
	static const struct {
		u32 reserved, type, len, dev, pt, flags;
		int error;
	} bad[] = {
		{ 1, SELFTEST, 0, NOBODY, NOBODY, 1u << 9, -EOPNOTSUPP },
		{ 0, SELFTEST, 0, NOBODY, NOBODY, 1u << 9, -EINVAL },
		{ 0, 0, 8, NOBODY, NOBODY, 1u << 9, -EINVAL },
		{ 0, 0, 0, NOBODY, NOBODY, 1u << 9, -ENOENT },
		{ 0, 0, 0, 1, NOBODY, 1u << 9, -ENOENT },
		{ 0, 0, 0, 3, NOBODY, 1u << 9, -EINVAL },
		{ 0, 0, 0, 3, 3, 1u << 9, -EINVAL },
		{ 0, 0, 0, 3, 1, 1u << 9, -EOPNOTSUPP },
		{ 0, 0, 0, 3, 1, FAULT | NEST, -EOPNOTSUPP },
		{ 0, 7, 8, 3, 1, FAULT, -EOPNOTSUPP },
		{ 0, 0, 0, 3, 1, FAULT, -ENOENT },
	};
	char before[256], after[256];
	struct guest g;
	size_t i;

	guest_open(&g);
	guest_counters(&g, before, sizeof(before));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct iommu_hwpt_alloc cmd = {
			.__reserved = bad[i].reserved,
			.data_type = bad[i].type,
			.data_len = bad[i].len,
			.data_uptr = (uintptr_t)&guest_iotlb,
			.dev_id = bad[i].dev,
			.pt_id = bad[i].pt,
			.flags = bad[i].flags,
			.fault_id = NOBODY,
		};
		int rc = try_alloc_hwpt(&g, &cmd);

		ck_assert_msg(rc == bad[i].error, "row %zu: %d", i, rc);
		guest_counters(&g, after, sizeof(after));
		ck_assert_str_eq(after, before);
	}
	guest_close(&g);
}
END_TEST

/*
 * The id cannot be written to user space: the HWPT is destroyed and its
 * reference to the FAULT is dropped.
 */
static void answer_is_efault(struct guest *g, u32 pt_id, u32 fault)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = fault ? FAULT : 0,
		.dev_id = g->idev,
		.pt_id = pt_id,
		.data_type = SELFTEST,
		.data_len = sizeof(guest_iotlb),
		.data_uptr = (uintptr_t)&guest_iotlb,
		.fault_id = fault,
	};
	char before[256], after[256];

	guest_counters(g, before, sizeof(before));
	ck_assert_int_eq(iommufd_model_ioctl(g->fd, IOMMU_HWPT_ALLOC,
					     read_only(&cmd, sizeof(cmd))),
			 -EFAULT);
	guest_counters(g, after, sizeof(after));
	ck_assert_str_eq(after, before);
}

/*
 * R-HWPT-7 step 7, Z-17b: the undo runs with the mutex held that destroy would
 * take.
 */
START_TEST(alloc_whose_answer_cannot_be_written_is_undone)
{
	struct guest g;
	u32 fault;

	guest_open_viommu(&g);
	fault = made(try_fault(&g));
	answer_is_efault(&g, g.ioas, 0);
	answer_is_efault(&g, g.ioas, fault);
	answer_is_efault(&g, g.parent, 0);
	answer_is_efault(&g, g.viommu, fault);
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}
END_TEST

static void published_event(struct iommufd_model_hook *hook,
			    const struct iommufd_model_op *op)
{
	(void)hook;
	if (op->kind == IOMMUFD_MODEL_OP_NOTE &&
	    op->arg == IOMMUFD_MODEL_NOTE_FINALIZE)
		say("%d locks", iommufd_model_locks_held());
}

/*
 * R-HWPT-1, Z-17a: no other thread finds the HWPT on the list before it is
 * published.
 */
START_TEST(ioas_mutex_is_held_until_a_paging_hwpt_is_published)
{
	struct iommufd_model_hook hook = { .event = published_event };
	struct iommufd_ioas *ioas;
	struct guest g;

	guest_open(&g);
	ioas = container_of(obj_of(&g, g.ioas), struct iommufd_ioas, obj);
	iommufd_model_hook_add(&hook);
	made(try_paging(&g, 0));
	iommufd_model_hook_remove(&hook);
	ck_assert_said("1 locks");
	ck_assert(!list_empty(&ioas->hwpt_list));
	guest_close(&g);
}
END_TEST

/* The tests below are about flags and user data. */

START_TEST(flags_are_kept)
{
	struct iommufd_hwpt_paging *hwpt;
	struct guest g;

	guest_open(&g);
	hwpt = container_of(obj_of(&g, made(try_paging(&g, NEST))),
			    struct iommufd_hwpt_paging, common.obj);
	ck_assert(hwpt->nest_parent);
	ck_assert(!hwpt->auto_domain);
	ck_assert(!hwpt->common.pasid_compat);
	hwpt = container_of(obj_of(&g, made(try_paging(
				&g, IOMMU_HWPT_ALLOC_PASID | DIRTY))),
			    struct iommufd_hwpt_paging, common.obj);
	ck_assert(hwpt->common.pasid_compat);
	ck_assert(!hwpt->nest_parent);
	guest_close(&g);
}
END_TEST

/*
 * R-HWPT-1, R-MOCK-3: the flag needs the capability, and a device without it
 * cannot attach to a HWPT with the flag.
 */
START_TEST(dirty_tracking_needs_the_capability)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
		.mock_domain_flags.dev_flags = MOCK_FLAGS_DEVICE_NO_DIRTY,
	};
	struct guest g;
	u32 hwpt;

	guest_open(&g);
	hwpt = made(try_paging(&g, DIRTY));
	cmd.id = g.ioas;
	ck_assert_int_eq(uapi(&g, IOMMU_TEST_CMD, &cmd), 0);
	g.idev = cmd.mock_domain.out_idev_id;
	ck_assert_int_eq(try_paging(&g, DIRTY), -EOPNOTSUPP);
	made(try_paging(&g, 0));
	ck_assert_int_eq(try_replace(&g, cmd.mock_domain.out_stdev_id, hwpt),
			 -EINVAL);
	guest_close(&g);
}
END_TEST

/* The command has a fault_id but not the flag. */
START_TEST(fault_id_is_ignored_without_its_flag)
{
	struct iommu_hwpt_alloc cmd = { .fault_id = NOBODY };
	struct guest g;

	guest_open(&g);
	cmd.dev_id = g.idev;
	cmd.pt_id = g.ioas;
	made(try_alloc_hwpt(&g, &cmd));
	guest_close(&g);
}
END_TEST

/*
 * R-HWPT-6: an id of another type gives ENOENT, and the new HWPT is destroyed.
 */
START_TEST(unknown_fault_id_undoes_the_hwpt)
{
	struct guest g;

	guest_open_viommu(&g);
	ck_assert_int_eq(try_nested(&g, g.parent, NOBODY), -ENOENT);
	ck_assert_int_eq(try_nested(&g, g.viommu, g.ioas), -ENOENT);
	ck_assert_held(&g, g.parent, 2, 1);
	ck_assert_held(&g, g.viommu, 1, 1);
	ck_assert_ptr_null(slot(g.ictx, g.viommu + 1));
	guest_close(&g);
}
END_TEST

/* R-MOCK-3, R-MOCK-4: the driver's checks of the user data. */
static void check_data(u32 on_ioas, u32 type, u32 len, u64 uptr, int error)
{
	struct guest g;
	struct iommu_hwpt_alloc cmd = {
		.data_type = type, .data_len = len, .data_uptr = uptr,
	};

	guest_open_viommu(&g);
	cmd.dev_id = g.idev;
	cmd.pt_id = on_ioas ? g.ioas : g.parent;
	ck_assert_int_eq(try_alloc_hwpt(&g, &cmd), error);
	ck_assert_held(&g, g.ioas, 3, 1);
	ck_assert_held(&g, g.parent, 2, 1);
	guest_close(&g);
}

START_TEST(bad_data_is_refused)
{
	struct iommu_hwpt_selftest other = { .pagetable_type = 2 };
	u64 uptr = (uintptr_t)&guest_iotlb;

	check_data(1, 1, 8, uptr, -EOPNOTSUPP);
	check_data(1, SELFTEST, 3, uptr, -EINVAL);
	check_data(1, SELFTEST, 9, uptr, -EINVAL);
	check_data(1, SELFTEST, 8, 0, -EFAULT);
	check_data(1, SELFTEST, 8, (uintptr_t)&other, -EOPNOTSUPP);
	check_data(0, 1, 8, uptr, -EOPNOTSUPP);
	check_data(0, SELFTEST, 3, uptr, -EINVAL);
	check_data(0, SELFTEST, 9, uptr, -EINVAL);
	check_data(0, SELFTEST, 8, 0, -EFAULT);
}
END_TEST

/* The tests below allocate nested HWPTs. */

static int nested_flags(struct guest *g, u32 pt_id, u32 flags, bool data)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = flags,
		.dev_id = g->idev,
		.pt_id = pt_id,
		.data_type = data ? SELFTEST : 0,
		.data_len = data ? sizeof(guest_iotlb) : 0,
		.data_uptr = (uintptr_t)&guest_iotlb,
	};

	return try_alloc_hwpt(g, &cmd);
}

/* R-HWPT-3: flags and user data are checked before the parent. */
START_TEST(nested_checks_flags_and_data_then_the_parent)
{
	struct guest g;
	u32 plain, nested;

	guest_open_viommu(&g);
	plain = made(try_paging(&g, 0));
	ck_assert_int_eq(nested_flags(&g, plain, NEST, true), -EOPNOTSUPP);
	ck_assert_int_eq(nested_flags(&g, plain, DIRTY, true), -EOPNOTSUPP);
	ck_assert_int_eq(nested_flags(&g, plain, 0, false), -EOPNOTSUPP);
	ck_assert_int_eq(nested_flags(&g, plain, 0, true), -EINVAL);
	ck_assert_int_eq(nested_flags(&g, g.hwpt, 0, true), -EINVAL);
	nested = made(nested_flags(&g, g.parent, IOMMU_HWPT_ALLOC_PASID, true));
	ck_assert_int_eq(nested_flags(&g, nested, 0, true), -EINVAL);
	ck_assert_held(&g, plain, 1, 1);
	guest_close(&g);
}
END_TEST

/* R-HWPT-3, R-HWPT-4: the parent is a domain or a vIOMMU of another driver. */
START_TEST(nested_across_drivers_is_einval)
{
	struct own_guest og;
	struct guest *g = &og.g;
	struct iommu_test_cmd cmd;
	u32 own_dev;

	own_guest_open(&og);
	own_dev = g->idev;
	made(try_device(g, g->ioas, &cmd));
	g->idev = cmd.mock_domain.out_idev_id;
	guest_viommu(g);
	g->idev = own_dev;
	ck_assert_int_eq(nested_flags(g, g->parent, 0, true), -EINVAL);
	ck_assert_int_eq(nested_flags(g, g->viommu, 0, true), -EINVAL);
	/* R-HWPT-4: the op is checked before the flags. */
	ck_assert_int_eq(nested_flags(g, g->viommu, NEST, false), -EINVAL);
	ck_assert_held(g, g->parent, 2, 1);
	ck_assert_held(g, g->viommu, 1, 1);
	own_guest_close(&og);
}
END_TEST

/* R-MOCK-4: reads a word of a nested domain with the test command. */
static int check_iotlb(struct guest *g, u32 id, u32 word, u32 value)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_MD_CHECK_IOTLB,
		.id = id,
		.check_iotlb = { .id = word, .iotlb = value },
	};

	return uapi(g, IOMMU_TEST_CMD, &cmd);
}

START_TEST(nested_has_what_the_user_gave_in_each_word)
{
	const u32 given = IOMMU_TEST_IOTLB_DEFAULT;
	struct guest g;
	u32 nested, i;

	guest_open_viommu(&g);
	nested = made(try_nested(&g, g.parent, 0));
	for (i = 0; i < MOCK_NESTED_DOMAIN_IOTLB_NUM; i++) {
		ck_assert_int_eq(check_iotlb(&g, nested, i, given), 0);
		ck_assert_int_eq(check_iotlb(&g, nested, i, 0), -EINVAL);
	}
	ck_assert_int_eq(check_iotlb(&g, nested, i, given), -EINVAL);
	ck_assert_int_eq(check_iotlb(&g, g.parent, 0, given), -ENOENT);
	ck_assert_int_eq(check_iotlb(&g, nested + 1, 0, given), -ENOENT);
	ck_assert_held(&g, nested, 1, 1);
	guest_close(&g);
}
END_TEST

/* R-HWPT-4: flags, user data and the op of the vIOMMU are checked. */
START_TEST(nested_on_viommu_checks_flags_data_and_op)
{
	struct own_guest og;
	struct guest g;

	guest_open_viommu(&g);
	ck_assert_int_eq(nested_flags(&g, g.viommu, NEST, true), -EOPNOTSUPP);
	ck_assert_int_eq(nested_flags(&g, g.viommu, 0, false), -EOPNOTSUPP);
	guest_close(&g);

	own_guest_open(&og);
	guest_viommu(&og.g);
	ck_assert_int_eq(nested_flags(&og.g, og.g.viommu, 0, true),
			 -EOPNOTSUPP);
	own_guest_close(&og);
}
END_TEST

static bool driver_gives_a_paging_domain(void)
{
	struct own_guest og;
	int rc;

	own_guest_open(&og);
	guest_viommu(&og.g);
	expect_warning("IOMMU_DOMAIN_NESTED");
	rc = nested_flags(&og.g, og.g.parent, 0, true);
	ck_assert_held(&og.g, og.g.parent, 2, 1);
	own_guest_close(&og);
	return rc == -EOPNOTSUPP;
}

/* R-HWPT-3: the driver returns another kind of domain. */
START_TEST(nested_domain_of_the_wrong_type_warns_and_is_undone)
{
	ck_assert(in_a_fresh_process(driver_gives_a_paging_domain));
}
END_TEST

static bool device_has_no_ops(void)
{
	struct own_guest og;
	int rc;

	own_guest_open(&og);
	og.pair.a.iommu_dev = NULL;
	expect_warning("iommu_dev");
	rc = try_paging(&og.g, 1u << 9);
	og.pair.a.iommu_dev = &own_iommu;
	own_guest_close(&og);
	return rc == -ENODEV;
}

/* R-HWPT-1: the device has no IOMMU. */
START_TEST(paging_for_a_device_without_ops_warns_and_is_enodev)
{
	ck_assert(in_a_fresh_process(device_has_no_ops));
}
END_TEST

/* The tests below let an allocation fail half way. */

static int make_parent(struct guest *g)
{
	return try_paging(g, NEST);
}

static int make_nested(struct guest *g)
{
	return try_nested(g, g->parent, 0);
}

static int make_nested_on_viommu(struct guest *g)
{
	return try_nested(g, g->viommu, 0);
}

static u32 fault_id;

static int make_nested_with_fault(struct guest *g)
{
	return try_nested(g, g->parent, fault_id);
}

/*
 * R-HWPT-1 to R-HWPT-4, R-HWPT-6: the IOAS has memory mapped, so that many
 * allocations can fail.
 */
START_TEST(alloc_without_memory_leaves_no_trace)
{
	struct guest g;

	guest_open_viommu(&g);
	fault_id = made(try_fault(&g));
	fails_without_trace(&g, make_parent);
	fails_without_trace(&g, make_nested);
	fails_without_trace(&g, make_nested_on_viommu);
	fails_without_trace(&g, make_nested_with_fault);
	ck_assert_held(&g, fault_id, 3, 1);
	ck_assert_int_eq(close_event_fd(&g), 0);
	guest_close(&g);
}
END_TEST

/* R-HWPT-8 step 2: each row has one mistake, and the id would be the next. */
START_TEST(invalidate_checks_its_entries_first)
{
	static const struct {
		bool address;
		u32 len, num;
		int error;
	} rows[] = {
		{ false, 8, 1, -EINVAL },
		{ true, 0, 1, -EINVAL },
		{ true, PAGE_SIZE + 1, 1, -EINVAL },
		{ true, 8, (1u << 19) + 1, -EINVAL },
		{ true, PAGE_SIZE, 1u << 19, -ENOENT },
		{ false, 0, 0, -ENOENT },
	};
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd), .hwpt_id = NOBODY,
		.data_uptr = rows[_i].address ? (uintptr_t)&cmd : 0,
		.entry_len = rows[_i].len, .entry_num = rows[_i].num,
	};
	struct guest g;

	guest_open(&g);
	ck_assert_int_eq(iommufd_model_ioctl(g.fd, IOMMU_HWPT_INVALIDATE, &cmd),
			 rows[_i].error);
	ck_assert_uint_eq(cmd.entry_num, 0);
	guest_close(&g);
}
END_TEST

/* R-HWPT-8: the number of entries is written back whatever the result is. */
START_TEST(invalidate_that_cannot_tell_its_progress_is_efault)
{
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd), .hwpt_id = NOBODY,
	};
	struct guest g;

	guest_open(&g);
	ck_assert_int_eq(iommufd_model_ioctl(g.fd, IOMMU_HWPT_INVALIDATE, &cmd),
			 -ENOENT);
	ck_assert_int_eq(iommufd_model_ioctl(g.fd, IOMMU_HWPT_INVALIDATE,
					     read_only(&cmd, sizeof(cmd))),
			 -EFAULT);
	guest_close(&g);
}
END_TEST

/* The command for tests says the same about each allocation. */
START_TEST(access_for_tests_without_memory_is_enomem)
{
	struct iommu_test_cmd cmd;
	unsigned long n;
	struct guest g;
	int rc;

	guest_open(&g);
	for (n = 1;; n++) {
		cmd = (struct iommu_test_cmd){ .last = 0 };
		iommufd_model_fail_nth(n);
		rc = ioctl_test(g.fd, IOMMU_TEST_OP_CREATE_ACCESS, g.ioas,
				&cmd);
		if (!iommufd_model_failed())
			break;
		ck_assert_int_eq(rc, -ENOMEM);
	}
	iommufd_model_fail_nth(0);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_gt(n, 3);
	iommufd_model_close((int)cmd.create_access.out_access_fd);
	guest_close(&g);
}
END_TEST

/* All areas are filled and pinned, or none is. */
START_TEST(first_domain_that_cannot_be_filled_leaves_no_pin)
{
	struct iommu_test_cmd cmd = { 0 };
	unsigned long n, pinned;
	struct guest g;
	u32 ioas;
	int rc;

	guest_open(&g);
	ioas = made(ioctl_ioas(g.fd));
	ck_assert_int_eq(try_map(&g, ioas, GUEST_IOVA, guest_mem,
				 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(try_map(&g, ioas, GUEST_IOVA + 4 * PAGE_SIZE,
				 guest_mem, 2 * PAGE_SIZE), 0);
	pinned = iommufd_model_pinned();
	for (n = 1;; n++) {
		iommufd_model_fail_nth(n);
		rc = try_device(&g, ioas, &cmd);
		if (!iommufd_model_failed())
			break;
		iommufd_model_fail_nth(0);
		ck_assert_int_eq(rc, -ENOMEM);
		ck_assert_uint_eq(iommufd_model_pinned(), pinned);
	}
	iommufd_model_fail_nth(0);
	ck_assert_int_gt(rc, 0);
	ck_assert_uint_gt(n, 4);
	ck_assert_uint_eq(iommufd_model_pinned(), pinned + 4);
	guest_close(&g);
}
END_TEST

static Suite *hwpt_suite(void)
{
	Suite *suite = suite_create("hwpt");
	TCase *tc = guest_tests(suite, "alloc");

	tcase_add_test(tc, alloc_checks_in_the_order_of_the_uapi);
	tcase_add_test(tc, alloc_whose_answer_cannot_be_written_is_undone);
	tcase_add_test(tc, alloc_without_memory_leaves_no_trace);
	tcase_add_loop_test(tc, invalidate_checks_its_entries_first, 0, 6);
	tcase_add_test(tc, invalidate_that_cannot_tell_its_progress_is_efault);
	tcase_add_test(tc, access_for_tests_without_memory_is_enomem);
	tcase_add_test(tc, first_domain_that_cannot_be_filled_leaves_no_pin);
	tcase_add_test(tc, ioas_mutex_is_held_until_a_paging_hwpt_is_published);
	tcase_add_test(tc, paging_for_a_device_without_ops_warns_and_is_enodev);

	tc = guest_tests(suite, "flags and data");
	tcase_add_test(tc, flags_are_kept);
	tcase_add_test(tc, dirty_tracking_needs_the_capability);
	tcase_add_test(tc, fault_id_is_ignored_without_its_flag);
	tcase_add_test(tc, unknown_fault_id_undoes_the_hwpt);
	tcase_add_test(tc, bad_data_is_refused);

	tc = guest_tests(suite, "nested");
	tcase_add_test(tc, nested_checks_flags_and_data_then_the_parent);
	tcase_add_test(tc, nested_across_drivers_is_einval);
	tcase_add_test(tc, nested_has_what_the_user_gave_in_each_word);
	tcase_add_test(tc, nested_on_viommu_checks_flags_data_and_op);
	tcase_add_test(tc, nested_domain_of_the_wrong_type_warns_and_is_undone);
	return suite;
}

int main(void)
{
	return run_suite(hwpt_suite());
}
