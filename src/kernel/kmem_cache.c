// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Caches of objects of one size.
 *
 * An object is an allocation like any other (slab.c).  Its label is that of its
 * cache, so that the free finds the cache; it has no name, because names in
 * reports must be static.
 *
 * The number of objects is an atomic variable.  It is incremented before an
 * allocation, so that who allocates from a cache that another thread destroys
 * uses freed memory, and it is decremented after a free.
 */
#include "ground.h"
#include <iommufd_model/kernel/atomic.h>
#include <iommufd_model/kernel/kmem_cache.h>
#include <stdio.h>

/*
 * struct kmem_cache - a cache
 * @label: that of its objects, the first member
 * @objects: the number of objects that are allocated
 */
struct kmem_cache {
	struct iommufd_model_label label;
	atomic_t objects;
	size_t size;
	void (*ctor)(void *object);
	char name[32];
};

static int count(struct kmem_cache *cache, enum iommufd_model_op_kind kind,
		 int n, const struct iommufd_model_site *site)
{
	return iommufd_model_atomic_op(kind, &cache->objects,
				       IOMMUFD_MODEL_ATOMIC_RELAXED, n, 0,
				       site);
}

struct kmem_cache *
iommufd_model_cache_create(const char *name, size_t size, void (*ctor)(void *),
			   const struct iommufd_model_site *site)
{
	struct kmem_cache *cache;

	cache = iommufd_model_alloc(1, sizeof(*cache), GFP_KERNEL | __GFP_ZERO,
				    false, site);
	if (!cache)
		return NULL;
	cache->size = size;
	cache->ctor = ctor;
	snprintf(cache->name, sizeof(cache->name), "%s", name);
	return cache;
}

void *iommufd_model_cache_alloc(struct kmem_cache *cache, gfp_t gfp,
				const struct iommufd_model_site *site)
{
	void *p;

	count(cache, IOMMUFD_MODEL_OP_ATOMIC_ADD, 1, site);
	p = iommufd_model_alloc(1, cache->size, gfp, false, site);
	if (!p) {
		count(cache, IOMMUFD_MODEL_OP_ATOMIC_ADD, -1, site);
		return NULL;
	}
	iommufd_model_slab_enter(p, &cache->label);
	if (cache->ctor)
		cache->ctor(p);
	return p;
}

void iommufd_model_cache_left(const struct iommufd_model_label *label,
			      const struct iommufd_model_site *site)
{
	struct kmem_cache *cache =
		container_of(label, struct kmem_cache, label);

	count(cache, IOMMUFD_MODEL_OP_ATOMIC_ADD, -1, site);
}

void iommufd_model_cache_free(struct kmem_cache *cache, void *p,
			      const struct iommufd_model_site *site)
{
	if (!ZERO_OR_NULL_PTR(p) &&
	    iommufd_model_slab_is_other(p, &cache->label))
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_ALLOCATOR, site, p,
				     "kmem_cache_free of %s, which another "
				     "allocator gave",
				     site->what);
	iommufd_model_free(p, true, site);
}

void iommufd_model_cache_destroy(struct kmem_cache *cache,
				 const struct iommufd_model_site *site)
{
	int left;

	if (!cache)
		return;
	iommufd_model_may_sleep("kmem_cache_destroy", site);
	left = count(cache, IOMMUFD_MODEL_OP_ATOMIC_READ, 0, site);
	if (left) {
		iommufd_model_warn(site, cache,
				   "kmem_cache_destroy of %s, of which %d "
				   "object%s left",
				   cache->name, left,
				   left == 1 ? " is" : "s are");
		return;
	}
	iommufd_model_free(cache, false, site);
}
