/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The mock IOMMU: what IOMMU_TEST_CMD uses of it, and its two files of each
 * other.
 */
#ifndef MOCK_IOMMU_H
#define MOCK_IOMMU_H

#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/iommufd_test.h>

/* There is one; a device behind it is a mock device. */
extern struct iommu_device iommufd_mock_iommu;

/*
 * iommufd_mock_dev_create(flags): a device alone in its group.  @flags:
 * MOCK_FLAGS_DEVICE_*; -EINVAL: others; -ENOMEM.
 * iommufd_mock_dev_destroy(dev): the end of it; it is not bound any more.
 */
struct device *iommufd_mock_dev_create(u32 flags);
void iommufd_mock_dev_destroy(struct device *dev);

/*
 * iommufd_mock_trigger_vevent(dev): report an event of @dev to the vIOMMU that
 * it is attached through.  -ENOENT: it is not; -EOPNOTSUPP: nobody wants its
 * events; -ENOMEM.
 */
int iommufd_mock_trigger_vevent(struct device *dev);

/* Is @domain a page table of the mock? */
bool iommufd_mock_is_paging(const struct iommu_domain *domain);

/* -EINVAL: not a nested domain of the mock, no word @id, or not @iotlb. */
int iommufd_mock_check_iotlb(struct iommu_domain *domain, u32 id, u32 iotlb);

/* mock_iommu.c, for mock_viommu.c: a nested domain; @viommu may be NULL. */
struct iommu_domain *
iommufd_mock_alloc_nested(struct iommufd_viommu *viommu, u32 flags,
			  const struct iommu_user_data *user_data);

/* mock_viommu.c, for the ops of the IOMMU */
size_t iommufd_mock_get_viommu_size(struct device *dev,
				    unsigned int viommu_type);
int iommufd_mock_viommu_init(struct iommufd_viommu *viommu,
			     struct iommu_domain *parent_domain,
			     const struct iommu_user_data *user_data);

#endif
