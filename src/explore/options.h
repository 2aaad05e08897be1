/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Options of an exploration by their names, for the environment and the
 * program.
 */
#ifndef EXPLORE_OPTIONS_H
#define EXPLORE_OPTIONS_H

#include <iommufd_model/explore.h>

#define EXPLORE_EXPECTED 80

/*
 * explore_option_set(options, name, value, expected): set the option @name, as
 * in "fail-nth".  Returns false if @value is not valid, and then writes into
 * @expected which values are.
 */
bool explore_option_set(struct iommufd_model_explore_options *options,
			const char *name, const char *value,
			char expected[EXPLORE_EXPECTED]);

#endif
