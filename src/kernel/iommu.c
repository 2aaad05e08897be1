// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * IOMMU groups and their domains, and the claims of groups.
 *
 * All devices of a group are attached to one domain, or to none.  An owner
 * claims the group once for each of its devices; while there is a claim, no
 * other owner can claim it.  Attach and replace call the driver for every
 * device of the group.  If the driver refuses one, the devices before it are
 * attached to the old domain again.
 *
 * What a device does with a PASID can be attached to another domain.  Each such
 * attachment has a handle, which page faults find; that of a whole group need
 * not have one.
 *
 * group->lock is held while the driver's attach_dev() and detach_dev() run.
 */
#include "ground.h"
#include <iommufd_model/kernel/iommu.h>

#define NO_PASID 0u	/* IOMMU_NO_PASID of iommufd */

int iommufd_model_copy_user_data(const struct iommu_user_data *user_data,
				 void *kdst, unsigned int data_type,
				 size_t size, size_t min_len)
{
	if (WARN_ON(!user_data || !kdst))
		return -EINVAL;
	if (user_data->type != data_type)
		return -EINVAL;
	if (user_data->len < min_len || user_data->len > size)
		return -EINVAL;
	return copy_struct_from_user(kdst, size, user_data->uptr,
				     user_data->len);
}

int iommufd_model_copy_user_entry(const struct iommu_user_data_array *array,
				  void *kdst, unsigned int data_type,
				  unsigned int index, size_t size,
				  size_t min_len)
{
	struct iommu_user_data entry;

	if (WARN_ON(!array || !kdst))
		return -EINVAL;
	if (index >= array->entry_num)
		return -EINVAL;
	entry.type = array->type;
	entry.len = array->entry_len;
	/* The index is added to an integer, because the address may be NULL. */
	entry.uptr = (void __user *)((uintptr_t)array->uptr +
				     array->entry_len * index);
	return iommufd_model_copy_user_data(&entry, kdst, data_type, size,
					    min_len);
}

int iommufd_model_copy_user_array(const struct iommu_user_data_array *array,
				  void *kdst, unsigned int data_type,
				  size_t size)
{
	uintptr_t from;
	char *to = kdst;
	u32 i;
	int rc;

	if (WARN_ON(!array || !kdst))
		return -EINVAL;
	if (array->type != data_type || !array->entry_num)
		return -EINVAL;
	from = (uintptr_t)array->uptr;
	for (i = 0; i < array->entry_num; i++) {
		rc = copy_struct_from_user(to, size, (void __user *)from,
					   array->entry_len);
		if (rc)
			return rc;
		from += array->entry_len;
		to += size;
	}
	return 0;
}

int iommufd_model_copy_to_user_data(const struct iommu_user_data *user_data,
				    const void *ksrc, unsigned int data_type,
				    size_t size, size_t min_len)
{
	size_t len;

	if (WARN_ON(!user_data || !ksrc))
		return -EINVAL;
	if (user_data->type != data_type || user_data->len < min_len)
		return -EINVAL;
	len = user_data->len < size ? user_data->len : size;
	if (copy_to_user(user_data->uptr, ksrc, len))
		return -EFAULT;
	if (clear_user((void __user *)((uintptr_t)user_data->uptr + len),
		       user_data->len - len))
		return -EFAULT;
	return 0;
}

void iommufd_model_group_init(struct iommu_group *group, unsigned int id)
{
	group->id = id;
	INIT_LIST_HEAD(&group->devices);
	mutex_init(&group->lock);
	group->owner = NULL;
	group->owner_cnt = 0;
	group->domain = NULL;
	xa_init(&group->pasid_array);
}

void iommufd_model_group_add(struct iommu_group *group, struct device *dev)
{
	mutex_lock(&group->lock);
	/*
	 * The device would have to be attached to the domain too, and that
	 * could fail.
	 */
	WARN_ON(group->domain);
	list_add_tail(&dev->group_item, &group->devices);
	dev->group = group;
	mutex_unlock(&group->lock);
}

