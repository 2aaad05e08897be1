/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_VFIO_H
#define TREE_LINUX_VFIO_H

#include <linux/types.h>
#include <uapi/linux/vfio.h>

#endif
