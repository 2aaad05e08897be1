/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_CDEV_H
#define IOMMUFD_MODEL_LINUX_CDEV_H

#include <iommufd_model/kernel/cdev.h>

#endif
