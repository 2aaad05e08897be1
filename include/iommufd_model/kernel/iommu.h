/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The IOMMU core, which stands between iommufd and the driver of an IOMMU.  It
 * is reduced to what affects lifetimes: devices, their groups, domains, and the
 * driver's ops.
 *
 * A driver fills in struct device, struct iommu_group and struct iommu_ops
 * itself.  The library does not discover devices.
 *
 * The symbols in the library, which a backtrace shows, begin with
 * iommufd_model_: iommu_attach_group() is iommufd_model_attach_group().
 *
 * Page faults: see iommu_report_device_fault().
 *
 * Groups and domains have no reference counts here, and the functions here take
 * no reference to a device (device.h).  The caller must keep these objects
 * alive during a call.  Only the claims of a group are counted.
 */
#ifndef IOMMUFD_MODEL_KERNEL_IOMMU_H
#define IOMMUFD_MODEL_KERNEL_IOMMU_H

#include <iommufd_model/kernel/dev_printk.h>
#include <iommufd_model/kernel/device.h>
#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/mutex.h>
#include <iommufd_model/kernel/refcount.h>
#include <iommufd_model/kernel/uaccess.h>
#include <iommufd_model/kernel/xarray.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct device;
struct iommu_domain;
struct iommu_fault_param;
struct iommu_ops;
struct iommufd_hw_pagetable;
struct iopf_fault;
struct iopf_group;
struct iommufd_viommu;

#define IOMMU_READ 1	/**< a mapping may be read from */
#define IOMMU_WRITE 2	/**< a mapping may be written to */
#define IOMMU_CACHE 4	/**< accesses through a mapping are coherent */

/** a domain whose mappings its user makes */
#define IOMMU_DOMAIN_UNMANAGED 3u
/** a guest's domain, on top of another domain */
#define IOMMU_DOMAIN_NESTED 5u

/** The capabilities about which capable() asks a driver. */
enum iommu_cap {
	/** coherent accesses; without it a device cannot be bound */
	IOMMU_CAP_CACHE_COHERENCY,
	IOMMU_CAP_DIRTY_TRACKING,	/**< domains that track writes */
	/** lazy unmapping; iommufd never asks for it */
	IOMMU_CAP_DEFERRED_FLUSH,
	/** domains that enforce coherence */
	IOMMU_CAP_ENFORCE_CACHE_COHERENCY,
	IOMMU_CAP_PCI_ATS_SUPPORTED,	/**< the device may use ATS */
};

/** The user data of an allocation ioctl, before they are copied. */
struct iommu_user_data {
	unsigned int type;	/**< the type that the user gave */
	void __user *uptr;	/**< the user address */
	size_t len;	/**< the length in bytes */
};

/**
 * Copies user data into a driver's struct, and sets the bytes that the user did
 * not give to zero.
 * @param kdst       a pointer to the driver's struct
 * @param user_data  a pointer to the struct iommu_user_data
 * @param data_type  the type that the user data must have
 * @param min_last   the last member of the struct that the user must give
 * @return 0, or a negative errno
 * @errors -EINVAL: the data have another type, end before the end of @p
 *   min_last, or are longer than the struct; -EFAULT: they cannot be read.
 * @context May sleep in a kernel; hold no spinlock.
 * @rule R-UAPI-14
 */
#define iommu_copy_struct_from_user(kdst, user_data, data_type, min_last) \
	iommufd_model_copy_user_data(user_data, kdst, data_type,	\
				     sizeof(*(kdst)),			\
				     offsetofend(__typeof__(*(kdst)), min_last))

/** Copies user data into a driver's struct, all of which the user must give. */
#define iommu_copy_struct_from_full_user(kdst, user_data, data_type)	\
	iommufd_model_copy_user_data(user_data, kdst, data_type,	\
				     sizeof(*(kdst)), sizeof(*(kdst)))

/** The user data of an ioctl that takes an array, before they are copied. */
struct iommu_user_data_array {
	unsigned int type;	/**< the type that the user gave */
	void __user *uptr;	/**< the user address */
	size_t entry_len;	/**< the length of an entry in bytes */
	u32 entry_num;	/**< the number of entries */
};

