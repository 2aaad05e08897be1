// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reading reports and checking whether they are parts of one whole; merge.h
 * describes the functions.
 */
#include "merge.h"
#include <stdlib.h>
#include <string.h>
#include "load.h"
#include "report.h"

/* The functions below read reports. */

static bool name_in(const char *name, const char *const *names)
{
	while (*names && strcmp(name, *names))
		names++;
	return *names;
}

/* Check the values of a part; false after a message. */
static bool check_part(const char *who, const struct part *part)
{
	const char *problem = NULL;

	if (!name_in(part->verdict, verdict_names))
		problem = "unknown verdict";
	else if (!name_in(part->mode, mode_names))
		problem = "unknown mode";
	else if (part->index < 1 || part->index > part->count)
		problem = "bad shard";
	else if (part->executions < 0 || part->redundant < 0 ||
		 part->failed < 0 || part->steps < 0 || part->depth < 0)
		problem = "negative count";
	if (problem)
		fprintf(stderr, "%s: %s: object %d: %s\n", who, part->file,
			part->number, problem);
	return !problem;
}

/* Read the values of @part->object; false after a message. */
static bool unpack(const char *who, struct part *part)
{
	const char *checksum, *version;
	json_t *options, *failure, *text, *schedule;
	json_error_t error;

	if (json_unpack_ex(part->object, &error, 0,
			   "{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, "
			   "s:F, s:b, s?b, s?b, s?b, s:o, s:o, s:o, "
			   "s:{s:I, s:I}, "
			   "s:o, s:{s:s, s:I, s:I, s:I, s?I, s?I, s?I}}",
			   "name", &part->name, "version", &version,
			   "checksum", &checksum, "verdict", &part->verdict,
			   "summary", &part->summary,
			   "executions", &part->executions,
			   "redundant", &part->redundant,
			   "failed", &part->failed, "steps", &part->steps,
			   "depth", &part->depth, "seconds", &part->seconds,
			   "timeouts_bounded", &part->timeouts_bounded,
			   "spurious_bounded", &part->spurious_bounded,
			   "allocs_bounded", &part->allocs_bounded,
			   "copies_bounded", &part->copies_bounded,
			   "failure", &failure, "text", &text,
			   "schedule", &schedule,
			   "shard", "index", &part->index,
			   "count", &part->count,
			   "options", &options,
			   "options", "mode", &part->mode,
			   "seed", &part->seed,
			   "preemptions", &part->bound,
			   "timeouts", &part->timeouts,
			   "spurious", &part->spurious,
			   "alloc_failures", &part->alloc_failures,
			   "short_copies", &part->short_copies)) {
		fprintf(stderr, "%s: %s: object %d is not a report of "
			"\"iommufd-model explore --json\": %s\n", who,
			part->file, part->number, error.text);
		return false;
	}
	/* "failure", "text" and "schedule" may be null. */
	part->failure = json_string_value(failure);
	part->text = json_string_value(text);
	part->schedule = json_string_value(schedule);
	part->common = json_pack("{s:s, s:s, s:I, s:O}", "version", version,
				"checksum", checksum, "shards", part->count,
				"options", options);
	return part->common && check_part(who, part);
}

static struct part *add_part(struct parts *parts)
{
	size_t room = 2 * parts->room + 16;
	struct part *at;

	if (parts->nr == parts->room) {
		at = realloc(parts->at, room * sizeof(*at));
		if (!at)
			return NULL;
		parts->at = at;
		parts->room = room;
	}
	at = &parts->at[parts->nr++];
	memset(at, 0, sizeof(*at));
	return at;
}

