// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * DEVICE: a device that a driver has bound, and the group that it is in.
 *
 * What happens to a DEVICE, and its users counter afterwards:
 *
 *	bind	  2	for the id table and the driver that binds it
 *	attach	  3	and users of the HWPT is one more, too; a replace
 *			moves that reference to another HWPT
 *	vDEVICE	  4	and wait_cnt is 2, as long as the vDEVICE lives
 *
 * Detach undoes attach, and unbind undoes bind.
 *
 * The devices of one iommu_group that one context has bound share an
 * iommufd_group, and each holds a reference to it.  A device can be attached
 * once without a PASID and once with each PASID.  All devices that are attached
 * with one PASID, or without, are attached to the same HWPT; each attachment
 * holds a users reference to that HWPT and another to the device.
 *
 * Unbind waits until wait_cnt is 0.  The vDEVICE would never drop its wait
 * reference by itself, so pre_destroy destroys the vDEVICE.  User space does
 * not know about that and may still use the id of the vDEVICE, which therefore
 * becomes a tombstone and is not given to another object.
 *
 * An attach that names an IOAS uses an automatic HWPT: one that an earlier
 * attach has made, or else a new one.  The last detach destroys it.  Automatic
 * HWPTs are found on the list of the IOAS under the mutex of the IOAS, which is
 * held until a new one is published.
 *
 * The lock order is ioas->mutex, igroup->lock, the locks of the iommu_group and
 * of the driver.  References to a HWPT are dropped when none of these is held,
 * because dropping the last one to an automatic HWPT destroys it, which takes
 * ioas->mutex.
 */
#include "internal.h"

/* Groups */

static const struct iommufd_model_label group_label = { "group", 0 };

static struct iommufd_group *iommufd_group_alloc(struct iommufd_ctx *ictx,
						 struct iommu_group *group)
{
	struct iommufd_group *igroup = kzalloc(sizeof(*igroup), GFP_KERNEL);

	if (!igroup)
		return NULL;
	iommufd_model_label(igroup, &group_label);
	refcount_set(&igroup->ref, 1);
	mutex_init(&igroup->lock);
	INIT_LIST_HEAD(&igroup->attached);
	igroup->ictx = ictx;
	igroup->group = group;
	return igroup;
}

/*
 * Find the context's iommufd_group for the group of @dev, or create it, and
 * take a reference to it.
 */
static struct iommufd_group *iommufd_get_group(struct iommufd_ctx *ictx,
					       struct device *dev)
{
	struct iommu_group *group = dev->group;
	struct iommufd_group *igroup, *new_igroup;
	int rc;

	if (!group)
		return ERR_PTR(-ENODEV);
	new_igroup = iommufd_group_alloc(ictx, group);
	if (!new_igroup)
		return ERR_PTR(-ENOMEM);

	xa_lock(&ictx->groups);
	igroup = xa_load(&ictx->groups, group->id);
	/*
	 * A group whose last reference is gone stays in the table until
	 * iommufd_put_group() erases it.
	 */
	if (!igroup || igroup->group != group ||
	    !refcount_inc_not_zero(&igroup->ref)) {
		rc = xa_err(__xa_store(&ictx->groups, group->id, new_igroup,
				       GFP_KERNEL));
		igroup = rc ? ERR_PTR(rc) : new_igroup;
	}
	xa_unlock(&ictx->groups);
	if (igroup != new_igroup)
		kfree(new_igroup);
	return igroup;
}

static void iommufd_put_group(struct iommufd_group *igroup)
{
	if (!refcount_dec_and_test(&igroup->ref))
		return;
	WARN_ON(!list_empty(&igroup->attached));
	/* A bind may have replaced @igroup in the table after ref became 0. */
	xa_cmpxchg(&igroup->ictx->groups, igroup->group->id, igroup, NULL,
		   GFP_KERNEL);
	mutex_destroy(&igroup->lock);
	kfree(igroup);
}

bool iommufd_ctx_has_group(struct iommufd_ctx *ictx, struct iommu_group *group)
{
	struct iommufd_object *obj;
	unsigned long index;
	bool found = false;

	if (!ictx || !group)
		return false;
	xa_lock(&ictx->objects);
	xa_for_each(&ictx->objects, index, obj) {
		if (obj->type != IOMMUFD_OBJ_DEVICE)
			continue;
		found = container_of(obj, struct iommufd_device, obj)
				->igroup->group == group;
		if (found)
			break;
	}
	xa_unlock(&ictx->objects);
	return found;
}

