// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-08g: pre_destroy destroys the vDEVICE under a mutex that the vDEVICE's
 * destroy op takes.
 */
#include "vdevice.h"

const struct zoo_entry zoo_entry = {
	.name = "z08g-destroy-under-the-lock",
	.title = "destroy under the handler's lock",
	.when = "review",
	.family = "vdevice",
	.lesson_number = 13,
	.lesson = "take the reference under the lock, destroy without the "
		  "lock",
	.wrong = "pre_destroy looks for the vDEVICE under the group's mutex, "
		 "and destroys it before it unlocks. The vDEVICE's destroy op "
		 "takes the same mutex.",
	.right = "Take a reference to the vDEVICE under the mutex, unlock, "
		 "and then turn it into a tombstone.",
	.rule = "R-DEVICE-3: release the mutex before tombstone_user",
	.fails = IOMMUFD_MODEL_FAIL_DEADLOCK,
	.says = "igroup->lock",
	.test = {
		.name = "destroy under the handler's lock",
		.setup = open_vdevice,
		.threads = { { "unbinder", unbinds } },
		.after = close_all,
	},
};
