// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The checks on locks of <iommufd_model/kernel/lockdep.h>.
 *
 * Each misuse gives exactly one warning, and correct code gives none: the
 * fixture fails a test that gets a warning which it does not expect.
 */
#include "ground_suite.h"
#include "../../../src/kernel/ground.h"

DEFINE_MUTEX(a);
DEFINE_MUTEX(b);
DEFINE_MUTEX(c);
DEFINE_SPINLOCK(spin);
static struct rw_semaphore sem;

static void setup(void)
{
	ground_setup();
	init_rwsem(&sem);
}

static void lock_read(void) { down_read(&sem); }
static void unlock_read(void) { up_read(&sem); }
static void lock_write(void) { down_write(&sem); }
static void unlock_write(void) { up_write(&sem); }

static void *unlock_all_kinds(void *data)
{
	unsigned int *warned = data;

	catch_reports();
	mutex_unlock(&a);
	spin_unlock(&spin);
	up_write(&sem);
	release_reports();
	*warned = seen.nr;
	return NULL;
}

START_TEST(unlock_by_a_thread_that_does_not_hold_it_warns)
{
	unsigned int warned;

	mutex_lock(&a);
	spin_lock(&spin);
	down_write(&sem);
	on_another_thread(unlock_all_kinds, &warned);
	ck_assert_uint_eq(warned, 3);
	ck_assert(strstr(seen.text, "unlock of &sem, not held by this thread"));
	/* The wrong unlocks have left the locks locked. */
	ck_assert(mutex_is_locked(&a));
	ck_assert(spin.owner);
	ck_assert(rwsem_is_locked(&sem));
	up_write(&sem);
	spin_unlock(&spin);
	mutex_unlock(&a);
}
END_TEST

START_TEST(unlock_of_a_free_lock_warns)
{
	ck_assert_warns("unlock of &a, not held", mutex_unlock(&a));
	ck_assert_warns("unlock of &spin, not held", spin_unlock(&spin));
	ck_assert_warns("unlock of &sem, not held", up_read(&sem));
	ck_assert_warns("unlock of &sem, not held", up_write(&sem));
}
END_TEST

/* The thread continues, and its first unlock only undoes the second lock. */
START_TEST(lock_taken_twice_warns)
{
	mutex_lock(&a);
	ck_assert_warns("self-deadlock: this thread holds &a already",
			mutex_lock(&a));
	mutex_unlock(&a);
	ck_assert(mutex_is_locked(&a));
	mutex_unlock(&a);
	ck_assert(!mutex_is_locked(&a));

	spin_lock(&spin);
	ck_assert_warns("self-deadlock: this thread holds &spin already",
			spin_lock(&spin));
	spin_unlock(&spin);
	spin_unlock(&spin);
	ck_assert(!spin.owner);
}
END_TEST

START_TEST(rwsem_taken_twice_on_either_side_warns)
{
	static void (*const take[])(void) = { lock_read, lock_write };
	static void (*const give[])(void) = { unlock_read, unlock_write };
	int first, second;

	for (first = 0; first < 2; first++) {
		for (second = 0; second < 2; second++) {
			take[first]();
			ck_assert_warns("holds &sem already", take[second]());
			give[second]();
			ck_assert(rwsem_is_locked(&sem));
			give[first]();
			ck_assert(!rwsem_is_locked(&sem));
		}
	}
}
END_TEST

START_TEST(destroy_of_a_held_lock_warns)
{
	struct mutex m;

	mutex_init(&m);
	mutex_destroy(&m);
	mutex_init(&m);
	mutex_lock(&m);
	ck_assert_warns("destroy of held lock &m", mutex_destroy(&m));
	mutex_unlock(&m);
}
END_TEST

struct with_lock {
	long other;
	struct mutex lock;
};

/*
 * Runs on a thread of its own, which ends while its list of locks still has the
 * lock.
 */
static void *free_locked(void *data)
{
	struct with_lock *p = kzalloc(sizeof(*p), GFP_KERNEL);

	(void)data;
	mutex_init(&p->lock);
	mutex_lock(&p->lock);
	catch_reports();
	kfree(p);
	release_reports();
	return NULL;
}

START_TEST(free_of_memory_with_a_held_lock_warns)
{
	on_another_thread(free_locked, NULL);
	ck_assert_uint_eq(seen.nr, 1);
	ck_assert_str_eq(seen.text, "free of held lock &p->lock, taken by "
				    "free_locked");
}
END_TEST

