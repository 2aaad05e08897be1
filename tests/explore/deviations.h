/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Where the model departs from the kernel, a story may fail on a kernel tree
 * and not on the model.  These are the failures that docs/deviations.md leads
 * one to expect, each with its id there.
 */
#ifndef TESTS_EXPLORE_DEVIATIONS_H
#define TESTS_EXPLORE_DEVIATIONS_H

#include <iommufd_model/explore.h>

/*
 * struct deviation
 * @failure: how a story fails
 * @in, @also: what the report of the failure names, such as the function that
 *	is at fault; @also may be NULL
 * @harmless: the execution goes on as it should, so the failure is ignored
 */
struct deviation {
	const char *id, *what;
	enum iommufd_model_failure failure;
	const char *in, *also;
	bool harmless;
};

#define NR_DEVIATIONS 7

extern const struct deviation deviations[NR_DEVIATIONS];

/* The deviation that explains the failure of this result, or NULL. */
const struct deviation *
find_deviation(const struct iommufd_model_explore_result *result);

#endif
