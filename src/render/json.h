/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * JSON, by jansson, and memory.  The program ends with exit code 2 if memory is
 * short.
 */
#ifndef RENDER_JSON_H
#define RENDER_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* A string; a byte that is not UTF-8 becomes U+FFFD.  NULL is "". */
json_t *render_string(const char *s);

/*
 * render_json(object, to): a member on each line, and an element of each array
 * of objects or arrays, so that diff can compare two.  ASCII, and without the
 * characters that HTML gives a meaning to.  Frees @object.
 */
void render_json(json_t *object, FILE *to);

/* A value on one line.  Frees it. */
void render_json_value(json_t *value, FILE *to);

/* Says so and ends the program. */
void render_out_of_memory(void);

/* realloc() that does not fail. */
void *render_realloc(void *old, size_t size);

/* One more element at the end of @array, which is all zero. */
void *render_grow(void **array, size_t *nr, size_t size);

#endif
