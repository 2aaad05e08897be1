// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D5: a back pointer's object is counted up though it is out of the table.
 */
#include "vdevice.h"

const struct zoo_entry zoo_entry = {
	.name = "d5-no-identity-check",
	.title = "try_inc_users without identity check",
	.when = "reverse of a right line",
	.family = "get and put",
	.lesson = "that its memory is there does not mean that it lives",
	.wrong = "The unbind of a device finds its vDEVICE by the device's "
		 "back pointer, which the group's mutex keeps valid, and "
		 "counts it up. A DESTROY of the vDEVICE has taken users to 0 "
		 "and the object out of the table, and waits for that mutex to "
		 "clear the pointer.",
	.right = "Under the table lock: count up only if the slot of its id "
		 "still holds this very object, else EBUSY.",
	.rule = "R-OBJ-12: an object that is in the table has users of at "
		 "least 1, and leaves it under the table lock",
	.fails = IOMMUFD_MODEL_FAIL_REFCOUNT,
	.says = "iommufd_try_inc_users",
	.test = {
		.name = "try_inc_users without identity check",
		.setup = open_vdevice,
		.threads = { { "user", destroys_vdevice },
			     { "unbinder", unbinds } },
		.after = close_all,
	},
};
