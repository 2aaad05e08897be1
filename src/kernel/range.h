/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A set of ranges of unsigned longs that do not overlap, in order, with a quick
 * answer to "where is the first hole that will do".
 *
 * Why a B+tree.  An address space may hold a million areas, and a map or unmap
 * has to find a place among them, the one at an address, or the lowest hole.
 * Each is a walk down, and what a walk costs are the cache and TLB misses.  A
 * binary tree has twenty levels then, each of them a miss below the first
 * dozen; with 32 keys to a node, side by side, there are four, of which the
 * upper three stay in the cache.  The areas themselves are not touched.  Each
 * node knows the largest hole below each of its slots, which makes the search
 * for a hole a walk too; candidates that do not suit the caller cost a step
 * each.
 *
 * The price: an insert may need memory, and keys are moved within a node.
 *
 * The caller locks.
 */
#ifndef RANGE_H
#define RANGE_H

#include <iommufd_model/kernel/range_tree.h>
#include <iommufd_model/kernel/types.h>

#define range_insert iommufd_model_range_insert
#define range_erase iommufd_model_range_erase
#define range_first iommufd_model_range_first
#define range_find_hole iommufd_model_range_find_hole
#define range_destroy iommufd_model_range_destroy

/*
 * range_insert(tree, start, last, entry): [start, last] overlaps nothing in
 * @tree.  0, or -ENOMEM, and then nothing has changed.
 */
int range_insert(struct range_tree *tree, unsigned long start,
		 unsigned long last, void *entry);
/* range_erase(tree, start): the range that begins at @start, which is there. */
void range_erase(struct range_tree *tree, unsigned long start);
/* range_first(tree, start, last): lowest entry that meets [start, last]. */
void *range_first(const struct range_tree *tree, unsigned long start,
		  unsigned long last);
/*
 * range_find_hole(tree, start, last, length, fit, data): offer the holes of at
 * least @length bytes, cut to [start, last], to @fit, lowest first, until it
 * takes one; did it?
 */
bool range_find_hole(const struct range_tree *tree, unsigned long start,
		     unsigned long last, unsigned long length,
		     bool (*fit)(unsigned long first, unsigned long last,
				 void *data),
		     void *data);
/* range_destroy(tree): forget all ranges; the entries are the caller's. */
void range_destroy(struct range_tree *tree);

static inline bool range_empty(const struct range_tree *tree)
{
	return !tree->root;
}

#endif
