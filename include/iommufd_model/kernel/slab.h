/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Kernel memory: the kmalloc and kvmalloc families.
 *
 * Each allocation remembers its size, family, place of call and a label for
 * reports, and is on one list of all that is alive: what is left at the end is
 * a leak with a name.  Freeing with the wrong family, or freeing what is not an
 * allocation, is a WARN.  A test can make the n-th allocation fail.
 *
 * Memory is aligned to 16 bytes.  No call sleeps.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SLAB_H
#define IOMMUFD_MODEL_KERNEL_SLAB_H

#include <iommufd_model/kernel/bug.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define GFP_KERNEL 0u
#define GFP_KERNEL_ACCOUNT 0u
#define GFP_ATOMIC 0u
#define __GFP_NOWARN 0u
#define __GFP_ZERO 1u

/* kzalloc(size, gfp): zeroed memory, or NULL.  Freed by kfree or kvfree. */
#define kzalloc(size, gfp) \
	iommufd_model_alloc(1, size, (gfp) | __GFP_ZERO, false, \
			    IOMMUFD_MODEL_SITE("kzalloc"))
#define kmalloc(size, gfp) \
	iommufd_model_alloc(1, size, gfp, false, IOMMUFD_MODEL_SITE("kmalloc"))
/* kcalloc(n, size, gfp): a zeroed array; NULL if n * size overflows. */
#define kcalloc(n, size, gfp) \
	iommufd_model_alloc(n, size, (gfp) | __GFP_ZERO, false, \
			    IOMMUFD_MODEL_SITE("kcalloc"))
/* kvzalloc, kvcalloc: as above for large sizes.  Freed by kvfree only. */
#define kvzalloc(size, gfp) \
	iommufd_model_alloc(1, size, (gfp) | __GFP_ZERO, true, \
			    IOMMUFD_MODEL_SITE("kvzalloc"))
#define kvcalloc(n, size, gfp) \
	iommufd_model_alloc(n, size, (gfp) | __GFP_ZERO, true, \
			    IOMMUFD_MODEL_SITE("kvcalloc"))
/* kfree(p), kvfree(p): @p may be NULL.  WARN if a held lock is inside. */
#define kfree(p) iommufd_model_free(p, false, IOMMUFD_MODEL_SITE(#p))
#define kvfree(p) iommufd_model_free(p, true, IOMMUFD_MODEL_SITE(#p))

IOMMUFD_MODEL_API void *
iommufd_model_alloc(size_t n, size_t size, gfp_t gfp, bool kv,
		    const struct iommufd_model_site *site)
	__attribute__((malloc));
IOMMUFD_MODEL_API void
iommufd_model_free(const void *p, bool kv,
		   const struct iommufd_model_site *site);

/*
 * struct iommufd_model_label - what reports call an allocation
 * @id_offset: of an unsigned int in it that tells it from others of its name,
 *	0 if there is none
 */
struct iommufd_model_label {
	const char *name;
	size_t id_offset;
};

/*
 * iommufd_model_label(p, label): name the allocation that starts at @p.
 * @label must stay valid as long as the allocation.
 */
IOMMUFD_MODEL_API void
iommufd_model_label(const void *p, const struct iommufd_model_label *label);

/*
 * struct iommufd_model_allocation - one live allocation
 * @number: allocations are numbered from 1 in the order they were made, modulo
 *	2^32
 * @label: NULL if it has none
 * @id: 0 if it has none
 */
struct iommufd_model_allocation {
	const void *addr;
	size_t size;
	unsigned int number;
	const char *label;
	unsigned int id;
	const struct iommufd_model_site *site;
};

/*
 * iommufd_model_find_allocation(addr, out): the live allocation that contains
 * @addr; false if there is none.  Walks them all.
 */
IOMMUFD_MODEL_API bool
iommufd_model_find_allocation(const void *addr,
			      struct iommufd_model_allocation *out);

/* iommufd_model_allocations(): how many were ever tried, failed ones too. */
IOMMUFD_MODEL_API unsigned long iommufd_model_allocations(void);

/*
 * iommufd_model_leaks(after, fn, data): calls @fn, which may be NULL, for each
 * live allocation with a number above @after, and returns how many there are.
 * @fn must not call the model.
 */
IOMMUFD_MODEL_API unsigned long
iommufd_model_leaks(unsigned long after,
		    void (*fn)(const struct iommufd_model_allocation *allocation,
			       void *data),
		    void *data);

/* iommufd_model_describe(addr, buf, size): "ioas 3", or "" if unknown. */
IOMMUFD_MODEL_API const char *iommufd_model_describe(const void *addr,
						     char *buf, size_t size);

/*
 * iommufd_model_fail_nth(n): the @n-th allocation from now fails, once.
 * iommufd_model_fail_from(n): the @n-th and all after it fail.
 * n = 0 turns either off.  iommufd_model_failed(): how many failed since.
 */
IOMMUFD_MODEL_API void iommufd_model_fail_nth(unsigned long n);
IOMMUFD_MODEL_API void iommufd_model_fail_from(unsigned long n);
IOMMUFD_MODEL_API unsigned long iommufd_model_failed(void);

IOMMUFD_MODEL_END_DECLS

#endif
