/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The ioctls of /dev/iommu: their numbers, structs and constants.
 *
 * This file defines nothing if <linux/iommufd.h> of the system was included
 * before, so that a program that was written for the kernel keeps its own
 * definitions.
 *
 * The first member of every struct is the size of the struct, as user space was
 * compiled with it.  A struct that is shorter than the one here is padded with
 * zeros if it has all mandatory members.  In a longer struct the bytes beyond
 * the known ones must be zero.  Every request can fail with -EINVAL: the struct
 * is too short; -E2BIG: the bytes beyond the known ones are not zero; -EFAULT:
 * an address is bad; -EOPNOTSUPP: a flag, a type or an operation is not known;
 * -ENOENT: there is no such object; -ENOMEM; -EBUSY: there is no free id.
 * Further errors are described at the struct of the request.
 *
 * Requests that the model leaves out, which docs/model.md lists, check the size
 * of the struct and the bytes beyond the known ones, and fail with -EOPNOTSUPP.
 *
 * @rule R-UAPI-12
 */
#ifndef IOMMUFD_MODEL_UAPI_H
#define IOMMUFD_MODEL_UAPI_H

#include <iommufd_model/kernel/types.h>

#ifndef _UAPI_IOMMUFD_H

#define IOMMUFD_TYPE (';')	/**< the type byte of every request */
#define IOMMUFD_CMD_BASE 0x80	/**< the number of the first request */

/** The numbers of the requests. */
enum {
	IOMMUFD_CMD_DESTROY = 0x80,	/**< IOMMU_DESTROY */
	IOMMUFD_CMD_IOAS_ALLOC = 0x81,	/**< IOMMU_IOAS_ALLOC */
	IOMMUFD_CMD_IOAS_ALLOW_IOVAS = 0x82,	/**< IOMMU_IOAS_ALLOW_IOVAS */
	IOMMUFD_CMD_IOAS_COPY = 0x83,	/**< IOMMU_IOAS_COPY */
	IOMMUFD_CMD_IOAS_IOVA_RANGES = 0x84,	/**< IOMMU_IOAS_IOVA_RANGES */
	IOMMUFD_CMD_IOAS_MAP = 0x85,	/**< IOMMU_IOAS_MAP */
	IOMMUFD_CMD_IOAS_UNMAP = 0x86,	/**< IOMMU_IOAS_UNMAP */
	IOMMUFD_CMD_OPTION = 0x87,	/**< IOMMU_OPTION */
	IOMMUFD_CMD_VFIO_IOAS = 0x88,	/**< IOMMU_VFIO_IOAS */
	IOMMUFD_CMD_HWPT_ALLOC = 0x89,	/**< IOMMU_HWPT_ALLOC */
	IOMMUFD_CMD_GET_HW_INFO = 0x8a,	/**< IOMMU_GET_HW_INFO */
	/** IOMMU_HWPT_SET_DIRTY_TRACKING */
	IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING = 0x8b,
	/** IOMMU_HWPT_GET_DIRTY_BITMAP */
	IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP = 0x8c,
	IOMMUFD_CMD_HWPT_INVALIDATE = 0x8d,	/**< IOMMU_HWPT_INVALIDATE */
	IOMMUFD_CMD_FAULT_QUEUE_ALLOC = 0x8e,	/**< IOMMU_FAULT_QUEUE_ALLOC */
	IOMMUFD_CMD_IOAS_MAP_FILE = 0x8f,	/**< IOMMU_IOAS_MAP_FILE */
	IOMMUFD_CMD_VIOMMU_ALLOC = 0x90,	/**< IOMMU_VIOMMU_ALLOC */
	IOMMUFD_CMD_VDEVICE_ALLOC = 0x91,	/**< IOMMU_VDEVICE_ALLOC */
	/** IOMMU_IOAS_CHANGE_PROCESS */
	IOMMUFD_CMD_IOAS_CHANGE_PROCESS = 0x92,
	IOMMUFD_CMD_VEVENTQ_ALLOC = 0x93,	/**< IOMMU_VEVENTQ_ALLOC */
	IOMMUFD_CMD_HW_QUEUE_ALLOC = 0x94,	/**< IOMMU_HW_QUEUE_ALLOC */
	/** IOMMU_IOAS_NOIOMMU_GET_PA */
	IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA = 0x95,
};

