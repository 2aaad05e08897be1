// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * run --story: print each step as it is written, the changes that it made, the
 * thread that made them, and its result; and the release of a context, pass by
 * pass.
 *
 * The run is recorded.  When a step is over, its operations are read from the
 * record and described.
 */
#include "record.h"
#include "story.h"
#include <string.h>

static void tell_thread(unsigned int line, const char *name, void *data)
{
	struct story *story = data;

	fprintf(story->to, "%4u  thread %s\n\n", line, name);
}

static void tell_step(unsigned int line, const char *text, void *data)
{
	struct story *story = data;

	fprintf(story->to, "%4u  %s\n", line, text);
}

static void tell_result(unsigned int line, const char *result, void *data)
{
	const char *ret = strstr(result, " ret=");
	struct story *story = data;

	(void)line;
	story_tell(story);
	fprintf(story->to, "      =>%s\n\n", ret ? ret : result);
}

int story_run(const struct scenario *s, FILE *out)
{
	struct iommufd_model_record *record = iommufd_model_record_create(0);
	struct story story = {
		.record = record, .to = out, .ledger = observe_ledger_create(),
	};
	const struct scenario_output output = {
		.problems = stderr,
		.before_thread = tell_thread,
		.before_line = tell_step,
		.after_line = tell_result,
		.data = &story,
	};
	int outcome = SCENARIO_NOT_RUN;

	if (story.ledger)
		outcome = record_run(s, &output, record);
	/*
	 * The end of the run closed everything that was still open after the
	 * last step.
	 */
	if (outcome != SCENARIO_NOT_RUN)
		story_end(&story);
	if (outcome == SCENARIO_NOT_RUN || story.ledger->incomplete ||
	    iommufd_model_record_length(record) > record_length(record)) {
		outcome = SCENARIO_NOT_RUN;
		fprintf(stderr, "iommufd-model run: the story of %s is not "
			"complete\n", scenario_name(s));
	}
	observe_ledger_free(story.ledger);
	iommufd_model_record_free(record);
	return outcome;
}
