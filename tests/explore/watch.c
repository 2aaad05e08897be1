// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Watched code: plain accesses that race, that use freed memory or that leave
 * an allocation.  Each has a wrong form, whose failure must be found at its
 * line, and a right form, whose exploration must be complete.
 */
#define _GNU_SOURCE
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct object {
	refcount_t refs;
	struct list_head node;
	long value, other;
	char bytes[13];
	struct object *inside;
};

static struct {
	struct mutex m;
	spinlock_t spin;
	struct completion done;
	struct object *obj, *gp;
	struct list_head list;
	long x, y, flag;
	char bytes[16];
	atomic_t counter;
	unsigned long bits;
	bool freed;
} s;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	mutex_init(&s.m);
	spin_lock_init(&s.spin);
	init_completion(&s.done);
	INIT_LIST_HEAD(&s.list);
	s.obj = kzalloc(sizeof(*s.obj), GFP_KERNEL);
	refcount_set(&s.obj->refs, 2);
	atomic_set(&s.counter, 1);
}

static void after(void *data)
{
	(void)data;
	if (!s.freed)
		kfree(s.obj);
	if (s.gp && s.gp != s.obj)
		kfree(s.gp);
}

static void nothing(void *data)
{
	(void)data;
}

/* The tests below and their functions are about accesses of several sizes. */

static void write_low(void *data)
{
	(void)data;
	s.bytes[2] = 1;
}

static void write_high(void *data)
{
	(void)data;
	s.bytes[3] = 1;
}

static void write_word(void *data)
{
	int value = 7;

	(void)data;
	/* Writes four bytes at an address that is not a multiple of four. */
	memcpy(s.bytes + 3, &value, sizeof(value));
}

static void clear_all(void *data)
{
	(void)data;
	memset(s.bytes, 0, sizeof(s.bytes));
}

static void copy_struct(void *data)
{
	struct object copy = *s.obj;

	(void)data;
	__asm__ volatile("" : : "r"(&copy) : "memory");
}

static void write_member(void *data)
{
	(void)data;
	s.obj->other = 1;
}

static void write_volatile(void *data)
{
	(void)data;
	*(volatile long *)&s.x = 1;
}

static void read_volatile(void *data)
{
	(void)data;
	iommufd_model_assert(*(volatile long *)&s.x >= 0);
}

static void add_plain(void *data)
{
	(void)data;
	s.x++;
}

