// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Files that a command is told to write; output.h describes the functions.
 *
 * The library, which also writes the files, checks that it does not overwrite a
 * file that something else wrote.  Only this file knows which files the command
 * also reads.
 */
#include "output.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../record/output.h"

bool output_take(const char *who, struct output_order *order, const char *path)
{
	if (order->path) {
		fprintf(stderr, "%s: %s given twice\n", who, order->option);
		return false;
	}
	if (*path == '-') {
		fprintf(stderr, "%s: %s needs the name of a file to write, and "
			"got \"%s\"; a file of that name is ./%s, standard "
			"output is /dev/stdout\n", who, order->option, path,
			path);
		return false;
	}
	order->path = path;
	return true;
}

void output_overwrite(void)
{
	setenv("IOMMUFD_MODEL_OVERWRITE", "1", 1);
}

/* Find a regular file; @is identifies it, whatever name it is given by. */
static bool find_file(const char *path, struct stat *is)
{
	int fd = record_output_descriptor(path);

	if (fd >= 0 ? fstat(fd, is) : stat(path, is))
		return false;
	return S_ISREG(is->st_mode);
}

static bool find_input(const char *path, struct stat *is)
{
	return find_file(strcmp(path, "-") ? path : "/dev/fd/0", is);
}

/* Find the directory in which a file that does not exist would be created. */
static bool find_folder(const char *path, struct stat *is)
{
	char folder[OUTPUT_PATH + 2];
	char *slash;

	if (strlen(path) >= OUTPUT_PATH)
		return false;
	strcpy(folder, path);
	slash = strrchr(folder, '/');
	strcpy(slash ? slash + 1 : folder, ".");
	return !stat(folder, is);
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool same_output(const char *a, const char *b)
{
	struct stat x, y;

	if (!access(a, F_OK) || !access(b, F_OK))
		return find_file(a, &x) && find_file(b, &y) && is_same(&x, &y);
	return find_folder(a, &x) && find_folder(b, &y) && is_same(&x, &y) &&
	       !strcmp(base_of(a), base_of(b));
}

static bool is_read(const char *who, const struct output_order *order,
		    const char *const *inputs, int nr_inputs)
{
	struct stat output, input;
	int i;

	if (!find_file(order->path, &output))
		return false;
	for (i = 0; i < nr_inputs; i++) {
		if (!find_input(inputs[i], &input) || !is_same(&output, &input))
			continue;
		fprintf(stderr, "%s: %s %s would replace %s, which is the same "
			"file and is read: name another file to write\n", who,
			order->option, order->path, strcmp(inputs[i], "-") ?
				inputs[i] : "standard input");
		return true;
	}
	return false;
}

static bool is_allowed(const char *who, const struct output_order *order)
{
	int rc = record_output_check(order->path);

	if (!rc)
		return true;
	fprintf(stderr, "%s: %s: cannot write %s: %s%s\n", who, order->option,
		order->path, record_output_problem(rc), rc == -EEXIST ?
			" (was the name of the file to write forgotten? "
			"--overwrite replaces it)" : "");
	return false;
}

bool outputs_allowed(const char *who, const struct output_order *orders, int n,
		     const char *const *inputs, int nr_inputs)
{
	int i, k;

	for (i = 0; i < n; i++) {
		if (!orders[i].path)
			continue;
		for (k = 0; k < i; k++) {
			if (!orders[k].path ||
			    !same_output(orders[i].path, orders[k].path))
				continue;
			fprintf(stderr, "%s: %s and %s would write the same "
				"file, %s\n", who, orders[k].option,
				orders[i].option, orders[i].path);
			return false;
		}
		if (is_read(who, &orders[i], inputs, nr_inputs) ||
		    !is_allowed(who, &orders[i]))
			return false;
	}
	return true;
}
