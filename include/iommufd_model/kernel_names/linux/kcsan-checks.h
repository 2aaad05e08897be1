/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_KCSAN_CHECKS_H
#define IOMMUFD_MODEL_LINUX_KCSAN_CHECKS_H

#include <iommufd_model/kernel/kcsan_checks.h>

#endif
