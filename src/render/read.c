// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reading the file of a record, whose format docs/record.md describes.
 *
 * Each line is a JSON object whose first member gives its kind.  Tables list
 * the members that each kind may have, and where their values are stored.
 * Nothing in the file is trusted: a number that refers to an element is checked
 * against the number of elements, and an unknown member is an error.
 */
#include "read.h"
#include "json.h"
#include <iommufd_model/explore.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum type {
	LONG, UINT, INDEX, THREAD, SHORT, BOOL, ADDR, NAME, CHARS, STRDUP, SITE,
	OP, COUNTER, HOLDER, STATE, FAILURE, RECORD_KIND, NEXT, LOCKS, IGNORED,
};

/* A member of a line; its value is stored at @offset of a struct. */
struct field {
	const char *key;
	enum type type;
	size_t offset, size;
};

#define FIELD(type, struct_, member) \
	type, offsetof(struct struct_, member), \
	sizeof(((struct struct_ *)0)->member)

static const struct field header_fields[] = {
	{ "iommufd-model-record", IGNORED, 0, 0 },
	{ "kind", FIELD(RECORD_KIND, iommufd_model_record, kind) },
	{ "title", FIELD(CHARS, iommufd_model_record, title) },
	{ "explored", FIELD(BOOL, iommufd_model_record, explored) },
	{ "operations", FIELD(LONG, iommufd_model_record, nr) },
	{ "kept", IGNORED, 0, 0 },
	{ "steps", FIELD(INDEX, iommufd_model_record, nr_steps) },
	{ NULL, 0, 0, 0 },
};

static const struct field site_fields[] = {
	{ "site", IGNORED, 0, 0 },
	{ "func", FIELD(NAME, iommufd_model_site, func) },
	{ "file", FIELD(NAME, iommufd_model_site, file) },
	{ "line", FIELD(INDEX, iommufd_model_site, line) },
	{ "what", FIELD(NAME, iommufd_model_site, what) },
	{ NULL, 0, 0, 0 },
};

static const struct field op_fields[] = {
	{ "op", FIELD(OP, record_op, kind) },
	{ "thread", FIELD(SHORT, record_op, thread) },
	{ "step", FIELD(UINT, record_op, step) },
	{ "site", FIELD(SITE, record_op, site) },
	{ "addr", FIELD(ADDR, record_op, addr) },
	{ "arg", FIELD(LONG, record_op, arg) },
	{ "before", FIELD(LONG, record_op, before) },
	{ "after", FIELD(LONG, record_op, after) },
	{ "label", FIELD(NAME, record_op, label) },
	{ "id", FIELD(UINT, record_op, id) },
	{ "object", FIELD(UINT, record_op, object) },
	{ "counter", FIELD(COUNTER, record_op, counter) },
	{ "holder", FIELD(HOLDER, record_op, holder_kind) },
	{ "by", FIELD(UINT, record_op, holder) },
	{ "file", FIELD(NAME, record_op, file) },
	{ "file_addr", FIELD(ADDR, record_op, file_addr) },
	{ "done", FIELD(BOOL, record_op, done) },
	{ "preempts", FIELD(BOOL, record_op, preempts) },
	{ "timeout", FIELD(BOOL, record_op, timeout) },
	{ "spurious", FIELD(BOOL, record_op, spurious) },
	{ "queued", FIELD(BOOL, record_op, queued) },
	{ NULL, 0, 0, 0 },
};

static const struct field lock_fields[] = {
	{ "read", FIELD(BOOL, record_lock, read) },
	{ "site", FIELD(SITE, record_lock, site) },
	{ "label", FIELD(NAME, record_lock, label) },
	{ "id", FIELD(UINT, record_lock, id) },
	{ NULL, 0, 0, 0 },
};

static const struct field thread_fields[] = {
	{ "thread", IGNORED, 0, 0 },
	{ "name", FIELD(CHARS, record_thread, name) },
	{ "state", FIELD(STATE, record_thread, state) },
	{ "next", FIELD(NEXT, record_thread, next) },
	{ "blocker", FIELD(THREAD, record_thread, blocker) },
	{ "blocker_site", FIELD(SITE, record_thread, blocker_site) },
	{ "slept_at", FIELD(INDEX, record_thread, slept_at) },
	{ "last_wake", FIELD(INDEX, record_thread, last_wake) },
	{ "locks", FIELD(LOCKS, record_thread, locks) },
	{ NULL, 0, 0, 0 },
};

