/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Balanced binary search trees.  The nodes are members of the elements.
 *
 * There are two ways to insert an element.  The user descends from the root to
 * the position of the new element, links it with rb_link_node(), and then calls
 * rb_insert_color().  Or the user passes a function that compares to rb_add(),
 * rb_find() and the like.
 *
 * A tree is a red-black tree: no path from the root is more than twice as long
 * as another.  The caller protects it with a lock of its own.  The operations
 * here do not pass the gate.  In watched code, their accesses are reported, and
 * RB_EMPTY_ROOT() may be called without the lock: the explorer then tries its
 * order with what changes the tree.
 */
#ifndef IOMMUFD_MODEL_KERNEL_RBTREE_H
#define IOMMUFD_MODEL_KERNEL_RBTREE_H

#include <iommufd_model/kernel/compiler.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A node. */
struct rb_node {
	/** the parent; the lowest bit is 1 if the node is black */
	unsigned long __rb_parent_color;
	struct rb_node *rb_right;	/**< the right child, or NULL */
	struct rb_node *rb_left;	/**< the left child, or NULL */
};

/** A tree. */
struct rb_root {
	struct rb_node *rb_node;	/**< the root, or NULL */
};

/** A tree that also has a pointer to its first node. */
struct rb_root_cached {
	struct rb_root rb_root;	/**< the tree */
	struct rb_node *rb_leftmost;	/**< the first node, or NULL */
};

/**
 * The functions of an augmented tree, whose nodes have data about their
 * subtrees.
 */
struct rb_augment_callbacks {
	/**
	 * Updates the data of @p node and of its ancestors up to, but without,
	 * @p stop.
	 */
	void (*propagate)(struct rb_node *node, struct rb_node *stop);
	/** Copies the data of @p old to @p now, which replaces it. */
	void (*copy)(struct rb_node *old, struct rb_node *now);
	/**
	 * Copies the data to @p now, and recomputes those of @p old, which is
	 * now its child.
	 */
	void (*rotate)(struct rb_node *old, struct rb_node *now);
};

#ifdef __cplusplus
#define RB_ROOT (rb_root{ NULL })	/**< an empty tree */
/** an empty tree */
#define RB_ROOT_CACHED (rb_root_cached{ { NULL }, NULL })
#else
#define RB_ROOT ((struct rb_root){ NULL })	/**< an empty tree */
/** an empty tree */
#define RB_ROOT_CACHED ((struct rb_root_cached){ { NULL }, NULL })
#endif

/** Gives the parent of a node, or NULL. */
#define rb_parent(node) \
	((struct rb_node *)((node)->__rb_parent_color & ~3ul))
/**
 * Gives the element of type @p type that has the node @p ptr as its @p member.
 */
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
/** Does the same as rb_entry(); NULL for NULL. */
#define rb_entry_safe(ptr, type, member) __extension__({		\
	__typeof__(ptr) __node = (ptr);					\
	__node ? rb_entry(__node, type, member) : (type *)NULL;		\
})
/** @cond INTERNAL */
/*
 * A pointer to a child, or to the root.  RB_EMPTY_ROOT() may read it without the lock
 * of the tree, so in watched code these accesses are marked ones.
 */
#define IOMMUFD_MODEL_RB_LINK(link) \
	(*(struct rb_node *volatile *)(uintptr_t)(link))
/** @endcond */
/** Tells whether a tree is empty. */
#define RB_EMPTY_ROOT(root) (!IOMMUFD_MODEL_RB_LINK(&(root)->rb_node))
/** Tells whether RB_CLEAR_NODE() has marked a node as being in no tree. */
#define RB_EMPTY_NODE(node) \
	((node)->__rb_parent_color == (unsigned long)(node))
/** Marks a node as being in no tree. */
#define RB_CLEAR_NODE(node) \
	((void)((node)->__rb_parent_color = (unsigned long)(node)))
/** Gives the first node of a struct rb_root_cached, or NULL. */
#define rb_first_cached(root) ((root)->rb_leftmost)

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define rb_first iommufd_model_rb_first
#define rb_last iommufd_model_rb_last
#define rb_next iommufd_model_rb_next
#define rb_prev iommufd_model_rb_prev
#define rb_first_postorder iommufd_model_rb_first_postorder
#define rb_next_postorder iommufd_model_rb_next_postorder
#define rb_replace_node iommufd_model_rb_replace_node
/** @endcond */

/**
 * @name Ends of a tree
 * @{
 */
