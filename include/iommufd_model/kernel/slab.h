/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Kernel memory: the kmalloc() and kvmalloc() families.
 *
 * The library records the size, family, call site and label of each allocation,
 * and keeps a list of all live allocations.  An allocation that is still on the
 * list when a test ends is a leak, which reports can name.  A free with a
 * function of the wrong family, or of something that is not an allocation, is a
 * WARN.  A test can make the n-th allocation fail.
 *
 * Memory is aligned to 16 bytes.  No call here sleeps.  An allocation that may
 * sleep in a kernel is reported if a spinlock is held (might_sleep()).
 */
#ifndef IOMMUFD_MODEL_KERNEL_SLAB_H
#define IOMMUFD_MODEL_KERNEL_SLAB_H

#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/context.h>
#include <iommufd_model/kernel/lockdep.h>
#include <iommufd_model/kernel/overflow.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define __GFP_HIGH 0x20u	/**< no effect */
#define __GFP_ZERO 0x100u	/**< the memory is set to zero */
#define __GFP_DIRECT_RECLAIM 0x400u	/**< the call may sleep */
#define __GFP_KSWAPD_RECLAIM 0x800u	/**< no effect */
#define __GFP_NOWARN 0x2000u	/**< no effect */
#define __GFP_RETRY_MAYFAIL 0x4000u	/**< no effect */
#define __GFP_NOFAIL 0x8000u /**< no test makes the allocation fail */
#define __GFP_NORETRY 0x10000u	/**< no effect */
#define __GFP_COMP 0x40000u	/**< no effect */
#define __GFP_ACCOUNT 0x400000u	/**< no effect */
/** an ordinary allocation, which may sleep */
#define GFP_KERNEL (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL_ACCOUNT GFP_KERNEL	/**< the same as GFP_KERNEL */
#define GFP_ATOMIC (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)	/**< never sleeps */
/** never sleeps */
#define GFP_NOWAIT (__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)

/**
 * Tells whether an allocation may sleep.
 * @param gfp  its flags
 * @return true if it may
 */
static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

/**
 * Does might_sleep() if an allocation with these flags may sleep.
 * @param gfp  the flags
 */
#define might_alloc(gfp) \
	((void)iommufd_model_might_alloc(gfp, "might_alloc", \
					 IOMMUFD_MODEL_SITE("might_alloc()")))

/**
 * Tells whether a fault is to be injected here.  The call counts as an
 * allocation, so that iommufd_model_fail_nth() can choose it.
 * @return true if this call is chosen
 * @context Any; does not block and does not pass the gate.
 */
IOMMUFD_MODEL_API bool iommufd_model_fault(void);

/** @cond INTERNAL */
/* Returns @gfp, so that a macro evaluates its argument only once. */
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
 * Allocates memory and sets it to zero.
 * @param size  the size in bytes
 * @param gfp   GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the memory, or NULL if the allocation failed
 * @ownership The caller frees it with kfree() or kvfree().
 */
#define kzalloc(size, gfp) \
	iommufd_model_alloc(1, size, (gfp) | __GFP_ZERO, false, \
			    IOMMUFD_MODEL_SITE("kzalloc"))

/**
 * Allocates memory with undefined contents.
 * @param size  the size in bytes
 * @param gfp   as for kzalloc(); with __GFP_ZERO the memory is set to zero
 * @return the memory, or NULL if the allocation failed
 * @ownership The caller frees it with kfree() or kvfree().
 */
#define kmalloc(size, gfp) \
	iommufd_model_alloc(1, size, gfp, false, IOMMUFD_MODEL_SITE("kmalloc"))

/**
 * Allocates an array and sets it to zero.
 * @param n     the number of elements
 * @param size  the size of an element in bytes
 * @param gfp   GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the memory, or NULL if the allocation failed or n * size overflows
 * @ownership The caller frees it with kfree() or kvfree().
 */
#define kcalloc(n, size, gfp) \
	iommufd_model_alloc(n, size, (gfp) | __GFP_ZERO, false, \
			    IOMMUFD_MODEL_SITE("kcalloc"))

