/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Characters of names and titles, which come from outside and may not be UTF-8.
 */
#ifndef RECORD_CHARS_H
#define RECORD_CHARS_H

#include <stdio.h>

#define CHARS_BAD 0xfffd	/* replaces a byte that is not UTF-8 */

/*
 * record_chars_next(s): returns the character at *@s and moves *@s past it.  At
 * the end it returns 0 and leaves *@s.  Each byte that is not UTF-8 is returned
 * as a CHARS_BAD.
 */
unsigned int record_chars_next(const char **s);

/* record_chars_put(c, to): write @c as UTF-8 */
void record_chars_put(unsigned int c, FILE *to);

/* record_chars_plain(c): a space for a control character, else @c */
unsigned int record_chars_plain(unsigned int c);

/* record_chars_width(s): columns that @s takes in a monospaced font */
unsigned int record_chars_width(const char *s);

/* record_chars_line(s, to): write @s as one line of text; returns its width */
unsigned int record_chars_line(const char *s, FILE *to);

#endif
