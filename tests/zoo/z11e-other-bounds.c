// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-11e: the range that is unpinned is not the one that was pinned.
 */
#include "queue.h"

static u32 queue;

/* The queue is not longer than a page, but lies in two pages. */
static void open_queue(void *unused)
{
	open_viommu(unused);
	queue = made(try_queue(0, IOVA + PAGE_SIZE - 256, 512));
}

static void destroy_queue(void *unused)
{
	(void)unused;
	iommufd_model_assert(!destroy(queue));
	iommufd_model_assert(!ioctl_unmap(fd, 1, IOVA, sizeof(memory)));
}

const struct zoo_entry zoo_entry = {
	.name = "z11e-other-bounds",
	.title = "unpin with other bounds",
	.when = "review",
	.family = "queues",
	.lesson = "undo exactly what was done",
	.wrong = "A queue may begin and end in the middle of a page. All "
		 "pages that it touches are pinned, beginning at its address "
		 "rounded down. The undo begins at the same address and "
		 "unpins as many bytes as the queue is long. If the queue "
		 "crosses into one more page, that is a different range, "
		 "which was never pinned. The pages stay pinned and the area "
		 "stays locked.",
	.right = "Compute the range of pages again, with the same function.",
	.rule = "R-ACC-13: unpin takes the range that was pinned",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "iopt_area_remove_access",
	.test = {
		.name = "unpin with other bounds",
		.setup = open_queue,
		.threads = { { "destroy", destroy_queue } },
		.after = close_ctx,
	},
};
