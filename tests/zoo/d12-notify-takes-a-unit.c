// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D12: an unmap takes a unit of an access that is being destroyed, and gives
 * it back.
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

/* What an UNMAP does when it finds a pin. */
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
	.name = "d12-notify-takes-a-unit",
	.title = "notify takes a transient unit",
	.when = "review",
	.family = "notification",
	.lesson = "a unit that is given back at once is seen all the same",
	.wrong = "An unmap locks each access of the IOAS under the lock of the "
		 "IOAS's list only: users up, wait_cnt up, and if that is 0 "
		 "users down again. The driver that destroys its access has "
		 "taken wait_cnt to 0 and looks at users under the table lock "
		 "just in between: EBUSY, and the access stays.",
	.right = "Pass over accesses whose wait_cnt is 0 without touching "
		 "users, and do it under the table lock.",
	.rule = "R-OBJ-9: whoever locks an object without a unit of its own "
		 "holds the table lock",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "failed with EBUSY",
	.test = {
		.name = "notify takes a transient unit",
		.setup = open_attached,
		.threads = { { "driver", destroys },
			     { "unmapper", notifies } },
		.after = close_ctx,
	},
};
