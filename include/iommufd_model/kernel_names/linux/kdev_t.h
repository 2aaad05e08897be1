/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_KDEV_T_H
#define IOMMUFD_MODEL_LINUX_KDEV_T_H

#include <iommufd_model/kernel/kdev_t.h>

#endif
