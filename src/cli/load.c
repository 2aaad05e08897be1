// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "load.h"
#include "read.h"

/* Nobody writes more by hand; /dev/zero has more. */
#define MAX_FILE (256u << 20)

/* All of @from; NULL with errno. */
static char *read_all(FILE *from, size_t *len)
{
	size_t room = 4096, got;
	char *text = NULL, *more;

	for (*len = 0; *len <= MAX_FILE; room *= 2) {
		more = realloc(text, room);
		if (!more)
			goto out_free;
		text = more;
		got = fread(text + *len, 1, room - *len, from);
		*len += got;
		if (ferror(from))
			goto out_free;
		if (*len < room)
			return text;
	}
	errno = EFBIG;
out_free:
	free(text);
	return NULL;
}

const char *load_name(const char *path)
{
	return strcmp(path, "-") ? path : "<stdin>";
}

char *load_file(const char *path, size_t *len)
{
	FILE *from;
	char *text;
	int error;

	if (!strcmp(path, "-"))
		return read_all(stdin, len);
	from = fopen(path, "rb");
	if (!from)
		return NULL;
	text = read_all(from, len);
	error = errno;
	fclose(from);
	errno = error;
	return text;
}

struct scenario *load_scenario(const char *who, const char *path)
{
	const char *name = load_name(path);
	struct scenario_errors errors;
	struct scenario *scenario;
	size_t len;
	char *text;

	text = load_file(path, &len);
	if (!text) {
		fprintf(stderr, "%s: cannot read %s: %s\n", who, name,
			strerror(errno));
		return NULL;
	}
	scenario = scenario_parse(name, text, len, &errors);
	free(text);
	if (!scenario)
		scenario_print_errors(name, &errors, stderr);
	return scenario;
}

struct iommufd_model_record *load_record(const char *who, const char *path)
{
	struct iommufd_model_record *record;
	size_t len;
	char *text = load_file(path, &len);

	if (!text) {
		fprintf(stderr, "%s: cannot read %s: %s\n", who,
			load_name(path), strerror(errno));
		return NULL;
	}
	record = render_read(load_name(path), text, len);
	free(text);
	return record;
}
