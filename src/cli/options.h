/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Options that several commands have, and what all commands say about usage.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "record.h"

/* usage_error(who): print how to get help; returns EXIT_UNUSABLE. */
int usage_error(const char *who);

/* The values of these options for getopt_long(); no other option has them. */
enum {
	/* the first value; an enum drawing is added to it */
	OPTION_DRAWING = 1000,
	OPTION_OVERWRITE = OPTION_DRAWING + NR_DRAWINGS,
};

/* The entries for --html, --trace, --columns, --record and --overwrite. */
#define DRAWING_OPTIONS \
	{ "html", required_argument, NULL, OPTION_DRAWING + DRAW_HTML }, \
	{ "trace", required_argument, NULL, OPTION_DRAWING + DRAW_TRACE }, \
	{ "columns", required_argument, NULL, OPTION_DRAWING + DRAW_COLUMNS }, \
	{ "record", required_argument, NULL, OPTION_DRAWING + DRAW_RECORD }, \
	{ "overwrite", no_argument, NULL, OPTION_OVERWRITE }

/*
 * take_drawing_option(who, drawings, option, path): take one of these options.
 * Returns false if @option is another one, or after a message from @who.
 */
bool take_drawing_option(const char *who, struct drawings *drawings, int option,
			 const char *path);

#endif
