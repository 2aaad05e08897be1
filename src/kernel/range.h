/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * An ordered set of ranges of unsigned longs that do not overlap, each with an
 * entry for the caller.  It can search for the first hole between the ranges
 * that satisfies a condition.
 *
 * Why it is a B+tree.  Mapping at a fixed address needs to know whether
 * anything is in the way, unmapping needs the lowest area in a range, and
 * automatic placement needs the lowest hole that is large enough.  This calls
 * for a tree that is ordered and that knows the largest hole below each of its
 * nodes.  An address space may have a million areas, and then most of the time
 * goes into cache misses.  A binary tree would have 20 levels, with a cache and
 * a TLB miss at each level below the first dozen.  A B+tree with up to 40 items
 * in a node has four or five levels, of which the upper ones stay in the cache.
 * All cache lines of a node are fetched at once, and the areas themselves are
 * not accessed.  Measured against an AVL tree, a lookup among a million ranges
 * takes a sixth of the time or less, and among a thousand half of it.
 *
 * What it costs.  A node has 1 KiB.  That is 26 bytes per range if the ranges
 * are inserted in ascending or descending order, 38 in random order, 50 after
 * many random changes, 80 after most ranges were erased, and 1 KiB for a single
 * range.  An insert may have to allocate, which may fail.  An erase never
 * allocates.  It frees nodes that have become empty, and merges a node that is
 * at most a quarter full with a neighbour if both fit in half a node.  With a
 * higher limit, alternating inserts and erases could split and merge nodes each
 * time.  Every operation takes O(log N).  The search for a hole also takes time
 * for each hole that is refused.
 *
 * The caller must lock.
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
 * range_insert(tree, start, last, entry): inserts the range [start, last],
 * which must not overlap another one in @tree.  Returns 0, or -ENOMEM if
 * nothing has changed.
 */
int range_insert(struct range_tree *tree, unsigned long start,
		 unsigned long last, void *entry);

/* range_erase(tree, start): erases the range at @start, which must exist. */
void range_erase(struct range_tree *tree, unsigned long start);

/*
 * range_first(tree, start, last): returns the entry of the lowest range that
 * overlaps [start, last], or NULL.  To find the next one, search again after
 * the last address of this one, unless that is ULONG_MAX.
 */
void *range_first(const struct range_tree *tree, unsigned long start,
		  unsigned long last);

/*
 * range_find_hole(tree, start, last, length, fit, data): calls @fit for each
 * hole that has at least @length bytes in [start, last], in ascending order,
 * until it returns true.  The hole is passed without the parts outside of
 * [start, last]. Returns true if @fit did.  @length must not be 0.  @fit must
 * not change the tree.
 */
bool range_find_hole(const struct range_tree *tree, unsigned long start,
		     unsigned long last, unsigned long length,
		     bool (*fit)(unsigned long first, unsigned long last,
				 void *data),
		     void *data);

/* range_destroy(tree): erases all ranges.  The caller owns the entries. */
void range_destroy(struct range_tree *tree);

static inline bool range_empty(const struct range_tree *tree)
{
	return !tree->root;
}

#endif
