// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What kernel.h does not include, in programs that are watched: lists without a
 * lock, hash tables, locks that are a bit, per-CPU rwsems, lockrefs, simple wait
 * queues, caches of objects, rings.
 */
#include "suite.h"
#include "verdict.h"
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

static void nothing(void *data)
{
	(void)data;
}

/* Lists without a lock: producers add, and one consumer takes all. */

struct node {
	struct llist_node link;
	int value;
};

static struct llist_head llist;
static struct node *nodes[2];
static spinlock_t llist_lock;
static int sum;

static void setup_llist(void *data)
{
	int i;

	(void)data;
	init_llist_head(&llist);
	spin_lock_init(&llist_lock);
	sum = 0;
	for (i = 0; i < 2; i++)
		nodes[i] = kzalloc(sizeof(*nodes[i]), GFP_KERNEL);
}

static void adds(int n)
{
	nodes[n]->value = n + 1;
	llist_add(&nodes[n]->link, &llist);
}
THREADS_2(adds)

static void takes_all(void *data)
{
	struct node *node, *next;

	(void)data;
	llist_for_each_entry_safe(node, next, llist_del_all(&llist), link)
	{
		sum += node->value;
		kfree(node);
	}
}

static void walks_what_it_frees(void *data)
{
	struct node *node;

	(void)data;
	llist_for_each_entry(node, llist_del_all(&llist), link)
	{
		sum += node->value;
		kfree(node);
	}
}

static void expects_both(void *data)
{
	takes_all(data);
	iommufd_model_assert(sum == 3);
}

/* Who takes the first node may do so with a node that has been there before. */

static void setup_full_llist(void *data)
{
	setup_llist(data);
	adds(1);
	adds(0);
}

static struct node *take_first(bool locks)
{
	struct llist_node *link;

	if (locks)
		spin_lock(&llist_lock);
	link = llist_del_first(&llist);
	if (locks)
		spin_unlock(&llist_lock);
	return link ? llist_entry(link, struct node, link) : NULL;
}

/* A node that a thread has taken is its own. */
static void own(struct node *node)
{
	if (!node)
		return;
	node->value = 10;
	node->value = 0;
}

static void takes_one(bool locks)
{
	own(take_first(locks));
}

static void takes_two_and_returns_one(bool locks)
{
	struct node *first = take_first(locks), *second = take_first(locks);

	if (first)
		llist_add(&first->link, &llist);
	own(second);
}

static void takes_one_first(void *data)
{
	(void)data;
	takes_one(false);
}

static void takes_two_first(void *data)
{
	(void)data;
	takes_two_and_returns_one(false);
}

static void takes_one_locked(void *data)
{
	(void)data;
	takes_one(true);
}

static void takes_two_locked(void *data)
{
	(void)data;
	takes_two_and_returns_one(true);
}

/* Nodes that were taken are not in the list. */
static void finds_no_value_0(void *data)
{
	struct node *node;

	(void)data;
	llist_for_each_entry(node, llist.first, link)
		iommufd_model_assert(node->value);
	kfree(nodes[0]);
	kfree(nodes[1]);
}

/* A hash table that RCU protects. */

struct entry {
	struct hlist_node node;
	struct rcu_head rcu;
	int key, value;
};

static DECLARE_HASHTABLE(table, 2);
static struct entry *entry;

static void setup_table(void *data)
{
	(void)data;
	hash_init(table);
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	entry->key = 5;
	entry->value = 1;
	hash_add_rcu(table, &entry->node, entry->key);
}

static void looks_up(void *data)
{
	struct entry *pos;

	(void)data;
	rcu_read_lock();
	hash_for_each_possible_rcu(table, pos, node, 5) if (pos->key == 5)
		iommufd_model_assert(pos->value == 1);
	rcu_read_unlock();
}

static void removes_later(void *data)
{
	(void)data;
	hash_del_rcu(&entry->node);
	kfree_rcu(entry, rcu);
}

