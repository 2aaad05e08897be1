// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Page faults of devices.
 *
 * A device that is prepared for faults has a struct iommu_fault_param.  A fault
 * goes through these places:
 *
 *	reported -> partial list, until the last one of its group is reported
 *	         -> group on the pending list -> taken by the domain's handler
 *	         -> answered -> freed
 *
 * Each group holds a reference to the iommu_fault_param, because the handler
 * may answer the group after the device has stopped.  Groups that are still on
 * the pending list when the device stops are answered and freed then.
 *
 * params_mutex guards dev->fault_param, so that nobody takes a reference to an
 * iommu_fault_param that has been freed.  A kernel uses RCU for that.
 * param->lock guards the lists and is not held while the handler is called.
 */
#include "ground.h"
#include <iommufd_model/kernel/iommu.h>

#define NO_PASID 0u	/* IOMMU_NO_PASID of iommufd */

/*
 * struct iommu_fault_param - the state of the faults of a device
 * @users: the number of references: one for the device, and one for each group
 * @partial: the faults of groups whose last fault was not reported yet
 * @faults: the groups that no handler has taken
 */
struct iommu_fault_param {
	refcount_t users;
	struct device *dev;
	struct mutex lock;
	struct list_head partial;
	struct list_head faults;
};

static DEFINE_MUTEX(params_mutex);

static void put_param(struct iommu_fault_param *param)
{
	if (!refcount_dec_and_test(&param->users))
		return;
	mutex_destroy(&param->lock);
	kfree(param);
}

static struct iommu_fault_param *get_param(struct device *dev)
{
	struct iommu_fault_param *param;

	mutex_lock(&params_mutex);
	param = dev->fault_param;
	if (param)
		refcount_inc(&param->users);
	mutex_unlock(&params_mutex);
	return param;
}

static void respond(struct device *dev, struct iopf_fault *last,
		    enum iommu_page_response_code code)
{
	struct iommu_page_response response = {
		.pasid = last->fault.prm.pasid,
		.grpid = last->fault.prm.grpid,
		.code = code,
	};

	dev_iommu_ops(dev)->page_response(dev, last, &response);
}

static void free_faults(struct list_head *faults, const struct iopf_fault *end)
{
	struct iopf_fault *iopf, *next;

	list_for_each_entry_safe(iopf, next, faults, list)
		if (iopf != end)
			kfree(iopf);
}

void iopf_free_group(struct iopf_group *group)
{
	free_faults(&group->faults, &group->last_fault);
	put_param(group->fault_param);
	kfree(group);
}

void iopf_group_response(struct iopf_group *group,
			 enum iommu_page_response_code status)
{
	struct iommu_fault_param *param = group->fault_param;

	mutex_lock(&param->lock);
	respond(param->dev, &group->last_fault, status);
	list_del_init(&group->pending_node);
	mutex_unlock(&param->lock);
}

void iopf_group_dequeue(struct iopf_group *group)
{
	struct iommu_fault_param *param = group->fault_param;

	mutex_lock(&param->lock);
	list_del_init(&group->pending_node);
	mutex_unlock(&param->lock);
}

/* Preparing a device */

int iommufd_model_iopf_enable(struct device *dev)
{
	struct iommu_fault_param *param;
	int rc = 0;

	if (!dev_iommu_ops(dev)->page_response)
		return -ENODEV;
	param = kzalloc(sizeof(*param), GFP_KERNEL);
	if (!param)
		return -ENOMEM;
	refcount_set(&param->users, 1);
	mutex_init(&param->lock);
	INIT_LIST_HEAD(&param->partial);
	INIT_LIST_HEAD(&param->faults);
	param->dev = dev;
	mutex_lock(&params_mutex);
	if (dev->fault_param)
		rc = -EBUSY;
	else
		dev->fault_param = param;
	mutex_unlock(&params_mutex);
	if (rc)
		put_param(param);
	return rc;
}

void iommufd_model_iopf_disable(struct device *dev)
{
	struct iommu_fault_param *param;
	struct iopf_group *group, *next;

	mutex_lock(&params_mutex);
	param = dev->fault_param;
	dev->fault_param = NULL;
	mutex_unlock(&params_mutex);
	if (WARN_ON(!param))
		return;
	mutex_lock(&param->lock);
	free_faults(&param->partial, NULL);
	INIT_LIST_HEAD(&param->partial);
	list_for_each_entry_safe(group, next, &param->faults, pending_node) {
		respond(dev, &group->last_fault, IOMMU_PAGE_RESP_INVALID);
		list_del_init(&group->pending_node);
		iopf_free_group(group);
	}
	mutex_unlock(&param->lock);
	put_param(param);
}

