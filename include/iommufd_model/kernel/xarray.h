/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * xarray: index -> pointer, sparse, with allocation of the lowest free index.
 *
 * A slot is in one of three states here: free (NULL), holding a pointer, or
 * holding the zero entry.  The zero entry keeps an index from being allocated
 * and reads as NULL; it marks ids that are reserved for an object still being
 * built, and tombstones.  Only xas_load() tells it from a free slot.
 *
 * xa_lock guards the array.  The functions with two leading underscores and
 * xas_*() are called with it held; the others take it, except that the readers
 * xa_load(), xa_find() and what is built on them may also be called with it
 * held.  (The kernel's readers run under RCU instead.)
 */
#ifndef IOMMUFD_MODEL_KERNEL_XARRAY_H
#define IOMMUFD_MODEL_KERNEL_XARRAY_H

#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct xarray {
	spinlock_t xa_lock;
	unsigned int xa_flags;
	void *xa_head;		/* root node, NULL: every slot is free */
};

struct xa_limit {
	u32 max;
	u32 min;
};

struct xa_state {
	struct xarray *xa;
	unsigned long xa_index;
};

#define XA_FLAGS_ALLOC 1u	/* indices are allocated, from 0 */
#define XA_FLAGS_ALLOC1 3u	/* from 1: index 0 is never free */

#define XA_ZERO_ENTRY ((void *)1030UL)	/* the kernel's value */

#ifdef __cplusplus
#define XA_LIMIT(lo, hi) (xa_limit{ hi, lo })
#else
#define XA_LIMIT(lo, hi) ((struct xa_limit){ .max = (hi), .min = (lo) })
#endif
#define xa_limit_16b XA_LIMIT(0, 65535)
#define xa_limit_31b XA_LIMIT(0, INT_MAX)
#define xa_limit_32b XA_LIMIT(0, UINT_MAX)

#define XA_STATE(name, array, index) struct xa_state name = { array, index }

/* xa_init_flags(xa, flags): empty; each place of call is a lock class. */
#define xa_init_flags(xa, flags) do {					\
	static struct lock_class_key __key = { #xa "->xa_lock", 0 };	\
	iommufd_model_xa_init(xa, flags, &__key);			\
} while (0)
#define xa_init(xa) xa_init_flags(xa, 0)

