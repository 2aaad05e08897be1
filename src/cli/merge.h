/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The reports that merge reads, and the checks that they fit together. */
#ifndef CLI_MERGE_H
#define CLI_MERGE_H

#include <iommufd_model/explore.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * struct part - one object of a report: the exploration of one shard
 * @file, @number: the file that has the part, and its number there, from 1
 * @common: the values that must be equal in all parts of a test
 * The strings belong to @object.
 */
struct part {
	const char *file;
	int number;
	json_t *object, *common;
	const char *name, *verdict, *summary, *mode;
	const char *failure, *text, *schedule;
	json_int_t index, count;
	json_int_t executions, redundant, failed, steps, depth, seed, bound;
	json_int_t timeouts, spurious, alloc_failures, short_copies;
	int timeouts_bounded, spurious_bounded, allocs_bounded, copies_bounded;
	double seconds;
};

struct parts {
	struct part *at;
	size_t nr, room;
};

/*
 * struct whole - all parts of one test, and their sum
 * @first, @end: the parts, sorted by index
 * @summary: the verdict as text
 */
struct whole {
	const struct part *first, *end;
	enum iommufd_model_verdict verdict;
	char summary[200];
	json_int_t executions, redundant, failed, steps, depth;
	double seconds;
};

/*
 * parts_read(who, path, parts): add the parts of the report at @path to @parts.
 * Returns false after a message from @who.
 */
bool parts_read(const char *who, const char *path, struct parts *parts);

/*
 * parts_parse(who, name, text, len, parts): the same for the @len bytes of
 * @text, which messages call @name.  A zero byte must follow the text, and
 * @name must stay valid as long as the parts.
 */
bool parts_parse(const char *who, const char *name, const char *text,
		 size_t len, struct parts *parts);

/*
 * parts_merge(who, parts, json): print the result of each test.  Returns the
 * exit code of the program.
 */
int parts_merge(const char *who, struct parts *parts, bool json);

/* parts_sort(parts): sort by test, then by index. */
void parts_sort(struct parts *parts);

void parts_free(struct parts *parts);

/*
 * parts_match(who, whole): returns true if all parts have the same scenario and
 * options, and no part is there twice; false after a message.
 *
 * parts_complete(who, whole): returns true if no part is missing; false after a
 * message.
 */
bool parts_match(const char *who, const struct whole *whole);
bool parts_complete(const char *who, const struct whole *whole);

#endif
