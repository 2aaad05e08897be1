/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The IOMMU core between iommufd and a driver, reduced to what bears on
 * lifetimes: devices, their groups, domains, and the driver's ops.
 *
 * A driver fills in struct device, struct iommu_group and struct iommu_ops
 * itself; nothing is discovered.
 *
 * In the library, and so in a backtrace, the names of the functions begin with
 * iommufd_model_: iommufd_model_attach_group() is iommu_attach_group().
 *
 * No function here counts anything, but the claims of a group: whoever passes a
 * device, a group or a domain keeps it alive.
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

#define IOMMU_READ 1	/**< a mapping may be read from */
#define IOMMU_WRITE 2	/**< a mapping may be written to */
#define IOMMU_CACHE 4	/**< accesses through a mapping are coherent */

/** a domain that maps what it is told to */
#define IOMMU_DOMAIN_UNMANAGED 3u
#define IOMMU_DOMAIN_NESTED 5u	/**< a domain of a guest, on top of another */

/** What a driver may be able to do, for capable(). */
enum iommu_cap {
	/** coherent accesses; without it there is no bind */
	IOMMU_CAP_CACHE_COHERENCY,
	IOMMU_CAP_DIRTY_TRACKING,	/**< domains that track writes */
	IOMMU_CAP_DEFERRED_FLUSH,	/**< never asked for */
	/** domains that enforce coherence */
	IOMMU_CAP_ENFORCE_CACHE_COHERENCY,
};

/** User data of an alloc ioctl, not yet copied. */
struct iommu_user_data {
	unsigned int type;	/**< its type, as the user says */
	void __user *uptr;	/**< where it is */
	size_t len;	/**< bytes */
};

/**
 * Copies user data into the driver's struct, completed with zeros.
 * @param kdst       the driver's struct
 * @param user_data  a struct iommu_user_data
 * @param data_type  what its type must be
 * @param min_last   the last member that the user must give
 * @return 0, or a negative errno
 * @errors -EINVAL: another type, shorter than up to @p min_last, longer than
 *   @p *kdst; -EFAULT.
 * @rule R-UAPI-14
 */
#define iommu_copy_struct_from_user(kdst, user_data, data_type, min_last) \
	iommufd_model_copy_user_data(user_data, kdst, data_type,	\
				     sizeof(*(kdst)),			\
				     offsetofend(__typeof__(*(kdst)), min_last))

/**
 * Copies user data: what iommu_copy_struct_from_user() calls.
 * @param user_data  from the user; a WARN and -EINVAL if NULL
 * @param kdst       where to
 * @param data_type  what its type must be
 * @param size       the most it may have, bytes
 * @param min_len    the least it must have, bytes
 * @return 0, or a negative errno
 */
IOMMUFD_MODEL_API int
iommufd_model_copy_user_data(const struct iommu_user_data *user_data,
			     void *kdst, unsigned int data_type, size_t size,
			     size_t min_len);

/**
 * What a driver does for a domain.  The group's lock is held around
 * attach_dev() and detach_dev().
 */
struct iommu_domain_ops {
	/**
	 * Lets @p dev use @p domain, in place of @p old, which may be NULL.  0,
	 * or a negative errno: @p dev uses what it used.
	 */
	int (*attach_dev)(struct iommu_domain *domain, struct device *dev,
			  struct iommu_domain *old);
	/** Called when @p dev uses nothing any more; may be NULL. */
	void (*detach_dev)(struct iommu_domain *domain, struct device *dev);
	/**
	 * Maps @p size bytes from @p iova to @p paddr on; all are multiples of
	 * the smallest page.  What is mapped already is not asked for again.
	 * 0, or a negative errno: what was mapped of it is unmapped then.
	 */
	int (*map_pages)(struct iommu_domain *domain, unsigned long iova,
			 phys_addr_t paddr, size_t size, int prot);
	/**
	 * Forgets [iova, iova + size - 1]; number of bytes that were mapped.
	 */
	size_t (*unmap_pages)(struct iommu_domain *domain, unsigned long iova,
			      size_t size);
	/** Where @p iova leads; 0 if not mapped.  May be NULL. */
	phys_addr_t (*iova_to_phys)(struct iommu_domain *domain,
				    unsigned long iova);
	/**
	 * Makes all accesses coherent from now on; false if it cannot.  May be
	 * NULL.
	 */
	bool (*enforce_cache_coherency)(struct iommu_domain *domain);
	/** Frees the domain.  No device uses it. */
	void (*free)(struct iommu_domain *domain);
};

