/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * IOMMU_TEST_CMD: the commands of the mock IOMMU, as far as they bear on
 * lifetimes.  The others (dirty tracking, PASID, page faults, device caches,
 * dma-buf) have their numbers here and are -EOPNOTSUPP.
 *
 * Every command fails with -ENOENT if there is no such object, and with -EFAULT
 * for bad addresses.
 * @rule R-MOCK-1
 */
#ifndef IOMMUFD_MODEL_IOMMUFD_TEST_H
#define IOMMUFD_MODEL_IOMMUFD_TEST_H

#include <iommufd_model/uapi.h>

#define IOMMUFD_CMD_TEST 0xa0	/**< number of the test command */
/** a test command: struct iommu_test_cmd */
#define IOMMU_TEST_CMD (0x3b00 | IOMMUFD_CMD_TEST)

/** What a test command does. */
enum {
	/**
	 * Reserves IOVAs of the IOAS @p id until it is destroyed: add_reserved.
	 * @errors -EINVAL: length 0; -EOVERFLOW; -EADDRINUSE: mapped, or to be
	 *   kept.
	 */
	IOMMU_TEST_OP_ADD_RESERVED = 1,
	/**
	 * Makes a mock device and attaches it to @p id, an IOAS or a HWPT:
	 * mock_domain.  IOMMU_DESTROY of the SELFTEST object undoes both.
	 * @errors As of iommufd_device_bind() and iommufd_device_attach().
	 */
	IOMMU_TEST_OP_MOCK_DOMAIN,
	/**
	 * Checks that the HWPT_PAGING @p id maps a range to the memory at an
	 * address: check_map.
	 * @errors -EINVAL: it does not.
	 */
	IOMMU_TEST_OP_MD_CHECK_MAP,
	/**
	 * Checks how often each page of memory is pinned: check_refs.
	 * @errors -EIO: not so often; -EINVAL: not whole pages.
	 */
	IOMMU_TEST_OP_MD_CHECK_REFS,
	/**
	 * Makes an access attached to the IOAS @p id: create_access.
	 * @ownership The descriptor owns it: its close unpins and destroys it.
	 *   It holds a reference to the ctx.
	 * @errors As of iommufd_access_create() and iommufd_access_attach().
	 */
	IOMMU_TEST_OP_CREATE_ACCESS,
	/**
	 * Unpins what the access with descriptor @p id has pinned:
	 * destroy_access_pages.
	 * @errors -EBADFD: no such descriptor.
	 */
	IOMMU_TEST_OP_DESTROY_ACCESS_PAGES,
	/**
	 * Pins with the access with descriptor @p id: access_pages.
	 * @errors -EBADFD: no such descriptor; -EOPNOTSUPP: not made for pins;
	 *   -EBADE: not the memory that was said; -ENOMEM: more than 16 MiB,
	 *   too; as of iommufd_access_pin_pages().
	 */
	IOMMU_TEST_OP_ACCESS_PAGES,
	/**
	 * Copies with the access with descriptor @p id: access_rw.
	 * @errors -EBADFD: no such descriptor; -ENOMEM: more than 16 MiB, too;
	 *   as of iommufd_access_rw().
	 */
	IOMMU_TEST_OP_ACCESS_RW,
	/**
	 * Has no effect, as nothing is batched here: memory_limit.
	 * @errors -EINVAL: less than 12.
	 */
	IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT,
	/**
	 * Attaches the mock device of the SELFTEST object @p id elsewhere:
	 * mock_domain_replace.
	 * @errors As of iommufd_device_replace().
	 */
	IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
	/**
	 * Attaches the access with descriptor @p id to another IOAS:
	 * access_replace_ioas.
	 * @errors -EBADFD: no such descriptor; as of iommufd_access_replace().
	 */
	IOMMU_TEST_OP_ACCESS_REPLACE_IOAS,
	/**
	 * Is IOMMU_TEST_OP_MOCK_DOMAIN with flags of the device:
	 * mock_domain_flags.
	 */
	IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
	IOMMU_TEST_OP_DIRTY,	/**< left out */
	/**
	 * Checks a word of the nested HWPT @p id: check_iotlb.
	 * @errors -EINVAL: it is another, or there is no such word.
	 */
	IOMMU_TEST_OP_MD_CHECK_IOTLB,
	IOMMU_TEST_OP_TRIGGER_IOPF,	/**< left out */
	IOMMU_TEST_OP_DEV_CHECK_CACHE,	/**< left out */
	/**
	 * Reports an event of a mock device: trigger_vevent.
	 * @errors -ENOENT: also if it is not attached through a vIOMMU's nested
	 *   HWPT; as of iommufd_viommu_report_event().
	 */
	IOMMU_TEST_OP_TRIGGER_VEVENT,
	IOMMU_TEST_OP_PASID_ATTACH,	/**< left out */
	IOMMU_TEST_OP_PASID_REPLACE,	/**< left out */
	IOMMU_TEST_OP_PASID_DETACH,	/**< left out */
	IOMMU_TEST_OP_PASID_CHECK_HWPT,	/**< left out */
	IOMMU_TEST_OP_DMABUF_GET,	/**< left out */
	IOMMU_TEST_OP_DMABUF_REVOKE,	/**< left out */
};

