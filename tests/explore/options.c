// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options of an exploration and its result: their defaults, the meaning of
 * 0, and programs that were compiled with another version of the header.
 */
#define _GNU_SOURCE
#include <check.h>
#include <iommufd_model/explore.h>
#include <iommufd_model/observe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static refcount_t counter;

static void setup(void *data)
{
	(void)data;
	refcount_set(&counter, 1);
}

/* Increments the counter by a read and a write instead of one operation. */
static void increment(void *data)
{
	int n = (int)refcount_read(&counter);

	(void)data;
	refcount_set(&counter, n + 1);
}

static void both_counted(void *data)
{
	(void)data;
	iommufd_model_assert(refcount_read(&counter) == 3);
}

/* This test fails only in executions with a preemption. */
static const struct iommufd_model_test lost_update = {
	.name = "lost update",
	.setup = setup,
	.threads = { { "one", increment }, { "two", increment } },
	.after = both_counted,
};

static void use_counter(void *data)
{
	(void)data;
	refcount_inc(&counter);
}

static const struct iommufd_model_test harmless = {
	.name = "harmless",
	.setup = setup,
	.threads = { { "one", use_counter }, { "two", use_counter } },
};

static struct iommufd_model_explore_result result;

static int explore(const struct iommufd_model_test *test,
		   const struct iommufd_model_explore_options *options)
{
	iommufd_model_explore_free(&result);
	return iommufd_model_explore(test, options, &result);
}

static void quiet_defaults(struct iommufd_model_explore_options *options)
{
	iommufd_model_explore_options_init(options);
	options->quiet = true;
}

static void check_defaults(const struct iommufd_model_explore_options *o)
{
	ck_assert_uint_eq(o->size, sizeof(*o));
	ck_assert_int_eq(o->mode, IOMMUFD_MODEL_MODE_EXHAUSTIVE);
	ck_assert_int_eq(o->preemptions, 2);
	ck_assert_uint_eq(o->depth, 3);
	ck_assert_int_eq(o->timeouts, 2);
	ck_assert_uint_eq(o->executions, 0);
	ck_assert_uint_eq(o->steps, 10000);
	ck_assert_double_eq(o->seconds, 0);
	ck_assert_double_eq(o->hang, 10);
	ck_assert_uint_eq(o->seed, 1);
	ck_assert_uint_eq(o->jobs, 1);
	ck_assert_uint_eq(o->shard, 1);
	ck_assert_uint_eq(o->shards, 1);
	ck_assert_uint_eq(o->ignore, 0);
	ck_assert_uint_eq(o->fail_nth, 0);
}

START_TEST(all_ways_to_say_nothing_give_the_same_defaults)
{
	struct iommufd_model_explore_options options;

	ck_assert_int_eq(explore(&harmless, NULL), 0);
	check_defaults(&result.options);
	options = (struct iommufd_model_explore_options){ .quiet = true };
	ck_assert_int_eq(explore(&harmless, &options), 0);
	check_defaults(&result.options);
	memset(&options, 0xff, sizeof(options));
	iommufd_model_explore_options_init(&options);
	check_defaults(&options);
	ck_assert_int_eq(explore(&harmless, &options), 0);
	check_defaults(&result.options);
}
END_TEST

START_TEST(after_init_no_preemptions_means_none)
{
	struct iommufd_model_explore_options options;

	quiet_defaults(&options);
	options.mode = IOMMUFD_MODEL_MODE_BOUNDED;
	ck_assert_int_eq(explore(&lost_update, &options), 1);
	options.preemptions = 0;
	ck_assert_int_eq(explore(&lost_update, &options), 0);
	ck_assert_int_eq(result.verdict,
			 IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED);
	ck_assert_int_eq(result.preemptions, 0);
	options.preemptions = 1;
	ck_assert_int_eq(explore(&lost_update, &options), 1);
	options.preemptions = -1;
	ck_assert_int_eq(explore(&lost_update, &options), 1);
}
END_TEST

START_TEST(in_options_that_began_as_zeros_0_is_the_default)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_MODE_BOUNDED, .quiet = true,
	};

	ck_assert_int_eq(explore(&lost_update, &options), 1);
	options.preemptions = 1;
	ck_assert_int_eq(explore(&lost_update, &options), 1);
	ck_assert_int_eq(result.options.preemptions, 1);
	options.preemptions = IOMMUFD_MODEL_NO_PREEMPTIONS;
	ck_assert_int_eq(explore(&lost_update, &options), 0);
	ck_assert_int_eq(result.options.preemptions, 0);
}
END_TEST

