/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What an exploration has found, for people and for programs.
 */
#ifndef REPORT_H
#define REPORT_H

#include <iommufd_model/explore.h>
#include <jansson.h>
#include <stdio.h>

/*
 * struct exploration - one test and what came of it
 * @name: of the file
 * @checksum: of the scenario's text
 * @symmetric: names of threads, NULL: none
 */
struct exploration {
	const char *name;
	unsigned long long checksum;
	const char *symmetric;
	const struct iommufd_model_explore_result *result;
};

/* report_line(): "NAME: complete: 42 executions, ..." */
void report_line(const struct exploration *exploration, FILE *to);

/* report_json(): one object in one line; false without memory. */
bool report_json(const struct exploration *exploration, FILE *to);

/* json_text(text): a string, whatever bytes @text has; null if it is NULL. */
json_t *json_text(const char *text);

/* json_line(object, to): print it and let it go; false if it is NULL. */
bool json_line(json_t *object, FILE *to);

/* In the order of their values, NULL at the end. */
extern const char *const verdict_names[];
extern const char *const mode_names[];

#endif