/* The object */

/*
 * Destroy the vDEVICE of the device, which would keep its wait reference.
 * Other holders of a wait reference drop it by themselves.
 */
static void iommufd_device_pre_destroy(struct iommufd_object *obj)
{
	struct iommufd_device *idev =
		container_of(obj, struct iommufd_device, obj);
	struct iommufd_ctx *ictx = idev->ictx;
	struct iommufd_vdevice *vdev;

	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, obj, 0);
	mutex_lock(&idev->igroup->lock);
	/*
	 * destroying is set under the mutex, so that no vDEVICE is created
	 * after this check.
	 */
	idev->destroying = true;
	vdev = idev->vdev;
	/*
	 * A vDEVICE that has left the table is being destroyed: its destroy op
	 * is about to take this mutex, and drops the wait reference afterwards.
	 */
	if (vdev && iommufd_try_inc_users(ictx, &vdev->obj))
		vdev = NULL;
	mutex_unlock(&idev->igroup->lock);
	/*
	 * The mutex is not held here, because the destroy op of the vDEVICE
	 * takes it.
	 */
	if (vdev)
		iommufd_object_tombstone_user(ictx, &vdev->obj);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, obj, 0);
}

static void iommufd_device_destroy(struct iommufd_object *obj)
{
	struct iommufd_device *idev =
		container_of(obj, struct iommufd_device, obj);

	/* A bind that failed before it had the group has nothing to undo. */
	if (!idev->igroup)
		return;
	iommu_device_release_dma_owner(idev->dev);
	iommufd_put_group(idev->igroup);
	/* This comes last: it may drop the last reference to the context. */
	if (!iommufd_selftest_is_mock_dev(idev->dev))
		iommufd_ctx_put(idev->ictx);
}

const struct iommufd_object_ops iommufd_device_object_ops = {
	.pre_destroy = iommufd_device_pre_destroy,
	.destroy = iommufd_device_destroy,
};

static bool device_iommu_capable(struct device *dev, enum iommu_cap cap)
{
	return dev->iommu_dev && dev_iommu_ops(dev)->capable &&
	       dev_iommu_ops(dev)->capable(dev, cap);
}

static int iommufd_device_claim(struct iommufd_device *idev)
{
	struct iommufd_group *igroup;
	int rc;

	if (!device_iommu_capable(idev->dev, IOMMU_CAP_CACHE_COHERENCY))
		return -EINVAL;
	igroup = iommufd_get_group(idev->ictx, idev->dev);
	if (IS_ERR(igroup))
		return (int)PTR_ERR(igroup);
	rc = iommu_device_claim_dma_owner(idev->dev, idev->ictx);
	if (rc) {
		iommufd_put_group(igroup);
		return rc;
	}
	/*
	 * From now on the destroy op releases the group and the DMA ownership.
	 */
	idev->igroup = igroup;
	return 0;
}

struct iommufd_device *iommufd_device_bind(struct iommufd_ctx *ictx,
					   struct device *dev, u32 *id)
{
	struct iommufd_device *idev;
	int rc;

	idev = iommufd_object_alloc(ictx, idev, IOMMUFD_OBJ_DEVICE);
	if (IS_ERR(idev))
		return idev;
	INIT_LIST_HEAD(&idev->attach.item);
	idev->ictx = ictx;
	idev->dev = dev;
	rc = iommufd_device_claim(idev);
	if (rc) {
		iommufd_object_abort_and_destroy(ictx, &idev->obj);
		return ERR_PTR(rc);
	}
	idev->enforce_cache_coherency = device_iommu_capable(
		dev, IOMMU_CAP_ENFORCE_CACHE_COHERENCY);
	/*
	 * A mock device is unbound when the release of the context destroys its
	 * SELFTEST object.  If it held the context, that release would never
	 * begin.
	 */
	if (!iommufd_selftest_is_mock_dev(dev))
		iommufd_ctx_get(ictx);
	/* This reference belongs to the driver that binds, until unbind. */
	refcount_inc(&idev->obj.users);
	iommufd_object_finalize(ictx, &idev->obj);
	*id = idev->obj.id;
	return idev;
}

