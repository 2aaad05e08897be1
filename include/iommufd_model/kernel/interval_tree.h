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

#include <iommufd_model/kernel/interval_tree_generic.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** An interval. */
struct interval_tree_node {
	struct rb_node rb;	/**< the node in the tree */
	unsigned long start;	/**< the first number of the interval */
	unsigned long last;	/**< the last number of the interval */
	/** the largest @p last of this node and all nodes below it */
	unsigned long __subtree_last;
};

/**
 * @name Changes
 * @{
 */
/**
 * Puts an interval into a tree, or removes it.
 * @param node  the interval
 * @param root  the tree
 */
static inline void interval_tree_insert(struct interval_tree_node *node,
					struct rb_root_cached *root);

static inline void interval_tree_remove(struct interval_tree_node *node,
					struct rb_root_cached *root);
/** @} */

/**
 * Finds the first interval that has a number in common with a range.
 * @param root   the tree
 * @param start  the first number of the range
 * @param last   its last number
 * @return the interval that has the lowest start, or NULL
 */
static inline struct interval_tree_node *
interval_tree_iter_first(struct rb_root_cached *root, unsigned long start,
			 unsigned long last);

/**
 * Finds the next interval that has a number in common with a range.
 * @param node   an interval, from interval_tree_iter_first() or this function
 * @param start  the first number of the range
 * @param last   its last number
 * @return the next interval in the order of their starts, or NULL
 */
static inline struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
			unsigned long last);

/** @cond INTERNAL */
/* Here, and not in the library, so that watched code reports the accesses. */
#define IOMMUFD_MODEL_INTERVAL_START(node) ((node)->start)
#define IOMMUFD_MODEL_INTERVAL_LAST(node) ((node)->last)
INTERVAL_TREE_DEFINE(struct interval_tree_node, rb, unsigned long,
		     __subtree_last, IOMMUFD_MODEL_INTERVAL_START,
		     IOMMUFD_MODEL_INTERVAL_LAST, static inline, interval_tree)
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
