/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Devices are coherent, and the DMA address of memory is its physical address.
 */
#ifndef TREE_LINUX_DMA_MAPPING_H
#define TREE_LINUX_DMA_MAPPING_H

#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/mm.h>

#define dma_map_single(dev, virt, size, dir) virt_to_phys(virt)
#define dma_unmap_single(dev, addr, size, dir) ((void)(addr))
#define dma_mapping_error(dev, addr) ((void)(addr), 0)
#define dma_sync_single_for_device(dev, addr, size, dir) ((void)(addr))
#define DMA_BIT_MASK(n) ((n) == 64 ? ~0ull : (1ull << (n)) - 1)

#endif
