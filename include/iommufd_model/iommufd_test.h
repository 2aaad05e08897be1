/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * IOMMU_TEST_CMD: the commands of the mock IOMMU.  Those for dirty tracking and
 * dma-buf only have their numbers here, and fail with -EOPNOTSUPP.
 *
 * Every command fails with -ENOENT if an object does not exist, and with
 * -EFAULT if an address is bad.  In the comments below, the name after the
 * colon is the member of struct iommu_test_cmd that the command uses.
 * @rule R-MOCK-1
 */
#ifndef IOMMUFD_MODEL_IOMMUFD_TEST_H
#define IOMMUFD_MODEL_IOMMUFD_TEST_H

#include <iommufd_model/uapi.h>

#define IOMMUFD_CMD_TEST 0xa0	/**< the number of the test command */
/** the request of a test command; its argument is a struct iommu_test_cmd */
#define IOMMU_TEST_CMD (0x3b00 | IOMMUFD_CMD_TEST)

/** The test commands. */
enum {
	/**
	 * Reserves IOVAs of the IOAS @p id until the IOAS is destroyed:
	 * add_reserved.
	 * @errors -EINVAL: the length is 0; -EOVERFLOW; -EADDRINUSE: an IOVA of
	 *   the range is mapped, or has been reserved for use by
	 *   IOMMU_IOAS_ALLOW_IOVAS.
	 */
	IOMMU_TEST_OP_ADD_RESERVED = 1,
	/**
	 * Creates a mock device and attaches it to @p id, an IOAS or a HWPT:
	 * mock_domain.  IOMMU_DESTROY of the SELFTEST object undoes both.
	 * @errors Those of iommufd_device_bind() and iommufd_device_attach().
	 */
	IOMMU_TEST_OP_MOCK_DOMAIN,
	/**
	 * Checks that the HWPT_PAGING @p id maps a range to the memory at an
	 * address: check_map.
	 * @errors -EINVAL: the HWPT does not map the range to that memory.
	 */
	IOMMU_TEST_OP_MD_CHECK_MAP,
	/**
	 * Checks how many times each page of some memory is pinned: check_refs.
	 * @errors -EIO: the number of pins of a page differs; -EINVAL: the
	 *   memory does not consist of whole pages.
	 */
	IOMMU_TEST_OP_MD_CHECK_REFS,
	/**
	 * Creates an access that is attached to the IOAS @p id: create_access.
	 * @ownership The descriptor owns the access: closing it unpins
	 *   everything and destroys the access.  The access holds a reference
	 *   to the context.
	 * @errors Those of iommufd_access_create() and iommufd_access_attach().
	 */
	IOMMU_TEST_OP_CREATE_ACCESS,
	/**
	 * Undoes one pin of the access with the descriptor @p id:
	 * destroy_access_pages.
	 * @errors -EBADFD: there is no such descriptor.
	 */
	IOMMU_TEST_OP_DESTROY_ACCESS_PAGES,
	/**
	 * Pins memory through the access with the descriptor @p id:
	 * access_pages.
	 * @errors -EBADFD: there is no such descriptor; -EOPNOTSUPP: the access
	 *   was not created for pins; -EBADE: the mapped memory is not the
	 *   memory that the user gave; -ENOMEM: also for more than 16 MiB; and
	 *   the errors of iommufd_access_pin_pages().
	 */
	IOMMU_TEST_OP_ACCESS_PAGES,
	/**
	 * Copies data through the access with the descriptor @p id: access_rw.
	 * @errors -EBADFD: there is no such descriptor; -ENOMEM: also for more
	 *   than 16 MiB; and the errors of iommufd_access_rw().
	 */
	IOMMU_TEST_OP_ACCESS_RW,
	/**
	 * Has no effect, since the model has no batches: memory_limit.
	 * @errors -EINVAL: the limit is less than 12.
	 */
	IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT,
	/**
	 * Moves the mock device of the SELFTEST object @p id to another IOAS or
	 * HWPT: mock_domain_replace.
	 * @errors Those of iommufd_device_replace().
	 */
	IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
	/**
	 * Moves the access with the descriptor @p id to another IOAS:
	 * access_replace_ioas.
	 * @errors -EBADFD: there is no such descriptor; and the errors of
	 *   iommufd_access_replace().
	 */
	IOMMU_TEST_OP_ACCESS_REPLACE_IOAS,
	/**
	 * Creates a mock device as IOMMU_TEST_OP_MOCK_DOMAIN does, but with
	 * flags: mock_domain_flags.
	 */
	IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS,
	IOMMU_TEST_OP_DIRTY,	/**< not in the model */
	/**
	 * Checks one of the words of the nested HWPT @p id that stand for its
	 * IOTLB: check_iotlb.
	 * @errors -EINVAL: the word has another value, or its number is too
	 *   large.
	 */
	IOMMU_TEST_OP_MD_CHECK_IOTLB,
	/**
	 * Reports a page fault of a mock device, as the only fault of its page
	 * fault group: trigger_iopf.  The command succeeds whether or not the
	 * fault is handled.
	 * @errors -EINVAL: the device belongs to another driver.
	 */
	IOMMU_TEST_OP_TRIGGER_IOPF,
	/**
	 * Checks a word of the cache of the mock device behind DEVICE @p id:
	 * check_dev_cache.
	 * @errors -EINVAL: the word has another value, or there is no such
	 *   word.
	 */
	IOMMU_TEST_OP_DEV_CHECK_CACHE,
	/**
	 * Reports an event of a mock device: trigger_vevent.
	 * @errors -ENOENT: also if the device is not attached to a nested HWPT
	 *   of a vIOMMU; and those of iommufd_viommu_report_event().
	 */
	IOMMU_TEST_OP_TRIGGER_VEVENT,
	/**
	 * Attaches a PASID of the mock device of the SELFTEST object @p id to a
	 * HWPT: pasid_attach.
	 * @errors Those of iommufd_device_attach().
	 */
	IOMMU_TEST_OP_PASID_ATTACH,
	/**
	 * Attaches a PASID of the mock device that is already attached to
	 * another HWPT: pasid_replace.
	 * @errors Those of iommufd_device_replace().
	 */
	IOMMU_TEST_OP_PASID_REPLACE,
	/**
	 * Detaches a PASID of the mock device.  Succeeds also if the PASID is
	 * not attached: pasid_detach.
	 */
	IOMMU_TEST_OP_PASID_DETACH,
	/**
	 * Checks to which HWPT a PASID of the mock device is attached:
	 * pasid_check.
	 * @errors -EINVAL: the PASID is attached to another HWPT.
	 */
	IOMMU_TEST_OP_PASID_CHECK_HWPT,
	IOMMU_TEST_OP_DMABUF_GET,	/**< not in the model */
	IOMMU_TEST_OP_DMABUF_REVOKE,	/**< not in the model */
};

