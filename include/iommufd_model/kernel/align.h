/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Rounding to a multiple of a power of two.
 */
#ifndef IOMMUFD_MODEL_KERNEL_ALIGN_H
#define IOMMUFD_MODEL_KERNEL_ALIGN_H

#include <iommufd_model/kernel/types.h>

/** Rounds @p x up to a multiple of @p a, which is a power of two. */
#define ALIGN(x, a) __ALIGN_MASK(x, (__typeof__(x))(a) - 1)
/** Rounds @p x up as ALIGN() does; @p mask is the power of two minus 1. */
#define __ALIGN_MASK(x, mask) (((x) + (mask)) & ~(mask))
/** Rounds @p x down to a multiple of @p a, which is a power of two. */
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
/** Rounds the pointer @p p up to a multiple of @p a. */
#define PTR_ALIGN(p, a) ((__typeof__(p))ALIGN((unsigned long)(p), a))
/** Rounds the pointer @p p down to a multiple of @p a. */
#define PTR_ALIGN_DOWN(p, a) \
	((__typeof__(p))ALIGN_DOWN((unsigned long)(p), a))
/** Rounds an address up to the start of a page. */
#define PAGE_ALIGN(addr) ALIGN(addr, PAGE_SIZE)
/** Rounds an address down to the start of its page. */
#define PAGE_ALIGN_DOWN(addr) ALIGN_DOWN(addr, PAGE_SIZE)
/** Tells whether @p addr is the start of a page. */
#define PAGE_ALIGNED(addr) IS_ALIGNED((unsigned long)(addr), PAGE_SIZE)
/** Gives the offset of an address in its page. */
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)

#endif
