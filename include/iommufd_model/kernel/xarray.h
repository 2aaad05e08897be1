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
 * that xa_empty(), xa_load(), xa_find(), xa_find_after() and xa_for_each() may
 * also be called with it held.  (In the kernel, readers use RCU instead.)
 *
 * No function sleeps here; those that take the lock spin.  Functions without
 * leading underscores that allocate are reported, as kzalloc() is, if they are
 * called with GFP_KERNEL while a spinlock is held.  The array does not own the
 * objects to which its pointers point.
 *
 * xa_store() and xa_erase() also exist with the suffixes _irq and _bh, which
 * turn interrupts or bottom halves off meanwhile.
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

/**
 * A mark, from XA_MARK_0 to XA_MARK_2; or XA_PRESENT, which as a filter accepts
 * all entries.
 */
typedef unsigned int xa_mark_t;

/** A position in an array, for the xas_ functions. */
struct xa_state {
	struct xarray *xa;	/**< the array */
	unsigned long xa_index;	/**< the index */
};

#define XA_FLAGS_ALLOC 1u	/**< indices are allocated from 0 on */
#define XA_FLAGS_ALLOC1 3u	/**< indices are allocated from 1 on */

#define XA_MARK_0 0u	/**< the first mark */
#define XA_MARK_1 1u	/**< the second mark */
#define XA_MARK_2 2u	/**< the third mark */
#define XA_MARK_MAX XA_MARK_2	/**< the last mark */
#define XA_NR_MARKS 3u	/**< how many marks there are */

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

/** @cond INTERNAL */
#define __XARRAY_INIT(flags, keyp) \
	{ __SPIN_LOCK_INITIALIZER(keyp), flags, NULL }