/** The types of the page table of a mock HWPT. */
enum {
	/**
	 * the smallest page is MOCK_PAGE_SIZE; the range is MOCK_APERTURE_START
	 * to MOCK_APERTURE_LAST
	 */
	MOCK_IOMMUPT_DEFAULT = 0,
	/** the page sizes are MOCK_HUGE_PAGE_SIZE and PAGE_SIZE */
	MOCK_IOMMUPT_HUGE = 1,
};

/** Flags of IOMMU_TEST_OP_ACCESS_PAGES. */
enum {
	MOCK_FLAGS_ACCESS_WRITE = 1 << 0,	/**< pin for writing */
	/**
	 * The IOVA that the user gives (for IOAS_COPY, that of the source) is
	 * not an address but names an area and an offset in it.  Its low 32
	 * bits are the index of the area, counted from 0 in ascending order,
	 * and its high 32 bits are the offset in bytes.  If there is no such
	 * area, it means IOVA 0.  ACCESS_RW and IOAS_COPY have this flag too.
	 */
	MOCK_FLAGS_ACCESS_SYZ = 1 << 16,
};

/** Flags of IOMMU_TEST_OP_ACCESS_RW. */
enum {
	/** write the mapped memory; otherwise read it */
	MOCK_ACCESS_RW_WRITE = 1 << 0,
	/** fail unless the memory is pinned or can be pinned */
	MOCK_ACCESS_RW_SLOW_PATH = 1 << 2,
};