static void removes_at_once(void *data)
{
	(void)data;
	hash_del_rcu(&entry->node);
	kfree(entry);
}

/* Locks that are a bit. */

static unsigned long word;
static int guarded;

static void setup_word(void *data)
{
	(void)data;
	word = 0;
	guarded = 0;
}

static void spins(void *data)
{
	(void)data;
	bit_spin_lock(1, &word);
	guarded++;
	bit_spin_unlock(1, &word);
}

static void spins_on_another(void *data)
{
	(void)data;
	bit_spin_lock(2, &word);
	guarded++;
	bit_spin_unlock(2, &word);
}

static void spins_twice(void *data)
{
	(void)data;
	bit_spin_lock(1, &word);
	bit_spin_lock(1, &word);
	bit_spin_unlock(1, &word);
	bit_spin_unlock(1, &word);
}

static void spins_unless_taken(void *data)
{
	(void)data;
	if (!bit_spin_trylock(1, &word))
		return;
	guarded++;
	bit_spin_unlock(1, &word);
}

static void sleeps_for_the_bit(void *data)
{
	(void)data;
	wait_on_bit_lock(&word, 1, TASK_UNINTERRUPTIBLE);
	guarded++;
	clear_and_wake_up_bit(1, &word);
}

static void forgets_to_wake(void *data)
{
	(void)data;
	wait_on_bit_lock(&word, 1, TASK_UNINTERRUPTIBLE);
	guarded++;
	clear_bit_unlock(1, &word);
}

static void setup_busy(void *data)
{
	setup_word(data);
	__set_bit(1, &word);
}

/* What was done before the bit was cleared is there after the wait. */
static void waits_while_busy(void *data)
{
	(void)data;
	wait_on_bit(&word, 1, TASK_UNINTERRUPTIBLE);
	iommufd_model_assert(guarded == 1);
}

static void ends_being_busy(void *data)
{
	(void)data;
	guarded = 1;
	clear_and_wake_up_bit(1, &word);
}

static void ends_being_busy_too_early(void *data)
{
	(void)data;
	clear_and_wake_up_bit(1, &word);
	guarded = 1;
}

static void waits_for_a_while(void *data)
{
	(void)data;
	if (!wait_on_bit_timeout(&word, 1, TASK_UNINTERRUPTIBLE, 10))
		iommufd_model_assert(guarded == 1);
}

static void takes_a_timeout_for_the_end(void *data)
{
	(void)data;
	wait_on_bit_timeout(&word, 1, TASK_UNINTERRUPTIBLE, 10);
	iommufd_model_assert(!test_bit(1, &word));
}

/* A per-CPU rwsem. */

static struct percpu_rw_semaphore percpu_sem;

static void setup_percpu(void *data)
{
	setup_word(data);
	percpu_init_rwsem(&percpu_sem);
}

static void reads_percpu(void *data)
{
	(void)data;
	percpu_down_read(&percpu_sem);
	iommufd_model_assert(guarded % 2 == 0);
	percpu_up_read(&percpu_sem);
}

static void writes_percpu(void *data)
{
	(void)data;
	percpu_down_write(&percpu_sem);
	guarded++;
	guarded++;
	percpu_up_write(&percpu_sem);
}

static void writes_as_a_reader(void *data)
{
	(void)data;
	percpu_down_read(&percpu_sem);
	guarded += 2;
	percpu_up_read(&percpu_sem);
}

/* A lockref, and a pointer by which others find its object. */

struct dentry {
	struct lockref ref;
	struct rcu_head rcu;
	int name;
};

static struct dentry __rcu *dentry;

static void setup_dentry(void *data)
{
	struct dentry *d = kzalloc(sizeof(*d), GFP_KERNEL);

	(void)data;
	lockref_init(&d->ref);
	d->name = 1;
	rcu_assign_pointer(dentry, d);
}

