// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The page table of an IOAS: what is mapped at which IOVAs, and who uses it.
 *
 * A map has two steps.  First a free range is found and an area without pages
 * is inserted there; nobody else gets the range then, and nobody can use the
 * area yet.  Then, without iova_rwsem, the memory is pinned and mapped in the
 * domains, and at last the area gets its pages.  An unmap does the same in
 * reverse.
 *
 * The lock order is domains_rwsem, then iova_rwsem.  Whoever fills or empties
 * areas holds domains_rwsem for reading, so that every domain gets all areas.
 * Whoever changes the set of domains or accesses holds both for writing.
 *
 * An unmap that meets an area which an access has pinned asks the accesses to
 * unpin, with no lock held.  Afterwards the area may have gone, so that the
 * unmap looks it up again by its IOVA.
 */
#include "io_pagetable.h"
#include <iommufd_model/kernel/memfd.h>

/* The number of times that accesses are asked to unpin an area. */
#define MAX_UNMAP_TRIES 100

/* A piece of memory for which a map or a copy makes one area. */
struct iopt_piece {
	struct list_head link;
	struct iopt_pages *pages;	/* a reference is held */
	struct iopt_area *area;
	unsigned long start_byte;
	unsigned long length;
};

/* The next area after @area; iova_rwsem is held. */
static struct iopt_area *next_area(struct io_pagetable *iopt,
				   const struct iopt_area *area)
{
	if (area->last == ULONG_MAX)
		return NULL;
	return range_first(&iopt->areas, area->last + 1, ULONG_MAX);
}

#define for_each_area(iopt, area)					\
	for (area = range_first(&(iopt)->areas, 0, ULONG_MAX); area;	\
	     area = next_area(iopt, area))

void iopt_init_table(struct io_pagetable *iopt)
{
	init_rwsem(&iopt->domains_rwsem);
	init_rwsem(&iopt->iova_rwsem);
	xa_init_flags(&iopt->access_list, XA_FLAGS_ALLOC);
	INIT_HLIST_HEAD(&iopt->reserved);
	iopt->iova_alignment = 1;
}

void iopt_destroy_table(struct io_pagetable *iopt)
{
	/*
	 * Drop the ranges that a test command has reserved, too: no command
	 * does.
	 */
	iopt_remove_reserved_iova(iopt, NULL);
	iopt_clear_allowed(&iopt->allowed);
	WARN_ON(!hlist_empty(&iopt->reserved));
	WARN_ON(iopt->next_domain_id);
	WARN_ON(!xa_empty(&iopt->access_list));
	WARN_ON(!range_empty(&iopt->areas));
}

/* Areas in and out */

static int insert_area(struct io_pagetable *iopt, struct iopt_piece *piece,
		       unsigned long iova, int iommu_prot)
{
	struct iopt_area *area = piece->area;

	if ((iommu_prot & IOMMU_WRITE) && !piece->pages->writable)
		return -EPERM;
	area->iopt = iopt;
	area->iommu_prot = iommu_prot;
	area->start_byte = piece->start_byte;
	if ((area->start_byte & ~PAGE_MASK) % iopt->iova_alignment)
		return -EINVAL;
	area->start = iova;
	if (__builtin_add_overflow(iova, piece->length - 1, &area->last))
		return -EOVERFLOW;
	return range_insert(&iopt->areas, area->start, area->last, area);
}

static void remove_areas(struct io_pagetable *iopt, struct list_head *pieces,
			 const struct iopt_piece *end)
{
	struct iopt_piece *piece;

	list_for_each_entry(piece, pieces, link) {
		if (piece == end)
			break;
		range_erase(&iopt->areas, piece->area->start);
	}
}