/**
 * Copies one entry of an array of user data, and sets the bytes that the user
 * did not give to zero.
 * @param kdst        a pointer to the driver's struct
 * @param user_array  a pointer to the struct iommu_user_data_array
 * @param data_type   the type that the user data must have
 * @param index       the number of the entry
 * @param min_last    the last member of the struct that the user must give
 * @return 0, or a negative errno
 * @errors -EINVAL: the data have another type or no entry @p index, or the
 *   entries are too short or too long; -EFAULT: the entry cannot be read.
 * @context May sleep in a kernel; hold no spinlock.
 */
#define iommu_copy_struct_from_user_array(kdst, user_array, data_type,	\
					  index, min_last)		\
	iommufd_model_copy_user_entry(					\
		user_array, kdst, data_type, index, sizeof(*(kdst)),	\
		offsetofend(__typeof__(*(kdst)), min_last))

/**
 * Copies a driver's struct to the address in the user data.
 * @param user_data  a pointer to the struct iommu_user_data
 * @param ksrc       a pointer to the driver's struct
 * @param data_type  the type that the user data must have
 * @param min_last   the last member of the struct that the user must take
 * @return 0, or a negative errno
 * @errors -EINVAL: the data have another type or are too short; -EFAULT: they
 *   cannot be written.
 */
#define iommu_copy_struct_to_user(user_data, ksrc, data_type, min_last)	\
	iommufd_model_copy_to_user_data(user_data, ksrc, data_type,	\
					sizeof(*(ksrc)),		\
					offsetofend(__typeof__(*(ksrc)), \
						    min_last))

/**
 * Copies all entries of user data into an array of the driver.  If the user's
 * entries are shorter than the driver's, the rest of each is set to zero; if
 * they are longer, the bytes in excess must be zero.
 * @param kdst        the driver's array, with as many entries
 * @param entry_size  the size of one of its entries in bytes
 * @param user_array  a pointer to the struct iommu_user_data_array
 * @param data_type   the type that the user data must have
 * @return 0, or a negative errno
 * @errors -EINVAL: the data have another type, or no entries; -E2BIG, -EFAULT:
 *   as for copy_struct_from_user().
 */
#define iommu_copy_struct_from_full_user_array(kdst, entry_size, user_array, \
					       data_type)		\
	iommufd_model_copy_user_array(user_array, kdst, data_type, entry_size)

/**
 * Copies all entries.  iommu_copy_struct_from_full_user_array() calls it.
 * @param array      describes the user data
 * @param kdst       the driver's array
 * @param data_type  the type that the user data must have
 * @param size       the size of an entry of the driver in bytes
 * @return 0, or a negative errno
 */
IOMMUFD_MODEL_API int
iommufd_model_copy_user_array(const struct iommu_user_data_array *array,
			      void *kdst, unsigned int data_type, size_t size);

/**
 * Copies one entry.  iommu_copy_struct_from_user_array() calls it.
 * @param array      describes the user data
 * @param kdst       the driver's struct
 * @param data_type  the type that the user data must have
 * @param index      the number of the entry
 * @param size       the largest length that is allowed, in bytes
 * @param min_len    the smallest length that is allowed, in bytes
 * @return 0, or a negative errno
 */
IOMMUFD_MODEL_API int
iommufd_model_copy_user_entry(const struct iommu_user_data_array *array,
			      void *kdst, unsigned int data_type,
			      unsigned int index, size_t size, size_t min_len);

/**
 * Copies to the user.  iommu_copy_struct_to_user() calls it.
 * @param user_data  describes the user data
 * @param ksrc       the driver's struct
 * @param data_type  the type that the user data must have
 * @param size       the size of the driver's struct in bytes
 * @param min_len    the smallest length that is allowed, in bytes
 * @return 0, or a negative errno
 */
IOMMUFD_MODEL_API int
iommufd_model_copy_to_user_data(const struct iommu_user_data *user_data,
				const void *ksrc, unsigned int data_type,
				size_t size, size_t min_len);