/** A page table of an IOMMU. */
struct iommu_domain {
	/** IOMMU_DOMAIN_UNMANAGED or IOMMU_DOMAIN_NESTED */
	unsigned int type;
	/** what its driver does for it */
	const struct iommu_domain_ops *ops;
	const struct iommu_ops *owner;	/**< the driver whose domain it is */
	/** bit n: it can map pages of 2^n bytes */
	unsigned long pgsize_bitmap;
	/** its page table picks the page sizes, and says what none fits */
	bool is_iommupt;
	struct {
		/** the first IOVA it can map */
		unsigned long aperture_start;
		unsigned long aperture_end;	/**< the last one */
	} geometry;	/**< what it can map */
	/** the HWPT it belongs to; weak */
	struct iommufd_hw_pagetable *iommufd_hwpt;
};

/** What an IOMMU's driver does. */
struct iommu_ops {
	/**
	 * Tells whether it can do @p cap for @p dev.  May be NULL: it cannot.
	 */
	bool (*capable)(struct device *dev, enum iommu_cap cap);
	/**
	 * Makes a domain that maps; @p flags are IOMMU_HWPT_ALLOC_ ones,
	 * @p user_data may be NULL.  The caller owns it and ends it with its
	 * free().  An error pointer if it cannot.  May be NULL: no HWPT then.
	 */
	struct iommu_domain *(*domain_alloc_paging_flags)(
		struct device *dev, u32 flags,
		const struct iommu_user_data *user_data);
	/**
	 * Makes a domain on top of @p parent; an error pointer if it cannot.
	 * May be NULL.
	 */
	struct iommu_domain *(*domain_alloc_nested)(
		struct device *dev, struct iommu_domain *parent, u32 flags,
		const struct iommu_user_data *user_data);
	/**
	 * Bytes of its vIOMMU of a type, the struct iommufd_viommu in front
	 * included; 0 if it has none of that type.  May be NULL.
	 */
	size_t (*get_viommu_size)(struct device *dev, unsigned int viommu_type);
	/** Fills in a new vIOMMU, its ops at least.  0, or a negative errno. */
	int (*viommu_init)(struct iommufd_viommu *viommu,
			   struct iommu_domain *parent_domain,
			   const struct iommu_user_data *user_data);
};

/** An IOMMU. */
struct iommu_device {
	const struct iommu_ops *ops;	/**< its driver's */
};

/** Devices that cannot be told apart. */
struct iommu_group {
	unsigned int id;	/**< tells groups apart */
	struct list_head devices;	/**< by their group_item */
	struct mutex lock;	/**< guards the list and what follows */
	void *owner;	/**< who has claimed the group for its own use */
	unsigned int owner_cnt;	/**< how often, once for each device */
	/** what all its devices use, NULL: nothing */
	struct iommu_domain *domain;
};

/** A device. */
struct device {
	const char *name;	/**< for reports */
	struct iommu_device *iommu_dev;	/**< its IOMMU; NULL: behind none */
	struct iommu_group *group;	/**< its group; NULL: in none */
	struct list_head group_item;	/**< on the group's list */
};

/**
 * Gives the ops of a device's driver.
 * @param dev  behind an IOMMU
 * @return the ops
 */
static inline const struct iommu_ops *dev_iommu_ops(const struct device *dev)
{
	return dev->iommu_dev->ops;
}

/**
 * Makes a group: no device, no owner, no domain.
 * @param group  the group, memory of the caller's
 * @param id     tells it from others
 */
IOMMUFD_MODEL_API void iommufd_model_group_init(struct iommu_group *group,
						unsigned int id);

/**
 * Puts a device into a group.
 * @param group  the group; a WARN if it has a domain
 * @param dev    in no group
 * @ownership The group holds nothing of the device; it leaves before it goes.
 * @context Takes the group's lock: may block.
 */
IOMMUFD_MODEL_API void iommufd_model_group_add(struct iommu_group *group,
					       struct device *dev);

/**
 * Takes a device out of its group; a WARN if the last one of a claimed group.
 * @param dev  in a group
 * @context Takes the group's lock: may block.
 */
IOMMUFD_MODEL_API void iommufd_model_group_remove(struct device *dev);

/** @cond INTERNAL */
/* Their names in the library. */
#define iommu_device_claim_dma_owner iommufd_model_claim_dma_owner
#define iommu_device_release_dma_owner iommufd_model_release_dma_owner
/** @endcond */

