// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The range tree: a B+tree.
 *
 * An item of a leaf is a range, an item of a node above it a child.  Either has
 * the end of what it stands for, which is what a search compares.  Ends are
 * exact at all levels, so the end of one item is where the hole before the next
 * begins.  A hole counts for the range behind it: a new range goes into the
 * leaf whose hole it takes, and no other leaf changes.  Only if the last range
 * of a leaf is erased does its hole go to the next leaf.
 */
#include "range.h"
#include <iommufd_model/kernel/slab.h>
#include <string.h>

/*
 * As measured: from 24 to 64 it is all the same.  With 40, a node and what the
 * allocator adds to it are 1 KiB.
 */
#define BLOCK 8u
#define FANOUT (5 * BLOCK)
#define MERGED (FANOUT / 2)	/* neighbours with no more become one */

/* A higher tree will hardly fit in memory; if it has to be, it is ENOMEM. */
#define MAX_LEVELS 16

struct item {
	unsigned long end;		/* last address + 1; 0 is 2^64 */
	union {
		unsigned long start;
		unsigned long hole;	/* largest one below @child */
	};
	union {
		void *entry;
		struct range_node *child;
	};
};

struct range_node {
	unsigned long count;
	struct item items[FANOUT];	/* from @count on, @end is 0 */
};

/* A way down the tree: at [level] it takes item @i of @node; 0 is the leaf. */
struct step {
	struct range_node *node;
	unsigned int i;
};

static unsigned long max_ul(unsigned long a, unsigned long b)
{
	return a > b ? a : b;
}

/*
 * The first item that ends behind @key, or @count.  A wrong guess at a branch
 * costs more than a comparison, so that within a block there is no branch.
 * Between blocks there is: guessing right hides that the memory is slow.
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

/* Have all of @node's cache lines come at once, not one after the other. */
static inline void prefetch(const struct range_node *node)
{
	size_t at;

#pragma GCC unroll 16
	for (at = 0; at < sizeof(*node); at += 64)
		__builtin_prefetch((const char *)node + at);
}

static unsigned long tree_last(const struct range_tree *tree)
{
	return tree->root->items[tree->root->count - 1].end - 1;
}

/* Where the hole before item @i begins; before item 0 of a leaf it is @lo. */
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

/* Move the items of @from, from @i on, behind those of @to. */
static void move(struct range_node *to, struct range_node *from, unsigned int i)
{
	size_t n = from->count - i;

	memcpy(&to->items[to->count], &from->items[i], n * sizeof(struct item));
	memset(&from->items[i], 0, n * sizeof(struct item));
	to->count += n;
	from->count -= n;
}

/* The item for @node, in which no hole is larger than @most. */
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
 * The way to the first range that ends behind @key, or to the place behind
 * them all.  Returns where the hole before the leaf begins.
 */
static unsigned long walk(const struct range_tree *tree, unsigned long key,
			  struct step *path)
{
	struct range_node *node = tree->root;
	unsigned int level = tree->height, i;
	unsigned long lo = 0;

	for (; level; level--) {
		i = lower(node, key);
		if (i == node->count)
			i--;
		path[level] = (struct step){ node, i };
		lo = hole_start(node, i, lo);
		node = node->items[i].child;
		prefetch(node);
	}
	path[0] = (struct step){ node, lower(node, key) };
	return lo;
}

/*
 * The node at @level has changed: bring its item up to date.  No hole has grown
 * but one to @grown.  Does the item's own node change by this?
 */
static bool update(const struct step *path, unsigned int level,
		   unsigned long lo, unsigned long grown)
{
	struct item *item = &path[level + 1].node->items[path[level + 1].i];
	struct item old = *item;

	*item = sum_up(path[level].node, level, lo, max_ul(old.hole, grown));
	return item->end != old.end || item->hole != old.hole;
}

static void update_all(const struct range_tree *tree, const struct step *path,
		       unsigned int level, unsigned long lo,
		       unsigned long grown)
{
	while (level < tree->height && update(path, level, lo, grown))
		level++;
}

/* All the nodes that an insert may need, or none. */
static bool reserve(const struct range_tree *tree, const struct step *path,
		    struct range_node **spare)
{
	unsigned int want = 0, nr;

	while (want <= tree->height && path[want].node->count == FANOUT)
		want++;
	if (want > tree->height)
		want++;		/* the root's halves need a parent */
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

/* Put the empty node @root above the root. */
static void raise(struct range_tree *tree, struct step *path,
		  struct range_node *root)
{
	put(root, 0, (struct item){ .hole = ULONG_MAX, .child = tree->root });
	tree->root = root;
	path[++tree->height] = (struct step){ root, 0 };
}

/* Move what @left has from @at on to @right; @item becomes their @i-th. */
static void split(struct range_node *left, struct range_node *right,
		  unsigned int at, unsigned int i, struct item item)
{
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
	struct step path[MAX_LEVELS];
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
	/* Only behind all others does a range make a hole. */
	grown = start - hole_start(node, i, lo);
	/* At either end more will come from there: leave full nodes behind. */
	edge = i == FANOUT || (!i && !lo);
	for (level = 0; node->count == FANOUT; node = path[++level].node) {
		split(node, spare[level], edge ? i : FANOUT / 2, i, item);
		if (level == tree->height)
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

/* Make one of child @i and the next, if there is one and both have little. */
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

/* The leaf has lost a range: update all above it, and lose nodes as well. */
static void shrink(struct range_tree *tree, const struct step *path,
		   unsigned long lo, unsigned long grown)
{
	struct range_node *node, *parent;
	unsigned int level, i;
	bool go_on = true;

	for (level = 0; level < tree->height && go_on; level++) {
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
	while (tree->height && tree->root->count == 1) {
		node = tree->root;
		tree->root = node->items[0].child;
		tree->height--;
		kfree(node);
	}
	if (!tree->root->count)
		range_destroy(tree);
}

void range_erase(struct range_tree *tree, unsigned long start)
{
	struct step path[MAX_LEVELS];
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
	for (level = tree->height; level; level--) {
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

/* Offer the hole [first, last], cut to what is searched, if it is enough. */
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
	if (find_hole(tree->root, tree->height, 0, &s))
		return true;
	/* And the hole behind them all. */
	return tree_last(tree) != ULONG_MAX &&
	       offer(&s, tree_last(tree) + 1, ULONG_MAX);
}

static void destroy(struct range_node *node, unsigned int level)
{
	unsigned int i;

	for (i = 0; level && i < node->count; i++)
		destroy(node->items[i].child, level - 1);
	kfree(node);
}

void range_destroy(struct range_tree *tree)
{
	if (tree->root)
		destroy(tree->root, tree->height);
	tree->root = NULL;
	tree->height = 0;
}
