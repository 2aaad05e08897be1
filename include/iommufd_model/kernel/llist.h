/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Singly linked lists that need no lock.  The links are members of the elements.
 *
 * Any number of threads may add elements with llist_add() while one or more take
 * the whole list with llist_del_all().  Only one thread at a time may call
 * llist_del_first(), and while it does, no other thread may call
 * llist_del_all(): otherwise the element that it has read as the next one may
 * have left the list, and be there again.
 *
 * Adding and removing are operations at the gate, on the head of the list.  The
 * links are plain memory: an element belongs to the thread that took it.
 */
#ifndef IOMMUFD_MODEL_KERNEL_LLIST_H
#define IOMMUFD_MODEL_KERNEL_LLIST_H

#include <iommufd_model/kernel/atomic.h>
#include <iommufd_model/kernel/barrier.h>
#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** The links of an element. */
struct llist_node {
	struct llist_node *next;	/**< the next element, or NULL */
};

/** A list; the element that was added last is the first. */
struct llist_head {
	struct llist_node *first;	/**< the first element, or NULL */
};

/** Initialises a static list @p name as empty. */
#define LLIST_HEAD_INIT(name) { NULL }
/** Defines an empty list @p name. */
#define LLIST_HEAD(name) struct llist_head name = LLIST_HEAD_INIT(name)

/**
 * Initialises a list as empty.
 * @param list  the list, which no other thread uses
 */
static inline void init_llist_head(struct llist_head *list)
{
	list->first = NULL;
}

/**
 * Initialises a node so that llist_on_list() can tell that it is in no list.
 * @param node  the node
 */
static inline void init_llist_node(struct llist_node *node)
{
	WRITE_ONCE(node->next, node);
}

/**
 * Tells whether a node that init_llist_node() has initialised is in a list.
 * @param node  the node
 * @return true if it was added and not removed by llist_del_first_init()
 */
static inline bool llist_on_list(const struct llist_node *node)
{
	return READ_ONCE(node->next) != node;
}

/** Gives the element that contains a node. */
#define llist_entry(ptr, type, member) container_of(ptr, type, member)

/** @cond INTERNAL */
#define __iommufd_model_llist_entry(ptr, type, member) __extension__({	\
	struct llist_node *__lnode = (ptr);				\
	__lnode ? llist_entry(__lnode, type, member) : (type *)NULL;	\
})
/** @endcond */

/**
 * @name Walking a list
 * The list is one that llist_del_all() has returned, and that no other thread
 * uses.  The first argument of each macro is the loop variable, the element or
 * the node; it is NULL after the loop.
 * @{
 */
/** Runs the loop body for each node from @p node on. */
#define llist_for_each(pos, node) \
	for ((pos) = (node); pos; (pos) = (pos)->next)
/** Works like llist_for_each(), but the body may free @p pos. */
#define llist_for_each_safe(pos, n, node)				\
	for ((pos) = (node); (pos) && ((n) = (pos)->next, true); (pos) = (n))
/** Runs the loop body for each element from that of @p node on. */
#define llist_for_each_entry(pos, node, member)				\
	for ((pos) = __iommufd_model_llist_entry(node, __typeof__(*(pos)), \
						 member);		\
	     pos;							\
	     (pos) = __iommufd_model_llist_entry((pos)->member.next,	\
						 __typeof__(*(pos)), member))
/** Works like llist_for_each_entry(), but the body may free @p pos. */
#define llist_for_each_entry_safe(pos, n, node, member)			\
	for ((pos) = __iommufd_model_llist_entry(node, __typeof__(*(pos)), \
						 member);		\
	     (pos) &&							\
		     ((n) = __iommufd_model_llist_entry((pos)->member.next, \
							__typeof__(*(pos)), \
							member), true);	\
	     (pos) = (n))
/** @} */

/**
 * Tells whether a list is empty.
 * @param head  the list
 * @return true if it had no element; another thread may have added one since
 * @context Any; does not block.
 */
#define llist_empty(head) (!READ_ONCE((head)->first))

/**
 * Gives the next node.
 * @param node  a node of a list that no other thread uses
 * @return the next node, or NULL
 */
static inline struct llist_node *llist_next(struct llist_node *node)
{
	return node->next;
}

