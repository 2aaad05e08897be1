/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * What a driver uses of iommufd: contexts, external accesses, devices.
 *
 * A context, struct iommufd_ctx, is one open of /dev/iommu; its reference count
 * is that of its file.  An object has two reference counts, users and wait_cnt.
 * Below, a users reference is one that users counts.  The counter wait_cnt was
 * called shortterm_users up to Linux 6.16.
 *
 * All functions may be called from any thread.  A caller must not hold a
 * spinlock, except for functions that only take a reference or only read.
 */
#ifndef IOMMUFD_MODEL_IOMMUFD_H
#define IOMMUFD_MODEL_IOMMUFD_H

#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct device;
struct file;
struct iommu_group;
struct iommufd_access;
struct iommufd_ctx;
struct iommufd_device;
struct page;

/**
 * The type of an object.  iommufd_model_register_type() gives out types from
 * IOMMUFD_OBJ_MAX on.
 * @rule R-OBJ-1
 */
enum iommufd_object_type {
	IOMMUFD_OBJ_NONE,	/**< no type */
	IOMMUFD_OBJ_ANY = IOMMUFD_OBJ_NONE,	/**< any type, in a lookup */
	IOMMUFD_OBJ_DEVICE,	/**< struct iommufd_device */
	IOMMUFD_OBJ_HWPT_PAGING,	/**< struct iommufd_hwpt_paging */
	IOMMUFD_OBJ_HWPT_NESTED,	/**< struct iommufd_hwpt_nested */
	IOMMUFD_OBJ_IOAS,	/**< struct iommufd_ioas */
	IOMMUFD_OBJ_ACCESS,	/**< struct iommufd_access */
	IOMMUFD_OBJ_FAULT,	/**< struct iommufd_fault */
	IOMMUFD_OBJ_VIOMMU,	/**< struct iommufd_viommu */
	IOMMUFD_OBJ_VDEVICE,	/**< struct iommufd_vdevice */
	IOMMUFD_OBJ_VEVENTQ,	/**< struct iommufd_veventq */
	IOMMUFD_OBJ_HW_QUEUE,	/**< struct iommufd_hw_queue */
	IOMMUFD_OBJ_SELFTEST,	/**< a mock device of IOMMU_TEST_CMD */
	IOMMUFD_OBJ_MAX,	/**< the first type that is free for others */
	IOMMUFD_MODEL_OBJ_LIMIT = 64,	/**< all types are below this */
};

/**
 * Takes one more reference to a context.
 * @param ictx  the context; a WARN if NULL
 * @ownership The caller must own a reference already, and owns one more
 *   afterwards.
 * @rule R-CTX-2
 */
IOMMUFD_MODEL_API void iommufd_ctx_get(struct iommufd_ctx *ictx);

/**
 * Drops a reference to a context; the last one releases it.
 * @param ictx  must not be used any more; a WARN if NULL
 * @ownership The caller's reference is gone.
 * @context If this was the last reference, the release runs at the end of the
 *   system call that the caller is in, or before this function returns if it is
 *   in none.  The release may block.
 * @rule R-CTX-2, R-RELEASE-1 to R-RELEASE-4
 */
IOMMUFD_MODEL_API void iommufd_ctx_put(struct iommufd_ctx *ictx);

/**
 * Finds the context behind a file.
 * @param file  the file
 * @return the context, or an error pointer
 * @ownership The caller owns a new reference to the context, besides its
 *   reference to @p file.
 * @errors -EBADFD: it is a file of another kind.
 * @rule R-CTX-2
 */
IOMMUFD_MODEL_API struct iommufd_ctx *iommufd_ctx_from_file(struct file *file);

/**
 * Finds the context behind a descriptor.
 * @param fd  the descriptor, one of the model's
 * @return the context, or an error pointer
 * @ownership The caller owns a new reference to the context.
 * @errors -EBADF: there is no such descriptor; -EBADFD: it is a file of another
 *   kind.
 * @rule R-CTX-2
 */
IOMMUFD_MODEL_API struct iommufd_ctx *iommufd_ctx_from_fd(int fd);

