// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-08d: the release of the ctx goes on until its table is empty, and
 * tombstones keep it from being that.
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
	.lesson = "a fix adds a state: whoever waits for the end must know it",
	.wrong = "Release walks the table until it is empty. A vDEVICE that "
		 "went with its device has left a tombstone there, which no "
		 "pass destroys: the table is never empty, and a pass that "
		 "destroyed nothing is taken for objects that hold each other.",
	.right = "Stop when a pass has seen no object; what is left are "
		 "tombstones.",
	.rule = "R-RELEASE-5: release ends when no object is left, not when "
		 "no entry is",
	.fails = IOMMUFD_MODEL_FAIL_NO_PROGRESS,
	.says = "release makes no progress",
	.test = {
		.name = "tombstones never end",
		.setup = open_vdevice,
		.threads = { { "user", unbinds_and_closes } },
		.after = destroy_dev,
	},
};
