// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-08a: a vDEVICE is made after pre_destroy has looked for one.
 */
#include "vdevice.h"

const struct zoo_entry zoo_entry = {
	.name = "z08a-vdevice-after-pre-destroy",
	.title = "vdevice after pre_destroy",
	.when = "review",
	.family = "vdevice",
	.lesson_number = 8,
	.lesson = "a last check is made under the mutex that guards new "
		  "entries",
	.wrong = "VDEVICE_ALLOC does not check whether its device is being "
		 "destroyed. A thread in VDEVICE_ALLOC has a reference to the "
		 "device and waits for the group's mutex. pre_destroy of the "
		 "unbind finds no vDEVICE to destroy, and the unbind waits "
		 "for that reference. The vDEVICE that is made now keeps the "
		 "reference, and nothing destroys it any more. The unbind "
		 "waits until its timeout.",
	.right = "pre_destroy sets a flag under the group's mutex, and "
		 "VDEVICE_ALLOC fails with ENOENT if the flag is set.",
	.rule = "R-DEVICE-3: destroying is set and tested under the group's "
		 "mutex",
	.fails = IOMMUFD_MODEL_FAIL_TIMEOUT,
	.says = "destroy_wait",
	.test = {
		.name = "vdevice after pre_destroy",
		.setup = open_viommu,
		.threads = { { "maker", makes_vdevice },
			     { "unbinder", unbinds } },
		.after = close_all,
	},
};
