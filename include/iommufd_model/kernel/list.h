/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Circular doubly linked lists.  The links are members of the elements.
 *
 * The caller protects a list with a lock of its own.  The operations here do
 * not pass the gate.
 */
#ifndef IOMMUFD_MODEL_KERNEL_LIST_H
#define IOMMUFD_MODEL_KERNEL_LIST_H

#include <iommufd_model/kernel/types.h>

/** The head of a list, or the links of an element. */
struct list_head {
	struct list_head *next, /**< the next; of an empty list, the head */
		*prev;		/**< the previous; of an empty list, the head */
};

/** Initialises a static list @p name as empty. */
#define LIST_HEAD_INIT(name) { &(name), &(name) }
/** Defines an empty list @p name. */
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

/**
 * Initialises a list as empty.
 * @param list  the head of the list; its previous content is ignored
 */
static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
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
	head->next = entry;
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

/**
 * Unlinks an entry and sets its links to NULL.
 * @param entry  an entry that is in a list
 */
static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	entry->next = NULL;
	entry->prev = NULL;
}

/**
 * Unlinks an entry and initialises it as an empty list.
 * @param entry  an entry that is in a list, or that is an empty list
 */
static inline void list_del_init(struct list_head *entry)
{
	list_del(entry);
	INIT_LIST_HEAD(entry);
}

/**
 * Tells whether a list is empty.
 * @param head  the list
 * @return true if it has no element
 */
static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/** Gives the element, of @p type, that has @p *ptr as its @p member. */
#define list_entry(ptr, type, member) container_of(ptr, type, member)
/** Gives the first element, of @p type, of a list that is not empty. */
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)

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
 * Is list_for_each_entry(), but the body may unlink and free @p pos.
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

#endif
