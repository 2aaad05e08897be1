// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The range tree: a B+tree by the last address of the ranges.
 *
 * An insert knows the nodes it has to split before it changes anything, and
 * makes their other halves first.  A split at the end of the tree leaves the
 * larger part as it is, since ranges often come in ascending order; enough goes
 * to the new node for it not to be emptied by the next erase.  A node that runs
 * low on an erase is merged with a neighbour if both fit into half of one.
 *
 * A hole belongs to the range behind it.  What is summed up of a node, for its
 * parent, therefore needs the end of the range before its first, wherever that
 * is: @lo, which a walk down finds on its way.  When the last range of a node
 * goes, the hole of the next node's first one grows; that is settled by a
 * second walk.
 */
#include "range.h"
#include <iommufd_model/kernel/slab.h>
#include <string.h>

#define FANOUT 32u
/* Of nodes at least FANOUT / 4 full, save for the edges: never reached. */
#define MAX_LEVELS 24

/*
 * @last: of the ranges of a leaf, of the subtrees of a higher node; ascending,
 *	and all ones behind @count, so that a search need not know it
 * @start: of a range in a leaf; @hole: the largest hole in a subtree, the one
 *	before its first range included
 */
struct range_node {
	unsigned long count;
	unsigned long last[FANOUT];
	union {
		unsigned long start[FANOUT];
		unsigned long hole[FANOUT];
	};
	union {
		void *entry[FANOUT];
		struct range_node *child[FANOUT];
	};
};

struct item {
	unsigned long last;
	unsigned long start;
	void *entry;
};

struct step {
	struct range_node *node;
	unsigned int i;
};

/* The first of @last that is not below @key; FANOUT if all are. */
static inline unsigned int lower(const struct range_node *node,
				 unsigned long key)
{
	const unsigned long *part = node->last;
	unsigned int i, n = 0;

	/* Which eighth, then where in it: no branch that could go wrong. */
	for (i = 7; i < FANOUT; i += 8)
		n += node->last[i] < key;
	n *= 8;
	if (n == FANOUT)
		return n;
	part += n;
	for (i = 0; i < 8; i++)
		n += part[i] < key;
	return n;
}

static struct range_node *new_node(void)
{
	struct range_node *node = kzalloc(sizeof(*node), GFP_KERNEL);

	if (node)
		memset(node->last, 0xff, sizeof(node->last));
	return node;
}

static void put(struct range_node *node, unsigned int i,
		const struct item *item)
{
	size_t size = (node->count - i) * sizeof(long);

	memmove(&node->last[i + 1], &node->last[i], size);
	memmove(&node->start[i + 1], &node->start[i], size);
	memmove(&node->entry[i + 1], &node->entry[i], size);
	node->last[i] = item->last;
	node->start[i] = item->start;
	node->entry[i] = item->entry;
	node->count++;
}

static void take_out(struct range_node *node, unsigned int i)
{
	size_t size = (--node->count - i) * sizeof(long);

	memmove(&node->last[i], &node->last[i + 1], size);
	memmove(&node->start[i], &node->start[i + 1], size);
	memmove(&node->entry[i], &node->entry[i + 1], size);
	node->last[node->count] = ULONG_MAX;
}

/* Move what @from has from @i on to the end of @to. */
static void move(struct range_node *to, struct range_node *from, unsigned int i)
{
	size_t n = from->count - i, size = n * sizeof(long);

	memcpy(&to->last[to->count], &from->last[i], size);
	memcpy(&to->start[to->count], &from->start[i], size);
	memcpy(&to->entry[to->count], &from->entry[i], size);
	memset(&from->last[i], 0xff, size);
	to->count += n;
	from->count = i;
}

static unsigned long hole_before(const struct range_node *node,
				 unsigned int level, unsigned int i,
				 unsigned long lo)
{
	if (level)
		return node->hole[i];
	return node->start[i] - (i ? node->last[i - 1] + 1 : lo);
}

/*
 * What @node, whose first hole begins at @lo, is to its parent.  No hole is
 * larger than @bound.
 */