void iommufd_device_unbind(struct iommufd_device *idev)
{
	iommufd_object_destroy_user(idev->ictx, &idev->obj);
}

struct iommufd_ctx *iommufd_device_to_ictx(struct iommufd_device *idev)
{
	return idev->ictx;
}

u32 iommufd_device_to_id(struct iommufd_device *idev)
{
	return idev->obj.id;
}

/* Attachment to a HWPT */

/*
 * Find the attachment of @idev with @pasid.  If @idev is NULL, find the first
 * attachment with @pasid in the group.
 */
static struct iommufd_attach *
iommufd_find_attach(struct iommufd_group *igroup,
		    const struct iommufd_device *idev, ioasid_t pasid)
{
	struct iommufd_attach *attach;

	lockdep_assert_held(&igroup->lock);
	list_for_each_entry(attach, &igroup->attached, item)
		if (attach->pasid == pasid && (!idev || attach->idev == idev))
			return attach;
	return NULL;
}

/*
 * The notes tell the observer that the reference belongs to the device, not to
 * the object that this thread is creating or destroying.
 */
static void iommufd_device_get_hwpt(struct iommufd_device *idev,
				    struct iommufd_hw_pagetable *hwpt)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &idev->obj, 0);
	refcount_inc(&hwpt->obj.users);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &idev->obj, 0);
}

static void iommufd_device_put_hwpt(struct iommufd_device *idev,
				    struct iommufd_hw_pagetable *hwpt)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &idev->obj, 0);
	iommufd_hw_pagetable_put(idev->ictx, hwpt);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &idev->obj, 0);
}

/*
 * While a device of the group is attached with a PASID, all attachments of the
 * group must be to HWPTs that were made for PASIDs.
 */
static bool iommufd_pasid_compatible(struct iommufd_group *igroup,
				     const struct iommufd_hw_pagetable *hwpt,
				     ioasid_t pasid)
{
	struct iommufd_attach *attach;

	if (pasid != IOMMU_NO_PASID) {
		attach = iommufd_find_attach(igroup, NULL, IOMMU_NO_PASID);
		return hwpt->pasid_compat &&
		       (!attach || attach->hwpt->pasid_compat);
	}
	if (hwpt->pasid_compat)
		return true;
	list_for_each_entry(attach, &igroup->attached, item)
		if (attach->pasid != IOMMU_NO_PASID)
			return false;
	return true;
}

/*
 * Allocate the handle of an attachment to @hwpt.  Returns NULL if the
 * attachment needs none, and -EINVAL if the attachment is not allowed.
 */
static struct iommufd_attach_handle *
iommufd_attach_handle_alloc(struct iommufd_device *idev,
			    const struct iommufd_hw_pagetable *hwpt,
			    ioasid_t pasid)
{
	struct iommufd_attach_handle *handle;

	if (!iommufd_pasid_compatible(idev->igroup, hwpt, pasid))
		return ERR_PTR(-EINVAL);
	if (pasid == IOMMU_NO_PASID && !hwpt->fault)
		return NULL;
	handle = kzalloc(sizeof(*handle), GFP_KERNEL);
	if (!handle)
		return ERR_PTR(-ENOMEM);
	handle->idev = idev;
	return handle;
}

/*
 * Free a handle.  The driver reports no new page faults with @handle, but
 * faults that it reported earlier may be in the queue.
 */
static void iommufd_attach_handle_free(struct iommufd_hw_pagetable *hwpt,
				       struct iommufd_attach_handle *handle)
{
	if (!handle)
		return;
	/*
	 * R-EVQ-6: answer the faults in the queue of the HWPT that the device
	 * has left.
	 */
	iommufd_auto_response_faults(hwpt, handle);
	kfree(handle);
}

/*
 * Let the driver attach the group of @attach to @hwpt.  The group is not
 * attached to another HWPT with the same PASID.
 */
static int iommufd_driver_attach(struct iommufd_attach *attach,
				 struct iommufd_hw_pagetable *hwpt)
{
	struct iommufd_device *idev = attach->idev;
	struct iommu_group *group = idev->igroup->group;
	struct iommufd_attach_handle *handle;
	int rc;