/** Makes a request from its number.  It encodes neither direction nor size. */
#define IOMMUFD_MODEL_IO(nr) ((IOMMUFD_TYPE << 8) | (nr))
/** destroy an object: struct iommu_destroy */
#define IOMMU_DESTROY IOMMUFD_MODEL_IO(IOMMUFD_CMD_DESTROY)
/** make an IOAS: struct iommu_ioas_alloc */
#define IOMMU_IOAS_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_ALLOC)
/** keep IOVAs usable: struct iommu_ioas_allow_iovas */
#define IOMMU_IOAS_ALLOW_IOVAS IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_ALLOW_IOVAS)
/** share a mapping: struct iommu_ioas_copy */
#define IOMMU_IOAS_COPY IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_COPY)
/** usable IOVAs: struct iommu_ioas_iova_ranges */
#define IOMMU_IOAS_IOVA_RANGES IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_IOVA_RANGES)
/** map memory: struct iommu_ioas_map */
#define IOMMU_IOAS_MAP IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_MAP)
/** unmap: struct iommu_ioas_unmap */
#define IOMMU_IOAS_UNMAP IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_UNMAP)
/** options: struct iommu_option */
#define IOMMU_OPTION IOMMUFD_MODEL_IO(IOMMUFD_CMD_OPTION)
/** not in the model: struct iommu_vfio_ioas */
#define IOMMU_VFIO_IOAS IOMMUFD_MODEL_IO(IOMMUFD_CMD_VFIO_IOAS)
/** make a HWPT: struct iommu_hwpt_alloc */
#define IOMMU_HWPT_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_HWPT_ALLOC)
/** describe the IOMMU of a device: struct iommu_hw_info */
#define IOMMU_GET_HW_INFO IOMMUFD_MODEL_IO(IOMMUFD_CMD_GET_HW_INFO)
/** not in the model: struct iommu_hwpt_set_dirty_tracking */
#define IOMMU_HWPT_SET_DIRTY_TRACKING \
	IOMMUFD_MODEL_IO(IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING)
/** not in the model: struct iommu_hwpt_get_dirty_bitmap */
#define IOMMU_HWPT_GET_DIRTY_BITMAP \
	IOMMUFD_MODEL_IO(IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP)
/** invalidate caches: struct iommu_hwpt_invalidate */
#define IOMMU_HWPT_INVALIDATE IOMMUFD_MODEL_IO(IOMMUFD_CMD_HWPT_INVALIDATE)
/** make a FAULT: struct iommu_fault_alloc */
#define IOMMU_FAULT_QUEUE_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_FAULT_QUEUE_ALLOC)
/** map memory of a file: struct iommu_ioas_map_file */
#define IOMMU_IOAS_MAP_FILE IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_MAP_FILE)
/** make a vIOMMU: struct iommu_viommu_alloc */
#define IOMMU_VIOMMU_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_VIOMMU_ALLOC)
/** make a vDEVICE: struct iommu_vdevice_alloc */
#define IOMMU_VDEVICE_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_VDEVICE_ALLOC)
/** charge another process: struct iommu_ioas_change_process */
#define IOMMU_IOAS_CHANGE_PROCESS \
	IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_CHANGE_PROCESS)
/** make a VEVENTQ: struct iommu_veventq_alloc */
#define IOMMU_VEVENTQ_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_VEVENTQ_ALLOC)
/** make a HW_QUEUE: struct iommu_hw_queue_alloc */
#define IOMMU_HW_QUEUE_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_HW_QUEUE_ALLOC)
/** not in the model: struct iommu_ioas_noiommu_get_pa */
#define IOMMU_IOAS_NOIOMMU_GET_PA \
	IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA)

/**
 * Destroys an object.
 * @errors -ENOENT; -EBUSY: somebody holds a reference to it.
 * @rule R-DESTROY-10, R-DESTROY-1, R-DESTROY-2
 */
