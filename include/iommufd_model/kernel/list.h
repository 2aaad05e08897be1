/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Circular doubly linked lists (list_), and lists whose head is one pointer
 * (hlist_).  The links are members of the elements.
 *
 * The caller protects a list with a lock of its own.  The operations here do
 * not pass the gate.  In watched code, list_empty() may be called without the
 * lock: the explorer then tries its order with what changes the list.
 */
#ifndef IOMMUFD_MODEL_KERNEL_LIST_H
#define IOMMUFD_MODEL_KERNEL_LIST_H

#include <iommufd_model/kernel/barrier.h>
#include <iommufd_model/kernel/kcsan_checks.h>
#include <iommufd_model/kernel/types.h>

/** The head of a list, or the links of an element. */
struct list_head {
	/** the next entry; in an empty list, the head */
	struct list_head *next,
		/** the previous entry; in an empty list, the head */
		*prev;
};

/** Initialises a static list @p name as empty. */
#define LIST_HEAD_INIT(name) { &(name), &(name) }
/** Defines an empty list @p name. */
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

/** @cond INTERNAL */
/*
 * The link of an entry to the next one.  list_empty() may read it without the
 * lock of the list, so in watched code these accesses are marked ones.
 */
#define IOMMUFD_MODEL_LINK(entry) \
	(*(struct list_head *volatile *)(uintptr_t)&(entry)->next)
/** @endcond */

/**
 * Initialises a list as empty.
 * @param list  the head of the list; its previous content is ignored
 */
static inline void INIT_LIST_HEAD(struct list_head *list)
{
	IOMMUFD_MODEL_LINK(list) = list;
	list->prev = list;
}

/**
 * Makes an entry the first element of a list.
 * @param entry  an entry that is in no list
 * @param head   the list
 */
static inline void list_add(struct list_head *entry, struct list_head *head)
{
	entry->next = head->next;
	entry->prev = head;
	head->next->prev = entry;
	IOMMUFD_MODEL_LINK(head) = entry;
}

/**
 * Makes an entry the last element of a list.
 * @param entry  an entry that is in no list
 * @param head   the list
 */
static inline void list_add_tail(struct list_head *entry,
				 struct list_head *head)
{
	list_add(entry, head->prev);
}

/** @cond INTERNAL */
/* Links the two neighbours of @entry with each other. */
static inline void iommufd_model_list_unlink(struct list_head *entry)
{
	IOMMUFD_MODEL_LINK(entry->prev) = entry->next;
	entry->next->prev = entry->prev;
}
/** @endcond */

/**
 * Unlinks an entry and sets its links to NULL.
 * @param entry  an entry that is in a list
 */
static inline void list_del(struct list_head *entry)
{
	iommufd_model_list_unlink(entry);
	entry->next = NULL;
	entry->prev = NULL;
}

/**
 * Unlinks an entry and initialises it as an empty list.
 * @param entry  an entry that is in a list, or that is an empty list
 */
static inline void list_del_init(struct list_head *entry)
{
	iommufd_model_list_unlink(entry);
	INIT_LIST_HEAD(entry);
}

/**
 * Does the same for an entry that another thread looks at without the lock of the
 * list: what precedes this call happened before what follows a list_empty_careful()
 * that finds the entry unlinked.
 * @param entry  an entry that is in a list, or that is an empty list
 */
static inline void list_del_init_careful(struct list_head *entry)
{
	iommufd_model_list_unlink(entry);
	entry->prev = entry;
	smp_store_release(&entry->next, entry);
}

/**
 * Tells whether a list is empty.
 * @param head  the list
 * @return true if it has no element
 */
static inline bool list_empty(const struct list_head *head)
{
	return IOMMUFD_MODEL_LINK(head) == head;
}

/**
 * @name Changes of a list
 * @{
 */
/**
 * Replaces an entry, or exchanges two entries.
 * @param old    an entry that is in a list
 * @param entry  list_replace(): an entry in no list, which replaces @p old;
 *   list_swap(): an entry that changes places with @p old
 */
static inline void list_replace(struct list_head *old, struct list_head *entry)
{
	entry->next = old->next;
	entry->next->prev = entry;
	entry->prev = old->prev;
	IOMMUFD_MODEL_LINK(entry->prev) = entry;
}

static inline void list_replace_init(struct list_head *old,
				     struct list_head *entry)
{
	list_replace(old, entry);
	INIT_LIST_HEAD(old);
}

static inline void list_swap(struct list_head *old, struct list_head *entry)
{
	struct list_head *before = entry->prev;

	list_del(entry);
	list_replace(old, entry);
	list_add(old, before == old ? entry : before);
}
/** @} */

/**
 * @name Moves between lists
 * @{
 */
