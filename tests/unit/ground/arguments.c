// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the functions of src/kernel answer to arguments that they cannot use, and
 * what they do if an allocation fails.
 */
#include "ground_suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/interrupt.h>
#include <iommufd_model/kernel/iommu.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/model.h>
#include <limits.h>
#include <unistd.h>

START_TEST(test_expected_warnings)
{
	char text[2000];
	int i;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	ck_assert_int_eq(iommufd_model_expect_warning(NULL), -EINVAL);
	ck_assert_int_eq(iommufd_model_expect_warning(text), -EINVAL);
	for (i = 0; !iommufd_model_expect_warning("never"); i++)
		ck_assert_int_lt(i, 1000);
	ck_assert_int_eq(iommufd_model_expect_warning("never"), -ENOSPC);
	iommufd_model_reset_warnings();
}
END_TEST

START_TEST(test_ids)
{
	DEFINE_IDA(ida);

	ck_assert_int_eq(ida_alloc_range(&ida, 3, 2, GFP_KERNEL), -ENOSPC);
	ck_assert_int_eq(ida_find_first_range(&ida, INT_MIN, ~0u), -EINVAL);
	ida_destroy(&ida);
}
END_TEST

START_TEST(test_descriptors)
{
	ck_assert_int_eq(iommufd_model_set_first_fd(-1), -EINVAL);
	iommufd_model_set_first_fd(INT_MAX);
	ck_assert_int_eq(iommufd_model_eventfd(0, 0), -EMFILE);
	iommufd_model_set_first_fd(3);
}
END_TEST

/* The counter of an eventfd is 2^64 - 2 at most. */
START_TEST(test_writes_to_an_eventfd)
{
	u64 most = ULONG_MAX - 1, one = 1, bad = ULONG_MAX;
	int fd = iommufd_model_eventfd(0, EFD_NONBLOCK);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)iommufd_model_write(fd, &one, 7), -EINVAL);
	ck_assert_int_eq((int)iommufd_model_write(fd, (void *)8, 8), -EFAULT);
	ck_assert_int_eq((int)iommufd_model_write(fd, &bad, 8), -EINVAL);
	ck_assert_int_eq((int)iommufd_model_write(fd, &most, 8), 8);
	ck_assert_int_eq((int)iommufd_model_write(fd, &one, 8), -EAGAIN);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
}
END_TEST

static int late;

static void *write_late(void *data)
{
	u64 one = 1;

	ck_assert(iommufd_model_write(*(int *)data, &one, 8) == 8);
	raise_flag(&late);
	return NULL;
}

START_TEST(test_write_waits_for_room)
{
	u64 most = ULONG_MAX - 1, value;
	int fd = iommufd_model_eventfd(0, 0);
	pthread_t thread;

	ck_assert_int_eq((int)iommufd_model_write(fd, &most, 8), 8);
	thread = start_thread(write_late, &fd);
	/* It has time to do what it must not. */
	usleep(10000);
	ck_assert(!flag_is_up(&late));
	ck_assert_int_eq((int)iommufd_model_read(fd, &value, 8), 8);
	ck_assert(value == most);
	join_thread(thread);
	ck_assert_int_eq((int)iommufd_model_read(fd, &value, 8), 8);
	ck_assert(value == 1);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
}
END_TEST

static const struct file_operations other_fops = { .release = NULL };

START_TEST(test_file_that_is_no_eventfd)
{
	int fd = anon_inode_getfd("[other]", &other_fops, NULL, 0);
	struct file *file;

	ck_assert_int_ge(fd, 0);
	file = fget((unsigned int)fd);
	ck_assert_int_eq(PTR_ERR(eventfd_ctx_fileget(file)), -EINVAL);
	ck_assert_int_eq(PTR_ERR(eventfd_fget(fd)), -EINVAL);
	ck_assert_int_eq(PTR_ERR(eventfd_fget(-1)), -EBADF);
	fput(file);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
}
END_TEST

static irqreturn_t handler(int irq, void *dev_id)
{
	(void)irq;
	(void)dev_id;
	return IRQ_HANDLED;
}

