/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_LOG2_H
#define IOMMUFD_MODEL_LINUX_LOG2_H

#include <iommufd_model/kernel/log2.h>

#endif
