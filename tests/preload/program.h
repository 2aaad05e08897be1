/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Functions for the programs that iommufd-model exec runs.  They do not know
 * this library: they use only the structs of the kernel, and system calls.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <iommufd_model/uapi.h>
#include <iommufd_model/iommufd_test.h>

#define CHECK(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: %s: not true (errno %s)\n", \
				__FILE__, __LINE__, #condition,		\
				strerror(errno));			\
			exit(1);					\
		}							\
	} while (0)

/* Check that the call fails with this errno. */
#define FAILS(wanted, call)				\
	do {						\
		errno = 0;				\
		CHECK((long)(call) == -1);		\
		CHECK(errno == (wanted));		\
	} while (0)

static inline int open_iommu(void)
{
	int fd = open("/dev/iommu", O_RDWR);

	CHECK(fd >= 0);
	return fd;
}

static inline uint32_t new_ioas(int fd)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	CHECK(!ioctl(fd, IOMMU_IOAS_ALLOC, &cmd));
	return cmd.out_ioas_id;
}

static inline int destroy(int fd, uint32_t id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return ioctl(fd, IOMMU_DESTROY, &cmd);
}

static inline int test_command(int fd, uint32_t op, struct iommu_test_cmd *cmd)
{
	cmd->size = sizeof(*cmd);
	cmd->op = op;
	return ioctl(fd, IOMMU_TEST_CMD, cmd);
}

/* A device of the mock, on an IOAS, and a vIOMMU for it. */
struct machine {
	int fd;
	uint32_t ioas, stdev, device, mock_hwpt, hwpt, viommu;
	uint64_t mmap_offset, mmap_length;
};

static inline void make_machine(struct machine *m)
{
	struct iommu_test_cmd mock = { .id = 0 };
	struct iommu_hwpt_alloc hwpt = {
		.size = sizeof(hwpt), .flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
	};
	struct iommu_viommu_selftest data = { .in_data = 1 };
	struct iommu_viommu_alloc viommu = {
		.size = sizeof(viommu), .type = 0xdeadbeef,
		.data_len = sizeof(data), .data_uptr = (uintptr_t)&data,
	};

	m->fd = open_iommu();
	m->ioas = new_ioas(m->fd);
	mock.id = m->ioas;
	CHECK(!test_command(m->fd, IOMMU_TEST_OP_MOCK_DOMAIN, &mock));
	m->stdev = mock.mock_domain.out_stdev_id;
	m->mock_hwpt = mock.mock_domain.out_hwpt_id;
	m->device = mock.mock_domain.out_idev_id;
	hwpt.dev_id = m->device;
	hwpt.pt_id = m->ioas;
	CHECK(!ioctl(m->fd, IOMMU_HWPT_ALLOC, &hwpt));
	m->hwpt = hwpt.out_hwpt_id;
	viommu.dev_id = m->device;
	viommu.hwpt_id = m->hwpt;
	CHECK(!ioctl(m->fd, IOMMU_VIOMMU_ALLOC, &viommu));
	m->viommu = viommu.out_viommu_id;
	m->mmap_offset = data.out_mmap_offset;
	m->mmap_length = data.out_mmap_length;
}

#endif
