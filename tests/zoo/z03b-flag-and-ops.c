// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-03b: an internal access is told by its having no ops, until it has some.
 *
 * The ops come from the test, as from a later owner of internal accesses; that
 * is no mistake, and the control has them too.
 */
#include "zoo.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

static int fd;
static struct iommufd_ctx *ictx;

static void open_ctx(void *unused)
{
	(void)unused;
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	iommufd_ctx_put(ictx);
}

static void internal_access_with_ops(void *unused)
{
	static const struct iommufd_access_ops ops;
	struct iommufd_access *access;

	(void)unused;
	access = iommufd_access_create_internal(ictx);
	iommufd_model_assert(!IS_ERR(access));
	access->ops = &ops;
	iommufd_access_destroy_internal(ictx, access);
}

static void close_ctx(void *unused)
{
	(void)unused;
	iommufd_model_close(fd);
}

const struct zoo_entry zoo_entry = {
	.name = "z03b-flag-and-ops",
	.title = "v6 flag and ops",
	.when = "review",
	.family = "get and put",
	.lesson = "test for what you depend on, not for what goes with it",
	.wrong = "An internal access has neither ctx nor ops, and is told by "
		 "its ops.  One day an internal access is given ops: its "
		 "destroy takes it for a driver's and puts the ctx, which is "
		 "NULL.",
	.right = "Tell it by ictx == NULL: what is not there is not put.",
	.rule = "R-ACC-18: internal is who has no ictx",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "iommufd_ctx_put",
	.test = {
		.name = "internal access with ops",
		.setup = open_ctx,
		.threads = { { "owner", internal_access_with_ops } },
		.after = close_ctx,
	},
};