/** Page tables of a mock HWPT. */
enum {
	/** smallest page MOCK_PAGE_SIZE, the mock aperture */
	MOCK_IOMMUPT_DEFAULT = 0,
	/** pages of MOCK_HUGE_PAGE_SIZE and PAGE_SIZE */
	MOCK_IOMMUPT_HUGE = 1,
};

/** Flags of IOMMU_TEST_OP_ACCESS_PAGES. */
enum {
	MOCK_FLAGS_ACCESS_WRITE = 1 << 0,	/**< pin for writing */
	/**
	 * Of ACCESS_RW and IOAS_COPY too: the IOVA, for a copy that of the
	 * source, says where in which area.  Its low half is the number of the
	 * area, from the lowest on and from 0; its high half the bytes behind
	 * the area's first IOVA.  0 if there are not so many areas.
	 */
	MOCK_FLAGS_ACCESS_SYZ = 1 << 16,
};

/** Flags of IOMMU_TEST_OP_ACCESS_RW. */
enum {
	MOCK_ACCESS_RW_WRITE = 1 << 0,	/**< write what is mapped */
	/** what is accessed must be pinned, or such that it could be */
	MOCK_ACCESS_RW_SLOW_PATH = 1 << 2,
};

/** Flags of IOMMU_TEST_OP_CREATE_ACCESS. */
enum {
	/** made for pins */
	MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES = 1 << 0,
};

/** Flags of IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS. */
enum {
	MOCK_FLAGS_DEVICE_NO_DIRTY = 1 << 0,	/**< cannot track writes */
	MOCK_FLAGS_DEVICE_PASID = 1 << 2,	/**< has PASIDs */
};

#define MOCK_APERTURE_START (1ul << 24)	/**< the first IOVA of a mock HWPT */
#define MOCK_APERTURE_LAST ((1ul << 31) - 1)	/**< the last one */
/** the last one of a mock HWPT with huge pages; it has all from 0 on */
#define MOCK_HUGE_APERTURE_LAST ((1ul << 38) - 1)
#define MOCK_PAGE_SIZE 2048ul	/**< its smallest page */
/** a large page of one with huge pages */
#define MOCK_HUGE_PAGE_SIZE (512 * MOCK_PAGE_SIZE)

/** type of struct iommu_hwpt_selftest */
#define IOMMU_HWPT_DATA_SELFTEST 0xdeadu
/** what the selftests put into iotlb */
#define IOMMU_TEST_IOTLB_DEFAULT 0xbadbeefu
#define IOMMU_VIOMMU_TYPE_SELFTEST 0xdeadbeefu	/**< type of a mock vIOMMU */
/** type of the mock's events */
#define IOMMU_VEVENTQ_TYPE_SELFTEST 0xbeefbeefu
/** type of a mock HW_QUEUE */
#define IOMMU_HW_QUEUE_TYPE_SELFTEST 0xdeadbeefu
#define IOMMU_TEST_HW_QUEUE_MAX 2	/**< mock HW_QUEUEs of a vIOMMU */
/** the last word of a nested HWPT */
#define MOCK_NESTED_DOMAIN_IOTLB_ID_MAX 3
#define MOCK_NESTED_DOMAIN_IOTLB_NUM 4	/**< words of a nested HWPT */

