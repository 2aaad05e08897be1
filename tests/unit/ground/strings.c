// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Messages, strings, the allocation functions that slab.c does not test, and
 * the module.
 */
#define pr_fmt(fmt) "test: " fmt
#include "ground_suite.h"
#include <iommufd_model/kernel.h>

START_TEST(test_messages)
{
	ck_assert_warns("test: a 3", pr_err("a %d\n", 3));
	ck_assert_int_eq(seen.severity, IOMMUFD_MODEL_MESSAGE);
	ck_assert_str_eq(seen.text, "test: a 3");
	ck_assert_str_eq(seen.site->func, "test_messages_fn");
	ck_assert_warns("test: alone", pr_info("alone"));
	ck_assert_warns("test: 1 2 3 4 5",
			pr_notice("%d %d %d %d %d\n", 1, 2, 3, 4, 5));
	ck_assert_warns("test: bad", pr_crit("bad\n"));
	ck_assert_int_eq(seen.severity, IOMMUFD_MODEL_CRITICAL);
	ck_assert_warns("no prefix", printk(KERN_ERR "no prefix %s\n", "x"));
	ck_assert_str_eq(seen.text, "no prefix x");
	ck_assert_warns("no level", printk("no level\n"));
	/* KERN_CONT is no level. */
	ck_assert_warns("goes on", printk(KERN_CRIT KERN_CONT "goes on\n"));
	ck_assert_str_eq(seen.text, "goes on");
	ck_assert_int_eq(seen.severity, IOMMUFD_MODEL_CRITICAL);
	ck_assert_warns("", printk("%s", ""));
	ck_assert_str_eq(seen.text, "");
	ck_assert_uint_eq(iommufd_model_warnings(), 0);
	catch_reports();
	pr_debug("never %d\n", 1);
	ck_assert_int_eq(no_printk("never %d\n", 1), 0);
	release_reports();
	ck_assert_uint_eq(seen.nr, 0);
}
END_TEST

static void twice(void)
{
	pr_warn_once("once\n");
}

START_TEST(test_messages_once)
{
	catch_reports();
	twice();
	twice();
	release_reports();
	ck_assert_uint_eq(seen.nr, 1);
	catch_reports();
	twice();
	release_reports();
	ck_assert_uint_eq(seen.nr, 1);
}
END_TEST

START_TEST(test_copies_of_strings)
{
	char buf[4], *copy;
	u32 words[5];
	u64 longs[3];

	ck_assert_int_eq(strscpy(buf, "abc"), 3);
	ck_assert_int_eq(strscpy(buf, "abcd"), -E2BIG);
	ck_assert_str_eq(buf, "abc");
	ck_assert_int_eq(strscpy(buf, "xy", 2), -E2BIG);
	ck_assert_str_eq(buf, "x");
	ck_assert_int_eq(strscpy(buf, "xy", 0), -E2BIG);
	memset(buf, 'z', sizeof(buf));
	ck_assert_int_eq(strscpy_pad(buf, "a"), 1);
	ck_assert(!memchr_inv(buf + 1, 0, 3));
	ck_assert(memchr_inv(buf, 0, 4) == buf);
	copy = kstrdup("hello", GFP_KERNEL);
	ck_assert_str_eq(copy, "hello");
	kfree(copy);
	copy = kstrndup("hello", 3, GFP_KERNEL);
	ck_assert_str_eq(copy, "hel");
	kfree(copy);
	copy = kmemdup_nul("hello", 4, GFP_KERNEL);
	ck_assert_str_eq(copy, "hell");
	kfree(copy);
	copy = kasprintf(GFP_KERNEL, "%s-%d", "dev", 7);
	ck_assert_str_eq(copy, "dev-7");
	kfree(copy);
	copy = kmemdup("ab", 3, GFP_KERNEL);
	ck_assert_str_eq(copy, "ab");
	kfree(copy);
	ck_assert_ptr_null(kstrdup(NULL, GFP_KERNEL));
	ck_assert_ptr_null(kmemdup(NULL, 3, GFP_KERNEL));
	ck_assert_ptr_null(kmemdup_array("ab", SIZE_MAX, 2, GFP_KERNEL));
	memset32(words, 7, 5);
	ck_assert(words[0] == 7 && words[4] == 7);
	memset64(longs, ~0ull, 3);
	ck_assert(!memchr_inv(longs, 0xff, sizeof(longs)));
	memzero_explicit(longs, sizeof(longs));
	ck_assert(!memchr_inv(longs, 0, sizeof(longs)));
	ck_assert(sysfs_streq("on\n", "on") && !sysfs_streq("on\n", "onn"));
	ck_assert(sysfs_streq("", "\n") && !sysfs_streq("a", ""));
	ck_assert(strstarts("abc", "ab") && !strstarts("a", "ab"));
	ck_assert_int_eq(scnprintf(buf, sizeof(buf), "%d", 12345), 3);
	ck_assert_int_eq(scnprintf(buf, 0, "%d", 1), 0);
}
END_TEST

