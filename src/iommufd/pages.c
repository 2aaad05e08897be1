// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memory that areas map, and its pins.
 *
 * A page is pinned once while anybody needs it: an area that domains map, or a
 * pin of an access.  covers[] counts for each page how many need it, however
 * they overlap.  The page is pinned when the count leaves zero, and unpinned
 * when it is zero again.
 *
 * What an access has pinned is a record with exact bounds.  Pins with equal
 * bounds share one record; an unpin has to give the same bounds.
 *
 * The memory is that of the user, or that of a file.
 *
 * Pinned pages are charged to the user, unless the user has the privilege to
 * lock memory.  Only the pages that were really added are charged, after they
 * were pinned; if the charge exceeds the limit, they are unpinned again.
 */
#include "io_pagetable.h"
#include "process.h"
#include <iommufd_model/kernel/memfd.h>
#include <string.h>

/*
 * struct access_record
 * @area, @access: through which area, and by which access, the pages were pinned
 *	first; for warnings
 */
struct access_record {
	struct list_head link;
	unsigned long first, last;
	unsigned int users;
	const struct iopt_area *area;
	u32 access;
};

static unsigned long memlock_limit = ULONG_MAX;	/* in pages */
static unsigned long locked_vm[IOPT_PAGES_ACCOUNT_MM + 1];

void iommufd_model_set_memlock_limit(unsigned long pages)
{
	memlock_limit = pages;
}

static struct iopt_pages *iopt_alloc_pages(struct iommufd_ctx *ictx,
					   unsigned long start,
					   unsigned long length, bool writable)
{
	struct iopt_pages *pages;

	if (!length || length > SIZE_MAX - PAGE_SIZE)
		return ERR_PTR(-EINVAL);
	pages = kzalloc(sizeof(*pages), GFP_KERNEL_ACCOUNT);
	if (!pages)
		return ERR_PTR(-ENOMEM);
	refcount_set(&pages->ref, 1);
	mutex_init(&pages->mutex);
	INIT_LIST_HEAD(&pages->accesses);
	pages->base = start & PAGE_MASK;
	pages->npages = ((start & ~PAGE_MASK) + length - 1) / PAGE_SIZE + 1;
	pages->writable = writable;
	pages->process = iommufd_process();
	/* A new context has mode 0 in this field, which stands for USER. */
	if (iommufd_has_capability(CAP_IPC_LOCK))
		pages->account_mode = IOPT_PAGES_ACCOUNT_NONE;
	else if (ictx->account_mode == IOPT_PAGES_ACCOUNT_MM)
		pages->account_mode = IOPT_PAGES_ACCOUNT_MM;
	else
		pages->account_mode = IOPT_PAGES_ACCOUNT_USER;
	return pages;
}

struct iopt_pages *iopt_alloc_user_pages(struct iommufd_ctx *ictx,
					 unsigned long uptr,
					 unsigned long length, bool writable)
{
	return iopt_alloc_pages(ictx, uptr, length, writable);
}

struct iopt_pages *iopt_alloc_file_pages(struct iommufd_ctx *ictx,
					 struct file *file,
					 unsigned long start,
					 unsigned long length, bool writable)
{
	struct iopt_pages *pages =
		iopt_alloc_pages(ictx, start, length, writable);

	/* This reference belongs to the pages, until they are freed. */
	if (!IS_ERR(pages))
		pages->file = get_file(file);
	return pages;
}

void iopt_put_pages(struct iopt_pages *pages)
{
	if (!refcount_dec_and_test(&pages->ref))
		return;
	WARN_ON(pages->npinned);
	WARN_ON(!list_empty(&pages->accesses));
	if (pages->file)
		fput(pages->file);
	kvfree(pages->covers);
	kfree(pages);
}

/*
 * Return the address of a byte, or 0 if it is in a page of a file that cannot
 * be mapped.
 */
static unsigned long byte_addr(const struct iopt_pages *pages,
			       unsigned long byte)
{
	unsigned long addr;

	if (!pages->file)
		return pages->base + byte;
	addr = iommufd_model_file_page(pages->file,
				       pages->base + (byte & PAGE_MASK));
	return addr ? addr + (byte & ~PAGE_MASK) : 0;
}

static struct page *page_at(const struct iopt_pages *pages, unsigned long index)
{
	return virt_to_page(byte_addr(pages, index * PAGE_SIZE));
}

