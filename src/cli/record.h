/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A scenario that is recorded as it runs, and drawn.
 */
#ifndef RECORD_H
#define RECORD_H

#include "output.h"
#include "scenario.h"

enum record_kind { RECORD_HTML, RECORD_TRACE, RECORD_COLUMNS, NR_RECORDS };

/* Files to be written. */
struct record_order {
	struct output_order to[NR_RECORDS];
};

bool record_wanted(const struct record_order *order);

/*
 * record_run(s, output, order): run @s and draw it; enum scenario_outcome,
 * SCENARIO_NOT_RUN if a file could not be written, after a message.
 */
int record_run(const struct scenario *s, const struct scenario_output *output,
	       const struct record_order *order);

#endif
