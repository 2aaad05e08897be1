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
#include <stdlib.h>
#include <string.h>
#include "output.h"

unsigned int observe_films_lost;

static const char *ending(enum iommufd_model_film_format format)
{
	return format == IOMMUFD_MODEL_FILM_HTML ? ".html" : ".json";
}

static bool complain(const char *path, int rc)
{
	if (!rc)
		return false;
	observe_films_lost++;
	fprintf(stderr, "%s: not written: %s%s\n", path,
		observe_output_problem(rc), rc == -EEXIST ?
			" unless IOMMUFD_MODEL_OVERWRITE=1 is set" : "");
	return true;
}

/* Said before the exploration, which may take long; @path is NULL then. */
static void look_at(const char **path, enum iommufd_model_film_format format,
		    const char *test)
{
	char buf[OUTPUT_PATH];
	const char *file;

	if (!*path)
		return;
	file = observe_output_file(*path, test, ending(format), buf);
	if (complain(file, observe_output_check(file)))
		*path = NULL;
}

static void draw(struct iommufd_model_recording *recording, const char *path,
		 enum iommufd_model_film_format format,
		 const struct iommufd_model_film *film, const char *test)
{
	char buf[OUTPUT_PATH];

	if (!path || !iommufd_model_recorded(recording, NULL))
		return;
	path = observe_output_file(path, test, ending(format), buf);
	complain(path, iommufd_model_film_save(recording, format, film, path));
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
	look_at(&opt.html, IOMMUFD_MODEL_FILM_HTML, test->name);
	look_at(&opt.trace, IOMMUFD_MODEL_FILM_TRACE, test->name);
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
