/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_STRING_H
#define TREE_LINUX_STRING_H

#include_next <linux/string.h>

/* Set all bytes of *@obj after @member to @v. */
#define memset_after(obj, v, member) ({					\
	char *obj_ = (char *)(obj);					\
	size_t from_ = offsetofend(__typeof__(*(obj)), member);		\
									\
	memset(obj_ + from_, v, sizeof(*(obj)) - from_);		\
})

#endif
