/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Sequences of system calls whose choices are the bytes of an input.
 *
 * The operations are those of tests/random; calls_raw() adds calls with any
 * number, size and contents.  A choice takes 1, 2 or 8 bytes, and each world
 * has a part of the input of its own.
 */
#ifndef CALLS_H
#define CALLS_H

#include "fuzz.h"
#include "../random/ops.h"

/* The most operations of a sequence; a world has room for MAX_STEPS. */
#define MAX_CALLS 40

/* calls_initialize(): prepare the memory of the process, once. */
void calls_initialize(void);

/*
 * calls_memory_reset(): fill the user's memory with zeroes.  An operation reads
 * from there what earlier ones have written.
 */
void calls_memory_reset(void);

/*
 * calls_memory_keep(): keep the contents of the user's memory.
 * calls_memory_restore(): give it these contents again.
 */
void calls_memory_keep(void);
void calls_memory_restore(void);

/* calls_input(data): all worlds draw from @data. */
void calls_input(const uint8_t *data);

/* calls_part(w, from, to): @w draws from the bytes between the two offsets. */
void calls_part(struct world *w, size_t from, size_t to);

/* calls_ended(w): returns true if there are no bytes left for @w. */
bool calls_ended(const struct world *w);

/*
 * calls_one(w, nr, raw): do the operation @nr of a sequence; if @raw, one of
 * eight is calls_raw().
 */
void calls_one(struct world *w, unsigned int nr, bool raw);
int calls_raw(struct world *w);

/* calls_finish(w): unmap the mappings of @w, and close all descriptors. */
void calls_finish(struct world *w);

#endif
