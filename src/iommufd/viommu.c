// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * VIOMMU, VDEVICE and HW_QUEUE: the part of an IOMMU that a VM uses.
 *
 *	HW_QUEUE -> ACCESS -> IOAS	VDEVICE -> DEVICE
 *	    |				   |
 *	    +----------> VIOMMU <----------+
 *			   |
 *		      nest parent -> IOAS
 *
 * An arrow is a users reference, and an object is destroyed before those that
 * its arrows point to.
 *
 * A VDEVICE is found by its virt_id in the vIOMMU, and by a weak pointer in its
 * device.  Both are set before it is published: the creation holds the lock of
 * the group until then, and the abort op expects that lock.  The vDEVICE holds
 * a users reference and a wait reference to its device as long as it lives;
 * unbind destroys it (see device.c).
 *
 * A HW_QUEUE is memory that hardware reads.  It is pinned through an internal
 * access, which the queue owns.  That access holds no reference to the context,
 * because the release of the context may be what destroys the queue.
 *
 * The lock order is igroup->lock, then the lock of viommu->vdevs and those of
 * the driver.
 */
#include "internal.h"

/*
 * Drop the references that an ioctl took before it created its object.  The
 * notes tell the observer that they belong to the thread, not to that object.
 */
static void put_short_ref(struct iommufd_ctx *ictx, struct iommufd_object *obj)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, ictx, 0);
	iommufd_put_object(ictx, obj);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, ictx, 0);
}

/* VIOMMU */

/* This op also undoes a failed creation, as there is no abort op. */
static void iommufd_viommu_destroy(struct iommufd_object *obj)
{
	struct iommufd_viommu *viommu =
		container_of(obj, struct iommufd_viommu, obj);

	/* A driver whose init failed has not set the ops. */
	if (viommu->ops && viommu->ops->destroy)
		viommu->ops->destroy(viommu);
	refcount_dec(&viommu->hwpt->common.obj.users);
	xa_destroy(&viommu->vdevs);
}

const struct iommufd_object_ops iommufd_viommu_object_ops = {
	.destroy = iommufd_viommu_destroy,
};

/*
 * Allocate an object of @size bytes, as the driver wants it, and set everything
 * that its undo reads.
 */
static struct iommufd_viommu *
iommufd_viommu_new(struct iommufd_ucmd *ucmd, size_t size, unsigned int type,
		   struct iommufd_hwpt_paging *hwpt,
		   struct iommufd_device *idev)
{
	struct iommufd_viommu *viommu;

	viommu = (void *)_iommufd_object_alloc_ucmd(ucmd, size,
						    IOMMUFD_OBJ_VIOMMU);
	if (IS_ERR(viommu))
		return viommu;
	xa_init(&viommu->vdevs);
	INIT_LIST_HEAD(&viommu->veventqs);
	init_rwsem(&viommu->veventqs_rwsem);
	viommu->type = type;
	viommu->ictx = ucmd->ictx;
	/* No reference to the device is needed: its IOMMU outlives it. */
	viommu->iommu_dev = idev->dev->iommu_dev;
	viommu->hwpt = hwpt;
	/*
	 * The reference is taken before anything can fail, as the undo drops
	 * it.
	 */
	refcount_inc(&hwpt->common.obj.users);
	return viommu;
}

static int iommufd_viommu_make(struct iommufd_ucmd *ucmd, size_t size,
			       struct iommufd_hwpt_paging *hwpt,
			       struct iommufd_device *idev)
{
	struct iommu_viommu_alloc *cmd = ucmd->cmd;
	const struct iommu_user_data data = {
		.type = cmd->type,
		.uptr = u64_to_user_ptr(cmd->data_uptr),
		.len = cmd->data_len,
	};
	struct iommufd_viommu *viommu;
	int rc;

	if (!hwpt->nest_parent)
		return -EINVAL;
	viommu = iommufd_viommu_new(ucmd, size, cmd->type, hwpt, idev);
	if (IS_ERR(viommu))
		return (int)PTR_ERR(viommu);
	rc = viommu->iommu_dev->ops->viommu_init(viommu, hwpt->common.domain,
						 data.len ? &data : NULL);
	if (rc)
		return rc;
	if (WARN_ON_ONCE(!viommu->ops))
		return -EOPNOTSUPP;
	cmd->out_viommu_id = viommu->obj.id;
	return iommufd_ucmd_respond(ucmd, sizeof(*cmd));
}

