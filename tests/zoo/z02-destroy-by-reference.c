// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-02: IOMMU_DESTROY takes a reference to the object that it is to destroy.
 */
#include "d1.h"

const struct zoo_entry zoo_entry = {
	.name = "z02-destroy-by-reference",
	.title = "destroy by reference",
	.when = "6.2 to 6.4",
	.family = "destroy",
	.lesson_number = 5,
	.lesson = "a check for other holders must not hold a reference itself",
	.wrong = "IOMMU_DESTROY looks up the object, which takes a reference "
		 "in users, and drops it again to see whether that was the "
		 "last. Meanwhile the driver destroys its object, counts one "
		 "reference too many, and fails with EBUSY. The object "
		 "outlives its driver.",
	.right = "Take users from 1 to 0 under the table lock, without a "
		 "reference.",
	.rule = "R-DESTROY-7: IOMMU_DESTROY takes users from 1 to 0 and holds "
		 "no reference",
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
