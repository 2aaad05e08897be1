// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-11c: a queue has a pointer to its access before the access is complete.
 */
#include "queue.h"

static void alloc_queue(void *unused)
{
	int id = try_queue(0, IOVA, PAGE_SIZE);

	(void)unused;
	iommufd_model_assert(id > 0 || id == -ENOMEM);
}

const struct zoo_entry zoo_entry = {
	.name = "z11c-early-publication",
	.title = "early publication",
	.when = "review",
	.family = "queues",
	.lesson = "each resource is undone in one place only",
	.wrong = "The queue's pointer to its access is set as soon as the "
		 "access exists, before it is attached and the pages are "
		 "pinned. If one of these fails, the error path destroys the "
		 "access. Then the undo of the queue sees the pointer, and "
		 "unpins, detaches and destroys an access that is already "
		 "freed.",
	.right = "Set the pointer when the access is complete.",
	.rule = "R-HWQ-1: all fields are set at once, in step 16",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "access",
	.faults = true,
	.test = {
		.name = "early publication",
		.setup = open_viommu,
		.threads = { { "alloc", alloc_queue } },
		.after = close_ctx,
	},
};
