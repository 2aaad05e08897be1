/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Reading the file of a record. */
#ifndef RENDER_READ_H
#define RENDER_READ_H

#include "../record/record.h"

/*
 * render_read(name, text, len): returns the record in @text, which is the
 * content of the file @name.  After an error, prints a message with line and
 * column to standard error and returns NULL.  Strings to which the record
 * points stay allocated until the program ends.
 */
struct iommufd_model_record *render_read(const char *name, const char *text,
					 size_t len);

#endif