static void put_dentry(struct dentry *d, bool at_once)
{
	if (lockref_put_or_lock(&d->ref))
		return;
	lockref_mark_dead(&d->ref);
	RCU_INIT_POINTER(dentry, NULL);
	spin_unlock(&d->ref.lock);
	if (at_once)
		kfree(d);
	else
		kfree_rcu(d, rcu);
}

static void finds_dentry(bool at_once, bool also_dead)
{
	struct dentry *d;
	bool got = false;

	rcu_read_lock();
	d = rcu_dereference(dentry);
	if (d && also_dead) {
		lockref_get(&d->ref);
		got = true;
	} else if (d) {
		got = lockref_get_not_dead(&d->ref);
	}
	rcu_read_unlock();
	if (!got)
		return;
	iommufd_model_assert(d->name == 1);
	put_dentry(d, at_once);
}

static void finds(void *data)
{
	(void)data;
	finds_dentry(false, false);
}

static void finds_and_frees(void *data)
{
	(void)data;
	finds_dentry(true, false);
}

static void finds_also_dead(void *data)
{
	(void)data;
	finds_dentry(false, true);
}

static void puts_dentry(void *data)
{
	(void)data;
	put_dentry((struct dentry *)dentry, false);
}

static void puts_and_frees(void *data)
{
	(void)data;
	put_dentry((struct dentry *)dentry, true);
}

/* The count is read without the lock while others change it. */

static int killed;

static void setup_killed(void *data)
{
	setup_dentry(data);
	killed = 0;
}

static void free_dentry(void *data)
{
	(void)data;
	kfree((struct dentry *)dentry);
}

static void uses_if_not_dead(void *data)
{
	struct dentry *d = (struct dentry *)dentry;

	(void)data;
	if (!lockref_get_not_dead(&d->ref))
		return;
	iommufd_model_assert(!READ_ONCE(killed));
	lockref_put_not_zero(&d->ref);
}

static void kills_if_unused(bool look_again)
{
	struct dentry *d = (struct dentry *)dentry;

	if (READ_ONCE(d->ref.count) > 1)
		return;
	spin_lock(&d->ref.lock);
	if (!look_again || d->ref.count == 1) {
		lockref_mark_dead(&d->ref);
		WRITE_ONCE(killed, 1);
	}
	spin_unlock(&d->ref.lock);
}

static void looks_twice(void *data)
{
	(void)data;
	kills_if_unused(true);
}

static void looks_once(void *data)
{
	(void)data;
	kills_if_unused(false);
}

/* Simple wait queues. */

static DECLARE_SWAIT_QUEUE_HEAD(simple);
static int told;

static void setup_simple(void *data)
{
	(void)data;
	init_swait_queue_head(&simple);
	WRITE_ONCE(told, 0);
}

static void waits_simply(void *data)
{
	(void)data;
	swait_event_exclusive(simple, READ_ONCE(told));
}

static void wakes_one(void *data)
{
	(void)data;
	WRITE_ONCE(told, 1);
	swake_up_one(&simple);
}

static void wakes_nobody(void *data)
{
	(void)data;
	WRITE_ONCE(told, 1);
}

static void wakes_all(void *data)
{
	(void)data;
	WRITE_ONCE(told, 1);
	swake_up_all(&simple);
}

static void wakes_first(void *data)
{
	(void)data;
	swake_up_all(&simple);
	WRITE_ONCE(told, 1);
}

/* Caches of objects. */

static struct kmem_cache *cache;
static struct entry *object;

static void setup_cache(void *data)
{
	(void)data;
	cache = KMEM_CACHE(entry, 0);
	object = kmem_cache_zalloc(cache, GFP_KERNEL);
}

static void free_object(struct rcu_head *head)
{
	kmem_cache_free(cache, container_of(head, struct entry, rcu));
}

static void frees_later(void *data)
{
	(void)data;
	call_rcu(&object->rcu, free_object);
}

