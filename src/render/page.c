// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A timeline as JSON, and as a page that plays it.  The page is page/page.html
 * with the JSON inserted; that file describes the members of the JSON.
 */
#include "timeline.h"
#include "../observe/graph_wording.h"
#include "../observe/ledger.h"
#include "../record/output.h"
#include "../record/describe.h"
#include <iommufd_model/explore.h>
#include <stdlib.h>
#include <string.h>

extern const char render_page_template[];

/* The texts of call sites; each text is stored once. */
struct sites {
	const struct iommufd_model_site **at;
	size_t nr;
};

static int site_number(struct sites *sites,
		       const struct iommufd_model_site *site)
{
	size_t i;

	if (!site)
		return -1;
	for (i = sites->nr; i; i--)
		if (sites->at[i - 1] == site)
			return (int)(i - 1);
	*(const struct iommufd_model_site **)render_grow(
		(void **)&sites->at, &sites->nr, sizeof(*sites->at)) = site;
	return (int)(sites->nr - 1);
}

static json_t *json_sites(const struct sites *sites)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < sites->nr; i++) {
		struct text text = { 0 };

		describe_site(&text, sites->at[i]);
		json_array_append_new(array, render_string(text.s));
	}
	return array;
}

static json_t *json_threads(const struct timeline *t)
{
	json_t *array = json_array();
	char name[RECORD_NAME];
	unsigned int i;

	for (i = 0; i < t->nr_threads; i++)
		json_array_append_new(array, render_string(
			record_thread_name(t->record, i, name)));
	return array;
}

/* Return a length in pixels, rounded to one decimal. */
static json_t *json_px(double px)
{
	return json_real((double)(long)(px * 10 + (px < 0 ? -0.5 : 0.5)) / 10);
}

static json_t *json_nodes(const struct timeline *t)
{
	const struct timeline_node *node;
	json_t *array = json_array();

	for (node = t->nodes; node < t->nodes + t->nr_nodes; node++)
		json_array_append_new(array, json_pack(
			"{s:o, s:s, s:o, s:o, s:o, s:o}",
			"n", render_string(node->name),
			"k", observe_graph_kind(node->kind),
			"x", json_px(node->box.x), "y", json_px(node->box.y),
			"w", json_px(node->box.w), "h", json_px(node->box.h)));
	return array;
}

static json_t *json_path(const struct layout_path *path)
{
	json_t *array = json_array();
	unsigned int i;

	for (i = 0; i < path->nr; i++)
		json_array_append_new(array, json_pack("[o, o]",
			json_px(path->points[i][0]),
			json_px(path->points[i][1])));
	return array;
}

static json_t *json_edges(const struct timeline *t)
{
	const struct timeline_edge *edge;
	json_t *array = json_array();

	for (edge = t->edges; edge < t->edges + t->nr_edges; edge++)
		json_array_append_new(array, json_pack(
			"{s:i, s:i, s:s, s:o, s:[o, o]}",
			"f", (int)edge->from, "t", (int)edge->to,
			"c", observe_counter_name(edge->counter),
			"p", json_path(&edge->path),
			"l", json_px(edge->label[0]), json_px(edge->label[1])));
	return array;
}

static json_t *json_locks(const struct timeline *t)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < t->nr_locks; i++)
		json_array_append_new(array, render_string(t->locks[i].name));
	return array;
}

static json_t *json_marks(const struct timeline *t)
{
	const struct timeline_mark *mark;
	json_t *array = json_array();

	for (mark = t->marks; mark < t->marks + t->nr_marks; mark++)
		json_array_append_new(array, json_pack(
			"{s:i, s:i, s:i, s:I, s:o*, s:o, s:o}",
			"s", (int)mark->from, "e", (int)mark->to,
			"t", (int)mark->thread, "l", (json_int_t)mark->line,
			"f", mark->file ? render_string(mark->file) : NULL,
			"x", render_string(mark->text),
			"r", render_string(mark->result)));
	return array;
}

static json_t *json_passes(const struct timeline *t)
{
	const struct timeline_pass *pass;
	json_t *array = json_array();

	for (pass = t->passes; pass < t->passes + t->nr_passes; pass++)
		json_array_append_new(array, json_pack(
			"{s:o, s:I, s:i, s:i, s:O, s:O, s:O}",
			"ctx", render_string(pass->ctx),
			"n", (json_int_t)pass->number, "s", (int)pass->from,
			"e", (int)pass->to, "gone", pass->gone,
			"when", pass->when, "left", pass->left));
	return array;
}

static json_t *json_change(const struct timeline_change *change)
{
	json_int_t c = change->c, d = change->d;

	switch (change->kind) {
	case CHANGE_NODE:
		return json_pack("[s, i, I]", "n", (int)change->a, c);
	case CHANGE_VALUE:
		return json_pack("[s, i, i, I, I]", "v", (int)change->a,
				 (int)change->b, c, d);
	case CHANGE_EDGE:
		return json_pack("[s, i, I]", "e", (int)change->a, c);
	default:
		return json_pack("[s, i, i, I]", "l", (int)change->a,
				 (int)change->b, c);
	}
}

