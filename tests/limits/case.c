// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A libcheck program whose only case takes a fifth of a second. */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdlib.h>
#include <time.h>

START_TEST(takes_a_fifth_of_a_second)
{
	const struct timespec wait = { .tv_nsec = 200000000 };

	nanosleep(&wait, NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits");
	TCase *tc = tcase_create("limits");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, takes_a_fifth_of_a_second);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
