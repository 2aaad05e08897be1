// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Wait queues and the clock.
 *
 * No test measures time.  The entry on the queue, or the count of timed
 * sleepers, shows that a thread sleeps; the entry also shows that a wake-up did
 * not wake it.
 */
#include "ground_suite.h"
#include "../../../src/kernel/ground.h"
#include <time.h>

static wait_queue_head_t wq;
static int ready;
static unsigned int looked;

static void setup(void)
{
	ground_setup();
	init_waitqueue_head(&wq);
	ready = 0;
	looked = 0;
	iommufd_model_clock_stop();
}

static void teardown(void)
{
	iommufd_model_clock_run();
	ground_teardown();
}

/* The condition.  It counts how often it was tested. */
static bool is_ready(void)
{
	__atomic_fetch_add(&looked, 1, __ATOMIC_SEQ_CST);
	return flag_is_up(&ready);
}

static unsigned int times_looked(void)
{
	return __atomic_load_n(&looked, __ATOMIC_SEQ_CST);
}

/*
 * Returns the number of entries on the queue, or, if @woken, of those that were
 * woken.
 */
static int queued(bool woken)
{
	struct wait_queue_entry *wait;
	int n = 0;

	spin_lock(&wq.lock);
	list_for_each_entry(wait, &wq.head, entry)
		n += !woken || __atomic_load_n(&wait->woken, __ATOMIC_RELAXED);
	spin_unlock(&wq.lock);
	return n;
}

struct sleeper {
	pthread_t thread;
	long timeout, left;
	int ended;
};

static void *sleep_uninterruptibly(void *data)
{
	struct sleeper *sleeper = data;

	wait_event(wq, is_ready());
	raise_flag(&sleeper->ended);
	return NULL;
}

static void *sleep_interruptibly(void *data)
{
	struct sleeper *sleeper = data;

	sleeper->left = wait_event_interruptible(wq, is_ready());
	raise_flag(&sleeper->ended);
	return NULL;
}

static void *sleep_for_a_time(void *data)
{
	struct sleeper *sleeper = data;

	sleeper->left = wait_event_timeout(wq, is_ready(), sleeper->timeout);
	raise_flag(&sleeper->ended);
	return NULL;
}

static void start_timed(struct sleeper *sleeper, long timeout)
{
	*sleeper = (struct sleeper){ .timeout = timeout };
	sleeper->thread = start_thread(sleep_for_a_time, sleeper);
	until(iommufd_model_clock_sleepers() == 1);
}

/* Advances the clock, and returns when the sleeper has read the time again. */
static void advance_past(unsigned long delta)
{
	iommufd_model_clock_advance(delta);
	until(iommufd_model_clock_sleepers() == 0);
}

START_TEST(true_condition_needs_no_sleep)
{
	raise_flag(&ready);
	wait_event(wq, is_ready());
	ck_assert_uint_eq(times_looked(), 1);
	ck_assert_int_eq(wait_event_interruptible(wq, is_ready()), 0);
	ck_assert_int_eq(wait_event_timeout(wq, is_ready(), 50), 50);
	ck_assert_int_eq(wait_event_timeout(wq, is_ready(), 0), 1);
	ck_assert_int_eq(queued(false), 0);
}
END_TEST

START_TEST(sleeper_is_woken_when_the_condition_holds)
{
	struct sleeper sleeper = { .ended = 0 };

	sleeper.thread = start_thread(sleep_uninterruptibly, &sleeper);
	until(queued(false) == 1);
	ck_assert(!flag_is_up(&sleeper.ended));
	raise_flag(&ready);
	wake_up(&wq);
	join_thread(sleeper.thread);
	ck_assert_int_eq(queued(false), 0);
}
END_TEST

START_TEST(wake_up_for_nothing_lets_it_sleep_on)
{
	struct sleeper sleeper = { .ended = 0 };
	unsigned int before;

	sleeper.thread = start_thread(sleep_uninterruptibly, &sleeper);
	until(queued(false) == 1);
	until(times_looked() == 2);
	before = times_looked();
	wake_up_all(&wq);
	until(times_looked() > before);
	ck_assert_int_eq(queued(false), 1);
	ck_assert(!flag_is_up(&sleeper.ended));
	raise_flag(&ready);
	wake_up_all(&wq);
	join_thread(sleeper.thread);
}
END_TEST

