// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-18: a HWPT that is attached during its creation is aborted while it is
 * still attached.
 */
#include "vdevice.h"

/*
 * This attaches the device to a new HWPT, or fails because there is no memory.
 */
static void attaches(void *unused)
{
	u32 pt_id = ioas;

	(void)unused;
	if (!iommufd_device_attach(bound, IOMMU_NO_PASID, &pt_id))
		iommufd_device_detach(bound, IOMMU_NO_PASID);
}

static void unbind_and_close(void *unused)
{
	unbinds(unused);
	close_all(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z18-abort-with-a-reference-out",
	.title = "abort with a reference left",
	.when = "review",
	.family = "creation",
	.lesson = "at an abort there is the creator's reference and no other",
	.wrong = "A HWPT that is made for an attach has the device attached "
		 "before its domain is added to the IOAS, and the attachment "
		 "holds a reference in its users. If adding the domain fails, "
		 "the HWPT is aborted at once. The attachment still has its "
		 "reference, and the group still points at the HWPT.",
	.right = "Attach and detach are a pair: detach, which drops the "
		 "reference, and then abort.",
	.rule = "R-HWPT-1: if the device was attached, detach (U -1) before "
		 "the abort, which requires U = 1",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "abort of an object in use",
	.faults = true,
	.test = {
		.name = "abort with a reference left",
		.setup = open_device,
		.threads = { { "driver", attaches } },
		.after = unbind_and_close,
	},
};