/*
 * A 0 in one of these options is refused after
 * iommufd_model_explore_options_init(), and means the default in a struct that
 * began with zeros.
 */
static void set_zero(struct iommufd_model_explore_options *o, int nr)
{
	switch (nr) {
	case 0:
		o->steps = 0;
		break;
	case 1:
		o->jobs = 0;
		break;
	case 2:
		o->depth = 0;
		break;
	case 3:
		o->shard = 0;
		break;
	default:
		o->shards = 0;
		break;
	}
}

START_TEST(after_init_0_is_refused_where_it_makes_no_sense)
{
	struct iommufd_model_explore_options options;

	quiet_defaults(&options);
	set_zero(&options, _i);
	ck_assert_int_eq(explore(&harmless, &options), -EINVAL);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_NOT_EXPLORED);
	options = (struct iommufd_model_explore_options){ .quiet = true };
	set_zero(&options, _i);
	ck_assert_int_eq(explore(&harmless, &options), 0);
}
END_TEST

static void set_nonsense(struct iommufd_model_explore_options *o, int nr)
{
	switch (nr) {
	case 0:
		o->preemptions = -3;
		break;
	case 1:
		o->timeouts = -2;
		break;
	case 2:
		o->steps = 32001;
		break;
	case 3:
		o->jobs = 257;
		break;
	case 4:
		o->mode = (enum iommufd_model_explore_mode)17;
		break;
	case 5:
		o->mode = IOMMUFD_MODEL_MODE_REPLAY;
		break;
	case 6:
		o->ignore = 1u << IOMMUFD_MODEL_FAIL_CRASH;
		break;
	case 7:
		o->spurious = -1;
		break;
	default:
		o->shard = 3;
		o->shards = 2;
		break;
	}
}

START_TEST(options_that_make_no_sense_are_refused_with_a_sentence)
{
	struct iommufd_model_explore_options options;
	char *text = NULL;
	size_t size;

	iommufd_model_explore_options_init(&options);
	options.report = open_memstream(&text, &size);
	set_nonsense(&options, _i);
	ck_assert_int_eq(explore(&harmless, &options), -EINVAL);
	fclose(options.report);
	ck_assert(strlen(text) > strlen("harmless: \n"));
	free(text);
	options = (struct iommufd_model_explore_options){ .quiet = true };
	set_nonsense(&options, _i);
	ck_assert_int_eq(explore(&harmless, &options), -EINVAL);
}
END_TEST

START_TEST(options_of_an_earlier_header_are_not_written_beyond_their_end)
{
	struct iommufd_model_explore_options options;
	size_t half = offsetof(struct iommufd_model_explore_options, returns);

	memset(&options, 0xaa, sizeof(options));
	iommufd_model_explore_options_init_sized(&options, half);
	ck_assert_uint_eq(options.size, half);
	ck_assert_uint_eq(options.seed, 1);
	ck_assert_uint_eq(((unsigned char *)&options)[half], 0xaa);
}
END_TEST

/* The options as a later version of the header may declare them. */
struct later_options {
	struct iommufd_model_explore_options known;
	int more[4];
};

START_TEST(options_of_a_later_header_work_while_they_use_nothing_new)
{
	struct iommufd_model_explore_options *options;
	struct later_options later;

	options = &later.known;
	iommufd_model_explore_options_init_sized(options, sizeof(later));
	ck_assert_uint_eq(options->size, sizeof(later));
	ck_assert_int_eq(later.more[0] | later.more[3], 0);
	options->quiet = true;
	options->mode = IOMMUFD_MODEL_MODE_BOUNDED;
	options->preemptions = 0;
	ck_assert_int_eq(explore(&lost_update, options), 0);
	ck_assert_uint_eq(result.options.size, sizeof(*options));
	ck_assert_int_eq(result.options.timeouts, 2);
	later.more[3] = 1;
	ck_assert_int_eq(explore(&lost_update, options), -EINVAL);
}
END_TEST

START_TEST(options_of_a_size_that_never_was_are_refused)
{
	struct iommufd_model_explore_options options, copy = { .seed = 7 };

	quiet_defaults(&options);
	options.size = sizeof(size_t);
	ck_assert_int_eq(explore(&harmless, &options), -EINVAL);
	ck_assert_int_eq(iommufd_model_explore_options_copy(&copy, &options),
			 -EINVAL);
	ck_assert_uint_eq(copy.seed, 7);
}
END_TEST

