/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_ASM_BARRIER_H
#define IOMMUFD_MODEL_ASM_BARRIER_H

#include <iommufd_model/kernel/barrier.h>

#endif