void iommufd_model_group_remove(struct device *dev)
{
	struct iommu_group *group = dev->group;

	mutex_lock(&group->lock);
	list_del(&dev->group_item);
	dev->group = NULL;
	WARN_ON(list_empty(&group->devices) && group->owner_cnt);
	mutex_unlock(&group->lock);
}

/* The functions below claim groups. */

int iommu_device_claim_dma_owner(struct device *dev, void *owner)
{
	struct iommu_group *group = dev->group;
	int rc = 0;

	if (!group)
		return -ENODEV;
	if (WARN_ON(!owner))
		return -EINVAL;
	mutex_lock(&group->lock);
	if (group->owner_cnt && group->owner != owner) {
		rc = -EPERM;
	} else if (!group->owner_cnt && group->domain) {
		rc = -EBUSY;
	} else {
		group->owner = owner;
		group->owner_cnt++;
	}
	mutex_unlock(&group->lock);
	return rc;
}

void iommu_device_release_dma_owner(struct device *dev)
{
	struct iommu_group *group = dev->group;

	mutex_lock(&group->lock);
	if (!WARN_ON(!group->owner_cnt) && !--group->owner_cnt) {
		WARN_ON(group->domain);
		group->owner = NULL;
	}
	mutex_unlock(&group->lock);
}

/* The functions below attach groups to domains. */

static void detach_device(struct iommu_domain *domain, struct device *dev)
{
	if (domain->ops->detach_dev)
		domain->ops->detach_dev(domain, dev);
}

/*
 * Moves the devices before @end, or all if @end is NULL, from @domain back to
 * @old, or to no domain if @old is NULL.  A device that cannot be attached to
 * @old again is left without a domain; a kernel attaches it to the group's
 * blocking domain.  In both cases the group's domain is @old.
 */
static void restore_domain(struct iommu_group *group,
			   struct iommu_domain *domain,
			   struct iommu_domain *old, const struct device *end)
{
	struct device *dev;

	list_for_each_entry(dev, &group->devices, group_item) {
		if (dev == end)
			break;
		if (!old || WARN_ON(old->ops->attach_dev(old, dev, domain)))
			detach_device(domain, dev);
	}
}

/* A domain works only with devices of its own driver. */
static bool is_compatible(const struct iommu_group *group,
			  const struct iommu_domain *domain)
{
	struct device *dev;

	list_for_each_entry(dev, &group->devices, group_item)
		if (!dev->iommu_dev || dev_iommu_ops(dev) != domain->owner)
			return false;
	return true;
}

/* Attaches all devices of the group to @domain, or changes nothing. */
static int set_domain(struct iommu_group *group, struct iommu_domain *domain)
{
	struct iommu_domain *old = group->domain;
	struct device *dev;
	int rc;

	lockdep_assert_held(&group->lock);
	if (!is_compatible(group, domain))
		return -EINVAL;
	list_for_each_entry(dev, &group->devices, group_item) {
		rc = domain->ops->attach_dev(domain, dev, old);
		if (rc) {
			restore_domain(group, domain, old, dev);
			return rc;
		}
	}
	group->domain = domain;
	return 0;
}

int iommu_attach_group(struct iommu_domain *domain, struct iommu_group *group)
{
	int rc = -EBUSY;

	mutex_lock(&group->lock);
	if (!group->domain)
		rc = set_domain(group, domain);
	mutex_unlock(&group->lock);
	return rc;
}

int iommu_replace_group(struct iommu_group *group, struct iommu_domain *domain)
{
	int rc = 0;

	mutex_lock(&group->lock);
	if (group->domain != domain)
		rc = set_domain(group, domain);
	mutex_unlock(&group->lock);
	return rc;
}

static void clear_domain(struct iommu_group *group, struct iommu_domain *domain)
{
	if (WARN_ON(group->domain != domain))
		return;
	restore_domain(group, domain, NULL, NULL);
	group->domain = NULL;
}

