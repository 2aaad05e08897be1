/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* No such bus is there. */
#ifndef TREE_LINUX_AMBA_BUS_H
#define TREE_LINUX_AMBA_BUS_H

#include <linux/device.h>

#endif
