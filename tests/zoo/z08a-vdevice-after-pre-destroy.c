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
	.lesson = "who looks for the last time says so under the same mutex",
	.wrong = "VDEVICE_ALLOC does not ask whether its device is being "
		 "destroyed. A thread inside it has its reference to the device "
		 "and waits for the group's mutex; the unbind's pre_destroy "
		 "finds no vDEVICE to evict and goes to wait for that "
		 "reference. The vDEVICE that is made now keeps it, and nobody "
		 "evicts it any more: unbind waits till its timeout.",
	.right = "pre_destroy sets a flag under the group's mutex, and "
		 "VDEVICE_ALLOC fails with ENOENT when it finds it there.",
	.rule = "R-DEVICE-3: destroying is set, and looked at, under the "
		 "group's mutex",
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
