/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* An access that its driver destroys, which is a destroy that waits. */
#ifndef TESTS_ZOO_D1_H
#define TESTS_ZOO_D1_H

#include "ioctls.h"
#include "zoo.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

static int fd;
static struct iommufd_ctx *ictx;
static struct iommufd_access *access_of_driver;
static u32 id;

static void open_access(void *unused)
{
	static const struct iommufd_access_ops ops;

	(void)unused;
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	access_of_driver = iommufd_access_create(ictx, &ops, NULL, &id);
	iommufd_model_assert(!IS_ERR(access_of_driver));
	iommufd_ctx_put(ictx);
}

__attribute__((unused)) static void driver_destroys(void *unused)
{
	(void)unused;
	iommufd_access_destroy(access_of_driver);
}

__attribute__((unused)) static void look_up(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ACCESS);
	if (!IS_ERR(obj))
		iommufd_put_object(ictx, obj);
}

__attribute__((unused)) static void user_destroys(void *unused)
{
	(void)unused;
	ioctl_destroy(fd, id);
}

static void close_ctx(void *unused)
{
	(void)unused;
	iommufd_model_close(fd);
}

#endif
