// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mmap and munmap of a model file.
 *
 * One process, one mm: all mappings are on one list under mm_lock, which is
 * held, as in the kernel, while a driver's mmap, open or close runs.  A mapping
 * holds a reference to its file.
 */
#include "ground.h"
#include <iommufd_model/model.h>
#include <sys/mman.h>

static DEFINE_MUTEX(mm_lock);
static LIST_HEAD(mappings);

int io_remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
		       unsigned long pfn, unsigned long size, pgprot_t prot)
{
	(void)prot;
	if (WARN_ON(addr != vma->vm_start))
		return -EINVAL;
	vma->vm_tables = kzalloc(sizeof(u64), GFP_KERNEL);
	if (!vma->vm_tables)
		return -ENOMEM;
	vma->vm_start = pfn << PAGE_SHIFT;
	vma->vm_end = vma->vm_start + size;
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
		list_add(&vma->vm_link, &mappings);
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

int iommufd_model_munmap(void *addr, size_t length)
{
	struct vm_area_struct *vma;

	iommufd_model_enter();
	mutex_lock(&mm_lock);
	vma = find_vma((unsigned long)addr, length);
	if (vma) {
		list_del(&vma->vm_link);
		if (vma->vm_ops && vma->vm_ops->close)
			vma->vm_ops->close(vma);
	}
	mutex_unlock(&mm_lock);
	if (vma)
		free_vma(vma);
	iommufd_model_leave();
	return vma ? 0 : -EINVAL;
}

int iommufd_model_mdup(void *addr, size_t length)
{
	struct vm_area_struct *vma, *copy;
	int rc = -ENOMEM;

	iommufd_model_enter();
	mutex_lock(&mm_lock);
	vma = find_vma((unsigned long)addr, length);
	if (!vma) {
		rc = -EINVAL;
		goto out;
	}
	copy = kzalloc(sizeof(*copy), GFP_KERNEL);
	if (!copy)
		goto out;
	*copy = *vma;
	copy->vm_tables = kzalloc(sizeof(u64), GFP_KERNEL);
	if (!copy->vm_tables) {
		kfree(copy);
		goto out;
	}
	get_file(copy->vm_file);
	if (copy->vm_ops && copy->vm_ops->open)
		copy->vm_ops->open(copy);
	list_add(&copy->vm_link, &mappings);
	rc = 0;
out:
	mutex_unlock(&mm_lock);
	iommufd_model_leave();
	return rc;
}
