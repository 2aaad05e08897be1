// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model merge: the reports of a spread exploration, put together.
 *
 * A report is the JSON of `iommufd-model explore --json --shard K/N`.  Those of
 * one test are the parts of a whole if they agree about the scenario and the
 * options, and if each part from 1 to N is there once.  The whole is complete
 * if every part is.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <iommufd_model/model.h>
#include "cli.h"
#include "load.h"
#include "report.h"

/*
 * struct part - one object of a report
 * @file: that it was in, @number: the how manieth there
 * @whole: what must be the same in all parts of a test: a new reference
 * Strings belong to @object.
 */
struct part {
	const char *file;
	int number;
	json_t *object, *whole;
	const char *name, *verdict, *summary, *mode;
	const char *failure, *text, *schedule;
	json_int_t index, count;
	json_int_t executions, redundant, failed, steps, depth, seed, bound;
	json_int_t timeouts;
	int timeouts_bounded;
	double seconds;
};

struct parts {
	struct part *at;
	size_t nr, room;
};

/*
 * struct whole - the parts of a test
 * @summary: what the verdict is, for people
 */
struct whole {
	const struct part *first, *end;
	enum iommufd_model_verdict verdict;
	char summary[200];
	json_int_t executions, redundant, failed, steps, depth;
	double seconds;
};

static void print_help(void)
{
	fputs("usage: iommufd-model merge [--json] REPORT...\n"
	      "\n"
	      "Puts together what \"iommufd-model explore --json --shard K/N\" "
	      "has printed for\n"
	      "each K from 1 to N, in one REPORT (\"-\": standard input) or "
	      "several, for one\n"
	      "test or several, and prints a line for each test, with the "
	      "failures below it.\n"
	      "\n"
	      "  --json     an object per test, for programs\n"
	      "  --help     this text\n"
	      "\n"
	      "Exit code: 0 no failure, 1 a failure was found, 2 bad usage or "
	      "input: a part is\n"
	      "missing or there twice, or parts do not belong together.\n",
	      stdout);
}

static int bad_usage(const char *who)
{
	fprintf(stderr, "Try \"%s --help\".\n", who);
	return EXIT_UNUSABLE;
}

/* Reading */

static bool name_in(const char *name, const char *const *names)
{
	while (*names && strcmp(name, *names))
		names++;
	return *names;
}

/* What a part says of itself makes sense. */
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
		problem = "a negative count";
	if (problem)
		fprintf(stderr, "%s: %s: object %d: %s\n", who, part->file,
			part->number, problem);
	return !problem;
}

