/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Functions for the tests with real threads.
 *
 * The tests are meant for ThreadSanitizer and AddressSanitizer: threads do what
 * they may do at the same time, for a number of rounds.  In the end nothing may
 * be left, nothing may have been reported, and every counter must be right.
 * Each test runs twice: once at full speed, and once with a hook at the gate
 * that yields before one operation in eight, so that other threads come in
 * between.
 *
 * Workers store what is wrong, and the main thread asserts.  The observer is
 * not used: its mutex would order operations that have to race.
 */
#ifndef THREADS_H
#define THREADS_H

#include "ioctls.h"
#include "suite.h"

/*
 * struct worker - one thread of a test
 * @fn: what it does
 * @shared: data of the test
 * @nr: its number among the workers with the same @fn, from 0
 * @done, @refused: how often an operation succeeded, and how often it was
 *	refused
 * @wrong, @why: how often an expected condition was false, and the last such
 *	one
 */
struct worker {
	pthread_t thread;
	void (*fn)(struct worker *worker);
	void *shared;
	unsigned int nr;
	unsigned long done, refused, wrong;
	const char *why;
};

/* In a worker: note an error if @cond is false. */
#define expect(worker, cond) do {					\
	if (!(cond)) {							\
		(worker)->wrong++;					\
		(worker)->why = #cond;					\
	}								\
} while (0)

#define MAX_WORKERS 8

static struct worker workers[MAX_WORKERS];
static unsigned int nr_workers;
static int begin;

static void *worker_thread(void *data)
{
	struct worker *worker = data;

	while (!flag_is_up(&begin))
		sched_yield();
	worker->fn(worker);
	return NULL;
}

/* Add @n threads that do @fn; they begin when run_workers() is called. */
UNUSED static void add_workers(unsigned int n, void (*fn)(struct worker *),
			       void *shared)
{
	struct worker *worker;
	unsigned int i;

	for (i = 0; i < n; i++) {
		ck_assert_uint_lt(nr_workers, MAX_WORKERS);
		worker = &workers[nr_workers++];
		*worker = (struct worker){
			.fn = fn, .shared = shared, .nr = i,
		};
		ck_assert_int_eq(pthread_create(&worker->thread, NULL,
						worker_thread, worker), 0);
	}
}

UNUSED static void start_workers(void)
{
	raise_flag(&begin);
}

/* Wait for all workers, and fail the test if one of them has noted an error. */
UNUSED static void join_workers(void)
{
	unsigned int i;

	for (i = 0; i < nr_workers; i++)
		ck_assert_int_eq(pthread_join(workers[i].thread, NULL), 0);
	for (i = 0; i < nr_workers; i++)
		ck_assert_msg(!workers[i].wrong, "worker %u: %lu times not: %s",
			      i, workers[i].wrong, workers[i].why);
	nr_workers = 0;
	begin = 0;
}

UNUSED static void run_workers(void)
{
	start_workers();
	join_workers();
}

static void thread_setup(void)
{
	iommufd_model_reset_warnings();
	nr_workers = 0;
	begin = 0;
}

static void thread_teardown(void)
{
	ck_assert_uint_eq(iommufd_model_warnings(), 0);
	ck_assert_int_eq(iommufd_model_locks_held(), 0);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}

static void give_way(struct iommufd_model_hook *hook,
		     const struct iommufd_model_op *op)
{
	static __thread unsigned int state;

	(void)hook;
	(void)op;
	state = state * 1103515245u + 12345u + (unsigned int)(uintptr_t)&state;
	if (!(state >> 16 & 7))
		sched_yield();
}

static struct iommufd_model_hook yielding_hook = { .step = give_way };

static void yielding_setup(void)
{
	thread_setup();
	iommufd_model_hook_add(&yielding_hook);
}

static void yielding_teardown(void)
{
	iommufd_model_hook_remove(&yielding_hook);
	thread_teardown();
}

/* Run a suite of the tests that @add_tests adds, each in both ways. */
UNUSED static int run_races(const char *name, void (*add_tests)(TCase *tc))
{
	Suite *suite = suite_create(name);

	add_tests(case_with(suite, "fast", thread_setup, thread_teardown));
	add_tests(case_with(suite, "yielding", yielding_setup,
			    yielding_teardown));
	return run_suite(suite);
}

/* Make an IOAS; for workers, which must not assert. */
UNUSED static int worker_alloc(int fd, u32 *id)
{
	int rc = ioctl_ioas(fd);

	*id = rc > 0 ? (u32)rc : 0;
	return rc > 0 ? 0 : rc;
}

#endif
