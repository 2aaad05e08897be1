// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Choices of data: iommufd_model_choose(), allocations that fail and user
 * copies that are short.  The numbers of executions were worked out by hand.
 */
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct iommufd_model_explore_result result;
/*
 * What the executions, which run in child processes, tell their parent in
 * shared memory.
 */
static struct {
	unsigned int seen;	/* bit n is set if outcome n was seen */
	int calls;
} *told;

static struct {
	refcount_t count;
	int a, b, left, values;
	char user[8], kernel[8];
} s;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	refcount_set(&s.count, 1);
	memset(s.user, 'u', sizeof(s.user));
}

static int explore(const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options options)
{
	iommufd_model_explore_free(&result);
	told->seen = 0;
	options.quiet = true;
	return iommufd_model_explore(test, &options, &result);
}

#define explore_with(test, ...) \
	explore(test, (struct iommufd_model_explore_options){ __VA_ARGS__ })

#define MAKE_TEST(name_, after_, ...)					\
	static const struct iommufd_model_test name_ = {		\
		.name = #name_, .setup = setup, .after = after_,	\
		.threads = { __VA_ARGS__ },				\
	}
#define THREAD(fn) { #fn, fn }

/* The tests below and their functions are about choosing a value. */

static void choose_a(void *data)
{
	(void)data;
	s.a = iommufd_model_choose(3, "the first digit");
}

static void choose_b(void *data)
{
	(void)data;
	s.b = iommufd_model_choose(4, "the second digit");
}

static void tell_both(void *data)
{
	(void)data;
	told->seen |= 1u << (s.a + 3 * s.b);
}

MAKE_TEST(one_chooser, tell_both, THREAD(choose_a));
MAKE_TEST(two_choosers, tell_both, THREAD(choose_a), THREAD(choose_b));

/*
 * Two threads that choose do not conflict, so only one order of the two is
 * tried.
 */
