/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the entries on vDEVICEs start from: IOAS 1, a mock device that a driver
 * has bound, and a vIOMMU that may have a vDEVICE of it.
 */
#ifndef ZOO_VDEVICE_H
#define ZOO_VDEVICE_H

#include "zoo.h"
#include <iommufd_model/iommufd_test.h>
#include "mock_iommu.h"

#define VIRT_ID 0x99

static int fd;
static u32 ioas, idev, viommu, vdevice;
static struct device *dev;
static struct iommufd_device *bound;

/* @cmd points to a struct of the uAPI; its size is filled in. */
#define uapi(request, cmd)						\
	((cmd)->size = sizeof(*(cmd)),					\
	 iommufd_model_ioctl(fd, request, cmd))

static inline u32 made(int rc)
{
	iommufd_model_assert_msg(rc > 0, "not made: error %d", -rc);
	return (u32)rc;
}

static inline int try_ioas(void)
{
	struct iommu_ioas_alloc cmd = { .size = 0 };
	int rc = uapi(IOMMU_IOAS_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_ioas_id;
}

static inline int destroy(u32 id)
{
	struct iommu_destroy cmd = { .id = id };

	return uapi(IOMMU_DESTROY, &cmd);
}

static inline int try_vdevice(void)
{
	struct iommu_vdevice_alloc cmd = {
		.viommu_id = viommu, .dev_id = idev, .virt_id = VIRT_ID,
	};
	int rc = uapi(IOMMU_VDEVICE_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_vdevice_id;
}

/* On the device @idev; the page table is attached to nothing. */
static inline int try_hwpt(u32 flags)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = flags, .dev_id = idev, .pt_id = ioas,
	};
	int rc = uapi(IOMMU_HWPT_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_hwpt_id;
}

static inline int try_viommu(u32 parent)
{
	struct iommu_viommu_alloc cmd = {
		.type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = idev,
		.hwpt_id = parent,
	};
	int rc = uapi(IOMMU_VIOMMU_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_viommu_id;
}

static inline void open_ioas(void *unused)
{
	(void)unused;
	fd = iommufd_model_open();
	iommufd_model_assert(fd >= 0);
	ioas = made(try_ioas());
}

/* A device of the mock, bound and attached to nothing. */
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