/* Reporting */

/*
 * Returns the handle of the attachment that the fault belongs to, or NULL if
 * its domain does not handle faults.
 */
static struct iommu_attach_handle *find_handle(struct device *dev,
					       const struct iommu_fault *fault)
{
	bool has_pasid =
		fault->prm.flags & IOMMU_FAULT_PAGE_REQUEST_PASID_VALID;
	struct iommu_attach_handle *handle;

	handle = iommu_attach_handle_get(dev->group, has_pasid ?
					 fault->prm.pasid : NO_PASID, 0);
	if (IS_ERR(handle) && has_pasid && dev_iommu_ops(dev)->user_pasid_table)
		handle = iommu_attach_handle_get(dev->group, NO_PASID,
						 IOMMU_DOMAIN_NESTED);
	if (IS_ERR(handle) || !handle->domain->iopf_handler)
		return NULL;
	return handle;
}

static int add_partial(struct iommu_fault_param *param,
		       const struct iopf_fault *evt)
{
	struct iopf_fault *iopf = kzalloc(sizeof(*iopf), GFP_KERNEL);

	if (!iopf)
		return -ENOMEM;
	iopf->fault = evt->fault;
	mutex_lock(&param->lock);
	list_add_tail(&iopf->list, &param->partial);
	mutex_unlock(&param->lock);
	return 0;
}

/* Moves the faults with the group number @grpid to @faults and counts them. */
static size_t take_partial(struct iommu_fault_param *param, u32 grpid,
			   struct list_head *faults)
{
	struct iopf_fault *iopf, *next;
	size_t count = 0;

	list_for_each_entry_safe(iopf, next, &param->partial, list) {
		if (iopf->fault.prm.grpid != grpid)
			continue;
		list_move_tail(&iopf->list, faults);
		count++;
	}
	return count;
}

/*
 * If there was no memory for the group, its faults are answered and freed here.
 */
static void give_up(struct iommu_fault_param *param, struct iopf_fault *last)
{
	LIST_HEAD(faults);

	mutex_lock(&param->lock);
	take_partial(param, last->fault.prm.grpid, &faults);
	respond(param->dev, last, IOMMU_PAGE_RESP_FAILURE);
	mutex_unlock(&param->lock);
	free_faults(&faults, NULL);
	put_param(param);
}

/* Makes a group.  The group takes over the caller's reference to @param. */
static struct iopf_group *make_group(struct iommu_fault_param *param,
				     const struct iopf_fault *last,
				     struct iommu_attach_handle *handle)
{
	struct iopf_group *group = kzalloc(sizeof(*group), GFP_KERNEL);

	if (!group)
		return NULL;
	group->fault_param = param;
	group->attach_handle = handle;
	group->last_fault.fault = last->fault;
	INIT_LIST_HEAD(&group->faults);
	mutex_lock(&param->lock);
	group->fault_count = 1 + take_partial(param, last->fault.prm.grpid,
					      &group->faults);
	list_add_tail(&group->last_fault.list, &group->faults);
	list_add_tail(&group->pending_node, &param->faults);
	mutex_unlock(&param->lock);
	return group;
}

int iommu_report_device_fault(struct device *dev, struct iopf_fault *evt)
{
	struct iommu_attach_handle *handle = find_handle(dev, &evt->fault);
	struct iommu_fault_param *param = handle ? get_param(dev) : NULL;
	struct iopf_group *group;
	int rc;

	/*
	 * A driver that has attached a domain with a handler must prepare its
	 * device.
	 */
	if (!handle || WARN_ON(!param)) {
		if (dev_iommu_ops(dev)->page_response)
			respond(dev, evt, IOMMU_PAGE_RESP_INVALID);
		return -EINVAL;
	}
	if (!(evt->fault.prm.flags & IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE)) {
		rc = add_partial(param, evt);
		put_param(param);
		return rc;
	}
	group = make_group(param, evt, handle);
	if (!group) {
		give_up(param, evt);
	} else if (handle->domain->iopf_handler(group)) {
		iopf_group_response(group, IOMMU_PAGE_RESP_FAILURE);
		iopf_free_group(group);
	}
	return 0;
}