struct iommu_destroy {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 id;	/**< the object */
};

/**
 * Creates an IOAS.
 * @rule R-IOAS-2
 */
struct iommu_ioas_alloc {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< must be 0 */
	__u32 out_ioas_id;	/**< set to the id of the new IOAS */
};

/** A range of IOVAs. */
struct iommu_iova_range {
	__u64 start __attribute__((aligned(8)));	/**< the first IOVA */
	__u64 last __attribute__((aligned(8)));	/**< the last IOVA */
};

/**
 * Reports which IOVAs are usable.
 * @errors -EMSGSIZE: there are more ranges than fit; the struct is written back
 *   in this case, too.
 * @rule R-IOAS-3
 */
struct iommu_ioas_iova_ranges {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 ioas_id;	/**< the IOAS */
	/** size of the array; set to the number of usable ranges */
	__u32 num_iovas;
	__u32 __reserved;	/**< must be 0 */
	/** address of an array of struct iommu_iova_range */
	__u64 allowed_iovas __attribute__((aligned(8)));
	/** set to the alignment that a mapping must have */
	__u64 out_iova_alignment __attribute__((aligned(8)));
};

/**
 * Keeps ranges of IOVAs usable: whatever would make them unusable fails.
 * @errors -EINVAL: a range is invalid; -EADDRINUSE: a part of it is not usable.
 * @rule R-IOAS-4
 */
struct iommu_ioas_allow_iovas {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 ioas_id;	/**< the IOAS */
	/** number of ranges; 0 if none is to be kept */
	__u32 num_iovas;
	__u32 __reserved;	/**< must be 0 */
	/** address of an array of struct iommu_iova_range */
	__u64 allowed_iovas __attribute__((aligned(8)));
};

/** Flags of a mapping. */
enum iommufd_ioas_map_flags {
	/** map at the IOVA that the user gives */
	IOMMU_IOAS_MAP_FIXED_IOVA = 1 << 0,
	IOMMU_IOAS_MAP_WRITEABLE = 1 << 1,	/**< devices may write */
	IOMMU_IOAS_MAP_READABLE = 1 << 2,	/**< devices may read */
};

/**
 * Maps memory of the user.
 * @errors -EOVERFLOW; -EINVAL: the mapping is neither readable nor writeable,
 *   the length is 0, or the range is not aligned or not usable; -EEXIST: some
 *   of the IOVAs are mapped; -ENOSPC: no range of IOVAs is free; -EFAULT: the
 *   memory does not exist, and must be pinned now.
 * @rule R-MAP-1 to R-MAP-4
 */
struct iommu_ioas_map {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< enum iommufd_ioas_map_flags */
	__u32 ioas_id;	/**< the IOAS */
	__u32 __reserved;	/**< must be 0 */
	/** address of the memory */
	__u64 user_va __attribute__((aligned(8)));
	/** the length in bytes */
	__u64 length __attribute__((aligned(8)));
	/** the IOVA, with IOMMU_IOAS_MAP_FIXED_IOVA; set to the IOVA */
	__u64 iova __attribute__((aligned(8)));
};

/**
 * Maps memory of a file, for example of a memfd.
 * @errors Those of struct iommu_ioas_map, and: -EBADF: the descriptor has no
 *   file; -EOVERFLOW: the range of the file overflows; -EINVAL: the pages must
 *   be pinned now, and the file is not memory or ends before the last page.
 * @rule R-MAP-6
 */
struct iommu_ioas_map_file {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< enum iommufd_ioas_map_flags */
	__u32 ioas_id;	/**< the IOAS */
	__s32 fd;	/**< a descriptor of the file */
	/** the offset in the file where the memory begins, in bytes */
	__u64 start __attribute__((aligned(8)));
	/** the length in bytes */
	__u64 length __attribute__((aligned(8)));
	/** the IOVA, if it is fixed */
	__u64 iova __attribute__((aligned(8)));
};

/**
 * Maps the memory that is already mapped at another range of IOVAs, in the same
 * IOAS or in another one.
 * @errors -ENOENT: also if the source has a hole; -EPERM: the source is not
 *   writeable; and those of struct iommu_ioas_map.
 * @rule R-MAP-5
 */
