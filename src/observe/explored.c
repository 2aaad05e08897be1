// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An exploration whose failure the observer explains.
 *
 * The execution that is reported runs in a child, which may die of it.  Both the
 * explorer and the observer write to a record that is shared with the parent.
 */
#include <iommufd_model/explore.h>
#include <iommufd_model/observe.h>
#include <string.h>

int iommufd_model_explore_observed(
	const struct iommufd_model_test *test,
	const struct iommufd_model_explore_options *options,
	struct iommufd_model_explore_result *result)
{
	struct iommufd_model_explore_options opt;
	int rc;

	memset(&opt, 0, sizeof(opt));
	if (options)
		opt = *options;
	if (!opt.observe)
		opt.observe = iommufd_model_observe_execution;
	if (!opt.explain)
		opt.explain = iommufd_model_explain_leak;
	/* It would be stopped anyway, and slow every execution until then. */
	iommufd_model_observe_stop();
	rc = iommufd_model_explore(test, &opt, result);
	iommufd_model_observe_stop();
	return rc;
}
