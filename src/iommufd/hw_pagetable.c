// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * HWPT: a page table of an IOMMU.
 *
 * A paging HWPT maps what an IOAS maps, and holds a users reference to the
 * IOAS.  A nested HWPT is the page table of a guest, on top of a paging HWPT
 * that was made to be a nest parent.  It holds a users reference to its parent
 * or, if it was made on a vIOMMU, to the vIOMMU, which in turn holds the
 * parent.  Each attached device holds a users reference to the HWPT.
 *
 * A paging HWPT is on the list of its IOAS, and its domain is one of the
 * domains of the IOAS, before it can be looked up.  ioas->mutex is held from
 * its allocation until it is published or undone, so that nobody finds an
 * incomplete one on the list.  The undo therefore runs with that mutex held, in
 * an abort op, while the destroy op takes the mutex itself.
 *
 * The lock order is ioas->mutex, then the lock of the group and the locks of
 * the iopt.
 */
#include "internal.h"

static void iommufd_hwpt_free_domain(struct iommufd_hw_pagetable *hwpt)
{
	if (hwpt->domain)
		iommu_domain_free(hwpt->domain);
	if (hwpt->fault)
		refcount_dec(&hwpt->fault->common.obj.users);
}

static struct iommufd_hwpt_paging *obj_to_paging(struct iommufd_object *obj)
{
	return container_of(obj, struct iommufd_hwpt_paging, common.obj);
}

static void iommufd_hwpt_paging_destroy(struct iommufd_object *obj)
{
	struct iommufd_hwpt_paging *hwpt_paging = obj_to_paging(obj);
	struct iommufd_ioas *ioas = hwpt_paging->ioas;

	/* The HWPT was published, so it is on the list. */
	mutex_lock(&ioas->mutex);
	list_del_init(&hwpt_paging->hwpt_item);
	mutex_unlock(&ioas->mutex);
	iopt_table_remove_domain(&ioas->iopt, hwpt_paging->common.domain);
	iommufd_hwpt_free_domain(&hwpt_paging->common);
	/*
	 * This comes last, because the reference keeps the IOAS and its locks
	 * alive.
	 */
	refcount_dec(&ioas->obj.users);
}

static void iommufd_hwpt_paging_abort(struct iommufd_object *obj)
{
	struct iommufd_hwpt_paging *hwpt_paging = obj_to_paging(obj);
	struct iommufd_ioas *ioas = hwpt_paging->ioas;

	lockdep_assert_held(&ioas->mutex);
	/*
	 * The HWPT is on the list if, and only if, its domain has been added to
	 * the iopt.
	 */
	if (!list_empty(&hwpt_paging->hwpt_item)) {
		list_del_init(&hwpt_paging->hwpt_item);
		iopt_table_remove_domain(&ioas->iopt,
					 hwpt_paging->common.domain);
	}
	iommufd_hwpt_free_domain(&hwpt_paging->common);
	refcount_dec(&ioas->obj.users);
}

const struct iommufd_object_ops iommufd_hwpt_paging_object_ops = {
	.destroy = iommufd_hwpt_paging_destroy,
	.abort = iommufd_hwpt_paging_abort,
};

static void iommufd_hwpt_nested_destroy(struct iommufd_object *obj)
{
	struct iommufd_hwpt_nested *hwpt_nested =
		container_of(obj, struct iommufd_hwpt_nested, common.obj);

	iommufd_hwpt_free_domain(&hwpt_nested->common);
	/*
	 * A HWPT on a vIOMMU holds the vIOMMU, and the vIOMMU holds the parent.
	 */
	if (hwpt_nested->viommu)
		refcount_dec(&hwpt_nested->viommu->obj.users);
	else
		refcount_dec(&hwpt_nested->parent->common.obj.users);
}

static void iommufd_hwpt_nested_abort(struct iommufd_object *obj)
{
	iommufd_hwpt_nested_destroy(obj);
}

const struct iommufd_object_ops iommufd_hwpt_nested_object_ops = {
	.destroy = iommufd_hwpt_nested_destroy,
	.abort = iommufd_hwpt_nested_abort,
};

/*
 * Store the domain that the driver has returned, which may be an error pointer.
 */
static int iommufd_hwpt_set_domain(struct iommufd_hw_pagetable *hwpt,
				   struct iommu_domain *domain,
				   const struct iommu_ops *owner)
{
	if (IS_ERR(domain))
		return (int)PTR_ERR(domain);
	domain->owner = owner;
	domain->iommufd_hwpt = hwpt;
	hwpt->domain = domain;
	return 0;
}

