// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What kernel.h does not include: lists without a lock, hash tables, locks that
 * are a bit, per-CPU rwsems, lockrefs, simple wait queues, caches of objects,
 * rings.
 */
#include "ground_suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/bit_spinlock.h>
#include <iommufd_model/kernel/hashtable.h>
#include <iommufd_model/kernel/kfifo.h>
#include <iommufd_model/kernel/kmem_cache.h>
#include <iommufd_model/kernel/llist.h>
#include <iommufd_model/kernel/lockref.h>
#include <iommufd_model/kernel/percpu_rwsem.h>
#include <iommufd_model/kernel/sched.h>
#include <iommufd_model/kernel/swait.h>
#include <iommufd_model/kernel/wait_bit.h>

struct item {
	struct llist_node node;
	struct hlist_node hash;
	struct rcu_head rcu;
	int n;
};

static struct item items[8];

/* Checks the numbers of a list from @node on, which -1 ends. */
static void check_llist(struct llist_node *node, const int *wanted)
{
	struct llist_node *pos, *next;
	struct item *item, *next_item;
	const int *w = wanted;

	llist_for_each_entry(item, node, node) ck_assert_int_eq(item->n, *w++);
	ck_assert_int_eq(*w, -1);
	w = wanted;
	llist_for_each_entry_safe(item, next_item, node, node)
		ck_assert_int_eq(item->n, *w++);
	ck_assert_int_eq(*w, -1);
	w = wanted;
	llist_for_each(pos, node)
		ck_assert_int_eq(llist_entry(pos, struct item, node)->n, *w++);
	ck_assert_int_eq(*w, -1);
	w = wanted;
	llist_for_each_safe(pos, next, node)
		ck_assert_int_eq(llist_entry(pos, struct item, node)->n, *w++);
	ck_assert_int_eq(*w, -1);
}

static void number_items(void)
{
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(items); i++)
		items[i].n = i;
}

START_TEST(test_llist)
{
	static LLIST_HEAD(list);
	struct llist_head other;
	struct llist_node *node;

	number_items();
	init_llist_head(&other);
	ck_assert(llist_empty(&list) && llist_empty(&other));
	ck_assert_ptr_eq(llist_del_all(&list), NULL);
	ck_assert_ptr_eq(llist_del_first(&list), NULL);
	ck_assert_ptr_eq(llist_reverse_order(NULL), NULL);
	check_llist(NULL, (int[]){ -1 });
	ck_assert(llist_add(&items[0].node, &list));
	ck_assert(!llist_add(&items[1].node, &list));
	ck_assert(!llist_add(&items[2].node, &list));
	ck_assert(!llist_empty(&list));
	check_llist(list.first, (int[]){ 2, 1, 0, -1 });
	ck_assert_ptr_eq(llist_next(&items[2].node), &items[1].node);
	ck_assert_ptr_eq(llist_del_first(&list), &items[2].node);
	node = llist_del_all(&list);
	ck_assert(llist_empty(&list));
	check_llist(node, (int[]){ 1, 0, -1 });
	ck_assert(llist_add_batch(&items[1].node, &items[0].node, &other));
	ck_assert(!__llist_add(&items[3].node, &other));
	node = llist_reverse_order(__llist_del_all(&other));
	check_llist(node, (int[]){ 0, 1, 3, -1 });
	ck_assert(__llist_add(&items[4].node, &other));
	init_llist_node(&items[5].node);
	ck_assert(!llist_on_list(&items[5].node));
	llist_add(&items[5].node, &other);
	ck_assert(llist_on_list(&items[5].node));
	ck_assert_ptr_eq(llist_del_first_init(&other), &items[5].node);
	ck_assert(!llist_on_list(&items[5].node));
	ck_assert_ptr_eq(llist_del_first_init(&other), &items[4].node);
	ck_assert_ptr_eq(llist_del_first_init(&other), NULL);
}
END_TEST