void iommu_detach_group(struct iommu_domain *domain, struct iommu_group *group)
{
	mutex_lock(&group->lock);
	clear_domain(group, domain);
	mutex_unlock(&group->lock);
}

/* Attachments with handles */

/*
 * The slot for the handle is reserved before the driver is called, because
 * reserving may fail.  The handle is stored only afterwards, because a page
 * fault that finds it would be delivered.
 */
int iommu_attach_group_handle(struct iommu_domain *domain,
			      struct iommu_group *group,
			      struct iommu_attach_handle *handle)
{
	int rc;

	handle->domain = domain;
	mutex_lock(&group->lock);
	rc = xa_insert(&group->pasid_array, NO_PASID, XA_ZERO_ENTRY,
		       GFP_KERNEL);
	if (rc)
		goto out_unlock;
	rc = group->domain ? -EBUSY : set_domain(group, domain);
	if (rc)
		xa_erase(&group->pasid_array, NO_PASID);
	else
		xa_store(&group->pasid_array, NO_PASID, handle, GFP_KERNEL);
out_unlock:
	mutex_unlock(&group->lock);
	return rc;
}

int iommu_replace_group_handle(struct iommu_group *group,
			       struct iommu_domain *domain,
			       struct iommu_attach_handle *handle)
{
	int rc;

	if (handle)
		handle->domain = domain;
	mutex_lock(&group->lock);
	rc = xa_reserve(&group->pasid_array, NO_PASID, GFP_KERNEL);
	if (rc)
		goto out_unlock;
	if (group->domain != domain)
		rc = set_domain(group, domain);
	if (rc)
		xa_release(&group->pasid_array, NO_PASID);
	else
		xa_store(&group->pasid_array, NO_PASID, handle, GFP_KERNEL);
out_unlock:
	mutex_unlock(&group->lock);
	return rc;
}

void iommu_detach_group_handle(struct iommu_domain *domain,
			       struct iommu_group *group)
{
	mutex_lock(&group->lock);
	clear_domain(group, domain);
	xa_erase(&group->pasid_array, NO_PASID);
	mutex_unlock(&group->lock);
}

struct iommu_attach_handle *iommu_attach_handle_get(struct iommu_group *group,
						    unsigned int pasid,
						    unsigned int type)
{
	struct iommu_attach_handle *handle =
		xa_load(&group->pasid_array, pasid);

	if (!handle)
		return ERR_PTR(-ENOENT);
	if (type && handle->domain->type != type)
		return ERR_PTR(-EBUSY);
	return handle;
}

/* PASIDs */

static void clear_dev_pasid(struct iommu_domain *domain, struct device *dev,
			    unsigned int pasid)
{
	if (domain->ops->detach_dev_pasid)
		domain->ops->detach_dev_pasid(domain, dev, pasid);
}

/*
 * Moves the devices before @end, or all if @end is NULL, from @domain back to
 * @old.  If @old is NULL, the devices are detached from @domain.
 */
static void restore_pasid(struct iommu_group *group, unsigned int pasid,
			  struct iommu_domain *domain,
			  struct iommu_domain *old, const struct device *end)
{
	struct device *dev;

	list_for_each_entry(dev, &group->devices, group_item) {
		if (dev == end)
			break;
		if (!dev->max_pasids)
			continue;
		if (!old || WARN_ON(old->ops->set_dev_pasid(old, dev, pasid,
							    domain)))
			clear_dev_pasid(domain, dev, pasid);
	}
}

static int set_pasid(struct iommu_group *group, unsigned int pasid,
		     struct iommu_domain *domain, struct iommu_domain *old)
{
	struct device *dev;
	int rc;

	list_for_each_entry(dev, &group->devices, group_item) {
		if (!dev->max_pasids)
			continue;
		rc = domain->ops->set_dev_pasid(domain, dev, pasid, old);
		if (rc) {
			restore_pasid(group, pasid, domain, old, dev);
			return rc;
		}
	}
	return 0;
}

