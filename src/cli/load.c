// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Reading files; load.h describes the functions. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "load.h"
#include "read.h"

/*
 * No scenario or report is larger.  The limit is needed because /dev/zero never
 * ends.
 */
#define MAX_FILE (256u << 20)

/*
 * Return everything that can be read from @from, followed by a zero byte.
 * Returns NULL, with errno set, after an error.
 */
static char *read_all(FILE *from, size_t *len)
{
	size_t room = 4096, got;
	char *text = NULL, *more;

	for (*len = 0; *len <= MAX_FILE; room *= 2) {
		more = realloc(text, room + 1);
		if (!more)
			goto out_free;
		text = more;
		got = fread(text + *len, 1, room - *len, from);
		*len += got;
		if (ferror(from))
			goto out_free;
		text[*len] = 0;
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

char *load_file(const char *who, const char *path, size_t *len)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *from = is_stdin ? stdin : fopen(path, "rb");
	char *text = from ? read_all(from, len) : NULL;

	if (!text)
		fprintf(stderr, "%s: cannot read %s: %s\n", who,
			load_name(path), strerror(errno));
	if (from && !is_stdin)
		fclose(from);
	return text;
}

/*
 * Tells whether there is a file X.result beside the scenario X.script.  It has
 * what a kernel answered to the scenario.
 */
static bool is_recorded(const char *path)
{
	const char *stem = strrchr(path, '.');
	char *result;
	bool is;

	if (!stem || strcmp(stem, ".script") ||
	    asprintf(&result, "%.*s.result", (int)(stem - path), path) < 0)
		return false;
	is = !access(result, F_OK);
	free(result);
	return is;
}

struct scenario *load_scenario(const char *who, const char *path)
{
	const char *name = load_name(path);
	struct scenario_errors errors;
	struct scenario *scenario;
	size_t len;
	char *text = load_file(who, path, &len);

	if (!text)
		return NULL;
	scenario = scenario_parse(name, text, len, is_recorded(path), &errors);
	free(text);
	if (!scenario)
		scenario_print_errors(name, &errors, stderr);
	return scenario;
}

void free_scenarios(struct scenario **scenarios, int n)
{
	int i;

	for (i = 0; scenarios && i < n; i++)
		scenario_free(scenarios[i]);
	free(scenarios);
}

struct scenario **load_scenarios(const char *who, char *const *paths, int n)
{
	struct scenario **scenarios = calloc((size_t)n, sizeof(*scenarios));
	bool good = true;
	int i;

	if (!scenarios) {
		fprintf(stderr, "%s: out of memory\n", who);
		return NULL;
	}
	for (i = 0; i < n; i++) {
		scenarios[i] = load_scenario(who, paths[i]);
		good = good && scenarios[i];
	}
	if (good)
		return scenarios;
	free_scenarios(scenarios, n);
	return NULL;
}

struct iommufd_model_record *load_record(const char *who, const char *path)
{
	struct iommufd_model_record *record;
	size_t len;
	char *text = load_file(who, path, &len);

	if (!text)
		return NULL;
	record = render_read(load_name(path), text, len);
	free(text);
	return record;
}
