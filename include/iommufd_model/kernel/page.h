/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
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
#include <iommufd_model/kernel/slab.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct page;

/**
 * Finds the page that contains an address.
 * @param addr  an address, or an integer
 * @return the page, never NULL; valid for ever
 */
#define virt_to_page(addr) iommufd_model_virt_to_page((unsigned long)(addr))
/**
 * Gives the address where a page begins.
 * @param page  the page
 * @return a void pointer
 */
#define page_address(page) iommufd_model_page_address(page)
/**
 * Gives the physical address of a page now.
 * @param page  the page
 * @return a phys_addr_t
 */
#define page_to_phys(page) iommufd_model_page_to_phys(page)
/**
 * Gives the physical address of one byte now.
 * @param addr  an address, or an integer
 * @return a phys_addr_t
 */
#define virt_to_phys(addr) iommufd_model_virt_to_phys((unsigned long)(addr))

/**
 * Allocates whole pages, which io_remap_pfn_range() can show to user space.
 * @param size  bytes, rounded up to pages
 * @param gfp   __GFP_ZERO: filled with zeros
 * @return the address of the first page; NULL without memory
 * @ownership The caller frees them by free_pages_exact().
 * @context May sleep in a kernel; hold no spinlock.
 */
#define alloc_pages_exact(size, gfp) \
	iommufd_model_alloc_pages(size, gfp, \
				  IOMMUFD_MODEL_SITE("alloc_pages_exact"))
/**
 * Frees pages.
 * @param virt  what alloc_pages_exact() returned, or NULL
 * @param size  its size
 */
#define free_pages_exact(virt, size) \
	iommufd_model_free_pages(virt, size, IOMMUFD_MODEL_SITE(#virt))

#define FOLL_WRITE 1u	/**< the pages will be written */
/** they stay pinned for long; without effect */
#define FOLL_LONGTERM 2u

/**
 * Pins pages of user memory.
 * @param start  an address in the first one
 * @param nr     how many
 * @param flags  FOLL_WRITE, FOLL_LONGTERM
 * @param pages  room for @p nr pointers to struct page
 * @return how many were pinned, less than @p nr if one cannot be read, or with
 *   FOLL_WRITE written, or is in a mapping with VM_IO or VM_PFNMAP; -EFAULT if
 *   that is the first
 * @ownership The caller owns a pin of each, for unpin_user_page().
 * @context May sleep in a kernel; hold no spinlock.
 */
#define pin_user_pages_fast(start, nr, flags, pages) \
	iommufd_model_pin_user_pages(start, nr, flags, pages, \
				     IOMMUFD_MODEL_SITE(#start))

/**
 * Drops a pin of a page.
 * @param page  the page; a WARN if it is not pinned
 */
#define unpin_user_page(page) \
	iommufd_model_unpin_user_page(page, IOMMUFD_MODEL_SITE(#page))

/**
 * Allocates whole pages: alloc_pages_exact().
 * @param size  bytes, rounded up to pages
 * @param gfp   __GFP_ZERO: filled with zeros
 * @param site  the place of the call
 * @return the address of the first page; NULL without memory
 * @ownership The caller frees them by free_pages_exact().
 */
IOMMUFD_MODEL_API void *
iommufd_model_alloc_pages(size_t size, gfp_t gfp,
			  const struct iommufd_model_site *site);
/** @behind{free_pages_exact} */
IOMMUFD_MODEL_API void
iommufd_model_free_pages(void *virt, size_t size,
			 const struct iommufd_model_site *site);

/**
 * Finds the page that contains an address: virt_to_page().
 * @param addr  the address
 * @return the page, never NULL; valid for ever
 */
IOMMUFD_MODEL_API struct page *iommufd_model_virt_to_page(unsigned long addr);

/**
 * Gives the address where a page begins: page_address().
 * @param page  the page
 * @return the address
 */
IOMMUFD_MODEL_API void *iommufd_model_page_address(const struct page *page);

/**
 * Gives the physical address of a page now: page_to_phys().
 * @param page  the page
 * @return its physical address
 */
IOMMUFD_MODEL_API phys_addr_t
iommufd_model_page_to_phys(const struct page *page);

/**
 * Gives the physical address of one byte now: virt_to_phys().
 * @param addr  the byte's address
 * @return its physical address
 */
IOMMUFD_MODEL_API phys_addr_t iommufd_model_virt_to_phys(unsigned long addr);

/**
 * Pins pages: what pin_user_pages_fast() calls.
 * @param start      an address in the first one
 * @param nr_pages   how many
 * @param gup_flags  FOLL_WRITE, FOLL_LONGTERM
 * @param pages      room for @p nr_pages pointers
 * @param site       the place of the call
 * @return how many were pinned, or -EFAULT
 */
IOMMUFD_MODEL_API int
iommufd_model_pin_user_pages(unsigned long start, int nr_pages,
			     unsigned int gup_flags, struct page **pages,
			     const struct iommufd_model_site *site);
/** @behind{unpin_user_page} */
IOMMUFD_MODEL_API void
iommufd_model_unpin_user_page(struct page *page,
			      const struct iommufd_model_site *site);

/**
 * Tells whether a page could be pinned now.
 * @param addr   an address in it
 * @param write  for writing
 * @return true if pin_user_pages_fast() would pin it
 */
IOMMUFD_MODEL_API bool iommufd_model_can_pin(unsigned long addr, bool write);

/**
 * Counts the pins of a page.
 * @param page  the page
 * @return how many
 */
IOMMUFD_MODEL_API unsigned int
iommufd_model_page_pins(const struct page *page);

/**
 * Counts the pins of all pages together.
 * @return how many
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_pinned(void);

/**
 * Sets where pages are in physical memory.
 * @param pfn   gives the physical page number for a virtual one, different ones
 *   for different pages; NULL: the library's own map again
 * @param data  for @p pfn
 * @context Not while anything is mapped or pinned.
 */
IOMMUFD_MODEL_API void
iommufd_model_set_page_map(u64 (*pfn)(u64 virtual_pfn, void *data), void *data);

IOMMUFD_MODEL_END_DECLS

#endif
