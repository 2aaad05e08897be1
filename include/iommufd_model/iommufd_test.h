/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * IOMMU_TEST_CMD: the commands of the mock (spec/06).
 */
#ifndef IOMMUFD_MODEL_IOMMUFD_TEST_H
#define IOMMUFD_MODEL_IOMMUFD_TEST_H

#include <iommufd_model/uapi.h>

#define IOMMUFD_CMD_TEST 0xa0
#define IOMMU_TEST_CMD (0x3b00 | IOMMUFD_CMD_TEST)

enum {
	IOMMU_TEST_OP_CREATE_ACCESS = 5,
	IOMMU_TEST_OP_ACCESS_REPLACE_IOAS = 11,
};

enum {
	MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES = 1 << 0,
};

struct iommu_test_cmd {
	__u32 size;
	__u32 op;
	__u32 id;
	__u32 __reserved;
	union {
		struct {
			__u32 out_access_fd;
			__u32 flags;
		} create_access;
		struct {
			__u32 ioas_id;
		} access_replace_ioas;
		__u64 __room[6] __attribute__((aligned(8)));
	};
	__u32 last;
};

#endif