static const struct field failure_fields[] = {
	{ "failure", FIELD(FAILURE, iommufd_model_record, failure) },
	{ "thread", FIELD(THREAD, iommufd_model_record, thread) },
	{ "text", FIELD(CHARS, iommufd_model_record, text) },
	{ "object", FIELD(CHARS, iommufd_model_record, object) },
	{ "at", FIELD(SITE, iommufd_model_record, at) },
	{ "allocated", FIELD(SITE, iommufd_model_record, allocated) },
	{ "freed", FIELD(SITE, iommufd_model_record, freed) },
	{ "other", FIELD(SITE, iommufd_model_record, other) },
	{ "freed_by", FIELD(THREAD, iommufd_model_record, freed_by) },
	{ "other_by", FIELD(THREAD, iommufd_model_record, other_by) },
	{ "other_step", FIELD(UINT, iommufd_model_record, other_step) },
	{ "ordered_if", FIELD(CHARS, iommufd_model_record, ordered_if) },
	{ "freed_step", FIELD(UINT, iommufd_model_record, freed_step) },
	{ "detail", FIELD(CHARS, iommufd_model_record, detail) },
	{ "pins", FIELD(CHARS, iommufd_model_record, pins) },
	{ "schedule", FIELD(STRDUP, iommufd_model_record, schedule) },
	{ "command", FIELD(STRDUP, iommufd_model_record, command) },
	{ "report", FIELD(STRDUP, iommufd_model_record, report) },
	{ "about", FIELD(STRDUP, iommufd_model_record, about) },
	{ NULL, 0, 0, 0 },
};

/*
 * struct reader
 * @text, @len: text and length of line number @line
 * @names: the set of all strings to which the record points
 */
struct reader {
	const char *name, *text;
	size_t len;
	unsigned long line;
	struct iommufd_model_record *record;
	const struct iommufd_model_site **sites;
	size_t nr_sites;
	json_t *names;
	bool ended;
};

/* The functions below report errors. */

static bool fail_at(const struct reader *r, size_t column, const char *what)
{
	fprintf(stderr, "%s:%lu:%zu: %s\n", r->name, r->line, column, what);
	return false;
}

/*
 * Return the column of the member @key in the object of the line; 1 if it has
 * none.
 */
static size_t column_of(const struct reader *r, const char *key)
{
	size_t i, start, len = strlen(key);
	int depth = 0;

	for (i = 0; i < r->len; i++) {
		if (r->text[i] == '{' || r->text[i] == '[')
			depth++;
		else if (r->text[i] == '}' || r->text[i] == ']')
			depth--;
		if (r->text[i] != '"')
			continue;
		for (start = ++i; i < r->len && r->text[i] != '"'; i++)
			i += r->text[i] == '\\';
		if (depth == 1 && i < r->len && i - start == len &&
		    !strncmp(r->text + start, key, len) &&
		    strspn(r->text + i + 1, " \t") + i + 1 < r->len &&
		    r->text[i + 1 + strspn(r->text + i + 1, " \t")] == ':')
			return start;
	}
	return 1;
}

static bool fail(const struct reader *r, const char *key, const char *expected)
{
	char what[200];

	snprintf(what, sizeof(what), "\"%.60s\": expected %s", key, expected);
	return fail_at(r, column_of(r, key), what);
}

/* The functions below read values. */

static const char *intern(struct reader *r, const char *s)
{
	if (json_object_set_new(r->names, s, json_null()))
		render_out_of_memory();
	return json_object_iter_key(json_object_iter_at(r->names, s));
}

/*
 * Return the index of @value in @names, which has @nr elements; -1 if it is not
 * there.
 */
static int one_of(const json_t *value, const char *const *names, int nr)
{
	const char *s = json_string_value(value);
	int i;

	for (i = nr - 1; i >= 0 && (!s || !names[i] || strcmp(s, names[i])); i--)
		;
	return i;
}

static bool read_number(const struct reader *r, const struct field *f,
			const json_t *value, void *to)
{
	static const long most[] = {
		[LONG] = LONG_MAX, [UINT] = UINT_MAX, [INDEX] = INT_MAX,
		[THREAD] = RECORD_THREADS - 1, [SHORT] = USHRT_MAX,
		[ADDR] = LONG_MAX, [COUNTER] = 3,
	};
	json_int_t number = json_integer_value(value);
	char expected[80];

	if (!json_is_integer(value) || number > most[f->type] ||
	    (number < 0 && f->type != LONG && f->type != ADDR)) {
		snprintf(expected, sizeof(expected), "a number from 0 to %ld",
			 most[f->type]);
		return fail(r, f->key, f->type == LONG || f->type == ADDR ?
				       "a number" : expected);
	}
	if (f->type == LONG || f->type == ADDR)
		*(long *)to = (long)number;
	else if (f->type == SHORT)
		*(unsigned short *)to = (unsigned short)number;
	else if (f->type == COUNTER)
		*(unsigned char *)to = (unsigned char)number;
	else
		*(int *)to = (int)number;
	return true;
}

