// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The mock IOMMU: a driver with no hardware behind it.
 *
 * It uses only <iommufd_model/iommufd_private.h>, as any driver would, and can
 * serve as an example for one.  This file provides
 *
 *	mock_dev	a device, alone in its group
 *	mock_domain	a page table, which a test can look into
 *	mock_nested	the page table of a guest, reduced to an IOTLB
 *
 * and mock_viommu.c provides
 *
 *	mock_viommu	two pages for user space to map, and slots for queues
 *	mock_hw_queue	a queue, which depends on the one in the slot before it
 *
 * iommufd takes and drops the references to objects; the driver takes none,
 * except for queues that depend on each other.  From the op that creates a
 * domain or queue of the driver to the op that ends it, iommufd keeps alive
 * what it was made from: the parent of a nested domain, the vIOMMU of a nested
 * domain or queue, the device of an attachment.  So the driver may keep
 * pointers to these, until the op that ends the domain, queue or attachment.
 *
 * The lock order is as follows, and the locks that iommufd holds when it calls
 * the driver come before all of these:
 *
 *	mock_dev->viommu_rwsem -> viommu->veventqs_rwsem
 *	mock_viommu->queue_mutex -> mock_domain->pfns.xa_lock
 */
#include "mock_iommu.h"

/*
 * struct mock_dev - a device
 * @group: contains only this device; its id comes from mock_ids
 * @flags: MOCK_FLAGS_DEVICE_*
 * @viommu_rwsem: guards @viommu and @virt_id against an event during an attach
 * @viommu: the vIOMMU of the nested domain that the device is attached to,
 *	which holds it; NULL if there is none
 * @virt_id: the id that the guest used for the device when it was attached
 * @cache: what an invalidation on a vIOMMU clears
 * @iopf_users: number of attachments to domains that handle page faults;
 *	guarded by the lock of the group
 * @fail_pasid: the next attachment with IOMMU_TEST_PASID_RESERVED fails;
 *	guarded by the lock of the group
 */
struct mock_dev {
	struct device dev;
	struct iommu_group group;
	u32 flags;
	struct rw_semaphore viommu_rwsem;
	struct iommufd_viommu *viommu;
	unsigned long virt_id;
	u32 cache[MOCK_DEV_CACHE_NUM];
	unsigned int iopf_users;
	bool fail_pasid;
};

/*
 * struct mock_domain - a page table
 * @pfns: one entry for each MOCK_PAGE_SIZE of IOVAs, whatever the page sizes
 *	are
 * @dirty_tracking: requested at the allocation; some devices cannot be attached
 *	then
 */
struct mock_domain {
	struct iommu_domain domain;
	struct xarray pfns;
	bool dirty_tracking;
};

/*
 * struct mock_nested - the page table of a guest
 * @viommu: the vIOMMU that it was made on; NULL if it was made on a parent
 */
struct mock_nested {
	struct iommu_domain domain;
	struct iommufd_viommu *viommu;
	u32 iotlb[MOCK_NESTED_DOMAIN_IOTLB_NUM];
};

static const struct iommu_domain_ops mock_domain_ops;
static const struct iommu_domain_ops mock_nested_ops;

static struct mock_dev *to_mock_dev(struct device *dev)
{
	return container_of(dev, struct mock_dev, dev);
}

static struct mock_domain *to_mock_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct mock_domain, domain);
}

static struct mock_nested *to_mock_nested(struct iommu_domain *domain)
{
	return container_of(domain, struct mock_nested, domain);
}

/* Devices */

static const struct iommufd_model_label mock_dev_label = {
	"mock device", offsetof(struct mock_dev, group.id),
};

/*
 * Group ids; each device gets the lowest that no mock device of any context
 * has.
 */
static struct lock_class_key mock_ids_key = { "mock_ids.xa_lock", 0 };
static struct xarray mock_ids = {
	.xa_lock = __SPIN_LOCK_INITIALIZER(&mock_ids_key),
	.xa_flags = XA_FLAGS_ALLOC1,
};

struct device *iommufd_mock_dev_create(u32 flags)
{
	struct mock_dev *mdev;
	u32 id;
	int rc, i;