/* Find a range for the areas and insert them there, without pages. */
static int reserve_areas(struct io_pagetable *iopt, struct list_head *pieces,
			 unsigned long length, unsigned long *dst_iova,
			 int iommu_prot, unsigned int flags)
{
	struct iopt_piece *piece, *first;
	unsigned long iova;
	int rc;

	down_write(&iopt->iova_rwsem);
	if (!length || length % iopt->iova_alignment) {
		rc = -EINVAL;
		goto out_unlock;
	}
	first = list_first_entry(pieces, struct iopt_piece, link);
	if (flags & IOPT_ALLOC_IOVA)
		rc = iopt_choose_iova(iopt,
				      first->pages->base + first->start_byte,
				      length, dst_iova);
	else
		rc = iopt_check_iova(iopt, *dst_iova, length);
	if (rc)
		goto out_unlock;
	iova = *dst_iova;
	list_for_each_entry(piece, pieces, link) {
		rc = insert_area(iopt, piece, iova, iommu_prot);
		if (rc) {
			remove_areas(iopt, pieces, piece);
			goto out_unlock;
		}
		iova += piece->length;
	}
out_unlock:
	up_write(&iopt->iova_rwsem);
	return rc;
}

/*
 * Map the areas in the domains, then set their pages so that others use them.
 */
static int fill_areas(struct io_pagetable *iopt, struct list_head *pieces)
{
	struct iopt_piece *piece, *undo;
	int rc;

	down_read(&iopt->domains_rwsem);
	list_for_each_entry(piece, pieces, link) {
		rc = iopt_area_fill_domains(piece->area, piece->pages);
		if (rc)
			goto out_unfill;
	}
	down_write(&iopt->iova_rwsem);
	list_for_each_entry(piece, pieces, link) {
		piece->area->pages = piece->pages;
		/* The iopt owns both from now on. */
		piece->pages = NULL;
		piece->area = NULL;
	}
	up_write(&iopt->iova_rwsem);
	up_read(&iopt->domains_rwsem);
	return 0;

out_unfill:
	list_for_each_entry(undo, pieces, link) {
		if (undo == piece)
			break;
		iopt_area_unfill_domains(undo->area, undo->pages);
	}
	down_write(&iopt->iova_rwsem);
	remove_areas(iopt, pieces, NULL);
	up_write(&iopt->iova_rwsem);
	up_read(&iopt->domains_rwsem);
	return rc;
}

static int map_pieces(struct io_pagetable *iopt, struct list_head *pieces,
		      unsigned long length, unsigned long *dst_iova,
		      int iommu_prot, unsigned int flags)
{
	struct iopt_piece *piece;
	int rc;

	list_for_each_entry(piece, pieces, link) {
		piece->area = kzalloc(sizeof(*piece->area), GFP_KERNEL_ACCOUNT);
		if (!piece->area)
			return -ENOMEM;
	}
	rc = reserve_areas(iopt, pieces, length, dst_iova, iommu_prot, flags);
	if (rc)
		return rc;
	return fill_areas(iopt, pieces);
}

/* Free what the piece still owns, because it did not get into the iopt. */
static void put_piece(struct iopt_piece *piece)
{
	kfree(piece->area);
	if (piece->pages)
		iopt_put_pages(piece->pages);
}

/*
 * Map @pages from the byte @start_byte on.  The caller gives its reference to
 * @pages away, also when the map fails.
 */
static int map_new_pages(struct io_pagetable *iopt, struct iopt_pages *pages,
			 unsigned long *iova, unsigned long start_byte,
			 unsigned long length, int iommu_prot,
			 unsigned int flags)
{
	struct iopt_piece piece = {
		.pages = pages, .start_byte = start_byte, .length = length,
	};
	LIST_HEAD(pieces);
	int rc;

	list_add(&piece.link, &pieces);
	rc = map_pieces(iopt, &pieces, length, iova, iommu_prot, flags);
	put_piece(&piece);
	return rc;
}

int iopt_map_user_pages(struct iommufd_ctx *ictx, struct io_pagetable *iopt,
			unsigned long *iova, void __user *uptr,
			unsigned long length, int iommu_prot,
			unsigned int flags)
{
	struct iopt_pages *pages;

	pages = iopt_alloc_user_pages(ictx, (unsigned long)uptr, length,
				      iommu_prot & IOMMU_WRITE);
	if (IS_ERR(pages))
		return (int)PTR_ERR(pages);
	return map_new_pages(iopt, pages, iova,
			     (unsigned long)uptr & ~PAGE_MASK, length,
			     iommu_prot, flags);
}

