// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D6: release walks the table once.
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
	.lesson = "go round until nothing is left: the holder may come last",
	.wrong = "Release walks the table once, by id, and destroys what "
		 "nobody holds. An object that one with a higher id holds is "
		 "passed over before its holder goes, and stays.",
	.right = "Pass after pass, until one destroys nothing.",
	.rule = "R-RELEASE-2: what a higher id holds waits for the next pass",
	.fails = IOMMUFD_MODEL_FAIL_NO_PROGRESS,
	.says = "release makes no progress",
	.test = {
		.name = "release in one pass",
		.setup = open_hwpt,
		.threads = { { "closer", closes } },
	},
};
