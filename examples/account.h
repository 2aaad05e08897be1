/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The account that an example gives of itself: a line for each thing that it
 * says, which must be so.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int account_wrong;

/* result(what, is, said): of a call, 0 or a negative errno. */
static inline void result(const char *what, long is, long said)
{
	printf("%-52s %s\n", what, is < 0 ? strerror((int)-is) : "ok");
	if (is == said)
		return;
	fprintf(stderr, "%s: %ld instead of %ld\n", what, is, said);
	account_wrong = 1;
}

/* number(what, is, said): a counter, an id, a number of things. */
static inline void number(const char *what, long is, long said)
{
	printf("%-52s %ld\n", what, is);
	if (is == said)
		return;
	fprintf(stderr, "%s: %ld instead of %ld\n", what, is, said);
	account_wrong = 1;
}

/* What main() returns: was all as it was said? */
static inline int account_end(void)
{
	return account_wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