static void ends_cache(void *data)
{
	frees_later(data);
	rcu_barrier();
	kmem_cache_destroy(cache);
}

static void ends_cache_too_early(void *data)
{
	frees_later(data);
	kmem_cache_destroy(cache);
}

static void ends_empty_cache(void *data)
{
	(void)data;
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
}

static void allocates(void *data)
{
	(void)data;
	kfree(kmem_cache_alloc(cache, GFP_KERNEL));
}

static void frees_object(void *data)
{
	(void)data;
	kmem_cache_free(cache, object);
}

static void destroys_cache(void *data)
{
	(void)data;
	kmem_cache_destroy(cache);
}

static void reads_object(void *data)
{
	(void)data;
	iommufd_model_assert(!object->value);
}

/* Rings. */

static DEFINE_KFIFO(fifo, int, 2);
static spinlock_t fifo_lock;

static void setup_fifo(void *data)
{
	(void)data;
	kfifo_reset(&fifo);
	spin_lock_init(&fifo_lock);
}

static void puts_three(void *data)
{
	int i;

	(void)data;
	for (i = 1; i <= 3; i++)
		while (!kfifo_put(&fifo, i))
			cpu_relax();
}

static void gets_three(void *data)
{
	int i, value;

	(void)data;
	for (i = 1; i <= 3; i++) {
		while (!kfifo_get(&fifo, &value))
			cpu_relax();
		iommufd_model_assert(value == i);
	}
}

static void puts_one(void *data)
{
	int value = 1;

	(void)data;
	kfifo_in_spinlocked(&fifo, &value, 1, &fifo_lock);
}

static void puts_one_without_lock(void *data)
{
	(void)data;
	kfifo_put(&fifo, 1);
}

static void has_two(void *data)
{
	(void)data;
	iommufd_model_assert(kfifo_len(&fifo) == 2);
}

static void looks_and_takes(void *data)
{
	int value = 0;

	(void)data;
	if (kfifo_is_empty(&fifo))
		return;
	iommufd_model_assert(
		kfifo_out_spinlocked(&fifo, &value, 1, &fifo_lock));
}

static void setup_one(void *data)
{
	setup_fifo(data);
	puts_one(data);
}

/* A walk of a list under a lock that is dropped from time to time. */

struct element {
	struct list_head link;
	int value;
};

static LIST_HEAD(list);
static spinlock_t list_lock;

static void setup_list(void *data)
{
	struct element *e;
	int i;

	(void)data;
	INIT_LIST_HEAD(&list);
	spin_lock_init(&list_lock);
	for (i = 0; i < 2; i++) {
		e = kzalloc(sizeof(*e), GFP_KERNEL);
		list_add(&e->link, &list);
	}
}

static void free_list(void *data)
{
	struct element *e, *n;

	(void)data;
	list_for_each_entry_safe(e, n, &list, link)
		kfree(e);
}

static void walks_on(void *data)
{
	struct element *e;

	(void)data;
	spin_lock(&list_lock);
	list_for_each_entry(e, &list, link) {
		e->value++;
		cond_resched_lock(&list_lock);
	}
	spin_unlock(&list_lock);
}

/* Begins anew if the lock was dropped, and goes on where nothing is done. */
static void begins_anew(void *data)
{
	struct element *e;

	(void)data;
	spin_lock(&list_lock);
again:
	list_for_each_entry(e, &list, link) {
		if (e->value)
			continue;
		e->value = 1;
		if (cond_resched_lock(&list_lock))
			goto again;
	}
	spin_unlock(&list_lock);
}

static void removes_first(void *data)
{
	struct element *e;

	(void)data;
	spin_lock(&list_lock);
	e = list_first_entry(&list, struct element, link);
	list_del(&e->link);
	spin_unlock(&list_lock);
	kfree(e);
}

