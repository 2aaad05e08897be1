/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Files to which a record, or a drawing of it, is written.
 *
 * Every format begins with a mark of its own, by which this program recognises
 * files that it has written.  A file without such a mark is not replaced,
 * unless it is empty or IOMMUFD_MODEL_OVERWRITE is set to 1.  A file gets its
 * name when it is complete: until then it is a temporary file in the same
 * directory, and after a failure the old file is unchanged.  A device, a pipe
 * and a descriptor (/dev/stdout, /dev/fd/N) are written to directly.
 */
#ifndef RECORD_OUTPUT_H
#define RECORD_OUTPUT_H

#include <stdio.h>
#include <sys/stat.h>

#define OUTPUT_PATH 4096

/* The marks at the beginning of the files of each format. */
#define OUTPUT_MARK_HTML "<!-- Written by iommufd-model -->\n"
#define OUTPUT_MARK_JSON "{\"generator\":\"iommufd-model\","
#define OUTPUT_MARK_RECORD "{\"iommufd-model-record\":"
#define OUTPUT_MARK_TEXT "# Columns written by iommufd-model\n"

/*
 * record_output_file(path, test, ending, buf): returns @path.  If @path is a
 * directory, returns the name of a file in it for @test, which is written to
 * @buf of OUTPUT_PATH bytes.
 */
const char *record_output_file(const char *path, const char *test,
				const char *ending, char *buf);

/*
 * record_output_descriptor(path): returns the descriptor that @path names, such
 * as 1 for /dev/stdout, or -1 if it names none.
 */
int record_output_descriptor(const char *path);

/*
 * struct output - a file that is being written
 * @to: the stream to write to
 * @target: the name that the file gets at the end; empty: @to writes to an
 *	existing descriptor or device
 * @temporary: the name of the file until then
 */
struct output {
	FILE *to;
	char target[OUTPUT_PATH];
	char temporary[OUTPUT_PATH + 64];
};

/*
 * record_output_check(path): check whether a file may and can be written to
 * @path, without a change.  Returns 0; -EEXIST if @path has a file that this
 * program did not write; -EBUSY if standard output or standard error goes to
 * that file; or another errno if the file cannot be created.
 */
int record_output_check(const char *path);

/* record_output_problem(rc): describes an error of record_output_check(). */
const char *record_output_problem(int rc);

/*
 * record_output_flush(to): write what is buffered.  Returns 0, or a negative
 * errno if this or an earlier write failed, for example -ENOSPC.
 */
int record_output_flush(FILE *to);

/*
 * record_output_open(output, path): begin to write, if record_output_check()
 * allows it.  record_output_close(output, rc): end the file.  It gets its name
 * if @rc is 0 and no write failed; otherwise it is removed.  Both return 0 or a
 * negative errno; record_output_close() returns @rc if @rc is an errno.
 */
int record_output_open(struct output *output, const char *path);
int record_output_close(struct output *output, int rc);

#endif