START_TEST(lock_used_before_it_was_initialised_warns)
{
	struct mutex m = { { NULL }, 0, 0 };
	struct rw_semaphore s = { { NULL }, 0, 0, 0, 0 };
	spinlock_t l = { { NULL }, 0 };

	ck_assert_warns("lock &m used before it was init", mutex_lock(&m));
	mutex_unlock(&m);
	ck_assert_warns("lock &s used before it was init", down_read(&s));
	up_read(&s);
	ck_assert_warns("lock &s used before it was init", down_write(&s));
	up_write(&s);
	ck_assert_warns("lock &l used before it was init", spin_lock(&l));
	spin_unlock(&l);

	mutex_init(&m);
	mutex_destroy(&m);
	ck_assert_warns("lock &m used before it was init", mutex_lock(&m));
	mutex_unlock(&m);
}
END_TEST

START_TEST(trylock_before_initialisation_warns)
{
	struct mutex m = { { NULL }, 0, 0 };
	struct rw_semaphore s = { { NULL }, 0, 0, 0, 0 };

	ck_assert_warns("lock &m used before it was init",
			mutex_trylock(&m));
	mutex_unlock(&m);
	ck_assert_warns("lock &s used before it was init",
			down_read_trylock(&s));
	up_read(&s);
	ck_assert_warns("lock &s used before it was init",
			down_write_trylock(&s));
	up_write(&s);
}
END_TEST

static void nest(struct mutex *outer, struct mutex *inner)
{
	mutex_lock(outer);
	mutex_lock(inner);
	mutex_unlock(inner);
	mutex_unlock(outer);
}

static void *nest_a_b(void *data)
{
	(void)data;
	nest(&a, &b);
	return NULL;
}

/* The order was recorded on another thread, which has ended. */
START_TEST(order_inversion_of_two_names_tells_both_chains_once)
{
	const char *before;

	on_another_thread(nest_a_b, NULL);
	ck_assert_warns("lock order inversion: now b(nest:", nest(&b, &a));
	before = strstr(seen.text, "; before a(nest:");
	ck_assert_ptr_nonnull(before);
	ck_assert_ptr_null(strstr(before, "), "));
	ck_assert_ptr_nonnull(strstr(before, ") -> b(nest:"));
	nest(&b, &a);
	nest(&a, &b);
}
END_TEST

START_TEST(order_inversion_among_three_names_tells_the_whole_way)
{
	const char *before;

	nest(&a, &b);
	nest(&b, &c);
	nest(&a, &c);
	ck_assert_warns("lock order inversion: now c(nest:", nest(&c, &a));
	iommufd_model_forget_lock_orders();
	nest(&a, &b);
	nest(&b, &c);
	ck_assert_warns("lock order inversion: now c(nest:", nest(&c, &a));
	before = strstr(seen.text, "; before a(nest:");
	ck_assert_ptr_nonnull(before);
	before = strstr(before, ") -> b(nest:");
	ck_assert_ptr_nonnull(before);
	before = strstr(before, ", b(nest:");
	ck_assert_ptr_nonnull(before);
	ck_assert_ptr_nonnull(strstr(before, ") -> c(nest:"));
}
END_TEST

START_TEST(order_inversion_between_kinds_of_locks_warns)
{
	down_read(&sem);
	mutex_lock(&a);
	spin_lock(&spin);
	spin_unlock(&spin);
	mutex_unlock(&a);
	up_read(&sem);

	mutex_lock(&a);
	ck_assert_warns("lock order inversion: now a(", down_write(&sem));
	up_write(&sem);
	mutex_unlock(&a);
}
END_TEST

START_TEST(right_order_is_silent)
{
	struct mutex twins[2];
	int i;

	for (i = 0; i < 2; i++)
		mutex_init(&twins[i]);
	for (i = 0; i < 3; i++) {
		nest(&a, &b);
		nest(&b, &c);
		nest(&a, &c);
		/* The order of two locks of one class is not checked. */
		nest(&twins[0], &twins[1]);
		nest(&twins[1], &twins[0]);
	}
	/* Locks may be unlocked in the order in which they were taken. */
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_lock(&c);
	mutex_unlock(&a);
	mutex_unlock(&b);
	mutex_unlock(&c);
	ck_assert_uint_eq(iommufd_model_warnings(), 0);
}
END_TEST

/* A trylock does not wait and so cannot deadlock. */
START_TEST(trylock_against_the_order_is_silent)
{
	nest(&a, &b);
	mutex_lock(&b);
	ck_assert(mutex_trylock(&a));
	mutex_unlock(&a);
	mutex_unlock(&b);
	nest(&a, &b);
}
END_TEST

