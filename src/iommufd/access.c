// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ACCESS: software that uses an IOAS.
 *
 * An external access belongs to a driver.  It has callbacks, and it holds a
 * reference to the context, since the driver uses both until it destroys the
 * access.  An internal access belongs to another object of the same context,
 * whose destroy op destroys it.  That destroy op may run in the release of the
 * context, which cannot begin before every reference to the context is dropped;
 * so an internal access must not hold one.  Its ictx is NULL, which tells the
 * two kinds apart.
 *
 * Attach, detach and replace are all a change of the member ioas.  For an
 * external access with a callback the lock is released in the middle of the
 * change, so that the callback may unpin.  From A to B the members change like
 * this:
 *
 *	ioas		 A     NULL ....callback.... B
 *	ioas_unpin	 A      A   ....callback.... B
 *
 * While the callback runs, pins fail, unpins still find A, and another change
 * is refused because ioas differs from ioas_unpin.
 */
#include "io_pagetable.h"

static struct iommufd_access *__iommufd_access_create(struct iommufd_ctx *ictx)
{
	struct iommufd_access *access;

	access = iommufd_object_alloc(ictx, access, IOMMUFD_OBJ_ACCESS);
	if (IS_ERR(access))
		return access;
	/*
	 * This reference belongs to the creator, so that nobody else can
	 * destroy the access.
	 */
	refcount_inc(&access->obj.users);
	mutex_init(&access->ioas_lock);
	return access;
}

struct iommufd_access *
iommufd_access_create(struct iommufd_ctx *ictx,
		      const struct iommufd_access_ops *ops, void *data, u32 *id)
{
	struct iommufd_access *access;

	if (WARN_ON(!ops))
		return ERR_PTR(-EINVAL);
	access = __iommufd_access_create(ictx);
	if (IS_ERR(access))
		return access;
	access->data = data;
	access->ops = ops;
	access->iova_alignment = ops->needs_pin_pages ? PAGE_SIZE : 1;
	access->ictx = ictx;
	iommufd_ctx_get(ictx);
	*id = access->obj.id;
	iommufd_object_finalize(ictx, &access->obj);
	return access;
}

struct iommufd_access *iommufd_access_create_internal(struct iommufd_ctx *ictx)
{
	struct iommufd_access *access;

	access = __iommufd_access_create(ictx);
	if (IS_ERR(access))
		return access;
	access->iova_alignment = PAGE_SIZE;
	iommufd_object_finalize(ictx, &access->obj);
	return access;
}

void iommufd_access_destroy(struct iommufd_access *access)
{
	/*
	 * An internal access has no ictx; iommufd_access_destroy_internal()
	 * destroys it.
	 */
	if (WARN_ON(iommufd_access_is_internal(access)))
		return;
	iommufd_object_destroy_user(access->ictx, &access->obj);
}

static int do_change_ioas(struct iommufd_access *access,
			  struct iommufd_ioas *new_ioas)
{
	u32 iopt_access_list_id = access->iopt_access_list_id;
	struct iommufd_ioas *cur_ioas = access->ioas;
	int rc;

	lockdep_assert_held(&access->ioas_lock);

	if (cur_ioas != access->ioas_unpin)
		return -EBUSY;
	if (cur_ioas == new_ioas)
		return 0;

	access->ioas = NULL;
	if (new_ioas) {
		rc = iopt_add_access(&new_ioas->iopt, access);
		if (rc) {
			access->ioas = cur_ioas;
			return rc;
		}
		refcount_inc(&new_ioas->obj.users);
	}
	if (cur_ioas) {
		if (!iommufd_access_is_internal(access) &&
		    access->ops->unmap) {
			mutex_unlock(&access->ioas_lock);
			access->ops->unmap(access->data, 0, ULONG_MAX);
			mutex_lock(&access->ioas_lock);
		}
		iopt_remove_access(&cur_ioas->iopt, access,
				   iopt_access_list_id);
		refcount_dec(&cur_ioas->obj.users);
	}
	access->ioas = new_ioas;
	access->ioas_unpin = new_ioas;
	return 0;
}

