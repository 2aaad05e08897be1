/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The threads of Z-01 and its other forms: one uses a thing, the other destroys
 * it.
 */
#ifndef ZOO_Z01_H
#define ZOO_Z01_H

#include "z01-put-tail-type.h"
#include "zoo.h"
#include <iommufd_model/model.h>

static int fd;
static struct iommufd_ctx *ictx;
static u32 id;

static void open_thing(void *unused)
{
	(void)unused;
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	id = thing_make(ictx);
	iommufd_ctx_put(ictx);
}

__attribute__((unused)) static void use(void *unused)
{
	struct thing *thing = thing_get(ictx, id);

	(void)unused;
	if (!thing)
		return;
	iommufd_model_assert(thing_value(thing) == 4711);
	thing_put(ictx, thing);
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
