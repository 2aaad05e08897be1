// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Memory of the program that needs more than its address: memory files and huge
 * pages.
 *
 * A page of a memory file (a memfd, a file of a tmpfs) is one page, no matter
 * how it is reached: by the descriptor that IOMMU_IOAS_MAP_FILE is given, or by
 * an address in any of the program's shared mappings.  So the first use of such
 * a file maps it once more, and the pages at these addresses stand for the
 * pages of the file.  The shared mappings of memory files that the program
 * makes are on a list, by which an address in one of them is translated to an
 * address in our mapping.  What was used stays mapped until the process ends,
 * because its pages may be pinned.
 *
 * Physical numbers of pages are contiguous only in a huge page, which has 512
 * of them.  If the system has no huge pages for MAP_HUGETLB, the program gets
 * ordinary memory with the right alignment, which makes no difference to the
 * model.
 *
 * In a kernel a pinned page outlives its mapping.  Here a page is known only by
 * its address, so munmap() of pinned pages returns success and leaves them
 * mapped.  A later munmap() unmaps them, when they are not pinned any more.
 *
 * The lock guards all lists.  The heads are also read without it, to see that a
 * list is empty; so is the list of huge pages, which only grows.
 */
#include "preload.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <iommufd_model/kernel/page.h>

#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
#define HUGE_SIZE (2ul << 20)
#define HUGE_PAGES (HUGE_SIZE / PAGE_SIZE)
/*
 * The numbers of pages in huge pages begin here, above those of all other
 * pages.
 */
#define HUGE_PFN ((u64)1 << 38)
/* The least number of bytes that is reserved for a file, which may grow. */
#define FILE_ROOM (64ul << 20)

/*
 * struct memory_file - a memory file that the program uses
 * @fd: a private descriptor
 * @base: where the file is mapped here; 0: it is not mapped yet
 * @room: number of bytes that are reserved at @base
 * @ranges: number of its mappings on the list of ranges
 */
struct memory_file {
	struct memory_file *next;
	dev_t dev;
	ino_t ino;
	int fd;
	unsigned long base, room;
	unsigned int ranges;
};

/* A shared mapping of a memory file that the program has made. */
struct range {
	struct range *next;
	struct memory_file *file;
	unsigned long start, end;
	u64 offset;
};

/* @lent: it is ordinary memory that stands for huge pages */
struct huge_range {
	struct huge_range *next;
	unsigned long start, end;
	bool lent;
};

static struct memory_file *files;
static struct range *ranges;
static struct huge_range *huge_ranges;	/* never shrinks: see page_number() */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Memory files; the lock is held. */

static bool is_memory_file(int fd, struct stat *info)
{
	struct statfs system;

	return !fstat(fd, info) && S_ISREG(info->st_mode) &&
	       !fstatfs(fd, &system) &&
	       (system.f_type == TMPFS_MAGIC ||
		(unsigned long)system.f_type == HUGETLBFS_MAGIC);
}

/*
 * Find the file, or make an entry for it.  Returns NULL if it is no memory
 * file.
 */
static struct memory_file *find_file(int fd)
{
	struct memory_file *file;
	struct stat info;

	if (!is_memory_file(fd, &info))
		return NULL;
	for (file = files; file; file = file->next)
		if (file->dev == info.st_dev && file->ino == info.st_ino)
			return file;
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->dev = info.st_dev;
	file->ino = info.st_ino;
	file->fd = preload_make_private(REAL(fcntl)(fd, F_DUPFD_CLOEXEC, 0));
	file->next = files;
	files = file;
	return file;
}

static void forget_file(struct memory_file *file)
{
	struct memory_file **p;

	if (file->base || file->ranges)
		return;
	for (p = &files; *p != file; p = &(*p)->next)
		;
	*p = file->next;
	if (file->fd >= 0)
		preload_drop_private(file->fd);
	free(file);
}

/* Map the file up to @end unless it is mapped; returns false on error. */
static bool map_file(struct memory_file *file, unsigned long end)
{
	unsigned long room = end > FILE_ROOM ? end : FILE_ROOM;
	long base;

	if (file->base && end <= file->room)
		return true;
	base = preload_raw(SYS_mmap, 0, (long)room, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_NORESERVE, file->fd, 0);
	if (base == -1)		/* it may be read-only */
		base = preload_raw(SYS_mmap, 0, (long)room, PROT_READ,
				   MAP_SHARED | MAP_NORESERVE, file->fd, 0);
	if (base == -1)
		return false;
	file->base = (unsigned long)base;
	file->room = room;
	return true;
}

/* A file of the program in the form of a struct file */

struct foreign {
	int fd;
};

static int foreign_release(struct inode *inode, struct file *file)
{
	struct foreign *foreign = file->private_data;

	(void)inode;
	preload_drop_private(foreign->fd);
	free(foreign);
	return 0;
}

static const struct file_operations foreign_fops = {
	.release = foreign_release,
};

struct file *preload_foreign(int fd)
{
	struct foreign *foreign;
	struct file *file;
	bool mine = !preload_serving();
	int flags;