int iopt_map_file_pages(struct iommufd_ctx *ictx, struct io_pagetable *iopt,
			unsigned long *iova, int fd, unsigned long start,
			unsigned long length, int iommu_prot,
			unsigned int flags)
{
	struct iopt_pages *pages;
	unsigned long last;
	struct file *file;

	if (!length)
		return -EINVAL;
	if (__builtin_add_overflow(start, length - 1, &last))
		return -EOVERFLOW;
	file = iommufd_model_fget_any(fd);
	if (!file)
		return -EBADF;
	pages = iopt_alloc_file_pages(ictx, file, start, length,
				      iommu_prot & IOMMU_WRITE);
	fput(file);
	if (IS_ERR(pages))
		return (int)PTR_ERR(pages);
	return map_new_pages(iopt, pages, iova, start & ~PAGE_MASK, length,
			     iommu_prot, flags);
}

int iopt_check_files(struct io_pagetable *iopt)
{
	struct iopt_area *area;

	for_each_area(iopt, area) {
		if (!area->pages)
			return -EBUSY;
		if (!area->pages->file)
			return -EINVAL;
	}
	return 0;
}

void iopt_change_process(struct io_pagetable *iopt)
{
	struct iopt_area *area;

	for_each_area(iopt, area)
		iopt_pages_change_process(area->pages);
}

/*
 * Collect the memory behind [@iova, @iova + @length - 1], one piece for each
 * area.
 */
static int get_pieces(struct io_pagetable *iopt, unsigned long iova,
		      unsigned long length, struct list_head *pieces)
{
	struct iopt_piece *piece;
	struct iopt_area *area;
	unsigned long last;
	int rc = 0;

	if (!length)
		return -EINVAL;
	if (__builtin_add_overflow(iova, length - 1, &last))
		return -EOVERFLOW;
	down_read(&iopt->iova_rwsem);
	while (length) {
		area = iopt_find_area(iopt, iova);
		if (!area || !area->pages) {
			rc = -ENOENT;
			break;
		}
		piece = kzalloc(sizeof(*piece), GFP_KERNEL_ACCOUNT);
		if (!piece) {
			rc = -ENOMEM;
			break;
		}
		piece->pages = area->pages;
		refcount_inc(&piece->pages->ref);
		piece->start_byte = iopt_area_byte(area, iova);
		piece->length = iopt_min(last, area->last) - iova + 1;
		list_add_tail(&piece->link, pieces);
		length -= piece->length;
		iova += piece->length;
	}
	up_read(&iopt->iova_rwsem);
	return rc;
}

void iopt_free_pieces(struct list_head *pieces)
{
	struct iopt_piece *piece, *next;

	list_for_each_entry_safe(piece, next, pieces, link) {
		put_piece(piece);
		kfree(piece);
	}
}

int iopt_get_pages(struct io_pagetable *iopt, unsigned long iova,
		   unsigned long length, struct list_head *pieces)
{
	int rc = get_pieces(iopt, iova, length, pieces);

	if (rc)
		iopt_free_pieces(pieces);
	return rc;
}

int iopt_map_pages(struct io_pagetable *iopt, struct list_head *pieces,
		   unsigned long length, unsigned long *dst_iova,
		   int iommu_prot, unsigned int flags)
{
	return map_pieces(iopt, pieces, length, dst_iova, iommu_prot, flags);
}

/* Unmap */

/*
 * Remove an area that nobody has pinned.  domains_rwsem is held for reading and
 * iova_rwsem for writing; iova_rwsem is released while the area is unmapped
 * from the domains.  Others leave the area alone then, because it has no pages.
 */
