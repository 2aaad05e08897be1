/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Parts of the report: text that is broken into lines, and the interleaving in
 * columns.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "../record/describe.h"
#include <iommufd_model/explore.h>

#define WIDTH 80 /* of text that is not in columns */

/*
 * struct steps - the steps of the schedule in a record
 * @step: each of the @nr that are kept
 * @line: for each of them the note of the script line that its thread was at, or
 *	NULL
 * @all: how many there were
 */
struct steps {
	const struct iommufd_model_record *record;
	const struct record_op **step, **line;
	int nr, all;
};

/*
 * explore_put(to, prefix, left, right, s): print @prefix, which is not longer
 * than @left, and then @s between the columns @left and @right, on as many
 * lines as it needs.  Control characters are replaced.
 */
void explore_put(FILE *to, const char *prefix, int left, int right,
		 const char *s);
/*
 * Print a part of a line, without control characters and without blanks at its
 * end.
 */
void explore_put_clean(FILE *to, int indent, const char *s, size_t len);

void explore_columns(const struct steps *steps, FILE *to);

#endif
