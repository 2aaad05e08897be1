// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The system has no memory, thread or file to give.  What the model itself
 * allocates for a kernel fails in other tests, by iommufd_model_fail_nth().
 */
#define _GNU_SOURCE
#include "ground_suite.h"
#include "refused.h"
#include "../../../src/kernel/ground.h"
#include <iommufd_model/kernel/kthread.h>
#include <iommufd_model/kernel/memfd.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/kernel/rcupdate.h>
#include <iommufd_model/kernel/workqueue.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The tests below have no thread. */

static int do_nothing(void *data)
{
	(void)data;
	return 0;
}

static const enum refusable for_a_thread[] = {
	CALL_MALLOC, CALL_PTHREAD_CREATE,
};

START_TEST(a_kernel_thread_without_a_thread_is_enomem)
{
	struct iommufd_model_task *task;

	refuse(for_a_thread[_i], 1);
	task = kthread_create(do_nothing, NULL, "t");
	ck_assert_int_eq(nr_refused(for_a_thread[_i]), 1);
	ck_assert_int_eq(PTR_ERR(task), -ENOMEM);
	ck_assert_uint_eq(nr_leaks(), 0);
}
END_TEST

static unsigned int nr_called;

static void count_call(struct rcu_head *head)
{
	(void)head;
	__atomic_fetch_add(&nr_called, 1, __ATOMIC_RELAXED);
}

/* The thread for a callback is started at the next occasion. */
START_TEST(a_callback_without_a_thread_is_called_later)
{
	static struct rcu_head head;

	refuse(for_a_thread[_i], 1);
	call_rcu(&head, count_call);
	ck_assert_int_eq(nr_refused(for_a_thread[_i]), 1);
	rcu_barrier();
	ck_assert_uint_eq(nr_called, 1);
}
END_TEST

static void count_work(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&nr_called, 1, __ATOMIC_RELAXED);
}

START_TEST(work_without_memory_is_not_queued)
{
	static DECLARE_WORK(work, count_work);

	refuse(CALL_CALLOC, 1);
	ck_assert(!schedule_work(&work));
	ck_assert_int_eq(nr_refused(CALL_CALLOC), 1);
	ck_assert(!work_pending(&work));
	ck_assert(schedule_work(&work));
	flush_work(&work);
	ck_assert_uint_eq(nr_called, 1);
}
END_TEST

void *iommufd_model_process_new(int pid);
bool iommufd_model_process_memory(int pid, unsigned long *pinned,
				  unsigned long *locked);

/* A client of iommufd-model exec. */
START_TEST(a_process_without_memory_is_not_known)
{
	unsigned long pinned, locked;

	refuse(CALL_CALLOC, 1);
	ck_assert_ptr_null(iommufd_model_process_new(4711));
	ck_assert(!iommufd_model_process_memory(4711, &pinned, &locked));
	ck_assert_ptr_nonnull(iommufd_model_process_new(4711));
	ck_assert(iommufd_model_process_memory(4711, &pinned, &locked));
}
END_TEST

/* The tests below have no memory for pages. */

START_TEST(no_table_of_pages_ends_the_process)
{
	refuse(CALL_CALLOC, 1);
	virt_to_page(&nr_called);
}
END_TEST

/* Returns a memory file of @n pages. */
static int memory_file(unsigned long n)
{
	int fd = memfd_create("refused", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)(n * PAGE_SIZE)), 0);
	return fd;
}

