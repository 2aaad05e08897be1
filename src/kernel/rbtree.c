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
 *
 * This file is not watched.  All accesses to nodes and roots are made by get(),
 * put(), get_up() and put_up(), which report them as accesses of the code that has
 * called the function of this file.  The links are written by marked accesses, as
 * RB_EMPTY_ROOT() may be called without the lock of the tree.
 */
#include "../watch/watch.h"
#include <iommufd_model/kernel/rbtree.h>

#define BLACK 1ul

/*
 * A function that takes the address of the code behind the call of the code under
 * test.  It is NULL if nobody wants to know of accesses, and then costs nothing, as
 * there are two copies of the function.
 */
#define FOR_CALLER static inline __attribute__((__always_inline__))
#define CALLER __builtin_return_address(0)
#define WATCHED __builtin_expect(iommufd_model_watch.mode, WATCH_OFF)

/* struct tree - a tree that is changed, and who called the function that does it */
struct tree {
	struct rb_root *root;
	const struct rb_augment_callbacks *augment;
	const void *pc;
};

FOR_CALLER void tell(const void *addr, unsigned int how, const void *pc)
{
	if (__builtin_expect(!!pc, 0))
		iommufd_model_watch_access(addr, sizeof(void *), how, pc);
}

FOR_CALLER struct rb_node *get(struct rb_node *const *link, const void *pc)
{
	tell(link, 0, pc);
	return *link;
}

FOR_CALLER void put(struct rb_node **link, struct rb_node *to, const void *pc)
{
	tell(link, WATCH_WRITE | WATCH_MARKED, pc);
	*link = to;
}

FOR_CALLER unsigned long get_up(const struct rb_node *node, const void *pc)
{
	tell(&node->__rb_parent_color, 0, pc);
	return node->__rb_parent_color;
}

FOR_CALLER void put_up(struct rb_node *node, unsigned long up, const void *pc)
{
	tell(&node->__rb_parent_color, WATCH_WRITE, pc);
	node->__rb_parent_color = up;
}

FOR_CALLER struct rb_node *parent_of(const struct rb_node *node, const void *pc)
{
	return (struct rb_node *)(get_up(node, pc) & ~BLACK);
}

FOR_CALLER bool is_red(const struct rb_node *node, const void *pc)
{
	return node && !(get_up(node, pc) & BLACK);
}

FOR_CALLER void set_parent(struct rb_node *node, const struct rb_node *parent,
			   const void *pc)
{
	put_up(node, (unsigned long)parent | (get_up(node, pc) & BLACK), pc);
}

FOR_CALLER void set_black(struct rb_node *node, const void *pc)
{
	put_up(node, get_up(node, pc) | BLACK, pc);
}

FOR_CALLER void set_red(struct rb_node *node, const void *pc)
{
	put_up(node, get_up(node, pc) & ~BLACK, pc);
}

FOR_CALLER void copy_colour(struct rb_node *node, const struct rb_node *from,
			    const void *pc)
{
	put_up(node, (get_up(node, pc) & ~BLACK) | (get_up(from, pc) & BLACK),
	       pc);
}

static struct rb_node **link_to(struct rb_node *node, bool left)
{
	return left ? &node->rb_left : &node->rb_right;
}

FOR_CALLER struct rb_node *child(const struct rb_node *node, bool left,
				 const void *pc)
{
	return get(left ? &node->rb_left : &node->rb_right, pc);
}

/*
 * Makes @now the child of @parent in place of @old, or the root if @parent is
 * NULL.
 */
FOR_CALLER void change_child(struct rb_node *old, struct rb_node *now,
			     struct rb_node *parent, struct rb_root *root,
			     const void *pc)
{
	if (!parent)
		put(&root->rb_node, now, pc);
	else
		put(link_to(parent, child(parent, true, pc) == old), now, pc);
}

/*
 * Rotates @node down to the left if @left, otherwise to the right; a child
 * moves up.
 */
FOR_CALLER void rotate(struct rb_node *node, bool left, const struct tree *tree)
{
	const void *pc = tree->pc;
	struct rb_node *up = child(node, !left, pc);
	struct rb_node *middle = child(up, left, pc);
	struct rb_node *parent = parent_of(node, pc);

	put(link_to(node, !left), middle, pc);
	if (middle)
		set_parent(middle, node, pc);
	put(link_to(up, left), node, pc);
	change_child(node, up, parent, tree->root, pc);
	set_parent(up, parent, pc);
	set_parent(node, up, pc);
	if (tree->augment)
		tree->augment->rotate(node, up);
}

FOR_CALLER void insert(struct rb_node *node, const struct tree *tree)
{
	const void *pc = tree->pc;
	struct rb_node *parent, *grand, *uncle;
	bool left;

	while ((parent = parent_of(node, pc)) && is_red(parent, pc)) {
		grand = parent_of(parent, pc);
		left = child(grand, true, pc) == parent;
		uncle = child(grand, !left, pc);
		if (is_red(uncle, pc)) {
			set_black(parent, pc);
			set_black(uncle, pc);
			set_red(grand, pc);
			node = grand;
			continue;
		}
		if (node == child(parent, !left, pc)) {
			rotate(parent, left, tree);
			parent = node;
		}
		set_black(parent, pc);
		set_red(grand, pc);
		rotate(grand, !left, tree);
		break;
	}
	set_black(get(&tree->root->rb_node, pc), pc);
}

void iommufd_model_rb_insert(struct rb_node *node, struct rb_root *root,
			     const struct rb_augment_callbacks *augment)
{
	if (WATCHED)
		insert(node, &(const struct tree){ root, augment, CALLER });
	else
		insert(node, &(const struct tree){ root, augment, NULL });
}

/*
 * Repairs the tree.  The paths through @node, a child of @parent that may be
 * NULL, have one black node too few.
 */
