// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests of the alarm: which references the file holds, what a failed creation
 * leaves, and then ticks, reads, closes and destroys in every order.
 */
#include "alarm.h"
#include <iommufd_model/check.h>
#include <sched.h>
#include <stdlib.h>

#define must(cond) iommufd_model_assert(cond)

enum { ALARM = 1 };

static int fd, alarm_fd, got;

static int make(void)
{
	struct iommu_alarm_alloc cmd = {
		.size = sizeof(cmd), .period_ms = 1, .count = 2,
	};
	int rc = iommufd_model_ioctl(fd, IOMMU_ALARM_ALLOC, &cmd);

	if (rc)
		return rc;
	alarm_fd = (int)cmd.out_alarm_fd;
	return (int)cmd.out_alarm_id;
}

static int destroy(void)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = ALARM };

	return iommufd_model_ioctl(fd, IOMMU_DESTROY, &cmd);
}

static int read_ticks(u64 *ticks)
{
	return (int)iommufd_model_read(alarm_fd, ticks, sizeof(*ticks));
}

static void setup(void *unused)
{
	fd = iommufd_model_open();
	must(make() == ALARM);
}

static void setup_closed(void *unused)
{
	setup(unused);
	must(!iommufd_model_close(alarm_fd));
}

static void close_both(void *unused)
{
	must(!iommufd_model_close(alarm_fd));
	must(!iommufd_model_close(fd));
}

static void close_dev(void *unused)
{
	must(!iommufd_model_close(fd));
}

/* One thread */

START_TEST(file_holds_the_alarm_and_the_ctx)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_object *obj;

	fd = iommufd_model_check_fd(ictx);
	ck_assert_int_eq(make(), ALARM);
	obj = iommufd_get_object(ictx, ALARM, IOMMUFD_OBJ_ALARM);
	iommufd_put_object(ictx, obj);
	ck_assert_users(obj, 2);
	ck_assert_uint_eq(file_count(ictx->file), 2);
	ck_assert_int_eq(destroy(), -EBUSY);
	ck_assert_int_eq(iommufd_model_close(alarm_fd), 0);
	ck_assert_uint_eq(file_count(ictx->file), 1);
	ck_assert_int_eq(destroy(), 0);
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}
END_TEST

START_TEST(ticks_are_read_once)
{
	u64 ticks = 0, none;
	int rc;

	setup(NULL);
	ck_assert_int_eq(iommufd_model_read(alarm_fd, &none, 4), -EINVAL);
	while ((rc = read_ticks(&ticks)) == -EAGAIN)
		sched_yield();
	ck_assert_int_eq(rc, sizeof(ticks));
	ck_assert_uint_gt(ticks, 0);
	close_both(NULL);
}
END_TEST

START_TEST(file_outlives_dev_iommu)
{
	u64 ticks;

	setup(NULL);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	while (read_ticks(&ticks) == -EAGAIN)
		sched_yield();
	ck_assert_int_eq(iommufd_model_close(alarm_fd), 0);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}
END_TEST

START_TEST(every_bad_argument_has_its_errno)
{
	struct iommu_alarm_alloc cmd = { .size = sizeof(cmd), .count = 1 };

	fd = iommufd_model_open();
	ck_assert_int_eq(iommufd_model_ioctl(fd, IOMMU_ALARM_ALLOC, &cmd),
			 -EINVAL);
	cmd.period_ms = 1;
	cmd.count = 0;
	ck_assert_int_eq(iommufd_model_ioctl(fd, IOMMU_ALARM_ALLOC, &cmd),
			 -EINVAL);
	cmd.count = cmd.flags = 1;
	ck_assert_int_eq(iommufd_model_ioctl(fd, IOMMU_ALARM_ALLOC, &cmd),
			 -EOPNOTSUPP);
	close_dev(NULL);
}
END_TEST

/* A request in read-only memory: the response cannot be copied to it. */
static const struct iommu_alarm_alloc constant = {
	.size = sizeof(constant), .period_ms = 1, .count = 1,
};

START_TEST(failed_response_undoes_the_creation)
{
	fd = iommufd_model_open();
	ck_assert_int_eq(iommufd_model_ioctl(fd, IOMMU_ALARM_ALLOC,
					     (void *)(uintptr_t)&constant),
			 -EFAULT);
	ck_assert_int_eq(destroy(), -ENOENT);
	close_dev(NULL);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	int n, rc;

	fd = iommufd_model_open();
	for (n = 1;; n++) {
		iommufd_model_fail_nth((unsigned int)n);
		rc = make();
		if (!iommufd_model_failed())
			break;
		ck_assert_int_eq(rc, -ENOMEM);
	}
	iommufd_model_fail_nth(0);
	ck_assert_int_gt(n, 2);
	ck_assert_int_eq(rc, ALARM);
	close_both(NULL);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}