START_TEST(a_copy_of_options_is_complete)
{
	struct iommufd_model_explore_options options = {
		.timeouts = IOMMUFD_MODEL_NO_TIMEOUTS,
		.seed = 5,
		.states_after = 7,
	};
	struct iommufd_model_explore_options copy;

	ck_assert_int_eq(iommufd_model_explore_options_copy(&copy, NULL), 0);
	check_defaults(&copy);
	ck_assert_int_eq(iommufd_model_explore_options_copy(&copy, &options),
			 0);
	ck_assert_uint_eq(copy.size, sizeof(copy));
	ck_assert_int_eq(copy.timeouts, 0);
	ck_assert_int_eq(copy.preemptions, 2);
	ck_assert_uint_eq(copy.seed, 5);
	ck_assert_uint_eq(copy.states_after, 7);
	/* A copy of a copy has the same contents. */
	options = copy;
	ck_assert_int_eq(iommufd_model_explore_options_copy(&copy, &options),
			 0);
	ck_assert_mem_eq(&copy, &options, sizeof(copy));
}
END_TEST

START_TEST(a_result_has_the_size_that_the_caller_gives)
{
	struct {
		struct iommufd_model_explore_result known;
		unsigned char more[64];
	} longer;
	size_t half = offsetof(struct iommufd_model_explore_result, redundant);
	unsigned char *bytes = (unsigned char *)&longer;

	memset(&longer, 0xaa, sizeof(longer));
	ck_assert_int_eq(iommufd_model_explore_sized(&harmless, NULL,
						     &longer.known, half), 0);
	ck_assert_uint_eq(longer.known.size, half);
	ck_assert_uint_gt(longer.known.executions, 0);
	ck_assert_uint_eq(bytes[half], 0xaa);
	ck_assert_uint_eq(bytes[sizeof(longer) - 1], 0xaa);

	memset(&longer, 0xaa, sizeof(longer));
	ck_assert_int_eq(iommufd_model_explore_sized(&harmless, NULL,
						     &longer.known,
						     sizeof(longer)), 0);
	ck_assert_uint_eq(longer.known.size, sizeof(longer.known));
	ck_assert_uint_eq(longer.more[0], 0);
	ck_assert_uint_eq(longer.more[63], 0);
	iommufd_model_explore_free(&longer.known);
}
END_TEST

START_TEST(an_observed_exploration_takes_the_same_options_and_results)
{
	struct iommufd_model_explore_result short_result;
	struct iommufd_model_explore_options options;
	size_t half = offsetof(struct iommufd_model_explore_result, redundant);

	memset(&short_result, 0xaa, sizeof(short_result));
	ck_assert_int_eq(iommufd_model_explore_observed_sized(
				 &harmless, NULL, &short_result, half),
			 0);
	ck_assert_uint_eq(short_result.size, half);
	ck_assert_uint_eq(((unsigned char *)&short_result)[half], 0xaa);
	quiet_defaults(&options);
	options.mode = IOMMUFD_MODEL_MODE_BOUNDED;
	options.preemptions = 0;
	iommufd_model_explore_free(&result);
	ck_assert_int_eq(iommufd_model_explore_observed(&lost_update, &options,
							&result),
			 0);
	options.size = sizeof(size_t);
	ck_assert_int_eq(iommufd_model_explore_observed(&lost_update, &options,
							&result),
			 -EINVAL);
}
END_TEST

START_TEST(a_test_of_a_later_header_works_while_it_uses_nothing_new)
{
	struct iommufd_model_explore_options quiet = { .quiet = true };
	struct {
		struct iommufd_model_test known;
		long more; /* without padding, which would have any value */
	} later = { .known = harmless };

	later.known.size = sizeof(later.known);
	ck_assert_int_eq(explore(&later.known, &quiet), 0);
	later.known.size = sizeof(later);
	ck_assert_int_eq(explore(&later.known, &quiet), 0);
	later.more = 1;
	ck_assert_int_eq(explore(&later.known, &quiet), -EINVAL);
	later.known.size = 1;
	ck_assert_int_eq(explore(&later.known, &quiet), -EINVAL);
}
END_TEST

static void nothing(void *data)
{
	(void)data;
}

