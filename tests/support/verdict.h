/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Tables of explored tests: each row is a test and its expected result.  A
 * wrong form must fail with the kind of failure of its mistake, and the report
 * must name the call sites; the exploration of a right form must be complete.
 */
#ifndef TESTS_SUPPORT_VERDICT_H
#define TESTS_SUPPORT_VERDICT_H

#include <iommufd_model/explore.h>

/*
 * struct verdict - a test and how it must end
 * @failure: the kind of failure; IOMMUFD_MODEL_NO_FAILURE: the search is
 *	complete
 * @told: texts that the message or the report of the failure must contain; ends
 *	at the first NULL
 * @executions: how many a complete search must take; 0: any number
 */
struct verdict {
	enum iommufd_model_failure failure;
	struct iommufd_model_test test;
	const char *told[4];
	unsigned long executions;
};

/* A test in the right form, with its number of executions or 0. */
#define RIGHT(nr, name_, setup_, after_, ...)				\
	{ .executions = nr, .test = {					\
		.name = name_, .setup = setup_, .after = after_,	\
		.threads = { __VA_ARGS__ } } }
/* A test in a wrong form, with two parts of its report or NULL. */
#define WRONG(failure_, part, part_too, name_, setup_, after_, ...)	\
	{ .failure = IOMMUFD_MODEL_FAIL_##failure_,			\
	  .told = { part, part_too }, .test = {				\
		.name = name_, .setup = setup_, .after = after_,	\
		.threads = { __VA_ARGS__ } } }
/* A thread of a test. */
#define T(fn_) { #fn_, fn_ }
/* Define a function of a thread for each number that @fn can have as argument. */
#define THREADS_2(fn)							\
	static void fn##_0(void *data) { (void)data; fn(0); }		\
	static void fn##_1(void *data) { (void)data; fn(1); }
#define THREADS_3(fn)							\
	THREADS_2(fn)							\
	static void fn##_2(void *data) { (void)data; fn(2); }
/* The threads with these functions. */
#define T2(fn) { #fn " 0", fn##_0 }, { #fn " 1", fn##_1 }
#define T3(fn) T2(fn), { #fn " 2", fn##_2 }

/* The result of the last check_verdict(); the next call frees it. */
extern struct iommufd_model_explore_result verdict_result;

/*
 * Explore the test of @v and compare.  The schedule of a failure is replayed,
 * and must fail again in the same way.  With EXPLORE_FIGURES in the environment
 * the figures of the search are printed.
 */
void check_verdict(const struct verdict *v);
/* The same without a replay, for a test that is not deterministic. */
void check_verdict_once(const struct verdict *v,
			struct iommufd_model_explore_options options);
/* The same as check_verdict() with options; the zeros among them are the defaults. */
void check_verdict_with(const struct verdict *v,
			struct iommufd_model_explore_options options);

#endif
