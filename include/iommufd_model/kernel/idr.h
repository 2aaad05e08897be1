/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * struct idr, a table that maps ids to pointers, and struct ida, which only
 * allocates ids.
 *
 * An idr has no lock.  The caller must exclude concurrent changes; idr_find()
 * and the other lookups need only an RCU read section.  A change is two
 * operations at the gate, its effect and its end.  If another change begins
 * between the two, that is a WARN of the kind IOMMUFD_MODEL_MISUSE_LOCK.  An
 * ida has a lock of its own, and each call is one operation.
 *
 * Both use an xarray, whose lock and memory do not pass the gate.  Fault
 * injection does count its allocations.
 */
#ifndef IOMMUFD_MODEL_KERNEL_IDR_H
#define IOMMUFD_MODEL_KERNEL_IDR_H

#include <iommufd_model/kernel/context.h>
#include <iommufd_model/kernel/xarray.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A table that maps ids to pointers. */
struct idr {
	struct xarray idr_rt;	/**< the pointers, by id minus idr_base */
	unsigned int idr_base;	/**< the lowest id */
	unsigned int idr_next;	/**< where idr_alloc_cyclic() begins */
	/** the thread that is changing the idr, or 0 */
	uintptr_t changing;
	/** the call site of that change */
	const struct iommufd_model_site *changed_at;
};

/** Allocates ids. */
struct ida {
	struct xarray xa;	/**< an entry for each id that is taken */
};

/** @cond INTERNAL */
#define __IDR_INIT(base, keyp) \
	{ __XARRAY_INIT(XA_FLAGS_ALLOC, keyp), base, 0, 0, NULL }