	handle = iommufd_attach_handle_alloc(idev, hwpt, attach->pasid);
	if (IS_ERR(handle))
		return (int)PTR_ERR(handle);
	if (attach->pasid != IOMMU_NO_PASID)
		rc = iommu_attach_device_pasid(hwpt->domain, idev->dev,
					       attach->pasid, &handle->handle);
	else if (handle)
		rc = iommu_attach_group_handle(hwpt->domain, group,
					       &handle->handle);
	else
		rc = iommu_attach_group(hwpt->domain, group);
	if (rc)
		kfree(handle);
	else
		attach->handle = handle;
	return rc;
}

/*
 * Let the driver move the group of @attach to another HWPT.  @attach still has
 * the handle of the attachment to the old HWPT.
 */
static int iommufd_driver_replace(struct iommufd_attach *attach,
				  struct iommufd_hw_pagetable *hwpt)
{
	struct iommufd_device *idev = attach->idev;
	struct iommu_group *group = idev->igroup->group;
	struct iommufd_attach_handle *handle;
	int rc;

	handle = iommufd_attach_handle_alloc(idev, hwpt, attach->pasid);
	if (IS_ERR(handle))
		return (int)PTR_ERR(handle);
	if (attach->pasid != IOMMU_NO_PASID)
		rc = iommu_replace_device_pasid(hwpt->domain, idev->dev,
						attach->pasid, &handle->handle);
	else if (handle || attach->handle)
		rc = iommu_replace_group_handle(
			group, hwpt->domain, handle ? &handle->handle : NULL);
	else
		rc = iommu_replace_group(group, hwpt->domain);
	if (rc) {
		kfree(handle);
		return rc;
	}
	iommufd_attach_handle_free(attach->hwpt, attach->handle);
	attach->handle = handle;
	return 0;
}

static void iommufd_driver_detach(struct iommufd_attach *attach)
{
	struct iommu_domain *domain = attach->hwpt->domain;
	struct iommu_group *group = attach->idev->igroup->group;

	if (attach->pasid != IOMMU_NO_PASID)
		iommu_detach_device_pasid(domain, attach->idev->dev,
					  attach->pasid);
	else if (attach->handle)
		iommu_detach_group_handle(domain, group);
	else
		iommu_detach_group(domain, group);
	iommufd_attach_handle_free(attach->hwpt, attach->handle);
	attach->handle = NULL;
}

/*
 * Make the struct of an attachment.  The one for an attachment without a PASID
 * is a member of the device.
 */
static struct iommufd_attach *iommufd_attach_alloc(struct iommufd_device *idev,
						   ioasid_t pasid)
{
	struct iommufd_attach *attach = &idev->attach;

	if (pasid != IOMMU_NO_PASID)
		attach = kzalloc(sizeof(*attach), GFP_KERNEL);
	if (!attach)
		return ERR_PTR(-ENOMEM);
	attach->idev = idev;
	attach->pasid = pasid;
	return attach;
}

static void iommufd_attach_free(struct iommufd_attach *attach)
{
	if (attach->pasid != IOMMU_NO_PASID)
		kfree(attach);
}

static int iommufd_group_attach(struct iommufd_device *idev, ioasid_t pasid,
				struct iommufd_hw_pagetable *hwpt)
{
	struct iommufd_group *igroup = idev->igroup;
	struct iommufd_attach *attach, *first;
	int rc = 0;

	if (iommufd_find_attach(igroup, idev, pasid))
		return -EBUSY;
	first = iommufd_find_attach(igroup, NULL, pasid);
	if (first && first->hwpt != hwpt)
		return -EINVAL;
	attach = iommufd_attach_alloc(idev, pasid);
	if (IS_ERR(attach))
		return (int)PTR_ERR(attach);
	if (!first)
		rc = iommufd_driver_attach(attach, hwpt);
	if (rc) {
		iommufd_attach_free(attach);
		return rc;
	}
	attach->hwpt = hwpt;
	iommufd_device_get_hwpt(idev, hwpt);
	list_add_tail(&attach->item, &igroup->attached);
	return 0;
}

/*
 * Attach @idev to @hwpt, which takes a users reference to @hwpt (R-DEVICE-6).
 * Fails with -EBUSY if @idev is attached with this PASID, with -EINVAL if its
 * group is attached to another HWPT or if the PASID does not go with the HWPTs,
 * or with the error of the driver.
 */