/**
 * Copies user data.  iommu_copy_struct_from_user() calls it.
 * @param user_data  describes the user data
 * @param kdst       the driver's struct
 * @param data_type  the type that the user data must have
 * @param size       the largest length that is allowed, in bytes
 * @param min_len    the smallest length that is allowed, in bytes
 * @return 0, or a negative errno
 * @errors The same as for iommu_copy_struct_from_user(); -EINVAL and a WARN: @p
 *   user_data or @p kdst is NULL.
 */
IOMMUFD_MODEL_API int
iommufd_model_copy_user_data(const struct iommu_user_data *user_data,
			     void *kdst, unsigned int data_type, size_t size,
			     size_t min_len);

/**
 * The driver's functions for a domain.  attach_dev() and detach_dev() are
 * called with the group's lock held.
 */
struct iommu_domain_ops {
	/**
	 * Attaches @p dev to @p domain instead of @p old, which may be NULL.
	 * Returns 0, or a negative errno if @p dev remains attached as before.
	 */
	int (*attach_dev)(struct iommu_domain *domain, struct device *dev,
			  struct iommu_domain *old);
	/**
	 * Detaches @p dev from @p domain without attaching it elsewhere.  May
	 * be NULL.
	 */
	void (*detach_dev)(struct iommu_domain *domain, struct device *dev);
	/**
	 * Does what attach_dev() does, but only for the accesses of @p dev with
	 * the PASID @p pasid.  NULL means that no PASID can be attached to the
	 * domain.
	 */
	int (*set_dev_pasid)(struct iommu_domain *domain, struct device *dev,
			     unsigned int pasid, struct iommu_domain *old);
	/**
	 * Does what detach_dev() does, but for the PASID @p pasid.  May be
	 * NULL.
	 */
	void (*detach_dev_pasid)(struct iommu_domain *domain,
				 struct device *dev, unsigned int pasid);
	/**
	 * Maps the @p size bytes that begin at @p iova to the memory that
	 * begins at @p paddr.  All three are multiples of the smallest page
	 * size, and nothing in the range is mapped yet.  Returns 0 or a
	 * negative errno; after an error unmap_pages() is called for the range.
	 */
	int (*map_pages)(struct iommu_domain *domain, unsigned long iova,
			 phys_addr_t paddr, size_t size, int prot);
	/**
	 * Unmaps the @p size bytes that begin at @p iova.  Returns the number
	 * of bytes that were mapped.
	 */
	size_t (*unmap_pages)(struct iommu_domain *domain, unsigned long iova,
			      size_t size);
	/** Returns the physical address of @p iova, or 0.  May be NULL. */
	phys_addr_t (*iova_to_phys)(struct iommu_domain *domain,
				    unsigned long iova);
	/**
	 * Makes all later accesses coherent.  Returns false if the driver
	 * cannot do that.  May be NULL.
	 */
	bool (*enforce_cache_coherency)(struct iommu_domain *domain);
	/**
	 * Invalidates what the IOMMU has cached for a nested domain, as the
	 * entries of @p array say.  Stops at the first entry that fails.  Sets
	 * entry_num to the number of entries that were processed.  May be NULL.
	 */
	int (*cache_invalidate_user)(struct iommu_domain *domain,
				     struct iommu_user_data_array *array);
	/** Frees the domain, to which no device is attached. */
	void (*free)(struct iommu_domain *domain);
};

/** A domain: one address space, or page table, of an IOMMU. */
struct iommu_domain {
	/** IOMMU_DOMAIN_UNMANAGED or IOMMU_DOMAIN_NESTED */
	unsigned int type;
	/** the driver's functions */
	const struct iommu_domain_ops *ops;
	/** the ops of the driver that allocated the domain */
	const struct iommu_ops *owner;
	/** bit n is set if the domain can map pages of 2^n bytes */
	unsigned long pgsize_bitmap;
	/**
	 * true if the domain's page table chooses the page sizes; to map a
	 * range that is not a multiple of the smallest page size then gives
	 * -ENXIO, not -EINVAL
	 */
	bool is_iommupt;
	struct {
		/** the first IOVA that the domain can map */
		unsigned long aperture_start;
		/** the last IOVA that the domain can map */
		unsigned long aperture_end;
	} geometry;	/**< the range of IOVAs that the domain can map */
	/** the HWPT of the domain; no reference is held */
	struct iommufd_hw_pagetable *iommufd_hwpt;
	/**
	 * Takes a group of page faults of a device that is attached to the
	 * domain.  The handler answers the group then or later.  Returns 0, or
	 * a negative errno if the caller must answer the group itself.  NULL
	 * means that the domain does not handle page faults.
	 */
	int (*iopf_handler)(struct iopf_group *group);
};