struct iommu_ioas_copy {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< enum iommufd_ioas_map_flags */
	__u32 dst_ioas_id;	/**< the IOAS to map in */
	__u32 src_ioas_id;	/**< the IOAS of the source */
	/** the length in bytes */
	__u64 length __attribute__((aligned(8)));
	/** the IOVA, with IOMMU_IOAS_MAP_FIXED_IOVA; set to the IOVA */
	__u64 dst_iova __attribute__((aligned(8)));
	/** the first IOVA of the source */
	__u64 src_iova __attribute__((aligned(8)));
};

/**
 * Unmaps all mappings in a range, which must contain them wholly.
 * @errors -ENOENT: nothing is mapped there, or a mapping is only partly in the
 *   range; -EINVAL: the length is 0; -EOVERFLOW; -EBUSY: a HW_QUEUE has pinned
 *   a mapping, or it is being mapped; -EDEADLOCK: an access does not unpin a
 *   mapping.  After an error, some of the range may be unmapped.
 * @rule R-UNMAP-1, R-UNMAP-2
 */
struct iommu_ioas_unmap {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 ioas_id;	/**< the IOAS */
	__u64 iova __attribute__((aligned(8)));	/**< the first IOVA */
	/**
	 * bytes, or U64_MAX with iova 0 for everything; set to the number of
	 * bytes that were unmapped
	 */
	__u64 length __attribute__((aligned(8)));
};

/** The options of IOMMU_OPTION. */
enum iommufd_option {
	/** 1 if the process pays for pinned memory, 0 if the user does */
	IOMMU_OPTION_RLIMIT_MODE = 0,
	/** an option of an IOAS: 1 if pages may be merged, 0 if not */
	IOMMU_OPTION_HUGE_PAGES = 1,
};

/** What to do with an option. */
enum iommufd_option_ops {
	IOMMU_OPTION_OP_SET = 0,	/**< set the option */
	IOMMU_OPTION_OP_GET = 1,	/**< get the value of the option */
};

/**
 * Sets or gets an option.
 * @errors -EPERM: the user lacks the privilege; -EBUSY: the context has
 *   objects; -EINVAL: the value is invalid.
 * @rule R-IOAS-9, R-IOAS-10
 */
struct iommu_option {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 option_id;	/**< enum iommufd_option */
	__u16 op;	/**< enum iommufd_option_ops */
	__u16 __reserved;	/**< must be 0 */
	__u32 object_id;	/**< the IOAS, or 0 */
	/** the value to set; set to the value by a get */
	__u64 val64 __attribute__((aligned(8)));
};

/** What to do with the IOAS of VFIO compatibility. */
enum iommufd_vfio_ioas_op {
	IOMMU_VFIO_IOAS_GET = 0,	/**< get the id of the IOAS */
	IOMMU_VFIO_IOAS_SET = 1,	/**< set the IOAS */
	IOMMU_VFIO_IOAS_CLEAR = 2,	/**< clear it, so that there is none */
};

/** Names the IOAS of VFIO compatibility; not in the model. */
struct iommu_vfio_ioas {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 ioas_id;	/**< the IOAS */
	__u16 op;	/**< enum iommufd_vfio_ioas_op */
	__u16 __reserved;	/**< must be 0 */
};

/** Flags of a HWPT. */
enum iommufd_hwpt_alloc_flags {
	/** nested HWPTs and vIOMMUs may be created on it */
	IOMMU_HWPT_ALLOC_NEST_PARENT = 1 << 0,
	/**
	 * the HWPT may track writes, although no request of the model does that
	 */
	IOMMU_HWPT_ALLOC_DIRTY_TRACKING = 1 << 1,
	IOMMU_HWPT_FAULT_ID_VALID = 1 << 2,	/**< fault_id names a FAULT */
	/** the HWPT may be attached to PASIDs, which the model leaves out */
	IOMMU_HWPT_ALLOC_PASID = 1 << 3,
};

