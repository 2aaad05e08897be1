/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a driver sees of iommufd: contexts and external accesses.
 *
 * Counters in the promises below: U is users, W is wait_cnt (up to Linux 6.16
 * shortterm_users).  "The ctx" is one open of /dev/iommu; its reference count
 * is that of its file.
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

/*
 * enum iommufd_object_type - what an object is (spec/01 section 2)
 *
 * Types beyond IOMMUFD_OBJ_MAX are given out by
 * iommufd_model_register_type().
 */
enum iommufd_object_type {
	IOMMUFD_OBJ_NONE,
	IOMMUFD_OBJ_ANY = IOMMUFD_OBJ_NONE,
	IOMMUFD_OBJ_DEVICE,
	IOMMUFD_OBJ_HWPT_PAGING,
	IOMMUFD_OBJ_HWPT_NESTED,
	IOMMUFD_OBJ_IOAS,
	IOMMUFD_OBJ_ACCESS,
	IOMMUFD_OBJ_FAULT,
	IOMMUFD_OBJ_VIOMMU,
	IOMMUFD_OBJ_VDEVICE,
	IOMMUFD_OBJ_VEVENTQ,
	IOMMUFD_OBJ_HW_QUEUE,
	IOMMUFD_OBJ_SELFTEST,
	IOMMUFD_OBJ_MAX,
	IOMMUFD_MODEL_OBJ_LIMIT = 64,	/* no type has this number or more */
};

/*
 * iommufd_ctx_get(ictx): one more reference; the caller owns one.
 * iommufd_ctx_put(ictx): drop one; @ictx must not be used any more.  The last
 * one releases the context: when the calling system call ends, or before the
 * call returns where there is none.  spec/01 8.3.
 */
IOMMUFD_MODEL_API void iommufd_ctx_get(struct iommufd_ctx *ictx);
IOMMUFD_MODEL_API void iommufd_ctx_put(struct iommufd_ctx *ictx);

/*
 * iommufd_ctx_from_file(file): the context behind @file with a reference for
 * the caller, whose own to @file is untouched.  -EBADFD: another kind of file.
 */
IOMMUFD_MODEL_API struct iommufd_ctx *iommufd_ctx_from_file(struct file *file);

/*
 * iommufd_ctx_from_fd(fd): the same by descriptor.  -EBADF: no such one;
 * -EBADFD: another kind of file.
 */
IOMMUFD_MODEL_API struct iommufd_ctx *iommufd_ctx_from_fd(int fd);

enum {
	IOMMUFD_ACCESS_RW_READ = 0,
	IOMMUFD_ACCESS_RW_WRITE = 1 << 0,
	IOMMUFD_ACCESS_RW_KTHREAD = 1 << 1,
	__IOMMUFD_ACCESS_RW_SLOW_PATH = 1 << 2,
};

/*
 * struct iommufd_access_ops - what an external access's driver provides
 * @needs_pin_pages: it will pin; the access then works in whole pages
 * @unmap: give up everything pinned in [iova, iova + length - 1] before
 *	returning.  Called without any iommufd lock held, from unmap, and from
 *	detach, replace and destroy with the whole range.
 */
struct iommufd_access_ops {
	u8 needs_pin_pages : 1;
	void (*unmap)(void *data, unsigned long iova, unsigned long length);
};

/*
 * iommufd_access_create(ictx, ops, data, id): a detached external access that
 * holds a ctx reference; *@id is its id.  The caller owns one U (then 2) until
 * iommufd_access_destroy().  @ops and @data must live as long.
 * -ENOMEM; -EBUSY: no free id; -EINVAL: @ops NULL.  spec/02 3.2.
 */
IOMMUFD_MODEL_API struct iommufd_access *
iommufd_access_create(struct iommufd_ctx *ictx,
		      const struct iommufd_access_ops *ops, void *data,
		      u32 *id);

/*
 * iommufd_access_destroy(access): detach if need be, free, drop the ctx
 * reference; the caller's U is gone in every case.  Blocks until no callback
 * runs: hold no lock that @ops->unmap takes.  spec/02 3.4.
 */
IOMMUFD_MODEL_API void iommufd_access_destroy(struct iommufd_access *access);

