// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Mappings of a driver's file, device memory, memory files and faults, as far as
 * no object of iommufd uses them like this.
 */
#define _GNU_SOURCE
#include "ground_suite.h"
#include "../../../src/kernel/ground.h"
#include <iommufd_model/kernel/memfd.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/model.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* The tests below are about device memory. */

START_TEST(a_part_of_a_mapping_cannot_be_remapped)
{
	struct vm_area_struct vma = { .vm_end = 2 * PAGE_SIZE };
	int rc;

	ck_assert_warns("addr != vma->vm_start",
			rc = io_remap_pfn_range(&vma, PAGE_SIZE, 1, PAGE_SIZE,
						0));
	ck_assert_int_eq(rc, -EINVAL);
}
END_TEST

START_TEST(what_is_not_mapped_cannot_be_duplicated)
{
	ck_assert_int_eq(iommufd_model_mdup((void *)PAGE_SIZE, PAGE_SIZE),
			 -EINVAL);
}
END_TEST

static char *device_page;
static unsigned long shown;

static int map_and_fail(struct file *file, struct vm_area_struct *vma)
{
	(void)file;
	ck_assert_int_eq(io_remap_pfn_range(
				 vma, vma->vm_start,
				 (unsigned long)device_page >> PAGE_SHIFT,
				 PAGE_SIZE, vma->vm_page_prot), 0);
	shown = vma->vm_start;
	return -EXDEV;
}

START_TEST(a_mapping_that_fails_late_is_hidden_again)
{
	static const struct file_operations fops = { .mmap = map_and_fail };
	unsigned long before;
	void *addr;
	u64 offset;
	int fd;

	device_page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);
	fd = anon_inode_getfd("driver", &fops, NULL, O_RDWR);
	before = nr_leaks();
	addr = iommufd_model_mmap(fd, PAGE_SIZE, PROT_READ, MAP_SHARED, 0);
	ck_assert_int_eq(PTR_ERR(addr), -EXDEV);
	ck_assert_uint_ne(shown, 0);
	ck_assert_int_eq(iommufd_model_device_file(shown, &offset), -1);
	ck_assert_uint_eq(nr_leaks(), before);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	free_pages_exact(device_page, PAGE_SIZE);
}
END_TEST

static int map_page(struct file *file, struct vm_area_struct *vma)
{
	static const struct vm_operations_struct no_ops;

	/* A driver need not have operations, nor all of them. */
	vma->vm_ops = file->private_data ? &no_ops : NULL;
	return io_remap_pfn_range(vma, vma->vm_start,
				  (unsigned long)device_page >> PAGE_SHIFT,
				  2 * PAGE_SIZE, vma->vm_page_prot);
}

