/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The ioctls of /dev/iommu: numbers, structs, constants.
 *
 * Skipped if the system's <linux/iommufd.h> was included before: a program that
 * was written for the kernel keeps its own.
 *
 * Every struct begins with its size, as the user knows it: a shorter one than
 * here is completed with zeros if nothing mandatory is missing, the excess of a
 * longer one must be zero.  A request fails with -EINVAL: too short; -E2BIG:
 * the excess is not zero; -EFAULT: a bad address; -EOPNOTSUPP: a flag, a type
 * or an operation that is not known; -ENOENT: no such object; -ENOMEM; -EBUSY:
 * no free id.  What else it fails with is said at its struct.
 *
 * Requests that are left out, as docs/model.md lists them, check size and tail
 * of their struct and are -EOPNOTSUPP.
 *
 * @rule R-UAPI-12
 */
#ifndef IOMMUFD_MODEL_UAPI_H
#define IOMMUFD_MODEL_UAPI_H

#include <iommufd_model/kernel/types.h>

#ifndef _UAPI_IOMMUFD_H

#define IOMMUFD_TYPE (';')	/**< the type byte of every request */
#define IOMMUFD_CMD_BASE 0x80	/**< number of the first request */

/** Numbers of the requests. */
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

/**
 * Makes a request of its number; neither direction nor size is encoded in it.
 */
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
/** left out: struct iommu_vfio_ioas */
#define IOMMU_VFIO_IOAS IOMMUFD_MODEL_IO(IOMMUFD_CMD_VFIO_IOAS)
/** make a HWPT: struct iommu_hwpt_alloc */
#define IOMMU_HWPT_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_HWPT_ALLOC)
/** left out: struct iommu_hw_info */
#define IOMMU_GET_HW_INFO IOMMUFD_MODEL_IO(IOMMUFD_CMD_GET_HW_INFO)
/** left out: struct iommu_hwpt_set_dirty_tracking */
#define IOMMU_HWPT_SET_DIRTY_TRACKING \
	IOMMUFD_MODEL_IO(IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING)
/** left out: struct iommu_hwpt_get_dirty_bitmap */
#define IOMMU_HWPT_GET_DIRTY_BITMAP \
	IOMMUFD_MODEL_IO(IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP)
/** left out: struct iommu_hwpt_invalidate */
#define IOMMU_HWPT_INVALIDATE IOMMUFD_MODEL_IO(IOMMUFD_CMD_HWPT_INVALIDATE)
/** make a FAULT: struct iommu_fault_alloc */
#define IOMMU_FAULT_QUEUE_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_FAULT_QUEUE_ALLOC)
/** left out: struct iommu_ioas_map_file */
#define IOMMU_IOAS_MAP_FILE IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_MAP_FILE)
/** make a vIOMMU: struct iommu_viommu_alloc */
#define IOMMU_VIOMMU_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_VIOMMU_ALLOC)
/** make a vDEVICE: struct iommu_vdevice_alloc */
#define IOMMU_VDEVICE_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_VDEVICE_ALLOC)
/** left out: struct iommu_ioas_change_process */
#define IOMMU_IOAS_CHANGE_PROCESS \
	IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_CHANGE_PROCESS)
/** make a VEVENTQ: struct iommu_veventq_alloc */
#define IOMMU_VEVENTQ_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_VEVENTQ_ALLOC)
/** make a HW_QUEUE: struct iommu_hw_queue_alloc */
#define IOMMU_HW_QUEUE_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_HW_QUEUE_ALLOC)
/** left out: struct iommu_ioas_noiommu_get_pa */
#define IOMMU_IOAS_NOIOMMU_GET_PA \
	IOMMUFD_MODEL_IO(IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA)

/**
 * Destroys an object.
 * @errors -ENOENT; -EBUSY: somebody has it.
 * @rule R-DESTROY-10, R-DESTROY-1, R-DESTROY-2
 */
struct iommu_destroy {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 id;	/**< the object */
};

/**
 * Makes an IOAS.
 * @rule R-IOAS-2
 */
struct iommu_ioas_alloc {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< 0 */
	__u32 out_ioas_id;	/**< set to its id */
};

/** A range of IOVAs. */
struct iommu_iova_range {
	__u64 start __attribute__((aligned(8)));	/**< the first */
	__u64 last __attribute__((aligned(8)));	/**< the last */
};

/**
 * Tells which IOVAs are usable.
 * @errors -EMSGSIZE: there are more ranges than fit; the struct is written
 *   back.
 * @rule R-IOAS-3
 */
struct iommu_ioas_iova_ranges {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 ioas_id;	/**< the IOAS */
	/** room for so many; set to how many there are */
	__u32 num_iovas;
	__u32 __reserved;	/**< 0 */
	/** address of an array of struct iommu_iova_range */
	__u64 allowed_iovas __attribute__((aligned(8)));
	/** set to what a mapping must be a multiple of */
	__u64 out_iova_alignment __attribute__((aligned(8)));
};

