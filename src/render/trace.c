// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A timeline as a Chrome trace, for Perfetto.
 *
 * A timeline has no clock, so each step is shown as a microsecond.  A line of a
 * script or an ioctl is a slice on its thread, a lock that is held is an
 * asynchronous slice, and each counter has a track of its own.
 */
#include "timeline.h"
#include "../observe/ledger.h"
#include <string.h>

/* Add an event with the further members of @more, and free @more. */
static void add_event(json_t *events, const char *name, const char *phase,
		      unsigned int thread, size_t time, json_t *more)
{
	json_t *event = json_pack("{s:o, s:s, s:i, s:i, s:I}",
		"name", render_string(name), "ph", phase, "pid", 1,
		"tid", (int)thread, "ts", (json_int_t)time);

	json_object_update(event, more);
	json_decref(more);
	json_array_append_new(events, event);
}

static void add_threads(const struct timeline *t, json_t *events)
{
	const char *title = t->record->title;
	char name[RECORD_NAME];
	unsigned int i;

	add_event(events, "process_name", "M", 0, 0, json_pack("{s:{s:o}}",
		"args", "name", render_string(*title ? title :
						       "iommufd-model")));
	for (i = 0; i < t->nr_threads; i++)
		add_event(events, "thread_name", "M", i, 0, json_pack(
			"{s:{s:o}}", "args", "name", render_string(
				record_thread_name(t->record, i, name))));
}

static void add_marks(const struct timeline *t, json_t *events)
{
	const struct timeline_mark *mark;

	for (mark = t->marks; mark < t->marks + t->nr_marks; mark++)
		add_event(events, mark->text, "X", mark->thread, mark->from,
			json_pack("{s:i, s:s, s:{s:I, s:o}}",
				"dur", (int)(mark->to - mark->from),
				"cat", "step", "args",
				"line", (json_int_t)mark->line,
				"result", render_string(mark->result)));
}

/*
 * Perfetto distinguishes tracks by their names, so the name contains the
 * context unless it is the first one.
 */
static void add_value(const struct timeline *t, unsigned int node,
		      unsigned int counter, long value, size_t time,
		      json_t *events)
{
	const struct timeline_node *is = &t->nodes[node];
	const char *ctx = is->ctx < 0 ? "ctx" : t->nodes[is->ctx].name;
	char name[2 * IOMMUFD_MODEL_NAME_LEN + 16];

	if (!strcmp(ctx, "ctx") || is->kind == IOMMUFD_MODEL_NODE_CTX)
		ctx = "";
	snprintf(name, sizeof(name), "%s%s%s %s", ctx, *ctx ? " " : "",
		 is->name, observe_counter_name(counter));
	add_event(events, name, "C", 0, time, json_pack("{s:{s:I}}", "args",
		observe_counter_name(counter), (json_int_t)value));
}

/* Write 0 when an object is freed, because a track has no end. */
static void add_gone(const struct timeline *t, unsigned int node, size_t time,
		     json_t *events)
{
	if (t->nodes[node].kind == IOMMUFD_MODEL_NODE_CTX) {
		add_value(t, node, IOMMUFD_MODEL_REFERENCES, 0, time, events);
	} else if (t->nodes[node].kind == IOMMUFD_MODEL_NODE_OBJECT) {
		add_value(t, node, IOMMUFD_MODEL_USERS, 0, time, events);
		add_value(t, node, IOMMUFD_MODEL_WAIT_CNT, 0, time, events);
	}
}

static void add_change(const struct timeline *t,
		       const struct timeline_change *change, size_t time,
		       json_t *events)
{
	if (change->kind == CHANGE_VALUE)
		add_value(t, change->a, change->b, change->c, time, events);
	else if (change->kind == CHANGE_NODE && change->c == NODE_GONE)
		add_gone(t, change->a, time, events);
	/* If another lock of the same name is still held, the slice goes on. */
	else if (change->kind == CHANGE_LOCK && (!change->c || !change->d))
		add_event(events, t->locks[change->b].name,
			  change->c ? "b" : "e", change->a, time, json_pack(
				"{s:s, s:i}", "cat", "lock", "id",
				(int)change->b));
}

static void add_step(const struct timeline *t, size_t time, json_t *events)
{
	const struct timeline_step *step = &t->steps[time];
	const char *func = step->site ? step->site->func : "";
	size_t i;

	add_event(events, step->text, "X", step->thread, time, json_pack(
		"{s:i, s:s, s:{s:o, s:o}}", "dur", 1, "cat", "operation",
		"args", "more", render_string(step->more),
		"at", render_string(func)));
	for (i = 0; i < step->nr_changes; i++)
		add_change(t, &t->changes[step->first_change + i], time,
			   events);
}

void render_trace(const struct timeline *t, FILE *to)
{
	json_t *events = json_array();
	size_t i;

	add_threads(t, events);
	add_marks(t, events);
	for (i = 0; i < t->nr_steps; i++)
		add_step(t, i, events);
	render_json(json_pack("{s:s, s:s, s:o}", "generator", "iommufd-model",
			      "displayTimeUnit", "ns", "traceEvents", events),
		    to);
}
