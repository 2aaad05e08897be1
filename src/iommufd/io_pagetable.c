// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The page table of an IOAS: the accesses on it and the alignment they ask for.
 *
 * Who changes the set of users takes domains_rwsem for writing and, inside it,
 * iova_rwsem for writing, so that no map or pin sees half a change.
 */
#include "internal.h"

static unsigned long max_ul(unsigned long a, unsigned long b)
{
	return a > b ? a : b;
}

/* What the present users ask for; both rwsems are held for writing. */
static unsigned long wanted_alignment(struct io_pagetable *iopt)
{
	unsigned long alignment = iopt->disable_large_pages ? PAGE_SIZE : 1;
	struct iommufd_access *access;
	unsigned long index;

	xa_for_each(&iopt->access_list, index, access)
		alignment = max_ul(alignment, access->iova_alignment);
	return alignment;
}

static int iopt_calculate_iova_alignment(struct io_pagetable *iopt)
{
	lockdep_assert_held_write(&iopt->domains_rwsem);
	lockdep_assert_held_write(&iopt->iova_rwsem);
	iopt->iova_alignment = wanted_alignment(iopt);
	return 0;
}

int iopt_init_table(struct io_pagetable *iopt)
{
	init_rwsem(&iopt->domains_rwsem);
	init_rwsem(&iopt->iova_rwsem);
	xa_init_flags(&iopt->access_list, XA_FLAGS_ALLOC);
	iopt->iova_alignment = 1;
	return 0;
}

void iopt_destroy_table(struct io_pagetable *iopt)
{
	WARN_ON(!xa_empty(&iopt->access_list));
}

static void lock_users(struct io_pagetable *iopt)
{
	down_write(&iopt->domains_rwsem);
	down_write(&iopt->iova_rwsem);
}

static void unlock_users(struct io_pagetable *iopt)
{
	up_write(&iopt->iova_rwsem);
	up_write(&iopt->domains_rwsem);
}

int iopt_disable_large_pages(struct io_pagetable *iopt)
{
	int rc = 0;

	lock_users(iopt);
	if (iopt->disable_large_pages)
		goto out_unlock;
	iopt->disable_large_pages = 1;
	rc = iopt_calculate_iova_alignment(iopt);
	if (rc)
		iopt->disable_large_pages = 0;
out_unlock:
	unlock_users(iopt);
	return rc;
}

int iopt_enable_large_pages(struct io_pagetable *iopt)
{
	int rc;

	lock_users(iopt);
	iopt->disable_large_pages = 0;
	rc = iopt_calculate_iova_alignment(iopt);
	WARN_ON(rc);
	unlock_users(iopt);
	return rc;
}

int iopt_add_access(struct io_pagetable *iopt, struct iommufd_access *access)
{
	u32 new_id;
	int rc;

	lock_users(iopt);
	rc = xa_alloc(&iopt->access_list, &new_id, access, xa_limit_16b,
		      GFP_KERNEL_ACCOUNT);
	if (rc)
		goto out_unlock;
	rc = iopt_calculate_iova_alignment(iopt);
	if (rc) {
		xa_erase(&iopt->access_list, new_id);
		goto out_unlock;
	}
	/* Only now: a failed replace must leave the old slot's number. */
	access->iopt_access_list_id = new_id;
out_unlock:
	unlock_users(iopt);
	return rc;
}

void iopt_remove_access(struct io_pagetable *iopt,
			struct iommufd_access *access, u32 iopt_access_list_id)
{
	lock_users(iopt);
	iommufd_model_warn_on(xa_erase(&iopt->access_list,
				       iopt_access_list_id) != access, access);
	/* One user less asks for no more than before. */
	WARN_ON(iopt_calculate_iova_alignment(iopt));
	unlock_users(iopt);
}