/*
 * Move the access from its present IOAS to @new_ioas; either may be NULL.
 * ioas_lock is held on entry and on exit.  It may be released during the
 * change, as the top of this file describes.
 */
static int iommufd_access_change_ioas(struct iommufd_access *access,
				      struct iommufd_ioas *new_ioas)
{
	int rc;

	/*
	 * The notes tell the observer that the reference to the IOAS belongs to
	 * the access, whichever object this thread is creating or destroying.
	 */
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, &access->obj, 0);
	rc = do_change_ioas(access, new_ioas);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, &access->obj, 0);
	return rc;
}

/* The destroy op; neither the driver nor a lookup can reach the access now. */
static void iommufd_access_destroy_object(struct iommufd_object *obj)
{
	struct iommufd_access *access =
		container_of(obj, struct iommufd_access, obj);

	mutex_lock(&access->ioas_lock);
	if (access->ioas)
		iommufd_model_warn_on(iommufd_access_change_ioas(access, NULL),
				      access);
	mutex_unlock(&access->ioas_lock);
	/* This comes last: it may drop the last reference to the context. */
	if (!iommufd_access_is_internal(access))
		iommufd_ctx_put(access->ictx);
}

const struct iommufd_object_ops iommufd_access_object_ops = {
	.destroy = iommufd_access_destroy_object,
};

/* Look up an IOAS and change to it, under ioas_lock. */
static int iommufd_access_change_ioas_id(struct iommufd_access *access, u32 id)
{
	struct iommufd_ioas *ioas = iommufd_get_ioas(access->ictx, id);
	int rc;

	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	rc = iommufd_access_change_ioas(access, ioas);
	iommufd_put_object(access->ictx, &ioas->obj);
	return rc;
}

int iommufd_access_attach(struct iommufd_access *access, u32 ioas_id)
{
	int rc = -EINVAL;

	if (WARN_ON(iommufd_access_is_internal(access)))
		return -EINVAL;
	mutex_lock(&access->ioas_lock);
	if (!iommufd_model_warn_on(access->ioas, access))
		rc = iommufd_access_change_ioas_id(access, ioas_id);
	mutex_unlock(&access->ioas_lock);
	return rc;
}

int iommufd_access_attach_internal(struct iommufd_access *access,
				   struct iommufd_ioas *ioas)
{
	int rc = -EINVAL;

	mutex_lock(&access->ioas_lock);
	if (!iommufd_model_warn_on(access->ioas, access))
		rc = iommufd_access_change_ioas(access, ioas);
	mutex_unlock(&access->ioas_lock);
	return rc;
}

int iommufd_access_replace(struct iommufd_access *access, u32 ioas_id)
{
	int rc = -ENOENT;

	if (WARN_ON(iommufd_access_is_internal(access)))
		return -EINVAL;
	mutex_lock(&access->ioas_lock);
	if (access->ioas)
		rc = iommufd_access_change_ioas_id(access, ioas_id);
	mutex_unlock(&access->ioas_lock);
	return rc;
}

void iommufd_access_detach(struct iommufd_access *access)
{
	mutex_lock(&access->ioas_lock);
	if (!iommufd_model_warn_on(!access->ioas, access))
		iommufd_model_warn_on(iommufd_access_change_ioas(access, NULL),
				      access);
	mutex_unlock(&access->ioas_lock);
}

/*
 * Take a users reference and a wait reference to an access that is on the list
 * of an IOAS.  Fails if its driver is destroying it, which is when wait_cnt is
 * 0.  If iommufd_lock_obj() fails, it drops the users reference again.  The
 * table lock hides that reference from the destroy (DEV-4).
 */
static bool lock_listed_access(struct iommufd_access *access)
{
	struct iommufd_ctx *ictx = access->ictx;
	bool locked;

	xa_lock(&ictx->objects);
	locked = refcount_read(&access->obj.wait_cnt) &&
		 iommufd_lock_obj(&access->obj);
	xa_unlock(&ictx->objects);
	return locked;
}

