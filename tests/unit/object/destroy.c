// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-DESTROY-7, R-DESTROY-9 and R-DESTROY-10: IOMMU_DESTROY, and the kernel
 * functions that destroy without waiting.
 *
 * The log shows the order of the steps of R-DESTROY-7: "U0t W0 destroy(1)".
 */
#include "destroyer.h"

/* The tests below call IOMMU_DESTROY. */

/* R-DESTROY-7, called with an id: no lock is held while the destroy op runs. */
START_TEST(user_destroys_an_unused_object)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, full_type());

	probe->at_destroy = say_state;
	watch(ictx, &probe->obj);
	ck_assert_int_eq(user_destroy(ictx, 1), 0);
	ck_assert_said("U0t W0 destroy(1) free, 0 locks");
	ck_assert_int_eq(user_destroy(ictx, 1), -ENOENT);
	close_clean(ictx);
}
END_TEST

/* R-DESTROY-1: IOMMU_DESTROY fails while a short reference is held. */
START_TEST(user_destroy_of_a_short_referenced_object_is_ebusy)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	watch(ictx, &probe->obj);
	ck_assert_int_eq(user_destroy(ictx, 1), -EBUSY);
	ck_assert_said("U=2t");
	iommufd_put_object(ictx, &probe->obj);
	ck_assert_int_eq(user_destroy(ictx, 1), 0);
	close_clean(ictx);
}
END_TEST

/*
 * R-DESTROY-2: IOMMU_DESTROY fails while the creator holds a users reference.
 */
START_TEST(user_destroy_of_what_its_creator_holds_is_ebusy)
{
	static const struct iommufd_access_ops ops;
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_access *internal, *external;
	u32 id;

	external = iommufd_access_create(ictx, &ops, NULL, &id);
	internal = iommufd_access_create_internal(ictx);
	ck_assert_int_eq(user_destroy(ictx, external->obj.id), -EBUSY);
	ck_assert_int_eq(user_destroy(ictx, internal->obj.id), -EBUSY);
	ck_assert_users(&external->obj, 2);
	ck_assert_users(&internal->obj, 2);
	iommufd_access_destroy(external);
	iommufd_access_destroy_internal(ictx, internal);
	close_clean(ictx);
}
END_TEST

static struct destroyer in_mid_put;

static void start_in_mid_put(void *probe)
{
	start(&in_mid_put, user_destroys, probe);
}

/*
 * R-DESTROY-7 step 6: a put has dropped users but not yet wait_cnt, and the
 * destroy waits for it.
 */
START_TEST(user_destroy_waits_for_a_put_in_its_middle)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	watch(ictx, &probe->obj);
	intrude_after(IOMMUFD_MODEL_OP_REFCOUNT_DEC, &probe->obj.users,
		      start_in_mid_put, probe);
	iommufd_put_object(ictx, &probe->obj);
	finish(&in_mid_put);
	ck_assert_said("U1 U0t W1 W0 destroy(1)");
	ck_assert_int_eq(in_mid_put.result, 0);
	close_clean(ictx);
}
END_TEST

/*
 * A wait reference is never dropped, so the destroy times out; the object has
 * left the table and cannot be looked up any more.
 */
static void check_wait_in_vain(void *(*how)(void *), struct probe *probe)
{
	struct iommufd_ctx *ictx = probe->ictx;
	struct destroyer d;

	refcount_inc(&probe->obj.wait_cnt);
	iommufd_model_set_sink(tell_critical, NULL);
	expect_warning("rc");
	start(&d, how, probe);
	iommufd_model_clock_advance(60000);
	finish(&d);
	ck_assert_int_eq(d.result, -EBUSY);
	ck_assert_said("critical");
	ck_assert_counters(probe, 0, 2);
	ck_assert_int_eq(user_destroy(ictx, 1), -ENOENT);
	iommufd_model_check_close(ictx);
	ck_assert_uint_eq(nr_leaks(), 1);
	kfree(probe);
	ck_assert_no_leaks(ictx);
}

/*
 * R-DESTROY-7 step 6: a wait reference that is never dropped makes the object
 * leak.
 */
START_TEST(user_destroy_that_waits_in_vain_leaks_the_object)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	check_wait_in_vain(user_destroys, publish(ictx, plain_type()));
}
END_TEST

/* The tests below call the functions that do not wait first. */

/*
 * R-DESTROY-9, Z-D3: the caller's reference is dropped with the table lock held
 * too.
 */
START_TEST(put_and_try_destroy_destroys_what_only_the_table_holds)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());

	probe->at_destroy = say_state;
	watch(ictx, &probe->obj);
	iommufd_object_put_and_try_destroy(ictx, &probe->obj);
	ck_assert_said("U1t U0t W0 destroy(1) free, 0 locks");
	close_clean(ictx);
}
END_TEST