/** @cond INTERNAL */
static inline bool
iommufd_model_llist_add(struct llist_node *first, struct llist_node *last,
			struct llist_head *head,
			const struct iommufd_model_site *site)
{
	struct llist_node *old;

	old = (struct llist_node *)iommufd_model_exchange(
		IOMMUFD_MODEL_OP_ATOMIC_READ, &head->first,
		IOMMUFD_MODEL_ATOMIC_RELAXED | 8u, 0, 0, site);
	do
		last->next = old;
	while (!iommufd_model_try_exchange(&head->first, 8u, &old, (long)first,
					   site));
	return !old;
}

static inline struct llist_node *
iommufd_model_llist_take(struct llist_head *head,
			 const struct iommufd_model_site *site)
{
	return (struct llist_node *)iommufd_model_exchange(
		IOMMUFD_MODEL_OP_ATOMIC_XCHG, &head->first, 8u, 0, 0, site);
}
/** @endcond */

/**
 * Adds nodes that are linked already to the front of a list.
 * @param first  the first of them
 * @param last   the last of them; may be @p first
 * @param head   the list
 * @return true if the list was empty
 * @ownership They belong to the thread that takes them from the list.
 * @context Any; does not block.
 */
#define llist_add_batch(first, last, head) \
	iommufd_model_llist_add(first, last, head, IOMMUFD_MODEL_SITE(#head))
/**
 * Adds a node to the front of a list.
 * @param node  the node, which is in no list
 * @param head  the list
 * @return true if the list was empty
 * @ownership The element belongs to the thread that takes it from the list.
 * @context Any; does not block.
 */
#define llist_add(node, head) __extension__({				\
	struct llist_node *__lnew = (node);				\
	llist_add_batch(__lnew, __lnew, head);				\
})
/**
 * Does llist_add_batch() for a list that no other thread uses.
 * @param first  the first node
 * @param last   the last node
 * @param head   the list
 * @return true if the list was empty
 */
static inline bool __llist_add_batch(struct llist_node *first,
				     struct llist_node *last,
				     struct llist_head *head)
{
	last->next = head->first;
	head->first = first;
	return !last->next;
}
/** Does llist_add() for a list that no other thread uses. */
#define __llist_add(node, head) __extension__({				\
	struct llist_node *__lnew = (node);				\
	__llist_add_batch(__lnew, __lnew, head);			\
})

/**
 * Takes all elements.
 * @param head  the list, which is empty afterwards
 * @return the first node, that of the element that was added last; or NULL
 * @ownership The elements belong to the caller.
 * @context Any; does not block.
 */
#define llist_del_all(head) \
	iommufd_model_llist_take(head, IOMMUFD_MODEL_SITE(#head))
/** Does llist_del_all() for a list that no other thread uses. */
#define __llist_del_all(head) __extension__({				\
	struct llist_head *__lhead = (head);				\
	struct llist_node *__lall = __lhead->first;			\
	__lhead->first = NULL;						\
	__lall;								\
})

/**
 * Takes the first element.  No other thread may do this at the same time, nor
 * take all elements; others may add some.
 * @param head  the list
 * @return the node that was added last, or NULL
 * @ownership The element belongs to the caller.
 * @context Any; does not block.
 */
#define llist_del_first(head) __extension__({				\
	struct llist_head *__lhead = (head);				\
	struct llist_node *__lone = smp_load_acquire(&__lhead->first);	\
	while (__lone && !try_cmpxchg(&__lhead->first, &__lone,		\
				      READ_ONCE(__lone->next)))		\
		smp_rmb();						\
	__lone;								\
})
/** Does llist_del_first() and init_llist_node(). */
#define llist_del_first_init(head) __extension__({			\
	struct llist_node *__ltaken = llist_del_first(head);		\
	if (__ltaken)							\
		init_llist_node(__ltaken);				\
	__ltaken;							\
})

/**
 * Reverses a list that no other thread uses, so that the element that was added
 * first is the first.
 * @param head  the first node, or NULL
 * @return the new first node
 */
static inline struct llist_node *llist_reverse_order(struct llist_node *head)
{
	struct llist_node *reversed = NULL, *next;

	while (head) {
		next = head->next;
		head->next = reversed;
		reversed = head;
		head = next;
	}
	return reversed;
}

IOMMUFD_MODEL_END_DECLS

#endif
