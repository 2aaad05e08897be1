/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A set of ranges of unsigned longs that do not overlap, ordered, each with an
 * entry of the caller's, and the answer to "where is the first hole that will
 * do".
 *
 * Why this structure.  A map at a fixed address asks whether anything is in the
 * way, an unmap asks for the lowest area in its range, and an automatic
 * placement for the lowest hole that is large enough.  So it takes an order,
 * and the largest hole of each part: a tree.  An address space may hold a
 * million areas, and then it is memory that costs.  A binary tree goes down 20
 * steps, each a cache and TLB miss below the first dozen, from area to area.
 * This is a B+tree.  Nodes with up to 40 items make four or five levels of it,
 * of which the upper ones stay in the cache; all lines of a node are fetched at
 * once; areas are not touched.  Measured against an AVL tree, a lookup among a
 * million takes a sixth of the time or less, and among a thousand a half.
 *
 * What it costs.  Nodes of 1 KiB: 26 bytes per range if they come in order,
 * upwards or downwards, 38 in random order, 50 after many random changes, 80
 * after most were erased, and 1 KiB for a single one.  An insert may have to
 * allocate, which may fail.  An erase never does; it frees nodes that have
 * become empty, and joins two neighbours if it leaves one of them at most a
 * quarter full and both fit in half a node.  That is lazy, lest an insert and
 * an erase in turn split and join.  All takes O(log N), and the search for a
 * hole takes the holes that are turned down on top.
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
 * range_insert(tree, start, last, entry): both are inclusive, and nothing in
 * @tree overlaps them.  0, or -ENOMEM, and nothing has changed.
 */
int range_insert(struct range_tree *tree, unsigned long start,
		 unsigned long last, void *entry);

/* range_erase(tree, start): the range that begins at @start; it is there. */
void range_erase(struct range_tree *tree, unsigned long start);

/*
 * range_first(tree, start, last): the entry of the lowest range that meets
 * [start, last], or NULL.  The next one is the first behind its last address,
 * if that is not ULONG_MAX.
 */
void *range_first(const struct range_tree *tree, unsigned long start,
		  unsigned long last);

/*
 * range_find_hole(tree, start, last, length, fit, data): offer the holes of at
 * least @length bytes, cut to [start, last], to @fit, lowest first, until it
 * takes one; did it?  @length is not 0.  @fit leaves the tree alone.
 */
bool range_find_hole(const struct range_tree *tree, unsigned long start,
		     unsigned long last, unsigned long length,
		     bool (*fit)(unsigned long first, unsigned long last,
				 void *data),
		     void *data);

/* range_destroy(tree): empty it; the entries are the caller's. */
void range_destroy(struct range_tree *tree);

static inline bool range_empty(const struct range_tree *tree)
{
	return !tree->root;
}

#endif
