// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * JSON strings.  The rest of JSON is short enough to be written as it is.
 */
#include "json.h"
#include "chars.h"

static void put(unsigned int c, FILE *to)
{
	switch (c) {
	case '"':
	case '\\':
		fprintf(to, "\\%c", (int)c);
		return;
	case '\n':
		fputs("\\n", to);
		return;
	case '\t':
		fputs("\\t", to);
		return;
	}
	if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&' ||
	    c == 0x2028 || c == 0x2029)
		fprintf(to, "\\u%04x", c);
	else
		observe_chars_put(c, to);
}

void observe_json_quote(const char *s, FILE *to)
{
	unsigned int c;

	putc('"', to);
	while ((c = observe_chars_next(&s)))
		put(c, to);
	putc('"', to);
}
