// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A film as JSON, and as the page that plays it: page/page.html with the JSON in it.
 *
 * The names are short since a film has thousands of steps:
 *
 *	title, kind ("run", "replay", "failure"), intro, skipped, width, height
 *	threads		names
 *	nodes		n name, k kind, x y the centre, w h
 *	edges		f holds units of counter c of t; p control points
 *	locks, sites	texts
 *	marks		steps s <= i < e of thread t; l line, x text, r result
 *	passes		n of ctx; gone, left
 *	steps		t thread, k kind, x text, h more, w site or -1, d depth,
 *			p preempts, c changes:
 *		["n", node, state]	0 gone, 1 reserved, 2 published, 3 dying
 *		["v", node, counter, value, units of the table]
 *		["e", edge, count]
 *		["l", thread, lock, mode]	0 released, 1 held, 2 to read
 *	failure		kind, text, thread, next, nextsite, states, report,
 *			schedule, command
 */
#include "film.h"
#include "json.h"
#include "output.h"
#include "write.h"
#include <iommufd_model/explore.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern const char observe_film_page[];

/* The texts of sites, each once. */
struct sites {
	const struct iommufd_model_site **at;
	size_t nr, room;
};

static int site_number(struct film *film, struct sites *sites,
		       const struct iommufd_model_site *site)
{
	size_t i;

	if (!site)
		return -1;
	for (i = sites->nr; i; i--)
		if (sites->at[i - 1] == site)
			return (int)(i - 1);
	if (!observe_film_grow(film, (void **)&sites->at, &sites->nr,
			       &sites->room, sizeof(*sites->at)))
		return -1;
	sites->at[sites->nr - 1] = site;
	return (int)(sites->nr - 1);
}

static void put_sites(const struct sites *sites, FILE *to)
{
	char text[160];
	size_t i;

	fputs(",\n\"sites\":[", to);
	for (i = 0; i < sites->nr; i++) {
		snprintf(text, sizeof(text), "%s %s:%d", sites->at[i]->func,
			 observe_graph_file(sites->at[i]), sites->at[i]->line);
		fputs(i ? ",\n" : "\n", to);
		observe_json_quote(text, to);
	}
	fputc(']', to);
}

static void put_text(const char *key, const char *text, FILE *to)
{
	fprintf(to, "\"%s\":", key);
	observe_json_quote(text ? text : "", to);
}

static void put_threads(const struct film *film, FILE *to)
{
	char name[IOMMUFD_MODEL_NAME_LEN];
	unsigned int i;

	fputs(",\n\"threads\":[", to);
	for (i = 0; i < film->nr_threads; i++) {
		observe_recording_thread_name(
			i, name, (void *)(uintptr_t)film->recording);
		fputs(i ? "," : "", to);
		observe_json_quote(name, to);
	}
	fputc(']', to);
}

static void put_places(const struct film *film, FILE *to)
{
	const struct film_place *place;
	size_t i;

	fprintf(to, ",\n\"width\":%.0f,\"height\":%.0f,\n\"nodes\":[",
		film->width, film->height);
	for (i = 0; i < film->nr_places; i++) {
		place = &film->places[i];
		fputs(i ? ",\n{" : "\n{", to);
		put_text("n", place->name, to);
		fprintf(to,
			",\"k\":\"%s\",\"x\":%.1f,\"y\":%.1f,\"w\":%.1f,"
			"\"h\":%.1f}",
			observe_graph_kind(place->kind), place->box.x,
			place->box.y, place->box.w, place->box.h);
	}
	fputc(']', to);
}

static void put_links(const struct film *film, FILE *to)
{
	const struct film_link *link;
	unsigned int p;
	size_t i;

	fputs(",\n\"edges\":[", to);
	for (i = 0; i < film->nr_links; i++) {
		link = &film->links[i];
		fprintf(to, "%s\n{\"f\":%u,\"t\":%u,\"c\":\"%s\",\"p\":[",
			i ? "," : "", link->from, link->to,
			observe_graph_counter(link->counter));
		for (p = 0; p < link->path.nr; p++)
			fprintf(to, "%s[%.1f,%.1f]", p ? "," : "",
				link->path.points[p][0],
				link->path.points[p][1]);
		fputs("]}", to);
	}
	fputs("],\n\"locks\":[", to);
	for (i = 0; i < film->nr_locks; i++) {
		fputs(i ? ",\n" : "\n", to);
		observe_json_quote(film->locks[i].name, to);
	}
	fputc(']', to);
}

static void put_marks(const struct film *film, FILE *to)
{
	const struct film_mark *mark;
	size_t i;

	fputs(",\n\"marks\":[", to);
	for (i = 0; i < film->nr_marks; i++) {
		mark = &film->marks[i];
		fprintf(to, "%s\n{\"s\":%u,\"e\":%u,\"t\":%u,\"l\":%u,",
			i ? "," : "", mark->from, mark->to, mark->thread,
			mark->line);
		put_text("x", film->text + mark->text, to);
		fputc(',', to);
		put_text("r", film->text + mark->result, to);
		fputc('}', to);
	}
	fputc(']', to);
}