	if (flags & ~(u32)(MOCK_FLAGS_DEVICE_NO_DIRTY |
			   MOCK_FLAGS_DEVICE_PASID))
		return ERR_PTR(-EINVAL);
	mdev = kzalloc(sizeof(*mdev), GFP_KERNEL);
	if (!mdev)
		return ERR_PTR(-ENOMEM);
	rc = xa_alloc(&mock_ids, &id, mdev, xa_limit_31b, GFP_KERNEL);
	if (rc)
		goto out_free;
	iommufd_model_label(mdev, &mock_dev_label);
	mdev->flags = flags;
	init_rwsem(&mdev->viommu_rwsem);
	for (i = 0; i < MOCK_DEV_CACHE_NUM; i++)
		mdev->cache[i] = IOMMU_TEST_DEV_CACHE_DEFAULT;
	mdev->dev.name = "mock";
	mdev->dev.iommu_dev = &iommufd_mock_iommu;
	/* Without the flag a PASID has 0 bits: the device supports none. */
	mdev->dev.max_pasids =
		1u << (flags & MOCK_FLAGS_DEVICE_PASID ? MOCK_PASID_WIDTH : 0);
	iommufd_model_group_init(&mdev->group, id);
	iommufd_model_group_add(&mdev->group, &mdev->dev);
	return &mdev->dev;

out_free:
	kfree(mdev);
	return ERR_PTR(rc);
}

void iommufd_mock_dev_destroy(struct device *dev)
{
	struct mock_dev *mdev = to_mock_dev(dev);

	WARN_ON(mdev->viommu);
	iommufd_model_group_remove(dev);
	xa_erase(&mock_ids, mdev->group.id);
	kfree(mdev);
}

static bool mock_dev_capable(struct device *dev, enum iommu_cap cap)
{
	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return true;
	case IOMMU_CAP_DIRTY_TRACKING:
		return !(to_mock_dev(dev)->flags & MOCK_FLAGS_DEVICE_NO_DIRTY);
	default:
		return false;
	}
}

static void *mock_hw_info(struct device *dev, u32 *length, u32 *type)
{
	struct iommu_test_hw_info *info;

	(void)dev;
	if (*type != IOMMU_HW_INFO_TYPE_DEFAULT &&
	    *type != IOMMU_HW_INFO_TYPE_SELFTEST)
		return ERR_PTR(-EOPNOTSUPP);
	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return ERR_PTR(-ENOMEM);
	info->test_reg = IOMMU_HW_INFO_SELFTEST_REGVAL;
	*length = sizeof(*info);
	*type = IOMMU_HW_INFO_TYPE_SELFTEST;
	return info;
}

/*
 * Remember that @mdev is attached through @viommu, or through no vIOMMU if
 * @viommu is NULL.  Fails with -ENOENT if the device has no vDEVICE on @viommu.
 * A device that moves between two nested domains of one vIOMMU keeps its
 * virt_id, even if it got a new vDEVICE in the meantime.
 */
static int mock_dev_set_viommu(struct mock_dev *mdev,
			       struct iommufd_viommu *viommu)
{
	unsigned long virt_id = 0;
	int rc;

	if (viommu) {
		rc = iommufd_viommu_get_vdev_id(viommu, &mdev->dev, &virt_id);
		if (rc)
			return rc;
	}
	down_write(&mdev->viommu_rwsem);
	if (mdev->viommu != viommu) {
		mdev->viommu = viommu;
		mdev->virt_id = virt_id;
	}
	up_write(&mdev->viommu_rwsem);
	return 0;
}

int iommufd_mock_trigger_vevent(struct device *dev)
{
	struct iommu_viommu_event_selftest event = { 0 };
	struct mock_dev *mdev = to_mock_dev(dev);
	int rc = -ENOENT;

	/*
	 * A detach has to wait for the rwsem, so the vIOMMU lives until it is
	 * released.
	 */
	down_read(&mdev->viommu_rwsem);
	if (mdev->viommu && mdev->virt_id) {
		event.virt_id = (u32)mdev->virt_id;
		rc = iommufd_viommu_report_event(mdev->viommu,
						 IOMMU_VEVENTQ_TYPE_SELFTEST,
						 &event, sizeof(event));
	}
	up_read(&mdev->viommu_rwsem);
	return rc;
}

