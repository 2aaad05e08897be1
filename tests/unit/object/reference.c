// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-COUNT-1, R-COUNT-6 and R-OBJ-9 to R-OBJ-12: short references, and the order
 * in which the two counters are taken and dropped.
 */
#include "probe.h"

/*
 * drop_bias() sets wait_cnt to 0, as a destroy does after its wait, and
 * restore_bias() sets it back to 1.
 */
static void drop_bias(struct probe *probe)
{
	ck_assert(refcount_dec_and_test(&probe->obj.wait_cnt));
}

static void restore_bias(struct probe *probe)
{
	refcount_set(&probe->obj.wait_cnt, 1);
}

/* The tests below take and drop short references. */

/*
 * R-OBJ-10, R-OBJ-14: a lookup increments both counters, and a put decrements
 * both.
 */
START_TEST(get_counts_both_and_put_gives_both_back)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	ck_assert_ptr_eq(iommufd_get_object(ictx, 1, plain_type()),
			 &probe->obj);
	ck_assert_counters(probe, 2, 2);
	iommufd_put_object(ictx, &probe->obj);
	ck_assert_counters(probe, 1, 1);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-10: a lookup with IOMMUFD_OBJ_ANY finds objects of every type. */
START_TEST(get_of_any_type_finds_every_object)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	publish(ictx, plain_type());
	make_ioas(ictx);
	ck_assert_int_eq(look_up(ictx, 1, IOMMUFD_OBJ_ANY), 0);
	ck_assert_int_eq(look_up(ictx, 2, IOMMUFD_OBJ_ANY), 0);
	ck_assert_int_eq(look_up(ictx, 2, IOMMUFD_OBJ_IOAS), 0);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-10: the wrong type gives ENOENT, as every other failure does. */
START_TEST(get_of_the_wrong_type_is_enoent)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	watch(ictx, &probe->obj);
	ck_assert_int_eq(look_up(ictx, 1, full_type()), -ENOENT);
	ck_assert_int_eq(look_up(ictx, 1, IOMMUFD_OBJ_IOAS), -ENOENT);
	ck_assert_said("");
	unwatch();
	close_clean(ictx);
}
END_TEST

/*
 * R-OBJ-10: one id is free, the other is larger than any that the table has
 * held.
 */
START_TEST(get_of_a_free_id_is_enoent)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	publish(ictx, plain_type());
	ck_assert_int_eq(look_up(ictx, 2, IOMMUFD_OBJ_ANY), -ENOENT);
	ck_assert_int_eq(look_up(ictx, UINT_MAX, IOMMUFD_OBJ_ANY), -ENOENT);
	ck_assert_int_eq(user_destroy(ictx, 1), 0);
	ck_assert_int_eq(look_up(ictx, 1, IOMMUFD_OBJ_ANY), -ENOENT);
	close_clean(ictx);
}
END_TEST

/* R-COUNT-5: users is incremented first.  R-OBJ-14: the table lock is held. */
START_TEST(get_takes_users_then_wait_cnt_under_the_table_lock)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	watch(ictx, &probe->obj);
	iommufd_get_object(ictx, 1, plain_type());
	ck_assert_said("U2t W2t");
	unwatch();
	iommufd_put_object(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/* R-COUNT-4: users is decremented first.  R-OBJ-14: no lock is held. */
START_TEST(put_drops_users_then_wait_cnt)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	iommufd_get_object(ictx, 1, plain_type());
	watch(ictx, &probe->obj);
	iommufd_put_object(ictx, &probe->obj);
	ck_assert_said("U1 W1");
	unwatch();
	close_clean(ictx);
}
END_TEST

/*
 * R-OBJ-9, R-COUNT-5, Z-D2: on failure the users reference is dropped before
 * the table lock is unlocked.
 */
START_TEST(get_of_a_going_object_gives_users_back_under_the_lock)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	drop_bias(probe);
	watch(ictx, &probe->obj);
	ck_assert_int_eq(look_up(ictx, 1, plain_type()), -ENOENT);
	ck_assert_said("U2t W=0t U1t");
	unwatch();
	restore_bias(probe);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-9: the caller holds a users reference. */
