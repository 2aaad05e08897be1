// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * References: kref, and counters whose last put takes the lock of a table.
 * Also classic programs on locks and waiting: a barrier that is used twice,
 * dining philosophers, and an initialisation with a double check.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>

struct item {
	struct kref kref;
	atomic_t pins;
	struct item *self;
	int value;
};

static struct mutex table_lock;
static spinlock_t table_spin;
static struct item *slot, *mine;
static volatile int seen;


static struct item *new_item(void)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

	kref_init(&item->kref);
	atomic_set(&item->pins, 1);
	item->self = item;
	return item;
}

static void setup(void *data)
{
	(void)data;
	mutex_init(&table_lock);
	spin_lock_init(&table_spin);
	slot = new_item();
	mine = slot;
}

static void nothing_left(void *data)
{
	(void)data;
	iommufd_model_assert(!slot);
}

static void setup_two(void *data)
{
	setup(data);
	kref_get(&slot->kref);
}

/* The tests below and their functions are about kref. */

static void release_item(struct kref *kref)
{
	kfree(container_of(kref, struct item, kref));
}

static void put(void *data)
{
	(void)data;
	kref_put(&mine->kref, release_item);
}

static void put_and_read(void *data)
{
	(void)data;
	if (!kref_put(&mine->kref, release_item))
		seen = mine->self->value;
}

static void get_from_nothing(void *data)
{
	(void)data;
	kref_get(&mine->kref);
	kref_put(&mine->kref, release_item);
}

static void done(void *data)
{
	(void)data;
}

/*
 * A table of one slot.  The last put takes its lock; a lookup takes that lock
 * and then a reference.
 */
static void release_locked(struct kref *kref)
{
	slot = NULL;
	mutex_unlock(&table_lock);
	release_item(kref);
}

static void put_mutex(void *data)
{
	(void)data;
	kref_put_mutex(&mine->kref, release_locked, &table_lock);
}

static struct item *look_up(void)
{
	struct item *item;

	mutex_lock(&table_lock);
	item = slot;
	if (item)
		kref_get(&item->kref);
	mutex_unlock(&table_lock);
	return item;
}

static void get_and_put_mutex(void *data)
{
	struct item *item = look_up();

	(void)data;
	if (!item)
		return;
	WRITE_ONCE(item->value, 1);
	kref_put_mutex(&item->kref, release_locked, &table_lock);
}

/* Takes the lock of the table only after the counter has become zero. */
static void release_then_lock(struct kref *kref)
{
	mutex_lock(&table_lock);
	slot = NULL;
	mutex_unlock(&table_lock);
	release_item(kref);
}

static void put_then_lock(void *data)
{
	(void)data;
	kref_put(&mine->kref, release_then_lock);
}

static void get_and_put_then_lock(void *data)
{
	struct item *item = look_up();

	(void)data;
	if (item)
		kref_put(&item->kref, release_then_lock);
}

static void get_unless_zero_and_put(void *data)
{
	struct item *item;

	(void)data;
	mutex_lock(&table_lock);
	item = slot;
	if (item && !kref_get_unless_zero(&item->kref))
		item = NULL;
	mutex_unlock(&table_lock);
	if (item)
		kref_put(&item->kref, release_then_lock);
}

static void release_spin(struct kref *kref)
{
	slot = NULL;
	spin_unlock(&table_spin);
	release_item(kref);
}

static void put_spin(void *data)
{
	(void)data;
	kref_put_lock(&mine->kref, release_spin, &table_spin);
}

static void get_and_put_spin(void *data)
{
	struct item *item;

	(void)data;
	spin_lock(&table_spin);
	item = slot;
	if (item)
		kref_get(&item->kref);
	spin_unlock(&table_spin);
	if (item)
		kref_put_lock(&item->kref, release_spin, &table_spin);
}

/* Does not unlock the lock that kref_put_mutex() has taken. */
static void release_and_keep(struct kref *kref)
{
	slot = NULL;
	release_item(kref);
}

static void put_mutex_and_keep(void *data)
{
	(void)data;
	kref_put_mutex(&mine->kref, release_and_keep, &table_lock);
}

/*
 * The functions below are the same tests with an atomic variable and a
 * refcount_t.
 */

static void unpin(void *data)
{
	(void)data;
	if (!atomic_dec_and_mutex_lock(&mine->pins, &table_lock))
		return;
	slot = NULL;
	mutex_unlock(&table_lock);
	kfree(mine);
}

static void pin_and_unpin(void *data)
{
	struct item *item;

	(void)data;
	mutex_lock(&table_lock);
	item = slot;
	if (item)
		atomic_inc(&item->pins);
	mutex_unlock(&table_lock);
	if (item)
		unpin(data);
}

static void unpin_spin(void *data)
{
	(void)data;
	if (!atomic_dec_and_lock(&mine->pins, &table_spin))
		return;
	slot = NULL;
	spin_unlock(&table_spin);
	kfree(mine);
}

static void pin_and_unpin_spin(void *data)
{
	struct item *item;

	(void)data;
	spin_lock(&table_spin);
	item = slot;
	if (item)
		atomic_inc(&item->pins);
	spin_unlock(&table_spin);
	if (item)
		unpin_spin(data);
}