START_TEST(test_hash)
{
	/* The upper bits of the product, which is computed modulo 2^32. */
	ck_assert_uint_eq(hash_32(1, 32), GOLDEN_RATIO_32);
	ck_assert_uint_eq(hash_32(1, 8), 0x61);
	ck_assert_uint_eq(hash_32(3, 8), 0x25);
	ck_assert_uint_eq(hash_64(1, 16), 0x61c8);
	ck_assert_uint_eq(hash_long(1ul << 60, 8), 0xb0);
	ck_assert_uint_eq(hash_ptr((void *)1, 16), 0x61c8);
	ck_assert_uint_eq(hash_min((u8)1, 8), 0x61);
	ck_assert_uint_eq(hash_min((u64)1, 16), 0x61c8);
}
END_TEST

static DEFINE_HASHTABLE(table, 3);
static struct {
	DECLARE_HASHTABLE(table, 0);
} small;

static unsigned int sum_of_table(void)
{
	struct item *item;
	unsigned int sum = 0;
	int bkt;

	hash_for_each(table, bkt, item, hash) sum += 1u << item->n;
	return sum;
}

START_TEST(test_hashtable)
{
	struct item *item;
	struct hlist_node *tmp;
	unsigned int sum;
	int i, bkt;

	number_items();
	ck_assert_uint_eq(HASH_SIZE(table), 8);
	ck_assert_uint_eq(HASH_BITS(table), 3);
	hash_init(table);
	ck_assert(hash_empty(table));
	for (i = 0; i < 8; i++) {
		INIT_HLIST_NODE(&items[i].hash);
		ck_assert(!hash_hashed(&items[i].hash));
		if (i % 2)
			hash_add(table, &items[i].hash, i);
		else
			hash_add_rcu(table, &items[i].hash, i);
		ck_assert(hash_hashed(&items[i].hash));
	}
	ck_assert(!hash_empty(table));
	ck_assert_uint_eq(sum_of_table(), 255);
	for (i = 0; i < 8; i++) {
		sum = 0;
		hash_for_each_possible(table, item, hash, i)
			sum += item->n == i;
		ck_assert_uint_eq(sum, 1);
		rcu_read_lock();
		hash_for_each_possible_rcu(table, item, hash, i)
			sum += item->n == i;
		rcu_read_unlock();
		hash_for_each_possible_rcu(table, item, hash, i, true)
			sum += item->n == i;
		ck_assert_uint_eq(sum, 3);
	}
	sum = 0;
	rcu_read_lock();
	hash_for_each_rcu(table, bkt, item, hash) sum += 1u << item->n;
	rcu_read_unlock();
	ck_assert_uint_eq(sum, 255);
	hash_for_each_possible_safe(table, item, tmp, hash, 5) if (item->n == 5)
		hash_del(&item->hash);
	hash_del_rcu(&items[2].hash);
	ck_assert_uint_eq(sum_of_table(), 255 - 32 - 4);
	hash_for_each_safe(table, bkt, tmp, item, hash) hash_del(&item->hash);
	ck_assert(hash_empty(table));
	/* Of one list only. */
	hash_init(small.table);
	hash_add(small.table, &items[0].hash, 0x1234567890ul);
	hash_for_each_possible(small.table, item, hash, 1)
		ck_assert_ptr_eq(item, &items[0]);
	hash_del(&items[0].hash);
}
END_TEST

