// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The vIOMMU of the mock IOMMU, and its queues.
 *
 * About the init ops: iommufd does not call the driver to undo an init until
 * the init has set viommu->ops, or hw_queue->destroy.  So everything that can
 * fail comes first, with labels to undo it, and the callback is set last.  From
 * then on the callback undoes everything, whatever fails after the init.
 *
 * About the queues: a queue occupies the slot of its index.  The queue of index
 * 1 continues where that of index 0 ends, and so depends on it.  The reference
 * that comes with the dependence is the only one that the driver takes.
 * Because of it IOMMU_DESTROY of the first queue fails, and the release of the
 * context destroys the two in the right order.
 *
 * A queue that is being destroyed stays in its slot until its destroy callback
 * has locked queue_mutex.  Its memory is valid that long, but depending on it
 * fails.
 */
#include "mock_iommu.h"

/*
 * struct mock_hw_queue - a queue
 * @index: its slot
 * @prev: the queue that it depends on, or NULL
 */
struct mock_hw_queue {
	struct iommufd_hw_queue core;
	u32 index;
	struct mock_hw_queue *prev;
};

/*
 * struct mock_viommu - a vIOMMU
 * @parent: the domain that translates for the queues
 * @queue_mutex: guards @queues
 * @pages: two pages that the user can map at @mmap_offset of the file of the
 *	context; NULL if the user gave no data
 */
struct mock_viommu {
	struct iommufd_viommu core;
	struct iommu_domain *parent;
	struct mutex queue_mutex;
	struct mock_hw_queue *queues[IOMMU_TEST_HW_QUEUE_MAX];
	u32 *pages;
	unsigned long mmap_offset;
};

#define MOCK_VIOMMU_PAGES_SIZE (2 * PAGE_SIZE)

/* The largest allocation that a kernel's kmalloc() makes, in bytes */
#define KMALLOC_MAX (4ul << 20)

/* iommufd allocates both, and relies on the common part being first. */
IOMMUFD_MODEL_STATIC_ASSERT(offsetof(struct mock_hw_queue, core) == 0,
			    "core must be the first member");
IOMMUFD_MODEL_STATIC_ASSERT(offsetof(struct mock_viommu, core) == 0,
			    "core must be the first member");

static struct mock_viommu *to_mock_viommu(struct iommufd_viommu *viommu)
{
	return container_of(viommu, struct mock_viommu, core);
}

static struct mock_hw_queue *to_mock_hw_queue(struct iommufd_hw_queue *hw_queue)
{
	return container_of(hw_queue, struct mock_hw_queue, core);
}

/* Queues */

static size_t mock_get_hw_queue_size(struct iommufd_viommu *viommu,
				     unsigned int queue_type)
{
	(void)viommu;
	if (queue_type != IOMMU_HW_QUEUE_TYPE_SELFTEST)
		return 0;
	return sizeof(struct mock_hw_queue);
}

static void mock_hw_queue_destroy(struct iommufd_hw_queue *hw_queue)
{
	struct mock_viommu *mock = to_mock_viommu(hw_queue->viommu);
	struct mock_hw_queue *queue = to_mock_hw_queue(hw_queue);

	mutex_lock(&mock->queue_mutex);
	mock->queues[queue->index] = NULL;
	if (queue->prev)
		iommufd_hw_queue_undepend(&queue->core, &queue->prev->core);
	mutex_unlock(&mock->queue_mutex);
}

/* Put @queue in its slot, and make it depend on the one before. */
static int mock_hw_queue_register(struct mock_viommu *mock,
				  struct mock_hw_queue *queue, u32 index,
				  phys_addr_t base_addr_pa)
{
	struct mock_hw_queue *prev = NULL;
	int rc;

	lockdep_assert_held(&mock->queue_mutex);
	if (mock->queues[index])
		return -EEXIST;
	if (index) {
		prev = mock->queues[index - 1];
		if (!prev)
			return -EIO;
	}
	/*
	 * The pages that iommufd has pinned must be those that the parent maps.
	 */
	if (iommu_iova_to_phys(mock->parent, queue->core.base_addr) !=
	    base_addr_pa)
		return -EFAULT;
	if (prev) {
		rc = iommufd_hw_queue_depend(&queue->core, &prev->core);
		if (rc)
			return rc;
	}
	queue->prev = prev;
	queue->index = index;
	queue->core.destroy = mock_hw_queue_destroy;
	mock->queues[index] = queue;
	return 0;
}

static int mock_hw_queue_init_phys(struct iommufd_hw_queue *hw_queue, u32 index,
				   phys_addr_t base_addr_pa)
{
	struct mock_viommu *mock = to_mock_viommu(hw_queue->viommu);
	int rc;

	if (index >= IOMMU_TEST_HW_QUEUE_MAX)
		return -EINVAL;
	mutex_lock(&mock->queue_mutex);
	rc = mock_hw_queue_register(mock, to_mock_hw_queue(hw_queue), index,
				    base_addr_pa);
	mutex_unlock(&mock->queue_mutex);
	return rc;
}

