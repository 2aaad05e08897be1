/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Declarations for the programs that run all scenarios. */
#ifndef GOLDEN_OBSERVED_H
#define GOLDEN_OBSERVED_H

#include "scenario.h"

/*
 * Load the scenario in file @path, which the caller frees.  Prints the errors
 * and returns NULL if there are any.
 */
struct scenario *load_scenario(const char *path);

/*
 * Run @scenario under the observer.  After every step, and after the last
 * close, each reference of every counter must have a holder.  There must be no
 * warnings, leaks and pinned pages either.  Prints what is wrong and then
 * returns false.  Adds the number of steps to *@steps.
 */
bool run_observed(const struct scenario *scenario, unsigned long *steps);

#endif
