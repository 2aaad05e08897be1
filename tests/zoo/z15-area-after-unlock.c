// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-15: an unmap uses an area that it found before it unlocked.
 */
#include "access.h"

static u32 ioas;

static void open_pinned(void *unused)
{
	(void)unused;
	open_ctx();
	ioas = make_ioas();
	map(ioas, PAGE_SIZE);
	make_driver(ioas);
	driver.pinned = !pin(driver.access);
}

static void unmaps(void *unused)
{
	(void)unused;
	unmap(ioas);
}

static void destroy_and_close(void *unused)
{
	iommufd_access_destroy(driver.access);
	close_ctx(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z15-area-after-unlock",
	.title = "area after unlock-to-notify",
	.when = "review",
	.family = "notification",
	.lesson = "what you found under a lock may have changed once you "
		  "release it",
	.wrong = "An unmap finds an area that is pinned and releases its "
		 "locks, so that the driver can unpin. To take them again, it "
		 "follows the area's pointer to its IOAS. While no lock was "
		 "held, another unmap has removed and freed the area.",
	.right = "Copy the area's bounds before the unlock, and look up the "
		 "area again after it.",
	.rule = "R-UNMAP-2: after the notification, look again from the start",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "unmap_range",
	.test = {
		.name = "area after unlock-to-notify",
		.setup = open_pinned,
		.threads = { { "one", unmaps }, { "another", unmaps } },
		.after = destroy_and_close,
	},
};