/** Flags of iommufd_access_pin_pages() and iommufd_access_rw(). */
enum {
	IOMMUFD_ACCESS_RW_READ = 0,	/**< read what is mapped */
	IOMMUFD_ACCESS_RW_WRITE = 1 << 0,	/**< write it */
	/** the caller is a kernel thread; no effect here */
	IOMMUFD_ACCESS_RW_KTHREAD = 1 << 1,
	/** @cond INTERNAL */
	__IOMMUFD_ACCESS_RW_SLOW_PATH = 1 << 2,
	/** @endcond */
};

/** What the driver of an external access provides. */
struct iommufd_access_ops {
	/** set if it will pin; the access then works in whole pages */
	u8 needs_pin_pages : 1;
	/**
	 * Must unpin everything in [iova, iova + length - 1] before it returns.
	 * It is called with no lock of iommufd held, from an unmap of the IOAS,
	 * and with the whole range from detach, replace and destroy.  @p data
	 * is what was given to iommufd_access_create().
	 */
	void (*unmap)(void *data, unsigned long iova, unsigned long length);
};

/**
 * Creates an external access, which is not attached yet.
 * @param ictx  the context
 * @param ops   what the driver provides; must stay valid as long as the access
 *   lives
 * @param data  passed to @p ops; must stay valid as long as the access lives
 * @param id    set to its id
 * @return the access, or an error pointer
 * @ownership The caller owns a users reference until iommufd_access_destroy();
 *   users is 2 then.  The access holds a reference to the context.
 * @errors -ENOMEM; -EBUSY: there is no free id; -EINVAL and a WARN: @p ops is
 *   NULL.
 * @rule R-ACC-3
 */
IOMMUFD_MODEL_API struct iommufd_access *
iommufd_access_create(struct iommufd_ctx *ictx,
		      const struct iommufd_access_ops *ops, void *data,
		      u32 *id);

/**
 * Destroys an external access, which may still be attached.
 * @param access  must not be used any more; the caller should have unpinned
 *   what it pinned
 * @ownership The users reference of the caller is dropped in every case.  The
 *   reference of the access to the context is dropped when the access is freed.
 * @errors A WARN if it is an internal access, which is left alone; a WARN if
 *   somebody else holds a reference, in which case the access lives on until
 *   the context is released.
 * @context Blocks until no callback is running, but at most for the destroy
 *   timeout; calls unmap() if the access is attached.  The caller must not hold
 *   a lock that unmap() takes.
 * @rule R-ACC-5, R-DESTROY-6 to R-DESTROY-8
 */
IOMMUFD_MODEL_API void iommufd_access_destroy(struct iommufd_access *access);

/**
 * Attaches a detached external access to an IOAS.
 * @param access   the access
 * @param ioas_id  the IOAS
 * @return 0, or a negative errno, and then nothing has changed
 * @ownership The access owns a users reference to the IOAS while it is
 *   attached.
 * @errors -EINVAL and a WARN: it is attached already, or internal; -ENOENT:
 *   there is no such IOAS; -EBUSY: a detach is running, or the IOAS has 65536
 *   accesses; -EADDRINUSE: the areas of the IOAS do not fit the alignment of
 *   the access; -ENOMEM.
 * @context May block.
 * @rule R-ACC-8
 */
IOMMUFD_MODEL_API int iommufd_access_attach(struct iommufd_access *access,
					    u32 ioas_id);

/**
 * Moves an attached external access to another IOAS.
 * @param access   the access
 * @param ioas_id  the new IOAS; nothing happens if the access is attached to it
 * @return 0, or a negative errno, and then the old attachment is intact
 * @ownership The access owns a users reference to the new IOAS, and no longer
 *   to the old one.
 * @errors -ENOENT: the access is detached, or there is no such IOAS; -EINVAL
 *   and a WARN: it is internal; and those of iommufd_access_attach().
 * @context May block; calls unmap().  The caller must not hold a lock that
 *   unmap() takes.
 * @rule R-ACC-8
 */
IOMMUFD_MODEL_API int iommufd_access_replace(struct iommufd_access *access,
					     u32 ioas_id);

