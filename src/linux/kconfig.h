/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The configuration of a tree, and what a kernel's build defines. */
#ifndef TREE_KCONFIG_H
#define TREE_KCONFIG_H

#define __KERNEL__ 1
#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "iommufd"
#endif

#define CONFIG_64BIT 1
#define CONFIG_MMU 1
#define CONFIG_TRANSPARENT_HUGEPAGE 1
#define CONFIG_X86 1
#define CONFIG_PHYS_ADDR_T_64BIT 1

#define CONFIG_IOMMU_API 1
#define CONFIG_IOMMU_SUPPORT 1
#define CONFIG_IOMMU_IOPF 1
#define CONFIG_IOMMU_DMA 1

#define CONFIG_IOMMUFD 1
#define CONFIG_IOMMUFD_DRIVER 1
#define CONFIG_IOMMUFD_DRIVER_CORE 1
#define CONFIG_IOMMUFD_TEST 1
#define CONFIG_IOMMUFD_VFIO_CONTAINER 1
#define CONFIG_IOMMUFD_NOIOMMU 1
#define CONFIG_FAULT_INJECTION 1

#define CONFIG_GENERIC_PT 1
#define CONFIG_IOMMU_PT 1
#define CONFIG_IOMMU_PT_AMDV1 1
#define CONFIG_DMA_SHARED_BUFFER 1
#define CONFIG_INTERVAL_TREE 1
#define CONFIG_INTERVAL_TREE_SPAN_ITER 1

#include <linux/kconfig.h>

#endif