int iommufd_hw_pagetable_attach(struct iommufd_hw_pagetable *hwpt,
				struct iommufd_device *idev, ioasid_t pasid)
{
	int rc;

	mutex_lock(&idev->igroup->lock);
	rc = iommufd_group_attach(idev, pasid, hwpt);
	mutex_unlock(&idev->igroup->lock);
	return rc;
}

/* Undo an attachment that was already removed from the list of its group. */
static void iommufd_group_detach(struct iommufd_group *igroup,
				 struct iommufd_attach *attach)
{
	struct iommufd_attach *first;

	first = iommufd_find_attach(igroup, NULL, attach->pasid);
	if (!first) {
		iommufd_driver_detach(attach);
	} else if (attach->handle) {
		first->handle = attach->handle;
		first->handle->idev = first->idev;
		attach->handle = NULL;
	}
	iommufd_attach_free(attach);
}

/*
 * Detach @idev.  Returns the HWPT, together with the device's reference to it,
 * or NULL if @idev was not attached.
 */
struct iommufd_hw_pagetable *
iommufd_hw_pagetable_detach(struct iommufd_device *idev, ioasid_t pasid)
{
	struct iommufd_group *igroup = idev->igroup;
	struct iommufd_hw_pagetable *hwpt = NULL;
	struct iommufd_attach *attach;

	mutex_lock(&igroup->lock);
	attach = iommufd_find_attach(igroup, idev, pasid);
	if (attach) {
		hwpt = attach->hwpt;
		list_del_init(&attach->item);
		iommufd_group_detach(igroup, attach);
	}
	mutex_unlock(&igroup->lock);
	return hwpt;
}

/*
 * Move all devices of the group that are attached with @pasid to @hwpt.  If
 * *@old_hwpt is set, the caller has to drop the reference that @idev holds to
 * it.
 */
static int iommufd_group_replace(struct iommufd_device *idev, ioasid_t pasid,
				 struct iommufd_hw_pagetable *hwpt,
				 struct iommufd_hw_pagetable **old_hwpt)
{
	struct iommufd_group *igroup = idev->igroup;
	struct iommufd_attach *attach;
	struct iommufd_hw_pagetable *old;
	int rc;

	/*
	 * A detached device has no reference to the old HWPT that could be
	 * dropped.
	 */
	if (!iommufd_find_attach(igroup, idev, pasid))
		return -EINVAL;
	attach = iommufd_find_attach(igroup, NULL, pasid);
	old = attach->hwpt;
	if (hwpt == old)
		return 0;
	rc = iommufd_driver_replace(attach, hwpt);
	if (rc)
		return rc;
	list_for_each_entry(attach, &igroup->attached, item) {
		if (attach->pasid != pasid)
			continue;
		attach->hwpt = hwpt;
		iommufd_device_get_hwpt(attach->idev, hwpt);
		if (attach->idev == idev)
			continue;
		/*
		 * This is not the last reference, since @idev still has its
		 * own.
		 */
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &attach->idev->obj,
				   0);
		refcount_dec(&old->obj.users);
		iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END,
				   &attach->idev->obj, 0);
	}
	*old_hwpt = old;
	return 0;
}

/*
 * Drop the reference of an attachment.  An automatic HWPT is destroyed with its
 * last attachment, so the caller holds neither ioas->mutex nor the lock of the
 * group.
 */
void iommufd_hw_pagetable_put(struct iommufd_ctx *ictx,
			      struct iommufd_hw_pagetable *hwpt)
{
	struct iommufd_hwpt_paging *hwpt_paging;

	if (hwpt->obj.type == IOMMUFD_OBJ_HWPT_PAGING) {
		hwpt_paging = container_of(hwpt, struct iommufd_hwpt_paging,
					   common);
		if (hwpt_paging->auto_domain) {
			lockdep_assert_not_held(&hwpt_paging->ioas->mutex);
			iommufd_object_put_and_try_destroy(ictx, &hwpt->obj);
			return;
		}
	}
	refcount_dec(&hwpt->obj.users);
}

/* Attach, replace and detach for drivers */

/*
 * struct change - an attach or a replace that is running
 * @old: the HWPT that was replaced; the reference that @idev holds to it is
 *	dropped when no lock is held
 */
