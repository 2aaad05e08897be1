/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The output of an example.  Each line states a result and is checked: if it is
 * not the expected one, the example fails.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int account_wrong;

/* result(): print what a call returned, 0 or a negative errno. */
static inline void result(const char *what, long is, long expected)
{
	printf("%-52s %s\n", what, is < 0 ? strerror((int)-is) : "ok");
	if (is == expected)
		return;
	fprintf(stderr, "%s: %ld instead of %ld\n", what, is, expected);
	account_wrong = 1;
}

/* number(): print a number. */
static inline void number(const char *what, long is, long expected)
{
	printf("%-52s %ld\n", what, is);
	if (is == expected)
		return;
	fprintf(stderr, "%s: %ld instead of %ld\n", what, is, expected);
	account_wrong = 1;
}

/* The value for main() to return: success if every result was as expected. */
static inline int account_end(void)
{
	return account_wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
