// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-38: a group of page faults is on two lists, and both lists free it.
 */
#include "vdevice.h"

static u32 old_hwpt, new_hwpt;
static int fault_fd;

static u32 hwpt_for_faults(u32 fault)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_FAULT_ID_VALID, .dev_id = idev,
		.pt_id = ioas, .fault_id = fault,
	};

	iommufd_model_assert(!ioctl_sized(fd, IOMMU_HWPT_ALLOC, &cmd));
	return cmd.out_hwpt_id;
}

static void attach(u32 pt_id, bool replace)
{
	int rc = replace ?
		 iommufd_device_replace(bound, IOMMU_NO_PASID, &pt_id) :
		 iommufd_device_attach(bound, IOMMU_NO_PASID, &pt_id);

	iommufd_model_assert(!rc);
}

/* The device is attached to a HWPT with a fault queue. */
static void open_faults(void *unused)
{
	open_device(unused);
	old_hwpt = hwpt_for_faults(made(ioctl_fault(fd, &fault_fd)));
	new_hwpt = made(try_hwpt(0));
	attach(old_hwpt, false);
}

static void faults(void *unused)
{
	struct iommu_fault_page_request prm = {
		.flags = IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE,
	};

	(void)unused;
	iommufd_mock_trigger_iopf(dev, &prm);
}

/* The new HWPT has no fault queue, so the device reports no faults any more. */
static void moves(void *unused)
{
	(void)unused;
	attach(new_hwpt, true);
}

static void close_faults(void *unused)
{
	iommufd_device_detach(bound, IOMMU_NO_PASID);
	iommufd_device_unbind(bound);
	iommufd_model_close(fault_fd);
	close_all(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z38-group-with-two-owners",
	.title = "fault group with two owners",
	.when = "fixed in 2026",
	.family = "notification",
	.lesson = "an element that goes to another list leaves the first one",
	.wrong = "A device reports a page fault. The fault handler of iommufd "
		 "appends the group of faults to the queue that user space "
		 "reads, and leaves it on the list of the device's pending "
		 "groups as well. When the device is moved to a HWPT without "
		 "a fault queue, the IOMMU core answers and frees all pending "
		 "groups of the device. Then iommufd removes the groups of "
		 "the device from its queue, and finds one that is freed.",
	.right = "The handler takes the group off the list of the device "
		 "before it appends the group to its own.",
	.rule = "R-EVQ-11: a group has one owner at a time",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "iommufd_fault_answer_all",
	.test = {
		.name = "fault group with two owners",
		.setup = open_faults,
		.threads = { { "device", faults }, { "driver", moves } },
		.after = close_faults,
	},
};
