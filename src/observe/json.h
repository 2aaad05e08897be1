/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef OBSERVE_JSON_H
#define OBSERVE_JSON_H

#include <stdio.h>

/*
 * observe_json_quote(s, to): @s as a JSON string, with its quotes.  It can also
 * stand in a script element of an HTML page: it has no "<", nor a line
 * separator that JavaScript would see.  What is no UTF-8 becomes U+FFFD.
 * (json_string() is jansson's, which the program links as well.)
 */
void observe_json_quote(const char *s, FILE *to);

#endif
