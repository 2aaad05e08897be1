// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D4: a destroy that fails leaves the object with wait_cnt 0.
 */
#include "vdevice.h"

static struct iommufd_ctx *ictx;

/* The attached access holds a reference in users, and none in wait_cnt. */
static void open_attached(void *unused)
{
	u32 pt_id;

	open_device(unused);
	ictx = iommufd_device_to_ictx(bound);
	pt_id = made(try_hwpt(0));
	iommufd_model_assert(!iommufd_device_attach(bound, IOMMU_NO_PASID,
						    &pt_id));
}

/* After the detach, only the id table holds the object. */
static void destroys_while_attached(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	iommufd_model_assert(iommufd_object_remove(ictx, &bound->obj, idev,
						   REMOVE_WAIT) == -EBUSY);
	iommufd_device_detach(bound, IOMMU_NO_PASID);
	obj = iommufd_get_object(ictx, idev, IOMMUFD_OBJ_DEVICE);
	iommufd_model_assert_msg(!IS_ERR(obj),
				 "a published object cannot be used");
	iommufd_put_object(ictx, obj);
	iommufd_model_assert(!destroy(idev));
}

const struct zoo_entry zoo_entry = {
	.name = "d4-bias-not-given-back",
	.title = "table's reference not restored",
	.when = "reverse of a right line",
	.family = "destroy",
	.lesson = "a destroy that fails leaves the object as it was",
	.wrong = "A destroy that waits drops the table's reference in "
		 "wait_cnt, and then finds that another holder has a "
		 "reference in users. It fails with EBUSY and leaves wait_cnt "
		 "at 0. The object stays in the table, every lookup of it "
		 "fails, and a later DESTROY decrements wait_cnt from 0.",
	.right = "Before it returns the error, the destroy sets wait_cnt to 1 "
		 "again.",
	.rule = "R-DESTROY-5: after every failure that follows the wait, wait_cnt "
		 "is 1 again",
	.fails = IOMMUFD_MODEL_FAIL_ASSERTION,
	.says = "a published object cannot be used",
	.test = {
		.name = "table's reference not restored",
		.setup = open_attached,
		.threads = { { "driver", destroys_while_attached } },
		.after = close_all,
	},
};