/*
 * Return the size that the driver wants a vIOMMU to have, or 0 if the driver
 * has no vIOMMU of this type.
 */
static size_t iommufd_viommu_size(struct device *dev, unsigned int type)
{
	const struct iommu_ops *ops;
	size_t size;

	if (!dev->iommu_dev)
		return 0;
	ops = dev_iommu_ops(dev);
	if (!ops || !ops->get_viommu_size || !ops->viommu_init)
		return 0;
	size = ops->get_viommu_size(dev, type);
	if (!size || WARN_ON_ONCE(size < sizeof(struct iommufd_viommu)))
		return 0;
	return size;
}

int iommufd_viommu_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_viommu_alloc *cmd = ucmd->cmd;
	struct iommufd_hwpt_paging *hwpt;
	struct iommufd_device *idev;
	size_t size;
	int rc;

	if (cmd->flags || cmd->type == IOMMU_VIOMMU_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	idev = iommufd_model_get(ucmd->ictx, cmd->dev_id, IOMMUFD_OBJ_DEVICE,
				 iommufd_device);
	if (IS_ERR(idev))
		return (int)PTR_ERR(idev);
	size = iommufd_viommu_size(idev->dev, cmd->type);
	if (!size) {
		rc = -EOPNOTSUPP;
		goto out_put_idev;
	}
	hwpt = iommufd_model_get(ucmd->ictx, cmd->hwpt_id,
				 IOMMUFD_OBJ_HWPT_PAGING, iommufd_hwpt_paging);
	if (IS_ERR(hwpt)) {
		rc = (int)PTR_ERR(hwpt);
		goto out_put_idev;
	}
	rc = iommufd_viommu_make(ucmd, size, hwpt, idev);
	put_short_ref(ucmd->ictx, &hwpt->common.obj);
out_put_idev:
	put_short_ref(ucmd->ictx, &idev->obj);
	return rc;
}

/* VDEVICE */

static void iommufd_vdevice_abort(struct iommufd_object *obj)
{
	struct iommufd_vdevice *vdev =
		container_of(obj, struct iommufd_vdevice, obj);
	struct iommufd_viommu *viommu = vdev->viommu;
	struct iommufd_device *idev = vdev->idev;

	lockdep_assert_held(&idev->igroup->lock);
	if (vdev->destroy)
		vdev->destroy(vdev);
	/*
	 * If virt_id belongs to another vDEVICE, leave that one in the table.
	 */
	xa_cmpxchg(&viommu->vdevs, vdev->virt_id, vdev, NULL, GFP_KERNEL);
	/*
	 * The mutex is not a member of the vIOMMU, so the vIOMMU may be freed
	 * now.
	 */
	refcount_dec(&viommu->obj.users);
	idev->vdev = NULL;
}

static void iommufd_vdevice_destroy(struct iommufd_object *obj)
{
	struct iommufd_vdevice *vdev =
		container_of(obj, struct iommufd_vdevice, obj);
	struct iommufd_device *idev = vdev->idev;
	struct iommufd_ctx *ictx = idev->ictx;

	mutex_lock(&idev->igroup->lock);
	iommufd_vdevice_abort(obj);
	mutex_unlock(&idev->igroup->lock);
	/*
	 * This comes after the unlock, because the mutex lives only as long as
	 * the device.
	 */
	iommufd_put_object(ictx, &idev->obj);
}

const struct iommufd_object_ops iommufd_vdevice_object_ops = {
	.destroy = iommufd_vdevice_destroy,
	.abort = iommufd_vdevice_abort,
};

/*
 * Return the size of a vDEVICE of @viommu, or 0 if the size that the driver
 * gives is invalid.
 */
static size_t iommufd_vdevice_size(const struct iommufd_viommu *viommu)
{
	size_t size = viommu->ops->vdevice_size;

	if (!size)
		return sizeof(struct iommufd_vdevice);
	if (WARN_ON_ONCE(size < sizeof(struct iommufd_vdevice) ||
			 !viommu->ops->vdevice_init))
		return 0;
	return size;
}

