// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the model's calls cost, on one core.
 *
 * Machines are shared and noisy.  So every figure is the median of many short
 * rounds, and two calibration loops run in between: an uncontended atomic add,
 * and a malloc with its free.  A figure is given in nanoseconds and in adds.
 */
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 41

static int quick;
static int fd, word;
static struct iommufd_ctx *ictx;

static double now_ns(void)
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

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_double);
	return values[n / 2];
}

/* The loops: each does its operation @n times. */

static void loop_add(unsigned long n)
{
	while (n--)
		__atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
}

static void loop_malloc(unsigned long n)
{
	void *p;

	while (n--) {
		p = malloc(sizeof(struct iommufd_ioas));
		__asm__ volatile("" : : "r"(p) : "memory");
		free(p);
	}
}

static void loop_get_put(unsigned long n)
{
	while (n--)
		iommufd_put_object(ictx,
				   iommufd_get_object(ictx, 1,
						      IOMMUFD_OBJ_IOAS));
}

static void loop_destroy_nothing(unsigned long n)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = 99 };

	while (n--)
		iommufd_model_ioctl(fd, IOMMU_DESTROY, &cmd);
}

static void loop_alloc_destroy(unsigned long n)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_destroy destroy = { .size = sizeof(destroy) };

	while (n--) {
		iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc);
		destroy.id = alloc.out_ioas_id;
		iommufd_model_ioctl(fd, IOMMU_DESTROY, &destroy);
	}
}

struct bench {
	const char *name;
	void (*loop)(unsigned long n);
	unsigned long n;
	double ns[ROUNDS];
	double adds[ROUNDS];	/* against the calibration just before */
};

static struct bench benches[] = {
	{ .name = "atomic add (calibration)", .loop = loop_add, .n = 200000 },
	{ .name = "malloc + free (calibration)", .loop = loop_malloc,
	  .n = 50000 },
	{ .name = "get + put", .loop = loop_get_put, .n = 100000 },
	{ .name = "DESTROY of nothing", .loop = loop_destroy_nothing,
	  .n = 30000 },
	{ .name = "IOAS_ALLOC + DESTROY", .loop = loop_alloc_destroy,
	  .n = 10000 },
};

static double time_loop(void (*loop)(unsigned long n), unsigned long n)
{
	double start = now_ns();

	loop(n);
	return (now_ns() - start) / (double)n;
}

static void run_round(unsigned int round)
{
	struct bench *bench;
	double add;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(benches); i++) {
		bench = &benches[i];
		add = time_loop(loop_add, 50000);
		bench->ns[round] = time_loop(bench->loop, bench->n);
		bench->adds[round] = bench->ns[round] / add;
	}
}

static int open_all(void)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	fd = iommufd_model_open();
	if (fd < 0 || iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &cmd))
		return -1;
	ictx = iommufd_ctx_from_fd(fd);
	return 0;
}

static void add_size(const struct iommufd_model_allocation *allocation,
		     void *data)
{
	/* What the ground and malloc put before each. */
	*(size_t *)data += allocation->size + 48 + sizeof(size_t);
}

static void many(unsigned long n)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	double ms[5], start;
	size_t heap, i, rounds = quick ? 1 : ARRAY_SIZE(ms);
	unsigned long k;
	int many_fd;

	for (i = 0; i < rounds; i++) {
		heap = 0;
		start = now_ns();
		many_fd = iommufd_model_open();
		for (k = 0; k < n; k++)
			iommufd_model_ioctl(many_fd, IOMMU_IOAS_ALLOC, &cmd);
		ms[i] = now_ns() - start;
		if (!i)
			iommufd_model_leaks(0, add_size, &heap);
		start = now_ns();
		iommufd_model_close(many_fd);
		ms[i] = (ms[i] + now_ns() - start) / 1e6;
		if (!i)
			printf("heap per IOAS beyond its struct   %.0f bytes\n",
			       (double)heap / (double)n -
				       (double)sizeof(struct iommufd_ioas));
	}
	printf("open + %lu IOAS + close      %.0f ms\n", n,
	       median(ms, rounds));
}

int main(int argc, char **argv)
{
	unsigned int round, rounds = ROUNDS;
	size_t i;

	if (argc > 1 && !strcmp(argv[1], "--quick")) {
		quick = 1;
		rounds = 1;
		for (i = 0; i < ARRAY_SIZE(benches); i++)
			benches[i].n = 100;
	}
	if (open_all())
		return 1;
	for (round = 0; round < rounds; round++)
		run_round(round);
	for (i = 0; i < ARRAY_SIZE(benches); i++)
		printf("%-32s %8.2f ns  %6.2f adds\n", benches[i].name,
		       median(benches[i].ns, rounds),
		       median(benches[i].adds, rounds));
	many(quick ? 1000 : 1000000);
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
	return iommufd_model_warnings() || iommufd_model_leaks(0, NULL, NULL);
}
