/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Rounding to a multiple of a power of two.
 */
#ifndef IOMMUFD_MODEL_KERNEL_ALIGN_H
#define IOMMUFD_MODEL_KERNEL_ALIGN_H

#include <iommufd_model/kernel/types.h>

/** Gives the next multiple of @p a, a power of two, that is not below @p x. */
#define ALIGN(x, a) __ALIGN_MASK(x, (__typeof__(x))(a) - 1)
/** Is ALIGN() with the mask of a power of two. */
#define __ALIGN_MASK(x, mask) (((x) + (mask)) & ~(mask))
/** Gives the last multiple of @p a, a power of two, that is not above @p x. */
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
/** Is ALIGN() of a pointer. */
#define PTR_ALIGN(p, a) ((__typeof__(p))ALIGN((unsigned long)(p), a))
/** Is ALIGN_DOWN() of a pointer. */
#define PTR_ALIGN_DOWN(p, a) \
	((__typeof__(p))ALIGN_DOWN((unsigned long)(p), a))
/** Gives the address of the next page, unless @p addr is that of one. */
#define PAGE_ALIGN(addr) ALIGN(addr, PAGE_SIZE)
/** Gives the address of the page of @p addr. */
#define PAGE_ALIGN_DOWN(addr) ALIGN_DOWN(addr, PAGE_SIZE)
/** Tells whether @p addr is the address of a page. */
#define PAGE_ALIGNED(addr) IS_ALIGNED((unsigned long)(addr), PAGE_SIZE)
/** Gives the offset of an address in its page. */
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)

#endif
