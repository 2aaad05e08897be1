// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D2: a lookup that comes too late drops its reference too late.
 */
#include "d1.h"

const struct zoo_entry zoo_entry = {
	.name = "d2-give-back-outside",
	.title = "drop outside the lock",
	.when = "reverse of a right line",
	.family = "get and put",
	.lesson = "a reference that is only taken to be dropped must not be "
		  "seen by others",
	.wrong = "A lookup takes a reference in users and then finds wait_cnt "
		 "at 0: the object is being destroyed. It releases the table "
		 "lock before it drops the reference. The destroy takes the "
		 "lock, finds one reference too many, and fails with EBUSY.",
	.right = "Drop the reference before the table lock is released.",
	.rule = "R-OBJ-9: the caller of lock_obj holds the table lock, or has "
		 "a reference in users",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "failed with EBUSY",
	.test = {
		.name = "late lookup against the destroy that waits",
		.setup = open_access,
		.threads = { { "lookup", look_up },
			     { "driver", driver_destroys } },
		.after = close_ctx,
	},
};
