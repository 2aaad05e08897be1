/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file record.h
 * A record: one execution as data.
 *
 * It holds the operations of all threads in order, with their call sites and
 * values, and how the execution ended.  The explorer leaves one of the schedule
 * that it hands back, in its result; the observer writes one while a program
 * runs (iommufd_model_record_start()).  A record can be written to a file,
 * whose format docs/record.md describes, and the program makes pages and other
 * drawings of such a file: `iommufd-model page FILE`.
 */
#ifndef IOMMUFD_MODEL_RECORD_H
#define IOMMUFD_MODEL_RECORD_H

#include <iommufd_model/kernel/types.h>
#include <stdio.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** One execution; opaque. */
struct iommufd_model_record;

/**
 * Makes an empty record.
 * @param operations  how many it has room for, 0: 262,144; those that come
 *   later are counted and not kept
 * @return the record; NULL if memory is short
 * @ownership The caller gives it back by iommufd_model_record_free().
 */
IOMMUFD_MODEL_API struct iommufd_model_record *
iommufd_model_record_create(unsigned int operations);

/**
 * Frees a record, which the observer must no longer be writing.
 * @param record  the record; may be NULL
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
 * @param title   is copied, and cut if it is long
 */
IOMMUFD_MODEL_API void
iommufd_model_record_title(struct iommufd_model_record *record,
			   const char *title);

/**
 * Writes a record, as docs/record.md describes.
 * @param record  the record; nobody may be recording to it
 * @param to      where to; after an error it may have got a part
 * @return 0 or a negative errno
 * @errors -ENOMEM; -EIO: @p to has an error.
 */
IOMMUFD_MODEL_API int
iommufd_model_record_write(const struct iommufd_model_record *record, FILE *to);

/**
 * Writes a record to a file, as iommufd_model_record_write() does.  A file that is
 * there is replaced when the new one is complete, and only if it is empty or was
 * written by this library or its program: what anybody else wrote stays as it is,
 * unless the environment has IOMMUFD_MODEL_OVERWRITE=1.  Devices, pipes and
 * /dev/stdout are written to as they are.
 * @param record  the record; nobody may be recording to it
 * @param path    of the file, which is made or replaced
 * @return 0 or a negative errno, with the old file unchanged
 * @errors -EEXIST: somebody else's file is there; -EBUSY: standard output or
 *   standard error goes there; that of opening or closing the file; or as of
 *   iommufd_model_record_write().
 */
IOMMUFD_MODEL_API int
iommufd_model_record_save(const struct iommufd_model_record *record,
			  const char *path);

IOMMUFD_MODEL_END_DECLS

#endif