static int check_pasid(const struct iommu_group *group,
		       const struct iommu_domain *domain, unsigned int pasid)
{
	struct device *dev;

	if (!domain->ops->set_dev_pasid)
		return -EOPNOTSUPP;
	if (!is_compatible(group, domain) || pasid == NO_PASID)
		return -EINVAL;
	list_for_each_entry(dev, &group->devices, group_item)
		if (dev->max_pasids && pasid >= dev->max_pasids)
			return -EINVAL;
	return 0;
}

int iommu_attach_device_pasid(struct iommu_domain *domain, struct device *dev,
			      unsigned int pasid,
			      struct iommu_attach_handle *handle)
{
	struct iommu_group *group = dev->group;
	int rc;

	if (!group)
		return -ENODEV;
	handle->domain = domain;
	mutex_lock(&group->lock);
	rc = check_pasid(group, domain, pasid);
	if (!rc)
		rc = xa_insert(&group->pasid_array, pasid, XA_ZERO_ENTRY,
			       GFP_KERNEL);
	if (rc)
		goto out_unlock;
	rc = set_pasid(group, pasid, domain, NULL);
	if (rc)
		xa_erase(&group->pasid_array, pasid);
	else
		xa_store(&group->pasid_array, pasid, handle, GFP_KERNEL);
out_unlock:
	mutex_unlock(&group->lock);
	return rc;
}

int iommu_replace_device_pasid(struct iommu_domain *domain, struct device *dev,
			       unsigned int pasid,
			       struct iommu_attach_handle *handle)
{
	struct iommu_group *group = dev->group;
	struct iommu_attach_handle *old;
	int rc;

	if (!group)
		return -ENODEV;
	handle->domain = domain;
	mutex_lock(&group->lock);
	rc = check_pasid(group, domain, pasid);
	if (rc)
		goto out_unlock;
	old = xa_load(&group->pasid_array, pasid);
	if (!old)
		rc = -EINVAL;
	else if (old->domain != domain)
		rc = set_pasid(group, pasid, domain, old->domain);
	if (!rc)
		xa_store(&group->pasid_array, pasid, handle, GFP_KERNEL);
out_unlock:
	mutex_unlock(&group->lock);
	return rc;
}

void iommu_detach_device_pasid(struct iommu_domain *domain, struct device *dev,
			       unsigned int pasid)
{
	struct iommu_group *group = dev->group;

	mutex_lock(&group->lock);
	restore_pasid(group, pasid, domain, NULL, NULL);
	xa_erase(&group->pasid_array, pasid);
	mutex_unlock(&group->lock);
}

/* The functions below map and unmap memory. */

static bool is_aligned(const struct iommu_domain *domain, u64 value)
{
	unsigned long smallest = domain->pgsize_bitmap & -domain->pgsize_bitmap;

	return smallest && !(value & (smallest - 1));
}

int iommu_map(struct iommu_domain *domain, unsigned long iova,
	      phys_addr_t paddr, size_t size, int prot)
{
	int rc;

	if (WARN_ON(!domain->ops->map_pages))
		return -EINVAL;
	if (!is_aligned(domain, iova | paddr | size))
		return domain->is_iommupt ? -ENXIO : -EINVAL;
	rc = domain->ops->map_pages(domain, iova, paddr, size, prot);
	if (rc)
		iommu_unmap(domain, iova, size);
	return rc;
}

size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	if (WARN_ON(!domain->ops->unmap_pages))
		return 0;
	if (!is_aligned(domain, iova | size))
		return 0;
	return domain->ops->unmap_pages(domain, iova, size);
}

phys_addr_t iommufd_model_iova_to_phys(struct iommu_domain *domain,
				       unsigned long iova)
{
	if (!domain->ops->iova_to_phys)
		return 0;
	return domain->ops->iova_to_phys(domain, iova);
}