/* The lock is the only one of its name, so it has an order of its own. */
#define TRIES(name, type, init, lock, try, unlock)			\
	static void try_##name(void)					\
	{								\
		static type tried;					\
		init(&tried);						\
		ck_assert(try(&tried));					\
		spin_lock(&spin);					\
		spin_unlock(&spin);					\
		unlock(&tried);						\
		spin_lock(&spin);					\
		lock(&tried);						\
		unlock(&tried);						\
		spin_unlock(&spin);					\
	}
TRIES(mutex, struct mutex, mutex_init, mutex_lock, mutex_trylock, mutex_unlock)
TRIES(spin, spinlock_t, spin_lock_init, spin_lock, spin_trylock, spin_unlock)
TRIES(read_sem, struct rw_semaphore, init_rwsem, down_read, down_read_trylock,
      up_read)
TRIES(write_sem, struct rw_semaphore, init_rwsem, down_write,
      down_write_trylock, up_write)
TRIES(reader, rwlock_t, rwlock_init, read_lock, read_trylock, read_unlock)
TRIES(writer, rwlock_t, rwlock_init, write_lock, write_trylock, write_unlock)

static void (*const tries[])(void) = {
	try_mutex, try_spin, try_read_sem, try_write_sem, try_reader, try_writer,
};

/* A lock that is held forbids the other order, however it was taken. */
START_TEST(order_inversion_with_a_lock_taken_by_trylock_warns)
{
	catch_reports();
	tries[_i]();
	release_reports();
	ck_assert_uint_ge(seen.nr, 1);
	/* A lock that sleeps is reported under a spinlock first. */
	ck_assert_msg(strstr(seen.text, "lock order inversion"), "%s",
		      seen.text);
}
END_TEST

START_TEST(release_of_the_wrong_side_of_an_rwsem_warns)
{
	down_write(&sem);
	ck_assert_warns("&sem is held for writing", up_read(&sem));
	ck_assert(!rwsem_is_locked(&sem));
	down_read(&sem);
	ck_assert_warns("&sem is held for reading", up_write(&sem));
	ck_assert(!rwsem_is_locked(&sem));
	ck_assert_int_eq(sem.count, 0);
}
END_TEST

START_TEST(assert_held_warns_unless_this_thread_holds_it)
{
	ck_assert_warns("&a is not held", lockdep_assert_held(&a));
	ck_assert_warns("&sem is not held", lockdep_assert_held_write(&sem));
	lockdep_assert_not_held(&a);

	mutex_lock(&a);
	lockdep_assert_held(&a);
	lockdep_assert_held_write(&a);
	ck_assert_warns("&a is held", lockdep_assert_not_held(&a));
	mutex_unlock(&a);

	down_read(&sem);
	lockdep_assert_held(&sem);
	ck_assert_warns("&sem is held for reading only",
			lockdep_assert_held_write(&sem));
	ck_assert_warns("&sem is held", lockdep_assert_not_held(&sem));
	up_read(&sem);

	down_write(&sem);
	lockdep_assert_held(&sem);
	lockdep_assert_held_write(&sem);
	up_write(&sem);
}
END_TEST

START_TEST(more_locks_than_a_thread_has_room_for_warns)
{
	struct mutex many[IOMMUFD_MODEL_MAX_HELD + 1];
	int i;

	for (i = 0; i <= IOMMUFD_MODEL_MAX_HELD; i++)
		mutex_init(&many[i]);
	for (i = 0; i < IOMMUFD_MODEL_MAX_HELD; i++)
		mutex_lock(&many[i]);
	ck_assert_warns("one thread holds more than 16 locks",
			mutex_lock(&many[i]));
	ck_assert_int_eq(iommufd_model_locks_held(), IOMMUFD_MODEL_MAX_HELD);
	for (; i >= 0; i--) {
		ck_assert(mutex_is_locked(&many[i]));
		mutex_unlock(&many[i]);
		ck_assert(!mutex_is_locked(&many[i]));
	}
}
END_TEST

/*
 * This test must run last, because it uses up all numbers of classes.  It
 * expects one notice and no warning.
 */
START_TEST(more_classes_than_there_is_room_for_warns)
{
	static struct lock_class_key keys[70];
	static struct mutex locks[70];
	size_t i;

	catch_reports();
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		keys[i].name = "one of many";
		iommufd_model_mutex_init(&locks[i], &keys[i]);
		mutex_lock(&a);
		mutex_lock(&locks[i]);
		mutex_unlock(&locks[i]);
		mutex_unlock(&a);
	}
	ck_assert_uint_eq(iommufd_model_warnings(), 0);
	release_reports();
	ck_assert_uint_eq(seen.nr, 1);
	ck_assert_int_eq(seen.severity, IOMMUFD_MODEL_NOTICE);
	ck_assert_ptr_nonnull(strstr(seen.text, "more than 63 lock classes"));
}
END_TEST

