/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_IDR_H
#define TREE_LINUX_IDR_H

#include_next <linux/idr.h>
#include <linux/xarray.h>

#endif
