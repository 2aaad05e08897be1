// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The same addresses in each run of the program, so that runs can share states
 * (../explore/states_file.c).
 *
 * Without address randomization, what is left to differ is the length of the
 * arguments and of the environment, which lie above the stack of main(): parts of
 * an exploration have numbers of one digit, or of two.  So an added variable makes up
 * for it.  The pointers to the environment, which lie behind those to the arguments,
 * and the name of the program are copied, as static variables point to them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "../kernel/no_state.h"

#ifdef __linux__
#include <sys/personality.h>

#define PADDING "IOMMUFD_MODEL_PADDING"
#define ROUNDED 4096u
#define ROOM 8192u

/*
 * How far the strings and the pointers to them reach down, apart from the variable
 * that this file adds.  The kernel aligns the pointers, of which there are some more,
 * to 16 bytes.
 */
static size_t length(char *const *strings, size_t *pointers)
{
	size_t sum = 0;

	for (; *strings; strings++) {
		if (!strncmp(*strings, PADDING "=", sizeof(PADDING)))
			continue;
		sum += strlen(*strings) + 1;
		*pointers += sizeof(*strings);
	}
	return sum;
}

/*
 * All of it together becomes as long as the environment, rounded up, and the room
 * for the arguments, so that their length makes no difference.  Returns false if it
 * is already.
 */
static bool pad(char *const *argv)
{
	static char text[2 * ROUNDED + ROOM + 1];
	NO_CHECKPOINT(text);
	const char *now = getenv(PADDING);
	size_t pointers = 4 * sizeof(*argv), all, fixed;

	all = sizeof(PADDING "=") + length(environ, &pointers);
	fixed = ((all + pointers) / ROUNDED + 1) * ROUNDED + ROOM;
	all += length(argv, &pointers);
	all += (pointers + 15) & ~(size_t)15;
	while (fixed < all)
		fixed += ROOM;
	memset(text, '-', fixed - all);
	if (now && !strcmp(now, text))
		return false;
	setenv(PADDING, text, 1);
	return true;
}

static void copy_what_moves(void)
{
	char **copy, *name = strdup(program_invocation_name);
	/* The added variable, and the end */
	size_t pointers = 2 * sizeof(*environ);

	length(environ, &pointers);
	copy = malloc(pointers);
	if (copy)
		environ = memcpy(copy, environ, pointers);
	if (name)
		program_invocation_name = name;
}

void same_addresses(char *const *argv)
{
	int now = personality(0xffffffff);

	if (now < 0 || (!(now & ADDR_NO_RANDOMIZE) &&
			personality((unsigned int)now | ADDR_NO_RANDOMIZE) < 0))
		return;
	if (pad(argv) || !(now & ADDR_NO_RANDOMIZE))
		execv("/proc/self/exe", argv);
	copy_what_moves();
}
#else
void same_addresses(char *const *argv)
{
	(void)argv;
}
#endif