/* Paging */

static int iommufd_hwpt_paging_check(struct iommufd_device *idev, u32 flags)
{
	const u32 valid_flags = IOMMU_HWPT_ALLOC_NEST_PARENT |
				IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
				IOMMU_HWPT_FAULT_ID_VALID |
				IOMMU_HWPT_ALLOC_PASID;
	const struct iommu_ops *ops;

	if (WARN_ON_ONCE(!idev->dev->iommu_dev || !idev->dev->iommu_dev->ops))
		return -ENODEV;
	ops = dev_iommu_ops(idev->dev);
	if (!ops->domain_alloc_paging_flags || (flags & ~valid_flags))
		return -EOPNOTSUPP;
	if ((flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) &&
	    !(ops->capable &&
	      ops->capable(idev->dev, IOMMU_CAP_DIRTY_TRACKING)))
		return -EOPNOTSUPP;
	if ((flags & IOMMU_HWPT_FAULT_ID_VALID) &&
	    (flags & IOMMU_HWPT_ALLOC_NEST_PARENT))
		return -EOPNOTSUPP;
	return 0;
}

static int iommufd_hwpt_enforce_cc(struct iommufd_hwpt_paging *hwpt_paging)
{
	struct iommu_domain *domain = hwpt_paging->common.domain;

	hwpt_paging->enforce_cache_coherency =
		domain->ops->enforce_cache_coherency &&
		domain->ops->enforce_cache_coherency(domain);
	return hwpt_paging->enforce_cache_coherency ? 0 : -EINVAL;
}

/* Undo a successful attach, if the creation of the HWPT fails afterwards. */
static void iommufd_hwpt_undo_attach(struct iommufd_ctx *ictx,
				     struct iommufd_device *idev,
				     ioasid_t pasid)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &idev->obj, 0);
	iommufd_hw_pagetable_put(ictx,
				 iommufd_hw_pagetable_detach(idev, pasid));
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &idev->obj, 0);
}

/* Do the steps of an allocation that can fail once the object exists. */
static int iommufd_hwpt_paging_fill(struct iommufd_ctx *ictx,
				    struct iommufd_hwpt_paging *hwpt_paging,
				    struct iommufd_device *idev,
				    ioasid_t pasid, u32 flags,
				    bool immediate_attach,
				    const struct iommu_user_data *user_data)
{
	const struct iommu_ops *ops = dev_iommu_ops(idev->dev);
	struct iommufd_hw_pagetable *hwpt = &hwpt_paging->common;
	struct iommufd_ioas *ioas = hwpt_paging->ioas;
	int rc;

	rc = iommufd_hwpt_set_domain(
		hwpt,
		ops->domain_alloc_paging_flags(
			idev->dev, flags & ~(u32)IOMMU_HWPT_FAULT_ID_VALID,
			user_data),
		ops);
	if (rc)
		return rc;
	if (idev->enforce_cache_coherency) {
		rc = iommufd_hwpt_enforce_cc(hwpt_paging);
		if (WARN_ON(rc))
			return rc;
	}
	/*
	 * With some hardware the device must be attached before anything is
	 * mapped.
	 */
	if (immediate_attach) {
		rc = iommufd_hw_pagetable_attach(hwpt, idev, pasid);
		if (rc)
			return rc;
	}
	rc = iopt_table_add_domain(&ioas->iopt, hwpt->domain);
	if (rc && immediate_attach)
		iommufd_hwpt_undo_attach(ictx, idev, pasid);
	if (rc)
		return rc;
	list_add_tail(&hwpt_paging->hwpt_item, &ioas->hwpt_list);
	return 0;
}

/*
 * Create a paging HWPT on @ioas (R-HWPT-1).  With @immediate_attach, @idev is
 * attached to it, and users is 2.  The caller holds ioas->mutex until the HWPT
 * is published or undone.
 */
