/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Lists that RCU protects, so that readers can walk a list while it is changed.
 *
 * The caller excludes concurrent changes with a lock of its own.  The links to
 * the next entry, which readers see, are read as by rcu_dereference() and
 * written as by rcu_assign_pointer().
 */
#ifndef IOMMUFD_MODEL_KERNEL_RCULIST_H
#define IOMMUFD_MODEL_KERNEL_RCULIST_H

#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/rcupdate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** The link to the next entry, which RCU protects. */
#define list_next_rcu(list) ((list)->next)

/** @cond INTERNAL */
/*
 * Inserts @entry between two neighbours; readers see it after the last
 * assignment.
 */
#define __iommufd_model_list_add_rcu(entry, before, after) do {		\
	struct list_head *__entry = (entry), *__before = (before),	\
			 *__after = (after);				\
	__entry->next = __after;					\
	__entry->prev = __before;					\
	rcu_assign_pointer(list_next_rcu(__before), __entry);		\
	__after->prev = __entry;					\
} while (0)
/** @endcond */

/**
 * Makes an entry the first element of a list that others may be reading.
 * @param entry  an entry that is in no list
 * @param head   the list
 * @context Any; does not block.
 */
#define list_add_rcu(entry, head) do {					\
	struct list_head *__head = (head);				\
	__iommufd_model_list_add_rcu(entry, __head, __head->next);	\
} while (0)
/**
 * Makes an entry the last element of a list that others may be reading.
 * @param entry  an entry that is in no list
 * @param head   the list
 * @context Any; does not block.
 */
#define list_add_tail_rcu(entry, head) do {				\
	struct list_head *__head = (head);				\
	__iommufd_model_list_add_rcu(entry, __head->prev, __head);	\
} while (0)
/**
 * Unlinks an entry.  Readers that have reached it can still go on to the next
 * one, so the entry must stay valid until a grace period has passed.
 * @param entry  an entry that is in a list
 * @context Any; does not block.
 */
#define list_del_rcu(entry) do {					\
	struct list_head *__entry = (entry);				\
	__entry->next->prev = __entry->prev;				\
	WRITE_ONCE(list_next_rcu(__entry->prev), __entry->next);	\
	__entry->prev = NULL;						\
} while (0)
/**
 * Replaces an entry by another.  Readers may still use the old entry, as after
 * list_del_rcu().
 * @param old    an entry that is in a list
 * @param entry  an entry that is in no list
 * @context Any; does not block.
 */
#define list_replace_rcu(old, entry) do {				\
	struct list_head *__old = (old), *__new = (entry);		\
	__new->next = __old->next;					\
	__new->prev = __old->prev;					\
	rcu_assign_pointer(list_next_rcu(__new->prev), __new);		\
	__new->next->prev = __new;					\
	__old->prev = NULL;						\
} while (0)

/**
 * Reads the link @p ptr and gives the entry of type @p type that contains it.
 */
#define list_entry_rcu(ptr, type, member) \
	container_of(rcu_dereference_raw(ptr), type, member)

/**
 * Runs the loop body for each element of a list, in a read section.
 * @param pos   a pointer to the type of the elements
 * @param head  the list
 * @param ...   the name of the links in an element; optionally followed by a
 *   condition that is true if the lock of the writers is held
 * @errors A WARN of the kind IOMMUFD_MODEL_MISUSE_LOCK outside of a read
 *   section.
 */
#define list_for_each_entry_rcu(pos, head, ...) \
	__iommufd_model_each_rcu(pos, head, __VA_ARGS__, false, 0)
/** @cond INTERNAL */
#define __iommufd_model_each_rcu(pos, head, member, c, ...)		\
	for (iommufd_model_rcu_reader(c, IOMMUFD_MODEL_SITE(#head)),	\
	     pos = list_entry_rcu((head)->next, __typeof__(*pos),	\
				  member);				\
	     &pos->member != (head);					\
	     pos = list_entry_rcu(pos->member.next, __typeof__(*pos),	\
				  member))

static inline void
iommufd_model_rcu_reader(bool other, const struct iommufd_model_site *site)
{
	if (!other && !rcu_read_lock_held())
		iommufd_model_rcu_misuse(site);
}
/** @endcond */
/**
 * Gives the first element of a list, in a read section.
 * @return the element, or NULL if the list is empty
 */
#define list_first_or_null_rcu(head, type, member) __extension__({	\
	struct list_head *__head = (head);				\
	struct list_head *__first = rcu_dereference(__head->next);	\
	__first != __head ? container_of(__first, type, member) :	\
			    (type *)NULL;				\
})

/* Lists whose head is one pointer */

/**
 * Makes a node the first element of a list that others may be reading.
 * @param node  a node that is in no list
 * @param head  the list, a struct hlist_head
 * @context Any; does not block.
 */
#define hlist_add_head_rcu(node, head) do {				\
	struct hlist_node *__node = (node);				\
	struct hlist_head *__list = (head);				\
	struct hlist_node *__next = __list->first;			\
	__node->next = __next;						\
	__node->pprev = &__list->first;					\
	rcu_assign_pointer(__list->first, __node);			\
	if (__next)							\
		__next->pprev = &__node->next;				\
} while (0)
/** Unlinks a node, as list_del_rcu() unlinks an entry. */
#define hlist_del_rcu(node) do {					\
	struct hlist_node *__node = (node), *__next = __node->next;	\
	WRITE_ONCE(*__node->pprev, __next);				\
	if (__next)							\
		__next->pprev = __node->pprev;				\
	__node->pprev = NULL;						\
} while (0)
/** Unlinks a node, if it is in a list, and marks it as being in no list. */
#define hlist_del_init_rcu(node) do {					\
	struct hlist_node *__maybe = (node);				\
	if (__maybe->pprev)						\
		hlist_del_rcu(__maybe);					\
} while (0)
/**
 * Runs the loop body for each element of an hlist; see
 * list_for_each_entry_rcu().
 */
#define hlist_for_each_entry_rcu(pos, head, ...) \
	__iommufd_model_each_hrcu(pos, head, __VA_ARGS__, false, 0)
/** @cond INTERNAL */
#define __iommufd_model_each_hrcu(pos, head, member, c, ...)		\
	for (iommufd_model_rcu_reader(c, IOMMUFD_MODEL_SITE(#head)),	\
	     pos = hlist_entry_safe(rcu_dereference_raw((head)->first),	\
				    __typeof__(*(pos)), member);	\
	     pos;							\
	     pos = hlist_entry_safe(					\
		     rcu_dereference_raw((pos)->member.next),		\
		     __typeof__(*(pos)), member))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
