/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * JSON, made with jansson, and memory.  If memory is short the program ends
 * with exit code 2.
 */
#ifndef RENDER_JSON_H
#define RENDER_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Returns @s as a JSON string.  A byte that is not UTF-8 becomes U+FFFD; NULL
 * gives "".
 */
json_t *render_string(const char *s);

/*
 * render_json(object, to): write @object and free it.  Each member, and each
 * element of an array of objects or arrays, gets a line of its own, so that
 * diff can compare two files.  The text is ASCII and has none of the characters
 * that are special in HTML.
 */
void render_json(json_t *object, FILE *to);

/* Writes @value on one line, and frees it. */
void render_json_value(json_t *value, FILE *to);

/* Reports that memory is exhausted, and ends the program. */
void render_out_of_memory(void);

/* Does realloc(), and ends the program if memory is short. */
void *render_realloc(void *old, size_t size);

/*
 * Adds an element of @size zero bytes at the end of *@array, which has *@nr
 * elements.  Returns the new element.
 */
void *render_grow(void **array, size_t *nr, size_t size);

#endif
