/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_BITOPS_H
#define IOMMUFD_MODEL_LINUX_BITOPS_H

#include <iommufd_model/kernel/bitops.h>
#include <iommufd_model/kernel/bitscan.h>

#endif
