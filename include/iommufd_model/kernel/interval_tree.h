/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Trees of intervals, which may overlap.
 *
 * The caller protects a tree with a lock of its own.  The operations here do
 * not pass the gate.
 */
#ifndef IOMMUFD_MODEL_KERNEL_INTERVAL_TREE_H
#define IOMMUFD_MODEL_KERNEL_INTERVAL_TREE_H

#include <iommufd_model/kernel/rbtree.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** An interval. */
struct interval_tree_node {
	struct rb_node rb;	/**< the node in the tree */
	unsigned long start;	/**< the first number of the interval */
	unsigned long last;	/**< the last number of the interval */
	/** the largest @p last of this node and all nodes below it */
	unsigned long __subtree_last;
};

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define interval_tree_insert iommufd_model_interval_tree_insert
#define interval_tree_remove iommufd_model_interval_tree_remove
#define interval_tree_iter_first iommufd_model_interval_tree_iter_first
#define interval_tree_iter_next iommufd_model_interval_tree_iter_next
/** @endcond */

/**
 * @name Changes
 * @{
 */
/**
 * Puts an interval into a tree, or removes it.
 * @param node  the interval
 * @param root  the tree
 */
IOMMUFD_MODEL_API void interval_tree_insert(struct interval_tree_node *node,
					    struct rb_root_cached *root);

IOMMUFD_MODEL_API void interval_tree_remove(struct interval_tree_node *node,
					    struct rb_root_cached *root);
/** @} */

/**
 * Finds the first interval that has a number in common with a range.
 * @param root   the tree
 * @param start  the first number of the range
 * @param last   its last number
 * @return the interval that has the lowest start, or NULL
 */
IOMMUFD_MODEL_API struct interval_tree_node *
interval_tree_iter_first(struct rb_root_cached *root, unsigned long start,
			 unsigned long last);

/**
 * Finds the next interval that has a number in common with a range.
 * @param node   an interval, from interval_tree_iter_first() or this function
 * @param start  the first number of the range
 * @param last   its last number
 * @return the next interval in the order of their starts, or NULL
 */
IOMMUFD_MODEL_API struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
			unsigned long last);

IOMMUFD_MODEL_END_DECLS

#endif