struct iommufd_hwpt_paging *
iommufd_hwpt_paging_alloc(struct iommufd_ctx *ictx, struct iommufd_ioas *ioas,
			  struct iommufd_device *idev, ioasid_t pasid,
			  u32 flags, bool immediate_attach,
			  const struct iommu_user_data *user_data)
{
	struct iommufd_hwpt_paging *hwpt_paging;
	int rc;

	lockdep_assert_held(&ioas->mutex);
	rc = iommufd_hwpt_paging_check(idev, flags);
	if (rc)
		return ERR_PTR(rc);
	hwpt_paging = __iommufd_object_alloc(
		ictx, hwpt_paging, IOMMUFD_OBJ_HWPT_PAGING, common.obj);
	if (IS_ERR(hwpt_paging))
		return hwpt_paging;
	INIT_LIST_HEAD(&hwpt_paging->hwpt_item);
	hwpt_paging->common.pasid_compat = !!(flags & IOMMU_HWPT_ALLOC_PASID);
	hwpt_paging->nest_parent = !!(flags & IOMMU_HWPT_ALLOC_NEST_PARENT);
	/* This reference belongs to the HWPT, until its abort or destroy op. */
	refcount_inc(&ioas->obj.users);
	hwpt_paging->ioas = ioas;

	rc = iommufd_hwpt_paging_fill(ictx, hwpt_paging, idev, pasid, flags,
				      immediate_attach, user_data);
	if (rc) {
		iommufd_object_abort_and_destroy(ictx,
						 &hwpt_paging->common.obj);
		return ERR_PTR(rc);
	}
	return hwpt_paging;
}

/* Nested */

static bool nested_args_ok(u32 flags, const struct iommu_user_data *user_data)
{
	return user_data && !(flags & ~(u32)(IOMMU_HWPT_FAULT_ID_VALID |
					     IOMMU_HWPT_ALLOC_PASID));
}

static struct iommufd_hwpt_nested *
iommufd_hwpt_nested_new(struct iommufd_ctx *ictx, u32 flags)
{
	struct iommufd_hwpt_nested *hwpt_nested;

	hwpt_nested = __iommufd_object_alloc(
		ictx, hwpt_nested, IOMMUFD_OBJ_HWPT_NESTED, common.obj);
	if (!IS_ERR(hwpt_nested))
		hwpt_nested->common.pasid_compat =
			!!(flags & IOMMU_HWPT_ALLOC_PASID);
	return hwpt_nested;
}

/*
 * Store the domain of the driver in the HWPT, or undo the HWPT if that fails.
 */
static struct iommufd_hwpt_nested *
iommufd_hwpt_nested_finish(struct iommufd_ctx *ictx,
			   struct iommufd_hwpt_nested *hwpt_nested,
			   struct iommu_domain *domain,
			   const struct iommu_ops *owner)
{
	int rc = iommufd_hwpt_set_domain(&hwpt_nested->common, domain, owner);

	if (!rc && WARN_ON_ONCE(domain->type != IOMMU_DOMAIN_NESTED))
		rc = -EOPNOTSUPP;
	if (!rc)
		return hwpt_nested;
	iommufd_object_abort_and_destroy(ictx, &hwpt_nested->common.obj);
	return ERR_PTR(rc);
}

/* R-HWPT-3 */
static struct iommufd_hwpt_nested *
iommufd_hwpt_nested_alloc(struct iommufd_ctx *ictx,
			  struct iommufd_hwpt_paging *parent,
			  struct iommufd_device *idev, u32 flags,
			  const struct iommu_user_data *user_data)
{
	const struct iommu_ops *ops = dev_iommu_ops(idev->dev);
	struct iommufd_hwpt_nested *hwpt_nested;

	if (!nested_args_ok(flags, user_data) || !ops->domain_alloc_nested)
		return ERR_PTR(-EOPNOTSUPP);
	if (parent->auto_domain || !parent->nest_parent ||
	    parent->common.domain->owner != ops)
		return ERR_PTR(-EINVAL);
	hwpt_nested = iommufd_hwpt_nested_new(ictx, flags);
	if (IS_ERR(hwpt_nested))
		return hwpt_nested;
	refcount_inc(&parent->common.obj.users);
	hwpt_nested->parent = parent;
	return iommufd_hwpt_nested_finish(
		ictx, hwpt_nested,
		ops->domain_alloc_nested(
			idev->dev, parent->common.domain,
			flags & ~(u32)IOMMU_HWPT_FAULT_ID_VALID, user_data),
		ops);
}

