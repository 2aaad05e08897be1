// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Finds the same bugs by luck: an entry's test runs in many rounds on real
 * threads, which all start at a barrier.  Its figures are for comparison with
 * the explorer's.  It can also be built and run with ThreadSanitizer.
 *
 *	stress-NAME [SECONDS]
 *
 * A round has found the bug if src/kernel has warned, something is left over, a
 * wait took a second, an assertion failed or the process died.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "zoo.h"
#include <iommufd_model/model.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_barrier_t start, end;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void *run_thread(void *arg)
{
	const struct iommufd_model_test_thread *thread = arg;

	for (;;) {
		pthread_barrier_wait(&start);
		thread->fn(zoo_entry.test.data);
		pthread_barrier_wait(&end);
	}
	return NULL;
}

static void quiet(const struct iommufd_model_report *report, void *data)
{
	(void)report;
	(void)data;
}

static bool play_round(void)
{
	unsigned long allocations = iommufd_model_allocations();
	const struct iommufd_model_test *test = &zoo_entry.test;
	double began;

	if (test->setup)
		test->setup(test->data);
	began = now();
	pthread_barrier_wait(&start);
	pthread_barrier_wait(&end);
	if (now() - began > 1)
		return true;
	if (test->after)
		test->after(test->data);
	return iommufd_model_warnings() ||
	       iommufd_model_leaks(allocations, NULL, NULL);
}

/*
 * Run rounds in a child process.  Returns 0 if the time is over; otherwise a
 * round has found the bug.
 */
static int play(double seconds, volatile unsigned long *rounds)
{
	static struct iommufd_model_test_thread threads[16];
	unsigned int n = 0, i;
	double until = now() + seconds;
	pthread_t id;

	iommufd_model_set_sink(quiet, NULL);
	while (n < 16 && zoo_entry.test.threads[n].fn)
		n++;
	pthread_barrier_init(&start, NULL, n + 1);
	pthread_barrier_init(&end, NULL, n + 1);
	for (i = 0; i < n; i++) {
		threads[i] = zoo_entry.test.threads[i];
		if (pthread_create(&id, NULL, run_thread, &threads[i]))
			return 2;
	}
	while (now() < until) {
		++*rounds;
		if (play_round())
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 20, began = now();
	volatile unsigned long *rounds;
	int status;
	pid_t pid;

	rounds = mmap(NULL, sizeof(*rounds), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rounds == MAP_FAILED)
		return EXIT_FAILURE;
	*rounds = 0;
	pid = fork();
	if (!pid) {
		alarm((unsigned int)seconds + 5);
		_exit(play(seconds, rounds));
	}
	waitpid(pid, &status, 0);
	printf("%-28s %s after %lu rounds, %.1f s%s\n", zoo_entry.name,
	       status ? "found" : "NOT found", *rounds, now() - began,
	       WIFSIGNALED(status) ? ", by its death" : "");
	return EXIT_SUCCESS;
}
