/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the programs that run all scenarios share.
 */
#ifndef GOLDEN_OBSERVED_H
#define GOLDEN_OBSERVED_H

#include "scenario.h"

/* The scenario in file @path, which the caller frees; NULL: it said why. */
struct scenario *load_scenario(const char *path);

/*
 * Run @scenario under the observer: after every step, and after the last close,
 * each reference of every counter must be somebody's.  And a run itself looks
 * for warnings, leaks and pins.  False: it said what is wrong.  Adds to
 * *@steps.
 */
bool run_observed(const struct scenario *scenario, unsigned long *steps);

#endif