static bool read_string(struct reader *r, const struct field *f,
			const json_t *value, void *to)
{
	const char *s = json_string_value(value);

	if (!s)
		return fail(r, f->key, "a string");
	if (f->type == CHARS)
		snprintf(to, f->size, "%s", s);
	else if (f->type == STRDUP)
		*(char **)to = strdup(s);
	else
		*(const char **)to = intern(r, s);
	return true;
}

static bool read_word(const struct reader *r, const struct field *f,
		      const json_t *value, void *to)
{
	static const char *const holders[] = { NULL, "table", "object", "file",
					       "thread" };
	static const char *const states[] = { NULL, "ready", "blocked",
					      "ended" };
	static const char *const kinds[] = { "run", "replay", "failure" };
	const char *s = json_string_value(value);
	int i = -1;

	if (f->type == HOLDER)
		i = one_of(value, holders, ARRAY_SIZE(holders));
	else if (f->type == STATE)
		i = one_of(value, states, ARRAY_SIZE(states));
	else if (f->type == RECORD_KIND)
		i = one_of(value, kinds, ARRAY_SIZE(kinds));
	else if (s && f->type == FAILURE)
		i = (int)iommufd_model_failure_from_name(s);
	else if (s)
		for (i = IOMMUFD_MODEL_OP_NOTE; i >= 0; i--)
			if (!strcmp(s, iommufd_model_op_name(
					(enum iommufd_model_op_kind)i)))
				break;
	if (i < 0 || (f->type == FAILURE && i >= IOMMUFD_MODEL_NR_FAILURES))
		return fail(r, f->key, "one of the words that docs/record.md "
				       "has for it");
	if (f->type == HOLDER || f->type == OP)
		*(unsigned char *)to = (unsigned char)i;
	else
		*(int *)to = i;
	return true;
}

static bool read_site(const struct reader *r, const struct field *f,
		      const json_t *value, void *to)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 1 ||
	    number > (json_int_t)r->nr_sites)
		return fail(r, f->key, "the number of a site of an earlier line");
	*(const struct iommufd_model_site **)to = r->sites[number - 1];
	return true;
}

static bool read_members(struct reader *r, const json_t *object,
			 const struct field *fields, void *to);

/*
 * Read an operation.  A counter is an int, so that its differences fit into a
 * long.
 */
static bool read_op(struct reader *r, const json_t *object, struct record_op *op)
{
	if (!read_members(r, object, op_fields, op))
		return false;
	if (op->counter && (op->before != (int)op->before ||
			    op->after != (int)op->after))
		return fail(r, "counter", "its values to be a counter's");
	return true;
}

static bool read_locks(struct reader *r, const struct field *f,
		       const json_t *value, struct record_lock *locks)
{
	struct record_thread *t = container_of(locks, struct record_thread,
					       locks[0]);
	size_t i, nr = json_array_size(value);

	if (!json_is_array(value) || nr > RECORD_LOCKS)
		return fail(r, f->key, "an array of at most 8 locks");
	for (i = 0; i < nr; i++)
		if (!read_members(r, json_array_get(value, i), lock_fields,
				  &locks[i]))
			return false;
	t->nr_locks = (int)nr;
	return true;
}

static bool read_member(struct reader *r, const struct field *f,
			const json_t *value, void *to)
{
	switch (f->type) {
	case BOOL:
		*(bool *)to = json_is_true(value);
		return json_is_boolean(value) ||
		       fail(r, f->key, "true or false");
	case NAME:
	case CHARS:
	case STRDUP:
		return read_string(r, f, value, to);
	case SITE:
		return read_site(r, f, value, to);
	case OP:
	case HOLDER:
	case STATE:
	case FAILURE:
	case RECORD_KIND:
		return read_word(r, f, value, to);
	case NEXT:
		return read_op(r, value, to);
	case LOCKS:
		return read_locks(r, f, value, to);
	case IGNORED:
		return true;
	default:
		return read_number(r, f, value, to);
	}
}

static bool read_members(struct reader *r, const json_t *object,
			 const struct field *fields, void *to)
{
	const struct field *f;
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return fail_at(r, 1, "expected an object");
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		for (f = fields; f->key && strcmp(f->key, key); f++)
			;
		if (!f->key)
			return fail(r, key, "no such member");
		if (!read_member(r, f, value, (char *)to + f->offset))
			return false;
	}
	return true;
}

