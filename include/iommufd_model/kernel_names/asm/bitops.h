/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_ASM_BITOPS_H
#define IOMMUFD_MODEL_ASM_BITOPS_H

#include <iommufd_model/kernel/bitops.h>

#endif
