// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-08b: the vDEVICE puts its device while it holds the mutex of that device's
 * group.
 */
#include "vdevice.h"

const struct zoo_entry zoo_entry = {
	.name = "z08b-put-inside-the-mutex",
	.title = "put inside the mutex",
	.when = "review",
	.family = "vdevice",
	.lesson_number = 9,
	.lesson = "what keeps the mutex alive is dropped after the unlock",
	.wrong = "The destroy of a vDEVICE drops its reference to the device "
		 "and then unlocks the mutex of the device's group. The "
		 "reference was all that an unbind waited for: it frees the "
		 "device, and with it the group, whose mutex is still held and "
		 "is unlocked next.",
	.right = "Unlock first, then put the device.",
	.rule = "R-VDEVICE-3: take the group's mutex, undo, release it, then "
		 "put the device",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "igroup->lock",
	.test = {
		.name = "put inside the mutex",
		.setup = open_vdevice,
		.threads = { { "user", destroys_vdevice },
			     { "unbinder", unbinds } },
		.after = close_all,
	},
};
