/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_MSI_H
#define TREE_LINUX_MSI_H

struct device;
struct msi_msg;

struct msi_desc {
	struct device *dev;
	u64 iommu_msi_iova;
	unsigned int iommu_msi_shift;
};

#define msi_desc_to_dev(desc) ((desc)->dev)
static inline void msi_desc_set_iommu_msi_iova(struct msi_desc *desc,
					       u64 iova, unsigned int shift)
{
	desc->iommu_msi_iova = iova >> shift;
	desc->iommu_msi_shift = shift;
}
#define msi_device_has_isolated_msi(dev) ((void)(dev), true)

#endif
