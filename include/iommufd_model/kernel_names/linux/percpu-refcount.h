/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_PERCPU_REFCOUNT_H
#define IOMMUFD_MODEL_LINUX_PERCPU_REFCOUNT_H

#include <iommufd_model/kernel/percpu_ref.h>
#include <linux/rcupdate.h>

#endif
