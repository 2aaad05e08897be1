// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * run --story: each step as it is written, what it changed and who did it, and
 * its result; at the end of a context the release, pass by pass.
 *
 * The observer hears every change while a step runs; the narrator tells them
 * when it is over.
 */
#include "story.h"
#include "narrate.h"
#include <string.h>

struct story {
	FILE *out;
	struct narrator *narrator;
	bool cut;
};

static void tell_thread(unsigned int line, const char *name, void *data)
{
	struct story *story = data;

	fprintf(story->out, "%4u  thread %s\n\n", line, name);
}

static void tell_step(unsigned int line, const char *text, void *data)
{
	struct story *story = data;

	fprintf(story->out, "%4u  %s\n", line, text);
}

static void tell_result(unsigned int line, const char *result, void *data)
{
	const char *ret = strstr(result, " ret=");
	struct story *story = data;

	(void)line;
	if (narrator_tell(story->narrator))
		story->cut = true;
	fprintf(story->out, "      =>%s\n\n", ret ? ret : result);
}

/* What was still open was closed after the last step. */
static void tell_end(struct story *story)
{
	if (!narrator_has_news(story->narrator))
		return;
	fprintf(story->out, "      at the end what is still open is closed\n");
	if (narrator_tell(story->narrator))
		story->cut = true;
}

int story_run(const struct scenario *s, FILE *out)
{
	struct story story = { .out = out };
	const struct scenario_output output = {
		.problems = stderr,
		.before_thread = tell_thread,
		.before_step = tell_step,
		.after_step = tell_result,
		.data = &story,
	};
	int outcome = SCENARIO_NOT_RUN;

	story.narrator = narrator_create(out);
	if (!story.narrator)
		goto out;
	if (iommufd_model_observe_start(narrator_hear, story.narrator))
		goto out_free;
	outcome = scenario_run(s, &output);
	iommufd_model_observe_stop();
	tell_end(&story);
	if (story.cut)
		outcome = SCENARIO_NOT_RUN;
out_free:
	narrator_free(story.narrator);
out:
	if (outcome == SCENARIO_NOT_RUN)
		fprintf(stderr, "iommufd-model run: the story of %s is not "
			"complete\n", scenario_name(s));
	return outcome;
}
