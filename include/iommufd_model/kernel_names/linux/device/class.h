/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_DEVICE_CLASS_H
#define IOMMUFD_MODEL_LINUX_DEVICE_CLASS_H

#include <iommufd_model/kernel/device.h>

#endif