/**
 * Keeps ranges of IOVAs usable: what would take them away is refused.
 * @errors -EINVAL: a bad range; -EADDRINUSE: some of it is not usable.
 * @rule R-IOAS-4
 */
struct iommu_ioas_allow_iovas {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 ioas_id;	/**< the IOAS */
	__u32 num_iovas;	/**< how many; 0: no range is kept */
	__u32 __reserved;	/**< 0 */
	/** address of an array of struct iommu_iova_range */
	__u64 allowed_iovas __attribute__((aligned(8)));
};

/** Flags of a mapping. */
enum iommufd_ioas_map_flags {
	/** at the IOVA that the user says */
	IOMMU_IOAS_MAP_FIXED_IOVA = 1 << 0,
	IOMMU_IOAS_MAP_WRITEABLE = 1 << 1,	/**< devices may write */
	IOMMU_IOAS_MAP_READABLE = 1 << 2,	/**< devices may read */
};

/**
 * Maps memory of the user's.
 * @errors -EOVERFLOW; -EINVAL: neither readable nor writeable, length 0, not
 *   aligned, or a bad place; -EEXIST: the IOVAs are mapped; -ENOSPC: no free
 *   IOVAs; -EFAULT: bad memory, if it must be pinned now.
 * @rule R-MAP-1 to R-MAP-4
 */
struct iommu_ioas_map {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< enum iommufd_ioas_map_flags */
	__u32 ioas_id;	/**< the IOAS */
	__u32 __reserved;	/**< 0 */
	/** address of the memory */
	__u64 user_va __attribute__((aligned(8)));
	__u64 length __attribute__((aligned(8)));	/**< bytes */
	/** where to, if fixed; set to where */
	__u64 iova __attribute__((aligned(8)));
};

/** Maps memory of a file; left out. */
struct iommu_ioas_map_file {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< enum iommufd_ioas_map_flags */
	__u32 ioas_id;	/**< the IOAS */
	__s32 fd;	/**< the file */
	__u64 start __attribute__((aligned(8)));	/**< offset in it */
	__u64 length __attribute__((aligned(8)));	/**< bytes */
	__u64 iova __attribute__((aligned(8)));	/**< where to, if fixed */
};

/**
 * Maps what is mapped elsewhere, in the same IOAS or another.
 * @errors -ENOENT: also if the source is not mapped throughout; else as of
 *   struct iommu_ioas_map, and -EPERM: the source is not writable.
 * @rule R-MAP-5
 */
struct iommu_ioas_copy {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< enum iommufd_ioas_map_flags */
	__u32 dst_ioas_id;	/**< the IOAS to map in */
	__u32 src_ioas_id;	/**< the IOAS it is mapped in */
	__u64 length __attribute__((aligned(8)));	/**< bytes */
	/** where to, if fixed; set to where */
	__u64 dst_iova __attribute__((aligned(8)));
	/** where it is mapped */
	__u64 src_iova __attribute__((aligned(8)));
};

/**
 * Unmaps whole mappings in a range.
 * @errors -ENOENT: nothing is mapped there, or a mapping sticks out; -EINVAL:
 *   length 0; -EOVERFLOW; -EBUSY: a HW_QUEUE has pinned it, or it is being
 *   mapped; -EDEADLOCK: an access does not unpin it.  Some of the range may be
 *   unmapped then.
 * @rule R-UNMAP-1, R-UNMAP-2
 */
struct iommu_ioas_unmap {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 ioas_id;	/**< the IOAS */
	__u64 iova __attribute__((aligned(8)));	/**< the first */
	/** bytes; U64_MAX with iova 0: all; set to what was unmapped */
	__u64 length __attribute__((aligned(8)));
};

/** Options. */
enum iommufd_option {
	/** 1: the process pays for pinned memory; 0: the user */
	IOMMU_OPTION_RLIMIT_MODE = 0,
	/** of an IOAS, 1: pages may be merged; 0: not */
	IOMMU_OPTION_HUGE_PAGES = 1,
};

/** What to do with an option. */
enum iommufd_option_ops {
	IOMMU_OPTION_OP_SET = 0,	/**< set it */
	IOMMU_OPTION_OP_GET = 1,	/**< get it */
};

/**
 * Sets or gets an option.
 * @errors -EPERM: the user may not; -EBUSY: there are objects; -EINVAL: bad
 *   value.
 * @rule R-IOAS-9, R-IOAS-10
 */
struct iommu_option {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 option_id;	/**< enum iommufd_option */
	__u16 op;	/**< enum iommufd_option_ops */
	__u16 __reserved;	/**< 0 */
	__u32 object_id;	/**< the IOAS, or 0 */
	/** the value; set by a get */
	__u64 val64 __attribute__((aligned(8)));
};

