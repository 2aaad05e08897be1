// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D12: an unmap takes a reference to an access that is being destroyed, and
 * drops it again.
 */
#include "access.h"

static struct iommufd_ioas *ioas;

static void open_attached(void *unused)
{
	u32 id;

	(void)unused;
	open_ctx();
	id = make_ioas();
	ioas = ioas_of(id);
	make_driver(id);
}

/* Do what an unmap does when it finds a pinned area. */
static void notifies(void *unused)
{
	(void)unused;
	iommufd_access_notify_unmap(&ioas->iopt, IOVA, PAGE_SIZE);
}

static void destroys(void *unused)
{
	(void)unused;
	iommufd_access_destroy(driver.access);
}

const struct zoo_entry zoo_entry = {
	.name = "d12-notify-takes-a-reference",
	.title = "notify takes a transient reference",
	.when = "review",
	.family = "notification",
	.lesson = "other threads see a reference even if it is dropped at "
		  "once",
	.wrong = "An unmap takes references to each access of the IOAS while "
		 "it holds only the lock of the IOAS's list. It increments "
		 "users, then wait_cnt, and if wait_cnt is 0 it decrements "
		 "users again. Just in between, the driver that destroys its "
		 "access has taken wait_cnt to 0 and looks at users under the "
		 "table lock. It finds the extra reference and fails with "
		 "EBUSY, and the access stays.",
	.right = "Skip an access whose wait_cnt is 0 without touching its "
		 "users, and do so under the table lock.",
	.rule = "R-OBJ-9: a thread that takes references to an object without "
		 "having one of its own holds the table lock",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "failed with EBUSY",
	.test = {
		.name = "notify takes a transient reference",
		.setup = open_attached,
		.threads = { { "driver", destroys },
			     { "unmapper", notifies } },
		.after = close_ctx,
	},
};
