/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The xarray, a sparse array of pointers that can allocate the lowest free
 * index.
 *
 * A slot is free (NULL), or holds a pointer, or holds the zero entry.  The zero
 * entry keeps an index from being allocated, but reads as NULL.  It marks an id
 * that is reserved for an object still under construction, or an id that must
 * not be used again yet (a tombstone).  Only xas_load() distinguishes the zero
 * entry from a free slot.
 *
 * xa_lock protects the array.  The functions with two leading underscores and
 * the xas_ functions are called with the lock held.  The others take it, except
 * that xa_load(), xa_find(), xa_find_after() and xa_for_each() may also be
 * called with it held.  (In the kernel, readers use RCU instead.)
 *
 * No function sleeps here; those that take the lock spin.  Functions without
 * leading underscores that allocate are reported, as kzalloc() is, if they are
 * called with GFP_KERNEL while a spinlock is held.  The array does not own the
 * objects to which its pointers point.
 *
 * The symbols in the library, which a backtrace shows, begin with
 * iommufd_model_: xa_load() is iommufd_model_xa_load().
 */
#ifndef IOMMUFD_MODEL_KERNEL_XARRAY_H
#define IOMMUFD_MODEL_KERNEL_XARRAY_H

#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** An array. */
struct xarray {
	spinlock_t xa_lock;	/**< protects the array */
	unsigned int xa_flags;	/**< XA_FLAGS_ bits */
	void *xa_head;	/**< the root node, or NULL if every slot is free */
};

/** The range of indices that xa_alloc() may allocate. */
struct xa_limit {
	u32 max;	/**< the highest index */
	u32 min;	/**< the lowest index */
};

/** A position in an array, for the xas_ functions. */
struct xa_state {
	struct xarray *xa;	/**< the array */
	unsigned long xa_index;	/**< the index */
};

#define XA_FLAGS_ALLOC 1u	/**< indices are allocated from 0 on */
#define XA_FLAGS_ALLOC1 3u	/**< indices are allocated from 1 on */

/** the zero entry; it has the same value as in the kernel */
#define XA_ZERO_ENTRY ((void *)1030UL)

/** The struct xa_limit from @p lo to @p hi. */
#ifdef __cplusplus
#define XA_LIMIT(lo, hi) (xa_limit{ hi, lo })
#else
#define XA_LIMIT(lo, hi) ((struct xa_limit){ .max = (hi), .min = (lo) })
#endif
#define xa_limit_16b XA_LIMIT(0, 65535)	/**< from 0 to 65535 */
#define xa_limit_31b XA_LIMIT(0, INT_MAX)	/**< from 0 to INT_MAX */
#define xa_limit_32b XA_LIMIT(0, UINT_MAX)	/**< from 0 to UINT_MAX */

/** Defines a struct xa_state @p name for one slot of an array. */
#define XA_STATE(name, array, index) struct xa_state name = { array, index }

/**
 * Initialises an array as empty.  Each call site is one lock class.
 * @param xa     the array
 * @param flags  0, XA_FLAGS_ALLOC or XA_FLAGS_ALLOC1
 */
#define xa_init_flags(xa, flags) do {					\
	static struct lock_class_key __key = { #xa "->xa_lock", 0 };	\
	iommufd_model_xa_init(xa, flags, &__key);			\
} while (0)
/** Initialises an array as empty, without allocation of indices. */
#define xa_init(xa) xa_init_flags(xa, 0)