/* Let the driver initialise @vdev, and store it under its virt_id. */
static int iommufd_vdevice_enter(struct iommufd_vdevice *vdev)
{
	struct iommufd_viommu *viommu = vdev->viommu;
	int rc;

	rc = xa_insert(&viommu->vdevs, vdev->virt_id, XA_ZERO_ENTRY,
		       GFP_KERNEL);
	if (rc)
		return rc == -EBUSY ? -EEXIST : rc;
	if (viommu->ops->vdevice_init) {
		rc = viommu->ops->vdevice_init(vdev);
		if (rc) {
			xa_erase(&viommu->vdevs, vdev->virt_id);
			return rc;
		}
	}
	/* The entry is reserved already, so that the store needs no memory. */
	WARN_ON(xa_store(&viommu->vdevs, vdev->virt_id, vdev, GFP_KERNEL));
	return 0;
}

/*
 * Take the users reference and the wait reference that a vDEVICE holds to its
 * device all its life.  A wait reference is allowed here because pre_destroy of
 * the device makes the vDEVICE drop it.  The ioctl has a reference as well, so
 * neither counter is zero.
 */
static void iommufd_vdevice_hold(struct iommufd_vdevice *vdev)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &vdev->obj, 0);
	WARN_ON(!iommufd_lock_obj(&vdev->idev->obj));
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &vdev->obj, 0);
}

static int iommufd_vdevice_make(struct iommufd_ucmd *ucmd,
				struct iommufd_viommu *viommu,
				struct iommufd_device *idev)
{
	struct iommu_vdevice_alloc *cmd = ucmd->cmd;
	struct iommufd_vdevice *vdev;
	size_t size;
	int rc;

	lockdep_assert_held(&idev->igroup->lock);
	if (idev->destroying)
		return -ENOENT;
	if (idev->vdev)
		return -EEXIST;
	size = iommufd_vdevice_size(viommu);
	if (!size)
		return -EOPNOTSUPP;
	vdev = (void *)_iommufd_object_alloc(ucmd->ictx, size,
					     IOMMUFD_OBJ_VDEVICE);
	if (IS_ERR(vdev))
		return (int)PTR_ERR(vdev);
	vdev->virt_id = cmd->virt_id;
	vdev->viommu = viommu;
	refcount_inc(&viommu->obj.users);
	vdev->idev = idev;
	/*
	 * This pointer has no reference to the vDEVICE, since IOMMU_DESTROY of
	 * the vDEVICE would always fail with EBUSY then.
	 */
	idev->vdev = vdev;

	rc = iommufd_vdevice_enter(vdev);
	if (rc)
		goto out_abort;
	cmd->out_vdevice_id = vdev->obj.id;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		goto out_abort;
	iommufd_vdevice_hold(vdev);
	iommufd_object_finalize(ucmd->ictx, &vdev->obj);
	return 0;

out_abort:
	iommufd_object_abort_and_destroy(ucmd->ictx, &vdev->obj);
	return rc;
}

int iommufd_vdevice_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_vdevice_alloc *cmd = ucmd->cmd;
	struct iommufd_viommu *viommu;
	struct iommufd_device *idev;
	int rc;

	/*
	 * virt_id is an index of viommu->vdevs, which has the type unsigned
	 * long.
	 */
	if ((unsigned long)cmd->virt_id != cmd->virt_id)
		return -EINVAL;
	viommu = iommufd_model_get(ucmd->ictx, cmd->viommu_id,
				   IOMMUFD_OBJ_VIOMMU, iommufd_viommu);
	if (IS_ERR(viommu))
		return (int)PTR_ERR(viommu);
	idev = iommufd_model_get(ucmd->ictx, cmd->dev_id, IOMMUFD_OBJ_DEVICE,
				 iommufd_device);
	if (IS_ERR(idev)) {
		rc = (int)PTR_ERR(idev);
		goto out_put_viommu;
	}
	if (viommu->iommu_dev != idev->dev->iommu_dev) {
		rc = -EINVAL;
		goto out_put_idev;
	}
	/*
	 * The vDEVICE takes a reference of its own, and the one of this ioctl
	 * is kept until after the unlock.  Otherwise a destroy of the vDEVICE
	 * followed by an unbind could free the group during the unlock
	 * (DEV-10).
	 */
	mutex_lock(&idev->igroup->lock);
	rc = iommufd_vdevice_make(ucmd, viommu, idev);
	mutex_unlock(&idev->igroup->lock);
out_put_idev:
	iommufd_put_object(ucmd->ictx, &idev->obj);
out_put_viommu:
	iommufd_put_object(ucmd->ictx, &viommu->obj);
	return rc;
}

/* For drivers */

struct device *iommufd_vdevice_to_device(struct iommufd_vdevice *vdev)
{
	return vdev->idev->dev;
}