START_TEST(test_interrupts_that_are_not_there)
{
	unsigned int none = IOMMUFD_MODEL_NR_IRQS;

	ck_assert_int_eq(request_irq(none, handler, 0, "x", NULL), -EINVAL);
	synchronize_irq(none);
	disable_irq(none);
	ck_assert_warns("not disabled", enable_irq(none));
	ck_assert_int_eq(request_irq(5, handler, 0, "x", NULL), 0);
	disable_irq(5);
	enable_irq(5);
	ck_assert_warns("not disabled", enable_irq(5));
	free_irq(5, NULL);
}
END_TEST

/* Make an object, and free it; returns 0 or the error. */
static int make_eventfd(void)
{
	int fd = iommufd_model_eventfd(0, 0);

	return fd < 0 ? fd : iommufd_model_close(fd);
}

static int make_queue_of_work(void)
{
	struct workqueue_struct *wq = alloc_workqueue("wq", 0, 0);

	if (!wq)
		return -ENOMEM;
	destroy_workqueue(wq);
	return 0;
}

static int make_irq(void)
{
	int rc = request_irq(7, handler, 0, "x", NULL);

	if (!rc)
		free_irq(7, NULL);
	return rc;
}

START_TEST(test_failed_allocations)
{
	static int (*const make[])(void) = {
		make_eventfd, make_queue_of_work, make_irq,
	};
	unsigned long leaks = nr_leaks();
	size_t i;
	int n, rc;

	for (i = 0; i < ARRAY_SIZE(make); i++) {
		for (n = 1;; n++) {
			iommufd_model_fail_nth((unsigned long)n);
			rc = make[i]();
			if (!iommufd_model_failed())
				break;
			ck_assert_msg(rc == -ENOMEM, "%zu, allocation %d: %d",
				      i, n, rc);
			ck_assert_uint_eq(nr_leaks(), leaks);
		}
		iommufd_model_fail_nth(0);
		ck_assert_int_eq(rc, 0);
		ck_assert_int_gt(n, 1);
	}
}
END_TEST

START_TEST(test_strings)
{
	ck_assert_ptr_null(kmemdup(NULL, 3, GFP_KERNEL));
	ck_assert_ptr_null(kstrdup(NULL, GFP_KERNEL));
}
END_TEST

START_TEST(test_ends_of_searches)
{
	DEFINE_XARRAY_ALLOC(xa);
	unsigned long index = 7;

	ck_assert_ptr_null(rb_next_postorder(NULL));
	ck_assert_ptr_null(xa_store(&xa, 7, &xa, GFP_KERNEL));
	ck_assert_ptr_null(xa_find_after(&xa, &index, ULONG_MAX, XA_PRESENT));
	/* An entry that is replaced by none keeps its index. */
	ck_assert_ptr_eq(xa_cmpxchg(&xa, 7, &xa, NULL, GFP_KERNEL), &xa);
	ck_assert_ptr_null(xa_load(&xa, 7));
	xa_destroy(&xa);
}
END_TEST

/* The functions of an IOMMU's driver */

START_TEST(test_data_of_the_user)
{
	char from[8] = "abcdefg", to[8] = "";
	struct iommu_user_data data = { .type = 1, .len = 8, .uptr = from };
	struct iommu_user_data past = { .type = 1, .len = 8, .uptr = to };
	struct iommu_user_data_array none = { .type = 1 };
	int rc = 0;

	ck_assert_warns("user_data", rc = iommufd_model_copy_user_data(
						NULL, to, 1, 8, 4));
	ck_assert_int_eq(rc, -EINVAL);
	ck_assert_warns("user_data", rc = iommufd_model_copy_to_user_data(
						NULL, to, 1, 8, 4));
	ck_assert_int_eq(rc, -EINVAL);
	ck_assert_warns("array", rc = iommufd_model_copy_user_entry(
					    NULL, to, 1, 0, 8, 4));
	ck_assert_int_eq(rc, -EINVAL);
	ck_assert_warns("array", rc = iommufd_model_copy_user_array(
					    NULL, to, 1, 8));
	ck_assert_int_eq(rc, -EINVAL);
	ck_assert_int_eq(iommufd_model_copy_user_array(&none, to, 1, 8),
			 -EINVAL);
	ck_assert_int_eq(iommufd_model_copy_to_user_data(&past, "xyz", 2, 4, 4),
			 -EINVAL);
	ck_assert_int_eq(iommufd_model_copy_user_data(&data, to, 1, 8, 4), 0);
	ck_assert_str_eq(to, "abcdefg");
	/* What the driver does not have is filled with zeroes. */
	ck_assert_int_eq(iommufd_model_copy_to_user_data(&past, "xyz", 1, 4, 4),
			 0);
	ck_assert(!memcmp(to, "xyz\0\0\0\0", 8));
	past.uptr = (void *)8;
	ck_assert_int_eq(iommufd_model_copy_to_user_data(&past, "xyz", 1, 4, 4),
			 -EFAULT);
}
END_TEST

