/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The IOMMU core between iommufd and a driver, reduced to what bears on
 * lifetimes: devices, their groups, domains, and the driver's ops.
 *
 * A driver fills in struct device, struct iommu_group and struct iommu_ops
 * itself; nothing is discovered.
 */
#ifndef IOMMUFD_MODEL_KERNEL_IOMMU_H
#define IOMMUFD_MODEL_KERNEL_IOMMU_H

#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/mutex.h>
#include <iommufd_model/kernel/refcount.h>
#include <iommufd_model/kernel/uaccess.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct device;
struct iommu_domain;
struct iommu_ops;
struct iommufd_hw_pagetable;
struct iommufd_viommu;

#define IOMMU_READ 1
#define IOMMU_WRITE 2
#define IOMMU_CACHE 4

#define IOMMU_DOMAIN_UNMANAGED 3u
#define IOMMU_DOMAIN_NESTED 5u

enum iommu_cap {
	IOMMU_CAP_CACHE_COHERENCY,
	IOMMU_CAP_DIRTY_TRACKING,
	IOMMU_CAP_DEFERRED_FLUSH,
	IOMMU_CAP_ENFORCE_CACHE_COHERENCY,
};

/* User data of an alloc ioctl, not yet copied. */
struct iommu_user_data {
	unsigned int type;
	void __user *uptr;
	size_t len;
};

/*
 * iommu_copy_struct_from_user(kdst, user_data, data_type, min_last): copy the
 * driver's struct, completed with zeros.  -EINVAL: another type, shorter than
 * up to @min_last, longer than *@kdst; -EFAULT.  spec/05 section 4.
 */
#define iommu_copy_struct_from_user(kdst, user_data, data_type, min_last) \
	iommufd_model_copy_user_data(user_data, kdst, data_type,	\
				     sizeof(*(kdst)),			\
				     offsetofend(__typeof__(*(kdst)), min_last))
IOMMUFD_MODEL_API int
iommufd_model_copy_user_data(const struct iommu_user_data *user_data,
			     void *kdst, unsigned int data_type, size_t size,
			     size_t min_len);

/*
 * struct iommu_domain_ops - a domain
 * @attach_dev: let @dev use @domain, in place of @old, which may be NULL
 * @detach_dev: @dev uses nothing any more
 * @map_pages: @size bytes from @iova to @paddr on; both multiples of the
 *	smallest page.  What is mapped already is not asked for again
 * @unmap_pages: forget [iova, iova + size - 1]; number of bytes that were
 *	mapped
 * @iova_to_phys: 0 if not mapped
 */
struct iommu_domain_ops {
	int (*attach_dev)(struct iommu_domain *domain, struct device *dev,
			  struct iommu_domain *old);
	void (*detach_dev)(struct iommu_domain *domain, struct device *dev);
	int (*map_pages)(struct iommu_domain *domain, unsigned long iova,
			 phys_addr_t paddr, size_t size, int prot);
	size_t (*unmap_pages)(struct iommu_domain *domain, unsigned long iova,
			      size_t size);
	phys_addr_t (*iova_to_phys)(struct iommu_domain *domain,
				    unsigned long iova);
	bool (*enforce_cache_coherency)(struct iommu_domain *domain);
	void (*free)(struct iommu_domain *domain);
};

struct iommu_domain {
	unsigned int type;
	const struct iommu_domain_ops *ops;
	const struct iommu_ops *owner;
	unsigned long pgsize_bitmap;
	struct {
		unsigned long aperture_start;
		unsigned long aperture_end;
	} geometry;
	struct iommufd_hw_pagetable *iommufd_hwpt;
};

struct iommu_ops {
	bool (*capable)(struct device *dev, enum iommu_cap cap);
	struct iommu_domain *(*domain_alloc_paging_flags)(
		struct device *dev, u32 flags,
		const struct iommu_user_data *user_data);
	struct iommu_domain *(*domain_alloc_nested)(
		struct device *dev, struct iommu_domain *parent, u32 flags,
		const struct iommu_user_data *user_data);
	size_t (*get_viommu_size)(struct device *dev, unsigned int viommu_type);
	int (*viommu_init)(struct iommufd_viommu *viommu,
			   struct iommu_domain *parent_domain,
			   const struct iommu_user_data *user_data);
};

struct iommu_device {
	const struct iommu_ops *ops;
};

/*
 * struct iommu_group - devices that cannot be told apart
 * @devices: by struct device's group_item; set up by the driver
 * @lock: guards what follows
 * @owner, @owner_cnt: who has claimed the group for its own use
 * @domain: what all its devices use, NULL: nothing
 */
struct iommu_group {
	unsigned int id;
	struct list_head devices;
	struct mutex lock;
	void *owner;
	unsigned int owner_cnt;
	struct iommu_domain *domain;
};

struct device {
	const char *name;
	struct iommu_device *iommu_dev;	/* NULL: behind no IOMMU */
	struct iommu_group *group;	/* NULL: in none */
	struct list_head group_item;
};

static inline const struct iommu_ops *dev_iommu_ops(const struct device *dev)
{
	return dev->iommu_dev->ops;
}

/* What follows is in src/kernel/iommu.c. */

/* iommu_group_init(group, id): no device, no owner. */
IOMMUFD_MODEL_API void iommufd_model_group_init(struct iommu_group *group,
						unsigned int id);
IOMMUFD_MODEL_API void iommufd_model_group_add(struct iommu_group *group,
					       struct device *dev);
IOMMUFD_MODEL_API void iommufd_model_group_remove(struct device *dev);

/*
 * Claim the group of @dev for @owner, once per device.  -EINVAL: no owner;
 * -EPERM: somebody else has it; -EBUSY: it is in use.
 */
#define iommu_device_claim_dma_owner iommufd_model_claim_dma_owner
#define iommu_device_release_dma_owner iommufd_model_release_dma_owner
IOMMUFD_MODEL_API int iommu_device_claim_dma_owner(struct device *dev,
						   void *owner);
IOMMUFD_MODEL_API void iommu_device_release_dma_owner(struct device *dev);

/*
 * Attach, replace, detach for every device of a group; a failure leaves all of
 * them as they were.
 */
#define iommu_attach_group iommufd_model_attach_group
#define iommu_replace_group iommufd_model_replace_group
#define iommu_detach_group iommufd_model_detach_group
IOMMUFD_MODEL_API int iommu_attach_group(struct iommu_domain *domain,
					 struct iommu_group *group);
IOMMUFD_MODEL_API int iommu_replace_group(struct iommu_group *group,
					  struct iommu_domain *domain);
IOMMUFD_MODEL_API void iommu_detach_group(struct iommu_domain *domain,
					  struct iommu_group *group);

/* Map and unmap in a domain; map undoes its part when it fails. */
#define iommu_map iommufd_model_iommu_map
#define iommu_unmap iommufd_model_iommu_unmap
IOMMUFD_MODEL_API int iommu_map(struct iommu_domain *domain, unsigned long iova,
				phys_addr_t paddr, size_t size, int prot);
IOMMUFD_MODEL_API size_t iommu_unmap(struct iommu_domain *domain,
				     unsigned long iova, size_t size);
IOMMUFD_MODEL_API phys_addr_t
iommufd_model_iova_to_phys(struct iommu_domain *domain, unsigned long iova);
#define iommu_iova_to_phys iommufd_model_iova_to_phys
#define iommu_domain_free(domain) ((domain)->ops->free(domain))

IOMMUFD_MODEL_END_DECLS

#endif
