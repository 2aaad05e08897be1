/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_UAPI_LINUX_IOMMUFD_H
#define IOMMUFD_MODEL_UAPI_LINUX_IOMMUFD_H

#include <iommufd_model/uapi.h>

#endif
