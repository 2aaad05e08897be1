// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-23: the IOAS of an access is changed by two threads at a time.
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
	.lesson = "if a lock is released in the middle of a change, a flag "
		  "must say that the change is in progress",
	.wrong = "A replace releases the access's lock to let the driver "
		 "unpin. Nothing says that it is in progress, so a second "
		 "replace starts from the same old IOAS. Both remove the "
		 "access from the old list, and one of the two new IOASes "
		 "keeps it in its list for ever.",
	.right = "During a change, ioas is NULL and ioas_unpin is the old "
		 "IOAS. A second change is refused.",
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
