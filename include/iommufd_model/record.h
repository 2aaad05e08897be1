/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file record.h A record: one execution as data.
 *
 * It holds the operations of all threads in order, with their call sites and
 * values, and how the execution ended.  The result of an exploration contains
 * the record of the schedule that the explorer hands back.  The observer writes
 * a record while a program runs (iommufd_model_record_start()).  A record can
 * be written to a file, whose format docs/record.md describes.  The program
 * makes pages and other drawings from such a file: `iommufd-model page FILE`.
 */
#ifndef IOMMUFD_MODEL_RECORD_H
#define IOMMUFD_MODEL_RECORD_H

#include <iommufd_model/kernel/types.h>
#include <stdio.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** One execution; opaque. */
struct iommufd_model_record;

/**
 * Creates an empty record.
 * @param operations  the number of operations for which it has room; 0 for
 *   262,144; later operations are counted but not kept
 * @return the record; NULL if the allocation failed
 * @ownership The caller must free it with iommufd_model_record_free().
 */
IOMMUFD_MODEL_API struct iommufd_model_record *
iommufd_model_record_create(unsigned int operations);

/**
 * Frees a record.  The observer must not be writing it any more.
 * @param record  the record, or NULL
 */
IOMMUFD_MODEL_API void
iommufd_model_record_free(struct iommufd_model_record *record);

/**
 * Tells how many operations and notes were recorded.
 * @param record  the record
 * @return the number, including those for which there was no room
 */
IOMMUFD_MODEL_API unsigned long
iommufd_model_record_length(const struct iommufd_model_record *record);

/**
 * Sets the title of a record, which is the heading of its drawings.
 * @param record  the record
 * @param title   the title, which is copied, and cut if it is too long
 */
IOMMUFD_MODEL_API void
iommufd_model_record_title(struct iommufd_model_record *record,
			   const char *title);

/**
 * Writes a record, as docs/record.md describes.
 * @param record  the record; nobody may be recording to it
 * @param to      the stream; after an error a part may have been written
 * @return 0 or a negative errno
 * @errors -ENOMEM; -EIO: @p to has an error.
 */
IOMMUFD_MODEL_API int
iommufd_model_record_write(const struct iommufd_model_record *record, FILE *to);

/**
 * Writes a record to a file, as iommufd_model_record_write() does.  An existing
 * file is replaced once the new one is complete, but only if it is empty or was
 * written by this library or its program.  Any other file is left alone, unless
 * the environment has IOMMUFD_MODEL_OVERWRITE=1.  Devices, pipes and
 * /dev/stdout are written to directly.
 * @param record  the record; nobody may be recording to it
 * @param path    the path of the file, which is created or replaced
 * @return 0 or a negative errno, with the old file unchanged
 * @errors -EEXIST: there is a file that something else wrote; -EBUSY: it is
 *   where standard output or standard error goes; an error of opening or
 *   closing the file; and the errors of iommufd_model_record_write().
 */
IOMMUFD_MODEL_API int
iommufd_model_record_save(const struct iommufd_model_record *record,
			  const char *path);

IOMMUFD_MODEL_END_DECLS

#endif
