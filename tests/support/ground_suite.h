/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For tests of src/kernel: a fixture without the observer, so that operations
 * take the short path past the gate; a sink that keeps the last report; and
 * threads.
 */
#ifndef TESTS_SUPPORT_GROUND_SUITE_H
#define TESTS_SUPPORT_GROUND_SUITE_H

#include "suite.h"

/* The number of reports since catch_reports(), and the last one. */
struct seen_reports {
	unsigned int nr;
	enum iommufd_model_severity severity;
	enum iommufd_model_misuse misuse;
	const struct iommufd_model_site *site;
	char text[256];
	char object[64];
};

extern struct seen_reports seen;

void catch_reports(void);
void release_reports(void);

/*
 * Check that the statement gives exactly one report, and that it contains
 * @part.
 */
#define ck_assert_warns(part, ...) do {					\
	catch_reports();						\
	__VA_ARGS__;							\
	release_reports();						\
	ck_assert_msg(seen.nr == 1, "%u reports, not 1; last: %s",	\
		      seen.nr, seen.text);				\
	ck_assert_msg(strstr(seen.text, part), "\"%s\" is not in: %s",	\
		      part, seen.text);					\
} while (0)

pthread_t start_thread(void *(*fn)(void *), void *arg);
void join_thread(pthread_t thread);

/* Run @fn(@arg) on another thread, and wait until it returns. */
void on_another_thread(void *(*fn)(void *), void *arg);

/* Add a group of tests with the fixture of src/kernel to @suite. */
TCase *ground_case(Suite *suite, const char *name);
void ground_setup(void);
void ground_teardown(void);

#endif
