/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The xarray of src/kernel, with what a kernel tree needs in addition: entries
 * that are numbers or have tags, and states that store into free slots.
 * Readers take the lock, so they never see a node of the array or an entry that
 * is being moved.
 */
#ifndef TREE_LINUX_XARRAY_H
#define TREE_LINUX_XARRAY_H

#include_next <linux/xarray.h>

#ifndef XA_FLAGS_ACCOUNT
#define XA_FLAGS_ACCOUNT 0
#endif

#define xas_lock(xas) xa_lock((xas)->xa)
#define xas_unlock(xas) xa_unlock((xas)->xa)
#define xas_retry(xas, entry) ((void)(entry), false)

#define xa_mk_value(n) ((void *)((unsigned long)(n) << 1 | 1))
#define xa_to_value(entry) ((unsigned long)(entry) >> 1)
#define xa_is_value(entry) ((bool)((unsigned long)(entry) & 1))
#define xa_tag_pointer(p, tag) ((void *)((unsigned long)(p) | (tag)))
#define xa_untag_pointer(entry) ((void *)((unsigned long)(entry) & ~3ul))
#define xa_pointer_tag(entry) ((unsigned int)((unsigned long)(entry) & 3))
#define xa_is_internal(entry) (((unsigned long)(entry) & 3) == 2)
/* Nodes and errors of a maple tree look like internal entries of an array. */
#define xa_is_node(entry) \
	(xa_is_internal(entry) && (unsigned long)(entry) > 4096)
#ifdef TREE_MAPLE
#undef xa_err
#define xa_is_err(entry) \
	(xa_is_internal(entry) && (long)(entry) < 0 && \
	 (long)(entry) >= -(4095l << 2))
#define xa_err(entry) \
	(xa_is_err(entry) ? (int)((long)(entry) >> 2) : 0)
#else
#define xa_is_err(entry) IS_ERR(entry)
#endif
#define xa_is_advanced(entry) \
	(xa_is_internal(entry) && (unsigned long)(entry) <= 1026)
#define xa_mk_internal(n) ((void *)((unsigned long)(n) << 2 | 2))
#define xa_to_internal(entry) ((unsigned long)(entry) >> 2)

struct tree_xa_state {
	struct xa_state at;
	struct xarray *xa;
	unsigned long xa_index;
	int error;
	bool walked;		/* a load, store or find was done at xa_index */
};

#undef XA_STATE
#define XA_STATE(name, array, index_) \
	struct tree_xa_state name = { .xa = (array), .xa_index = (index_) }

static inline struct xa_state *tree_xas_at(struct tree_xa_state *xas)
{
	xas->at.xa = xas->xa;
	xas->at.xa_index = xas->xa_index;
	return &xas->at;
}

/* A reader without the lock, under RCU, does not see reserved entries. */
static inline void *tree_xas_load(struct tree_xa_state *xas)
{
	xas->walked = true;
	if (xas->error)
		return NULL;
	if (!iommufd_model_lock_is_held(&xas->xa->xa_lock.dep_map))
		return xa_load(xas->xa, xas->xa_index);
	return iommufd_model_xas_load(tree_xas_at(xas));
}

static inline void *tree_xas_store(struct tree_xa_state *xas, void *entry)
{
	void *old;

	xas->walked = true;
	if (xas->error)
		return NULL;
	old = iommufd_model_xas_load(tree_xas_at(xas));
	if (old || !entry)
		return iommufd_model_xas_store(tree_xas_at(xas), entry);
	old = __xa_store(xas->xa, xas->xa_index, entry, GFP_ATOMIC);
	if (IS_ERR(old)) {
		xas->error = (int)PTR_ERR(old);
		old = NULL;
	}
	return old;
}

static inline void *tree_xas_find(struct tree_xa_state *xas, unsigned long max,
				  bool after)
{
	unsigned long index = xas->xa_index;
	void *entry = after ? xa_find_after(xas->xa, &index, max, XA_PRESENT) :
			      xa_find(xas->xa, &index, max, XA_PRESENT);

	xas->walked = true;
	xas->xa_index = index;
	return entry;
}

/*
 * Go to the next index, or stay if nothing was done at xa_index yet, and load.
 */
static inline void *tree_xas_next(struct tree_xa_state *xas)
{
	if (xas->walked)
		xas->xa_index++;
	return tree_xas_load(xas);
}

#undef xas_load
#undef xas_store
#define xas_load(xas) tree_xas_load(xas)
#define xas_store(xas, entry) tree_xas_store(xas, entry)
#define xas_next(xas) tree_xas_next(xas)
#define xas_error(xas) ((xas)->error)
#define xas_set_err(xas, err) ((void)((xas)->error = (err)))
/* If an allocation has failed, it is not repeated. */
#define xas_nomem(xas, gfp) ((void)(xas), false)
#define xas_for_each(xas, entry, max) \
	for (entry = tree_xas_find(xas, max, false); entry; \
	     entry = tree_xas_find(xas, max, true))

#endif
