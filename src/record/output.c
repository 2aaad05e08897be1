// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Files to which a record, or a drawing of it, is written.  See output.h. */
#define _XOPEN_SOURCE 700
#include "output.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel follows as many links in one path. */
#define MAX_LINKS 40

const char *record_output_file(const char *path, const char *test,
				const char *ending, char *buf)
{
	struct stat is;
	size_t len;
	char *c;

	if (stat(path, &is) || !S_ISDIR(is.st_mode))
		return path;
	len = (size_t)snprintf(buf, OUTPUT_PATH, "%s/", path);
	if (len >= OUTPUT_PATH)
		return path;
	snprintf(buf + len, OUTPUT_PATH - len, "%.200s%s", test, ending);
	for (c = buf + len; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			*c = '-';
	return buf;
}

int record_output_descriptor(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
	size_t i, len;
	char *end;
	long fd;

	if (!strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	if (!strcmp(path, "/dev/stderr"))
		return STDERR_FILENO;
	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		len = strlen(folders[i]);
		if (strncmp(path, folders[i], len) || path[len] < '0' ||
		    path[len] > '9')
			continue;
		errno = 0;
		fd = strtol(path + len, &end, 10);
		if (!*end && !errno && fd < 1 << 20)
			return (int)fd;
	}
	return -1;
}

/* The file name in @path, after the last slash. */
static char *base_of(char *path)
{
	char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Replace the link @target by what it points to. */
static int follow(char *target)
{
	char to[OUTPUT_PATH], *base = base_of(target);
	ssize_t len = readlink(target, to, sizeof(to) - 1);

	if (len < 0)
		return -errno;
	to[len] = 0;
	if (*to == '/')
		base = target;
	if ((size_t)(base - target) + (size_t)len >= OUTPUT_PATH)
		return -ENAMETOOLONG;
	memcpy(base, to, (size_t)len + 1);
	return 0;
}

/*
 * Write the file that @path resolves to, with links followed, to @target.  So a
 * link stays a link when the file that it points to is replaced.  @is->st_mode
 * is 0 if no such file exists.
 */
static int resolve(const char *path, char *target, struct stat *is)
{
	int i, rc;

	if (strlen(path) >= OUTPUT_PATH)
		return -ENAMETOOLONG;
	strcpy(target, path);
	for (i = 0; i < MAX_LINKS; i++) {
		memset(is, 0, sizeof(*is));
		if (lstat(target, is))
			return errno == ENOENT && *target ? 0 : -errno;
		if (!S_ISLNK(is->st_mode))
			return 0;
		rc = follow(target);
		if (rc)
			return rc;
	}
	return -ELOOP;
}

/* Return 0 if files can be created in the directory of @target. */
static int check_folder(const char *target)
{
	char folder[OUTPUT_PATH + 1];
	char *base;

	strcpy(folder, target);
	base = base_of(folder);
	if (!*base)
		return -EISDIR;
	strcpy(base, ".");
	return access(folder, W_OK | X_OK) ? -errno : 0;
}

static bool is_open_as(int fd, const struct stat *is)
{
	struct stat other;

	return !fstat(fd, &other) && other.st_dev == is->st_dev &&
	       other.st_ino == is->st_ino;
}

/* Return 0 if the file @target begins with one of our marks. */
static int check_mark(const char *target)
{
	static const char *const marks[] = {
		OUTPUT_MARK_HTML, OUTPUT_MARK_JSON, OUTPUT_MARK_RECORD,
		OUTPUT_MARK_TEXT,
	};
	char head[64];
	FILE *from;
	size_t i, len;

	from = fopen(target, "rb");
	if (!from)
		return -EEXIST;
	len = fread(head, 1, sizeof(head), from);
	fclose(from);
	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (len >= strlen(marks[i]) &&
		    !memcmp(head, marks[i], strlen(marks[i])))
			return 0;
	return -EEXIST;
}

static int check_file(const char *target, const struct stat *is)
{
	const char *overwrite = getenv("IOMMUFD_MODEL_OVERWRITE");
	int rc;

	if (is_open_as(STDOUT_FILENO, is) || is_open_as(STDERR_FILENO, is))
		return -EBUSY;
	if (is->st_size && (!overwrite || strcmp(overwrite, "1"))) {
		rc = check_mark(target);
		if (rc)
			return rc;
	}
	if (access(target, W_OK))
		return -errno;
	return check_folder(target);
}

/* record_output_check(), which also returns the @target and its stat. */
static int look(const char *path, char *target, struct stat *is)
{
	int fd = record_output_descriptor(path), flags, rc;

	memset(is, 0, sizeof(*is));
	*target = 0;
	if (fd >= 0) {
		flags = fcntl(fd, F_GETFL);
		if (flags < 0)
			return -errno;
		return (flags & O_ACCMODE) == O_RDONLY ? -EBADF : 0;
	}
	rc = resolve(path, target, is);
	if (rc)
		return rc;
	if (!is->st_mode)
		return check_folder(target);
	if (S_ISDIR(is->st_mode))
		return -EISDIR;
	if (S_ISREG(is->st_mode))
		return check_file(target, is);
	return access(target, W_OK) ? -errno : 0;
}

int record_output_check(const char *path)
{
	char target[OUTPUT_PATH];
	struct stat is;

	return look(path, target, &is);
}

const char *record_output_problem(int rc)
{
	switch (rc) {
	case -EEXIST:
		return "there is a file already that iommufd-model did not "
		       "write, and it stays as it is";
	case -EBUSY:
		return "standard output or standard error goes there";
	default:
		return strerror(-rc);
	}
}

/* Create a new file beside @output->target; @is is the stat of the old file. */
static int open_temporary(struct output *output, const struct stat *is)
{
	const char *base = base_of(output->target);
	int i, fd = -1, folder = (int)(base - output->target);

	for (i = 0; i < 1000 && fd < 0; i++) {
		snprintf(output->temporary, sizeof(output->temporary),
			 "%.*s.iommufd-model.%ld-%d.tmp", folder,
			 output->target, (long)getpid(), i);
		fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	/* Keep the permissions of the old file, if there is one. */
	if (fd >= 0 && is->st_mode && fchmod(fd, is->st_mode & 0777)) {
		close(fd);
		unlink(output->temporary);
		return -1;
	}
	return fd;
}

int record_output_open(struct output *output, const char *path)
{
	struct stat is;
	int fd, rc = look(path, output->target, &is);

	if (rc)
		return rc;
	if (!*output->target) {
		/*
		 * Use the same open file: if it were opened again, it would
		 * have another position.
		 */
		fflush(NULL);
		fd = dup(record_output_descriptor(path));
	} else if (is.st_mode && !S_ISREG(is.st_mode)) {
		fd = open(output->target, O_WRONLY);
		*output->target = 0;
	} else {
		fd = open_temporary(output, &is);
	}
	if (fd < 0)
		return -errno;
	output->to = fdopen(fd, "w");
	if (output->to)
		return 0;
	rc = -errno;
	close(fd);
	if (*output->target)
		unlink(output->temporary);
	return rc;
}

int record_output_flush(FILE *to)
{
	if (fflush(to))
		return -errno;
	if (!ferror(to))
		return 0;
	/* The errno of the failed write is lost, so write again to get it. */
	putc('\n', to);
	return fflush(to) ? -errno : -EIO;
}

int record_output_close(struct output *output, int rc)
{
	if (fclose(output->to) && !rc)
		rc = -errno;
	if (!*output->target)
		return rc;
	if (!rc && rename(output->temporary, output->target))
		rc = -errno;
	if (rc)
		unlink(output->temporary);
	return rc;
}