/**
 * Moves an entry from its list to another.
 * @param entry  an entry that is in a list
 * @param head   the other list; the entry becomes its first element, or its
 *   last element in the functions with _tail
 */
static inline void list_move(struct list_head *entry, struct list_head *head)
{
	list_del(entry);
	list_add(entry, head);
}

static inline void list_move_tail(struct list_head *entry,
				  struct list_head *head)
{
	list_del(entry);
	list_add_tail(entry, head);
}
/** @} */

/**
 * @name Tests of a list
 * @{
 */
/**
 * Tells the position of an entry in its list.
 * @param entry  an entry
 * @param head   the list in which it is
 * @return list_is_first(), list_is_last(), list_is_head(): true if the entry is
 *   the first element, the last element, or the head itself
 */
static inline int list_is_first(const struct list_head *entry,
				const struct list_head *head)
{
	return entry->prev == head;
}

static inline int list_is_last(const struct list_head *entry,
			       const struct list_head *head)
{
	return entry->next == head;
}

static inline int list_is_head(const struct list_head *entry,
			       const struct list_head *head)
{
	return entry == head;
}
/** @} */

/**
 * Tells whether a list has exactly one element.
 * @param head  the list
 * @return true if it has exactly one
 */
static inline int list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

/**
 * Tells whether a list is empty, or whether an entry is in no list, without the lock
 * of the list.  See list_del_init_careful().
 * @param head  the list, or the entry
 * @return true if it has no element
 */
static inline int list_empty_careful(const struct list_head *head)
{
	const struct list_head *next = smp_load_acquire(&head->next);

	return next == head && data_race(head->prev) == head;
}

/**
 * Counts the elements of a list.
 * @param head  the list
 * @return the number
 */
static inline size_t list_count_nodes(struct list_head *head)
{
	struct list_head *pos;
	size_t n = 0;

	for (pos = head->next; pos != head; pos = pos->next)
		n++;
	return n;
}

/**
 * Makes the first element the last one.
 * @param head  the list
 */
static inline void list_rotate_left(struct list_head *head)
{
	if (!list_empty(head))
		list_move_tail(head->next, head);
}

/** @cond INTERNAL */
/* Inserts the elements of @list, which is not empty, after @prev. */
static inline void iommufd_model_list_splice(const struct list_head *list,
					     struct list_head *prev)
{
	struct list_head *first = list->next, *last = list->prev;

	last->next = prev->next;
	prev->next->prev = last;
	first->prev = prev;
	IOMMUFD_MODEL_LINK(prev) = first;
}
/** @endcond */

/**
 * @name Joins of lists
 * @{
 */
/**
 * Moves all elements of one list into another.
 * @param list  the source; the functions with _init make it empty, and after
 *   the others it must not be used
 * @param head   the destination; the elements come first in it, or last in the
 *   functions with _tail
 */
static inline void list_splice(const struct list_head *list,
			       struct list_head *head)
{
	if (!list_empty(list))
		iommufd_model_list_splice(list, head);
}

static inline void list_splice_tail(struct list_head *list,
				    struct list_head *head)
{
	if (!list_empty(list))
		iommufd_model_list_splice(list, head->prev);
}

static inline void list_splice_init(struct list_head *list,
				    struct list_head *head)
{
	list_splice(list, head);
	INIT_LIST_HEAD(list);
}

static inline void list_splice_tail_init(struct list_head *list,
					 struct list_head *head)
{
	list_splice_tail(list, head);
	INIT_LIST_HEAD(list);
}
/** @} */

/**
 * Moves the first elements of a list to another list.
 * @param list   the destination; its previous content is lost
 * @param head   the source
 * @param entry  the last element that is moved; @p head itself if none is
 */
static inline void list_cut_position(struct list_head *list,
				     struct list_head *head,
				     struct list_head *entry)
{
	INIT_LIST_HEAD(list);
	while (entry != head && !list_empty(head)) {
		struct list_head *first = head->next;

		list_move_tail(first, list);
		if (first == entry)
			break;
	}
}

/**
 * Moves a part of a list to the end of another.
 * @param head   the other list
 * @param first  the first element that is moved
 * @param last   the last element that is moved
 */
static inline void list_bulk_move_tail(struct list_head *head,
				       struct list_head *first,
				       struct list_head *last)
{
	IOMMUFD_MODEL_LINK(first->prev) = last->next;
	last->next->prev = first->prev;
	IOMMUFD_MODEL_LINK(head->prev) = first;
	first->prev = head->prev;
	last->next = head;
	head->prev = last;
}