/* The objects in @text follow one another. */
bool parts_parse(const char *who, const char *file, const char *text,
		 size_t len, struct parts *parts)
{
	size_t at = 0, blanks;
	struct part *part;
	json_error_t error;
	json_t *object;
	int number = 0;

	for (;;) {
		blanks = strspn(text + at, " \t\r\n");
		at += blanks;
		if (at >= len)
			break;
		object = json_loadb(text + at, len - at,
				    JSON_DISABLE_EOF_CHECK |
				    JSON_REJECT_DUPLICATES, &error);
		if (!object) {
			fprintf(stderr, "%s: %s: object %d, line %d, column "
				"%d: %s\n", who, file, number + 1, error.line,
				error.column, error.text);
			return false;
		}
		at += (size_t)error.position;
		part = add_part(parts);
		if (!part) {
			json_decref(object);
			fprintf(stderr, "%s: out of memory\n", who);
			return false;
		}
		part->file = file;
		part->number = ++number;
		part->object = object;
		if (!unpack(who, part))
			return false;
	}
	if (!number)
		fprintf(stderr, "%s: %s: the file is empty; expected a "
			"report\n", who, file);
	return number;
}

bool parts_read(const char *who, const char *path, struct parts *parts)
{
	size_t len;
	char *text = load_file(who, path, &len);
	bool good = text &&
		    parts_parse(who, load_name(path), text, len, parts);

	free(text);
	return good;
}

void parts_free(struct parts *parts)
{
	size_t i;

	for (i = 0; i < parts->nr; i++) {
		json_decref(parts->at[i].object);
		json_decref(parts->at[i].common);
	}
	free(parts->at);
}

/* Sort by test, then by index; equal parts stay in the order of the files. */
static int compare_parts(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	order = strcmp(x->file, y->file);
	return order ? order : x->number - y->number;
}

void parts_sort(struct parts *parts)
{
	qsort(parts->at, parts->nr, sizeof(*parts->at), compare_parts);
}

/* The functions below check that parts fit together. */

/* Return the name of a value in which two parts differ. */
static const char *difference(const struct part *a, const struct part *b)
{
	json_t *x = json_object_get(a->common, "options");
	json_t *y = json_object_get(b->common, "options");
	const char *key;
	json_t *value;

	json_object_foreach(a->common, key, value)
		if (strcmp(key, "options") &&
		    !json_equal(value, json_object_get(b->common, key)))
			return key;
	json_object_foreach(x, key, value)
		if (!json_equal(value, json_object_get(y, key)))
			return key;
	return "options";
}

static bool check_same(const char *who, const struct whole *whole)
{
	const struct part *part;

	for (part = whole->first + 1; part < whole->end; part++) {
		if (json_equal(part->common, whole->first->common))
			continue;
		fprintf(stderr, "%s: %s: shard %lld in %s and shard %lld in %s "
			"do not belong together, because they differ in %s\n",
			who, part->name, (long long)whole->first->index,
			whole->first->file, (long long)part->index, part->file,
			difference(whole->first, part));
		return false;
	}
	return true;
}

static bool check_once(const char *who, const struct whole *whole)
{
	const struct part *part;
	bool good = true;

	for (part = whole->first + 1; part < whole->end; part++) {
		if (part->index != part[-1].index)
			continue;
		fprintf(stderr, "%s: %s: shard %lld is given twice, in %s and "
			"in %s\n", who, part->name, (long long)part->index,
			part[-1].file, part->file);
		good = false;
	}
	return good;
}

static void report_missing(const char *who, const struct whole *whole,
			json_int_t from, json_int_t to)
{
	fprintf(stderr, "%s: %s: shard%s %lld", who, whole->first->name,
		to > from ? "s" : "", (long long)from);
	if (to > from)
		fprintf(stderr, " to %lld", (long long)to);
	fprintf(stderr, " of %lld missing\n", (long long)whole->first->count);
}

bool parts_match(const char *who, const struct whole *whole)
{
	return check_same(who, whole) && check_once(who, whole);
}

bool parts_complete(const char *who, const struct whole *whole)
{
	const struct part *part;
	json_int_t next = 1;
	bool good = true;

	for (part = whole->first; part < whole->end; part++) {
		if (part->index > next) {
			report_missing(who, whole, next, part->index - 1);
			good = false;
		}
		next = part->index + 1;
	}
	if (next > whole->first->count)
		return good;
	report_missing(who, whole, next, whole->first->count);
	return false;
}