/** What to do with the IOAS of VFIO compatibility. */
enum iommufd_vfio_ioas_op {
	IOMMU_VFIO_IOAS_GET = 0,	/**< get it */
	IOMMU_VFIO_IOAS_SET = 1,	/**< set it */
	IOMMU_VFIO_IOAS_CLEAR = 2,	/**< there is none any more */
};

/** Names the IOAS of VFIO compatibility; left out. */
struct iommu_vfio_ioas {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 ioas_id;	/**< the IOAS */
	__u16 op;	/**< enum iommufd_vfio_ioas_op */
	__u16 __reserved;	/**< 0 */
};

/** Flags of a HWPT. */
enum iommufd_hwpt_alloc_flags {
	/** others will be nested on it */
	IOMMU_HWPT_ALLOC_NEST_PARENT = 1 << 0,
	/** may track writes, which no request does here */
	IOMMU_HWPT_ALLOC_DIRTY_TRACKING = 1 << 1,
	IOMMU_HWPT_FAULT_ID_VALID = 1 << 2,	/**< fault_id names a FAULT */
	/** may be attached to PASIDs, which are left out */
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
 * Makes a HWPT.
 * @errors -EINVAL: no such pt_id, or none to make a HWPT of, data_len and
 *   data_type do not fit each other; what the driver says.
 * @rule R-HWPT-1 to R-HWPT-7
 */
struct iommu_hwpt_alloc {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< enum iommufd_hwpt_alloc_flags */
	__u32 dev_id;	/**< the DEVICE it is made for */
	__u32 pt_id;	/**< an IOAS, or a HWPT or vIOMMU to nest on */
	__u32 out_hwpt_id;	/**< set to its id */
	__u32 __reserved;	/**< 0 */
	/** enum iommu_hwpt_data_type, of the driver's data */
	__u32 data_type;
	__u32 data_len;	/**< bytes of it */
	__u64 data_uptr __attribute__((aligned(8)));	/**< address of it */
	__u32 fault_id;	/**< a FAULT, with IOMMU_HWPT_FAULT_ID_VALID */
	__u32 __reserved2;	/**< without effect */
};

/** Tells what an IOMMU is; left out. */
struct iommu_hw_info {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< what is wanted */
	__u32 dev_id;	/**< the DEVICE */
	__u32 data_len;	/**< room at data_uptr, bytes */
	/** where the data goes */
	__u64 data_uptr __attribute__((aligned(8)));
	union {
		__u32 in_data_type;	/**< the type that is wanted */
		__u32 out_data_type;	/**< the type that is given */
	};
	__u8 out_max_pasid_log2;	/**< bits of a PASID */
	__u8 __reserved[3];	/**< 0 */
	/** what it can do */
	__u64 out_capabilities __attribute__((aligned(8)));
};

/** Starts or stops tracking writes; left out. */
struct iommu_hwpt_set_dirty_tracking {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< on or off */
	__u32 hwpt_id;	/**< the HWPT */
	__u32 __reserved;	/**< 0 */
};

/** Tells what was written; left out. */
struct iommu_hwpt_get_dirty_bitmap {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 hwpt_id;	/**< the HWPT */
	__u32 flags;	/**< what is wanted */
	__u32 __reserved;	/**< 0 */
	__u64 iova __attribute__((aligned(8)));	/**< the first */
	__u64 length __attribute__((aligned(8)));	/**< bytes */
	__u64 page_size __attribute__((aligned(8)));	/**< bytes of one bit */
	__u64 data __attribute__((aligned(8)));	/**< address of the bitmap */
};

/** Invalidates caches; left out. */
struct iommu_hwpt_invalidate {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 hwpt_id;	/**< a nested HWPT or a vIOMMU */
	/** address of the entries */
	__u64 data_uptr __attribute__((aligned(8)));
	__u32 data_type;	/**< their type */
	__u32 entry_len;	/**< bytes of one */
	__u32 entry_num;	/**< how many */
	__u32 __reserved;	/**< 0 */
};

/**
 * Makes a FAULT, a queue of page faults; none ever comes here.
 * @ownership The descriptor holds U of the object and a reference to the ctx.
 * @errors -EMFILE.
 * @rule R-EVQ-1
 */
struct iommu_fault_alloc {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< 0 */
	__u32 out_fault_id;	/**< set to its id */
	__u32 out_fault_fd;	/**< set to the descriptor it is read by */
};

/** Types of a vIOMMU. */
enum iommu_viommu_type {
	IOMMU_VIOMMU_TYPE_DEFAULT = 0,	/**< none */
	IOMMU_VIOMMU_TYPE_ARM_SMMUV3 = 1,	/**< Arm SMMUv3 */
	IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV = 2,	/**< NVIDIA Tegra241 CMDQV */
};

/**
 * Makes a vIOMMU.
 * @errors -EINVAL: the HWPT is no nest parent; what the driver says.
 * @rule R-VIOMMU-1
 */
struct iommu_viommu_alloc {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< 0 */
	__u32 type;	/**< enum iommu_viommu_type */
	__u32 dev_id;	/**< a DEVICE behind the IOMMU */
	__u32 hwpt_id;	/**< the nest parent */
	__u32 out_viommu_id;	/**< set to its id */
	__u32 data_len;	/**< bytes of the driver's data */
	__u32 __reserved;	/**< without effect */
	__u64 data_uptr __attribute__((aligned(8)));	/**< address of it */
};

/**
 * Makes a vDEVICE.
 * @errors -EINVAL: the DEVICE is behind another IOMMU; -EEXIST: it has one
 *   already, or the virt_id is taken; -ENOENT: it is being unbound, too.
 * @rule R-VDEVICE-1 to R-VDEVICE-4
 */
struct iommu_vdevice_alloc {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 viommu_id;	/**< the vIOMMU */
	__u32 dev_id;	/**< the DEVICE */
	__u32 out_vdevice_id;	/**< set to its id */
	/** what the VM calls it */
	__u64 virt_id __attribute__((aligned(8)));
};

/** Lets another process pay for pinned memory; left out. */
struct iommu_ioas_change_process {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 __reserved;	/**< 0 */
};

/** Types of events. */
enum iommu_veventq_type {
	IOMMU_VEVENTQ_TYPE_DEFAULT = 0,	/**< none */
	IOMMU_VEVENTQ_TYPE_ARM_SMMUV3 = 1,	/**< Arm SMMUv3 */
	IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV = 2,	/**< NVIDIA Tegra241 CMDQV */
};

/**
 * Makes a VEVENTQ.
 * @ownership The descriptor holds U of the object and a reference to the ctx.
 * @errors -EINVAL: a depth of 0 or more than 2^19; -EEXIST: the vIOMMU has one
 *   of this type; -EMFILE.
 * @rule R-EVQ-1, R-EVQ-10
 */
struct iommu_veventq_alloc {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< 0 */
	__u32 viommu_id;	/**< the vIOMMU */
	__u32 type;	/**< enum iommu_veventq_type */
	__u32 veventq_depth;	/**< at most so many events */
	__u32 out_veventq_id;	/**< set to its id */
	__u32 out_veventq_fd;	/**< set to the descriptor it is read by */
	__u32 __reserved;	/**< 0 */
};

/** Types of a HW_QUEUE. */
enum iommu_hw_queue_type {
	IOMMU_HW_QUEUE_TYPE_DEFAULT = 0,	/**< none */
	IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV = 1,	/**< NVIDIA Tegra241 CMDQV */
};

/**
 * Makes a HW_QUEUE.
 * @errors -EINVAL: length 0; -EOVERFLOW, -ERANGE; -EFAULT: its memory is not
 *   contiguous; -ENOENT: not mapped, too; what the driver says.
 * @rule R-HWQ-1 to R-HWQ-3
 */
struct iommu_hw_queue_alloc {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< 0 */
	__u32 viommu_id;	/**< the vIOMMU */
	__u32 type;	/**< enum iommu_hw_queue_type */
	__u32 index;	/**< its number */
	__u32 out_hw_queue_id;	/**< set to its id */
	/** where its memory is mapped */
	__u64 nesting_parent_iova __attribute__((aligned(8)));
	__u64 length __attribute__((aligned(8)));	/**< bytes of it */
};

/** Tells a physical address; left out. */
struct iommu_ioas_noiommu_get_pa {
	__u32 size;	/**< bytes of the struct, as the user knows it */
	__u32 flags;	/**< 0 */
	__u32 ioas_id;	/**< the IOAS */
	__u32 __reserved;	/**< 0 */
	__u64 iova __attribute__((aligned(8)));	/**< what to look up */
	__u64 length __attribute__((aligned(8)));	/**< bytes */
	/** the physical address */
	__u64 out_phys __attribute__((aligned(8)));
};

/** Flags of an event. */
enum iommu_veventq_flag {
	/** no event: some before it were lost */
	IOMMU_VEVENTQ_FLAG_LOST_EVENTS = 1u << 0,
};

/**
 * What stands in front of each event that is read from a VEVENTQ.
 * @rule R-EVQ-7 to R-EVQ-10
 */
struct iommufd_vevent_header {
	__u32 flags;	/**< enum iommu_veventq_flag */
	__u32 sequence;	/**< its number, modulo 2^31 */
};

#endif /* _UAPI_IOMMUFD_H */

#endif
