// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-OBJ-5 to R-OBJ-7: how a creation ends: finalize, abort, abort_and_destroy.
 */
#include "probe.h"

/* The tests below finalize. */

/* R-OBJ-5: finalize does not change the counters. */
START_TEST(finalize_publishes_and_counts_nothing)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, plain_type());

	refcount_inc(&probe->obj.users);
	watch(ictx, &probe->obj);
	iommufd_object_finalize(ictx, &probe->obj);
	ck_assert_said("");
	ck_assert_ptr_eq(slot(ictx, 1), &probe->obj);
	ck_assert_counters(probe, 2, 1);
	ck_assert_int_eq(look_up(ictx, 1, plain_type()), 0);
	iommufd_object_destroy_user(ictx, &probe->obj);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-5: finalize gives a WARN if the slot is not reserved. */
START_TEST(finalize_of_what_is_not_reserved_warns)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	expect_warning("old != XA_ZERO_ENTRY");
	iommufd_object_finalize(ictx, &probe->obj);
	ck_assert_ptr_eq(slot(ictx, 1), &probe->obj);
	ck_assert_counters(probe, 1, 1);
	close_clean(ictx);
}
END_TEST

/* The tests below abort. */

/* R-OBJ-6: no op is called.  R-COUNT-2: users reaches zero here too. */
START_TEST(abort_frees_id_and_memory)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	unsigned long before = nr_leaks();
	struct probe *probe = reserve(ictx, full_type());

	watch(ictx, &probe->obj);
	iommufd_object_abort(ictx, &probe->obj);
	ck_assert_said("U0");
	ck_assert_ptr_null(slot(ictx, 1));
	ck_assert_uint_eq(nr_leaks(), before);
	close_clean(ictx);
}
END_TEST

/* R-OBJ-6: the memory is leaked because another holder has a reference. */
START_TEST(abort_of_a_used_object_warns_and_leaks_it)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, plain_type());

	refcount_inc(&probe->obj.users);
	expect_warning("abort of an object in use");
	iommufd_object_abort(ictx, &probe->obj);
	ck_assert_ptr_null(slot(ictx, 1));
	ck_assert_counters(probe, 1, 1);
	iommufd_model_check_close(ictx);
	ck_assert_uint_eq(nr_leaks(), 1);
	kfree(probe);
	ck_assert_no_leaks(ictx);
}
END_TEST

/* R-OBJ-6, R-OBJ-14: abort ignores wait_cnt. */
START_TEST(abort_does_not_look_at_wait_cnt)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, plain_type());

	refcount_inc(&probe->obj.wait_cnt);
	watch(ictx, &probe->obj);
	iommufd_object_abort(ictx, &probe->obj);
	ck_assert_said("U0");
	close_clean(ictx);
}
END_TEST

/* R-OBJ-6: abort gives a WARN if the object is published. */
START_TEST(abort_of_a_published_object_warns)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, plain_type());

	expect_warning("old != XA_ZERO_ENTRY");
	iommufd_object_abort(ictx, &probe->obj);
	ck_assert_ptr_null(slot(ictx, 1));
	close_clean(ictx);
}
END_TEST

/* The tests below abort and destroy. */

/*
 * Releases as the file of an event queue does: drops a users reference and the
 * reference to the context.
 */
static int probe_file_release(struct inode *inode, struct file *filp)
{
	struct probe *probe = filp->private_data;
	struct iommufd_ctx *ictx = probe->ictx;

	(void)inode;
	say("release(%u)", probe->obj.id);
	refcount_dec(&probe->obj.users);
	iommufd_ctx_put(ictx);
	return 0;
}

static const struct file_operations probe_fops = {
	.release = probe_file_release,
};

static void give_file(struct probe *probe)
{
	probe->file = anon_inode_getfile("[probe]", &probe_fops, probe, 0);
	ck_assert(!IS_ERR(probe->file));
	refcount_inc(&probe->obj.users);
	iommufd_ctx_get(probe->ictx);
}

/* R-OBJ-7 step 2: one type has an abort op, the other has not. */
START_TEST(abort_and_destroy_prefers_the_abort_op)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	iommufd_object_abort_and_destroy(ictx,
					 &reserve(ictx, full_type())->obj);
	ck_assert_said("abort(1)");
	iommufd_object_abort_and_destroy(ictx,
					 &reserve(ictx, plain_type())->obj);
	ck_assert_said("destroy(1)");
	ck_assert(xa_empty(&ictx->objects));
	close_clean(ictx);
}
END_TEST

/*
 * R-OBJ-7 steps 1 to 3, inside a system call: an fput() would defer the release
 * until the memory is freed.
 */
START_TEST(abort_and_destroy_releases_the_file_first_and_at_once)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, full_type());

	give_file(probe);
	ck_assert_users(&probe->obj, 2);
	watch(ictx, &probe->obj);
	iommufd_model_enter();
	iommufd_object_abort_and_destroy(ictx, &probe->obj);
	iommufd_model_leave();
	ck_assert_said("release(1) U1 abort(1) U0");
	ck_assert_uint_eq(file_count(ictx->file), 1);
	close_clean(ictx);
}
END_TEST

/*
 * DEV-16: the member contains the error pointer of a failed
 * anon_inode_getfile().
 */
START_TEST(abort_and_destroy_warns_of_an_error_in_place_of_the_file)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, full_type());

	probe->file = ERR_PTR(-ENFILE);
	expect_warning("IS_ERR(*filep)");
	iommufd_object_abort_and_destroy(ictx, &probe->obj);
	ck_assert_said("abort(1)");
	close_clean(ictx);
}
END_TEST

/*
 * R-OBJ-7: the id is freed after the op, which runs without a lock of the core.
 */
START_TEST(the_id_stays_reserved_while_the_abort_op_runs)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = reserve(ictx, full_type());

	probe->at_abort = say_state;
	iommufd_object_abort_and_destroy(ictx, &probe->obj);
	ck_assert_said("abort(1) zero entry, 0 locks");
	ck_assert_ptr_null(slot(ictx, 1));
	close_clean(ictx);
}
END_TEST

static Suite *creation_suite(void)
{
	Suite *suite = suite_create("creation");
	TCase *tc = probe_tests(suite, "finalize and abort");

	tcase_add_test(tc, finalize_publishes_and_counts_nothing);
	tcase_add_test(tc, finalize_of_what_is_not_reserved_warns);
	tcase_add_test(tc, abort_frees_id_and_memory);
	tcase_add_test(tc, abort_of_a_used_object_warns_and_leaks_it);
	tcase_add_test(tc, abort_does_not_look_at_wait_cnt);
	tcase_add_test(tc, abort_of_a_published_object_warns);
	tcase_add_test(tc, abort_and_destroy_prefers_the_abort_op);
	tcase_add_test(
		tc, abort_and_destroy_releases_the_file_first_and_at_once);
	tcase_add_test(
		tc, abort_and_destroy_warns_of_an_error_in_place_of_the_file);
	tcase_add_test(tc, the_id_stays_reserved_while_the_abort_op_runs);
	return suite;
}

int main(void)
{
	return run_suite(creation_suite());
}
