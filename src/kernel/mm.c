// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mmap() and munmap() of a model file.
 *
 * There is one process with one mm.  All mappings are on one list that mm_lock
 * protects.  As in the kernel, mm_lock is held while a driver's mmap(), open()
 * or close() runs.  A mapping owns a reference to its file.  A mapping that
 * fork() has duplicated belongs to another process in a kernel.  Here it is on
 * the same list and has the same address.
 *
 * A thread that pins a page also searches the list, but must not take a lock
 * that passes the gate: in the kernel too, a pin does not wait for mm_lock.
 * For such readers links_lock protects the links of the list.
 */
#include "ground.h"
#include <iommufd_model/model.h>
#include <iommufd_model/kernel/page.h>
#include <sched.h>
#include <sys/mman.h>

static DEFINE_MUTEX(mm_lock);
static LIST_HEAD(mappings);
static unsigned int nr_mappings;
static int links_lock;

static void lock_links(void)
{
	while (__atomic_exchange_n(&links_lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock_links(void)
{
	__atomic_store_n(&links_lock, 0, __ATOMIC_RELEASE);
}

/*
 * Adds @vma after @behind; if that is the head of the list, @vma is the newest.
 */
static void link_vma(struct vm_area_struct *vma, struct list_head *behind)
{
	lock_links();
	list_add(&vma->vm_link, behind);
	__atomic_store_n(&nr_mappings, nr_mappings + 1, __ATOMIC_RELAXED);
	unlock_links();
}

static void unlink_vma(struct vm_area_struct *vma)
{
	lock_links();
	list_del(&vma->vm_link);
	__atomic_store_n(&nr_mappings, nr_mappings - 1, __ATOMIC_RELAXED);
	unlock_links();
}

bool iommufd_model_is_special(unsigned long addr)
{
	struct vm_area_struct *vma;
	bool special = false;

	if (!__atomic_load_n(&nr_mappings, __ATOMIC_RELAXED))
		return false;
	lock_links();
	list_for_each_entry(vma, &mappings, vm_link)
		if (vma->vm_start <= addr && addr < vma->vm_end &&
		    vma->vm_flags & (VM_IO | VM_PFNMAP))
			special = true;
	unlock_links();
	return special;
}

void iommufd_model_each_mapping(void (*fn)(unsigned long start,
					   unsigned long size, void *data),
				void *data)
{
	struct vm_area_struct *vma;

	lock_links();
	list_for_each_entry(vma, &mappings, vm_link)
		fn(vma->vm_start, vma->vm_end - vma->vm_start, data);
	unlock_links();
}

void iommufd_model_forget_mappings(void)
{
	INIT_LIST_HEAD(&mappings);
	nr_mappings = 0;
}

int io_remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
		       unsigned long pfn, unsigned long size, pgprot_t prot)
{
	long start;

	(void)prot;
	if (WARN_ON(addr != vma->vm_start))
		return -EINVAL;
	vma->vm_tables = kzalloc(sizeof(u64), GFP_KERNEL);
	if (!vma->vm_tables)
		return -ENOMEM;
	start = iommufd_model_show_pages(pfn << PAGE_SHIFT, size,
					 vma->vm_flags);
	if (start < 0 && start >= -MAX_ERRNO) {
		kfree(vma->vm_tables);
		vma->vm_tables = NULL;
		return (int)start;
	}
	/*
	 * Memory that is not device memory is visible only at its own address.
	 */
	vma->vm_start = start ? (unsigned long)start : pfn << PAGE_SHIFT;
	vma->vm_end = vma->vm_start + size;
	vma->vm_flags |= VM_IO | VM_PFNMAP;
	return 0;
}

static struct vm_area_struct *find_vma(unsigned long start, size_t length)
{
	struct vm_area_struct *vma;

	list_for_each_entry(vma, &mappings, vm_link)
		if (vma->vm_start == start && vma->vm_end - start == length)
			return vma;
	return NULL;
}

static void free_vma(struct vm_area_struct *vma)
{
	kfree(vma->vm_tables);
	fput(vma->vm_file);
	kfree(vma);
}

static long map_file(struct file *file, size_t length, int prot, int flags,
		     u64 offset)
{
	struct vm_area_struct *vma;
	unsigned long start;
	int rc;

	if (!file->f_op->mmap)
		return -ENODEV;
	if (!length || offset % PAGE_SIZE)
		return -EINVAL;
	vma = kzalloc(sizeof(*vma), GFP_KERNEL);
	if (!vma)
		return -ENOMEM;
	vma->vm_end = length;
	vma->vm_flags = (prot & PROT_READ ? VM_READ : 0) |
			(prot & PROT_WRITE ? VM_WRITE : 0) |
			(prot & PROT_EXEC ? VM_EXEC : 0) |
			(flags & MAP_SHARED ? VM_SHARED : 0);
	vma->vm_pgoff = offset >> PAGE_SHIFT;
	vma->vm_file = get_file(file);

	mutex_lock(&mm_lock);
	rc = file->f_op->mmap(file, vma);
	start = vma->vm_start;
	if (!rc)
		link_vma(vma, &mappings);
	else if (vma->vm_tables)
		iommufd_model_hide_pages(start, vma->vm_end - start);
	mutex_unlock(&mm_lock);
	if (rc) {
		free_vma(vma);
		return rc;
	}
	return (long)start;
}

void *iommufd_model_mmap(int fd, size_t length, int prot, int flags, u64 offset)
{
	struct file *file;
	long rc = -EBADF;

	iommufd_model_enter();
	file = fget((unsigned int)fd);
	if (file) {
		rc = map_file(file, length, prot, flags, offset);
		fput(file);
	}
	iommufd_model_leave();
	return (void *)rc;
}

/*
 * Returns a copy of @vma, or NULL if an allocation failed.  mm_lock is held.
 * The caller calls open_vma() and link_vma() for the copy.
 */
static struct vm_area_struct *copy_vma(struct vm_area_struct *vma)
{
	struct vm_area_struct *copy = kzalloc(sizeof(*copy), GFP_KERNEL);

	if (!copy)
		return NULL;
	*copy = *vma;
	copy->vm_tables = kzalloc(sizeof(u64), GFP_KERNEL);
	if (!copy->vm_tables) {
		kfree(copy);
		return NULL;
	}
	get_file(copy->vm_file);
	return copy;
}

static void open_vma(struct vm_area_struct *vma)
{
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
}

/* Splits @vma in two at @addr, if @addr is inside of it. */
static int split_vma(struct vm_area_struct *vma, unsigned long addr)
{
	struct vm_area_struct *copy;

	if (addr <= vma->vm_start || addr >= vma->vm_end)
		return 0;
	copy = copy_vma(vma);
	if (!copy)
		return -ENOMEM;
	copy->vm_start = addr;
	copy->vm_pgoff += (addr - vma->vm_start) >> PAGE_SHIFT;
	vma->vm_end = addr;
	link_vma(copy, &vma->vm_link);
	open_vma(copy);
	return 0;
}

/*
 * Returns the newest mapping at the lowest mapped address in [start, end), or
 * NULL.
 */
static struct vm_area_struct *first_vma(unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma, *first = NULL;

	list_for_each_entry(vma, &mappings, vm_link) {
		if (vma->vm_end <= start || vma->vm_start >= end)
			continue;
		if (!first || (first->vm_start > start &&
			       vma->vm_start < first->vm_start))
			first = vma;
	}
	return first;
}

/* Splits mappings so that none is partly inside of [start, end). */
static int split_at(unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;
	int rc;

	while (start < end && (vma = first_vma(start, end))) {
		rc = split_vma(vma, end);
		if (!rc)
			rc = split_vma(vma, start);
		if (rc)
			return rc;
		/*
		 * If @start has split a mapping, this is the part that begins
		 * there.
		 */
		vma = first_vma(start, end);
		start = vma->vm_end;
	}
	return 0;
}

static int unmap_range(unsigned long start, unsigned long end,
		       struct list_head *removed)
{
	struct vm_area_struct *vma;
	int rc = split_at(start, end);

	if (rc)
		return rc;
	rc = -EINVAL;
	while (start < end && (vma = first_vma(start, end))) {
		start = vma->vm_end;
		/*
		 * The pages must be hidden before the mapping is unlinked:
		 * pages that are visible but in no mapping of the list could be
		 * pinned.
		 */
		iommufd_model_hide_pages(vma->vm_start,
					 vma->vm_end - vma->vm_start);
		unlink_vma(vma);
		list_add_tail(&vma->vm_link, removed);
		if (vma->vm_ops && vma->vm_ops->close)
			vma->vm_ops->close(vma);
		rc = 0;
	}
	return rc;
}

int iommufd_model_munmap(void *addr, size_t length)
{
	unsigned long start = (unsigned long)addr, end;
	struct vm_area_struct *vma, *next;
	LIST_HEAD(removed);
	int rc;

	if (start & ~PAGE_MASK || !length ||
	    __builtin_add_overflow(start, length - 1, &end))
		return -EINVAL;
	end |= ~PAGE_MASK;
	/* No mapping is in the last page of the address space. */
	if (end != ULONG_MAX)
		end++;
	iommufd_model_enter();
	mutex_lock(&mm_lock);
	rc = unmap_range(start, end, &removed);
	mutex_unlock(&mm_lock);
	list_for_each_entry_safe(vma, next, &removed, vm_link)
		free_vma(vma);
	iommufd_model_leave();
	return rc;
}

int iommufd_model_mdup(void *addr, size_t length)
{
	struct vm_area_struct *vma, *copy;
	int rc = -EINVAL;

	iommufd_model_enter();
	mutex_lock(&mm_lock);
	vma = find_vma((unsigned long)addr, length);
	if (!vma)
		goto out;
	rc = -ENOMEM;
	copy = copy_vma(vma);
	if (!copy)
		goto out;
	open_vma(copy);
	link_vma(copy, &mappings);
	iommufd_model_share_pages(copy->vm_start, length);
	rc = 0;
out:
	mutex_unlock(&mm_lock);
	iommufd_model_leave();
	return rc;
}
