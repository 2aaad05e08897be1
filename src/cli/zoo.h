/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The zoo's programs, for the commands about them.
 */
#ifndef CLI_ZOO_H
#define CLI_ZOO_H

#include <limits.h>

#define ZOO_MAX_ENTRIES 128
#define ZOO_NAME_LEN 64

/* @folder: where they are; @names: of the entries, in order */
struct zoo {
	char folder[PATH_MAX];
	char names[ZOO_MAX_ENTRIES][ZOO_NAME_LEN];
	int nr;
};

/*
 * The entry that is @name, begins with "@name-", or has the id @name ("Z-06");
 * NULL: none, that is said.
 */
const char *zoo_find(const struct zoo *zoo, const char *name);

/* argv[0] is "exercise".  Returns the exit code, if at all: it may exec. */
int zoo_exercise(const struct zoo *zoo, int argc, char **argv);

#endif
