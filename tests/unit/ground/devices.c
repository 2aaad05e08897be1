// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Devices and what goes with them, messages about them, and copies between user
 * memory and new allocations.
 */
#define dev_fmt(fmt) "test: " fmt
#include "ground_suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/iommu.h>
#include <sys/mman.h>

static int released, actions;

static void release(struct device *dev)
{
	released++;
	kfree(dev);
}

static struct device *new_device(struct device *parent)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	device_initialize(dev);
	dev->release = release;
	dev->parent = parent;
	return dev;
}

static void setup(void)
{
	ground_setup();
	released = actions = 0;
}

START_TEST(a_device_lives_until_its_last_reference)
{
	struct device *parent = new_device(NULL), *dev = new_device(parent);

	/* the device has no name */
	ck_assert_int_eq(device_add(dev), -EINVAL);
	ck_assert_str_eq(dev_name(dev), "(null)");
	ck_assert_int_eq(dev_set_name(dev, "dev%d", 1), 0);
	ck_assert_int_eq(dev_set_name(dev, "dev%d", 2), 0);
	ck_assert_str_eq(dev_name(dev), "dev2");
	iommufd_model_fail_from(1);
	ck_assert_int_eq(dev_set_name(dev, "dev%d", 3), -ENOMEM);
	iommufd_model_fail_from(0);
	ck_assert_str_eq(dev_name(dev), "dev2");
	ck_assert_int_eq(device_add(dev), 0);
	ck_assert(device_is_registered(dev));
	put_device(parent);	/* the child still holds a reference */
	ck_assert_int_eq(released, 0);
	dev_set_drvdata(dev, &released);
	ck_assert(dev_get_drvdata(dev) == &released);
	ck_assert(get_device(dev) == dev && !get_device(NULL));
	device_unregister(dev);
	ck_assert_int_eq(released, 1);	/* the parent was released */
	device_del(dev);	/* a second time it does nothing */
	put_device(dev);
	put_device(NULL);
	ck_assert_int_eq(released, 2);
}
END_TEST

START_TEST(a_device_without_release_is_a_warning)
{
	struct device dev = { .name = "x" };

	device_initialize(&dev);
	ck_assert_warns("x has no release()", put_device(&dev));
}
END_TEST

static void act(void *data)
{
	ck_assert_int_eq(actions++, (int)(long)data);
}

START_TEST(device_frees_its_resources_in_reverse_order)
{
	struct device *dev = new_device(NULL);
	char *p, *str;

	ck_assert_int_eq(devm_add_action(dev, act, (void *)1), 0);
	ck_assert_int_eq(devm_add_action_or_reset(dev, act, NULL), 0);
	p = devm_kzalloc(dev, 100, GFP_KERNEL);
	ck_assert(!memchr_inv(p, 0, 100));
	p = devm_kcalloc(dev, 3, 5, GFP_KERNEL);
	ck_assert_ptr_null(devm_kcalloc(dev, SIZE_MAX, 5, GFP_KERNEL));
	str = devm_kasprintf(dev, GFP_KERNEL, "%s-%d", "a", 5);
	ck_assert_str_eq(str, "a-5");
	devm_kfree(dev, p);
	devm_kfree(dev, NULL);
	ck_assert_warns("not the device's", devm_kfree(dev, (char *)str + 1));
	ck_assert_int_eq(actions, 0);
	iommufd_model_devres_release(dev);
	ck_assert_int_eq(actions, 2);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 1);
	devm_kstrdup(dev, "b", GFP_KERNEL);
	iommufd_model_fail_nth(1);
	actions = 7;
	ck_assert_int_eq(devm_add_action_or_reset(dev, act, (void *)7),
			 -ENOMEM);
	ck_assert_int_eq(actions, 8);
	/* Without a reset, the action is left to the caller. */
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(devm_add_action(dev, act, (void *)8), -ENOMEM);
	ck_assert_int_eq(actions, 8);
	iommufd_model_fail_nth(1);
	ck_assert_ptr_null(devm_kasprintf(dev, GFP_KERNEL, "%d", 1));
	iommufd_model_fail_nth(0);
	/* No byte stands for this character. */
	ck_assert_ptr_null(devm_kasprintf(dev, GFP_KERNEL, "%ls", L"\x3b1"));
	put_device(dev);
}
END_TEST

