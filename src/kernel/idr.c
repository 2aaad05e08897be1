// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * struct idr and struct ida, on an xarray.
 *
 * The lock of the xarray makes each call safe with real threads, and does not
 * pass the gate.  A driver has to serialise changes of an idr with a lock of
 * its own.  If it does not, two changes can overlap, which a test must see.
 */
#include "../watch/watch.h"
#include "ground.h"
#include <iommufd_model/kernel/idr.h>

/* A read is one operation at the gate, and so is a write. */
#define READ(table, id, site, expr) \
	GATED_WHOLE(IOMMUFD_MODEL_OP_IDR_READ, table, id, site, expr)
#define WRITE(table, id, site, expr) \
	GATED_WHOLE(IOMMUFD_MODEL_OP_IDR_WRITE, table, id, site, expr)

/* The functions below are those of struct idr. */

static void init(struct idr *idr, int base, struct lock_class_key *key)
{
	iommufd_model_xa_init(&idr->idr_rt, XA_FLAGS_ALLOC, key);
	idr->idr_base = (unsigned int)base;
	idr->idr_next = 0;
	idr->changing = 0;
	idr->changed_at = NULL;
}

void iommufd_model_idr_init(struct idr *idr, int base,
			    struct lock_class_key *key,
			    const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_INIT, idr, sizeof(*idr), site,
		      (init(idr, base, key), 0));
	else
		init(idr, base, key);
}

static void fail_overlap(const struct idr *idr,
			 const struct iommufd_model_site *site)
{
	const struct iommufd_model_site *other =
		__atomic_load_n(&idr->changed_at, __ATOMIC_RELAXED);

	iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, idr,
			     "idr: %s is changed here and at the same time by "
			     "%s (%s:%d), without a lock",
			     site->what, other ? other->func : "?",
			     other ? other->file : "?",
			     other ? other->line : 0);
}

/* Begins a change.  If two changes overlap, the second one reports it. */
static void begin_change(struct idr *idr, const struct iommufd_model_site *site,
			 bool *overlaps)
{
	uintptr_t nobody = 0;

	*overlaps = !__atomic_compare_exchange_n(
		&idr->changing, &nobody, (uintptr_t)current_task(), false,
		__ATOMIC_RELAXED, __ATOMIC_RELAXED);
	if (!*overlaps)
		__atomic_store_n(&idr->changed_at, site, __ATOMIC_RELAXED);
}

static long end_change(struct idr *idr, bool overlaps)
{
	if (!overlaps)
		__atomic_store_n(&idr->changing, 0, __ATOMIC_RELAXED);
	return 0;
}

/* Makes a change in two operations: its effect, and its end. */
#define CHANGE(idr, id, site, expr) __extension__({			\
	bool __overlaps;						\
	long __result = WRITE(idr, id, site, __extension__({		\
		begin_change(idr, site, &__overlaps);			\
		(long)(expr);						\
	}));								\
	if (__overlaps)							\
		fail_overlap(idr, site);				\
	GATED(IOMMUFD_MODEL_OP_IDR_DONE, idr, id, site,			\
	      end_change(idr, __overlaps));				\
	__result;							\
})

static int alloc_id(struct idr *idr, void *ptr, u32 *id, unsigned long min,
		    unsigned long max, bool cyclic)
{
	unsigned int base = idr->idr_base;
	struct xa_limit limit = {
		.max = (u32)(max - base),
		.min = (u32)(min > base ? min - base : 0),
	};
	u32 slot, next = idr->idr_next > base ? idr->idr_next - base : 0;
	int rc;

	if (max < base)
		return -ENOSPC;
	rc = cyclic ? iommufd_model_xa_alloc_cyclic(&idr->idr_rt, &slot, ptr,
						    limit, &next, GFP_NOWAIT) :
		      iommufd_model_xa_alloc(&idr->idr_rt, &slot, ptr, limit,
					     GFP_NOWAIT);
	if (rc < 0)
		return rc == -EBUSY ? -ENOSPC : rc;
	*id = slot + base;
	if (cyclic)
		__atomic_store_n(&idr->idr_next, *id + 1, __ATOMIC_RELAXED);
	return 0;
}

static int alloc(struct idr *idr, void *ptr, u32 *id, unsigned long min,
		 unsigned long max, bool cyclic,
		 const struct iommufd_model_site *site)
{
	return (int)CHANGE(idr, min, site,
			   alloc_id(idr, ptr, id, min, max, cyclic));
}

/*
 * The write counts as one before the operation, because who finds the pointer may
 * read the id; also if there is no id left.
 */
int iommufd_model_idr_alloc(struct idr *idr, void *ptr, u32 *id,
			    unsigned long min, unsigned long max, bool cyclic,
			    const struct iommufd_model_site *site)
{
	iommufd_model_watch_for(id, sizeof(*id), true, site);
	return alloc(idr, ptr, id, min, max, cyclic, site);
}

int iommufd_model_idr_alloc_range(struct idr *idr, void *ptr, int start,
				  int end, bool cyclic,
				  const struct iommufd_model_site *site)
{
	u32 id = 0;
	int rc;

	if (start < 0) {
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_WARN, site, idr,
				     "idr: an id from %d on of %s", start,
				     site->what);
		return -EINVAL;
	}
	rc = alloc(idr, ptr, &id, (unsigned long)start,
		   end > 0 ? (unsigned long)end - 1 : INT_MAX, cyclic, site);
	return rc ? rc : (int)id;
}

/*
 * Returns the slot of @id; if @id is below the base, this is a slot that is
 * always empty.
 */