/*
 * iommufd_access_attach(access, ioas_id): U of the IOAS +1.  -EINVAL and a
 * WARN: attached already; -ENOENT: no such IOAS; -EBUSY: a detach is under way;
 * -EADDRINUSE: its areas do not fit the access's alignment; -ENOMEM.
 * iommufd_access_replace(access, ioas_id): to another IOAS, whose U goes +1,
 * the old one's -1.  -ENOENT: detached, or no such IOAS; the rest as above;
 * on error the old attachment is intact.
 * iommufd_access_detach(access): U of the IOAS -1.  WARN: not attached.
 * Replace and detach call @ops->unmap.  May block.  spec/02 section 4.
 */
IOMMUFD_MODEL_API int iommufd_access_attach(struct iommufd_access *access,
					    u32 ioas_id);
IOMMUFD_MODEL_API int iommufd_access_replace(struct iommufd_access *access,
					     u32 ioas_id);
IOMMUFD_MODEL_API void iommufd_access_detach(struct iommufd_access *access);

/*
 * iommufd_access_pin_pages(access, iova, length, out_pages, flags): pin what
 * the range maps, one entry of @out_pages for each page touched.  @flags:
 * IOMMUFD_ACCESS_RW_WRITE.  -EINVAL, -EOVERFLOW, -ENOENT, -EPERM, -EFAULT,
 * -ENOMEM; nothing is pinned then.  May block.  spec/02 5.1.
 * iommufd_access_unpin_pages(access, iova, length): the same range as pinned.
 * WARN if it was not.  spec/02 5.2.
 * iommufd_access_rw(access, iova, data, len, flags): copy, nothing stays
 * pinned.  spec/02 5.3.
 */
IOMMUFD_MODEL_API int
iommufd_access_pin_pages(struct iommufd_access *access, unsigned long iova,
			 unsigned long length, struct page **out_pages,
			 unsigned int flags);
IOMMUFD_MODEL_API void
iommufd_access_unpin_pages(struct iommufd_access *access, unsigned long iova,
			   unsigned long length);
IOMMUFD_MODEL_API int iommufd_access_rw(struct iommufd_access *access,
					unsigned long iova, void *data,
					size_t len, unsigned int flags);

typedef unsigned int ioasid_t;
#define IOMMU_NO_PASID 0u

/*
 * iommufd_device_bind(ictx, dev, id): a DEVICE for @dev, which must live until
 * unbind.  The caller owns one U (then 2); a device that is not a mock one
 * holds a ctx reference.  -EINVAL, -ENODEV, -EPERM, -EBUSY, -ENOMEM.
 * iommufd_device_unbind(idev): the caller's U is gone in every case; all
 * attachments must be.  Takes its vDEVICE down with it.  Blocks.  spec/04 2.
 */
IOMMUFD_MODEL_API struct iommufd_device *
iommufd_device_bind(struct iommufd_ctx *ictx, struct device *dev, u32 *id);
IOMMUFD_MODEL_API void iommufd_device_unbind(struct iommufd_device *idev);

/*
 * iommufd_device_attach(idev, pasid, pt_id): *@pt_id names an IOAS or a HWPT,
 * and is the HWPT's id afterwards.  U of the DEVICE and of the HWPT +1.
 * iommufd_device_replace(): the HWPT changes, U of the DEVICE does not.
 * iommufd_device_detach(idev, pasid): undo; nothing if not attached.
 * Any @pasid but IOMMU_NO_PASID: -EOPNOTSUPP, left out.  spec/04 2.6.
 */
IOMMUFD_MODEL_API int iommufd_device_attach(struct iommufd_device *idev,
					    ioasid_t pasid, u32 *pt_id);
IOMMUFD_MODEL_API int iommufd_device_replace(struct iommufd_device *idev,
					     ioasid_t pasid, u32 *pt_id);
IOMMUFD_MODEL_API void iommufd_device_detach(struct iommufd_device *idev,
					     ioasid_t pasid);
IOMMUFD_MODEL_API struct iommufd_ctx *
iommufd_device_to_ictx(struct iommufd_device *idev);
IOMMUFD_MODEL_API u32 iommufd_device_to_id(struct iommufd_device *idev);
IOMMUFD_MODEL_API bool iommufd_ctx_has_group(struct iommufd_ctx *ictx,
					     struct iommu_group *group);

IOMMUFD_MODEL_END_DECLS

#endif
