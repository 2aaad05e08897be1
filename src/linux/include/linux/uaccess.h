/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_UACCESS_H
#define TREE_LINUX_UACCESS_H

#include_next <linux/uaccess.h>
#include <linux/minmax.h>

static inline int copy_struct_to_user(void __user *dst, size_t usize,
				      const void *src, size_t ksize,
				      bool *ignored)
{
	size_t n = min(ksize, usize), i;

	if (ignored)
		*ignored = false;
	for (i = n; ignored && i < ksize; i++)
		*ignored |= ((const char *)src)[i] != 0;
	if (copy_to_user(dst, src, n))
		return -EFAULT;
	if (usize > ksize && clear_user((char *)dst + n, usize - n))
		return -EFAULT;
	return 0;
}

#endif
