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
 * @name: the name of the file
 * @checksum: the checksum of the scenario's text
 * @symmetric: names of threads that are equal, or NULL
 */
struct exploration {
	const char *name;
	unsigned long long checksum;
	const char *symmetric;
	const struct iommufd_model_explore_result *result;
};

/* report_line(): print "NAME: complete: 42 executions, ..." */
void report_line(const struct exploration *exploration, FILE *to);

/*
 * report_json(): prints one object on one line.  Returns false if memory is
 * short.
 */
bool report_json(const struct exploration *exploration, FILE *to);

/* json_text(text): returns a string for any bytes in @text; null for NULL. */
json_t *json_text(const char *text);

/*
 * json_line(object, to): prints and releases @object.  Returns false if it is
 * NULL.
 */
bool json_line(json_t *object, FILE *to);

/* The names of the values of both enums; NULL ends each array. */
extern const char *const verdict_names[];
extern const char *const mode_names[];

#endif