struct device *iommufd_viommu_find_dev(struct iommufd_viommu *viommu,
				       unsigned long vdev_id)
{
	struct iommufd_vdevice *vdev;

	lockdep_assert_held(&viommu->vdevs.xa_lock);
	vdev = xa_load(&viommu->vdevs, vdev_id);
	return vdev ? iommufd_vdevice_to_device(vdev) : NULL;
}

int iommufd_viommu_get_vdev_id(struct iommufd_viommu *viommu,
			       struct device *dev, unsigned long *vdev_id)
{
	struct iommufd_vdevice *vdev;
	unsigned long index;
	int rc = -ENOENT;

	if (WARN_ON_ONCE(!vdev_id))
		return -EINVAL;
	xa_lock(&viommu->vdevs);
	xa_for_each(&viommu->vdevs, index, vdev) {
		if (iommufd_vdevice_to_device(vdev) != dev)
			continue;
		*vdev_id = index;
		rc = 0;
		break;
	}
	xa_unlock(&viommu->vdevs);
	return rc;
}

int iommufd_hw_queue_depend(struct iommufd_hw_queue *dependent,
			    struct iommufd_hw_queue *depended)
{
	if (WARN_ON_ONCE(dependent->viommu != depended->viommu))
		return -EINVAL;
	return _iommufd_object_depend(&dependent->obj, &depended->obj);
}

void iommufd_hw_queue_undepend(struct iommufd_hw_queue *dependent,
			       struct iommufd_hw_queue *depended)
{
	WARN_ON_ONCE(dependent->viommu != depended->viommu);
	_iommufd_object_undepend(&dependent->obj, &depended->obj);
}

/* HW_QUEUE */

/* Compute the whole pages that a queue touches; -ERANGE on an overflow. */
static int iommufd_hw_queue_pages(u64 base_addr, u64 length,
				  unsigned long *start, unsigned long *bytes)
{
	u64 offset = base_addr & (PAGE_SIZE - 1);

	*start = (unsigned long)(base_addr - offset);
	*bytes = (unsigned long)(offset + length + PAGE_SIZE - 1) & PAGE_MASK;
	/* The sum has wrapped around, or does not fit an unsigned long. */
	if (*bytes < length || *start != base_addr - offset)
		return -ERANGE;
	return 0;
}

static void iommufd_hw_queue_destroy_access(struct iommufd_ctx *ictx,
					    struct iommufd_access *access,
					    u64 base_addr, u64 length)
{
	unsigned long start = 0, bytes = 0;

	/*
	 * Compute the bounds of the pin from those that the user gave, as at
	 * the pin.
	 */
	WARN_ON(iommufd_hw_queue_pages(base_addr, length, &start, &bytes));
	/* Unpin before the detach, as only an attached access can unpin. */
	iommufd_access_unpin_pages(access, start, bytes);
	iommufd_access_detach_internal(access);
	iommufd_access_destroy_internal(ictx, access);
}

/* This op also undoes a failed creation, as there is no abort op. */
static void iommufd_hw_queue_destroy(struct iommufd_object *obj)
{
	struct iommufd_hw_queue *hw_queue =
		container_of(obj, struct iommufd_hw_queue, obj);

	/* The hardware must stop before its memory is unpinned. */
	if (hw_queue->destroy)
		hw_queue->destroy(hw_queue);
	if (hw_queue->access)
		iommufd_hw_queue_destroy_access(hw_queue->viommu->ictx,
						hw_queue->access,
						hw_queue->base_addr,
						hw_queue->length);
	/* This comes last, because the code above uses the vIOMMU. */
	if (hw_queue->viommu)
		refcount_dec(&hw_queue->viommu->obj.users);
}

const struct iommufd_object_ops iommufd_hw_queue_object_ops = {
	.destroy = iommufd_hw_queue_destroy,
};

static bool pages_are_contiguous(struct page **pages, size_t nr_pages)
{
	size_t i;

	for (i = 1; i < nr_pages; i++)
		if (page_to_phys(pages[i]) !=
		    page_to_phys(pages[i - 1]) + PAGE_SIZE)
			return false;
	return true;
}

/*
 * Create the internal access of a queue and pin the memory of the queue, which
 * must be contiguous.  *@base_pa is set to its physical address.  On error
 * everything is undone.
 */
