/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_KFIFO_H
#define IOMMUFD_MODEL_LINUX_KFIFO_H

#include <iommufd_model/kernel/kfifo.h>

#endif
