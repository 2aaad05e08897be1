/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef OPS_H
#define OPS_H

#include "world.h"

/*
 * Do the @nr-th operation of a sequence: the first ones make the objects that
 * later ones need.
 */
void do_random_op(struct world *w, unsigned int nr);

/* Print how often each operation was done, and how often it succeeded. */
void print_counts(void);

#endif
