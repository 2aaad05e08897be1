/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A vIOMMU that can have queues, for the entries about internal accesses.
 */
#ifndef ZOO_Z03_H
#define ZOO_Z03_H

#include "zoo.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/model.h>

#define IOVA MOCK_APERTURE_START

static char memory[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static int fd;
static u32 ioas, viommu;

#define uapi(request, cmd)						\
	iommufd_model_assert(!iommufd_model_ioctl(fd, request, cmd))

/* IOAS, device, nest parent, vIOMMU. */
static void open_viommu(void *unused)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.user_va = (uintptr_t)memory,
		.length = PAGE_SIZE,
		.iova = IOVA,
	};
	struct iommu_test_cmd dev = {
		.size = sizeof(dev), .op = IOMMU_TEST_OP_MOCK_DOMAIN,
	};
	struct iommu_hwpt_alloc parent = {
		.size = sizeof(parent), .flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
	};
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd), .type = IOMMU_VIOMMU_TYPE_SELFTEST,
	};

	(void)unused;
	fd = iommufd_model_open();
	uapi(IOMMU_IOAS_ALLOC, &alloc);
	ioas = alloc.out_ioas_id;
	map.ioas_id = ioas;
	uapi(IOMMU_IOAS_MAP, &map);
	dev.id = ioas;
	uapi(IOMMU_TEST_CMD, &dev);
	parent.dev_id = dev.mock_domain.out_idev_id;
	parent.pt_id = ioas;
	uapi(IOMMU_HWPT_ALLOC, &parent);
	cmd.dev_id = parent.dev_id;
	cmd.hwpt_id = parent.out_hwpt_id;
	uapi(IOMMU_VIOMMU_ALLOC, &cmd);
	viommu = cmd.out_viommu_id;
}

static u32 make_queue(void)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = viommu,
		.type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.nesting_parent_iova = IOVA,
		.length = PAGE_SIZE,
	};

	uapi(IOMMU_HW_QUEUE_ALLOC, &cmd);
	return cmd.out_hw_queue_id;
}

#endif
