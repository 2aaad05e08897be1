// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs of which all source files are watched: there are no steps after
 * operations (src/explore/ending.c), and states are found again although locks and
 * counters order plain accesses (src/explore/plain.c).
 */
#include "protocol.h"
#include "suite.h"
#include <iommufd_model/explore.h>
#include <stdlib.h>
#include <string.h>

struct object {
	refcount_t refs;
	int data;
};

static struct {
	struct object *object;
	unsigned int dropped[2];
} shared;

static void share(void *data)
{
	(void)data;
	memset(&shared, 0, sizeof(shared));
	shared.object = kzalloc(sizeof(*shared.object), GFP_KERNEL);
	refcount_set(&shared.object->refs, 3);
}

static void drop(void *data)
{
	(void)data;
	refcount_dec(&shared.object->refs);
	shared.dropped[iommufd_model_thread_number()] = 1;
}

static void free_shared(void *data)
{
	(void)data;
	kfree(shared.object);
}

/* What a thread writes after its drop is not there in between. */
static void nothing_in_between(void *data)
{
	(void)data;
	iommufd_model_assert(refcount_read(&shared.object->refs) ==
			     3 - shared.dropped[0] - shared.dropped[1]);
}

static const struct iommufd_model_test two_drops = {
	.name = "two drops",
	.setup = share,
	.after = free_shared,
	.threads = { { "first", drop }, { "second", drop } },
};

static void explore(const struct iommufd_model_test *test,
		    const struct iommufd_model_explore_options *options,
		    struct iommufd_model_explore_result *result)
{
	ck_assert_int_ge(iommufd_model_explore(test, options, result), 0);
	ck_assert_uint_ge(result->watched, 1);
	ck_assert_uint_eq(result->unwatched, 0);
}

START_TEST(there_are_no_steps_after_operations)
{
	struct iommufd_model_explore_result result;

	explore(&two_drops, NULL, &result);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert_uint_eq(result.depth, 2);
	iommufd_model_explore_free(&result);
}
END_TEST

/* Then a race is no failure, so an order of plain accesses has to be tried. */
START_TEST(there_are_if_races_are_ignored)
{
	struct iommufd_model_explore_options options = {
		.ignore = 1u << IOMMUFD_MODEL_FAIL_DATA_RACE,
	};
	struct iommufd_model_explore_result result;

	explore(&two_drops, &options, &result);
	ck_assert_uint_eq(result.depth, 4);
	iommufd_model_explore_free(&result);
}
END_TEST

START_TEST(there_are_if_an_invariant_could_notice)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_test test = two_drops;
	struct iommufd_model_explore_result result;

	test.invariant = nothing_in_between;
	explore(&test, &options, &result);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_INVARIANT);
	ck_assert_ptr_null(strstr(result.schedule, "+watched"));
	iommufd_model_explore_free(&result);
}
END_TEST

static void drop_last(void *data)
{
	(void)data;
	if (refcount_dec_and_test(&shared.object->refs))
		kfree(shared.object);
}

static void drop_and_write(void *data)
{
	struct object *object = shared.object;

	(void)data;
	if (refcount_dec_and_test(&object->refs))
		kfree(object);
	else
		object->data = 1;
}

static void share_by_two(void *data)
{
	share(data);
	refcount_set(&shared.object->refs, 2);
}

START_TEST(a_use_after_the_last_drop_is_found_and_replayed)
{
	static const struct iommufd_model_test test = {
		.name = "write after drop",
		.setup = share_by_two,
		.threads = { { "last", drop_last },
			     { "writer", drop_and_write } },
	};
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result result, again;

	explore(&test, &options, &result);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
	ck_assert_ptr_nonnull(strstr(result.schedule, "+watched"));
	options.mode = IOMMUFD_MODEL_MODE_REPLAY;
	options.schedule = result.schedule;
	explore(&test, &options, &again);
	ck_assert_int_eq(again.failure, result.failure);
	ck_assert_str_eq(again.schedule, result.schedule);
	iommufd_model_explore_free(&again);
	iommufd_model_explore_free(&result);
}
END_TEST

/* With states that are not found again there are 1,794 executions. */
START_TEST(locks_and_counters_order_what_a_known_state_has)
{
	struct iommufd_model_test test = { .name = NULL };
	struct protocol protocol = { .bug = RIGHT };
	struct iommufd_model_explore_result result;

	protocol_init(&protocol, &test, "protocol", 2, 2);
	test.memory[0] =
		(struct iommufd_model_memory)IOMMUFD_MODEL_MEMORY(protocol);
	explore(&test, NULL, &result);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_lt(result.executions + result.redundant, 500);
	iommufd_model_explore_free(&result);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("all_watched");
	TCase *tc = tcase_create("all_watched");

	tcase_add_test(tc, there_are_no_steps_after_operations);
	tcase_add_test(tc, there_are_if_races_are_ignored);
	tcase_add_test(tc, there_are_if_an_invariant_could_notice);
	tcase_add_test(tc, a_use_after_the_last_drop_is_found_and_replayed);
	tcase_add_test(tc, locks_and_counters_order_what_a_known_state_has);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
