// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D11: a cookie can be mapped before its owner is published.
 */
#include "pages.h"

static u32 *pages;

static void open_ctx(void *unused)
{
	(void)unused;
	open_parent();
	pages = NULL;
}

/*
 * The response cannot be copied to user space.  The driver has made its cookie
 * by then, and undoes everything.
 */
static void fail_to_alloc(void *unused)
{
	static const struct iommu_viommu_selftest read_only = { .in_data = 1 };

	(void)unused;
	iommufd_model_assert(try_viommu(&read_only) == -EFAULT);
}

/* User space can guess the offset: it is the lowest one. */
static void map_early(void *unused)
{
	(void)unused;
	pages = map_pages();
}

static void unmap_and_close(void *unused)
{
	if (!IS_ERR(pages))
		unmap_pages(pages);
	close_ctx(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "d11-cookie-before-owner",
	.title = "cookie live before its owner",
	.when = "review",
	.family = "creation",
	.lesson = "no part of an object may be found before the object is "
		  "published",
	.wrong = "The driver makes a cookie for an object that is not "
		 "published yet. A thread that guesses the offset maps it and "
		 "takes a reference in users. Then the creation fails. The "
		 "undo finds a second reference in users, where there can be "
		 "only its own, and leaves a mapping whose cookie and memory "
		 "are freed.",
	.right = "Refuse to map with ENXIO until the owner is in the table.",
	.rule = "R-OBJ-6: abort requires that there is no other reference",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "iommufd_fops_mmap",
	.test = {
		.name = "cookie live before its owner",
		.setup = open_ctx,
		.threads = { { "alloc", fail_to_alloc },
			     { "mmap", map_early } },
		.after = unmap_and_close,
	},
};
