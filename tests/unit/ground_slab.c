// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Kernel memory: families, misuse, made failures, labels, leaks.
 */
#include "ground_suite.h"

/* A sanitizer reports the look at freed memory before we can. */
#ifdef __has_feature
#define SANITIZED						\
	(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static void teardown(void)
{
	iommufd_model_fail_nth(0);
	iommufd_model_fail_from(0);
	ground_teardown();
}

static bool all_zero(const char *p, size_t n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

START_TEST(zeroing_families_give_zeroed_aligned_memory)
{
	char *p[4] = {
		kzalloc(100, GFP_KERNEL), kcalloc(25, 4, GFP_KERNEL),
		kvzalloc(100, GFP_KERNEL), kvcalloc(4, 25, GFP_KERNEL),
	};
	int i;

	for (i = 0; i < 4; i++) {
		ck_assert_ptr_nonnull(p[i]);
		ck_assert(IS_ALIGNED((uintptr_t)p[i], 16));
		ck_assert(all_zero(p[i], 100));
		memset(p[i], 0xff, 100);
	}
	kfree(p[0]);
	kvfree(p[1]);
	kvfree(p[2]);
	kvfree(p[3]);
	kfree(NULL);
	kvfree(NULL);
}
END_TEST

START_TEST(array_whose_size_overflows_is_refused)
{
	ck_assert_ptr_null(kcalloc(SIZE_MAX / 2, 4, GFP_KERNEL));
	ck_assert_ptr_null(kvcalloc(4, SIZE_MAX / 2, GFP_KERNEL));
	ck_assert_ptr_null(kcalloc(1, SIZE_MAX - 8, GFP_KERNEL));
}
END_TEST

/* zoo z35.  The memory is freed all the same. */
START_TEST(kfree_of_kvmalloced_memory_warns)
{
	char *p = kvzalloc(10, GFP_KERNEL);

	ck_assert_warns("allocator mismatch: kfree of p", kfree(p));
}
END_TEST

START_TEST(free_of_what_is_no_allocation_warns)
{
	static char room[256];

	ck_assert_warns("free of &room[128], not an allocation",
			kfree(&room[128]));
}
END_TEST

/* Best effort: it looks at memory that is free. */
START_TEST(double_free_warns)
{
	char *p = kzalloc(1000, GFP_KERNEL);

	kfree(p);
	ck_assert_warns("double free of p", kfree(p));
}
END_TEST

START_TEST(fail_nth_fails_one)
{
	unsigned long n;
	void *p[4];
	int i;

	for (n = 1; n <= 4; n++) {
		iommufd_model_fail_nth(n);
		for (i = 0; i < 4; i++)
			p[i] = kzalloc(8, GFP_KERNEL);
		ck_assert_uint_eq(iommufd_model_failed(), 1);
		for (i = 0; i < 4; i++) {
			ck_assert_int_eq(!p[i], i + 1 == (int)n);
			kfree(p[i]);
		}
	}
	iommufd_model_fail_nth(1);
	iommufd_model_fail_nth(0);
	kfree(p[0] = kzalloc(8, GFP_KERNEL));
	ck_assert_ptr_nonnull(p[0]);
	ck_assert_uint_eq(iommufd_model_failed(), 0);
}
END_TEST

START_TEST(fail_from_fails_all_after_it)
{
	void *p[5];
	int i;

	iommufd_model_fail_from(3);
	for (i = 0; i < 5; i++)
		p[i] = i % 2 ? kvzalloc(8, GFP_KERNEL) :
			       kmalloc(8, GFP_KERNEL);
	ck_assert(p[0] && p[1] && !p[2] && !p[3] && !p[4]);
	ck_assert_uint_eq(iommufd_model_failed(), 3);
	iommufd_model_fail_from(0);
	kfree(p[0]);
	kvfree(p[1]);
	kfree(p[0] = kzalloc(8, GFP_KERNEL));
	ck_assert_ptr_nonnull(p[0]);
}
END_TEST

struct thing {
	long other;
	unsigned int id;
};

static const struct iommufd_model_label thing_label = {
	"thing", offsetof(struct thing, id),
};
static const struct iommufd_model_label one_label = { "the one", 0 };

START_TEST(allocations_are_described_by_their_labels)
{
	struct thing *thing = kzalloc(sizeof(*thing), GFP_KERNEL);
	char *one = kzalloc(5, GFP_KERNEL), text[128], expected[128];

	snprintf(expected, sizeof(expected), "5 bytes allocated by %s",
		 __func__);
	ck_assert_str_eq(iommufd_model_describe(one, text, sizeof(text)),
			 expected);
	iommufd_model_label(thing, &thing_label);
	iommufd_model_label(one, &one_label);
	ck_assert_str_eq(iommufd_model_describe(one + 4, text, sizeof(text)),
			 "the one");
	ck_assert_str_eq(iommufd_model_describe(thing, text, sizeof(text)),
			 "thing");
	thing->id = 12;
	ck_assert_str_eq(iommufd_model_describe(&thing->id, text,
						sizeof(text)), "thing 12");
	ck_assert_str_eq(iommufd_model_describe(one + 5, text, sizeof(text)),
			 "");
	ck_assert_str_eq(iommufd_model_describe(NULL, text, sizeof(text)), "");
	ck_assert_str_eq(iommufd_model_describe(one, text, 4), "the");
	kfree(one);
	kfree(thing);
}
END_TEST

START_TEST(allocation_is_found_by_any_address_in_it)
{
	struct iommufd_model_allocation found;
	char *p = kzalloc(64, GFP_KERNEL);

	ck_assert(iommufd_model_find_allocation(p, &found));
	ck_assert(iommufd_model_find_allocation(p + 63, &found));
	ck_assert_ptr_eq(found.addr, p);
	ck_assert_uint_eq(found.size, 64);
	ck_assert_ptr_null(found.label);
	ck_assert_uint_eq(found.id, 0);
	ck_assert_ptr_nonnull(strstr(found.site->func, "any_address_in_it"));
	ck_assert_uint_eq(found.number, iommufd_model_allocations());
	ck_assert(!iommufd_model_find_allocation(p + 64, &found));
	ck_assert(!iommufd_model_find_allocation(p - 1, &found));
	kfree(p);
	ck_assert(!iommufd_model_find_allocation(p, &found));
}
END_TEST

static void add_id(const struct iommufd_model_allocation *a, void *data)
{
	unsigned int *sum = data;

	ck_assert_str_eq(a->label, "thing");
	*sum += a->id;
}

START_TEST(leaks_are_what_is_alive_after_a_number)
{
	struct thing *things[4];
	unsigned long before;
	unsigned int i, sum = 0;

	things[0] = kzalloc(sizeof(struct thing), GFP_KERNEL);
	before = iommufd_model_allocations();
	for (i = 1; i < 4; i++) {
		things[i] = kzalloc(sizeof(struct thing), GFP_KERNEL);
		things[i]->id = 1u << i;
		iommufd_model_label(things[i], &thing_label);
	}
	ck_assert_uint_eq(iommufd_model_leaks(before, add_id, &sum), 3);
	ck_assert_uint_eq(sum, 2 + 4 + 8);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 4);
	kfree(things[2]);
	sum = 0;
	ck_assert_uint_eq(iommufd_model_leaks(before, add_id, &sum), 2);
	ck_assert_uint_eq(sum, 2 + 8);
	for (i = 0; i < 4; i++)
		if (i != 2)
			kfree(things[i]);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}
END_TEST

START_TEST(failed_allocations_are_counted_too)
{
	unsigned long before = iommufd_model_allocations();
	void *p = kzalloc(8, GFP_KERNEL);

	iommufd_model_fail_nth(1);
	ck_assert_ptr_null(kzalloc(8, GFP_KERNEL));
	iommufd_model_fail_nth(0);
	ck_assert_ptr_null(kcalloc(SIZE_MAX, 2, GFP_KERNEL));
	ck_assert_uint_eq(iommufd_model_allocations(), before + 3);
	kfree(p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_slab");
	TCase *tc = tcase_create("slab");

	tcase_add_checked_fixture(tc, ground_setup, teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, zeroing_families_give_zeroed_aligned_memory);
	tcase_add_test(tc, array_whose_size_overflows_is_refused);
	tcase_add_test(tc, kfree_of_kvmalloced_memory_warns);
	tcase_add_test(tc, free_of_what_is_no_allocation_warns);
	if (!SANITIZED)
		tcase_add_test(tc, double_free_warns);
	tcase_add_test(tc, fail_nth_fails_one);
	tcase_add_test(tc, fail_from_fails_all_after_it);
	tcase_add_test(tc, allocations_are_described_by_their_labels);
	tcase_add_test(tc, allocation_is_found_by_any_address_in_it);
	tcase_add_test(tc, leaks_are_what_is_alive_after_a_number);
	tcase_add_test(tc, failed_allocations_are_counted_too);
	return run_suite(suite);
}
