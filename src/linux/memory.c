// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Memory under the kernel's names: pages of user space and their numbers.
 *
 * src/kernel knows the number of a page.  For the opposite direction,
 * pfn_to_page(), there is a table of all pages whose number was ever asked for.
 * The table belongs to no test, so its memory is from the C library, and it
 * only grows.
 */
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/iommu.h>
#include <pthread.h>
#include <stdlib.h>

/*
 * This function is declared here because the header of src/kernel that declares
 * it conflicts with headers of the tree.
 */
int iommufd_model_pin_file_pages(struct file *file, u64 start, int nr_pages,
				 struct page **pages,
				 const struct iommufd_model_site *site);
unsigned long iommufd_model_remote_page(unsigned long addr, bool write)
	__attribute__((weak));
/*
 * Only a program under iommufd-model exec has these functions.  From a call of
 * iommufd_model_remote_select() on, the addresses of the user are addresses in
 * the memory of process @pid; 0 stands for this process.  It returns the
 * process that was selected before.
 */
int iommufd_model_remote_select(int pid) __attribute__((weak));
bool iommufd_model_user_capable(int cap) __attribute__((weak));

/* Other processes; src/preload calls these functions. */
void *iommufd_model_process_new(int pid);
void iommufd_model_process_end(void *process);
void iommufd_model_process_select(void *process);
bool iommufd_model_process_memory(int pid, unsigned long *pinned,
				  unsigned long *locked);

/* Numbers of pages */

#define NR_CHAINS 4096u

struct known_page {
	struct known_page *next;
	unsigned long pfn;
	struct page *page;
};

static struct known_page *chains[NR_CHAINS];
static pthread_mutex_t chains_mutex = PTHREAD_MUTEX_INITIALIZER;

static struct known_page **chain_of(unsigned long pfn)
{
	return &chains[(pfn ^ pfn >> 12) % NR_CHAINS];
}

static struct known_page *find_page(unsigned long pfn)
{
	struct known_page *known =
		__atomic_load_n(chain_of(pfn), __ATOMIC_ACQUIRE);

	while (known && known->pfn != pfn)
		known = known->next;
	return known;
}

static void remember_page(unsigned long pfn, struct page *page)
{
	struct known_page *known, **chain = chain_of(pfn);

	pthread_mutex_lock(&chains_mutex);
	known = find_page(pfn);
	if (!known) {
		known = malloc(sizeof(*known));
		if (!known)
			abort();
		known->pfn = pfn;
		known->next = *chain;
		known->page = page;
		__atomic_store_n(chain, known, __ATOMIC_RELEASE);
	} else {
		__atomic_store_n(&known->page, page, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&chains_mutex);
}

unsigned long page_to_pfn(const struct page *page)
{
	unsigned long pfn =
		(unsigned long)(page_to_phys(page) >> PAGE_SHIFT);
	struct known_page *known = find_page(pfn);

	if (!known ||
	    __atomic_load_n(&known->page, __ATOMIC_RELAXED) != page)
		remember_page(pfn, (struct page *)(uintptr_t)page);
	return pfn;
}

struct page *pfn_to_page(unsigned long pfn)
{
	struct known_page *known = find_page(pfn);

	return known ? __atomic_load_n(&known->page, __ATOMIC_RELAXED) : NULL;
}

/* Pins */

long pin_user_pages_remote_at(struct mm_struct *mm, unsigned long start,
			      unsigned long nr, unsigned int flags,
			      struct page **pages, int *locked,
			      const struct iommufd_model_site *site)
{
	int before, rc;

	if (!iommufd_model_remote_select)
		return iommufd_model_pin_user_pages(start, (int)nr, flags,
						    pages, site);
	before = iommufd_model_remote_select(mm->pid);
	rc = iommufd_model_pin_user_pages(start, (int)nr, flags, pages, site);
	iommufd_model_remote_select(before);
	return rc;
}

void unpin_user_pages_at(struct page **pages, unsigned long nr,
			 const struct iommufd_model_site *site)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		iommufd_model_unpin_user_page(pages[i], site);
}