/** Types of a driver's data for a HWPT. */
enum iommu_hwpt_data_type {
	IOMMU_HWPT_DATA_NONE = 0,	/**< no data */
	IOMMU_HWPT_DATA_VTD_S1 = 1,	/**< Intel VT-d */
	IOMMU_HWPT_DATA_ARM_SMMUV3 = 2,	/**< Arm SMMUv3 */
	IOMMU_HWPT_DATA_AMD_GUEST = 3,	/**< AMD */
};

/**
 * Creates a HWPT.
 * @errors -EINVAL: there is no object pt_id, or a HWPT cannot be made on it, or
 *   data_len and data_type contradict each other; and the errors of the driver.
 * @rule R-HWPT-1 to R-HWPT-7
 */
struct iommu_hwpt_alloc {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< enum iommufd_hwpt_alloc_flags */
	__u32 dev_id;	/**< the DEVICE for which the HWPT is created */
	__u32 pt_id;	/**< an IOAS, or a HWPT or vIOMMU to nest on */
	__u32 out_hwpt_id;	/**< set to the id of the new HWPT */
	__u32 __reserved;	/**< must be 0 */
	/** enum iommu_hwpt_data_type, the type of the driver's data */
	__u32 data_type;
	__u32 data_len;	/**< the length of the driver's data in bytes */
	/** the address of the driver's data */
	__u64 data_uptr __attribute__((aligned(8)));
	__u32 fault_id;	/**< a FAULT, with IOMMU_HWPT_FAULT_ID_VALID */
	__u32 __reserved2;	/**< without effect */
};

/** Flags of IOMMU_GET_HW_INFO. */
enum iommu_hw_info_flags {
	/** in_data_type is the type of description that is wanted */
	IOMMU_HW_INFO_FLAG_INPUT_TYPE = 1 << 0,
};

/** What the IOMMU of a device can do. */
enum iommufd_hw_capabilities {
	/** it can track which pages the device has written to */
	IOMMU_HW_CAP_DIRTY_TRACKING = 1 << 0,
	/** a PASID can be executed from; never set by the model */
	IOMMU_HW_CAP_PCI_PASID_EXEC = 1 << 1,
	/** a PASID can be privileged; never set by the model */
	IOMMU_HW_CAP_PCI_PASID_PRIV = 1 << 2,
	IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED = 1 << 3,	/**< no ATS */
};

/**
 * Describes the IOMMU of a device.
 * @errors Those of the driver.
 * @rule R-DEVICE-9
 */
struct iommu_hw_info {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< enum iommu_hw_info_flags */
	__u32 dev_id;	/**< the DEVICE */
	/**
	 * size of the buffer at data_uptr in bytes; the call sets it to the
	 * size of the driver's description, which may be larger than the buffer
	 */
	__u32 data_len;
	/** address of the buffer */
	__u64 data_uptr __attribute__((aligned(8)));
	union {
		__u32 in_data_type;	/**< the type of data that is wanted */
		__u32 out_data_type;	/**< the type of data that is given */
	};
	/** the number of bits of a PASID; 0 if the device has no PASIDs */
	__u8 out_max_pasid_log2;
	__u8 __reserved[3];	/**< must be 0 */
	/** what the IOMMU can do: IOMMU_HW_CAP_ bits */
	__u64 out_capabilities __attribute__((aligned(8)));
};

/** Starts or stops tracking writes; not in the model. */
struct iommu_hwpt_set_dirty_tracking {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< starts or stops the tracking */
	__u32 hwpt_id;	/**< the HWPT */
	__u32 __reserved;	/**< must be 0 */
};

/** Reports which pages were written; not in the model. */
struct iommu_hwpt_get_dirty_bitmap {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 hwpt_id;	/**< the HWPT */
	__u32 flags;	/**< how the bitmap is reported */
	__u32 __reserved;	/**< must be 0 */
	__u64 iova __attribute__((aligned(8)));	/**< the first IOVA */
	/** the length in bytes */
	__u64 length __attribute__((aligned(8)));
	/** the number of bytes for which one bit stands */
	__u64 page_size __attribute__((aligned(8)));
	__u64 data __attribute__((aligned(8)));	/**< address of the bitmap */
};

