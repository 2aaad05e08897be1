// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mtally: a mediated device without hardware of its own.  Its guest gives it a
 * page; whenever the parent device says that the guest has kicked it, a work
 * item adds one to the counter at the beginning of that page.
 *
 *	kick ---U---> mtally ---own---> access ---> IOAS, ctx
 *	list ---rcu---^   |
 *	work ---cancel----+
 *
 *	holder		holds			from		to
 *	open		mtally, U		open		close
 *	kick		mtally, U		lookup		put
 *	list		mtally, -		open		close
 *	work item	mtally, -		kick		run, or cancel
 *	mtally		its access		open		close
 *	mtally		its page, pinned	set_page	unmap
 *
 * U is a reference in users, - none at all.
 *
 * The parent finds a device by its handle, in interrupt context, so the list is
 * read under RCU.  A device that it finds there may be closing, so a kick takes
 * a reference only if users is not 0.
 *
 * The order of close: leave the list, so that no new kick finds the device; wait
 * for the kicks that have found it, so that none queues the work item any more;
 * cancel the work item; unpin the page; destroy the access; and free the memory
 * after a grace period, as an RCU reader may still use it.  The unpin must come
 * before iommufd_access_destroy(), and not from its call of mtally_unmap(): an
 * unmap of the guest cannot lock an access that is being destroyed, and would
 * try again and again while the page is pinned.
 *
 * Locks: mtally_list_lock guards the list.  mdev->lock guards the page.  iommufd
 * calls mtally_unmap() from each unmap of the guest and from
 * iommufd_access_destroy(), and mtally_unmap() takes mdev->lock: do not hold it
 * there.  iommufd holds no lock during these calls, so pages may be pinned and
 * unpinned under mdev->lock.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "mtally.h"

/*
 * struct mtally
 * @released: completed when @users becomes 0
 * @page: pinned through @access at @iova; NULL if there is none
 */
struct mtally {
	struct list_head node;
	struct rcu_head rcu;
	u32 handle;
	refcount_t users;
	struct completion released;
	struct work_struct work;
	struct iommufd_access *access;

	struct mutex lock;
	struct page *page;
	unsigned long iova;
};

static LIST_HEAD(mtally_list);
static DEFINE_MUTEX(mtally_list_lock);

static void mtally_put(struct mtally *mdev)
{
	if (refcount_dec_and_test(&mdev->users))
		complete(&mdev->released);
}

static struct mtally *mtally_get(u32 handle)
{
	struct mtally *mdev, *found = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(mdev, &mtally_list, node) {
		if (mdev->handle != handle)
			continue;
		if (refcount_inc_not_zero(&mdev->users))
			found = mdev;
		break;
	}
	rcu_read_unlock();
	return found;
}

bool mtally_kick(u32 handle)
{
	struct mtally *mdev = mtally_get(handle);

	if (!mdev)
		return false;
	queue_work(system_wq, &mdev->work);
	mtally_put(mdev);
	return true;
}

static void mtally_work(struct work_struct *work)
{
	struct mtally *mdev = container_of(work, struct mtally, work);
	u64 *counter;

	mutex_lock(&mdev->lock);
	if (mdev->page) {
		counter = page_address(mdev->page);
		WRITE_ONCE(*counter, READ_ONCE(*counter) + 1);
	}
	mutex_unlock(&mdev->lock);
}

static void mtally_unpin(struct mtally *mdev)
{
	lockdep_assert_held(&mdev->lock);
	if (mdev->page)
		iommufd_access_unpin_pages(mdev->access, mdev->iova, PAGE_SIZE);
	mdev->page = NULL;
}

/* After this nothing of mtally is pinned in the range. */
static void mtally_unmap(void *data, unsigned long iova, unsigned long length)
{
	struct mtally *mdev = data;

	mutex_lock(&mdev->lock);
	if (iova <= mdev->iova && mdev->iova - iova < length)
		mtally_unpin(mdev);
	mutex_unlock(&mdev->lock);
}

static const struct iommufd_access_ops mtally_access_ops = {
	.needs_pin_pages = 1,
	.unmap = mtally_unmap,
};

struct mtally *mtally_open(struct iommufd_ctx *ictx, u32 handle)
{
	struct mtally *mdev;
	u32 id;
	int rc;

	mdev = kzalloc(sizeof(*mdev), GFP_KERNEL);
	if (!mdev)
		return ERR_PTR(-ENOMEM);
	mdev->handle = handle;
	refcount_set(&mdev->users, 1);
	init_completion(&mdev->released);
	INIT_WORK(&mdev->work, mtally_work);
	mutex_init(&mdev->lock);
	mdev->access = iommufd_access_create(ictx, &mtally_access_ops, mdev,
					     &id);
	if (IS_ERR(mdev->access)) {
		rc = PTR_ERR(mdev->access);
		kfree(mdev);
		return ERR_PTR(rc);
	}
	/* This is last: from now on the parent finds the device. */
	mutex_lock(&mtally_list_lock);
	list_add_tail_rcu(&mdev->node, &mtally_list);
	mutex_unlock(&mtally_list_lock);
	return mdev;
}

int mtally_attach(struct mtally *mdev, u32 ioas_id)
{
	return iommufd_access_attach(mdev->access, ioas_id);
}

/*
 * The page is pinned and stored under mdev->lock, so that mtally_unmap() finds
 * every page that iommufd knows to be pinned.
 */
int mtally_set_page(struct mtally *mdev, unsigned long iova)
{
	struct page *page;
	int rc = -EBUSY;

	mutex_lock(&mdev->lock);
	if (mdev->page)
		goto out_unlock;
	rc = iommufd_access_pin_pages(mdev->access, iova, PAGE_SIZE, &page,
				      IOMMUFD_ACCESS_RW_WRITE);
	if (rc)
		goto out_unlock;
	mdev->iova = iova;
	mdev->page = page;
out_unlock:
	mutex_unlock(&mdev->lock);
	return rc;
}

void mtally_close(struct mtally *mdev)
{
	mutex_lock(&mtally_list_lock);
	list_del_rcu(&mdev->node);
	mutex_unlock(&mtally_list_lock);

	mtally_put(mdev);
	wait_for_completion(&mdev->released);
	cancel_work_sync(&mdev->work);
	mutex_lock(&mdev->lock);
	mtally_unpin(mdev);
	mutex_unlock(&mdev->lock);
	iommufd_access_destroy(mdev->access);
	kfree_rcu(mdev, rcu);
}
