/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_DEV_PRINTK_H
#define IOMMUFD_MODEL_LINUX_DEV_PRINTK_H

#include <iommufd_model/kernel/dev_printk.h>

#endif
