// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What setup, after and the invariant of a test may not do, and functions for
 * threads that are called elsewhere.
 */
#include "suite.h"
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel.h>
#include <pthread.h>
#include <unistd.h>

static DECLARE_WAIT_QUEUE_HEAD(queue);
static struct mutex mutex;
static refcount_t counter;
static int calls;

static void touch(void *data)
{
	(void)data;
	refcount_inc(&counter);
}

static void prepare(void *data)
{
	(void)data;
	mutex_init(&mutex);
	refcount_set(&counter, 1);
	init_waitqueue_head(&queue);
	calls = 0;
}

/* Explore the test, and compare the failure and a part of the report. */
static void expect_failure(const struct iommufd_model_test *test,
			   enum iommufd_model_failure failure, const char *part)
{
	struct iommufd_model_explore_options options;
	struct iommufd_model_explore_result result;
	char *text = NULL;
	size_t size;

	iommufd_model_explore_options_init(&options);
	options.report = open_memstream(&text, &size);
	ck_assert_int_eq(iommufd_model_explore(test, &options, &result), 1);
	fclose(options.report);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_FAILED);
	ck_assert_msg(result.failure == failure, "%s", text);
	ck_assert_msg(strstr(text, part), "\"%s\" is not in: %s", part, text);
	iommufd_model_explore_free(&result);
	free(text);
}

static void wait_for_ever(void *data)
{
	prepare(data);
	wait_event(queue, !refcount_read(&counter));
}

START_TEST(setup_and_after_must_not_wait_for_ever)
{
	static const struct iommufd_model_test setup = {
		.name = "setup waits", .setup = wait_for_ever,
		.threads = { { "one", touch } },
	};
	static const struct iommufd_model_test after = {
		.name = "after waits", .setup = prepare,
		.threads = { { "one", touch } }, .after = wait_for_ever,
	};

	expect_failure(&setup, IOMMUFD_MODEL_FAIL_DEADLOCK,
		       "setup would wait for");
	expect_failure(&after, IOMMUFD_MODEL_FAIL_DEADLOCK,
		       "after would wait for");
}
END_TEST

static void wait_for_a_while(void *data)
{
	prepare(data);
	if (!wait_event_timeout(queue, !refcount_read(&counter), 100))
		calls++;
}

static void timed_out_once(void *data)
{
	(void)data;
	iommufd_model_assert(calls == 1);
}

static const struct iommufd_model_test times_out = {
	.name = "setup waits", .setup = wait_for_a_while,
	.threads = { { "one", touch } }, .after = timed_out_once,
};

START_TEST(timeout_in_setup_is_a_failure)
{
	expect_failure(&times_out, IOMMUFD_MODEL_FAIL_TIMEOUT,
		       "ran into its timeout");
}
END_TEST

START_TEST(timeout_in_setup_that_is_ignored_is_a_result)
{
	struct iommufd_model_explore_options options;
	struct iommufd_model_explore_result result;

	iommufd_model_explore_options_init(&options);
	options.ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT;
	options.quiet = true;
	ck_assert_int_eq(iommufd_model_explore(&times_out, &options, &result),
			 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	iommufd_model_explore_free(&result);
}
END_TEST

static void lock(void *data)
{
	(void)data;
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

START_TEST(invariant_must_not_block)
{
	static const struct iommufd_model_test test = {
		.name = "invariant", .setup = prepare, .invariant = lock,
		.threads = { { "one", touch } },
	};

	expect_failure(&test, IOMMUFD_MODEL_FAIL_INVARIANT, "must not block");
}
END_TEST

static void expect_much(void *data)
{
	prepare(data);
	iommufd_model_expect_warning("first");
	iommufd_model_expect_warning("second");
}

START_TEST(warning_that_is_expected_and_does_not_come_is_a_failure)
{
	static const struct iommufd_model_test test = {
		.name = "no warning", .setup = expect_much,
		.threads = { { "one", touch } },
	};

	expect_failure(&test, IOMMUFD_MODEL_FAIL_WARN,
		       "2 expected warnings did not come");
}
END_TEST

static void count_call(void *data)
{
	(void)data;
	calls++;
}

/* Outside of an exploration the function is called at once. */
START_TEST(functions_for_threads_work_without_an_exploration)
{
	int number;

	prepare(NULL);
	number = iommufd_model_spawn("thread", count_call, NULL);
	ck_assert_int_eq(calls, 1);
	iommufd_model_join(number);
	refcount_set(&counter, 0);
	iommufd_model_wait_zero(&counter);
	ck_assert(!iommufd_model_in_execution());
}
END_TEST

static void *drop_later(void *data)
{
	usleep(20000);
	iommufd_model_assert(refcount_dec_and_test(&counter));
	return data;
}

/* In a thread of the system, too, a wait ends when the counter is zero. */
START_TEST(a_wait_for_zero_without_an_exploration_waits)
{
	pthread_t thread;

	refcount_set(&counter, 1);
	ck_assert_int_eq(pthread_create(&thread, NULL, drop_later, NULL), 0);
	iommufd_model_wait_zero(&counter);
	ck_assert_int_eq(refcount_read(&counter), 0);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(result_of_no_exploration_says_so)
{
	struct iommufd_model_explore_result result = {
		.verdict = IOMMUFD_MODEL_VERDICT_NOT_EXPLORED,
	};
	char text[100];

	ck_assert_str_eq(iommufd_model_verdict_text(&result, text,
						    sizeof(text)),
			 "not explored");
}
END_TEST

START_TEST(hang_of_negative_time_is_refused)
{
	struct iommufd_model_explore_options options;
	struct iommufd_model_explore_result result;

	iommufd_model_explore_options_init(&options);
	options.quiet = true;
	options.hang = -1;
	ck_assert_int_eq(iommufd_model_explore(&times_out, &options, &result),
			 -EINVAL);
}
END_TEST

START_TEST(variables_set_a_time_and_switch_minimising_off)
{
	static const struct iommufd_model_test test = {
		.name = "fine", .setup = prepare, .threads = { { "one", touch } },
	};
	struct iommufd_model_explore_result result;

	setenv("IOMMUFD_MODEL_EXPLORE_SECONDS", "7.5", 1);
	setenv("IOMMUFD_MODEL_EXPLORE_MINIMISE", "0", 1);
	ck_assert_int_eq(iommufd_model_explore(&test, NULL, &result), 0);
	ck_assert(result.options.seconds > 7 && result.options.seconds < 8);
	ck_assert(result.options.no_minimise);
	iommufd_model_explore_free(&result);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("main_thread");
	TCase *tc = tcase_create("main");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, setup_and_after_must_not_wait_for_ever);
	tcase_add_test(tc, timeout_in_setup_is_a_failure);
	tcase_add_test(tc, timeout_in_setup_that_is_ignored_is_a_result);
	tcase_add_test(tc, invariant_must_not_block);
	tcase_add_test(
		tc, warning_that_is_expected_and_does_not_come_is_a_failure);
	tcase_add_test(tc, functions_for_threads_work_without_an_exploration);
	tcase_add_test(tc, a_wait_for_zero_without_an_exploration_waits);
	tcase_add_test(tc, result_of_no_exploration_says_so);
	tcase_add_test(tc, hang_of_negative_time_is_refused);
	tcase_add_test(tc, variables_set_a_time_and_switch_minimising_off);
	return run_suite(suite);
}
