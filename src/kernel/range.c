// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The range tree, a B+tree.  range.h explains why.
 *
 * An item of a leaf is a range; an item of a node above is a child.  Each item
 * has the end of its range, or of the last range below its child.  A search
 * compares these ends.  They are exact at all levels, so the hole before an
 * item begins at the end of the previous item.  A hole belongs to the range
 * after it.  A new range is inserted into the leaf that the hole belongs to,
 * and no other leaf changes.  Only when the last range of a leaf is erased, its
 * hole becomes part of the next leaf's.
 */
#include "range.h"
#include <iommufd_model/kernel/slab.h>
#include <string.h>

/*
 * Measurements showed no difference between 24 and 64.  With 40, a node and the
 * header of its allocation together take 1 KiB.
 */
#define BLOCK 8u
#define FANOUT (5 * BLOCK)
/* two nodes are merged if they have at most this many items */
#define MERGED (FANOUT / 2)

/*
 * A higher tree would hardly fit in memory; an insert that needs one fails with
 * -ENOMEM.
 */
#define MAX_LEVELS 16

struct item {
	/* the last address plus 1; 0 means 2^64 */
	unsigned long end;
	union {
		unsigned long start;
		unsigned long hole;	/* the largest hole below @child */
	};
	union {
		void *entry;
		struct range_node *child;
	};
};

struct range_node {
	unsigned int count;
	unsigned int level;	/* 0 for a leaf */
	struct item items[FANOUT];	/* unused items have the @end 0 */
};

/* A position at one level of a path down the tree.  Level 0 is a leaf. */
struct position {
	struct range_node *node;
	unsigned int i;
};

static unsigned long max_ul(unsigned long a, unsigned long b)
{
	return a > b ? a : b;
}

/*
 * Returns the first item that ends after @key, or @count.  Within a block there
 * is no branch, because a mispredicted branch costs more than the comparisons.
 * Between blocks there is a branch, because a correct prediction hides the
 * latency of the memory.
 */
static inline unsigned int lower(const struct range_node *node,
				 unsigned long key)
{
	const struct item *p = node->items, *end = p + FANOUT - BLOCK;
	unsigned int i, n = 0;

	while (p < end && p[BLOCK - 1].end - 1 < key)
		p += BLOCK;
#pragma GCC unroll 8
	for (i = 0; i < BLOCK; i++)
		n += p[i].end - 1 < key;
	return (unsigned int)(p - node->items) + n;
}

/* Requests all cache lines of @node at once, not one after the other. */
static inline void prefetch(const struct range_node *node)
{
	size_t at;

#pragma GCC unroll 16
	for (at = 0; at < sizeof(*node); at += 64)
		__builtin_prefetch((const char *)node + at);
}

/* The number of levels above the leaves; the tree is not empty. */
static unsigned int height(const struct range_tree *tree)
{
	return tree->root->level;
}

static unsigned long tree_last(const struct range_tree *tree)
{
	return tree->root->items[tree->root->count - 1].end - 1;
}

/*
 * Returns the start of the hole before item @i.  @lo is the start of the hole
 * before the first item of the node.
 */
static inline unsigned long hole_start(const struct range_node *node,
				       unsigned int i, unsigned long lo)
{
	return i ? node->items[i - 1].end : lo;
}

static inline unsigned long hole_size(const struct range_node *leaf,
				      unsigned int i, unsigned long lo)
{
	return leaf->items[i].start - hole_start(leaf, i, lo);
}

static void put(struct range_node *node, unsigned int i, struct item item)
{
	struct item *at = &node->items[i];

	memmove(at + 1, at, (node->count++ - i) * sizeof(*at));
	*at = item;
}

static void take_out(struct range_node *node, unsigned int i)
{
	struct item *at = &node->items[i];

	memmove(at, at + 1, (--node->count - i) * sizeof(*at));
	node->items[node->count].end = 0;
}

/* Moves the items of @from, beginning with @i, to the end of @to. */
static void move(struct range_node *to, struct range_node *from, unsigned int i)
{
	unsigned int n = from->count - i;

	memcpy(&to->items[to->count], &from->items[i], n * sizeof(struct item));
	memset(&from->items[i], 0, n * sizeof(struct item));
	to->count += n;
	from->count -= n;
}

/*
 * Returns the parent's item for @node, in which no hole is larger than @most.
 */
static struct item sum_up(struct range_node *node, unsigned int level,
			  unsigned long lo, unsigned long most)
{
	struct item sum = {
		.end = node->items[node->count - 1].end, .child = node,
	};
	unsigned int i;

	for (i = 0; i < node->count && sum.hole < most; i++)
		sum.hole = max_ul(sum.hole, level ? node->items[i].hole :
						    hole_size(node, i, lo));
	return sum;
}

