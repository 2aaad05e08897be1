// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-35: an array from kvcalloc() is freed by kfree().
 */
#include "queue.h"

static void alloc_queue(void *unused)
{
	(void)unused;
	make_queue(0);
}

const struct zoo_entry zoo_entry = {
	.name = "z35-wrong-family",
	.title = "wrong allocator family",
	.when = "review",
	.family = "creation",
	.lesson = "each allocator has its own free",
	.wrong = "The array of a queue's pages is allocated by kvcalloc, "
		 "which uses another kind of memory if the array is large, "
		 "and is freed by kfree. With small queues this always works.",
	.right = "Free it with kvfree.",
	.rule = "memory is freed by the family of functions that allocated it",
	.fails = IOMMUFD_MODEL_FAIL_ALLOCATOR,
	.says = "allocator mismatch",
	.test = {
		.name = "wrong allocator family",
		.setup = open_viommu,
		.threads = { { "alloc", alloc_queue } },
		.after = close_ctx,
	},
};