#define __IDA_INIT(keyp) { __XARRAY_INIT(XA_FLAGS_ALLOC, keyp) }
#ifdef __cplusplus
#define __IOMMUFD_MODEL_DEFINE_IDR(type, name, init)			\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	struct type name = init(&__##name##_key)
#else
#define __IOMMUFD_MODEL_DEFINE_IDR(type, name, init)			\
	struct type name = init(&((struct lock_class_key){ #name, 0 }))
#endif
#define __IDR_INIT_0(keyp) __IDR_INIT(0, keyp)
/** @endcond */

/** Defines an idr at file scope; "static" may precede it. */
#define DEFINE_IDR(name) __IOMMUFD_MODEL_DEFINE_IDR(idr, name, __IDR_INIT_0)
/** Defines an ida at file scope; "static" may precede it. */
#define DEFINE_IDA(name) __IOMMUFD_MODEL_DEFINE_IDR(ida, name, __IDA_INIT)

/**
 * Initialises an idr as empty.
 * @param idr   the idr
 * @param base  the lowest id
 */
#define idr_init_base(idr, base)                                  \
	do {                                                      \
		static struct lock_class_key __key = { #idr, 0 }; \
		iommufd_model_idr_init(idr, base, &__key,         \
				       IOMMUFD_MODEL_SITE(#idr)); \
	} while (0)
/** Initialises an idr as empty, with ids from 0 on. */
#define idr_init(idr) idr_init_base(idr, 0)
/** Initialises an ida as empty. */
#define ida_init(ida)                                                        \
	do {                                                                 \
		static struct lock_class_key __key = { #ida, 0 };            \
		iommufd_model_xa_init_at(&(ida)->xa, XA_FLAGS_ALLOC, &__key, \
					 IOMMUFD_MODEL_SITE(#ida));          \
	} while (0)

/**
 * @name Behind the macros
 * These are the functions that the macros below call.  Use the macros, which
 * add the call site.
 * @{
 */

/**
 * Initialises an idr.  idr_init_base() calls it.
 * @param idr   the idr
 * @param base  the lowest id
 * @param key   the class of its lock; must be static
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_idr_init(struct idr *idr, int base, struct lock_class_key *key,
		       const struct iommufd_model_site *site);
/**
 * Stores a pointer under a free id.  idr_alloc() and the like call it.
 * @param idr     the idr
 * @param ptr     the pointer
 * @param id      is set to the id
 * @param min     the lowest id
 * @param max     the highest id
 * @param cyclic  true to begin after the id that was allocated last
 * @param site    the call site
 * @return 0, -ENOSPC or -ENOMEM
 */
IOMMUFD_MODEL_API int
iommufd_model_idr_alloc(struct idr *idr, void *ptr, u32 *id, unsigned long min,
			unsigned long max, bool cyclic,
			const struct iommufd_model_site *site);
/**
 * Checks the arguments of idr_alloc() and then allocates.
 * @param idr     the idr
 * @param ptr     the pointer
 * @param start   the lowest id
 * @param end     the highest id plus 1; 0 for no limit
 * @param cyclic  true to begin after the id that was allocated last
 * @param site    the call site
 * @return the id, or a negative errno
 */
IOMMUFD_MODEL_API int
iommufd_model_idr_alloc_range(struct idr *idr, void *ptr, int start, int end,
			      bool cyclic,
			      const struct iommufd_model_site *site);
/** @behind{idr_find} */
IOMMUFD_MODEL_API void *
iommufd_model_idr_find(const struct idr *idr, unsigned long id,
		       const struct iommufd_model_site *site);
/** @behind{idr_remove} */
IOMMUFD_MODEL_API void *
iommufd_model_idr_remove(struct idr *idr, unsigned long id,
			 const struct iommufd_model_site *site);
/** @behind{idr_replace} */
IOMMUFD_MODEL_API void *
iommufd_model_idr_replace(struct idr *idr, void *ptr, unsigned long id,
			  const struct iommufd_model_site *site);
/** @behind{idr_get_next_ul} */
IOMMUFD_MODEL_API void *
iommufd_model_idr_get_next(const struct idr *idr, unsigned long *id,
			   const struct iommufd_model_site *site);
/**
 * Finds the next pointer.  idr_get_next() calls it.
 * @param idr   the idr
 * @param id    the id at which the search begins; set to the pointer's id
 * @param site  the call site
 * @return the pointer, or NULL
 */
static inline void *
iommufd_model_idr_get_next_int(const struct idr *idr, int *id,
			       const struct iommufd_model_site *site)
{
	unsigned long next = (unsigned long)*id;
	void *ptr = *id < 0 ? NULL :
			      iommufd_model_idr_get_next(idr, &next, site);

	if (!ptr || next > INT_MAX)
		return NULL;
	*id = (int)next;
	return ptr;
}
/** @behind{idr_for_each} */
IOMMUFD_MODEL_API int
iommufd_model_idr_for_each(const struct idr *idr,
			   int (*fn)(int id, void *p, void *data), void *data,
			   const struct iommufd_model_site *site);
/** @behind{idr_is_empty} */
IOMMUFD_MODEL_API bool
iommufd_model_idr_is_empty(const struct idr *idr,
			   const struct iommufd_model_site *site);
/** @behind{idr_destroy} */
IOMMUFD_MODEL_API void
iommufd_model_idr_destroy(struct idr *idr,
			  const struct iommufd_model_site *site);
/**
 * Allocates a free id.  ida_alloc_range() calls it.
 * @param ida   the ida
 * @param min   the lowest id
 * @param max   the highest id
 * @param site  the call site
 * @return the id, or a negative errno
 */
IOMMUFD_MODEL_API int
iommufd_model_ida_alloc(struct ida *ida, unsigned int min, unsigned int max,
			const struct iommufd_model_site *site);
/** @behind{ida_free} */
IOMMUFD_MODEL_API void
iommufd_model_ida_free(struct ida *ida, unsigned int id,
		       const struct iommufd_model_site *site);
/** @behind{ida_find_first_range} */
IOMMUFD_MODEL_API int
iommufd_model_ida_find_first(struct ida *ida, unsigned int min,
			     unsigned int max,
			     const struct iommufd_model_site *site);
/** @behind{ida_destroy} */
IOMMUFD_MODEL_API void
iommufd_model_ida_destroy(struct ida *ida,
			  const struct iommufd_model_site *site);
/** @} */

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_IDR_GFP(gfp, call) \
	((void)iommufd_model_might_alloc(gfp, call, IOMMUFD_MODEL_SITE(call)))
/** @endcond */

/**
 * Stores a pointer under the lowest free id.
 * @param idr    the idr
 * @param ptr    the pointer, or NULL to reserve the id
 * @param start  the lowest id, at least 0
 * @param end    the highest id plus 1; if it is 0 or less, INT_MAX is the
 *   highest id
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return the id, or a negative errno
 * @errors -EINVAL and a WARN: @p start is negative; -ENOSPC: no id in the range
 *   is free; -ENOMEM.
 * @context The caller must exclude other changes.
 */
#define idr_alloc(idr, ptr, start, end, gfp)				\
	(__IOMMUFD_MODEL_IDR_GFP(gfp, "idr_alloc"),			\
	 iommufd_model_idr_alloc_range(idr, ptr, start, end, false,	\
				       IOMMUFD_MODEL_SITE(#idr)))
/**
 * Stores a pointer under the next free id after the one that was allocated
 * last.  If there is none, it takes the lowest free id.
 * @param idr    the idr
 * @param ptr    the pointer, or NULL to reserve the id
 * @param start  the lowest id, at least 0
 * @param end    the highest id plus 1; if it is 0 or less, INT_MAX is the
 *   highest id
 * @param gfp    allocation flags, such as GFP_KERNEL
 * @return the same as idr_alloc()
 * @context The caller must exclude other changes.
 */
#define idr_alloc_cyclic(idr, ptr, start, end, gfp)			\
	(__IOMMUFD_MODEL_IDR_GFP(gfp, "idr_alloc_cyclic"),		\
	 iommufd_model_idr_alloc_range(idr, ptr, start, end, true,	\
				       IOMMUFD_MODEL_SITE(#idr)))
/**
 * Stores a pointer under the lowest free id that is not below *@p nextid.
 * @param idr     the idr
 * @param ptr     the pointer, or NULL to reserve the id
 * @param nextid  a pointer to the lowest allowed id, a u32; set to the new id
 * @param max     the highest id
 * @param gfp     allocation flags, such as GFP_KERNEL
 * @return 0, or a negative errno
 * @errors -ENOSPC: no id in the range is free; -ENOMEM.
 * @context The caller must exclude other changes.
 */
#define idr_alloc_u32(idr, ptr, nextid, max, gfp) __extension__({	\
	u32 *__next = (nextid);						\
									\
	__IOMMUFD_MODEL_IDR_GFP(gfp, "idr_alloc_u32");			\
	iommufd_model_idr_alloc(idr, ptr, __next, *__next, max, false,	\
				IOMMUFD_MODEL_SITE(#idr));		\
})

/**
 * Finds the pointer with an id.
 * @param idr  the idr
 * @param id   the id
 * @return the pointer, or NULL if there is none
 * @context Any; does not block.
 */
#define idr_find(idr, id) \
	iommufd_model_idr_find(idr, id, IOMMUFD_MODEL_SITE(#idr))
/**
 * Removes an id.
 * @param idr  the idr
 * @param id   the id
 * @return the pointer, or NULL if there was none
 * @context The caller must exclude other changes.
 */
#define idr_remove(idr, id) \
	iommufd_model_idr_remove(idr, id, IOMMUFD_MODEL_SITE(#idr))
/**
 * Stores another pointer under an allocated id.
 * @param idr  the idr
 * @param ptr  the pointer, or NULL
 * @param id   the id
 * @return the old pointer, or an error pointer
 * @errors -ENOENT: the id is not allocated.
 * @context The caller must exclude other changes.
 */
#define idr_replace(idr, ptr, id) \
	iommufd_model_idr_replace(idr, ptr, id, IOMMUFD_MODEL_SITE(#idr))
/**
 * Finds the first pointer whose id is not below *@p id.
 * @param idr  the idr
 * @param id   a pointer to an int, which is set to the id of the pointer found
 * @return the pointer, or NULL if there is none
 * @context Any; does not block.
 */
#define idr_get_next(idr, id) \
	iommufd_model_idr_get_next_int(idr, id, IOMMUFD_MODEL_SITE(#idr))
/**
 * Does the same as idr_get_next() with an unsigned long.
 * @param idr  the idr
 * @param id   a pointer to the id, which is set to the id of the pointer found
 * @return the pointer, or NULL if there is none
 * @context Any; does not block.
 */
#define idr_get_next_ul(idr, id) \
	iommufd_model_idr_get_next(idr, id, IOMMUFD_MODEL_SITE(#idr))
/**
 * Calls a function for each pointer, in ascending order of the ids.
 * @param idr   the idr
 * @param fn    the function; if it does not return 0, the loop ends
 * @param data  is passed to @p fn
 * @return what @p fn returned last, or 0
 * @context The same as that of @p fn.
 */
#define idr_for_each(idr, fn, data) \
	iommufd_model_idr_for_each(idr, fn, data, IOMMUFD_MODEL_SITE(#idr))
/**
 * Runs the loop body for each pointer in ascending order of the ids.
 * @param idr    the idr
 * @param entry  a pointer that is set to each pointer in turn; NULL afterwards
 * @param id     an int that is set to the id
 */
#define idr_for_each_entry(idr, entry, id)				\
	for (id = 0;							\
	     ((entry) = (__typeof__(entry))idr_get_next(idr, &(id))) != NULL; \
	     id++)
/**
 * Does what idr_for_each_entry() does, beginning at the value of @p id.
 * @param idr    the idr
 * @param entry  a pointer that is set to each pointer in turn; NULL afterwards
 * @param id     an int that is set to the id
 */
#define idr_for_each_entry_continue(idr, entry, id)			\
	for (;								\
	     ((entry) = (__typeof__(entry))idr_get_next(idr, &(id))) != NULL; \
	     id++)
/**
 * Tells whether no id is allocated.
 * @param idr  the idr
 * @return true if none is
 */
#define idr_is_empty(idr) \
	iommufd_model_idr_is_empty(idr, IOMMUFD_MODEL_SITE(#idr))
/**
 * Removes all ids.  It does not free the objects to which the pointers point.
 * @param idr  the idr; it may be used again
 * @context The caller must exclude other changes.
 */
#define idr_destroy(idr) \
	iommufd_model_idr_destroy(idr, IOMMUFD_MODEL_SITE(#idr))
/**
 * Turns preemption off before idr_alloc() with GFP_NOWAIT.  Unlike the kernel's
 * function it preallocates no memory.
 * @param gfp  allocation flags, such as GFP_KERNEL
 * @context May sleep in a kernel; hold no spinlock.
 */
#define idr_preload(gfp) do {						\
	__IOMMUFD_MODEL_IDR_GFP(gfp, "idr_preload");			\
	preempt_disable();						\
} while (0)
/** Turns preemption on after idr_preload(). */
#define idr_preload_end() preempt_enable()
/** Gives the id at which idr_alloc_cyclic() begins its search. */
#define idr_get_cursor(idr) READ_ONCE((idr)->idr_next)
/** Sets the id at which idr_alloc_cyclic() begins its search. */
#define idr_set_cursor(idr, val) WRITE_ONCE((idr)->idr_next, val)

/**
 * Allocates the lowest free id of a range.
 * @param ida  the ida
 * @param min  the lowest id
 * @param max  the highest id, at most INT_MAX
 * @param gfp  allocation flags, such as GFP_KERNEL
 * @return the id, or a negative errno
 * @errors -ENOSPC: no id in the range is free; -ENOMEM.
 * @context Any if @p gfp is GFP_ATOMIC.
 */
#define ida_alloc_range(ida, min, max, gfp)				\
	(__IOMMUFD_MODEL_IDR_GFP(gfp, "ida_alloc_range"),		\
	 iommufd_model_ida_alloc(ida, min, max, IOMMUFD_MODEL_SITE(#ida)))
/** Allocates the lowest free id. */
#define ida_alloc(ida, gfp) ida_alloc_range(ida, 0, ~0u, gfp)
/** Allocates the lowest free id that is not below @p min. */
#define ida_alloc_min(ida, min, gfp) ida_alloc_range(ida, min, ~0u, gfp)
/** Allocates the lowest free id that is not above @p max. */
#define ida_alloc_max(ida, max, gfp) ida_alloc_range(ida, 0, max, gfp)
/**
 * Frees an id.
 * @param ida  the ida
 * @param id   the id
 * @errors A WARN if the id is not allocated.
 * @context Any; does not block.
 */
#define ida_free(ida, id) \
	iommufd_model_ida_free(ida, id, IOMMUFD_MODEL_SITE(#ida))
/**
 * Finds the lowest allocated id of a range.
 * @param ida  the ida
 * @param min  the lowest id
 * @param max  the highest id
 * @return the id, or a negative errno
 * @errors -EINVAL: the range is invalid; -ENOENT: no id in it is allocated.
 * @context Any; does not block.
 */
#define ida_find_first_range(ida, min, max) \
	iommufd_model_ida_find_first(ida, min, max, IOMMUFD_MODEL_SITE(#ida))
/** Finds the lowest allocated id. */
#define ida_find_first(ida) ida_find_first_range(ida, 0, ~0u)
/** Tells whether an id is allocated. */
#define ida_exists(ida, id) (ida_find_first_range(ida, id, id) == (int)(id))
/** Tells whether no id is allocated. */
#define ida_is_empty(ida) (ida_find_first(ida) < 0)
/**
 * Frees all ids.
 * @param ida  the ida; it may be used again
 * @context Any; does not block.
 */
#define ida_destroy(ida) \
	iommufd_model_ida_destroy(ida, IOMMUFD_MODEL_SITE(#ida))

IOMMUFD_MODEL_END_DECLS

#endif
