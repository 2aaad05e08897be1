// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What a call costs under iommufd-model exec, which has to run this program.
 * The C library's own functions and the library's own ioctl are measured in the
 * same process as the functions that the program calls.
 */
#include "bench.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int own, device, zero;
static ssize_t (*c_read)(int, void *, size_t);
static struct iommu_destroy nothing = { .size = sizeof(nothing), .id = 99 };

static void loop_c_read(unsigned long n)
{
	char c;

	while (n--)
		c_read(zero, &c, 1);
}

static void loop_read(unsigned long n)
{
	char c;

	while (n--)
		if (read(zero, &c, 1) != 1)
			return;
}

static void loop_own_ioctl(unsigned long n)
{
	while (n--)
		iommufd_model_ioctl(own, IOMMU_DESTROY, &nothing);
}

static void loop_ioctl(unsigned long n)
{
	while (n--)
		ioctl(device, IOMMU_DESTROY, &nothing);
}

static void loop_own_alloc(unsigned long n)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_destroy destroy = { .size = sizeof(destroy) };

	while (n--) {
		iommufd_model_ioctl(own, IOMMU_IOAS_ALLOC, &alloc);
		destroy.id = alloc.out_ioas_id;
		iommufd_model_ioctl(own, IOMMU_DESTROY, &destroy);
	}
}

static void loop_alloc(unsigned long n)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_destroy destroy = { .size = sizeof(destroy) };

	while (n--) {
		ioctl(device, IOMMU_IOAS_ALLOC, &alloc);
		destroy.id = alloc.out_ioas_id;
		ioctl(device, IOMMU_DESTROY, &destroy);
	}
}

static struct bench benches[] = {
	{ .name = "read, the C library's", .loop = loop_c_read, .n = 20000 },
	{ .name = "read, passed through", .loop = loop_read, .n = 20000 },
	{ .name = "DESTROY of nothing, the library's",
	  .loop = loop_own_ioctl, .n = 30000 },
	{ .name = "DESTROY of nothing, under exec", .loop = loop_ioctl,
	  .n = 30000 },
	{ .name = "IOAS_ALLOC + DESTROY, the library's",
	  .loop = loop_own_alloc, .n = 10000 },
	{ .name = "IOAS_ALLOC + DESTROY, under exec", .loop = loop_alloc,
	  .n = 10000 },
};

int main(int argc, char **argv)
{
	bool quick = argc > 1 && !strcmp(argv[1], "--quick");
	void *found = dlsym(dlopen("libc.so.6", RTLD_LAZY), "read");
	size_t i;

	memcpy(&c_read, &found, sizeof(found));
	own = iommufd_model_open();
	device = open("/dev/iommu", O_RDWR);
	zero = open("/dev/zero", O_RDONLY);
	if (own < 0 || device < 0 || zero < 0 || !c_read) {
		fputs("bench_exec is to be run under iommufd-model exec\n",
		      stderr);
		return 1;
	}
	for (i = 0; quick && i < ARRAY_SIZE(benches); i++)
		benches[i].n = 100;
	bench_run(benches, ARRAY_SIZE(benches), quick ? 1 : ROUNDS);
	close(device);
	return iommufd_model_close(own);
}
