/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
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
 *
 * No function sleeps here; those that take the lock spin.  Those without
 * underscores that allocate are reported where GFP_KERNEL may not sleep, as
 * kzalloc() is.  The array owns nothing of what its pointers point to.
 *
 * In the library, and so in a backtrace, the names of the functions begin with
 * iommufd_model_: iommufd_model_xa_load() is xa_load().
 */
#ifndef IOMMUFD_MODEL_KERNEL_XARRAY_H
#define IOMMUFD_MODEL_KERNEL_XARRAY_H

#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** An array. */
struct xarray {
	spinlock_t xa_lock;	/**< guards it */
	unsigned int xa_flags;	/**< XA_FLAGS_ */
	void *xa_head;	/**< root node, NULL: every slot is free */
};

/** Which indices xa_alloc() may give. */
struct xa_limit {
	u32 max;	/**< the highest */
	u32 min;	/**< the lowest */
};

/** A place in an array. */
struct xa_state {
	struct xarray *xa;	/**< the array */
	unsigned long xa_index;	/**< the index */
};

#define XA_FLAGS_ALLOC 1u	/**< indices are allocated, from 0 */
#define XA_FLAGS_ALLOC1 3u	/**< from 1: index 0 is never free */

/** the zero entry; the kernel's value */
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
 * Initialises an array: empty.  Each place of call is a class of locks.
 * @param xa     the array
 * @param flags  0, XA_FLAGS_ALLOC or XA_FLAGS_ALLOC1
 */
#define xa_init_flags(xa, flags) do {					\
	static struct lock_class_key __key = { #xa "->xa_lock", 0 };	\
	iommufd_model_xa_init(xa, flags, &__key);			\
} while (0)
/** Initialises an array that allocates no indices: empty. */
#define xa_init(xa) xa_init_flags(xa, 0)

