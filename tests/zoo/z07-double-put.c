// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-07: the error path drops what the release of the file has already dropped.
 *
 * The error path puts the file synchronously here, to show this bug alone.  A
 * put that is deferred is Z-05.
 */
#include "z05.h"

const struct zoo_entry zoo_entry = {
	.name = "z07-double-put",
	.title = "double put",
	.when = "review",
	.family = "files",
	.lesson_number = 2,
	.lesson = "a reference that was handed to the file is dropped by the "
		  "file alone",
	.wrong = "The creation of an event queue has made its file and then "
		 "fails. The error path puts the file, whose release drops a "
		 "reference in users and one to the ctx. Then the error path "
		 "drops both again.",
	.right = "The file owns both references, so putting the file is the "
		 "whole undo.",
	.rule = "R-EVQ-2: the file holds users and the ctx, and its release "
		 "drops them",
	.fails = IOMMUFD_MODEL_FAIL_REFCOUNT,
	.says = "users",
	.faults = true,
	.test = {
		.name = "double put",
		.setup = open_ctx,
		.threads = { { "alloc", make_queue } },
		.after = close_all,
	},
};
