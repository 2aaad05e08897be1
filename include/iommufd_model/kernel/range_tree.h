/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The type of a set of ranges, so that public structs can contain one.  The
 * functions on it are internal to the library (src/kernel/range.h).
 */
#ifndef IOMMUFD_MODEL_KERNEL_RANGE_TREE_H
#define IOMMUFD_MODEL_KERNEL_RANGE_TREE_H

struct range_node;

/** A set of ranges. */
struct range_tree {
	/** the root of the tree; NULL if the set is empty */
	struct range_node *root;
};

#endif