/* R-DESTROY-9: EBUSY is ignored, and the caller's reference is dropped. */
START_TEST(put_and_try_destroy_of_a_used_object_just_puts)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());

	iommufd_get_object(ictx, 1, IOMMUFD_OBJ_ANY);
	watch(ictx, &probe->obj);
	iommufd_object_put_and_try_destroy(ictx, &probe->obj);
	ck_assert_said("U2t U=2t");
	unwatch();
	ck_assert_counters(probe, 2, 2);
	iommufd_put_object(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/*
 * R-OBJ-14: iommufd_object_remove() without flags returns the error that
 * R-DESTROY-9 ignores.
 */
START_TEST(remove_of_a_used_object_is_ebusy)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());

	refcount_inc(&probe->obj.users);
	ck_assert_int_eq(iommufd_object_remove(ictx, &probe->obj, 1, 0),
			 -EBUSY);
	ck_assert_counters(probe, 2, 1);
	ck_assert_int_eq(iommufd_object_remove(ictx, &probe->obj, 1, 0), 0);
	ck_assert_said("destroy(1)");
	close_clean(ictx);
}
END_TEST

static void *kernel_tries(void *data)
{
	struct destroyer *d = data;

	d->result = iommufd_object_remove(d->ictx, &d->probe->obj,
					  d->probe->obj.id, 0);
	return NULL;
}

/*
 * R-DESTROY-7 step 6, R-OBJ-14: iommufd_object_remove() leaks the object in the
 * same case.
 */
START_TEST(remove_that_waits_in_vain_leaks_the_object)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	check_wait_in_vain(kernel_tries, publish_owned(ictx, plain_type()));
}
END_TEST

/*
 * R-DESTROY-7 step 3, R-DESTROY-8: the counters of the other object are
 * unchanged.
 */
START_TEST(remove_by_anothers_id_warns_and_spares_the_other)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish_owned(ictx, plain_type());
	struct probe *other = publish(ictx, plain_type());

	expect_warning("obj != to_destroy");
	ck_assert_int_eq(iommufd_object_remove(ictx, &probe->obj, 2, 0),
			 -ENOENT);
	ck_assert_counters(other, 1, 1);
	ck_assert_counters(probe, 1, 1);
	close_clean(ictx);
}
END_TEST

/*
 * R-DESTROY-5, R-DESTROY-8: this failure also gives the table its wait
 * reference back.
 */
START_TEST(destroy_user_of_an_unpublished_object_gives_the_bias_back)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, plain_type());

	refcount_inc(&probe->obj.users);
	expect_warning("obj != to_destroy");
	expect_warning("iommufd_object_remove(");
	iommufd_object_destroy_user(ictx, &probe->obj);
	ck_assert_shortterm(&probe->obj, 1);
	ck_assert_users(&probe->obj, 1);
	iommufd_object_abort(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/*
 * R-DESTROY-7 step 5: only the removal of the VFIO IOAS clears ictx->vfio_ioas.
 */
START_TEST(only_the_vfio_ioas_itself_clears_the_pointer_to_it)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 id = make_ioas(ictx), other = make_ioas(ictx);

	ictx->vfio_ioas = container_of(peek(ictx, id), struct iommufd_ioas,
				       obj);
	ck_assert_int_eq(user_destroy(ictx, other), 0);
	ck_assert_ptr_nonnull(ictx->vfio_ioas);
	ck_assert_int_eq(user_destroy(ictx, id), 0);
	ck_assert_ptr_null(ictx->vfio_ioas);
	close_clean(ictx);
}
END_TEST

static Suite *destroy_suite(void)
{
	Suite *suite = suite_create("destroy");
	TCase *tc;

	tc = probe_tests(suite, "IOMMU_DESTROY");
	tcase_add_test(tc, user_destroys_an_unused_object);
	tcase_add_test(tc, user_destroy_of_a_short_referenced_object_is_ebusy);
	tcase_add_test(tc, user_destroy_of_what_its_creator_holds_is_ebusy);
	tcase_add_test(tc, user_destroy_waits_for_a_put_in_its_middle);
	tcase_add_test(tc, user_destroy_that_waits_in_vain_leaks_the_object);

	tc = probe_tests(suite, "without waiting");
	tcase_add_test(tc,
		       put_and_try_destroy_destroys_what_only_the_table_holds);
	tcase_add_test(tc, put_and_try_destroy_of_a_used_object_just_puts);
	tcase_add_test(tc, remove_of_a_used_object_is_ebusy);
	tcase_add_test(tc, remove_that_waits_in_vain_leaks_the_object);
	tcase_add_test(tc, remove_by_anothers_id_warns_and_spares_the_other);
	tcase_add_test(
		tc, destroy_user_of_an_unpublished_object_gives_the_bias_back);
	tcase_add_test(tc, only_the_vfio_ioas_itself_clears_the_pointer_to_it);
	return suite;
}

int main(void)
{
	return run_suite(destroy_suite());
}