/* R-HWPT-4 */
static struct iommufd_hwpt_nested *
iommufd_viommu_alloc_hwpt_nested(struct iommufd_viommu *viommu,
				 struct iommufd_device *idev, u32 flags,
				 const struct iommu_user_data *user_data)
{
	struct iommufd_hwpt_nested *hwpt_nested;

	if (idev->dev->iommu_dev != viommu->iommu_dev)
		return ERR_PTR(-EINVAL);
	if (!nested_args_ok(flags, user_data) ||
	    !viommu->ops->alloc_domain_nested)
		return ERR_PTR(-EOPNOTSUPP);
	hwpt_nested = iommufd_hwpt_nested_new(viommu->ictx, flags);
	if (IS_ERR(hwpt_nested))
		return hwpt_nested;
	/* The parent needs no reference: the vIOMMU holds it. */
	refcount_inc(&viommu->obj.users);
	hwpt_nested->viommu = viommu;
	hwpt_nested->parent = viommu->hwpt;
	return iommufd_hwpt_nested_finish(
		viommu->ictx, hwpt_nested,
		viommu->ops->alloc_domain_nested(
			viommu, flags & ~(u32)IOMMU_HWPT_FAULT_ID_VALID,
			user_data),
		viommu->iommu_dev->ops);
}

/* Invalidation */

/* The largest number of entries in one request */
#define INVALIDATE_MAX_ENTRIES (1u << 19)

/*
 * Pass @array to the driver of @pt_obj.  *@done is set to the number of entries
 * that the driver has handled, even if it failed at the next one.
 */
static int iommufd_invalidate_object(struct iommufd_object *pt_obj,
				     struct iommu_user_data_array *array,
				     u32 *done)
{
	const struct iommufd_hw_pagetable *hwpt;
	struct iommufd_viommu *viommu;
	int rc;

	switch (pt_obj->type) {
	case IOMMUFD_OBJ_HWPT_NESTED:
		hwpt = container_of(pt_obj, struct iommufd_hw_pagetable, obj);
		if (!hwpt->domain->ops->cache_invalidate_user)
			return -EOPNOTSUPP;
		rc = hwpt->domain->ops->cache_invalidate_user(hwpt->domain,
							      array);
		break;
	case IOMMUFD_OBJ_VIOMMU:
		viommu = container_of(pt_obj, struct iommufd_viommu, obj);
		if (!viommu->ops->cache_invalidate)
			return -EOPNOTSUPP;
		rc = viommu->ops->cache_invalidate(viommu, array);
		break;
	default:
		return -EINVAL;
	}
	*done = array->entry_num;
	return rc;
}

/* R-HWPT-8 */
static int iommufd_invalidate(struct iommufd_ctx *ictx,
			      const struct iommu_hwpt_invalidate *cmd,
			      u32 *done)
{
	struct iommu_user_data_array array = {
		.type = cmd->data_type,
		.uptr = u64_to_user_ptr(cmd->data_uptr),
		.entry_len = cmd->entry_len,
		.entry_num = cmd->entry_num,
	};
	struct iommufd_object *pt_obj;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	if (cmd->entry_num &&
	    (!cmd->data_uptr || !cmd->entry_len || cmd->entry_len > PAGE_SIZE ||
	     cmd->entry_num > INVALIDATE_MAX_ENTRIES))
		return -EINVAL;
	pt_obj = iommufd_get_object(ictx, cmd->hwpt_id, IOMMUFD_OBJ_ANY);
	if (IS_ERR(pt_obj))
		return (int)PTR_ERR(pt_obj);
	rc = iommufd_invalidate_object(pt_obj, &array, done);
	iommufd_put_object(ictx, pt_obj);
	return rc;
}

int iommufd_hwpt_invalidate(struct iommufd_ucmd *ucmd)
{
	struct iommu_hwpt_invalidate *cmd = ucmd->cmd;
	u32 done = 0;
	int rc;

	rc = iommufd_invalidate(ucmd->ictx, cmd, &done);
	/* From this number user space knows which entry was wrong. */
	cmd->entry_num = done;
	return iommufd_ucmd_respond(ucmd, sizeof(*cmd)) ? -EFAULT : rc;
}

/* The ioctl */

static struct iommufd_hw_pagetable *
iommufd_hwpt_alloc_on(struct iommufd_ucmd *ucmd, struct iommufd_object *pt_obj,
		      struct iommufd_device *idev)
{
	struct iommu_hwpt_alloc *cmd = ucmd->cmd;
	const struct iommu_user_data data = {
		.type = cmd->data_type,
		.uptr = u64_to_user_ptr(cmd->data_uptr),
		.len = cmd->data_len,
	};
	const struct iommu_user_data *user_data = data.len ? &data : NULL;
	void *hwpt;