/* Caches: arrays of a few words, which an invalidation sets to 0 */

IOMMUFD_MODEL_STATIC_ASSERT(MOCK_DEV_CACHE_NUM == MOCK_NESTED_DOMAIN_IOTLB_NUM,
			    "a device and a nested HWPT have as many words");

static int mock_check_invalidation(u32 flags, u32 id)
{
	if (flags & ~(u32)IOMMU_TEST_INVALIDATE_FLAG_ALL)
		return -EOPNOTSUPP;
	return id < MOCK_DEV_CACHE_NUM ? 0 : -EINVAL;
}

static void mock_invalidate(u32 *words, u32 flags, u32 id)
{
	u32 i;

	for (i = 0; i < MOCK_DEV_CACHE_NUM; i++)
		if (flags & IOMMU_TEST_INVALIDATE_FLAG_ALL || i == id)
			WRITE_ONCE(words[i], 0);
}

static int mock_check_word(const u32 *words, u32 id, u32 value)
{
	return id < MOCK_DEV_CACHE_NUM && READ_ONCE(words[id]) == value ?
		       0 : -EINVAL;
}

int iommufd_mock_invalidate_dev(
	struct iommufd_viommu *viommu,
	const struct iommu_viommu_invalidate_selftest *entry)
{
	struct device *dev;
	int rc;

	rc = mock_check_invalidation(entry->flags, entry->cache_id);
	if (rc)
		return rc;
	/*
	 * While the lock is held, the vDEVICE and its device are not destroyed.
	 */
	xa_lock(&viommu->vdevs);
	dev = iommufd_viommu_find_dev(viommu, entry->vdev_id);
	if (dev)
		mock_invalidate(to_mock_dev(dev)->cache, entry->flags,
				entry->cache_id);
	xa_unlock(&viommu->vdevs);
	return dev ? 0 : -EINVAL;
}

int iommufd_mock_check_cache(struct device *dev, u32 id, u32 cache)
{
	return mock_check_word(to_mock_dev(dev)->cache, id, cache);
}

/* Page faults */

/*
 * Enable page faults of @mdev for an attachment to @domain, if it handles them.
 */
static int mock_enable_iopf(struct mock_dev *mdev,
			    const struct iommu_domain *domain)
{
	int rc = 0;

	if (!domain->iopf_handler)
		return 0;
	if (!mdev->iopf_users)
		rc = iommufd_model_iopf_enable(&mdev->dev);
	if (!rc)
		mdev->iopf_users++;
	return rc;
}

static void mock_disable_iopf(struct mock_dev *mdev,
			      const struct iommu_domain *domain)
{
	if (domain && domain->iopf_handler && !--mdev->iopf_users)
		iommufd_model_iopf_disable(&mdev->dev);
}

/* There is no hardware that waits for the answer to a page fault. */
static void mock_page_response(struct device *dev, struct iopf_fault *evt,
			       struct iommu_page_response *msg)
{
	(void)dev;
	(void)evt;
	(void)msg;
}

void iommufd_mock_trigger_iopf(struct device *dev,
			       const struct iommu_fault_page_request *prm)
{
	struct iopf_fault event = {
		.fault = { .type = IOMMU_FAULT_PAGE_REQ, .prm = *prm },
	};

	/*
	 * A detach takes the lock too, so it comes after the fault is in the
	 * queue, and then removes the fault from there.
	 */
	mutex_lock(&dev->group->lock);
	iommu_report_device_fault(dev, &event);
	mutex_unlock(&dev->group->lock);
}

/* Attachments */

/*
 * Attach @dev to @domain.  @viommu is the vIOMMU of a nested domain, or NULL.
 */
static int mock_attach(struct device *dev, struct iommu_domain *domain,
		       struct iommu_domain *old, struct iommufd_viommu *viommu)
{
	struct mock_dev *mdev = to_mock_dev(dev);
	int rc;

	rc = mock_enable_iopf(mdev, domain);
	if (rc)
		return rc;
	rc = mock_dev_set_viommu(mdev, viommu);
	mock_disable_iopf(mdev, rc ? domain : old);
	return rc;
}

static void mock_detach_dev(struct iommu_domain *domain, struct device *dev)
{
	mock_dev_set_viommu(to_mock_dev(dev), NULL);
	mock_disable_iopf(to_mock_dev(dev), domain);
}

