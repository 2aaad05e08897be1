/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* There are no devices on this bus. */
#ifndef TREE_LINUX_HOST1X_CONTEXT_BUS_H
#define TREE_LINUX_HOST1X_CONTEXT_BUS_H

#include <linux/device.h>

#endif
