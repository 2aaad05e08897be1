/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_FCNTL_H
#define IOMMUFD_MODEL_LINUX_FCNTL_H

#include <fcntl.h>
#include <iommufd_model/kernel/fs.h>

#endif
