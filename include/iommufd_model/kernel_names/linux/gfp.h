/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_GFP_H
#define IOMMUFD_MODEL_LINUX_GFP_H

#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/kernel/page.h>

#endif
