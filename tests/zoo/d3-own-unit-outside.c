// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D3: a destroy gives up the unit of its caller before it takes the table
 * lock.
 *
 * The destroy here is the one that does not wait, as of an automatic HWPT by
 * its last device.  With one that waits, whose wait_cnt is 0 by then, it is the
 * other thread's wait_cnt that underflows.
 */
#include "d1.h"

static void owner_destroys(void *unused)
{
	(void)unused;
	iommufd_object_put_and_try_destroy(ictx, &access_of_driver->obj);
}

const struct zoo_entry zoo_entry = {
	.name = "d3-own-unit-outside",
	.title = "caller's unit outside the lock",
	.when = "reverse of a right line",
	.family = "destroy",
	.lesson = "two units that must go together go under one lock",
	.wrong = "The owner's destroy drops its own unit of users and then "
		 "takes the table lock for the table's.  In between users is "
		 "one, and an IOMMU_DESTROY destroys the object.  The owner's "
		 "then finds another one or none in its place.",
	.right = "Drop the caller's unit under the table lock.",
	.rule = "R-DESTROY-7: the caller's unit and the table's go under the "
		 "table lock",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "obj != to_destroy",
	.test = {
		.name = "DESTROY against the owner's destroy",
		.setup = open_access,
		.threads = { { "owner", owner_destroys },
			     { "user", user_destroys } },
		.after = close_ctx,
	},
};
