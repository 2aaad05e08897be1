// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-03: the access that a queue owns holds the ctx that owns the queue.
 *
 * It is enough to close /dev/iommu while there is a queue.  The release waits
 * for the access's reference, and only the release would destroy the queue.
 */
#include "queue.h"

static void make_queue_and_close(void *unused)
{
	(void)unused;
	make_queue(0);
	iommufd_model_close(fd);
}

const struct zoo_entry zoo_entry = {
	.name = "z03-access-counts-its-ctx",
	.title = "internal access holds its ctx",
	.when = "review",
	.family = "get and put",
	.lesson_number = 1,
	.lesson = "an object that the release destroys must not delay the "
		  "release",
	.wrong = "A HW_QUEUE owns an access, and the access holds the ctx, "
		 "like an access of a driver. The descriptor is closed. The "
		 "release cannot begin before the access drops its reference; "
		 "only the queue's destroy op would destroy the access, and "
		 "only the release would call that. The cycle ctx -> hw_queue "
		 "-> access -> ctx is leaked, with all objects that it holds.",
	.right = "An internal access has no ctx: its ictx is NULL.",
	.rule = "R-ACC-18: an internal access holds no reference to its ctx",
	.fails = IOMMUFD_MODEL_FAIL_NEVER_RELEASED,
	.says = "ctx -> hw_queue 7 -> access 8 -> ctx",
	.test = {
		.name = "close with a queue alive",
		.setup = open_viommu,
		.threads = { { "user", make_queue_and_close } },
	},
};
