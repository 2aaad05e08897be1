/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A record, and the files that are made from it. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "output.h"
#include "scenario.h"
#include <iommufd_model/record.h>

enum drawing { DRAW_HTML, DRAW_TRACE, DRAW_COLUMNS, DRAW_RECORD, NR_DRAWINGS };

/* The files that a command is to write. */
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
 * drawings_make(who, drawings, record): writes the files.  Returns false after
 * a message from @who.
 */
bool drawings_make(const char *who, const struct drawings *drawings,
		   const struct iommufd_model_record *record);

/*
 * record_run(s, output, record): runs @s and records it.  Returns
 * SCENARIO_NOT_RUN after a message if that cannot be done.
 */
int record_run(const struct scenario *s, const struct scenario_output *output,
	       struct iommufd_model_record *record);

/*
 * story_run(s, out): runs @s and prints each step to @out as the scenario has
 * it, with the changes that it made and its result.  Returns an enum
 * scenario_outcome.
 */
int story_run(const struct scenario *s, FILE *out);

#endif
