// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-CTX-1, R-CTX-2, R-RELEASE-1 to R-RELEASE-5: a context, its file, and its
 * release.
 */
#include "probe.h"

/* The tests below open a context. */

/* R-CTX-1: a new context has no objects and one reference. */
START_TEST(open_gives_an_empty_context_with_one_reference)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	ck_assert_uint_eq(file_count(ictx->file), 1);
	ck_assert_ptr_eq(ictx->file->private_data, ictx);
	ck_assert(xa_empty(&ictx->objects));
	ck_assert(xa_empty(&ictx->groups));
	ck_assert(list_empty(&ictx->mmaps));
	ck_assert_int_eq(ictx->account_mode, IOPT_PAGES_ACCOUNT_NONE);
	ck_assert_ptr_null(ictx->vfio_ioas);
	close_clean(ictx);
	ck_assert_said("");
}
END_TEST

/*
 * R-CTX-1: the allocations are the descriptor table, the file and the context.
 */
START_TEST(open_without_memory_leaves_no_trace)
{
	struct iommufd_ctx *ictx;
	unsigned int n;
	int fd;

	fd = iommufd_model_open();
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	for (n = 1; n <= 3; n++) {
		iommufd_model_fail_nth(n);
		ck_assert_int_eq(iommufd_model_open(), -ENOMEM);
		ck_assert_uint_eq(nr_leaks(), 0);
	}
	ictx = iommufd_model_check_open();
	ck_assert_int_eq(iommufd_model_check_fd(ictx), fd);
	close_clean(ictx);
}
END_TEST

/* The tests below are about references to a context. */

/* R-CTX-2: the references to a context are those to its file. */
START_TEST(ctx_get_and_put_count_the_files_references)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	iommufd_ctx_get(ictx);
	ck_assert_uint_eq(file_count(ictx->file), 2);
	iommufd_ctx_put(ictx);
	ck_assert_uint_eq(file_count(ictx->file), 1);
	close_clean(ictx);
}
END_TEST

static const struct file_operations foreign_fops;

static struct file *open_foreign(int *fd)
{
	struct file *file;

	*fd = get_unused_fd_flags(0);
	ck_assert_int_ge(*fd, 0);
	file = anon_inode_getfile("[foreign]", &foreign_fops, NULL, 0);
	ck_assert(!IS_ERR(file));
	fd_install((unsigned int)*fd, file);
	return file;
}

/* R-CTX-2: a descriptor of another kind of file is refused. */
START_TEST(ctx_from_fd_takes_a_reference_of_our_files_only)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct file *foreign;
	int fd;

	ck_assert_ptr_eq(iommufd_ctx_from_fd(iommufd_model_check_fd(ictx)),
			 ictx);
	ck_assert_uint_eq(file_count(ictx->file), 2);
	iommufd_ctx_put(ictx);

	foreign = open_foreign(&fd);
	ck_assert_int_eq(PTR_ERR(iommufd_ctx_from_fd(fd)), -EBADFD);
	ck_assert_uint_eq(file_count(foreign), 1);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	ck_assert_int_eq(PTR_ERR(iommufd_ctx_from_fd(fd)), -EBADF);
	ck_assert_int_eq(PTR_ERR(iommufd_ctx_from_fd(-1)), -EBADF);
	close_clean(ictx);
}
END_TEST

/* R-CTX-2: the caller keeps its own reference. */
START_TEST(ctx_from_file_takes_a_reference_of_our_files_only)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct file *foreign;
	int fd;

	ck_assert_ptr_eq(iommufd_ctx_from_file(ictx->file), ictx);
	ck_assert_uint_eq(file_count(ictx->file), 2);
	iommufd_ctx_put(ictx);

	foreign = open_foreign(&fd);
	ck_assert_int_eq(PTR_ERR(iommufd_ctx_from_file(foreign)), -EBADFD);
	ck_assert_uint_eq(file_count(foreign), 1);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	close_clean(ictx);
}
END_TEST

/* R-CTX-2: in a system call the last fput() defers the release to its end. */
START_TEST(the_last_reference_releases_when_the_system_call_ends)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	publish(ictx, plain_type());
	iommufd_ctx_get(ictx);
	iommufd_model_check_close(ictx);
	ck_assert_uint_eq(iommufd_model_released(ictx), 0);
	iommufd_model_enter();
	iommufd_ctx_put(ictx);
	ck_assert_said("");
	iommufd_model_leave();
	ck_assert_said("destroy(1)");
	ck_assert_no_leaks(ictx);
}
END_TEST