/** Flags of IOMMU_TEST_OP_CREATE_ACCESS. */
enum {
	/** the access is created for pins */
	MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES = 1 << 0,
};

/** Flags of IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS. */
enum {
	/** the device cannot track writes */
	MOCK_FLAGS_DEVICE_NO_DIRTY = 1 << 0,
	MOCK_FLAGS_DEVICE_PASID = 1 << 2,	/**< the device has PASIDs */
};

#define MOCK_APERTURE_START (1ul << 24)	/**< the first IOVA of a mock HWPT */
/** the last IOVA of a mock HWPT */
#define MOCK_APERTURE_LAST ((1ul << 31) - 1)
/** the last IOVA of a mock HWPT with huge pages, whose first IOVA is 0 */
#define MOCK_HUGE_APERTURE_LAST ((1ul << 38) - 1)
/** the smallest page of a mock HWPT, in bytes */
#define MOCK_PAGE_SIZE 2048ul
/** the larger page of a mock HWPT with huge pages, in bytes */
#define MOCK_HUGE_PAGE_SIZE (512 * MOCK_PAGE_SIZE)

/** the data type of struct iommu_hwpt_selftest */
#define IOMMU_HWPT_DATA_SELFTEST 0xdeadu
/** the value that the selftests use for iotlb */
#define IOMMU_TEST_IOTLB_DEFAULT 0xbadbeefu
/** the type of a mock vIOMMU */
#define IOMMU_VIOMMU_TYPE_SELFTEST 0xdeadbeefu
/** the type of a mock event */
#define IOMMU_VEVENTQ_TYPE_SELFTEST 0xbeefbeefu
/** the type of a mock HW_QUEUE */
#define IOMMU_HW_QUEUE_TYPE_SELFTEST 0xdeadbeefu
/** the number of mock HW_QUEUEs that a vIOMMU can have */
#define IOMMU_TEST_HW_QUEUE_MAX 2
/** the index of the last word of a nested HWPT */
#define MOCK_NESTED_DOMAIN_IOTLB_ID_MAX 3
/** every second attachment with this PASID fails */
#define IOMMU_TEST_PASID_RESERVED 1024
#define MOCK_PASID_WIDTH 20	/**< bits of a PASID of a mock device */
/** type of struct iommu_test_hw_info */
#define IOMMU_HW_INFO_TYPE_SELFTEST 0xfeedbeefu
/** the value of its register */
#define IOMMU_HW_INFO_SELFTEST_REGVAL 0xdeadbeefu
#define MOCK_NESTED_DOMAIN_IOTLB_NUM 4	/**< number of words of a nested HWPT */
/** index of the last word of the cache of a mock device */
#define MOCK_DEV_CACHE_ID_MAX 3
#define MOCK_DEV_CACHE_NUM 4	/**< number of words of such a cache */
/** the value that these words have at first */
#define IOMMU_TEST_DEV_CACHE_DEFAULT 0xbaddadu
/** type of struct iommu_hwpt_invalidate_selftest */
#define IOMMU_HWPT_INVALIDATE_DATA_SELFTEST 0xdeadbeefu
/** a type that no mock HWPT has */
#define IOMMU_HWPT_INVALIDATE_DATA_SELFTEST_INVALID 0xdadbeefu
/** type of struct iommu_viommu_invalidate_selftest */
#define IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST 0xdeadbeefu
/** a type that no mock vIOMMU has */
#define IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST_INVALID 0xdadbeefu
/** flag of an invalidation: all words, not one */
#define IOMMU_TEST_INVALIDATE_FLAG_ALL (1 << 0)

