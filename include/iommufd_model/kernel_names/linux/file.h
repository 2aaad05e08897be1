/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_FILE_H
#define IOMMUFD_MODEL_LINUX_FILE_H

#include <iommufd_model/kernel/file.h>
#include <iommufd_model/kernel/fs.h>

#endif
