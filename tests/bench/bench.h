/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the benchmarks share.
 *
 * Machines are shared and noisy.  So every figure is the median of many short
 * rounds, and a calibration loop of uncontended atomic adds runs before each.
 * A figure is given in nanoseconds and in adds.
 */
#ifndef BENCH_H
#define BENCH_H

#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

#define ROUNDS 41

struct bench {
	const char *name;
	void (*loop)(unsigned long n);	/* does its operation @n times */
	unsigned long n;
	double ns[ROUNDS];
	double adds[ROUNDS];	/* against the calibration just before */
};

double bench_now_ns(void);
double bench_median(double *values, size_t n);
void bench_add(unsigned long n);

/* Run all of them @rounds times, in turns, and print the medians. */
void bench_run(struct bench *benches, size_t n, unsigned int rounds);

/* graph.c: objects above the IOAS, and maps */
int bench_graph(bool quick);

#endif
