/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* This header does not include those of containers, as the tree has its own. */
#ifndef TREE_LINUX_KERNEL_H
#define TREE_LINUX_KERNEL_H

#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/stringify.h>
#include <linux/types.h>

#ifndef BUG_ON
#define BUG_ON(cond) do { if (WARN_ON(cond)) __builtin_trap(); } while (0)
#define BUG() BUG_ON(1)
#endif
#define kstrtobool(text, value) \
	(*(value) = *(text) == '1' || *(text) == 'y' || *(text) == 'Y', 0)
#ifndef might_sleep_if
#define might_sleep_if(cond) do { if (cond) might_sleep(); } while (0)
#endif

#endif