/* No descriptor above @fd is given. */
static void limit_descriptors(int fd)
{
	struct rlimit limit = { (rlim_t)fd + 1, (rlim_t)fd + 1 };

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* It is a file then, but not one with pages. */
START_TEST(a_memory_file_without_memory_has_no_page)
{
	int fd = memory_file(1);
	struct file *file;

	if (_i)
		limit_descriptors(fd);
	else
		refuse(CALL_CALLOC, 1);
	file = iommufd_model_fget_any(fd);
	ck_assert_ptr_nonnull(file);
	ck_assert(!iommufd_model_file_has_page(file, 0));
	fput(file);
	close(fd);
}
END_TEST

START_TEST(a_memory_file_without_a_struct_file_is_not_found)
{
	int fd = memory_file(1);

	iommufd_model_fail_nth(1);
	ck_assert_ptr_null(iommufd_model_fget_any(fd));
	iommufd_model_fail_nth(0);
	ck_assert(!iommufd_model_memfd_in_use());
	close(fd);
}
END_TEST

START_TEST(a_page_that_cannot_be_mapped_has_no_address)
{
	int fd = memory_file(1);
	struct file *file = iommufd_model_fget_any(fd);
	enum refusable call = _i ? CALL_MMAP : CALL_CALLOC;

	ck_assert(iommufd_model_file_has_page(file, 0));
	refuse(call, ALL);
	ck_assert_uint_eq(iommufd_model_file_page(file, 0), 0);
	refuse(call, 0);
	ck_assert_uint_ne(iommufd_model_file_page(file, 0), 0);
	fput(file);
	close(fd);
}
END_TEST

/* A file that may not be written is mapped all the same, for reading. */
START_TEST(a_page_that_cannot_be_written_is_mapped)
{
	int fd = memory_file(1);
	struct file *file = iommufd_model_fget_any(fd);

	refuse(CALL_MMAP, 1);
	ck_assert_uint_ne(iommufd_model_file_page(file, 0), 0);
	fput(file);
	close(fd);
}
END_TEST

/* What a kernel tree pins of a memory file. */
START_TEST(pages_of_a_file_are_pinned_all_or_none)
{
	const struct iommufd_model_site *site = IOMMUFD_MODEL_SITE("pin");
	int fd = memory_file(2);
	struct file *file = iommufd_model_fget_any(fd);
	struct page *pages[3];
	unsigned long before = iommufd_model_pinned();

	ck_assert_int_eq(iommufd_model_pin_file_pages(file, 0, 2, pages, site),
			 2);
	ck_assert_uint_eq(iommufd_model_pinned(), before + 2);
	ck_assert_uint_eq(iommufd_model_page_pins(pages[0]), 1);
	unpin_user_page(pages[0]);
	unpin_user_page(pages[1]);
	ck_assert_int_eq(iommufd_model_pin_file_pages(file, 0, 3, pages, site),
			 -EINVAL);
	ck_assert_uint_eq(iommufd_model_pinned(), before);
	fput(file);
	close(fd);
}
END_TEST

/* A driver's tree asks whether an allocation that is not the model's fails. */
START_TEST(a_foreign_allocation_is_one_of_those_that_fail)
{
	iommufd_model_fail_nth(2);
	ck_assert(!iommufd_model_fault());
	ck_assert(iommufd_model_fault());
	ck_assert(!iommufd_model_fault());
	iommufd_model_fail_nth(0);
}
END_TEST

/* The tests below have no device memory. */

static const struct {
	enum refusable call;
	int nth;
} for_a_device[] = {
	{ CALL_MMAP, 1 },
	{ CALL_MEMFD_CREATE, 1 },
	{ CALL_FTRUNCATE, 1 },
	{ CALL_MMAP, 2 },
	{ CALL_PTHREAD_ATFORK, 1 },
};

START_TEST(without_device_memory_no_page_is_allocated)
{
	void *page;

	refuse(for_a_device[_i].call, for_a_device[_i].nth);
	ck_assert_ptr_null(alloc_pages_exact(PAGE_SIZE, GFP_KERNEL));
	ck_assert_int_eq(nr_refused(for_a_device[_i].call), 1);
	ck_assert(!iommufd_model_device_in_use());
	ck_assert_uint_eq(nr_leaks(), 0);
	page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);
	ck_assert_ptr_nonnull(page);
	free_pages_exact(page, PAGE_SIZE);
}
END_TEST

static unsigned long show(void *page)
{
	return (unsigned long)iommufd_model_show_pages(
		(unsigned long)page, PAGE_SIZE, VM_READ | VM_WRITE);
}

START_TEST(device_memory_that_cannot_be_mapped_is_enomem)
{
	void *page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);
	unsigned long before = nr_leaks();
	struct vm_area_struct vma = {
		.vm_end = PAGE_SIZE, .vm_flags = VM_READ | VM_SHARED,
	};

	refuse(CALL_MMAP, 1);
	ck_assert_int_eq(io_remap_pfn_range(&vma, 0,
					    (unsigned long)page >> PAGE_SHIFT,
					    PAGE_SIZE, 0), -ENOMEM);
	ck_assert_int_eq(nr_refused(CALL_MMAP), 1);
	ck_assert_ptr_null(vma.vm_tables);
	ck_assert_uint_eq(nr_leaks(), before);
	free_pages_exact(page, PAGE_SIZE);
}
END_TEST

START_TEST(device_memory_that_stays_visible_is_critical)
{
	void *page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);
	unsigned long user = show(page);

	refuse(CALL_MMAP, 1);
	ck_assert_warns("could not be unmapped",
			iommufd_model_hide_pages(user, PAGE_SIZE));
	free_pages_exact(page, PAGE_SIZE);
}
END_TEST

