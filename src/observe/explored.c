// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An exploration that the observer explains and draws.
 *
 * The execution that will be told runs in a child, which may die of it.  It
 * records to memory that it shares with us, and we draw.
 */
#define _POSIX_C_SOURCE 200809L
#include <iommufd_model/explore.h>
#include <iommufd_model/observe.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_LEN 4096

/*
 * In a directory each test has a file of its own, and not the last one the only.
 * Returns @path, or @buf.
 */
static const char *file_of(const char *path, const char *test,
			   const char *ending, char *buf)
{
	struct stat is;
	size_t len;
	char *c;

	if (stat(path, &is) || !S_ISDIR(is.st_mode))
		return path;
	len = (size_t)snprintf(buf, PATH_LEN, "%s/", path);
	if (len >= PATH_LEN)
		return path;
	snprintf(buf + len, PATH_LEN - len, "%.200s%s", test, ending);
	for (c = buf + len; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			*c = '-';
	return buf;
}

static void draw(struct iommufd_model_recording *recording, const char *path,
		 enum iommufd_model_film_format format,
		 const struct iommufd_model_film *film, const char *test)
{
	char buf[PATH_LEN];
	int rc;

	if (!path || !iommufd_model_recorded(recording, NULL))
		return;
	path = file_of(path, test, format == IOMMUFD_MODEL_FILM_HTML ?
				   ".html" : ".json", buf);
	rc = iommufd_model_film_save(recording, format, film, path);
	if (rc)
		fprintf(stderr, "%s: %s\n", path, strerror(-rc));
}

/* An environment variable has the last word. */
static void ask_environment(const char *name, const char **path)
{
	const char *value = getenv(name);

	if (value && *value)
		*path = value;
}

int iommufd_model_explore_observed(
	const struct iommufd_model_test *test,
	const struct iommufd_model_explore_options *options,
	struct iommufd_model_explore_result *result)
{
	struct iommufd_model_explore_options opt;
	struct iommufd_model_explore_result own;
	struct iommufd_model_recording *recording = NULL;
	struct iommufd_model_film film = { .intro = NULL };
	int rc;

	memset(&opt, 0, sizeof(opt));
	if (options)
		opt = *options;
	if (!opt.explain)
		opt.explain = iommufd_model_explain_leak;
	ask_environment("IOMMUFD_MODEL_EXPLORE_HTML", &opt.html);
	ask_environment("IOMMUFD_MODEL_EXPLORE_TRACE", &opt.trace);
	if (!result)
		result = &own;
	if (opt.html || opt.trace) {
		recording = iommufd_model_recording_create(0);
		if (!recording)
			fputs("no memory to record to, nothing is drawn\n",
			      stderr);
		iommufd_model_explain_to(recording);
	}
	/* It would be stopped anyway, and slow every execution until then. */
	iommufd_model_observe_stop();
	rc = iommufd_model_explore(test, &opt, result);
	iommufd_model_observe_stop();
	if (recording && rc >= 0) {
		film.title = opt.title ? opt.title : test->name;
		film.result = result;
		draw(recording, opt.html, IOMMUFD_MODEL_FILM_HTML, &film,
		     test->name);
		draw(recording, opt.trace, IOMMUFD_MODEL_FILM_TRACE, &film,
		     test->name);
	}
	iommufd_model_explain_to(NULL);
	iommufd_model_recording_free(recording);
	if (result == &own)
		iommufd_model_explore_free(&own);
	return rc;
}
