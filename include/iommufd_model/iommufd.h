/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * What a driver sees of iommufd: contexts, external accesses, devices.
 *
 * Counters in the promises below: U is users, W is wait_cnt (up to Linux 6.16
 * shortterm_users).  "The ctx" is one open of /dev/iommu; its reference count
 * is that of its file.
 *
 * All functions may be called from any thread.  None may be called with a
 * spinlock held, but the ones that only take a reference or look.
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
 * What an object is.  Types beyond IOMMUFD_OBJ_MAX are given out by
 * iommufd_model_register_type().
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
	IOMMUFD_OBJ_MAX,	/**< the first number that is free for others */
	IOMMUFD_MODEL_OBJ_LIMIT = 64,	/**< no type has this number or more */
};

/**
 * Takes one more reference to a context.
 * @param ictx  the context; a WARN if NULL
 * @ownership The caller owns a reference already, and one more afterwards.
 * @rule R-CTX-2
 */
IOMMUFD_MODEL_API void iommufd_ctx_get(struct iommufd_ctx *ictx);

/**
 * Drops a reference to a context; the last one releases it.
 * @param ictx  not to be used any more; a WARN if NULL
 * @ownership The caller's reference is gone.
 * @context The release runs when the calling system call ends, or before the
 *   call returns where there is none; it may block then.
 * @rule R-CTX-2, R-RELEASE-1 to R-RELEASE-4
 */
IOMMUFD_MODEL_API void iommufd_ctx_put(struct iommufd_ctx *ictx);

/**
 * Finds the context behind a file.
 * @param file  the file
 * @return the context, or an error pointer
 * @ownership The caller owns a new reference to the context; that to @p file is
 *   untouched.
 * @errors -EBADFD: another kind of file.
 * @rule R-CTX-2
 */
IOMMUFD_MODEL_API struct iommufd_ctx *iommufd_ctx_from_file(struct file *file);

/**
 * Finds the context behind a descriptor.
 * @param fd  the descriptor, one of the model's
 * @return the context, or an error pointer
 * @ownership The caller owns a new reference to the context.
 * @errors -EBADF: no such descriptor; -EBADFD: another kind of file.
 * @rule R-CTX-2
 */
IOMMUFD_MODEL_API struct iommufd_ctx *iommufd_ctx_from_fd(int fd);

/** Flags of iommufd_access_pin_pages() and iommufd_access_rw(). */
enum {
	IOMMUFD_ACCESS_RW_READ = 0,	/**< read what is mapped */
	IOMMUFD_ACCESS_RW_WRITE = 1 << 0,	/**< write it */
	/** the caller has no user memory; no effect */
	IOMMUFD_ACCESS_RW_KTHREAD = 1 << 1,
	/** @cond INTERNAL */
	__IOMMUFD_ACCESS_RW_SLOW_PATH = 1 << 2,
	/** @endcond */
};

/** What an external access's driver provides. */
struct iommufd_access_ops {
	/** it will pin; the access then works in whole pages */
	u8 needs_pin_pages : 1;
	/**
	 * Gives up everything pinned in [iova, iova + length - 1] before it
	 * returns.  Called without any iommufd lock held: from an unmap of the
	 * IOAS, and from detach, replace and destroy with the whole range.
	 * @p data is as given to iommufd_access_create().
	 */
	void (*unmap)(void *data, unsigned long iova, unsigned long length);
};

/**
 * Makes an external access, detached.
 * @param ictx  the context
 * @param ops   what the driver provides; must live as long as the access
 * @param data  for @p ops; must live as long as the access
 * @param id    set to its id
 * @return the access, or an error pointer
 * @ownership The caller owns one U (it is 2 then) until
 *   iommufd_access_destroy().  The access holds a reference to the ctx.
 * @errors -ENOMEM; -EBUSY: no free id; -EINVAL and a WARN: @p ops is NULL.
 * @rule R-ACC-3
 */
IOMMUFD_MODEL_API struct iommufd_access *
iommufd_access_create(struct iommufd_ctx *ictx,
		      const struct iommufd_access_ops *ops, void *data,
		      u32 *id);

/**
 * Destroys an external access, which may still be attached.
 * @param access  not to be used any more; what it pinned should be unpinned
 * @ownership The caller's U is gone in every case, and the access's reference
 *   to the ctx with the access.
 * @errors A WARN: an internal access, which is left alone; somebody else holds
 *   it, and it lives on until the release.
 * @context Blocks until no callback runs, at most the destroy timeout; calls
 *   unmap() of its ops if it is attached.  Hold no lock that unmap() takes.
 * @rule R-ACC-5, R-DESTROY-6 to R-DESTROY-8
 */
