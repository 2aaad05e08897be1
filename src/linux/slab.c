// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Caches of objects.  Each object is an allocation of src/kernel with room to
 * align it.  The address of the allocation is stored before the aligned object.
 *
 * A sheaf holds objects of one cache that were allocated beforehand, in a list
 * whose links are the first words of the objects.
 */
#include <linux/slab.h>
#include <stdlib.h>

struct kmem_cache {
	unsigned int size, align;
};

struct slab_sheaf {
	void *first;
	unsigned int nr;
};

struct kmem_cache *tree_cache_create(const char *name, unsigned int size,
				     unsigned int align)
{
	struct kmem_cache *cache = malloc(sizeof(*cache));

	if (!cache)
		abort();
	cache->size = size;
	cache->align = align > 16 ? align : 16;
	return cache;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *memory = kmalloc(cache->size + cache->align + sizeof(void *), gfp);
	uintptr_t object;

	if (!memory)
		return NULL;
	object = ((uintptr_t)memory + sizeof(void *) + cache->align - 1) &
		 ~(uintptr_t)(cache->align - 1);
	((void **)object)[-1] = memory;
	return (void *)object;
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	if (object)
		kfree(((void **)object)[-1]);
}

int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t nr,
			  void **objects)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		objects[i] = kmem_cache_alloc(cache, gfp);
		if (!objects[i]) {
			kmem_cache_free_bulk(cache, i, objects);
			return 0;
		}
	}
	return (int)nr;
}

void kmem_cache_free_bulk(struct kmem_cache *cache, size_t nr, void **objects)
{
	while (nr)
		kmem_cache_free(cache, objects[--nr]);
}

static int fill(struct kmem_cache *cache, gfp_t gfp, struct slab_sheaf *sheaf,
		unsigned int nr)
{
	void **object;

	while (sheaf->nr < nr) {
		object = kmem_cache_alloc(cache, gfp);
		if (!object)
			return -ENOMEM;
		*object = sheaf->first;
		sheaf->first = object;
		sheaf->nr++;
	}
	return 0;
}

struct slab_sheaf *kmem_cache_prefill_sheaf(struct kmem_cache *cache, gfp_t gfp,
					    unsigned int nr)
{
	struct slab_sheaf *sheaf = kzalloc(sizeof(*sheaf), gfp);

	if (sheaf && fill(cache, gfp, sheaf, nr)) {
		kmem_cache_return_sheaf(cache, gfp, sheaf);
		sheaf = NULL;
	}
	return sheaf;
}

int kmem_cache_refill_sheaf(struct kmem_cache *cache, gfp_t gfp,
			    struct slab_sheaf **sheaf, unsigned int nr)
{
	return fill(cache, gfp, *sheaf, nr);
}

void *kmem_cache_alloc_from_sheaf(struct kmem_cache *cache, gfp_t gfp,
				  struct slab_sheaf *sheaf)
{
	void **object = sheaf->first;

	if (object) {
		sheaf->first = *object;
		sheaf->nr--;
	}
	return object;
}

void kmem_cache_return_sheaf(struct kmem_cache *cache, gfp_t gfp,
			     struct slab_sheaf *sheaf)
{
	while (sheaf->nr)
		kmem_cache_free(cache,
				kmem_cache_alloc_from_sheaf(cache, gfp, sheaf));
	kfree(sheaf);
}

unsigned int kmem_cache_sheaf_size(struct slab_sheaf *sheaf)
{
	return sheaf->nr;
}