START_TEST(test_device_without_a_group)
{
	struct iommu_attach_handle handle;
	struct iommu_domain domain = { .ops = NULL };
	struct device dev = { .name = "lonely" };
	int owner;

	ck_assert_int_eq(iommu_device_claim_dma_owner(&dev, &owner), -ENODEV);
	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev, 1, &handle),
			 -ENODEV);
	ck_assert_int_eq(iommu_replace_device_pasid(&domain, &dev, 1, &handle),
			 -ENODEV);
}
END_TEST

START_TEST(test_domain_without_ops)
{
	static const struct iommu_domain_ops none = { .free = NULL };
	struct iommu_domain domain = {
		.ops = &none, .pgsize_bitmap = PAGE_SIZE,
	};
	struct iommu_attach_handle handle;
	struct iommu_group group;
	struct device dev = { .name = "d", .max_pasids = 8 };

	ck_assert_warns("map_pages", ck_assert_int_eq(
				iommu_map(&domain, 0, 0, PAGE_SIZE, 0),
				-EINVAL));
	ck_assert_warns("unmap_pages", ck_assert_uint_eq(
				iommu_unmap(&domain, 0, PAGE_SIZE), 0));
	ck_assert_uint_eq(iommu_iova_to_phys(&domain, 0), 0);
	iommufd_model_group_init(&group, 1);
	iommufd_model_group_add(&group, &dev);
	ck_assert_int_eq(iommu_attach_device_pasid(&domain, &dev, 1, &handle),
			 -EOPNOTSUPP);
	ck_assert_int_eq(iommu_replace_device_pasid(&domain, &dev, 1, &handle),
			 -EOPNOTSUPP);
	ck_assert_warns("owner", ck_assert_int_eq(
				iommu_device_claim_dma_owner(&dev, NULL),
				-EINVAL));
	ck_assert_warns("domain", iommu_detach_group(&domain, &group));
	iommufd_model_group_remove(&dev);
}
END_TEST

START_TEST(test_page_that_is_not_pinned)
{
	static char memory[PAGE_SIZE];

	ck_assert_warns("not pinned",
			unpin_user_page(virt_to_page((uintptr_t)memory)));
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
}
END_TEST

START_TEST(test_downgrade_of_a_semaphore_that_is_not_held)
{
	DECLARE_RWSEM(sem);

	ck_assert_warns("sem", downgrade_write(&sem));
	ck_assert(down_write_trylock(&sem));
	up_write(&sem);
}
END_TEST

/* The second lock was not taken, so this undoes only that. */
START_TEST(test_downgrade_of_a_semaphore_that_is_held_twice)
{
	DECLARE_RWSEM(sem);

	down_write(&sem);
	ck_assert_warns("self-deadlock", down_write(&sem));
	downgrade_write(&sem);
	ck_assert(!down_read_trylock(&sem));
	up_write(&sem);
	ck_assert(down_write_trylock(&sem));
	up_write(&sem);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("arguments");
	TCase *tc = ground_case(suite, "arguments");

	tcase_add_test(tc, test_expected_warnings);
	tcase_add_test(tc, test_ids);
	tcase_add_test(tc, test_descriptors);
	tcase_add_test(tc, test_writes_to_an_eventfd);
	tcase_add_test(tc, test_write_waits_for_room);
	tcase_add_test(tc, test_file_that_is_no_eventfd);
	tcase_add_test(tc, test_interrupts_that_are_not_there);
	tcase_add_test(tc, test_failed_allocations);
	tcase_add_test(tc, test_strings);
	tcase_add_test(tc, test_ends_of_searches);
	tcase_add_test(tc, test_data_of_the_user);
	tcase_add_test(tc, test_device_without_a_group);
	tcase_add_test(tc, test_domain_without_ops);
	tcase_add_test(tc, test_page_that_is_not_pinned);
	tcase_add_test(tc, test_downgrade_of_a_semaphore_that_is_not_held);
	tcase_add_test(tc, test_downgrade_of_a_semaphore_that_is_held_twice);
	return run_suite(suite);
}
