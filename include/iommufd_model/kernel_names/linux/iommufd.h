/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_IOMMUFD_H
#define IOMMUFD_MODEL_LINUX_IOMMUFD_H

#include <iommufd_model/uapi.h>
#include <iommufd_model/iommufd.h>

#endif
