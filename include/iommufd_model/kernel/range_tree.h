/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Only the size of a set of ranges; what is done with it is the library's own
 * affair (src/kernel/range.h).
 */
#ifndef IOMMUFD_MODEL_KERNEL_RANGE_TREE_H
#define IOMMUFD_MODEL_KERNEL_RANGE_TREE_H

struct range_node;

/** A set of ranges.  All zero: empty. */
struct range_tree {
	/** the root of the tree; NULL: empty */
	struct range_node *root;
	unsigned int height;	/**< levels above the leaves */
};

#endif
