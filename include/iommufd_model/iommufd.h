/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The interface of iommufd for a driver: contexts, external accesses, devices.
 *
 * A context, struct iommufd_ctx, is one open of /dev/iommu; its reference count
 * is that of its file.  An object has two reference counts, users and wait_cnt.
 * Below, a users reference is one that the counter users counts.  The counter
 * wait_cnt was called shortterm_users up to Linux 6.16.
 *
 * All functions may be called from any thread.  A caller must not hold a
 * spinlock, except for functions that only take a reference or only read.
 */
#ifndef IOMMUFD_MODEL_IOMMUFD_H
#define IOMMUFD_MODEL_IOMMUFD_H

#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/types.h>
#include <iommufd_model/notes.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct device;
struct file;
struct iommu_group;
struct iommufd_access;
struct iommufd_ctx;
struct iommufd_device;
struct page;

/**
 * The type of an object.  iommufd_model_register_type() allocates types from
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
 * @param ictx  the context; NULL is a WARN
 * @ownership The caller must own a reference already, and owns one more
 *   afterwards.
 * @rule R-CTX-2
 */
IOMMUFD_MODEL_API void iommufd_ctx_get(struct iommufd_ctx *ictx);

/**
 * Drops a reference to a context.  When it was the last one, the context is
 * released.
 * @param ictx  the context, which the caller must not use any more; NULL is a
 *   WARN
 * @ownership The caller gives up its reference.
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
	IOMMUFD_ACCESS_RW_READ = 0,	/**< read the mapped memory */
	IOMMUFD_ACCESS_RW_WRITE = 1 << 0,	/**< write the mapped memory */
	/** the caller is a kernel thread; no effect here */
	IOMMUFD_ACCESS_RW_KTHREAD = 1 << 1,
	/** @cond INTERNAL */
	__IOMMUFD_ACCESS_RW_SLOW_PATH = 1 << 2,
	/** @endcond */
};

/** What the driver of an external access provides. */
struct iommufd_access_ops {
	/**
	 * set if the driver will pin memory; the access then works in whole
	 * pages
	 */
	u8 needs_pin_pages : 1;
	/**
	 * Must unpin everything in [iova, iova + length - 1] before it returns.
	 * An unmap of the IOAS calls it without holding a lock of iommufd.
	 * Detach, replace and destroy call it for the whole range of IOVAs.  @p
	 * data is the argument of iommufd_access_create().
	 */
	void (*unmap)(void *data, unsigned long iova, unsigned long length);
};

/**
 * Creates an external access, which is not attached yet.
 * @param ictx  the context
 * @param ops   the functions of the driver; must stay valid as long as the
 *   access lives
 * @param data  passed to @p ops; must stay valid as long as the access lives
 * @param id    set to the id of the access
 * @return the access, or an error pointer
 * @ownership The caller owns a users reference until iommufd_access_destroy(),
 *   so users is 2.  The access holds a reference to the context.
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
 * @param access  the access, which the caller must not use any more; the caller
 *   should have unpinned everything before
 * @ownership The users reference of the caller is dropped in every case.  The
 *   reference of the access to the context is dropped when the access is freed.
 * @errors A WARN, and nothing is destroyed, if the access is internal; a WARN
 *   if somebody else holds a reference, in which case the access lives on until
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
 * @return 0, or a negative errno, in which case nothing has changed
 * @ownership The access owns a users reference to the IOAS while it is
 *   attached.
 * @errors -EINVAL and a WARN: the access is already attached, or is internal;
 *   -ENOENT: there is no such IOAS; -EBUSY: a detach is running, or the IOAS
 *   has 65536 accesses; -EADDRINUSE: the areas of the IOAS do not have the
 *   alignment that the access needs; -ENOMEM.
 * @context May block.
 * @rule R-ACC-8
 */
IOMMUFD_MODEL_API int iommufd_access_attach(struct iommufd_access *access,
					    u32 ioas_id);