/* The vIOMMU */

static void mock_viommu_destroy(struct iommufd_viommu *viommu)
{
	struct mock_viommu *mock = to_mock_viommu(viommu);

	if (!mock->pages)
		return;
	/*
	 * They are not mapped: a mapping holds a users reference to the vIOMMU.
	 */
	iommufd_viommu_destroy_mmap(viommu, mock->mmap_offset);
	free_pages_exact(mock->pages, MOCK_VIOMMU_PAGES_SIZE);
}

/* All entries are copied first, so a bad address fails before any is done. */
static int mock_viommu_invalidate_all(
	struct iommufd_viommu *viommu, struct iommu_user_data_array *array,
	struct iommu_viommu_invalidate_selftest *entries, u32 *done)
{
	int rc;

	rc = iommu_copy_struct_from_full_user_array(
		entries, sizeof(*entries), array,
		IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST);
	while (!rc && *done < array->entry_num) {
		rc = iommufd_mock_invalidate_dev(viommu, &entries[*done]);
		*done += !rc;
	}
	return rc;
}

static int mock_viommu_invalidate(struct iommufd_viommu *viommu,
				  struct iommu_user_data_array *array)
{
	size_t size = sizeof(struct iommu_viommu_invalidate_selftest);
	struct iommu_viommu_invalidate_selftest *entries;
	u32 done = 0;
	int rc;

	/* A request without entries asks whether the type is right. */
	if (!array->entry_num)
		return array->type == IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST ?
			       0 : -EINVAL;
	entries = array->entry_num > KMALLOC_MAX / size ?
			  NULL : kcalloc(array->entry_num, size, GFP_KERNEL);
	rc = entries ? mock_viommu_invalidate_all(viommu, array, entries,
						  &done) : -ENOMEM;
	kfree(entries);
	array->entry_num = done;
	return rc;
}

static const struct iommufd_viommu_ops mock_viommu_ops = {
	.destroy = mock_viommu_destroy,
	.alloc_domain_nested = iommufd_mock_alloc_nested,
	.cache_invalidate = mock_viommu_invalidate,
	.get_hw_queue_size = mock_get_hw_queue_size,
	.hw_queue_init_phys = mock_hw_queue_init_phys,
};

size_t iommufd_mock_get_viommu_size(struct device *dev,
				    unsigned int viommu_type)
{
	(void)dev;
	if (viommu_type != IOMMU_VIOMMU_TYPE_SELFTEST)
		return 0;
	return sizeof(struct mock_viommu);
}

/*
 * A user that gives data gets the two pages, and data that tells where they
 * are.
 */
static int mock_viommu_init_pages(struct mock_viommu *mock,
				  const struct iommu_user_data *user_data)
{
	struct iommu_viommu_selftest data;
	int rc;

	rc = iommu_copy_struct_from_user(&data, user_data,
					 IOMMU_VIOMMU_TYPE_SELFTEST, out_data);
	if (rc)
		return rc;
	mock->pages = alloc_pages_exact(MOCK_VIOMMU_PAGES_SIZE,
					GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!mock->pages)
		return -ENOMEM;
	/*
	 * In the model the physical address of device memory is the address
	 * that its driver uses; every mapping has an address of its own.
	 */
	rc = iommufd_viommu_alloc_mmap(&mock->core, (uintptr_t)mock->pages,
				       MOCK_VIOMMU_PAGES_SIZE,
				       &mock->mmap_offset);
	if (rc)
		goto out_free;

	mock->pages[0] = data.in_data;
	data.out_data = data.in_data;
	data.out_mmap_offset = mock->mmap_offset;
	data.out_mmap_length = MOCK_VIOMMU_PAGES_SIZE;
	/*
	 * The length that the user gave was checked not to exceed the struct.
	 */
	if (copy_to_user(user_data->uptr, &data, user_data->len)) {
		rc = -EFAULT;
		goto out_mmap;
	}
	return 0;

out_mmap:
	iommufd_viommu_destroy_mmap(&mock->core, mock->mmap_offset);
out_free:
	free_pages_exact(mock->pages, MOCK_VIOMMU_PAGES_SIZE);
	mock->pages = NULL;
	return rc;
}

int iommufd_mock_viommu_init(struct iommufd_viommu *viommu,
			     struct iommu_domain *parent_domain,
			     const struct iommu_user_data *user_data)
{
	struct mock_viommu *mock = to_mock_viommu(viommu);
	int rc;

	mutex_init(&mock->queue_mutex);
	mock->parent = parent_domain;
	if (user_data) {
		rc = mock_viommu_init_pages(mock, user_data);
		if (rc)
			return rc;
	}
	viommu->ops = &mock_viommu_ops;
	return 0;
}
