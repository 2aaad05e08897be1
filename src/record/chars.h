/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Characters of names and titles, which come from outside: UTF-8 or not.
 */
#ifndef RECORD_CHARS_H
#define RECORD_CHARS_H

#include <stdio.h>

#define CHARS_BAD 0xfffd	/* stands for what is no character */

/*
 * record_chars_next(s): the character at *@s, which moves behind it; 0 at the
 * end, where *@s stays.  Each byte that is no UTF-8 is a CHARS_BAD.
 */
unsigned int record_chars_next(const char **s);

/* record_chars_put(c, to): as UTF-8 */
void record_chars_put(unsigned int c, FILE *to);

/* record_chars_plain(c): a space for a control character, else @c */
unsigned int record_chars_plain(unsigned int c);

/* record_chars_width(s): columns that @s takes in a monospaced font */
unsigned int record_chars_width(const char *s);

/* record_chars_line(s, to): @s on one line of plain text; its width */
unsigned int record_chars_line(const char *s, FILE *to);

#endif
