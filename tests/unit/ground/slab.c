// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Kernel memory: families, misuse, failures on request, labels and leaks. */
#include "ground_suite.h"
#include "../../../src/kernel/ground.h"

/* A sanitizer reports the access to freed memory before the library can. */
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
	iommufd_model_set_heap(NULL);
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

/* Z-35: the memory is freed although the function was the wrong one. */
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

/* The check is best effort, because it reads memory that has been freed. */
START_TEST(double_free_warns)
{
	char *p = kzalloc(1000, GFP_KERNEL);

	kfree(p);
	ck_assert_warns("double free of p", kfree(p));
}
END_TEST

/* The size of what is no allocation is not known, and nothing is overwritten. */
START_TEST(size_of_what_is_no_allocation_warns)
{
	static char room[256];

	ck_assert_warns("&room[128], not an allocation",
			ck_assert_uint_eq(ksize(&room[128]), 0));
	kfree_sensitive(NULL);
}
END_TEST

/* It is one of those that are counted, though the size alone is refused. */
START_TEST(allocation_that_is_too_large_can_be_the_one_that_fails)
{
	void *p;

	iommufd_model_fail_nth(1);
	ck_assert_ptr_null(kcalloc(SIZE_MAX / 2, 4, GFP_KERNEL));
	ck_assert_uint_eq(iommufd_model_failed(), 1);
	p = kzalloc(8, GFP_KERNEL);
	ck_assert_ptr_nonnull(p);
	kfree(p);
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

START_TEST(zero_disarms_both_kinds_of_failure)
{
	void *p;

	iommufd_model_fail_from(1);
	iommufd_model_fail_nth(0);
	p = kzalloc(8, GFP_KERNEL);
	ck_assert_ptr_nonnull(p);
	kfree(p);
	iommufd_model_fail_nth(1);
	iommufd_model_fail_from(0);
	p = kzalloc(8, GFP_KERNEL);
	ck_assert_ptr_nonnull(p);
	kfree(p);
}
END_TEST

struct item {
	long other;
	unsigned int id;
};

static const struct iommufd_model_label item_label = {
	"item", offsetof(struct item, id),
};
static const struct iommufd_model_label one_label = { "the one", 0 };

START_TEST(allocations_are_described_by_their_labels)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);
	char *one = kzalloc(5, GFP_KERNEL), text[128], expected[128];

	snprintf(expected, sizeof(expected), "5 bytes allocated by %s",
		 __func__);
	ck_assert_str_eq(iommufd_model_describe(one, text, sizeof(text)),
			 expected);
	iommufd_model_label(item, &item_label);
	iommufd_model_label(one, &one_label);
	ck_assert_str_eq(iommufd_model_describe(one + 4, text, sizeof(text)),
			 "the one");
	ck_assert_str_eq(iommufd_model_describe(item, text, sizeof(text)),
			 "item");
	item->id = 12;
	ck_assert_str_eq(iommufd_model_describe(&item->id, text,
						sizeof(text)), "item 12");
	ck_assert_str_eq(iommufd_model_describe(one + 5, text, sizeof(text)),
			 "");
	ck_assert_str_eq(iommufd_model_describe(NULL, text, sizeof(text)), "");
	ck_assert_str_eq(iommufd_model_describe(one, text, 4), "the");
	kfree(one);
	kfree(item);
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

START_TEST(allocation_is_described_to_a_caller_of_another_version)
{
	struct {
		struct iommufd_model_allocation known;
		long later;
	} newer = { .later = 1 };
	struct iommufd_model_allocation older = { .site = NULL };
	size_t size = offsetof(struct iommufd_model_allocation, site);
	char *p = kzalloc(64, GFP_KERNEL);

	ck_assert(iommufd_model_find_allocation_sized(p, &older, size));
	ck_assert_ptr_eq(older.addr, p);
	ck_assert_uint_eq(older.number, iommufd_model_allocations());
	ck_assert_ptr_null(older.site);
	ck_assert(iommufd_model_find_allocation_sized(p, &newer.known,
						      sizeof(newer)));
	ck_assert_ptr_eq(newer.known.addr, p);
	ck_assert_ptr_nonnull(newer.known.site);
	ck_assert_int_eq(newer.later, 0);
	kfree(p);
}
END_TEST