START_TEST(test_bit_locks)
{
	unsigned long word = 4;

	bit_spin_lock(1, &word);
	ck_assert_uint_eq(word, 6);
	ck_assert(in_atomic() && bit_spin_is_locked(1, &word));
	ck_assert(!bit_spin_trylock(1, &word));
	ck_assert(bit_spin_trylock(0, &word));
	__bit_spin_unlock(0, &word);
	ck_assert(in_atomic());
	bit_spin_unlock(1, &word);
	ck_assert_uint_eq(word, 4);
	ck_assert(!in_atomic() && !bit_spin_is_locked(1, &word));
	ck_assert_int_eq(wait_on_bit(&word, 1, TASK_UNINTERRUPTIBLE), 0);
	ck_assert_int_eq(wait_on_bit_io(&word, 1, TASK_UNINTERRUPTIBLE), 0);
	ck_assert_int_eq(wait_on_bit_timeout(&word, 1, TASK_KILLABLE, 1), 0);
	ck_assert_int_eq(wait_on_bit_timeout(&word, 2, TASK_KILLABLE, 1),
			 -EAGAIN);
	ck_assert_int_eq(wait_on_bit_lock(&word, 1, TASK_UNINTERRUPTIBLE), 0);
	ck_assert_int_eq(wait_on_bit_lock_io(&word, 0, TASK_INTERRUPTIBLE), 0);
	ck_assert_uint_eq(word, 7);
	clear_and_wake_up_bit(1, &word);
	ck_assert_uint_eq(word, 5);
	ck_assert(!test_and_clear_wake_up_bit(1, &word));
	ck_assert(test_and_clear_wake_up_bit(0, &word));
	ck_assert_uint_eq(word, 4);
}
END_TEST

static unsigned long bits;

static void *takes_the_bit(void *arg)
{
	(void)arg;
	wait_on_bit_lock(&bits, 3, TASK_UNINTERRUPTIBLE);
	clear_and_wake_up_bit(3, &bits);
	return NULL;
}

static void *spins_for_the_bit(void *arg)
{
	(void)arg;
	bit_spin_lock(3, &bits);
	bit_spin_unlock(3, &bits);
	return NULL;
}

START_TEST(test_wait_for_a_bit_lock)
{
	pthread_t thread;

	bits = 0;
	wait_on_bit_lock(&bits, 3, TASK_UNINTERRUPTIBLE);
	thread = start_thread(takes_the_bit, NULL);
	msleep(2);
	clear_and_wake_up_bit(3, &bits);
	join_thread(thread);
	bit_spin_lock(3, &bits);
	thread = start_thread(spins_for_the_bit, NULL);
	udelay(2000);
	bit_spin_unlock(3, &bits);
	join_thread(thread);
	ck_assert_uint_eq(bits, 0);
}
END_TEST

DEFINE_STATIC_PERCPU_RWSEM(static_sem);

START_TEST(test_percpu_rwsem)
{
	struct percpu_rw_semaphore sem;

	ck_assert_int_eq(percpu_init_rwsem(&sem), 0);
	percpu_down_read(&sem);
	percpu_down_read(&static_sem);
	percpu_rwsem_assert_held(&sem);
	ck_assert(percpu_is_locked(&sem));
	percpu_up_read(&static_sem);
	percpu_up_read(&sem);
	ck_assert(!percpu_is_locked(&sem));
	percpu_down_write(&sem);
	ck_assert(!percpu_down_read_trylock(&sem));
	percpu_up_write(&sem);
	ck_assert(percpu_down_read_trylock(&sem));
	percpu_up_read(&sem);
	ck_assert_warns("not held", percpu_up_write(&sem));
	percpu_free_rwsem(&sem);
}
END_TEST

START_TEST(test_lockref)
{
	struct lockref ref;

	lockref_init(&ref);
	lockref_get(&ref);
	ck_assert(lockref_get_not_zero(&ref));
	ck_assert_int_eq(ref.count, 3);
	ck_assert(lockref_put_or_lock(&ref));
	ck_assert(lockref_put_not_zero(&ref));
	ck_assert(!lockref_put_not_zero(&ref));
	ck_assert(!spin_is_locked(&ref.lock));
	ck_assert(!lockref_put_or_lock(&ref));
	ck_assert(spin_is_locked(&ref.lock));
	ck_assert_int_eq(ref.count, 1);
	ref.count = 0;
	spin_unlock(&ref.lock);
	ck_assert(!lockref_get_not_zero(&ref));
	ck_assert(lockref_get_not_dead(&ref));
	ck_assert_warns("not held", lockref_mark_dead(&ref));
	spin_lock(&ref.lock);
	lockref_mark_dead(&ref);
	ck_assert(__lockref_is_dead(&ref));
	spin_unlock(&ref.lock);
	ck_assert(!lockref_get_not_dead(&ref));
}
END_TEST