void unpin_user_page_range_dirty_lock_at(struct page *page, unsigned long nr,
					 bool dirty,
					 const struct iommufd_model_site *site)
{
	unsigned long pfn = page_to_pfn(page), i;

	for (i = 0; i < nr; i++)
		iommufd_model_unpin_user_page(pfn_to_page(pfn + i), site);
}

/* References to pages are not counted, only pins: no page is ever reclaimed. */
int get_user_pages_fast(unsigned long start, int nr, unsigned int flags,
			struct page **pages)
{
	int i;

	for (i = 0; i < nr; i++, start += PAGE_SIZE) {
		unsigned long addr = start & PAGE_MASK;

		if (iommufd_model_remote_page)
			addr = iommufd_model_remote_page(addr,
							 flags & FOLL_WRITE);
		if (!addr || !iommufd_model_can_pin(addr, flags & FOLL_WRITE))
			return i ? i : -EFAULT;
		pages[i] = virt_to_page(addr);
	}
	return nr;
}

void put_page(struct page *page)
{
}

/*
 * One reference is that of the mapping, and one that of get_user_pages_fast().
 */
int page_ref_count(const struct page *page)
{
	return (int)(2 + iommufd_model_page_pins(page) * GUP_PIN_COUNTING_BIAS);
}

/* Memory of a file: each of its pages is a folio. */

long memfd_pin_folios_at(struct file *memfd, long long start, long long end,
			 struct folio **folios, unsigned int max,
			 pgoff_t *offset, const struct iommufd_model_site *site)
{
	long long first = start & (long long)PAGE_MASK;
	long long nr = (end - first) / (long long)PAGE_SIZE + 1;
	int before = 0, rc;

	if (start < 0 || end < start || !max)
		return -EINVAL;
	*offset = 0;	/* in pages, within the first folio */
	/*
	 * A file is mapped in this process, even if another one makes the call.
	 */
	if (iommufd_model_remote_select)
		before = iommufd_model_remote_select(0);
	rc = iommufd_model_pin_file_pages(memfd, (u64)first,
					  nr < max ? (int)nr : (int)max,
					  (struct page **)folios, site);
	if (iommufd_model_remote_select)
		iommufd_model_remote_select(before);
	return rc;
}

int folio_add_pins(struct folio *folio, unsigned int pins)
{
	return pins ? -EINVAL : 0;
}

void unpin_folios(struct folio **folios, unsigned long nr)
{
	unpin_user_pages((struct page **)folios, nr);
}

/* Pages that a driver maps to user space */

unsigned long get_free_pages_at(gfp_t gfp, unsigned int order,
				const struct iommufd_model_site *site)
{
	return (unsigned long)iommufd_model_alloc_pages(PAGE_SIZE << order, gfp,
							site);
}

void free_pages_at(unsigned long addr, unsigned int order,
		   const struct iommufd_model_site *site)
{
	if (addr)
		iommufd_model_free_pages((void *)addr, PAGE_SIZE << order, site);
}

/*
 * The process that the library is in: its address space, accounting,
 * capabilities
 */

static struct mm_struct the_mm;
static struct user_struct the_user;
static unsigned long memlock_limit = ULONG_MAX;	/* in pages */
static bool is_capable = true;

struct task_struct iommufd_tree_task = { .mm = &the_mm };
__thread struct task_struct *iommufd_tree_thread_task;

void iommufd_tree_init_process(void)
{
	init_rwsem(&the_mm.mmap_lock);
	refcount_set(&the_mm.mm_users, 1);
	refcount_set(&the_mm.mm_count, 1);
	refcount_set(&the_user.__count, 1);
	iommufd_tree_task.group_leader = &iommufd_tree_task;
}

