/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_MM_H
#define IOMMUFD_MODEL_LINUX_MM_H

#include <iommufd_model/kernel/mm.h>
#include <iommufd_model/kernel/page.h>

#endif
