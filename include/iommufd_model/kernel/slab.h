/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Kernel memory: the kmalloc and kvmalloc families.
 *
 * Each allocation remembers its size, family, place of call and a label for
 * reports, and is on one list of all that is alive: what is left at the end is
 * a leak with a name.  Freeing with the wrong family, or freeing what is not an
 * allocation, is a WARN.  A test can make the n-th allocation fail.
 *
 * Memory is aligned to 16 bytes.  No call sleeps here; one that may sleep in a
 * kernel is reported under a spinlock (might_sleep()).
 */
#ifndef IOMMUFD_MODEL_KERNEL_SLAB_H
#define IOMMUFD_MODEL_KERNEL_SLAB_H

#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define __GFP_HIGH 0x20u	/**< no effect */
#define __GFP_ZERO 0x100u	/**< zeroed */
#define __GFP_DIRECT_RECLAIM 0x400u	/**< may sleep */
#define __GFP_KSWAPD_RECLAIM 0x800u	/**< no effect */
#define __GFP_NOWARN 0x2000u	/**< no effect */
/** an ordinary allocation, which may sleep */
#define GFP_KERNEL (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL_ACCOUNT GFP_KERNEL	/**< the same */
#define GFP_ATOMIC (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)	/**< never sleeps */
#define GFP_NOWAIT (__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)	/**< the same */

/**
 * Tells whether an allocation may sleep.
 * @param gfp  its flags
 * @return true if so
 */
static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

/**
 * Is might_sleep() if an allocation with these flags may sleep.
 * @param gfp  the flags
 */
#define might_alloc(gfp) \
	((void)iommufd_model_might_alloc(gfp, "might_alloc", \
					 IOMMUFD_MODEL_SITE("might_alloc()")))

/** @cond INTERNAL */
/* Returns @gfp, so that a macro evaluates it once. */
static inline gfp_t
iommufd_model_might_alloc(gfp_t gfp, const char *call,
			  const struct iommufd_model_site *site)
{
	if (gfpflags_allow_blocking(gfp))
		iommufd_model_may_sleep(call, site);
	return gfp;
}

/** @endcond */

/**
 * Allocates zeroed memory.
 * @param size  bytes
 * @param gfp   GFP_KERNEL; GFP_ATOMIC under a spinlock
 * @return the memory, or NULL
 * @ownership The caller frees it by kfree() or kvfree().
 */
#define kzalloc(size, gfp) \
	iommufd_model_alloc(1, size, (gfp) | __GFP_ZERO, false, \
			    IOMMUFD_MODEL_SITE("kzalloc"))

/**
 * Allocates memory, of any content.
 * @param size  bytes
 * @param gfp   as of kzalloc(); with __GFP_ZERO zeroed
 * @return the memory, or NULL
 * @ownership The caller frees it by kfree() or kvfree().
 */
#define kmalloc(size, gfp) \
	iommufd_model_alloc(1, size, gfp, false, IOMMUFD_MODEL_SITE("kmalloc"))

/**
 * Allocates a zeroed array.
 * @param n     elements
 * @param size  bytes of one
 * @param gfp   GFP_KERNEL; GFP_ATOMIC under a spinlock
 * @return the memory, or NULL, also if n * size overflows
 * @ownership The caller frees it by kfree() or kvfree().
 */
#define kcalloc(n, size, gfp) \
	iommufd_model_alloc(n, size, (gfp) | __GFP_ZERO, false, \
			    IOMMUFD_MODEL_SITE("kcalloc"))

/**
 * Is kzalloc() for large sizes.
 * @param size  bytes
 * @param gfp   GFP_KERNEL; GFP_ATOMIC under a spinlock
 * @return the memory, or NULL
 * @ownership The caller frees it by kvfree() only.
 */
#define kvzalloc(size, gfp) \
	iommufd_model_alloc(1, size, (gfp) | __GFP_ZERO, true, \
			    IOMMUFD_MODEL_SITE("kvzalloc"))

/**
 * Is kcalloc() for large sizes.
 * @param n     elements
 * @param size  bytes of one
 * @param gfp   GFP_KERNEL; GFP_ATOMIC under a spinlock
 * @return the memory, or NULL, also if n * size overflows
 * @ownership The caller frees it by kvfree() only.
 */
