/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_DEVICE_H
#define IOMMUFD_MODEL_LINUX_DEVICE_H

#include <iommufd_model/kernel/device.h>
#include <iommufd_model/kernel/dev_printk.h>
#include <iommufd_model/kernel/sysfs.h>

#endif
