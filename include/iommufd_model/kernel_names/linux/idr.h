/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_IDR_H
#define IOMMUFD_MODEL_LINUX_IDR_H

#include <iommufd_model/kernel/idr.h>
#include <linux/rcupdate.h>

#endif