/* R-CTX-2: an external access holds a reference. */
START_TEST(an_external_access_keeps_its_context)
{
	static const struct iommufd_access_ops ops;
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_access *access;
	u32 id;

	access = iommufd_access_create(ictx, &ops, NULL, &id);
	ck_assert_uint_eq(file_count(ictx->file), 2);
	iommufd_model_check_close(ictx);
	ck_assert_uint_eq(iommufd_model_released(ictx), 0);
	iommufd_access_destroy(access);
	ck_assert_no_leaks(ictx);
}
END_TEST

static struct iommufd_access *owned_access;

static void destroy_owned_access(struct probe *probe)
{
	iommufd_access_destroy_internal(probe->ictx, owned_access);
}

/*
 * R-CTX-2, R-RELEASE-3: an internal one holds none, and its owner destroys it
 * in release.
 */
START_TEST(an_internal_access_is_released_with_its_context)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = publish(ictx, plain_type());

	owned_access = iommufd_access_create_internal(ictx);
	owner->at_destroy = destroy_owned_access;
	ck_assert_uint_eq(file_count(ictx->file), 1);
	close_clean(ictx);
	ck_assert_released_before(owner, ictx);
}
END_TEST

/* The tests below release a context. */

static void pass_event(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	(void)hook;
	if (op->kind != IOMMUFD_MODEL_OP_NOTE)
		return;
	if (op->arg == IOMMUFD_MODEL_NOTE_PASS)
		say("pass(%ld)", op->before);
	if (op->arg == IOMMUFD_MODEL_NOTE_STUCK)
		say("stuck(%u)", ((struct iommufd_object *)op->addr)->id);
}

static struct iommufd_model_hook pass_hook = { .event = pass_event };

static void setup(void)
{
	probe_setup();
	iommufd_model_hook_add(&pass_hook);
}

static void teardown(void)
{
	iommufd_model_hook_remove(&pass_hook);
	probe_teardown();
}

/*
 * R-RELEASE-5 step 1; R-RELEASE-1: a release ignores wait_cnt, calls no
 * pre_destroy op, and holds no lock.
 */
START_TEST(release_destroys_what_only_the_table_holds)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *probe = publish(ictx, full_type());

	probe->at_destroy = say_state;
	refcount_inc(&probe->obj.wait_cnt);
	watch(ictx, &probe->obj);
	close_clean(ictx);
	ck_assert_said("pass(1) U0 destroy(1) free, 0 locks");
	ck_assert_released_before(probe, ictx);
}
END_TEST

/*
 * R-RELEASE-2: an object whose holder has a lower id is destroyed in the same
 * pass.
 */
START_TEST(an_object_freed_by_a_lower_one_goes_in_the_same_pass)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *first = publish(ictx, plain_type());

	rest_on(first, publish(ictx, plain_type()));
	close_clean(ictx);
	ck_assert_said("pass(1) destroy(1) destroy(2)");
}
END_TEST

/*
 * R-RELEASE-2: the number of passes is the length of the longest chain to lower
 * ids.
 */
START_TEST(an_object_freed_by_a_higher_one_waits_for_the_next_pass)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *first = publish(ictx, plain_type());
	struct probe *second = publish(ictx, plain_type());

	rest_on(second, first);
	rest_on(publish(ictx, plain_type()), second);
	close_clean(ictx);
	ck_assert_said("pass(1) destroy(3) pass(2) destroy(2) "
		       "pass(3) destroy(1)");
}
END_TEST

static struct {
	struct probe *device, *hwpt;
} mock;

/* Does what the destroy op of a mock device does: detaches and unbinds. */
static void mock_destroy(struct probe *selftest)
{
	iommufd_object_put_and_try_destroy(selftest->ictx, &mock.hwpt->obj);
	iommufd_object_destroy_user(selftest->ictx, &mock.device->obj);
}

/* R-RELEASE-3, R-RELEASE-5: IOAS 1, SELFTEST 2, DEVICE 3, automatic HWPT 4. */
START_TEST(a_destroy_op_may_remove_others_from_the_table)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *ioas = publish(ictx, plain_type());

	publish(ictx, plain_type())->at_destroy = mock_destroy;
	mock.device = publish_owned(ictx, plain_type());
	mock.hwpt = publish_owned(ictx, plain_type());
	rest_on(mock.hwpt, ioas);
	close_clean(ictx);
	ck_assert_said("pass(1) destroy(2) destroy(4) destroy(3) "
		       "pass(2) destroy(1)");
}
END_TEST

static void publish_two(struct probe *probe)
{
	publish(probe->ictx, plain_type());
	publish(probe->ictx, plain_type());
}

/*
 * R-ID-8: the walk is at id 1 when both ids are published, and has yet to reach
 * id 2.
 */
START_TEST(the_walk_reaches_objects_published_at_higher_ids)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	publish(ictx, plain_type())->at_destroy = publish_two;
	close_clean(ictx);
	ck_assert_said("pass(1) destroy(1) destroy(2) pass(2) destroy(1)");
}
END_TEST

