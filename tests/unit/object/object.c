// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-OBJ-1, R-ID-1 to R-ID-9 and R-OBJ-3: types, allocation, and the ids that it
 * reserves.
 */
#include "probe.h"

/* The tests below are about types. */

/* R-OBJ-1: the numbers of the types are those of the kernel. */
START_TEST(types_have_the_kernels_numbers)
{
	static const int types[] = {
		IOMMUFD_OBJ_NONE, IOMMUFD_OBJ_DEVICE, IOMMUFD_OBJ_HWPT_PAGING,
		IOMMUFD_OBJ_HWPT_NESTED, IOMMUFD_OBJ_IOAS, IOMMUFD_OBJ_ACCESS,
		IOMMUFD_OBJ_FAULT, IOMMUFD_OBJ_VIOMMU, IOMMUFD_OBJ_VDEVICE,
		IOMMUFD_OBJ_VEVENTQ, IOMMUFD_OBJ_HW_QUEUE, IOMMUFD_OBJ_SELFTEST,
		IOMMUFD_OBJ_MAX,
	};
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(types); i++)
		ck_assert_int_eq(types[i], i);
	ck_assert_int_eq(IOMMUFD_OBJ_ANY, IOMMUFD_OBJ_NONE);
}
END_TEST

/* R-OBJ-1: the order of the members, and both names of the first one. */
START_TEST(object_is_wait_cnt_users_type_id)
{
	struct iommufd_object obj;

	ck_assert_uint_eq(offsetof(struct iommufd_object, wait_cnt), 0);
	ck_assert_uint_lt(offsetof(struct iommufd_object, wait_cnt),
			  offsetof(struct iommufd_object, users));
	ck_assert_uint_lt(offsetof(struct iommufd_object, users),
			  offsetof(struct iommufd_object, type));
	ck_assert_uint_lt(offsetof(struct iommufd_object, type),
			  offsetof(struct iommufd_object, id));
	ck_assert_ptr_eq(&obj.wait_cnt, &obj.shortterm_users);
}
END_TEST

START_TEST(a_type_registered_twice_keeps_its_number)
{
	enum iommufd_object_type type = plain_type();

	ck_assert_int_eq(plain_type(), type);
	ck_assert_int_eq(iommufd_model_register_type("probe", &plain_ops, type),
			 type);
	ck_assert_int_ne(full_type(), type);
	ck_assert_str_eq(iommufd_model_type_name(type), "probe");
}
END_TEST

START_TEST(version_has_three_numbers)
{
	int major, minor, patch, end = 0;

	sscanf(iommufd_model_version(), "%d.%d.%d%n", &major, &minor, &patch,
	       &end);
	ck_assert(end && !iommufd_model_version()[end]);
}
END_TEST

START_TEST(types_of_the_library_have_names)
{
	static const char *const names[] = {
		"?", "device", "hwpt_paging", "hwpt_nested", "ioas", "access",
		"fault", "viommu", "vdevice", "veventq", "hw_queue", "selftest",
	};
	int type;

	for (type = 0; type < IOMMUFD_OBJ_MAX; type++)
		ck_assert_str_eq(iommufd_model_type_name(
					 (enum iommufd_object_type)type),
				 names[type]);
	ck_assert_str_eq(iommufd_model_type_name(IOMMUFD_OBJ_NONE), "?");
	ck_assert_str_eq(iommufd_model_type_name(IOMMUFD_MODEL_OBJ_LIMIT), "?");
}
END_TEST

START_TEST(registering_a_bad_type_fails)
{
	static const struct iommufd_object_ops no_destroy;
	int type;

	ck_assert_int_eq(iommufd_model_register_type(NULL, &plain_ops, 0),
			 -EINVAL);
	ck_assert_int_eq(iommufd_model_register_type("bad", NULL, 0), -EINVAL);
	ck_assert_int_eq(iommufd_model_register_type("bad", &no_destroy, 0),
			 -EINVAL);
	ck_assert_int_eq(iommufd_model_register_type("bad", &plain_ops,
						     IOMMUFD_MODEL_OBJ_LIMIT),
			 -EINVAL);
	for (type = IOMMUFD_OBJ_NONE + 1; type < IOMMUFD_OBJ_MAX; type++)
		ck_assert_int_eq(iommufd_model_register_type(
					 "bad", &plain_ops,
					 (enum iommufd_object_type)type),
				 -EEXIST);
}
END_TEST

/* This test must run last: it uses up all numbers of types. */
START_TEST(numbers_for_types_run_out)
{
	static struct iommufd_object_ops ops[IOMMUFD_MODEL_OBJ_LIMIT];
	size_t i;
	int rc = 0;

	for (i = 0; i < ARRAY_SIZE(ops) && rc >= 0; i++) {
		ops[i] = plain_ops;
		rc = iommufd_model_register_type("filler", &ops[i],
						 IOMMUFD_OBJ_NONE);
		ck_assert_int_lt(rc, IOMMUFD_MODEL_OBJ_LIMIT);
	}
	ck_assert_int_eq(rc, -ENOSPC);
	ck_assert_int_ge(plain_type(), IOMMUFD_OBJ_MAX);
}
END_TEST

