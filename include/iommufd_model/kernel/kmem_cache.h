/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Caches of objects of one size.
 *
 * Each object is an allocation of its own, of the family of kmalloc(), and may
 * also be freed with kfree() and kfree_rcu().  A cache counts its objects; each
 * change of the count is an operation at the gate.  <iommufd_model/kernel.h> does
 * not include this header.
 */
#ifndef IOMMUFD_MODEL_KERNEL_KMEM_CACHE_H
#define IOMMUFD_MODEL_KERNEL_KMEM_CACHE_H

#include <iommufd_model/kernel/slab.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A cache. */
struct kmem_cache;

#define SLAB_HWCACHE_ALIGN 0x2000u	/**< ignored */
#define SLAB_RECLAIM_ACCOUNT 0x20000u	/**< ignored */
#define SLAB_PANIC 0x40000u	/**< ignored */
#define SLAB_ACCOUNT 0x4000000u	/**< ignored */

/**
 * Creates a cache.
 * @param name   its name, which is copied
 * @param size   the size of an object in bytes
 * @param align  the alignment of an object, which is at most 16 here
 * @param flags  a set of SLAB_ flags, which are ignored; SLAB_TYPESAFE_BY_RCU is
 *   not there
 * @param ctor   NULL, or a function that prepares a new object; here it is called
 *   in each allocation
 * @return the cache, or NULL if the allocation failed
 * @ownership The caller destroys it with kmem_cache_destroy().
 * @context May sleep.
 */
#define kmem_cache_create(name, size, align, flags, ctor)		\
	((void)(align), (void)(flags),					\
	 iommufd_model_cache_create(name, size, ctor,			\
				    IOMMUFD_MODEL_SITE("kmem_cache_create()")))
/** Creates a cache for objects of type struct @p name. */
#define KMEM_CACHE(name, flags)						\
	kmem_cache_create(#name, sizeof(struct name),			\
			  __alignof__(struct name), flags, NULL)
/**
 * Allocates an object, whose contents are undefined unless the cache has a
 * constructor.
 * @param cache  the cache
 * @param gfp    allocation flags
 * @return the object, or NULL if the allocation failed
 * @ownership The caller frees it with kmem_cache_free().
 * @context May sleep if @p gfp says so.
 */
#define kmem_cache_alloc(cache, gfp) \
	iommufd_model_cache_alloc(cache, gfp, IOMMUFD_MODEL_SITE(#cache))
/** Does kmem_cache_alloc(), and sets the object to zero. */
#define kmem_cache_zalloc(cache, gfp) \
	kmem_cache_alloc(cache, (gfp) | __GFP_ZERO)
/**
 * Frees an object.
 * @param cache  its cache
 * @param p      the object, or NULL
 * @errors A WARN as for kfree(), or if the object is not of this cache.
 * @context Does not block.
 */
#define kmem_cache_free(cache, p) \
	iommufd_model_cache_free(cache, p, IOMMUFD_MODEL_SITE(#p))
/**
 * Destroys a cache, whose objects have all been freed.  It does not wait for
 * objects that kfree_rcu() is to free.
 * @param cache  the cache, or NULL
 * @errors A WARN if an object is left; the cache then stays.
 * @context May sleep.
 */
#define kmem_cache_destroy(cache) \
	iommufd_model_cache_destroy(cache, IOMMUFD_MODEL_SITE(#cache))

/**
 * Creates a cache.  kmem_cache_create() calls it.
 * @param name  its name
 * @param size  the size of an object in bytes
 * @param ctor  the constructor, or NULL
 * @param site  the call site
 * @return the cache, or NULL
 */
IOMMUFD_MODEL_API struct kmem_cache *
iommufd_model_cache_create(const char *name, size_t size,
			   void (*ctor)(void *object),
			   const struct iommufd_model_site *site);
/** @behind{kmem_cache_alloc} */
IOMMUFD_MODEL_API void *
iommufd_model_cache_alloc(struct kmem_cache *cache, gfp_t gfp,
			  const struct iommufd_model_site *site);
/** @behind{kmem_cache_free} */
IOMMUFD_MODEL_API void
iommufd_model_cache_free(struct kmem_cache *cache, void *p,
			 const struct iommufd_model_site *site);
/** @behind{kmem_cache_destroy} */
IOMMUFD_MODEL_API void
iommufd_model_cache_destroy(struct kmem_cache *cache,
			    const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
