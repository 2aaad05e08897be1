// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-09: a replace that fails leaves the new IOAS's slot number in the access.
 */
#include "access.h"

static struct iommufd_access *first;
static u32 other;

/*
 * The driver's access has slot 1 of its IOAS.  It would get slot 0 of the other
 * one, if there were memory for the list.
 */
static void open_second_in_list(void *unused)
{
	u32 ioas;

	(void)unused;
	open_ctx();
	ioas = make_ioas();
	other = make_ioas();
	make_driver(ioas);
	first = driver.access;
	make_driver(ioas);
}

static void replaces_and_detaches(void *unused)
{
	int rc;

	(void)unused;
	rc = iommufd_access_replace(driver.access, other);
	iommufd_model_assert(!rc || rc == -ENOMEM);
	iommufd_access_detach(driver.access);
}

static void destroy_and_close(void *unused)
{
	iommufd_access_destroy(driver.access);
	iommufd_access_destroy(first);
	close_ctx(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z09-id-of-a-failed-replace",
	.title = "id overwritten by a failed replace",
	.when = "review",
	.family = "notification",
	.lesson = "commit what you know of the new one when you have it",
	.wrong = "A replace enters the access in the new IOAS's list and has "
		 "the number of the slot stored right in the access. The list "
		 "chooses a slot, tells the number, and finds no memory. The "
		 "access is on the old IOAS still but has the other's number: "
		 "its detach takes a stranger off the list and stays there "
		 "itself.",
	.right = "The number is stored when nothing can fail any more.",
	.rule = "R-ACC-11: only on success the id is stored in the access",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "iopt_remove_access",
	.faults = true,
	.also = "Both files have a part in it. What xarray.c promises is in "
		"the header: nothing changes on error.",
	.test = {
		.name = "id overwritten by a failed replace",
		.setup = open_second_in_list,
		.threads = { { "driver", replaces_and_detaches } },
		.after = destroy_and_close,
	},
};
