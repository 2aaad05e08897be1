/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_MATH64_H
#define IOMMUFD_MODEL_LINUX_MATH64_H

#include <iommufd_model/kernel/math64.h>

#endif
