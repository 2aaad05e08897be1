/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_WAIT_H
#define IOMMUFD_MODEL_LINUX_WAIT_H

#include <iommufd_model/kernel/wait.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#endif
