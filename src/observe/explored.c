// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An exploration whose failure the observer explains.
 *
 * The execution that is reported runs in a child process, which the failure may
 * kill.  Both the explorer and the observer write to a record that is shared
 * with the parent process.
 */
#include <iommufd_model/explore.h>
#include <iommufd_model/observe.h>

int iommufd_model_explore_observed_sized(
	const struct iommufd_model_test *test,
	const struct iommufd_model_explore_options *options,
	struct iommufd_model_explore_result *result, size_t size)
{
	struct iommufd_model_explore_options opt;
	int rc;

	/*
	 * The options are wrong.  Call the explorer all the same, because it
	 * reports why.
	 */
	if (iommufd_model_explore_options_copy(&opt, options))
		return iommufd_model_explore_sized(test, options, result,
						   size);
	if (!opt.observe)
		opt.observe = iommufd_model_observe_execution;
	if (!opt.explain)
		opt.explain = iommufd_model_explain_leak;
	/* An observer would slow all executions until it is stopped. */
	iommufd_model_observe_stop();
	rc = iommufd_model_explore_sized(test, &opt, result, size);
	iommufd_model_observe_stop();
	return rc;
}
