/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Operations in words, for everything that shows an execution.
 *
 * The text may have '\t' in it, which is a blank at which a line is not to be
 * broken.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "record.h"

/* A line that is being made; what does not fit is cut off. */
struct text {
	size_t len;
	char s[1024];
};

void describe_add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "inc_not_zero", "mutex_lock"; static */
const char *describe_verb(const struct iommufd_model_op *op);

/* True if an operation that is done did not do what it is for. */
bool describe_failed(const struct iommufd_model_op *op);

/* Is @kind an operation of a counter, with values before and after? */
bool describe_is_counter(unsigned int kind);

/* The last identifier of @expr, "mutex" of "&ioas->mutex", of @len. */
const char *describe_last_word(const char *expr, size_t *len);

/* "ioas 3", "ctx", or "" */
const char *describe_label(const char *label, unsigned int id,
			   char buf[RECORD_NAME]);

/* "main.c" of "src/iommufd/main.c"; "?" if there is none */
const char *describe_file(const struct iommufd_model_site *site);

/* "iommufd_put_object main.c:72" */
void describe_site(struct text *t, const struct iommufd_model_site *site);

/* What an operation is done to, "lock (ioas 3)" */
void describe_operand(struct text *t, const struct iommufd_model_site *site,
		      const char *label, unsigned int id);

/* What a thread does, "mutex_lock lock (ioas 3)" */
void describe_op(struct text *t, const struct iommufd_model_record *record,
		 const struct record_op *op);

/* What came of it, " 1 -> 2", ": failed", or nothing */
void describe_result(struct text *t, const struct record_op *op);

/* "getter"; "another thread" if the record has no such thread.  Until the next
   call. */
const char *describe_thread(const struct iommufd_model_record *record,
			    int thread);

#endif
