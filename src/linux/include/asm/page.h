/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_ASM_PAGE_H
#define TREE_ASM_PAGE_H

#include <linux/mm.h>

#endif