/**
 * Invalidates what an IOMMU has cached for a VM.
 * @errors -EINVAL: there are entries but no address of them, an entry is empty
 *   or larger than a page, there are more than 2^19 entries, or the object is
 *   of another type; and the errors of the driver.
 * @rule R-HWPT-8
 */
struct iommu_hwpt_invalidate {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 hwpt_id;	/**< a nested HWPT or a vIOMMU */
	/** address of the entries */
	__u64 data_uptr __attribute__((aligned(8)));
	__u32 data_type;	/**< type of the entries */
	__u32 entry_len;	/**< size of an entry in bytes */
	/**
	 * number of entries; the call sets it to the number of entries that
	 * were processed, also if it fails
	 */
	__u32 entry_num;
	__u32 __reserved;	/**< must be 0 */
};

/** Flags of a page fault. */
enum iommu_hwpt_pgfault_flags {
	IOMMU_PGFAULT_FLAGS_PASID_VALID = 1 << 0,	/**< pasid is valid */
	/** the last fault of its group */
	IOMMU_PGFAULT_FLAGS_LAST_PAGE = 1 << 1,
};

/** The kind of access that failed. */
enum iommu_hwpt_pgfault_perm {
	IOMMU_PGFAULT_PERM_READ = 1 << 0,	/**< a read */
	IOMMU_PGFAULT_PERM_WRITE = 1 << 1,	/**< a write */
	IOMMU_PGFAULT_PERM_EXEC = 1 << 2,	/**< an execution */
	IOMMU_PGFAULT_PERM_PRIV = 1 << 3,	/**< a privileged access */
};

/** A page fault, as read() on the descriptor of a FAULT gives it. */
struct iommu_hwpt_pgfault {
	__u32 flags;	/**< IOMMU_PGFAULT_FLAGS_ bits */
	__u32 dev_id;	/**< the DEVICE */
	__u32 pasid;	/**< the PASID, if the flag PASID_VALID is set */
	/** the number of the group; all faults of a group get one answer */
	__u32 grpid;
	__u32 perm;	/**< the access that failed: IOMMU_PGFAULT_PERM_ bits */
	__u32 __reserved;	/**< must be 0 */
	/** the address that was accessed */
	__u64 addr __attribute__((aligned(8)));
	__u32 length;	/**< always 0 */
	/**
	 * identifies the group in the answer; the same in all faults of the
	 * group
	 */
	__u32 cookie;
};

/** The answers to page faults. */
enum iommufd_page_response_code {
	/** the device may try the access again */
	IOMMUFD_PAGE_RESP_SUCCESS = 0,
	/** the access is invalid: the device must not try it again */
	IOMMUFD_PAGE_RESP_INVALID = 1,
};

/** An answer, as it is written to the descriptor of a FAULT. */
struct iommu_hwpt_page_response {
	__u32 cookie;	/**< the cookie of the faults that are answered */
	__u32 code;	/**< the answer: enum iommufd_page_response_code */
};

/**
 * Creates a FAULT, a queue of page faults.
 * @ownership The descriptor holds a users reference to the object and a
 *   reference to the context.
 * @errors -EMFILE: no descriptor is free.
 * @rule R-EVQ-1
 */
struct iommu_fault_alloc {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< must be 0 */
	__u32 out_fault_id;	/**< set to the id of the new FAULT */
	/** set to the descriptor for reading the FAULT */
	__u32 out_fault_fd;
};

/** Types of a vIOMMU. */
enum iommu_viommu_type {
	IOMMU_VIOMMU_TYPE_DEFAULT = 0,	/**< no type; it is refused */
	IOMMU_VIOMMU_TYPE_ARM_SMMUV3 = 1,	/**< Arm SMMUv3 */
	IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV = 2,	/**< NVIDIA Tegra241 CMDQV */
};

/**
 * Creates a vIOMMU.
 * @errors -EINVAL: the HWPT is not a nest parent; and the errors of the driver.
 * @rule R-VIOMMU-1
 */
