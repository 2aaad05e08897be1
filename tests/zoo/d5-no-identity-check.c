// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D5: a reference is taken through a back pointer, to an object that has left
 * the table.
 */
#include "vdevice.h"

const struct zoo_entry zoo_entry = {
	.name = "d5-no-identity-check",
	.title = "try_inc_users without identity check",
	.when = "reverse of a right line",
	.family = "get and put",
	.lesson = "an object whose memory is valid may still be destroyed "
		  "already",
	.wrong = "The unbind of a device finds its vDEVICE by the device's "
		 "back pointer, which the group's mutex keeps valid, and "
		 "increments its users. A DESTROY of the vDEVICE has already "
		 "taken users to 0 and removed the object from the table. It "
		 "waits for that mutex, to clear the pointer.",
	.right = "Take the reference under the table lock, and only if the "
		 "slot of the id still contains this object. Otherwise return "
		 "EBUSY.",
	.rule = "R-OBJ-12: users of an object in the table is at least 1, and "
		 "the object leaves the table under the table lock",
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