/* The functions below read lines. */

/* A call site must stay valid for ever (gate.h), so it is never freed. */
static struct read_site {
	struct iommufd_model_site site;
	struct read_site *next;
} *read_sites;

static bool read_site_line(struct reader *r, const json_t *object)
{
	struct read_site *read = render_realloc(NULL, sizeof(*read));
	struct iommufd_model_site *site = &read->site;

	memset(read, 0, sizeof(*read));
	read->next = read_sites;
	read_sites = read;
	if (!read_members(r, object, site_fields, site) ||
	    json_integer_value(json_object_get(object, "site")) !=
		    (json_int_t)r->nr_sites + 1)
		return fail(r, "site", "the next number");
	*(const struct iommufd_model_site **)render_grow(
		(void **)&r->sites, &r->nr_sites, sizeof(*r->sites)) = site;
	return true;
}

static bool read_thread_line(struct reader *r, const json_t *object)
{
	const json_t *value = json_object_get(object, "thread");
	json_int_t number = json_integer_value(value);
	struct record_thread *t;

	if (!json_is_integer(value) || number < 0 || number >= RECORD_THREADS)
		return fail(r, "thread", "a number from 0 to 63");
	t = &r->record->threads[number];
	if (r->record->nr_threads <= number)
		r->record->nr_threads = (int)number + 1;
	return read_members(r, object, thread_fields, t);
}

static bool read_object(struct reader *r, const json_t *object)
{
	struct iommufd_model_record *record = r->record;
	const char *first = json_object_iter_key(
		json_object_iter((json_t *)(uintptr_t)object));
	bool header = first && !strcmp(first, "iommufd-model-record");

	if (header != (r->line == 1) ||
	    (header && json_integer_value(json_object_get(
			       object, "iommufd-model-record")) != 1))
		return fail_at(r, 1, "expected a record of version 1, "
				     "{\"iommufd-model-record\":1,... in its "
				     "first line");
	if (r->ended)
		return fail_at(r, 1, "expected nothing after the end");
	if (header)
		return read_members(r, object, header_fields, record);
	if (first && !strcmp(first, "site"))
		return read_site_line(r, object);
	if (first && !strcmp(first, "op"))
		return read_op(r, object, &record->ops[record->last++]);
	if (first && !strcmp(first, "thread"))
		return read_thread_line(r, object);
	if (first && !strcmp(first, "failure"))
		return read_members(r, object, failure_fields, record);
	r->ended = first && !strcmp(first, "end");
	return r->ended || fail_at(r, 1, "expected \"site\", \"op\", "
		"\"thread\", \"failure\" or \"end\" as first member");
}

static bool read_line(struct reader *r)
{
	json_error_t error;
	json_t *object = json_loadb(r->text, r->len, 0, &error);
	bool good;

	if (!object)
		return fail_at(r, error.column > 0 ? (size_t)error.column : 1,
			       error.text);
	good = json_is_object(object) ? read_object(r, object) :
					fail_at(r, 1, "expected an object");
	json_decref(object);
	return good;
}

static bool read_lines(struct reader *r, const char *text, size_t len)
{
	const char *end = text + len, *newline;

	for (; text < end; text = newline + 1) {
		newline = memchr(text, '\n', (size_t)(end - text));
		if (!newline)
			newline = end;
		r->text = text;
		r->len = (size_t)(newline - text);
		r->line++;
		if (!read_line(r))
			return false;
	}
	r->line++;
	return r->ended || fail_at(r, 1, "the file ends before the record does");
}

struct iommufd_model_record *render_read(const char *name, const char *text,
					 size_t len)
{
	/* As call sites, the strings to which records point are never freed. */
	static json_t *names;
	struct reader r = { .name = name };
	unsigned int lines = 1;
	bool good;
	size_t i;

	for (i = 0; i < len; i++)
		lines += text[i] == '\n';
	r.record = iommufd_model_record_create(lines);
	names = names ? names : json_object();
	r.names = names;
	if (!r.record || !r.names)
		render_out_of_memory();
	r.record->last = 0;
	good = read_lines(&r, text, len);
	free(r.sites);
	/*
	 * The file counts the operations that were not kept, but does not
	 * contain them.
	 */
	r.record->room = (unsigned long)r.record->last;
	if (r.record->nr < r.record->room)
		r.record->nr = r.record->room;
	if (good)
		return r.record;
	iommufd_model_record_free(r.record);
	return NULL;
}
