// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-01: a put unlocks a lock that lives in the object.
 */
#include "z01.h"

const struct zoo_entry zoo_entry = {
	.name = "z01-put-tail",
	.title = "put-tail",
	.when = "up to 6.6",
	.family = "get and put",
	.lesson_number = 6,
	.lesson = "a lock in the object cannot guard the life of the object",
	.wrong = "Each object has a rwsem.  A put drops users and then the "
		 "read side.  Between the two DESTROY finds users at one and "
		 "frees the object, and the unlock is in freed memory.",
	.right = "Two counters, the wait queue in the ctx: the last that a put "
		 "does to the object is one atomic decrement.",
	.rule = "R-OBJ-11: after the last decrement the object must not be "
		 "used",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "thing_put",
	.test = {
		.name = "put against DESTROY",
		.setup = open_thing,
		.threads = { { "use", use }, { "destroy", destroy } },
		.after = close_ctx,
	},
};
