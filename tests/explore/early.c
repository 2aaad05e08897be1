// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A sleep that ends by its timeout while another thread, which could go on, is
 * about to block: on a lock that the sleeper has, or behind a third thread.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/sched.h>

static struct {
	wait_queue_head_t queue, other_queue;
	struct mutex slept_with, mutex, third;
	bool woken;
	int flag, x;
} s;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	init_waitqueue_head(&s.queue);
	init_waitqueue_head(&s.other_queue);
	mutex_init(&s.slept_with);
	mutex_init(&s.mutex);
	mutex_init(&s.third);
}

static void nothing(void *data)
{
	(void)data;
}

static void sleep_with_mutex(void *data)
{
	(void)data;
	mutex_lock(&s.slept_with);
	if (!wait_event_timeout(s.queue, READ_ONCE(s.flag), 5))
		s.x++;
	mutex_unlock(&s.slept_with);
}

static void must_be_woken(void *data)
{
	(void)data;
	iommufd_model_assert(
		wait_event_timeout(s.queue, READ_ONCE(s.flag), 5));
}

static void take_third(void *data)
{
	(void)data;
	mutex_lock(&s.third);
	mutex_unlock(&s.third);
}

static void take_both(void *data)
{
	(void)data;
	mutex_lock(&s.mutex);
	mutex_lock(&s.slept_with);
	mutex_unlock(&s.slept_with);
	mutex_unlock(&s.mutex);
}

static void take_and_wake(void *data)
{
	(void)data;
	mutex_lock(&s.mutex);
	WRITE_ONCE(s.flag, 1);
	wake_up(&s.queue);
	mutex_unlock(&s.mutex);
}

/* Takes a lock that none of the others wants, and then one that races. */
static void take_third_and_wake(void *data)
{
	(void)data;
	mutex_lock(&s.third);
	WRITE_ONCE(s.flag, 1);
	wake_up(&s.queue);
	mutex_unlock(&s.third);
	mutex_lock(&s.mutex);
	mutex_unlock(&s.mutex);
}

/* Only plain memory says that the sleep is over. */
static void sleep_for_plain(void *data)
{
	(void)data;
	wait_event(s.other_queue, s.woken);
}

static void wake_plain(void *data)
{
	(void)data;
	mutex_lock(&s.mutex);
	s.woken = true;
	wake_up(&s.other_queue);
	WRITE_ONCE(s.flag, 1);
	wake_up(&s.queue);
	mutex_unlock(&s.mutex);
}

/*
 * The sleeper has seen what is written in front of the wake-up, which comes before
 * or after the sleep.
 */
static void must_be_woken_soon(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	prepare_to_wait(&s.queue, &wait, TASK_UNINTERRUPTIBLE);
	WRITE_ONCE(s.x, 1);
	if (READ_ONCE(s.flag))
		iommufd_model_assert(schedule_timeout(5));
	finish_wait(&s.queue, &wait);
}

static void wake_soon(void *data)
{
	(void)data;
	if (!READ_ONCE(s.x))
		return;
	WRITE_ONCE(s.flag, 1);
	wake_up(&s.queue);
}

static void must_not_time_out(void *data)
{
	(void)data;
	iommufd_model_assert(!s.x);
}

START_TEST(a_timeout_comes_before_and_after_other_steps)
{
	static const struct verdict rows[] = {
		RIGHT(0, "behind a lock", setup, nothing, T(sleep_with_mutex),
		      T(take_both), T(take_and_wake)),
		WRONG(ASSERTION, "must_not_time_out", NULL, "times out", setup,
		      must_not_time_out, T(sleep_with_mutex), T(take_both),
		      T(take_and_wake)),
		RIGHT(0, "three locks", setup, nothing, T(sleep_with_mutex),
		      T(take_both), T(take_third_and_wake)),
		RIGHT(0, "three locks, the sleeper last", setup, nothing,
		      T(take_both), T(take_third_and_wake),
		      T(sleep_with_mutex)),
		RIGHT(0, "another sleeper", setup, nothing,
		      T(sleep_with_mutex), T(sleep_for_plain), T(wake_plain)),
		WRONG(ASSERTION, "schedule_timeout", NULL,
		      "in front of the wake-up", setup, nothing,
		      T(must_be_woken_soon), T(wake_soon)),
	};

	check_verdict_with(&rows[_i],
			   (struct iommufd_model_explore_options){
				   .ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT });
}
END_TEST

/* After a failure all threads are tried at each of its steps. */
START_TEST(after_a_failure_a_timeout_is_tried_beside_other_steps)
{
	static const struct verdict row =
		WRONG(ASSERTION, "must_be_woken", NULL, "beside locks", setup,
		      nothing, T(must_be_woken), T(take_both), T(take_third));

	check_verdict_with(&row, (struct iommufd_model_explore_options){
		.keep_going = true,
		.ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT });
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("early");
	TCase *tc = tcase_create("early");

	tcase_add_loop_test(tc, a_timeout_comes_before_and_after_other_steps,
			    0, 6);
	tcase_add_test(tc,
		       after_a_failure_a_timeout_is_tried_beside_other_steps);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