/** A test command. */
struct iommu_test_cmd {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 op;	/**< IOMMU_TEST_OP_ */
	/** what it is done to: an object, or a descriptor of an access */
	__u32 id;
	__u32 __reserved;	/**< without effect */
	/** the operation's own */
	union {
		struct {
			/** the first IOVA */
			__u64 start __attribute__((aligned(8)));
			/** add_reserved: bytes */
			__u64 length __attribute__((aligned(8)));
		} add_reserved;	/**< of IOMMU_TEST_OP_ADD_RESERVED */
		struct {
			/** mock_domain: set to the id of the SELFTEST object */
			__u32 out_stdev_id;
			/** mock_domain: set to the id of the HWPT */
			__u32 out_hwpt_id;
			/** mock_domain: set to the id of the DEVICE */
			__u32 out_idev_id;
		} mock_domain;	/**< of IOMMU_TEST_OP_MOCK_DOMAIN */
		struct {
			/**
			 * mock_domain_flags: set to the id of the SELFTEST
			 * object
			 */
			__u32 out_stdev_id;
			/** mock_domain_flags: set to the id of the HWPT */
			__u32 out_hwpt_id;
			/** mock_domain_flags: set to the id of the DEVICE */
			__u32 out_idev_id;
			__u32 dev_flags;	/**< MOCK_FLAGS_DEVICE_ */
		} mock_domain_flags;
		/**< of IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS */
		struct {
			/** an IOAS or a HWPT; set to the id of the HWPT */
			__u32 pt_id;
		} mock_domain_replace;
		/**< of IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE */
		struct {
			/** check_map: the first IOVA */
			__u64 iova __attribute__((aligned(8)));
			/** check_map: bytes */
			__u64 length __attribute__((aligned(8)));
			/** check_map: address of the memory */
			__u64 uptr __attribute__((aligned(8)));
		} check_map;	/**< of IOMMU_TEST_OP_MD_CHECK_MAP */
		struct {
			/** check_refs: bytes */
			__u64 length __attribute__((aligned(8)));
			/** check_refs: address of the memory */
			__u64 uptr __attribute__((aligned(8)));
			__u32 refs;	/**< pins of each page */
		} check_refs;	/**< of IOMMU_TEST_OP_MD_CHECK_REFS */
		struct {
			__u32 out_access_fd;	/**< set to its descriptor */
			/** create_access: MOCK_FLAGS_ACCESS_CREATE_ */
			__u32 flags;
		} create_access;	/**< of IOMMU_TEST_OP_CREATE_ACCESS */
		struct {
			__u32 access_pages_id;	/**< which pin */
		} destroy_access_pages;
		/**< of IOMMU_TEST_OP_DESTROY_ACCESS_PAGES */
		struct {
			__u32 flags;	/**< access_pages: MOCK_FLAGS_ACCESS_ */
			/** set to what the pin is undone by */
			__u32 out_access_pages_id;
			/** access_pages: the first IOVA */
			__u64 iova __attribute__((aligned(8)));
			/** access_pages: bytes */
			__u64 length __attribute__((aligned(8)));
			/**
			 * access_pages: address of the memory it must be; 0:
			 * any
			 */
			__u64 uptr __attribute__((aligned(8)));
		} access_pages;	/**< of IOMMU_TEST_OP_ACCESS_PAGES */
		struct {
			/** access_rw: the first IOVA */
			__u64 iova __attribute__((aligned(8)));
			/** access_rw: bytes */
			__u64 length __attribute__((aligned(8)));
			/** access_rw: address of the buffer */
			__u64 uptr __attribute__((aligned(8)));
			__u32 flags;	/**< access_rw: MOCK_ACCESS_RW_ */
		} access_rw;	/**< of IOMMU_TEST_OP_ACCESS_RW */
		struct {
			__u32 limit;	/**< bytes of a batch */
		} memory_limit;	/**< of IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT */
		struct {
			__u32 ioas_id;	/**< the IOAS */
		} access_replace_ioas;
		/**< of IOMMU_TEST_OP_ACCESS_REPLACE_IOAS */
		struct {
			__u32 id;	/**< check_iotlb: which word */
			__u32 iotlb;	/**< what it must be */
		} check_iotlb;	/**< of IOMMU_TEST_OP_MD_CHECK_IOTLB */
		struct {
			__u32 dev_id;	/**< the DEVICE */
		} trigger_vevent;	/**< of IOMMU_TEST_OP_TRIGGER_VEVENT */
		/** @cond INTERNAL */
		__u8 __room[48];
		/** @endcond */
	};
	__u32 last;	/**< without effect */
};

/** What user space gives for a mock HWPT. */
struct iommu_hwpt_selftest {
	__u32 iotlb;	/**< all words of a nested one */
	__u32 pagetable_type;	/**< of a paging one: MOCK_IOMMUPT_ */
};

/** What user space gives for a mock vIOMMU, and gets back. */
struct iommu_viommu_selftest {
	__u32 in_data;	/**< the first word of the page it may map */
	__u32 out_data;	/**< set to in_data */
	/** set to where the page can be mapped */
	__u64 out_mmap_offset __attribute__((aligned(8)));
	/** set to its length, bytes */
	__u64 out_mmap_length __attribute__((aligned(8)));
};

/** The data of a mock event. */
struct iommu_viommu_event_selftest {
	__u32 virt_id;	/**< of the device's vDEVICE */
};

#endif