END_TEST

/* Threads */

static void destroys(void *unused)
{
	got = destroy();
}

static void closes_file(void *unused)
{
	must(!iommufd_model_close(alarm_fd));
}

static void reads(void *unused)
{
	u64 ticks;
	int rc = read_ticks(&ticks);

	must(rc == -EAGAIN || (rc == sizeof(ticks) && ticks > 0));
}

static void makes(void *unused)
{
	must(make() == ALARM);
}

static void opens(void *unused)
{
	fd = iommufd_model_open();
}

static void gone(void *unused)
{
	must(got == 0);
	close_dev(unused);
}

static void busy_or_gone(void *unused)
{
	must(got == 0 || got == -EBUSY);
	close_dev(unused);
}

static void busy_or_not_there(void *unused)
{
	must(got == -EBUSY || got == -ENOENT);
	close_both(unused);
}

static const struct iommufd_model_test tests[] = {
	{
		.name = "tick against destroy",
		.setup = setup_closed,
		.threads = { { "destroy", destroys } },
		.after = gone,
	}, {
		.name = "tick against close",
		.setup = setup_closed,
		.threads = { { "close", close_dev } },
	}, {
		.name = "read against tick",
		.setup = setup,
		.threads = { { "read", reads } },
		.after = close_both,
	}, {
		.name = "close of the file against destroy",
		.setup = setup,
		.threads = { { "close", closes_file },
			     { "destroy", destroys } },
		.after = busy_or_gone,
	}, {
		.name = "make against destroy",
		.setup = opens,
		.threads = { { "make", makes }, { "destroy", destroys } },
		.after = busy_or_not_there,
	},
};

START_TEST(every_interleaving)
{
	ck_assert_explored(&tests[_i]);
}
END_TEST

/* The tests below run with each allocation failing in turn. */

static void tries_to_make(void *unused)
{
	got = make();
}

static void made_or_not(void *unused)
{
	must(got == ALARM || got == -ENOMEM);
	if (got == ALARM)
		must(!iommufd_model_close(alarm_fd));
	close_dev(unused);
}

START_TEST(make_with_an_allocation_failing)
{
	static const struct iommufd_model_test test = {
		.name = "make fails",
		.setup = opens,
		.threads = { { "make", tries_to_make } },
		.after = made_or_not,
	};
	struct iommufd_model_explore_options options = { .fail_nth = 0 };
	struct iommufd_model_explore_result result;
	bool injected;
	char why[256];
	int rc;

	do {
		options.fail_nth++;
		rc = iommufd_model_check_explore(&test, &options, &result, why,
						 sizeof(why));
		injected = result.injected;
		iommufd_model_explore_free(&result);
		ck_assert_msg(!rc, "%s", why);
	} while (injected);
	ck_assert_uint_gt(options.fail_nth, 2);
}
END_TEST

/* The test program */

static const struct iommufd_ioctl_op alloc_op = {
	.size = sizeof(struct iommu_alarm_alloc),
	.min_size = offsetofend(struct iommu_alarm_alloc, out_alarm_fd),
	.ioctl_num = IOMMU_ALARM_ALLOC,
	.execute = iommufd_alarm_alloc_ioctl,
};

static void add(Suite *suite, const char *name, const TTest *test, int i)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, iommufd_model_check_setup,
				  iommufd_model_check_teardown);
	/* No time limit: the explorer itself reports a hang. */
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, test, i, i + 1);
	suite_add_tcase(suite, tc);
}

/* CK_RUN_CASE=NAME runs one of the tests. */
int main(void)
{
	Suite *suite = suite_create("alarm");
	SRunner *runner = srunner_create(suite);
	int i, failed;

	if (iommufd_model_register_type("alarm", &iommufd_alarm_ops,
					IOMMUFD_OBJ_ALARM) < 0 ||
	    iommufd_model_register_ioctl(&alloc_op))
		return EXIT_FAILURE;
	add(suite, "references", file_holds_the_alarm_and_the_ctx, 0);
	add(suite, "ticks", ticks_are_read_once, 0);
	add(suite, "close", file_outlives_dev_iommu, 0);
	add(suite, "arguments", every_bad_argument_has_its_errno, 0);
	add(suite, "response", failed_response_undoes_the_creation, 0);
	add(suite, "allocations", every_allocation_may_fail, 0);
	for (i = 0; i < (int)ARRAY_SIZE(tests); i++)
		add(suite, tests[i].name, every_interleaving, i);
	add(suite, "make fails", make_with_an_allocation_failing, 0);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