/* R-RELEASE-5 step 1 c: the release ends when only tombstones are left. */
START_TEST(release_ends_when_only_tombstones_are_left)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *first = publish_owned(ictx, plain_type());

	publish(ictx, plain_type());
	iommufd_object_tombstone_user(ictx, &first->obj);
	ck_assert_said("destroy(1)");
	close_clean(ictx);
	ck_assert_said("pass(1) destroy(2) pass(2)");
}
END_TEST

/*
 * R-RELEASE-4, R-RELEASE-5 step 1 d: an extra reference keeps an
 * object and everything that it holds.
 */
START_TEST(release_gives_up_on_a_device_that_is_still_bound)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *ioas = publish(ictx, plain_type());
	struct probe *device = publish_owned(ictx, plain_type());

	rest_on(device, ioas);
	publish(ictx, plain_type());
	expect_warning("no progress");
	iommufd_model_check_close(ictx);
	ck_assert_said("pass(1) destroy(3) pass(2) stuck(1) stuck(2)");
	ck_assert_uint_eq(nr_leaks(), 2);
	kfree(device);
	kfree(ioas);
	ck_assert_no_leaks(ictx);
}
END_TEST

static enum iommufd_model_misuse misuse;

static void keep_misuse(const struct iommufd_model_report *report, void *data)
{
	(void)data;
	misuse = report->misuse;
}

START_TEST(release_that_gives_up_is_a_kind_of_report)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *ioas = publish(ictx, plain_type());
	struct probe *device = publish_owned(ictx, plain_type());

	rest_on(device, ioas);
	iommufd_model_set_sink(keep_misuse, NULL);
	iommufd_model_check_close(ictx);
	iommufd_model_set_sink(NULL, NULL);
	ck_assert_int_eq(misuse, IOMMUFD_MODEL_MISUSE_NO_PROGRESS);
	ck_assert_uint_eq(iommufd_model_warnings(), 1);
	iommufd_model_reset_warnings();
	kfree(device);
	kfree(ioas);
	ck_assert_no_leaks(ictx);
}
END_TEST

static struct iommufd_ctx *grouped;

/*
 * Empties the array before the context is freed, because nothing could reach it
 * later.
 */
static void empty_groups(struct iommufd_model_hook *hook,
			 const struct iommufd_model_op *op)
{
	(void)hook;
	if (op->kind == IOMMUFD_MODEL_OP_NOTE &&
	    op->arg == IOMMUFD_MODEL_NOTE_RELEASED)
		xa_destroy(&grouped->groups);
}

/* R-RELEASE-5 step 3: the release gives a WARN if a device group is left. */
START_TEST(release_warns_of_groups_that_are_left)
{
	struct iommufd_model_hook hook = { .event = empty_groups };
	int group;

	grouped = iommufd_model_check_open();
	ck_assert_int_eq(xa_insert(&grouped->groups, 7, &group, GFP_KERNEL),
			 0);
	expect_warning("groups");
	iommufd_model_hook_add(&hook);
	iommufd_model_check_close(grouped);
	iommufd_model_hook_remove(&hook);
	ck_assert_no_leaks(grouped);
}
END_TEST

static Suite *release_suite(void)
{
	Suite *suite = suite_create("release");
	TCase *tc;

	tc = probe_tests(suite, "references");
	tcase_add_test(tc, open_gives_an_empty_context_with_one_reference);
	tcase_add_test(tc, open_without_memory_leaves_no_trace);
	tcase_add_test(tc, ctx_get_and_put_count_the_files_references);
	tcase_add_test(tc, ctx_from_fd_takes_a_reference_of_our_files_only);
	tcase_add_test(tc, ctx_from_file_takes_a_reference_of_our_files_only);
	tcase_add_test(
		tc, the_last_reference_releases_when_the_system_call_ends);
	tcase_add_test(tc, an_external_access_keeps_its_context);
	tcase_add_test(tc, an_internal_access_is_released_with_its_context);

	tc = tcase_create("passes");
	tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, release_destroys_what_only_the_table_holds);
	tcase_add_test(
		tc, an_object_freed_by_a_lower_one_goes_in_the_same_pass);
	tcase_add_test(
		tc, an_object_freed_by_a_higher_one_waits_for_the_next_pass);
	tcase_add_test(tc, a_destroy_op_may_remove_others_from_the_table);
	tcase_add_test(tc, the_walk_reaches_objects_published_at_higher_ids);
	tcase_add_test(tc, release_ends_when_only_tombstones_are_left);
	tcase_add_test(tc, release_gives_up_on_a_device_that_is_still_bound);
	tcase_add_test(tc, release_that_gives_up_is_a_kind_of_report);
	tcase_add_test(tc, release_warns_of_groups_that_are_left);
	return suite;
}

int main(void)
{
	return run_suite(release_suite());
}
