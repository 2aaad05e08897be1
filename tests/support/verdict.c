// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "verdict.h"
#include "suite.h"

struct iommufd_model_explore_result verdict_result;

static int explore(const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options options)
{
	iommufd_model_explore_free(&verdict_result);
	options.quiet = true;
	return iommufd_model_explore(test, &options, &verdict_result);
}

static void check_failure(const struct verdict *v, int rc)
{
	char text[128];

	ck_assert_msg(rc == !!v->failure &&
			      verdict_result.failure == v->failure,
		      "%s: %s, expected %s\n%s", v->test.name,
		      iommufd_model_verdict_text(&verdict_result, text,
						 sizeof(text)),
		      iommufd_model_failure_name(v->failure),
		      verdict_result.text ? verdict_result.text : "");
}

static bool says(const char *part)
{
	return strstr(verdict_result.text, part) ||
	       strstr(verdict_result.report, part);
}

static void check_told(const struct verdict *v)
{
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(v->told) && v->told[i]; i++)
		ck_assert_msg(says(v->told[i]),
			      "%s: no \"%s\" in: %.3000s", v->test.name,
			      v->told[i], verdict_result.report);
}

static void check_replay(const struct verdict *v,
			 struct iommufd_model_explore_options options)
{
	char *schedule = strdup(verdict_result.schedule);

	options.mode = IOMMUFD_MODEL_MODE_REPLAY;
	options.schedule = schedule;
	check_failure(v, explore(&v->test, options));
	check_told(v);
	free(schedule);
}

static void print_figures(const struct verdict *v)
{
	if (getenv("EXPLORE_FIGURES"))
		printf("%s: %lu executions, %lu redundant, depth %u\n",
		       v->test.name, verdict_result.executions,
		       verdict_result.redundant, verdict_result.depth);
}

void check_verdict_once(const struct verdict *v,
			struct iommufd_model_explore_options options)
{
	options.jobs = 1;
	check_failure(v, explore(&v->test, options));
	print_figures(v);
	if (v->failure) {
		check_told(v);
		return;
	}
	ck_assert_msg(verdict_result.verdict == IOMMUFD_MODEL_VERDICT_COMPLETE,
		      "%s: not complete", v->test.name);
	if (v->executions)
		ck_assert_msg(verdict_result.executions == v->executions,
			      "%s: %lu executions, expected %lu", v->test.name,
			      verdict_result.executions, v->executions);
}

void check_verdict_with(const struct verdict *v,
			struct iommufd_model_explore_options options)
{
	check_verdict_once(v, options);
	if (v->failure)
		check_replay(v, options);
}

void check_verdict(const struct verdict *v)
{
	struct iommufd_model_explore_options options = { .jobs = 1 };

	check_verdict_with(v, options);
}
