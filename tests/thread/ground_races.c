// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * src/kernel under load: locks guard plain variables, wait queues lose no
 * wake-up, counters reach zero once; the table of descriptors, the allocator
 * and xarrays give each entry to one thread at a time.
 */
#include "threads.h"

#define NR_COUNTERS 2000

static struct {
	struct mutex mutex;
	struct rw_semaphore sem;
	spinlock_t spin;
	unsigned long by_mutex, by_sem[2], by_spin;	/* not atomic */

	wait_queue_head_t wq;
	unsigned int token;

	refcount_t counters[NR_COUNTERS];
	unsigned long zeros;
	unsigned long released;
	unsigned int reports;
	struct xarray xa;
} s;

static void setup(void)
{
	int i;

	iommufd_model_forget_lock_orders();
	mutex_init(&s.mutex);
	init_rwsem(&s.sem);
	spin_lock_init(&s.spin);
	init_waitqueue_head(&s.wq);
	xa_init_flags(&s.xa, XA_FLAGS_ALLOC);
	s.by_mutex = s.by_spin = s.by_sem[0] = s.by_sem[1] = 0;
	s.token = 0;
	s.zeros = 0;
	s.released = 0;
	s.reports = 0;
	for (i = 0; i < NR_COUNTERS; i++)
		refcount_set(&s.counters[i], 4);
}

/*
 * Yield now and then in the middle of a critical section, so that others try.
 */
static void dawdle(int i)
{
	if (i % 64 == 0)
		sched_yield();
}

static void count_under_locks(struct worker *worker)
{
	int i;

	for (i = 0; i < 30000; i++) {
		if (i % 8) {
			mutex_lock(&s.mutex);
		} else if (!mutex_trylock(&s.mutex)) {
			worker->refused++;
			continue;
		}
		s.by_mutex++;
		dawdle(i);
		spin_lock(&s.spin);
		s.by_spin++;
		dawdle(i + 32);
		spin_unlock(&s.spin);
		mutex_unlock(&s.mutex);
		spin_lock(&s.spin);
		s.by_spin++;
		spin_unlock(&s.spin);
		worker->done++;
	}
}

START_TEST(mutex_and_spinlock_guard_plain_variables)
{
	unsigned long done = 0;
	int i;

	add_workers(4, count_under_locks, NULL);
	run_workers();
	for (i = 0; i < 4; i++)
		done += workers[i].done;
	ck_assert_uint_eq(s.by_mutex, done);
	ck_assert_uint_eq(s.by_spin, 2 * done);
}
END_TEST

static void read_and_write(struct worker *worker)
{
	int i;

	for (i = 0; i < 20000; i++) {
		if (worker->nr && i % 4) {
			if (i % 8 == 1 && !down_read_trylock(&s.sem))
				continue;
			else if (i % 8 != 1)
				down_read(&s.sem);
			expect(worker, s.by_sem[0] == s.by_sem[1]);
			dawdle(i + 30);
			expect(worker, s.by_sem[0] == s.by_sem[1]);
			up_read(&s.sem);
			continue;
		}
		if (i % 16 == 4 && !down_write_trylock(&s.sem))
			continue;
		else if (i % 16 != 4)
			down_write(&s.sem);
		s.by_sem[0]++;
		dawdle(i);
		s.by_sem[1]++;
		up_write(&s.sem);
		worker->done++;
	}
}

START_TEST(readers_see_what_writers_left_whole)
{
	unsigned long done = 0;
	int i;

	add_workers(4, read_and_write, NULL);
	run_workers();
	for (i = 0; i < 4; i++)
		done += workers[i].done;
	ck_assert_uint_eq(s.by_sem[0], done);
	ck_assert_uint_eq(s.by_sem[1], done);
	ck_assert_int_eq(s.sem.count, 0);
	ck_assert_int_eq(s.sem.sleepers, 0);
	ck_assert_int_eq(s.sem.writers_waiting, 0);
}
END_TEST

/* Read the token.  If it is not @mine, yield before the caller waits for it. */
static bool token_is(unsigned int mine)
{
	bool is = READ_ONCE(s.token) == mine;

	if (!is)
		sched_yield();
	return is;
}

/* Pass a token round; each thread waits for it in another way. */
static void pass_the_token(struct worker *worker)
{
	unsigned int i, mine;

	for (i = 0; i < 500; i++) {
		mine = i * 4 + worker->nr;
		if (worker->nr == 0)
			wait_event(s.wq, token_is(mine));
		else if (worker->nr == 1)
			expect(worker, !wait_event_interruptible(
					       s.wq, token_is(mine)));
		else
			expect(worker, wait_event_timeout(
					       s.wq, token_is(mine), 600000));
		WRITE_ONCE(s.token, mine + 1);
		wake_up_all(&s.wq);
	}
}

START_TEST(no_wake_up_is_lost)
{
	add_workers(4, pass_the_token, NULL);
	run_workers();
	ck_assert_uint_eq(s.token, 2000);
	ck_assert(list_empty(&s.wq.head));
	ck_assert_int_eq(iommufd_model_clock_sleepers(), 0);
}
END_TEST

