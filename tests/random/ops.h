/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef OPS_H
#define OPS_H

#include "world.h"

/* The @nr-th operation of a sequence: the first ones set the scene. */
void do_random_op(struct world *w, unsigned int nr);

/* How often each operation was done, and did what it was asked. */
void print_counts(void);

#endif
