// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-03a: create takes the ctx by one test, destroy gives it back by another.
 *
 * Here a driver that never pins, and so has no unmap callback, is taken for an
 * internal owner; but only by destroy.
 */
#include "d1.h"

const struct zoo_entry zoo_entry = {
	.name = "z03a-one-sided-predicate",
	.title = "one-sided predicate",
	.when = "review",
	.family = "get and put",
	.lesson = "get and put are decided by the same test",
	.wrong = "The creation of an access takes a reference to the ctx "
		 "unless the access is internal.  Its destroy gives one back "
		 "if there is an unmap callback.  An access of a driver that "
		 "never pins has none: the reference stays, and the ctx for "
		 "ever.",
	.right = "The same predicate on both sides.",
	.rule = "R-ACC-18: an external access drops exactly the reference "
		 "that it took",
	.fails = IOMMUFD_MODEL_FAIL_LEAK,
	.says = "left over: ctx",
	.test = {
		.name = "access without a callback",
		.setup = open_access,
		.threads = { { "driver", driver_destroys } },
		.after = close_ctx,
	},
};
