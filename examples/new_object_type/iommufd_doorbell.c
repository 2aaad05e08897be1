// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * DOORBELL: a counter in user memory that each ring increments.  A program that
 * polls the counter needs no system call, and a guest no exit, to see that the
 * doorbell rang.
 *
 * A doorbell may listen to another one, its source, and then rings whenever the
 * source rings.
 *
 *	listener ----U----> source
 *	    |			|
 *	    U			U
 *	    v			v
 *	 access ---U-> IOAS <-U- access
 *
 *	holder			holds		from		to
 *	doorbell		its access, U	pin		destroy op
 *	access			IOAS, U		attach		detach
 *	listener		source, U	join		end of destroy
 *	source's list		listeners, -	join		leave
 *	RING			doorbell, U, W	get		put
 *
 * U is a reference in users, W one in wait_cnt, - no reference at all.
 *
 * A doorbell does not hold the ctx.  If user space closes its descriptor
 * without destroying the doorbell, the release of the ctx destroys it, and a
 * reference to the ctx would keep that release from ever starting.
 *
 * The list of listeners holds no references, so that a listener can be
 * destroyed at any time.  Its destroy op takes it off the list first, under the
 * lock that a ring also takes.
 *
 * Locks: bell->lock.  No other lock is taken while it is held.  The lock of a
 * source guards its list, and the counters of the source and of all its
 * listeners.  The lock of a listener is not used.
 */
#include "doorbell.h"

/*
 * struct iommufd_doorbell
 * @access: if not NULL, the page of @word is pinned through it
 * @source: if NULL, this doorbell may have listeners
 * @listener_item: entry in source->listeners
 */
struct iommufd_doorbell {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommufd_access *access;
	unsigned long iova;
	u64 *word;
	u64 count;

	struct iommufd_doorbell *source;
	struct list_head listener_item;

	struct mutex lock;
	struct list_head listeners;
};

static struct iommufd_doorbell *iommufd_get_doorbell(struct iommufd_ctx *ictx,
						     u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_DOORBELL);
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	return container_of(obj, struct iommufd_doorbell, obj);
}

/* Pin the page of the counter through a new access.  Undoes all on error. */
static int iommufd_doorbell_pin(struct iommufd_doorbell *bell,
				struct iommufd_ioas *ioas, unsigned long iova)
{
	struct iommufd_access *access;
	struct page *page;
	char *start;
	int rc;

	access = iommufd_access_create_internal(bell->ictx);
	if (IS_ERR(access))
		return PTR_ERR(access);
	rc = iommufd_access_attach_internal(access, ioas);
	if (rc)
		goto out_destroy;
	rc = iommufd_access_pin_pages(access, iova & PAGE_MASK, PAGE_SIZE,
				      &page, IOMMUFD_ACCESS_RW_WRITE);
	if (rc)
		goto out_detach;
	bell->iova = iova;
	start = page_address(page);
	bell->word = (void *)(start + (iova & ~PAGE_MASK));
	/* This comes last: if access is set, the destroy op unpins. */
	bell->access = access;
	return 0;

out_detach:
	iommufd_access_detach_internal(access);
out_destroy:
	iommufd_access_destroy_internal(bell->ictx, access);
	return rc;
}

static void iommufd_doorbell_unpin(struct iommufd_doorbell *bell)
{
	iommufd_access_unpin_pages(bell->access, bell->iova & PAGE_MASK,
				   PAGE_SIZE);
	iommufd_access_detach_internal(bell->access);
	iommufd_access_destroy_internal(bell->ictx, bell->access);
}

/* After this, a ring of @source rings @bell.  The caller holds @source. */
static void iommufd_doorbell_join(struct iommufd_doorbell *bell,
				  struct iommufd_doorbell *source)
{
	refcount_inc(&source->obj.users);
	mutex_lock(&source->lock);
	bell->source = source;
	list_add_tail(&bell->listener_item, &source->listeners);
	mutex_unlock(&source->lock);
}

static void iommufd_doorbell_leave(struct iommufd_doorbell *bell)
{
	struct iommufd_doorbell *source = bell->source;

	mutex_lock(&source->lock);
	list_del(&bell->listener_item);
	mutex_unlock(&source->lock);
}

