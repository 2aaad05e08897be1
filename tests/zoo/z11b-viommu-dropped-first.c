// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-11b: the undo of a queue drops its vIOMMU and then uses it.
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

static void destroy_viommu(void *unused)
{
	int rc = destroy(viommu);

	(void)unused;
	iommufd_model_assert(!rc || rc == -EBUSY);
}

const struct zoo_entry zoo_entry = {
	.name = "z11b-viommu-dropped-first",
	.title = "vIOMMU dropped first",
	.when = "review",
	.family = "queues",
	.lesson = "the reference that the rest of the undo needs is dropped "
		  "last",
	.wrong = "The destroy op of a queue first drops its reference to the "
		 "vIOMMU. Then it reads the ctx from the vIOMMU, to destroy "
		 "the queue's access. In between, a DESTROY of the vIOMMU "
		 "finds no other reference and frees it.",
	.right = "Drop the vIOMMU last.",
	.rule = "R-HWQ-2: driver, access, vIOMMU, in this order",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "viommu",
	.test = {
		.name = "vIOMMU dropped first",
		.setup = open_queue,
		.threads = { { "destroy queue", destroy_queue },
			     { "destroy viommu", destroy_viommu } },
		.after = close_ctx,
	},
};
