// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-05: the release of a file runs after the object of the file was freed.
 *
 * The abort of this library tests users before it frees, and would WARN and
 * leak the object instead.  So the diff removes that test as well.
 */
#include "z05.h"

const struct zoo_entry zoo_entry = {
	.name = "z05-deferred-put",
	.title = "deferred file put",
	.when = "6.11 to 6.17",
	.family = "files",
	.lesson_number = 3,
	.lesson = "the put of a file does not release it at once",
	.wrong = "The creation of an event queue has made its file and then "
		 "fails. The error path puts the file and frees the object. "
		 "But the release of the file is deferred to the end of the "
		 "system call, and then drops users of freed memory.",
	.right = "Put the file synchronously, before the rest is undone.",
	.rule = "R-OBJ-7: abort_and_destroy releases the file first, and at "
		 "once",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "iommufd_eventq_release",
	.faults = true,
	.also = "As in those kernel versions, the abort of an object does not "
		"look at its users. Later versions warn and leak the object "
		"unless the creator's reference was the last: restore that as "
		"well.",
	.test = {
		.name = "deferred put",
		.setup = open_ctx,
		.threads = { { "alloc", make_queue } },
		.after = close_all,
	},
};
