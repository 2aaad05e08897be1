// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-02: IOMMU_DESTROY takes a reference to what it is to destroy.
 */
#include "d1.h"

const struct zoo_entry zoo_entry = {
	.name = "z02-destroy-by-reference",
	.title = "destroy by reference",
	.when = "6.2 to 6.4",
	.family = "destroy",
	.lesson_number = 5,
	.lesson = "who asks whether nobody has it must not have it himself",
	.wrong = "IOMMU_DESTROY looks the object up, which takes a unit of "
		 "users, and drops it again to see whether that was all.  The "
		 "driver destroys its object meanwhile, counts one too many, "
		 "and fails with EBUSY: the object outlives its driver.",
	.right = "Take users from one to zero under the table lock, without a "
		 "reference.",
	.rule = "R-DESTROY-7: IOMMU_DESTROY takes users from one to zero and "
		 "holds no reference",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "failed with EBUSY",
	.test = {
		.name = "DESTROY against the driver's destroy",
		.setup = open_access,
		.threads = { { "user", user_destroys },
			     { "driver", driver_destroys } },
		.after = close_ctx,
	},
};