START_TEST(a_test_may_have_as_many_threads_as_there_is_room_for)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_test full = { .name = "full" };
	int i;

	for (i = 0; i < IOMMUFD_MODEL_MAX_THREADS; i++)
		full.threads[i] = (struct iommufd_model_test_thread){ "nothing",
								      nothing };
	ck_assert_int_eq(explore(&full, &options), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	/* The last one is a handler that interrupts the first. */
	full.interrupts[i - 1] = IOMMUFD_MODEL_INTERRUPTS(0);
	ck_assert_int_eq(explore(&full, &options), 0);
}
END_TEST

static const struct {
	unsigned int handler, interrupted;
} nobody[] = {
	{ 2, 0 }, /* there is no third thread */
	{ 1, 2 },
	{ 1, 1 }, /* itself */
};

START_TEST(a_handler_without_a_thread_to_interrupt_is_refused)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_test test = harmless;

	test.interrupts[nobody[_i].handler] =
		IOMMUFD_MODEL_INTERRUPTS(nobody[_i].interrupted);
	ck_assert_int_eq(explore(&test, &options), -EINVAL);
}
END_TEST

START_TEST(a_test_without_a_name_or_a_thread_is_refused)
{
	struct iommufd_model_test test = harmless;
	struct iommufd_model_explore_options options;
	char *text = NULL;
	size_t size;

	iommufd_model_explore_options_init(&options);
	options.report = open_memstream(&text, &size);
	if (_i)
		test.threads[0].fn = NULL;
	else
		test.name = NULL;
	ck_assert_int_eq(explore(&test, &options), -EINVAL);
	fclose(options.report);
	ck_assert_str_eq(text,
			 _i ? "harmless: a test needs a name and a thread\n" :
			      "test: a test needs a name and a thread\n");
	free(text);
}
END_TEST

/* Explores with a variable of the environment, and without others. */
static int explore_with(const char *name, const char *value)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	char full[128];
	int rc;

	snprintf(full, sizeof(full), "IOMMUFD_MODEL_EXPLORE_%s", name);
	setenv(full, value, 1);
	rc = explore(&harmless, &options);
	unsetenv(full);
	return rc;
}

static const char *const bad_variables[][2] = {
	{ "SECONDS", "1e999" },
	{ "SECONDS", "2e9" },
	{ "SECONDS", "-1" },
	{ "CHECKPOINTS", "7" },
	{ "A_NAME_THAT_IS_LONGER_THAN_THE_SIXTY_BYTES_THAT_A_MESSAGE_REPEATS",
	  "1" },
};

START_TEST(a_variable_that_makes_no_sense_is_refused)
{
	ck_assert_int_eq(explore_with(bad_variables[_i][0],
				      bad_variables[_i][1]),
			 -EINVAL);
}
END_TEST

START_TEST(an_empty_variable_is_none)
{
	ck_assert_int_eq(explore_with("SEED", ""), 0);
	check_defaults(&result.options);
}
END_TEST

START_TEST(a_program_need_not_have_an_environment)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	char **before = environ;
	int rc;

	environ = NULL;
	rc = explore(&harmless, &options);
	environ = before;
	ck_assert_int_eq(rc, 0);
}
END_TEST

