// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-01, the second form: the destroyer waits for the lock, and that is not
 * enough.
 */
#include "z01.h"

const struct zoo_entry zoo_entry = {
	.name = "z01b-put-tail-writer",
	.title = "put-tail, with a writer",
	.when = "up to 6.6",
	.family = "get and put",
	.lesson = "an unlock goes on after others have the lock",
	.wrong = "A put drops users and then the read side of the object's "
		 "rwsem, as in Z-01, but the destroyer takes the write side "
		 "before it frees: every reader has unlocked by then.  But an "
		 "unlock lets the writer in first and is done later: it still "
		 "looks for sleepers to wake, in freed memory.",
	.right = "Two counters, the wait queue in the ctx: the last that a put "
		 "does to the object is one atomic decrement.",
	.rule = "R-OBJ-11: after the last decrement the object must not be "
		 "used",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "thing_put",
	.test = {
		.name = "tail of the unlock against DESTROY",
		.setup = open_thing,
		.threads = { { "use", use }, { "destroy", destroy } },
		.after = close_ctx,
	},
};
