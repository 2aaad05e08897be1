// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-24: a queue leaves its slot without the lock of the lookups.
 */
#include "two_queues.h"

const struct zoo_entry zoo_entry = {
	.name = "z24-slot-without-lock",
	.title = "queue array without the lock",
	.when = "review",
	.family = "queues",
	.lesson = "a removal takes the lock that the lookups take",
	.wrong = "The creation of queue 1 finds queue 0 in the driver's "
		 "array, under the driver's mutex. The destroy of queue 0 "
		 "clears its slot without the mutex, and so does not wait for "
		 "a thread that has just read it. Queue 0 is freed, and the "
		 "creation increments a counter in freed memory.",
	.right = "Clear the slot under the mutex.",
	.rule = "R-HWQ-3: depend is called under the lock that guards the "
		 "slots",
	.fails = IOMMUFD_MODEL_FAIL_DATA_RACE,
	.says = "mock_hw_queue_destroy",
	.test = {
		.name = "queue array without the lock",
		.setup = open_queue0,
		.threads = { { "alloc", make_queue1 },
			     { "destroy", destroy_queue0 } },
		.after = close_ctx,
	},
};
