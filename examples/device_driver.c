// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A driver of an IOMMU, and a device behind it: bind, attach, replace, detach.
 *
 * The example shows the callbacks that a driver must provide, and when they are
 * called.  When a device is attached to an IOAS, iommufd allocates a HWPT for
 * it; the last detach destroys the HWPT.  A bound device holds the context.
 *
 *	DEVICE -> HWPT -> IOAS
 */
#include "account.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

/* The driver */

static bool capable(struct device *dev, enum iommu_cap cap)
{
	(void)dev;
	return cap == IOMMU_CAP_CACHE_COHERENCY;
}

static int attach_dev(struct iommu_domain *domain, struct device *dev,
		      struct iommu_domain *old)
{
	(void)domain;
	printf("\tdriver: %s %s\n", dev->name,
	       old ? "changes to another domain" : "uses a domain");
	return 0;
}

static void detach_dev(struct iommu_domain *domain, struct device *dev)
{
	(void)domain;
	printf("\tdriver: %s uses no domain any more\n", dev->name);
}

static int map_pages(struct iommu_domain *domain, unsigned long iova,
		     phys_addr_t paddr, size_t size, int prot)
{
	(void)domain;
	(void)paddr;
	(void)prot;
	printf("\tdriver: map 0x%lx, %zu bytes\n", iova, size);
	return 0;
}

static size_t unmap_pages(struct iommu_domain *domain, unsigned long iova,
			  size_t size)
{
	(void)domain;
	printf("\tdriver: unmap 0x%lx, %zu bytes\n", iova, size);
	return size;
}

static void domain_free(struct iommu_domain *domain)
{
	printf("\tdriver: free a domain\n");
	kfree(domain);
}

static const struct iommu_domain_ops domain_ops = {
	.attach_dev = attach_dev,
	.detach_dev = detach_dev,
	.map_pages = map_pages,
	.unmap_pages = unmap_pages,
	.free = domain_free,
};

static struct iommu_domain *
domain_alloc(struct device *dev, u32 flags,
	     const struct iommu_user_data *user_data)
{
	struct iommu_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);

	(void)dev;
	(void)flags;
	(void)user_data;
	if (!domain)
		return ERR_PTR(-ENOMEM);
	printf("\tdriver: make a domain\n");
	domain->type = IOMMU_DOMAIN_UNMANAGED;
	domain->ops = &domain_ops;
	domain->pgsize_bitmap = PAGE_SIZE;
	domain->geometry.aperture_end = ULONG_MAX;
	return domain;
}

static const struct iommu_ops ops = {
	.capable = capable,
	.domain_alloc_paging_flags = domain_alloc,
};

static struct iommu_device iommu = { .ops = &ops };
static struct iommu_group group;
static struct device dev = { .name = "device", .iommu_dev = &iommu };

/* User space */

static char memory[PAGE_SIZE] __attribute__((aligned(4096)));

static u32 make_ioas(int fd)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.user_va = (uintptr_t)memory,
		.length = sizeof(memory),
		.iova = 0x10000,
	};

	result("user: make an IOAS",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc), 0);
	map.ioas_id = alloc.out_ioas_id;
	result("user: map a page",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_MAP, &map), 0);
	return alloc.out_ioas_id;
}

static void attach(struct iommufd_device *idev, u32 ioas, u32 other)
{
	u32 pt_id = ioas;
	int rc = iommufd_device_attach(idev, IOMMU_NO_PASID, &pt_id);

	result("attach to the first IOAS", rc, 0);
	if (rc)
		return;
	number("the HWPT that it uses", pt_id, 4);
	number("users of the device: id table, bind, attach",
	       refcount_read(&idev->obj.users), 3);
	pt_id = other;
	result("replace by the second",
	       iommufd_device_replace(idev, IOMMU_NO_PASID, &pt_id), 0);
	printf("detach\n");
	iommufd_device_detach(idev, IOMMU_NO_PASID);
}

int main(void)
{
	int fd = iommufd_model_open();
	struct iommufd_device *idev;
	struct iommufd_ctx *ictx;
	u32 ioas, other, id;

	if (fd < 0)
		return EXIT_FAILURE;
	iommufd_model_group_init(&group, 1);
	iommufd_model_group_add(&group, &dev);
	ioas = make_ioas(fd);
	other = make_ioas(fd);
	ictx = iommufd_ctx_from_fd(fd);
	idev = iommufd_device_bind(ictx, &dev, &id);
	iommufd_ctx_put(ictx);
	result("bind the device", PTR_ERR_OR_ZERO(idev), 0);
	if (!IS_ERR(idev))
		attach(idev, ioas, other);

	iommufd_model_close(fd);
	number("close; is the context still there?",
	       iommufd_model_leaks(0, NULL, NULL) > 0, 1);
	if (!IS_ERR(idev))
		iommufd_device_unbind(idev);
	number("unbind; allocations left",
	       iommufd_model_leaks(0, NULL, NULL), 0);
	iommufd_model_group_remove(&dev);
	return account_end();
}