struct iommu_viommu_alloc {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< must be 0 */
	__u32 type;	/**< enum iommu_viommu_type */
	__u32 dev_id;	/**< a DEVICE behind the IOMMU */
	__u32 hwpt_id;	/**< the nest parent */
	__u32 out_viommu_id;	/**< set to the id of the new vIOMMU */
	__u32 data_len;	/**< bytes of the driver's data */
	__u32 __reserved;	/**< without effect */
	/** the address of the driver's data */
	__u64 data_uptr __attribute__((aligned(8)));
};

/**
 * Creates a vDEVICE.
 * @errors -EINVAL: the DEVICE is behind another IOMMU; -EEXIST: it has a
 *   vDEVICE already, or the virt_id is taken; -ENOENT: also if the DEVICE is
 *   being unbound.
 * @rule R-VDEVICE-1 to R-VDEVICE-4
 */
struct iommu_vdevice_alloc {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 viommu_id;	/**< the vIOMMU */
	__u32 dev_id;	/**< the DEVICE */
	__u32 out_vdevice_id;	/**< set to the id of the new vDEVICE */
	/** the id that the VM uses for the device */
	__u64 virt_id __attribute__((aligned(8)));
};

/**
 * Charges the memory that is pinned for all IOASes to the calling process.  The
 * model has only one process, so the charges stay as they are.
 * @errors -EBUSY: a mapping is being made or removed; -EINVAL: a mapping is not
 *   of a file; -ENOMEM.
 * @rule R-IOAS-11
 */
struct iommu_ioas_change_process {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 __reserved;	/**< must be 0 */
};

/** Types of events. */
enum iommu_veventq_type {
	IOMMU_VEVENTQ_TYPE_DEFAULT = 0,	/**< no type; it is refused */
	IOMMU_VEVENTQ_TYPE_ARM_SMMUV3 = 1,	/**< Arm SMMUv3 */
	IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV = 2,	/**< NVIDIA Tegra241 CMDQV */
};

/**
 * Creates a VEVENTQ.
 * @ownership The descriptor holds a users reference to the object and a
 *   reference to the context.
 * @errors -EINVAL: the depth is 0 or more than 2^19; -EEXIST: the vIOMMU has
 *   one of this type; -EMFILE: no descriptor is free.
 * @rule R-EVQ-1, R-EVQ-10
 */
struct iommu_veventq_alloc {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< must be 0 */
	__u32 viommu_id;	/**< the vIOMMU */
	__u32 type;	/**< enum iommu_veventq_type */
	/** the largest number of events in the queue */
	__u32 veventq_depth;
	__u32 out_veventq_id;	/**< set to the id of the new VEVENTQ */
	/** set to the descriptor for reading the VEVENTQ */
	__u32 out_veventq_fd;
	__u32 __reserved;	/**< must be 0 */
};

/** Types of a HW_QUEUE. */
enum iommu_hw_queue_type {
	IOMMU_HW_QUEUE_TYPE_DEFAULT = 0,	/**< no type; it is refused */
	IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV = 1,	/**< NVIDIA Tegra241 CMDQV */
};

/**
 * Creates a HW_QUEUE.
 * @errors -EINVAL: the length is 0; -EOVERFLOW or -ERANGE: the range is too
 *   large; -EFAULT: its memory is not contiguous; -ENOENT: also if its memory
 *   is not mapped; and the errors of the driver.
 * @rule R-HWQ-1 to R-HWQ-3
 */
struct iommu_hw_queue_alloc {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< must be 0 */
	__u32 viommu_id;	/**< the vIOMMU */
	__u32 type;	/**< enum iommu_hw_queue_type */
	__u32 index;	/**< the number of the queue in the vIOMMU */
	__u32 out_hw_queue_id;	/**< set to the id of the new HW_QUEUE */
	/** the first IOVA of the queue's memory */
	__u64 nesting_parent_iova __attribute__((aligned(8)));
	/** the length of the queue's memory in bytes */
	__u64 length __attribute__((aligned(8)));
};

