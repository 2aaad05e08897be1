/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Reading the file of a record.
 */
#ifndef RENDER_READ_H
#define RENDER_READ_H

#include "../record/record.h"

/*
 * render_read(name, text, len): the record in @text, which is the content of the
 * file @name; NULL after a message with line and column on standard error.  What
 * the record points to stays allocated until the program ends.
 */
struct iommufd_model_record *render_read(const char *name, const char *text,
					 size_t len);

#endif
