/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_ASM_PAGE_H
#define IOMMUFD_MODEL_ASM_PAGE_H

#include <iommufd_model/kernel/types.h>
#include <iommufd_model/kernel/align.h>

#endif