/* Pin a page.  For a page of a file @write has no effect. */
static int pin_page(const struct iopt_pages *pages, unsigned long index,
		    bool write, struct page **page)
{
	unsigned long byte = index * PAGE_SIZE;
	int before, rc;

	if (pages->file) {
		if (!iommufd_model_file_has_page(pages->file,
						 pages->base + byte))
			return -EINVAL;
		write = false;
	} else if (iommufd_process_ended(pages->process)) {
		return -EFAULT;
	}
	before = iommufd_process_enter(pages->file ? NULL : pages->process);
	rc = pin_user_pages_fast(byte_addr(pages, byte), 1,
				 write ? FOLL_WRITE : 0, page);
	iommufd_process_leave(before);
	return rc;
}

/* Make covers[] large enough for @index.  It grows only as pages are pinned. */
static int grow_covers(struct iopt_pages *pages, unsigned long index)
{
	unsigned long room = pages->ncovers ? pages->ncovers * 2 : 16;
	unsigned int *covers;

	if (index < pages->ncovers)
		return 0;
	if (room <= index)
		room = index + 1;
	if (room > pages->npages)
		room = pages->npages;
	covers = kvcalloc(room, sizeof(*covers), GFP_KERNEL_ACCOUNT);
	if (!covers)
		return -ENOMEM;
	if (pages->covers)
		memcpy(covers, pages->covers,
		       pages->ncovers * sizeof(*covers));
	kvfree(pages->covers);
	pages->covers = covers;
	pages->ncovers = room;
	return 0;
}

static int cover_page(struct iopt_pages *pages, unsigned long index)
{
	bool wanted = index < pages->ncovers && pages->covers[index];
	struct page *page;
	int rc;

	if (!wanted) {
		rc = pin_page(pages, index, pages->writable, &page);
		if (rc < 0)
			return rc;
		rc = grow_covers(pages, index);
		if (rc) {
			unpin_user_page(page);
			return rc;
		}
		pages->npinned++;
	}
	pages->covers[index]++;
	return 0;
}

static void uncover_pages(struct iopt_pages *pages, unsigned long first,
			  unsigned long last)
{
	unsigned long index;

	for (index = first; index <= last; index++) {
		if (--pages->covers[index])
			continue;
		unpin_user_page(page_at(pages, index));
		pages->npinned--;
	}
}

/* Add @npages to the counts of the process; a negated number subtracts. */
static void count_pinned(struct iopt_pages *pages, unsigned long npages)
{
	struct iommufd_process *process = pages->process;

	__atomic_add_fetch(&process->pinned, npages, __ATOMIC_RELAXED);
	if (pages->account_mode == IOPT_PAGES_ACCOUNT_MM)
		__atomic_add_fetch(&process->locked, npages, __ATOMIC_RELAXED);
}

static int charge(struct iopt_pages *pages, unsigned long npages)
{
	unsigned long *locked = &locked_vm[pages->account_mode];
	unsigned long now;

	count_pinned(pages, npages);
	if (pages->account_mode == IOPT_PAGES_ACCOUNT_NONE || !npages)
		return 0;
	now = __atomic_add_fetch(locked, npages, __ATOMIC_RELAXED);
	if (now <= memlock_limit)
		return 0;
	__atomic_fetch_sub(locked, npages, __ATOMIC_RELAXED);
	count_pinned(pages, -npages);
	return -ENOMEM;
}

void iopt_pages_change_process(struct iopt_pages *pages)
{
	if (pages->process == iommufd_process())
		return;
	mutex_lock(&pages->mutex);
	/*
	 * As in a kernel, pages that nobody is charged for stay counted for the
	 * old process.
	 */
	if (pages->account_mode == IOPT_PAGES_ACCOUNT_NONE) {
		pages->process = iommufd_process();
	} else {
		count_pinned(pages, -pages->npinned);
		pages->process = iommufd_process();
		count_pinned(pages, pages->npinned);
	}
	mutex_unlock(&pages->mutex);
}

static void uncharge(struct iopt_pages *pages, unsigned long npages)
{
	count_pinned(pages, -npages);
	if (pages->account_mode != IOPT_PAGES_ACCOUNT_NONE)
		__atomic_fetch_sub(&locked_vm[pages->account_mode], npages,
				   __ATOMIC_RELAXED);
}

/*
 * Count one more user of each page.  pages->mutex is held, also in the
 * functions below.
 */
static int add_cover(struct iopt_pages *pages, unsigned long first,
		     unsigned long last)
{
	unsigned long before = pages->npinned, index;
	int rc;

	for (index = first; index <= last; index++) {
		rc = cover_page(pages, index);
		if (rc)
			goto out_uncover;
	}
	rc = charge(pages, pages->npinned - before);
	if (rc)
		goto out_uncover;
	return 0;

out_uncover:
	if (index > first)
		uncover_pages(pages, first, index - 1);
	return rc;
}

