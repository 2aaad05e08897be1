/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * should_fail() asks src/kernel whether to inject a fault.  It counts like an
 * allocation.
 */
#ifndef TREE_LINUX_FAULT_INJECT_H
#define TREE_LINUX_FAULT_INJECT_H

#include <linux/debugfs.h>
#include <linux/types.h>

struct fault_attr {
	int unused;
};

#define DECLARE_FAULT_ATTR(name) struct fault_attr name
#define fault_create_debugfs_attr(name, parent, attr) ((struct dentry *)NULL)
bool should_fail(struct fault_attr *attr, ssize_t size);

#endif