/** Reports a physical address; not in the model. */
struct iommu_ioas_noiommu_get_pa {
	__u32 size;	/**< size of the struct in user space, in bytes */
	__u32 flags;	/**< must be 0 */
	__u32 ioas_id;	/**< the IOAS */
	__u32 __reserved;	/**< must be 0 */
	__u64 iova __attribute__((aligned(8)));	/**< the IOVA */
	/** the length in bytes */
	__u64 length __attribute__((aligned(8)));
	/** the physical address */
	__u64 out_phys __attribute__((aligned(8)));
};

/** Flags of an event. */
enum iommu_veventq_flag {
	/**
	 * the entry is not an event, but says that events before it were lost
	 */
	IOMMU_VEVENTQ_FLAG_LOST_EVENTS = 1u << 0,
};

/** The header in front of each event that is read from a VEVENTQ. */
struct iommufd_vevent_header {
	__u32 flags;	/**< enum iommu_veventq_flag */
	__u32 sequence;	/**< number of the event, modulo 2^31 */
};

/** The type of the description that IOMMU_GET_HW_INFO gives. */
enum iommu_hw_info_type {
	IOMMU_HW_INFO_TYPE_NONE = 0,	/**< nothing */
	IOMMU_HW_INFO_TYPE_DEFAULT = 0,	/**< the device's own type */
	IOMMU_HW_INFO_TYPE_INTEL_VTD = 1,	/**< Intel VT-d */
	IOMMU_HW_INFO_TYPE_ARM_SMMUV3 = 2,	/**< Arm SMMUv3 */
	IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV = 3,	/**< Tegra241 CMDQV */
	IOMMU_HW_INFO_TYPE_AMD = 4,	/**< AMD */
};

/** Bits of the flags of struct iommu_hw_info_arm_smmuv3. */
enum iommu_hw_info_arm_smmuv3_flags {
	/** an invalidation has to be made twice */
	IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI = 1 << 0,
};

/* The data of real drivers, which the model's mock does not use. */

/** What an Arm SMMUv3 is, in its ID registers. */
struct iommu_hw_info_arm_smmuv3 {
	__u32 flags;	/**< bits of enum iommu_hw_info_arm_smmuv3_flags */
	__u32 __reserved;	/**< always 0 */
	__u32 idr[6];	/**< IDR0 to IDR5 */
	__u32 iidr;	/**< IIDR */
	__u32 aidr;	/**< AIDR */
};

/** What a Tegra241 CMDQV is. */
struct iommu_hw_info_tegra241_cmdqv {
	__u32 flags;	/**< always 0 */
	__u8 version;	/**< its version */
	__u8 log2vcmdqs;	/**< log2 of the command queues per interface */
	__u8 log2vsids;	/**< log2 of the stream ids per interface */
	__u8 __reserved;	/**< always 0 */
};

/** The data of a nested HWPT of an Arm SMMUv3. */
struct iommu_hwpt_arm_smmuv3 {
	__le64 ste[2];	/**< a part of the stream table entry */
};

/**
 * Types of the entries of IOMMU_HWPT_INVALIDATE for a vIOMMU.  The mock does
 * not know this type.
 */
enum iommu_viommu_invalidate_data_type {
	/** struct iommu_viommu_arm_smmuv3_invalidate */
	IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 = 1,
};

/** One invalidation by a vIOMMU of an Arm SMMUv3. */
struct iommu_viommu_arm_smmuv3_invalidate {
	__le64 cmd[2];	/**< the command */
};

/** An event of an Arm SMMUv3. */
struct iommu_vevent_arm_smmuv3 {
	__le64 evt[4];	/**< the event record */
};

/** An event of a Tegra241 CMDQV. */
struct iommu_vevent_tegra241_cmdqv {
	__le64 lvcmdq_err_map[2];	/**< a bit per queue with an error */
};

/** The data of a vIOMMU of a Tegra241 CMDQV. */
struct iommu_viommu_tegra241_cmdqv {
	__u64 out_vintf_mmap_offset;	/**< output: its page, for mmap() */
	__u64 out_vintf_mmap_length;	/**< output: the length of its page */
};

#endif /* _UAPI_IOMMUFD_H */

#endif
