/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Printing the result of an exploration, as text and as JSON.
 */
#ifndef REPORT_H
#define REPORT_H

#include <iommufd_model/explore.h>
#include <jansson.h>
#include <stdio.h>

/*
 * struct exploration - a test and its result
 * @name: of the file
 * @checksum: of the scenario's text
 * @symmetric: names of threads that are the same, or NULL
 */
struct exploration {
	const char *name;
	unsigned long long checksum;
	const char *symmetric;
	const struct iommufd_model_explore_result *result;
};

/* report_line(): print "NAME: complete: 42 executions, ..." */
void report_line(const struct exploration *exploration, FILE *to);

/* report_json(): print one object in one line; false without memory. */
bool report_json(const struct exploration *exploration, FILE *to);

/* json_text(text): a string, for any bytes in @text; null for NULL. */
json_t *json_text(const char *text);

/* json_line(object, to): print and release @object; false if it is NULL. */
bool json_line(json_t *object, FILE *to);

/* The names of the values of both enums; NULL at the end. */
extern const char *const verdict_names[];
extern const char *const mode_names[];

#endif