	if (fd < 0 || (mine && kind_of(fd)))
		return NULL;
	if (!mine)
		fd = preload_serve_foreign(fd);
	flags = REAL(fcntl)(fd, F_GETFL);
	foreign = flags < 0 ? NULL : malloc(sizeof(*foreign));
	if (!foreign) {
		if (!mine && fd >= 0)
			REAL(close)(fd);
		return NULL;
	}
	foreign->fd = preload_make_private(
		mine ? REAL(fcntl)(fd, F_DUPFD_CLOEXEC, 0) : fd);
	file = foreign->fd < 0 ? ERR_PTR(-EBADF) :
	       anon_inode_getfile("the program's file", &foreign_fops, foreign,
				  flags);
	if (!IS_ERR(file))
		return file;
	if (foreign->fd >= 0)
		preload_drop_private(foreign->fd);
	free(foreign);
	return NULL;
}

long preload_file_memory(struct file *file, u64 start, u64 size)
{
	struct foreign *foreign = file->private_data;
	struct memory_file *memory;
	struct stat info;
	long addr = -EINVAL;
	u64 end;

	if (file->f_op != &foreign_fops ||
	    __builtin_add_overflow(start, size, &end))
		return -EINVAL;
	pthread_mutex_lock(&lock);
	memory = find_file(foreign->fd);
	if (memory && !fstat(foreign->fd, &info) &&
	    end <= (((u64)info.st_size + PAGE_SIZE - 1) & PAGE_MASK))
		addr = map_file(memory, end) ? (long)(memory->base + start) :
					       -ENOMEM;
	pthread_mutex_unlock(&lock);
	return addr;
}

/* Shared mappings of the program */

static unsigned long translate(unsigned long addr)
{
	struct range *range;

	pthread_mutex_lock(&lock);
	for (range = ranges; range; range = range->next) {
		if (addr < range->start || addr >= range->end)
			continue;
		addr -= range->start;
		addr += range->offset;
		if (map_file(range->file, (addr | ~PAGE_MASK) + 1))
			addr += range->file->base;
		else
			addr = addr - range->offset + range->start;
		break;
	}
	pthread_mutex_unlock(&lock);
	return addr;
}

void preload_note_shared(void *addr, size_t length, int fd, off64_t offset)
{
	struct memory_file *file;
	struct range *range = NULL;

	pthread_mutex_lock(&lock);
	file = find_file(fd);
	if (file)
		range = malloc(sizeof(*range));
	if (range) {
		range->file = file;
		range->start = (unsigned long)addr;
		range->end = (range->start + length + PAGE_SIZE - 1) &
			     PAGE_MASK;
		range->offset = (u64)offset;
		range->next = ranges;
		file->ranges++;
		__atomic_store_n(&ranges, range, __ATOMIC_RELEASE);
		iommufd_model_translate_page = translate;
	}
	pthread_mutex_unlock(&lock);
}

/*
 * Remove [start, end) from a range.  If the range continues behind @end, that
 * part becomes a range of its own.
 */
static void cut_range(struct range *range, unsigned long start,
		      unsigned long end)
{
	struct range *rest;

	if (start > range->start && end < range->end) {
		rest = malloc(sizeof(*rest));
		if (rest) {
			*rest = *range;
			rest->start = end;
			rest->offset += end - range->start;
			rest->file->ranges++;
			range->next = rest;
		}
	}
	if (start <= range->start) {
		if (end < range->end)
			range->offset += end - range->start;
		range->start = end < range->end ? end : range->end;
	} else {
		range->end = start;
	}
}

/*
 * The program has unmapped these addresses, or has mapped something else there.
 */
void preload_note_unmapped(void *addr, size_t length)
{
	unsigned long start = (unsigned long)addr;
	unsigned long end = (start + length + PAGE_SIZE - 1) & PAGE_MASK;
	struct range **p, *range;

	if (likely_true(!__atomic_load_n(&ranges, __ATOMIC_ACQUIRE)))
		return;
	pthread_mutex_lock(&lock);
	for (p = &ranges; (range = *p);) {
		if (range->start < end && start < range->end)
			cut_range(range, start, end);
		if (range->start < range->end) {
			p = &range->next;
			continue;
		}
		*p = range->next;
		range->file->ranges--;
		forget_file(range->file);
		free(range);
	}
	pthread_mutex_unlock(&lock);
}

/* Pinned pages */

struct kept_range {
	struct kept_range *next;
	unsigned long start;
	size_t length;
};

static struct kept_range *kept_ranges;

static bool has_pins(unsigned long start, size_t length)
{
	unsigned long addr = start & PAGE_MASK;

	if (likely_true(!iommufd_model_pinned()))
		return false;
	for (; addr < start + length; addr += PAGE_SIZE)
		if (iommufd_model_page_pins(virt_to_page(addr)))
			return true;
	return false;
}

