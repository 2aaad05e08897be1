/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* All memory is mapped, so kmap_local_page() only returns an address. */
#ifndef TREE_LINUX_HIGHMEM_H
#define TREE_LINUX_HIGHMEM_H

#include <linux/mm.h>

#define kmap_local_page(page) page_address(page)
#define kunmap_local(addr) ((void)(addr))

#endif
