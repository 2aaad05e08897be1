/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Pages of user memory, and pinning them.
 *
 * Every page of the address space has a struct page, made when it is first
 * asked for and kept: taking one never fails and is not an allocation of the
 * model's.  A pin is a counter; the memory itself does not change.
 *
 * The physical number of a page is a function of its virtual one.  Unless a
 * test sets another, no two pages are physically contiguous.
 */
#ifndef IOMMUFD_MODEL_KERNEL_PAGE_H
#define IOMMUFD_MODEL_KERNEL_PAGE_H

#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct page;

/* virt_to_page(addr): the page that contains @addr.  Never NULL. */
#define virt_to_page(addr) iommufd_model_virt_to_page((unsigned long)(addr))
/* page_address(page): where it begins. */
#define page_address(page) iommufd_model_page_address(page)
/* page_to_phys(page): its physical address now. */
#define page_to_phys(page) iommufd_model_page_to_phys(page)
/* virt_to_phys(addr): physical address of one byte. */
#define virt_to_phys(addr) iommufd_model_virt_to_phys((unsigned long)(addr))

#define FOLL_WRITE 1u
#define FOLL_LONGTERM 2u

/*
 * pin_user_pages_fast(start, nr, flags, pages): pin @nr pages from @start on.
 * The number pinned, which is less than @nr if one of them cannot be read, or
 * with FOLL_WRITE written; -EFAULT if that is the first.
 */
#define pin_user_pages_fast(start, nr, flags, pages) \
	iommufd_model_pin_user_pages(start, nr, flags, pages, \
				     IOMMUFD_MODEL_SITE(#start))
/* unpin_user_page(page): one pin less.  WARN if it has none. */
#define unpin_user_page(page) \
	iommufd_model_unpin_user_page(page, IOMMUFD_MODEL_SITE(#page))

IOMMUFD_MODEL_API struct page *iommufd_model_virt_to_page(unsigned long addr);
IOMMUFD_MODEL_API void *iommufd_model_page_address(const struct page *page);
IOMMUFD_MODEL_API phys_addr_t
iommufd_model_page_to_phys(const struct page *page);
IOMMUFD_MODEL_API phys_addr_t iommufd_model_virt_to_phys(unsigned long addr);
IOMMUFD_MODEL_API int
iommufd_model_pin_user_pages(unsigned long start, int nr_pages,
			     unsigned int gup_flags, struct page **pages,
			     const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_unpin_user_page(struct page *page,
			      const struct iommufd_model_site *site);

/* iommufd_model_page_pins(page): how often it is pinned. */
IOMMUFD_MODEL_API unsigned int
iommufd_model_page_pins(const struct page *page);

/* iommufd_model_pinned(): pins of all pages together. */
IOMMUFD_MODEL_API unsigned long iommufd_model_pinned(void);

/*
 * iommufd_model_set_page_map(pfn, data): @pfn gives the physical page number
 * for a virtual one, different ones for different pages.  NULL brings the
 * library's own map back.  While anything is mapped or pinned the map must not
 * change.
 */
IOMMUFD_MODEL_API void
iommufd_model_set_page_map(u64 (*pfn)(u64 virtual_pfn, void *data), void *data);

IOMMUFD_MODEL_END_DECLS

#endif
