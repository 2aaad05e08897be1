// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D6: the release walks the table once.
 */
#include "vdevice.h"

/* IOAS 1 is held by a HWPT, which has a higher id. */
static void open_hwpt(void *unused)
{
	open_device(unused);
	made(try_hwpt(0));
	unbinds(unused);
	iommufd_mock_dev_destroy(dev);
}

static void closes(void *unused)
{
	(void)unused;
	iommufd_model_close(fd);
}

const struct zoo_entry zoo_entry = {
	.name = "d6-one-pass",
	.title = "release in one pass",
	.when = "reverse of a right line",
	.family = "release",
	.lesson = "repeat until no object is left: a holder may come after "
		  "the object it holds",
	.wrong = "The release walks the table once, by id, and destroys every "
		 "object that no other one holds. If an object is held by one "
		 "with a higher id, the walk passes it before its holder is "
		 "destroyed, and it is left over.",
	.right = "Walk the table again, until a pass destroys no object.",
	.rule = "R-RELEASE-2: an object that is held by one with a higher id "
		 "waits for the next pass",
	.fails = IOMMUFD_MODEL_FAIL_NO_PROGRESS,
	.says = "release makes no progress",
	.test = {
		.name = "release in one pass",
		.setup = open_hwpt,
		.threads = { { "closer", closes } },
	},
};
