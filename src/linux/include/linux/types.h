/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_TYPES_H
#define TREE_LINUX_TYPES_H

#include_next <linux/types.h>
#include <iommufd_model/kernel/slab.h>
#include <sys/types.h>

#define PHYS_ADDR_MAX (~(phys_addr_t)0)

typedef u64 dma_addr_t;
typedef unsigned long pgoff_t;

#include <iommufd_model/kernel/bitmap.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/stringify.h>

struct phys_vec {
	phys_addr_t paddr;
	size_t len;
};

#endif