START_TEST(every_value_is_tried_once)
{
	ck_assert_int_eq(explore_with(&one_chooser, .jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_uint_eq(result.executions, 3);
	ck_assert_uint_eq(told->seen, 7);
	ck_assert_int_eq(explore_with(&two_choosers, .jobs = 1), 0);
	ck_assert_uint_eq(result.executions, 12);
	ck_assert_uint_eq(result.redundant, 0);
	ck_assert_uint_eq(told->seen, 0xfff);
}
END_TEST

static void choose_then_inc(void *data)
{
	(void)data;
	s.a = iommufd_model_choose(3, "a");
	if (s.a)
		refcount_add(s.a, &s.count);
}

static void read_count(void *data)
{
	(void)data;
	s.b = (int)refcount_read(&s.count) - 1;
}

MAKE_TEST(choice_and_order, tell_both, THREAD(choose_then_inc),
	  THREAD(read_count));

/*
 * With the value 0 there is one order.  With each other value there are two:
 * the read comes before or after the addition.
 */
START_TEST(values_and_orders_are_combined)
{
	ck_assert_int_eq(explore_with(&choice_and_order, .plain = true), 0);
	ck_assert_uint_eq(result.executions, 1 + 2 + 2);
	ck_assert_uint_eq(told->seen, 1u << 0 | 1u << 1 | 1u << 2 | 1u << 4 |
					      1u << 8);
	ck_assert_int_eq(explore_with(&choice_and_order,
				      .mode = IOMMUFD_MODEL_MODE_BOUNDED,
				      .preemptions = -1),
			 0);
	ck_assert_uint_eq(told->seen, 1u << 0 | 1u << 1 | 1u << 2 | 1u << 4 |
					      1u << 8);
	ck_assert_int_eq(explore_with(&choice_and_order,
				      .mode = IOMMUFD_MODEL_MODE_RANDOM,
				      .executions = 200),
			 0);
	ck_assert_uint_eq(told->seen, 1u << 0 | 1u << 1 | 1u << 2 | 1u << 4 |
					      1u << 8);
}
END_TEST

START_TEST(shards_and_jobs_deal_out_the_values)
{
	unsigned int k, seen = 0;
	unsigned long sum = 0;

	for (k = 1; k <= 3; k++) {
		ck_assert_int_eq(explore_with(&two_choosers, .shard = k,
					      .shards = 3),
				 0);
		sum += result.executions;
		seen |= told->seen;
		ck_assert_uint_lt(result.executions, 12);
	}
	ck_assert_uint_eq(sum, 12);
	ck_assert_uint_eq(seen, 0xfff);
	ck_assert_int_eq(explore_with(&two_choosers, .jobs = 2), 0);
	ck_assert_uint_eq(result.executions, 12);
	ck_assert_uint_eq(told->seen, 0xfff);
}
END_TEST

START_TEST(a_limit_stops_between_two_values)
{
	ck_assert_int_eq(explore_with(&two_choosers, .executions = 6), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_STOPPED);
	ck_assert_uint_eq(result.executions, 6);
	/*
	 * The exploration has tried the first of the first thread's three
	 * values, and about half of the second.
	 */
	ck_assert_double_gt(result.done, 0.3);
	ck_assert_double_lt(result.done, 0.7);
}
END_TEST

/* The tests below and their functions are about schedules with choices. */

static void fail_at_5(void *data)
{
	(void)data;
	s.a = iommufd_model_choose(200, "a number");
	iommufd_model_assert(s.a != 5);
}

static void fail_if_first(void *data)
{
	(void)data;
	s.b = iommufd_model_choose(2, "whether to look");
	if (s.b)
		iommufd_model_assert(refcount_read(&s.count) != 1);
}

MAKE_TEST(fifth_value, NULL, THREAD(fail_at_5));
MAKE_TEST(value_and_order, NULL, THREAD(choose_then_inc),
	  THREAD(fail_if_first));

static int replay(const struct iommufd_model_test *test, const char *schedule)
{
	char text[256];

	snprintf(text, sizeof(text), "%s", schedule);
	return explore_with(test, .mode = IOMMUFD_MODEL_MODE_REPLAY,
			    .schedule = text);
}

START_TEST(a_schedule_has_the_values_and_a_replay_makes_them_again)
{
	char schedule[256];

	ck_assert_int_eq(explore_with(&fifth_value, .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_ASSERTION);
	ck_assert(!result.injected);
	ck_assert_int_eq(strncmp(result.schedule, "a=5@", 4), 0);
	ck_assert_ptr_nonnull(strstr(result.report,
				     "choose a number: 5 of 200"));
	snprintf(schedule, sizeof(schedule), "%s", result.schedule);
	ck_assert_int_eq(replay(&fifth_value, schedule), 1);
	ck_assert_str_eq(result.schedule, schedule);
	ck_assert_int_eq(replay(&fifth_value, "a=4"), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_REPLAYED);
	ck_assert_int_eq(replay(&fifth_value, "-"), 0);
}
END_TEST

START_TEST(the_failure_that_is_reported_has_the_fewest_preemptions)
{
	ck_assert_int_eq(explore_with(&value_and_order, .jobs = 1), 1);
	ck_assert_int_eq(result.preemptions, 0);
	/* The second thread reads before the first thread writes. */
	ck_assert_int_eq(strncmp(result.schedule, "b=1", 3), 0);
	ck_assert_int_eq(explore_with(&value_and_order,
				      .mode = IOMMUFD_MODEL_MODE_RANDOM),
			 1);
	ck_assert_int_eq(strncmp(result.schedule, "b=1", 3), 0);
	ck_assert_int_eq(explore_with(&value_and_order,
				      .mode = IOMMUFD_MODEL_MODE_BOUNDED),
			 1);
	ck_assert_int_eq(strncmp(result.schedule, "b=1", 3), 0);
}
END_TEST

static const char *const bad_schedules[] = {
	"a=", "a=x", "a=-1", "a=256", "a=99999999999999999999", "a=1x", "=1",
	"a==1", "a3=1",
	/* only 200 values can be chosen from */
	"a=200",
};

START_TEST(a_schedule_with_a_bad_value_is_refused)
{
	ck_assert_int_eq(replay(&fifth_value, bad_schedules[_i]), -EINVAL);
}
END_TEST

START_TEST(a_value_that_the_step_does_not_have_is_refused)
{
	char text[] = "b=2", *said = NULL;
	size_t size;
	FILE *to = open_memstream(&said, &size);

	ck_assert_ptr_nonnull(to);
	iommufd_model_explore_free(&result);
	ck_assert_int_eq(
		iommufd_model_explore(&value_and_order,
				      &(struct iommufd_model_explore_options){
					      .mode = IOMMUFD_MODEL_MODE_REPLAY,
					      .schedule = text, .report = to },
				      &result),
		-EINVAL);
	fclose(to);
	ck_assert_msg(strstr(said, "has only 2 values, counted from 0"), "%s",
		      said);
	free(said);
}
END_TEST

START_TEST(a_value_for_a_step_that_chooses_nothing_is_refused)
{
	ck_assert_int_eq(replay(&value_and_order, "b=1"), 1);
	ck_assert_int_eq(replay(&value_and_order, "b=1b=1"), -EINVAL);
}
END_TEST

/*
 * The tests below and their functions are about bad arguments, and about places
 * where there is nothing to choose.
 */

static long bad_n;

static void choose_badly(void *data)
{
	(void)data;
	s.a = iommufd_model_choose(bad_n, "badly");
}

MAKE_TEST(bad_chooser, NULL, THREAD(choose_badly));

START_TEST(a_bad_number_of_values_fails_the_assertion)
{
	static const long numbers[] = { 0, -1, 257, 1l << 40 };

	bad_n = numbers[_i];
	ck_assert_int_eq(explore_with(&bad_chooser, .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_ASSERTION);
	ck_assert_ptr_nonnull(strstr(result.text, "not from 1 to 256"));
	/* If failures of assertions are ignored, the value is 0. */
	ck_assert_int_eq(explore_with(&bad_chooser, .ignore =
				      1u << IOMMUFD_MODEL_FAIL_ASSERTION),
			 0);
	ck_assert_uint_eq(result.executions, 1);
}
END_TEST

START_TEST(the_largest_number_of_values_is_allowed)
{
	bad_n = 256;
	ck_assert_int_eq(explore_with(&bad_chooser, .jobs = 1), 0);
	ck_assert_uint_eq(result.executions, 256);
	bad_n = 1;
	ck_assert_int_eq(explore_with(&bad_chooser, .jobs = 1), 0);
	ck_assert_uint_eq(result.executions, 1);
	ck_assert_uint_eq(result.depth, 0);
}
END_TEST

static void choose_in_setup(void *data)
{
	setup(data);
	s.a = iommufd_model_choose(3, "in setup");
}

static void look(void *data)
{
	(void)data;
	iommufd_model_assert(!iommufd_model_choose(3, "in the invariant"));
}

static void choose_in_after(void *data)
{
	(void)data;
	iommufd_model_assert(!s.a && !iommufd_model_choose(3, "in after"));
}

START_TEST(only_threads_choose)
{
	static const struct iommufd_model_test test = {
		.name = "only threads", .setup = choose_in_setup,
		.invariant = look, .after = choose_in_after,
		.threads = { THREAD(read_count) },
	};

	ck_assert_int_eq(iommufd_model_choose(3, "outside"), 0);
	ck_assert_int_eq(explore_with(&test, .jobs = 1), 0);
	ck_assert_uint_eq(result.executions, 1);
}
END_TEST

START_TEST(outside_of_an_exploration_a_bad_number_aborts)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		fclose(stderr);
		iommufd_model_choose(0, "nothing");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
}
END_TEST

/*
 * The third call has another number of values than the calls before it, and it
 * can be in any execution.
 */
static void choose_by_chance(void *data)
{
	(void)data;
	s.a = iommufd_model_choose(++told->calls == 3 ? 3 : 2, "by chance");
}

MAKE_TEST(by_chance, NULL, THREAD(choose_by_chance));

START_TEST(another_number_of_values_the_next_time_is_nondeterminism)
{
	told->calls = 0;
	ck_assert_int_eq(explore_with(&by_chance, .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_NONDETERMINISM);
	ck_assert_ptr_nonnull(strstr(result.text, "had the argument 2 in"));
}
END_TEST

/* The tests below and their functions are about choices in loops. */

static void go_on(void *data)
{
	(void)data;
	while (iommufd_model_choose(2, "go on"))
		cpu_relax();
}

static void go_on_thrice(void *data)
{
	(void)data;
	while (s.a < 3 && iommufd_model_choose(2, "go on"))
		s.a++;
}

MAKE_TEST(endless, NULL, THREAD(go_on));
MAKE_TEST(not_endless, NULL, THREAD(go_on_thrice));

START_TEST(a_loop_that_goes_on_by_choice_reaches_the_limit)
{
	ck_assert_int_eq(explore_with(&endless, .steps = 200), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_STEP_LIMIT);
	ck_assert_int_eq(explore_with(&not_endless, .jobs = 1), 0);
	ck_assert_uint_eq(result.executions, 4);
}
END_TEST

/* The tests below and their functions are about allocations that fail. */

static void allocate(int *got)
{
	void *p = kzalloc(16, GFP_KERNEL);

	*got = p != NULL;
	kfree(p);
}

static void allocate_a(void *data)
{
	(void)data;
	allocate(&s.a);
}

static void allocate_b(void *data)
{
	(void)data;
	allocate(&s.b);
}

static void tell_allocations(void *data)
{
	(void)data;
	told->seen |= 1u << (s.a + 2 * s.b);
}

MAKE_TEST(two_allocations, tell_allocations, THREAD(allocate_a),
	  THREAD(allocate_b));

START_TEST(so_many_allocations_fail_in_each_combination)
{
	static const unsigned int seen[] = { 1u << 3,
					     1u << 3 | 1u << 2 | 1u << 1, 15 };
	static const unsigned int expected[] = { 1, 3, 4 };
	char text[128];

	ck_assert_int_eq(explore_with(&two_allocations, .alloc_failures = _i),
			 0);
	ck_assert_uint_eq(told->seen, seen[_i]);
	ck_assert_uint_eq(result.executions, expected[_i]);
	ck_assert(result.injected == (_i > 0));
	ck_assert(result.allocs_bounded == (_i == 1));
	iommufd_model_verdict_text(&result, text, sizeof(text));
	ck_assert_str_eq(text, _i == 1 ?
				       "complete, with 1 failed allocation" :
				       "complete");
}
END_TEST

static void allocate_without_fail(void *data)
{
	char *p = kmalloc(8, GFP_KERNEL | __GFP_NOFAIL);

	(void)data;
	*p = 1;
	kfree(p);
}

MAKE_TEST(without_fail, NULL, THREAD(allocate_without_fail));

START_TEST(an_allocation_that_must_not_fail_does_not)
{
	ck_assert_int_eq(explore_with(&without_fail, .alloc_failures = 1), 0);
	ck_assert_uint_eq(result.executions, 1);
	ck_assert(!result.allocs_bounded && !result.injected);
	ck_assert_int_eq(explore_with(&without_fail, .fail_nth = 1), 0);
	ck_assert(!result.injected);
}
END_TEST

static void use_unchecked(void *data)
{
	char *p = kmalloc(8, GFP_KERNEL);

	(void)data;
	iommufd_model_assert(p);
	kfree(p);
}

MAKE_TEST(unchecked, NULL, THREAD(allocate_a), THREAD(use_unchecked));

static void crash_unchecked(void *data)
{
	volatile char *p = kmalloc(8, GFP_KERNEL);

	(void)data;
	*p = 1;
	kfree((char *)p);
}

MAKE_TEST(crashing, NULL, THREAD(crash_unchecked));

START_TEST(a_failed_allocation_is_part_of_the_schedule)
{
	char schedule[256];

	ck_assert_int_eq(explore_with(&unchecked, .alloc_failures = 1), 1);
	ck_assert_int_eq(strncmp(result.schedule, "b=1@", 4), 0);
	ck_assert_ptr_nonnull(strstr(result.report, "failed"));
	snprintf(schedule, sizeof(schedule), "%s", result.schedule);
	/*
	 * A replay makes the allocation fail without the option alloc_failures.
	 */
	ck_assert_int_eq(replay(&unchecked, schedule), 1);
	ck_assert_str_eq(result.schedule, schedule);
	ck_assert_int_eq(explore_with(&unchecked, .alloc_failures = 1,
				      .mode = IOMMUFD_MODEL_MODE_RANDOM),
			 1);
	ck_assert_int_eq(explore_with(&unchecked, .jobs = 1), 0);
}
END_TEST

START_TEST(a_crash_tells_of_the_allocation_that_failed_before_it)
{
	ck_assert_int_eq(replay(&crashing, "a=1"), 1);
	ck_assert(result.injected);
	ck_assert_int_eq(replay(&crashing, "-"), 0);
	ck_assert(!result.injected);
}
END_TEST

START_TEST(negative_limits_and_two_kinds_of_failure_are_refused)
{
	ck_assert_int_eq(explore_with(&unchecked, .alloc_failures = -1),
			 -EINVAL);
	ck_assert_int_eq(explore_with(&unchecked, .short_copies = -1),
			 -EINVAL);
	ck_assert_int_eq(explore_with(&unchecked, .alloc_failures = 1,
				      .fail_nth = 1),
			 -EINVAL);
}
END_TEST

/* The tests below and their functions are about user copies that are short. */

static void copy_in(void *data)
{
	(void)data;
	s.left = (int)copy_from_user(s.kernel, (void __user *)s.user, 8);
	iommufd_model_assert(!memcmp(s.kernel, "uuuuuuuu", 8 - s.left));
}

static void tell_left(void *data)
{
	(void)data;
	told->seen |= 1u << s.left;
}

MAKE_TEST(one_copy, tell_left, THREAD(copy_in));

static void copy_out(void *data)
{
	(void)data;
	s.left = (int)copy_to_user((void __user *)s.user, "kkkkkkkk", 8);
	iommufd_model_assert(!memcmp(s.user, "kkkkkkkk", 8 - s.left));
	iommufd_model_assert(!s.left || s.user[7] == 'u');
}

MAKE_TEST(two_copies, tell_left, THREAD(copy_out), THREAD(copy_in));

/* Half of one byte is nothing, so each of the copies has two outcomes. */
static void copy_out_twice(void *data)
{
	(void)data;
	s.left = (int)copy_to_user((void __user *)s.user, "k", 1);
	s.left += (int)copy_to_user((void __user *)s.user, "k", 1);
}

MAKE_TEST(two_bytes, tell_left, THREAD(copy_out_twice));

START_TEST(copies_to_user_memory_count)
{
	ck_assert_int_eq(explore_with(&two_bytes, .short_copies = 1), 0);
	ck_assert_uint_eq(result.executions, 3);
	ck_assert_uint_eq(told->seen, 1u << 0 | 1u << 1);
	ck_assert(result.copies_bounded);
	ck_assert_int_eq(explore_with(&two_bytes, .short_copies = 2), 0);
	ck_assert_uint_eq(result.executions, 4);
	ck_assert_uint_eq(told->seen, 1u << 0 | 1u << 1 | 1u << 2);
}
END_TEST

START_TEST(a_copy_may_be_short)
{
	ck_assert_int_eq(explore_with(&one_copy, .jobs = 1), 0);
	ck_assert_uint_eq(told->seen, 1u << 0);
	ck_assert_int_eq(explore_with(&one_copy, .short_copies = 1), 0);
	ck_assert_uint_eq(result.executions, 3);
	ck_assert_uint_eq(told->seen, 1u << 0 | 1u << 4 | 1u << 8);
	ck_assert(!result.copies_bounded);
	/* A copy that fails makes the assertion of the other thread fail. */
	ck_assert_int_eq(explore_with(&two_copies, .short_copies = 1,
				      .keep_going = true),
			 1);
	ck_assert_uint_eq(result.seen, 1u << IOMMUFD_MODEL_FAIL_ASSERTION);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("choices");
	TCase *tc = tcase_create("choices");

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	tcase_add_test(tc, every_value_is_tried_once);
	tcase_add_test(tc, values_and_orders_are_combined);
	tcase_add_test(tc, shards_and_jobs_deal_out_the_values);
	tcase_add_test(tc, a_limit_stops_between_two_values);
	tcase_add_test(tc,
		       a_schedule_has_the_values_and_a_replay_makes_them_again);
	tcase_add_test(
		tc, the_failure_that_is_reported_has_the_fewest_preemptions);
	tcase_add_loop_test(tc, a_schedule_with_a_bad_value_is_refused, 0,
			    ARRAY_SIZE(bad_schedules));
	tcase_add_test(tc, a_value_that_the_step_does_not_have_is_refused);
	tcase_add_test(tc, a_value_for_a_step_that_chooses_nothing_is_refused);
	tcase_add_loop_test(tc, a_bad_number_of_values_fails_the_assertion, 0,
			    4);
	tcase_add_test(tc, the_largest_number_of_values_is_allowed);
	tcase_add_test(tc, only_threads_choose);
	tcase_add_test(tc, outside_of_an_exploration_a_bad_number_aborts);
	tcase_add_test(
		tc, another_number_of_values_the_next_time_is_nondeterminism);
	tcase_add_test(tc, a_loop_that_goes_on_by_choice_reaches_the_limit);
	tcase_add_test(tc, an_allocation_that_must_not_fail_does_not);
	tcase_add_loop_test(tc, so_many_allocations_fail_in_each_combination, 0,
			    3);
	tcase_add_test(tc, a_failed_allocation_is_part_of_the_schedule);
	tcase_add_test(tc,
		       a_crash_tells_of_the_allocation_that_failed_before_it);
	tcase_add_test(tc,
		       negative_limits_and_two_kinds_of_failure_are_refused);
	tcase_add_test(tc, a_copy_may_be_short);
	tcase_add_test(tc, copies_to_user_memory_count);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
