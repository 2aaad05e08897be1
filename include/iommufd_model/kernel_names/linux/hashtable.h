/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_HASHTABLE_H
#define IOMMUFD_MODEL_LINUX_HASHTABLE_H

#include <iommufd_model/kernel/hashtable.h>

#endif
