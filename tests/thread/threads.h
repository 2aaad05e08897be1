/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests with real threads share.
 *
 * They are meant for ThreadSanitizer and AddressSanitizer: threads do what they
 * may do at the same time, for a number of rounds, and in the end nothing is
 * left, nothing was reported, every counter is right.  Each test runs twice: as
 * fast as it can, and with a hook at the gate that gives way before one
 * operation in eight, so that the others come in between.
 *
 * Workers record, the main thread asserts.  There is no observer: its mutex
 * would order what is to race.
 */
#ifndef THREADS_H
#define THREADS_H

#include "ioctls.h"
#include "suite.h"

/*
 * struct worker - one thread of a test
 * @fn: what it does
 * @shared: the test's
 * @nr: its number among those that do the same, from 0
 * @done, @refused: how often it got what it wanted, and how often not
 * @wrong, @why: how often something was not as it should be, and what
 */
struct worker {
	pthread_t thread;
	void (*fn)(struct worker *worker);
	void *shared;
	unsigned int nr;
	unsigned long done, refused, wrong;
	const char *why;
};

/* In a worker: @cond is to hold. */
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

/* Wait for all, and fail the test for what any of them found wrong. */
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

/* A suite of the tests that @add_tests adds, in both ways; runs it. */
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
