/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The ioctls that most tests make, by file descriptor and without an assertion,
 * so that explored threads, threads of the system and the zoo can use them too.
 *
 * A function that makes an object returns its id, or a negative error.  All
 * others return 0 or a negative error.
 */
#ifndef TESTS_SUPPORT_IOCTLS_H
#define TESTS_SUPPORT_IOCTLS_H

#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/model.h>
#include <iommufd_model/uapi.h>

/* @cmd points to a struct of the uAPI; its size is filled in. */
#define ioctl_sized(fd, request, cmd)					\
	((cmd)->size = sizeof(*(cmd)), iommufd_model_ioctl(fd, request, cmd))

int ioctl_destroy(int fd, u32 id);
int ioctl_ioas(int fd);

/* Map at a fixed IOVA, readable and writeable. */
int ioctl_map(int fd, u32 ioas, u64 iova, const void *va, u64 length);
int ioctl_unmap(int fd, u32 ioas, u64 iova, u64 length);

/* Copy a mapping to the same IOVA of another IOAS. */
int ioctl_copy(int fd, u32 src, u32 dst, u64 iova, u64 length);

/*
 * Give a command to the mock; @cmd has the other arguments and gets the
 * results.
 */
int ioctl_test(int fd, u32 op, u32 id, struct iommu_test_cmd *cmd);

/*
 * Make a mock device that is attached to @pt_id.  Returns the id of its
 * SELFTEST object; @cmd gets the other ids.
 */
int ioctl_mock_device(int fd, u32 pt_id, struct iommu_test_cmd *cmd);

/* Make a paging HWPT to which no device is attached. */
int ioctl_hwpt(int fd, u32 idev, u32 ioas, u32 flags);

struct iommu_viommu_selftest;

/*
 * Make a vIOMMU.  @data is NULL, or what the mock's driver reads and fills in.
 */
int ioctl_viommu(int fd, u32 idev, u32 parent,
		 const struct iommu_viommu_selftest *data);
int ioctl_vdevice(int fd, u32 viommu, u32 idev, u64 virt_id);
int ioctl_hw_queue(int fd, u32 viommu, u32 index, u64 iova, u64 length);

/* Make a queue of events; *@event_fd is set to the descriptor of its file. */
int ioctl_veventq(int fd, u32 viommu, u32 type, u32 depth, int *event_fd);
int ioctl_fault(int fd, int *event_fd);

/*
 * For iommufd_model_set_page_map(): a physical address is the virtual address.
 */
u64 identity(u64 pfn, void *unused);

#endif
