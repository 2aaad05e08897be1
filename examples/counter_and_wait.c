// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A counter of holders, and a thread that waits until it is zero.
 *
 * The example shows refcount_t, wait queues and the clock, on ordinary threads.
 * The waiter first drops its own reference.  Each holder drops one and, if it
 * was the last, wakes the waiter.  A stopped clock lets the test decide when a
 * timeout is reached.
 */
#include "account.h"
#include <iommufd_model/kernel.h>
#include <pthread.h>
#include <sched.h>

static refcount_t holders = REFCOUNT_INIT(1);	/* the waiter's */
static wait_queue_head_t gone;

static void *hold(void *unused)
{
	(void)unused;
	if (!refcount_inc_not_zero(&holders))
		return NULL;
	sched_yield();
	if (refcount_dec_and_test(&holders))
		wake_up_all(&gone);
	return NULL;
}

static void *wait_a_minute(void *left)
{
	*(long *)left = wait_event_timeout(gone, refcount_read(&holders) == 0,
					   60 * HZ);
	return NULL;
}

/* The holder never drops its reference, and the test moves the clock. */
static void run_into_the_limit(void)
{
	pthread_t waiter;
	long left = -1;

	refcount_set(&holders, 1);
	iommufd_model_clock_stop();
	if (pthread_create(&waiter, NULL, wait_a_minute, &left))
		exit(EXIT_FAILURE);
	while (!iommufd_model_clock_sleepers())
		sched_yield();
	iommufd_model_clock_advance(60 * HZ);
	pthread_join(waiter, NULL);
	number("a minute later: time left to wait", left, 0);
	iommufd_model_clock_run();
}

int main(void)
{
	pthread_t threads[4];
	size_t i;

	init_waitqueue_head(&gone);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (pthread_create(&threads[i], NULL, hold, NULL))
			return EXIT_FAILURE;
	if (!refcount_dec_and_test(&holders))
		wait_event(gone, refcount_read(&holders) == 0);
	number("no reference is left: holders", refcount_read(&holders), 0);
	number("can a reference still be taken?",
	       refcount_inc_not_zero(&holders), 0);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);

	run_into_the_limit();

	iommufd_model_expect_warning("decrement");
	refcount_dec(&holders);
	number("a plain dec of the last reference: warnings missing",
	       iommufd_model_missing_warnings(), 0);
	return account_end();
}
