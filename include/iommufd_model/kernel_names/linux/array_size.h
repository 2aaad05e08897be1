/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_ARRAY_SIZE_H
#define IOMMUFD_MODEL_LINUX_ARRAY_SIZE_H

#include <iommufd_model/kernel/types.h>

#endif
