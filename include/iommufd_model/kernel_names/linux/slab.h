/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_SLAB_H
#define IOMMUFD_MODEL_LINUX_SLAB_H

#include <iommufd_model/kernel/kmem_cache.h>
#include <iommufd_model/kernel/slab.h>
#include <linux/rcupdate.h>

#endif