START_TEST(one_wake_up_wakes_all)
{
	struct sleeper sleepers[3];
	int i;

	memset(sleepers, 0, sizeof(sleepers));
	for (i = 0; i < 3; i++)
		sleepers[i].thread = start_thread(sleep_uninterruptibly,
						  &sleepers[i]);
	until(queued(false) == 3);
	raise_flag(&ready);
	wake_up(&wq);
	for (i = 0; i < 3; i++) {
		join_thread(sleepers[i].thread);
		ck_assert(flag_is_up(&sleepers[i].ended));
	}
	ck_assert_int_eq(queued(false), 0);
}
END_TEST

START_TEST(wake_up_of_an_empty_queue_does_nothing)
{
	wake_up(&wq);
	wake_up_all(&wq);
	wake_up_interruptible(&wq);
	wake_up_interruptible_all(&wq);
	ck_assert_int_eq(queued(false), 0);
	ck_assert_int_eq(queued(true), 0);
}
END_TEST

START_TEST(interruptible_waker_passes_over_uninterruptible_sleeper)
{
	struct sleeper sleeper = { .ended = 0 };

	sleeper.thread = start_thread(sleep_uninterruptibly, &sleeper);
	until(queued(false) == 1);
	until(times_looked() == 2);
	raise_flag(&ready);
	wake_up_interruptible(&wq);
	wake_up_interruptible_all(&wq);
	ck_assert_int_eq(queued(true), 0);
	ck_assert_int_eq(queued(false), 1);
	ck_assert_uint_eq(times_looked(), 2);
	wake_up(&wq);
	join_thread(sleeper.thread);
}
END_TEST

START_TEST(interruptible_sleeper_hears_both_kinds_of_wakers)
{
	struct sleeper sleeper;
	int i;

	for (i = 0; i < 2; i++) {
		ready = 0;
		sleeper.ended = 0;
		sleeper.left = -1;
		sleeper.thread = start_thread(sleep_interruptibly, &sleeper);
		until(queued(false) == 1);
		raise_flag(&ready);
		if (i)
			wake_up_interruptible(&wq);
		else
			wake_up(&wq);
		join_thread(sleeper.thread);
		ck_assert_int_eq(sleeper.left, 0);
	}
}
END_TEST

START_TEST(timeout_returns_what_is_left_of_it)
{
	struct sleeper sleeper;

	start_timed(&sleeper, 100);
	iommufd_model_clock_advance(40);
	raise_flag(&ready);
	wake_up(&wq);
	join_thread(sleeper.thread);
	ck_assert_int_eq(sleeper.left, 60);
}
END_TEST

START_TEST(timeout_returns_zero_when_it_ran_out)
{
	struct sleeper sleeper;

	start_timed(&sleeper, 100);
	iommufd_model_clock_advance(99);
	until(iommufd_model_clock_sleepers() == 1);
	ck_assert(!flag_is_up(&sleeper.ended));
	advance_past(1);
	join_thread(sleeper.thread);
	ck_assert_int_eq(sleeper.left, 0);
	ck_assert_int_eq(queued(false), 0);
}
END_TEST

/* R-DESTROY-6: the condition is tested once more after the timeout. */
START_TEST(condition_true_at_the_timeout_counts_as_success)
{
	struct sleeper sleeper;

	start_timed(&sleeper, 100);
	raise_flag(&ready);
	advance_past(500);
	join_thread(sleeper.thread);
	ck_assert_int_eq(sleeper.left, 1);
}
END_TEST

START_TEST(timeout_of_zero_only_looks)
{
	ck_assert_int_eq(wait_event_timeout(wq, is_ready(), 0), 0);
	ck_assert_int_eq(iommufd_model_clock_sleepers(), 0);
	ck_assert_int_eq(queued(false), 0);
}
END_TEST

START_TEST(wake_up_for_nothing_does_not_prolong_the_timeout)
{
	struct sleeper sleeper;
	unsigned int before;

	start_timed(&sleeper, 100);
	iommufd_model_clock_advance(70);
	before = times_looked();
	wake_up(&wq);
	until(times_looked() > before);
	until(iommufd_model_clock_sleepers() == 1);
	advance_past(30);
	join_thread(sleeper.thread);
	ck_assert_int_eq(sleeper.left, 0);
}
END_TEST

START_TEST(stopped_clock_moves_by_hand_only)
{
	ck_assert_uint_eq(jiffies, 0);
	iommufd_model_clock_advance(5);
	iommufd_model_clock_advance(37);
	ck_assert_uint_eq(jiffies, 42);
	iommufd_model_clock_stop();
	ck_assert_uint_eq(jiffies, 0);
	ck_assert_uint_eq(msecs_to_jiffies(60000), 60000);
	ck_assert_int_eq(HZ, 1000);
}
END_TEST