START_TEST(lock_obj_counts_both)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());

	ck_assert(iommufd_lock_obj(&probe->obj));
	ck_assert_counters(probe, 3, 2);
	iommufd_put_object(ictx, &probe->obj);
	iommufd_object_destroy_user(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-9: the call fails if wait_cnt is 0, and changes no counter. */
START_TEST(lock_obj_of_a_going_object_changes_nothing)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	drop_bias(probe);
	ck_assert(!iommufd_lock_obj(&probe->obj));
	ck_assert_counters(probe, 1, 0);
	restore_bias(probe);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-9: if users is 0 the call fails without reading wait_cnt. */
START_TEST(lock_obj_of_a_removed_object_changes_nothing)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	ck_assert(refcount_dec_if_one(&probe->obj.users));
	watch(ictx, &probe->obj);
	ck_assert(!iommufd_lock_obj(&probe->obj));
	ck_assert_said("U=0");
	unwatch();
	refcount_set(&probe->obj.users, 1);
	close_clean(ictx);
}
END_TEST

/* R-COUNT-3: between operations users is never less than wait_cnt. */
START_TEST(users_is_never_below_wait_cnt_at_rest)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());
	unsigned int i;

	for (i = 1; i <= 5; i++) {
		iommufd_get_object(ictx, 1, plain_type());
		ck_assert_counters(probe, 1 + i, 1 + i);
	}
	ck_assert_int_eq(iommufd_try_inc_users(ictx, &probe->obj), 0);
	ck_assert_counters(probe, 7, 6);
	while (i-- > 1)
		iommufd_put_object(ictx, &probe->obj);
	ck_assert_counters(probe, 2, 1);
	iommufd_object_put_and_try_destroy(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/* R-COUNT-2, R-OBJ-14: a plain decrement must not be the last one. */
START_TEST(put_without_get_warns_and_poisons_users)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	expect_warning("users from 1");
	iommufd_put_object(ictx, &probe->obj);
	ck_assert_int_eq(user_destroy(ictx, 1), -EBUSY);
	ck_assert_int_lt((int)refcount_read(&probe->obj.users), 0);
	close_leaking(ictx, probe);
	ck_assert_said("");
}
END_TEST

static void say_dec_if_one(void *unused)
{
	(void)unused;
	say("dec_if_one");
}

static void expect_dec_if_one(struct probe *probe)
{
	intrude_after(IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE, &probe->obj.users,
		      say_dec_if_one, NULL);
	watch(probe->ictx, &probe->obj);
}

/* R-COUNT-2: the removal takes the last reference. */
START_TEST(destroy_takes_the_last_reference_by_dec_if_one)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	expect_dec_if_one(publish(ictx, plain_type()));
	ck_assert_int_eq(user_destroy(ictx, 1), 0);
	ck_assert_said("dec_if_one U0t W0 destroy(1)");
	close_clean(ictx);
}
END_TEST

/*
 * R-COUNT-2: the release takes the last reference; R-RELEASE-1: it ignores
 * wait_cnt.
 */
START_TEST(release_takes_the_last_reference_by_dec_if_one)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	expect_dec_if_one(publish(ictx, plain_type()));
	close_clean(ictx);
	ck_assert_said("dec_if_one U0 destroy(1)");
}
END_TEST

static Suite *reference_suite(void)
{
	Suite *suite = suite_create("reference");
	TCase *tc = probe_tests(suite, "short references");

	tcase_add_test(tc, get_counts_both_and_put_gives_both_back);
	tcase_add_test(tc, get_of_any_type_finds_every_object);
	tcase_add_test(tc, get_of_the_wrong_type_is_enoent);
	tcase_add_test(tc, get_of_a_free_id_is_enoent);
	tcase_add_test(tc, get_takes_users_then_wait_cnt_under_the_table_lock);
	tcase_add_test(tc, put_drops_users_then_wait_cnt);
	tcase_add_test(
		tc, get_of_a_going_object_gives_users_back_under_the_lock);
	tcase_add_test(tc, lock_obj_counts_both);
	tcase_add_test(tc, lock_obj_of_a_going_object_changes_nothing);
	tcase_add_test(tc, lock_obj_of_a_removed_object_changes_nothing);
	tcase_add_test(tc, users_is_never_below_wait_cnt_at_rest);
	tcase_add_test(tc, put_without_get_warns_and_poisons_users);
	tcase_add_test(tc, destroy_takes_the_last_reference_by_dec_if_one);
	tcase_add_test(tc, release_takes_the_last_reference_by_dec_if_one);
	return suite;
}

int main(void)
{
	return run_suite(reference_suite());
}