/**
 * Finds a first or last node.
 * @param root  the tree
 * @return the first node, the last node, or the first node in postorder, in
 *   which each node follows its children; NULL if the tree is empty
 */
IOMMUFD_MODEL_API struct rb_node *rb_first(const struct rb_root *root);

IOMMUFD_MODEL_API struct rb_node *rb_last(const struct rb_root *root);

IOMMUFD_MODEL_API struct rb_node *
rb_first_postorder(const struct rb_root *root);
/** @} */

/**
 * @name Neighbours
 * @{
 */
/**
 * Finds the neighbour of a node.
 * @param node  the node, or NULL for rb_next_postorder()
 * @return the next node, the previous node, or the next node in postorder, in
 *   which each node follows its children; NULL if there is none
 */
IOMMUFD_MODEL_API struct rb_node *rb_next(const struct rb_node *node);

IOMMUFD_MODEL_API struct rb_node *rb_prev(const struct rb_node *node);

IOMMUFD_MODEL_API struct rb_node *
rb_next_postorder(const struct rb_node *node);
/** @} */

/**
 * Replaces a node of a tree by a node that is in no tree.
 * @param victim  the node that is removed
 * @param now     the node that replaces it
 * @param root    the tree
 */
IOMMUFD_MODEL_API void rb_replace_node(struct rb_node *victim,
				       struct rb_node *now,
				       struct rb_root *root);

/**
 * Rebalances a tree after a node was linked.  rb_insert_color() calls it.
 * @param node     the node
 * @param root     the tree
 * @param augment  the functions of an augmented tree; NULL for other trees
 */
IOMMUFD_MODEL_API void
iommufd_model_rb_insert(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment);

/**
 * Removes a node.  rb_erase() calls it.
 * @param node     the node
 * @param root     the tree
 * @param augment  the functions of an augmented tree; NULL for other trees
 */
IOMMUFD_MODEL_API void
iommufd_model_rb_erase(struct rb_node *node, struct rb_root *root,
		       const struct rb_augment_callbacks *augment);

/** Rebalances the tree after rb_link_node(). */
#define rb_insert_color(node, root) iommufd_model_rb_insert(node, root, NULL)
/** Removes a node from its tree. */
#define rb_erase(node, root) iommufd_model_rb_erase(node, root, NULL)
/** Does rb_insert_color() for an augmented tree. */
#define rb_insert_augmented(node, root, augment) \
	iommufd_model_rb_insert(node, root, augment)
/** Does rb_erase() for an augmented tree. */
#define rb_erase_augmented(node, root, augment) \
	iommufd_model_rb_erase(node, root, augment)

/**
 * Links a new node as a leaf.  rb_insert_color() must follow.
 * @param node    the node
 * @param parent  its parent, or NULL in an empty tree
 * @param link    the pointer in the parent, or in the root, that will point to
 *   the node
 */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	IOMMUFD_MODEL_RB_LINK(link) = node;
}

/**
 * Removes a node from a struct rb_root_cached.
 * @param node  the node
 * @param root  the tree
 * @return the new first node if the first node was removed, otherwise NULL
 */
static inline struct rb_node *rb_erase_cached(struct rb_node *node,
					      struct rb_root_cached *root)
{
	struct rb_node *leftmost = NULL;

	if (root->rb_leftmost == node) {
		leftmost = rb_next(node);
		root->rb_leftmost = leftmost;
	}
	rb_erase(node, &root->rb_root);
	return leftmost;
}

/**
 * Rebalances a struct rb_root_cached after rb_link_node().
 * @param node      the node
 * @param root      the tree
 * @param leftmost  true if the node is the first one
 */
static inline void rb_insert_color_cached(struct rb_node *node,
					  struct rb_root_cached *root,
					  bool leftmost)
{
	if (leftmost)
		root->rb_leftmost = node;
	rb_insert_color(node, &root->rb_root);
}

/**
 * Inserts a node into a tree, after all nodes that are equal to it.
 * @param node  the node
 * @param root  the tree
 * @param less  tells whether its first argument comes before its second
 */
static inline void rb_add(struct rb_node *node, struct rb_root *root,
			  bool (*less)(struct rb_node *,
				       const struct rb_node *))
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = less(node, parent) ? &parent->rb_left :
					    &parent->rb_right;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, root);
}

/**
 * Inserts a node into a struct rb_root_cached, as rb_add() does.
 * @param node  the node
 * @param root  the tree
 * @param less  tells whether its first argument comes before its second
 * @return @p node if it is the first node now, otherwise NULL
 */
