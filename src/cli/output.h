/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Files that a command is told to write: what the user may have meant otherwise
 * is refused before anything runs.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>

/* @option: as the user wrote it; @path: NULL if it was not given */
struct output_order {
	const char *option, *path;
};

/*
 * output_take(who, order, path): @order's option was given, with @path.  False
 * after a message: given twice, or @path looks like an option.
 */
bool output_take(const char *who, struct output_order *order, const char *path);

/* output_overwrite(): --overwrite was given; for us and for our children. */
void output_overwrite(void);

/*
 * outputs_allowed(who, orders, n, inputs, nr_inputs): may all be written?
 * False after a message: an output is one of the @inputs ("-": standard input)
 * or the same as another output, or it exists and this program did not write
 * it, or it cannot be created.
 */
bool outputs_allowed(const char *who, const struct output_order *orders, int n,
		     const char *const *inputs, int nr_inputs);

#endif
