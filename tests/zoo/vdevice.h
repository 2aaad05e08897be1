/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The objects for the entries on vDEVICEs: IOAS 1, a mock device that a driver
 * has bound, and a vIOMMU that may have a vDEVICE of it.
 */
#ifndef TESTS_ZOO_VDEVICE_H
#define TESTS_ZOO_VDEVICE_H

#include "ioctls.h"
#include "mock_iommu.h"
#include "zoo.h"

#define VIRT_ID 0x99

static int fd;
static u32 ioas, idev, viommu, vdevice;
static struct device *dev;
static struct iommufd_device *bound;

static inline u32 made(int rc)
{
	iommufd_model_assert_msg(rc > 0, "not made: error %d", -rc);
	return (u32)rc;
}

static inline int destroy(u32 id)
{
	return ioctl_destroy(fd, id);
}

static inline int try_vdevice(void)
{
	return ioctl_vdevice(fd, viommu, idev, VIRT_ID);
}

/* Make a HWPT for the device @idev, to which no device is attached. */
static inline int try_hwpt(u32 flags)
{
	return ioctl_hwpt(fd, idev, ioas, flags);
}

static inline int try_viommu(u32 parent)
{
	return ioctl_viommu(fd, idev, parent, NULL);
}

static inline void open_ioas(void *unused)
{
	(void)unused;
	fd = iommufd_model_open();
	iommufd_model_assert(fd >= 0);
	ioas = made(ioctl_ioas(fd));
}

/* Make a mock device, which is bound and attached to nothing. */
static inline void open_device(void *unused)
{
	struct iommufd_ctx *ictx;

	open_ioas(unused);
	ictx = iommufd_ctx_from_fd(fd);
	dev = iommufd_mock_dev_create(0);
	iommufd_model_assert(!IS_ERR(dev));
	bound = iommufd_device_bind(ictx, dev, &idev);
	iommufd_model_assert(!IS_ERR(bound));
	iommufd_ctx_put(ictx);
}

static inline void open_viommu(void *unused)
{
	open_device(unused);
	viommu = made(try_viommu(
		made(try_hwpt(IOMMU_HWPT_ALLOC_NEST_PARENT))));
}

static inline void open_vdevice(void *unused)
{
	open_viommu(unused);
	vdevice = made(try_vdevice());
}

static inline void makes_vdevice(void *unused)
{
	(void)unused;
	try_vdevice();
}

static inline void destroys_vdevice(void *unused)
{
	(void)unused;
	destroy(vdevice);
}

static inline void unbinds(void *unused)
{
	(void)unused;
	iommufd_device_unbind(bound);
}

static inline void close_all(void *unused)
{
	(void)unused;
	iommufd_model_close(fd);
	iommufd_mock_dev_destroy(dev);
}

#endif