/* A line a name. */
static void put_lines(const char *key, const char *lines, FILE *to)
{
	char name[64];
	bool first = true;
	size_t len;

	fprintf(to, ",\"%s\":[", key);
	for (; *lines; lines += len + 1) {
		len = strcspn(lines, "\n");
		snprintf(name, sizeof(name), "%.*s", (int)len, lines);
		fputs(first ? "" : ",", to);
		observe_json_quote(name, to);
		first = false;
	}
	fputc(']', to);
}

static void put_passes(const struct film *film, FILE *to)
{
	const struct film_pass *pass;
	size_t i;

	fputs(",\n\"passes\":[", to);
	for (i = 0; i < film->nr_passes; i++) {
		pass = &film->passes[i];
		fputs(i ? ",\n{" : "\n{", to);
		put_text("ctx", film->text + pass->ctx, to);
		fprintf(to, ",\"n\":%u,\"s\":%u,\"e\":%u", pass->number,
			pass->from, pass->to);
		put_lines("gone", film->text + pass->gone, to);
		put_lines("left", film->text + pass->left, to);
		fputc('}', to);
	}
	fputc(']', to);
}

static void put_change(const struct film_change *change, FILE *to)
{
	switch (change->kind) {
	case CHANGE_PLACE:
		fprintf(to, "[\"n\",%u,%ld]", change->a, change->c);
		break;
	case CHANGE_VALUE:
		fprintf(to, "[\"v\",%u,%u,%ld,%ld]", change->a, change->b,
			change->c, change->d);
		break;
	case CHANGE_LINK:
		fprintf(to, "[\"e\",%u,%ld]", change->a, change->c);
		break;
	case CHANGE_LOCK:
		fprintf(to, "[\"l\",%u,%u,%ld]", change->a, change->b,
			change->c);
		break;
	}
}

static void put_step(struct film *film, const struct film_step *step,
		     struct sites *sites, FILE *to)
{
	static const char *const kinds[] = {
		"count", "lock", "wait", "memory", "user", "note", "other",
	};
	size_t i;

	fprintf(to, "{\"t\":%u,\"k\":\"%s\",\"w\":%d,\"d\":%d,\"p\":%d,",
		step->thread, kinds[step->kind],
		site_number(film, sites, step->site), step->depth,
		step->preempts);
	put_text("x", film->text + step->text, to);
	if (step->more) {
		fputc(',', to);
		put_text("h", film->text + step->more, to);
	}
	fputs(",\"c\":[", to);
	for (i = 0; i < step->nr_changes; i++) {
		fputs(i ? "," : "", to);
		put_change(&film->changes[step->first_change + i], to);
	}
	fputs("]}", to);
}

static void put_failure(struct film *film, struct sites *sites, FILE *to)
{
	const struct iommufd_model_explore_result *result = film->about->result;
	int thread = observe_film_failed_thread(film);
	const struct film_end *end = thread >= 0 ? &film->ends[thread] : NULL;
	unsigned int i;

	fputs("{", to);
	put_text("kind", iommufd_model_failure_name(result->failure), to);
	fputc(',', to);
	put_text("text", result->text, to);
	fprintf(to, ",\"thread\":%d,", thread);
	put_text("next", end ? film->text + end->next : "", to);
	fprintf(to, ",\"nextsite\":%d,\"states\":[",
		end ? site_number(film, sites, end->site) : -1);
	for (i = 0; i < film->nr_threads; i++) {
		fputs(i ? "," : "", to);
		observe_json_quote(film->text + film->ends[i].state, to);
	}
	fputs("],", to);
	put_text("report", result->report, to);
	fputc(',', to);
	put_text("schedule", result->schedule, to);
	fputc(',', to);
	put_text("command", result->command, to);
	fputc('}', to);
}

static const char *kind_of(const struct film *film)
{
	if (!film->about->result)
		return "run";
	return film->about->result->failure ? "failure" : "replay";
}

int observe_film_write_json(struct film *film, FILE *to)
{
	struct sites sites = { .at = NULL };
	size_t i;

	fputs(OUTPUT_MARK_JSON, to);
	put_text("title", film->about->title, to);
	fprintf(to, ",\n\"kind\":\"%s\",\n", kind_of(film));
	put_text("intro", film->about->intro, to);
	fprintf(to, ",\n\"skipped\":%lu",
		observe_recording_first(film->recording));
	put_threads(film, to);
	put_places(film, to);
	put_links(film, to);
	put_marks(film, to);
	put_passes(film, to);
	fputs(",\n\"steps\":[", to);
	for (i = 0; i < film->nr_steps; i++) {
		fputs(i ? ",\n" : "\n", to);
		put_step(film, &film->steps[i], &sites, to);
	}
	fputs("],\n\"failure\":", to);
	if (film->about->result && film->about->result->failure)
		put_failure(film, &sites, to);
	else
		fputs("null", to);
	put_sites(&sites, to);
	fputs("}\n", to);
	free(sites.at);
	if (film->failed)
		return -ENOMEM;
	return ferror(to) ? -EIO : 0;
}

int observe_film_write_html(struct film *film, FILE *to)
{
	const char *gap = strstr(observe_film_page, "@FILM@");
	int rc;

	if (!gap)
		return -EINVAL;
	fputs(OUTPUT_MARK_HTML, to);
	fwrite(observe_film_page, 1, (size_t)(gap - observe_film_page), to);
	rc = observe_film_write_json(film, to);
	fputs(gap + strlen("@FILM@"), to);
	return rc ? rc : ferror(to) ? -EIO : 0;
}
