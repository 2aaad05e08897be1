// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-26: VDEVICE_ALLOC leaves the group's mutex locked when it fails.
 */
#include "vdevice.h"

/* This fails, because the device has a vDEVICE. */
static void makes_another(void *unused)
{
	(void)unused;
	iommufd_model_assert(try_vdevice() == -EEXIST);
}

static void unbind_and_close(void *unused)
{
	unbinds(unused);
	close_all(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z26-lock-leaked",
	.title = "lock leaked on an error path",
	.when = "a public copy after 6.17",
	.family = "creation",
	.lesson = "every error path passes the unlock",
	.wrong = "When VDEVICE_ALLOC fails under the group's mutex, it jumps "
		 "to the label that puts the device, after the unlock. The "
		 "ioctl returns an error and all seems well, until the next "
		 "thread takes the mutex and waits for ever.",
	.right = "Add a label before the unlock, or unlock before the error "
		 "is tested.",
	.rule = "R-VDEVICE-1 step 16: release the mutex, also on failure",
	.fails = IOMMUFD_MODEL_FAIL_LOCK,
	.says = "igroup->lock",
	.test = {
		.name = "lock leaked on an error path",
		.setup = open_vdevice,
		.threads = { { "maker", makes_another } },
		.after = unbind_and_close,
	},
};