/*
 * For the PASID IOMMU_TEST_PASID_RESERVED every second attachment fails, so
 * that a test can check what happens to the one before.
 */
static int mock_set_dev_pasid(struct iommu_domain *domain, struct device *dev,
			      unsigned int pasid, struct iommu_domain *old)
{
	struct mock_dev *mdev = to_mock_dev(dev);
	int rc;

	if (pasid == IOMMU_TEST_PASID_RESERVED) {
		mdev->fail_pasid = !mdev->fail_pasid;
		if (!mdev->fail_pasid)
			return -ENOMEM;
	}
	rc = mock_enable_iopf(mdev, domain);
	if (!rc)
		mock_disable_iopf(mdev, old);
	return rc;
}

static void mock_detach_dev_pasid(struct iommu_domain *domain,
				  struct device *dev, unsigned int pasid)
{
	struct mock_dev *mdev = to_mock_dev(dev);

	if (pasid == IOMMU_TEST_PASID_RESERVED)
		mdev->fail_pasid = false;
	mock_disable_iopf(mdev, domain);
}

int iommufd_mock_check_pasid(struct device *dev, u32 pasid,
			     const struct iommu_domain *domain)
{
	const struct iommu_domain *attached = NULL;
	struct iommu_attach_handle *handle;

	mutex_lock(&dev->group->lock);
	if (pasid == IOMMU_NO_PASID) {
		attached = dev->group->domain;
	} else {
		handle = iommu_attach_handle_get(dev->group, pasid, 0);
		if (!IS_ERR(handle))
			attached = handle->domain;
	}
	mutex_unlock(&dev->group->lock);
	return attached == domain ? 0 : -EINVAL;
}

bool iommufd_mock_has_pasids(struct device *dev)
{
	unsigned long index = IOMMU_NO_PASID;

	return xa_find_after(&dev->group->pasid_array, &index, ULONG_MAX,
			     XA_PRESENT);
}

/* Paging domains */

static const struct iommufd_model_label mock_domain_label = {
	"mock domain", 0,
};

/* Copy @user_data, if there is any, to *@data and check it. */
static int mock_domain_get_data(const struct iommu_user_data *user_data,
				struct iommu_hwpt_selftest *data)
{
	int rc;

	if (!user_data)
		return 0;
	if (user_data->type != IOMMU_HWPT_DATA_SELFTEST)
		return -EOPNOTSUPP;
	rc = iommu_copy_struct_from_user(data, user_data,
					 IOMMU_HWPT_DATA_SELFTEST, iotlb);
	if (rc)
		return rc;
	if (data->pagetable_type != MOCK_IOMMUPT_DEFAULT &&
	    data->pagetable_type != MOCK_IOMMUPT_HUGE)
		return -EOPNOTSUPP;
	return 0;
}

static struct iommu_domain *
mock_domain_alloc_paging_flags(struct device *dev, u32 flags,
			       const struct iommu_user_data *user_data)
{
	bool dirty_tracking = flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
	struct iommu_hwpt_selftest data = { 0 };
	struct mock_domain *mock;
	int rc;

	if (flags & ~(u32)(IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
			   IOMMU_HWPT_ALLOC_NEST_PARENT |
			   IOMMU_HWPT_ALLOC_PASID))
		return ERR_PTR(-EOPNOTSUPP);
	if (dirty_tracking && !mock_dev_capable(dev, IOMMU_CAP_DIRTY_TRACKING))
		return ERR_PTR(-EOPNOTSUPP);
	rc = mock_domain_get_data(user_data, &data);
	if (rc)
		return ERR_PTR(rc);
	mock = kzalloc(sizeof(*mock), GFP_KERNEL_ACCOUNT);
	if (!mock)
		return ERR_PTR(-ENOMEM);
	iommufd_model_label(mock, &mock_domain_label);
	xa_init(&mock->pfns);
	mock->dirty_tracking = dirty_tracking;
	mock->domain.type = IOMMU_DOMAIN_UNMANAGED;
	mock->domain.ops = &mock_domain_ops;
	mock->domain.is_iommupt = true;
	if (data.pagetable_type == MOCK_IOMMUPT_HUGE) {
		mock->domain.pgsize_bitmap = MOCK_HUGE_PAGE_SIZE | PAGE_SIZE;
		mock->domain.geometry.aperture_end = MOCK_HUGE_APERTURE_LAST;
	} else {
		mock->domain.pgsize_bitmap = MOCK_PAGE_SIZE;
		mock->domain.geometry.aperture_start = MOCK_APERTURE_START;
		mock->domain.geometry.aperture_end = MOCK_APERTURE_LAST;
	}
	return &mock->domain;
}

