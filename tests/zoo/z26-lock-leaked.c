// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-26: VDEVICE_ALLOC leaves the group's mutex locked when it fails.
 */
#include "vdevice.h"

/* The device has one. */
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
	.lesson = "every way out goes by the unlock",
	.wrong = "When VDEVICE_ALLOC fails under the group's mutex it goes to "
		 "the label that puts the device, past the unlock. The ioctl "
		 "returns an error and nothing seems to have happened, till "
		 "the next thread wants the mutex and waits for ever.",
	.right = "A label of its own before the unlock, or the unlock before "
		 "the error is looked at.",
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
