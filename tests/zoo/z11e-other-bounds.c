// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-11e: what is unpinned is not what was pinned.
 */
#include "queue.h"

static u32 queue;

/* One page long at most, and in two pages. */
static void open_queue(void *unused)
{
	int id;

	open_viommu(unused);
	id = try_queue(0, IOVA + PAGE_SIZE - 256, 512);
	iommufd_model_assert(id > 0);
	queue = (u32)id;
}

static void destroy_queue(void *unused)
{
	struct iommu_ioas_unmap cmd = {
		.ioas_id = 1, .iova = IOVA, .length = sizeof(memory),
	};

	(void)unused;
	iommufd_model_assert(!destroy(queue));
	iommufd_model_assert(!call(IOMMU_IOAS_UNMAP, &cmd));
}

const struct zoo_entry zoo_entry = {
	.name = "z11e-other-bounds",
	.title = "unpin with other bounds",
	.when = "review",
	.family = "queues",
	.lesson = "give back exactly what was taken",
	.wrong = "A queue may begin and end in the middle of a page. All pages "
		 "it touches are pinned, from its address rounded down; the "
		 "undo unpins as many bytes as the queue is long, from there. "
		 "Where the queue crosses into one more page that is another "
		 "range, which nobody has pinned: the pin is never given back "
		 "and the area stays locked.",
	.right = "Compute the range of pages again, by the same function.",
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
