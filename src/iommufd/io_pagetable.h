/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Areas, and the pages that they map.
 *
 * A map creates an iopt_pages, which is the memory, and an iopt_area, which is
 * the range of IOVAs where it is mapped.  A copy creates another area with the
 * same pages.  The lock order is iova_rwsem, which guards the areas of an IOAS,
 * then the mutex of each pages object.
 */
#ifndef IO_PAGETABLE_H
#define IO_PAGETABLE_H

#include "internal.h"
#include "../kernel/range.h"

/*
 * struct iopt_pages - memory that is mapped somewhere
 * @ref: one reference for each area, and one while a copy is being made
 * @file: the file whose pages they are, with a reference; NULL for user memory
 * @process: the process whose memory it is, and whose pins are counted
 * @base: address of the first page; for a file, the offset of that page
 * @npages: the number of pages that the map touches
 * @writable: the memory was mapped writeable
 * @account_mode: who is charged for pins; the map sets it, and it never changes
 * @mutex: guards the members below, and num_accesses and num_locks of the areas
 * @covers: for each page, the number of areas that domains map plus the number
 *	of records of accesses that contain it; the page is pinned while
 *	this is not zero.  The array grows as pages are pinned
 * @accesses: records of what accesses have pinned, one for each pair of bounds
 */
struct iopt_pages {
	refcount_t ref;
	struct file *file;
	struct iommufd_process *process;
	unsigned long base;
	unsigned long npages;
	bool writable;
	u8 account_mode;

	struct mutex mutex;
	unsigned long npinned;
	unsigned int *covers;
	unsigned long ncovers;
	struct list_head accesses;
};

/*
 * struct iopt_area - a mapping
 * @start, @last: the first and the last IOVA
 * @pages: NULL while the area is being mapped or unmapped; guarded by
 *	iova_rwsem
 * @start_byte: offset of the first byte from pages->base
 * @in_domains: domains map the area, and covers[] counts it; guarded by
 *	domains_rwsem
 * @prevent_access: an unmap has begun, and the area cannot be pinned any more
 * @num_accesses: number of pins through this area; @num_locks: how many of them
 *	are of internal accesses, which an unmap cannot ask to unpin
 */
struct iopt_area {
	unsigned long start, last;
	struct io_pagetable *iopt;
	struct iopt_pages *pages;
	unsigned long start_byte;
	int iommu_prot;
	bool in_domains;
	bool prevent_access;
	unsigned int num_accesses;
	unsigned int num_locks;
};

static inline unsigned long iopt_area_length(const struct iopt_area *area)
{
	return area->last - area->start + 1;
}

/*
 * Return the offset of @iova, which is in @area, from pages->base: here in
 * bytes, and in iopt_area_index() in pages.
 */
static inline unsigned long iopt_area_byte(const struct iopt_area *area,
					   unsigned long iova)
{
	return area->start_byte + (iova - area->start);
}

static inline unsigned long iopt_area_index(const struct iopt_area *area,
					    unsigned long iova)
{
	return iopt_area_byte(area, iova) >> PAGE_SHIFT;
}

/* The area that contains @iova, or NULL; iova_rwsem is held. */
static inline struct iopt_area *iopt_find_area(struct io_pagetable *iopt,
					       unsigned long iova)
{
	return (struct iopt_area *)range_first(&iopt->areas, iova, iova);
}

static inline unsigned long iopt_min(unsigned long a, unsigned long b)
{
	return a < b ? a : b;
}

static inline unsigned long iopt_max(unsigned long a, unsigned long b)
{
	return a > b ? a : b;
}

/* iova.c; iova_rwsem is held for writing */

/*
 * iopt_choose_iova() finds a free range for @length bytes of memory that begins
 * at @addr.  The IOVA gets the alignment of @addr as far as possible.  Fails
 * with -EOVERFLOW, -EINVAL or -ENOSPC.  iopt_check_iova() checks that a range
 * is free, and fails with -EINVAL, -EOVERFLOW or -EEXIST.
 */
int iopt_choose_iova(struct io_pagetable *iopt, unsigned long addr,
		     unsigned long length, unsigned long *iova);
int iopt_check_iova(struct io_pagetable *iopt, unsigned long iova,
		    unsigned long length);
int iopt_reserve_locked(struct io_pagetable *iopt, unsigned long start,
			unsigned long last, void *owner);
void iopt_unreserve_locked(struct io_pagetable *iopt, void *owner);

/* selftest.c: the IOVA that @iova stands for with MOCK_FLAGS_ACCESS_SYZ. */
unsigned long iopt_syz_iova(struct io_pagetable *iopt, u64 iova);

/* pages.c */

/*
 * Make a struct for the memory at @uptr, with one reference.  Returns an error
 * pointer with -ENOMEM or -EINVAL on failure.
 */
struct iopt_pages *iopt_alloc_user_pages(struct iommufd_ctx *ictx,
					 unsigned long uptr,
					 unsigned long length, bool writable);
/*
 * The same for the memory of @file from the offset @start on.
 */
struct iopt_pages *iopt_alloc_file_pages(struct iommufd_ctx *ictx,
					 struct file *file,
					 unsigned long start,
					 unsigned long length, bool writable);
void iopt_put_pages(struct iopt_pages *pages);
/*
 * Give the pages to the calling process, which is also charged for their pins.
 */
void iopt_pages_change_process(struct iopt_pages *pages);

/*
 * iopt_area_add_access() pins the pages @first to @last through @area for the
 * access with the id @access, or fails with -EPERM, -ENOMEM or -EFAULT.
 * iopt_area_remove_access() undoes that, and returns false if there is no pin
 * with these bounds.
 */
int iopt_area_add_access(struct iopt_area *area, unsigned long first,
			 unsigned long last, struct page **out_pages,
			 unsigned int flags, u32 access, bool lock);
bool iopt_area_remove_access(struct iopt_area *area, unsigned long first,
			     unsigned long last, bool unlock);

/*
 * struct iopt_pin - what an access has pinned, for a warning
 * @access: the access that pinned these pages first; others may have them too
 */
struct iopt_pin {
	unsigned long iova, length;
	u32 access;
};

/* Find a pin of @area, which has pages; iova_rwsem is held. */
bool iopt_area_find_pin(struct iopt_area *area, struct iopt_pin *pin);
/* Find a pin of the lowest area.  Takes both rwsems. */
bool iopt_find_pin(struct io_pagetable *iopt, struct iopt_pin *pin);

/*
 * Map @area in one domain, or in all domains of its iopt; a failure is undone.
 */
int iopt_area_fill_domain(struct iopt_area *area, struct iopt_pages *pages,
			  struct iommu_domain *domain);
int iopt_area_fill_domains(struct iopt_area *area, struct iopt_pages *pages);
void iopt_area_unfill_domain(struct iopt_area *area, struct iopt_pages *pages,
			     struct iommu_domain *domain);
void iopt_area_unfill_domains(struct iopt_area *area, struct iopt_pages *pages);

/* Pin the pages of @area for the domains, or unpin them. */
int iopt_area_cover(struct iopt_area *area, struct iopt_pages *pages);
void iopt_area_uncover(struct iopt_area *area, struct iopt_pages *pages);

/*
 * Copy @length bytes between @data and the memory; fails with -EPERM or
 * -EFAULT.
 */
int iopt_pages_rw(struct iopt_pages *pages, unsigned long byte, void *data,
		  unsigned long length, unsigned int flags);

#endif