static const struct verdict verdicts[] = {
	RIGHT(0, "llist", setup_llist, expects_both, T2(adds), T(takes_all)),
	WRONG(USE_AFTER_FREE, "walks_what_it_frees", "setup_llist",
	      "llist, walked and freed", setup_llist, expects_both, T(adds_0),
	      T(walks_what_it_frees)),
	RIGHT(0, "first of an llist", setup_full_llist, finds_no_value_0,
	      T(takes_one_locked), T(takes_two_locked)),
	WRONG(DATA_RACE, "take_first", NULL, "first of an llist, two take it",
	      setup_full_llist, finds_no_value_0, T(takes_one_first),
	      T(takes_two_first)),
	RIGHT(0, "hash table", setup_table, nothing, T(looks_up),
	      T(removes_later)),
	WRONG(USE_AFTER_FREE, "looks_up", "removes_at_once",
	      "hash table, freed at once", setup_table, nothing, T(looks_up),
	      T(removes_at_once)),
	RIGHT(0, "bit_spin_lock", setup_word, nothing, T(spins), T(spins)),
	RIGHT(0, "bit_spin_trylock", setup_word, nothing, T(spins),
	      T(spins_unless_taken)),
	WRONG(DATA_RACE, "guarded", NULL, "bit_spin_lock of two bits",
	      setup_word, nothing, T(spins), T(spins_on_another)),
	WRONG(LIVELOCK, "&word", NULL, "bit_spin_lock twice", setup_word,
	      nothing, T(spins_twice)),
	RIGHT(0, "wait_on_bit_lock", setup_word, nothing, T(sleeps_for_the_bit),
	      T(sleeps_for_the_bit)),
	WRONG(LOST_WAKEUP, "sleeps_for_the_bit", NULL,
	      "wait_on_bit_lock, not woken", setup_word, nothing,
	      T(sleeps_for_the_bit), T(forgets_to_wake)),
	RIGHT(0, "wait_on_bit", setup_busy, nothing, T(waits_while_busy),
	      T(ends_being_busy)),
	WRONG(DATA_RACE, "guarded", NULL, "wait_on_bit, cleared too early",
	      setup_busy, nothing, T(waits_while_busy),
	      T(ends_being_busy_too_early)),
	RIGHT(0, "wait_on_bit_timeout", setup_busy, nothing,
	      T(waits_for_a_while), T(ends_being_busy)),
	WRONG(ASSERTION, "test_bit", NULL, "wait_on_bit_timeout, ignored",
	      setup_busy, nothing, T(takes_a_timeout_for_the_end),
	      T(ends_being_busy)),
	RIGHT(0, "percpu_rwsem", setup_percpu, nothing, T(reads_percpu),
	      T(reads_percpu), T(writes_percpu)),
	WRONG(DATA_RACE, "guarded", NULL, "percpu_rwsem, written by a reader",
	      setup_percpu, nothing, T(reads_percpu), T(writes_as_a_reader)),
	RIGHT(0, "lockref", setup_dentry, nothing, T(finds), T(finds),
	      T(puts_dentry)),
	WRONG(USE_AFTER_FREE, "lockref", NULL, "lockref, freed at once",
	      setup_dentry, nothing, T(finds_and_frees), T(puts_and_frees)),
	WRONG(DOUBLE_FREE, "put_dentry", NULL, "lockref, dead", setup_dentry,
	      nothing, T(finds_also_dead), T(puts_dentry)),
	RIGHT(0, "lockref, looked at twice", setup_killed, free_dentry,
	      T(uses_if_not_dead), T(looks_twice)),
	WRONG(ASSERTION, "killed", NULL, "lockref, looked at once",
	      setup_killed, free_dentry, T(uses_if_not_dead), T(looks_once)),
	RIGHT(0, "swait", setup_simple, nothing, T(waits_simply),
	      T(waits_simply), T(wakes_all)),
	WRONG(LOST_WAKEUP, "waits_simply", NULL, "swait, one of two woken",
	      setup_simple, nothing, T(waits_simply), T(waits_simply),
	      T(wakes_one)),
	WRONG(LOST_WAKEUP, "waits_simply", NULL, "swait, woken first",
	      setup_simple, nothing, T(waits_simply), T(wakes_first)),
	RIGHT(0, "kmem_cache", setup_cache, nothing, T(ends_cache), T(nothing)),
	WRONG(WARN, "1 object is left", NULL, "kmem_cache, no rcu_barrier",
	      setup_cache, nothing, T(ends_cache_too_early)),
	WRONG(USE_AFTER_FREE, "cache", NULL, "kmem_cache, used and destroyed",
	      setup_cache, nothing, T(ends_empty_cache), T(allocates)),
	WRONG(USE_AFTER_FREE, "frees_object", "destroys_cache",
	      "kmem_cache, destroyed too early", setup_cache, nothing,
	      T(frees_object), T(destroys_cache)),
	WRONG(USE_AFTER_FREE, "entry", "reads_object",
	      "kmem_cache, used and freed", setup_cache, nothing, T(ends_cache),
	      T(reads_object)),
	RIGHT(0, "kfifo", setup_fifo, nothing, T(puts_three), T(gets_three)),
	RIGHT(0, "kfifo, two producers", setup_fifo, has_two, T(puts_one),
	      T(puts_one)),
	WRONG(DATA_RACE, "puts_one_without_lock", NULL,
	      "kfifo, two producers without a lock", setup_fifo, has_two,
	      T(puts_one_without_lock), T(puts_one_without_lock)),
	WRONG(ASSERTION, "kfifo_out_spinlocked", NULL,
	      "kfifo, looked at without the lock", setup_one, nothing,
	      T(looks_and_takes), T(looks_and_takes)),
	RIGHT(0, "cond_resched_lock", setup_list, free_list, T(begins_anew),
	      T(removes_first)),
	WRONG(USE_AFTER_FREE, "walks_on", "removes_first",
	      "cond_resched_lock, walks on", setup_list, free_list, T(walks_on),
	      T(removes_first)),
};

