// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What the functions for objects cost, on one core. */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool quick;
static int fd;
static struct iommufd_ctx *ictx;

/* The loops: each does its operation @n times. */

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

static struct bench benches[] = {
	{ .name = "atomic add (calibration)", .loop = bench_add, .n = 200000 },
	{ .name = "malloc + free (calibration)", .loop = loop_malloc,
	  .n = 50000 },
	{ .name = "get + put", .loop = loop_get_put, .n = 100000 },
	{ .name = "DESTROY of nothing", .loop = loop_destroy_nothing,
	  .n = 30000 },
	{ .name = "IOAS_ALLOC + DESTROY", .loop = loop_alloc_destroy,
	  .n = 10000 },
};

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
	/* src/kernel and malloc() put these bytes before each allocation. */
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
		start = bench_now_ns();
		many_fd = iommufd_model_open();
		for (k = 0; k < n; k++)
			iommufd_model_ioctl(many_fd, IOMMU_IOAS_ALLOC, &cmd);
		ms[i] = bench_now_ns() - start;
		if (!i)
			iommufd_model_leaks(0, add_size, &heap);
		start = bench_now_ns();
		iommufd_model_close(many_fd);
		ms[i] = (ms[i] + bench_now_ns() - start) / 1e6;
		if (!i)
			printf("heap per IOAS beyond its struct   %.0f bytes\n",
			       (double)heap / (double)n -
				       (double)sizeof(struct iommufd_ioas));
	}
	printf("open + %lu IOAS + close      %.0f ms\n", n,
	       bench_median(ms, rounds));
}

int main(int argc, char **argv)
{
	unsigned int rounds = ROUNDS;
	size_t i;

	if (argc > 1 && !strcmp(argv[1], "--quick")) {
		quick = true;
		rounds = 1;
		for (i = 0; i < ARRAY_SIZE(benches); i++)
			benches[i].n = 100;
	}
	if (open_all())
		return 1;
	bench_run(benches, ARRAY_SIZE(benches), rounds);
	many(quick ? 1000 : 1000000);
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
	if (bench_graph(quick))
		return 1;
	return iommufd_model_warnings() || iommufd_model_leaks(0, NULL, NULL);
}
