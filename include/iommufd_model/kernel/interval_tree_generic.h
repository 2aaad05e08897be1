/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Defines the functions of an interval tree for elements of any type.
 */
#ifndef IOMMUFD_MODEL_KERNEL_INTERVAL_TREE_GENERIC_H
#define IOMMUFD_MODEL_KERNEL_INTERVAL_TREE_GENERIC_H

#include <iommufd_model/kernel/rbtree.h>

/** @cond INTERNAL */
/*
 * Searches the subtree of @node, in which an interval ends at @start or later.
 */
#define IOMMUFD_MODEL_INTERVAL_SEARCH(type, member, vtype, sublast,	\
				      START, LAST, prefix)		\
static inline type *prefix##_search(type *node, vtype start, vtype last) \
{									\
	for (;;) {							\
		struct rb_node *left = node->member.rb_left;		\
									\
		if (left && rb_entry(left, type, member)->sublast >= start) { \
			node = rb_entry(left, type, member);		\
			continue;					\
		}							\
		if (START(node) > last)					\
			return NULL;					\
		if (LAST(node) >= start)				\
			return node;					\
		if (!node->member.rb_right)				\
			return NULL;					\
		node = rb_entry(node->member.rb_right, type, member);	\
		if (node->sublast < start)				\
			return NULL;					\
	}								\
}
/** @endcond */

/**
 * Defines PREFIX_insert(), PREFIX_remove(), PREFIX_iter_first() and
 * PREFIX_iter_next(), which work like the functions of interval_tree.h.
 * @param type     the type of an element
 * @param member   the element's struct rb_node
 * @param vtype    the type of the bounds
 * @param sublast  a member of type @p vtype, which the functions use
 * @param START    gives the first number of an element's interval
 * @param LAST     gives the last number of an element's interval
 * @param linkage  static, or nothing
 * @param prefix   the beginning of the functions' names
 */
#define INTERVAL_TREE_DEFINE(type, member, vtype, sublast, START, LAST, \
			     linkage, prefix)				\
RB_DECLARE_CALLBACKS_MAX(static, prefix##_augment, type, member, vtype,	\
			 sublast, LAST)					\
IOMMUFD_MODEL_INTERVAL_SEARCH(type, member, vtype, sublast, START, LAST, \
			      prefix)					\
__attribute__((__unused__)) linkage void				\
prefix##_insert(type *node, struct rb_root_cached *root)		\
{									\
	struct rb_node **link = &root->rb_root.rb_node, *parent = NULL;	\
	vtype start = START(node), last = LAST(node);			\
	bool leftmost = true;						\
									\
	while (*link) {							\
		type *above = rb_entry(*link, type, member);		\
									\
		parent = *link;						\
		if (above->sublast < last)				\
			above->sublast = last;				\
		if (start < START(above)) {				\
			link = &parent->rb_left;			\
		} else {						\
			link = &parent->rb_right;			\
			leftmost = false;				\
		}							\
	}								\
	node->sublast = last;						\
	rb_link_node(&node->member, parent, link);			\
	if (leftmost)							\
		root->rb_leftmost = &node->member;			\
	rb_insert_augmented(&node->member, &root->rb_root,		\
			    &prefix##_augment);				\
}									\
__attribute__((__unused__)) linkage void				\
prefix##_remove(type *node, struct rb_root_cached *root)		\
{									\
	if (root->rb_leftmost == &node->member)				\
		root->rb_leftmost = rb_next(&node->member);		\
	rb_erase_augmented(&node->member, &root->rb_root,		\
			   &prefix##_augment);				\
}									\
__attribute__((__unused__)) linkage type *				\
prefix##_iter_first(struct rb_root_cached *root, vtype start, vtype last) \
{									\
	type *node;							\
									\
	if (!root->rb_root.rb_node)					\
		return NULL;						\
	node = rb_entry(root->rb_root.rb_node, type, member);		\
	if (node->sublast < start)					\
		return NULL;						\
	return prefix##_search(node, start, last);			\
}									\
__attribute__((__unused__)) linkage type *				\
prefix##_iter_next(type *node, vtype start, vtype last)			\
{									\
	struct rb_node *rb = &node->member, *right, *above;		\
									\
	for (;;) {							\
		right = rb->rb_right;					\
		if (right && rb_entry(right, type, member)->sublast >= start) \
			return prefix##_search(rb_entry(right, type, member), \
					       start, last);		\
		while ((above = rb_parent(rb)) && above->rb_right == rb) \
			rb = above;					\
		rb = above;						\
		if (!rb)						\
			return NULL;					\
		node = rb_entry(rb, type, member);			\
		if (START(node) > last)					\
			return NULL;					\
		if (LAST(node) >= start)				\
			return node;					\
	}								\
}

#endif