/*
 * Other processes, for a program under iommufd-model exec: their address spaces
 * and accounts.  They are never freed, because pages may refer to them.
 */

struct process {
	struct process *next;
	struct task_struct task;
	struct mm_struct mm;
	int pid;
};

static struct process *processes;

void *iommufd_model_process_new(int pid)
{
	struct process *process = calloc(1, sizeof(*process));

	if (!process)
		abort();
	init_rwsem(&process->mm.mmap_lock);
	refcount_set(&process->mm.mm_users, 1);
	refcount_set(&process->mm.mm_count, 1);
	process->mm.pid = process->pid = pid;
	process->task.mm = &process->mm;
	process->task.group_leader = &process->task;
	pthread_mutex_lock(&chains_mutex);
	process->next = processes;
	processes = process;
	pthread_mutex_unlock(&chains_mutex);
	return process;
}

void iommufd_model_process_end(void *process)
{
	/* Nobody can use the address space any more. */
	mmput(&((struct process *)process)->mm);
}

void iommufd_model_process_select(void *process)
{
	iommufd_tree_thread_task =
		process ? &((struct process *)process)->task : NULL;
}

bool iommufd_model_process_memory(int pid, unsigned long *pinned,
				  unsigned long *locked)
{
	struct mm_struct *mm = pid ? NULL : &the_mm;
	struct process *process;

	pthread_mutex_lock(&chains_mutex);
	for (process = processes; process && pid; process = process->next)
		if (process->pid == pid) {
			mm = &process->mm;
			break;
		}
	pthread_mutex_unlock(&chains_mutex);
	if (!mm)
		return false;
	*pinned = (unsigned long)atomic64_read(&mm->pinned_vm);
	*locked = mm->locked_vm;
	return true;
}

void mmgrab(struct mm_struct *mm)
{
	refcount_inc(&mm->mm_count);
}

void mmdrop(struct mm_struct *mm)
{
	refcount_dec(&mm->mm_count);
}

bool mmget_not_zero(struct mm_struct *mm)
{
	return refcount_inc_not_zero(&mm->mm_users);
}

void mmput(struct mm_struct *mm)
{
	if (refcount_dec_and_test(&mm->mm_users))
		mm->pid = -1;
}

void kthread_use_mm(struct mm_struct *mm)
{
	if (iommufd_model_remote_select)
		iommufd_model_remote_select(mm->pid);
}

/* A kernel thread has no address space of its own to go back to. */
void kthread_unuse_mm(struct mm_struct *mm)
{
	if (iommufd_model_remote_select)
		iommufd_model_remote_select(current->mm->pid);
}

struct user_struct *current_user(void)
{
	return &the_user;
}

struct user_struct *get_uid(struct user_struct *user)
{
	refcount_inc(&user->__count);
	return user;
}

void free_uid(struct user_struct *user)
{
	refcount_dec(&user->__count);
}

unsigned long task_rlimit(const struct task_struct *task, unsigned int limit)
{
	return memlock_limit > ULONG_MAX >> PAGE_SHIFT ?
		       ULONG_MAX : memlock_limit << PAGE_SHIFT;
}

int __account_locked_vm(struct mm_struct *mm, unsigned long pages, bool inc,
			const struct task_struct *task, bool bypass_rlim)
{
	lockdep_assert_held_write(&mm->mmap_lock);
	if (!inc) {
		WARN_ON(pages > mm->locked_vm);
		mm->locked_vm -= pages;
		return 0;
	}
	if (!bypass_rlim && mm->locked_vm + pages > memlock_limit)
		return -ENOMEM;
	mm->locked_vm += pages;
	return 0;
}

bool capable(int cap)
{
	return is_capable && (!iommufd_model_user_capable ||
			      iommufd_model_user_capable(cap));
}

void iommufd_model_set_memlock_limit(unsigned long pages)
{
	memlock_limit = pages;
}

void iommufd_model_set_capable(bool capable)
{
	is_capable = capable;
}
