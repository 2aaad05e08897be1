/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_RCUPDATE_H
#define IOMMUFD_MODEL_LINUX_RCUPDATE_H

#include <iommufd_model/kernel/rcupdate.h>
#include <linux/preempt.h>

#endif