IOMMUFD_MODEL_API void iommufd_access_destroy(struct iommufd_access *access);

/**
 * Attaches a detached external access to an IOAS.
 * @param access   the access
 * @param ioas_id  the IOAS
 * @return 0, or a negative errno: nothing changed
 * @ownership U of the IOAS +1 while the access is attached.
 * @errors -EINVAL and a WARN: attached already, or an internal access; -ENOENT:
 *   no such IOAS; -EBUSY: a detach is under way, or the IOAS has 65536
 *   accesses; -EADDRINUSE: its areas do not fit the access's alignment;
 *   -ENOMEM.
 * @context May block.
 * @rule R-ACC-8
 */
IOMMUFD_MODEL_API int iommufd_access_attach(struct iommufd_access *access,
					    u32 ioas_id);

/**
 * Attaches an attached external access to another IOAS.
 * @param access   the access
 * @param ioas_id  the IOAS; if it is the one it has, nothing happens
 * @return 0, or a negative errno: the old attachment is intact
 * @ownership U of the new IOAS +1, of the old one -1.
 * @errors -ENOENT: detached, or no such IOAS; -EINVAL and a WARN: an internal
 *   access; the rest as of iommufd_access_attach().
 * @context May block; calls unmap() of its ops.  Hold no lock that unmap()
 *   takes.
 * @rule R-ACC-8
 */
IOMMUFD_MODEL_API int iommufd_access_replace(struct iommufd_access *access,
					     u32 ioas_id);

/**
 * Detaches an access from its IOAS.
 * @param access  the access; a WARN if it is not attached
 * @ownership U of the IOAS -1.
 * @context May block; calls unmap() of its ops.  Hold no lock that unmap()
 *   takes.
 * @rule R-ACC-8
 */
IOMMUFD_MODEL_API void iommufd_access_detach(struct iommufd_access *access);

/**
 * Pins what a range of IOVAs maps.
 * @param access     attached, and made for pins
 * @param iova       the first byte
 * @param length     bytes
 * @param out_pages  one entry for each page touched, in order
 * @param flags      IOMMUFD_ACCESS_RW_WRITE or IOMMUFD_ACCESS_RW_READ
 * @return 0, or a negative errno: nothing is pinned
 * @ownership The caller owns the pin of the range until it is given back with
 *   the same bounds by iommufd_access_unpin_pages().
 * @errors -EINVAL: length 0, not whole pages, the access may not pin (WARN);
 *   -EOVERFLOW; -ENOENT: detached, or a hole in the range; -EPERM: the mapping
 *   or the memory does not allow it; -EFAULT: bad memory; -ENOMEM.
 * @context May block.
 * @rule R-ACC-12
 */
IOMMUFD_MODEL_API int
iommufd_access_pin_pages(struct iommufd_access *access, unsigned long iova,
			 unsigned long length, struct page **out_pages,
			 unsigned int flags);

/**
 * Gives a pin back.
 * @param access  the access
 * @param iova    as when pinned
 * @param length  as when pinned
 * @errors A WARN: nothing was pinned with these bounds, or the access is
 *   detached.
 * @context May block.
 * @rule R-ACC-13
 */
IOMMUFD_MODEL_API void
iommufd_access_unpin_pages(struct iommufd_access *access, unsigned long iova,
			   unsigned long length);

/**
 * Copies between a buffer and what a range of IOVAs maps.
 * @param access  attached
 * @param iova    the first byte
 * @param data    the buffer
 * @param len     bytes
 * @param flags   IOMMUFD_ACCESS_RW_ bits
 * @return 0, or a negative errno: what comes before the failure was copied
 * @ownership Nothing stays pinned.
 * @errors -EINVAL: length 0; -EOVERFLOW; -ENOENT: detached, or a hole in the
 *   range; -EPERM: the mapping or the memory does not allow it; -EFAULT: bad
 *   memory; -ENOMEM.
 * @context May block.
 * @rule R-ACC-14
 */
IOMMUFD_MODEL_API int iommufd_access_rw(struct iommufd_access *access,
					unsigned long iova, void *data,
					size_t len, unsigned int flags);

typedef unsigned int ioasid_t;	/**< a PASID */
#define IOMMU_NO_PASID 0u	/**< the device itself */

