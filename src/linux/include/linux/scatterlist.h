/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_SCATTERLIST_H
#define TREE_LINUX_SCATTERLIST_H

#include <linux/mm.h>

struct scatterlist {
	unsigned long page_link;
	unsigned int offset, length;
	dma_addr_t dma_address;
	unsigned int dma_length;
};

struct sg_table {
	struct scatterlist *sgl;
	unsigned int nents, orig_nents;
};

/* A list is a plain array here. */
#define sg_next(sg) ((sg) + 1)
#define sg_phys(sg) ((phys_addr_t)(sg)->page_link + (sg)->offset)
#define sg_dma_is_bus_address(sg) ((void)(sg), false)
#define sg_dma_address(sg) ((sg)->dma_address)
#define sg_dma_len(sg) ((sg)->dma_length)
#define for_each_sg(list, sg, nr, i) \
	for (i = 0, sg = (list); i < (nr); i++, sg = sg_next(sg))

#endif