static void ignore(struct iommufd_model_hook *hook,
		   const struct iommufd_model_op *op)
{
	(void)hook;
	(void)op;
}

/* The use of a lock is checked while there is a hook at the gate. */
static struct iommufd_model_hook gate_hook = { .event = ignore };

/*
 * The explorer tries the orders of a handler that is a thread of the test.  Such
 * a thread is in the handler from a call site without a line.
 */
START_TEST(lock_in_a_handler_that_is_explored_is_silent)
{
	static const struct iommufd_model_site thread = { .what = "handler" };

	iommufd_model_hook_add(&gate_hook);
	iommufd_model_lockdep_use_rule();
	spin_lock(&spin);
	spin_unlock(&spin);
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_HARDIRQ, &thread);
	spin_lock(&spin);
	spin_unlock(&spin);
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_HARDIRQ, &thread);
	iommufd_model_hook_remove(&gate_hook);
}
END_TEST

/* The lock is taken in the context, or only tried, and then outside of it. */
static void use_in(enum iommufd_model_context context, bool try)
{
	const struct iommufd_model_site *site = IOMMUFD_MODEL_SITE("handler");

	iommufd_model_context_enter(context, site);
	if (try)
		ck_assert(spin_trylock(&spin));
	else
		spin_lock(&spin);
	spin_unlock(&spin);
	iommufd_model_context_leave(context, site);
	spin_lock(&spin);
	spin_unlock(&spin);
}

static const struct {
	enum iommufd_model_context context;
	const char *told;
} handlers[] = {
	{ IOMMUFD_MODEL_CONTEXT_HARDIRQ, "spin is taken in an irq handler" },
	{ IOMMUFD_MODEL_CONTEXT_SOFTIRQ, "spin is taken in a softirq" },
};

/* A handler that only tries does not wait for the thread that it interrupts. */
START_TEST(lock_that_a_handler_only_tries_is_silent)
{
	iommufd_model_hook_add(&gate_hook);
	iommufd_model_lockdep_use_rule();
	use_in(handlers[_i].context, true);
	ck_assert_warns(handlers[_i].told, use_in(handlers[_i].context, false));
	iommufd_model_hook_remove(&gate_hook);
}
END_TEST

START_TEST(use_of_a_lock_without_a_class_is_not_checked)
{
	static spinlock_t none;

	iommufd_model_hook_add(&gate_hook);
	iommufd_model_lockdep_use_rule();
	ck_assert_warns("init", spin_lock(&none));
	spin_unlock(&none);
	iommufd_model_hook_remove(&gate_hook);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_lockdep");
	TCase *tc = tcase_create("checks");

	tcase_add_checked_fixture(tc, setup, ground_teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, unlock_by_a_thread_that_does_not_hold_it_warns);
	tcase_add_test(tc, unlock_of_a_free_lock_warns);
	tcase_add_test(tc, lock_taken_twice_warns);
	tcase_add_test(tc, rwsem_taken_twice_on_either_side_warns);
	tcase_add_test(tc, destroy_of_a_held_lock_warns);
	tcase_add_test(tc, free_of_memory_with_a_held_lock_warns);
	tcase_add_test(tc, lock_used_before_it_was_initialised_warns);
	tcase_add_test(tc, trylock_before_initialisation_warns);
	tcase_add_test(tc, order_inversion_of_two_names_tells_both_chains_once);
	tcase_add_test(tc,
		       order_inversion_among_three_names_tells_the_whole_way);
	tcase_add_test(tc, order_inversion_between_kinds_of_locks_warns);
	tcase_add_test(tc, right_order_is_silent);
	tcase_add_test(tc, lock_in_a_handler_that_is_explored_is_silent);
	tcase_add_loop_test(tc, lock_that_a_handler_only_tries_is_silent, 0,
			    ARRAY_SIZE(handlers));
	tcase_add_test(tc, use_of_a_lock_without_a_class_is_not_checked);
	tcase_add_test(tc, trylock_against_the_order_is_silent);
	tcase_add_loop_test(
		tc, order_inversion_with_a_lock_taken_by_trylock_warns, 0,
		ARRAY_SIZE(tries));
	tcase_add_test(tc, release_of_the_wrong_side_of_an_rwsem_warns);
	tcase_add_test(tc, assert_held_warns_unless_this_thread_holds_it);
	tcase_add_test(tc, more_locks_than_a_thread_has_room_for_warns);
	tcase_add_test(tc, more_classes_than_there_is_room_for_warns);
	return run_suite(suite);
}
