/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_ASM_UACCESS_H
#define IOMMUFD_MODEL_ASM_UACCESS_H

#include <iommufd_model/kernel/uaccess.h>

#endif
