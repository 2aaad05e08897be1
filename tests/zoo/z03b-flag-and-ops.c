// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-03b: an internal access is recognised by its missing ops, until it has
 * some.
 *
 * The test sets the ops, as a later owner of internal accesses might.  That is
 * no mistake, and the control sets them too.
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
	.lesson = "test for what you depend on, not for what usually comes "
		  "with it",
	.wrong = "An internal access has neither ctx nor ops, and is "
		 "recognised by its missing ops. Later an internal access is "
		 "given ops. Its destroy then takes it for the access of a "
		 "driver and puts the ctx, which is NULL.",
	.right = "Recognise it by ictx == NULL: then there is no ctx to put.",
	.rule = "R-ACC-18: an access is internal if it has no ictx",
	.fails = IOMMUFD_MODEL_FAIL_WARN,
	.says = "iommufd_ctx_put",
	.test = {
		.name = "internal access with ops",
		.setup = open_ctx,
		.threads = { { "owner", internal_access_with_ops } },
		.after = close_ctx,
	},
};
