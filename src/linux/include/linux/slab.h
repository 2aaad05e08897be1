/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Caches of objects of one size.  Each object is an allocation of its own, so
 * that errors in its use are found.  A sheaf is a list of objects that were
 * allocated beforehand.
 */
#ifndef TREE_LINUX_SLAB_H
#define TREE_LINUX_SLAB_H

#include_next <linux/slab.h>
/* The caches of the model have no sheaves. */
#undef kmem_cache_create
#undef kmem_cache_alloc
#undef kmem_cache_free
#undef kmem_cache_destroy
#include <linux/kernel.h>
#include <linux/types.h>

struct kmem_cache;
struct slab_sheaf;

struct kmem_cache_args {
	unsigned int align;
	unsigned int sheaf_capacity;
};

#define SLAB_PANIC 0x1u
#define SLAB_ACCOUNT 0x2u
#ifndef __GFP_DMA
#define __GFP_DMA 0x1u
#define __GFP_HIGHMEM 0x2u
#define __GFP_DMA32 0x4u
#define GFP_HIGHUSER GFP_KERNEL
#endif

struct kmem_cache *tree_cache_create(const char *name, unsigned int size,
				     unsigned int align);
/* The third argument is a struct kmem_cache_args, or a number in old sources. */
#define kmem_cache_create(name, size, args, ...) \
	tree_cache_create(name, size, _Generic((args), \
		struct kmem_cache_args *: tree_args_align, \
		default: tree_number_align)((unsigned long)(args)))
static inline unsigned int tree_args_align(unsigned long args)
{
	return ((const struct kmem_cache_args *)args)->align;
}

static inline unsigned int tree_number_align(unsigned long align)
{
	return (unsigned int)align;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *cache, void *object);
int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t nr,
			  void **objects);
void kmem_cache_free_bulk(struct kmem_cache *cache, size_t nr, void **objects);
struct slab_sheaf *kmem_cache_prefill_sheaf(struct kmem_cache *cache, gfp_t gfp,
					    unsigned int nr);
int kmem_cache_refill_sheaf(struct kmem_cache *cache, gfp_t gfp,
			    struct slab_sheaf **sheaf, unsigned int nr);
void kmem_cache_return_sheaf(struct kmem_cache *cache, gfp_t gfp,
			     struct slab_sheaf *sheaf);
void *kmem_cache_alloc_from_sheaf(struct kmem_cache *cache, gfp_t gfp,
				  struct slab_sheaf *sheaf);
unsigned int kmem_cache_sheaf_size(struct slab_sheaf *sheaf);
#define kmem_cache_shrink(cache) ((void)(cache))
#ifdef TREE_MAPLE
/* The maple tree calls kfree() for objects of its cache. */
#undef kfree
#define kfree(object) kmem_cache_free(NULL, object)
#endif

#endif
