// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reports: the sink, the number of warnings, and the warnings that a test
 * expects.
 *
 * One pthread mutex protects all of these and serialises the calls of the sink.
 * It is not one of the ground's locks, because any of those may itself make a
 * report.
 */
#include "ground.h"
#include <iommufd_model/kernel/printk.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_EXPECTED 16
#define EXPECTED_LEN 80

static pthread_mutex_t report_mutex = PTHREAD_MUTEX_INITIALIZER;
static iommufd_model_sink_t report_sink;
static void *report_sink_data;
static unsigned long nr_warnings;
unsigned long iommufd_model_warn_epoch = 1;
/*
 * The epoch if there was a report in it, or 0.  What WARN_ONCE() remembers can
 * be compared only with the epoch, which the explorer does not compare.
 */
static unsigned long reported_in;

NO_STATE(iommufd_model_warn_epoch);

static unsigned int nr_expected;
static char expected[MAX_EXPECTED][EXPECTED_LEN];

/* Returns the first word of a report. */
static const char *head_of(const struct iommufd_model_report *report)
{
	static const char *const heads[] = { "WARNING", "critical", "note" };
	static const char *const levels[] = {
		"emerg", "alert", "critical", "err", "warn", "notice", "info",
		"debug",
	};

	if (report->severity == IOMMUFD_MODEL_MESSAGE)
		return levels[report->level];
	return heads[report->severity];
}

static void print_report(const struct iommufd_model_report *report)
{
	fprintf(stderr, "iommufd-model: %s: %s%s%s [%s, %s:%d]\n",
		head_of(report), report->text,
		*report->object ? ", " : "", report->object,
		report->site->func, report->site->file, report->site->line);
}

/* Returns true if @text is expected, and removes that expectation. */
static bool take_expected(const char *text)
{
	unsigned int i;

	for (i = 0; i < nr_expected; i++) {
		if (!strstr(text, expected[i]))
			continue;
		nr_expected--;
		memmove(expected[i], expected[i + 1],
			(nr_expected - i) * EXPECTED_LEN);
		return true;
	}
	return false;
}

static void report(enum iommufd_model_severity severity, int level,
		   enum iommufd_model_misuse misuse,
		   const struct iommufd_model_site *site, const void *addr,
		   const char *fmt, va_list args)
{
	char text[256], object[64] = "";
	struct iommufd_model_report rep = {
		.severity = severity, .misuse = misuse, .site = site,
		.text = text, .object = object, .level = level,
	};
	size_t len;

	vsnprintf(text, sizeof(text), fmt, args);
	len = strlen(text);
	if (len && text[len - 1] == '\n')
		text[len - 1] = 0;
	if (addr)
		iommufd_model_describe(addr, object, sizeof(object));

	pthread_mutex_lock(&report_mutex);
	if (severity == IOMMUFD_MODEL_WARNING) {
		reported_in = iommufd_model_warn_epoch;
		if (take_expected(text))
			goto out;
		nr_warnings++;
	}
	if (report_sink)
		report_sink(&rep, report_sink_data);
	else
		print_report(&rep);
out:
	pthread_mutex_unlock(&report_mutex);
}

void iommufd_model_warn(const struct iommufd_model_site *site,
			const void *addr, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(IOMMUFD_MODEL_WARNING, 0, IOMMUFD_MODEL_MISUSE_WARN, site, addr,
	       fmt, args);
	va_end(args);
}

void iommufd_model_misuse(enum iommufd_model_misuse misuse,
			  const struct iommufd_model_site *site,
			  const void *addr, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(IOMMUFD_MODEL_WARNING, 0, misuse, site, addr, fmt, args);
	va_end(args);
}

void iommufd_model_log(enum iommufd_model_severity severity,
		       const struct iommufd_model_site *site,
		       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(severity, 0, IOMMUFD_MODEL_MISUSE_WARN, site, NULL, fmt, args);
	va_end(args);
}

/*
 * Returns the level at the start of a printk() format, and skips it in the
 * format.
 */
static int take_level(const char **fmt)
{
	const char *default_level = KERN_WARNING;
	int level = default_level[1] - '0';

	while ((*fmt)[0] == KERN_SOH[0] && (*fmt)[1]) {
		if ((*fmt)[1] >= '0' && (*fmt)[1] <= '7')
			level = (*fmt)[1] - '0';
		*fmt += 2;
	}
	return level;
}

static void vlog(const struct iommufd_model_site *site, const void *addr,
		 const char *fmt, va_list args)
{
	int level = take_level(&fmt);

	iommufd_model_format_reads(site, fmt, args);
	report(level == KERN_CRIT[1] - '0' ? IOMMUFD_MODEL_CRITICAL :
	       IOMMUFD_MODEL_MESSAGE, level, IOMMUFD_MODEL_MISUSE_WARN, site,
	       addr, fmt, args);
}

int iommufd_model_printk(const struct iommufd_model_site *site, const char *fmt,
			 ...)
{
	va_list args;

	va_start(args, fmt);
	vlog(site, NULL, fmt, args);
	va_end(args);
	return 0;
}

void iommufd_model_set_sink(iommufd_model_sink_t sink, void *data)
{
	pthread_mutex_lock(&report_mutex);
	report_sink = sink;
	report_sink_data = data;
	pthread_mutex_unlock(&report_mutex);
}

int iommufd_model_expect_warning(const char *text)
{
	int rc = 0;

	if (!text || strlen(text) >= EXPECTED_LEN)
		return -EINVAL;
	pthread_mutex_lock(&report_mutex);
	if (nr_expected == MAX_EXPECTED)
		rc = -ENOSPC;
	else
		strcpy(expected[nr_expected++], text);
	pthread_mutex_unlock(&report_mutex);
	return rc;
}

unsigned long iommufd_model_warnings(void)
{
	unsigned long n;

	pthread_mutex_lock(&report_mutex);
	n = nr_warnings;
	pthread_mutex_unlock(&report_mutex);
	return n;
}

unsigned int iommufd_model_missing_warnings(void)
{
	unsigned int n;

	pthread_mutex_lock(&report_mutex);
	n = nr_expected;
	pthread_mutex_unlock(&report_mutex);
	return n;
}

void iommufd_model_reset_warnings(void)
{
	pthread_mutex_lock(&report_mutex);
	nr_warnings = 0;
	nr_expected = 0;
	reported_in = 0;
	__atomic_fetch_add(&iommufd_model_warn_epoch, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&report_mutex);
}

void iommufd_model_refcount_misuse(refcount_t *r, int old, const char *what,
				   const struct iommufd_model_site *site)
{
	__atomic_store_n(&r->refs, REFCOUNT_SATURATED, __ATOMIC_RELAXED);
	if (old < 0)
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_REFCOUNT, site, r,
				     "refcount: %s of %s, poisoned before",
				     what, site->what);
	else
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_REFCOUNT, site, r,
				     "refcount: %s of %s from %d", what,
				     site->what, old);
}