#ifdef __cplusplus
#define __DEFINE_XARRAY(name, flags)					\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	struct xarray name = __XARRAY_INIT(flags, &__##name##_key)
#else
#define __DEFINE_XARRAY(name, flags)					\
	struct xarray name = __XARRAY_INIT(flags,			\
				&((struct lock_class_key){ #name, 0 }))
#endif
/** @endcond */

/** Defines an array at file scope, without allocation of indices. */
#define DEFINE_XARRAY(name) __DEFINE_XARRAY(name, 0)
/** Defines an array at file scope, whose indices are allocated from 0 on. */
#define DEFINE_XARRAY_ALLOC(name) __DEFINE_XARRAY(name, XA_FLAGS_ALLOC)
/** Defines an array at file scope, whose indices are allocated from 1 on. */
#define DEFINE_XARRAY_ALLOC1(name) __DEFINE_XARRAY(name, XA_FLAGS_ALLOC1)

/** Defines a struct xa_state @p name for one slot of an array. */
#define XA_STATE(name, array, index) struct xa_state name = { array, index }

/**
 * Initialises an array as empty.  Each call site is one lock class.
 * @param xa     the array
 * @param flags  0, XA_FLAGS_ALLOC or XA_FLAGS_ALLOC1
 */
#define xa_init_flags(xa, flags)                                             \
	do {                                                                 \
		static struct lock_class_key __key = { #xa "->xa_lock", 0 }; \
		iommufd_model_xa_init_at(xa, flags, &__key,                  \
					 IOMMUFD_MODEL_SITE(#xa));           \
	} while (0)
/** Initialises an array as empty, without allocation of indices. */
#define xa_init(xa) xa_init_flags(xa, 0)

/** Locks an array, as spin_lock() does. */
#define xa_lock(xa) \
	iommufd_model_spin_lock(&(xa)->xa_lock, IOMMUFD_MODEL_SITE(#xa))
/** Unlocks an array, as spin_unlock() does. */
#define xa_unlock(xa) \
	iommufd_model_spin_unlock(&(xa)->xa_lock, IOMMUFD_MODEL_SITE(#xa))

/** Locks an array, as spin_lock_irq() does. */
#define xa_lock_irq(xa) do {						\
	local_irq_disable();						\
	xa_lock(xa);							\
} while (0)
/** Unlocks an array, as spin_unlock_irq() does. */
#define xa_unlock_irq(xa) do {						\
	xa_unlock(xa);							\
	local_irq_enable();						\
} while (0)
/** Locks an array, as spin_lock_irqsave() does. */
#define xa_lock_irqsave(xa, flags) do {					\
	local_irq_save(flags);						\
	xa_lock(xa);							\
} while (0)
/** Unlocks an array, as spin_unlock_irqrestore() does. */
#define xa_unlock_irqrestore(xa, flags) do {				\
	xa_unlock(xa);							\
	local_irq_restore(flags);					\
} while (0)
/** Locks an array, as spin_lock_bh() does. */
#define xa_lock_bh(xa) do {						\
	local_bh_disable();						\
	xa_lock(xa);							\
} while (0)
/** Unlocks an array, as spin_unlock_bh() does. */
#define xa_unlock_bh(xa) do {						\
	xa_unlock(xa);							\
	local_bh_enable();						\
} while (0)

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define xa_empty iommufd_model_xa_empty
#define xa_load iommufd_model_xa_load
#define xa_store iommufd_model_xa_store
#define __xa_store iommufd_model___xa_store
#define xa_erase iommufd_model_xa_erase
#define __xa_erase iommufd_model___xa_erase
#define xa_insert iommufd_model_xa_insert
#define xa_cmpxchg iommufd_model_xa_cmpxchg
#define __xa_insert iommufd_model___xa_insert
#define __xa_cmpxchg iommufd_model___xa_cmpxchg
#define xa_reserve iommufd_model_xa_reserve
#define xa_release iommufd_model_xa_release
#define xa_alloc iommufd_model_xa_alloc
#define __xa_alloc iommufd_model___xa_alloc
#define xa_alloc_cyclic iommufd_model_xa_alloc_cyclic
#define __xa_alloc_cyclic iommufd_model___xa_alloc_cyclic
#define xa_marked iommufd_model_xa_marked
#define xa_get_mark iommufd_model_xa_get_mark
#define xa_set_mark iommufd_model_xa_set_mark
#define __xa_set_mark iommufd_model___xa_set_mark
#define xa_clear_mark iommufd_model_xa_clear_mark
#define __xa_clear_mark iommufd_model___xa_clear_mark
/** @endcond */

/**
 * Finds the first pointer at an index or after it.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @param filter  XA_PRESENT, or a mark that the pointer must have
 * @return the pointer, or NULL if there is none
 */
#define xa_find(xa, indexp, max, filter) \
	iommufd_model_xa_find_marked(xa, indexp, max, filter)
/**
 * Finds the first pointer after an index.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @param filter  XA_PRESENT, or a mark that the pointer must have
 * @return the pointer, or NULL if there is none
 */
#define xa_find_after(xa, indexp, max, filter) \
	iommufd_model_xa_find_after_marked(xa, indexp, max, filter)
#define XA_PRESENT 8u	/**< find every pointer */

/**
 * Runs the loop body for each pointer in ascending order of the indices,
 * without the zero entries.  The body may store and erase, and may sleep if the
 * array is not locked.
 * @param xa     the array, locked or not
 * @param index  an unsigned long that is set to the index of @p entry
 * @param entry  a pointer that is set to each pointer in turn
 */
#define xa_for_each(xa, index, entry) \
	xa_for_each_range(xa, index, entry, 0, ULONG_MAX)
/**
 * Does what xa_for_each() does, beginning at index @p start.
 * @param xa     the array, locked or not
 * @param index  an unsigned long that is set to the index of @p entry
 * @param entry  a pointer that is set to each pointer in turn
 * @param start  the first index
 */
#define xa_for_each_start(xa, index, entry, start) \
	xa_for_each_range(xa, index, entry, start, ULONG_MAX)
/**
 * Does what xa_for_each() does, for the indices from @p start to @p last.
 * @param xa     the array, locked or not
 * @param index  an unsigned long that is set to the index of @p entry
 * @param entry  a pointer that is set to each pointer in turn
 * @param start  the first index
 * @param last   the last index
 */
#define xa_for_each_range(xa, index, entry, start, last)		\
	for (index = (start),						\
	     entry = (__typeof__(entry))xa_find(xa, &index, last,	\
						XA_PRESENT);		\
	     entry;							\
	     entry = (__typeof__(entry))xa_find_after(xa, &index, last,	\
						      XA_PRESENT))
/**
 * Does what xa_for_each() does, for the pointers that have a mark.
 * @param xa      the array, locked or not
 * @param index   an unsigned long that is set to the index of @p entry
 * @param entry   a pointer that is set to each pointer in turn
 * @param filter  the mark
 */
#define xa_for_each_marked(xa, index, entry, filter)			\
	for (index = 0,							\
	     entry = (__typeof__(entry))xa_find(xa, &index, ULONG_MAX,	\
						filter);		\
	     entry;							\
	     entry = (__typeof__(entry))xa_find_after(xa, &index,	\
						      ULONG_MAX, filter))

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
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
/* The names of these functions in the library begin with iommufd_model_. */
#define xas_load iommufd_model_xas_load
#define xas_store iommufd_model_xas_store
/** @endcond */

/**
 * Initialises an array without passing the gate.
 * @param xa     the array
 * @param flags  0, XA_FLAGS_ALLOC or XA_FLAGS_ALLOC1
 * @param key    the class of its lock; must be static
 */
IOMMUFD_MODEL_API void iommufd_model_xa_init(struct xarray *xa, unsigned flags,
					     struct lock_class_key *key);

/**
 * Initialises an array.  xa_init_flags() calls it.
 * @param xa     the array
 * @param flags  0, XA_FLAGS_ALLOC or XA_FLAGS_ALLOC1
 * @param key    the class of its lock; must be static
 * @param site   the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_xa_init_at(struct xarray *xa, unsigned flags,
			 struct lock_class_key *key,
			 const struct iommufd_model_site *site);

/**
 * Tells whether every slot is free.  A slot with the zero entry is not free.
 * @param xa  the array, locked or not
 * @return true if every slot is free
 */
IOMMUFD_MODEL_API bool xa_empty(const struct xarray *xa);

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
 * @return the same as xa_store()
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
 * @return the same as xa_erase()
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
 * @return the same as xa_alloc()
 */
IOMMUFD_MODEL_API int __xa_alloc(struct xarray *xa, u32 *id, void *entry,
				 struct xa_limit limit, gfp_t gfp);

/**
 * Stores an entry in a slot that is free, as xa_insert() does, with the lock
 * held.
 * @param xa     the array, locked
 * @param index  the slot
 * @param entry  a pointer, or NULL to store the zero entry
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return the same as xa_insert()
 */
IOMMUFD_MODEL_API int __xa_insert(struct xarray *xa, unsigned long index,
				  void *entry, gfp_t gfp);

/**
 * Stores an entry in a slot if the slot has the expected content, as
 * xa_cmpxchg() does, with the lock held.
 * @param xa     the array, locked
 * @param index  the slot
 * @param old    the expected content
 * @param entry  as for xa_cmpxchg()
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return the same as xa_cmpxchg()
 */
IOMMUFD_MODEL_API void *__xa_cmpxchg(struct xarray *xa, unsigned long index,
				     void *old, void *entry, gfp_t gfp);

/**
 * Stores the zero entry in a slot if it is free.
 * @param xa     the array, not locked
 * @param index  the slot
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return 0, or a negative errno
 * @errors -ENOMEM.
 */
IOMMUFD_MODEL_API int xa_reserve(struct xarray *xa, unsigned long index,
				 gfp_t gfp);

/**
 * Makes a slot free if it has the zero entry.
 * @param xa     the array, not locked
 * @param index  the slot
 */
IOMMUFD_MODEL_API void xa_release(struct xarray *xa, unsigned long index);

/**
 * Stores an entry in the next free slot from *@p next on.  If there is none,
 * takes the lowest free slot of the range.
 * @param xa     the array, not locked
 * @param id     is set to the index of the slot
 * @param entry  a pointer, or NULL to store the zero entry
 * @param limit  the range of indices from which to choose
 * @param next   the index at which the search begins; set to the index after
 *   the slot
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return 0, or 1 if the search began again at the start of the range, or a
 *   negative errno
 * @errors -EBUSY: no slot in the range is free; -ENOMEM.
 */
IOMMUFD_MODEL_API int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
				      struct xa_limit limit, u32 *next,
				      gfp_t gfp);

/**
 * Does xa_alloc_cyclic() with the lock held.
 * @param xa     the array, locked
 * @param id     is set to the index of the slot
 * @param entry  a pointer, or NULL to store the zero entry
 * @param limit  the range of indices from which to choose
 * @param next   where to begin; is set to the index after the slot
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return the same as xa_alloc_cyclic()
 */
IOMMUFD_MODEL_API int __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
					struct xa_limit limit, u32 *next,
					gfp_t gfp);

/**
 * Tells whether any slot has a mark.
 * @param xa    the array, locked or not
 * @param mark  the mark
 * @return true if a slot has the mark
 */
IOMMUFD_MODEL_API bool xa_marked(const struct xarray *xa, xa_mark_t mark);

/**
 * Tells whether a slot has a mark.
 * @param xa     the array, locked or not
 * @param index  the slot
 * @param mark   the mark
 * @return true if it has the mark
 */
IOMMUFD_MODEL_API bool xa_get_mark(struct xarray *xa, unsigned long index,
				   xa_mark_t mark);

/**
 * Sets a mark of a slot, unless the slot is free.  The mark stays when another
 * pointer is stored, and is cleared when the slot becomes free.
 * @param xa     the array, not locked
 * @param index  the slot
 * @param mark   the mark
 */
IOMMUFD_MODEL_API void xa_set_mark(struct xarray *xa, unsigned long index,
				   xa_mark_t mark);

/**
 * Does xa_set_mark() with the lock held.
 * @param xa     the array, locked
 * @param index  the slot
 * @param mark   the mark
 */
IOMMUFD_MODEL_API void __xa_set_mark(struct xarray *xa, unsigned long index,
				     xa_mark_t mark);

/**
 * Clears a mark of a slot.
 * @param xa     the array, not locked
 * @param index  the slot
 * @param mark   the mark
 */
IOMMUFD_MODEL_API void xa_clear_mark(struct xarray *xa, unsigned long index,
				     xa_mark_t mark);

/**
 * Does xa_clear_mark() with the lock held.
 * @param xa     the array, locked
 * @param index  the slot
 * @param mark   the mark
 */
IOMMUFD_MODEL_API void __xa_clear_mark(struct xarray *xa, unsigned long index,
				       xa_mark_t mark);

/**
 * Finds the first pointer at an index or after it that has a mark.  xa_find()
 * calls it.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @param filter  the mark, or XA_PRESENT
 * @return the pointer, or NULL if there is none
 */
IOMMUFD_MODEL_API void *
iommufd_model_xa_find_marked(struct xarray *xa, unsigned long *indexp,
			     unsigned long max, xa_mark_t filter);

/**
 * Finds the first pointer after an index that has a mark.  xa_find_after()
 * calls it.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @param filter  the mark, or XA_PRESENT
 * @return the pointer, or NULL if there is none
 */
IOMMUFD_MODEL_API void *
iommufd_model_xa_find_after_marked(struct xarray *xa, unsigned long *indexp,
				   unsigned long max, xa_mark_t filter);

/**
 * Finds the first pointer at an index or after it.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @return the pointer, or NULL if there is none
 */
IOMMUFD_MODEL_API void *iommufd_model_xa_find(struct xarray *xa,
					      unsigned long *indexp,
					      unsigned long max);

/**
 * Finds the first pointer after an index.
 * @param xa      the array, locked or not
 * @param indexp  a pointer to the index, which is set to the pointer's index
 * @param max     the last index to search
 * @return the pointer, or NULL if there is none
 */
IOMMUFD_MODEL_API void *iommufd_model_xa_find_after(struct xarray *xa,
						    unsigned long *indexp,
						    unsigned long max);

/**
 * Makes every slot free.  It does not free the objects to which the pointers
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
#undef xa_alloc_cyclic
#define xa_alloc_cyclic(xa, id, entry, limit, next, gfp) \
	iommufd_model_xa_alloc_cyclic( \
		xa, id, entry, limit, next, \
		__IOMMUFD_MODEL_XA_GFP(gfp, "xa_alloc_cyclic"))
#undef xa_reserve
#define xa_reserve(xa, index, gfp) \
	iommufd_model_xa_reserve(xa, index, \
				 __IOMMUFD_MODEL_XA_GFP(gfp, "xa_reserve"))
/*
 * Define the functions with _irq and _bh, which turn interrupts or bottom
 * halves off.
 */
#define __IOMMUFD_MODEL_XA_OFF(off, on, call) __extension__({		\
	void *__ret = (off(), call);					\
	on();								\
	__ret;								\
})
#define xa_store_irq(xa, index, entry, gfp)				\
	((void)__IOMMUFD_MODEL_XA_GFP(gfp, "xa_store_irq"),		\
	 __IOMMUFD_MODEL_XA_OFF(local_irq_disable, local_irq_enable,	\
				iommufd_model_xa_store(xa, index, entry, \
						       GFP_NOWAIT)))
#define xa_store_bh(xa, index, entry, gfp)				\
	((void)__IOMMUFD_MODEL_XA_GFP(gfp, "xa_store_bh"),		\
	 __IOMMUFD_MODEL_XA_OFF(local_bh_disable, local_bh_enable,	\
				iommufd_model_xa_store(xa, index, entry, \
						       GFP_NOWAIT)))
#define xa_erase_irq(xa, index)						\
	__IOMMUFD_MODEL_XA_OFF(local_irq_disable, local_irq_enable,	\
			       xa_erase(xa, index))
#define xa_erase_bh(xa, index)						\
	__IOMMUFD_MODEL_XA_OFF(local_bh_disable, local_bh_enable,	\
			       xa_erase(xa, index))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
