/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_BUILD_BUG_H
#define IOMMUFD_MODEL_LINUX_BUILD_BUG_H

#include <iommufd_model/kernel/build_bug.h>

#endif
