// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-01, the second form: the destroying thread waits for the lock, and that is
 * not enough.
 */
#include "z01.h"

const struct zoo_entry zoo_entry = {
	.name = "z01b-put-tail-writer",
	.title = "put-tail, with a writer",
	.when = "up to 6.6",
	.family = "get and put",
	.lesson = "an unlock may go on after another thread has taken the "
		  "lock",
	.wrong = "A put drops users and then the read side of the object's "
		 "rwsem, as in Z-01. Here the destroying thread takes the "
		 "write side before it frees, so every reader has unlocked by "
		 "then. But an unlock first lets the writer in and only then "
		 "ends: it still looks for sleepers to wake, in freed memory.",
	.right = "Use two counters, and keep the wait queue in the ctx. The "
		 "last access of a put to the object is then one atomic "
		 "decrement.",
	.rule = "R-OBJ-11: after the last decrement the object must not be "
		 "used",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "demo_put",
	.test = {
		.name = "tail of the unlock against DESTROY",
		.setup = open_demo,
		.threads = { { "use", use }, { "destroy", destroy } },
		.after = close_ctx,
	},
};
