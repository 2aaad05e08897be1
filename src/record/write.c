// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Writing a record to a file: a JSON object on each line, see docs/record.md.
 * Members that are 0, false or NULL are left out.
 */
#include "chars.h"
#include "describe.h"
#include "output.h"
#include <iommufd_model/explore.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* struct writer - @sites: call sites already written, in order of number */
struct writer {
	FILE *to;
	const struct iommufd_model_site **sites;
	int nr_sites, room;
	bool failed;
};

static void put_string(const char *s, FILE *to)
{
	unsigned int c;

	putc('"', to);
	while ((c = record_chars_next(&s))) {
		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", (int)c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(to, "\\u%04x", c);
		else
			record_chars_put(c, to);
	}
	putc('"', to);
}

static void add_number(const struct writer *w, const char *key, long value)
{
	if (value)
		fprintf(w->to, ",\"%s\":%ld", key, value);
}

static void add_true(const struct writer *w, const char *key, bool value)
{
	if (value)
		fprintf(w->to, ",\"%s\":true", key);
}

static void add_string(const struct writer *w, const char *key, const char *s)
{
	if (!s || !*s)
		return;
	fprintf(w->to, ",\"%s\":", key);
	put_string(s, w->to);
}

static void add_addr(const struct writer *w, const char *key, const void *addr)
{
	add_number(w, key, (long)(uintptr_t)addr);
}

/* Sites */

/* Return the number of @site, from 1, or 0 if it has no number yet. */
static int site_number(const struct writer *w,
		       const struct iommufd_model_site *site)
{
	int i = w->nr_sites;

	while (i && w->sites[i - 1] != site)
		i--;
	return i;
}

/* Write a line for @site if it is new. */
static void put_site(struct writer *w, const struct iommufd_model_site *site)
{
	const struct iommufd_model_site **more;

	if (!site || site_number(w, site))
		return;
	if (w->nr_sites == w->room) {
		more = realloc(w->sites,
			       (size_t)(2 * w->room + 64) * sizeof(*more));
		if (!more) {
			w->failed = true;
			return;
		}
		w->sites = more;
		w->room = 2 * w->room + 64;
	}
	w->sites[w->nr_sites++] = site;
	fprintf(w->to, "{\"site\":%d", w->nr_sites);
	add_string(w, "func", site->func);
	add_string(w, "file", site->file);
	add_number(w, "line", site->line);
	add_string(w, "what", site->what);
	fputs("}\n", w->to);
}

static void add_site(const struct writer *w, const char *key,
		     const struct iommufd_model_site *site)
{
	add_number(w, key, site ? site_number(w, site) : 0);
}

/* Operations */

static void put_op(const struct writer *w, const struct record_op *op)
{
	static const char *const holders[] = { "", "table", "object", "file",
					       "thread" };

	fputs("{\"op\":", w->to);
	put_string(iommufd_model_op_name((enum iommufd_model_op_kind)op->kind),
		   w->to);
	add_number(w, "thread", op->thread);
	add_number(w, "step", op->step);
	add_site(w, "site", op->site);
	add_addr(w, "addr", op->addr);
	add_number(w, "arg", op->arg);
	add_number(w, "before", op->before);
	add_number(w, "after", op->after);
	add_string(w, "label", op->label);
	add_number(w, "id", op->id);
	add_number(w, "object", op->object);
	add_number(w, "counter", op->counter);
	if (op->holder_kind && op->holder_kind < ARRAY_SIZE(holders))
		add_string(w, "holder", holders[op->holder_kind]);
	add_number(w, "by", op->holder);
	add_string(w, "file", op->file);
	add_addr(w, "file_addr", op->file_addr);
	add_true(w, "done", op->done);
	add_true(w, "preempts", op->preempts);
	add_true(w, "timeout", op->timeout);
	add_true(w, "spurious", op->spurious);
	add_true(w, "queued", op->queued);
	putc('}', w->to);
}

static void put_ops(struct writer *w, const struct iommufd_model_record *record)
{
	unsigned long i, n = record_length(record);

	for (i = 0; i < n && !w->failed; i++) {
		put_site(w, record->ops[i].site);
		put_op(w, &record->ops[i]);
		putc('\n', w->to);
	}
}

/* Threads */

