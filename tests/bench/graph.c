// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the objects above an IOAS cost, and what a map costs if there are many.
 */
#include "bench.h"
#include <iommufd_model/iommufd_test.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define BUFFER (16 * PAGE_SIZE)
#define IOVA 0x2000000ul	/* an IOVA in the aperture of the mock */

static int fd;
static struct iommufd_ctx *ictx;
static char *buffer;
static u32 ioas_id, dev_id, parent_id, viommu_id;
static struct iommufd_ioas *ioas;
static struct iommufd_access *access_;

static void call(unsigned int cmd, void *arg)
{
	int rc = iommufd_model_ioctl(fd, cmd, arg);

	if (!rc)
		return;
	fprintf(stderr, "bench: ioctl %#x: error %d\n", cmd, -rc);
	exit(1);
}

static void destroy(u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	call(IOMMU_DESTROY, &cmd);
}

static u64 map(u64 iova, u64 length, u32 flags)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = flags | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas_id,
		.user_va = (uintptr_t)buffer,
		.length = length,
		.iova = iova,
	};

	call(IOMMU_IOAS_MAP, &cmd);
	return cmd.iova;
}

static void unmap(u64 iova, u64 length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd), .ioas_id = ioas_id, .iova = iova,
		.length = length,
	};

	call(IOMMU_IOAS_UNMAP, &cmd);
}

static u32 make_ioas(void)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	call(IOMMU_IOAS_ALLOC, &cmd);
	return cmd.out_ioas_id;
}

static u32 make_hwpt(u32 flags)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd), .flags = flags, .dev_id = dev_id,
		.pt_id = ioas_id,
	};

	call(IOMMU_HWPT_ALLOC, &cmd);
	return cmd.out_hwpt_id;
}

static u32 make_viommu(void)
{
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd), .type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = dev_id, .hwpt_id = parent_id,
	};

	call(IOMMU_VIOMMU_ALLOC, &cmd);
	return cmd.out_viommu_id;
}

static void loop_access(unsigned long n)
{
	struct iommufd_access *access;
	struct page *page;

	while (n--) {
		access = iommufd_access_create_internal(ictx);
		iommufd_access_attach_internal(access, ioas);
		iommufd_access_pin_pages(access, IOVA, PAGE_SIZE, &page, 0);
		iommufd_access_unpin_pages(access, IOVA, PAGE_SIZE);
		iommufd_access_detach_internal(access);
		iommufd_access_destroy_internal(ictx, access);
	}
}

static void loop_pin(unsigned long n)
{
	struct page *page;

	while (n--) {
		iommufd_access_pin_pages(access_, IOVA, PAGE_SIZE, &page, 0);
		iommufd_access_unpin_pages(access_, IOVA, PAGE_SIZE);
	}
}

static void loop_hw_queue(unsigned long n)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd), .viommu_id = viommu_id,
		.type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.nesting_parent_iova = IOVA, .length = PAGE_SIZE,
	};

	while (n--) {
		call(IOMMU_HW_QUEUE_ALLOC, &cmd);
		destroy(cmd.out_hw_queue_id);
	}
}

static void loop_viommu(unsigned long n)
{
	while (n--)
		destroy(make_viommu());
}

static void loop_vdevice(unsigned long n)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd), .viommu_id = viommu_id, .dev_id = dev_id,
		.virt_id = 7,
	};

	while (n--) {
		call(IOMMU_VDEVICE_ALLOC, &cmd);
		destroy(cmd.out_vdevice_id);
	}
}

static struct bench objects[] = {
	{ .name = "internal access, pin of a page", .loop = loop_access,
	  .n = 5000 },
	{ .name = "pin + unpin", .loop = loop_pin, .n = 10000 },
	{ .name = "HW_QUEUE_ALLOC + DESTROY", .loop = loop_hw_queue,
	  .n = 5000 },
	{ .name = "VIOMMU_ALLOC + DESTROY", .loop = loop_viommu, .n = 10000 },
	{ .name = "VDEVICE_ALLOC + DESTROY", .loop = loop_vdevice, .n = 5000 },
};

static void loop_hwpt(unsigned long n)
{
	while (n--)
		destroy(make_hwpt(0));
}

