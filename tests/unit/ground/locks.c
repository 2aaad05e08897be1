// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mutex, rw_semaphore, spinlock: which thread gets a lock, and which thread
 * waits.
 *
 * The lock's own count of sleepers shows that a thread waits.
 */
#include "ground_suite.h"

DEFINE_MUTEX(a);
DEFINE_SPINLOCK(spin);
static struct rw_semaphore sem;

static void setup(void)
{
	ground_setup();
	init_rwsem(&sem);
}

struct contender {
	pthread_t thread;
	void (*lock)(void);
	void (*unlock)(void);
	int has_it;
};

static void *contend(void *data)
{
	struct contender *contender = data;

	contender->lock();
	raise_flag(&contender->has_it);
	contender->unlock();
	return NULL;
}

static struct contender *start_contender(void (*lock)(void),
					 void (*unlock)(void))
{
	static struct contender contender;

	contender = (struct contender){ .lock = lock, .unlock = unlock };
	contender.thread = start_thread(contend, &contender);
	return &contender;
}

static void lock_a(void) { mutex_lock(&a); }
static void unlock_a(void) { mutex_unlock(&a); }
static void lock_spin(void) { spin_lock(&spin); }
static void unlock_spin(void) { spin_unlock(&spin); }
static void lock_read(void) { down_read(&sem); }
static void unlock_read(void) { up_read(&sem); }
static void lock_write(void) { down_write(&sem); }
static void unlock_write(void) { up_write(&sem); }

START_TEST(mutex_has_one_owner_at_a_time)
{
	struct contender *other;

	mutex_lock(&a);
	ck_assert(mutex_is_locked(&a));
	ck_assert_int_eq(iommufd_model_locks_held(), 1);
	other = start_contender(lock_a, unlock_a);
	until(__atomic_load_n(&a.sleepers, __ATOMIC_SEQ_CST) == 1);
	ck_assert(!flag_is_up(&other->has_it));
	mutex_unlock(&a);
	join_thread(other->thread);
	ck_assert(flag_is_up(&other->has_it));
	ck_assert(!mutex_is_locked(&a));
}
END_TEST

static void *try_all(void *data)
{
	int *got = data;

	got[0] = mutex_trylock(&a);
	if (got[0])
		mutex_unlock(&a);
	got[1] = down_read_trylock(&sem);
	if (got[1])
		up_read(&sem);
	got[2] = down_write_trylock(&sem);
	if (got[2])
		up_write(&sem);
	return NULL;
}

START_TEST(trylock_takes_what_is_free_and_never_waits)
{
	int got[3];

	on_another_thread(try_all, got);
	ck_assert(got[0] && got[1] && got[2]);

	mutex_lock(&a);
	down_read(&sem);
	on_another_thread(try_all, got);
	ck_assert(!got[0] && got[1] && !got[2]);
	up_read(&sem);

	down_write(&sem);
	on_another_thread(try_all, got);
	ck_assert(!got[0] && !got[1] && !got[2]);
	up_write(&sem);
	mutex_unlock(&a);
}
END_TEST

START_TEST(spinlock_has_one_owner_at_a_time)
{
	struct contender *other;
	int i;

	spin_lock(&spin);
	ck_assert_int_eq(iommufd_model_locks_held(), 1);
	other = start_contender(lock_spin, unlock_spin);
	for (i = 0; i < 1000; i++)
		sched_yield();
	ck_assert(!flag_is_up(&other->has_it));
	spin_unlock(&spin);
	join_thread(other->thread);
	ck_assert(flag_is_up(&other->has_it));
}
END_TEST

START_TEST(readers_share_and_a_writer_waits_for_the_last)
{
	struct contender *other;

	down_read(&sem);
	other = start_contender(lock_read, unlock_read);
	join_thread(other->thread);
	ck_assert(flag_is_up(&other->has_it));

	other = start_contender(lock_write, unlock_write);
	until(__atomic_load_n(&sem.writers_waiting, __ATOMIC_SEQ_CST) == 1);
	ck_assert(!flag_is_up(&other->has_it));
	up_read(&sem);
	join_thread(other->thread);
	ck_assert(flag_is_up(&other->has_it));
	ck_assert(!rwsem_is_locked(&sem));
}
END_TEST

START_TEST(writer_keeps_readers_and_writers_out)
{
	struct contender *other;

	down_write(&sem);
	other = start_contender(lock_read, unlock_read);
	until(__atomic_load_n(&sem.sleepers, __ATOMIC_SEQ_CST) == 1);
	ck_assert(!flag_is_up(&other->has_it));
	up_write(&sem);
	join_thread(other->thread);

	down_write(&sem);
	other = start_contender(lock_write, unlock_write);
	until(__atomic_load_n(&sem.sleepers, __ATOMIC_SEQ_CST) == 1);
	ck_assert(!flag_is_up(&other->has_it));
	up_write(&sem);
	join_thread(other->thread);
}
END_TEST

/*
 *	main		writer		reader
 *	down_read
 *			down_write
 *					down_read: waits, though main only reads
 *	up_read
 *			up_write
 *					up_read
 */
START_TEST(waiting_writer_keeps_new_readers_out)
{
	struct contender writer = {
		.lock = lock_write, .unlock = unlock_write,
	}, *reader;
	int got[3];

	down_read(&sem);
	writer.thread = start_thread(contend, &writer);
	until(__atomic_load_n(&sem.writers_waiting, __ATOMIC_SEQ_CST) == 1);
	on_another_thread(try_all, got);
	ck_assert_int_eq(got[1], 0);
	reader = start_contender(lock_read, unlock_read);
	until(__atomic_load_n(&sem.sleepers, __ATOMIC_SEQ_CST) == 2);
	ck_assert(!flag_is_up(&reader->has_it));
	up_read(&sem);
	join_thread(writer.thread);
	join_thread(reader->thread);
	ck_assert(flag_is_up(&reader->has_it));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_locks");
	TCase *tc = tcase_create("exclusion");

	tcase_add_checked_fixture(tc, setup, ground_teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, mutex_has_one_owner_at_a_time);
	tcase_add_test(tc, trylock_takes_what_is_free_and_never_waits);
	tcase_add_test(tc, spinlock_has_one_owner_at_a_time);
	tcase_add_test(tc, readers_share_and_a_writer_waits_for_the_last);
	tcase_add_test(tc, writer_keeps_readers_and_writers_out);
	tcase_add_test(tc, waiting_writer_keeps_new_readers_out);
	return run_suite(suite);
}
