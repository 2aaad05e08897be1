// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What drivers of object types use: dependence between objects, and mmap.
 *
 * An mmap cookie stands for a range of offsets in the file of the context.  It
 * shows a piece of device memory of the object that owns it.  The driver of the
 * owner creates and drops the cookie, which holds no reference.  A mapping does
 * hold references: each VMA has a users reference to the owner, so that the
 * owner is not destroyed while it is mapped, and a reference to the file, so
 * that the context is not released.
 *
 * mmap may run at the same time as the destruction of the owner.  The cookie
 * lock decides which comes first: under it mmap takes a users reference to the
 * owner, unless users is zero, and the driver drops the cookie before the owner
 * is freed.
 */
#include "internal.h"

int _iommufd_object_depend(struct iommufd_object *obj_dependent,
			   struct iommufd_object *obj_depended)
{
	if (obj_dependent == obj_depended ||
	    obj_dependent->type != obj_depended->type)
		return -EINVAL;
	/*
	 * The driver may still find an object that is being destroyed and whose
	 * destroy op waits for the lock of the driver.
	 */
	if (!refcount_inc_not_zero(&obj_depended->users))
		return -ENOENT;
	return 0;
}

void _iommufd_object_undepend(struct iommufd_object *obj_dependent,
			      struct iommufd_object *obj_depended)
{
	if (WARN_ON_ONCE(obj_dependent == obj_depended ||
			 obj_dependent->type != obj_depended->type))
		return;
	refcount_dec(&obj_depended->users);
}

/* Give @immap the lowest free offset; the cookie lock is held. */
static int place_cookie(struct iommufd_ctx *ictx, struct iommufd_mmap *immap)
{
	unsigned long start = PAGE_SIZE;
	struct iommufd_mmap *next;

	list_for_each_entry(next, &ictx->mmaps, link) {
		unsigned long at = next->vm_pgoff << PAGE_SHIFT;

		if (at - start >= immap->length)
			break;
		start = at + next->length;
	}
	/* @start is 0 if the last cookie ends at the largest offset. */
	if (!start || immap->length - 1 > ULONG_MAX - start)
		return -EBUSY;
	immap->vm_pgoff = start >> PAGE_SHIFT;
	list_add_tail(&immap->link, &next->link);
	return 0;
}

int _iommufd_alloc_mmap(struct iommufd_ctx *ictx, struct iommufd_object *owner,
			phys_addr_t mmio_addr, size_t length,
			unsigned long *offset)
{
	struct iommufd_mmap *immap;
	int rc;

	if (mmio_addr & ~PAGE_MASK)
		return -EINVAL;
	if (!length || length & ~PAGE_MASK)
		return -EINVAL;
	immap = kzalloc(sizeof(*immap), GFP_KERNEL_ACCOUNT);
	if (!immap)
		return -ENOMEM;
	immap->owner = owner;
	immap->mmio_addr = mmio_addr;
	immap->length = length;

	spin_lock(&ictx->mmap_lock);
	rc = place_cookie(ictx, immap);
	spin_unlock(&ictx->mmap_lock);
	if (rc) {
		kfree(immap);
		return rc;
	}
	*offset = immap->vm_pgoff << PAGE_SHIFT;
	return 0;
}

/* Find the cookie that contains @offset; the cookie lock is held. */
static struct iommufd_mmap *find_cookie(struct iommufd_ctx *ictx,
					unsigned long offset)
{
	struct iommufd_mmap *immap;

	list_for_each_entry(immap, &ictx->mmaps, link)
		if (offset - (immap->vm_pgoff << PAGE_SHIFT) < immap->length)
			return immap;
	return NULL;
}

void _iommufd_destroy_mmap(struct iommufd_ctx *ictx,
			   struct iommufd_object *owner, unsigned long offset)
{
	struct iommufd_mmap *immap;

	spin_lock(&ictx->mmap_lock);
	immap = find_cookie(ictx, offset);
	if (immap)
		list_del(&immap->link);
	spin_unlock(&ictx->mmap_lock);
	WARN_ON_ONCE(!immap || immap->owner != owner);
	kfree(immap);
}

static void iommufd_fops_vma_open(struct vm_area_struct *vma)
{
	struct iommufd_mmap *immap = vma->vm_private_data;

	refcount_inc(&immap->owner->users);
}

static void iommufd_fops_vma_close(struct vm_area_struct *vma)
{
	struct iommufd_mmap *immap = vma->vm_private_data;

	refcount_dec(&immap->owner->users);
}

static const struct vm_operations_struct iommufd_vma_ops = {
	.open = iommufd_fops_vma_open,
	.close = iommufd_fops_vma_close,
};

/*
 * Find the cookie that contains @offset, and take a users reference to its
 * owner.
 */
static struct iommufd_mmap *get_cookie(struct iommufd_ctx *ictx,
				       unsigned long offset)
{
	struct iommufd_mmap *immap;

	spin_lock(&ictx->mmap_lock);
	immap = find_cookie(ictx, offset);
	/*
	 * An owner that is not published may still be undone if its creation
	 * fails, and the undo must not find a mapping (DEV-3).
	 */
	if (immap &&
	    (xa_load(&ictx->objects, immap->owner->id) != immap->owner ||
	     !refcount_inc_not_zero(&immap->owner->users)))
		immap = NULL;
	spin_unlock(&ictx->mmap_lock);
	return immap;
}

int iommufd_fops_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct iommufd_ctx *ictx = filp->private_data;
	size_t length = vma->vm_end - vma->vm_start;
	struct iommufd_mmap *immap;
	int rc;

	if (length & ~PAGE_MASK)
		return -EINVAL;
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	immap = get_cookie(ictx, vma->vm_pgoff << PAGE_SHIFT);
	if (!immap)
		return -ENXIO;
	if (vma->vm_pgoff != immap->vm_pgoff || length != immap->length) {
		rc = -ENXIO;
		goto out_users;
	}
	vma->vm_pgoff = 0;
	vma->vm_private_data = immap;
	rc = io_remap_pfn_range(vma, vma->vm_start,
				immap->mmio_addr >> PAGE_SHIFT, length,
				vma->vm_page_prot);
	if (rc)
		goto out_users;
	vma->vm_ops = &iommufd_vma_ops;
	return 0;

out_users:
	refcount_dec(&immap->owner->users);
	return rc;
}
