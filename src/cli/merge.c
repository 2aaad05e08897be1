// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model merge: join the reports of an exploration that was divided.
 *
 * A report is the output of `iommufd-model explore --json --shard K/N`.  The
 * reports of one test are parts of a whole if they have the same scenario and
 * options, and if there is exactly one for each part from 1 to N.  The whole is
 * complete if every part is.
 */
#include <getopt.h>
#include <string.h>
#include <iommufd_model/model.h>
#include "cli.h"
#include "help.h"
#include "merge.h"
#include "options.h"
#include "report.h"

/* The functions below find the verdict of the whole. */

static bool is(const char *name, enum iommufd_model_verdict verdict)
{
	return !strcmp(name, verdict_names[verdict]);
}

/* Add the numbers of the parts up to those of the whole. */
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

/* Return the first part with @verdict, or NULL. */
static const struct part *find_part(const struct whole *whole,
				    enum iommufd_model_verdict verdict)
{
	const struct part *part;

	for (part = whole->first; part < whole->end; part++)
		if (is(part->verdict, verdict))
			return part;
	return NULL;
}

static const char *plural(json_int_t count)
{
	return count == 1 ? "" : "s";
}

/* Adds a text such as ", with 2 early timeouts", if @bounded is true. */
static void add_bound(struct whole *whole, int bounded, json_int_t count,
		      const char *one, const char *more)
{
	size_t len = strlen(whole->summary);

	if (bounded)
		snprintf(whole->summary + len, sizeof(whole->summary) - len,
			 ", with %lld %s", (long long)count,
			 count == 1 ? one : more);
}

/* Sets the verdict if no part has a failure or was stopped. */
static void judge_complete(struct whole *whole)
{
	const struct part *first = whole->first, *part;
	int timeouts = 0, spurious = 0, allocs = 0, copies = 0;
	size_t size = sizeof(whole->summary);

	if (strcmp(first->mode, mode_names[IOMMUFD_MODEL_MODE_BOUNDED]) ||
	    first->bound < 0) {
		whole->verdict = IOMMUFD_MODEL_VERDICT_COMPLETE;
		snprintf(whole->summary, size, "complete");
	} else {
		whole->verdict = IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED;
		snprintf(whole->summary, size,
			 "complete up to %lld preemption%s",
			 (long long)first->bound, plural(first->bound));
	}
	for (part = first; part < whole->end; part++) {
		timeouts |= part->timeouts_bounded;
		spurious |= part->spurious_bounded;
		allocs |= part->allocs_bounded;
		copies |= part->copies_bounded;
	}
	add_bound(whole, timeouts, first->timeouts, "early timeout",
		  "early timeouts");
	add_bound(whole, spurious, first->spurious, "spurious wake-up",
		  "spurious wake-ups");
	add_bound(whole, allocs, first->alloc_failures, "failed allocation",
		  "failed allocations");
	add_bound(whole, copies, first->short_copies, "short copy",
		  "short copies");
}

/* Set the verdict of the whole, which is the worst verdict of a part. */
static void judge(struct whole *whole)
{
	size_t size = sizeof(whole->summary);
	const struct part *part;

	if ((part = find_part(whole, IOMMUFD_MODEL_VERDICT_FAILED))) {
		whole->verdict = IOMMUFD_MODEL_VERDICT_FAILED;
		snprintf(whole->summary, size, "FAILED: %s",
			 part->failure ? part->failure : "?");
	} else if ((part = find_part(whole, IOMMUFD_MODEL_VERDICT_STOPPED))) {
		whole->verdict = IOMMUFD_MODEL_VERDICT_STOPPED;
		snprintf(whole->summary, size, "not complete, shard %lld of "
			 "%lld %s", (long long)part->index,
			 (long long)part->count, part->summary);
	} else if (find_part(whole, IOMMUFD_MODEL_VERDICT_NOT_FOUND)) {
		whole->verdict = IOMMUFD_MODEL_VERDICT_NOT_FOUND;
		snprintf(whole->summary, size, "no failure in %lld executions, "
			 "seed %lld", (long long)whole->executions,
			 (long long)whole->first->seed);
	} else {
		judge_complete(whole);
	}
}

/* The functions below print the whole. */

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

/*
 * Tell whether two parts found the same failure.  This happens because shards
 * begin with the same schedules.
 */
static bool same_failure(const struct part *a, const struct part *b)
{
	return is(a->verdict, IOMMUFD_MODEL_VERDICT_FAILED) &&
	       is(b->verdict, IOMMUFD_MODEL_VERDICT_FAILED) &&
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
	       (long long)executions, plural(executions));
	if (whole->failed)
		printf(", %lld failed", (long long)whole->failed);
	printf(", %lld redundant, depth %lld, %lld shard%s, %.3f s\n",
	       (long long)whole->redundant, (long long)whole->depth,
	       (long long)whole->first->count,
	       plural(whole->first->count), whole->seconds);
	for (part = whole->first; part < whole->end; part++)
		if (is(part->verdict, IOMMUFD_MODEL_VERDICT_FAILED))
			print_failure(whole, part);
}

static json_t *json_failures_of(const struct whole *whole)
{
	json_t *list = json_array();
	const struct part *part;

	for (part = whole->first; part < whole->end; part++)
		if (is(part->verdict, IOMMUFD_MODEL_VERDICT_FAILED))
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
		"checksum", json_object_get(first->common, "checksum"),
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
		"options", json_object_get(first->common, "options"),
		"failures", json_failures_of(whole)), stdout);
}

/*
 * Print the result of one test.  A failure is printed even if other parts are
 * missing.
 */
static int merge_whole(const char *who, struct whole *whole, bool json)
{
	bool all;

	if (!parts_match(who, whole))
		return EXIT_UNUSABLE;
	all = parts_complete(who, whole);
	sum_up(whole);
	judge(whole);
	if (!all && whole->verdict != IOMMUFD_MODEL_VERDICT_FAILED)
		return EXIT_UNUSABLE;
	if (!json) {
		print_whole(whole);
	} else if (!print_whole_json(whole)) {
		fprintf(stderr, "%s: out of memory\n", who);
		return EXIT_UNUSABLE;
	}
	return whole->verdict == IOMMUFD_MODEL_VERDICT_FAILED ? EXIT_FOUND : EXIT_FINE;
}

int parts_merge(const char *who, struct parts *parts, bool json)
{
	const struct part *part, *end = parts->at + parts->nr;
	int code, worst = EXIT_FINE;

	parts_sort(parts);
	for (part = parts->at; part < end;) {
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
			fputs(help_merge, stdout);
			return EXIT_FINE;
		default:
			return usage_error(argv[0]);
		}
	}
	if (optind == argc) {
		fprintf(stderr, "%s: no REPORT given\n", argv[0]);
		return usage_error(argv[0]);
	}
	for (; optind < argc; optind++)
		good = parts_read(argv[0], argv[optind], &parts) && good;
	if (good)
		code = parts_merge(argv[0], &parts, json);
	parts_free(&parts);
	return code;
}