/* The tests below allocate. */

/* R-OBJ-3: a new object has one reference of each kind and a reserved id. */
START_TEST(alloc_gives_one_reference_of_each_kind_and_a_reserved_id)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = iommufd_object_alloc(ictx, probe, plain_type());

	ck_assert_counters(probe, 1, 1);
	ck_assert_uint_eq(probe->obj.id, 1);
	ck_assert_int_eq(probe->obj.type, plain_type());
	ck_assert_ptr_eq(slot(ictx, 1), XA_ZERO_ENTRY);
	iommufd_object_abort(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-3: fields that nobody has set are NULL, also in recycled memory. */
START_TEST(alloc_gives_zeroed_memory)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	static const struct probe zero;
	struct probe *probe;
	void *dirty;

	dirty = kmalloc(sizeof(*probe), GFP_KERNEL);
	memset(dirty, 0xa5, sizeof(*probe));
	kfree(dirty);
	probe = iommufd_object_alloc(ictx, probe, plain_type());
	ck_assert_mem_eq(&probe->obj + 1, &zero.obj + 1,
			 sizeof(*probe) - sizeof(probe->obj));
	iommufd_object_abort(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/*
 * R-OBJ-3, R-ID-3: the allocation of the object fails, then that of the table.
 */
START_TEST(alloc_without_memory_leaves_no_trace)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	unsigned long before = nr_leaks();
	struct iommufd_object *obj;
	unsigned int n;

	for (n = 1; n <= 2; n++) {
		iommufd_model_fail_nth(n);
		obj = _iommufd_object_alloc(ictx, sizeof(struct probe),
					    plain_type());
		ck_assert_int_eq(PTR_ERR(obj), -ENOMEM);
		ck_assert_uint_eq(iommufd_model_failed(), 1);
		ck_assert_uint_eq(nr_leaks(), before);
		ck_assert(xa_empty(&ictx->objects));
	}
	ck_assert_uint_eq(publish(ictx, plain_type())->obj.id, 1);
	close_clean(ictx);
}
END_TEST

START_TEST(alloc_of_no_type_or_too_small_is_refused)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	static const struct {
		size_t size;
		int type;
	} bad[] = {
		{ sizeof(struct probe), IOMMUFD_OBJ_NONE },
		{ sizeof(struct probe), IOMMUFD_MODEL_OBJ_LIMIT - 1 },
		{ sizeof(struct probe), IOMMUFD_OBJ_MAX + 20 },
		{ sizeof(struct probe), IOMMUFD_MODEL_OBJ_LIMIT },
		{ sizeof(struct iommufd_object) - 1, IOMMUFD_OBJ_IOAS },
	};
	struct iommufd_object *obj;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_warning("types[type].ops");
		obj = _iommufd_object_alloc(
			ictx, bad[i].size,
			(enum iommufd_object_type)bad[i].type);
		ck_assert_int_eq(PTR_ERR(obj), -EINVAL);
	}
	ck_assert(xa_empty(&ictx->objects));
	close_clean(ictx);
}
END_TEST

/* The tests below are about ids. */

/* R-ID-1: ids begin at 1, and 0 is never the id of an object. */
START_TEST(ids_start_at_1_and_0_is_no_object)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	ck_assert_uint_eq(publish(ictx, plain_type())->obj.id, 1);
	ck_assert_int_eq(look_up(ictx, 0, IOMMUFD_OBJ_ANY), -ENOENT);
	ck_assert_int_eq(user_destroy(ictx, 0), -ENOENT);
	close_clean(ictx);
}
END_TEST

/* R-ID-2: a new object gets the lowest free id. */
START_TEST(alloc_takes_the_lowest_free_id)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 id;

	for (id = 1; id <= 200; id++)
		ck_assert_uint_eq(publish(ictx, plain_type())->obj.id, id);
	ck_assert_int_eq(user_destroy(ictx, 150), 0);
	ck_assert_int_eq(user_destroy(ictx, 70), 0);
	ck_assert_uint_eq(publish(ictx, plain_type())->obj.id, 70);
	ck_assert_uint_eq(publish(ictx, plain_type())->obj.id, 150);
	ck_assert_uint_eq(publish(ictx, plain_type())->obj.id, 201);
	close_clean(ictx);
}
END_TEST

