/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The files that a command is told to write.  An order that the user may have
 * meant otherwise is refused before anything runs.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>

/*
 * @option is the option as the user wrote it; @path is NULL if it was not
 * given.
 */
struct output_order {
	const char *option, *path;
};

/*
 * output_take(who, order, path): records that the option of @order was given
 * with @path.  Returns false after a message if it was given twice or if @path
 * looks like an option.
 */
bool output_take(const char *who, struct output_order *order, const char *path);

/*
 * output_overwrite(): --overwrite was given, for this process and its children.
 */
void output_overwrite(void);

/*
 * outputs_allowed(who, orders, n, inputs, nr_inputs): checks that all files may
 * be written.  Returns false after a message if an output is one of the @inputs
 * ("-" is standard input), is the same as another output, exists and was not
 * written by this program, or cannot be created.
 */
bool outputs_allowed(const char *who, const struct output_order *orders, int n,
		     const char *const *inputs, int nr_inputs);

#endif
