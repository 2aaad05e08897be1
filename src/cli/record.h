/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A scenario that is recorded as it runs, and drawn.
 */
#ifndef RECORD_H
#define RECORD_H

#include "scenario.h"

/* Files to be written; NULL: not wanted. */
struct record_order {
	const char *html, *trace, *columns;
};

bool record_wanted(const struct record_order *order);

/*
 * record_run(s, output, order): run @s and draw it; enum scenario_outcome,
 * SCENARIO_NOT_RUN if a file could not be written, after a message.
 */
int record_run(const struct scenario *s, const struct scenario_output *output,
	       const struct record_order *order);

#endif
