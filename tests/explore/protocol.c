// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The protocol with which explorers are compared: the figures of independent
 * tools, and the bugs of the protocol.  See protocol.h.
 */
#include "protocol.h"
#include "suite.h"
#include <stdlib.h>

struct size {
	const char *name;
	int getters, rounds;
};

static const struct size sizes[] = {
	{ "G1R1", 1, 1 }, { "G2R1", 2, 1 }, { "G3R1", 3, 1 }, { "G2R2", 2, 2 },
};

static struct protocol protocol;
static struct iommufd_model_test test;

static void make(int size, enum protocol_bug bug)
{
	memset(&protocol, 0, sizeof(protocol));
	memset(&test, 0, sizeof(test));
	protocol.bug = bug;
	protocol_init(&protocol, &test, sizes[size].name, sizes[size].getters,
		      sizes[size].rounds);
}

static unsigned long count(struct iommufd_model_explore_options *options)
{
	struct iommufd_model_explore_result result;

	ck_assert_int_eq(iommufd_model_explore(&test, options, &result), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	iommufd_model_explore_free(&result);
	return result.executions;
}

static unsigned long count_shard(struct iommufd_model_explore_options *options)
{
	struct iommufd_model_explore_result result;

	ck_assert_int_eq(iommufd_model_explore(&test, options, &result), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD);
	iommufd_model_explore_free(&result);
	return result.executions;
}

START_TEST(each_trace_is_explored_once)
{
	static const unsigned long traces[] = { 4, 90, 7674, 23642 };
	struct iommufd_model_explore_options options = { .plain = true };

	make(_i, RIGHT);
	ck_assert_uint_eq(count(&options), traces[_i]);
}
END_TEST

START_TEST(counters_that_commute_leave_fewer)
{
	static const unsigned long most[] = { 4, 42, 1056, 4362 };
	struct iommufd_model_explore_options options = { .plain = false };

	make(_i, RIGHT);
	ck_assert_uint_le(count(&options), most[_i]);
}
END_TEST

START_TEST(without_reduction_all_interleavings_are_run)
{
	static const unsigned long all[] = { 46, 18122 };
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_BOUNDED, .preemptions = -1, .plain = true,
	};

	make(_i, RIGHT);
	ck_assert_uint_eq(count(&options), all[_i]);
}
END_TEST

static void find(int size, enum protocol_bug bug,
		 enum iommufd_model_failure failure)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result result;
	int plain;

	for (plain = 0; plain < 2; plain++) {
		options.plain = plain;
		make(size, bug);
		ck_assert_int_eq(iommufd_model_explore(&test, &options,
						       &result), 1);
		ck_assert_int_eq(result.failure, failure);
		ck_assert_uint_le(result.found_after, 10);
		iommufd_model_explore_free(&result);
	}
}

START_TEST(destroyer_that_does_not_wait_is_found_within_10)
{
	find(_i, BUG1, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
}
END_TEST

START_TEST(waiting_before_looking_at_users_is_found_within_10)
{
	find(_i, BUG3, IOMMUFD_MODEL_FAIL_ASSERTION);
}
END_TEST

START_TEST(lost_wakeup_is_found_within_10)
{
	find(_i, BUG4, IOMMUFD_MODEL_FAIL_LOST_WAKEUP);
}
END_TEST

START_TEST(what_only_looks_like_a_bug_is_clean)
{
	make(_i, NO_BUG);
	ck_assert_explored(&test);
}
END_TEST

START_TEST(a_real_wait_queue_and_a_two_step_unlock_are_clean)
{
	make(_i, RIGHT);
	protocol.two_step_unlock = true;
	protocol.wait_queue = true;
	ck_assert_explored(&test);
}
END_TEST

START_TEST(equal_threads_leave_fewer)
{
	unsigned long all;

	make(_i, RIGHT);
	all = count(NULL);
	test.symmetric = (1u << sizes[_i].getters) - 1;
	ck_assert_uint_lt(count(NULL), all);
}
END_TEST

/* Once, the first of two shards had 2593 of the 2605 executions of G2R2. */
START_TEST(shards_share_the_work)
{
	struct iommufd_model_explore_options options = { .shards = 2 };
	unsigned long all, sum = 0, n;

	make(3, RIGHT);
	all = count(NULL);
	for (options.shards = 2; options.shards <= 4; options.shards += 2) {
		sum = 0;
		for (options.shard = 1; options.shard <= options.shards;
		     options.shard++) {
			make(3, RIGHT);
			n = count_shard(&options);
			ck_assert_uint_ge(n * options.shards * 2, all);
			sum += n;
		}
		ck_assert_uint_ge(sum, all);
		ck_assert_uint_le(sum * 10, all * 11);
	}
}
END_TEST

int main(void)
{
	int n = (int)ARRAY_SIZE(sizes);
	Suite *suite = suite_create("protocol");
	TCase *tc = tcase_create("protocol");

	tcase_add_loop_test(tc, each_trace_is_explored_once, 0, n);
	tcase_add_loop_test(tc, counters_that_commute_leave_fewer, 0, n);
	tcase_add_loop_test(tc, without_reduction_all_interleavings_are_run, 0,
			    2);
	tcase_add_loop_test(tc, destroyer_that_does_not_wait_is_found_within_10,
			    0, n);
	tcase_add_loop_test(tc,
			    waiting_before_looking_at_users_is_found_within_10,
			    0, n);
	tcase_add_loop_test(tc, lost_wakeup_is_found_within_10, 0, n);
	tcase_add_loop_test(tc, what_only_looks_like_a_bug_is_clean, 0, n);
	tcase_add_loop_test(tc,
			    a_real_wait_queue_and_a_two_step_unlock_are_clean,
			    0, n);
	tcase_add_loop_test(tc, equal_threads_leave_fewer, 1, n);
	tcase_add_test(tc, shards_share_the_work);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
