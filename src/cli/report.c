// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The result of an exploration as a line of text and as a JSON object.
 *
 * From the object `iommufd-model merge` can tell whether several objects are
 * parts of one whole: it has the options that decide what is explored, and a
 * checksum of the scenario.
 */
#include "report.h"
#include <iommufd_model/model.h>
#include <stdlib.h>
#include <string.h>

const char *const verdict_names[] = {
	[IOMMUFD_MODEL_VERDICT_NOT_EXPLORED] = "not-explored",
	[IOMMUFD_MODEL_VERDICT_COMPLETE] = "complete",
	[IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED] = "complete-bounded",
	[IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD] = "complete-shard",
	[IOMMUFD_MODEL_VERDICT_STOPPED] = "stopped",
	[IOMMUFD_MODEL_VERDICT_NOT_FOUND] = "not-found",
	[IOMMUFD_MODEL_VERDICT_REPLAYED] = "replayed",
	[IOMMUFD_MODEL_VERDICT_FAILED] = "failed",
	NULL,
};

const char *const mode_names[] = {
	[IOMMUFD_MODEL_MODE_EXHAUSTIVE] = "exhaustive",
	[IOMMUFD_MODEL_MODE_BOUNDED] = "bounded",
	[IOMMUFD_MODEL_MODE_RANDOM] = "random",
	[IOMMUFD_MODEL_MODE_REPLAY] = "replay",
	NULL,
};

void report_line(const struct exploration *e, FILE *to)
{
	const struct iommufd_model_explore_result *result = e->result;
	char verdict[160];

	fprintf(to, "%s: %s: %lu execution%s", e->name,
		iommufd_model_verdict_text(result, verdict, sizeof(verdict)),
		result->executions + result->nr_failed,
		result->executions + result->nr_failed == 1 ? "" : "s");
	if (result->nr_failed)
		fprintf(to, ", %lu failed", result->nr_failed);
	fprintf(to, ", %lu redundant, depth %u, %.3f s\n", result->redundant,
		result->depth, result->seconds);
}

/* JSON must be UTF-8, but a file name need not be. */
json_t *json_text(const char *text)
{
	json_t *string;
	char *copy, *c;

	if (!text)
		return json_null();
	string = json_string(text);
	if (string)
		return string;
	copy = strdup(text);
	for (c = copy; c && *c; c++)
		if (*c & 0x80)
			*c = '?';
	string = copy ? json_string(copy) : NULL;
	free(copy);
	return string;
}

bool json_line(json_t *object, FILE *to)
{
	int error;

	if (!object)
		return false;
	error = json_dumpf(object, to, JSON_PRESERVE_ORDER | JSON_COMPACT |
			   JSON_REAL_PRECISION(9));
	json_decref(object);
	putc('\n', to);
	/*
	 * The caller only reports that memory is short; main() reports an error
	 * of the stream.
	 */
	return !error || ferror(to);
}

/* Return the names of the failures whose bits are set in @mask. */
static json_t *json_failures(unsigned int mask)
{
	json_t *list = json_array();
	int i;

	for (i = 1; i < IOMMUFD_MODEL_NR_FAILURES; i++)
		if (mask & 1u << i)
			json_array_append_new(list, json_text(
				iommufd_model_failure_name(
					(enum iommufd_model_failure)i)));
	return list;
}

static json_t *json_options(const struct exploration *e)
{
	const struct iommufd_model_explore_options *o = &e->result->options;

	return json_pack("{s:s, s:b, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:I, "
			 "s:f, s:I, s:o, s:b, s:o}",
			 "mode", mode_names[o->mode], "plain", o->plain,
			 "preemptions", o->preemptions,
			 "timeouts", o->timeouts,
			 "spurious", o->spurious,
			 "alloc_failures", o->alloc_failures,
			 "short_copies", o->short_copies,
			 "depth", (json_int_t)o->depth,
			 "executions", (json_int_t)o->executions,
			 "steps", (json_int_t)o->steps,
			 "seed", (json_int_t)o->seed,
			 "seconds", o->seconds,
			 "fail_nth", (json_int_t)o->fail_nth,
			 "ignore", json_failures(o->ignore),
			 "keep_going", o->keep_going,
			 "symmetric", json_text(e->symmetric));
}

bool report_json(const struct exploration *e, FILE *to)
{
	const struct iommufd_model_explore_result *r = e->result;
	const char *failure = NULL;
	char summary[160], checksum[32];

	if (r->failure)
		failure = iommufd_model_failure_name(r->failure);
	iommufd_model_verdict_text(r, summary, sizeof(summary));
	snprintf(checksum, sizeof(checksum), "fnv1a64:%016llx", e->checksum);
	return json_line(json_pack(
		"{s:s, s:s, s:o, s:s, s:s, s:s, s:i, s:i, "
		"s:I, s:I, s:I, s:I, s:I, s:f, "
		"s:f, s:i, s:b, s:b, s:b, s:b, s:o, s:o, s:I, s:o, s:o, s:o, "
		"s:o, s:{s:I, s:I}, s:I, s:o}",
		"tool", "iommufd-model explore",
		"version", iommufd_model_version(),
		"name", json_text(e->name),
		"checksum", checksum,
		"verdict", verdict_names[r->verdict],
		"summary", summary,
		"watched", (int)r->watched, "unwatched", (int)r->unwatched,
		"executions", (json_int_t)r->executions,
		"redundant", (json_int_t)r->redundant,
		"failed", (json_int_t)r->nr_failed,
		"steps", (json_int_t)r->steps,
		"depth", (json_int_t)r->depth,
		"seconds", r->seconds,
		"done", r->done,
		"preemptions", r->preemptions,
		"timeouts_bounded", r->timeouts_bounded,
		"spurious_bounded", r->spurious_bounded,
		"allocs_bounded", r->allocs_bounded,
		"copies_bounded", r->copies_bounded,
		"limit", json_text(*r->limit ? r->limit : NULL),
		"failure", json_text(failure),
		"found_after", (json_int_t)r->found_after,
		"text", json_text(r->text),
		"schedule", json_text(r->schedule),
		"seen", json_failures(r->seen),
		"report", json_text(r->report),
		"shard",
		"index", (json_int_t)(e->result->options.shards ?
				      e->result->options.shard : 1),
		"count", (json_int_t)(e->result->options.shards ?
				      e->result->options.shards : 1),
		"seed", (json_int_t)e->result->options.seed,
		"options", json_options(e)), to);
}