/* Only the test of that name is replayed, and the others are explored. */
START_TEST(a_schedule_is_of_the_test_that_it_names)
{
	ck_assert_int_eq(explore_with("REPLAY", "harmless:ab"), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_REPLAYED);
	ck_assert_int_eq(explore_with("REPLAY", "harmful!:ab"), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
}
END_TEST

START_TEST(names_of_failures_are_found)
{
	ck_assert_int_eq(iommufd_model_failure_from_name("use-after-free"),
			 IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
	ck_assert_int_eq(iommufd_model_failure_from_name("use after free"),
			 IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
	/* A hyphen stands for a blank, and not for a letter. */
	ck_assert_int_eq(iommufd_model_failure_from_name("dead-ock"),
			 IOMMUFD_MODEL_NR_FAILURES);
	ck_assert_str_eq(iommufd_model_failure_name(IOMMUFD_MODEL_NR_FAILURES),
			 "?");
}
END_TEST

/* A failure, or no verdict at all, is not about the memory that is watched. */
START_TEST(only_a_verdict_says_how_much_is_watched)
{
	struct iommufd_model_explore_result r = {
		.size = sizeof(r),
		.watched = 2,
		.unwatched = 1,
		.verdict = IOMMUFD_MODEL_VERDICT_COMPLETE,
	};
	char text[200];

	ck_assert_str_eq(iommufd_model_verdict_text(&r, text, sizeof(text)),
			 "complete; plain memory of 1 of 3 source files not "
			 "watched");
	r.verdict = IOMMUFD_MODEL_VERDICT_NOT_EXPLORED;
	ck_assert_str_eq(iommufd_model_verdict_text(&r, text, sizeof(text)),
			 "not explored");
	r.verdict = IOMMUFD_MODEL_VERDICT_FAILED;
	r.failure = IOMMUFD_MODEL_FAIL_DEADLOCK;
	ck_assert_str_eq(iommufd_model_verdict_text(&r, text, sizeof(text)),
			 "FAILED: deadlock");
}
END_TEST

START_TEST(names_of_earlier_versions_are_still_there)
{
	ck_assert_int_eq(IOMMUFD_MODEL_EXHAUSTIVE,
			 IOMMUFD_MODEL_MODE_EXHAUSTIVE);
	ck_assert_int_eq(IOMMUFD_MODEL_BOUNDED, IOMMUFD_MODEL_MODE_BOUNDED);
	ck_assert_int_eq(IOMMUFD_MODEL_RANDOM, IOMMUFD_MODEL_MODE_RANDOM);
	ck_assert_int_eq(IOMMUFD_MODEL_REPLAY, IOMMUFD_MODEL_MODE_REPLAY);
	ck_assert_int_eq(IOMMUFD_MODEL_NOT_EXPLORED,
			 IOMMUFD_MODEL_VERDICT_NOT_EXPLORED);
	ck_assert_int_eq(IOMMUFD_MODEL_COMPLETE,
			 IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_int_eq(IOMMUFD_MODEL_COMPLETE_BOUNDED,
			 IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED);
	ck_assert_int_eq(IOMMUFD_MODEL_COMPLETE_SHARD,
			 IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD);
	ck_assert_int_eq(IOMMUFD_MODEL_STOPPED,
			 IOMMUFD_MODEL_VERDICT_STOPPED);
	ck_assert_int_eq(IOMMUFD_MODEL_NOT_FOUND,
			 IOMMUFD_MODEL_VERDICT_NOT_FOUND);
	ck_assert_int_eq(IOMMUFD_MODEL_REPLAYED,
			 IOMMUFD_MODEL_VERDICT_REPLAYED);
	ck_assert_int_eq(IOMMUFD_MODEL_FAILED, IOMMUFD_MODEL_VERDICT_FAILED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("options");
	TCase *tc = tcase_create("options");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, all_ways_to_say_nothing_give_the_same_defaults);
	tcase_add_test(tc, after_init_no_preemptions_means_none);
	tcase_add_test(tc, in_options_that_began_as_zeros_0_is_the_default);
	tcase_add_loop_test(tc, after_init_0_is_refused_where_it_makes_no_sense,
			    0, 5);
	tcase_add_loop_test(
		tc, options_that_make_no_sense_are_refused_with_a_sentence, 0,
		9);
	tcase_add_test(tc,
		       options_of_a_later_header_work_while_they_use_nothing_new);
	tcase_add_test(tc, options_of_a_size_that_never_was_are_refused);
	tcase_add_test(tc, a_copy_of_options_is_complete);
	tcase_add_test(tc, a_result_has_the_size_that_the_caller_gives);
	tcase_add_test(
		tc,
		an_observed_exploration_takes_the_same_options_and_results);
	tcase_add_test(tc,
		       a_test_of_a_later_header_works_while_it_uses_nothing_new);
	tcase_add_test(
		tc,
		options_of_an_earlier_header_are_not_written_beyond_their_end);
	tcase_add_test(tc,
		       a_test_may_have_as_many_threads_as_there_is_room_for);
	tcase_add_loop_test(
		tc, a_handler_without_a_thread_to_interrupt_is_refused, 0, 3);
	tcase_add_loop_test(tc, a_test_without_a_name_or_a_thread_is_refused, 0,
			    2);
	tcase_add_loop_test(tc, a_variable_that_makes_no_sense_is_refused, 0,
			    5);
	tcase_add_test(tc, an_empty_variable_is_none);
	tcase_add_test(tc, a_program_need_not_have_an_environment);
	tcase_add_test(tc, a_schedule_is_of_the_test_that_it_names);
	tcase_add_test(tc, names_of_failures_are_found);
	tcase_add_test(tc, only_a_verdict_says_how_much_is_watched);
	tcase_add_test(tc, names_of_earlier_versions_are_still_there);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