static void add_id(const struct iommufd_model_allocation *a, void *data)
{
	unsigned int *sum = data;

	ck_assert_str_eq(a->label, "item");
	*sum += a->id;
}

START_TEST(leaks_are_live_allocations_after_a_number)
{
	struct item *items[4];
	unsigned long before;
	unsigned int i, sum = 0;

	items[0] = kzalloc(sizeof(struct item), GFP_KERNEL);
	before = iommufd_model_allocations();
	for (i = 1; i < 4; i++) {
		items[i] = kzalloc(sizeof(struct item), GFP_KERNEL);
		items[i]->id = 1u << i;
		iommufd_model_label(items[i], &item_label);
	}
	ck_assert_uint_eq(iommufd_model_leaks(before, add_id, &sum), 3);
	ck_assert_uint_eq(sum, 2 + 4 + 8);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 4);
	kfree(items[2]);
	sum = 0;
	ck_assert_uint_eq(iommufd_model_leaks(before, add_id, &sum), 2);
	ck_assert_uint_eq(sum, 2 + 8);
	for (i = 0; i < 4; i++)
		if (i != 2)
			kfree(items[i]);
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

/* A heap that never reuses memory. */
static struct {
	_Alignas(16) char room[4096];
	size_t used, limit;
	const void *freed;
	size_t freed_size;
	unsigned int frees;
} arena;

static void *arena_get(size_t size, bool zero)
{
	void *p = &arena.room[arena.used];

	(void)zero;	/* all memory of the heap is zero */
	size = (size + 15) / 16 * 16;
	if (size > arena.limit - arena.used)
		return NULL;
	arena.used += size;
	return p;
}

static void arena_put(void *p, size_t size)
{
	arena.freed = p;
	arena.freed_size = size;
	arena.frees++;
	memset(p, 0xdd, size);
}

static bool arena_owns(const void *p)
{
	return (uintptr_t)p - (uintptr_t)arena.room <= sizeof(arena.room);
}

static const struct iommufd_model_heap arena_heap = {
	arena_get, arena_put, arena_owns,
};

static void use_arena(void)
{
	memset(&arena, 0, sizeof(arena));
	arena.limit = sizeof(arena.room);
	iommufd_model_set_heap(&arena_heap);
}

START_TEST(memory_comes_from_the_heap_and_goes_there)
{
	char *p;

	use_arena();
	p = kzalloc(24, GFP_KERNEL);
	ck_assert(arena_owns(p));
	ck_assert(IS_ALIGNED((uintptr_t)p, 16));
	ck_assert(all_zero(p, 24));
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 1);
	kfree(p);
	ck_assert_ptr_eq(arena.freed, p);
	ck_assert_uint_eq(arena.freed_size, 24);
	ck_assert_uint_eq(arena.frees, 1);
}
END_TEST

START_TEST(memory_is_freed_to_the_heap_it_came_from)
{
	char *before = kzalloc(24, GFP_KERNEL), *p;

	use_arena();
	kfree(before);
	ck_assert_uint_eq(arena.frees, 0);
	p = kzalloc(24, GFP_KERNEL);
	iommufd_model_set_heap(NULL);
	before = kzalloc(24, GFP_KERNEL);
	ck_assert(!arena_owns(before));
	iommufd_model_set_heap(&arena_heap);
	kfree(before);
	kfree(p);
	ck_assert_uint_eq(arena.frees, 1);
}
END_TEST

START_TEST(empty_heap_is_out_of_memory)
{
	use_arena();
	arena.limit = 0;
	ck_assert_ptr_null(kzalloc(24, GFP_KERNEL));
	ck_assert_uint_eq(arena.frees, 0);
}
END_TEST

START_TEST(failed_allocation_gives_the_heap_its_memory_back)
{
	use_arena();
	iommufd_model_fail_nth(1);
	ck_assert_ptr_null(kzalloc(24, GFP_KERNEL));
	ck_assert_uint_eq(arena.frees, 1);
	ck_assert_uint_eq(arena.freed_size, 24);
}
END_TEST