static int unmap(unsigned long start, size_t length)
{
	int rc = (int)preload_raw(SYS_munmap, (long)start, (long)length, 0, 0,
				  0, 0);

	if (!rc)
		preload_note_unmapped((void *)start, length);
	return rc;
}

static void unmap_kept(void)
{
	struct kept_range **p, *kept, *done = NULL;

	pthread_mutex_lock(&lock);
	kept = kept_ranges;
	kept_ranges = NULL;
	pthread_mutex_unlock(&lock);
	for (p = &kept; *p;) {
		struct kept_range *one = *p;

		if (has_pins(one->start, one->length)) {
			p = &one->next;
			continue;
		}
		*p = one->next;
		one->next = done;
		done = one;
	}
	pthread_mutex_lock(&lock);
	*p = kept_ranges;
	kept_ranges = kept;
	pthread_mutex_unlock(&lock);
	while ((kept = done)) {
		done = kept->next;
		unmap(kept->start, kept->length);
		free(kept);
	}
}

int preload_munmap(unsigned long start, size_t length)
{
	struct kept_range *kept;

	if (__atomic_load_n(&kept_ranges, __ATOMIC_RELAXED))
		unmap_kept();
	if (start % PAGE_SIZE || !length || length > ~start ||
	    !has_pins(start, length))
		return unmap(start, length);
	kept = malloc(sizeof(*kept));
	if (!kept) {
		errno = ENOMEM;
		return -1;
	}
	kept->start = start;
	kept->length = length;
	pthread_mutex_lock(&lock);
	kept->next = kept_ranges;
	__atomic_store_n(&kept_ranges, kept, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&lock);
	return 0;
}

/* Huge pages */

static struct huge_range *find_huge(unsigned long addr)
{
	struct huge_range *range =
		__atomic_load_n(&huge_ranges, __ATOMIC_ACQUIRE);

	while (range && (addr < range->start || addr >= range->end))
		range = range->next;
	return range;
}

/*
 * A page keeps its number after it was unmapped, because it may still be
 * pinned.
 */
static u64 page_number(u64 virtual_pfn, void *data)
{
	(void)data;
	if (!find_huge((unsigned long)virtual_pfn << PAGE_SHIFT))
		return 2 * virtual_pfn + 1;
	return HUGE_PFN + virtual_pfn / HUGE_PAGES * 2 * HUGE_PAGES +
	       virtual_pfn % HUGE_PAGES;
}

static void note_huge(unsigned long start, size_t length, bool lent)
{
	struct huge_range *range = malloc(sizeof(*range));

	if (!range)
		return;
	range->start = start;
	range->end = start + (length + HUGE_SIZE - 1) / HUGE_SIZE * HUGE_SIZE;
	range->lent = lent;
	pthread_mutex_lock(&lock);
	range->next = huge_ranges;
	__atomic_store_n(&huge_ranges, range, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&lock);
	iommufd_model_set_page_map(page_number, NULL);
}

/* Map ordinary memory in place of huge pages.  Returns its address, or -1. */
static long lend_memory(unsigned long addr, size_t length, int prot, int flags)
{
	unsigned long start, end;
	long at;

	length = (length + HUGE_SIZE - 1) / HUGE_SIZE * HUGE_SIZE;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return preload_raw(SYS_mmap, (long)addr, (long)length, prot,
				   flags, -1, 0);
	at = preload_raw(SYS_mmap, 0, (long)(length + HUGE_SIZE), prot, flags,
			 -1, 0);
	if (at == -1)
		return at;
	start = ((unsigned long)at + HUGE_SIZE - 1) & ~(HUGE_SIZE - 1);
	end = start + length;
	if (start > (unsigned long)at)
		preload_raw(SYS_munmap, at, (long)(start - (unsigned long)at),
			    0, 0, 0, 0);
	if ((unsigned long)at + length + HUGE_SIZE > end)
		preload_raw(SYS_munmap, (long)end,
			    (long)((unsigned long)at + HUGE_SIZE - start), 0, 0,
			    0, 0);
	return (long)start;
}

void *preload_huge_mmap(void *addr, size_t length, int prot, int flags)
{
	int size = flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;
	bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE), lent = false;
	long at = preload_raw(SYS_mmap, (long)addr, (long)length, prot, flags,
			      -1, 0);

	if (size && size != 21)
		return (void *)at;
	if (at == -1 && errno == ENOMEM &&
	    !(fixed && (uintptr_t)addr % HUGE_SIZE)) {
		flags &= ~(MAP_HUGETLB | MAP_HUGE_MASK << MAP_HUGE_SHIFT);
		at = lend_memory((unsigned long)addr, length, prot, flags);
		lent = true;
	}
	if (at != -1)
		note_huge((unsigned long)at, length, lent);
	return (void *)at;
}

size_t preload_huge_length(void *addr, size_t length)
{
	struct huge_range *range = find_huge((unsigned long)addr);

	if (!range || !range->lent || (uintptr_t)addr % HUGE_SIZE)
		return length;
	return (length + HUGE_SIZE - 1) / HUGE_SIZE * HUGE_SIZE;
}
