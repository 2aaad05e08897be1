/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The mock IOMMU: functions for the code of IOMMU_TEST_CMD, and what the two
 * files of the mock share.
 */
#ifndef MOCK_IOMMU_H
#define MOCK_IOMMU_H

#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/iommufd_test.h>

/* The only mock IOMMU; a device is a mock device if it is behind this one. */
extern struct iommu_device iommufd_mock_iommu;

/*
 * iommufd_mock_dev_create() makes a device that is alone in its group.  Fails
 * with -EINVAL if there are flags other than MOCK_FLAGS_DEVICE_*, or with
 * -ENOMEM.  iommufd_mock_dev_destroy() destroys a device that is not bound any
 * more.
 */
struct device *iommufd_mock_dev_create(u32 flags);
void iommufd_mock_dev_destroy(struct device *dev);

/*
 * Report an event of @dev to the vIOMMU through which it is attached.  Fails
 * with -ENOENT if there is no such vIOMMU, with -EOPNOTSUPP if there is no
 * queue for the events of the device, or with -ENOMEM.
 */
int iommufd_mock_trigger_vevent(struct device *dev);

/* Report a page fault of @dev. */
void iommufd_mock_trigger_iopf(struct device *dev,
			       const struct iommu_fault_page_request *prm);

/*
 * Check that @dev is attached to @domain with @pasid or, if @domain is NULL,
 * that it is not attached with @pasid.  Returns 0 or -EINVAL.
 */
int iommufd_mock_check_pasid(struct device *dev, u32 pasid,
			     const struct iommu_domain *domain);

/* True if @dev is attached with any PASID. */
bool iommufd_mock_has_pasids(struct device *dev);

/* Return 0 if word @id of the cache of @dev is @cache, or else -EINVAL. */
int iommufd_mock_check_cache(struct device *dev, u32 id, u32 cache);

/* True if @domain is a paging domain of the mock IOMMU. */
bool iommufd_mock_is_paging(const struct iommu_domain *domain);

/*
 * Return 0 if word @id of a nested domain is @iotlb.  Return -EINVAL if it is
 * not, if there is no such word, or if @domain is not a nested domain of the
 * mock.
 */
int iommufd_mock_check_iotlb(struct iommu_domain *domain, u32 id, u32 iotlb);

/*
 * mock_iommu.c, for mock_viommu.c: make a nested domain; @viommu may be NULL.
 */
struct iommu_domain *
iommufd_mock_alloc_nested(struct iommufd_viommu *viommu, u32 flags,
			  const struct iommu_user_data *user_data);

/*
 * mock_iommu.c, for mock_viommu.c: do what @entry says with the cache of a
 * device.  @entry names the device by its id on @viommu.  Fails with
 * -EOPNOTSUPP if there are unknown flags, and with -EINVAL if there is no such
 * device or cache.
 */
int iommufd_mock_invalidate_dev(
	struct iommufd_viommu *viommu,
	const struct iommu_viommu_invalidate_selftest *entry);

/* mock_viommu.c, for the ops in mock_iommu.c */
size_t iommufd_mock_get_viommu_size(struct device *dev,
				    unsigned int viommu_type);
int iommufd_mock_viommu_init(struct iommufd_viommu *viommu,
			     struct iommu_domain *parent_domain,
			     const struct iommu_user_data *user_data);

#endif
