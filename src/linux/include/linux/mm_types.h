/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_MM_TYPES_H
#define TREE_LINUX_MM_TYPES_H

#include <linux/mm.h>

#endif