#define kvcalloc(n, size, gfp) \
	iommufd_model_alloc(n, size, (gfp) | __GFP_ZERO, true, \
			    IOMMUFD_MODEL_SITE("kvcalloc"))

/**
 * Frees memory of the kmalloc family.
 * @param p  the memory, or NULL
 * @errors A WARN: not an allocation, freed already, of the kvmalloc family, or
 *   a lock inside is held by this thread.
 */
#define kfree(p) iommufd_model_free(p, false, IOMMUFD_MODEL_SITE(#p))
/**
 * Frees memory of either family.
 * @param p  the memory, or NULL
 * @errors A WARN: not an allocation, freed already, or a lock inside is held by
 *   this thread.
 */
#define kvfree(p) iommufd_model_free(p, true, IOMMUFD_MODEL_SITE(#p))

/**
 * Allocates: what kzalloc() and its like call.
 * @param n     elements
 * @param size  bytes of one
 * @param gfp   __GFP_ZERO: zeroed
 * @param kv    of the kvmalloc family
 * @param site  the place of the call
 * @return the memory, or NULL
 */
IOMMUFD_MODEL_API void *
iommufd_model_alloc(size_t n, size_t size, gfp_t gfp, bool kv,
		    const struct iommufd_model_site *site)
	__attribute__((malloc));

/**
 * Frees: what kfree() and kvfree() call.
 * @param p     the memory, or NULL
 * @param kv    by kvfree()
 * @param site  the place of the call
 */
IOMMUFD_MODEL_API void
iommufd_model_free(const void *p, bool kv,
		   const struct iommufd_model_site *site);

/** What reports call an allocation. */
struct iommufd_model_label {
	const char *name;	/**< its name, "ioas" */
	/**
	 * Offset of an unsigned int in it that tells it from others of its
	 * name, 0 if there is none.
	 */
	size_t id_offset;
};

/**
 * Names an allocation for reports.
 * @param p      its start
 * @param label  its name; must stay valid as long as the allocation
 */
IOMMUFD_MODEL_API void
iommufd_model_label(const void *p, const struct iommufd_model_label *label);

/** One live allocation. */
struct iommufd_model_allocation {
	const void *addr;	/**< its start */
	size_t size;	/**< bytes */
	/** from 1 in the order they were made, modulo 2^32 */
	unsigned int number;
	const char *label;	/**< its name, NULL if it has none */
	/** tells it from others of its name; 0 if it has none */
	unsigned int id;
	/** where it was made; valid for ever */
	const struct iommufd_model_site *site;
};

/**
 * Finds the live allocation that contains an address.  Walks them all.
 * @param addr  any address
 * @param out   filled in if there is one
 * @return false if there is none
 */
IOMMUFD_MODEL_API bool
iommufd_model_find_allocation(const void *addr,
			      struct iommufd_model_allocation *out);

/**
 * Counts the allocations that were ever tried, failed ones too.
 * @return how many
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_allocations(void);

/**
 * Counts the live allocations.
 * @param after  only those with a number above it
 * @param fn     called for each; may be NULL; must not call the model
 * @param data   for @p fn
 * @return how many
 */
IOMMUFD_MODEL_API unsigned long
iommufd_model_leaks(unsigned long after,
		    void (*fn)(const struct iommufd_model_allocation *allocation,
			       void *data),
		    void *data);

/**
 * Names the allocation that contains an address.
 * @param addr  any address
 * @param buf   for the name
 * @param size  its size
 * @return @p buf: "ioas 3", "64 bytes allocated by FUNCTION", "" if unknown
 */
IOMMUFD_MODEL_API const char *iommufd_model_describe(const void *addr,
						     char *buf, size_t size);

/**
 * Makes one allocation fail.
 * @param n  the n-th from now, which is 1; 0: none
 */
IOMMUFD_MODEL_API void iommufd_model_fail_nth(unsigned long n);

/**
 * Makes all allocations from one on fail.
 * @param n  the n-th from now, which is 1; 0: none
 */
IOMMUFD_MODEL_API void iommufd_model_fail_from(unsigned long n);

/**
 * Counts the allocations that were made to fail.
 * @return how many since the last iommufd_model_fail_nth() or
 *   iommufd_model_fail_from()
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_failed(void);

IOMMUFD_MODEL_END_DECLS

#endif
