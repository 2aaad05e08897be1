/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A vIOMMU of the mock, for the entries about queues and mappings.
 *
 * The objects are IOAS 1 with a few pages, SELFTEST 2, DEVICE 3, its HWPT 4,
 * nest parent 5, and from open_viommu() on vIOMMU 6.
 */
#ifndef TESTS_ZOO_QUEUE_H
#define TESTS_ZOO_QUEUE_H

#include "ioctls.h"
#include "zoo.h"

#define UNUSED __attribute__((unused))
#define IOVA MOCK_APERTURE_START

static char memory[4 * PAGE_SIZE] __attribute__((aligned(4096)));
static int fd;
static u32 idev, parent, viommu;

static inline u32 made(int rc)
{
	iommufd_model_assert_msg(rc > 0, "not made: error %d", -rc);
	return (u32)rc;
}

static void open_parent(void)
{
	struct iommu_test_cmd mock;
	u32 ioas;

	iommufd_model_set_page_map(identity, NULL);
	fd = iommufd_model_open();
	ioas = made(ioctl_ioas(fd));
	iommufd_model_assert(
		!ioctl_map(fd, ioas, IOVA, memory, sizeof(memory)));
	made(ioctl_mock_device(fd, ioas, &mock));
	idev = mock.mock_domain.out_idev_id;
	parent = made(ioctl_hwpt(fd, idev, ioas, IOMMU_HWPT_ALLOC_NEST_PARENT));
}

/*
 * Make a vIOMMU.  With @data it has two pages to map, at PAGE_SIZE.  Returns
 * the id or the error.
 */
UNUSED static int try_viommu(const struct iommu_viommu_selftest *data)
{
	return ioctl_viommu(fd, idev, parent, data);
}

UNUSED static void open_viommu(void *unused)
{
	(void)unused;
	open_parent();
	viommu = made(try_viommu(NULL));
}

/*
 * Make a queue with index @index, of @length bytes at @iova.  Returns the id or
 * the error.
 */
UNUSED static int try_queue(u32 index, u64 iova, u64 length)
{
	return ioctl_hw_queue(fd, viommu, index, iova, length);
}

UNUSED static u32 make_queue(u32 index)
{
	return made(try_queue(index, IOVA, PAGE_SIZE));
}

UNUSED static int destroy(u32 id)
{
	return ioctl_destroy(fd, id);
}

/* Close the context, and check that no page stays pinned. */
UNUSED static void close_ctx(void *unused)
{
	(void)unused;
	iommufd_model_close(fd);
	iommufd_model_assert(!iommufd_model_pinned());
}

#endif
