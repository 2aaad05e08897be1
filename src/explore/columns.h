/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Inside of the report: text with word wrapping, and an interleaving in
 * columns.  Strings of the record need not end: print them with NAME.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "trace.h"

#define WIDTH 80		/* of all that is not in columns */
#define NAME "%.47s"		/* of TRACE_NAME */

/* A line to be; cut if it is too long.  It is not broken at a '\t', a blank. */
struct text {
	size_t len;
	char s[1024];
};

void explore_add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "put_shortterm protocol.h:72" */
void explore_add_site(struct text *t, const struct iommufd_model_site *site);
/* What is used there, "lock (ioas 3)" */
void explore_add_operand(struct text *t, const struct iommufd_model_site *site,
			 const char *object);
/* "mutex_lock lock (ioas 3)" */
void explore_add_op(struct text *t, const struct trace *trace,
		    const struct iommufd_model_op *op, const char *object);

/* Of a thread; "another thread" if there is none.  Valid up to the next call */
const char *explore_name(const struct trace *trace, int thread);

/* How many steps there are records of. */
int explore_records(const struct trace *trace);

/*
 * explore_put(to, prefix, left, right, s): @prefix, which is not longer than
 * @left, and then @s between the columns @left and @right, on as many lines as
 * it takes, made clean.
 */
void explore_put(FILE *to, const char *prefix, int left, int right,
		 const char *s);
/* A part of a line: without what does not print, or blanks at its end. */
void explore_put_clean(FILE *to, int indent, const char *s, size_t len);

void explore_columns(const struct trace *trace, FILE *to);

#endif
