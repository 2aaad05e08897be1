/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Tables of explored tests with the verdict that each must have: a wrong form
 * fails in the way it is wrong, and its replay does too; a right form is
 * complete.
 */
#ifndef TESTS_EXPLORE_VERDICT_H
#define TESTS_EXPLORE_VERDICT_H

#include "suite.h"
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel.h>

/*
 * struct verdict - a test, and how it must fail
 * @failure: IOMMUFD_MODEL_NO_FAILURE: not at all
 * @executions: how many a complete search must take; 0: it does not matter
 * @says: a part of the report of the failure; NULL: it does not matter
 */
struct verdict {
	enum iommufd_model_failure failure;
	unsigned long executions;
	const char *says, *says_too;
	struct iommufd_model_test test;
};

/* Of the test that was checked last. */
static struct iommufd_model_explore_result verdict_result;

static inline int verdict_explore(const struct iommufd_model_test *test,
				  struct iommufd_model_explore_options options)
{
	iommufd_model_explore_free(&verdict_result);
	options.quiet = true;
	options.jobs = 1;
	return iommufd_model_explore(test, &options, &verdict_result);
}

static inline void verdict_check_replay(const struct verdict *v)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_REPLAY,
	};
	char *schedule = strdup(verdict_result.schedule);

	options.schedule = schedule;
	ck_assert_int_eq(verdict_explore(&v->test, options), 1);
	ck_assert_int_eq(verdict_result.failure, v->failure);
	free(schedule);
}

static inline void verdict_check_text(const char *part)
{
	if (part)
		ck_assert_msg(strstr(verdict_result.report, part) != NULL,
			      "\"%s\" is not in: %.3000s", part,
			      verdict_result.report);
}

static inline void verdict_check(const struct verdict *v)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	char text[128];
	int rc = verdict_explore(&v->test, options);

	ck_assert_msg(rc == !!v->failure &&
			      verdict_result.failure == v->failure,
		      "%s: %s, expected %s\n%.2000s", v->test.name,
		      iommufd_model_verdict_text(&verdict_result, text,
						 sizeof(text)),
		      iommufd_model_failure_name(v->failure),
		      verdict_result.report ? verdict_result.report : "");
	if (!v->failure) {
		ck_assert_int_eq(verdict_result.verdict,
				 IOMMUFD_MODEL_COMPLETE);
		if (v->executions)
			ck_assert_msg(verdict_result.executions ==
					      v->executions,
				      "%s: %lu executions, expected %lu",
				      v->test.name, verdict_result.executions,
				      v->executions);
		return;
	}
	verdict_check_text(v->says);
	verdict_check_text(v->says_too);
	verdict_check_replay(v);
}

/* Members of a struct verdict: the right form, with a number of executions. */
#define RIGHT(nr, name_, setup_, after_, ...)				\
	{ .executions = nr, .test = {					\
		.name = name_, .setup = setup_, .after = after_,	\
		.threads = { __VA_ARGS__ } } }
/* The wrong form, and two parts of the report. */
#define WRONG(failure_, part, part_too, name_, setup_, after_, ...)	\
	{ .failure = IOMMUFD_MODEL_FAIL_##failure_, .says = part,	\
	  .says_too = part_too, .test = {				\
		.name = name_, .setup = setup_, .after = after_,	\
		.threads = { __VA_ARGS__ } } }
/* A thread. */
#define T(fn_) { #fn_, fn_ }

#endif
