/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_SPINLOCK_H
#define IOMMUFD_MODEL_LINUX_SPINLOCK_H

#include <iommufd_model/kernel/spinlock.h>
#include <linux/preempt.h>
#include <linux/rwlock.h>

#endif
