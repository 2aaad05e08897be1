// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "ioctls.h"

#define MAP_FLAGS                                              \
	(IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | \
	 IOMMU_IOAS_MAP_WRITEABLE)

int ioctl_destroy(int fd, u32 id)
{
	struct iommu_destroy cmd = { .id = id };

	return ioctl_sized(fd, IOMMU_DESTROY, &cmd);
}

int ioctl_ioas(int fd)
{
	struct iommu_ioas_alloc cmd = { .size = 0 };
	int rc = ioctl_sized(fd, IOMMU_IOAS_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_ioas_id;
}

int ioctl_map(int fd, u32 ioas, u64 iova, const void *va, u64 length)
{
	struct iommu_ioas_map cmd = {
		.flags = MAP_FLAGS,
		.ioas_id = ioas,
		.user_va = (uintptr_t)va,
		.length = length,
		.iova = iova,
	};

	return ioctl_sized(fd, IOMMU_IOAS_MAP, &cmd);
}

int ioctl_unmap(int fd, u32 ioas, u64 iova, u64 length)
{
	struct iommu_ioas_unmap cmd = {
		.ioas_id = ioas,
		.iova = iova,
		.length = length,
	};

	return ioctl_sized(fd, IOMMU_IOAS_UNMAP, &cmd);
}

int ioctl_copy(int fd, u32 src, u32 dst, u64 iova, u64 length)
{
	struct iommu_ioas_copy cmd = {
		.flags = MAP_FLAGS,
		.src_ioas_id = src,
		.dst_ioas_id = dst,
		.length = length,
		.src_iova = iova,
		.dst_iova = iova,
	};

	return ioctl_sized(fd, IOMMU_IOAS_COPY, &cmd);
}

int ioctl_test(int fd, u32 op, u32 id, struct iommu_test_cmd *cmd)
{
	cmd->op = op;
	cmd->id = id;
	return ioctl_sized(fd, IOMMU_TEST_CMD, cmd);
}

int ioctl_mock_device(int fd, u32 pt_id, struct iommu_test_cmd *cmd)
{
	int rc;

	*cmd = (struct iommu_test_cmd){ .size = 0 };
	rc = ioctl_test(fd, IOMMU_TEST_OP_MOCK_DOMAIN, pt_id, cmd);
	return rc ? rc : (int)cmd->mock_domain.out_stdev_id;
}

int ioctl_hwpt(int fd, u32 idev, u32 ioas, u32 flags)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = flags,
		.dev_id = idev,
		.pt_id = ioas,
	};
	int rc = ioctl_sized(fd, IOMMU_HWPT_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_hwpt_id;
}

int ioctl_viommu(int fd, u32 idev, u32 parent,
		 const struct iommu_viommu_selftest *data)
{
	struct iommu_viommu_alloc cmd = {
		.type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = idev,
		.hwpt_id = parent,
		.data_len = data ? sizeof(*data) : 0,
		.data_uptr = (uintptr_t)data,
	};
	int rc = ioctl_sized(fd, IOMMU_VIOMMU_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_viommu_id;
}

int ioctl_vdevice(int fd, u32 viommu, u32 idev, u64 virt_id)
{
	struct iommu_vdevice_alloc cmd = {
		.viommu_id = viommu,
		.dev_id = idev,
		.virt_id = virt_id,
	};
	int rc = ioctl_sized(fd, IOMMU_VDEVICE_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_vdevice_id;
}

int ioctl_hw_queue(int fd, u32 viommu, u32 index, u64 iova, u64 length)
{
	struct iommu_hw_queue_alloc cmd = {
		.viommu_id = viommu,
		.type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.index = index,
		.nesting_parent_iova = iova,
		.length = length,
	};
	int rc = ioctl_sized(fd, IOMMU_HW_QUEUE_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_hw_queue_id;
}

int ioctl_veventq(int fd, u32 viommu, u32 type, u32 depth, int *event_fd)
{
	struct iommu_veventq_alloc cmd = {
		.viommu_id = viommu,
		.type = type,
		.veventq_depth = depth,
	};
	int rc = ioctl_sized(fd, IOMMU_VEVENTQ_ALLOC, &cmd);

	if (rc)
		return rc;
	*event_fd = (int)cmd.out_veventq_fd;
	return (int)cmd.out_veventq_id;
}

int ioctl_fault(int fd, int *event_fd)
{
	struct iommu_fault_alloc cmd = { .size = 0 };
	int rc = ioctl_sized(fd, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	if (rc)
		return rc;
	*event_fd = (int)cmd.out_fault_fd;
	return (int)cmd.out_fault_id;
}

u64 identity(u64 pfn, void *unused)
{
	(void)unused;
	return pfn;
}
