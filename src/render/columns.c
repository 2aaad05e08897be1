// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A timeline as text, with a column for each thread. */
#include "timeline.h"
#include "../record/output.h"
#include "../record/describe.h"

#define MARGIN 7
#define COLUMN 44

static void put_row(unsigned int column, const char *number, const char *what,
		    FILE *to)
{
	fprintf(to, "%*s%*s%s\n", MARGIN - 1, number,
		(int)column * COLUMN + 1, "", what);
}

static void put_result(const struct timeline_mark *mark, FILE *to)
{
	struct text text = { 0 };

	describe_add(&text, "=> %s", mark->result);
	put_row(mark->thread, "", text.s, to);
}

/* Print the marks that end before @step, and those that begin there. */
static void put_marks(const struct timeline *t, size_t step, FILE *to)
{
	const struct timeline_mark *mark;

	for (mark = t->marks; mark < t->marks + t->nr_marks; mark++) {
		struct text text = { 0 };

		if (mark->to == step && mark->from != step && mark->result)
			put_result(mark, to);
		if (mark->from != step)
			continue;
		if (mark->line)
			describe_add(&text, "[%ld] ", mark->line);
		describe_add(&text, "%s", mark->text);
		fputc('\n', to);
		put_row(mark->thread, "", text.s, to);
		if (mark->to == step && mark->result)
			put_result(mark, to);
	}
}

static void put_step(const struct timeline *t, size_t i, FILE *to)
{
	const struct timeline_step *step = &t->steps[i];
	struct text text = { 0 };
	char number[24];

	if (step->preempts)
		put_row(step->preempted, "", "-- preempted --", to);
	snprintf(number, sizeof(number), "%zu", i + 1);
	describe_add(&text, "%*s%s%s%s", 2 * step->depth, "", step->text,
		 *step->more ? "  " : "", step->more);
	put_row(step->thread, number, text.s, to);
}

void render_columns(const struct timeline *t, FILE *to)
{
	char name[RECORD_NAME];
	unsigned int i;
	size_t n;

	fputs(OUTPUT_MARK_TEXT, to);
	if (t->record->title[0])
		fprintf(to, "%s\n\n", t->record->title);
	fprintf(to, "%*s ", MARGIN - 1, "step");
	for (i = 0; i < t->nr_threads; i++)
		fprintf(to, i + 1 < t->nr_threads ? "%-*s" : "%.*s", COLUMN,
			record_thread_name(t->record, i, name));
	fputs("\n\n", to);
	for (n = 0; n < t->nr_steps; n++) {
		put_marks(t, n, to);
		put_step(t, n, to);
	}
	put_marks(t, n, to);
}
