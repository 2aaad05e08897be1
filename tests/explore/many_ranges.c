// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program of more ranges of static variables than the explorer has room for:
 * every second byte of an array is no state, and one between two of these.
 */
#include "suite.h"
#include "../../src/kernel/no_state.h"
#include <iommufd_model/kernel.h>
#include <stdio.h>
#include <unistd.h>

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

static struct iommufd_model_explore_result result;

static int explore_many(const char *states_file, FILE *report)
{
	static const struct iommufd_model_test test = {
		.name = "many", .setup = clear,
		.threads = { { "a", increment }, { "b", increment } },
		.memory = { IOMMUFD_MODEL_STATIC_VARIABLES },
	};
	const struct iommufd_model_explore_options options = {
		.jobs = 1,
		.quiet = !report,
		.report = report,
		.states_file = states_file,
	};

	return iommufd_model_explore(&test, &options, &result);
}

START_TEST(more_ranges_than_there_is_room_for_are_not_known)
{
	char text[200];

	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	ck_assert_int_eq(explore_many(NULL, NULL), 0);
	iommufd_model_verdict_text(&result, text, sizeof(text));
	ck_assert_msg(strstr(text, "complete, without states: static variables "
				   "are not known"), "%s", text);
	iommufd_model_explore_free(&result);
}
END_TEST

/* No other process could use what this one would write there. */
START_TEST(then_there_is_no_file_of_states)
{
	char file[] = "/tmp/many-XXXXXX", *text;
	size_t size;
	FILE *report = open_memstream(&text, &size);
	int fd = mkstemp(file);

	ck_assert_int_eq(explore_many(file, report), -EINVAL);
	fclose(report);
	ck_assert_msg(strstr(text, "states cannot be shared in this program"),
		      "%s", text);
	free(text);
	ck_assert_int_eq(lseek(fd, 0, SEEK_END), 0);
	close(fd);
	unlink(file);
}
END_TEST

static Suite *many_ranges_suite(void)
{
	Suite *suite = suite_create("many_ranges");
	TCase *tc = tcase_create("many_ranges");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, more_ranges_than_there_is_room_for_are_not_known);
	tcase_add_test(tc, then_there_is_no_file_of_states);
	return suite;
}

int main(void)
{
	return run_suite(many_ranges_suite());
}