static void unmap_area(struct io_pagetable *iopt, struct iopt_area *area)
{
	struct iopt_pages *pages = area->pages;

	area->pages = NULL;
	up_write(&iopt->iova_rwsem);
	iopt_area_unfill_domains(area, pages);
	down_write(&iopt->iova_rwsem);
	range_erase(&iopt->areas, area->start);
	kfree(area);
	iopt_put_pages(pages);
}

/* Check whether @area, the lowest in [@start, @last], may be unmapped. */
static int check_unmap(const struct iopt_area *area, unsigned long start,
		       unsigned long last)
{
	if (!area->pages || area->num_locks)
		return -EBUSY;
	if (area->start < start || area->last > last)
		return -ENOENT;
	return 0;
}

/* Warn that accesses were asked @tries times to unpin [@start, @last]. */
static void warn_pinned(struct io_pagetable *iopt, unsigned long start,
			unsigned long last, unsigned int tries)
{
	struct iopt_area *area = range_first(&iopt->areas, start, last);
	struct iopt_pin pin;

	if (area && area->pages && iopt_area_find_pin(area, &pin))
		WARN(1, "access %u still has %#lx bytes pinned at IOVA %#lx "
			"after %u tries to unmap them",
		     pin.access, pin.length, pin.iova, tries);
	else
		WARN(1, "IOVA %#lx to %#lx is still pinned after %u tries to "
			"unmap it", start, last, tries);
}

/*
 * Unmap the areas in [@start, @last].  domains_rwsem is held for reading and
 * iova_rwsem for writing, on entry and on exit; both are released while
 * accesses are asked to unpin.
 */
static int unmap_range(struct io_pagetable *iopt, unsigned long start,
		       unsigned long last, unsigned long *unmapped)
{
	unsigned long area_start, area_last;
	struct iopt_area *area;
	unsigned int tries = 0;
	int rc;

	while ((area = range_first(&iopt->areas, start, last))) {
		rc = check_unmap(area, start, last);
		if (rc)
			return rc;
		area_start = area->start;
		area_last = area->last;
		if (area_start != start)
			tries = 0;
		if (area->num_accesses) {
			/*
			 * The next search begins at this area, since new areas
			 * may appear below it while the locks are released.
			 */
			start = area_start;
			area->prevent_access = true;
			up_write(&iopt->iova_rwsem);
			up_read(&iopt->domains_rwsem);
			iommufd_access_notify_unmap(iopt, area_start,
						    area_last - area_start + 1);
			tries++;
			down_read(&iopt->domains_rwsem);
			down_write(&iopt->iova_rwsem);
			if (tries > MAX_UNMAP_TRIES) {
				warn_pinned(iopt, area_start, area_last,
					    tries);
				return -EDEADLOCK;
			}
			continue;
		}
		unmap_area(iopt, area);
		*unmapped += area_last - area_start + 1;
		if (area_last >= last)
			break;
		start = area_last + 1;
	}
	return 0;
}

static int unmap(struct io_pagetable *iopt, unsigned long start,
		 unsigned long last, unsigned long *unmapped)
{
	int rc;

	*unmapped = 0;
	down_read(&iopt->domains_rwsem);
	down_write(&iopt->iova_rwsem);
	rc = unmap_range(iopt, start, last, unmapped);
	up_write(&iopt->iova_rwsem);
	up_read(&iopt->domains_rwsem);
	return rc;
}

int iopt_unmap_iova(struct io_pagetable *iopt, unsigned long iova,
		    unsigned long length, unsigned long *unmapped)
{
	unsigned long last;

	if (!length)
		return -EINVAL;
	if (__builtin_add_overflow(iova, length - 1, &last))
		return -EOVERFLOW;
	return unmap(iopt, iova, last, unmapped);
}

int iopt_unmap_all(struct io_pagetable *iopt, unsigned long *unmapped)
{
	return unmap(iopt, 0, ULONG_MAX, unmapped);
}