#define xa_lock(xa) \
	iommufd_model_spin_lock(&(xa)->xa_lock, IOMMUFD_MODEL_SITE(#xa))
#define xa_unlock(xa) \
	iommufd_model_spin_unlock(&(xa)->xa_lock, IOMMUFD_MODEL_SITE(#xa))

/* xa_empty(xa): is every slot free?  Zero entries count as used. */
static inline bool xa_empty(const struct xarray *xa)
{
	return !__atomic_load_n(&xa->xa_head, __ATOMIC_ACQUIRE);
}

/* xa_load(xa, index): the pointer there; NULL if none or a zero entry. */
#define xa_load iommufd_model_xa_load

/*
 * xa_store(xa, index, entry, gfp): returns the old pointer, or an xa_err().
 * Storing NULL in an allocating array leaves the zero entry, as in the kernel.
 */
#define xa_store iommufd_model_xa_store
#define __xa_store iommufd_model___xa_store

/* xa_erase(xa, index): the slot becomes free; returns the old pointer. */
#define xa_erase iommufd_model_xa_erase
#define __xa_erase iommufd_model___xa_erase

/* xa_insert(xa, index, entry, gfp): 0; -EBUSY if used; -ENOMEM. */
#define xa_insert iommufd_model_xa_insert

/*
 * xa_cmpxchg(xa, index, old, entry, gfp): if the slot reads as @old, store
 * @entry.  Returns what it read before, or an xa_err().  NULL as @old matches
 * a free slot; XA_ZERO_ENTRY a zero entry.
 */
#define xa_cmpxchg iommufd_model_xa_cmpxchg

/*
 * xa_alloc(xa, id, entry, limit, gfp): store @entry (NULL: the zero entry) at
 * the lowest free index within @limit and set *@id.  0, -EBUSY if none is free,
 * -ENOMEM; nothing changes on error.
 */
#define xa_alloc iommufd_model_xa_alloc
#define __xa_alloc iommufd_model___xa_alloc

/* xa_find(xa, index, max): first pointer at or behind *@index, which moves. */
#define xa_find(xa, indexp, max, filter) iommufd_model_xa_find(xa, indexp, max)
#define xa_find_after(xa, indexp, max, filter) \
	iommufd_model_xa_find_after(xa, indexp, max)
#define XA_PRESENT 8u

/*
 * xa_for_each(xa, index, entry): ascending over pointers, zero entries
 * skipped.  The body may store, erase and sleep.
 */
#define xa_for_each(xa, index, entry)					\
	for (index = 0,							\
	     entry = (__typeof__(entry))xa_find(xa, &index, ULONG_MAX,	\
						XA_PRESENT);		\
	     entry;							\
	     entry = (__typeof__(entry))xa_find_after(xa, &index,	\
						      ULONG_MAX,	\
						      XA_PRESENT))

/* xa_destroy(xa): every slot becomes free; what they pointed to is not. */
#define xa_destroy iommufd_model_xa_destroy

/* xa_err(entry): the negative errno a store returned, or 0. */
static inline int xa_err(const void *entry)
{
	return PTR_ERR_OR_ZERO(entry);
}

static inline bool xa_is_zero(const void *entry)
{
	return entry == XA_ZERO_ENTRY;
}

/* xas_load(xas): the raw slot, zero entry included. */
#define xas_load iommufd_model_xas_load

/*
 * xas_store(xas, entry): set the raw slot; NULL frees it.  Returns the old raw
 * value.  Allocates nothing: the slot must not be free unless @entry is NULL.
 */
#define xas_store iommufd_model_xas_store

IOMMUFD_MODEL_API void iommufd_model_xa_init(struct xarray *xa, unsigned flags,
					     struct lock_class_key *key);
IOMMUFD_MODEL_API void *xa_load(struct xarray *xa, unsigned long index);
IOMMUFD_MODEL_API void *xa_store(struct xarray *xa, unsigned long index,
				 void *entry, gfp_t gfp);
IOMMUFD_MODEL_API void *__xa_store(struct xarray *xa, unsigned long index,
				   void *entry, gfp_t gfp);
IOMMUFD_MODEL_API void *xa_erase(struct xarray *xa, unsigned long index);
IOMMUFD_MODEL_API void *__xa_erase(struct xarray *xa, unsigned long index);
IOMMUFD_MODEL_API int xa_insert(struct xarray *xa, unsigned long index,
				void *entry, gfp_t gfp);
IOMMUFD_MODEL_API void *xa_cmpxchg(struct xarray *xa, unsigned long index,
				   void *old, void *entry, gfp_t gfp);
IOMMUFD_MODEL_API int xa_alloc(struct xarray *xa, u32 *id, void *entry,
			       struct xa_limit limit, gfp_t gfp);
IOMMUFD_MODEL_API int __xa_alloc(struct xarray *xa, u32 *id, void *entry,
				 struct xa_limit limit, gfp_t gfp);
IOMMUFD_MODEL_API void *iommufd_model_xa_find(struct xarray *xa,
					      unsigned long *indexp,
					      unsigned long max);
IOMMUFD_MODEL_API void *iommufd_model_xa_find_after(struct xarray *xa,
						    unsigned long *indexp,
						    unsigned long max);
IOMMUFD_MODEL_API void xa_destroy(struct xarray *xa);
IOMMUFD_MODEL_API void *xas_load(struct xa_state *xas);
IOMMUFD_MODEL_API void *xas_store(struct xa_state *xas, void *entry);

IOMMUFD_MODEL_END_DECLS

#endif
