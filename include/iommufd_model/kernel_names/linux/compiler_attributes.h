/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_COMPILER_ATTRIBUTES_H
#define IOMMUFD_MODEL_LINUX_COMPILER_ATTRIBUTES_H

#include <iommufd_model/kernel/compiler.h>

#endif