/** Gives the element, of @p type, that has @p *ptr as its @p member. */
#define list_entry(ptr, type, member) container_of(ptr, type, member)
/** Gives the first element, of @p type, of a list that is not empty. */
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)
/** Gives the last element, of @p type, of a list that is not empty. */
#define list_last_entry(head, type, member) \
	list_entry((head)->prev, type, member)
/** Gives the first element, of @p type, of a list; NULL if it is empty. */
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? (type *)NULL : list_first_entry(head, type, member))
/** Gives the last element, of @p type, of a list; NULL if it is empty. */
#define list_last_entry_or_null(head, type, member) \
	(list_empty(head) ? (type *)NULL : list_last_entry(head, type, member))
/** Gives the element after @p pos. */
#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, __typeof__(*(pos)), member)
/** Gives the element before @p pos. */
#define list_prev_entry(pos, member) \
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)
/** Gives the element after @p pos, or the first one after the last. */
#define list_next_entry_circular(pos, head, member)			\
	(list_is_last(&(pos)->member, head) ?				\
		 list_first_entry(head, __typeof__(*(pos)), member) :	\
		 list_next_entry(pos, member))
/** Gives the element before @p pos, or the last one before the first. */
#define list_prev_entry_circular(pos, head, member)			\
	(list_is_first(&(pos)->member, head) ?				\
		 list_last_entry(head, __typeof__(*(pos)), member) :	\
		 list_prev_entry(pos, member))
/** Tells whether a loop over a list has come to the head, which ends it. */
#define list_entry_is_head(pos, head, member) (&(pos)->member == (head))

/** Runs the loop body for the links of each element of a list. */
#define list_for_each(pos, head) \
	for (pos = (head)->next; pos != (head); pos = pos->next)
/** Runs the body of list_for_each() from the last element to the first. */
#define list_for_each_prev(pos, head) \
	for (pos = (head)->prev; pos != (head); pos = pos->prev)
/** Works like list_for_each(), but the body may unlink and free @p pos. */
#define list_for_each_safe(pos, n, head)				\
	for (pos = (head)->next, n = pos->next; pos != (head);		\
	     pos = n, n = pos->next)

/**
 * Runs the loop body for each element of a list.
 * @param pos     a pointer that is set to each element in turn; after the loop
 *   it does not point to an element
 * @param head    the list; the body must not unlink @p pos
 * @param member  the struct list_head in the element
 */
#define list_for_each_entry(pos, head, member)                                \
	for (pos = list_entry((head)->next, __typeof__(*pos), member);        \
	     &pos->member != (head);                                          \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))

/**
 * Works like list_for_each_entry(), but the body may unlink and free @p pos.
 * @param pos     a pointer that is set to each element in turn
 * @param n       another pointer of the same type, used by the loop itself
 * @param head    the list
 * @param member  the struct list_head in the element
 */
#define list_for_each_entry_safe(pos, n, head, member)                        \
	for (pos = list_entry((head)->next, __typeof__(*pos), member),        \
	    n = list_entry(pos->member.next, __typeof__(*pos), member);       \
	     &pos->member != (head);                                          \
	     pos = n, n = list_entry(n->member.next, __typeof__(*n), member))

/** Works like list_for_each_entry(), from the last element to the first. */
#define list_for_each_entry_reverse(pos, head, member)			\
	for (pos = list_last_entry(head, __typeof__(*pos), member);	\
	     &pos->member != (head); pos = list_prev_entry(pos, member))
/** Works like list_for_each_entry(), but begins after @p pos. */
#define list_for_each_entry_continue(pos, head, member)			\
	for (pos = list_next_entry(pos, member);			\
	     &pos->member != (head); pos = list_next_entry(pos, member))
/** Works like list_for_each_entry_reverse(), but begins before @p pos. */
#define list_for_each_entry_continue_reverse(pos, head, member)		\
	for (pos = list_prev_entry(pos, member);			\
	     &pos->member != (head); pos = list_prev_entry(pos, member))
/** Works like list_for_each_entry(), but begins at @p pos. */
#define list_for_each_entry_from(pos, head, member)			\
	for (; &pos->member != (head); pos = list_next_entry(pos, member))
/** Works like list_for_each_entry_reverse(), but begins at @p pos. */
#define list_for_each_entry_from_reverse(pos, head, member)		\
	for (; &pos->member != (head); pos = list_prev_entry(pos, member))
/** Works like list_for_each_entry_reverse(), but the body may free @p pos. */
#define list_for_each_entry_safe_reverse(pos, n, head, member)		\
	for (pos = list_last_entry(head, __typeof__(*pos), member),	\
	    n = list_prev_entry(pos, member);				\
	     &pos->member != (head);					\
	     pos = n, n = list_prev_entry(n, member))