/**
 * A handle that the caller gives to an attachment.  A page fault of an attached
 * device leads to the handle of its attachment.
 */
struct iommu_attach_handle {
	/** the domain that the handle's devices are attached to */
	struct iommu_domain *domain;
};

/** the type of a page fault that needs an answer */
#define IOMMU_FAULT_PAGE_REQ 1
/** the PASID of a page fault is valid */
#define IOMMU_FAULT_PAGE_REQUEST_PASID_VALID (1 << 0)
/** the last fault of its group */
#define IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE (1 << 1)

/** What a device says about a page fault. */
struct iommu_fault_page_request {
	u32 flags;	/**< a sum of IOMMU_FAULT_PAGE_REQUEST_ bits */
	u32 pasid;	/**< the PASID, if the flag PASID_VALID is set */
	/** the number of the group that the fault belongs to */
	u32 grpid;
	u32 perm;	/**< the kind of access that failed */
	u64 addr;	/**< the address that was accessed */
};

/** A page fault. */
struct iommu_fault {
	u32 type;	/**< always IOMMU_FAULT_PAGE_REQ */
	/** what the device says about the fault */
	struct iommu_fault_page_request prm;
};

/** A page fault in a list. */
struct iopf_fault {
	struct iommu_fault fault;	/**< the fault */
	struct list_head list;	/**< links the faults of a group */
};

/**
 * A group of page faults, which get one answer together.  Whoever has a group
 * answers it with iopf_group_response() and then frees it with
 * iopf_free_group().
 */
struct iopf_group {
	struct iopf_fault last_fault;	/**< the last fault of the group */
	/** all faults of the group, in the order of their reports */
	struct list_head faults;
	size_t fault_count;	/**< the number of faults in the group */
	/**
	 * links in the list of the device, until a handler removes the group
	 */
	struct list_head pending_node;
	/**
	 * the handle of the attachment that the faults belong to; valid until
	 * that attachment ends
	 */
	struct iommu_attach_handle *attach_handle;
	/** the device's state of page faults; a reference is held */
	struct iommu_fault_param *fault_param;
	/** free for use by the handler, for a list of its own */
	struct list_head node;
	u32 cookie;	/**< free for use by the handler */
};

/** The answers to page faults. */
enum iommu_page_response_code {
	/** the device may try the access again */
	IOMMU_PAGE_RESP_SUCCESS = 0,
	/** the access is invalid: the device must not try it again */
	IOMMU_PAGE_RESP_INVALID,
	/** a general error: the device should stop reporting faults */
	IOMMU_PAGE_RESP_FAILURE,
};

/** An answer to a group of page faults. */
struct iommu_page_response {
	u32 pasid;	/**< the PASID of the group */
	u32 grpid;	/**< the number of the group */
	u32 code;	/**< the answer: enum iommu_page_response_code */
};