START_TEST(running_clock_ends_a_sleep_by_itself)
{
	unsigned long start;

	iommufd_model_clock_run();
	start = jiffies;
	ck_assert_int_eq(wait_event_timeout(wq, is_ready(), 3), 0);
	ck_assert_uint_ge(jiffies, start + 3);
}
END_TEST

START_TEST(running_clock_counts_milliseconds)
{
	const struct timespec five = { .tv_nsec = 5000000 };
	unsigned long start, gone;

	iommufd_model_clock_run();
	start = jiffies;
	ck_assert_int_eq(nanosleep(&five, NULL), 0);
	gone = jiffies - start;
	ck_assert_uint_ge(gone, 5);
	/* The machine may be busy, but the clock does not go back. */
	ck_assert_uint_lt(gone, 24ul * 3600 * 1000);
}
END_TEST

START_TEST(sleep_of_more_than_a_hundred_years_is_ended_by_a_wake_up)
{
	struct sleeper sleeper;

	iommufd_model_clock_run();
	start_timed(&sleeper, LONG_MAX - 1);
	until(times_looked() == 2);
	raise_flag(&ready);
	wake_up(&wq);
	join_thread(sleeper.thread);
	ck_assert_int_gt(sleeper.left, LONG_MAX / 2);
}
END_TEST

START_TEST(sleeper_holds_no_lock)
{
	struct sleeper sleeper = { .ended = 0 };

	sleeper.thread = start_thread(sleep_uninterruptibly, &sleeper);
	until(times_looked() == 2);
	/* This call takes the lock of the queue. */
	ck_assert_int_eq(queued(false), 1);
	raise_flag(&ready);
	wake_up(&wq);
	join_thread(sleeper.thread);
	ck_assert(flag_is_up(&sleeper.ended));
}
END_TEST

/* Does a sleep on this thread, which must not block. */

static long sleep_at_most(struct wait_queue_entry *wait, long timeout)
{
	return iommufd_model_wait_sleep(&wq, wait, timeout,
					IOMMUFD_MODEL_SITE("wait"));
}

START_TEST(parts_of_a_wait_can_be_called_one_by_one)
{
	DEFINE_WAIT(wait);
	int i;

	for (i = 0; i < 2; i++) {
		prepare_to_wait(&wq, &wait, TASK_INTERRUPTIBLE);
		prepare_to_wait(&wq, &wait, TASK_INTERRUPTIBLE);
		ck_assert_int_eq(queued(false), 1);
		wake_up_interruptible(&wq);
		ck_assert_int_eq(queued(false), 0);
		ck_assert_int_eq(wait.woken, 1);
		ck_assert_int_eq(sleep_at_most(&wait, MAX_SCHEDULE_TIMEOUT),
				 MAX_SCHEDULE_TIMEOUT);
		finish_wait(&wq, &wait);
		ck_assert_int_eq(queued(false), 0);
	}
}
END_TEST

static struct {
	unsigned int mode;
	int flags;
	void *key;
} heard;

static int hear(struct wait_queue_entry *wait, unsigned int mode, int flags,
		void *key)
{
	(void)wait;
	heard.mode = mode;
	heard.flags = flags;
	heard.key = key;
	return 0;
}

/* The model has no wake-up with flags. */
START_TEST(a_wake_function_is_told_mode_and_key)
{
	struct wait_queue_entry wait;

	init_waitqueue_func_entry(&wait, hear);
	add_wait_queue(&wq, &wait);
	wake_up_poll(&wq, EPOLLIN);
	ck_assert_uint_eq(heard.mode, TASK_NORMAL);
	ck_assert_int_eq(heard.flags, 0);
	ck_assert_ptr_eq(heard.key, (void *)(uintptr_t)EPOLLIN);
	wake_up_interruptible(&wq);
	ck_assert_uint_eq(heard.mode, TASK_INTERRUPTIBLE);
	ck_assert_int_eq(heard.flags, 0);
	ck_assert_ptr_null(heard.key);
	remove_wait_queue(&wq, &wait);
}
END_TEST

START_TEST(wait_finished_without_a_start_does_nothing)
{
	DEFINE_WAIT(wait);

	finish_wait(&wq, &wait);
	ck_assert_int_eq(queued(false), 0);
}
END_TEST

START_TEST(sleep_of_one_woken_before_keeps_all_its_time)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&wq, &wait, TASK_INTERRUPTIBLE);
	wake_up(&wq);
	ck_assert_int_eq(sleep_at_most(&wait, 100), 100);
	finish_wait(&wq, &wait);
}
END_TEST

