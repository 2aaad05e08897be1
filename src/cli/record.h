/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A record and what is made of it.
 */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "output.h"
#include "scenario.h"
#include <iommufd_model/record.h>

enum drawing { DRAW_HTML, DRAW_TRACE, DRAW_COLUMNS, DRAW_RECORD, NR_DRAWINGS };

/* The files that are to be written. */
struct drawings {
	struct output_order to[NR_DRAWINGS];
};

#define NO_DRAWINGS { .to = {			\
	[DRAW_HTML] = { .option = "--html" },	\
	[DRAW_TRACE] = { .option = "--trace" },	\
	[DRAW_COLUMNS] = { .option = "--columns" },	\
	[DRAW_RECORD] = { .option = "--record" },	\
} }

bool drawings_wanted(const struct drawings *drawings);

/*
 * drawings_make(who, drawings, record): write them; false after a message from
 * @who.
 */
bool drawings_make(const char *who, const struct drawings *drawings,
		   const struct iommufd_model_record *record);

/*
 * record_run(s, output, record): run @s and record it; SCENARIO_NOT_RUN if that
 * cannot be done, after a message.
 */
int record_run(const struct scenario *s, const struct scenario_output *output,
	       struct iommufd_model_record *record);

/*
 * story_run(s, out): run @s and print each step to @out as it is written in the
 * scenario, with what it changed and its result.  Returns an enum
 * scenario_outcome.
 */
int story_run(const struct scenario *s, FILE *out);

#endif