START_TEST(test_failed_copies)
{
	iommufd_model_fail_from(1);
	ck_assert_ptr_null(kstrdup("a", GFP_KERNEL));
	ck_assert_ptr_null(kmemdup("a", 1, GFP_KERNEL));
	ck_assert_ptr_null(kasprintf(GFP_KERNEL, "%d", 1));
	iommufd_model_fail_from(0);
}
END_TEST

/* No byte stands for this character, as the program sets no locale. */
START_TEST(test_string_that_cannot_be_formatted)
{
	ck_assert_ptr_null(kasprintf(GFP_KERNEL, "%ls", L"\x3b1"));
}
END_TEST

static const struct {
	const char *text;
	unsigned int base;
	int rc;
	long long value;
} numbers[] = {
	{ "0", 0, 0, 0 }, { "12", 10, 0, 12 }, { "0x1F", 0, 0, 31 },
	{ "0x1f\n", 16, 0, 31 }, { "1f", 16, 0, 31 }, { "017", 0, 0, 15 },
	{ "+5", 10, 0, 5 }, { "-5", 10, 0, -5 }, { "", 10, -EINVAL, 0 },
	{ "\n", 10, -EINVAL, 0 }, { "5 ", 10, -EINVAL, 0 },
	{ "5\n\n", 10, -EINVAL, 0 }, { " 5", 10, -EINVAL, 0 },
	{ "--5", 10, -EINVAL, 0 }, { "0x", 16, -EINVAL, 0 },
	{ "12a", 10, -EINVAL, 0 }, { "8", 8, -EINVAL, 0 },
	{ "2147483647", 10, 0, INT_MAX }, { "-2147483648", 10, 0, INT_MIN },
	{ "2147483648", 10, -ERANGE, 0 }, { "-2147483649", 10, -ERANGE, 0 },
	{ "99999999999999999999", 10, -ERANGE, 0 }, { "0X1F", 0, 0, 31 },
};

START_TEST(test_numbers)
{
	u64 big = 1;
	u8 small = 1;
	long l = 0;
	int i = 77;

	ck_assert_int_eq(kstrtoint(numbers[_i].text, numbers[_i].base, &i),
			 numbers[_i].rc);
	ck_assert_int_eq(i, numbers[_i].rc ? 77 : numbers[_i].value);
	ck_assert_int_eq(kstrtou64("0xffffffffffffffff", 0, &big), 0);
	ck_assert_uint_eq(big, U64_MAX);
	ck_assert_int_eq(kstrtou64("18446744073709551616", 0, &big), -ERANGE);
	ck_assert_int_eq(kstrtou64("-1", 0, &big), -EINVAL);
	ck_assert_int_eq(kstrtou64("+7", 0, &big), 0);
	ck_assert_uint_eq(big, 7);
	ck_assert_int_eq(kstrtou8("256", 0, &small), -ERANGE);
	ck_assert_int_eq(kstrtou8("255", 0, &small), 0);
	ck_assert_int_eq(kstrtol("-9223372036854775808", 0, &l), 0);
	ck_assert_int_eq(l, LONG_MIN);
	ck_assert_int_eq(kstrtol("-9223372036854775809", 0, &l), -ERANGE);
}
END_TEST