static void remove_cover(struct iopt_pages *pages, unsigned long first,
			 unsigned long last)
{
	unsigned long before = pages->npinned;

	uncover_pages(pages, first, last);
	uncharge(pages, before - pages->npinned);
}

/* Pins by accesses */

static struct access_record *find_record(struct iopt_pages *pages,
					 unsigned long first,
					 unsigned long last)
{
	struct access_record *record;

	list_for_each_entry(record, &pages->accesses, link)
		if (record->first == first && record->last == last)
			return record;
	return NULL;
}

static int add_record(struct iopt_area *area, unsigned long first,
		      unsigned long last, u32 access)
{
	struct iopt_pages *pages = area->pages;
	struct access_record *record = find_record(pages, first, last);
	int rc;

	if (record) {
		record->users++;
		return 0;
	}
	record = kzalloc(sizeof(*record), GFP_KERNEL_ACCOUNT);
	if (!record)
		return -ENOMEM;
	rc = add_cover(pages, first, last);
	if (rc) {
		kfree(record);
		return rc;
	}
	record->first = first;
	record->last = last;
	record->users = 1;
	record->area = area;
	record->access = access;
	list_add(&record->link, &pages->accesses);
	return 0;
}

int iopt_area_add_access(struct iopt_area *area, unsigned long first,
			 unsigned long last, struct page **out_pages,
			 unsigned int flags, u32 access, bool lock)
{
	struct iopt_pages *pages = area->pages;
	unsigned long index;
	int rc;

	if ((flags & IOMMUFD_ACCESS_RW_WRITE) && !pages->writable)
		return -EPERM;
	mutex_lock(&pages->mutex);
	rc = add_record(area, first, last, access);
	if (!rc) {
		area->num_accesses++;
		area->num_locks += lock;
		for (index = first; index <= last; index++)
			*out_pages++ = page_at(pages, index);
	}
	mutex_unlock(&pages->mutex);
	return rc;
}

bool iopt_area_remove_access(struct iopt_area *area, unsigned long first,
			     unsigned long last, bool unlock)
{
	struct iopt_pages *pages = area->pages;
	struct access_record *record;

	mutex_lock(&pages->mutex);
	record = find_record(pages, first, last);
	if (!record || WARN_ON(!area->num_accesses) ||
	    WARN_ON(unlock && !area->num_locks)) {
		mutex_unlock(&pages->mutex);
		return false;
	}
	area->num_accesses--;
	area->num_locks -= unlock;
	if (!--record->users) {
		list_del(&record->link);
		remove_cover(pages, first, last);
		kfree(record);
	}
	mutex_unlock(&pages->mutex);
	return true;
}

bool iopt_area_find_pin(struct iopt_area *area, struct iopt_pin *pin)
{
	struct iopt_pages *pages = area->pages;
	unsigned long skipped = iopt_area_index(area, area->start);
	struct access_record *record;
	bool found = false;

	mutex_lock(&pages->mutex);
	list_for_each_entry(record, &pages->accesses, link) {
		if (record->area != area)
			continue;
		pin->iova = area->start + (record->first - skipped) * PAGE_SIZE;
		pin->length = (record->last - record->first + 1) * PAGE_SIZE;
		pin->access = record->access;
		found = true;
		break;
	}
	mutex_unlock(&pages->mutex);
	return found;
}

/* Domains */

static unsigned long last_index(const struct iopt_area *area)
{
	return iopt_area_index(area, area->last);
}

int iopt_area_cover(struct iopt_area *area, struct iopt_pages *pages)
{
	int rc;

	mutex_lock(&pages->mutex);
	rc = add_cover(pages, iopt_area_index(area, area->start),
		       last_index(area));
	mutex_unlock(&pages->mutex);
	if (!rc)
		area->in_domains = true;
	return rc;
}

void iopt_area_uncover(struct iopt_area *area, struct iopt_pages *pages)
{
	mutex_lock(&pages->mutex);
	remove_cover(pages, iopt_area_index(area, area->start),
		     last_index(area));
	mutex_unlock(&pages->mutex);
	area->in_domains = false;
}

void iopt_area_unfill_domain(struct iopt_area *area, struct iopt_pages *pages,
			     struct iommu_domain *domain)
{
	(void)pages;
	iommu_unmap(domain, area->start, iopt_area_length(area));
}

/* Map one page at a time.  The area may begin and end within a page. */
int iopt_area_fill_domain(struct iopt_area *area, struct iopt_pages *pages,
			  struct iommu_domain *domain)
{
	unsigned long left = iopt_area_length(area), iova = area->start;
	unsigned long byte = area->start_byte, len;
	int rc;

