/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_OVERFLOW_H
#define IOMMUFD_MODEL_LINUX_OVERFLOW_H

#include <iommufd_model/kernel/overflow.h>

#endif
