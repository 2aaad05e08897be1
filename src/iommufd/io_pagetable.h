/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Areas and the pages behind them.
 *
 * A map makes an iopt_pages, the memory, and an iopt_area, the place where it
 * is seen.  A copy makes another area of the same pages.  Locks: iova_rwsem for
 * the areas of an IOAS, and inside it each pages object's mutex.
 */
#ifndef IO_PAGETABLE_H
#define IO_PAGETABLE_H

#include "internal.h"
#include "../kernel/range.h"

/*
 * struct iopt_pages - memory that is mapped somewhere
 * @ref: one for each area, and one while a copy is on its way
 * @base: user address of the first page
 * @npages: that the map touches
 * @writable: the map asked for it
 * @account_mode: who pays for pins; fixed by the map
 * @mutex: guards what follows, and num_accesses and num_locks of the areas
 * @covers: per page, by how many areas in domains and access records it is
 *	wanted; it is pinned while that is not zero.  Made as far as needed
 * @accesses: records of pins, by their bounds
 */
struct iopt_pages {
	refcount_t ref;
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
 * @start, @last: the IOVAs
 * @pages: NULL while the area is on its way in or out; guarded by iova_rwsem
 * @start_byte: of the first byte, from pages->base
 * @in_domains: its pages are covered for the domains; domains_rwsem
 * @prevent_access: an unmap has asked for it; no new pins, ever
 * @num_accesses: pins through this area; @num_locks: of them by internal
 *	accesses, which an unmap cannot ask to let go
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

/* Where @iova, in @area, is in the area's pages: byte, and page. */
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
 * A place for @length bytes of memory that begins at @addr, aligned alike if it
 * can be: -EOVERFLOW, -EINVAL, -ENOSPC.  Or may it be at @iova: -EINVAL,
 * -EOVERFLOW, -EEXIST.
 */
int iopt_choose_iova(struct io_pagetable *iopt, unsigned long addr,
		     unsigned long length, unsigned long *iova);
int iopt_check_iova(struct io_pagetable *iopt, unsigned long iova,
		    unsigned long length);
int iopt_reserve_locked(struct io_pagetable *iopt, unsigned long start,
			unsigned long last, void *owner);
void iopt_unreserve_locked(struct io_pagetable *iopt, void *owner);

/* selftest.c: the IOVA that @iova, with MOCK_FLAGS_ACCESS_SYZ, stands for. */
unsigned long iopt_syz_iova(struct io_pagetable *iopt, u64 iova);

/* pages.c */

/* The memory from @uptr on, with one reference; -ENOMEM, -EINVAL. */
struct iopt_pages *iopt_alloc_user_pages(struct iommufd_ctx *ictx,
					 unsigned long uptr,
					 unsigned long length, bool writable);
void iopt_put_pages(struct iopt_pages *pages);

/*
 * Pin pages @first to @last for a pin through @area, or give that up again.
 * -EPERM, -ENOMEM, -EFAULT.  On remove: false if no such pin is known.
 */
int iopt_area_add_access(struct iopt_area *area, unsigned long first,
			 unsigned long last, struct page **out_pages,
			 unsigned int flags, bool lock);
bool iopt_area_remove_access(struct iopt_area *area, unsigned long first,
			     unsigned long last, bool unlock);

/* Put @area into a domain, or into all of @iopt's; undone on failure. */
int iopt_area_fill_domain(struct iopt_area *area, struct iopt_pages *pages,
			  struct iommu_domain *domain);
int iopt_area_fill_domains(struct iopt_area *area, struct iopt_pages *pages);
void iopt_area_unfill_domain(struct iopt_area *area, struct iopt_pages *pages,
			     struct iommu_domain *domain);
void iopt_area_unfill_domains(struct iopt_area *area, struct iopt_pages *pages);

/* The domains see @area, or do not any more: pin, or unpin, its pages. */
int iopt_area_cover(struct iopt_area *area, struct iopt_pages *pages);
void iopt_area_uncover(struct iopt_area *area, struct iopt_pages *pages);

/* Copy @length bytes between @data and the memory behind; -EPERM, -EFAULT. */
int iopt_pages_rw(struct iopt_pages *pages, unsigned long byte, void *data,
		  unsigned long length, unsigned int flags);

#endif