static void mock_domain_free(struct iommu_domain *domain)
{
	struct mock_domain *mock = to_mock_domain(domain);

	/* iommufd has unmapped everything before it frees the domain. */
	WARN_ON(!xa_empty(&mock->pfns));
	xa_destroy(&mock->pfns);
	kfree(mock);
}

static int mock_domain_attach_dev(struct iommu_domain *domain,
				  struct device *dev, struct iommu_domain *old)
{
	if (to_mock_domain(domain)->dirty_tracking &&
	    !mock_dev_capable(dev, IOMMU_CAP_DIRTY_TRACKING))
		return -EINVAL;
	return mock_attach(dev, domain, old, NULL);
}

/* Entries are odd, so that no address looks like an empty slot. */
static void *paddr_to_entry(phys_addr_t paddr)
{
	return (void *)(uintptr_t)(paddr / MOCK_PAGE_SIZE << 1 | 1);
}

static phys_addr_t entry_to_paddr(void *entry)
{
	return ((uintptr_t)entry >> 1) * MOCK_PAGE_SIZE;
}

static int mock_domain_map_pages(struct iommu_domain *domain,
				 unsigned long iova, phys_addr_t paddr,
				 size_t size, int prot)
{
	struct xarray *pfns = &to_mock_domain(domain)->pfns;
	unsigned long first = iova / MOCK_PAGE_SIZE, i;
	int rc = 0;
	void *old;

	(void)prot;
	xa_lock(pfns);
	for (i = 0; i < size / MOCK_PAGE_SIZE; i++) {
		old = __xa_store(pfns, first + i,
				 paddr_to_entry(paddr + i * MOCK_PAGE_SIZE),
				 GFP_KERNEL_ACCOUNT);
		rc = xa_err(old);
		if (rc)
			goto out_erase;
		WARN_ON(old);
	}
	xa_unlock(pfns);
	return 0;

out_erase:
	while (i--)
		__xa_erase(pfns, first + i);
	xa_unlock(pfns);
	return rc;
}

static size_t mock_domain_unmap_pages(struct iommu_domain *domain,
				      unsigned long iova, size_t size)
{
	struct xarray *pfns = &to_mock_domain(domain)->pfns;
	unsigned long first = iova / MOCK_PAGE_SIZE, i;
	size_t unmapped = 0;

	xa_lock(pfns);
	for (i = 0; i < size / MOCK_PAGE_SIZE; i++)
		if (__xa_erase(pfns, first + i))
			unmapped += MOCK_PAGE_SIZE;
	xa_unlock(pfns);
	return unmapped;
}

static phys_addr_t mock_domain_iova_to_phys(struct iommu_domain *domain,
					    unsigned long iova)
{
	void *entry = xa_load(&to_mock_domain(domain)->pfns,
			      iova / MOCK_PAGE_SIZE);

	return entry ? entry_to_paddr(entry) + iova % MOCK_PAGE_SIZE : 0;
}

static const struct iommu_domain_ops mock_domain_ops = {
	.attach_dev = mock_domain_attach_dev,
	.detach_dev = mock_detach_dev,
	.set_dev_pasid = mock_set_dev_pasid,
	.detach_dev_pasid = mock_detach_dev_pasid,
	.map_pages = mock_domain_map_pages,
	.unmap_pages = mock_domain_unmap_pages,
	.iova_to_phys = mock_domain_iova_to_phys,
	.free = mock_domain_free,
};

bool iommufd_mock_is_paging(const struct iommu_domain *domain)
{
	return domain->ops == &mock_domain_ops;
}

/* Nested domains */

static const struct iommufd_model_label mock_nested_label = {
	"mock nested domain", 0,
};

