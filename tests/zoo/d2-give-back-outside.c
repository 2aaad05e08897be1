// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D2: a lookup that comes too late gives its unit back too late.
 */
#include "d1.h"

const struct zoo_entry zoo_entry = {
	.name = "d2-give-back-outside",
	.title = "give-back outside the lock",
	.when = "reverse of a right line",
	.family = "get and put",
	.lesson = "what is taken for a moment must not be seen by others",
	.wrong = "A lookup takes users and then finds wait_cnt at zero: the "
		 "object is being destroyed.  It leaves the table lock before "
		 "it gives users back.  The destroy takes the lock, finds one "
		 "too many, and fails with EBUSY.",
	.right = "Give it back before the table lock is left.",
	.rule = "R-OBJ-9: the caller of lock_obj holds the table lock, or a "
		 "unit of users",
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
