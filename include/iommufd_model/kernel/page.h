/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Pages of memory, and the pins that keep them in place.
 *
 * Every page of the address space has a struct page, which the library creates
 * when it is first needed and then keeps.  Creating it never fails and does not
 * count as an allocation that a test can make fail.  A pin is only counted; it
 * does not affect the memory.
 *
 * The physical page number is a function of the virtual page number.  Unless a
 * test sets another function, no two pages are physically contiguous.
 *
 * Only the functions that say so may sleep.
 */
#ifndef IOMMUFD_MODEL_KERNEL_PAGE_H
#define IOMMUFD_MODEL_KERNEL_PAGE_H

#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/slab.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct page;

/**
 * Finds the page that contains an address.
 * @param addr  an address, or an integer with its value
 * @return the page, never NULL; valid until the process ends
 */
#define virt_to_page(addr) iommufd_model_virt_to_page((unsigned long)(addr))
/**
 * Returns the address of the first byte of a page.
 * @param page  the page
 * @return a void pointer
 */
#define page_address(page) iommufd_model_page_address(page)
/**
 * Returns the current physical address of a page.
 * @param page  the page
 * @return the address of its first byte, a phys_addr_t
 */
#define page_to_phys(page) iommufd_model_page_to_phys(page)
/**
 * Returns the current physical address of one byte.
 * @param addr  the byte's address, or an integer with its value
 * @return a phys_addr_t
 */
#define virt_to_phys(addr) iommufd_model_virt_to_phys((unsigned long)(addr))

/**
 * Allocates whole pages, which io_remap_pfn_range() can map to user space.
 * @param size  the size in bytes, rounded up to whole pages
 * @param gfp   allocation flags; with __GFP_ZERO the pages are filled with
 *   zeros
 * @return the address of the first page, or NULL if the allocation failed
 * @ownership The caller frees the pages with free_pages_exact().
 * @context May sleep in a kernel if @p gfp says so; then hold no spinlock.
 */
#define alloc_pages_exact(size, gfp) \
	iommufd_model_alloc_pages(size, gfp, \
				  IOMMUFD_MODEL_SITE("alloc_pages_exact"))
/**
 * Frees pages from alloc_pages_exact().
 * @param virt  the address of the first page, or NULL
 * @param size  the size that was allocated, in bytes
 * @errors A WARN: @p virt is not the address of allocated pages.
 */
#define free_pages_exact(virt, size) \
	iommufd_model_free_pages(virt, size, IOMMUFD_MODEL_SITE(#virt))

#define FOLL_WRITE 1u	/**< the pages will be written */
/** the pages will stay pinned for a long time; without effect */
#define FOLL_LONGTERM 2u

/**
 * Pins pages of user memory, up to the first one that cannot be pinned.  A page
 * cannot be pinned if it cannot be read, or with FOLL_WRITE written, or if it
 * is in a mapping with VM_IO or VM_PFNMAP.
 * @param start  an address in the first page
 * @param nr     the number of pages
 * @param flags  FOLL_WRITE and FOLL_LONGTERM, or 0
 * @param pages  an array for @p nr pointers to struct page
 * @return the number of pages that were pinned, at least 1, or a negative errno
 * @ownership The caller owns a pin on each page, and drops it with
 *   unpin_user_page().
 * @errors -EFAULT: the first page cannot be pinned.
 * @context May sleep in a kernel; hold no spinlock.
 */
#define pin_user_pages_fast(start, nr, flags, pages) \
	iommufd_model_pin_user_pages(start, nr, flags, pages, \
				     IOMMUFD_MODEL_SITE(#start))

/**
 * Drops a pin on a page.
 * @param page  the page
 * @ownership The caller gives up its pin.
 * @errors A WARN if the page is not pinned.
 * @context Does not block.
 */
#define unpin_user_page(page) \
	iommufd_model_unpin_user_page(page, IOMMUFD_MODEL_SITE(#page))

/**
 * Allocates whole pages.  alloc_pages_exact() calls it.
 * @param size  the size in bytes, rounded up to whole pages
 * @param gfp   allocation flags; with __GFP_ZERO the pages are filled with
 *   zeros
 * @param site  the call site
 * @return the address of the first page, or NULL if the allocation failed
 * @ownership The caller frees the pages with free_pages_exact().
 */
IOMMUFD_MODEL_API void *
iommufd_model_alloc_pages(size_t size, gfp_t gfp,
			  const struct iommufd_model_site *site);
/** @behind{free_pages_exact} */
IOMMUFD_MODEL_API void
iommufd_model_free_pages(void *virt, size_t size,
			 const struct iommufd_model_site *site);

/**
 * Finds the page that contains an address.  virt_to_page() calls it.
 * @param addr  the address
 * @return the page, never NULL; valid until the process ends
 */
IOMMUFD_MODEL_API struct page *iommufd_model_virt_to_page(unsigned long addr);

/**
 * Returns the address of the first byte of a page.  page_address() calls it.
 * @param page  the page
 * @return the address
 */
IOMMUFD_MODEL_API void *iommufd_model_page_address(const struct page *page);

/**
 * Returns the current physical address of a page.  page_to_phys() calls it.
 * @param page  the page
 * @return the physical address of its first byte
 */
IOMMUFD_MODEL_API phys_addr_t
iommufd_model_page_to_phys(const struct page *page);

/**
 * Returns the current physical address of one byte.  virt_to_phys() calls it.
 * @param addr  the byte's address
 * @return its physical address
 */
IOMMUFD_MODEL_API phys_addr_t iommufd_model_virt_to_phys(unsigned long addr);

/**
 * Pins pages.  pin_user_pages_fast() calls it.
 * @param start      an address in the first page
 * @param nr_pages   the number of pages
 * @param gup_flags  FOLL_WRITE and FOLL_LONGTERM, or 0
 * @param pages      an array for @p nr_pages pointers
 * @param site       the call site
 * @return the number of pages that were pinned, or -EFAULT
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
 * @param addr   an address in the page
 * @param write  true to pin it for writing
 * @return true if pin_user_pages_fast() would pin it
 */
IOMMUFD_MODEL_API bool iommufd_model_can_pin(unsigned long addr, bool write);

/**
 * Returns the number of pins on a page.
 * @param page  the page
 * @return the number
 */
IOMMUFD_MODEL_API unsigned int
iommufd_model_page_pins(const struct page *page);

/**
 * Returns the number of pins on all pages together.
 * @return the number
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_pinned(void);

/**
 * Sets the function that gives the physical page number of each page.
 * @param pfn   returns the physical page number of a virtual page number; two
 *   virtual page numbers must not have the same one; NULL restores the
 *   library's own function
 * @param data  is passed to @p pfn
 * @context Must not be called while any page is mapped or pinned.
 */
IOMMUFD_MODEL_API void
iommufd_model_set_page_map(u64 (*pfn)(u64 virtual_pfn, void *data), void *data);

IOMMUFD_MODEL_END_DECLS

#endif