static DECLARE_SWAIT_QUEUE_HEAD(simple);
static int flag;

static void *waits_for_the_flag(void *arg)
{
	(void)arg;
	swait_event_exclusive(simple, READ_ONCE(flag));
	return NULL;
}

START_TEST(test_swait)
{
	struct swait_queue_head q;
	pthread_t threads[2];

	init_swait_queue_head(&q);
	ck_assert(!swait_active(&q) && !swq_has_sleeper(&q));
	swait_event_exclusive(q, true);
	swait_event_idle_exclusive(q, true);
	ck_assert_int_eq(swait_event_interruptible_exclusive(q, true), 0);
	ck_assert_int_eq(swait_event_timeout_exclusive(q, false, 1), 0);
	ck_assert_int_eq(swait_event_idle_timeout_exclusive(q, true, 5), 5);
	ck_assert_int_eq(
		swait_event_interruptible_timeout_exclusive(q, true, 5), 5);
	WRITE_ONCE(flag, 0);
	threads[0] = start_thread(waits_for_the_flag, NULL);
	threads[1] = start_thread(waits_for_the_flag, NULL);
	while (!swait_active(&simple))
		cpu_relax();
	WRITE_ONCE(flag, 1);
	swake_up_one(&simple);
	swake_up_all(&simple);
	join_thread(threads[0]);
	join_thread(threads[1]);
	ck_assert(!swait_active(&simple));
}
END_TEST

static int constructed;

static void constructs(void *object)
{
	((struct item *)object)->n = 7;
	constructed++;
}

START_TEST(test_kmem_cache)
{
	struct kmem_cache *cache, *other;
	struct item *item, *more;
	unsigned long before = iommufd_model_leaks(0, NULL, NULL);
	char name[100];

	cache = kmem_cache_create("with a long name, longer than a cache keeps",
				  sizeof(*item), 0, SLAB_HWCACHE_ALIGN,
				  constructs);
	other = KMEM_CACHE(item, SLAB_ACCOUNT);
	constructed = 0;
	item = kmem_cache_alloc(cache, GFP_KERNEL);
	ck_assert_int_eq(item->n, 7);
	ck_assert_int_eq(constructed, 1);
	ck_assert(strstr(iommufd_model_describe(item, name, sizeof(name)),
			 "allocated by test_kmem_cache"));
	ck_assert_warns("with a long name, longer than a, of which 1 object "
			"is left",
			kmem_cache_destroy(cache));
	more = kmem_cache_zalloc(other, GFP_KERNEL);
	ck_assert(!more->n && !more->rcu.func);
	ck_assert_warns("another allocator gave", kmem_cache_free(cache, more));
	item->n = 1;
	kmem_cache_free(cache, NULL);
	more = kmem_cache_alloc(cache, GFP_ATOMIC);
	ck_assert_warns("2 objects are left", kmem_cache_destroy(cache));
	/* Any free of the family will do. */
	kfree(more);
	kmem_cache_free(cache, item);
	more = kmalloc(sizeof(*more), GFP_KERNEL);
	ck_assert_warns("another allocator gave", kmem_cache_free(cache, more));
	more = kvmalloc(sizeof(*more), GFP_KERNEL);
	ck_assert_warns("another allocator gave", kmem_cache_free(cache, more));
	more = kmem_cache_alloc(other, GFP_KERNEL);
	kfree_rcu(more, rcu);
	iommufd_model_rcu_drain();
	iommufd_model_fail_nth(1);
	ck_assert_ptr_null(kmem_cache_alloc(cache, GFP_KERNEL));
	iommufd_model_fail_nth(1);
	ck_assert_ptr_null(KMEM_CACHE(item, 0));
	iommufd_model_fail_nth(0);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(other);
	kmem_cache_destroy(NULL);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), before);
}
END_TEST