/** Locks an array, as spin_lock() does. */
#define xa_lock(xa) \
	iommufd_model_spin_lock(&(xa)->xa_lock, IOMMUFD_MODEL_SITE(#xa))
/** Unlocks an array, as spin_unlock() does. */
#define xa_unlock(xa) \
	iommufd_model_spin_unlock(&(xa)->xa_lock, IOMMUFD_MODEL_SITE(#xa))

/**
 * Tells whether every slot is free.  A slot with the zero entry is not free.
 * @param xa  the array, locked or not
 * @return true if every slot is free
 */
static inline bool xa_empty(const struct xarray *xa)
{
	return !__atomic_load_n(&xa->xa_head, __ATOMIC_ACQUIRE);
}

/** @cond INTERNAL */
/* The symbols in the library. */
#define xa_load iommufd_model_xa_load
#define xa_store iommufd_model_xa_store
#define __xa_store iommufd_model___xa_store
#define xa_erase iommufd_model_xa_erase
#define __xa_erase iommufd_model___xa_erase
#define xa_insert iommufd_model_xa_insert
#define xa_cmpxchg iommufd_model_xa_cmpxchg
#define xa_alloc iommufd_model_xa_alloc
#define __xa_alloc iommufd_model___xa_alloc
/** @endcond */

/**
 * Finds the first pointer at an index or after it.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @param filter  XA_PRESENT
 * @return the pointer, or NULL if there is none
 */
#define xa_find(xa, indexp, max, filter) iommufd_model_xa_find(xa, indexp, max)
/**
 * Finds the first pointer after an index.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @param filter  XA_PRESENT
 * @return the pointer, or NULL if there is none
 */
#define xa_find_after(xa, indexp, max, filter) \
	iommufd_model_xa_find_after(xa, indexp, max)
#define XA_PRESENT 8u	/**< find every pointer */

/**
 * Runs the loop body for each pointer in ascending order of the indices,
 * without the zero entries.  The body may store and erase, and may sleep if the
 * array is not locked.
 * @param xa     the array, locked or not
 * @param index  an unsigned long that is set to the index of @p entry
 * @param entry  a pointer that is set to each pointer in turn
 */
#define xa_for_each(xa, index, entry)					\
	for (index = 0,							\
	     entry = (__typeof__(entry))xa_find(xa, &index, ULONG_MAX,	\
						XA_PRESENT);		\
	     entry;							\
	     entry = (__typeof__(entry))xa_find_after(xa, &index,	\
						      ULONG_MAX,	\
						      XA_PRESENT))

/** @cond INTERNAL */
/* The symbols in the library. */
#define xa_destroy iommufd_model_xa_destroy
/** @endcond */

/**
 * Returns the errno of a store.
 * @param entry  the result of xa_store() or the like
 * @return the negative errno, or 0 if the store succeeded
 */
static inline int xa_err(const void *entry)
{
	return PTR_ERR_OR_ZERO(entry);
}

/**
 * Tells whether an entry is the zero entry.
 * @param entry  the result of xas_load()
 * @return true if it is
 */
static inline bool xa_is_zero(const void *entry)
{
	return entry == XA_ZERO_ENTRY;
}

/** @cond INTERNAL */
/* The symbols in the library. */
#define xas_load iommufd_model_xas_load
#define xas_store iommufd_model_xas_store
/** @endcond */

/**
 * Initialises an array: what xa_init_flags() calls.
 * @param xa     the array
 * @param flags  0, XA_FLAGS_ALLOC or XA_FLAGS_ALLOC1
 * @param key    the class of its lock; static
 */
IOMMUFD_MODEL_API void iommufd_model_xa_init(struct xarray *xa, unsigned flags,
					     struct lock_class_key *key);

/**
 * Reads a slot.
 * @param xa     the array, locked or not
 * @param index  the slot
 * @return the pointer in it; NULL if the slot is free or has the zero entry
 */
IOMMUFD_MODEL_API void *xa_load(struct xarray *xa, unsigned long index);

/**
 * Stores an entry in a slot.
 * @param xa     the array, not locked
 * @param index  the slot
 * @param entry  a pointer, or NULL; as in the kernel, NULL makes the slot free,
 *   or in an array that allocates indices stores the zero entry
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return the old pointer, or NULL if there was none, or an error pointer, for
 *   xa_err()
 * @errors -ENOMEM, only if the slot was free.
 */
IOMMUFD_MODEL_API void *xa_store(struct xarray *xa, unsigned long index,
				 void *entry, gfp_t gfp);

/**
 * Stores an entry in a slot, as xa_store() does, with the lock held.
 * @param xa     the array, locked
 * @param index  the slot
 * @param entry  as for xa_store()
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return as xa_store() returns
 */
IOMMUFD_MODEL_API void *__xa_store(struct xarray *xa, unsigned long index,
				   void *entry, gfp_t gfp);

/**
 * Makes a slot free.
 * @param xa     the array, not locked
 * @param index  the slot
 * @return the old pointer; NULL if the slot was free or had the zero entry
 */
IOMMUFD_MODEL_API void *xa_erase(struct xarray *xa, unsigned long index);

/**
 * Makes a slot free, as xa_erase() does, with the lock held.
 * @param xa     the array, locked
 * @param index  the slot
 * @return as xa_erase() returns
 */
IOMMUFD_MODEL_API void *__xa_erase(struct xarray *xa, unsigned long index);

/**
 * Stores an entry in a slot that is free.
 * @param xa     the array, not locked
 * @param index  the slot
 * @param entry  a pointer, or NULL to store the zero entry
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return 0, or a negative errno
 * @errors -EBUSY: the slot is not free; -ENOMEM.
 */
IOMMUFD_MODEL_API int xa_insert(struct xarray *xa, unsigned long index,
				void *entry, gfp_t gfp);

/**
 * Stores an entry in a slot if the slot has the expected content.
 * @param xa     the array, not locked
 * @param index  the slot
 * @param old    the expected content: a pointer, NULL for a free slot, or
 *   XA_ZERO_ENTRY
 * @param entry  a pointer, or NULL; NULL makes the slot free, or in an array
 *   that allocates indices replaces a pointer by the zero entry
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return the pointer that was in the slot, whether or not it is @p old; NULL
 *   if the slot was free or had the zero entry; or an error pointer, for
 *   xa_err()
 * @errors -ENOMEM.
 */
IOMMUFD_MODEL_API void *xa_cmpxchg(struct xarray *xa, unsigned long index,
				   void *old, void *entry, gfp_t gfp);

/**
 * Stores an entry in the lowest free slot.
 * @param xa     the array, not locked
 * @param id     is set to the index of the slot
 * @param entry  a pointer, or NULL to store the zero entry
 * @param limit  the range of indices from which to choose
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return 0, or a negative errno; after an error nothing has changed
 * @errors -EBUSY: no slot in the range is free; -ENOMEM.
 */
IOMMUFD_MODEL_API int xa_alloc(struct xarray *xa, u32 *id, void *entry,
			       struct xa_limit limit, gfp_t gfp);

/**
 * Stores an entry in the lowest free slot, as xa_alloc() does, with the lock
 * held.
 * @param xa     the array, locked
 * @param id     is set to the index of the slot
 * @param entry  a pointer, or NULL to store the zero entry
 * @param limit  the range of indices from which to choose
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return as xa_alloc() returns
 */
IOMMUFD_MODEL_API int __xa_alloc(struct xarray *xa, u32 *id, void *entry,
				 struct xa_limit limit, gfp_t gfp);

/**
 * Finds the first pointer at an index or after it: what xa_find() calls.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @return the pointer, or NULL if there is none
 */
IOMMUFD_MODEL_API void *iommufd_model_xa_find(struct xarray *xa,
					      unsigned long *indexp,
					      unsigned long max);

/**
 * Finds the first pointer after an index: what xa_find_after() calls.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @return the pointer, or NULL if there is none
 */
IOMMUFD_MODEL_API void *iommufd_model_xa_find_after(struct xarray *xa,
						    unsigned long *indexp,
						    unsigned long max);

/**
 * Makes every slot free.  Does not free the objects to which the pointers
 * point.
 * @param xa  the array, not locked; it may be used again
 */
IOMMUFD_MODEL_API void xa_destroy(struct xarray *xa);

/**
 * Reads a slot and distinguishes the zero entry.
 * @param xas  the position; its array is locked
 * @return the pointer, XA_ZERO_ENTRY, or NULL if the slot is free
 */
IOMMUFD_MODEL_API void *xas_load(struct xa_state *xas);

/**
 * Stores an entry in a slot that is not free, or makes a slot free.  Allocates
 * no memory.
 * @param xas    the position; its array is locked
 * @param entry  a pointer, XA_ZERO_ENTRY, or NULL to make the slot free
 * @return the old entry, as xas_load() would have returned it
 */
IOMMUFD_MODEL_API void *xas_store(struct xa_state *xas, void *entry);

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_XA_GFP(gfp, call) \
	iommufd_model_might_alloc(gfp, call, IOMMUFD_MODEL_SITE(call))
#undef xa_store
#define xa_store(xa, index, entry, gfp) \
	iommufd_model_xa_store(xa, index, entry, \
			       __IOMMUFD_MODEL_XA_GFP(gfp, "xa_store"))
#undef xa_insert
#define xa_insert(xa, index, entry, gfp) \
	iommufd_model_xa_insert(xa, index, entry, \
				__IOMMUFD_MODEL_XA_GFP(gfp, "xa_insert"))
#undef xa_cmpxchg
#define xa_cmpxchg(xa, index, old, entry, gfp) \
	iommufd_model_xa_cmpxchg(xa, index, old, entry, \
				 __IOMMUFD_MODEL_XA_GFP(gfp, "xa_cmpxchg"))
#undef xa_alloc
#define xa_alloc(xa, id, entry, limit, gfp) \
	iommufd_model_xa_alloc(xa, id, entry, limit, \
			       __IOMMUFD_MODEL_XA_GFP(gfp, "xa_alloc"))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
