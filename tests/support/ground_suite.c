// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "ground_suite.h"

struct seen_reports seen;

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

void catch_reports(void)
{
	memset(&seen, 0, sizeof(seen));
	iommufd_model_set_sink(keep_report, NULL);
}

void release_reports(void)
{
	iommufd_model_set_sink(NULL, NULL);
	iommufd_model_reset_warnings();
}

void ground_setup(void)
{
	iommufd_model_reset_warnings();
	iommufd_model_forget_lock_orders();
}

void ground_teardown(void)
{
	ck_assert_uint_eq(iommufd_model_warnings(), 0);
	ck_assert_uint_eq(iommufd_model_missing_warnings(), 0);
	ck_assert_int_eq(iommufd_model_locks_held(), 0);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}

pthread_t start_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, fn, arg), 0);
	return thread;
}

void join_thread(pthread_t thread)
{
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

void on_another_thread(void *(*fn)(void *), void *arg)
{
	join_thread(start_thread(fn, arg));
}

TCase *ground_case(Suite *suite, const char *name)
{
	return case_with(suite, name, ground_setup, ground_teardown);
}
