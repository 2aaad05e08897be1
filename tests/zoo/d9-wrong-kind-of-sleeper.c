// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D9: the last put wakes interruptible sleepers; the destroy is none.
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
	.lesson = "a wake-up reaches only sleepers of the kind it is for",
	.wrong = "A destroy sleeps uninterruptibly until wait_cnt is 0. The "
		 "last put wakes the interruptible sleepers of the queue and "
		 "passes the destroy over, which goes on sleeping until its "
		 "60 s are over and then finds that it need not have waited.",
	.right = "Wake the waiter's kind: wake_up_all().",
	.rule = "R-OBJ-11: whoever takes wait_cnt to 0 wakes everybody who "
		 "waits for that",
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