void iommufd_access_notify_unmap(struct io_pagetable *iopt, unsigned long iova,
				 unsigned long length)
{
	struct iommufd_access *access;
	struct iommufd_ctx *ictx;
	unsigned long index;

	lockdep_assert_not_held(&iopt->iova_rwsem);
	lockdep_assert_not_held(&iopt->domains_rwsem);
	xa_lock(&iopt->access_list);
	xa_for_each(&iopt->access_list, index, access) {
		if (iommufd_access_is_internal(access) ||
		    !lock_listed_access(access))
			continue;
		ictx = access->ictx;
		xa_unlock(&iopt->access_list);
		if (!WARN_ON(!access->ops->unmap))
			access->ops->unmap(access->data, iova, length);
		iommufd_put_object(ictx, &access->obj);
		xa_lock(&iopt->access_list);
	}
	xa_unlock(&iopt->access_list);
}

/* Using an access */

/* The functions, not the macros that add the call site. */
#undef iommufd_access_pin_pages
#undef iommufd_access_unpin_pages

/*
 * Find the area that @iova is in, and the end of the piece of [@iova, @last]
 * that it covers.  Returns false at a hole; an area without pages counts as a
 * hole.
 */
static bool next_piece(struct io_pagetable *iopt, unsigned long iova,
		       unsigned long last, struct iopt_area **area,
		       unsigned long *piece_last)
{
	*area = iopt_find_area(iopt, iova);
	if (!*area || !(*area)->pages)
		return false;
	*piece_last = (*area)->last < last ? (*area)->last : last;
	return true;
}

/* Check whether the area may be used like this (R-ACC-12 step 5). */
static int check_piece(const struct iopt_area *area, unsigned int flags)
{
	int wanted = flags & IOMMUFD_ACCESS_RW_WRITE ? IOMMU_WRITE : IOMMU_READ;

	if (area->prevent_access)
		return -EINVAL;
	return area->iommu_prot & wanted ? 0 : -EPERM;
}

/*
 * A piece must begin at a page boundary and, unless it is the last piece, end
 * at one.
 */
static bool piece_is_aligned(const struct iopt_area *area, unsigned long iova,
			     unsigned long piece_last, unsigned long last)
{
	if (iopt_area_byte(area, iova) & ~PAGE_MASK)
		return false;
	return piece_last == last ||
	       !((iopt_area_byte(area, piece_last) + 1) & ~PAGE_MASK);
}

static int check_range(unsigned long iova, unsigned long length,
		       unsigned long *last)
{
	if (!length)
		return -EINVAL;
	if (__builtin_add_overflow(iova, length - 1, last))
		return -EOVERFLOW;
	return 0;
}

/*
 * Unpin [@iova, @last], with ioas_lock and iova_rwsem held.  Returns false if
 * the range has a hole now; what comes before the hole has been unpinned.
 */
static bool unpin_range(struct io_pagetable *iopt, unsigned long iova,
			unsigned long last, bool internal)
{
	unsigned long piece_last;
	struct iopt_area *area;

	for (;; iova = piece_last + 1) {
		if (!next_piece(iopt, iova, last, &area, &piece_last))
			return false;
		WARN_ON(!iopt_area_remove_access(
			area, iopt_area_index(area, iova),
			iopt_area_index(area, piece_last), internal));
		if (piece_last == last)
			return true;
	}
}