/**
 * Detaches an access from its IOAS.
 * @param access  the access; a WARN if it is not attached
 * @ownership The users reference of the access to the IOAS is dropped.
 * @context May block; calls unmap().  The caller must not hold a lock that
 *   unmap() takes.
 * @rule R-ACC-8
 */
IOMMUFD_MODEL_API void iommufd_access_detach(struct iommufd_access *access);

/**
 * Pins the memory that is mapped at a range of IOVAs.
 * @param access     the access, attached and made for pins
 * @param iova       the first byte
 * @param length     bytes
 * @param out_pages  set to the pages in order; one entry for each page that the
 *   range touches
 * @param flags      IOMMUFD_ACCESS_RW_WRITE or IOMMUFD_ACCESS_RW_READ
 * @return 0, or a negative errno, and then nothing is pinned
 * @ownership The caller owns the pin until it calls
 *   iommufd_access_unpin_pages() with the same bounds.
 * @errors -EINVAL: the length is 0, or the range is not of whole pages; -EINVAL
 *   and a WARN: the access was not made for pins; -EOVERFLOW: the range ends
 *   beyond the largest IOVA; -ENOENT: the access is detached, or the range has
 *   a hole; -EPERM: the mapping does not allow it; -EFAULT: there is no such
 *   memory; -ENOMEM.
 * @context May block.
 * @rule R-ACC-12
 */
IOMMUFD_MODEL_API int
iommufd_access_pin_pages(struct iommufd_access *access, unsigned long iova,
			 unsigned long length, struct page **out_pages,
			 unsigned int flags);

/**
 * Unpins what iommufd_access_pin_pages() has pinned.
 * @param access  the access
 * @param iova    the same as for the pin
 * @param length  the same as for the pin
 * @errors A WARN if nothing is pinned with these bounds, or if the access is
 *   detached.
 * @context May block.
 * @rule R-ACC-13
 */
IOMMUFD_MODEL_API void
iommufd_access_unpin_pages(struct iommufd_access *access, unsigned long iova,
			   unsigned long length);

/**
 * Copies between a buffer and the memory that is mapped at a range of IOVAs.
 * @param access  attached
 * @param iova    the first byte
 * @param data    the buffer
 * @param len     bytes
 * @param flags   IOMMUFD_ACCESS_RW_ bits
 * @return 0, or a negative errno; bytes before the failure have been copied
 *   then
 * @ownership Nothing remains pinned.
 * @errors -EINVAL: the length is 0; -EOVERFLOW: the range ends beyond the
 *   largest IOVA; -ENOENT: the access is detached, or the range has a hole;
 *   -EPERM: the mapping does not allow it; -EFAULT: there is no such memory;
 *   -ENOMEM.
 * @context May block.
 * @rule R-ACC-14
 */
IOMMUFD_MODEL_API int iommufd_access_rw(struct iommufd_access *access,
					unsigned long iova, void *data,
					size_t len, unsigned int flags);

typedef unsigned int ioasid_t;	/**< the type of a PASID */
#define IOMMU_NO_PASID 0u	/**< no PASID: the device itself */

/**
 * Creates a DEVICE for a device, and claims the group of the device for the
 * context.
 * @param ictx  the context
 * @param dev   the device; must stay valid until it is unbound
 * @param id    set to the id of the DEVICE
 * @return the DEVICE, or an error pointer
 * @ownership The caller owns a users reference until iommufd_device_unbind();
 *   users is 2 then.  The DEVICE holds a reference to the context, unless the
 *   device is a mock device.
 * @errors -EINVAL: the device is behind no IOMMU, or behind one without
 *   coherent accesses; -ENODEV: it has no group; -EPERM: the group has another
 *   owner; -EBUSY: the group is in use, or there is no free id; -ENOMEM.
 * @context May block.
 * @rule R-DEVICE-1
 */
IOMMUFD_MODEL_API struct iommufd_device *
iommufd_device_bind(struct iommufd_ctx *ictx, struct device *dev, u32 *id);

