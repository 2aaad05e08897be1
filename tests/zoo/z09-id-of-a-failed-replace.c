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
	.lesson = "store what belongs to the new state when the change has "
		  "succeeded",
	.wrong = "A replace adds the access to the new IOAS's list, which "
		 "stores the number of the slot directly in the access. The "
		 "list chooses a slot, stores its number, and then has no "
		 "memory. The access is still in the old IOAS's list, but has "
		 "the number of a slot of the new one. Its detach removes an "
		 "unrelated access from the list and leaves this one in it.",
	.right = "Store the number when nothing can fail any more.",
	.rule = "R-ACC-11: the id is stored in the access only on success",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "iopt_remove_access",
	.faults = true,
	.also = "Both files contain a part of the bug. The header says what "
		"xarray.c promises: on an error nothing changes.",
	.test = {
		.name = "id overwritten by a failed replace",
		.setup = open_second_in_list,
		.threads = { { "driver", replaces_and_detaches } },
		.after = destroy_and_close,
	},
};
