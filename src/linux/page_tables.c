// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memory of page tables, for a tree that has a descriptor for each of them.
 *
 * A page table is an allocation of src/kernel with room to align it.  The
 * descriptor that virt_to_folio() finds is in front of the aligned part.
 */
#include <linux/mm.h>
#include <linux/iommu.h>
#include "iommu-pages.h"

struct table {
	void *memory;		/* from kzalloc() */
	struct ioptdesc desc;
};

static struct table *table_of(const void *virt)
{
	return (struct table *)(uintptr_t)virt - 1;
}

struct folio *virt_to_folio(const void *virt)
{
	return ioptdesc_folio(&table_of(virt)->desc);
}

void *iommu_alloc_pages_node_sz(int nid, gfp_t gfp, size_t size)
{
	uintptr_t align = size > PAGE_SIZE ? size : PAGE_SIZE;
	struct table *table;
	uintptr_t addr;
	void *memory;

	memory = kzalloc(size + align + sizeof(*table), gfp);
	if (!memory)
		return NULL;
	addr = ((uintptr_t)memory + sizeof(*table) + align - 1) & ~(align - 1);
	table = table_of((void *)addr);
	table->memory = memory;
	return (void *)addr;
}

void iommu_free_pages(void *virt)
{
	if (virt)
		kfree(table_of(virt)->memory);
}

void iommu_put_pages_list(struct iommu_pages_list *list)
{
	struct ioptdesc *desc, *next;

	list_for_each_entry_safe(desc, next, &list->pages, iopt_freelist_elm)
		kfree(container_of(desc, struct table, desc)->memory);
}