/* As many pages as there is device memory. */
#define ALL_PAGES (16384 * PAGE_SIZE)

START_TEST(device_memory_has_an_end)
{
	char *pages = alloc_pages_exact(ALL_PAGES, GFP_KERNEL);
	unsigned long before = nr_leaks(), user, last;
	u64 offset;

	ck_assert_ptr_nonnull(pages);
	ck_assert_ptr_null(alloc_pages_exact(1, GFP_KERNEL));
	ck_assert_uint_eq(nr_leaks(), before);

	/* All addresses for user space but those of one page; it is found. */
	user = (unsigned long)iommufd_model_show_pages(
		(unsigned long)pages, ALL_PAGES - PAGE_SIZE, VM_READ);
	last = show(pages);
	ck_assert_int_gt((long)last, 0);
	ck_assert_int_eq((long)show(pages), -ENOMEM);
	ck_assert_int_ge(iommufd_model_device_file(last, &offset), 0);
	ck_assert_uint_eq(offset, 0);
	iommufd_model_hide_pages(last, PAGE_SIZE);
	ck_assert_int_eq(iommufd_model_device_file(last, &offset), -1);
	ck_assert_int_eq(iommufd_model_device_file((unsigned long)&offset,
						   &offset), -1);
	ck_assert_uint_eq(show(pages), last);
	iommufd_model_hide_pages(last, PAGE_SIZE);
	iommufd_model_hide_pages(user, ALL_PAGES - PAGE_SIZE);
	free_pages_exact(pages, ALL_PAGES);
}
END_TEST

static const struct {
	enum refusable call;
	int nth;
} for_a_child[] = {
	{ CALL_MEMFD_CREATE, 1 },
	{ CALL_FTRUNCATE, 1 },
	{ CALL_PWRITE, 1 },
	{ CALL_MMAP, 1 },
	{ CALL_MMAP, 2 },
};

/* Otherwise it would change the pages of its parent. */
START_TEST(a_child_without_device_memory_ends)
{
	void *page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);
	unsigned long user = show(page);
	int status;
	pid_t pid;

	ck_assert_int_gt((long)user, 0);
	refuse(for_a_child[_i].call, for_a_child[_i].nth);
	pid = fork();
	if (!pid)
		_exit(0);
	refuse(for_a_child[_i].call, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
	iommufd_model_hide_pages(user, PAGE_SIZE);
	free_pages_exact(page, PAGE_SIZE);
}
END_TEST

static Suite *refused_suite(void)
{
	Suite *suite = suite_create("refused");
	TCase *tc;

	tc = ground_case(suite, "threads");
	tcase_add_loop_test(tc, a_kernel_thread_without_a_thread_is_enomem, 0,
			    ARRAY_SIZE(for_a_thread));
	tcase_add_loop_test(tc, a_callback_without_a_thread_is_called_later, 0,
			    ARRAY_SIZE(for_a_thread));
	tcase_add_test(tc, work_without_memory_is_not_queued);
	tcase_add_test(tc, a_process_without_memory_is_not_known);

	tc = ground_case(suite, "pages");
	tcase_add_test_raise_signal(tc, no_table_of_pages_ends_the_process,
				    SIGABRT);
	tcase_add_loop_test(tc, a_memory_file_without_memory_has_no_page, 0, 2);
	tcase_add_test(tc, a_memory_file_without_a_struct_file_is_not_found);
	tcase_add_loop_test(tc, a_page_that_cannot_be_mapped_has_no_address, 0,
			    2);
	tcase_add_test(tc, a_page_that_cannot_be_written_is_mapped);
	tcase_add_test(tc, pages_of_a_file_are_pinned_all_or_none);
	tcase_add_test(tc, a_foreign_allocation_is_one_of_those_that_fail);

	tc = ground_case(suite, "device memory");
	tcase_add_loop_test(tc, without_device_memory_no_page_is_allocated, 0,
			    ARRAY_SIZE(for_a_device));
	tcase_add_test(tc, device_memory_that_cannot_be_mapped_is_enomem);
	tcase_add_test(tc, device_memory_that_stays_visible_is_critical);
	tcase_add_test(tc, device_memory_has_an_end);
	tcase_add_loop_test(tc, a_child_without_device_memory_ends, 0,
			    ARRAY_SIZE(for_a_child));
	return suite;
}

int main(void)
{
	return run_suite(refused_suite());
}
