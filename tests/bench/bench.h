/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Declarations that the benchmarks share.
 *
 * Machines are shared and noisy.  So every figure is the median of many short
 * rounds, and a calibration loop of uncontended atomic adds runs before each.
 * A figure is given in nanoseconds, and as a multiple of the time of one add.
 */
#ifndef BENCH_H
#define BENCH_H

#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

#define ROUNDS 41

struct bench {
	const char *name;
	void (*loop)(unsigned long n);	/* do the operation @n times */
	unsigned long n;
	double ns[ROUNDS];
	/* the time divided by that of an add in the calibration just before */
	double adds[ROUNDS];
};

double bench_now_ns(void);
double bench_median(double *values, size_t n);
void bench_add(unsigned long n);

/* Run all benchmarks @rounds times, in turns, and print the medians. */
void bench_run(struct bench *benches, size_t n, unsigned int rounds);

/* graph.c: the objects above an IOAS, and maps */
int bench_graph(bool quick);

#endif
