/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Files that a record, or what is drawn of it, is written to.
 *
 * Every format begins with a mark of its own, so that a file of ours is known
 * again.  A file that has no such mark belongs to somebody else and is not
 * replaced, unless it is empty or IOMMUFD_MODEL_OVERWRITE is set to 1.  What is
 * written appears under its name when it is complete: until then it is a
 * temporary file in the same directory, and a failure leaves the old file as it
 * was.  A device, a pipe and a descriptor (/dev/stdout, /dev/fd/N) are written
 * to as they are.
 */
#ifndef RECORD_OUTPUT_H
#define RECORD_OUTPUT_H

#include <stdio.h>
#include <sys/stat.h>

#define OUTPUT_PATH 4096

/* What each format begins with. */
#define OUTPUT_MARK_HTML "<!-- Written by iommufd-model -->\n"
#define OUTPUT_MARK_JSON "{\"generator\":\"iommufd-model\","
#define OUTPUT_MARK_RECORD "{\"iommufd-model-record\":"
#define OUTPUT_MARK_TEXT "# Columns written by iommufd-model\n"

/*
 * record_output_file(path, test, ending, buf): @path, but in a directory a file
 * of its own for each test, made in @buf of OUTPUT_PATH bytes.
 */
const char *record_output_file(const char *path, const char *test,
				const char *ending, char *buf);

/* record_output_descriptor(path): the descriptor that it names; -1: none */
int record_output_descriptor(const char *path);

/*
 * struct output - a file that is being written
 * @to: where to
 * @target: the name it gets at the end; empty: it is written to as it is
 * @temporary: the name it has until then
 */
struct output {
	FILE *to;
	char target[OUTPUT_PATH];
	char temporary[OUTPUT_PATH + 64];
};

/*
 * record_output_check(path): may, and can, anything be written to @path?
 * Changes nothing.  0, or -EEXIST: another's file is there; -EBUSY: it is the
 * file that standard output or standard error goes to; another errno if it
 * cannot be made.
 */
int record_output_check(const char *path);

/* record_output_problem(rc): such an error as half a sentence. */
const char *record_output_problem(int rc);

/*
 * record_output_flush(to): write what is buffered.  0, or a negative errno if
 * this or anything written before failed: -ENOSPC for a full disk.
 */
int record_output_flush(FILE *to);

/*
 * record_output_open(output, path): begin to write, if the check above allows
 * it.  record_output_close(output, rc): end it; the file gets its name if @rc
 * and all else is well, else it is removed.  Both return 0 or a negative errno,
 * the latter @rc if that is one.
 */
int record_output_open(struct output *output, const char *path);
int record_output_close(struct output *output, int rc);

#endif
