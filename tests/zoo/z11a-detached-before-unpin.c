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
	.wrong = "The destroy op of a queue first removes its access from the "
		 "IOAS and then unpins the queue's pages. An access that is "
		 "detached has no IOAS in which it could unpin, so the pages "
		 "stay pinned and their area stays locked.",
	.right = "Unpin, then detach, then destroy.",
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
