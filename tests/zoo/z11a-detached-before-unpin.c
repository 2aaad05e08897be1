// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-11a: the undo of a queue detaches its access and then unpins its pages.
 */
#include "queue.h"

static u32 queue;

static void open_queue(void *unused)
{
	open_viommu(unused);
	queue = make_queue(0);
}

static void destroy_queue(void *unused)
{
	(void)unused;
	iommufd_model_assert(!destroy(queue));
}

const struct zoo_entry zoo_entry = {
	.name = "z11a-detached-before-unpin",
	.title = "detached before unpin",
	.when = "review",
	.family = "queues",
	.lesson = "undo in the reverse order",
	.wrong = "The destroy of a queue takes its access from the IOAS first "
		 "and unpins the queue's pages after that. A detached access "
		 "has nothing to unpin from: the pages stay pinned and their "
		 "area locked.",
	.right = "Unpin, detach, destroy.",
	.rule = "R-HWQ-2: unpin, then detach, then destroy",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "iommufd_access_unpin_pages",
	.test = {
		.name = "detached before unpin",
		.setup = open_queue,
		.threads = { { "destroy", destroy_queue } },
		.after = close_ctx,
	},
};