FOR_CALLER void repair(struct rb_node *node, struct rb_node *parent,
		       const struct tree *tree)
{
	const void *pc = tree->pc;
	struct rb_node *sibling;
	bool left;

	while (parent && !is_red(node, pc)) {
		left = child(parent, true, pc) == node;
		sibling = child(parent, !left, pc);
		if (is_red(sibling, pc)) {
			set_black(sibling, pc);
			set_red(parent, pc);
			rotate(parent, left, tree);
			sibling = child(parent, !left, pc);
		}
		if (!is_red(child(sibling, true, pc), pc) &&
		    !is_red(child(sibling, false, pc), pc)) {
			set_red(sibling, pc);
			node = parent;
			parent = parent_of(node, pc);
			continue;
		}
		if (!is_red(child(sibling, !left, pc), pc)) {
			set_black(child(sibling, left, pc), pc);
			set_red(sibling, pc);
			rotate(sibling, !left, tree);
			sibling = child(parent, !left, pc);
		}
		copy_colour(sibling, parent, pc);
		set_black(parent, pc);
		set_black(child(sibling, !left, pc), pc);
		rotate(parent, left, tree);
		return;
	}
	if (node)
		set_black(node, pc);
}

/* Removes @node, which has at most one child. */
FOR_CALLER void unlink_node(struct rb_node *node, const struct tree *tree)
{
	const void *pc = tree->pc;
	struct rb_node *left = child(node, true, pc);
	struct rb_node *below = left ? left : child(node, false, pc);
	struct rb_node *parent = parent_of(node, pc);

	change_child(node, below, parent, tree->root, pc);
	if (below)
		set_parent(below, parent, pc);
	if (tree->augment && parent)
		tree->augment->propagate(parent, NULL);
	if (!is_red(node, pc))
		repair(below, parent, tree);
}

FOR_CALLER void replace(struct rb_node *victim, struct rb_node *now,
			struct rb_root *root, const void *pc)
{
	struct rb_node *left = child(victim, true, pc);
	struct rb_node *right = child(victim, false, pc);

	put(&now->rb_left, left, pc);
	put(&now->rb_right, right, pc);
	put_up(now, get_up(victim, pc), pc);
	if (left)
		set_parent(left, now, pc);
	if (right)
		set_parent(right, now, pc);
	change_child(victim, now, parent_of(now, pc), root, pc);
}

void rb_replace_node(struct rb_node *victim, struct rb_node *now,
		     struct rb_root *root)
{
	if (WATCHED)
		replace(victim, now, root, CALLER);
	else
		replace(victim, now, root, NULL);
}

FOR_CALLER void erase(struct rb_node *node, const struct tree *tree)
{
	const void *pc = tree->pc;
	struct rb_node *next, *left;

	if (!child(node, true, pc) || !child(node, false, pc)) {
		unlink_node(node, tree);
		return;
	}
	/*
	 * The successor has no left child.  Unlink it and put it in the
	 * position of @node.
	 */
	for (next = child(node, false, pc); (left = child(next, true, pc));)
		next = left;
	unlink_node(next, tree);
	replace(node, next, tree->root, pc);
	if (tree->augment) {
		tree->augment->copy(node, next);
		tree->augment->propagate(next, NULL);
	}
}

void iommufd_model_rb_erase(struct rb_node *node, struct rb_root *root,
			    const struct rb_augment_callbacks *augment)
{
	if (WATCHED)
		erase(node, &(const struct tree){ root, augment, CALLER });
	else
		erase(node, &(const struct tree){ root, augment, NULL });
}

FOR_CALLER struct rb_node *end(struct rb_node *node, bool left, const void *pc)
{
	struct rb_node *next = node;

	for (; next; next = child(node, left, pc))
		node = next;
	return node;
}

/* Returns the next node if not @left, otherwise the previous one; or NULL. */
FOR_CALLER struct rb_node *neighbour(const struct rb_node *node, bool left,
				     const void *pc)
{
	struct rb_node *parent, *below;

	/* That is RB_EMPTY_NODE(). */
	if (get_up(node, pc) == (unsigned long)node)
		return NULL;
	below = child(node, left, pc);
	if (below)
		return end(below, !left, pc);
	for (; (parent = parent_of(node, pc)); node = parent)
		if (child(parent, left, pc) != node)
			break;
	return parent;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return WATCHED ? end(get(&root->rb_node, CALLER), true, CALLER) :
			 end(root->rb_node, true, NULL);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return WATCHED ? end(get(&root->rb_node, CALLER), false, CALLER) :
			 end(root->rb_node, false, NULL);
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return WATCHED ? neighbour(node, false, CALLER) :
			 neighbour(node, false, NULL);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return WATCHED ? neighbour(node, true, CALLER) :
			 neighbour(node, true, NULL);
}

/* Returns a leaf below @node: goes to the left child if there is one. */
FOR_CALLER struct rb_node *deepest(struct rb_node *node, const void *pc)
{
	struct rb_node *next = node;

	while (next) {
		node = next;
		next = child(node, true, pc);
		if (!next)
			next = child(node, false, pc);
	}
	return node;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return WATCHED ? deepest(get(&root->rb_node, CALLER), CALLER) :
			 deepest(root->rb_node, NULL);
}

FOR_CALLER struct rb_node *next_postorder(const struct rb_node *node,
					  const void *pc)
{
	struct rb_node *parent = parent_of(node, pc), *right;

	if (!parent || child(parent, true, pc) != node)
		return parent;
	right = child(parent, false, pc);
	return right ? deepest(right, pc) : parent;
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	if (!node)
		return NULL;
	return WATCHED ? next_postorder(node, CALLER) :
			 next_postorder(node, NULL);
}