static void drop_each(struct worker *worker)
{
	int i;

	for (i = 0; i < NR_COUNTERS; i++) {
		/* The thread holds a reference: it may take and drop more. */
		refcount_inc(&s.counters[i]);
		expect(worker, refcount_inc_not_zero(&s.counters[i]));
		refcount_dec(&s.counters[i]);
		expect(worker, !refcount_dec_and_test(&s.counters[i]));
		if (refcount_dec_and_test(&s.counters[i]))
			__atomic_fetch_add(&s.zeros, 1, __ATOMIC_RELAXED);
	}
}

START_TEST(last_reference_is_dropped_once)
{
	int i;

	add_workers(4, drop_each, NULL);
	run_workers();
	ck_assert_uint_eq(s.zeros, NR_COUNTERS);
	for (i = 0; i < NR_COUNTERS; i++)
		ck_assert_uint_eq(refcount_read(&s.counters[i]), 0);
}
END_TEST

static int count_release(struct inode *inode, struct file *filp)
{
	(void)inode;
	(void)filp;
	__atomic_fetch_add(&s.released, 1, __ATOMIC_RELAXED);
	return 0;
}

static const struct file_operations count_fops = { .release = count_release };

/*
 * The descriptors of this test are so few that threads find and close those of
 * others.
 */
static void open_find_close(struct worker *worker)
{
	struct file *file;
	int fd;

	while (worker->done < 1500) {
		fd = get_unused_fd_flags(0);
		expect(worker, fd >= 3);
		file = anon_inode_getfile("f", &count_fops, NULL, 0);
		expect(worker, !IS_ERR(file));
		fd_install((unsigned int)fd, file);
		worker->done++;
		file = fget(3 + worker->done % 4);
		if (file)
			fput(file);
		if (iommufd_model_close(3 + (int)(worker->done % 5)))
			worker->refused++;
		if (iommufd_model_close(fd))
			worker->refused++;
	}
}

START_TEST(each_file_is_released_once)
{
	int fd;

	add_workers(4, open_find_close, NULL);
	run_workers();
	for (fd = 3; fd < 20; fd++)
		iommufd_model_close(fd);
	ck_assert_uint_eq(s.released, 4 * 1500);
}
END_TEST

struct block {
	unsigned int id;
	unsigned int owner;
};

static const struct iommufd_model_label block_label = { "block", 0 };

static void alloc_and_free(struct worker *worker)
{
	struct block *blocks[8] = { NULL }, **block;
	char text[64];
	int i;

	for (i = 0; i < 5000; i++) {
		block = &blocks[i % 8];
		if (*block)
			expect(worker, (*block)->owner == worker->nr);
		kfree(*block);
		*block = kzalloc(sizeof(**block), GFP_KERNEL);
		expect(worker, *block && !(*block)->owner);
		(*block)->owner = worker->nr;
		iommufd_model_label(*block, &block_label);
		if (i % 64 == 0)
			iommufd_model_describe(*block, text, sizeof(text));
	}
	for (i = 0; i < 8; i++)
		kfree(blocks[i]);
	expect(worker, iommufd_model_allocations() > 0);
}

START_TEST(no_two_threads_get_the_same_memory)
{
	add_workers(4, alloc_and_free, NULL);
	run_workers();
}
END_TEST

static void take_and_give_ids(struct worker *worker)
{
	u32 ids[16];
	int i, n;

	for (i = 0; i < 300; i++) {
		for (n = 0; n < 16; n++)
			expect(worker, !xa_alloc(&s.xa, &ids[n], worker,
						 xa_limit_16b, GFP_KERNEL));
		for (n = 0; n < 16; n++) {
			expect(worker, ids[n] < 64);
			expect(worker, xa_load(&s.xa, ids[n]) == worker);
			expect(worker, xa_erase(&s.xa, ids[n]) == worker);
		}
	}
}

START_TEST(ids_are_given_to_one_at_a_time)
{
	add_workers(4, take_and_give_ids, NULL);
	run_workers();
	ck_assert(xa_empty(&s.xa));
}
END_TEST

static void count_report(const struct iommufd_model_report *report, void *data)
{
	(void)report;
	(void)data;
	s.reports++;		/* reports come one at a time */
}

static void misuse(struct worker *worker)
{
	refcount_t mine;
	int i;

	for (i = 0; i < 500; i++) {
		refcount_set(&mine, 0);
		refcount_inc(&mine);
		expect(worker, mine.refs == REFCOUNT_SATURATED);
	}
}

START_TEST(reports_from_all_threads_are_counted)
{
	iommufd_model_set_sink(count_report, NULL);
	add_workers(4, misuse, NULL);
	run_workers();
	iommufd_model_set_sink(NULL, NULL);
	ck_assert_uint_eq(iommufd_model_warnings(), 4 * 500);
	ck_assert_uint_eq(s.reports, 4 * 500);
	iommufd_model_reset_warnings();
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, mutex_and_spinlock_guard_plain_variables);
	tcase_add_test(tc, readers_see_what_writers_left_whole);
	tcase_add_test(tc, no_wake_up_is_lost);
	tcase_add_test(tc, last_reference_is_dropped_once);
	tcase_add_test(tc, each_file_is_released_once);
	tcase_add_test(tc, no_two_threads_get_the_same_memory);
	tcase_add_test(tc, ids_are_given_to_one_at_a_time);
	tcase_add_test(tc, reports_from_all_threads_are_counted);
}

int main(void)
{
	return run_races("ground_races", add_tests);
}
