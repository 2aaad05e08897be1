/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_CONTAINER_OF_H
#define IOMMUFD_MODEL_LINUX_CONTAINER_OF_H

#include <iommufd_model/kernel/types.h>

#endif
