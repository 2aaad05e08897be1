/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_FS_H
#define IOMMUFD_MODEL_LINUX_FS_H

#include <iommufd_model/kernel/fs.h>
#include <linux/module.h>

#endif