START_TEST(the_right_forms_are_complete_and_the_wrong_ones_found)
{
	check_verdict(&verdicts[_i]);
}
END_TEST

/* Returns why the search of the test of @v has no states of all memory, or "". */
static const char *why_no_states(const struct verdict *v)
{
	static const struct iommufd_model_memory all[] = {
		IOMMUFD_MODEL_STATIC_VARIABLES,
	};
	struct verdict with = *v;
	struct iommufd_model_explore_options options = {
		.jobs = 1,
		.states_after = 1,
	};

	memcpy(with.test.memory, all, sizeof(all));
	check_verdict_with(&with, options);
	return verdict_result.no_states;
}

/*
 * The right forms are searched with the states of all memory, unless they have
 * something else that states do not go with.
 */
START_TEST(states_of_all_memory_are_kept)
{
	static const struct verdict writes =
		RIGHT(0, "two writes", setup_simple, nothing, T(wakes_nobody),
		      T(wakes_nobody));
	static const char *const others[] = {
		"",
		"rcu_read_lock",
		"call_rcu",
		"prepare_to_wait_exclusive",
		"irqs off",
	};
	const char *why = why_no_states(&writes);
	size_t i;

	/* There are none in this build. */
	if (*why)
		return;
	why = why_no_states(&verdicts[_i]);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(why, others[i]))
			return;
	ck_abort_msg("without states: %s", why);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("facilities");
	TCase *tc = tcase_create("facilities");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(
		tc, the_right_forms_are_complete_and_the_wrong_ones_found, 0,
		ARRAY_SIZE(verdicts));
	tcase_add_loop_test(tc, states_of_all_memory_are_kept, 0,
			    ARRAY_SIZE(verdicts));
	return run_suite(suite);
}
