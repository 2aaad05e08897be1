/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Memory.  The pages of user space are those of src/kernel, and page_to_pfn()
 * gives each a number, from which pfn_to_page() finds the page again.  The
 * physical address of kernel memory is its virtual address; only page tables
 * and the memory that a driver maps are looked up by it.
 */
#ifndef TREE_LINUX_MM_H
#define TREE_LINUX_MM_H

#include <iommufd_model/kernel/mm.h>
#include <iommufd_model/kernel/page.h>
#include <linux/align.h>
#include <linux/atomic.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/types.h>

#include <linux/rbtree_types.h>

struct folio;

#define virt_to_phys_identity(p) ((phys_addr_t)(unsigned long)(p))
#undef virt_to_phys
#define virt_to_phys(p) virt_to_phys_identity(p)
#define phys_to_virt(pa) ((void *)(unsigned long)(pa))
#define __pa(p) virt_to_phys_identity(p)
#define __va(pa) phys_to_virt(pa)

#define PHYS_PFN(pa) ((unsigned long)((pa) >> PAGE_SHIFT))
#define PFN_PHYS(pfn) ((phys_addr_t)(pfn) << PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define HPAGE_SHIFT 21
#define HPAGE_SIZE (1ul << HPAGE_SHIFT)
#define HPAGE_PMD_SIZE HPAGE_SIZE
#define NUMA_NO_NODE (-1)
#define dev_to_node(dev) ((void)(dev), NUMA_NO_NODE)

unsigned long page_to_pfn(const struct page *page);
struct page *pfn_to_page(unsigned long pfn);

struct mm_struct {
	atomic64_t pinned_vm;
	unsigned long locked_vm;
	struct rw_semaphore mmap_lock;
	refcount_t mm_users, mm_count;
	/* the process, or 0 for the process that the library is in */
	int pid;
};

#define mmap_read_lock(mm) down_read(&(mm)->mmap_lock)
#define mmap_read_unlock(mm) up_read(&(mm)->mmap_lock)
#define mmap_write_lock(mm) down_write(&(mm)->mmap_lock)
#define mmap_write_unlock(mm) up_write(&(mm)->mmap_lock)

#define FOLL_REMOTE 0x10u
#define FOLL_FORCE 0x20u
#define GUP_PIN_COUNTING_BIAS (1u << 10)

struct task_struct;
long pin_user_pages_remote_at(struct mm_struct *mm, unsigned long start,
			      unsigned long nr, unsigned int flags,
			      struct page **pages, int *locked,
			      const struct iommufd_model_site *site);
#define pin_user_pages_remote(mm, start, nr, flags, pages, locked) \
	pin_user_pages_remote_at(mm, start, nr, flags, pages, locked, \
				 IOMMUFD_MODEL_SITE(#start))
void unpin_user_pages_at(struct page **pages, unsigned long nr,
			 const struct iommufd_model_site *site);
#define unpin_user_pages(pages, nr) \
	unpin_user_pages_at(pages, nr, IOMMUFD_MODEL_SITE(#pages))
void unpin_user_page_range_dirty_lock_at(struct page *page, unsigned long nr,
					 bool dirty,
					 const struct iommufd_model_site *site);
#define unpin_user_page_range_dirty_lock(page, nr, dirty) \
	unpin_user_page_range_dirty_lock_at(page, nr, dirty, \
					    IOMMUFD_MODEL_SITE(#page))
int get_user_pages_fast(unsigned long start, int nr, unsigned int flags,
			struct page **pages);
void put_page(struct page *page);
int page_ref_count(const struct page *page);
/* No page is part of a larger one. */
#define PageCompound(page) ((void)(page), false)
#define compound_head(page) (page)

struct file;
long memfd_pin_folios_at(struct file *memfd, long long start, long long end,
			 struct folio **folios, unsigned int max,
			 pgoff_t *offset,
			 const struct iommufd_model_site *site);
#define memfd_pin_folios(memfd, start, end, folios, max, offset) \
	memfd_pin_folios_at(memfd, start, end, folios, max, offset, \
			    IOMMUFD_MODEL_SITE(#memfd))
int folio_add_pins(struct folio *folio, unsigned int pins);
void unpin_folios(struct folio **folios, unsigned long nr);
/* A folio is one page. */
#define folio_nr_pages(folio) ((void)(folio), 1ul)
#define folio_page(folio, n) ((struct page *)(folio))

unsigned long get_free_pages_at(gfp_t gfp, unsigned int order,
				const struct iommufd_model_site *site);
void free_pages_at(unsigned long addr, unsigned int order,
		   const struct iommufd_model_site *site);
#define __get_free_pages(gfp, order) \
	get_free_pages_at(gfp, order, IOMMUFD_MODEL_SITE("__get_free_pages"))
#define __get_free_page(gfp) __get_free_pages(gfp, 0)
#define free_pages(addr, order) \
	free_pages_at(addr, order, IOMMUFD_MODEL_SITE(#addr))
#define free_page(addr) free_pages(addr, 0)

struct folio *virt_to_folio(const void *virt);

int __account_locked_vm(struct mm_struct *mm, unsigned long pages, bool inc,
			const struct task_struct *task, bool bypass_rlim);

#define set_page_dirty_lock(page) ((void)(page))
#define pgprot_noncached(prot) (prot)

#endif