/** A test command. */
struct iommu_test_cmd {
	/**
	 * the size of the struct in bytes, as user space was compiled with it
	 */
	__u32 size;
	__u32 op;	/**< an IOMMU_TEST_OP_ value */
	/** the id of the object, or the descriptor of the access */
	__u32 id;
	__u32 __reserved;	/**< ignored */
	/** one struct for each command; @p op selects it */
	__extension__ union {
		struct {
			/** the first IOVA */
			__u64 start __attribute__((aligned(8)));
			/** add_reserved: the length in bytes */
			__u64 length __attribute__((aligned(8)));
		} add_reserved;	/**< used by IOMMU_TEST_OP_ADD_RESERVED */
		struct {
			/** mock_domain: set to the id of the SELFTEST object */
			__u32 out_stdev_id;
			/** mock_domain: set to the id of the HWPT */
			__u32 out_hwpt_id;
			/** mock_domain: set to the id of the DEVICE */
			__u32 out_idev_id;
		} mock_domain;	/**< used by IOMMU_TEST_OP_MOCK_DOMAIN */
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
			/** a set of MOCK_FLAGS_DEVICE_ bits */
			__u32 dev_flags;
		} mock_domain_flags;
		/**< used by IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS */
		struct {
			/**
			 * the id of an IOAS or HWPT; set to the id of the HWPT
			 */
			__u32 pt_id;
		} mock_domain_replace;
		/**< used by IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE */
		struct {
			/** check_map: the first IOVA */
			__u64 iova __attribute__((aligned(8)));
			/** check_map: the length in bytes */
			__u64 length __attribute__((aligned(8)));
			/** check_map: the address of the memory */
			__u64 uptr __attribute__((aligned(8)));
		} check_map;	/**< used by IOMMU_TEST_OP_MD_CHECK_MAP */
		struct {
			/** check_refs: the length in bytes */
			__u64 length __attribute__((aligned(8)));
			/** check_refs: the address of the memory */
			__u64 uptr __attribute__((aligned(8)));
			/** the number of pins that each page must have */
			__u32 refs;
		} check_refs;	/**< used by IOMMU_TEST_OP_MD_CHECK_REFS */
		struct {
			/** set to the descriptor of the access */
			__u32 out_access_fd;
			/**
			 * create_access: a set of MOCK_FLAGS_ACCESS_CREATE_
			 * bits
			 */
			__u32 flags;
		} create_access;
		/**< used by IOMMU_TEST_OP_CREATE_ACCESS */
		struct {
			__u32 access_pages_id;	/**< the id of the pin */
		} destroy_access_pages;
		/**< used by IOMMU_TEST_OP_DESTROY_ACCESS_PAGES */
		struct {
			/** access_pages: a set of MOCK_FLAGS_ACCESS_ bits */
			__u32 flags;
			/**
			 * set to the id of the pin, with which the pin can be
			 * undone
			 */
			__u32 out_access_pages_id;
			/** access_pages: the first IOVA */
			__u64 iova __attribute__((aligned(8)));
			/** access_pages: the length in bytes */
			__u64 length __attribute__((aligned(8)));
			/**
			 * access_pages: the address of the memory that must be
			 * mapped at iova, or 0 if any memory may be
			 */
			__u64 uptr __attribute__((aligned(8)));
		} access_pages;	/**< used by IOMMU_TEST_OP_ACCESS_PAGES */
		struct {
			/** access_rw: the first IOVA */
			__u64 iova __attribute__((aligned(8)));
			/** access_rw: the length in bytes */
			__u64 length __attribute__((aligned(8)));
			/** access_rw: the address of the buffer */
			__u64 uptr __attribute__((aligned(8)));
			/** access_rw: a set of MOCK_ACCESS_RW_ bits */
			__u32 flags;
		} access_rw;	/**< used by IOMMU_TEST_OP_ACCESS_RW */
		struct {
			/** memory_limit: the size of a batch in bytes */
			__u32 limit;
		} memory_limit;
		/**< used by IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT */
		struct {
			/** access_replace_ioas: the new IOAS */
			__u32 ioas_id;
		} access_replace_ioas;
		/**< used by IOMMU_TEST_OP_ACCESS_REPLACE_IOAS */
		struct {
			/** check_iotlb: the index of the word */
			__u32 id;
			/** check_iotlb: the value that it must have */
			__u32 iotlb;
		} check_iotlb;	/**< used by IOMMU_TEST_OP_MD_CHECK_IOTLB */
		struct {
			__u32 dev_id;	/**< the DEVICE that has the fault */
			/** the PASID of the access, or 0 for none */
			__u32 pasid;
			/** the number of the page fault group */
			__u32 grpid;
			/**
			 * the access that failed: enum iommu_hwpt_pgfault_perm
			 */
			__u32 perm;
			/** the address that was accessed */
			__u64 addr __attribute__((aligned(8)));
		} trigger_iopf;	/**< used by IOMMU_TEST_OP_TRIGGER_IOPF */
		struct {
			__u32 pasid;	/**< the PASID to attach */
			/**
			 * the id of a HWPT or an IOAS; the call sets it to the
			 * id of the HWPT
			 */
			__u32 pt_id;
		} pasid_attach;	/**< used by IOMMU_TEST_OP_PASID_ATTACH */
		struct {
			/** the PASID to attach to another HWPT */
			__u32 pasid;
			/**
			 * the id of a HWPT or an IOAS; the call sets it to the
			 * id of the HWPT
			 */
			__u32 pt_id;
		} pasid_replace;
		/**< used by IOMMU_TEST_OP_PASID_REPLACE */
		struct {
			__u32 pasid;	/**< the PASID to detach */
		} pasid_detach;	/**< used by IOMMU_TEST_OP_PASID_DETACH */
		struct {
			__u32 pasid;	/**< the PASID to check */
			/**
			 * the id that is expected, or 0 if the PASID must not
			 * be attached
			 */
			__u32 hwpt_id;
		} pasid_check;	/**< used by IOMMU_TEST_OP_PASID_CHECK_HWPT */
		struct {
			/** check_dev_cache: index of the word */
			__u32 id;
			/** check_dev_cache: the value that it must have */
			__u32 cache;
		} check_dev_cache;
		/**< used by IOMMU_TEST_OP_DEV_CHECK_CACHE */
		struct {
			__u32 dev_id;	/**< trigger_vevent: the DEVICE */
		} trigger_vevent;
		/**< used by IOMMU_TEST_OP_TRIGGER_VEVENT */
		/** @cond INTERNAL */
		__u8 __room[48];
		/** @endcond */
	};
	__u32 last;	/**< ignored */
};

