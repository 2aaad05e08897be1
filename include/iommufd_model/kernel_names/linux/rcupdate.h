/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_RCUPDATE_H
#define IOMMUFD_MODEL_LINUX_RCUPDATE_H

#include <iommufd_model/kernel/context.h>
#include <iommufd_model/kernel/rcupdate.h>

#endif