/**
 * Destroys a DEVICE, and its vDEVICE, if it has one; the id of the vDEVICE is
 * never used again.
 * @param idev  the DEVICE, detached; must not be used any more
 * @ownership The users reference of the caller is dropped in every case.
 * @errors A WARN if it is attached or somebody else holds a users reference; it
 *   lives on then until the context is released.
 * @context Blocks until wait_cnt is 0, but at most for the destroy timeout.
 *   The caller must not hold a lock of iommufd.
 * @rule R-DEVICE-2 to R-DEVICE-4, R-DESTROY-6 to R-DESTROY-8
 */
IOMMUFD_MODEL_API void iommufd_device_unbind(struct iommufd_device *idev);

/**
 * Attaches a DEVICE to a HWPT, or to an IOAS through an automatic HWPT.
 * @param idev   the DEVICE
 * @param pasid  IOMMU_NO_PASID
 * @param pt_id  id of an IOAS or a HWPT; set to the id of the HWPT
 * @return 0, or a negative errno, and then nothing has changed
 * @ownership The attachment owns a users reference to the DEVICE and one to the
 *   HWPT, until the DEVICE is detached.
 * @errors -EOPNOTSUPP: @p pasid is another, or the driver cannot make a HWPT;
 *   -ENOENT: there is no such object; -EINVAL: the object has another type, or
 *   the group is attached to another HWPT; -EBUSY: the DEVICE is attached
 *   already; -ENOMEM; the errors of attach_dev() of the domain; and for a new
 *   automatic HWPT those of IOMMU_HWPT_ALLOC.
 * @context May block.
 * @rule R-DEVICE-6, R-DEVICE-8
 */
IOMMUFD_MODEL_API int iommufd_device_attach(struct iommufd_device *idev,
					    ioasid_t pasid, u32 *pt_id);

/**
 * Moves a DEVICE, and all attached devices of its group, to another HWPT.
 * @param idev   the DEVICE
 * @param pasid  IOMMU_NO_PASID
 * @param pt_id  id of an IOAS or a HWPT; set to the id of the HWPT
 * @return 0, or a negative errno, and then the old attachment is intact
 * @ownership Each of these devices owns a users reference to the new HWPT, and
 *   no longer to the old one; the users counter of the DEVICE does not change.
 *   An automatic HWPT is destroyed with its last attachment.
 * @errors -EINVAL: the DEVICE is not attached, or the object has another type;
 *   and those of iommufd_device_attach() except -EBUSY.
 * @context May block.
 * @rule R-DEVICE-6, R-DEVICE-8
 */
IOMMUFD_MODEL_API int iommufd_device_replace(struct iommufd_device *idev,
					     ioasid_t pasid, u32 *pt_id);

/**
 * Detaches a DEVICE; does nothing if it is not attached.
 * @param idev   the DEVICE
 * @param pasid  IOMMU_NO_PASID; with another the function does nothing
 * @ownership The users references of the attachment to the DEVICE and to the
 *   HWPT are dropped.  An automatic HWPT is destroyed with its last attachment.
 * @context May block.
 * @rule R-DEVICE-6, R-DEVICE-7
 */
IOMMUFD_MODEL_API void iommufd_device_detach(struct iommufd_device *idev,
					     ioasid_t pasid);

/**
 * Returns the context of a DEVICE.
 * @param idev  the DEVICE
 * @return the context; the caller gets no reference
 */
IOMMUFD_MODEL_API struct iommufd_ctx *
iommufd_device_to_ictx(struct iommufd_device *idev);

/**
 * Returns the id of a DEVICE.
 * @param idev  the DEVICE
 * @return the id
 */
IOMMUFD_MODEL_API u32 iommufd_device_to_id(struct iommufd_device *idev);

/**
 * Checks whether a device of a group is bound to a context.
 * @param ictx   the context, or NULL
 * @param group  the group, or NULL
 * @return true if one is; false also if @p ictx or @p group is NULL
 */
IOMMUFD_MODEL_API bool iommufd_ctx_has_group(struct iommufd_ctx *ictx,
					     struct iommu_group *group);

IOMMUFD_MODEL_END_DECLS

#endif
