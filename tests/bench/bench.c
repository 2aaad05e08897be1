// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Functions for all benchmarks: rounds, medians and a calibration. */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int word;

double bench_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_double);
	return values[n / 2];
}

void bench_add(unsigned long n)
{
	while (n--)
		__atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
}

static double time_loop(void (*loop)(unsigned long n), unsigned long n)
{
	double start = bench_now_ns();

	loop(n);
	return (bench_now_ns() - start) / (double)n;
}

void bench_run(struct bench *benches, size_t n, unsigned int rounds)
{
	unsigned int round;
	double add;
	size_t i;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < n; i++) {
			add = time_loop(bench_add, 50000);
			benches[i].ns[round] = time_loop(benches[i].loop,
							 benches[i].n);
			benches[i].adds[round] = benches[i].ns[round] / add;
		}
	}
	for (i = 0; i < n; i++)
		printf("%-36s %8.2f ns  %7.2f adds\n", benches[i].name,
		       bench_median(benches[i].ns, rounds),
		       bench_median(benches[i].adds, rounds));
}