static int pin_range(struct io_pagetable *iopt, unsigned long iova,
		     unsigned long last, struct page **out_pages,
		     unsigned int flags, u32 access, bool internal)
{
	unsigned long first = iova, piece_last, index, last_index;
	struct iopt_area *area;
	int rc;

	for (;; iova = piece_last + 1) {
		if (!next_piece(iopt, iova, last, &area, &piece_last)) {
			rc = -ENOENT;
			goto out_unpin;
		}
		rc = -EINVAL;
		if (!piece_is_aligned(area, iova, piece_last, last))
			goto out_unpin;
		rc = check_piece(area, flags);
		if (rc)
			goto out_unpin;
		index = iopt_area_index(area, iova);
		last_index = iopt_area_index(area, piece_last);
		rc = iopt_area_add_access(area, index, last_index, out_pages,
					  flags, access, internal);
		if (rc)
			goto out_unpin;
		if (piece_last == last)
			return 0;
		out_pages += last_index - index + 1;
	}

out_unpin:
	if (iova != first)
		WARN_ON(!unpin_range(iopt, first, iova - 1, internal));
	return rc;
}

int iommufd_access_pin_pages(struct iommufd_access *access, unsigned long iova,
			     unsigned long length, struct page **out_pages,
			     unsigned int flags)
{
	bool internal = iommufd_access_is_internal(access);
	struct io_pagetable *iopt;
	unsigned long last;
	int rc;

	if (WARN_ON(access->iova_alignment != PAGE_SIZE ||
		    (!internal && !access->ops->unmap)))
		return -EINVAL;
	rc = check_range(iova, length, &last);
	if (rc)
		return rc;
	mutex_lock(&access->ioas_lock);
	if (!access->ioas) {
		rc = -ENOENT;
		goto out_unlock;
	}
	iopt = &access->ioas->iopt;
	down_read(&iopt->iova_rwsem);
	rc = pin_range(iopt, iova, last, out_pages, flags, access->obj.id,
		       internal);
	up_read(&iopt->iova_rwsem);
out_unlock:
	mutex_unlock(&access->ioas_lock);
	return rc;
}

void iommufd_access_unpin_pages(struct iommufd_access *access,
				unsigned long iova, unsigned long length)
{
	bool internal = iommufd_access_is_internal(access);
	struct io_pagetable *iopt;
	unsigned long last;

	if (WARN_ON(check_range(iova, length, &last)))
		return;
	mutex_lock(&access->ioas_lock);
	/*
	 * Use ioas_unpin, not ioas: during a change ioas is NULL, while
	 * ioas_unpin is still the old IOAS.
	 */
	if (iommufd_model_warn_on(!access->ioas_unpin, access))
		goto out_unlock;
	iopt = &access->ioas_unpin->iopt;
	down_read(&iopt->iova_rwsem);
	iommufd_model_warn_on(!unpin_range(iopt, iova, last, internal), access);
	up_read(&iopt->iova_rwsem);
out_unlock:
	mutex_unlock(&access->ioas_lock);
}

static int rw_range(struct io_pagetable *iopt, unsigned long iova,
		    unsigned long last, char *data, unsigned int flags)
{
	unsigned long piece_last, len;
	struct iopt_area *area;
	int rc;

	for (;; iova = piece_last + 1, data += len) {
		if (!next_piece(iopt, iova, last, &area, &piece_last))
			return -ENOENT;
		rc = check_piece(area, flags);
		if (rc)
			return rc;
		len = piece_last - iova + 1;
		rc = iopt_pages_rw(area->pages, iopt_area_byte(area, iova),
				   data, len, flags);
		if (rc || piece_last == last)
			return rc;
	}
}

int iommufd_access_rw(struct iommufd_access *access, unsigned long iova,
		      void *data, size_t len, unsigned int flags)
{
	struct io_pagetable *iopt;
	unsigned long last;
	int rc;

	rc = check_range(iova, len, &last);
	if (rc)
		return rc;
	mutex_lock(&access->ioas_lock);
	if (!access->ioas) {
		rc = -ENOENT;
		goto out_unlock;
	}
	iopt = &access->ioas->iopt;
	down_read(&iopt->iova_rwsem);
	rc = rw_range(iopt, iova, last, data, flags);
	up_read(&iopt->iova_rwsem);
out_unlock:
	mutex_unlock(&access->ioas_lock);
	return rc;
}