/** The functions of an IOMMU's driver. */
struct iommu_ops {
	/**
	 * Tells whether @p dev has the capability @p cap.  If the member is
	 * NULL, no device has any capability.
	 */
	bool (*capable)(struct device *dev, enum iommu_cap cap);
	/**
	 * Returns a description of the IOMMU of @p dev, or an error pointer.
	 * The caller frees the description with kfree().  On entry @p type is
	 * the type of description that user space wants, or 0 for any;
	 * hw_info() sets it to the type of the description, and @p length to
	 * the size in bytes.  May be NULL.
	 */
	void *(*hw_info)(struct device *dev, u32 *length, u32 *type);
	/**
	 * Makes a domain that can map.  @p flags are IOMMU_HWPT_ALLOC_ flags,
	 * and @p user_data may be NULL.  Returns the domain or an error
	 * pointer.  The caller owns the domain and frees it with its free().
	 * NULL means that no HWPT can be made.
	 */
	struct iommu_domain *(*domain_alloc_paging_flags)(
		struct device *dev, u32 flags,
		const struct iommu_user_data *user_data);
	/**
	 * Allocates a nested domain on top of @p parent.  Returns the domain,
	 * which the caller owns, or an error pointer.  May be NULL.
	 */
	struct iommu_domain *(*domain_alloc_nested)(
		struct device *dev, struct iommu_domain *parent, u32 flags,
		const struct iommu_user_data *user_data);
	/**
	 * Returns the size in bytes of the driver's struct for a vIOMMU of @p
	 * viommu_type, which begins with a struct iommufd_viommu.  Returns 0 if
	 * the driver has no vIOMMU of that type.  May be NULL.
	 */
	size_t (*get_viommu_size)(struct device *dev, unsigned int viommu_type);
	/**
	 * Initialises a new vIOMMU, of which it must set at least the ops.
	 * Returns 0 or a negative errno.
	 */
	int (*viommu_init)(struct iommufd_viommu *viommu,
			   struct iommu_domain *parent_domain,
			   const struct iommu_user_data *user_data);
	/**
	 * Gives a device the answer to a group of page faults; @p evt is the
	 * last fault of the group.  NULL means that the driver's devices have
	 * no page faults.
	 */
	void (*page_response)(struct device *dev, struct iopf_fault *evt,
			      struct iommu_page_response *msg);
	/**
	 * True if the table of PASIDs is user space's: a fault with a PASID
	 * that is not attached then belongs to the nested domain that the
	 * device is attached to.
	 */
	bool user_pasid_table;
};

/** An IOMMU. */
struct iommu_device {
	const struct iommu_ops *ops;	/**< the driver's functions */
};

/** A group: devices that the IOMMU cannot distinguish. */
struct iommu_group {
	unsigned int id;	/**< distinguishes groups from each other */
	struct list_head devices;	/**< linked by their group_item */
	struct mutex lock;	/**< protects the other members except @p id */
	void *owner;	/**< the owner that has claimed the group, or NULL */
	unsigned int owner_cnt;	/**< the number of claims, one per device */
	/**
	 * the domain to which all devices of the group are attached, or NULL
	 */
	struct iommu_domain *domain;
	/**
	 * The handles of the group's attachments, by their PASIDs.  The handle
	 * of the attachment to @p domain is under IOMMU_NO_PASID, if that
	 * attachment has a handle.  Changed with @p lock held.
	 */
	struct xarray pasid_array;
};

/**
 * Returns the ops of the driver of a device's IOMMU.
 * @param dev  a device that has an IOMMU
 * @return the ops
 */
static inline const struct iommu_ops *dev_iommu_ops(const struct device *dev)
{
	return dev->iommu_dev->ops;
}

/**
 * Gives the data of the IOMMU's driver for a device.
 * @param dev  the device
 * @return what dev_iommu_priv_set() set
 */
static inline void *dev_iommu_priv_get(const struct device *dev)
{
	return dev->iommu_priv;
}

/**
 * Sets the data of the IOMMU's driver for a device.
 * @param dev   the device
 * @param priv  any pointer
 */
static inline void dev_iommu_priv_set(struct device *dev, void *priv)
{
	dev->iommu_priv = priv;
}

/** Reports a WARN unless this thread holds the lock of the device's group. */
#define iommu_group_mutex_assert(dev) lockdep_assert_held(&(dev)->group->lock)

/**
 * Initialises a group that has no device, owner or domain.
 * @param group  the group, whose memory the caller owns
 * @param id     a number that distinguishes it from other groups
 */
IOMMUFD_MODEL_API void iommufd_model_group_init(struct iommu_group *group,
						unsigned int id);

