/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_ASM_UNALIGNED_H
#define IOMMUFD_MODEL_ASM_UNALIGNED_H

#include <iommufd_model/kernel/byteorder.h>

#endif