/**
 * Makes a DEVICE of a device, and claims its group for the context.
 * @param ictx  the context
 * @param dev   the device; must live until it is unbound
 * @param id    set to the id of the DEVICE
 * @return the DEVICE, or an error pointer
 * @ownership The caller owns one U (it is 2 then) until
 *   iommufd_device_unbind().  The DEVICE of a device that is not a mock one
 *   holds a reference to the ctx.
 * @errors -EINVAL: behind no IOMMU, or one without coherent accesses; -ENODEV:
 *   in no group; -EPERM: somebody else has its group; -EBUSY: its group is in
 *   use, or no free id; -ENOMEM.
 * @context May block.
 * @rule R-DEVICE-1
 */
IOMMUFD_MODEL_API struct iommufd_device *
iommufd_device_bind(struct iommufd_ctx *ictx, struct device *dev, u32 *id);

/**
 * Destroys a DEVICE, and its vDEVICE with it, whose id is never used again.
 * @param idev  not to be used any more; not attached
 * @ownership The caller's U is gone in every case.
 * @errors A WARN: it is attached, or somebody else holds it, and it lives on
 *   until the release.
 * @context Blocks until all short references are gone, at most the destroy
 *   timeout.  Hold no lock of iommufd's.
 * @rule R-DEVICE-2 to R-DEVICE-4, R-DESTROY-6 to R-DESTROY-8
 */
IOMMUFD_MODEL_API void iommufd_device_unbind(struct iommufd_device *idev);

/**
 * Attaches a DEVICE to a HWPT, or to an IOAS through an automatic one.
 * @param idev   the DEVICE
 * @param pasid  IOMMU_NO_PASID
 * @param pt_id  names an IOAS or a HWPT; set to the id of the HWPT
 * @return 0, or a negative errno: nothing changed
 * @ownership U of the DEVICE and of the HWPT +1 until it is detached.
 * @errors -EOPNOTSUPP: another @p pasid, which is left out, or no HWPT can be
 *   made; -ENOENT: no such object; -EINVAL: another type, or the group is
 *   attached to another HWPT; -EBUSY: attached already; -ENOMEM; what
 *   attach_dev() of the domain says; for a new automatic HWPT also the errors
 *   of IOMMU_HWPT_ALLOC.
 * @context May block.
 * @rule R-DEVICE-6, R-DEVICE-8
 */
IOMMUFD_MODEL_API int iommufd_device_attach(struct iommufd_device *idev,
					    ioasid_t pasid, u32 *pt_id);

/**
 * Attaches a DEVICE, and all of its group that are attached, to another HWPT.
 * @param idev   the DEVICE
 * @param pasid  IOMMU_NO_PASID
 * @param pt_id  names an IOAS or a HWPT; set to the id of the HWPT
 * @return 0, or a negative errno: the old attachment is intact
 * @ownership For each of these devices U of the new HWPT +1 and of the old one
 *   -1; U of the DEVICE does not change.  An automatic HWPT goes with its last
 *   device.
 * @errors -EINVAL: not attached, or another type; the rest as of
 *   iommufd_device_attach(), without -EBUSY.
 * @context May block.
 * @rule R-DEVICE-6, R-DEVICE-8
 */
IOMMUFD_MODEL_API int iommufd_device_replace(struct iommufd_device *idev,
					     ioasid_t pasid, u32 *pt_id);

/**
 * Detaches a DEVICE; does nothing if it is not attached.
 * @param idev   the DEVICE
 * @param pasid  IOMMU_NO_PASID; nothing happens with another
 * @ownership U of the DEVICE and of the HWPT -1.  An automatic HWPT goes with
 *   its last device.
 * @context May block.
 * @rule R-DEVICE-6, R-DEVICE-7
 */
IOMMUFD_MODEL_API void iommufd_device_detach(struct iommufd_device *idev,
					     ioasid_t pasid);

/**
 * Gives the context of a DEVICE.
 * @param idev  the DEVICE
 * @return the context, without a reference
 */
IOMMUFD_MODEL_API struct iommufd_ctx *
iommufd_device_to_ictx(struct iommufd_device *idev);

/**
 * Gives the id of a DEVICE.
 * @param idev  the DEVICE
 * @return the id
 */
IOMMUFD_MODEL_API u32 iommufd_device_to_id(struct iommufd_device *idev);

/**
 * Tells whether a context has bound a device of a group.
 * @param ictx   the context, or NULL
 * @param group  the group, or NULL
 * @return true if so
 */
IOMMUFD_MODEL_API bool iommufd_ctx_has_group(struct iommufd_ctx *ictx,
					     struct iommu_group *group);

IOMMUFD_MODEL_END_DECLS

#endif
