// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An exploration that the observer explains and draws.
 *
 * The execution that will be told runs in a child, which may die of it.  It
 * records to memory that it shares with us, and we draw.
 */
#include <iommufd_model/explore.h>
#include <iommufd_model/observe.h>
#include <stdlib.h>
#include <string.h>

static void draw(struct iommufd_model_recording *recording, const char *path,
		 enum iommufd_model_film_format format,
		 const struct iommufd_model_film *film)
{
	FILE *to;
	int rc;

	if (!path || !iommufd_model_recorded(recording, NULL))
		return;
	to = fopen(path, "w");
	rc = to ? iommufd_model_film_write(recording, format, film, to) :
		  -errno;
	if (to && fclose(to) && !rc)
		rc = -errno;
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
	struct iommufd_model_film film = { .title = test->name };
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
		film.result = result;
		draw(recording, opt.html, IOMMUFD_MODEL_FILM_HTML, &film);
		draw(recording, opt.trace, IOMMUFD_MODEL_FILM_TRACE, &film);
	}
	iommufd_model_explain_to(NULL);
	iommufd_model_recording_free(recording);
	if (result == &own)
		iommufd_model_explore_free(&own);
	return rc;
}
