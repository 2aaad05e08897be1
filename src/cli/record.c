// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Recording a run.  See record.h.
 */
#include "record.h"
#include <iommufd_model/observe.h>
#include <string.h>

bool record_wanted(const struct record_order *order)
{
	int i;

	for (i = 0; i < NR_RECORDS; i++)
		if (order->to[i].path)
			return true;
	return false;
}

static bool draw(struct iommufd_model_recording *recording, const char *path,
		 enum iommufd_model_film_format format,
		 const struct iommufd_model_film *film)
{
	int rc;

	if (!path)
		return true;
	rc = iommufd_model_film_save(recording, format, film, path);
	if (rc)
		fprintf(stderr, "iommufd-model run: cannot write %s: %s\n",
			path, strerror(-rc));
	return !rc;
}

static int draw_all(const struct scenario *s,
		    struct iommufd_model_recording *recording,
		    const struct record_order *order, int outcome)
{
	static const enum iommufd_model_film_format formats[] = {
		[RECORD_HTML] = IOMMUFD_MODEL_FILM_HTML,
		[RECORD_TRACE] = IOMMUFD_MODEL_FILM_TRACE,
		[RECORD_COLUMNS] = IOMMUFD_MODEL_FILM_TEXT,
	};
	const struct iommufd_model_film film = { .title = scenario_name(s) };
	bool good = true;
	int i;

	for (i = 0; i < NR_RECORDS; i++)
		good &= draw(recording, order->to[i].path, formats[i], &film);
	return good ? outcome : SCENARIO_NOT_RUN;
}

int record_run(const struct scenario *s, const struct scenario_output *output,
	       const struct record_order *order)
{
	struct iommufd_model_recording *recording;
	int outcome = SCENARIO_NOT_RUN;

	recording = iommufd_model_recording_create(0);
	if (!recording || iommufd_model_observe_start(NULL, NULL) ||
	    iommufd_model_record(recording)) {
		fputs("iommufd-model run: out of memory\n", stderr);
	} else {
		outcome = (int)scenario_run(s, output);
		iommufd_model_observe_stop();
		if (outcome != SCENARIO_NOT_RUN)
			outcome = draw_all(s, recording, order, outcome);
	}
	iommufd_model_observe_stop();
	iommufd_model_recording_free(recording);
	return outcome;
}
