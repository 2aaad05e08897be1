// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A text that grows, for results.
 *
 * Emptying it keeps its memory.  After the first few executions of an
 * exploration no more memory is needed, and an execution that is abandoned
 * half-way leaks none.
 */
#include "internal.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MIN_ROOM 256

/* Make room for @more bytes and a zero byte. */
static bool text_reserve(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : MIN_ROOM;
	char *at;

	while (room - text->len <= more)
		room *= 2;
	if (room == text->room)
		return true;
	at = text->fixed ? NULL : realloc(text->at, room);
	if (!at) {
		text->lost = true;
		return false;
	}
	text->at = at;
	text->room = room;
	return true;
}

bool text_empty(struct text *text)
{
	text->len = 0;
	text->lost = false;
	if (!text_reserve(text, 0))
		return false;
	text->at[0] = 0;
	return true;
}

static void text_add_args(struct text *text, const char *fmt, va_list args)
{
	va_list again;
	int len;

	if (text->lost)
		return;
	va_copy(again, args);
	len = vsnprintf(text->at ? text->at + text->len : NULL,
			text->room - text->len, fmt, args);
	if (len > 0 && (size_t)len >= text->room - text->len &&
	    text_reserve(text, (size_t)len))
		vsnprintf(text->at + text->len, (size_t)len + 1, fmt, again);
	va_end(again);
	if (len > 0 && !text->lost)
		text->len += (size_t)len;
}

void text_add(struct text *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_add_args(text, fmt, args);
	va_end(args);
}

const char *text_of(const struct text *text)
{
	return text->at ? text->at : "";
}

void text_fix(struct text *text, char *at, size_t room)
{
	memset(text, 0, sizeof(*text));
	text->at = at;
	text->room = room;
	text->fixed = true;
}

void text_free(struct text *text)
{
	free(text->at);
	memset(text, 0, sizeof(*text));
}

void field_print(struct run *run, const char *fmt, ...)
{
	va_list args;

	if (run->mute)
		return;
	va_start(args, fmt);
	text_add_args(run->fields, fmt, args);
	va_end(args);
}
