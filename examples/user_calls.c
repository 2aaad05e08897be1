// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * User space: open /dev/iommu, make objects, map memory, destroy, close.
 *
 * The example shows that the functions are the system calls with iommufd_model_
 * in front of their names, that they return errors as negative numbers, and
 * that an object can be destroyed when no other object holds it.  A device of
 * the mock IOMMU is attached to an IOAS:
 *
 *	SELFTEST -> DEVICE -> HWPT -> IOAS
 */
#include "account.h"
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/model.h>
#include <iommufd_model/uapi.h>

static char memory[2 * PAGE_SIZE] __attribute__((aligned(4096)));

static int destroy(int fd, u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return iommufd_model_ioctl(fd, IOMMU_DESTROY, &cmd);
}

int main(void)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.user_va = (uintptr_t)memory,
		.length = sizeof(memory),
		.iova = MOCK_APERTURE_START,
	};
	struct iommu_test_cmd device = {
		.size = sizeof(device), .op = IOMMU_TEST_OP_MOCK_DOMAIN,
	};
	int fd = iommufd_model_open();

	number("open /dev/iommu", fd, 3);
	result("make an IOAS",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc), 0);
	number("its id", alloc.out_ioas_id, 1);

	map.ioas_id = alloc.out_ioas_id;
	result("map memory", iommufd_model_ioctl(fd, IOMMU_IOAS_MAP, &map), 0);
	result("at the same IOVA again",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_MAP, &map), -EEXIST);

	device.id = alloc.out_ioas_id;
	result("attach a device",
	       iommufd_model_ioctl(fd, IOMMU_TEST_CMD, &device), 0);
	result("destroy the IOAS", destroy(fd, alloc.out_ioas_id), -EBUSY);
	result("destroy the HWPT that the attach made",
	       destroy(fd, device.mock_domain.out_hwpt_id), -EBUSY);
	result("destroy the device's owner, the SELFTEST",
	       destroy(fd, device.mock_domain.out_stdev_id), 0);
	result("destroy the HWPT, which is destroyed already",
	       destroy(fd, device.mock_domain.out_hwpt_id), -ENOENT);
	result("destroy the IOAS", destroy(fd, alloc.out_ioas_id), 0);

	result("close", iommufd_model_close(fd), 0);
	result("close", iommufd_model_close(fd), -EBADF);
	return account_end();
}
