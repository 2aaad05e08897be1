/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_MODULE_H
#define IOMMUFD_MODEL_LINUX_MODULE_H

#include <iommufd_model/kernel/module.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/slab.h>

#endif