/* A scheduler, which is a hook at the gate. */
static struct {
	struct iommufd_model_hook hook;
	struct wait_queue_entry *waiting;
	unsigned long now;
	bool wakes;
} sched;

static void schedule(struct iommufd_model_hook *hook,
		     const struct iommufd_model_op *op)
{
	(void)hook;
	if (op->kind != IOMMUFD_MODEL_OP_WAIT_SLEEP)
		return;
	sched.waiting = iommufd_model_task->waiting;
	if (sched.wakes)
		wake_up(&wq);
	iommufd_model_clock_set(sched.now);
}

/*
 * During the step of the sleep, the clock advances to @now, and with @wakes a
 * wake-up comes.
 */
static long sleep_scheduled(struct wait_queue_entry *wait, long timeout,
			    unsigned long now, bool wakes)
{
	long left;

	sched.hook.step = schedule;
	sched.now = now;
	sched.wakes = wakes;
	iommufd_model_hook_add(&sched.hook);
	prepare_to_wait(&wq, wait, TASK_UNINTERRUPTIBLE);
	left = sleep_at_most(wait, timeout);
	finish_wait(&wq, wait);
	iommufd_model_hook_remove(&sched.hook);
	return left;
}

START_TEST(clock_moved_in_the_step_ends_the_sleep_at_once)
{
	DEFINE_WAIT(wait);

	ck_assert_int_eq(sleep_scheduled(&wait, 100, 100, false), 0);
}
END_TEST

START_TEST(wake_up_in_the_step_ends_the_sleep_at_once)
{
	DEFINE_WAIT(wait);

	ck_assert_int_eq(sleep_scheduled(&wait, 100, 30, true), 70);
}
END_TEST

START_TEST(scheduler_sees_what_the_thread_sleeps_on)
{
	DEFINE_WAIT(wait);

	sleep_scheduled(&wait, 100, 100, false);
	ck_assert_ptr_eq(sched.waiting, &wait);
	ck_assert_ptr_null(iommufd_model_task->waiting);
}
END_TEST

START_TEST(stopped_clock_can_be_set_back)
{
	iommufd_model_clock_advance(5);
	iommufd_model_clock_set(3);
	ck_assert_uint_eq(jiffies, 3);
	iommufd_model_clock_set(0);
	ck_assert_uint_eq(jiffies, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_wait");
	TCase *tc = tcase_create("wait");

	tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, true_condition_needs_no_sleep);
	tcase_add_test(tc, sleeper_is_woken_when_the_condition_holds);
	tcase_add_test(tc, wake_up_for_nothing_lets_it_sleep_on);
	tcase_add_test(tc, one_wake_up_wakes_all);
	tcase_add_test(tc, wake_up_of_an_empty_queue_does_nothing);
	tcase_add_test(
		tc, interruptible_waker_passes_over_uninterruptible_sleeper);
	tcase_add_test(tc, interruptible_sleeper_hears_both_kinds_of_wakers);
	tcase_add_test(tc, timeout_returns_what_is_left_of_it);
	tcase_add_test(tc, timeout_returns_zero_when_it_ran_out);
	tcase_add_test(tc, condition_true_at_the_timeout_counts_as_success);
	tcase_add_test(tc, timeout_of_zero_only_looks);
	tcase_add_test(tc, wake_up_for_nothing_does_not_prolong_the_timeout);
	tcase_add_test(tc, stopped_clock_moves_by_hand_only);
	tcase_add_test(tc, running_clock_ends_a_sleep_by_itself);
	tcase_add_test(tc, running_clock_counts_milliseconds);
	tcase_add_test(
		tc, sleep_of_more_than_a_hundred_years_is_ended_by_a_wake_up);
	tcase_add_test(tc, sleeper_holds_no_lock);
	tcase_add_test(tc, parts_of_a_wait_can_be_called_one_by_one);
	tcase_add_test(tc, a_wake_function_is_told_mode_and_key);
	tcase_add_test(tc, wait_finished_without_a_start_does_nothing);
	tcase_add_test(tc, sleep_of_one_woken_before_keeps_all_its_time);
	tcase_add_test(tc, clock_moved_in_the_step_ends_the_sleep_at_once);
	tcase_add_test(tc, wake_up_in_the_step_ends_the_sleep_at_once);
	tcase_add_test(tc, scheduler_sees_what_the_thread_sleeps_on);
	tcase_add_test(tc, stopped_clock_can_be_set_back);
	return run_suite(suite);
}
