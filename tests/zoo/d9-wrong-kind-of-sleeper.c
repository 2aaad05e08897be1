// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D9: the last put wakes only interruptible sleepers, and the destroy is not
 * one.
 */
#include "access.h"

static struct iommufd_access *access;
static u32 id;

static void open_access(void *unused)
{
	(void)unused;
	open_ctx();
	access = iommufd_access_create(ictx, &driver_ops, NULL, &id);
	iommufd_model_assert(!IS_ERR(access));
}

static void put_last(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ACCESS);
	if (!IS_ERR(obj))
		iommufd_put_object(ictx, obj);
}

static void destroy_access(void *unused)
{
	(void)unused;
	iommufd_access_destroy(access);
}

const struct zoo_entry zoo_entry = {
	.name = "d9-wrong-kind-of-sleeper",
	.title = "wake-up for another kind of sleeper",
	.when = "reverse of a right line",
	.family = "get and put",
	.lesson = "a wake-up reaches only the kind of sleepers that it is for",
	.wrong = "A destroy sleeps uninterruptibly until wait_cnt is 0. The "
		 "last put wakes the interruptible sleepers of the queue, but "
		 "not the destroy. It sleeps on until its 60 s are over, "
		 "although wait_cnt has long been 0.",
	.right = "Wake sleepers of both kinds, with wake_up_all().",
	.rule = "R-OBJ-11: the thread that takes wait_cnt to 0 wakes every "
		 "thread that waits for it",
	.fails = IOMMUFD_MODEL_FAIL_TIMEOUT,
	.says = "for interruptible sleepers",
	.test = {
		.name = "wake-up for another kind of sleeper",
		.setup = open_access,
		.threads = { { "put", put_last },
			     { "destroy", destroy_access } },
		.after = close_ctx,
	},
};
