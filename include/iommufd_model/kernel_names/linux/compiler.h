/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_COMPILER_H
#define IOMMUFD_MODEL_LINUX_COMPILER_H

#include <iommufd_model/kernel/compiler.h>
#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/kcsan_checks.h>

#endif
