/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_GFP_H
#define TREE_LINUX_GFP_H

#include <linux/mm.h>

#endif
