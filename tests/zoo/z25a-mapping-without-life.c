// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-25a: a mapping does not hold the object whose memory it shows.
 */
#include "pages.h"

static u32 *pages;

static void map_in_setup(void *unused)
{
	open_pages(unused);
	pages = map_pages();
	iommufd_model_assert(!IS_ERR(pages));
}

static void read_and_unmap(void *unused)
{
	(void)unused;
	iommufd_model_assert(READ_ONCE(*pages) == NUMBER);
	unmap_pages(pages);
}

const struct zoo_entry zoo_entry = {
	.name = "z25a-mapping-without-life",
	.title = "mapping without life",
	.when = "review",
	.family = "files",
	.lesson = "a mapping is a user like any other",
	.wrong = "mmap takes no reference: neither the mapping nor its copies "
		 "in forked processes hold the object whose memory they show. "
		 "A DESTROY frees the object and its memory, while the "
		 "mapping still shows it.",
	.right = "Each mapping holds a reference in users, from mmap, or from "
		 "the open of a copy, until its close.",
	.rule = "R-OWN-27: a mapping holds users of its owner, from mmap and "
		 "open until close",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "*pages",
	.test = {
		.name = "mapping without life",
		.setup = map_in_setup,
		.threads = { { "user", read_and_unmap },
			     { "destroy", destroy_viommu } },
		.after = close_ctx,
	},
};
