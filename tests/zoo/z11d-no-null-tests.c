// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-11d: the undo of a queue takes it for a complete one.
 */
#include "queue.h"

static void alloc_queue(void *unused)
{
	int id = try_queue(0, IOVA, PAGE_SIZE);

	(void)unused;
	iommufd_model_assert(id > 0 || id == -ENOMEM);
}

const struct zoo_entry zoo_entry = {
	.name = "z11d-no-null-tests",
	.title = "undo without NULL tests",
	.when = "review",
	.family = "queues",
	.lesson = "an undo has to handle half-made objects",
	.wrong = "The destroy op of a queue also undoes its creation. It uses "
		 "the queue's vIOMMU and access without testing whether they "
		 "are set. If the creation fails before they are set, it "
		 "follows a NULL pointer.",
	.right = "Test every field.",
	.rule = "R-HWQ-2: driver, access, vIOMMU: each if it is set",
	.fails = IOMMUFD_MODEL_FAIL_CRASH,
	.says = "NULL",
	.faults = true,
	.test = {
		.name = "undo without NULL tests",
		.setup = open_viommu,
		.threads = { { "alloc", alloc_queue } },
		.after = close_ctx,
	},
};
