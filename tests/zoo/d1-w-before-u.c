// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D1: a put drops wait_cnt before users.
 */
#include "d1.h"

const struct zoo_entry zoo_entry = {
	.name = "d1-w-before-u",
	.title = "W before U in put",
	.when = "reverse of a right line",
	.family = "get and put",
	.lesson_number = 7,
	.lesson = "drop last the reference that another thread waits for",
	.wrong = "The put of a short reference drops wait_cnt first and users "
		 "second. A destroy that waits for wait_cnt goes on between "
		 "the two. It still finds the reference in users and fails "
		 "with EBUSY, although no thread uses the object any more.",
	.right = "Drop users first, then wait_cnt.",
	.rule = "R-COUNT-4: users is dropped before wait_cnt",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "failed with EBUSY",
	.test = {
		.name = "put against the destroy that waits",
		.setup = open_access,
		.threads = { { "lookup", look_up },
			     { "driver", driver_destroys } },
		.after = close_ctx,
	},
};
