/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Mappings of a file: struct vm_area_struct and its open and close.
 *
 * Reduced: a mapping has no page tables.  Each mapping of pages that
 * alloc_pages_exact() gave has an address of its own.  For any other memory the
 * address is that of the memory itself, and so the same for all its mappings.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MM_H
#define IOMMUFD_MODEL_KERNEL_MM_H

#include <iommufd_model/kernel/fs.h>
#include <iommufd_model/kernel/list.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define VM_READ 1ul	/**< the mapping can be read */
#define VM_WRITE 2ul	/**< it can be written */
#define VM_EXEC 4ul	/**< it can be executed */
#define VM_SHARED 8ul	/**< it is MAP_SHARED */
/** it shows what has no struct page in a kernel; nothing in it can be pinned */
#define VM_PFNMAP 0x400ul
#define VM_IO 0x4000ul	/**< it shows device memory: likewise */

/** how a mapping is protected and cached; without effect */
typedef unsigned long pgprot_t;

/** What a mapping tells its maker. */
struct vm_operations_struct {
	/** Called when a mapping was duplicated or split, with the new one. */
	void (*open)(struct vm_area_struct *vma);
	/** Called when a mapping goes. */
	void (*close)(struct vm_area_struct *vma);
};

/** One mapping. */
struct vm_area_struct {
	unsigned long vm_start,	/**< where it begins; 0 before the remap */
		vm_end;		/**< the first address behind it */
	unsigned long vm_flags;	/**< VM_ bits */
	unsigned long vm_pgoff;	/**< offset in the file, in pages */
	pgprot_t vm_page_prot;	/**< without effect */
	/** set by the file's mmap function; may be NULL */
	const struct vm_operations_struct *vm_ops;
	struct file *vm_file;	/**< the file; a reference is held */
	void *vm_private_data;	/**< the file's */
	void *vm_tables;	/**< what a kernel has as page tables; owned */
	struct list_head vm_link;	/**< on the list of all mappings */
};

/** @cond INTERNAL */
/* Their names in the library. */
#define io_remap_pfn_range iommufd_model_io_remap_pfn_range
/** @endcond */

/**
 * Lets a mapping show device memory, and marks it VM_IO and VM_PFNMAP.
 * @param vma   the mapping, in the file's mmap function
 * @param addr  its vm_start
 * @param pfn   the first page frame
 * @param size  bytes
 * @param prot  without effect
 * @return 0, or a negative errno
 * @errors -ENOMEM; -EINVAL and a WARN: @p addr is not the mapping's vm_start.
 */
IOMMUFD_MODEL_API int
io_remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
		   unsigned long pfn, unsigned long size, pgprot_t prot);

IOMMUFD_MODEL_END_DECLS

#endif
