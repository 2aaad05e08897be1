/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Characters of names and titles, which come from outside: UTF-8 or not.
 */
#ifndef OBSERVE_CHARS_H
#define OBSERVE_CHARS_H

#include <stdio.h>

#define CHARS_BAD 0xfffd	/* stands for what is no character */

/*
 * chars_next(s): the character at *@s, which moves behind it; 0 at the end,
 * where *@s stays.  Each byte that is no UTF-8 is a CHARS_BAD.
 */
unsigned int chars_next(const char **s);

/* chars_put(c, to): as UTF-8 */
void chars_put(unsigned int c, FILE *to);

/* chars_plain(c): a space for a control character, else @c */
unsigned int chars_plain(unsigned int c);

/* chars_width(s): columns that @s takes in a monospaced font */
unsigned int chars_width(const char *s);

/* chars_line(s, to): @s on one line of plain text; its width */
unsigned int chars_line(const char *s, FILE *to);

#endif
