/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Things that own mmap cookies.
 */
#ifndef COOKIE_H
#define COOKIE_H

#include "thing.h"

#define MMIO 0x40000000ul
#define PAGES(n) ((n) * PAGE_SIZE)

/* A new cookie of @owner: its offset. */
static inline unsigned long cookie(struct thing *owner, size_t length)
{
	unsigned long offset;

	ck_assert_int_eq(_iommufd_alloc_mmap(owner->ictx, &owner->obj, MMIO,
					     length, &offset), 0);
	return offset;
}

static inline void drop(struct thing *owner, unsigned long offset)
{
	_iommufd_destroy_mmap(owner->ictx, &owner->obj, offset);
}

#endif