static struct item sum_up(struct range_node *node, unsigned int level,
			  unsigned long lo, unsigned long bound)
{
	struct item sum = { .last = node->last[node->count - 1],
			    .entry = node };
	unsigned long hole;
	unsigned int i;

	for (i = 0; i < node->count && sum.start < bound; i++) {
		hole = hole_before(node, level, i, lo);
		if (hole > sum.start)
			sum.start = hole;
	}
	return sum;
}

/*
 * The same when only the hole at slot @i of @node may have grown, and @known
 * was the largest.
 */
static struct item sum_up_again(struct range_node *node, unsigned int level,
				unsigned int i, unsigned long lo,
				unsigned long known)
{
	unsigned long hole = i < node->count ? hole_before(node, level, i, lo) :
					       0;

	return sum_up(node, level, lo, hole > known ? hole : known);
}

/* To the leaf and slot of @key; where the hole before that leaf begins. */
static unsigned long walk(const struct range_tree *tree, unsigned long key,
			  struct step *path)
{
	struct range_node *node = tree->root;
	unsigned int level = tree->height, i;
	unsigned long lo = 0;

	for (;; level--) {
		i = lower(node, key);
		if (level && i == node->count)
			i--;
		path[level].node = node;
		path[level].i = i;
		if (!level)
			return lo;
		if (i)
			lo = node->last[i - 1] + 1;
		node = node->child[i];
	}
}

/* Tell the parents from @level on what has changed, as far as it matters. */
static void settle(struct range_tree *tree, struct step *path,
		   unsigned int level, unsigned long lo)
{
	for (; level < tree->height; level++) {
		struct range_node *parent = path[level + 1].node;
		unsigned int i = path[level + 1].i;
		struct item sum = sum_up_again(path[level].node, level,
					       path[level].i, lo,
					       parent->hole[i]);

		if (parent->last[i] == sum.last && parent->hole[i] == sum.start)
			return;
		parent->last[i] = sum.last;
		parent->hole[i] = sum.start;
	}
}

/* The nodes that an insert at the end of @path will need. */
static bool reserve(const struct range_tree *tree, const struct step *path,
		    struct range_node **spare)
{
	unsigned int level = 0, nr = 0;

	while (level <= tree->height && path[level].node->count == FANOUT)
		level++;
	if (level > tree->height)
		level++;
	while (nr < level) {
		spare[nr] = new_node();
		if (!spare[nr]) {
			while (nr)
				kfree(spare[--nr]);
			return false;
		}
		nr++;
	}
	return true;
}

int range_insert(struct range_tree *tree, unsigned long start,
		 unsigned long last, void *entry)
{
	struct range_node *spare[MAX_LEVELS + 1], *node, *right;
	struct item item = { last, start, entry };
	struct step path[MAX_LEVELS];
	unsigned int level, i, at;
	unsigned long lo;
	bool at_end;

	if (!tree->root) {
		tree->root = new_node();
		if (!tree->root)
			return -ENOMEM;
		tree->height = 0;
	}
	lo = walk(tree, start, path);
	if (path[0].node->count == FANOUT && !reserve(tree, path, spare))
		return -ENOMEM;
	at_end = path[0].i == FANOUT;
	i = path[0].i;
	for (level = 0;; level++) {
		node = path[level].node;
		if (node->count < FANOUT)
			break;
		right = spare[level];
		at = at_end ? FANOUT - FANOUT / 4 : FANOUT / 2;
		move(right, node, at);
		if (i <= at)
			put(node, i, &item);
		else
			put(right, i - at, &item);
		if (level == tree->height) {
			struct item sum = sum_up(node, level, lo, ULONG_MAX);

			node = spare[level + 1];
			put(node, 0, &sum);
			tree->root = node;
			tree->height++;
			path[level + 1].node = node;
			path[level + 1].i = 0;
		} else {
			struct item sum = sum_up(node, level, lo, ULONG_MAX);

			node = path[level + 1].node;
			node->last[path[level + 1].i] = sum.last;
			node->hole[path[level + 1].i] = sum.start;
		}
		item = sum_up(
			right, level,
			path[level].node->last[path[level].node->count - 1] + 1,
			ULONG_MAX);
		i = path[level + 1].i + 1;
	}
	put(node, i, &item);
	settle(tree, path, level, lo);
	return 0;
}

