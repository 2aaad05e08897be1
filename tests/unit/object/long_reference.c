// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-OBJ-12, R-OBJ-13, R-ACC-15: references that are taken through a pointer: a
 * back pointer, a list, or another object of the same driver.
 */
#include "probe.h"

/* The tests below take references through back pointers. */

/* R-OBJ-12: the call changes only users, with the table lock held. */
START_TEST(try_inc_users_counts_users_only_under_the_table_lock)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	watch(ictx, &probe->obj);
	ck_assert_int_eq(iommufd_try_inc_users(ictx, &probe->obj), 0);
	ck_assert_said("U2t");
	unwatch();
	iommufd_object_put_and_try_destroy(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-12: the call fails for an object that is not published. */
START_TEST(try_inc_users_of_a_reserved_object_is_ebusy)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, plain_type());

	ck_assert_int_eq(iommufd_try_inc_users(ictx, &probe->obj), -EBUSY);
	ck_assert_counters(probe, 1, 1);
	iommufd_object_abort(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/* Logs what a thread gets that takes a reference while the destroy op runs. */
static void try_inc_users(struct probe *probe)
{
	say("%d", iommufd_try_inc_users(probe->ictx, &probe->obj));
	say("users %u", refcount_read(&probe->obj.users));
}

static void try_inc_users_of_a_reused_id(struct probe *probe)
{
	struct probe *other = publish(probe->ictx, plain_type());

	ck_assert_uint_eq(other->obj.id, probe->obj.id);
	try_inc_users(probe);
	ck_assert_counters(other, 1, 1);
}

static void check_try_inc_in_destroy(void (*at_destroy)(struct probe *probe),
				     bool tombstone)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());
	char want[64];

	probe->at_destroy = at_destroy;
	if (tombstone)
		iommufd_object_tombstone_user(ictx, &probe->obj);
	else
		iommufd_object_destroy_user(ictx, &probe->obj);
	snprintf(want, sizeof(want), "destroy(1) %d users 0", -EBUSY);
	ck_assert_said(want);
	close_clean(ictx);
}

/*
 * R-OBJ-12: the object was removed, and its slot is free, is a tombstone, or
 * holds another object.
 */
START_TEST(try_inc_users_of_a_removed_object_is_ebusy)
{
	check_try_inc_in_destroy(try_inc_users, false);
}
END_TEST

START_TEST(try_inc_users_of_a_tombstoned_object_is_ebusy)
{
	check_try_inc_in_destroy(try_inc_users, true);
}
END_TEST

START_TEST(try_inc_users_rejects_another_object_with_the_id)
{
	check_try_inc_in_destroy(try_inc_users_of_a_reused_id, false);
}
END_TEST

static void say_unmap(void *data, unsigned long iova, unsigned long length)
{
	(void)data;
	(void)iova;
	(void)length;
	say("unmap");
}

/*
 * Z-D12: iommufd_access_notify_unmap() skips an access that is being destroyed,
 * and does not change its users.
 */
START_TEST(notify_unmap_passes_over_a_going_access)
{
	static const struct iommufd_access_ops ops = { .unmap = say_unmap };
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 ioas_id = make_ioas(ictx), id;
	struct iommufd_access *access =
		iommufd_access_create(ictx, &ops, NULL, &id);

	ck_assert_int_eq(iommufd_access_attach(access, ioas_id), 0);
	watch(ictx, &access->obj);
	iommufd_access_notify_unmap(&access->ioas->iopt, 0, PAGE_SIZE);
	ck_assert_said("U3t W2t unmap U2 W1");

	ck_assert(refcount_dec_and_test(&access->obj.wait_cnt));
	ck_assert_said("W0");
	iommufd_access_notify_unmap(&access->ioas->iopt, 0, PAGE_SIZE);
	ck_assert_said("");
	unwatch();
	refcount_set(&access->obj.wait_cnt, 1);
	iommufd_access_destroy(access);
	close_clean(ictx);
}
END_TEST

