/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_ASM_PROCESSOR_H
#define IOMMUFD_MODEL_ASM_PROCESSOR_H

#include <iommufd_model/kernel/gate.h>

#endif
