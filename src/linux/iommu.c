// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Functions that the IOMMU core of the tree calls and does not define: those of
 * the device that represents an IOMMU, without its sysfs files, and the DMA
 * API, which no device here uses.
 */
#include <linux/iommu.h>
#include "dma-iommu.h"
#include <stdarg.h>

static void release(struct device *dev)
{
	kfree(dev);
}

int iommu_device_sysfs_add(struct iommu_device *iommu, struct device *parent,
			   const struct attribute_group **groups,
			   const char *fmt, ...)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	char name[64];
	va_list args;

	if (!dev)
		return -ENOMEM;
	device_initialize(dev);
	dev->release = release;
	dev->parent = parent;
	dev->driver_data = iommu;
	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	if (dev_set_name(dev, "%s", name)) {
		put_device(dev);
		return -ENOMEM;
	}
	iommu->dev = dev;
	return 0;
}

void iommu_device_sysfs_remove(struct iommu_device *iommu)
{
	put_device(iommu->dev);
	iommu->dev = NULL;
}

int iommu_device_link(struct iommu_device *iommu, struct device *link)
{
	return 0;
}

void iommu_device_unlink(struct iommu_device *iommu, struct device *link)
{
}

/* The DMA API does nothing, as domains of the mock never have its cookie. */

#ifdef TREE_HAS_DMA_OPS_DOMAIN
void iommu_setup_dma_ops(struct device *dev, struct iommu_domain *domain)
#else
void iommu_setup_dma_ops(struct device *dev)
#endif
{
}

int iommu_get_dma_cookie(struct iommu_domain *domain)
{
	return -ENODEV;
}

void iommu_put_dma_cookie(struct iommu_domain *domain)
{
}

int iommu_get_msi_cookie(struct iommu_domain *domain, dma_addr_t base)
{
	return -ENODEV;
}

void iommu_put_msi_cookie(struct iommu_domain *domain)
{
}

int iommu_dma_init_fq(struct iommu_domain *domain)
{
	return -EINVAL;
}

int iommu_dma_sw_msi(struct iommu_domain *domain, struct msi_desc *desc,
		     phys_addr_t msi_addr)
{
	return -ENODEV;
}