bool iopt_find_pin(struct io_pagetable *iopt, struct iopt_pin *pin)
{
	struct iopt_area *area;
	bool found;

	down_read(&iopt->domains_rwsem);
	down_read(&iopt->iova_rwsem);
	area = range_first(&iopt->areas, 0, ULONG_MAX);
	found = area && area->pages && iopt_area_find_pin(area, pin);
	up_read(&iopt->iova_rwsem);
	up_read(&iopt->domains_rwsem);
	return found;
}

/* Alignment: what domains and accesses need must fit the areas */

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

static unsigned long smallest_page(const struct iommu_domain *domain)
{
	return domain->pgsize_bitmap & -domain->pgsize_bitmap;
}

/* Check that all areas fit @alignment. */
static int check_alignment(struct io_pagetable *iopt, unsigned long alignment)
{
	struct iopt_area *area;

	if (alignment <= iopt->iova_alignment)
		return 0;
	for_each_area(iopt, area)
		if ((area->start | iopt_area_length(area) |
		     (area->start_byte & ~PAGE_MASK)) &
		    (alignment - 1))
			return -EADDRINUSE;
	return 0;
}

/*
 * Set the alignment that the domains and accesses need; both rwsems are held
 * for writing.
 */
static int iopt_calculate_iova_alignment(struct io_pagetable *iopt)
{
	unsigned long alignment = iopt->disable_large_pages ? PAGE_SIZE : 1;
	u32 i;
	int rc;

	lockdep_assert_held_write(&iopt->domains_rwsem);
	lockdep_assert_held_write(&iopt->iova_rwsem);
	for (i = 0; i < iopt->next_domain_id; i++)
		alignment = iopt_max(alignment,
				     smallest_page(iopt->domains[i]));
	if (iopt->nr_page_accesses)
		alignment = iopt_max(alignment, PAGE_SIZE);
	rc = check_alignment(iopt, alignment);
	if (!rc)
		iopt->iova_alignment = (u32)alignment;
	return rc;
}

