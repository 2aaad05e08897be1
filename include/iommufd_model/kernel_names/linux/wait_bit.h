/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_WAIT_BIT_H
#define IOMMUFD_MODEL_LINUX_WAIT_BIT_H

#include <iommufd_model/kernel/wait_bit.h>

#endif
