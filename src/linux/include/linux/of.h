/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* There is no device tree. */
#ifndef TREE_LINUX_OF_H
#define TREE_LINUX_OF_H

#include <linux/fwnode.h>

struct device_node;
struct of_phandle_args;
#define of_fwnode_handle(node) ((struct fwnode_handle *)NULL)

#endif
