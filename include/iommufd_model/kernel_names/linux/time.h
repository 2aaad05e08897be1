/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_TIME_H
#define IOMMUFD_MODEL_LINUX_TIME_H

#include <time.h>
#include <iommufd_model/kernel/clock.h>

#endif