static void merge(struct range_node *parent, unsigned int i)
{
	struct range_node *left = parent->child[i],
			  *right = parent->child[i + 1];

	move(left, right, 0);
	kfree(right);
	parent->last[i] = parent->last[i + 1];
	if (parent->hole[i] < parent->hole[i + 1])
		parent->hole[i] = parent->hole[i + 1];
	take_out(parent, i + 1);
}

static bool try_merge(struct range_node *parent, unsigned int i)
{
	unsigned long count = parent->child[i]->count;

	if (i + 1 < parent->count &&
	    count + parent->child[i + 1]->count <= FANOUT / 2)
		merge(parent, i);
	else if (i && count + parent->child[i - 1]->count <= FANOUT / 2)
		merge(parent, i - 1);
	else
		return false;
	return true;
}

void range_erase(struct range_tree *tree, unsigned long start)
{
	struct step path[MAX_LEVELS];
	unsigned long lo = walk(tree, start, path);
	struct range_node *node = path[0].node;
	unsigned int level = 0, i = path[0].i;
	bool was_last = i + 1 == node->count;
	unsigned long last = node->last[i];

	take_out(node, i);
	for (; level < tree->height; level++) {
		struct range_node *parent = path[level + 1].node;

		node = path[level].node;
		i = path[level + 1].i;
		if (!node->count) {
			take_out(parent, i);
			kfree(node);
			continue;
		}
		struct item sum = sum_up_again(node, level, path[level].i, lo,
					       parent->hole[i]);
		bool same = sum.last == parent->last[i] &&
			    sum.start == parent->hole[i];
		parent->last[i] = sum.last;
		parent->hole[i] = sum.start;
		if (node->count <= FANOUT / 4 && try_merge(parent, i))
			continue;
		if (same)
			break;
	}
	while (tree->height && tree->root->count == 1) {
		node = tree->root;
		tree->root = node->child[0];
		tree->height--;
		kfree(node);
	}
	if (!tree->root->count) {
		kfree(tree->root);
		tree->root = NULL;
		return;
	}
	if (was_last && last != ULONG_MAX &&
	    last < tree->root->last[tree->root->count - 1]) {
		lo = walk(tree, last, path);
		settle(tree, path, 0, lo);
	}
}

void *range_first(const struct range_tree *tree, unsigned long start,
		  unsigned long last)
{
	const struct range_node *node = tree->root;
	unsigned int level = tree->height, i;

	if (!node || node->last[node->count - 1] < start)
		return NULL;
	for (; level; level--) {
		node = node->child[lower(node, start)];
	}
	i = lower(node, start);
	return node->start[i] <= last ? node->entry[i] : NULL;
}

struct hole_search {
	unsigned long start, last, length;
	bool (*fit)(unsigned long first, unsigned long last, void *data);
	void *data;
};

static bool offer(const struct hole_search *s, unsigned long first,
		  unsigned long last)
{
	if (first < s->start)
		first = s->start;
	if (last > s->last)
		last = s->last;
	return first <= last && last - first >= s->length - 1 &&
	       s->fit(first, last, s->data);
}

static bool find_hole(const struct range_node *node, unsigned int level,
		      unsigned long lo, const struct hole_search *s)
{
	unsigned int i;

	for (i = lower(node, s->start); i < node->count; i++) {
		if (i)
			lo = node->last[i - 1] + 1;
		if (lo > s->last)
			return false;
		if (level ? node->hole[i] >= s->length &&
				    find_hole(node->child[i], level - 1, lo,
					      s) :
			    node->start[i] - lo >= s->length &&
				    offer(s, lo, node->start[i] - 1))
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
		.start = start,
		.last = last,
		.length = length,
		.fit = fit,
		.data = data,
	};
	const struct range_node *root = tree->root;
	unsigned long end;

	if (!root)
		return offer(&s, 0, ULONG_MAX);
	if (find_hole(root, tree->height, 0, &s))
		return true;
	end = root->last[root->count - 1];
	return end != ULONG_MAX && offer(&s, end + 1, ULONG_MAX);
}

static void destroy(struct range_node *node, unsigned int level)
{
	unsigned int i;

	for (i = 0; level && i < node->count; i++)
		destroy(node->child[i], level - 1);
	kfree(node);
}

void range_destroy(struct range_tree *tree)
{
	if (tree->root)
		destroy(tree->root, tree->height);
	tree->root = NULL;
	tree->height = 0;
}