struct change {
	struct iommufd_device *idev;
	ioasid_t pasid;
	bool replace;
	struct iommufd_hw_pagetable *old;
};

static int change_to(struct change *change, struct iommufd_hw_pagetable *hwpt)
{
	struct iommufd_device *idev = change->idev;
	int rc;

	if (!change->replace)
		return iommufd_hw_pagetable_attach(hwpt, idev, change->pasid);
	mutex_lock(&idev->igroup->lock);
	rc = iommufd_group_replace(idev, change->pasid, hwpt, &change->old);
	mutex_unlock(&idev->igroup->lock);
	return rc;
}

/*
 * Attach to an automatic HWPT that @ioas already has.  Returns -EINVAL if none
 * is suitable.
 */
static int change_to_shared(struct change *change, struct iommufd_ioas *ioas,
			    u32 *pt_id)
{
	struct iommufd_ctx *ictx = change->idev->ictx;
	struct iommufd_hwpt_paging *hwpt_paging;
	int rc;

	lockdep_assert_held(&ioas->mutex);
	list_for_each_entry(hwpt_paging, &ioas->hwpt_list, hwpt_item) {
		struct iommufd_object *obj = &hwpt_paging->common.obj;

		/*
		 * The mutex keeps the HWPT from being freed.  Nobody removes a
		 * HWPT with REMOVE_WAIT, so wait_cnt is not 0 unless users is,
		 * and iommufd_lock_obj() never has to drop users again.
		 */
		if (!hwpt_paging->auto_domain || !iommufd_lock_obj(obj))
			continue;
		rc = change_to(change, &hwpt_paging->common);
		if (!rc)
			*pt_id = obj->id;
		iommufd_put_object(ictx, obj);
		if (rc != -EINVAL)
			return rc;
	}
	return -EINVAL;
}

static int change_to_new(struct change *change, struct iommufd_ioas *ioas,
			 u32 *pt_id)
{
	struct iommufd_device *idev = change->idev;
	struct iommufd_hwpt_paging *hwpt_paging;
	int rc;

	lockdep_assert_held(&ioas->mutex);
	hwpt_paging = iommufd_hwpt_paging_alloc(idev->ictx, ioas, idev,
						change->pasid, 0,
						!change->replace, NULL);
	if (IS_ERR(hwpt_paging))
		return (int)PTR_ERR(hwpt_paging);
	if (change->replace) {
		rc = change_to(change, &hwpt_paging->common);
		if (rc) {
			iommufd_object_abort_and_destroy(
				idev->ictx, &hwpt_paging->common.obj);
			return rc;
		}
	}
	hwpt_paging->auto_domain = true;
	*pt_id = hwpt_paging->common.obj.id;
	iommufd_object_finalize(idev->ictx, &hwpt_paging->common.obj);
	return 0;
}

static int change_to_auto(struct change *change, struct iommufd_ioas *ioas,
			  u32 *pt_id)
{
	int rc;

	mutex_lock(&ioas->mutex);
	rc = change_to_shared(change, ioas, pt_id);
	if (rc == -EINVAL)
		rc = change_to_new(change, ioas, pt_id);
	mutex_unlock(&ioas->mutex);
	return rc;
}

static int iommufd_device_change_pt(struct iommufd_device *idev,
				    ioasid_t pasid, bool replace, u32 *pt_id)
{
	struct change change = {
		.idev = idev, .pasid = pasid, .replace = replace,
	};
	struct iommufd_object *pt_obj;
	int rc;

	pt_obj = iommufd_get_object(idev->ictx, *pt_id, IOMMUFD_OBJ_ANY);
	if (IS_ERR(pt_obj))
		return (int)PTR_ERR(pt_obj);
	switch (pt_obj->type) {
	case IOMMUFD_OBJ_HWPT_NESTED:
	case IOMMUFD_OBJ_HWPT_PAGING:
		rc = change_to(&change, container_of(pt_obj,
				       struct iommufd_hw_pagetable, obj));
		break;
	case IOMMUFD_OBJ_IOAS:
		rc = change_to_auto(&change,
				    container_of(pt_obj, struct iommufd_ioas,
						 obj), pt_id);
		break;
	default:
		rc = -EINVAL;
	}
	iommufd_put_object(idev->ictx, pt_obj);
	if (change.old)
		iommufd_device_put_hwpt(idev, change.old);
	return rc;
}