/** The data of user space for a mock HWPT. */
struct iommu_hwpt_selftest {
	__u32 iotlb;	/**< the value of all words of a nested HWPT */
	__u32 pagetable_type;	/**< for a paging HWPT, a MOCK_IOMMUPT_ value */
};

/** What IOMMU_GET_HW_INFO tells about the mock. */
struct iommu_test_hw_info {
	__u32 flags;	/**< 0 */
	__u32 test_reg;	/**< IOMMU_HW_INFO_SELFTEST_REGVAL */
};

/** An invalidation of a nested mock HWPT. */
struct iommu_hwpt_invalidate_selftest {
	__u32 flags;	/**< IOMMU_TEST_INVALIDATE_FLAG_ */
	__u32 iotlb_id;	/**< index of the word that is set to 0 */
};

/** An invalidation of the cache of a mock device that has a vDEVICE. */
struct iommu_viommu_invalidate_selftest {
	__u32 flags;	/**< IOMMU_TEST_INVALIDATE_FLAG_ */
	__u32 vdev_id;	/**< virt_id of the vDEVICE */
	__u32 cache_id;	/**< index of the word that is set to 0 */
};

/** What user space gives for a mock vIOMMU, and gets back. */
struct iommu_viommu_selftest {
	/** the value of the first word of the pages that the user can map */
	__u32 in_data;
	__u32 out_data;	/**< set to in_data */
	/** set to the file offset at which the pages can be mapped */
	__u64 out_mmap_offset __attribute__((aligned(8)));
	/** set to the length of the pages in bytes */
	__u64 out_mmap_length __attribute__((aligned(8)));
};

/** The data of a mock event. */
struct iommu_viommu_event_selftest {
	__u32 virt_id;	/**< the virt_id of the device's vDEVICE */
};

#endif
