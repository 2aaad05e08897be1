// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-04: mmap looks up a cookie without the lock.
 */
#include "pages.h"

static void map_and_unmap(void *unused)
{
	u32 *pages = map_pages();

	(void)unused;
	if (IS_ERR(pages)) {
		iommufd_model_assert(PTR_ERR(pages) == -ENXIO);
		return;
	}
	unmap_pages(pages);
}

const struct zoo_entry zoo_entry = {
	.name = "z04-unlocked-cookie",
	.title = "unlocked cookie",
	.when = "6.17-rc",
	.family = "files",
	.lesson = "find an object and take the reference under one lock",
	.wrong = "mmap looks up the cookie without the lock that guards the "
		 "cookies, and then increments users of the cookie's owner. "
		 "In between, a DESTROY removes the cookie and frees the "
		 "owner.",
	.right = "Take the lock, and increment users of the owner unless it "
		 "is 0, before any other field of the owner is used. Then "
		 "release the lock.",
	.rule = "R-MMAP-3: the cookie lock decides between mmap and the "
		 "destroy of the owner",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "viommu",
	.test = {
		.name = "unlocked cookie",
		.setup = open_pages,
		.threads = { { "mmap", map_and_unmap },
			     { "destroy", destroy_viommu } },
		.after = close_ctx,
	},
};