static inline struct rb_node *
rb_add_cached(struct rb_node *node, struct rb_root_cached *root,
	      bool (*less)(struct rb_node *, const struct rb_node *))
{
	bool leftmost = !root->rb_leftmost || less(node, root->rb_leftmost);

	rb_add(node, &root->rb_root, less);
	if (!leftmost)
		return NULL;
	root->rb_leftmost = node;
	return node;
}

/**
 * Inserts a node into a tree, unless the tree has an equal node.
 * @param node  the node
 * @param root  the tree
 * @param cmp   compares the new node with a node of the tree; its result is
 *   negative, 0 or positive
 * @return the equal node, or NULL if @p node was inserted
 */
static inline struct rb_node *
rb_find_add(struct rb_node *node, struct rb_root *root,
	    int (*cmp)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &root->rb_node, *parent = NULL;
	int order;

	while (*link) {
		parent = *link;
		order = cmp(node, parent);
		if (!order)
			return parent;
		link = order < 0 ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, root);
	return NULL;
}

/**
 * @name Searches
 * @{
 */
/**
 * Searches for a node.
 * @param key   the key of the node
 * @param root  the tree
 * @param cmp   compares the key with a node; its result is negative, 0 or
 *   positive
 * @return a node with an equal key, for rb_find_first() the first one; or NULL
 */
static inline struct rb_node *
rb_find(const void *key, const struct rb_root *root,
	int (*cmp)(const void *, const struct rb_node *))
{
	struct rb_node *node = root->rb_node;
	int order;

	while (node) {
		order = cmp(key, node);
		if (!order)
			break;
		node = order < 0 ? node->rb_left : node->rb_right;
	}
	return node;
}

static inline struct rb_node *
rb_find_first(const void *key, const struct rb_root *root,
	      int (*cmp)(const void *, const struct rb_node *))
{
	struct rb_node *node = root->rb_node, *found = NULL;
	int order;

	while (node) {
		order = cmp(key, node);
		if (!order)
			found = node;
		node = order <= 0 ? node->rb_left : node->rb_right;
	}
	return found;
}
/** @} */

/**
 * Runs the loop body for each element in postorder; the body may free the
 * element.
 */
#define rbtree_postorder_for_each_entry_safe(pos, n, root, member)	\
	for (pos = rb_entry_safe(rb_first_postorder(root),		\
				 __typeof__(*pos), member);		\
	     pos && (n = rb_entry_safe(rb_next_postorder(&pos->member),	\
				       __typeof__(*pos), member), 1);	\
	     pos = n)

/** @cond INTERNAL */
/*
 * Defines the functions of a tree in which the member @augmented of an element
 * is the largest value in its subtree.  @compute gives the value of one
 * element.
 */
#define RB_DECLARE_CALLBACKS_MAX(linkage, name, type, member, vtype,	\
				 augmented, compute)			\
static inline bool name##_compute_max(type *element, bool exit)		\
{									\
	vtype most = compute(element), below;				\
									\
	if (element->member.rb_left) {					\
		below = rb_entry(element->member.rb_left, type,		\
				 member)->augmented;			\
		most = below > most ? below : most;			\
	}								\
	if (element->member.rb_right) {					\
		below = rb_entry(element->member.rb_right, type,	\
				 member)->augmented;			\
		most = below > most ? below : most;			\
	}								\
	if (exit && element->augmented == most)				\
		return true;						\
	element->augmented = most;					\
	return false;							\
}									\
RB_DECLARE_CALLBACKS(linkage, name, type, member, augmented,		\
		     name##_compute_max)

#define RB_DECLARE_CALLBACKS(linkage, name, type, member, augmented,	\
			     compute)					\
static inline void name##_propagate(struct rb_node *node,		\
				    struct rb_node *stop)		\
{									\
	for (; node != stop; node = rb_parent(node))			\
		if (compute(rb_entry(node, type, member), true))	\
			break;						\
}									\
static inline void name##_copy(struct rb_node *old, struct rb_node *now) \
{									\
	rb_entry(now, type, member)->augmented =			\
		rb_entry(old, type, member)->augmented;			\
}									\
static void name##_rotate(struct rb_node *old, struct rb_node *now)	\
{									\
	name##_copy(old, now);						\
	(void)compute(rb_entry(old, type, member), false);		\
}									\
linkage const struct rb_augment_callbacks name = {			\
	name##_propagate, name##_copy, name##_rotate			\
};
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
