// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Device memory: whole pages that a driver can map to user space, each at
 * several addresses.
 *
 * One range of addresses is reserved when the first pages are allocated.  The
 * pages are pages of a memory file.  The lower half of the range has the
 * addresses by which the kernel accesses them.  In the upper half each mapping
 * to user space has addresses of its own, at which the same pages are visible
 * as long as the mapping exists.  Afterwards nothing is accessible there.
 *
 * Each allocation of pages has a companion: an allocation of the slab with the
 * same size, which is never accessed.  The companion is what a test can make
 * fail and what is reported as a leak.  The gate is given its address for an
 * access to a page, whatever address the access was made at.  So a read through
 * a mapping after the page was freed is found to be a use after free, and two
 * threads that access one page through two mappings are found to conflict.
 *
 * A child process gets a memory file of its own, so that its writes are not
 * seen by the parent.  The lock is a single word and not one of the ground's
 * locks, for the same reason as in slab.c.
 */
#define _GNU_SOURCE
#include "ground.h"
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/kernel/mm.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HALF_PAGES 16384ul
#define HALF_SIZE (HALF_PAGES * PAGE_SIZE)
/* The byte with which a page is filled when it is freed. */
#define POISON 0x6b

/*
 * struct kernel_page
 * @companion: the address in the companion allocation of the page's first byte;
 *	it remains set after a free, until the page is used again
 */
struct kernel_page {
	const char *companion;
	bool used;
};

/* struct user_page - @count mappings show kernel page @shows at this address */
struct user_page {
	u32 shows;
	u32 count;
	int prot;
};

static unsigned long device_base;	/* 0 until the range is reserved */
static int memory_file = -1;
static struct kernel_page kernel_pages[HALF_PAGES];
static struct user_page user_pages[HALF_PAGES];
NO_CHECKPOINT(kernel_pages);
NO_CHECKPOINT(user_pages);
/*
 * The number of user pages in use, and the page at which the search for free
 * ones begins.  When no page is in use, the search begins at the first one
 * again.
 */
static unsigned long nr_user_pages, next_user_page;
static int device_lock;
bool iommufd_model_children_share;

