// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-25b: the copy of a mapping that fork makes is not counted.
 */
#include "pages.h"

static u32 *pages;

static void map_in_setup(void *unused)
{
	open_pages(unused);
	pages = map_pages();
	iommufd_model_assert(!IS_ERR(pages));
}

/* The child has its copy till after the parent's is unmapped. */
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
	.lesson = "who copies a pointer that counts counts again",
	.wrong = "A mapping holds a unit of users, but has no open callback: "
		 "the copy that fork makes holds none, and its close drops one "
		 "all the same. After the first of the two closes nothing "
		 "keeps a DESTROY from the object, which is still mapped; the "
		 "second takes the unit of the id table.",
	.right = "The open callback takes a unit for each copy.",
	.rule = "R-OWN-27: a mapping holds the users of its owner, from mmap "
		 "and open to close",
	.fails = IOMMUFD_MODEL_FAIL_REFCOUNT,
	.says = "decrement of &immap->owner->users",
	.test = {
		.name = "fork not counted",
		.setup = map_in_setup,
		.threads = { { "user", fork_and_unmap } },
		.after = close_ctx,
	},
};
