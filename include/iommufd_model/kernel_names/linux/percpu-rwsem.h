/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_PERCPU_RWSEM_H
#define IOMMUFD_MODEL_LINUX_PERCPU_RWSEM_H

#include <iommufd_model/kernel/percpu_rwsem.h>

#endif
