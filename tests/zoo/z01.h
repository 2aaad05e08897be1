/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The threads of Z-01 and its other forms: one thread uses a demo object, and
 * another one destroys it.
 */
#ifndef ZOO_Z01_H
#define ZOO_Z01_H

#include "z01-put-tail-type.h"
#include "zoo.h"
#include <iommufd_model/model.h>

static int fd;
static struct iommufd_ctx *ictx;
static u32 id;

static void open_demo(void *unused)
{
	(void)unused;
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	id = demo_make(ictx);
	iommufd_ctx_put(ictx);
}

__attribute__((unused)) static void use(void *unused)
{
	struct demo *demo = demo_get(ictx, id);

	(void)unused;
	if (!demo)
		return;
	iommufd_model_assert(demo_value(demo) == 4711);
	demo_put(ictx, demo);
}

static void destroy(void *unused)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	(void)unused;
	iommufd_model_ioctl(fd, IOMMU_DESTROY, &cmd);
}

static void close_ctx(void *unused)
{
	(void)unused;
	iommufd_model_close(fd);
}

#endif
