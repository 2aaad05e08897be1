/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_TYPECHECK_H
#define IOMMUFD_MODEL_LINUX_TYPECHECK_H

#include <iommufd_model/kernel/compiler.h>

#endif