/* This is also called when the creation fails, as there is no abort op. */
void iommufd_doorbell_destroy(struct iommufd_object *obj)
{
	struct iommufd_doorbell *bell =
		container_of(obj, struct iommufd_doorbell, obj);

	/* After it left the list no ring writes to the page: now unpin it. */
	if (bell->source)
		iommufd_doorbell_leave(bell);
	if (bell->access)
		iommufd_doorbell_unpin(bell);
	/* The source may be freed now, so its lock is not held here. */
	if (bell->source)
		refcount_dec(&bell->source->obj.users);
}

/* Do all that can fail; after a failure the destroy op undoes it. */
static int iommufd_doorbell_make(struct iommufd_ucmd *ucmd,
				 struct iommufd_ioas *ioas,
				 struct iommufd_doorbell *source)
{
	struct iommu_doorbell_alloc *cmd = ucmd->cmd;
	struct iommufd_doorbell *bell;
	int rc;

	bell = iommufd_object_alloc_ucmd(ucmd, bell, IOMMUFD_OBJ_DOORBELL);
	if (IS_ERR(bell))
		return PTR_ERR(bell);
	bell->ictx = ucmd->ictx;
	mutex_init(&bell->lock);
	INIT_LIST_HEAD(&bell->listeners);
	cmd->out_doorbell_id = bell->obj.id;

	rc = iommufd_doorbell_pin(bell, ioas, cmd->iova);
	if (rc)
		return rc;
	/* The page is pinned now, so rings may write to it from here on. */
	if (source)
		iommufd_doorbell_join(bell, source);
	return iommufd_ucmd_respond(ucmd, sizeof(*cmd));
}

int iommufd_doorbell_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_doorbell_alloc *cmd = ucmd->cmd;
	struct iommufd_doorbell *source = NULL;
	struct iommufd_ioas *ioas;
	int rc;

	if (cmd->flags || cmd->__reserved)
		return -EOPNOTSUPP;
	if (!IS_ALIGNED(cmd->iova, sizeof(u64)))
		return -EINVAL;
	if (cmd->iova > ULONG_MAX)
		return -EOVERFLOW;
	ioas = iommufd_get_ioas(ucmd->ictx, cmd->ioas_id);
	if (IS_ERR(ioas))
		return PTR_ERR(ioas);
	if (cmd->source_id) {
		source = iommufd_get_doorbell(ucmd->ictx, cmd->source_id);
		if (IS_ERR(source)) {
			rc = PTR_ERR(source);
			goto out_put_ioas;
		}
	}
	if (source && source->source)
		rc = -EINVAL;
	else
		rc = iommufd_doorbell_make(ucmd, ioas, source);
	if (source)
		iommufd_put_object(ucmd->ictx, &source->obj);
out_put_ioas:
	iommufd_put_object(ucmd->ictx, &ioas->obj);
	return rc;
}

/* The lock that guards @bell's counter.  @bell's reference keeps the source. */
static struct mutex *iommufd_doorbell_lock(struct iommufd_doorbell *bell)
{
	return bell->source ? &bell->source->lock : &bell->lock;
}

static void iommufd_doorbell_count(struct iommufd_doorbell *bell)
{
	lockdep_assert_held(iommufd_doorbell_lock(bell));
	WRITE_ONCE(*bell->word, ++bell->count);
}

int iommufd_doorbell_ring_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_doorbell_ring *cmd = ucmd->cmd;
	struct iommufd_doorbell *bell, *listener;
	struct mutex *lock;
	int rc;

	bell = iommufd_get_doorbell(ucmd->ictx, cmd->doorbell_id);
	if (IS_ERR(bell))
		return PTR_ERR(bell);
	lock = iommufd_doorbell_lock(bell);
	mutex_lock(lock);
	iommufd_doorbell_count(bell);
	cmd->out_rung = 1;
	list_for_each_entry(listener, &bell->listeners, listener_item) {
		iommufd_doorbell_count(listener);
		cmd->out_rung++;
	}
	mutex_unlock(lock);
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	iommufd_put_object(ucmd->ictx, &bell->obj);
	return rc;
}