static void drop_all_but_one(void *data)
{
	(void)data;
	if (!refcount_dec_not_one(&mine->kref.refcount))
		put(NULL);
}

static void setup_four(void *data)
{
	setup_two(data);
	kref_get(&slot->kref);
	kref_get(&slot->kref);
}

static void one_put(void *data)
{
	(void)data;
	refcount_dec_not_one(&mine->kref.refcount);
}

static void after_put(void *data)
{
	iommufd_model_assert(kref_read(&mine->kref) == 1);
	put(data);
}

static void after_two_puts(void *data)
{
	iommufd_model_assert(kref_read(&mine->kref) == 2);
	put(data);
	put(data);
}

static void drop_what_is_not_there(void *data)
{
	(void)data;
	refcount_set(&mine->kref.refcount, 0);
	refcount_dec_not_one(&mine->kref.refcount);
}

static const struct verdict krefs[] = {
	RIGHT(0, "two puts", setup_two, done, T(put), T(put)),
	WRONG(USE_AFTER_FREE, "release_item", "put_and_read",
	      "a read after a put", setup_two, done, T(put), T(put_and_read)),
	WRONG(USE_AFTER_FREE, "get_from_nothing", "release_item",
	      "a get without a reference",
	      setup, done, T(put), T(get_from_nothing)),
	RIGHT(0, "kref_put_mutex", setup, nothing_left, T(put_mutex),
	      T(get_and_put_mutex)),
	RIGHT(0, "kref_put_mutex, three threads", setup, nothing_left,
	      T(put_mutex), T(get_and_put_mutex), T(get_and_put_mutex)),
	WRONG(REFCOUNT, "increment", "look_up", "a lookup of what is going",
	      setup, done, T(put_then_lock), T(get_and_put_then_lock)),
	RIGHT(0, "kref_get_unless_zero", setup, nothing_left, T(put_then_lock),
	      T(get_unless_zero_and_put)),
	RIGHT(0, "kref_put_lock", setup, nothing_left, T(put_spin),
	      T(get_and_put_spin)),
	WRONG(LOCK, "&table_lock held", "put_mutex_and_keep",
	      "a mutex that is kept", setup, done, T(put_mutex_and_keep)),
	RIGHT(0, "atomic_dec_and_mutex_lock", setup, nothing_left, T(unpin),
	      T(pin_and_unpin)),
	RIGHT(0, "atomic_dec_and_lock", setup, nothing_left, T(unpin_spin),
	      T(pin_and_unpin_spin)),
	RIGHT(0, "refcount_dec_not_one", setup_two, done, T(drop_all_but_one),
	      T(drop_all_but_one)),
	RIGHT(1, "refcount_dec_not_one commutes while there are more",
	      setup_four, after_two_puts, T(one_put), T(one_put)),
	RIGHT(2, "refcount_dec_not_one of the last two", setup_two, after_put,
	      T(one_put), T(one_put)),
	WRONG(REFCOUNT, "decrement of &mine->kref.refcount from 0", NULL,
	      "refcount_dec_not_one of nothing", setup, done,
	      T(drop_what_is_not_there)),
};

START_TEST(references_have_their_verdict)
{
	check_verdict(&krefs[_i]);
}
END_TEST

/* A barrier for two threads, which is used twice. */

static atomic_t arrived;
static int generation, round_of[2];
static wait_queue_head_t barrier_queue;

static void setup_barrier(void *data)
{
	(void)data;
	atomic_set(&arrived, 0);
	generation = round_of[0] = round_of[1] = 0;
	init_waitqueue_head(&barrier_queue);
}

/*
 * The last thread to arrive sets the number to zero and wakes the other one.
 * If it arrives again before the other thread has read the zero, the other
 * thread waits for ever.
 */
static void reset_barrier(void)
{
	if (atomic_inc_return(&arrived) == 2) {
		atomic_set(&arrived, 0);
		wake_up_all(&barrier_queue);
		return;
	}
	wait_event(barrier_queue, atomic_read(&arrived) == 0);
}

/*
 * The threads wait until the generation changes, to a value that never recurs.
 */
static void generation_barrier(void)
{
	int before = READ_ONCE(generation);

	if (atomic_inc_return(&arrived) == 2) {
		atomic_set(&arrived, 0);
		WRITE_ONCE(generation, before + 1);
		wake_up_all(&barrier_queue);
		return;
	}
	wait_event(barrier_queue, READ_ONCE(generation) != before);
}

static void rounds(int number, void (*barrier_fn)(void))
{
	int i;

	for (i = 1; i <= 2; i++) {
		WRITE_ONCE(round_of[number], i);
		barrier_fn();
		iommufd_model_assert(READ_ONCE(round_of[!number]) >= i);
	}
}

#define ROUNDS(fn, number, barrier_fn)					\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		rounds(number, barrier_fn);				\
	}

ROUNDS(first_resets, 0, reset_barrier)
ROUNDS(second_resets, 1, reset_barrier)
ROUNDS(first_counts, 0, generation_barrier)
ROUNDS(second_counts, 1, generation_barrier)