	while (left) {
		len = PAGE_SIZE - (byte & ~PAGE_MASK);
		if (len > left)
			len = left;
		rc = iommu_map(domain, iova,
			       virt_to_phys(byte_addr(pages, byte)), len,
			       area->iommu_prot);
		if (rc)
			goto out_unmap;
		iova += len;
		byte += len;
		left -= len;
	}
	return 0;

out_unmap:
	if (iova != area->start)
		iommu_unmap(domain, area->start, iova - area->start);
	return rc;
}

int iopt_area_fill_domains(struct iopt_area *area, struct iopt_pages *pages)
{
	struct io_pagetable *iopt = area->iopt;
	u32 i;
	int rc;

	lockdep_assert_held(&iopt->domains_rwsem);
	if (!iopt->next_domain_id)
		return 0;
	rc = iopt_area_cover(area, pages);
	if (rc)
		return rc;
	for (i = 0; i < iopt->next_domain_id; i++) {
		rc = iopt_area_fill_domain(area, pages, iopt->domains[i]);
		if (rc)
			goto out_unfill;
	}
	return 0;

out_unfill:
	while (i--)
		iopt_area_unfill_domain(area, pages, iopt->domains[i]);
	iopt_area_uncover(area, pages);
	return rc;
}

void iopt_area_unfill_domains(struct iopt_area *area, struct iopt_pages *pages)
{
	struct io_pagetable *iopt = area->iopt;
	u32 i;

	lockdep_assert_held(&iopt->domains_rwsem);
	if (!area->in_domains)
		return;
	for (i = 0; i < iopt->next_domain_id; i++)
		iopt_area_unfill_domain(area, pages, iopt->domains[i]);
	iopt_area_uncover(area, pages);
}

/*
 * Check that the slow path can pin the pages.  It uses pages that are pinned,
 * and pins the others for the time of the copy, so it fails for pages that
 * cannot be pinned.
 */
static int check_slow_path(struct iopt_pages *pages, unsigned long first,
			   unsigned long last, unsigned int flags)
{
	/*
	 * A single page is pinned as the copy needs it; several pages are
	 * pinned as a domain would pin them.
	 */
	bool write = first == last ? flags & IOMMUFD_ACCESS_RW_WRITE :
				     pages->writable;
	struct page *page;
	int rc = 0;

	mutex_lock(&pages->mutex);
	for (; first <= last && !rc; first++) {
		if (first < pages->ncovers && pages->covers[first])
			continue;
		rc = pin_page(pages, first, write, &page);
		if (rc < 0)
			break;
		unpin_user_page(page);
		rc = 0;
	}
	mutex_unlock(&pages->mutex);
	return rc;
}

/* Copy bytes that are all in one page, or all in user memory. */
static int copy_bytes(unsigned long addr, void *data, unsigned long length,
		      bool write)
{
	void __user *uptr = (void __user *)addr;

	if (write)
		return copy_to_user(uptr, data, length) ? -EFAULT : 0;
	return copy_from_user(data, uptr, length) ? -EFAULT : 0;
}

/*
 * The pages of a file are copied one by one, since their addresses are not
 * contiguous.
 */
static int rw_file(struct iopt_pages *pages, unsigned long byte, void *data,
		   unsigned long length, bool write)
{
	unsigned long len;
	int rc = 0;

	for (; !rc && length; length -= len) {
		len = iopt_min(PAGE_SIZE - (byte & ~PAGE_MASK), length);
		rc = copy_bytes(byte_addr(pages, byte), data, len, write);
		byte += len;
		data = (char *)data + len;
	}
	return rc;
}

int iopt_pages_rw(struct iopt_pages *pages, unsigned long byte, void *data,
		  unsigned long length, unsigned int flags)
{
	bool write = flags & IOMMUFD_ACCESS_RW_WRITE;
	bool foreign = pages->process != iommufd_process();
	int before, rc;

	if (write && !pages->writable)
		return -EPERM;
	if (pages->file || foreign || (flags & __IOMMUFD_ACCESS_RW_SLOW_PATH)) {
		rc = check_slow_path(pages, byte >> PAGE_SHIFT,
				     (byte + length - 1) >> PAGE_SHIFT, flags);
		if (rc)
			return rc;
	}
	/*
	 * The pages of a file are in this process, and so are the pinned pages
	 * of a process that has ended.
	 */
	before = iommufd_process_enter(
		pages->file || iommufd_process_ended(pages->process) ?
			NULL : pages->process);
	if (pages->file)
		rc = rw_file(pages, byte, data, length, write);
	else
		rc = copy_bytes(pages->base + byte, data, length, write);
	iommufd_process_leave(before);
	return rc;
}