/**
 * Claims the group of a device, once for each device.
 * @param dev    the device
 * @param owner  who claims it, any address
 * @return 0, or a negative errno
 * @ownership The claim is the caller's until iommu_device_release_dma_owner().
 * @errors -ENODEV: it is in no group; -EINVAL and a WARN: @p owner is NULL;
 *   -EPERM: somebody else has it; -EBUSY: it is in use.
 * @context Takes the group's lock: may block.
 */
IOMMUFD_MODEL_API int iommu_device_claim_dma_owner(struct device *dev,
						   void *owner);

/**
 * Gives a claim back; with the last one the group must use no domain, or a
 * WARN.
 * @param dev  its group was claimed; a WARN if not
 * @context Takes the group's lock: may block.
 */
IOMMUFD_MODEL_API void iommu_device_release_dma_owner(struct device *dev);

/** @cond INTERNAL */
/* Their names in the library. */
#define iommu_attach_group iommufd_model_attach_group
#define iommu_replace_group iommufd_model_replace_group
#define iommu_detach_group iommufd_model_detach_group
/** @endcond */

/**
 * Lets every device of a group, which uses nothing, use a domain.
 * @param domain  what to use
 * @param group   the group
 * @return 0, or a negative errno: every device uses nothing then
 * @ownership The caller keeps @p domain until the group has left it.
 * @errors -EBUSY: the group uses a domain; -EINVAL: @p domain is of another
 *   driver than a device; what attach_dev() says.
 * @context Takes the group's lock: may block.
 */
IOMMUFD_MODEL_API int iommu_attach_group(struct iommu_domain *domain,
					 struct iommu_group *group);

/**
 * Lets every device of a group use another domain.
 * @param group   the group; it may use nothing so far
 * @param domain  what to use
 * @return 0, or a negative errno: every device uses what it used then
 * @ownership As of iommu_attach_group(); the old domain is the caller's again.
 * @errors -EINVAL: @p domain is of another driver than a device; what
 *   attach_dev() says.
 * @context Takes the group's lock: may block.
 */
IOMMUFD_MODEL_API int iommu_replace_group(struct iommu_group *group,
					  struct iommu_domain *domain);

/**
 * Lets every device of a group use nothing any more.
 * @param domain  what they use; a WARN if not
 * @param group   the group
 * @context Takes the group's lock: may block.
 */
IOMMUFD_MODEL_API void iommu_detach_group(struct iommu_domain *domain,
					  struct iommu_group *group);

/** @cond INTERNAL */
/* Their names in the library. */
#define iommu_map iommufd_model_iommu_map
#define iommu_unmap iommufd_model_iommu_unmap
/** @endcond */

/**
 * Maps memory in a domain; undoes its part when it fails.
 * @param domain  the domain
 * @param iova    where to
 * @param paddr   what
 * @param size    bytes
 * @param prot    IOMMU_READ, IOMMU_WRITE, IOMMU_CACHE
 * @return 0, or a negative errno
 * @errors -EINVAL: not multiples of the smallest page, or, with a WARN, the
 *   domain cannot map; -ENXIO: not multiples of it, in a domain with is_iommupt;
 *   what map_pages() says.
 */
IOMMUFD_MODEL_API int iommu_map(struct iommu_domain *domain, unsigned long iova,
				phys_addr_t paddr, size_t size, int prot);

/**
 * Unmaps a range in a domain.
 * @param domain  the domain
 * @param iova    the first byte
 * @param size    bytes
 * @return number of bytes that were mapped; 0 if the range does not consist of
 *   whole pages
 */
IOMMUFD_MODEL_API size_t iommu_unmap(struct iommu_domain *domain,
				     unsigned long iova, size_t size);

/**
 * Looks an IOVA up in a domain: iommu_iova_to_phys().
 * @param domain  the domain
 * @param iova    any
 * @return where it leads; 0 if not mapped
 */
IOMMUFD_MODEL_API phys_addr_t
iommufd_model_iova_to_phys(struct iommu_domain *domain, unsigned long iova);
/** Looks an IOVA up in a domain: iommufd_model_iova_to_phys(). */
#define iommu_iova_to_phys iommufd_model_iova_to_phys
/** Frees a domain that no device uses any more. */
#define iommu_domain_free(domain) ((domain)->ops->free(domain))

IOMMUFD_MODEL_END_DECLS

#endif
