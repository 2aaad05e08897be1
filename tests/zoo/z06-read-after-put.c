// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-06: the release of a file reads its object after the last put.
 */
#include "ioctls.h"
#include "zoo.h"
#include <iommufd_model/model.h>
#include <iommufd_model/uapi.h>

static int fd, event_fd;
static u32 id;

static void open_queue(void *unused)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };

	(void)unused;
	fd = iommufd_model_open();
	iommufd_model_assert(!iommufd_model_ioctl(fd, IOMMU_FAULT_QUEUE_ALLOC,
						  &cmd));
	event_fd = (int)cmd.out_fault_fd;
	id = cmd.out_fault_id;
}

static void close_event_fd(void *unused)
{
	(void)unused;
	iommufd_model_close(event_fd);
}

static void destroy(void *unused)
{
	(void)unused;
	ioctl_destroy(fd, id);
}

static void close_ctx(void *unused)
{
	(void)unused;
	iommufd_model_close(fd);
}

const struct zoo_entry zoo_entry = {
	.name = "z06-read-after-put",
	.title = "read after the last put",
	.when = "6.11",
	.family = "files",
	.lesson_number = 4,
	.lesson = "after the last put the object must not be read",
	.wrong = "The release of an event file drops the file's reference in "
		 "users and then reads the ctx from the object. In between, a "
		 "DESTROY finds users at 1 and frees the object.",
	.right = "Copy what is needed to a local variable first.",
	.rule = "R-EVQ-2: the release of the file takes what it needs from "
		 "the object before it drops users",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "fault",
	.test = {
		.name = "read after put",
		.setup = open_queue,
		.threads = { { "close", close_event_fd },
			     { "destroy", destroy } },
		.after = close_ctx,
	},
};