/*
 * Sets @path to the first range that ends after @key, or to the position after
 * the last range.  Returns the start of the hole before the leaf.
 */
static unsigned long walk(const struct range_tree *tree, unsigned long key,
			  struct position *path)
{
	struct range_node *node = tree->root;
	unsigned int level = height(tree), i;
	unsigned long lo = 0;

	for (; level; level--) {
		i = lower(node, key);
		if (i == node->count)
			i--;
		path[level] = (struct position){ node, i };
		lo = hole_start(node, i, lo);
		node = node->items[i].child;
		prefetch(node);
	}
	path[0] = (struct position){ node, lower(node, key) };
	return lo;
}

/*
 * Updates the parent's item of the node at @level, which has changed.  At most
 * one hole has grown, to @grown.  Returns true if the parent has changed.
 */
static bool update(const struct position *path, unsigned int level,
		   unsigned long lo, unsigned long grown)
{
	struct item *item = &path[level + 1].node->items[path[level + 1].i];
	struct item old = *item;

	*item = sum_up(path[level].node, level, lo, max_ul(old.hole, grown));
	return item->end != old.end || item->hole != old.hole;
}

static void update_all(const struct range_tree *tree,
		       const struct position *path, unsigned int level,
		       unsigned long lo, unsigned long grown)
{
	while (level < height(tree) && update(path, level, lo, grown))
		level++;
}

/*
 * Allocates all the nodes that an insert may need; returns false if an
 * allocation failed.
 */
static bool reserve(const struct range_tree *tree, const struct position *path,
		    struct range_node **spare)
{
	unsigned int want = 0, nr;

	while (want <= height(tree) && path[want].node->count == FANOUT)
		want++;
	if (want > height(tree))
		want++;		/* a new root above the node that is split */
	if (want > MAX_LEVELS)
		return false;
	for (nr = 0; nr < want; nr++) {
		spare[nr] = kzalloc(sizeof(**spare), GFP_KERNEL);
		if (!spare[nr]) {
			while (nr)
				kfree(spare[--nr]);
			return false;
		}
	}
	return true;
}

/* Makes the empty node @root the new root, above the old one. */
static void raise(struct range_tree *tree, struct position *path,
		  struct range_node *root)
{
	put(root, 0, (struct item){ .hole = ULONG_MAX, .child = tree->root });
	root->level = height(tree) + 1;
	tree->root = root;
	path[root->level] = (struct position){ root, 0 };
}

/*
 * Moves the items of @left, beginning with @at, to @right, and inserts @item at
 * position @i of both nodes together.
 */
static void split(struct range_node *left, struct range_node *right,
		  unsigned int at, unsigned int i, struct item item)
{
	right->level = left->level;
	move(right, left, at);
	if (i <= at && at < FANOUT)
		put(left, i, item);
	else
		put(right, i - at, item);
}

int range_insert(struct range_tree *tree, unsigned long start,
		 unsigned long last, void *entry)
{
	struct item item = { .end = last + 1, .start = start, .entry = entry };
	struct range_node *spare[MAX_LEVELS], *node;
	struct position path[MAX_LEVELS];
	unsigned int level, i;
	unsigned long lo, grown;
	bool edge;

	if (!tree->root)
		tree->root = kzalloc(sizeof(*node), GFP_KERNEL);
	if (!tree->root)
		return -ENOMEM;
	lo = walk(tree, start, path);
	node = path[0].node;
	i = path[0].i;
	if (node->count == FANOUT && !reserve(tree, path, spare))
		return -ENOMEM;
	/* A hole can grow only if the new range comes after all others. */
	grown = start - hole_start(node, i, lo);
	/*
	 * At either end of the tree more ranges are likely to follow in the
	 * same direction, so split off a new node and leave the old one full.
	 */
	edge = i == FANOUT || (!i && !lo);
	for (level = 0; node->count == FANOUT; node = path[++level].node) {
		split(node, spare[level], edge ? i : FANOUT / 2, i, item);
		if (level == height(tree))
			raise(tree, path, spare[level + 1]);
		update(path, level, lo, grown);
		item = sum_up(spare[level], level,
			      node->items[node->count - 1].end, ULONG_MAX);
		i = path[level + 1].i + 1;
	}
	put(node, i, item);
	update_all(tree, path, level, lo, grown);
	return 0;
}

/*
 * Merges child @i and the next child, if they have few enough items together.
 */
