// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-DESTROY-6 to R-DESTROY-8: the kernel functions that wait before they
 * destroy.
 *
 * The log shows the order of the steps of R-DESTROY-7: "W0 U1t U0t destroy(1)".
 */
#include "destroyer.h"

/* The tests below wait for short references. */

/*
 * R-DESTROY-7, R-DESTROY-6 step 1: without a holder no pre_destroy is called.
 */
START_TEST(destroy_user_of_an_idle_object_does_not_wait)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, full_type());

	probe->at_destroy = say_state;
	watch(ictx, &probe->obj);
	iommufd_object_destroy_user(ictx, &probe->obj);
	ck_assert_said("W0 U1t U0t destroy(1) free, 0 locks");
	close_clean(ictx);
}
END_TEST

/* R-DESTROY-7, with the flag for a tombstone. */
START_TEST(tombstone_user_leaves_a_tombstone)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, full_type());

	probe->at_destroy = say_state;
	watch(ictx, &probe->obj);
	iommufd_object_tombstone_user(ictx, &probe->obj);
	ck_assert_said("W0 U1t U0t destroy(1) zero entry, 0 locks");
	close_clean(ictx);
}
END_TEST

static void look_and_destroy(void *data)
{
	struct probe *probe = data;

	say(slot(probe->ictx, 1) == probe ? "published" : "gone");
	say("%d %d", look_up(probe->ictx, 1, IOMMUFD_OBJ_ANY),
	    user_destroy(probe->ictx, 1));
}

/* R-DESTROY-7 step 1: the object is published, but no lookup succeeds. */
START_TEST(once_wait_cnt_is_zero_no_lookup_succeeds)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());
	char want[64];

	intrude_after(IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST,
		      &probe->obj.wait_cnt, look_and_destroy, probe);
	iommufd_object_destroy_user(ictx, &probe->obj);
	snprintf(want, sizeof(want), "published %d %d destroy(1)", -ENOENT,
		 -EBUSY);
	ck_assert_said(want);
	close_clean(ictx);
}
END_TEST

static void evict(struct probe *probe)
{
	say_state(probe);
	iommufd_put_object(probe->ictx, &probe->obj);
}

/*
 * R-DESTROY-6 step 2, Z-D7: only pre_destroy can make this holder drop its
 * reference.
 */
START_TEST(pre_destroy_evicts_before_anybody_sleeps)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, full_type());

	probe->at_pre_destroy = evict;
	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	watch(ictx, &probe->obj);
	iommufd_object_destroy_user(ictx, &probe->obj);
	ck_assert_said("W1 pre_destroy(1) published, 0 locks U2 W0 "
		       "U1t U0t destroy(1)");
	close_clean(ictx);
}
END_TEST

/*
 * R-DESTROY-6 step 3, R-DESTROY-1, DEV-1: the destroy sleeps, after one
 * pre_destroy, until the put wakes it.  The clock is stopped, so that nothing
 * else could end the sleep.
 */
START_TEST(put_wakes_the_destroy_that_waits_for_it)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, full_type());
	struct destroyer kernel;

	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	watch(ictx, &probe->obj);
	start(&kernel, kernel_destroys, probe);
	ck_assert_said("W1 pre_destroy(1)");
	ck_assert_int_eq(user_destroy(ictx, 1), -EBUSY);
	ck_assert_said("U=3t");
	iommufd_put_object(ictx, &probe->obj);
	finish(&kernel);
	ck_assert_said("U2 W0 U1t U0t destroy(1)");
	close_clean(ictx);
}
END_TEST

/* R-OBJ-11: a put wakes all destroyers; those of other objects sleep again. */
START_TEST(a_destroy_waits_for_its_own_object_only)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *first = publish_owned(ictx, plain_type());
	struct probe *second = publish_owned(ictx, plain_type());
	struct destroyer one, two;

	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	iommufd_get_object(ictx, 2, IOMMUFD_OBJ_ANY);
	start(&one, kernel_destroys, first);
	start(&two, kernel_destroys, second);
	iommufd_put_object(ictx, &second->obj);
	finish(&two);
	ck_assert_said("destroy(2)");
	iommufd_put_object(ictx, &first->obj);
	finish(&one);
	ck_assert_said("destroy(1)");
	close_clean(ictx);
}
END_TEST

/* The tests below are about the end of the wait. */

static long sleep_arg;

static void sleep_step(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	(void)hook;
	if (op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP)
		__atomic_store_n(&sleep_arg, op->arg, __ATOMIC_RELAXED);
}

/* Returns the timeout with which a destroy begins to sleep. */
static long intended_sleep(void)
{
	struct iommufd_model_hook hook = { .step = sleep_step };
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());
	struct destroyer kernel;

	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	iommufd_model_hook_add(&hook);
	start(&kernel, kernel_destroys, probe);
	iommufd_put_object(ictx, &probe->obj);
	finish(&kernel);
	iommufd_model_hook_remove(&hook);
	close_clean(ictx);
	return __atomic_load_n(&sleep_arg, __ATOMIC_RELAXED);
}

/*
 * R-DESTROY-6 step 3: the default timeout is 60 s, and a test can set another
 * one.
 */
START_TEST(destroy_waits_60_seconds_unless_set)
{
	ck_assert_int_eq(intended_sleep(), 60000);
	iommufd_model_set_destroy_timeout(5);
	ck_assert_int_eq(intended_sleep(), 5);
}
END_TEST

