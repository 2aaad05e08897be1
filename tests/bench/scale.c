// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How long it takes with very many: a million IOAS in a context that is closed,
 * and ten thousand accesses that have pinned pages of one IOAS.  It uses only what
 * the model and a kernel tree have both, so that tree.sh can run it on both.
 *
 * Times are of the processor, because machines are shared.
 *
 *	bench_scale [--quick | --ioas]
 *
 * With --ioas only the first is done.
 *
 * The exit code is 1 if the accesses take more than a second, which they do if each
 * of them walks through all others.
 */
#define _DEFAULT_SOURCE
#include "bench.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/uapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define TURNS 5
#define AREA (64 * PAGE_SIZE)

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void wrong(const char *what, long code)
{
	fprintf(stderr, "bench_scale: %s: %ld\n", what, code);
	exit(1);
}

static unsigned int make_ioas(int fd)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	int rc = iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &cmd);

	if (rc)
		wrong("IOAS_ALLOC", rc);
	return cmd.out_ioas_id;
}

static void many_ioas(unsigned long n)
{
	double ms[TURNS], start;
	unsigned long i;
	int turn, fd;

	for (turn = 0; turn < TURNS; turn++) {
		start = now_ms();
		fd = iommufd_model_open();
		for (i = 0; i < n; i++)
			make_ioas(fd);
		iommufd_model_close(fd);
		ms[turn] = now_ms() - start;
	}
	printf("open + %lu IOAS + close: %.0f ms\n", n,
	       bench_median(ms, TURNS));
}

static void unmap_nothing(void *data, unsigned long iova, unsigned long length)
{
	(void)data;
	(void)iova;
	(void)length;
}

static const struct iommufd_access_ops ops = {
	.needs_pin_pages = 1,
	.unmap = unmap_nothing,
};

static void map_area(int fd, unsigned int ioas, void *memory)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)memory,
		.length = AREA,
		.iova = AREA,
	};
	int rc = iommufd_model_ioctl(fd, IOMMU_IOAS_MAP, &map);

	if (rc)
		wrong("IOAS_MAP", rc);
}

static struct iommufd_access *make_access(struct iommufd_ctx *ictx,
					  unsigned int ioas)
{
	struct iommufd_access *access;
	u32 id;
	int rc;

	access = iommufd_access_create(ictx, &ops, NULL, &id);
	if (IS_ERR(access))
		wrong("access_create", PTR_ERR(access));
	rc = iommufd_access_attach(access, ioas);
	if (rc)
		wrong("access_attach", rc);
	return access;
}

static unsigned long at(unsigned long i)
{
	return AREA + i % (AREA / PAGE_SIZE) * PAGE_SIZE;
}

static void pin(struct iommufd_access *access, unsigned long i)
{
	struct page *page;
	int rc = iommufd_access_pin_pages(access, at(i), PAGE_SIZE, &page,
					  IOMMUFD_ACCESS_RW_READ);

	if (rc)
		wrong("pin_pages", rc);
}

/* A turn's times: until the last pin is there, and until all is destroyed. */
static void turn_of_accesses(unsigned long n, void *memory, double *made,
			     double *destroyed)
{
	struct iommufd_access **accesses = calloc(n, sizeof(*accesses));
	struct iommufd_ctx *ictx;
	unsigned long i;
	unsigned int ioas;
	double start;
	int fd;

	if (!accesses)
		exit(1);
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	ioas = make_ioas(fd);
	map_area(fd, ioas, memory);
	start = now_ms();
	for (i = 0; i < n; i++) {
		accesses[i] = make_access(ictx, ioas);
		pin(accesses[i], i);
	}
	*made = now_ms() - start;
	start = now_ms();
	for (i = 0; i < n; i++) {
		iommufd_access_unpin_pages(accesses[i], at(i), PAGE_SIZE);
		iommufd_access_destroy(accesses[i]);
	}
	*destroyed = now_ms() - start;
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
	free(accesses);
}

/* Returns the milliseconds that they took. */
static double many_accesses(unsigned long n)
{
	double made[TURNS], destroyed[TURNS];
	void *memory;
	int turn;

	memory = mmap(NULL, AREA, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		exit(1);
	for (turn = 0; turn < TURNS; turn++)
		turn_of_accesses(n, memory, made + turn, destroyed + turn);
	munmap(memory, AREA);
	printf("%lu accesses with a pin each: %.1f ms, and %.1f ms to destroy "
	       "them\n", n, bench_median(made, TURNS),
	       bench_median(destroyed, TURNS));
	return bench_median(made, TURNS) + bench_median(destroyed, TURNS);
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");

	many_ioas(quick ? 1000 : 1000000);
	if (argc > 1 && !strcmp(argv[1], "--ioas"))
		return iommufd_model_warnings() != 0;
	return many_accesses(10000) > 1000 || iommufd_model_warnings();
}