/**
 * Adds a device to a group.
 * @param group  the group
 * @param dev    a device that is in no group
 * @ownership The group takes no reference: the caller must remove the device
 *   from the group before it frees it.
 * @errors A WARN if the group has a domain.
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API void iommufd_model_group_add(struct iommu_group *group,
					       struct device *dev);

/**
 * Removes a device from its group.
 * @param dev  a device that is in a group
 * @errors A WARN if it was the last device of a group that is claimed.
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API void iommufd_model_group_remove(struct device *dev);

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define iommu_device_claim_dma_owner iommufd_model_claim_dma_owner
#define iommu_device_release_dma_owner iommufd_model_release_dma_owner
/** @endcond */

/**
 * Claims the group of a device for an owner.  The owner makes one claim for
 * each of its devices in the group.
 * @param dev    the device
 * @param owner  any address that identifies the owner
 * @return 0, or a negative errno
 * @ownership The caller owns the claim and gives it up with
 *   iommu_device_release_dma_owner().
 * @errors -ENODEV: the device is in no group; -EINVAL and a WARN: @p owner is
 *   NULL; -EPERM: another owner has claimed the group; -EBUSY: the group is not
 *   claimed, but it has a domain.
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API int iommu_device_claim_dma_owner(struct device *dev,
						   void *owner);

/**
 * Gives up a claim of the group of a device.
 * @param dev  the device
 * @ownership The caller gives up its claim.
 * @errors A WARN if the group is not claimed, or if this was the last claim and
 *   the group still has a domain.
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API void iommu_device_release_dma_owner(struct device *dev);

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define iommu_attach_group iommufd_model_attach_group
#define iommu_replace_group iommufd_model_replace_group
#define iommu_detach_group iommufd_model_detach_group
/** @endcond */

/**
 * Attaches every device of a group to a domain.  The group must not have a
 * domain.
 * @param domain  the domain
 * @param group   the group
 * @return 0, or a negative errno; after an error no device is attached
 * @ownership The caller must keep @p domain alive until the group is detached
 *   from it.
 * @errors -EBUSY: the group has a domain; -EINVAL: a device of the group does
 *   not belong to the driver of @p domain; any error of attach_dev().
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API int iommu_attach_group(struct iommu_domain *domain,
					 struct iommu_group *group);

/**
 * Attaches every device of a group to another domain.
 * @param group   the group, which need not have a domain
 * @param domain  the new domain
 * @return 0, or a negative errno; after an error every device is attached as
 *   before
 * @ownership The caller must keep @p domain alive until the group is detached
 *   from it, and may free the old domain.
 * @errors -EINVAL: a device of the group does not belong to the driver of @p
 *   domain; any error of attach_dev().
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API int iommu_replace_group(struct iommu_group *group,
					  struct iommu_domain *domain);

/**
 * Detaches every device of a group from its domain.
 * @param domain  the group's domain
 * @param group   the group
 * @ownership The caller may free @p domain.
 * @errors A WARN if the group has another domain or none; nothing is detached.
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API void iommu_detach_group(struct iommu_domain *domain,
					  struct iommu_group *group);

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define iommu_attach_group_handle iommufd_model_attach_group_handle
#define iommu_replace_group_handle iommufd_model_replace_group_handle
#define iommu_detach_group_handle iommufd_model_detach_group_handle
#define iommu_attach_device_pasid iommufd_model_attach_device_pasid
#define iommu_replace_device_pasid iommufd_model_replace_device_pasid
#define iommu_detach_device_pasid iommufd_model_detach_device_pasid
#define iommu_attach_handle_get iommufd_model_attach_handle_get
/** @endcond */

/**
 * Attaches a group to a domain as iommu_attach_group() does, with a handle.
 * @param domain  the domain
 * @param group   the group
 * @param handle  the caller's handle; the call sets its member domain
 * @return 0, or a negative errno
 * @ownership The caller keeps @p handle until the group is detached, or
 *   attached to another domain, and no page fault leads to it any more.
 * @errors Those of iommu_attach_group(); -EBUSY: also if the group has a handle
 *   already; -ENOMEM.
 * @context The same as for iommu_attach_group().
 */
