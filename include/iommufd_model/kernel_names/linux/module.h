/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_MODULE_H
#define IOMMUFD_MODEL_LINUX_MODULE_H

#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/module.h>
#include <iommufd_model/kernel/printk.h>
#include <iommufd_model/kernel/slab.h>

#endif
