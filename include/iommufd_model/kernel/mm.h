/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Mappings of a file: struct vm_area_struct and its open and close.
 *
 * Reduced: a mapping has no page tables.  Its address is the memory it stands
 * for, so two mappings of one thing have the same address.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MM_H
#define IOMMUFD_MODEL_KERNEL_MM_H

#include <iommufd_model/kernel/fs.h>
#include <iommufd_model/kernel/list.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define VM_READ 1ul
#define VM_WRITE 2ul
#define VM_EXEC 4ul
#define VM_SHARED 8ul

typedef unsigned long pgprot_t;

struct vm_operations_struct {
	void (*open)(struct vm_area_struct *vma);
	void (*close)(struct vm_area_struct *vma);
};

/*
 * struct vm_area_struct - one mapping
 * @vm_pgoff: offset in the file, in pages
 * @vm_file: a reference is held
 * @vm_tables: what a kernel has as page tables; owned by the mapping
 */
struct vm_area_struct {
	unsigned long vm_start, vm_end;
	unsigned long vm_flags;
	unsigned long vm_pgoff;
	pgprot_t vm_page_prot;
	const struct vm_operations_struct *vm_ops;
	struct file *vm_file;
	void *vm_private_data;
	void *vm_tables;
	struct list_head vm_link;
};

/*
 * io_remap_pfn_range(vma, addr, pfn, size, prot): let @vma show the @size
 * bytes of device memory from page frame @pfn on.  0 or -ENOMEM.
 */
#define io_remap_pfn_range iommufd_model_io_remap_pfn_range
IOMMUFD_MODEL_API int
io_remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
		   unsigned long pfn, unsigned long size, pgprot_t prot);

IOMMUFD_MODEL_END_DECLS

#endif
