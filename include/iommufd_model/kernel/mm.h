/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Mappings of a file: struct vm_area_struct and its open() and close().
 *
 * Unlike in a kernel, a mapping has no page tables.  Each mapping of pages from
 * alloc_pages_exact() has an address of its own.  A mapping of any other memory
 * has the address of that memory, so that all mappings of it have the same
 * address.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MM_H
#define IOMMUFD_MODEL_KERNEL_MM_H

#include <iommufd_model/kernel/fs.h>
#include <iommufd_model/kernel/list.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define VM_READ 1ul	/**< the mapping can be read */
#define VM_WRITE 2ul	/**< the mapping can be written */
#define VM_EXEC 4ul	/**< the mapping can be executed */
#define VM_SHARED 8ul	/**< the mapping is MAP_SHARED */
/** the memory has no struct page in a kernel and cannot be pinned */
#define VM_PFNMAP 0x400ul
/** the mapping shows device memory, which cannot be pinned */
#define VM_IO 0x4000ul

/** The protection and caching of a mapping; without effect. */
typedef unsigned long pgprot_t;

/** Functions that are called on changes of a mapping; each may be NULL. */
struct vm_operations_struct {
	/**
	 * Called with the new mapping after a mapping was duplicated or split.
	 * It must not call the functions that map, unmap or duplicate.
	 */
	void (*open)(struct vm_area_struct *vma);
	/**
	 * Called when a mapping is removed.  It must not call the functions
	 * that map, unmap or duplicate.
	 */
	void (*close)(struct vm_area_struct *vma);
};

/** One mapping of a file. */
struct vm_area_struct {
	/** the first address; 0 before io_remap_pfn_range() */
	unsigned long vm_start,
		vm_end;		/**< the first address after the mapping */
	unsigned long vm_flags;	/**< VM_ bits */
	/** the offset in the file at which the mapping begins, in pages */
	unsigned long vm_pgoff;
	pgprot_t vm_page_prot;	/**< without effect */
	/** set by the file's mmap function; may be NULL */
	const struct vm_operations_struct *vm_ops;
	struct file *vm_file;	/**< the file; the mapping owns a reference */
	void *vm_private_data;	/**< for the file's operations */
	/** an allocation that stands for the kernel's page tables; owned */
	void *vm_tables;
	struct list_head vm_link;	/**< links in the list of mappings */
};

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define io_remap_pfn_range iommufd_model_io_remap_pfn_range
/** @endcond */

/**
 * Makes a mapping show device memory, and marks it VM_IO and VM_PFNMAP.  It
 * sets vm_start and vm_end.
 * @param vma   the mapping that the file's mmap() was called with
 * @param addr  its vm_start
 * @param pfn   the number of the first page: its kernel address divided by
 *   PAGE_SIZE
 * @param size  the size in bytes
 * @param prot  without effect
 * @return 0, or a negative errno
 * @ownership The caller must keep the memory until the mapping is closed.
 * @errors -ENOMEM; -EINVAL and a WARN: @p addr is not the mapping's vm_start.
 * @context Only in the file's mmap().  May sleep in a kernel.
 */
IOMMUFD_MODEL_API int
io_remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
		   unsigned long pfn, unsigned long size, pgprot_t prot);

IOMMUFD_MODEL_END_DECLS

#endif
