// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Sleeping and the clock.
 *
 * All sleepers of the ground sleep on one of 64 buckets, which is chosen by the
 * address of the lock or queue.  A sleeper holds the bucket's mutex from before
 * it tests its condition until it sleeps.  A waker first changes the condition
 * and then holds the mutex while it wakes the bucket.  So no wake-up is lost.
 * A wake-up may be spurious, because unrelated locks can share a bucket.
 *
 * While the clock is stopped, a sleeper with a timeout sleeps like any other.
 * Moving the clock wakes every bucket, and each sleeper reads the time again.
 */
#define _XOPEN_SOURCE 700
#include "ground.h"
#include <pthread.h>
#include <time.h>

#define NR_BUCKETS 64

struct park_bucket {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
};

static struct park_bucket buckets[NR_BUCKETS];
/* No thread of the explorer sleeps here. */
NO_CHECKPOINT(buckets);
static pthread_once_t buckets_once = PTHREAD_ONCE_INIT;
static bool clock_stopped;
static unsigned long clock_now; /* the time; used while the clock is stopped */
static int nr_timed;

#ifdef __APPLE__ /* a condition variable cannot use another clock */
#define PARK_CLOCK CLOCK_REALTIME
#define condattr_setclock(attr) ((void)(attr))
#else
#define PARK_CLOCK CLOCK_MONOTONIC
#define condattr_setclock(attr) pthread_condattr_setclock(attr, PARK_CLOCK)
#endif

static void init_buckets(void)
{
	pthread_condattr_t attr;
	int i;

	pthread_condattr_init(&attr);
	condattr_setclock(&attr);
	for (i = 0; i < NR_BUCKETS; i++) {
		pthread_mutex_init(&buckets[i].mutex, NULL);
		pthread_cond_init(&buckets[i].cond, &attr);
	}
	pthread_condattr_destroy(&attr);
}

struct park_bucket *iommufd_model_park_lock(const void *addr)
{
	struct park_bucket *bucket;

	pthread_once(&buckets_once, init_buckets);
	bucket = &buckets[((uintptr_t)addr >> 4) % NR_BUCKETS];
	pthread_mutex_lock(&bucket->mutex);
	return bucket;
}

void iommufd_model_park_unlock(struct park_bucket *bucket)
{
	pthread_mutex_unlock(&bucket->mutex);
}

static void until(struct timespec *ts, unsigned long ms)
{
	/*
	 * A sleep that is too short is harmless, because the sleeper reads the
	 * time again.
	 */
	if (ms > 1000ul * 60 * 60 * 24 * 365 * 100)
		ms = 1000ul * 60 * 60 * 24 * 365 * 100;
	ts->tv_sec = (time_t)(ms / 1000);
	ts->tv_nsec = (long)(ms % 1000) * 1000000;
}

static unsigned long now(void)
{
	struct timespec ts;

	if (__atomic_load_n(&clock_stopped, __ATOMIC_RELAXED))
		return __atomic_load_n(&clock_now, __ATOMIC_ACQUIRE);
	clock_gettime(PARK_CLOCK, &ts);
	return (unsigned long)ts.tv_sec * 1000 +
	       (unsigned long)ts.tv_nsec / 1000000;
}

bool iommufd_model_park_wait(struct park_bucket *bucket, unsigned long deadline,
			     bool timed)
{
	struct timespec ts;

	if (!timed) {
		pthread_cond_wait(&bucket->cond, &bucket->mutex);
		return true;
	}
	if (now() >= deadline)
		return false;
	__atomic_fetch_add(&nr_timed, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&clock_stopped, __ATOMIC_RELAXED)) {
		pthread_cond_wait(&bucket->cond, &bucket->mutex);
	} else {
		until(&ts, deadline);
		pthread_cond_timedwait(&bucket->cond, &bucket->mutex, &ts);
	}
	__atomic_fetch_sub(&nr_timed, 1, __ATOMIC_SEQ_CST);
	return true;
}

void iommufd_model_park_wake(const void *addr)
{
	struct park_bucket *bucket = iommufd_model_park_lock(addr);

	pthread_cond_broadcast(&bucket->cond);
	iommufd_model_park_unlock(bucket);
}

unsigned long iommufd_model_jiffies(void)
{
	if (iommufd_model_scheduler)
		iommufd_model_scheduler->clock(false);
	return now();
}

void iommufd_model_clock_stop(void)
{
	__atomic_store_n(&clock_now, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&clock_stopped, true, __ATOMIC_RELEASE);
}

void iommufd_model_clock_set(unsigned long now)
{
	__atomic_store_n(&clock_now, now, __ATOMIC_RELEASE);
}

void iommufd_model_clock_reach(unsigned long then)
{
	if (iommufd_model_scheduler)
		iommufd_model_scheduler->clock(true);
	if (now() < then)
		iommufd_model_clock_set(then);
}

void iommufd_model_clock_run(void)
{
	__atomic_store_n(&clock_stopped, false, __ATOMIC_RELEASE);
}

void iommufd_model_clock_advance(unsigned long delta)
{
	int i;

	__atomic_fetch_add(&clock_now, delta, __ATOMIC_ACQ_REL);
	pthread_once(&buckets_once, init_buckets);
	for (i = 0; i < NR_BUCKETS; i++) {
		pthread_mutex_lock(&buckets[i].mutex);
		pthread_cond_broadcast(&buckets[i].cond);
		pthread_mutex_unlock(&buckets[i].mutex);
	}
}

int iommufd_model_clock_sleepers(void)
{
	return __atomic_load_n(&nr_timed, __ATOMIC_SEQ_CST);
}
