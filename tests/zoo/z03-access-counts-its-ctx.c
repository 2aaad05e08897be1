// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-03: the access that a queue owns counts the ctx that owns the queue.
 *
 * Closing /dev/iommu with a queue alive is all it takes.  The release waits for
 * the access's reference, and only the release would destroy the queue.
 */
#include "z03.h"

static void make_queue_and_close(void *unused)
{
	(void)unused;
	make_queue();
	iommufd_model_close(fd);
}

const struct zoo_entry zoo_entry = {
	.name = "z03-access-counts-its-ctx",
	.title = "internal access counts its ctx",
	.when = "review",
	.family = "get and put",
	.lesson_number = 1,
	.lesson = "what the release destroys must not put the release off",
	.wrong = "A HW_QUEUE owns an access, and the access owns a reference "
		 "to the ctx, as one of a driver does.  The fd is closed: the "
		 "release waits for the access, which only the queue's "
		 "destroy gives up, which only the release would call.  The "
		 "cycle ctx -> hw_queue -> access -> ctx and all that it "
		 "holds leak.",
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
