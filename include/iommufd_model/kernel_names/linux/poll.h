/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_POLL_H
#define IOMMUFD_MODEL_LINUX_POLL_H

#include <iommufd_model/kernel/poll.h>

#endif