/**
 * Allocates memory as kzalloc() does, for large sizes.
 * @param size  the size in bytes
 * @param gfp   GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the memory, or NULL if the allocation failed
 * @ownership The caller frees it with kvfree(), not kfree().
 */
#define kvzalloc(size, gfp) \
	iommufd_model_alloc(1, size, (gfp) | __GFP_ZERO, true, \
			    IOMMUFD_MODEL_SITE("kvzalloc"))

/**
 * Allocates an array, as kcalloc() does, for large sizes.
 * @param n     the number of elements
 * @param size  the size of an element in bytes
 * @param gfp   GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the memory, or NULL if the allocation failed or n * size overflows
 * @ownership The caller frees it with kvfree(), not kfree().
 */
#define kvcalloc(n, size, gfp) \
	iommufd_model_alloc(n, size, (gfp) | __GFP_ZERO, true, \
			    IOMMUFD_MODEL_SITE("kvcalloc"))

/** Works like kcalloc(), but the contents are undefined. */
#define kmalloc_array(n, size, gfp) \
	iommufd_model_alloc(n, size, gfp, false, \
			    IOMMUFD_MODEL_SITE("kmalloc_array"))
/** Works like kvzalloc(), but the contents are undefined. */
#define kvmalloc(size, gfp) \
	iommufd_model_alloc(1, size, gfp, true, IOMMUFD_MODEL_SITE("kvmalloc"))
/** Works like kvcalloc(), but the contents are undefined. */
#define kvmalloc_array(n, size, gfp) \
	iommufd_model_alloc(n, size, gfp, true, \
			    IOMMUFD_MODEL_SITE("kvmalloc_array"))
/** Does the same as kmalloc(); there is only one node. */
#define kmalloc_node(size, gfp, node) ((void)(node), kmalloc(size, gfp))
/** Does the same as kzalloc(); there is only one node. */
#define kzalloc_node(size, gfp, node) ((void)(node), kzalloc(size, gfp))
/** Does kvzalloc() with GFP_KERNEL.  vfree() may free the memory too. */
#define vzalloc(size) kvzalloc(size, GFP_KERNEL)
/** Does kvmalloc() with GFP_KERNEL.  vfree() may free the memory too. */
#define vmalloc(size) kvmalloc(size, GFP_KERNEL)

/**
 * Changes the size of an allocation, which may move it.  The contents are kept
 * up to the smaller of the two sizes.
 * @param p     the memory, or NULL for kmalloc()
 * @param size  the new size in bytes; 0 frees the memory
 * @param gfp   as for kmalloc(); with __GFP_ZERO new memory is set to zero
 * @return the memory; ZERO_SIZE_PTR for the size 0; NULL if the allocation
 *   failed, in which case @p p is unchanged
 * @ownership The caller owns the memory in place of @p p, as after kmalloc().
 */