int iommufd_device_attach(struct iommufd_device *idev, ioasid_t pasid,
			  u32 *pt_id)
{
	int rc = iommufd_device_change_pt(idev, pasid, false, pt_id);

	/* This reference belongs to the attachment, until detach. */
	if (!rc)
		refcount_inc(&idev->obj.users);
	return rc;
}

int iommufd_device_replace(struct iommufd_device *idev, ioasid_t pasid,
			   u32 *pt_id)
{
	return iommufd_device_change_pt(idev, pasid, true, pt_id);
}

void iommufd_device_detach(struct iommufd_device *idev, ioasid_t pasid)
{
	struct iommufd_hw_pagetable *hwpt;

	hwpt = iommufd_hw_pagetable_detach(idev, pasid);
	if (!hwpt)
		return;
	iommufd_device_put_hwpt(idev, hwpt);
	refcount_dec(&idev->obj.users);
}

/* Information about a device */

/*
 * Copy at most *@len bytes of the driver's description to @uptr and fill the
 * rest of the user's buffer with zeros.  *@len is set to the real length.
 */
static int copy_hw_info(const void *info, u32 info_len, void __user *uptr,
			u32 *len)
{
	u32 copied = *len < info_len ? *len : info_len;
	u32 rest = *len - copied;

	*len = info_len;
	if (copy_to_user(uptr, info, copied))
		return -EFAULT;
	/*
	 * Add integers: the address may be NULL, and no offset may be added to
	 * a null pointer.
	 */
	return clear_user((void __user *)((uintptr_t)uptr + copied), rest) ?
		       -EFAULT : 0;
}

static int iommufd_device_hw_info(struct device *dev,
				  struct iommu_hw_info *cmd)
{
	u32 len = 0, type = IOMMU_HW_INFO_TYPE_DEFAULT;
	void *info = NULL;
	int rc;

	if (cmd->flags & IOMMU_HW_INFO_FLAG_INPUT_TYPE)
		type = cmd->in_data_type;
	if (dev_iommu_ops(dev)->hw_info) {
		info = dev_iommu_ops(dev)->hw_info(dev, &len, &type);
		if (IS_ERR(info))
			return (int)PTR_ERR(info);
		/* A driver that has a description must set its type. */
		if (WARN_ON_ONCE(type == IOMMU_HW_INFO_TYPE_NONE)) {
			kfree(info);
			return -EOPNOTSUPP;
		}
	} else {
		type = IOMMU_HW_INFO_TYPE_NONE;
	}
	cmd->out_data_type = type;
	rc = copy_hw_info(info, len, u64_to_user_ptr(cmd->data_uptr),
			  &cmd->data_len);
	kfree(info);
	return rc;
}

static u8 log2_of(u32 n)
{
	return n ? (u8)(31 - __builtin_clz(n)) : 0;
}

/* R-DEVICE-9 */
int iommufd_get_hw_info(struct iommufd_ucmd *ucmd)
{
	struct iommu_hw_info *cmd = ucmd->cmd;
	struct iommufd_device *idev;
	struct device *dev;
	int rc;

	if ((cmd->flags & ~(u32)IOMMU_HW_INFO_FLAG_INPUT_TYPE) ||
	    cmd->__reserved[0] || cmd->__reserved[1] || cmd->__reserved[2])
		return -EOPNOTSUPP;
	idev = iommufd_model_get(ucmd->ictx, cmd->dev_id, IOMMUFD_OBJ_DEVICE,
				 iommufd_device);
	if (IS_ERR(idev))
		return (int)PTR_ERR(idev);
	dev = idev->dev;
	rc = iommufd_device_hw_info(dev, cmd);
	if (rc)
		goto out_put;
	cmd->out_capabilities = 0;
	if (device_iommu_capable(dev, IOMMU_CAP_DIRTY_TRACKING))
		cmd->out_capabilities |= IOMMU_HW_CAP_DIRTY_TRACKING;
	if (!device_iommu_capable(dev, IOMMU_CAP_PCI_ATS_SUPPORTED))
		cmd->out_capabilities |= IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED;
	cmd->out_max_pasid_log2 = log2_of(dev->max_pasids);
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
out_put:
	iommufd_put_object(ucmd->ictx, &idev->obj);
	return rc;
}