static void put_locks(const struct writer *w, const struct record_thread *t)
{
	int i;

	if (!t->nr_locks)
		return;
	fputs(",\"locks\":[", w->to);
	for (i = 0; i < t->nr_locks && i < RECORD_LOCKS; i++) {
		fprintf(w->to, "%s{\"read\":%s", i ? "," : "",
			t->locks[i].read ? "true" : "false");
		add_site(w, "site", t->locks[i].site);
		add_string(w, "label", t->locks[i].label);
		add_number(w, "id", t->locks[i].id);
		putc('}', w->to);
	}
	putc(']', w->to);
}

static void put_thread(struct writer *w,
		       const struct iommufd_model_record *record, int number)
{
	static const char *const states[] = { "", "ready", "blocked", "ended" };
	const struct record_thread *t = &record->threads[number];
	char name[RECORD_NAME];
	int i;

	put_site(w, t->next.site);
	put_site(w, t->blocker_site);
	for (i = 0; i < t->nr_locks && i < RECORD_LOCKS; i++)
		put_site(w, t->locks[i].site);
	fprintf(w->to, "{\"thread\":%d", number);
	add_string(w, "name",
		   record_thread_name(record, (unsigned int)number, name));
	add_string(w, "state", states[t->state]);
	if (t->next.site) {
		fputs(",\"next\":", w->to);
		put_op(w, &t->next);
	}
	if (t->blocker >= 0)
		fprintf(w->to, ",\"blocker\":%d", t->blocker);
	add_site(w, "blocker_site", t->blocker_site);
	if (t->slept_at >= 0)
		fprintf(w->to, ",\"slept_at\":%d", t->slept_at);
	if (t->last_wake >= 0)
		fprintf(w->to, ",\"last_wake\":%d", t->last_wake);
	put_locks(w, t);
	fputs("}\n", w->to);
}

/* The failure */

static void put_failure(struct writer *w,
			const struct iommufd_model_record *record)
{
	if (!record->failure)
		return;
	put_site(w, record->at);
	put_site(w, record->allocated);
	put_site(w, record->freed);
	put_site(w, record->other);
	fputs("{\"failure\":", w->to);
	put_string(iommufd_model_failure_name(
			   (enum iommufd_model_failure)record->failure), w->to);
	add_number(w, "thread", record->thread);
	add_string(w, "text", record->text);
	add_string(w, "object", record->object);
	add_site(w, "at", record->at);
	add_site(w, "allocated", record->allocated);
	add_site(w, "other", record->other);
	add_site(w, "freed", record->freed);
	add_number(w, "freed_by", record->freed_by);
	add_number(w, "other_by", record->other_by);
	add_number(w, "other_step", record->other_step);
	add_string(w, "ordered_if", record->ordered_if);
	add_number(w, "freed_step", record->freed_step);
	add_string(w, "detail", record->detail);
	add_string(w, "pins", record->pins);
	add_string(w, "schedule", record->schedule);
	add_string(w, "command", record->command);
	add_string(w, "report", record->report);
	add_string(w, "about", record->about);
	fputs("}\n", w->to);
}

int iommufd_model_record_write(const struct iommufd_model_record *record,
			       FILE *to)
{
	static const char *const kinds[] = { "run", "replay", "failure" };
	struct writer w = { .to = to };
	int i;

	fprintf(to, OUTPUT_MARK_RECORD "1,\"kind\":\"%s\"", kinds[record->kind]);
	add_string(&w, "title", record->title);
	add_true(&w, "explored", record->explored);
	add_number(&w, "operations", (long)record->nr);
	add_number(&w, "kept", (long)record_length(record));
	add_number(&w, "steps", record->nr_steps);
	fputs("}\n", to);
	put_ops(&w, record);
	for (i = 0; i < record->nr_threads; i++)
		put_thread(&w, record, i);
	put_failure(&w, record);
	fputs("{\"end\":true}\n", to);
	free(w.sites);
	if (w.failed)
		return -ENOMEM;
	return record_output_flush(to);
}

int iommufd_model_record_save(const struct iommufd_model_record *record,
			      const char *path)
{
	struct output output;
	int rc = record_output_open(&output, path);

	if (rc)
		return rc;
	return record_output_close(&output,
		iommufd_model_record_write(record, output.to));
}
