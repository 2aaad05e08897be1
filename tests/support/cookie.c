// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "cookie.h"

unsigned long cookie(struct probe *owner, size_t length)
{
	unsigned long offset;

	ck_assert_int_eq(_iommufd_alloc_mmap(owner->ictx, &owner->obj, MMIO,
					     length, &offset),
			 0);
	return offset;
}

void drop(struct probe *owner, unsigned long offset)
{
	_iommufd_destroy_mmap(owner->ictx, &owner->obj, offset);
}
