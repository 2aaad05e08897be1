// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-11c: a queue has its access before that is complete.
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
	.lesson = "one owner for each undo",
	.wrong = "The queue's pointer to its access is set as soon as there is "
		 "an access, before that is attached and the pages are pinned. "
		 "If one of these fails, then the error path destroys the "
		 "access, and the undo of the queue, which sees the pointer, "
		 "unpins, detaches and destroys what is freed.",
	.right = "Set the pointer when the access is complete.",
	.rule = "R-HWQ-1: all fields at once, in step 16",
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
