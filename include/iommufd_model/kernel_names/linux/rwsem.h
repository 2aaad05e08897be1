/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_RWSEM_H
#define IOMMUFD_MODEL_LINUX_RWSEM_H

#include <iommufd_model/kernel/rwsem.h>
#include <linux/spinlock.h>

#endif
