// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-17b: a HWPT is undone by its destroy op, which takes the mutex that its
 * creator holds.
 */
#include "vdevice.h"

/* This makes a HWPT, or fails because there is no memory. */
static void makes_hwpt(void *unused)
{
	(void)unused;
	try_hwpt(0);
}

static void unbind_and_close(void *unused)
{
	unbinds(unused);
	close_all(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z17b-abort-takes-the-mutex",
	.title = "abort takes the held mutex",
	.when = "review",
	.family = "creation",
	.lesson = "an undo runs with the locks of the creation held",
	.wrong = "When the creation of a HWPT fails, it is undone by the "
		 "destroy op, as if it had been published. The destroy op "
		 "takes the IOAS's mutex to remove the HWPT from the list. "
		 "But the creator holds this mutex from the allocation until "
		 "it has published or undone the HWPT, so it waits for "
		 "itself.",
	.right = "Give the type an abort op, which expects the mutex to be "
		 "held.",
	.rule = "R-HWPT-2: abort, with the IOAS's mutex already held",
	.fails = IOMMUFD_MODEL_FAIL_DEADLOCK,
	.says = "ioas->mutex",
	.faults = true,
	.test = {
		.name = "abort takes the held mutex",
		.setup = open_device,
		.threads = { { "maker", makes_hwpt } },
		.after = unbind_and_close,
	},
};