/** Takes the array's lock, as spin_lock(). */
#define xa_lock(xa) \
	iommufd_model_spin_lock(&(xa)->xa_lock, IOMMUFD_MODEL_SITE(#xa))
/** Gives the array's lock back, as spin_unlock(). */
#define xa_unlock(xa) \
	iommufd_model_spin_unlock(&(xa)->xa_lock, IOMMUFD_MODEL_SITE(#xa))

/**
 * Tells whether every slot is free.  Zero entries count as used.
 * @param xa  the array
 * @return true if so
 */
static inline bool xa_empty(const struct xarray *xa)
{
	return !__atomic_load_n(&xa->xa_head, __ATOMIC_ACQUIRE);
}

/** @cond INTERNAL */
/* Their names in the library. */
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
 * Finds the first pointer at or behind an index.
 * @param xa      the array
 * @param indexp  the index; set to where the pointer is
 * @param max     the last index to look at
 * @param filter  XA_PRESENT
 * @return the pointer; NULL if there is none
 */
#define xa_find(xa, indexp, max, filter) iommufd_model_xa_find(xa, indexp, max)
/**
 * Finds the first pointer behind an index.
 * @param xa      the array
 * @param indexp  the index; set to where the pointer is
 * @param max     the last index to look at
 * @param filter  XA_PRESENT
 * @return the pointer; NULL if there is none
 */
#define xa_find_after(xa, indexp, max, filter) \
	iommufd_model_xa_find_after(xa, indexp, max)
#define XA_PRESENT 8u	/**< any pointer */

/**
 * Runs over the pointers in ascending order, zero entries skipped.  The body
 * may store, erase and sleep.
 * @param xa     the array
 * @param index  an unsigned long: where @p entry is
 * @param entry  a pointer of the elements' type
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
/* Their names in the library. */
#define xa_destroy iommufd_model_xa_destroy
/** @endcond */

/**
 * Gives the errno that a store returned.
 * @param entry  what xa_store() and its like returned
 * @return the negative errno, or 0
 */
static inline int xa_err(const void *entry)
{
	return PTR_ERR_OR_ZERO(entry);
}

/**
 * Tells the zero entry from others.
 * @param entry  what xas_load() returned
 * @return true if it is
 */
static inline bool xa_is_zero(const void *entry)
{
	return entry == XA_ZERO_ENTRY;
}

/** @cond INTERNAL */
/* Their names in the library. */
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
 * @return the pointer there; NULL if none or a zero entry
 */
IOMMUFD_MODEL_API void *xa_load(struct xarray *xa, unsigned long index);

/**
 * Sets a slot.
 * @param xa     the array
 * @param index  the slot
 * @param entry  a pointer; NULL in an allocating array leaves the zero entry,
 *   as in the kernel
 * @param gfp    GFP_KERNEL
 * @return the old pointer, NULL if none; or an error pointer, for xa_err()
 * @errors -ENOMEM, only if the slot was free.
 */
IOMMUFD_MODEL_API void *xa_store(struct xarray *xa, unsigned long index,
				 void *entry, gfp_t gfp);

/**
 * Is xa_store() with the lock held.
 * @param xa     the array, locked
 * @param index  the slot
 * @param entry  as of xa_store()
 * @param gfp    GFP_KERNEL
 * @return as of xa_store()
 */
IOMMUFD_MODEL_API void *__xa_store(struct xarray *xa, unsigned long index,
				   void *entry, gfp_t gfp);

/**
 * Makes a slot free.
 * @param xa     the array
 * @param index  the slot
 * @return the old pointer; NULL if none or a zero entry
 */
IOMMUFD_MODEL_API void *xa_erase(struct xarray *xa, unsigned long index);

/**
 * Is xa_erase() with the lock held.
 * @param xa     the array, locked
 * @param index  the slot
 * @return as of xa_erase()
 */
IOMMUFD_MODEL_API void *__xa_erase(struct xarray *xa, unsigned long index);

/**
 * Sets a slot that is free.
 * @param xa     the array
 * @param index  the slot
 * @param entry  a pointer; NULL: the zero entry
 * @param gfp    GFP_KERNEL
 * @return 0, or a negative errno
 * @errors -EBUSY: it is not free; -ENOMEM.
 */
IOMMUFD_MODEL_API int xa_insert(struct xarray *xa, unsigned long index,
				void *entry, gfp_t gfp);

/**
 * Sets a slot if it reads as expected.
 * @param xa     the array
 * @param index  the slot
 * @param old    expected; NULL: a free slot, XA_ZERO_ENTRY: a zero entry
 * @param entry  a pointer; NULL: the slot becomes free, in an allocating array
 *   the zero entry
 * @param gfp    GFP_KERNEL
 * @return what it read before, NULL if a zero entry; or an error pointer, for
 *   xa_err()
 * @errors -ENOMEM.
 */
IOMMUFD_MODEL_API void *xa_cmpxchg(struct xarray *xa, unsigned long index,
				   void *old, void *entry, gfp_t gfp);

/**
 * Sets the lowest free slot.
 * @param xa     the array
 * @param id     set to its index
 * @param entry  a pointer; NULL: the zero entry
 * @param limit  which indices will do
 * @param gfp    GFP_KERNEL
 * @return 0, or a negative errno: nothing changed
 * @errors -EBUSY: none is free; -ENOMEM.
 */
IOMMUFD_MODEL_API int xa_alloc(struct xarray *xa, u32 *id, void *entry,
			       struct xa_limit limit, gfp_t gfp);

/**
 * Is xa_alloc() with the lock held.
 * @param xa     the array, locked
 * @param id     set to its index
 * @param entry  a pointer; NULL: the zero entry
 * @param limit  which indices will do
 * @param gfp    GFP_KERNEL
 * @return as of xa_alloc()
 */
IOMMUFD_MODEL_API int __xa_alloc(struct xarray *xa, u32 *id, void *entry,
				 struct xa_limit limit, gfp_t gfp);

/**
 * Finds a pointer: xa_find().
 * @param xa      the array, locked or not
 * @param indexp  the index; set to where the pointer is
 * @param max     the last index to look at
 * @return the pointer; NULL if there is none
 */
IOMMUFD_MODEL_API void *iommufd_model_xa_find(struct xarray *xa,
					      unsigned long *indexp,
					      unsigned long max);

/**
 * Finds a pointer: xa_find_after().
 * @param xa      the array, locked or not
 * @param indexp  the index; set to where the pointer is
 * @param max     the last index to look at
 * @return the pointer; NULL if there is none
 */
IOMMUFD_MODEL_API void *iommufd_model_xa_find_after(struct xarray *xa,
						    unsigned long *indexp,
						    unsigned long max);

/**
 * Makes every slot free; what the pointers point to is not freed.
 * @param xa  the array, which may be used again
 */
IOMMUFD_MODEL_API void xa_destroy(struct xarray *xa);

/**
 * Reads a raw slot.
 * @param xas  the place; its array is locked
 * @return the pointer, XA_ZERO_ENTRY, or NULL if free
 */
IOMMUFD_MODEL_API void *xas_load(struct xa_state *xas);

/**
 * Sets a raw slot that is not free, or frees one.  Allocates nothing.
 * @param xas    the place; its array is locked
 * @param entry  a pointer or XA_ZERO_ENTRY; NULL: free
 * @return the old raw value
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
