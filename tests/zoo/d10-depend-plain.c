// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D10: a queue depends on a queue that is being destroyed.
 */
#include "two_queues.h"

const struct zoo_entry zoo_entry = {
	.name = "d10-depend-plain",
	.title = "depend with a plain increment",
	.when = "review",
	.family = "queues",
	.lesson_number = 14,
	.lesson = "an object that is found by a pointer may already have no "
		  "users",
	.wrong = "A driver finds queue 0 in its slot, under its own mutex, "
		 "and makes queue 1 depend on it with a plain increment of "
		 "users. A DESTROY has already taken users of queue 0 to 0 "
		 "and waits for that mutex, to clear the slot. users goes "
		 "from 0 to 1, queue 0 is freed all the same, and queue 1 "
		 "keeps a pointer to freed memory.",
	.right = "Increment users unless it is 0, and otherwise fail the "
		 "creation of queue 1 with ENOENT.",
	.rule = "R-OBJ-13: the driver's mutex keeps a queue from being freed, "
		 "not from being destroyed",
	.fails = IOMMUFD_MODEL_FAIL_REFCOUNT,
	.says = "zero",
	.test = {
		.name = "depend with a plain increment",
		.setup = open_queue0,
		.threads = { { "alloc", make_queue1 },
			     { "destroy", destroy_queue0 } },
		.after = close_ctx,
	},
};
