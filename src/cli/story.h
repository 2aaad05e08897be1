/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A scenario told step by step.
 */
#ifndef STORY_H
#define STORY_H

#include "scenario.h"

/* story_run(s, out): run @s and tell it to @out; enum scenario_outcome. */
int story_run(const struct scenario *s, FILE *out);

#endif
