// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-03a, the reverse: create takes no reference, and destroy drops one.
 */
#include "zoo.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

static int fd;

static void open_ctx(void *unused)
{
	(void)unused;
	fd = iommufd_model_open();
}

static void internal_access_and_close(void *unused)
{
	struct iommufd_ctx *ictx = iommufd_ctx_from_fd(fd);
	struct iommufd_access *access;

	(void)unused;
	access = iommufd_access_create_internal(ictx);
	iommufd_model_assert(!IS_ERR(access));
	iommufd_access_destroy_internal(ictx, access);
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
}

const struct zoo_entry zoo_entry = {
	.name = "z03a-put-without-get",
	.title = "one-sided predicate, reversed",
	.when = "review",
	.family = "get and put",
	.lesson = "get and put are decided by the same test",
	.wrong = "An internal access knows its ctx but takes no reference, "
		 "because it has no ops. Its destroy drops one, because it "
		 "has a ctx. That was the descriptor's reference: the ctx is "
		 "released while /dev/iommu is open.",
	.right = "Use the same test on both sides.",
	.rule = "R-ACC-18: an internal access holds no reference to its ctx",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "&file->f_count in file",
	.test = {
		.name = "internal access and close",
		.setup = open_ctx,
		.threads = { { "user", internal_access_and_close } },
	},
};
