// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-12: an unmap fails after it has already made other accesses unpin.
 */
#include "access.h"

static struct iommufd_access *queues;
static u32 ioas;
static int rc;

/*
 * Map one page.  A driver has pinned it, and a queue's access is attached, too.
 */
static void open_two_users(void *unused)
{
	(void)unused;
	open_ctx();
	ioas = make_ioas();
	map(ioas, PAGE_SIZE);
	make_driver(ioas);
	driver.pinned = !pin(driver.access);
	queues = iommufd_access_create_internal(ictx);
	iommufd_model_assert(!IS_ERR(queues));
	iommufd_model_assert(!iommufd_access_attach_internal(queues,
							     ioas_of(ioas)));
}

static void pins_for_queue(void *unused)
{
	(void)unused;
	if (!pin(queues))
		unpin(queues);
}

static void unmaps(void *unused)
{
	(void)unused;
	rc = unmap(ioas);
}

/* An unmap that fails must not have made the driver unpin. */
static void refused_means_untouched(void *unused)
{
	if (rc)
		iommufd_model_assert_msg(!driver.told && driver.pinned,
					 "the unmap was refused, and the "
					 "driver had to unpin for it");
	iommufd_access_destroy_internal(ictx, queues);
	if (driver.pinned)
		unpin(driver.access);
	driver.pinned = false;
	iommufd_access_destroy(driver.access);
	close_ctx(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z12-veto-in-mid-walk",
	.title = "veto in mid-walk",
	.when = "review",
	.family = "notification",
	.lesson = "check whether an operation is allowed before you change "
		  "anything",
	.wrong = "The pin of a queue locks the memory, so an unmap must fail. "
		 "The unmap first asks the other accesses to unpin, and only "
		 "then finds out that one of the pins cannot be removed. It "
		 "fails with EBUSY, but the others have already unpinned, and "
		 "the area accepts no new pins.",
	.right = "Count the locks of each area, and test the count before any "
		 "access is asked.",
	.rule = "R-UNMAP-2: a locked area is EBUSY before anything is dropped",
	.fails = IOMMUFD_MODEL_FAIL_ASSERTION,
	.says = "the driver had to unpin for it",
	.test = {
		.name = "veto in mid-walk",
		.setup = open_two_users,
		.threads = { { "queue", pins_for_queue },
			     { "unmapper", unmaps } },
		.after = refused_means_untouched,
	},
};