static unsigned long slot_of(const struct idr *idr, unsigned long id)
{
	return id - idr->idr_base;
}

static struct xarray *array_of(const struct idr *idr)
{
	return (struct xarray *)(uintptr_t)&idr->idr_rt;
}

void *iommufd_model_idr_find(const struct idr *idr, unsigned long id,
			     const struct iommufd_model_site *site)
{
	return (void *)READ(idr, id, site,
			    xa_load(array_of(idr), slot_of(idr, id)));
}

void *iommufd_model_idr_remove(struct idr *idr, unsigned long id,
			       const struct iommufd_model_site *site)
{
	return (void *)CHANGE(idr, id, site,
			      xa_erase(&idr->idr_rt, slot_of(idr, id)));
}

static void *replace(struct idr *idr, void *ptr, unsigned long slot)
{
	struct xa_state xas = { &idr->idr_rt, slot };
	void *old = ERR_PTR(-ENOENT);

	xa_lock(&idr->idr_rt);
	if (xas_load(&xas)) {
		old = xas_store(&xas, ptr ? ptr : XA_ZERO_ENTRY);
		if (xa_is_zero(old))
			old = NULL;
	}
	xa_unlock(&idr->idr_rt);
	return old;
}

void *iommufd_model_idr_replace(struct idr *idr, void *ptr, unsigned long id,
				const struct iommufd_model_site *site)
{
	return (void *)CHANGE(idr, id, site,
			      replace(idr, ptr, slot_of(idr, id)));
}

void *iommufd_model_idr_get_next(const struct idr *idr, unsigned long *id,
				 const struct iommufd_model_site *site)
{
	unsigned long slot;
	void *ptr;

	iommufd_model_watch_for(id, sizeof(*id), false, site);
	slot = *id > idr->idr_base ? *id - idr->idr_base : 0;
	ptr = (void *)READ(idr, *id, site,
			   iommufd_model_xa_find(array_of(idr), &slot,
						 ULONG_MAX));
	if (ptr) {
		iommufd_model_watch_for(id, sizeof(*id), true, site);
		*id = slot + idr->idr_base;
	}
	return ptr;
}

int iommufd_model_idr_for_each(const struct idr *idr,
			       int (*fn)(int id, void *p, void *data),
			       void *data,
			       const struct iommufd_model_site *site)
{
	unsigned long id = 0;
	void *ptr;
	int rc;

	while ((ptr = iommufd_model_idr_get_next(idr, &id, site))) {
		rc = fn((int)id, ptr, data);
		if (rc)
			return rc;
		id++;
	}
	return 0;
}

bool iommufd_model_idr_is_empty(const struct idr *idr,
				const struct iommufd_model_site *site)
{
	return READ(idr, 0, site, xa_empty(&idr->idr_rt));
}

static long destroy(struct xarray *xa)
{
	xa_destroy(xa);
	return 0;
}

void iommufd_model_idr_destroy(struct idr *idr,
			       const struct iommufd_model_site *site)
{
	CHANGE(idr, 0, site, destroy(&idr->idr_rt));
	idr->idr_next = 0;
}

/*
 * The functions below are those of struct ida, in which an allocated id has the
 * zero entry.
 */

static int take_id(struct ida *ida, unsigned int min, unsigned int max)
{
	struct xa_limit limit = {
		.max = max > INT_MAX ? INT_MAX : max, .min = min,
	};
	u32 id;
	int rc;

	if (min > limit.max)
		return -ENOSPC;
	rc = iommufd_model_xa_alloc(&ida->xa, &id, NULL, limit, GFP_NOWAIT);
	if (rc)
		return rc == -EBUSY ? -ENOSPC : rc;
	return (int)id;
}

int iommufd_model_ida_alloc(struct ida *ida, unsigned int min, unsigned int max,
			    const struct iommufd_model_site *site)
{
	return (int)WRITE(ida, min, site, take_id(ida, min, max));
}

/* Frees an id, and returns the entry that was stored. */
static void *give_back(struct xarray *xa, unsigned long id)
{
	struct xa_state xas = { xa, id };
	void *old;

	xa_lock(xa);
	old = xas_store(&xas, NULL);
	xa_unlock(xa);
	return old;
}

void iommufd_model_ida_free(struct ida *ida, unsigned int id,
			    const struct iommufd_model_site *site)
{
	if (!WRITE(ida, id, site, give_back(&ida->xa, id)))
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_WARN, site, ida,
				     "ida: id %u of %s is free", id,
				     site->what);
}

/*
 * Returns the first allocated id that is not below @min.  The xarray's own
 * search cannot be used, because it skips zero entries.
 */
static long first_taken(struct xarray *xa, unsigned int min, unsigned int max)
{
	struct xa_state xas = { xa, min };
	long found = -ENOENT;

	xa_lock(xa);
	if (iommufd_model_xa_next_used(xa, &xas.xa_index) &&
	    xas.xa_index <= max)
		found = (long)xas.xa_index;
	xa_unlock(xa);
	return found;
}

int iommufd_model_ida_find_first(struct ida *ida, unsigned int min,
				 unsigned int max,
				 const struct iommufd_model_site *site)
{
	if ((int)min < 0)
		return -EINVAL;
	if (max > INT_MAX)
		max = INT_MAX;
	return (int)READ(ida, min, site, first_taken(&ida->xa, min, max));
}

void iommufd_model_ida_destroy(struct ida *ida,
			       const struct iommufd_model_site *site)
{
	WRITE(ida, 0, site, destroy(&ida->xa));
}