START_TEST(test_krealloc)
{
	char *p = krealloc(NULL, 4, GFP_KERNEL), *more;

	memcpy(p, "abc", 4);
	ck_assert_uint_eq(ksize(p), 4);
	more = krealloc(p, 100, GFP_KERNEL | __GFP_ZERO);
	ck_assert_str_eq(more, "abc");
	ck_assert(!memchr_inv(more + 4, 0, 96));
	iommufd_model_fail_from(1);
	ck_assert_ptr_null(krealloc(more, 1000, GFP_KERNEL));
	ck_assert(krealloc(more, 2, GFP_KERNEL) == more);
	iommufd_model_fail_from(0);
	ck_assert_ptr_null(krealloc_array(more, SIZE_MAX, 2, GFP_KERNEL));
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 1);
	more = krealloc(more, 0, GFP_KERNEL);
	ck_assert(more == ZERO_SIZE_PTR && ZERO_OR_NULL_PTR(more));
	kfree(more);
	kfree(krealloc(more, 8, GFP_KERNEL));
	p = kvmalloc(8, GFP_KERNEL);
	p = kvrealloc(p, 16, GFP_KERNEL);
	kvfree(p);
	kfree(ZERO_SIZE_PTR);
}
END_TEST

struct flex {
	int n;
	u64 items[];
};

START_TEST(test_allocation_by_type)
{
	struct flex *p;
	u64 *array;

	p = kzalloc_obj(*p);
	ck_assert_uint_eq(ksize(p), sizeof(*p));
	kfree(p);
	p = kmalloc_obj(struct flex, GFP_ATOMIC);
	kfree(p);
	p = kzalloc_flex(*p, items, 3);
	ck_assert_uint_eq(ksize(p), 32);
	ck_assert(!p->items[2]);
	kfree_sensitive(p);
	array = kzalloc_objs(*array, 5);
	ck_assert_uint_eq(ksize(array), 40);
	kfree(array);
	array = kvmalloc_objs(u64, 5, GFP_KERNEL);
	kvfree(array);
	ck_assert_ptr_null(kmalloc_array(SIZE_MAX, 2, GFP_KERNEL));
}
END_TEST

static int running, fail_with;

static int start(void)
{
	if (fail_with)
		return fail_with;
	running++;
	return 0;
}

static void stop(void)
{
	running--;
}

module_exit(stop);
module_init(start);

START_TEST(test_module)
{
	ck_assert_int_eq(iommufd_model_modules_exit(), -ENOENT);
	fail_with = -ENODEV;
	ck_assert_int_eq(iommufd_model_modules_init(), -ENODEV);
	ck_assert_int_eq(running, 0);
	fail_with = 0;
	ck_assert_int_eq(iommufd_model_modules_init(), 0);
	ck_assert_int_eq(iommufd_model_modules_init(), -EEXIST);
	ck_assert_int_eq(running, 1);
	ck_assert(try_module_get(THIS_MODULE) && try_module_get(NULL));
	__module_get(THIS_MODULE);
	ck_assert_int_eq(module_refcount(THIS_MODULE), 2);
	ck_assert_int_eq(iommufd_model_modules_exit(), -EWOULDBLOCK);
	module_put(THIS_MODULE);
	module_put(THIS_MODULE);
	module_put(NULL);
	ck_assert_int_eq(iommufd_model_modules_exit(), 0);
	ck_assert_int_eq(running, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("strings");
	TCase *tc = ground_case(suite, "strings");

	tcase_add_test(tc, test_messages);
	tcase_add_test(tc, test_messages_once);
	tcase_add_test(tc, test_copies_of_strings);
	tcase_add_test(tc, test_failed_copies);
	tcase_add_test(tc, test_string_that_cannot_be_formatted);
	tcase_add_loop_test(tc, test_numbers, 0, ARRAY_SIZE(numbers));
	tcase_add_test(tc, test_krealloc);
	tcase_add_test(tc, test_allocation_by_type);
	tcase_add_test(tc, test_module);
	return run_suite(suite);
}