IOMMUFD_MODEL_API int
iommu_attach_group_handle(struct iommu_domain *domain,
			  struct iommu_group *group,
			  struct iommu_attach_handle *handle);

/**
 * Attaches a group to another domain as iommu_replace_group() does, and
 * replaces the handle.
 * @param group   the group
 * @param domain  the new domain
 * @param handle  the caller's new handle, which must stay valid as for
 *   iommu_attach_group_handle(); NULL for none
 * @return 0, or a negative errno
 * @errors Those of iommu_replace_group(); -ENOMEM.
 * @context The same as for iommu_replace_group().
 */
IOMMUFD_MODEL_API int
iommu_replace_group_handle(struct iommu_group *group,
			   struct iommu_domain *domain,
			   struct iommu_attach_handle *handle);

/**
 * Detaches a group as iommu_detach_group() does, and forgets the handle.
 * @param domain  the group's domain
 * @param group   the group
 * @context The same as for iommu_detach_group().
 */
IOMMUFD_MODEL_API void iommu_detach_group_handle(struct iommu_domain *domain,
						 struct iommu_group *group);

/**
 * Attaches a PASID of all devices of a group to a domain.  Devices of the group
 * that have no PASIDs are skipped.
 * @param domain  the domain
 * @param dev     a device of the group
 * @param pasid   the PASID
 * @param handle  the caller's handle, which must stay valid as for
 *   iommu_attach_group_handle()
 * @return 0, or a negative errno
 * @errors -ENODEV: @p dev is in no group; -EOPNOTSUPP: the domain has no
 *   set_dev_pasid(); -EINVAL: the domain belongs to another driver, or @p pasid
 *   is IOMMU_NO_PASID or too large; -EBUSY: it is attached; -ENOMEM; any error
 *   of set_dev_pasid().
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API int
iommu_attach_device_pasid(struct iommu_domain *domain, struct device *dev,
			  unsigned int pasid,
			  struct iommu_attach_handle *handle);

/**
 * Attaches a PASID of all devices of a group to another domain.
 * @param domain  the new domain
 * @param dev     a device of the group
 * @param pasid   the PASID
 * @param handle  the caller's new handle, which must stay valid as for
 *   iommu_attach_group_handle()
 * @return 0, or a negative errno, in which case the old attachment is intact
 * @errors Those of iommu_attach_device_pasid(), but -EINVAL if the PASID is not
 *   attached.
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API int
iommu_replace_device_pasid(struct iommu_domain *domain, struct device *dev,
			   unsigned int pasid,
			   struct iommu_attach_handle *handle);

/**
 * Detaches a PASID of all devices of a group, and forgets the handle.
 * @param domain  the domain that the PASID is attached to
 * @param dev     a device of the group
 * @param pasid   the PASID
 * @context May block, because it takes the group's lock.
 */
IOMMUFD_MODEL_API void iommu_detach_device_pasid(struct iommu_domain *domain,
						 struct device *dev,
						 unsigned int pasid);

/**
 * Finds the handle of an attachment of a group.
 * @param group  the group
 * @param pasid  the PASID, or IOMMU_NO_PASID
 * @param type   the type that the domain of the attachment must have; 0 for any
 * @return the handle, or an error pointer
 * @ownership The caller gets no reference, and makes sure that the group is not
 *   detached.
 * @errors -ENOENT: there is no handle; -EBUSY: the domain has another type.
 */
IOMMUFD_MODEL_API struct iommu_attach_handle *
iommu_attach_handle_get(struct iommu_group *group, unsigned int pasid,
			unsigned int type);

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define iommu_report_device_fault iommufd_model_report_device_fault
#define iopf_group_dequeue iommufd_model_iopf_group_dequeue
#define iopf_group_response iommufd_model_iopf_group_response
#define iopf_free_group iommufd_model_iopf_free_group
/** @endcond */