static struct bench hwpts[] = {
	{ .name = "HWPT_ALLOC of 16 pages + DESTROY", .loop = loop_hwpt,
	  .n = 1000 },
};

static void make_device(void)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd), .op = IOMMU_TEST_OP_MOCK_DOMAIN,
		.id = make_ioas(),
	};

	call(IOMMU_TEST_CMD, &cmd);
	dev_id = cmd.mock_domain.out_idev_id;
}

static void open_graph(void)
{
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	make_device();
	ioas_id = make_ioas();
	ioas = iommufd_get_ioas(ictx, ioas_id);
}

static void close_graph(void)
{
	iommufd_put_object(ictx, &ioas->obj);
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
}

static void run_objects(unsigned int rounds)
{
	open_graph();
	map(IOVA, PAGE_SIZE, IOMMU_IOAS_MAP_FIXED_IOVA);
	parent_id = make_hwpt(IOMMU_HWPT_ALLOC_NEST_PARENT);
	viommu_id = make_viommu();
	access_ = iommufd_access_create_internal(ictx);
	iommufd_access_attach_internal(access_, ioas);
	bench_run(objects, ARRAY_SIZE(objects), rounds);
	iommufd_access_destroy_internal(ictx, access_);
	close_graph();

	open_graph();
	map(IOVA, BUFFER, IOMMU_IOAS_MAP_FIXED_IOVA);
	bench_run(hwpts, ARRAY_SIZE(hwpts), rounds);
	close_graph();
}

/* N areas of one page; before and behind each is a hole of one page. */

static unsigned long present;
static u32 *order, turn;

static u64 hole(unsigned long i)
{
	return (u64)(i + 1) * 2 * PAGE_SIZE + PAGE_SIZE;
}

static void loop_map(unsigned long n)
{
	u64 iova;

	while (n--) {
		iova = hole(order[turn++ % present]);
		map(iova, PAGE_SIZE, IOMMU_IOAS_MAP_FIXED_IOVA);
		unmap(iova, PAGE_SIZE);
	}
}

static void loop_map_auto(unsigned long n)
{
	while (n--)
		unmap(map(0, PAGE_SIZE, 0), PAGE_SIZE);
}

static void shuffle(u32 *values, unsigned long n)
{
	unsigned long i, j;
	u64 state = 12345;
	u32 value;

	for (i = 0; i < n; i++)
		values[i] = (u32)i;
	for (i = n - 1; i; i--) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		j = (state >> 33) % (i + 1);
		value = values[i];
		values[i] = values[j];
		values[j] = value;
	}
}

static void run_maps(unsigned long n, unsigned int rounds)
{
	char names[2][40];
	struct bench maps[] = {
		{ .name = names[0], .loop = loop_map, .n = rounds > 1 ?
		  5000 : 10 },
		{ .name = names[1], .loop = loop_map_auto, .n = rounds > 1 ?
		  5000 : 10 },
	};
	unsigned long i;

	open_graph();
	order = malloc(n * sizeof(*order));
	if (!order)
		exit(1);
	shuffle(order, n);
	present = n;
	for (i = 0; i < n; i++)
		map(hole(i) - PAGE_SIZE, PAGE_SIZE, IOMMU_IOAS_MAP_FIXED_IOVA);
	snprintf(names[0], sizeof(names[0]), "MAP + UNMAP, %lu areas", n);
	snprintf(names[1], sizeof(names[1]), "the same, automatic IOVA");
	bench_run(maps, ARRAY_SIZE(maps), rounds);
	free(order);
	close_graph();
}

int bench_graph(bool quick)
{
	unsigned long n, most = quick ? 1000 : 1000000;
	unsigned int rounds = quick ? 1 : ROUNDS;
	size_t i;

	buffer = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED)
		return -1;
	if (quick)
		for (i = 0; i < ARRAY_SIZE(objects); i++)
			objects[i].n = 10;
	run_objects(rounds);
	for (n = 1; n <= most; n *= n == 1 ? 1000 : n == 1000 ? 100 : 10)
		run_maps(n, rounds);
	munmap(buffer, BUFFER);
	return 0;
}
