// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that the ground starts itself, and functions that wait for them.
 *
 * A work item, a timer or an RCU callback runs on a thread that no test has
 * started.  A scheduler such as the explorer provides this thread.  Without one
 * it is a detached thread of the system, which ends by itself and leaves
 * nothing behind.
 *
 * To wait for such a thread, wait for a counter that the thread increments.  A
 * counter only grows, so a waiter cannot miss the value that it waits for,
 * however rarely it reads the counter.  A waiter first adds itself to the
 * number of waiters and then reads the counter; a thread that advances the
 * counter first changes it and then reads the number of waiters.  So at least
 * one of them sees the other, and no wake-up is needed if no thread waits.
 */
#define _XOPEN_SOURCE 700
#include "ground.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

const struct iommufd_model_scheduler *iommufd_model_scheduler;

unsigned int iommufd_model_generation;
NO_STATE(iommufd_model_generation);

static int nr_waiting;
static int nr_started, nr_ended;

struct started {
	void (*fn)(void *data);
	void *data;
	bool stays;
};

static void *run(void *arg)
{
	struct started started = *(struct started *)arg;

	free(arg);
	iommufd_model_gate_count_thread();
	started.fn(started.data);
	if (!started.stays)
		iommufd_model_advance(&nr_ended);
	return NULL;
}

static int start_thread(void (*fn)(void *data), void *data, bool stays)
{
	struct started *started = malloc(sizeof(*started));
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	if (!started)
		return -EAGAIN;
	started->fn = fn;
	started->data = data;
	started->stays = stays;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (!stays)
		__atomic_fetch_add(&nr_started, 1, __ATOMIC_SEQ_CST);
	rc = pthread_create(&thread, &attr, run, started);
	pthread_attr_destroy(&attr);
	if (!rc)
		return 0;
	if (!stays)
		iommufd_model_advance(&nr_ended);
	free(started);
	return -EAGAIN;
}

int iommufd_model_background(const char *name, void (*fn)(void *data),
			     void *data, bool stays)
{
	if (iommufd_model_scheduler)
		return iommufd_model_scheduler->start(name, fn, data, stays);
	return start_thread(fn, data, stays);
}

void iommufd_model_background_retire(int number,
				     const struct iommufd_model_op *never)
{
	if (iommufd_model_scheduler)
		iommufd_model_scheduler->retire(number, never);
}

void iommufd_model_background_spare(int number,
				    const struct iommufd_model_op *never)
{
	if (iommufd_model_scheduler)
		iommufd_model_scheduler->spare(number, never);
}

void iommufd_model_background_flush(void)
{
	if (!iommufd_model_scheduler)
		iommufd_model_until(&nr_ended,
				    __atomic_load_n(&nr_started,
						    __ATOMIC_SEQ_CST));
}

/* A thread with a delay only waits until the time has come. */
static int wait_until_time(unsigned long deadline)
{
	struct park_bucket *bucket = iommufd_model_park_lock(&deadline);

	while (iommufd_model_park_wait(bucket, deadline, true))
		;
	iommufd_model_park_unlock(bucket);
	return 0;
}

static int pass_time(unsigned long ms, unsigned long deadline)
{
	if (!ms)
		return 0;
	if (!iommufd_model_scheduler)
		return wait_until_time(deadline);
	iommufd_model_clock_reach(deadline);
	return 0;
}

void iommufd_model_delay(unsigned long ms, bool sleeps,
			 const struct iommufd_model_site *site)
{
	unsigned long deadline = ms ? jiffies + ms : 0;

	if (sleeps)
		iommufd_model_may_sleep("msleep", site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_RELAX, NULL, 0, site,
		      pass_time(ms, deadline));
	else
		pass_time(ms, deadline);
}

static bool has_reached(const int *counter, int target)
{
	return iommufd_model_reached(__atomic_load_n(counter, __ATOMIC_SEQ_CST),
				     target);
}

void iommufd_model_until(const int *counter, int target)
{
	struct park_bucket *bucket;

	if (has_reached(counter, target) || current_task()->retired)
		return;
	__atomic_fetch_add(&nr_waiting, 1, __ATOMIC_SEQ_CST);
	bucket = iommufd_model_park_lock(counter);
	while (!has_reached(counter, target))
		iommufd_model_park_wait(bucket, 0, false);
	iommufd_model_park_unlock(bucket);
	__atomic_fetch_sub(&nr_waiting, 1, __ATOMIC_SEQ_CST);
}

void iommufd_model_advance(int *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
	iommufd_model_advanced(counter);
}

void iommufd_model_advanced(const int *counter)
{
	if (__atomic_load_n(&nr_waiting, __ATOMIC_SEQ_CST))
		iommufd_model_park_wake(counter);
}

void iommufd_model_wait_until(const int *counter, int target, int thread,
			      const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task;

	if (!IOMMUFD_MODEL_GATE_OPEN()) {
		iommufd_model_until(counter, target);
		return;
	}
	task = current_task();
	task->waits_for = thread + 1;
	GATED(IOMMUFD_MODEL_OP_WAIT_UNTIL, counter, target, site,
	      (iommufd_model_until(counter, target), 0));
	task->waits_for = 0;
}

void iommufd_model_done(int *counter, const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_DONE, counter, 1, site,
		      (iommufd_model_advance(counter), 0));
	else
		iommufd_model_advance(counter);
}