/** Works like list_for_each_entry_safe(), but begins at @p pos. */
#define list_for_each_entry_safe_from(pos, n, head, member)		\
	for (n = list_next_entry(pos, member); &pos->member != (head);	\
	     pos = n, n = list_next_entry(n, member))
/** Works like list_for_each_entry_safe(), but begins after @p pos. */
#define list_for_each_entry_safe_continue(pos, n, head, member)		\
	for (pos = list_next_entry(pos, member),			\
	    n = list_next_entry(pos, member);				\
	     &pos->member != (head);					\
	     pos = n, n = list_next_entry(n, member))

/** The head of an hlist, which is a single pointer. */
struct hlist_head {
	struct hlist_node *first;	/**< the first element, or NULL */
};

/** The links of an element of an hlist. */
struct hlist_node {
	struct hlist_node *next;	/**< the next element, or NULL */
	/**
	 * the pointer that points to this element; NULL if the element is in no
	 * list
	 */
	struct hlist_node **pprev;
};

/** Initialises a static struct hlist_head as empty. */
#define HLIST_HEAD_INIT { NULL }
/** Defines an empty list @p name. */
#define HLIST_HEAD(name) struct hlist_head name = HLIST_HEAD_INIT
/** Initialises a list as empty. */
#define INIT_HLIST_HEAD(head) ((void)((head)->first = NULL))
/** Gives the element, of @p type, that has @p *ptr as its @p member. */
#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
/** Gives the element that contains a node; NULL for NULL. */
#define hlist_entry_safe(ptr, type, member) __extension__({		\
	__typeof__(ptr) __node = (ptr);					\
	__node ? hlist_entry(__node, type, member) : (type *)NULL;	\
})

/**
 * Marks a node as being in no list.
 * @param node  the links of an element
 */
static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

/**
 * Tells whether a node is in no list.
 * @param node  the links of an element
 * @return true if it is in no list
 */
static inline int hlist_unhashed(const struct hlist_node *node)
{
	return !node->pprev;
}

/**
 * Tells whether a list is empty.
 * @param head  the list
 * @return true if it has no element
 */
static inline int hlist_empty(const struct hlist_head *head)
{
	return !head->first;
}

/**
 * Makes an element the first element of a list.
 * @param node  its links; the element must be in no list
 * @param head  the list
 */
static inline void hlist_add_head(struct hlist_node *node,
				  struct hlist_head *head)
{
	node->next = head->first;
	if (node->next)
		node->next->pprev = &node->next;
	head->first = node;
	node->pprev = &head->first;
}

/**
 * Inserts an element before another.
 * @param node  its links; the element must be in no list
 * @param next  the other element, which is in a list
 */
static inline void hlist_add_before(struct hlist_node *node,
				    struct hlist_node *next)
{
	node->pprev = next->pprev;
	node->next = next;
	next->pprev = &node->next;
	*node->pprev = node;
}

/**
 * Inserts an element after another.
 * @param node  its links; the element must be in no list
 * @param prev  the other element, which is in a list
 */
static inline void hlist_add_behind(struct hlist_node *node,
				    struct hlist_node *prev)
{
	node->next = prev->next;
	prev->next = node;
	node->pprev = &prev->next;
	if (node->next)
		node->next->pprev = &node->next;
}

/**
 * Unlinks an element that is in a list, and sets its links to NULL.
 * @param node  its links
 */
static inline void hlist_del(struct hlist_node *node)
{
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
	INIT_HLIST_NODE(node);
}

/**
 * Unlinks an element, if it is in a list.
 * @param node  its links
 */
static inline void hlist_del_init(struct hlist_node *node)
{
	if (!hlist_unhashed(node))
		hlist_del(node);
}

/** Runs the loop body for the links of each element. */
#define hlist_for_each(pos, head) \
	for (pos = (head)->first; pos; pos = pos->next)
/** Works like hlist_for_each(), but the body may unlink and free @p pos. */
#define hlist_for_each_safe(pos, n, head)				\
	for (pos = (head)->first; pos && (n = pos->next, 1); pos = n)
/** Runs the loop body for each element. */
#define hlist_for_each_entry(pos, head, member)				\
	for (pos = hlist_entry_safe((head)->first, __typeof__(*(pos)),	\
				    member);				\
	     pos;							\
	     pos = hlist_entry_safe((pos)->member.next,			\
				    __typeof__(*(pos)), member))
/** Works like hlist_for_each_entry(); the body may unlink and free @p pos. */
#define hlist_for_each_entry_safe(pos, n, head, member)			\
	for (pos = hlist_entry_safe((head)->first, __typeof__(*(pos)),	\
				    member);				\
	     pos && (n = (pos)->member.next, 1);			\
	     pos = hlist_entry_safe(n, __typeof__(*(pos)), member))

#endif
