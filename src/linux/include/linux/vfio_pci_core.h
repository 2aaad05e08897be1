/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_VFIO_PCI_CORE_H
#define TREE_LINUX_VFIO_PCI_CORE_H

#include <linux/vfio.h>

struct dma_buf_attachment;
struct phys_vec;
int vfio_pci_dma_buf_iommufd_map(struct dma_buf_attachment *attach,
				 struct phys_vec *phys);

#endif