/*
 * R-DESTROY-6 step 5; R-DESTROY-7 step 1; R-DESTROY-4: the table gets its wait
 * reference back, the caller's users reference is dropped, and the object can
 * be used as before.
 */
START_TEST(destroy_user_that_waits_in_vain_leaves_a_usable_object)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, full_type());
	struct destroyer kernel;

	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	watch(ictx, &probe->obj);
	iommufd_model_set_sink(tell_critical, NULL);
	expect_warning("iommufd_object_remove(");
	start(&kernel, kernel_destroys, probe);
	iommufd_model_clock_advance(60000);
	finish(&kernel);
	ck_assert_said("W1 pre_destroy(1) W2 critical U2");
	ck_assert_counters(probe, 2, 2);
	ck_assert_int_eq(look_up(ictx, 1, full_type()), 0);
	unwatch();

	iommufd_put_object(ictx, &probe->obj);
	ck_assert_int_eq(user_destroy(ictx, 1), 0);
	close_clean(ictx);
}
END_TEST

/*
 * R-DESTROY-6 step 3: the condition is tested once more after the timeout.
 */
START_TEST(destroy_that_was_not_woken_succeeds_when_the_time_is_up)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());
	struct destroyer kernel;

	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	start(&kernel, kernel_destroys, probe);
	refcount_dec(&probe->obj.users);
	ck_assert(refcount_dec_and_test(&probe->obj.wait_cnt));
	iommufd_model_clock_advance(60000);
	finish(&kernel);
	ck_assert_said("destroy(1)");
	close_clean(ictx);
}
END_TEST

static void put_late(void *data)
{
	struct probe *probe = data;

	iommufd_put_object(probe->ictx, &probe->obj);
}

/*
 * The last holder puts its reference after that test, and before the table gets
 * its wait reference back.
 */
START_TEST(destroy_succeeds_if_the_holder_goes_at_the_very_end)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());
	struct destroyer kernel;

	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	watch(ictx, &probe->obj);
	intrude_before(IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO,
		       &probe->obj.wait_cnt, put_late, probe);
	start(&kernel, kernel_destroys, probe);
	iommufd_model_clock_advance(60000);
	finish(&kernel);
	ck_assert_said("W1 U2 W0 W=0 U1t U0t destroy(1)");
	close_clean(ictx);
}
END_TEST

/*
 * R-DESTROY-3, R-DESTROY-4, R-DESTROY-5: another holder has a long reference;
 * wait_cnt is set back to 1 with the table lock held.
 */
START_TEST(destroy_user_of_a_used_object_warns_and_leaves_it_usable)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());
	struct probe *user = publish(ictx, plain_type());

	rest_on(user, probe);
	watch(ictx, &probe->obj);
	expect_warning("iommufd_object_remove(");
	iommufd_object_destroy_user(ictx, &probe->obj);
	ck_assert_said("W0 U2t U=2t W1t");
	unwatch();
	ck_assert_int_eq(look_up(ictx, 1, plain_type()), 0);
	ck_assert_counters(probe, 2, 1);
	close_clean(ictx);
	ck_assert_said("destroy(2) destroy(1)");
}
END_TEST

/*
 * The destroy that leaves a tombstone fails in the same way, and leaves no
 * tombstone.
 */
START_TEST(tombstone_user_of_a_used_object_warns_and_leaves_it_published)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());
	struct probe *user = publish(ictx, plain_type());

	rest_on(user, probe);
	expect_warning("iommufd_object_remove(");
	iommufd_object_tombstone_user(ictx, &probe->obj);
	ck_assert_ptr_eq(slot(ictx, 1), &probe->obj);
	ck_assert_counters(probe, 2, 1);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-14: the caller owns no reference. */
START_TEST(destroy_user_without_a_reference_warns_and_poisons)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	expect_warning("users from 1");
	expect_warning("iommufd_object_remove(");
	iommufd_object_destroy_user(ictx, &probe->obj);
	ck_assert_shortterm(&probe->obj, 1);
	close_leaking(ictx, probe);
	ck_assert_said("");
}
END_TEST

static Suite *destroy_wait_suite(void)
{
	Suite *suite = suite_create("destroy_wait");
	TCase *tc = probe_tests(suite, "with the wait");

	tcase_add_test(tc, destroy_user_of_an_idle_object_does_not_wait);
	tcase_add_test(tc, tombstone_user_leaves_a_tombstone);
	tcase_add_test(tc, once_wait_cnt_is_zero_no_lookup_succeeds);
	tcase_add_test(tc, pre_destroy_evicts_before_anybody_sleeps);
	tcase_add_test(tc, put_wakes_the_destroy_that_waits_for_it);
	tcase_add_test(tc, a_destroy_waits_for_its_own_object_only);
	tcase_add_test(tc, destroy_waits_60_seconds_unless_set);
	tcase_add_test(
		tc, destroy_user_that_waits_in_vain_leaves_a_usable_object);
	tcase_add_test(
		tc, destroy_that_was_not_woken_succeeds_when_the_time_is_up);
	tcase_add_test(tc, destroy_succeeds_if_the_holder_goes_at_the_very_end);
	tcase_add_test(
		tc, destroy_user_of_a_used_object_warns_and_leaves_it_usable);
	tcase_add_test(
		tc,
		tombstone_user_of_a_used_object_warns_and_leaves_it_published);
	tcase_add_test(tc,
		       destroy_user_without_a_reference_warns_and_poisons);
	return suite;
}

int main(void)
{
	return run_suite(destroy_wait_suite());
}
