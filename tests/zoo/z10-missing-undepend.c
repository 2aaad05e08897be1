// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-10: the undo of a queue does not undo its dependence on another one.
 */
#include "queue.h"
#include "z10.h"

static void open_queue0(void *unused)
{
	struct iommufd_object *obj;
	struct iommufd_ctx *ictx;

	open_viommu(unused);
	ictx = iommufd_ctx_from_fd(fd);
	obj = iommufd_get_object(ictx, viommu, IOMMUFD_OBJ_VIOMMU);
	container_of(obj, struct iommufd_viommu, obj)->ops = &chain_ops;
	iommufd_put_object(ictx, obj);
	iommufd_ctx_put(ictx);
	chain_init();
	make_queue(0);
}

static void make_queue1(void *unused)
{
	int id = try_queue(1, IOVA + PAGE_SIZE, PAGE_SIZE);

	(void)unused;
	iommufd_model_assert(id > 0 || id == -ENOMEM);
}

const struct zoo_entry zoo_entry = {
	.name = "z10-missing-undepend",
	.title = "missing undepend",
	.when = "review",
	.family = "queues",
	.lesson = "an error path undoes everything that was done before it",
	.wrong = "A driver makes queue 1 depend on queue 0, and then has no "
		 "memory for queue 1. The callback that would undo the "
		 "dependence is not set yet, and the error path does not undo "
		 "it either. Queue 0 keeps a reference of a queue that does "
		 "not exist: DESTROY is always EBUSY, and the release makes "
		 "no progress.",
	.right = "Undepend in the error path.",
	.rule = "R-OBJ-13: each depend has its undepend",
	.fails = IOMMUFD_MODEL_FAIL_NO_PROGRESS,
	.says = "release makes no progress",
	.faults = true,
	.test = {
		.name = "missing undepend",
		.setup = open_queue0,
		.threads = { { "alloc", make_queue1 } },
		.after = close_ctx,
	},
};