struct iommu_domain *
iommufd_mock_alloc_nested(struct iommufd_viommu *viommu, u32 flags,
			  const struct iommu_user_data *user_data)
{
	struct iommu_hwpt_selftest data;
	struct mock_nested *nested;
	int rc, i;

	if (flags & ~(u32)IOMMU_HWPT_ALLOC_PASID ||
	    user_data->type != IOMMU_HWPT_DATA_SELFTEST)
		return ERR_PTR(-EOPNOTSUPP);
	rc = iommu_copy_struct_from_user(&data, user_data,
					 IOMMU_HWPT_DATA_SELFTEST, iotlb);
	if (rc)
		return ERR_PTR(rc);
	nested = kzalloc(sizeof(*nested), GFP_KERNEL_ACCOUNT);
	if (!nested)
		return ERR_PTR(-ENOMEM);
	iommufd_model_label(nested, &mock_nested_label);
	nested->domain.type = IOMMU_DOMAIN_NESTED;
	nested->domain.ops = &mock_nested_ops;
	nested->viommu = viommu;
	for (i = 0; i < MOCK_NESTED_DOMAIN_IOTLB_NUM; i++)
		nested->iotlb[i] = data.iotlb;
	return &nested->domain;
}

static struct iommu_domain *
mock_domain_alloc_nested(struct device *dev, struct iommu_domain *parent,
			 u32 flags, const struct iommu_user_data *user_data)
{
	(void)dev;
	(void)parent;
	return iommufd_mock_alloc_nested(NULL, flags, user_data);
}

static void mock_nested_free(struct iommu_domain *domain)
{
	kfree(to_mock_nested(domain));
}

static int mock_nested_attach_dev(struct iommu_domain *domain,
				  struct device *dev, struct iommu_domain *old)
{
	return mock_attach(dev, domain, old, to_mock_nested(domain)->viommu);
}

static int mock_nested_invalidate_one(struct mock_nested *nested,
				      struct iommu_user_data_array *array,
				      u32 index)
{
	struct iommu_hwpt_invalidate_selftest entry;
	int rc;

	rc = iommu_copy_struct_from_user_array(
		&entry, array, IOMMU_HWPT_INVALIDATE_DATA_SELFTEST, index,
		iotlb_id);
	if (!rc)
		rc = mock_check_invalidation(entry.flags, entry.iotlb_id);
	if (!rc)
		mock_invalidate(nested->iotlb, entry.flags, entry.iotlb_id);
	return rc;
}

/* A request without entries asks whether the type is right. */
static int mock_nested_invalidate(struct iommu_domain *domain,
				  struct iommu_user_data_array *array)
{
	u32 done = 0;
	int rc = 0;

	if (array->type != IOMMU_HWPT_INVALIDATE_DATA_SELFTEST)
		rc = -EINVAL;
	while (!rc && done < array->entry_num) {
		rc = mock_nested_invalidate_one(to_mock_nested(domain), array,
						done);
		done += !rc;
	}
	array->entry_num = done;
	return rc;
}

static const struct iommu_domain_ops mock_nested_ops = {
	.attach_dev = mock_nested_attach_dev,
	.detach_dev = mock_detach_dev,
	.set_dev_pasid = mock_set_dev_pasid,
	.detach_dev_pasid = mock_detach_dev_pasid,
	.cache_invalidate_user = mock_nested_invalidate,
	.free = mock_nested_free,
};

int iommufd_mock_check_iotlb(struct iommu_domain *domain, u32 id, u32 iotlb)
{
	if (domain->ops != &mock_nested_ops)
		return -EINVAL;
	return mock_check_word(to_mock_nested(domain)->iotlb, id, iotlb);
}

/* The IOMMU */

static const struct iommu_ops mock_ops = {
	.capable = mock_dev_capable,
	.hw_info = mock_hw_info,
	.domain_alloc_paging_flags = mock_domain_alloc_paging_flags,
	.domain_alloc_nested = mock_domain_alloc_nested,
	.get_viommu_size = iommufd_mock_get_viommu_size,
	.viommu_init = iommufd_mock_viommu_init,
	.page_response = mock_page_response,
	.user_pasid_table = true,
};

struct iommu_device iommufd_mock_iommu = { .ops = &mock_ops };
