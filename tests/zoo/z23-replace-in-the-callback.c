// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-23: the IOAS of an access changes twice at a time.
 */
#include "access.h"

static u32 second, third;

static void open_three(void *unused)
{
	u32 first;

	(void)unused;
	open_ctx();
	first = make_ioas();
	second = make_ioas();
	third = make_ioas();
	make_driver(first);
}

static void goes_to_second(void *unused)
{
	(void)unused;
	iommufd_access_replace(driver.access, second);
}

static void goes_to_third(void *unused)
{
	(void)unused;
	iommufd_access_replace(driver.access, third);
}

static void destroy_and_close(void *unused)
{
	iommufd_access_destroy(driver.access);
	close_ctx(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z23-replace-in-the-callback",
	.title = "replace while the lock is dropped",
	.when = "review",
	.family = "notification",
	.lesson = "a lock that is dropped in the middle guards two halves: "
		  "say that you are under way",
	.wrong = "A replace drops the access's lock to let the driver unpin. "
		 "Nothing says that it is under way: a second replace starts "
		 "from the same old IOAS. Both take the access off its list, "
		 "and of the two new ones one keeps it for ever.",
	.right = "ioas is NULL and ioas_unpin the old IOAS for as long as a "
		 "change is under way; another one is refused.",
	.rule = "R-ACC-8: ioas and ioas_unpin differ: EBUSY",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "iopt_remove_access",
	.test = {
		.name = "replace while the lock is dropped",
		.setup = open_three,
		.threads = { { "one", goes_to_second },
			     { "another", goes_to_third } },
		.after = destroy_and_close,
	},
};