START_TEST(messages_begin_with_the_name)
{
	struct device dev = { .name = "dev0" };
	int rc = 0;

	ck_assert_warns("dev0: test: a 3", dev_err(&dev, "a %d\n", 3));
	ck_assert_int_eq(seen.severity, IOMMUFD_MODEL_MESSAGE);
	ck_assert_warns("(null): test: b", dev_info(NULL, "b\n"));
	ck_assert_warns("dev0: c",
			iommufd_model_dev_printk(IOMMUFD_MODEL_SITE("c"), &dev,
						 "c\n"));
	ck_assert_int_eq(seen.severity, IOMMUFD_MODEL_MESSAGE);
	ck_assert_warns("bad", rc = dev_err_probe(&dev, -EIO, "bad\n"));
	ck_assert_int_eq(rc, -EIO);
	catch_reports();
	ck_assert_int_eq(dev_err_probe(&dev, -EPROBE_DEFER, "no\n"),
			 -EPROBE_DEFER);
	dev_dbg(&dev, "never %d\n", 1);
	release_reports();
	ck_assert_uint_eq(seen.nr, 0);
}
END_TEST

/* Returns a readable page that is followed by an inaccessible one. */
static char *two_pages(void)
{
	char *p = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_int_eq(mprotect(p + PAGE_SIZE, PAGE_SIZE, PROT_NONE), 0);
	return p;
}

START_TEST(copies_of_user_memory)
{
	char *page = two_pages(), *end = page + PAGE_SIZE, *copy;

	memcpy(end - 6, "hello", 6);
	copy = memdup_user(end - 6, 6);
	ck_assert_str_eq(copy, "hello");
	kfree(copy);
	copy = vmemdup_user(end - 6, 5);
	kvfree(copy);
	copy = memdup_user_nul(end - 6, 4);
	ck_assert_str_eq(copy, "hell");
	kfree(copy);
	ck_assert_int_eq(PTR_ERR(memdup_user(end - 6, 7)), -EFAULT);
	ck_assert_int_eq(PTR_ERR(memdup_user(NULL, 7)), -EFAULT);
	ck_assert_int_eq(PTR_ERR(memdup_array_user(end - 6, SIZE_MAX, 2)),
			 -EOVERFLOW);
	copy = strndup_user(end - 6, 6);
	ck_assert_str_eq(copy, "hello");
	kfree(copy);
	ck_assert_int_eq(PTR_ERR(strndup_user(end - 6, 5)), -EINVAL);
	end[-1] = 'x';
	ck_assert_int_eq(PTR_ERR(strndup_user(end - 6, 100)), -EFAULT);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(PTR_ERR(memdup_user(end - 6, 6)), -ENOMEM);
	iommufd_model_fail_nth(0);
	memset(page, 1, PAGE_SIZE);
	ck_assert_uint_eq(clear_user(page + 1, 600), 0);
	ck_assert(page[0] == 1 && !memchr_inv(page + 1, 0, 600) &&
		  page[601] == 1);
	ck_assert_uint_eq(clear_user(end - 300, 1000), 700);
	ck_assert(!memchr_inv(end - 300, 0, 300) && end[-301] == 1);
	ck_assert(!access_ok((void *)-8l, 100) && access_ok(page, 8));
	munmap(page, 2 * PAGE_SIZE);
}
END_TEST

struct data {
	u32 a, b;
};