static void lock_device(void)
{
	while (__atomic_exchange_n(&device_lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock_device(void)
{
	__atomic_store_n(&device_lock, 0, __ATOMIC_RELEASE);
}

/*
 * Another thread may set device_base, once, with the lock held; this read has
 * no lock.
 */
static unsigned long get_base(void)
{
	return __atomic_load_n(&device_base, __ATOMIC_ACQUIRE);
}

bool iommufd_model_device_in_use(void)
{
	return get_base();
}

static unsigned long kernel_addr(unsigned long page)
{
	return get_base() + page * PAGE_SIZE;
}

static unsigned long user_addr(unsigned long page)
{
	return get_base() + HALF_SIZE + page * PAGE_SIZE;
}

/*
 * Returns how many model pages are in a page of the host, which mmap() maps as
 * a whole.
 */
static unsigned long pages_of_host(void)
{
	unsigned long size = (unsigned long)sysconf(_SC_PAGESIZE);

	return size > PAGE_SIZE ? size / PAGE_SIZE : 1;
}

static bool map_file_at(unsigned long addr, unsigned long size, int prot,
			unsigned long offset)
{
	return mmap((void *)addr, size, prot, MAP_SHARED | MAP_FIXED,
		    memory_file, (off_t)offset) != MAP_FAILED;
}

static bool map_nothing_at(unsigned long addr, unsigned long size)
{
	return mmap((void *)addr, size, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
		    -1, 0) != MAP_FAILED;
}

static int new_file(void)
{
	int fd = memfd_create("iommufd_model", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, HALF_SIZE)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Copies the pages for a child process after a fork().  The lock is held. */

static bool copy_pages(int to)
{
	unsigned long i;

	for (i = 0; i < HALF_PAGES; i++)
		if (kernel_pages[i].companion &&
		    pwrite(to, (void *)kernel_addr(i), PAGE_SIZE,
			   (off_t)(i * PAGE_SIZE)) != PAGE_SIZE)
			return false;
	return true;
}

static bool show_again(void)
{
	unsigned long i, stride = pages_of_host();

	if (!map_file_at(kernel_addr(0), HALF_SIZE, PROT_READ | PROT_WRITE, 0))
		return false;
	if (iommufd_model_children_share)
		return true;
	for (i = 0; i < HALF_PAGES; i += stride)
		if (user_pages[i].count &&
		    !map_file_at(user_addr(i), stride * PAGE_SIZE,
				 user_pages[i].prot,
				 user_pages[i].shows * PAGE_SIZE))
			return false;
	return true;
}

/*
 * Gives a forked child its own copy of device memory.  With
 * iommufd_model_children_share, only the addresses of the kernel change: pages
 * that the parent has mapped to user space stay shared with the parent.
 */
static void become_child(void)
{
	int old = memory_file;

	memory_file = new_file();
	if (memory_file < 0 || !copy_pages(memory_file) || !show_again()) {
		pr_crit("a child process could not get device memory");
		abort();
	}
	close(old);
	unlock_device();
}

/*
 * Reserves the range of addresses, unless that was done already.  The lock is
 * held.
 */
static bool open_device(void)
{
	char *base;

	if (get_base())
		return true;
	base = mmap(NULL, 2 * HALF_SIZE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return false;
	memory_file = new_file();
	if (memory_file < 0 ||
	    !map_file_at((unsigned long)base, HALF_SIZE,
			 PROT_READ | PROT_WRITE, 0) ||
	    pthread_atfork(lock_device, unlock_device, become_child)) {
		if (memory_file >= 0)
			close(memory_file);
		munmap(base, 2 * HALF_SIZE);
		return false;
	}
	__atomic_store_n(&device_base, (unsigned long)base, __ATOMIC_RELEASE);
	return true;
}

/*
 * The functions below use the lower half of the range, the kernel's addresses.
 */

/* Returns the first of the lowest @n free pages in a row, or HALF_PAGES. */
static unsigned long find_kernel_pages(unsigned long n)
{
	unsigned long first, i, stride = pages_of_host();

	for (first = 0; n <= HALF_PAGES - first; first += stride) {
		for (i = 0; i < n && !kernel_pages[first + i].used; i++)
			;
		if (i == n)
			return first;
	}
	return HALF_PAGES;
}

static void *take_kernel_pages(const char *companion, unsigned long n)
{
	unsigned long first = HALF_PAGES, i;

	lock_device();
	if (open_device())
		first = find_kernel_pages(n);
	for (i = 0; first < HALF_PAGES && i < n; i++) {
		kernel_pages[first + i].used = true;
		kernel_pages[first + i].companion = companion + i * PAGE_SIZE;
	}
	unlock_device();
	return first < HALF_PAGES ? (void *)kernel_addr(first) : NULL;
}

void *iommufd_model_alloc_pages(size_t size, gfp_t gfp,
				const struct iommufd_model_site *site)
{
	size_t n = size / PAGE_SIZE + !!(size % PAGE_SIZE);
	void *companion, *pages;

	if (!n || n > HALF_PAGES)
		return NULL;
	companion = iommufd_model_alloc(n, PAGE_SIZE, gfp, true, site);
	if (!companion)
		return NULL;
	pages = take_kernel_pages(companion, n);
	if (!pages)
		iommufd_model_free(companion, true, site);
	else if (gfp & __GFP_ZERO)
		memset(pages, 0, n * PAGE_SIZE);
	return pages;
}

static struct kernel_page *kernel_page(unsigned long addr)
{
	unsigned long base = get_base(), offset = addr - base;

	if (!base || offset >= HALF_SIZE)
		return NULL;
	return &kernel_pages[offset / PAGE_SIZE];
}

void iommufd_model_free_pages(void *addr, size_t size,
			      const struct iommufd_model_site *site)
{
	size_t n = size / PAGE_SIZE + !!(size % PAGE_SIZE), i;
	struct kernel_page *page = kernel_page((unsigned long)addr);

	if (!addr)
		return;
	if (!page || !page->companion || !page->used) {
		iommufd_model_misuse(page && page->companion ?
				     IOMMUFD_MODEL_MISUSE_DOUBLE_FREE :
				     IOMMUFD_MODEL_MISUSE_ALLOCATOR, site, NULL,
				     "free of %s, not allocated pages",
				     site->what);
		return;
	}
	iommufd_model_free(page->companion, true, site);
	memset(addr, POISON, n * PAGE_SIZE);
	lock_device();
	for (i = 0; i < n; i++)
		page[i].used = false;
	unlock_device();
}

/* The functions below use the upper half of the range, the user addresses. */

static unsigned long find_user_pages_from(unsigned long first, unsigned long n)
{
	unsigned long i, stride = pages_of_host();

	for (; first < HALF_PAGES && n <= HALF_PAGES - first; first += stride) {
		for (i = 0; i < n && !user_pages[first + i].count; i++)
			;
		if (i == n)
			return first;
	}
	return HALF_PAGES;
}

/*
 * Searches for free pages after the pages that were allocated last, so that an
 * address that was unmapped is not soon used for another mapping.
 */
static unsigned long find_user_pages(unsigned long n)
{
	unsigned long first = find_user_pages_from(next_user_page, n);
	unsigned long stride = pages_of_host();

	if (first == HALF_PAGES)
		first = find_user_pages_from(0, n);
	if (first < HALF_PAGES)
		next_user_page = (first + n + stride - 1) / stride * stride;
	return first;
}

IOMMUFD_MODEL_STATIC_ASSERT(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE,
			    "PROT_ values are used as VM_ bits");

long iommufd_model_show_pages(unsigned long addr, unsigned long size,
			      unsigned long vm_flags)
{
	unsigned long n = size / PAGE_SIZE, stride = pages_of_host(), first, i;
	int prot = (int)(vm_flags & (VM_READ | VM_WRITE));
	struct kernel_page *page = kernel_page(addr);
	unsigned long shows;

	if (!page || size > HALF_SIZE - (addr - kernel_addr(0)))
		return 0;
	shows = (unsigned long)(page - kernel_pages);
	lock_device();
	first = shows % stride ? HALF_PAGES : find_user_pages(n);
	if (first < HALF_PAGES &&
	    !map_file_at(user_addr(first), n * PAGE_SIZE, prot,
			 shows * PAGE_SIZE))
		first = HALF_PAGES;
	for (i = 0; first < HALF_PAGES && i < n; i++, nr_user_pages++)
		user_pages[first + i] = (struct user_page){
			.shows = (u32)(shows + i), .count = 1, .prot = prot,
		};
	unlock_device();
	return first < HALF_PAGES ? (long)user_addr(first) : -ENOMEM;
}

static struct user_page *user_page(unsigned long addr)
{
	unsigned long base = get_base(), offset = addr - base - HALF_SIZE;

	if (!base || offset >= HALF_SIZE)
		return NULL;
	return &user_pages[offset / PAGE_SIZE];
}

int iommufd_model_device_file(unsigned long addr, u64 *offset)
{
	struct user_page *page = user_page(addr);

	if (!page || !page->count)
		return -1;
	*offset = (u64)page->shows * PAGE_SIZE;
	return memory_file;
}

void iommufd_model_share_pages(unsigned long start, unsigned long size)
{
	struct user_page *page = user_page(start);
	unsigned long i;

	if (!page)
		return;
	lock_device();
	for (i = 0; i < size / PAGE_SIZE; i++)
		page[i].count++;
	unlock_device();
}

/* Returns true if no page in the host's page that contains @page is in use. */
static bool host_page_is_free(unsigned long page, unsigned long stride)
{
	unsigned long i, first = page - page % stride;

	for (i = first; i < first + stride; i++)
		if (user_pages[i].count)
			return false;
	return true;
}

/*
 * Announces at the gate that the pages change, so that copies conflict with it.
 */
static void zap_pages(unsigned long start, unsigned long size)
{
	unsigned long at;

	for (at = start; at < start + size; at += PAGE_SIZE)
		GATED(IOMMUFD_MODEL_OP_WRITE_ONCE, (void *)at, PAGE_SIZE,
		      IOMMUFD_MODEL_SITE("a page table entry"), 0);
}

void iommufd_model_hide_pages(unsigned long start, unsigned long size)
{
	unsigned long i, first, stride = pages_of_host();
	struct user_page *page = user_page(start);

	if (!page)
		return;
	if (IOMMUFD_MODEL_GATE_OPEN())
		zap_pages(start, size);
	first = (unsigned long)(page - user_pages);
	lock_device();
	for (i = first; i < first + size / PAGE_SIZE; i++) {
		if (!--user_pages[i].count && !--nr_user_pages)
			next_user_page = 0;
		if (host_page_is_free(i, stride) &&
		    !map_nothing_at(user_addr(i - i % stride),
				    stride * PAGE_SIZE))
			pr_crit("pages could not be unmapped from user space");
	}
	unlock_device();
}

const void *iommufd_model_device_location(const void *addr)
{
	unsigned long at = (unsigned long)addr;
	const struct user_page *user = user_page(at);
	const struct kernel_page *page = kernel_page(at);
	const char *companion = NULL;

	if (!user && !page)
		return addr;
	lock_device();
	if (user && user->count)
		page = &kernel_pages[user->shows];
	if (page)
		companion = page->companion;
	unlock_device();
	return companion ? companion + (at & ~PAGE_MASK) : addr;
}

const void *iommufd_model_user_location(const void *addr)
{
	unsigned long at = (unsigned long)addr;

	return user_page(at) ? (const void *)(at & PAGE_MASK) : addr;
}

bool iommufd_model_is_device_memory(unsigned long addr)
{
	return kernel_page(addr) || user_page(addr);
}

bool iommufd_model_is_kernel_memory(unsigned long addr, unsigned long size)
{
	unsigned long base = get_base();

	return base && size && addr < base + HALF_SIZE &&
	       (addr >= base || size > base - addr);
}
