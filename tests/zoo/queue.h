/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A vIOMMU of the mock, for the entries about queues and what is mapped.
 *
 * IOAS 1 with a few pages, SELFTEST 2, DEVICE 3, its HWPT 4, nest parent 5, and
 * from open_viommu() vIOMMU 6.
 */
#ifndef ZOO_QUEUE_H
#define ZOO_QUEUE_H

#include "zoo.h"
#include <iommufd_model/iommufd_test.h>

#define UNUSED __attribute__((unused))
#define IOVA MOCK_APERTURE_START

static char memory[4 * PAGE_SIZE] __attribute__((aligned(4096)));
static int fd;
static u32 idev, parent, viommu;

/* @cmd points to a struct of the uAPI; its size is filled in. */
#define call(request, cmd)						\
	((cmd)->size = sizeof(*(cmd)), iommufd_model_ioctl(fd, request, cmd))

static u64 identity(u64 pfn, void *unused)
{
	(void)unused;
	return pfn;
}

static void open_parent(void)
{
	struct iommu_ioas_alloc ioas = { .size = 0 };
	struct iommu_ioas_map map = {
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.user_va = (uintptr_t)memory,
		.length = sizeof(memory),
		.iova = IOVA,
	};
	struct iommu_test_cmd mock = { .op = IOMMU_TEST_OP_MOCK_DOMAIN };
	struct iommu_hwpt_alloc hwpt = {
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
	};

	iommufd_model_set_page_map(identity, NULL);
	fd = iommufd_model_open();
	iommufd_model_assert(!call(IOMMU_IOAS_ALLOC, &ioas));
	map.ioas_id = ioas.out_ioas_id;
	iommufd_model_assert(!call(IOMMU_IOAS_MAP, &map));
	mock.id = ioas.out_ioas_id;
	iommufd_model_assert(!call(IOMMU_TEST_CMD, &mock));
	idev = mock.mock_domain.out_idev_id;
	hwpt.dev_id = idev;
	hwpt.pt_id = ioas.out_ioas_id;
	iommufd_model_assert(!call(IOMMU_HWPT_ALLOC, &hwpt));
	parent = hwpt.out_hwpt_id;
}

/* With @data it has two pages to map, at PAGE_SIZE.  Its id or the error. */
UNUSED static int try_viommu(const struct iommu_viommu_selftest *data)
{
	struct iommu_viommu_alloc cmd = {
		.type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = idev,
		.hwpt_id = parent,
		.data_len = data ? sizeof(*data) : 0,
		.data_uptr = (uintptr_t)data,
	};
	int rc = call(IOMMU_VIOMMU_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_viommu_id;
}

UNUSED static void open_viommu(void *unused)
{
	int id;

	(void)unused;
	open_parent();
	id = try_viommu(NULL);
	iommufd_model_assert(id > 0);
	viommu = (u32)id;
}

/* In slot @index, @length bytes at @iova.  Its id or the error. */
UNUSED static int try_queue(u32 index, u64 iova, u64 length)
{
	struct iommu_hw_queue_alloc cmd = {
		.viommu_id = viommu,
		.type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.index = index,
		.nesting_parent_iova = iova,
		.length = length,
	};
	int rc = call(IOMMU_HW_QUEUE_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_hw_queue_id;
}

UNUSED static u32 make_queue(u32 index)
{
	int id = try_queue(index, IOVA, PAGE_SIZE);

	iommufd_model_assert(id > 0);
	return (u32)id;
}

UNUSED static int destroy(u32 id)
{
	struct iommu_destroy cmd = { .id = id };

	return call(IOMMU_DESTROY, &cmd);
}

/* The context goes, and no pin is left. */
UNUSED static void close_ctx(void *unused)
{
	(void)unused;
	iommufd_model_close(fd);
	iommufd_model_assert(!iommufd_model_pinned());
}

#endif
