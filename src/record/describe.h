/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Texts that describe operations, for everything that shows an execution.
 *
 * A '\t' in a text is a blank at which the line must not be broken.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "record.h"

/* A line that is being composed; text that does not fit is cut off. */
struct text {
	size_t len;
	char s[1024];
};

void describe_add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The verb of an operation, "inc_not_zero" or "mutex_lock"; static memory. */
const char *describe_verb(const struct iommufd_model_op *op);

/* True if a completed operation failed, such as a trylock without the lock. */
bool describe_failed(const struct iommufd_model_op *op);

/*
 * True if @kind is an operation on a counter, which has values before and
 * after.
 */
bool describe_is_counter(unsigned int kind);

/*
 * Return the last identifier of @expr, such as "mutex" of "&ioas->mutex", which
 * is not terminated; @len is set to its length.
 */
const char *describe_last_word(const char *expr, size_t *len);

/*
 * Return the name of memory with this label and id, such as "ioas 3" or "ctx";
 * it is "" without a label.
 */
const char *describe_label(const char *label, unsigned int id,
			   char buf[RECORD_NAME]);

/* The file of @site, "main.c" of "src/iommufd/main.c"; "?" if @site is NULL. */
const char *describe_file(const struct iommufd_model_site *site);

/* Add function, file and line of @site: "iommufd_put_object main.c:72". */
void describe_site(struct text *t, const struct iommufd_model_site *site);

/* Add the operand of an operation, such as "lock (ioas 3)". */
void describe_operand(struct text *t, const struct iommufd_model_site *site,
		      const char *label, unsigned int id);

/* Add an operation with its operand, such as "mutex_lock lock (ioas 3)". */
void describe_op(struct text *t, const struct iommufd_model_record *record,
		 const struct record_op *op);

/* Add the result of an operation: " 1 -> 2", ": failed", or nothing. */
void describe_result(struct text *t, const struct record_op *op);

/* The name of a thread, such as "getter"; "another thread" if the record has no
   such thread.  The result is valid until the next call. */
const char *describe_thread(const struct iommufd_model_record *record,
			    int thread);

#endif
