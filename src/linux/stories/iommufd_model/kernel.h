/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The kernel's names, as the sources of the tree see them: headers of
 * src/kernel and of src/linux, under the names that they have in a kernel.
 */
#ifndef TREE_KERNEL_H
#define TREE_KERNEL_H

#include <linux/mm.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#endif
