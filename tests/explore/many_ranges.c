// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program of more ranges of static variables than the explorer has room for:
 * every second byte of an array is no state, and one between two of these.
 */
#include "suite.h"
#include "../../src/kernel/no_state.h"
#include <iommufd_model/kernel.h>
#include <stdio.h>

static char bytes[1000];

#define MARK(n) { &bytes[n], 1, true }
#define MARK_10(n)							\
	MARK(n), MARK(n + 2), MARK(n + 4), MARK(n + 6), MARK(n + 8),	\
	MARK(n + 10), MARK(n + 12), MARK(n + 14), MARK(n + 16), MARK(n + 18)
#define MARK_100(n)							\
	MARK_10(n), MARK_10(n + 20), MARK_10(n + 40), MARK_10(n + 60),	\
	MARK_10(n + 80), MARK_10(n + 100), MARK_10(n + 120),		\
	MARK_10(n + 140), MARK_10(n + 160), MARK_10(n + 180)

static const struct iommufd_model_no_state
	__attribute__((used, section("iommufd_model_no_state"))) marks[] = {
		MARK_100(0), MARK(3), MARK_100(200), MARK_100(400),
	};

static void clear(void *data)
{
	(void)data;
	memset(bytes, 0, sizeof(bytes));
}

static void increment(void *data)
{
	(void)data;
	WRITE_ONCE(bytes[1], READ_ONCE(bytes[1]) + 1);
}

START_TEST(more_ranges_than_there_is_room_for_are_not_known)
{
	static const struct iommufd_model_test test = {
		.name = "many", .setup = clear,
		.threads = { { "a", increment }, { "b", increment } },
		.memory = { IOMMUFD_MODEL_STATIC_VARIABLES },
	};
	struct iommufd_model_explore_options options = {
		.jobs = 1, .quiet = true,
	};
	struct iommufd_model_explore_result result;
	char text[200];

	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	ck_assert_int_eq(iommufd_model_explore(&test, &options, &result), 0);
	iommufd_model_verdict_text(&result, text, sizeof(text));
	ck_assert_msg(strstr(text, "complete, without states: static variables "
				   "are not known"), "%s", text);
	iommufd_model_explore_free(&result);
}
END_TEST

static Suite *many_ranges_suite(void)
{
	Suite *suite = suite_create("many_ranges");
	TCase *tc = tcase_create("many_ranges");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, more_ranges_than_there_is_room_for_are_not_known);
	return suite;
}

int main(void)
{
	return run_suite(many_ranges_suite());
}