static json_t *json_step(const struct timeline *t,
			 const struct timeline_step *step, struct sites *sites)
{
	static const char *const kinds[] = {
		"count", "lock", "wait", "memory", "user", "note", "other",
	};
	json_t *changes = json_array();
	json_t *object = json_pack("{s:i, s:s, s:i, s:i, s:i, s:o}",
		"t", (int)step->thread, "k", kinds[step->kind],
		"w", site_number(sites, step->site), "d", step->depth,
		"p", (int)step->preempts, "x", render_string(step->text));
	size_t i;

	for (i = 0; i < step->nr_changes; i++)
		json_array_append_new(changes, json_change(
			&t->changes[step->first_change + i]));
	if (step->busy >= 0)
		json_object_set_new(object, "b", json_integer(step->busy));
	if (*step->more)
		json_object_set_new(object, "h", render_string(step->more));
	json_object_set_new(object, "c", changes);
	return object;
}

static json_t *json_steps(const struct timeline *t, struct sites *sites)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < t->nr_steps; i++)
		json_array_append_new(array,
				      json_step(t, &t->steps[i], sites));
	return array;
}

/* Add a pair such as ["freed", "drop x.c:3, by getter, step 7"]. */
static void add_place(json_t *places, const char *what,
		      const struct iommufd_model_record *record,
		      const struct iommufd_model_site *site, int thread,
		      unsigned int step)
{
	struct text text = { 0 };

	if (!site)
		return;
	describe_site(&text, site);
	if (thread > 0)
		describe_add(&text, ", by %s", describe_thread(record, thread));
	if (step)
		describe_add(&text, ", step %u of the schedule", step);
	json_array_append_new(places, json_pack("[s, o]", what,
						render_string(text.s)));
}

/* List where in the source the failure is, as the head of the report does. */
static json_t *json_places(const struct iommufd_model_record *record)
{
	json_t *places = json_array();

	add_place(places, record->other ? "second" :
			  record->freed ? "used" : "at", record, record->at,
		  record->thread, 0);
	add_place(places, "first", record, record->other, record->other_by, 0);
	add_place(places, "freed", record, record->freed, record->freed_by,
		  record->freed_step);
	add_place(places, "allocated", record, record->allocated, 0, 0);
	if (*record->ordered_if)
		json_array_append_new(places, json_pack("[s, o]", "ordered if",
			render_string(record->ordered_if)));
	return places;
}

static json_t *json_failure(const struct timeline *t, struct sites *sites)
{
	const struct iommufd_model_record *record = t->record;
	/* A file can name a thread of which it has nothing else. */
	int thread = record->thread > 0 &&
				     (unsigned int)record->thread <
					     t->nr_threads ?
			     record->thread :
			     -1;
	const struct timeline_end *end = thread > 0 ? &t->ends[thread] : NULL;
	json_t *states;
	unsigned int i;

	if (record->kind != RECORD_FAILURE)
		return json_null();
	states = json_array();
	for (i = 0; i < t->nr_threads; i++)
		json_array_append_new(states, render_string(t->ends[i].state));
	return json_pack("{s:s, s:o, s:i, s:o, s:i, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:o}",
		"kind", iommufd_model_failure_name(
			(enum iommufd_model_failure)record->failure),
		"text", render_string(record->text), "thread", thread,
		"next", render_string(end ? end->next : ""),
		"nextsite", end ? site_number(sites, end->site) : -1,
		"places", json_places(record),
		"pins", render_string(record->pins),
		"about", render_string(record->about),
		"states", states, "report", render_string(record->report),
		"schedule", render_string(record->schedule),
		"command", render_string(record->command));
}

void render_page_json(const struct timeline *t, FILE *to)
{
	static const char *const kinds[] = { "run", "replay", "failure" };
	const struct iommufd_model_record *record = t->record;
	struct sites sites = { .nr = 0 };
	json_t *root = json_pack("{s:s, s:o, s:s, s:I, s:o, s:o, s:o}",
		"generator", "iommufd-model", "title", render_string(record->title),
		"kind", kinds[record->kind],
		"skipped", (json_int_t)(record->nr - record_length(record)),
		"threads", json_threads(t),
		"width", json_px(t->width), "height", json_px(t->height));

	json_object_set_new(root, "nodes", json_nodes(t));
	json_object_set_new(root, "edges", json_edges(t));
	json_object_set_new(root, "locks", json_locks(t));
	json_object_set_new(root, "marks", json_marks(t));
	json_object_set_new(root, "passes", json_passes(t));
	json_object_set_new(root, "steps", json_steps(t, &sites));
	json_object_set_new(root, "failure", json_failure(t, &sites));
	json_object_set_new(root, "sites", json_sites(&sites));
	free(sites.at);
	render_json(root, to);
}

void render_page(const struct timeline *t, FILE *to)
{
	const char *gap = strstr(render_page_template, "@TIMELINE@");

	fputs(OUTPUT_MARK_HTML, to);
	fwrite(render_page_template, 1,
	       (size_t)(gap - render_page_template), to);
	render_page_json(t, to);
	fputs(gap + strlen("@TIMELINE@"), to);
}
