/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_MUTEX_H
#define IOMMUFD_MODEL_LINUX_MUTEX_H

#include <iommufd_model/kernel/mutex.h>
#include <linux/spinlock.h>

#endif
