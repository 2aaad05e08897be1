/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Circular doubly linked list whose links sit in the elements.  The caller's
 * lock guards a list; no operation here is a step another thread could see.
 */
#ifndef IOMMUFD_MODEL_KERNEL_LIST_H
#define IOMMUFD_MODEL_KERNEL_LIST_H

#include <iommufd_model/kernel/types.h>

/** A list, or the place of an element in one. */
struct list_head {
	struct list_head *next, /**< the next one; of an empty list itself */
		*prev;		/**< the one before; of an empty list itself */
};

/** Initialises a static list @p name: empty. */
#define LIST_HEAD_INIT(name) { &(name), &(name) }
/** Defines an empty list @p name. */
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

/**
 * Makes a list empty, whatever it was.
 * @param list  the list
 */
static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

/**
 * Makes an entry the first element of a list.
 * @param entry  in no list
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
 * @param entry  in no list
 * @param head   the list
 */
static inline void list_add_tail(struct list_head *entry,
				 struct list_head *head)
{
	list_add(entry, head->prev);
}

/**
 * Unlinks an entry; its links are then meaningless.
 * @param entry  in a list
 */
static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	entry->next = NULL;
	entry->prev = NULL;
}

/**
 * Unlinks an entry and leaves it an empty list.
 * @param entry  in a list, or an empty one
 */
static inline void list_del_init(struct list_head *entry)
{
	list_del(entry);
	INIT_LIST_HEAD(entry);
}

/**
 * Tells whether a list has no element.
 * @param head  the list
 * @return true if it has none
 */
static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/** Is container_of(): the element, of @p type, whose @p member is @p *ptr. */
#define list_entry(ptr, type, member) container_of(ptr, type, member)
/** The first element, of @p type, of a list that is not empty. */
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)

/**
 * Runs through a list with @p pos at each element in turn.
 * @param pos     a pointer to an element; at the end meaningless
 * @param head    the list; the body must not unlink @p pos
 * @param member  the struct list_head in the element
 */
#define list_for_each_entry(pos, head, member)                                \
	for (pos = list_entry((head)->next, __typeof__(*pos), member);        \
	     &pos->member != (head);                                          \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))

/**
 * Is list_for_each_entry() whose body may unlink and free @p pos.
 * @param pos     a pointer to an element; at the end meaningless
 * @param n       another one, for the loop's own use
 * @param head    the list
 * @param member  the struct list_head in the element
 */
#define list_for_each_entry_safe(pos, n, head, member)                        \
	for (pos = list_entry((head)->next, __typeof__(*pos), member),        \
	    n = list_entry(pos->member.next, __typeof__(*pos), member);       \
	     &pos->member != (head);                                          \
	     pos = n, n = list_entry(n->member.next, __typeof__(*n), member))

#endif
