// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-10: a driver of queues in a chain, each with some state of its own.
 *
 * A queue depends on the one before it, which therefore lives longer.
 */
#include "z10.h"

struct chain_queue {
	struct iommufd_hw_queue core;
	struct chain_queue *prev;
	void *state;
};

/* @last: the end of the chain, guarded by @lock */
static struct mutex lock;
static struct chain_queue *last;

void chain_init(void)
{
	mutex_init(&lock);
	last = NULL;
}

static size_t chain_size(struct iommufd_viommu *viommu, unsigned int type)
{
	(void)viommu;
	(void)type;
	return sizeof(struct chain_queue);
}

static void chain_destroy(struct iommufd_hw_queue *core)
{
	struct chain_queue *queue =
		container_of(core, struct chain_queue, core);

	mutex_lock(&lock);
	last = queue->prev;
	if (queue->prev)
		iommufd_hw_queue_undepend(core, &queue->prev->core);
	mutex_unlock(&lock);
	kfree(queue->state);
}

static int chain_append(struct chain_queue *queue)
{
	struct chain_queue *prev = last;
	int rc;

	if (prev) {
		rc = iommufd_hw_queue_depend(&queue->core, &prev->core);
		if (rc)
			return rc;
	}
	queue->state = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!queue->state) {
		if (prev)
			iommufd_hw_queue_undepend(&queue->core, &prev->core);
		return -ENOMEM;
	}
	queue->prev = prev;
	last = queue;
	/* From here on, the destroy callback undoes everything. */
	queue->core.destroy = chain_destroy;
	return 0;
}

static int chain_init_phys(struct iommufd_hw_queue *core, u32 index,
			   phys_addr_t base)
{
	int rc;

	(void)index;
	(void)base;
	mutex_lock(&lock);
	rc = chain_append(container_of(core, struct chain_queue, core));
	mutex_unlock(&lock);
	return rc;
}

const struct iommufd_viommu_ops chain_ops = {
	.get_hw_queue_size = chain_size,
	.hw_queue_init_phys = chain_init_phys,
};
