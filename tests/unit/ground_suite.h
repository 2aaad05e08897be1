/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests of the ground share: a fixture without the observer, so that
 * operations take their short way past the gate, a sink that keeps the last
 * report, and threads that shake hands.
 */
#ifndef GROUND_SUITE_H
#define GROUND_SUITE_H

#include "suite.h"
#include <pthread.h>
#include <sched.h>
#include <string.h>

#define UNUSED __attribute__((unused))

/* The reports since catch_reports(), the last one in full. */
static struct {
	unsigned int nr;
	enum iommufd_model_severity severity;
	enum iommufd_model_misuse misuse;
	const struct iommufd_model_site *site;
	char text[256];
	char object[64];
} seen;

static void keep_report(const struct iommufd_model_report *report, void *data)
{
	(void)data;
	seen.nr++;
	seen.severity = report->severity;
	seen.misuse = report->misuse;
	seen.site = report->site;
	snprintf(seen.text, sizeof(seen.text), "%s", report->text);
	snprintf(seen.object, sizeof(seen.object), "%s", report->object);
}

UNUSED static void catch_reports(void)
{
	memset(&seen, 0, sizeof(seen));
	iommufd_model_set_sink(keep_report, NULL);
}

UNUSED static void release_reports(void)
{
	iommufd_model_set_sink(NULL, NULL);
	iommufd_model_reset_warnings();
}

/* The statement gives exactly one report, and @part is in it. */
#define ck_assert_warns(part, ...) do {					\
	catch_reports();						\
	__VA_ARGS__;							\
	release_reports();						\
	ck_assert_msg(seen.nr == 1, "%u reports, not 1; last: %s",	\
		      seen.nr, seen.text);				\
	ck_assert_msg(strstr(seen.text, part), "\"%s\" is not in: %s",	\
		      part, seen.text);					\
} while (0)

UNUSED static void ground_setup(void)
{
	iommufd_model_reset_warnings();
	iommufd_model_forget_lock_orders();
}

UNUSED static void ground_teardown(void)
{
	ck_assert_uint_eq(iommufd_model_warnings(), 0);
	ck_assert_uint_eq(iommufd_model_missing_warnings(), 0);
	ck_assert_int_eq(iommufd_model_locks_held(), 0);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}

/* Give way till @cond holds; the test's time limit is what ends it if not. */
#define until(cond) do {						\
	while (!(cond))							\
		sched_yield();						\
} while (0)

#define raise_flag(flag) __atomic_store_n(flag, 1, __ATOMIC_RELEASE)
#define flag_is_up(flag) __atomic_load_n(flag, __ATOMIC_ACQUIRE)

UNUSED static pthread_t start_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, fn, arg), 0);
	return thread;
}

UNUSED static void join_thread(pthread_t thread)
{
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

/* Do @fn(@arg) on another thread, start to end. */
UNUSED static void on_another_thread(void *(*fn)(void *), void *arg)
{
	join_thread(start_thread(fn, arg));
}

/* A suite of one case with the ground's fixture. */
UNUSED static TCase *ground_case(Suite *suite, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, ground_setup, ground_teardown);
	suite_add_tcase(suite, tc);
	return tc;
}

#endif