	/* Every kind of HWPT begins with the common part. */
	switch (pt_obj->type) {
	case IOMMUFD_OBJ_IOAS:
		hwpt = iommufd_hwpt_paging_alloc(
			ucmd->ictx,
			container_of(pt_obj, struct iommufd_ioas, obj), idev,
			IOMMU_NO_PASID, cmd->flags, false, user_data);
		break;
	case IOMMUFD_OBJ_HWPT_PAGING:
		hwpt = iommufd_hwpt_nested_alloc(ucmd->ictx,
						 obj_to_paging(pt_obj), idev,
						 cmd->flags, user_data);
		break;
	case IOMMUFD_OBJ_VIOMMU:
		hwpt = iommufd_viommu_alloc_hwpt_nested(
			container_of(pt_obj, struct iommufd_viommu, obj), idev,
			cmd->flags, user_data);
		break;
	default:
		hwpt = ERR_PTR(-EINVAL);
	}
	return hwpt;
}

static int iommufd_hwpt_set_fault(struct iommufd_ctx *ictx,
				  struct iommufd_hw_pagetable *hwpt,
				  u32 fault_id)
{
	struct iommufd_fault *fault;

	fault = iommufd_model_get(ictx, fault_id, IOMMUFD_OBJ_FAULT,
				  iommufd_fault);
	if (IS_ERR(fault))
		return (int)PTR_ERR(fault);
	/* This reference belongs to the HWPT, until its domain is freed. */
	refcount_inc(&fault->common.obj.users);
	hwpt->fault = fault;
	/*
	 * The handler is set before the HWPT is published, so before anything
	 * is attached.
	 */
	hwpt->domain->iopf_handler = iommufd_fault_iopf_handler;
	iommufd_put_object(ictx, &fault->common.obj);
	return 0;
}

/*
 * Allocate, complete and publish a HWPT, or undo everything.  ioas->mutex is
 * held if the HWPT is made on an IOAS.
 */
static int iommufd_hwpt_make(struct iommufd_ucmd *ucmd,
			     struct iommufd_object *pt_obj,
			     struct iommufd_device *idev)
{
	struct iommu_hwpt_alloc *cmd = ucmd->cmd;
	struct iommufd_hw_pagetable *hwpt;
	int rc = 0;

	hwpt = iommufd_hwpt_alloc_on(ucmd, pt_obj, idev);
	if (IS_ERR(hwpt))
		return (int)PTR_ERR(hwpt);
	if (cmd->flags & IOMMU_HWPT_FAULT_ID_VALID)
		rc = iommufd_hwpt_set_fault(ucmd->ictx, hwpt, cmd->fault_id);
	if (rc)
		goto out_abort;
	cmd->out_hwpt_id = hwpt->obj.id;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		goto out_abort;
	iommufd_object_finalize(ucmd->ictx, &hwpt->obj);
	return 0;

out_abort:
	iommufd_object_abort_and_destroy(ucmd->ictx, &hwpt->obj);
	return rc;
}

int iommufd_hwpt_alloc(struct iommufd_ucmd *ucmd)
{
	struct iommu_hwpt_alloc *cmd = ucmd->cmd;
	struct iommufd_object *pt_obj;
	struct iommufd_device *idev;
	struct mutex *lock = NULL;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	if ((cmd->data_type == IOMMU_HWPT_DATA_NONE) != !cmd->data_len)
		return -EINVAL;
	idev = iommufd_model_get(ucmd->ictx, cmd->dev_id, IOMMUFD_OBJ_DEVICE,
				 iommufd_device);
	if (IS_ERR(idev))
		return (int)PTR_ERR(idev);
	pt_obj = iommufd_get_object(ucmd->ictx, cmd->pt_id, IOMMUFD_OBJ_ANY);
	if (IS_ERR(pt_obj)) {
		rc = -EINVAL;
		goto out_put_idev;
	}
	/*
	 * A HWPT that is made on an IOAS is put on the list of the IOAS before
	 * it is published.
	 */
	if (pt_obj->type == IOMMUFD_OBJ_IOAS)
		lock = &container_of(pt_obj, struct iommufd_ioas, obj)->mutex;
	if (lock)
		mutex_lock(lock);
	rc = iommufd_hwpt_make(ucmd, pt_obj, idev);
	if (lock)
		mutex_unlock(lock);
	iommufd_put_object(ucmd->ictx, pt_obj);
out_put_idev:
	iommufd_put_object(ucmd->ictx, &idev->obj);
	return rc;
}
