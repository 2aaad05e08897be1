/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_COMPLETION_H
#define IOMMUFD_MODEL_LINUX_COMPLETION_H

#include <iommufd_model/kernel/completion.h>

#endif
