/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Characters of names and titles, which come from outside: UTF-8 or not.
 */
#ifndef OBSERVE_CHARS_H
#define OBSERVE_CHARS_H

#include <stdio.h>

#define CHARS_BAD 0xfffd	/* stands for what is no character */

/*
 * observe_chars_next(s): the character at *@s, which moves behind it; 0 at the
 * end, where *@s stays.  Each byte that is no UTF-8 is a CHARS_BAD.
 */
unsigned int observe_chars_next(const char **s);

/* observe_chars_put(c, to): as UTF-8 */
void observe_chars_put(unsigned int c, FILE *to);

/* observe_chars_plain(c): a space for a control character, else @c */
unsigned int observe_chars_plain(unsigned int c);

/* observe_chars_width(s): columns that @s takes in a monospaced font */
unsigned int observe_chars_width(const char *s);

/* observe_chars_line(s, to): @s on one line of plain text; its width */
unsigned int observe_chars_line(const char *s, FILE *to);

#endif