static bool merge(struct range_node *parent, unsigned int i)
{
	struct item *left = &parent->items[i], *right = left + 1;

	if (i + 1 >= parent->count ||
	    left->child->count + right->child->count > MERGED)
		return false;
	move(left->child, right->child, 0);
	kfree(right->child);
	left->end = right->end;
	left->hole = max_ul(left->hole, right->hole);
	take_out(parent, i + 1);
	return true;
}

/*
 * Updates the nodes above a leaf that has lost a range, and frees those that
 * are empty.
 */
static void shrink(struct range_tree *tree, const struct position *path,
		   unsigned long lo, unsigned long grown)
{
	struct range_node *node, *parent;
	unsigned int level, i;
	bool go_on = true;

	for (level = 0; level < height(tree) && go_on; level++) {
		node = path[level].node;
		parent = path[level + 1].node;
		i = path[level + 1].i;
		if (!node->count) {
			kfree(node);
			take_out(parent, i);
			continue;
		}
		go_on = update(path, level, lo, grown);
		if (node->count <= MERGED / 2 &&
		    (merge(parent, i) || (i && merge(parent, i - 1))))
			go_on = true;
	}
	while (height(tree) && tree->root->count == 1) {
		node = tree->root;
		tree->root = node->items[0].child;
		kfree(node);
	}
	if (!tree->root->count)
		range_destroy(tree);
}

void range_erase(struct range_tree *tree, unsigned long start)
{
	struct position path[MAX_LEVELS];
	unsigned long lo = walk(tree, start, path), last;
	struct range_node *leaf = path[0].node;
	unsigned int i = path[0].i;

	last = leaf->items[i].end - 1;
	take_out(leaf, i);
	if (i < leaf->count) {
		shrink(tree, path, lo, hole_size(leaf, i, lo));
		return;
	}
	shrink(tree, path, lo, 0);
	if (!tree->root || last > tree_last(tree))
		return;
	lo = walk(tree, last, path);
	update_all(tree, path, 0, lo, hole_size(path[0].node, path[0].i, lo));
}

void *range_first(const struct range_tree *tree, unsigned long start,
		  unsigned long last)
{
	const struct range_node *node = tree->root;
	const struct item *item;
	unsigned int level;

	if (!node || tree_last(tree) < start)
		return NULL;
	for (level = height(tree); level; level--) {
		node = node->items[lower(node, start)].child;
		prefetch(node);
	}
	item = &node->items[lower(node, start)];
	return item->start <= last ? item->entry : NULL;
}

struct hole_search {
	unsigned long start, last, length;
	bool (*fit)(unsigned long first, unsigned long last, void *data);
	void *data;
};

/*
 * Calls @fit for the part of the hole [first, last] that is searched, if it is
 * long enough.
 */
static bool offer(const struct hole_search *s, unsigned long first,
		  unsigned long last)
{
	first = max_ul(first, s->start);
	if (last > s->last)
		last = s->last;
	return first <= last && last - first >= s->length - 1 &&
	       s->fit(first, last, s->data);
}

static bool find_hole(const struct range_node *node, unsigned int level,
		      unsigned long lo, const struct hole_search *s)
{
	const struct item *item;
	unsigned long first;
	unsigned int i;

	for (i = lower(node, s->start); i < node->count; i++) {
		item = &node->items[i];
		if (level && item->hole < s->length)
			continue;
		first = hole_start(node, i, lo);
		if (first > s->last)
			break;
		if (level ? find_hole(item->child, level - 1, first, s) :
			    item->start - first >= s->length &&
			    offer(s, first, item->start - 1))
			return true;
	}
	return false;
}

bool range_find_hole(const struct range_tree *tree, unsigned long start,
		     unsigned long last, unsigned long length,
		     bool (*fit)(unsigned long first, unsigned long last,
				 void *data),
		     void *data)
{
	const struct hole_search s = {
		.start = start, .last = last, .length = length,
		.fit = fit, .data = data,
	};

	if (!tree->root)
		return offer(&s, 0, ULONG_MAX);
	if (find_hole(tree->root, height(tree), 0, &s))
		return true;
	/* The hole after the last range belongs to no item. */
	return tree_last(tree) != ULONG_MAX &&
	       offer(&s, tree_last(tree) + 1, ULONG_MAX);
}

static void destroy(struct range_node *node)
{
	unsigned int i;

	for (i = 0; node->level && i < node->count; i++)
		destroy(node->items[i].child);
	kfree(node);
}

void range_destroy(struct range_tree *tree)
{
	if (tree->root)
		destroy(tree->root);
	tree->root = NULL;
}
