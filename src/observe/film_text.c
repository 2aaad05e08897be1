// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A film as text, a column per thread, and as a trace for Perfetto.
 *
 * A trace has no time of a clock: a step is a microsecond.  What a script or an
 * ioctl does is a slice on its thread, a lock that is held an asynchronous
 * slice, a counter a track of its own.
 */
#include "film.h"
#include "json.h"
#include "output.h"
#include "write.h"
#include <errno.h>
#include <string.h>

#define MARGIN 7
#define COLUMN 44

/* Text */

static void put_row(int column, const char *number, const char *what, FILE *to)
{
	fprintf(to, "%*s%*s%s\n", MARGIN - 1, number,
		column * COLUMN + 1, "", what);
}

static void put_marks(const struct film *film, size_t step, FILE *to)
{
	const struct film_mark *mark;
	char text[200];
	size_t i;

	for (i = 0; i < film->nr_marks; i++) {
		mark = &film->marks[i];
		if (mark->to == step && film->text[mark->result]) {
			snprintf(text, sizeof(text), "=> %s",
				 film->text + mark->result);
			if (mark->from != step)
				put_row((int)mark->thread, "", text, to);
		}
		if (mark->from != step)
			continue;
		fputc('\n', to);
		snprintf(text, sizeof(text), mark->line ? "[%u] %s" : "%.0u%s",
			 mark->line, film->text + mark->text);
		put_row((int)mark->thread, "", text, to);
		if (mark->to == step && film->text[mark->result]) {
			snprintf(text, sizeof(text), "=> %s",
				 film->text + mark->result);
			put_row((int)mark->thread, "", text, to);
		}
	}
}

static void put_step(const struct film *film, size_t i, FILE *to)
{
	const struct film_step *step = &film->steps[i];
	char number[24], text[300];

	if (step->preempts)
		put_row((int)step->preempted, "", "-- preempted --", to);
	snprintf(number, sizeof(number), "%zu", i + 1);
	snprintf(text, sizeof(text), "%*s%s%s%s", 2 * step->depth, "",
		 film->text + step->text, step->more ? "  " : "",
		 film->text + step->more);
	put_row((int)step->thread, number, text, to);
}

int observe_film_write_text(struct film *film, FILE *to)
{
	char name[IOMMUFD_MODEL_NAME_LEN];
	unsigned int t;
	size_t i;

	fputs(OUTPUT_MARK_TEXT, to);
	if (film->about->title)
		fprintf(to, "%s\n\n", film->about->title);
	fprintf(to, "%*s ", MARGIN - 1, "step");
	for (t = 0; t < film->nr_threads; t++) {
		observe_recording_thread_name(
			t, name, (void *)(uintptr_t)film->recording);
		fprintf(to, t + 1 < film->nr_threads ? "%-*s" : "%.*s", COLUMN,
			name);
	}
	fputs("\n\n", to);
	for (i = 0; i < film->nr_steps; i++) {
		put_marks(film, i, to);
		put_step(film, i, to);
	}
	put_marks(film, i, to);
	return ferror(to) ? -EIO : 0;
}

/* Trace */

struct trace {
	FILE *to;
	bool some;
};

/* The beginning of an event: its comma, name and phase. */
static void begin(struct trace *trace, const char *name, const char *phase,
		  unsigned int thread, size_t time)
{
	fputs(trace->some ? ",\n{\"name\":" : "\n{\"name\":", trace->to);
	trace->some = true;
	observe_json_quote(name, trace->to);
	fprintf(trace->to, ",\"ph\":\"%s\",\"pid\":1,\"tid\":%u,\"ts\":%zu",
		phase, thread, time);
}

static void trace_threads(const struct film *film, struct trace *trace)
{
	char name[IOMMUFD_MODEL_NAME_LEN];
	unsigned int t;

	begin(trace, "process_name", "M", 0, 0);
	fputs(",\"args\":{\"name\":", trace->to);
	observe_json_quote(film->about->title ? film->about->title :
						"iommufd-model",
			   trace->to);
	fputs("}}", trace->to);
	for (t = 0; t < film->nr_threads; t++) {
		observe_recording_thread_name(
			t, name, (void *)(uintptr_t)film->recording);
		begin(trace, "thread_name", "M", t, 0);
		fputs(",\"args\":{\"name\":", trace->to);
		observe_json_quote(name, trace->to);
		fputs("}}", trace->to);
	}
}