/**
 * Moves an attached external access to another IOAS.
 * @param access   the access
 * @param ioas_id  the new IOAS; nothing happens if the access is attached to it
 *   already
 * @return 0, or a negative errno, in which case the old attachment is intact
 * @ownership The access owns a users reference to the new IOAS and has dropped
 *   the one to the old IOAS.
 * @errors -ENOENT: the access is detached, or there is no such IOAS; -EINVAL
 *   and a WARN: the access is internal; and the errors of
 *   iommufd_access_attach().
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
 * @param access     the access, which is attached and was created with
 *   needs_pin_pages
 * @param iova       the first byte
 * @param length     the length of the range in bytes
 * @param out_pages  set to the pages in order; one entry for each page that the
 *   range touches
 * @param flags      IOMMUFD_ACCESS_RW_WRITE or IOMMUFD_ACCESS_RW_READ
 * @return 0, or a negative errno, in which case nothing is pinned
 * @ownership The caller owns the pin until it calls
 *   iommufd_access_unpin_pages() with the same bounds.
 * @errors -EINVAL: the length is 0, or the range does not consist of whole
 *   pages; -EINVAL and a WARN: the access was created without needs_pin_pages;
 *   -EOVERFLOW: the range ends beyond the largest IOVA; -ENOENT: the access is
 *   detached, or the range has a hole; -EPERM: the mapping does not allow it;
 *   -EFAULT: there is no memory at the mapped address; -ENOMEM.
 * @context May block.
 * @rule R-ACC-12
 */
IOMMUFD_MODEL_API int
iommufd_access_pin_pages(struct iommufd_access *access, unsigned long iova,
			 unsigned long length, struct page **out_pages,
			 unsigned int flags);

/**
 * Unpins a range that iommufd_access_pin_pages() has pinned.
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

/** @cond INTERNAL */
/*
 * Calls of the two functions above announce what was pinned and unpinned, with
 * the call site.
 */
static inline void
iommufd_model_pin_note(int number, const struct iommufd_access *access,
		       unsigned long iova, unsigned long length,
		       const struct iommufd_model_site *site)
{
	struct iommufd_model_pin pin;

	if (!IOMMUFD_MODEL_GATE_OPEN())
		return;
	pin.iova = iova;
	pin.length = length;
	pin.access = NULL;
	pin.site = NULL;
	iommufd_model_note_slow(number, access, (long)&pin, site);
}

static inline int
iommufd_model_access_pin(struct iommufd_access *access, unsigned long iova,
			 unsigned long length, struct page **out_pages,
			 unsigned int flags,
			 const struct iommufd_model_site *site)
{
	int rc = iommufd_access_pin_pages(access, iova, length, out_pages,
					  flags);

	if (!rc)
		iommufd_model_pin_note(IOMMUFD_MODEL_NOTE_PIN, access, iova,
				       length, site);
	return rc;
}

static inline void
iommufd_model_access_unpin(struct iommufd_access *access, unsigned long iova,
			   unsigned long length,
			   const struct iommufd_model_site *site)
{
	iommufd_access_unpin_pages(access, iova, length);
	iommufd_model_pin_note(IOMMUFD_MODEL_NOTE_UNPIN, access, iova, length,
			       site);
}

