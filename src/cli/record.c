// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Recording a run, and drawing a record; record.h describes the functions. */
#include "record.h"
#include "timeline.h"
#include "../record/output.h"
#include <errno.h>
#include <iommufd_model/observe.h>

bool drawings_wanted(const struct drawings *drawings)
{
	int i;

	for (i = 0; i < NR_DRAWINGS; i++)
		if (drawings->to[i].path)
			return true;
	return false;
}

/* Write one drawing to @path.  Returns 0 or a negative errno. */
static int draw(const char *path, enum drawing drawing,
		const struct timeline *timeline)
{
	static void (*const renders[])(const struct timeline *, FILE *) = {
		[DRAW_HTML] = render_page, [DRAW_TRACE] = render_trace,
		[DRAW_COLUMNS] = render_columns,
	};
	struct output output;
	int rc;

	if (drawing == DRAW_RECORD)
		return iommufd_model_record_save(timeline->record, path);
	rc = record_output_open(&output, path);
	if (rc)
		return rc;
	renders[drawing](timeline, output.to);
	return record_output_close(&output, record_output_flush(output.to));
}

bool drawings_make(const char *who, const struct drawings *drawings,
		   const struct iommufd_model_record *record)
{
	struct timeline timeline = { .record = record };
	bool good = true;
	int i, rc;

	timeline_make(&timeline);
	for (i = 0; i < NR_DRAWINGS; i++) {
		if (!drawings->to[i].path)
			continue;
		rc = draw(drawings->to[i].path, (enum drawing)i, &timeline);
		if (rc)
			fprintf(stderr, "%s: cannot write %s: %s\n", who,
				drawings->to[i].path,
				record_output_problem(rc));
		good &= !rc;
	}
	timeline_free(&timeline);
	return good;
}

int record_run(const struct scenario *s, const struct scenario_output *output,
	       struct iommufd_model_record *record)
{
	int outcome = SCENARIO_NOT_RUN;

	if (!record || iommufd_model_observe_start(NULL, NULL) ||
	    iommufd_model_record_start(record)) {
		fputs("iommufd-model run: out of memory\n", stderr);
	} else {
		iommufd_model_record_title(record, scenario_name(s));
		outcome = (int)scenario_run(s, output);
	}
	iommufd_model_observe_stop();
	return outcome;
}
