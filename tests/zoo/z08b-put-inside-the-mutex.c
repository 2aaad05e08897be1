// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-08b: the vDEVICE puts its device while it holds the mutex of the device's
 * group.
 */
#include "vdevice.h"

const struct zoo_entry zoo_entry = {
	.name = "z08b-put-inside-the-mutex",
	.title = "put inside the mutex",
	.when = "review",
	.family = "vdevice",
	.lesson_number = 9,
	.lesson = "the reference that keeps a mutex alive is dropped after "
		  "the unlock",
	.wrong = "The destroy op of a vDEVICE drops its reference to the "
		 "device and then unlocks the mutex of the device's group. An "
		 "unbind was waiting only for that reference. It frees the "
		 "device and with it the group, and the mutex is unlocked in "
		 "freed memory.",
	.right = "Unlock first, then put the device.",
	.rule = "R-VDEVICE-3: take the group's mutex, undo, release it, then "
		 "put the device",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "iommufd_vdevice_destroy",
	.test = {
		.name = "put inside the mutex",
		.setup = open_vdevice,
		.threads = { { "user", destroys_vdevice },
			     { "unbinder", unbinds } },
		.after = close_all,
	},
};