#define iommufd_access_pin_pages(access, iova, length, out_pages, flags) \
	iommufd_model_access_pin(access, iova, length, out_pages, flags, \
				 IOMMUFD_MODEL_SITE(#access))
#define iommufd_access_unpin_pages(access, iova, length)		\
	iommufd_model_access_unpin(access, iova, length,		\
				   IOMMUFD_MODEL_SITE(#access))
/** @endcond */

/**
 * Copies between a buffer and the memory that is mapped at a range of IOVAs.
 * @param access  the access, which is attached
 * @param iova    the first byte
 * @param data    the buffer
 * @param len     the length in bytes
 * @param flags   IOMMUFD_ACCESS_RW_ bits
 * @return 0, or a negative errno, in which case the bytes before the failure
 *   have been copied
 * @ownership No page remains pinned.
 * @errors -EINVAL: the length is 0; -EOVERFLOW: the range ends beyond the
 *   largest IOVA; -ENOENT: the access is detached, or the range has a hole;
 *   -EPERM: the mapping does not allow it; -EFAULT: there is no memory at the
 *   mapped address; -ENOMEM.
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
 * @ownership The caller owns a users reference until iommufd_device_unbind(),
 *   so users is 2.  The DEVICE holds a reference to the context, unless the
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
 * Destroys a DEVICE, and its vDEVICE if it has one.  The id of the vDEVICE is
 * never used again.
 * @param idev  the DEVICE, which is detached; the caller must not use it any
 *   more
 * @ownership The users reference of the caller is dropped in every case.
 * @errors A WARN if the DEVICE is attached or somebody else holds a users
 *   reference; it then lives on until the context is released.
 * @context Blocks until wait_cnt is 0, but at most for the destroy timeout.
 *   The caller must not hold a lock of iommufd.
 * @rule R-DEVICE-2 to R-DEVICE-4, R-DESTROY-6 to R-DESTROY-8
 */
IOMMUFD_MODEL_API void iommufd_device_unbind(struct iommufd_device *idev);

/**
 * Attaches a DEVICE to a HWPT, or to an IOAS through an automatic HWPT.
 * @param idev   the DEVICE
 * @param pasid  IOMMU_NO_PASID, or the PASID if only what the device does with
 *   that is meant
 * @param pt_id  the id of an IOAS or a HWPT; set to the id of the HWPT
 * @return 0, or a negative errno, in which case nothing has changed
 * @ownership The attachment owns a users reference to the DEVICE and one to the
 *   HWPT, until the DEVICE is detached.
 * @errors -EOPNOTSUPP: the driver cannot allocate a HWPT, or its domain has no
 *   PASIDs; -ENOENT: there is no such object; -EINVAL: the object has another
 *   type, or the group is attached to another HWPT, or a HWPT that was not
 *   allocated with IOMMU_HWPT_ALLOC_PASID would be used together with a PASID;
 *   -EBUSY: the DEVICE is already attached; -ENOMEM; the errors of the domain;
 *   and for a new automatic HWPT the errors of IOMMU_HWPT_ALLOC.
 * @context May block.
 * @rule R-DEVICE-6, R-DEVICE-8
 */
IOMMUFD_MODEL_API int iommufd_device_attach(struct iommufd_device *idev,
					    ioasid_t pasid, u32 *pt_id);

/**
 * Moves a DEVICE, and with it all attached devices of its group, to another
 * HWPT.
 * @param idev   the DEVICE
 * @param pasid  IOMMU_NO_PASID, or the PASID if only what the device does with
 *   that is meant
 * @param pt_id  the id of an IOAS or a HWPT; set to the id of the HWPT
 * @return 0, or a negative errno, in which case the old attachment is intact
 * @ownership Each of these devices owns a users reference to the new HWPT and
 *   has dropped the one to the old HWPT; the users counter of the DEVICE does
 *   not change.  An automatic HWPT is destroyed with its last attachment.
 * @errors -EINVAL: the DEVICE is not attached, or the object has another type;
 *   and the errors of iommufd_device_attach() except -EBUSY.
 * @context May block.
 * @rule R-DEVICE-6, R-DEVICE-8
 */
IOMMUFD_MODEL_API int iommufd_device_replace(struct iommufd_device *idev,
					     ioasid_t pasid, u32 *pt_id);

/**
 * Detaches a DEVICE.  It has no effect if the DEVICE is not attached.
 * @param idev   the DEVICE
 * @param pasid  IOMMU_NO_PASID, or the PASID if only what the device does with
 *   that is meant
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
 * Checks whether any device of a group is bound to a context.
 * @param ictx   the context, or NULL
 * @param group  the group, or NULL
 * @return true if one is; false if none is, or if @p ictx or @p group is NULL
 */
IOMMUFD_MODEL_API bool iommufd_ctx_has_group(struct iommufd_ctx *ictx,
					     struct iommu_group *group);

IOMMUFD_MODEL_END_DECLS

#endif
