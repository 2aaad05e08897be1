/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_KTHREAD_H
#define IOMMUFD_MODEL_LINUX_KTHREAD_H

#include <iommufd_model/kernel/kthread.h>

#endif
