// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-01: a put unlocks a lock that is in the object.
 */
#include "z01.h"

const struct zoo_entry zoo_entry = {
	.name = "z01-put-tail",
	.title = "put-tail",
	.when = "up to 6.6",
	.family = "get and put",
	.lesson_number = 6,
	.lesson = "a lock in an object cannot guard the lifetime of that "
		  "object",
	.wrong = "Each object has a rwsem. A put drops users and then the "
		 "read side. Between the two, DESTROY finds users at 1 and "
		 "frees the object, and the unlock happens in freed memory.",
	.right = "Use two counters, and keep the wait queue in the ctx. The "
		 "last access of a put to the object is then one atomic "
		 "decrement.",
	.rule = "R-OBJ-11: after the last decrement the object must not be "
		 "used",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "demo_put",
	.test = {
		.name = "put against DESTROY",
		.setup = open_demo,
		.threads = { { "use", use }, { "destroy", destroy } },
		.after = close_ctx,
	},
};