#define krealloc(p, size, gfp) \
	iommufd_model_realloc(p, 1, size, gfp, false, IOMMUFD_MODEL_SITE(#p))
/** Does krealloc() for an array; gives NULL if n * size overflows. */
#define krealloc_array(p, n, size, gfp) \
	iommufd_model_realloc(p, n, size, gfp, false, IOMMUFD_MODEL_SITE(#p))
/** Does krealloc() for memory of the kvmalloc() family. */
#define kvrealloc(p, size, gfp) \
	iommufd_model_realloc(p, 1, size, gfp, true, IOMMUFD_MODEL_SITE(#p))

/** The result of krealloc() for the size 0; it may be freed. */
#define ZERO_SIZE_PTR ((void *)16)
/** Tells whether a pointer is NULL or ZERO_SIZE_PTR. */
#define ZERO_OR_NULL_PTR(p) ((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)
/**
 * Gives the size of an allocation.
 * @param p  the memory, or NULL
 * @return its size in bytes; 0 for NULL
 */
#define ksize(p) iommufd_model_ksize(p, IOMMUFD_MODEL_SITE(#p))

#ifndef __cplusplus
/**
 * Allocates a struct with undefined contents.  The first argument is the
 * variable or type that gives the struct.  The flags may follow; the default is
 * GFP_KERNEL.  The macros with _obj, _objs and _flex are defined in C only.
 */
#define kmalloc_obj(...) IOMMUFD_MODEL_OBJ(kmalloc, __VA_ARGS__)
/** Works like kmalloc_obj(), and sets the memory to zero. */
#define kzalloc_obj(...) IOMMUFD_MODEL_OBJ(kzalloc, __VA_ARGS__)
/** Works like kmalloc_obj(), for memory that is freed with kvfree(). */
#define kvmalloc_obj(...) IOMMUFD_MODEL_OBJ(kvmalloc, __VA_ARGS__)
/** Works like kzalloc_obj(), for memory that is freed with kvfree(). */
#define kvzalloc_obj(...) IOMMUFD_MODEL_OBJ(kvzalloc, __VA_ARGS__)
/**
 * Works like kmalloc_obj() for an array; the number of elements precedes the
 * flags.
 */
#define kmalloc_objs(...) IOMMUFD_MODEL_OBJS(kmalloc_array, __VA_ARGS__)
/** Works like kmalloc_objs(), and sets the memory to zero. */
#define kzalloc_objs(...) IOMMUFD_MODEL_OBJS(kcalloc, __VA_ARGS__)
/** Works like kmalloc_objs(), for memory that is freed with kvfree(). */
#define kvmalloc_objs(...) IOMMUFD_MODEL_OBJS(kvmalloc_array, __VA_ARGS__)
/** Works like kzalloc_objs(), for memory that is freed with kvfree(). */
#define kvzalloc_objs(...) IOMMUFD_MODEL_OBJS(kvcalloc, __VA_ARGS__)
/**
 * Allocates a struct with a flexible array, whose contents are undefined.  The
 * arguments are the variable or type, the name of the array, the number of its
 * elements and, optionally, the flags.
 */
#define kmalloc_flex(...) IOMMUFD_MODEL_FLEX(kmalloc, __VA_ARGS__)
/** Works like kmalloc_flex(), and sets the memory to zero. */
#define kzalloc_flex(...) IOMMUFD_MODEL_FLEX(kzalloc, __VA_ARGS__)
/** Works like kmalloc_flex(), for memory that is freed with kvfree(). */
#define kvmalloc_flex(...) IOMMUFD_MODEL_FLEX(kvmalloc, __VA_ARGS__)
/** Works like kzalloc_flex(), for memory that is freed with kvfree(). */
#define kvzalloc_flex(...) IOMMUFD_MODEL_FLEX(kvzalloc, __VA_ARGS__)
#endif

/** @cond INTERNAL */
#define IOMMUFD_MODEL_OBJ(fn, ...) \
	IOMMUFD_MODEL_OBJ_(fn, __VA_ARGS__, GFP_KERNEL, 0)
#define IOMMUFD_MODEL_OBJ_(fn, what, gfp, ...) \
	((__typeof__(what) *)fn(sizeof(__typeof__(what)), gfp))
#define IOMMUFD_MODEL_OBJS(fn, ...) \
	IOMMUFD_MODEL_OBJS_(fn, __VA_ARGS__, GFP_KERNEL, 0)
#define IOMMUFD_MODEL_OBJS_(fn, what, n, gfp, ...) \
	((__typeof__(what) *)fn(n, sizeof(__typeof__(what)), gfp))
#define IOMMUFD_MODEL_FLEX(fn, ...) \
	IOMMUFD_MODEL_FLEX_(fn, __VA_ARGS__, GFP_KERNEL, 0)
#define IOMMUFD_MODEL_FLEX_(fn, what, member, n, gfp, ...) \
	((__typeof__(what) *)fn(struct_size_t(__typeof__(what), member, n), gfp))
/** @endcond */

/**
 * Frees memory of the kmalloc() family.
 * @param p  the memory, or NULL
 * @errors A WARN if @p p is not an allocation, if it was freed already, if it
 *   is of the kvmalloc() family, or if this thread holds a lock in it.
 * @context Does not block.
 */
#define kfree(p) iommufd_model_free(p, false, IOMMUFD_MODEL_SITE(#p))
/**
 * Frees memory of either family.
 * @param p  the memory, or NULL
 * @errors A WARN if @p p is not an allocation, if it was freed already, or if
 *   this thread holds a lock in it.
 * @context Does not block.
 */
#define kvfree(p) iommufd_model_free(p, true, IOMMUFD_MODEL_SITE(#p))
/** Does kfree() for a string, which may be a constant in a kernel. */
#define kfree_const(p) kfree(p)
/**
 * Frees memory of vmalloc(), as kvfree() does.
 * @param p  the memory, or NULL
 * @errors The same as for kvfree().
 * @context May sleep in a kernel, unless in_interrupt() is true; hold no
 *   spinlock.
 */
#define vfree(p) iommufd_model_vfree(p, IOMMUFD_MODEL_SITE(#p))
/** Sets memory to zero and does kfree(). */
#define kfree_sensitive(p) \
	iommufd_model_free_sensitive(p, false, IOMMUFD_MODEL_SITE(#p))
/** Sets memory to zero and does kvfree(). */
#define kvfree_sensitive(p, len) \
	((void)(len), iommufd_model_free_sensitive(p, true, \
						   IOMMUFD_MODEL_SITE(#p)))

/**
 * Allocates memory.  kzalloc() and the like call it.
 * @param n     the number of elements
 * @param size  the size of an element in bytes
 * @param gfp   allocation flags; with __GFP_ZERO the memory is set to zero
 * @param kv    true for the kvmalloc() family
 * @param site  the call site
 * @return the memory, or NULL if the allocation failed
 * @ownership The caller frees it with iommufd_model_free().
 */
IOMMUFD_MODEL_API void *
iommufd_model_alloc(size_t n, size_t size, gfp_t gfp, bool kv,
		    const struct iommufd_model_site *site)
	__attribute__((__malloc__));

/**
 * Frees memory.  kfree() and kvfree() call it.
 * @param p     the memory, or NULL
 * @param kv    true for kvfree()
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_free(const void *p, bool kv,
		   const struct iommufd_model_site *site);

/** @cond INTERNAL */
static inline void iommufd_model_vfree(const void *p,
				       const struct iommufd_model_site *site)
{
	if (!in_interrupt())
		iommufd_model_may_sleep("vfree", site);
	iommufd_model_free(p, true, site);
}
/** @endcond */

/**
 * Changes the size of an allocation.  krealloc() and the like call it.
 * @param p     the memory, or NULL
 * @param n     the number of elements
 * @param size  the size of an element in bytes
 * @param gfp   allocation flags
 * @param kv    true for the kvmalloc() family
 * @param site  the call site
 * @return the memory, or NULL
 */
IOMMUFD_MODEL_API void *
iommufd_model_realloc(const void *p, size_t n, size_t size, gfp_t gfp, bool kv,
		      const struct iommufd_model_site *site);

/**
 * Sets memory to zero and frees it.  kfree_sensitive() calls it.
 * @param p     the memory, or NULL
 * @param kv    true for kvfree_sensitive()
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_free_sensitive(const void *p, bool kv,
			     const struct iommufd_model_site *site);

/** @behind{ksize} */
IOMMUFD_MODEL_API size_t
iommufd_model_ksize(const void *p, const struct iommufd_model_site *site);

/** The name of an allocation in reports. */
struct iommufd_model_label {
	const char *name;	/**< the name, such as "ioas" */
	/**
	 * The offset in the allocation of an unsigned int that distinguishes
	 * the allocation from others with the same name; 0 if there is none.
	 */
	size_t id_offset;
};

/**
 * Gives an allocation a name for reports.
 * @param p      the start of the allocation
 * @param label  its name; must stay valid as long as the allocation
 */
IOMMUFD_MODEL_API void
iommufd_model_label(const void *p, const struct iommufd_model_label *label);

/** One live allocation. */
struct iommufd_model_allocation {
	const void *addr;	/**< the start of the allocation */
	size_t size;	/**< the size of the allocation in bytes */
	/** allocations are numbered from 1 in order, modulo 2^32 */
	unsigned int number;
	const char *label;	/**< the name of the allocation, or NULL */
	/**
	 * distinguishes the allocation from others with the same name; 0 for
	 * none
	 */
	unsigned int id;
	/** the call site of the allocation; static */
	const struct iommufd_model_site *site;
};

/**
 * Finds the live allocation that contains an address.
 * iommufd_model_find_allocation() calls it.
 * @param addr  any address
 * @param out   filled in if an allocation is found
 * @param size  the size of @p out in bytes as the caller was compiled with it;
 *   members that the library does not know are set to zero
 * @return true if an allocation is found
 */
IOMMUFD_MODEL_API bool
iommufd_model_find_allocation_sized(const void *addr,
				    struct iommufd_model_allocation *out,
				    size_t size);

/**
 * Finds the live allocation that contains an address.  Takes time in proportion
 * to the number of live allocations.
 * @param addr  any address
 * @param out   filled in if an allocation is found
 * @return true if an allocation is found
 * @context Any; does not block.
 */
static inline bool
iommufd_model_find_allocation(const void *addr,
			      struct iommufd_model_allocation *out)
{
	return iommufd_model_find_allocation_sized(addr, out, sizeof(*out));
}

/**
 * Returns the number of allocations that were ever attempted, including those
 * that failed.
 * @return the number
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_allocations(void);

/**
 * Counts the live allocations, and calls a function for each.
 * @param after  ignore allocations whose number is not above this one
 * @param fn     the function, or NULL; it must not call the model
 * @param data   is passed to @p fn
 * @return the number of allocations
 */
IOMMUFD_MODEL_API unsigned long
iommufd_model_leaks(unsigned long after,
		    void (*fn)(const struct iommufd_model_allocation *allocation,
			       void *data),
		    void *data);

/**
 * Writes a name of the allocation that contains an address.
 * @param addr  any address
 * @param buf   a buffer for the name, which is cut if it is too long
 * @param size  the size of the buffer in bytes, at least 1
 * @return @p buf, with a name such as "ioas 3" or "64 bytes allocated by
 *   FUNCTION", or "" if no allocation is found
 */
IOMMUFD_MODEL_API const char *iommufd_model_describe(const void *addr,
						     char *buf, size_t size);

/**
 * Keeps the memory of the last 512 allocations that were freed, and warns of
 * every operation on it, for example a counter that is incremented or a lock
 * that is taken.  AddressSanitizer and valgrind report plain accesses to it
 * too.  An exploration finds such operations in any case.
 * @param keep  true to keep memory from now on; false to stop and to free all
 *   memory that is kept
 * @errors A report of the kind IOMMUFD_MODEL_MISUSE_USE_AFTER_FREE, which names
 *   the call site of the free.
 * @context Call it only while no other thread is inside the ground.
 */
IOMMUFD_MODEL_API void iommufd_model_keep_freed(bool keep);

/**
 * Makes one allocation fail.
 * @param n  its number, counted from now: 1 is the next one; 0 makes none fail,
 *   also none that iommufd_model_fail_from() has chosen
 */
IOMMUFD_MODEL_API void iommufd_model_fail_nth(unsigned long n);

/**
 * Makes one allocation and all that follow it fail.
 * @param n  the number of the first one, counted from now: 1 is the next one; 0
 *   makes none fail, also none that iommufd_model_fail_nth() has chosen
 */
IOMMUFD_MODEL_API void iommufd_model_fail_from(unsigned long n);

/**
 * Returns the number of allocations that were made to fail.
 * @return the number since the last call of iommufd_model_fail_nth() or
 *   iommufd_model_fail_from()
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_failed(void);

/** @cond INTERNAL */
/* Defines __free(kfree) and __free(kvfree). */
DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