START_TEST(a_mapping_whose_driver_is_not_told_is_split_and_duplicated)
{
	static const struct file_operations fops = { .mmap = map_page };
	unsigned long before;
	u64 offset;
	char *addr;
	int fd;

	device_page = alloc_pages_exact(2 * PAGE_SIZE, GFP_KERNEL);
	fd = anon_inode_getfd("driver", &fops, _i ? &fd : NULL, O_RDWR);
	before = nr_leaks();
	addr = iommufd_model_mmap(fd, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED, 0);
	ck_assert(!IS_ERR(addr));
	/* Only the whole mapping can be duplicated. */
	ck_assert_int_eq(iommufd_model_mdup(addr, PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(iommufd_model_mdup(addr, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(iommufd_model_munmap(addr, PAGE_SIZE), 0);
	ck_assert_int_ge(
		iommufd_model_device_file((unsigned long)addr, &offset), 0);
	ck_assert_int_eq(iommufd_model_munmap(addr, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(
		iommufd_model_device_file((unsigned long)addr, &offset), -1);
	ck_assert_int_eq(iommufd_model_munmap(addr + PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert_uint_eq(nr_leaks(), before);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	free_pages_exact(device_page, 2 * PAGE_SIZE);
}
END_TEST

/* All addresses of a byte stand for one location. */
START_TEST(a_page_is_one_location_however_it_is_addressed)
{
	char *page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);
	char *user = (char *)iommufd_model_show_pages((uintptr_t)page,
						      PAGE_SIZE, VM_READ);
	const char *at = iommufd_model_device_location(page + 5);

	ck_assert_ptr_ne(at, page + 5);
	ck_assert_ptr_eq(iommufd_model_device_location(user + 5), at);
	ck_assert_ptr_eq(iommufd_model_device_location(user + PAGE_SIZE),
			 user + PAGE_SIZE);
	ck_assert_ptr_eq(iommufd_model_device_location(&at), &at);
	iommufd_model_hide_pages((uintptr_t)user, PAGE_SIZE);
	free_pages_exact(page, PAGE_SIZE);
	/* Until the page is used again, as a use after the free. */
	ck_assert_ptr_eq(iommufd_model_device_location(page + 5), at);
}
END_TEST

/* The tests below are about memory files. */

#define CHUNK (2ul << 20)

static int memory_file(size_t size)
{
	int fd = memfd_create("mapping", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	return fd;
}

START_TEST(memory_files_are_told_apart)
{
	int a = memory_file(PAGE_SIZE), b = memory_file(PAGE_SIZE);
	struct file *file_a = iommufd_model_fget_any(a);
	struct file *file_b = iommufd_model_fget_any(b);
	struct file *again = iommufd_model_fget_any(a);

	ck_assert_uint_eq(iommufd_model_file_page(file_a, 0),
			  iommufd_model_file_page(again, 0));
	ck_assert_uint_ne(iommufd_model_file_page(file_a, 0),
			  iommufd_model_file_page(file_b, 0));
	fput(file_a);
	fput(again);
	ck_assert_uint_ne(iommufd_model_file_page(file_b, 0), 0);
	fput(file_b);
	ck_assert(!iommufd_model_memfd_in_use());
	close(a);
	close(b);
}
END_TEST

START_TEST(a_page_of_a_memory_file_keeps_its_address)
{
	int fd = memory_file(2 * CHUNK);
	struct file *file = iommufd_model_fget_any(fd);
	unsigned long first = iommufd_model_file_page(file, 0);
	unsigned long second = iommufd_model_file_page(file, CHUNK);

	ck_assert_uint_ne(first, second);
	ck_assert_uint_eq(iommufd_model_file_page(file, 0), first);
	ck_assert_uint_eq(iommufd_model_file_page(file, CHUNK), second);
	fput(file);
	close(fd);
}
END_TEST

START_TEST(no_page_is_at_the_end_of_all_offsets)
{
	int fd = memory_file(PAGE_SIZE);
	struct file *file = iommufd_model_fget_any(fd);

	ck_assert(iommufd_model_file_has_page(file, 0));
	/* One that begins there would end at the beginning. */
	ck_assert(!iommufd_model_file_has_page(file, U64_MAX - 1));
	fput(file);
	close(fd);
}
END_TEST

static const struct file_operations no_fops;

START_TEST(other_files_have_no_pages)
{
	int ends[2], fd;
	struct file *file;

	ck_assert_int_eq(pipe(ends), 0);
	file = iommufd_model_fget_any(ends[0]);
	ck_assert(!iommufd_model_file_has_page(file, 0));
	fput(file);
	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	file = iommufd_model_fget_any(fd);
	ck_assert(!iommufd_model_file_has_page(file, 0));
	fput(file);
	ck_assert_ptr_null(iommufd_model_fget_any(-1));
	close(fd);
	/* A file of the model, which is no memory either. */
	fd = anon_inode_getfd("driver", &no_fops, ends, O_RDWR);
	file = iommufd_model_fget_any(fd);
	ck_assert(!iommufd_model_file_has_page(file, 0));
	fput(file);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

static char *map(int fd, int flags)
{
	char *p = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	return p;
}

/* Not of a private mapping, nor of a file that the library does not know. */
START_TEST(a_shared_mapping_of_a_known_file_has_an_alias)
{
	int fd = memory_file(PAGE_SIZE), unknown = memory_file(PAGE_SIZE);
	char *shared = map(fd, MAP_SHARED), *own = map(fd, MAP_PRIVATE);
	char *other = map(unknown, MAP_SHARED);
	struct file *file;

	ck_assert_uint_eq(iommufd_model_file_alias((uintptr_t)shared), 0);
	file = iommufd_model_fget_any(fd);
	ck_assert_uint_eq(iommufd_model_file_alias((uintptr_t)shared + 7),
			  iommufd_model_file_page(file, 0) + 7);
	ck_assert_uint_eq(iommufd_model_file_alias((uintptr_t)own), 0);
	ck_assert_uint_eq(iommufd_model_file_alias((uintptr_t)other), 0);
	fput(file);
	munmap(shared, PAGE_SIZE);
	munmap(own, PAGE_SIZE);
	munmap(other, PAGE_SIZE);
	close(fd);
	close(unknown);
}
END_TEST

/* The tests below are about hooks. */

static char *closed_page;

static bool open_page(int sig, void *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	return !mprotect(closed_page, PAGE_SIZE, PROT_READ | PROT_WRITE);
}

/* The program of iommufd-model exec has a handler of its own for a fault. */
START_TEST(a_fault_that_another_handler_has_mended_is_none)
{
	closed_page = mmap(NULL, PAGE_SIZE, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	iommufd_model_catch_faults();
	iommufd_model_fault_chain = open_page;
	*(volatile char *)closed_page = 'x';
	iommufd_model_fault_chain = NULL;
	ck_assert_int_eq(*(volatile char *)closed_page, 'x');
}
END_TEST

static unsigned int nr_operations;

static void count_operation(struct iommufd_model_hook *hook,
			    const struct iommufd_model_op *op)
{
	(void)hook;
	nr_operations += op->kind == IOMMUFD_MODEL_OP_COPY_FROM_USER;
}

START_TEST(a_copy_of_a_string_is_seen_at_the_gate)
{
	static struct iommufd_model_hook hook = { .event = count_operation };
	char *copy;

	iommufd_model_hook_add(&hook);
	copy = strndup_user("hello", 10);
	iommufd_model_hook_remove(&hook);
	ck_assert_str_eq(copy, "hello");
	ck_assert_uint_gt(nr_operations, 0);
	kfree(copy);
}
END_TEST

static Suite *mapping_suite(void)
{
	Suite *suite = suite_create("mapping");
	TCase *tc;

	tc = ground_case(suite, "device memory");
	tcase_add_test(tc, a_part_of_a_mapping_cannot_be_remapped);
	tcase_add_test(tc, what_is_not_mapped_cannot_be_duplicated);
	tcase_add_test(tc, a_mapping_that_fails_late_is_hidden_again);
	tcase_add_loop_test(
		tc, a_mapping_whose_driver_is_not_told_is_split_and_duplicated,
		0, 2);
	tcase_add_test(tc, a_page_is_one_location_however_it_is_addressed);

	tc = ground_case(suite, "memory files");
	tcase_add_test(tc, memory_files_are_told_apart);
	tcase_add_test(tc, a_page_of_a_memory_file_keeps_its_address);
	tcase_add_test(tc, no_page_is_at_the_end_of_all_offsets);
	tcase_add_test(tc, other_files_have_no_pages);
	tcase_add_test(tc, a_shared_mapping_of_a_known_file_has_an_alias);

	tc = ground_case(suite, "hooks");
	tcase_add_test(tc, a_fault_that_another_handler_has_mended_is_none);
	tcase_add_test(tc, a_copy_of_a_string_is_seen_at_the_gate);
	return suite;
}

int main(void)
{
	return run_suite(mapping_suite());
}
