/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_IRQ_H
#define IOMMUFD_MODEL_LINUX_IRQ_H

#include <iommufd_model/kernel/interrupt.h>

#endif