/* R-ID-4: a reserved id is not allocated again, and a lookup of it fails. */
START_TEST(a_reserved_id_is_spent_but_cannot_be_found)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, plain_type());

	ck_assert_int_eq(look_up(ictx, 1, IOMMUFD_OBJ_ANY), -ENOENT);
	ck_assert_int_eq(user_destroy(ictx, 1), -ENOENT);
	ck_assert_int_eq(iommufd_model_object_type(iommufd_model_check_fd(ictx),
						   1), 0);
	ck_assert_uint_eq(publish(ictx, plain_type())->obj.id, 2);
	ck_assert_counters(probe, 1, 1);
	iommufd_object_finalize(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/* R-ID-5: a tombstone is not found, destroyed or allocated. */
START_TEST(a_tombstone_is_never_found_destroyed_or_given_out)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());

	iommufd_object_tombstone_user(ictx, &probe->obj);
	ck_assert_int_eq(look_up(ictx, 1, IOMMUFD_OBJ_ANY), -ENOENT);
	ck_assert_int_eq(user_destroy(ictx, 1), -ENOENT);
	ck_assert_uint_eq(publish(ictx, plain_type())->obj.id, 2);
	ck_assert_int_eq(user_destroy(ictx, 2), 0);
	ck_assert_uint_eq(publish(ictx, plain_type())->obj.id, 2);
	close_clean(ictx);
}
END_TEST

/*
 * R-ID-9, R-ID-6: the slot in each state; only the removal distinguishes its
 * contents.
 */
START_TEST(slot_goes_free_reserved_published_tombstone)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe;

	ck_assert_ptr_null(slot(ictx, 1));
	probe = reserve(ictx, plain_type());
	ck_assert_ptr_eq(slot(ictx, 1), XA_ZERO_ENTRY);
	ck_assert_ptr_null(xa_load(&ictx->objects, 1));

	refcount_inc(&probe->obj.users);
	iommufd_object_finalize(ictx, &probe->obj);
	ck_assert_ptr_eq(slot(ictx, 1), &probe->obj);
	ck_assert_ptr_eq(xa_load(&ictx->objects, 1), &probe->obj);

	iommufd_object_tombstone_user(ictx, &probe->obj);
	ck_assert_ptr_eq(slot(ictx, 1), XA_ZERO_ENTRY);
	ck_assert_ptr_null(xa_load(&ictx->objects, 1));
	close_clean(ictx);
}
END_TEST

/*
 * Sets IOMMU_OPTION_RLIMIT_MODE to its present value, which tells whether the
 * table is empty.
 */
static int set_rlimit_mode(struct iommufd_ctx *ictx)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_SET,
	};

	return iommufd_model_ioctl(iommufd_model_check_fd(ictx), IOMMU_OPTION,
				   &cmd);
}

/* R-ID-7: reserved ids and tombstones count as used. */
START_TEST(table_is_empty_only_if_every_slot_is_free)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe;

	ck_assert_int_eq(set_rlimit_mode(ictx), 0);
	probe = reserve(ictx, plain_type());
	ck_assert_int_eq(set_rlimit_mode(ictx), -EBUSY);
	iommufd_object_abort(ictx, &probe->obj);
	ck_assert_int_eq(set_rlimit_mode(ictx), 0);

	probe = publish_owned(ictx, plain_type());
	ck_assert_int_eq(set_rlimit_mode(ictx), -EBUSY);
	iommufd_object_destroy_user(ictx, &probe->obj);
	ck_assert_int_eq(set_rlimit_mode(ictx), 0);

	probe = publish_owned(ictx, plain_type());
	iommufd_object_tombstone_user(ictx, &probe->obj);
	ck_assert_int_eq(set_rlimit_mode(ictx), -EBUSY);
	close_clean(ictx);
}
END_TEST

static Suite *object_suite(void)
{
	Suite *suite = suite_create("object");
	TCase *tc;

	tc = probe_tests(suite, "alloc");
	tcase_add_test(
		tc, alloc_gives_one_reference_of_each_kind_and_a_reserved_id);
	tcase_add_test(tc, alloc_gives_zeroed_memory);
	tcase_add_test(tc, alloc_without_memory_leaves_no_trace);
	tcase_add_test(tc, alloc_of_no_type_or_too_small_is_refused);

	tc = probe_tests(suite, "ids");
	tcase_add_test(tc, ids_start_at_1_and_0_is_no_object);
	tcase_add_test(tc, alloc_takes_the_lowest_free_id);
	tcase_add_test(tc, a_reserved_id_is_spent_but_cannot_be_found);
	tcase_add_test(tc, a_tombstone_is_never_found_destroyed_or_given_out);
	tcase_add_test(tc, slot_goes_free_reserved_published_tombstone);
	tcase_add_test(tc, table_is_empty_only_if_every_slot_is_free);

	tc = probe_tests(suite, "types");
	tcase_add_test(tc, types_have_the_kernels_numbers);
	tcase_add_test(tc, object_is_wait_cnt_users_type_id);
	tcase_add_test(tc, a_type_registered_twice_keeps_its_number);
	tcase_add_test(tc, version_has_three_numbers);
	tcase_add_test(tc, types_of_the_library_have_names);
	tcase_add_test(tc, registering_a_bad_type_fails);
	tcase_add_test(tc, numbers_for_types_run_out);
	return suite;
}

int main(void)
{
	return run_suite(object_suite());
}
