// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* JSON and memory; json.h describes the functions. */
#include "json.h"
#include "../record/chars.h"
#include <stdlib.h>
#include <string.h>

void render_out_of_memory(void)
{
	fputs("iommufd-model: out of memory\n", stderr);
	exit(2);
}

void *render_realloc(void *old, size_t size)
{
	void *new = realloc(old, size ? size : 1);

	if (!new)
		render_out_of_memory();
	return new;
}

/*
 * The array has room for a power of two of elements, so it is full when @nr is
 * a power of two; the room is then doubled.
 */
void *render_grow(void **array, size_t *nr, size_t size)
{
	char *added;

	if (!(*nr & (*nr - 1)))
		*array = render_realloc(*array, 2 * (*nr + 1) * size);
	added = (char *)*array + (*nr)++ * size;
	memset(added, 0, size);
	return added;
}

/* The same as @s, with CHARS_BAD for each byte that is part of no character. */
static json_t *cleaned(const char *s)
{
	char *clean = NULL;
	unsigned int c;
	size_t len;
	json_t *string;
	FILE *to = open_memstream(&clean, &len);

	if (!to)
		render_out_of_memory();
	while ((c = record_chars_next(&s)))
		record_chars_put(c, to);
	if (fclose(to))
		render_out_of_memory();
	string = json_stringn(clean, len);
	free(clean);
	return string;
}

json_t *render_string(const char *s)
{
	/* This fails if it is not UTF-8, which is rare. */
	json_t *string = json_string(s ? s : "");

	if (!string)
		string = cleaned(s);
	if (!string)
		render_out_of_memory();
	return string;
}

static int put(const char *s, size_t len, void *data)
{
	FILE *to = data;

	for (; len; s++, len--) {
		if (*s == '<' || *s == '>' || *s == '&')
			fprintf(to, "\\u%04x", *s);
		else
			putc(*s, to);
	}
	return 0;
}

static void put_value(const json_t *value, FILE *to)
{
	if (json_dump_callback(value, put, to, JSON_COMPACT | JSON_ENSURE_ASCII |
			       JSON_ENCODE_ANY | JSON_REAL_PRECISION(6)))
		render_out_of_memory();
}

void render_json_value(json_t *value, FILE *to)
{
	put_value(value, to);
	json_decref(value);
}

static void put_array(json_t *array, FILE *to)
{
	const json_t *value;
	size_t i;

	putc('[', to);
	json_array_foreach(array, i, value) {
		fputs(i ? ",\n" : "\n", to);
		put_value(value, to);
	}
	putc(']', to);
}

void render_json(json_t *object, FILE *to)
{
	const char *key, *before = "{";
	json_t *value;

	if (!object)
		render_out_of_memory();
	json_object_foreach(object, key, value) {
		fprintf(to, "%s\"%s\":", before, key);
		if (json_is_array(value) &&
		    !json_is_string(json_array_get(value, 0)))
			put_array(value, to);
		else
			put_value(value, to);
		before = ",\n";
	}
	fputs("}\n", to);
	json_decref(object);
}
