/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Hash tables of a fixed size: arrays of hlists.
 *
 * The caller protects a table with a lock of its own.  With the forms for RCU,
 * readers may walk a table while it is changed; see rculist.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_HASHTABLE_H
#define IOMMUFD_MODEL_KERNEL_HASHTABLE_H

#include <iommufd_model/kernel/hash.h>
#include <iommufd_model/kernel/log2.h>
#include <iommufd_model/kernel/rculist.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** Defines an empty table @p name with 2 to the power of @p bits lists. */
#define DEFINE_HASHTABLE(name, bits) \
	struct hlist_head name[1 << (bits)] = { HLIST_HEAD_INIT }
/** Declares a table; it is also for members of structs. */
#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
/** Gives the number of lists of a table, which is an array. */
#define HASH_SIZE(name) (sizeof(name) / sizeof((name)[0]))
/** Gives the logarithm of HASH_SIZE(). */
#define HASH_BITS(name) ((unsigned int)ilog2(HASH_SIZE(name)))
/** Gives the hash of a number of 4 or 8 bytes. */
#define hash_min(val, bits)						\
	(sizeof(val) <= 4 ? hash_32((u32)(val), bits) :			\
			    hash_64((u64)(val), bits))

/** @cond INTERNAL */
static inline size_t iommufd_model_bucket(u64 key, size_t key_size,
					  size_t table_size)
{
	unsigned int bits =
		(unsigned int)ilog2(table_size / sizeof(struct hlist_head));

	if (!bits)
		return 0;
	return key_size <= 4 ? hash_32((u32)key, bits) : hash_64(key, bits);
}

#define __iommufd_model_bucket(table, key) \
	(&(table)[iommufd_model_bucket((u64)(key), sizeof(key), sizeof(table))])
/** @endcond */

/**
 * Initialises a table as empty.
 * @param table  the table, an array
 */
#define hash_init(table) do {						\
	size_t __n;							\
	for (__n = 0; __n < HASH_SIZE(table); __n++)			\
		INIT_HLIST_HEAD(&(table)[__n]);				\
} while (0)
/**
 * Adds an element.
 * @param table  the table, an array
 * @param node   the links of the element
 * @param key    the number by which the element is found
 */
#define hash_add(table, node, key) \
	hlist_add_head(node, __iommufd_model_bucket(table, key))
/** Does hash_add() to a table that others may be reading. */
#define hash_add_rcu(table, node, key) \
	hlist_add_head_rcu(node, __iommufd_model_bucket(table, key))
/** Tells whether an element is in a table. */
#define hash_hashed(node) (!hlist_unhashed(node))
/** Tells whether a table is empty. */
#define hash_empty(table) __extension__({				\
	size_t __n;							\
	bool __empty = true;						\
	for (__n = 0; __n < HASH_SIZE(table); __n++)			\
		__empty = __empty && hlist_empty(&(table)[__n]);	\
	__empty;							\
})
/** Removes an element, if it is in a table. */
#define hash_del(node) hlist_del_init(node)
/** Removes an element as hlist_del_init_rcu() does. */
#define hash_del_rcu(node) hlist_del_init_rcu(node)

/**
 * @name Walking a table
 * Each macro runs the loop body for the elements of a table, an array; @p pos is
 * a pointer to the type of the elements, and @p member the name of the links in
 * it.  The first three are for all elements, with @p bkt, an integer, as the
 * number of the list; the others for those of the list of @p key, which can also
 * have other keys.  The forms with _safe allow the body to remove @p pos; those
 * with _rcu are for a read section.
 * @{
 */
/** Walks all elements. */
#define hash_for_each(table, bkt, pos, member)				\
	for ((bkt) = 0, pos = NULL;					\
	     !pos && (size_t)(bkt) < HASH_SIZE(table); (bkt)++)		\
		hlist_for_each_entry(pos, &(table)[bkt], member)
/** Walks all elements, and the body may remove @p pos. */
#define hash_for_each_safe(table, bkt, tmp, pos, member)		\
	for ((bkt) = 0, pos = NULL;					\
	     !pos && (size_t)(bkt) < HASH_SIZE(table); (bkt)++)		\
		hlist_for_each_entry_safe(pos, tmp, &(table)[bkt], member)
/** Walks all elements in a read section. */
#define hash_for_each_rcu(table, bkt, pos, member)			\
	for ((bkt) = 0, pos = NULL;					\
	     !pos && (size_t)(bkt) < HASH_SIZE(table); (bkt)++)		\
		hlist_for_each_entry_rcu(pos, &(table)[bkt], member)
/** Walks the elements that may have a key. */
#define hash_for_each_possible(table, pos, member, key) \
	hlist_for_each_entry(pos, __iommufd_model_bucket(table, key), member)
/** Walks the elements that may have a key, and the body may remove @p pos. */
#define hash_for_each_possible_safe(table, pos, tmp, member, key)	\
	hlist_for_each_entry_safe(					\
		pos, tmp, __iommufd_model_bucket(table, key), member)
/**
 * Walks the elements that may have a key, in a read section.  The name of the
 * links and the key follow, and optionally a condition that is true if the lock
 * of the writers is held.
 */
#define hash_for_each_possible_rcu(table, pos, ...) \
	__iommufd_model_possible_rcu(table, pos, __VA_ARGS__, false, 0)
/** @} */

/** @cond INTERNAL */
#define __iommufd_model_possible_rcu(table, pos, member, key, c, ...) \
	__iommufd_model_each_hrcu(pos, __iommufd_model_bucket(table, key), \
				  member, c, 0)
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
