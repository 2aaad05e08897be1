/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_XARRAY_H
#define IOMMUFD_MODEL_LINUX_XARRAY_H

#include <iommufd_model/kernel/xarray.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#endif
