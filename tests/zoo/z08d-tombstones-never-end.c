// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-08d: the release goes on until the table is empty, and tombstones keep it
 * from becoming empty.
 */
#include "vdevice.h"

static void unbinds_and_closes(void *unused)
{
	unbinds(unused);
	iommufd_model_close(fd);
}

static void destroy_dev(void *unused)
{
	(void)unused;
	iommufd_mock_dev_destroy(dev);
}

const struct zoo_entry zoo_entry = {
	.name = "z08d-tombstones-never-end",
	.title = "tombstones never end",
	.when = "review",
	.family = "vdevice",
	.lesson_number = 11,
	.lesson = "a fix that adds a state has to change the code that waits "
		  "for the end",
	.wrong = "The release walks the table until it is empty. A vDEVICE "
		 "that was destroyed with its device has left a tombstone, "
		 "which no pass removes. So the table never becomes empty, "
		 "and a pass that destroys no object is taken for a cycle of "
		 "objects that hold each other.",
	.right = "Stop when a pass has seen no object. What is left are "
		 "tombstones.",
	.rule = "R-RELEASE-5: the release ends when no object is left, even "
		 "if entries are",
	.fails = IOMMUFD_MODEL_FAIL_NO_PROGRESS,
	.says = "release makes no progress",
	.test = {
		.name = "tombstones never end",
		.setup = open_vdevice,
		.threads = { { "user", unbinds_and_closes } },
		.after = destroy_dev,
	},
};