/* Takes @part->object apart; false after a message. */
static bool unpack(const char *who, struct part *part)
{
	const char *checksum, *version;
	json_t *options, *failure, *text, *schedule;
	json_error_t error;

	if (json_unpack_ex(part->object, &error, 0,
			   "{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, "
			   "s:F, s:b, s:o, s:o, s:o, s:{s:I, s:I}, "
			   "s:o, s:{s:s, s:I, s:I, s:I}}",
			   "name", &part->name, "version", &version,
			   "checksum", &checksum, "verdict", &part->verdict,
			   "summary", &part->summary,
			   "executions", &part->executions,
			   "redundant", &part->redundant,
			   "failed", &part->failed, "steps", &part->steps,
			   "depth", &part->depth, "seconds", &part->seconds,
			   "timeouts_bounded", &part->timeouts_bounded,
			   "failure", &failure, "text", &text,
			   "schedule", &schedule,
			   "shard", "index", &part->index,
			   "count", &part->count,
			   "options", &options,
			   "options", "mode", &part->mode,
			   "seed", &part->seed,
			   "preemptions", &part->bound,
			   "timeouts", &part->timeouts)) {
		fprintf(stderr, "%s: %s: object %d is no report of an "
			"exploration: %s\n", who, part->file, part->number,
			error.text);
		return false;
	}
	/* Each may be null. */
	part->failure = json_string_value(failure);
	part->text = json_string_value(text);
	part->schedule = json_string_value(schedule);
	part->whole = json_pack("{s:s, s:s, s:I, s:O}", "version", version,
				"checksum", checksum, "shards", part->count,
				"options", options);
	return part->whole && check_part(who, part);
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

/* The objects in @text, one behind the other. */
static bool read_objects(const char *who, const char *file, const char *text,
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
		fprintf(stderr, "%s: %s: nothing in it\n", who, file);
	return number;
}

static bool read_report(const char *who, const char *path, struct parts *parts)
{
	const char *name = load_name(path);
	size_t len;
	char *text = load_file(path, &len), *more;
	bool good;

	/* A zero at the end, for strspn(). */
	more = text ? realloc(text, len + 1) : NULL;
	if (!more) {
		fprintf(stderr, "%s: cannot read %s: %s\n", who, name,
			strerror(errno));
		free(text);
		return false;
	}
	more[len] = 0;
	good = read_objects(who, name, more, len, parts);
	free(more);
	return good;
}

static void free_parts(struct parts *parts)
{
	size_t i;

	for (i = 0; i < parts->nr; i++) {
		json_decref(parts->at[i].object);
		json_decref(parts->at[i].whole);
	}
	free(parts->at);
}

/* By test, then by number; parts that are there twice as they were read. */
static int compare(const void *a, const void *b)
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

/* Checking */

/* Which option it is that two parts do not agree about. */
static const char *difference(const struct part *a, const struct part *b)
{
	json_t *x = json_object_get(a->whole, "options");
	json_t *y = json_object_get(b->whole, "options");
	const char *key;
	json_t *value;

	json_object_foreach(a->whole, key, value)
		if (strcmp(key, "options") &&
		    !json_equal(value, json_object_get(b->whole, key)))
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
		if (json_equal(part->whole, whole->first->whole))
			continue;
		fprintf(stderr, "%s: %s: shard %lld in %s and shard %lld in %s "
			"do not belong together: %s\n", who, part->name,
			(long long)whole->first->index, whole->first->file,
			(long long)part->index, part->file,
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
		fprintf(stderr, "%s: %s: shard %lld is there twice, in %s and "
			"in %s\n", who, part->name, (long long)part->index,
			part[-1].file, part->file);
		good = false;
	}
	return good;
}

/* Shards @from to @to are not there. */
static void say_missing(const char *who, const struct whole *whole,
			json_int_t from, json_int_t to)
{
	fprintf(stderr, "%s: %s: shard%s %lld", who, whole->first->name,
		to > from ? "s" : "", (long long)from);
	if (to > from)
		fprintf(stderr, " to %lld", (long long)to);
	fprintf(stderr, " of %lld missing\n", (long long)whole->first->count);
}

static bool check_all(const char *who, const struct whole *whole)
{
	const struct part *part;
	json_int_t next = 1;
	bool good = true;

	for (part = whole->first; part < whole->end; part++) {
		if (part->index > next) {
			say_missing(who, whole, next, part->index - 1);
			good = false;
		}
		next = part->index + 1;
	}
	if (next > whole->first->count)
		return good;
	say_missing(who, whole, next, whole->first->count);
	return false;
}

/* The verdict */

static bool is(const char *name, enum iommufd_model_verdict verdict)
{
	return !strcmp(name, verdict_names[verdict]);
}

static void sum_up(struct whole *whole)
{
	const struct part *part;

	for (part = whole->first; part < whole->end; part++) {
		whole->executions += part->executions;
		whole->redundant += part->redundant;
		whole->failed += part->failed;
		whole->steps += part->steps;
		if (part->depth > whole->depth)
			whole->depth = part->depth;
		whole->seconds += part->seconds;
	}
}

/* The first part with @verdict, or NULL. */
static const struct part *find_part(const struct whole *whole,
				    enum iommufd_model_verdict verdict)
{
	const struct part *part;

	for (part = whole->first; part < whole->end; part++)
		if (is(part->verdict, verdict))
			return part;
	return NULL;
}

static void judge(struct whole *whole)
{
	const struct part *first = whole->first, *part;
	size_t size = sizeof(whole->summary), len;

	part = find_part(whole, IOMMUFD_MODEL_FAILED);
	if (part) {
		whole->verdict = IOMMUFD_MODEL_FAILED;
		snprintf(whole->summary, size, "FAILED: %s",
			 part->failure ? part->failure : "?");
		return;
	}
	part = find_part(whole, IOMMUFD_MODEL_STOPPED);
	if (part) {
		whole->verdict = IOMMUFD_MODEL_STOPPED;
		snprintf(whole->summary, size, "not complete, shard %lld of "
			 "%lld %s", (long long)part->index,
			 (long long)part->count, part->summary);
		return;
	}
	if (find_part(whole, IOMMUFD_MODEL_NOT_FOUND)) {
		whole->verdict = IOMMUFD_MODEL_NOT_FOUND;
		snprintf(whole->summary, size, "no failure in %lld executions, "
			 "seed %lld", (long long)whole->executions,
			 (long long)first->seed);
		return;
	}
	if (strcmp(first->mode, mode_names[IOMMUFD_MODEL_BOUNDED]) ||
	    first->bound < 0) {
		whole->verdict = IOMMUFD_MODEL_COMPLETE;
		snprintf(whole->summary, size, "complete");
	} else {
		whole->verdict = IOMMUFD_MODEL_COMPLETE_BOUNDED;
		snprintf(whole->summary, size, "complete up to %lld preemption%s",
			 (long long)first->bound, first->bound == 1 ? "" : "s");
	}
	for (part = whole->first; part < whole->end; part++)
		if (part->timeouts_bounded)
			break;
	if (part == whole->end)
		return;
	len = strlen(whole->summary);
	snprintf(whole->summary + len, size - len,
		 ", with %lld early timeout%s", (long long)first->timeouts,
		 first->timeouts == 1 ? "" : "s");
}

/* Printing */

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

/* Both failed, and in the same way: shards begin with the same schedules. */
static bool same_failure(const struct part *a, const struct part *b)
{
	return is(a->verdict, IOMMUFD_MODEL_FAILED) &&
	       is(b->verdict, IOMMUFD_MODEL_FAILED) &&
	       !strcmp(or_unknown(a->failure), or_unknown(b->failure)) &&
	       !strcmp(or_unknown(a->text), or_unknown(b->text)) &&
	       !strcmp(or_unknown(a->schedule), or_unknown(b->schedule));
}

static void print_failure(const struct whole *whole, const struct part *part)
{
	const struct part *other;
	int others = 0;

	for (other = whole->first; other < part; other++)
		if (same_failure(other, part))
			return;
	for (other = part + 1; other < whole->end; other++)
		others += same_failure(other, part);
	printf("  shard %lld", (long long)part->index);
	if (others)
		printf(" and %d more", others);
	printf(": %s: %s\n    schedule %s\n", or_unknown(part->failure),
	       or_unknown(part->text), or_unknown(part->schedule));
}

static void print_whole(const struct whole *whole)
{
	json_int_t executions = whole->executions + whole->failed;
	const struct part *part;

	printf("%s: %s: %lld execution%s", whole->first->name, whole->summary,
	       (long long)executions, executions == 1 ? "" : "s");
	if (whole->failed)
		printf(", %lld failed", (long long)whole->failed);
	printf(", %lld redundant, depth %lld, %lld shard%s, %.3f s\n",
	       (long long)whole->redundant, (long long)whole->depth,
	       (long long)whole->first->count,
	       whole->first->count == 1 ? "" : "s", whole->seconds);
	for (part = whole->first; part < whole->end; part++)
		if (is(part->verdict, IOMMUFD_MODEL_FAILED))
			print_failure(whole, part);
}

static json_t *json_failures_of(const struct whole *whole)
{
	json_t *list = json_array();
	const struct part *part;

	for (part = whole->first; part < whole->end; part++)
		if (is(part->verdict, IOMMUFD_MODEL_FAILED))
			json_array_append_new(list, json_pack(
				"{s:I, s:o, s:o, s:o}", "shard", part->index,
				"failure", json_text(part->failure),
				"text", json_text(part->text),
				"schedule", json_text(part->schedule)));
	return list;
}

static bool print_whole_json(const struct whole *whole)
{
	const struct part *first = whole->first;

	return json_line(json_pack(
		"{s:s, s:s, s:s, s:O, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:f, "
		"s:I, s:I, s:O, s:o}",
		"tool", "iommufd-model merge",
		"version", iommufd_model_version(),
		"name", first->name,
		"checksum", json_object_get(first->whole, "checksum"),
		"verdict", verdict_names[whole->verdict],
		"summary", whole->summary,
		"executions", whole->executions,
		"redundant", whole->redundant,
		"failed", whole->failed,
		"steps", whole->steps,
		"depth", whole->depth,
		"seconds", whole->seconds,
		"shards", first->count,
		"seed", first->seed,
		"options", json_object_get(first->whole, "options"),
		"failures", json_failures_of(whole)), stdout);
}

/* A failure is one even if there are parts that nobody has seen. */
static int merge_whole(const char *who, struct whole *whole, bool json)
{
	bool good = check_same(who, whole) && check_once(who, whole);
	bool all = good && check_all(who, whole);

	if (!good)
		return EXIT_UNUSABLE;
	sum_up(whole);
	judge(whole);
	if (!all && whole->verdict != IOMMUFD_MODEL_FAILED)
		return EXIT_UNUSABLE;
	if (!json) {
		print_whole(whole);
	} else if (!print_whole_json(whole)) {
		fprintf(stderr, "%s: out of memory\n", who);
		return EXIT_UNUSABLE;
	}
	return whole->verdict == IOMMUFD_MODEL_FAILED ? EXIT_FOUND : EXIT_FINE;
}

static int merge(const char *who, const struct parts *parts, bool json)
{
	const struct part *part = parts->at, *end = parts->at + parts->nr;
	int code, worst = EXIT_FINE;

	qsort(parts->at, parts->nr, sizeof(*parts->at), compare);
	while (part < end) {
		struct whole whole = { .first = part };

		while (part < end && !strcmp(part->name, whole.first->name))
			part++;
		whole.end = part;
		code = merge_whole(who, &whole, json);
		if (code > worst)
			worst = code;
	}
	return worst;
}

int merge_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	struct parts parts = { NULL, 0, 0 };
	bool json = false, good = true;
	int c, code = EXIT_UNUSABLE;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'h':
			print_help();
			return EXIT_FINE;
		default:
			return bad_usage(argv[0]);
		}
	}
	if (optind == argc) {
		fprintf(stderr, "%s: no REPORT given\n", argv[0]);
		return bad_usage(argv[0]);
	}
	for (; optind < argc; optind++)
		good = read_report(argv[0], argv[optind], &parts) && good;
	if (good)
		code = merge(argv[0], &parts, json);
	free_parts(&parts);
	return code;
}
