// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-03a: create takes the ctx by one test, and destroy drops it by another.
 *
 * The driver in this test never pins and so has no unmap callback.  Its
 * destroy, but not its creation, takes the access for an internal one.
 */
#include "d1.h"

const struct zoo_entry zoo_entry = {
	.name = "z03a-one-sided-predicate",
	.title = "one-sided predicate",
	.when = "review",
	.family = "get and put",
	.lesson = "get and put are decided by the same test",
	.wrong = "The creation of an access takes a reference to the ctx "
		 "unless the access is internal. Its destroy drops one if "
		 "there is an unmap callback. The access of a driver that "
		 "never pins has no callback, so the reference is never "
		 "dropped, and the ctx is never released.",
	.right = "Use the same test on both sides.",
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