/* The tests below are about dependence. */

/* R-OBJ-13: the dependence is a users reference, which prevents a destroy. */
START_TEST(depend_counts_users_and_keeps_from_destroy)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *depended = publish(ictx, plain_type());
	struct probe *dependent = publish(ictx, plain_type());

	ck_assert_int_eq(_iommufd_object_depend(&dependent->obj,
						&depended->obj), 0);
	ck_assert_counters(depended, 2, 1);
	ck_assert_counters(dependent, 1, 1);
	ck_assert_int_eq(user_destroy(ictx, 1), -EBUSY);

	_iommufd_object_undepend(&dependent->obj, &depended->obj);
	ck_assert_counters(depended, 1, 1);
	ck_assert_int_eq(user_destroy(ictx, 1), 0);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-13, Z-D10: no failure changes the counters. */
START_TEST(depend_on_itself_another_type_or_a_dying_one_fails)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *plain = publish(ictx, plain_type());
	struct probe *other = publish(ictx, plain_type());
	struct probe *full = publish(ictx, full_type());

	ck_assert_int_eq(_iommufd_object_depend(&plain->obj, &plain->obj),
			 -EINVAL);
	ck_assert_int_eq(_iommufd_object_depend(&plain->obj, &full->obj),
			 -EINVAL);
	ck_assert_counters(plain, 1, 1);
	ck_assert_counters(full, 1, 1);

	ck_assert(refcount_dec_if_one(&plain->obj.users));
	ck_assert_int_eq(_iommufd_object_depend(&other->obj, &plain->obj),
			 -ENOENT);
	ck_assert_users(&plain->obj, 0);
	refcount_set(&plain->obj.users, 1);
	close_clean(ictx);
}
END_TEST

static bool undepend_twice(struct iommufd_object *dependent,
			   struct iommufd_object *depended)
{
	expect_warning("obj_dependent == obj_depended");
	_iommufd_object_undepend(dependent, depended);
	_iommufd_object_undepend(dependent, depended);
	return refcount_read(&depended->users) == 3;
}

static bool undepend_of_itself(void)
{
	struct iommufd_object obj = { .users = REFCOUNT_INIT(3) };

	return undepend_twice(&obj, &obj);
}

static bool undepend_of_another_type(void)
{
	struct iommufd_object dependent = { .type = IOMMUFD_OBJ_VIOMMU };
	struct iommufd_object depended = { .users = REFCOUNT_INIT(3) };

	return undepend_twice(&dependent, &depended);
}

/*
 * R-OBJ-13: an undepend of unsuitable objects gives one WARN and changes
 * nothing.
 */
START_TEST(undepend_of_strangers_warns_once_and_does_nothing)
{
	ck_assert(in_a_fresh_process(undepend_of_itself));
	ck_assert(in_a_fresh_process(undepend_of_another_type));
}
END_TEST

static Suite *long_reference_suite(void)
{
	Suite *suite = suite_create("long_reference");
	TCase *tc = probe_tests(suite, "long references");

	tcase_add_test(tc,
		       try_inc_users_counts_users_only_under_the_table_lock);
	tcase_add_test(tc, try_inc_users_of_a_reserved_object_is_ebusy);
	tcase_add_test(tc, try_inc_users_of_a_removed_object_is_ebusy);
	tcase_add_test(tc, try_inc_users_of_a_tombstoned_object_is_ebusy);
	tcase_add_test(tc, try_inc_users_rejects_another_object_with_the_id);
	tcase_add_test(tc, notify_unmap_passes_over_a_going_access);
	tcase_add_test(tc, depend_counts_users_and_keeps_from_destroy);
	tcase_add_test(tc, depend_on_itself_another_type_or_a_dying_one_fails);
	tcase_add_test(tc, undepend_of_strangers_warns_once_and_does_nothing);
	return suite;
}

int main(void)
{
	return run_suite(long_reference_suite());
}
