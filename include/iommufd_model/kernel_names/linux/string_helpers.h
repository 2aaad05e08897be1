/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_STRING_HELPERS_H
#define IOMMUFD_MODEL_LINUX_STRING_HELPERS_H

#include <iommufd_model/kernel/string.h>

#endif