/*
 * Three philosophers, each of whom takes the fork with his number and the next
 * one.
 */

static struct mutex fork_0, fork_1, fork_2;
static atomic_t hungry;

static void setup_forks(void *data)
{
	(void)data;
	mutex_init(&fork_0);
	mutex_init(&fork_1);
	mutex_init(&fork_2);
	atomic_set(&hungry, 3);
}

static void eat(struct mutex *first, struct mutex *second)
{
	mutex_lock(first);
	mutex_lock(second);
	atomic_dec(&hungry);
	mutex_unlock(second);
	mutex_unlock(first);
}

#define EATS(fn, first, second)						\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		eat(first, second);					\
	}

EATS(eats_01, &fork_0, &fork_1)
EATS(eats_12, &fork_1, &fork_2)
EATS(eats_20, &fork_2, &fork_0)
EATS(eats_02, &fork_0, &fork_2)

static void all_have_eaten(void *data)
{
	(void)data;
	iommufd_model_assert(!atomic_read(&hungry));
}

/* An initialisation that is checked without the lock and again with it. */

static struct item *shared;

static void setup_shared(void *data)
{
	(void)data;
	mutex_init(&table_lock);
	shared = NULL;
}

static void use(struct item *item)
{
	iommufd_model_assert(READ_ONCE(item->value) == 7);
}

static void check_twice(void *data)
{
	struct item *item = smp_load_acquire(&shared);

	(void)data;
	if (!item) {
		mutex_lock(&table_lock);
		item = shared;
		if (!item) {
			item = new_item();
			WRITE_ONCE(item->value, 7);
			smp_store_release(&shared, item);
		}
		mutex_unlock(&table_lock);
	}
	use(item);
}

static void check_once(void *data)
{
	struct item *item = smp_load_acquire(&shared);

	(void)data;
	if (!item) {
		mutex_lock(&table_lock);
		item = new_item();
		WRITE_ONCE(item->value, 7);
		smp_store_release(&shared, item);
		mutex_unlock(&table_lock);
	}
	use(item);
}

static void publish_before_init(void *data)
{
	struct item *item = smp_load_acquire(&shared);

	(void)data;
	if (!item) {
		mutex_lock(&table_lock);
		item = shared;
		if (!item) {
			item = new_item();
			smp_store_release(&shared, item);
			WRITE_ONCE(item->value, 7);
		}
		mutex_unlock(&table_lock);
	}
	use(item);
}

static void by_cmpxchg(void *data)
{
	struct item *item = smp_load_acquire(&shared), *old;

	(void)data;
	if (!item) {
		item = new_item();
		WRITE_ONCE(item->value, 7);
		old = cmpxchg(&shared, NULL, item);
		if (old) {
			kfree(item);
			item = old;
		}
	}
	use(item);
}

static void free_shared(void *data)
{
	(void)data;
	kfree(shared);
}

static const struct verdict programs[] = {
	WRONG(LOST_WAKEUP, "barrier_queue", NULL, "a barrier that is reset",
	      setup_barrier, done, T(first_resets), T(second_resets)),
	RIGHT(0, "a barrier with generations", setup_barrier, done,
	      T(first_counts), T(second_counts)),
	WRONG(LOCK_ORDER, "fork", NULL, "philosophers", setup_forks,
	      all_have_eaten, T(eats_01), T(eats_12), T(eats_20)),
	RIGHT(0, "philosophers, one of them left-handed", setup_forks,
	      all_have_eaten, T(eats_01), T(eats_12), T(eats_02)),
	RIGHT(0, "checked twice", setup_shared, free_shared, T(check_twice),
	      T(check_twice), T(check_twice)),
	WRONG(LEAK, "new_item", NULL, "checked once", setup_shared,
	      free_shared, T(check_once), T(check_once)),
	WRONG(ASSERTION, "smp_store_release shared", "item->value",
	      "published before it is initialised", setup_shared, free_shared,
	      T(publish_before_init), T(publish_before_init)),
	RIGHT(0, "initialised by cmpxchg", setup_shared, free_shared,
	      T(by_cmpxchg), T(by_cmpxchg), T(by_cmpxchg)),
};

START_TEST(classic_programs_have_their_verdict)
{
	check_verdict(&programs[_i]);
}
END_TEST

START_TEST(philosophers_starve)
{
	struct verdict v = WRONG(DEADLOCK, "eats_01 waits for", "eats_20 waits",
				 "philosophers", setup_forks, all_have_eaten,
				 T(eats_01), T(eats_12), T(eats_20));
	struct iommufd_model_explore_options options = {
		.ignore = 1u << IOMMUFD_MODEL_FAIL_LOCK_ORDER,
	};

	check_verdict_with(&v, options);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("references");
	TCase *tc = tcase_create("references");

	tcase_add_loop_test(tc, references_have_their_verdict, 0,
			    ARRAY_SIZE(krefs));
	tcase_add_loop_test(tc, classic_programs_have_their_verdict, 0,
			    ARRAY_SIZE(programs));
	tcase_add_test(tc, philosophers_starve);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
