/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_HASH_H
#define IOMMUFD_MODEL_LINUX_HASH_H

#include <iommufd_model/kernel/hash.h>

#endif
