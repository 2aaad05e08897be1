/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The final states of an exploration, as hashes.  The test's after() notes them, in
 * memory that the exploring processes share.  And how a program is called that
 * compares them for random programs.
 */
#ifndef TESTS_EXPLORE_FINAL_STATES_H
#define TESTS_EXPLORE_FINAL_STATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_FINAL_STATES 8192

struct final_states {
	int nr;
	unsigned long long hash[MAX_FINAL_STATES];
};

/* Returns NULL if there is no memory. */
static inline struct final_states *share_final_states(void)
{
	void *p = mmap(NULL, sizeof(struct final_states),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		       0);

	return p == MAP_FAILED ? NULL : p;
}

static inline bool has_final_state(const struct final_states *states,
				   unsigned long long hash)
{
	int i;

	for (i = 0; i < states->nr; i++)
		if (states->hash[i] == hash)
			return true;
	return false;
}

static inline void note_final_state(struct final_states *states,
				    unsigned long long hash)
{
	if (!has_final_state(states, hash) && states->nr < MAX_FINAL_STATES)
		states->hash[states->nr++] = hash;
}

/* Returns how many of @some are not among @all. */
static inline int missing_final_states(const struct final_states *some,
				       const struct final_states *all)
{
	int i, n = 0;

	for (i = 0; i < some->nr; i++)
		n += !has_final_state(all, some->hash[i]);
	return n;
}

/*
 * Read the arguments "[--count N] [--first SEED]" and share final states.  Prints
 * what is wrong and returns NULL if an argument is, or if there is no memory.
 */
static inline struct final_states *
begin_random(int argc, char **argv, int *nr_programs, int *first_seed)
{
	struct final_states *states;
	int i;

	for (i = 1; i + 1 < argc; i += 2)
		if (!strcmp(argv[i], "--count"))
			*nr_programs = (int)strtol(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--first"))
			*first_seed = (int)strtol(argv[i + 1], NULL, 10);
		else
			break;
	if (i != argc || *nr_programs < 1) {
		fprintf(stderr, "usage: %s [--count N] [--first SEED]\n",
			argv[0]);
		return NULL;
	}
	states = share_final_states();
	if (!states)
		perror(argv[0]);
	return states;
}

#endif