static DEFINE_KFIFO(fifo, int, 4);

START_TEST(test_kfifo)
{
	struct {
		DECLARE_KFIFO(bytes, char, 2);
	} other;
	int i, value, values[5] = { 7, 8, 9, 10, 11 }, got[5];
	spinlock_t lock;
	char byte;

	spin_lock_init(&lock);
	ck_assert_uint_eq(kfifo_size(&fifo), 4);
	ck_assert(kfifo_is_empty(&fifo) && !kfifo_is_full(&fifo));
	ck_assert(!kfifo_get(&fifo, &value) && !kfifo_peek(&fifo, &value));
	/* The positions wrap around. */
	fifo.in = fifo.out = -3u;
	for (i = 0; i < 4; i++)
		ck_assert(kfifo_put(&fifo, i));
	ck_assert(!kfifo_put(&fifo, 4));
	ck_assert(kfifo_is_full(&fifo));
	ck_assert_uint_eq(kfifo_avail(&fifo), 0);
	ck_assert(kfifo_peek(&fifo, &value) && !value);
	ck_assert(kfifo_get(&fifo, &value) && !value);
	kfifo_skip(&fifo);
	ck_assert_uint_eq(kfifo_len(&fifo), 2);
	ck_assert_uint_eq(kfifo_in(&fifo, values, 5), 2);
	ck_assert_uint_eq(kfifo_in(&fifo, values, 5), 0);
	ck_assert_uint_eq(kfifo_out(&fifo, got, 3), 3);
	ck_assert(got[0] == 2 && got[1] == 3 && got[2] == 7);
	ck_assert_uint_eq(kfifo_out_spinlocked(&fifo, got, 3, &lock), 1);
	ck_assert_int_eq(got[0], 8);
	ck_assert_uint_eq(kfifo_out(&fifo, got, 1), 0);
	ck_assert_uint_eq(kfifo_in_spinlocked(&fifo, values, 3, &lock), 3);
	kfifo_reset_out(&fifo);
	ck_assert(kfifo_is_empty(&fifo));
	kfifo_put(&fifo, 1);
	kfifo_reset(&fifo);
	ck_assert(kfifo_is_empty(&fifo));
	INIT_KFIFO(other.bytes);
	ck_assert(kfifo_put(&other.bytes, 'a'));
	ck_assert(kfifo_get(&other.bytes, &byte) && byte == 'a');
}
END_TEST

START_TEST(test_resched_of_a_lock)
{
	spinlock_t lock, other;

	spin_lock_init(&lock);
	spin_lock_init(&other);
	spin_lock(&lock);
	ck_assert_int_eq(cond_resched_lock(&lock), 1);
	ck_assert(spin_is_locked(&lock));
	spin_lock(&other);
	ck_assert_warns("cond_resched", cond_resched_lock(&other));
	spin_unlock(&other);
	spin_unlock(&lock);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("facilities");
	TCase *tc = ground_case(suite, "facilities");

	tcase_add_test(tc, test_llist);
	tcase_add_test(tc, test_hash);
	tcase_add_test(tc, test_hashtable);
	tcase_add_test(tc, test_bit_locks);
	tcase_add_test(tc, test_wait_for_a_bit_lock);
	tcase_add_test(tc, test_percpu_rwsem);
	tcase_add_test(tc, test_lockref);
	tcase_add_test(tc, test_swait);
	tcase_add_test(tc, test_kmem_cache);
	tcase_add_test(tc, test_kfifo);
	tcase_add_test(tc, test_resched_of_a_lock);
	return run_suite(suite);
}