START_TEST(arrays_of_user_data)
{
	u32 user[] = { 1, 2, 0, 3, 4, 0 };
	struct iommu_user_data_array array = { 7, user, 12, 2 };
	struct iommu_user_data one = { 7, user, 12 };
	struct data data[2], *d = &data[0];

	ck_assert_int_eq(iommu_copy_struct_from_user_array(d, &array, 7, 1, b),
			 -EINVAL);	/* the entries are too long */
	array.entry_len = 8;
	ck_assert_int_eq(iommu_copy_struct_from_user_array(d, &array, 7, 1, b),
			 0);
	ck_assert(d->a == 0 && d->b == 3);
	ck_assert_int_eq(iommu_copy_struct_from_user_array(d, &array, 7, 2, b),
			 -EINVAL);
	ck_assert_int_eq(iommu_copy_struct_from_user_array(d, &array, 8, 0, b),
			 -EINVAL);
	array.entry_len = 4;
	ck_assert_int_eq(iommu_copy_struct_from_user_array(d, &array, 7, 1, b),
			 -EINVAL);
	ck_assert_int_eq(iommu_copy_struct_from_user_array(d, &array, 7, 1, a),
			 0);
	ck_assert(d->a == 2 && d->b == 0);
	array.entry_len = 12;
	ck_assert_int_eq(iommu_copy_struct_from_full_user_array(
				 data, sizeof(*d), &array, 7), 0);
	ck_assert(data[1].a == 3 && data[1].b == 4);
	user[5] = 1;
	ck_assert_int_eq(iommu_copy_struct_from_full_user_array(
				 data, sizeof(*d), &array, 7), -E2BIG);
	array.entry_num = 0;
	ck_assert_int_eq(iommu_copy_struct_from_full_user_array(
				 data, sizeof(*d), &array, 7), -EINVAL);
	ck_assert_int_eq(iommu_copy_struct_to_user(&one, d, 7, b), 0);
	ck_assert(user[0] == 1 && user[2] == 0);
	one.len = 4;
	ck_assert_int_eq(iommu_copy_struct_to_user(&one, d, 7, b), -EINVAL);
	one.len = 8;
	one.uptr = NULL;
	ck_assert_int_eq(iommu_copy_struct_to_user(&one, d, 7, b), -EFAULT);
}
END_TEST

static ssize_t answer_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	(void)dev;
	return sysfs_emit(buf, "%s 42\n", attr->attr.name);
}

static DEVICE_ATTR_RO(answer);

START_TEST(character_devices_and_attributes)
{
	static const struct file_operations fops = { .owner = THIS_MODULE };
	char *page = kzalloc(PAGE_SIZE, GFP_KERNEL);
	struct cdev cdev;
	dev_t a, b;

	ck_assert_int_eq(alloc_chrdev_region(&a, 3, MINORMASK + 1, "x"), 0);
	ck_assert_int_eq(alloc_chrdev_region(&b, 0, 1, "x"), 0);
	ck_assert(MAJOR(a) != MAJOR(b) && MINOR(a) == 3);
	cdev_init(&cdev, &fops);
	ck_assert_int_eq(cdev_add(&cdev, a, 1), 0);
	ck_assert(cdev.ops == &fops && MKDEV(MAJOR(cdev.dev), 3) == a);
	cdev_del(&cdev);
	unregister_chrdev_region(a, 1);
	ck_assert_int_eq(dev_attr_answer.show(NULL, &dev_attr_answer, page),
			 10);
	ck_assert_str_eq(page, "answer 42\n");
	kfree(page);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("devices");
	TCase *tc = case_with(suite, "devices", setup, ground_teardown);

	tcase_add_test(tc, a_device_lives_until_its_last_reference);
	tcase_add_test(tc, a_device_without_release_is_a_warning);
	tcase_add_test(tc, device_frees_its_resources_in_reverse_order);
	tcase_add_test(tc, messages_begin_with_the_name);
	tcase_add_test(tc, copies_of_user_memory);
	tcase_add_test(tc, arrays_of_user_data);
	tcase_add_test(tc, character_devices_and_attributes);
	return run_suite(suite);
}
