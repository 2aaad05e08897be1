/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * IOMMU_TEST_CMD: the commands of the mock IOMMU (spec/06), as far as they bear
 * on lifetimes.  The others (dirty tracking, PASID, page faults, device caches,
 * dma-buf) have their numbers here and are -EOPNOTSUPP.
 */
#ifndef IOMMUFD_MODEL_IOMMUFD_TEST_H
#define IOMMUFD_MODEL_IOMMUFD_TEST_H

#include <iommufd_model/uapi.h>

#define IOMMUFD_CMD_TEST 0xa0
#define IOMMU_TEST_CMD (0x3b00 | IOMMUFD_CMD_TEST)

enum {
	IOMMU_TEST_OP_ADD_RESERVED = 1,
	IOMMU_TEST_OP_MOCK_DOMAIN,
	IOMMU_TEST_OP_MD_CHECK_MAP,
	IOMMU_TEST_OP_MD_CHECK_REFS,
	IOMMU_TEST_OP_CREATE_ACCESS,
	IOMMU_TEST_OP_DESTROY_ACCESS_PAGES,
	IOMMU_TEST_OP_ACCESS_PAGES,
	IOMMU_TEST_OP_ACCESS_RW,
	IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT,
	IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
	IOMMU_TEST_OP_ACCESS_REPLACE_IOAS,
	IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
	IOMMU_TEST_OP_DIRTY,
	IOMMU_TEST_OP_MD_CHECK_IOTLB,
	IOMMU_TEST_OP_TRIGGER_IOPF,
	IOMMU_TEST_OP_DEV_CHECK_CACHE,
	IOMMU_TEST_OP_TRIGGER_VEVENT,
	IOMMU_TEST_OP_PASID_ATTACH,
	IOMMU_TEST_OP_PASID_REPLACE,
	IOMMU_TEST_OP_PASID_DETACH,
	IOMMU_TEST_OP_PASID_CHECK_HWPT,
	IOMMU_TEST_OP_DMABUF_GET,
	IOMMU_TEST_OP_DMABUF_REVOKE,
};

enum {
	MOCK_IOMMUPT_DEFAULT = 0,
	MOCK_IOMMUPT_HUGE = 1,
};

enum {
	MOCK_FLAGS_ACCESS_WRITE = 1 << 0,
	MOCK_FLAGS_ACCESS_SYZ = 1 << 16,
};

enum {
	MOCK_ACCESS_RW_WRITE = 1 << 0,
	MOCK_ACCESS_RW_SLOW_PATH = 1 << 2,
};

enum {
	MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES = 1 << 0,
};

enum {
	MOCK_FLAGS_DEVICE_NO_DIRTY = 1 << 0,
	MOCK_FLAGS_DEVICE_PASID = 1 << 2,
};

#define MOCK_APERTURE_START (1ul << 24)
#define MOCK_APERTURE_LAST ((1ul << 31) - 1)
#define MOCK_PAGE_SIZE 2048ul
#define MOCK_HUGE_PAGE_SIZE (512 * MOCK_PAGE_SIZE)

#define IOMMU_HWPT_DATA_SELFTEST 0xdeadu
#define IOMMU_TEST_IOTLB_DEFAULT 0xbadbeefu
#define IOMMU_VIOMMU_TYPE_SELFTEST 0xdeadbeefu
#define IOMMU_VEVENTQ_TYPE_SELFTEST 0xbeefbeefu
#define IOMMU_HW_QUEUE_TYPE_SELFTEST 0xdeadbeefu
#define IOMMU_TEST_HW_QUEUE_MAX 2
#define MOCK_NESTED_DOMAIN_IOTLB_ID_MAX 3
#define MOCK_NESTED_DOMAIN_IOTLB_NUM 4

struct iommu_test_cmd {
	__u32 size;
	__u32 op;
	__u32 id;
	__u32 __reserved;
	union {
		struct {
			__u64 start __attribute__((aligned(8)));
			__u64 length __attribute__((aligned(8)));
		} add_reserved;
		struct {
			__u32 out_stdev_id;
			__u32 out_hwpt_id;
			__u32 out_idev_id;
		} mock_domain;
		struct {
			__u32 out_stdev_id;
			__u32 out_hwpt_id;
			__u32 out_idev_id;
			__u32 dev_flags;
		} mock_domain_flags;
		struct {
			__u32 pt_id;
		} mock_domain_replace;
		struct {
			__u64 iova __attribute__((aligned(8)));
			__u64 length __attribute__((aligned(8)));
			__u64 uptr __attribute__((aligned(8)));
		} check_map;
		struct {
			__u64 length __attribute__((aligned(8)));
			__u64 uptr __attribute__((aligned(8)));
			__u32 refs;
		} check_refs;
		struct {
			__u32 out_access_fd;
			__u32 flags;
		} create_access;
		struct {
			__u32 access_pages_id;
		} destroy_access_pages;
		struct {
			__u32 flags;
			__u32 out_access_pages_id;
			__u64 iova __attribute__((aligned(8)));
			__u64 length __attribute__((aligned(8)));
			__u64 uptr __attribute__((aligned(8)));
		} access_pages;
		struct {
			__u64 iova __attribute__((aligned(8)));
			__u64 length __attribute__((aligned(8)));
			__u64 uptr __attribute__((aligned(8)));
			__u32 flags;
		} access_rw;
		struct {
			__u32 limit;
		} memory_limit;
		struct {
			__u32 ioas_id;
		} access_replace_ioas;
		struct {
			__u32 id;
			__u32 iotlb;
		} check_iotlb;
		struct {
			__u32 dev_id;
		} trigger_vevent;
		__u8 __room[48];
	};
	__u32 last;
};

/* What user space gives an alloc ioctl for the mock. */
struct iommu_hwpt_selftest {
	__u32 iotlb;
	__u32 pagetable_type;
};

struct iommu_viommu_selftest {
	__u32 in_data;
	__u32 out_data;
	__u64 out_mmap_offset __attribute__((aligned(8)));
	__u64 out_mmap_length __attribute__((aligned(8)));
};

struct iommu_viommu_event_selftest {
	__u32 virt_id;
};

#endif