/* This works under a sanitizer too, because the heap keeps the header. */
START_TEST(double_free_to_the_heap_warns)
{
	char *p;

	use_arena();
	p = kzalloc(24, GFP_KERNEL);
	kfree(p);
	ck_assert_warns("double free of p", kfree(p));
	ck_assert_int_eq(seen.misuse, IOMMUFD_MODEL_MISUSE_DOUBLE_FREE);
	ck_assert_uint_eq(arena.frees, 1);
}
END_TEST

START_TEST(rewind_forgets_what_the_heap_gave_since_the_mark)
{
	void *before, *outside;
	unsigned int mark;

	use_arena();
	before = kzalloc(24, GFP_KERNEL);
	mark = iommufd_model_slab_mark();
	ck_assert_uint_eq(mark, iommufd_model_allocations());
	ck_assert_ptr_nonnull(kzalloc(24, GFP_KERNEL));
	iommufd_model_set_heap(NULL);
	outside = kzalloc(24, GFP_KERNEL);
	iommufd_model_set_heap(&arena_heap);
	ck_assert_ptr_nonnull(kvzalloc(24, GFP_KERNEL));
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 4);

	iommufd_model_slab_rewind();
	ck_assert_uint_eq(arena.frees, 0);
	ck_assert_uint_eq(iommufd_model_allocations(), mark);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 2);
	kfree(outside);
	kfree(before);
}
END_TEST

START_TEST(rewound_allocation_is_not_found_again)
{
	struct iommufd_model_allocation found;
	void *p;

	use_arena();
	iommufd_model_slab_mark();
	p = kzalloc(24, GFP_KERNEL);
	ck_assert(iommufd_model_find_allocation(p, &found));
	iommufd_model_slab_rewind();
	ck_assert(!iommufd_model_find_allocation(p, &found));
}
END_TEST

START_TEST(rewound_allocations_have_the_same_numbers_again)
{
	struct iommufd_model_allocation found;
	unsigned int i, mark, number = 0;
	void *p;

	use_arena();
	mark = iommufd_model_slab_mark();
	for (i = 0; i < 3; i++) {
		iommufd_model_fail_nth(2);
		p = kzalloc(24, GFP_KERNEL);
		ck_assert_ptr_null(kzalloc(24, GFP_KERNEL));
		ck_assert(iommufd_model_find_allocation(p, &found));
		ck_assert_uint_eq(found.number, mark + 1);
		ck_assert(!i || number == found.number);
		number = found.number;
		iommufd_model_slab_rewind();
	}
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
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
	tcase_add_test(tc, size_of_what_is_no_allocation_warns);
	tcase_add_test(tc,
		       allocation_that_is_too_large_can_be_the_one_that_fails);
	tcase_add_test(tc, fail_nth_fails_one);
	tcase_add_test(tc, fail_from_fails_all_after_it);
	tcase_add_test(tc, zero_disarms_both_kinds_of_failure);
	tcase_add_test(tc, allocations_are_described_by_their_labels);
	tcase_add_test(tc, allocation_is_found_by_any_address_in_it);
	tcase_add_test(
		tc, allocation_is_described_to_a_caller_of_another_version);
	tcase_add_test(tc, leaks_are_live_allocations_after_a_number);
	tcase_add_test(tc, failed_allocations_are_counted_too);
	tcase_add_test(tc, memory_comes_from_the_heap_and_goes_there);
	tcase_add_test(tc, memory_is_freed_to_the_heap_it_came_from);
	tcase_add_test(tc, empty_heap_is_out_of_memory);
	tcase_add_test(tc, failed_allocation_gives_the_heap_its_memory_back);
	tcase_add_test(tc, double_free_to_the_heap_warns);
	tcase_add_test(tc, rewind_forgets_what_the_heap_gave_since_the_mark);
	tcase_add_test(tc, rewound_allocation_is_not_found_again);
	tcase_add_test(tc, rewound_allocations_have_the_same_numbers_again);
	return run_suite(suite);
}
