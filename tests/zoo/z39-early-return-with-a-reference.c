// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-39: a command that finds bad arguments returns with a reference to a HWPT.
 */
#include "vdevice.h"

static u32 hwpt;

static void open_hwpt(void *unused)
{
	open_device(unused);
	hwpt = made(try_hwpt(0));
}

/* The range of memory ends beyond the end of the address space. */
static void checks(void *unused)
{
	struct iommu_test_cmd cmd = {
		.check_map = {
			.iova = MOCK_APERTURE_START,
			.length = 2 * PAGE_SIZE,
			.uptr = -PAGE_SIZE,
		},
	};

	(void)unused;
	iommufd_model_assert(ioctl_test(fd, IOMMU_TEST_OP_MD_CHECK_MAP, hwpt,
					&cmd) == -EINVAL);
}

static void close_hwpt(void *unused)
{
	unbinds(unused);
	close_all(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z39-early-return-with-a-reference",
	.title = "early return with a reference",
	.when = "fixed in 2026",
	.family = "get and put",
	.lesson = "check arguments before you take a reference, or put it on "
		  "every path",
	.wrong = "A command looks up a HWPT, which takes a reference, and then "
		 "checks that a sum of its arguments does not overflow. If "
		 "the sum does, the command returns at once, with the "
		 "reference. From then on DESTROY of the HWPT is always "
		 "EBUSY, and the release of the context makes no progress.",
	.right = "Every path after the lookup goes through the put.",
	.rule = "R-MOCK-8: if a command fails, it undoes what it has done",
	.fails = IOMMUFD_MODEL_FAIL_NO_PROGRESS,
	.says = "release makes no progress",
	.test = {
		.name = "early return with a reference",
		.setup = open_hwpt,
		.threads = { { "user", checks } },
		.after = close_hwpt,
	},
};