START_TEST(accesses_race_if_they_share_a_byte)
{
	static const struct verdict rows[] = {
		RIGHT(0, "two bytes", setup, after, T(write_low), T(write_high)),
		RIGHT(0, "byte and word", setup, after, T(write_low),
		      T(write_word)),
		WRONG(DATA_RACE, "write_high", "write_word", "word and byte",
		      setup, after, T(write_high), T(write_word)),
		WRONG(DATA_RACE, "clear_all", "write_low", "memset", setup,
		      after, T(clear_all), T(write_low)),
		WRONG(DATA_RACE, "copy_struct", "write_member", "struct copy",
		      setup, after, T(copy_struct), T(write_member)),
		RIGHT(0, "two volatile", setup, after, T(write_volatile),
		      T(read_volatile)),
		WRONG(DATA_RACE, "write_volatile", "add_plain", "one volatile",
		      setup, after, T(write_volatile), T(add_plain)),
		WRONG(DATA_RACE, "add_plain", "nothing orders the two",
		      "increments", setup, after, T(add_plain), T(add_plain)),
		RIGHT(0, "alone", setup, after, T(add_plain), T(nothing)),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_verdict(&rows[i]);
	ck_assert_uint_gt(verdict_result.watched, 0);
}
END_TEST

/* The tests below and their functions are about publishing a pointer. */

static struct object *make(void)
{
	struct object *obj = kzalloc(sizeof(*obj), GFP_KERNEL);

	obj->value = 3;
	obj->inside = s.obj;
	return obj;
}

static void publish_released(void *data)
{
	(void)data;
	smp_store_release(&s.gp, make());
}

static void publish_plain(void *data)
{
	(void)data;
	WRITE_ONCE(s.gp, make());
}

static void publish_behind_barrier(void *data)
{
	struct object *obj = make();

	(void)data;
	smp_wmb();
	WRITE_ONCE(s.gp, obj);
}

static void use_dependent(void *data)
{
	struct object *obj = READ_ONCE(s.gp);

	(void)data;
	if (obj)
		iommufd_model_assert(obj->value == 3);
}

static void use_through_two(void *data)
{
	struct object *obj = READ_ONCE(s.gp);

	(void)data;
	if (obj)
		iommufd_model_assert(!obj->inside->value);
}

static void use_acquired(void *data)
{
	struct object *obj = smp_load_acquire(&s.gp);

	(void)data;
	if (obj)
		iommufd_model_assert(obj->value == 3);
}

static void flag_released(void *data)
{
	(void)data;
	s.x = 1;
	smp_store_release(&s.flag, 1);
}

static void flag_unordered(void *data)
{
	(void)data;
	s.x = 1;
	WRITE_ONCE(s.flag, 1);
}

static void flag_then_more(void *data)
{
	(void)data;
	smp_store_release(&s.flag, 1);
	s.x = 1;
}

static void believe_acquired(void *data)
{
	(void)data;
	if (smp_load_acquire(&s.flag))
		iommufd_model_assert(s.x == 1);
}

static void believe_once(void *data)
{
	(void)data;
	if (READ_ONCE(s.flag))
		iommufd_model_assert(s.x == 1);
}

static void believe_behind_barrier(void *data)
{
	(void)data;
	if (READ_ONCE(s.flag)) {
		smp_rmb();
		iommufd_model_assert(s.x == 1);
	}
}

START_TEST(a_release_and_an_acquire_publish)
{
	static const struct verdict rows[] = {
		RIGHT(0, "release, dependency", setup, after,
		      T(publish_released), T(use_dependent)),
		RIGHT(0, "release, two pointers", setup, after,
		      T(publish_released), T(use_through_two)),
		RIGHT(0, "release, acquire", setup, after, T(publish_released),
		      T(use_acquired)),
		RIGHT(0, "barrier, dependency", setup, after,
		      T(publish_behind_barrier), T(use_dependent)),
		WRONG(DATA_RACE, "make", "use_dependent", "no release", setup,
		      after, T(publish_plain), T(use_dependent)),
		WRONG(DATA_RACE, "make", "use_acquired", "acquire alone", setup,
		      after, T(publish_plain), T(use_acquired)),
		RIGHT(0, "flag", setup, after, T(flag_released),
		      T(believe_acquired)),
		RIGHT(0, "flag, barrier", setup, after, T(flag_released),
		      T(believe_behind_barrier)),
		WRONG(DATA_RACE, "flag_released", "believe_once",
		      "flag without acquire", setup, after, T(flag_released),
		      T(believe_once)),
		WRONG(DATA_RACE, "flag_unordered", "believe_acquired",
		      "flag without release", setup, after, T(flag_unordered),
		      T(believe_acquired)),
		WRONG(DATA_RACE, "flag_then_more", "believe_acquired",
		      "too early", setup, after, T(flag_then_more),
		      T(believe_acquired)),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_verdict(&rows[i]);
}
END_TEST

/*
 * The tests below and their functions are about freed memory, and about memory
 * before and after an allocation.
 */

static void put(struct object *obj)
{
	if (refcount_dec_and_test(&obj->refs)) {
		s.freed = true;
		kfree(obj);
	}
}

static void read_then_put(void *data)
{
	(void)data;
	iommufd_model_assert(!s.obj->value);
	put(s.obj);
}

static void put_then_read(void *data)
{
	struct object *obj = s.obj;

	(void)data;
	put(obj);
	iommufd_model_assert(obj->value != 77);
}

static void put_only(void *data)
{
	(void)data;
	put(s.obj);
}

static void unlock_then_read(void *data)
{
	struct object *obj = s.obj;

	(void)data;
	mutex_lock(&s.m);
	mutex_unlock(&s.m);
	iommufd_model_assert(obj->value != 77);
}

static void free_under_lock(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.freed = true;
	kfree(s.obj);
	mutex_unlock(&s.m);
}

static void read_under_lock(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	if (!s.freed)
		iommufd_model_assert(!s.obj->value);
	mutex_unlock(&s.m);
}

static void write_behind(void *data)
{
	int n = sizeof(s.obj->bytes);
	char *end = (char *)(s.obj + 1);

	(void)data;
	end[n - 13] = 1;
}

static void write_in_front(void *data)
{
	long *start = (long *)s.obj;

	(void)data;
	__asm__("" : "+r"(start));
	start[-1] = 1;
}

static void overflow(void *data)
{
	char *small = kmalloc(13, GFP_KERNEL);

	(void)data;
	memset(small, 0, 13);
	__asm__("" : "+r"(small));
	small[13] = 1;
	kfree(small);
}

static void fit(void *data)
{
	char *small = kmalloc(13, GFP_KERNEL);

	(void)data;
	memset(small, 0, 13);
	small[12] = 1;
	kfree(small);
}

static void setup_uses_freed(void *data)
{
	struct object *obj;

	setup(data);
	obj = s.obj;
	kfree(obj);
	s.freed = true;
	__asm__("" : "+r"(obj));
	obj->value = 1;
}

static void write_to_null(void *data)
{
	struct object *none = NULL;

	(void)data;
	__asm__("" : "+r"(none));
	none->value = 1;
}

START_TEST(every_access_to_memory_that_is_not_allocated_is_found)
{
	static const struct verdict rows[] = {
		RIGHT(0, "read, put", setup, after, T(read_then_put),
		      T(read_then_put)),
		WRONG(USE_AFTER_FREE, "put_then_read", "watch.c:",
		      "put, read", setup, after, T(put_then_read), T(put_only)),
		RIGHT(0, "under the lock", setup, after, T(read_under_lock),
		      T(free_under_lock)),
		WRONG(USE_AFTER_FREE, "unlock_then_read", "free_under_lock",
		      "behind the lock", setup, after, T(unlock_then_read),
		      T(free_under_lock)),
		WRONG(OUT_OF_BOUNDS, "write_behind", "0 bytes behind the end",
		      "behind", setup, after, T(write_behind), T(nothing)),
		WRONG(OUT_OF_BOUNDS, "write_in_front", "8 bytes in front of",
		      "in front", setup, after, T(write_in_front), T(nothing)),
		WRONG(OUT_OF_BOUNDS, "overflow", "behind the end",
		      "byte behind", setup, after, T(overflow), T(nothing)),
		RIGHT(0, "last byte", setup, after, T(fit), T(fit)),
		WRONG(USE_AFTER_FREE, "setup_uses_freed", NULL, "in setup",
		      setup_uses_freed, after, T(nothing), T(nothing)),
		WRONG(CRASH, "NULL", NULL, "pointer that is NULL", setup, after,
		      T(write_to_null), T(nothing)),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_verdict(&rows[i]);
}
END_TEST

/* The tests below and their functions are about the stack of another thread. */

static long *shared;

static void wait_on_stack(void *data)
{
	long mine = 0;

	(void)data;
	smp_store_release(&shared, &mine);
	wait_for_completion(&s.done);
	iommufd_model_assert(mine == 1);
}

static void wait_and_touch(void *data)
{
	long mine = 0;

	(void)data;
	smp_store_release(&shared, &mine);
	mine++;
	wait_for_completion(&s.done);
}

static void write_to_stack(void *data)
{
	long *to;

	(void)data;
	to = smp_load_acquire(&shared);
	if (to)
		*to = 1;
	complete(&s.done);
}

static void setup_stack(void *data)
{
	setup(data);
	shared = NULL;
}

static void write_late(void *data)
{
	long *to;

	(void)data;
	do
		to = smp_load_acquire(&shared);
	while (!to);
	*to = 1;
	complete(&s.done);
}

START_TEST(a_stack_is_memory_like_any_other)
{
	static const struct verdict rows[] = {
		RIGHT(0, "a stack", setup_stack, after, T(wait_on_stack),
		      T(write_late)),
		WRONG(DATA_RACE, "write_to_stack", "wait_and_touch",
		      "a stack, touched", setup_stack, after,
		      T(wait_and_touch), T(write_to_stack)),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_verdict(&rows[i]);
}
END_TEST

/* The tests below and their functions are about atomic variables and bits. */

static void pass_full(void *data)
{
	(void)data;
	s.x = 1;
	atomic_inc_return(&s.counter);
}

static void pass_relaxed(void *data)
{
	(void)data;
	s.x = 1;
	atomic_inc(&s.counter);
}

static void take_full(void *data)
{
	(void)data;
	if (atomic_add_return(0x100, &s.counter) == 0x102)
		iommufd_model_assert(s.x == 1);
}

static void bit_lock(void *data)
{
	(void)data;
	if (test_and_set_bit_lock(3, &s.bits))
		return;
	s.x++;
	clear_bit_unlock(3, &s.bits);
}

static void bit_lock_other(void *data)
{
	(void)data;
	if (test_and_set_bit_lock(4, &s.bits))
		return;
	s.x++;
	clear_bit_unlock(4, &s.bits);
}

static void drop_and_write(void *data)
{
	(void)data;
	if (!atomic_dec_and_test(&s.counter))
		s.x++;
}

static void setup_three(void *data)
{
	setup(data);
	atomic_set(&s.counter, 3);
}

START_TEST(atomic_operations_order_as_the_kernel_says)
{
	static const struct verdict rows[] = {
		RIGHT(0, "full", setup, after, T(pass_full), T(take_full)),
		WRONG(DATA_RACE, "pass_relaxed", "take_full", "relaxed", setup,
		      after, T(pass_relaxed), T(take_full)),
		RIGHT(0, "a bit", setup, after, T(bit_lock), T(bit_lock)),
		WRONG(DATA_RACE, "bit_lock", "bit_lock_other", "two bits",
		      setup, after, T(bit_lock), T(bit_lock_other)),
		/*
		 * The two operations commute, so neither is ordered after the
		 * other.
		 */
		WRONG(DATA_RACE, "drop_and_write", NULL, "not the last",
		      setup_three, after, T(drop_and_write), T(drop_and_write)),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_verdict(&rows[i]);
}
END_TEST

/* Memory of malloc() */

static char *block;

static void setup_malloc(void *data)
{
	setup(data);
	block = malloc(40);
	memset(block, 0, 40);
}

static void after_malloc(void *data)
{
	free(block);
	after(data);
}

static void write_block(void *data)
{
	(void)data;
	block[3] = 1;
}

static void write_block_elsewhere(void *data)
{
	(void)data;
	block[4] = 1;
}

static void write_then_put(void *data)
{
	(void)data;
	block[iommufd_model_thread_number()] = 1;
	if (atomic_dec_and_test(&s.counter))
		block[5] = 1;
}

static void free_block(void *data)
{
	char *freed = block;

	(void)data;
	mutex_lock(&s.m);
	block = NULL;
	free(freed);
	mutex_unlock(&s.m);
}

static void read_block_late(void *data)
{
	char *p;

	(void)data;
	mutex_lock(&s.m);
	p = block;
	mutex_unlock(&s.m);
	if (p)
		iommufd_model_assert(p[7] != 77);
}

static void free_twice(void *data)
{
	char *p = block;

	(void)data;
	block = NULL;
	free(p);
	__asm__("" : "+r"(p));
	free(p);
}

static void grow(void *data)
{
	char *p = block;

	(void)data;
	block = realloc(p, 80);
	__asm__("" : "+r"(p));
	p[0] = 1;
}

static void allocate_and_free(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 3; i++) {
		char *p = malloc(100);

		memset(p, i, 100);
		free(p);
	}
}

static void setup_malloc_two(void *data)
{
	setup_malloc(data);
	atomic_set(&s.counter, 2);
}

START_TEST(memory_of_malloc_is_watched)
{
	static const struct verdict rows[] = {
		RIGHT(0, "two bytes", setup_malloc, after_malloc,
		      T(write_block), T(write_block_elsewhere)),
		WRONG(DATA_RACE, "write_block", "1 bytes of memory",
		      "one byte", setup_malloc, after_malloc, T(write_block),
		      T(write_block)),
		RIGHT(0, "the last one", setup_malloc_two, after_malloc,
		      T(write_then_put), T(write_then_put)),
		WRONG(USE_AFTER_FREE, "read_block_late", "watch.c:",
		      "freed early", setup_malloc, after_malloc,
		      T(read_block_late), T(free_block)),
		WRONG(DOUBLE_FREE, "free_twice", "freed memory of malloc()",
		      "twice", setup_malloc, after_malloc, T(free_twice),
		      T(nothing)),
		WRONG(USE_AFTER_FREE, "grow", "wrote to memory of malloc()",
		      "moved", setup_malloc, after_malloc, T(grow),
		      T(nothing)),
		RIGHT(0, "reused", setup_malloc, after_malloc,
		      T(allocate_and_free), T(allocate_and_free)),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_verdict(&rows[i]);
}
END_TEST

/* More accesses than there is room for */

static long large[263000];

/* What four threads read is more than lies in a cell. */
static void read_large(void *data)
{
	long sum = 0;
	size_t i;

	(void)data;
	for (i = 0; i < ARRAY_SIZE(large); i++)
		sum += large[i];
	__asm__ volatile("" : : "r"(sum));
}

static void setup_large(void *data)
{
	setup(data);
	large[0] = 1;
}

#define REGION (1ul << 16)
#define REGIONS 4200

static char *sparse;

static void setup_sparse(void *data)
{
	setup(data);
	sparse = mmap(NULL, REGIONS * REGION, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(sparse, MAP_FAILED);
}

static void after_sparse(void *data)
{
	munmap(sparse, REGIONS * REGION);
	after(data);
}

static void write_sparse(void *data)
{
	size_t i;

	(void)data;
	for (i = 0; i < REGIONS; i++)
		sparse[i * REGION] = 1;
}

/* Variables of the compiler's atomics are no locations of the explorer. */
static char released[60000];

static void setup_released(void *data)
{
	setup(data);
	memset(released, 0, sizeof(released));
}

static void release_many(size_t n)
{
	size_t i;

	s.x = 1;
	for (i = 0; i < n; i++)
		__atomic_store_n(&released[i], 1, __ATOMIC_RELEASE);
}

static void release_20000(void *data)
{
	(void)data;
	release_many(20000);
}

static void release_60000(void *data)
{
	(void)data;
	release_many(60000);
}

static void acquire_last(void *data)
{
	(void)data;
	if (__atomic_load_n(&released[19999], __ATOMIC_ACQUIRE))
		s.x = 2;
}

/* Uses memory late that malloc() would return again if it was really freed. */
static void use_after_many_frees(void *data)
{
	char *p = NULL, *q;
	int i;

	(void)data;
	for (i = 0; i < 6000; i++) {
		p = malloc(24);
		free(p);
	}
	__asm__("" : "+r"(p));
	q = malloc(24);
	p[0] = 1;
	free(q);
}

static void free_too_many(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 70000; i++) {
		char *p = malloc(24);

		__asm__("" : "+r"(p));
		free(p);
	}
}

static const struct verdict without_room[] = {
	WRONG(STEP_LIMIT, "more accesses that nothing orders",
	      "than there is room for", "large", setup_large, after,
	      { "a", read_large }, { "b", read_large }, { "c", read_large },
	      { "d", read_large }),
	WRONG(STEP_LIMIT, "more parts of memory", "than there is room for",
	      "sparse", setup_sparse, after_sparse, T(write_sparse),
	      T(nothing)),
	WRONG(STEP_LIMIT, "more frees of memory of malloc()",
	      "than there is room for", "too many frees", setup_malloc,
	      after_malloc, T(free_too_many), T(nothing)),
	WRONG(STEP_LIMIT, "more variables that order accesses",
	      "than there is room for", "too many variables", setup_released,
	      after, T(release_60000), T(acquire_last)),
	RIGHT(0, "many variables", setup_released, after, T(release_20000),
	      T(acquire_last)),
	WRONG(USE_AFTER_FREE, "use_after_many_frees",
	      "wrote to memory of malloc()", "many frees", setup_malloc,
	      after_malloc, T(use_after_many_frees), T(nothing)),
};

START_TEST(accesses_without_room_end_the_search)
{
	check_verdict(&without_room[_i]);
}
END_TEST

/* What code says about its accesses */

static void write_racy(void *data)
{
	(void)data;
	data_race(s.x = 1);
}

static void read_racy(void *data)
{
	(void)data;
	iommufd_model_assert(data_race(s.x) >= 0);
}

static void add_only_writer(void *data)
{
	(void)data;
	ASSERT_EXCLUSIVE_WRITER(s.x);
	WRITE_ONCE(s.x, 1);
}

static void write_marked(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 5);
}

static void read_marked(void *data)
{
	(void)data;
	iommufd_model_assert(READ_ONCE(s.x) >= 0);
}

static void alone_with_it(void *data)
{
	(void)data;
	ASSERT_EXCLUSIVE_ACCESS(s.x);
}

static void racy_and_freed(void *data)
{
	struct object *obj = s.obj;

	(void)data;
	put(obj);
	iommufd_model_assert(data_race(obj->value) != 77);
}

START_TEST(data_race_and_assert_exclusive_are_respected)
{
	static const struct verdict rows[] = {
		RIGHT(0, "data_race read", setup, after, T(read_racy),
		      T(add_plain)),
		RIGHT(0, "data_race write", setup, after, T(write_racy),
		      T(add_plain)),
		WRONG(USE_AFTER_FREE, "racy_and_freed", NULL, "freed", setup,
		      after, T(racy_and_freed), T(put_only)),
		RIGHT(0, "one writer", setup, after, T(add_only_writer),
		      T(read_marked)),
		WRONG(DATA_RACE, "ASSERT_EXCLUSIVE_WRITER in add_only_writer",
		      "a marked write in write_marked", "two writers", setup,
		      after, T(add_only_writer), T(write_marked)),
		WRONG(DATA_RACE, "ASSERT_EXCLUSIVE_ACCESS in alone_with_it",
		      "a marked read in read_marked", "not alone", setup, after,
		      T(alone_with_it), T(read_marked)),
		RIGHT(0, "two assertions", setup, after, T(alone_with_it),
		      T(alone_with_it)),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_verdict(&rows[i]);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("watch");
	TCase *tc = tcase_create("watch");

	tcase_add_test(tc, accesses_race_if_they_share_a_byte);
	tcase_add_test(tc, a_release_and_an_acquire_publish);
	tcase_add_test(tc, every_access_to_memory_that_is_not_allocated_is_found);
	tcase_add_test(tc, a_stack_is_memory_like_any_other);
	tcase_add_test(tc, atomic_operations_order_as_the_kernel_says);
	tcase_add_test(tc, memory_of_malloc_is_watched);
	tcase_add_loop_test(tc, accesses_without_room_end_the_search, 0,
			    ARRAY_SIZE(without_room));
	tcase_add_test(tc, data_race_and_assert_exclusive_are_respected);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