/**
 * Prepares a device for page faults.  The Linux function
 * iopf_queue_add_device() adds a device to a queue of its driver instead.
 * @param dev  the device
 * @return 0, or a negative errno
 * @ownership The caller undoes it with iommufd_model_iopf_disable().
 * @errors -ENODEV: the device's driver has no page_response(); -EBUSY: the
 *   device is prepared already; -ENOMEM.
 * @context May block.
 */
IOMMUFD_MODEL_API int iommufd_model_iopf_enable(struct device *dev);

/**
 * Undoes iommufd_model_iopf_enable().  The groups that no handler has taken are
 * answered as invalid.
 * @param dev  the device
 * @errors A WARN if the device is not prepared.
 * @context May block.
 */
IOMMUFD_MODEL_API void iommufd_model_iopf_disable(struct device *dev);

/**
 * Reports a page fault of a device.  A fault is kept until the last one of its
 * group is reported; then the handler of the domain gets the group.  If there
 * is no handler, the fault is answered as invalid.
 * @param dev  the device
 * @param evt  the fault, which is copied
 * @return 0, or a negative errno
 * @errors -EINVAL: there is no handler; -ENOMEM: there was no memory to keep
 *   the fault, which is lost.
 * @context May block.  The caller makes sure that the device is not detached
 *   during the call.
 */
IOMMUFD_MODEL_API int iommu_report_device_fault(struct device *dev,
						struct iopf_fault *evt);

/**
 * Removes a group from the list of its device.  A handler that puts a group
 * into a list of its own must call this first, because the groups in the list
 * of a device are freed when iommufd_model_iopf_disable() is called.
 * @param group  the group
 * @context May block.
 */
IOMMUFD_MODEL_API void iopf_group_dequeue(struct iopf_group *group);

/**
 * Answers a group of page faults.
 * @param group   the group
 * @param status  the answer
 * @context May block.
 */
IOMMUFD_MODEL_API void
iopf_group_response(struct iopf_group *group,
		    enum iommu_page_response_code status);

/**
 * Frees a group of page faults that was answered.
 * @param group  the group, which must not be used any more
 */
IOMMUFD_MODEL_API void iopf_free_group(struct iopf_group *group);

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define iommu_map iommufd_model_iommu_map
#define iommu_unmap iommufd_model_iommu_unmap
/** @endcond */

/**
 * Maps memory in a domain.
 * @param domain  the domain
 * @param iova    the first IOVA
 * @param paddr   the physical address of the memory
 * @param size    the size in bytes
 * @param prot    a set of IOMMU_READ, IOMMU_WRITE and IOMMU_CACHE
 * @return 0, or a negative errno; after an error nothing of the range is mapped
 * @errors -EINVAL, or -ENXIO for a domain with is_iommupt: @p iova, @p paddr or
 *   @p size is not a multiple of the smallest page size; -EINVAL and a WARN:
 *   the domain has no map_pages(); any error of map_pages().
 */
IOMMUFD_MODEL_API int iommu_map(struct iommu_domain *domain, unsigned long iova,
				phys_addr_t paddr, size_t size, int prot);

/**
 * Unmaps a range of IOVAs in a domain.
 * @param domain  the domain
 * @param iova    the first IOVA
 * @param size    the size in bytes
 * @return the number of bytes that were mapped; 0 if @p iova or @p size is not
 *   a multiple of the smallest page size
 */
IOMMUFD_MODEL_API size_t iommu_unmap(struct iommu_domain *domain,
				     unsigned long iova, size_t size);

/**
 * Looks up an IOVA in a domain.  iommu_iova_to_phys() calls it.
 * @param domain  the domain
 * @param iova    any IOVA
 * @return the physical address, or 0 if @p iova is not mapped
 */
IOMMUFD_MODEL_API phys_addr_t
iommufd_model_iova_to_phys(struct iommu_domain *domain, unsigned long iova);
/** Looks up an IOVA in a domain; see iommufd_model_iova_to_phys(). */
#define iommu_iova_to_phys iommufd_model_iova_to_phys
/** Frees a domain to which no device is attached. */
#define iommu_domain_free(domain) ((domain)->ops->free(domain))

IOMMUFD_MODEL_END_DECLS

#endif
