// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests that a verdict says how many source files are not watched.  The program
 * consists of this file, which is watched, of watch_files_plain.c, which is
 * not, and of the same file in a shared library.  The model that it is linked
 * with is watched.  The linker removes unused sections and all symbols.
 */
#include "suite.h"
#include <iommufd_model/explore.h>
#include <stdio.h>

void in_program(void);
void in_library(void);

static void first(void *data)
{
	(void)data;
	in_program();
}

static void second(void *data)
{
	(void)data;
	in_library();
}

START_TEST(a_verdict_says_how_many_files_are_not_watched)
{
	static const struct iommufd_model_test test = {
		.name = "three files",
		.threads = { { "first", first }, { "second", second } },
	};
	struct iommufd_model_explore_result result;
	char text[160], expected[160];

	ck_assert_int_eq(iommufd_model_explore(&test, NULL, &result), 0);
	ck_assert_uint_ge(result.watched, 1);
	ck_assert_uint_eq(result.unwatched, 2);
	snprintf(expected, sizeof(expected),
		 "complete; plain memory of 2 of %u source files not watched",
		 result.watched + 2);
	ck_assert_str_eq(iommufd_model_verdict_text(&result, text,
						    sizeof(text)),
			 expected);
	iommufd_model_explore_free(&result);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("watch_files");
	TCase *tc = tcase_create("watch_files");

	tcase_add_test(tc, a_verdict_says_how_many_files_are_not_watched);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
