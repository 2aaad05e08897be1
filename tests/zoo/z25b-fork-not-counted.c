// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-25b: the copy of a mapping that fork makes takes no reference.
 */
#include "pages.h"

static u32 *pages;

static void map_in_setup(void *unused)
{
	open_pages(unused);
	pages = map_pages();
	iommufd_model_assert(!IS_ERR(pages));
}

/* The child keeps its copy until after the parent has unmapped. */
static void fork_and_unmap(void *unused)
{
	(void)unused;
	iommufd_model_assert(!iommufd_model_mdup(pages, PAGES_LENGTH));
	unmap_pages(pages);
	unmap_pages(pages);
}

const struct zoo_entry zoo_entry = {
	.name = "z25b-fork-not-counted",
	.title = "fork not counted",
	.when = "review",
	.family = "files",
	.lesson = "a copy of a pointer that holds a reference needs a "
		  "reference of its own",
	.wrong = "A mapping holds a reference in users, but has no open "
		 "callback. So the copy that fork makes holds none, and its "
		 "close drops one all the same. After the first of the two "
		 "closes a DESTROY succeeds while the object is still mapped. "
		 "The second close drops the reference of the id table.",
	.right = "The open callback takes a reference for each copy.",
	.rule = "R-OWN-27: a mapping holds users of its owner, from mmap and "
		 "open until close",
	.fails = IOMMUFD_MODEL_FAIL_REFCOUNT,
	.says = "decrement of &immap->owner->users",
	.test = {
		.name = "fork not counted",
		.setup = map_in_setup,
		.threads = { { "user", fork_and_unmap } },
		.after = close_ctx,
	},
};
