// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Trees of intervals of unsigned long.
 */
#include <iommufd_model/kernel/interval_tree.h>
#include <iommufd_model/kernel/interval_tree_generic.h>

#define START(node) ((node)->start)
#define LAST(node) ((node)->last)

INTERVAL_TREE_DEFINE(struct interval_tree_node, rb, unsigned long,
		     __subtree_last, START, LAST,, interval_tree)
