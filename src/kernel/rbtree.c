// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Red-black trees.
 *
 * 1.  The root is black.
 * 2.  A red node has no red child.
 * 3.  All paths from a node down to NULL have the same number of black nodes.
 *
 * A node that is inserted is red, which can break rule 2.  The removal of a
 * black node breaks rule 3.  Both are repaired on the way up, with new colours
 * and rotations.
 *
 * The colour is the lowest bit of the parent's address: 1 is black.
 */
#include <iommufd_model/kernel/rbtree.h>

#define BLACK 1ul

static struct rb_node *parent_of(const struct rb_node *node)
{
	return (struct rb_node *)(node->__rb_parent_color & ~BLACK);
}

static bool is_red(const struct rb_node *node)
{
	return node && !(node->__rb_parent_color & BLACK);
}

static void set_parent(struct rb_node *node, const struct rb_node *parent)
{
	node->__rb_parent_color = (unsigned long)parent |
				  (node->__rb_parent_color & BLACK);
}

static void set_black(struct rb_node *node)
{
	node->__rb_parent_color |= BLACK;
}

static void set_red(struct rb_node *node)
{
	node->__rb_parent_color &= ~BLACK;
}

static void copy_colour(struct rb_node *node, const struct rb_node *from)
{
	node->__rb_parent_color = (node->__rb_parent_color & ~BLACK) |
				  (from->__rb_parent_color & BLACK);
}

/*
 * Makes @now the child of @parent in place of @old, or the root if @parent is
 * NULL.
 */
static void change_child(struct rb_node *old, struct rb_node *now,
			 struct rb_node *parent, struct rb_root *root)
{
	if (!parent)
		root->rb_node = now;
	else if (parent->rb_left == old)
		parent->rb_left = now;
	else
		parent->rb_right = now;
}

static struct rb_node **child(struct rb_node *node, bool left)
{
	return left ? &node->rb_left : &node->rb_right;
}

/*
 * Rotates @node down to the left if @left, otherwise to the right; a child
 * moves up.
 */
static void rotate(struct rb_node *node, bool left, struct rb_root *root,
		   const struct rb_augment_callbacks *augment)
{
	struct rb_node *up = *child(node, !left);
	struct rb_node *middle = *child(up, left);
	struct rb_node *parent = parent_of(node);

	*child(node, !left) = middle;
	if (middle)
		set_parent(middle, node);
	*child(up, left) = node;
	change_child(node, up, parent, root);
	set_parent(up, parent);
	set_parent(node, up);
	if (augment)
		augment->rotate(node, up);
}

void iommufd_model_rb_insert(struct rb_node *node, struct rb_root *root,
			     const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent, *grand, *uncle;
	bool left;

	while ((parent = parent_of(node)) && is_red(parent)) {
		grand = parent_of(parent);
		left = grand->rb_left == parent;
		uncle = *child(grand, !left);
		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grand);
			node = grand;
			continue;
		}
		if (node == *child(parent, !left)) {
			rotate(parent, left, root, augment);
			parent = node;
		}
		set_black(parent);
		set_red(grand);
		rotate(grand, !left, root, augment);
		break;
	}
	set_black(root->rb_node);
}

/*
 * Repairs the tree.  The paths through @node, a child of @parent that may be
 * NULL, have one black node too few.
 */
static void repair(struct rb_node *node, struct rb_node *parent,
		   struct rb_root *root,
		   const struct rb_augment_callbacks *augment)
{
	struct rb_node *sibling;
	bool left;

	while (parent && !is_red(node)) {
		left = parent->rb_left == node;
		sibling = *child(parent, !left);
		if (is_red(sibling)) {
			set_black(sibling);
			set_red(parent);
			rotate(parent, left, root, augment);
			sibling = *child(parent, !left);
		}
		if (!is_red(sibling->rb_left) && !is_red(sibling->rb_right)) {
			set_red(sibling);
			node = parent;
			parent = parent_of(node);
			continue;
		}
		if (!is_red(*child(sibling, !left))) {
			set_black(*child(sibling, left));
			set_red(sibling);
			rotate(sibling, !left, root, augment);
			sibling = *child(parent, !left);
		}
		copy_colour(sibling, parent);
		set_black(parent);
		set_black(*child(sibling, !left));
		rotate(parent, left, root, augment);
		return;
	}
	if (node)
		set_black(node);
}

/* Removes @node, which has at most one child. */
static void unlink_node(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	struct rb_node *below = node->rb_left ? node->rb_left : node->rb_right;
	struct rb_node *parent = parent_of(node);

	change_child(node, below, parent, root);
	if (below)
		set_parent(below, parent);
	if (augment && parent)
		augment->propagate(parent, NULL);
	if (!is_red(node))
		repair(below, parent, root, augment);
}

void rb_replace_node(struct rb_node *victim, struct rb_node *now,
		     struct rb_root *root)
{
	*now = *victim;
	if (now->rb_left)
		set_parent(now->rb_left, now);
	if (now->rb_right)
		set_parent(now->rb_right, now);
	change_child(victim, now, parent_of(victim), root);
}

void iommufd_model_rb_erase(struct rb_node *node, struct rb_root *root,
			    const struct rb_augment_callbacks *augment)
{
	struct rb_node *next;

	if (!node->rb_left || !node->rb_right) {
		unlink_node(node, root, augment);
		return;
	}
	/*
	 * The successor has no left child.  Unlink it and put it in the
	 * position of @node.
	 */
	for (next = node->rb_right; next->rb_left;)
		next = next->rb_left;
	unlink_node(next, root, augment);
	rb_replace_node(node, next, root);
	if (augment) {
		augment->copy(node, next);
		augment->propagate(next, NULL);
	}
}

static struct rb_node *end(struct rb_node *node, bool left)
{
	while (node && *child(node, left))
		node = *child(node, left);
	return node;
}

/* Returns the next node if not @left, otherwise the previous one. */
static struct rb_node *neighbour(struct rb_node *node, bool left)
{
	struct rb_node *parent;

	if (*child(node, left))
		return end(*child(node, left), !left);
	for (; (parent = parent_of(node)); node = parent)
		if (*child(parent, left) != node)
			break;
	return parent;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return end(root->rb_node, true);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return end(root->rb_node, false);
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return RB_EMPTY_NODE(node) ? NULL :
		neighbour((struct rb_node *)(unsigned long)node, false);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return RB_EMPTY_NODE(node) ? NULL :
		neighbour((struct rb_node *)(unsigned long)node, true);
}

/* Returns a leaf below @node: goes to the left child if there is one. */
static struct rb_node *deepest(struct rb_node *node)
{
	while (node && (node->rb_left || node->rb_right))
		node = node->rb_left ? node->rb_left : node->rb_right;
	return node;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return deepest(root->rb_node);
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent;

	if (!node)
		return NULL;
	parent = parent_of(node);
	if (parent && parent->rb_left == node && parent->rb_right)
		return deepest(parent->rb_right);
	return parent;
}