int iopt_disable_large_pages(struct io_pagetable *iopt)
{
	int rc = 0;

	lock_users(iopt);
	if (iopt->disable_large_pages)
		goto out_unlock;
	if (iopt->next_domain_id && !range_empty(&iopt->areas)) {
		rc = -EINVAL;
		goto out_unlock;
	}
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

/* Domains */

static bool has_domain(struct io_pagetable *iopt, struct iommu_domain *domain,
		       u32 *index)
{
	for (*index = 0; *index < iopt->next_domain_id; ++*index)
		if (iopt->domains[*index] == domain)
			return true;
	return false;
}

/* Make room for one more domain. */
static int grow_domains(struct io_pagetable *iopt)
{
	struct iommu_domain **domains;

	domains = krealloc_array(iopt->domains,
				 (size_t)iopt->next_domain_id + 1,
				 sizeof(*domains), GFP_KERNEL);
	if (!domains)
		return -ENOMEM;
	iopt->domains = domains;
	return 0;
}

/* Free the array if no domain is left. */
static void shrink_domains(struct io_pagetable *iopt)
{
	if (iopt->next_domain_id)
		return;
	kfree(iopt->domains);
	iopt->domains = NULL;
}

static int reserve_outside(struct io_pagetable *iopt,
			   struct iommu_domain *domain)
{
	unsigned long start = domain->geometry.aperture_start;
	unsigned long end = domain->geometry.aperture_end;
	int rc = 0;

	if (start)
		rc = iopt_reserve_locked(iopt, 0, start - 1, domain);
	if (!rc && end != ULONG_MAX)
		rc = iopt_reserve_locked(iopt, end + 1, ULONG_MAX, domain);
	if (rc)
		iopt_unreserve_locked(iopt, domain);
	return rc;
}

/* Map all areas in a new domain, and pin them if it is the first domain. */
static int fill_domain(struct io_pagetable *iopt, struct iommu_domain *domain)
{
	bool first = !iopt->next_domain_id;
	struct iopt_area *area, *end;
	int rc;

	for_each_area(iopt, area) {
		if (!area->pages)
			continue;
		rc = first ? iopt_area_cover(area, area->pages) : 0;
		if (rc)
			goto out_unfill;
		rc = iopt_area_fill_domain(area, area->pages, domain);
		if (rc) {
			if (first)
				iopt_area_uncover(area, area->pages);
			goto out_unfill;
		}
	}
	return 0;

out_unfill:
	end = area;
	for_each_area(iopt, area) {
		if (area == end)
			break;
		if (!area->pages)
			continue;
		iopt_area_unfill_domain(area, area->pages, domain);
		if (first)
			iopt_area_uncover(area, area->pages);
	}
	return rc;
}

static int add_domain(struct io_pagetable *iopt, struct iommu_domain *domain)
{
	unsigned long alignment;
	u32 index;
	int rc;

	if (WARN_ON(has_domain(iopt, domain, &index)))
		return -EEXIST;
	alignment = iopt_max(smallest_page(domain), iopt->iova_alignment);
	if (alignment > PAGE_SIZE)
		return -EINVAL;
	rc = check_alignment(iopt, alignment);
	if (rc)
		return rc;
	rc = reserve_outside(iopt, domain);
	if (rc)
		return rc;
	/* This comes before the fill, so that the fill need not be undone. */
	rc = grow_domains(iopt);
	if (rc)
		goto out_unreserve;
	rc = fill_domain(iopt, domain);
	if (rc)
		goto out_shrink;
	iopt->domains[iopt->next_domain_id++] = domain;
	iopt->iova_alignment = (u32)alignment;
	return 0;

out_shrink:
	shrink_domains(iopt);
out_unreserve:
	iopt_unreserve_locked(iopt, domain);
	return rc;
}

int iopt_table_add_domain(struct io_pagetable *iopt,
			  struct iommu_domain *domain)
{
	int rc;

	lock_users(iopt);
	rc = add_domain(iopt, domain);
	unlock_users(iopt);
	return rc;
}

void iopt_table_remove_domain(struct io_pagetable *iopt,
			      struct iommu_domain *domain)
{
	struct iopt_area *area;
	u32 index;

	lock_users(iopt);
	if (WARN_ON(!has_domain(iopt, domain, &index)))
		goto out_unlock;
	/* Move the last domain here, so that the array has no holes. */
	iopt->domains[index] = iopt->domains[--iopt->next_domain_id];
	shrink_domains(iopt);
	for_each_area(iopt, area) {
		if (!area->pages)
			continue;
		iopt_area_unfill_domain(area, area->pages, domain);
		if (!iopt->next_domain_id)
			iopt_area_uncover(area, area->pages);
	}
	iopt_unreserve_locked(iopt, domain);
	WARN_ON(iopt_calculate_iova_alignment(iopt));
out_unlock:
	unlock_users(iopt);
}

/*
 * Accesses
 *
 * The alignment that an access needs is 1 or PAGE_SIZE, so it is enough to count
 * those that need more, and attaching does not walk the list.
 */

int iopt_add_access(struct io_pagetable *iopt, struct iommufd_access *access)
{
	u32 new_id;
	int rc;

	lock_users(iopt);
	rc = xa_alloc(&iopt->access_list, &new_id, access, xa_limit_16b,
		      GFP_KERNEL_ACCOUNT);
	if (rc)
		goto out_unlock;
	iopt->nr_page_accesses += access->iova_alignment == PAGE_SIZE;
	rc = iopt_calculate_iova_alignment(iopt);
	if (rc) {
		iopt->nr_page_accesses -= access->iova_alignment == PAGE_SIZE;
		xa_erase(&iopt->access_list, new_id);
		goto out_unlock;
	}
	/*
	 * Set the id only on success: an access whose replace fails keeps its
	 * old one.
	 */
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
	iopt->nr_page_accesses -= access->iova_alignment == PAGE_SIZE;
	/* With one access less, no larger alignment can be needed. */
	WARN_ON(iopt_calculate_iova_alignment(iopt));
	unlock_users(iopt);
}