static struct iommufd_access *
iommufd_hw_queue_alloc_access(struct iommufd_viommu *viommu,
			      const struct iommu_hw_queue_alloc *cmd,
			      phys_addr_t *base_pa)
{
	unsigned long start, bytes, nr_pages;
	struct iommufd_access *access;
	struct page **pages;
	int rc;

	rc = iommufd_hw_queue_pages(cmd->nesting_parent_iova, cmd->length,
				    &start, &bytes);
	if (rc)
		return ERR_PTR(rc);
	nr_pages = bytes >> PAGE_SHIFT;
	/* kvcalloc() refuses larger arrays. */
	if (nr_pages > INT_MAX / sizeof(*pages))
		return ERR_PTR(-ENOMEM);
	pages = kvcalloc(nr_pages, sizeof(*pages), GFP_KERNEL | __GFP_NOWARN);
	if (!pages)
		return ERR_PTR(-ENOMEM);
	access = iommufd_access_create_internal(viommu->ictx);
	if (IS_ERR(access)) {
		rc = (int)PTR_ERR(access);
		goto out_free;
	}
	rc = iommufd_access_attach_internal(access, viommu->hwpt->ioas);
	if (rc)
		goto out_destroy;
	rc = iommufd_access_pin_pages(access, start, bytes, pages,
				      IOMMUFD_ACCESS_RW_READ);
	if (rc)
		goto out_detach;
	if (!pages_are_contiguous(pages, nr_pages)) {
		rc = -EFAULT;
		goto out_unpin;
	}
	*base_pa = page_to_phys(pages[0]) +
		   (cmd->nesting_parent_iova & (PAGE_SIZE - 1));
	kvfree(pages);
	return access;

out_unpin:
	iommufd_access_unpin_pages(access, start, bytes);
out_detach:
	iommufd_access_detach_internal(access);
out_destroy:
	iommufd_access_destroy_internal(viommu->ictx, access);
out_free:
	kvfree(pages);
	return ERR_PTR(rc);
}

static int iommufd_hw_queue_make(struct iommufd_ucmd *ucmd,
				 struct iommufd_viommu *viommu)
{
	struct iommu_hw_queue_alloc *cmd = ucmd->cmd;
	struct iommufd_hw_queue *hw_queue;
	struct iommufd_access *access;
	phys_addr_t base_pa = 0;
	size_t size;
	int rc;

	if (!viommu->ops || !viommu->ops->get_hw_queue_size ||
	    !viommu->ops->hw_queue_init_phys)
		return -EOPNOTSUPP;
	size = viommu->ops->get_hw_queue_size(viommu, cmd->type);
	if (!size || WARN_ON_ONCE(size < sizeof(*hw_queue)))
		return -EOPNOTSUPP;
	hw_queue = (void *)_iommufd_object_alloc_ucmd(ucmd, size,
						      IOMMUFD_OBJ_HW_QUEUE);
	if (IS_ERR(hw_queue))
		return (int)PTR_ERR(hw_queue);
	access = iommufd_hw_queue_alloc_access(viommu, cmd, &base_pa);
	if (IS_ERR(access))
		return (int)PTR_ERR(access);

	/*
	 * Set all fields together: from now on the destroy op undoes the
	 * creation.
	 */
	hw_queue->viommu = viommu;
	refcount_inc(&viommu->obj.users);
	hw_queue->access = access;
	hw_queue->type = cmd->type;
	hw_queue->length = cmd->length;
	hw_queue->base_addr = cmd->nesting_parent_iova;

	rc = viommu->ops->hw_queue_init_phys(hw_queue, cmd->index, base_pa);
	if (rc)
		return rc;
	cmd->out_hw_queue_id = hw_queue->obj.id;
	return iommufd_ucmd_respond(ucmd, sizeof(*cmd));
}

int iommufd_hw_queue_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_hw_queue_alloc *cmd = ucmd->cmd;
	struct iommufd_viommu *viommu;
	u64 last;
	int rc;

	if (cmd->flags || cmd->type == IOMMU_HW_QUEUE_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!cmd->length)
		return -EINVAL;
	if (__builtin_add_overflow(cmd->nesting_parent_iova, cmd->length - 1,
				   &last))
		return -EOVERFLOW;
	viommu = iommufd_model_get(ucmd->ictx, cmd->viommu_id,
				   IOMMUFD_OBJ_VIOMMU, iommufd_viommu);
	if (IS_ERR(viommu))
		return (int)PTR_ERR(viommu);
	rc = iommufd_hw_queue_make(ucmd, viommu);
	put_short_ref(ucmd->ictx, &viommu->obj);
	return rc;
}
