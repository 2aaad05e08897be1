// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D3: a destroy drops the reference of its caller before it takes the table
 * lock.
 *
 * The destroy in this test is the one that does not wait, as for an automatic
 * HWPT when its last device detaches.  With the one that waits, wait_cnt is 0
 * by then, and the wait_cnt of the other thread would underflow.
 */
#include "d1.h"

static void owner_destroys(void *unused)
{
	(void)unused;
	iommufd_object_put_and_try_destroy(ictx, &access_of_driver->obj);
}

const struct zoo_entry zoo_entry = {
	.name = "d3-own-reference-outside",
	.title = "caller's reference outside the lock",
	.when = "reverse of a right line",
	.family = "destroy",
	.lesson = "two references that must be dropped together are dropped "
		  "under one lock",
	.wrong = "The owner's destroy drops its own reference in users and "
		 "then takes the table lock, to drop the table's. In between "
		 "users is 1, and an IOMMU_DESTROY destroys the object. The "
		 "owner's destroy then finds another object in the slot, or "
		 "none.",
	.right = "Drop the caller's reference under the table lock.",
	.rule = "R-DESTROY-7: the caller's reference and the table's are "
		 "dropped under the table lock",
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
