// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-29: a device of a group is moved to another HWPT although it was never
 * attached.
 */
#include "vdevice.h"

static struct device *other_dev;
static struct iommufd_device *other;
static u32 new_hwpt;

/* Two devices in one group; one of them is attached. */
static void open_group(void *unused)
{
	struct iommufd_ctx *ictx;
	u32 id, old_hwpt;

	open_device(unused);
	other_dev = iommufd_mock_dev_create(0);
	iommufd_model_assert(!IS_ERR(other_dev));
	iommufd_model_group_remove(other_dev);
	iommufd_model_group_add(dev->group, other_dev);
	ictx = iommufd_device_to_ictx(bound);
	other = iommufd_device_bind(ictx, other_dev, &id);
	iommufd_model_assert(!IS_ERR(other));
	old_hwpt = made(try_hwpt(0));
	new_hwpt = made(try_hwpt(0));
	iommufd_model_assert(!iommufd_device_attach(bound, IOMMU_NO_PASID,
						    &old_hwpt));
}

static void replaces(void *unused)
{
	u32 pt_id = new_hwpt;

	(void)unused;
	iommufd_model_assert(iommufd_device_replace(other, IOMMU_NO_PASID,
						    &pt_id) == -EINVAL);
}

static void close_group(void *unused)
{
	iommufd_device_detach(bound, IOMMU_NO_PASID);
	iommufd_device_unbind(other);
	unbinds(unused);
	iommufd_mock_dev_destroy(other_dev);
	close_all(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z29-replace-of-never-attached",
	.title = "replace of a never attached member",
	.when = "review",
	.family = "get and put",
	.lesson = "only drop a reference that you have taken",
	.wrong = "The group has a HWPT because another of its devices is "
		 "attached. A device of the group that was never attached is "
		 "moved to a new HWPT. Each attached device drops its "
		 "reference to the old HWPT, and then this device drops one "
		 "that it never took. That was the reference of the id table.",
	.right = "Replace of a device that is not attached is EINVAL.",
	.rule = "R-DEVICE-6: replace, this device not in the entry: EINVAL",
	.fails = IOMMUFD_MODEL_FAIL_REFCOUNT,
	.says = "users (hwpt_paging",
	.test = {
		.name = "replace of a never attached member",
		.setup = open_group,
		.threads = { { "driver", replaces } },
		.after = close_group,
	},
};