static void trace_marks(const struct film *film, struct trace *trace)
{
	const struct film_mark *mark;
	size_t i;

	for (i = 0; i < film->nr_marks; i++) {
		mark = &film->marks[i];
		begin(trace, film->text + mark->text, "X", mark->thread,
		      mark->from);
		fprintf(trace->to, ",\"dur\":%u,\"cat\":\"step\",\"args\":"
			"{\"line\":%u,\"result\":", mark->to - mark->from,
			mark->line);
		observe_json_quote(film->text + mark->result, trace->to);
		fputs("}}", trace->to);
	}
}

/* A track is known by its name: with the context, if that is not the first. */
static void trace_value(const struct film *film, unsigned int place,
			enum iommufd_model_counter counter, long value,
			size_t time, struct trace *trace)
{
	const struct film_place *at = &film->places[place];
	const char *ctx = at->ctx < 0 ? "ctx" : film->places[at->ctx].name;
	char name[2 * IOMMUFD_MODEL_NAME_LEN + 16];

	if (!strcmp(ctx, "ctx") || at->kind == IOMMUFD_MODEL_NODE_CTX)
		ctx = "";
	snprintf(name, sizeof(name), "%s%s%s %s", ctx, *ctx ? " " : "",
		 at->name, observe_graph_counter(counter));
	begin(trace, name, "C", 0, time);
	fprintf(trace->to, ",\"args\":{\"%s\":%ld}}",
		observe_graph_counter(counter), value);
}

/* A track goes on for ever: that of what is gone says 0. */
static void trace_gone(const struct film *film, unsigned int place,
		       size_t time, struct trace *trace)
{
	if (film->places[place].kind == IOMMUFD_MODEL_NODE_CTX) {
		trace_value(film, place, IOMMUFD_MODEL_REFERENCES, 0, time,
			    trace);
	} else if (film->places[place].kind == IOMMUFD_MODEL_NODE_OBJECT) {
		trace_value(film, place, IOMMUFD_MODEL_USERS, 0, time, trace);
		trace_value(film, place, IOMMUFD_MODEL_WAIT_CNT, 0, time,
			    trace);
	}
}

static void trace_lock(const struct film *film,
		       const struct film_change *change, size_t time,
		       struct trace *trace)
{
	/* Another of the same name, in another mode: the slice goes on. */
	if (change->c && change->d)
		return;
	begin(trace, film->locks[change->b].name, change->c ? "b" : "e",
	      change->a, time);
	fprintf(trace->to, ",\"cat\":\"lock\",\"id\":%u}", change->b);
}

static void trace_step(const struct film *film, size_t time,
		       struct trace *trace)
{
	const struct film_step *step = &film->steps[time];
	const struct film_change *change;
	size_t i;

	begin(trace, film->text + step->text, "X", step->thread, time);
	fputs(",\"dur\":1,\"cat\":\"operation\",\"args\":{\"more\":",
	      trace->to);
	observe_json_quote(film->text + step->more, trace->to);
	fputs(",\"at\":", trace->to);
	observe_json_quote(step->site ? step->site->func : "", trace->to);
	fputs("}}", trace->to);
	for (i = 0; i < step->nr_changes; i++) {
		change = &film->changes[step->first_change + i];
		if (change->kind == CHANGE_VALUE)
			trace_value(film, change->a, change->b, change->c,
				    time, trace);
		else if (change->kind == CHANGE_PLACE &&
			 change->c == PLACE_GONE)
			trace_gone(film, change->a, time, trace);
		else if (change->kind == CHANGE_LOCK)
			trace_lock(film, change, time, trace);
	}
}

int observe_film_write_trace(struct film *film, FILE *to)
{
	struct trace trace = { .to = to };
	size_t i;

	fputs(OUTPUT_MARK_JSON, to);
	fputs("\"displayTimeUnit\":\"ns\",\"traceEvents\":[", to);
	trace_threads(film, &trace);
	trace_marks(film, &trace);
	for (i = 0; i < film->nr_steps; i++)
		trace_step(film, i, &trace);
	fputs("\n]}\n", to);
	return ferror(to) ? -EIO : 0;
}
