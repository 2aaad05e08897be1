/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_WORKQUEUE_H
#define IOMMUFD_MODEL_LINUX_WORKQUEUE_H

#include <iommufd_model/kernel/workqueue.h>
#include <linux/rcupdate.h>

#endif
