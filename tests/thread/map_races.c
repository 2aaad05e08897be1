// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Mappings: map, copy, unmap, pins and domains of one IOAS against each other;
 * queues against unmap of their memory and against close; vDEVICEs against
 * unbind of their device.
 */
#include "threads.h"
#include <iommufd_model/iommufd_test.h>
#include <stdlib.h>
#include <sys/mman.h>

#define P PAGE_SIZE
#define IOVA MOCK_APERTURE_START
#define NR_SLOTS 4u		/* slots of two pages each */
#define RW_FIXED (IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | \
		  IOMMU_IOAS_MAP_WRITEABLE)

static int ctx_fd;
static char *mem;
static unsigned int rounds;
static int finished;
static unsigned int progress;

static u64 slot(unsigned int n)
{
	return IOVA + (n % NR_SLOTS) * 2 * P;
}

static int map_slot(unsigned int n)
{
	return ioctl_map(ctx_fd, 1, slot(n), mem + (n % NR_SLOTS) * 2 * P,
			 2 * P);
}

static int copy_slot(unsigned int from, unsigned int to)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd), .flags = RW_FIXED, .dst_ioas_id = 1,
		.src_ioas_id = 1, .length = 2 * P, .dst_iova = slot(to),
		.src_iova = slot(from),
	};

	return iommufd_model_ioctl(ctx_fd, IOMMU_IOAS_COPY, &cmd);
}

static int unmap(u64 iova, u64 length)
{
	return ioctl_unmap(ctx_fd, 1, iova, length);
}

static int test_cmd(struct iommu_test_cmd *cmd, u32 op, u32 id)
{
	return ioctl_test(ctx_fd, op, id, cmd);
}

static int add_device(u32 *stdev, u32 *idev)
{
	struct iommu_test_cmd cmd = { .last = 0 };
	int rc = test_cmd(&cmd, IOMMU_TEST_OP_MOCK_DOMAIN, 1);

	*stdev = cmd.mock_domain.out_stdev_id;
	*idev = cmd.mock_domain.out_idev_id;
	return rc;
}

/* A context whose first object is an IOAS. */
static void open_ctx(unsigned int n)
{
	u32 id;

	rounds = n;
	finished = 0;
	progress = 0;
	ctx_fd = iommufd_model_open();
	ck_assert_int_ge(ctx_fd, 3);
	ck_assert_int_eq(worker_alloc(ctx_fd, &id), 0);
	ck_assert_uint_eq(id, 1);
}

static void check_nothing_left(void)
{
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}

static void finish(void)
{
	__atomic_fetch_add(&finished, 1, __ATOMIC_RELEASE);
}

/* Map, copy and unmap in all slots. */
static void map_and_unmap(struct worker *worker)
{
	unsigned int i, n;
	int rc;

	for (i = 0; i < rounds; i++) {
		n = i * 7 + worker->nr * 3;
		rc = map_slot(n);
		expect(worker, !rc || rc == -EEXIST);
		sched_yield();
		rc = copy_slot(n, n + 1);
		expect(worker, !rc || rc == -EEXIST || rc == -ENOENT);
		sched_yield();
		/*
		 * Unmap another slot, since other threads use the one that was
		 * just mapped.
		 */
		rc = i % 9 ? unmap(slot(n + 2), 2 * P) : unmap(0, U64_MAX);
		expect(worker, !rc || rc == -ENOENT || rc == -EBUSY);
		worker->done += !rc;
	}
	finish();
}

/* Pin and unpin with an access of the mock, whose callback unpins. */
static void pin_and_unpin(struct worker *worker)
{
	struct iommu_test_cmd cmd = { .last = 0 };
	unsigned int i;
	u32 fd, id;
	int rc;

	cmd.create_access.flags = MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES;
	expect(worker, !test_cmd(&cmd, IOMMU_TEST_OP_CREATE_ACCESS, 1));
	fd = cmd.create_access.out_access_fd;
	for (i = 0; flag_is_up(&finished) < 2; i++) {
		cmd = (struct iommu_test_cmd){ .last = 0 };
		cmd.access_pages.iova = slot(i) + i / 4 % 2 * P;
		cmd.access_pages.length = P + i / 8 % 2 * P;
		cmd.access_pages.flags = MOCK_FLAGS_ACCESS_WRITE;
		rc = test_cmd(&cmd, IOMMU_TEST_OP_ACCESS_PAGES, fd);
		expect(worker, !rc || rc == -ENOENT || rc == -EINVAL);
		worker->done += !rc;
		/* Half of the pins are left for the callback to unpin. */
		if (!rc && i % 2) {
			id = cmd.access_pages.out_access_pages_id;
			cmd = (struct iommu_test_cmd){ .last = 0 };
			cmd.destroy_access_pages.access_pages_id = id;
			rc = test_cmd(&cmd,
				      IOMMU_TEST_OP_DESTROY_ACCESS_PAGES, fd);
			expect(worker, !rc || rc == -ENOENT);
		}
		sched_yield();
	}
	expect(worker, !iommufd_model_close((int)fd));
}

static void read_and_write(struct worker *worker)
{
	struct iommu_test_cmd cmd = { .last = 0 };
	char data[256];
	unsigned int i;
	u32 fd;
	int rc;

	memset(data, 0, sizeof(data));
	expect(worker, !test_cmd(&cmd, IOMMU_TEST_OP_CREATE_ACCESS, 1));
	fd = cmd.create_access.out_access_fd;
	for (i = 0; flag_is_up(&finished) < 2; i++) {
		cmd = (struct iommu_test_cmd){ .last = 0 };
		cmd.access_rw.iova = slot(i) + 2 * P - 100;
		cmd.access_rw.length = i % 3 ? 100 : sizeof(data);
		cmd.access_rw.uptr = (uintptr_t)data;
		cmd.access_rw.flags = i % 2 ? MOCK_ACCESS_RW_WRITE : 0;
		rc = test_cmd(&cmd, IOMMU_TEST_OP_ACCESS_RW, fd);
		expect(worker, !rc || rc == -ENOENT || rc == -EINVAL);
		worker->done += !rc;
		sched_yield();
	}
	expect(worker, !iommufd_model_close((int)fd));
}

static void domains_come_and_go(struct worker *worker)
{
	u32 stdev, idev;
	int rc;

	while (flag_is_up(&finished) < 2) {
		rc = add_device(&stdev, &idev);
		expect(worker, !rc);
		if (!rc)
			expect(worker, !ioctl_destroy(ctx_fd, stdev));
		worker->done++;
		sched_yield();
	}
}

START_TEST(maps_race_safely_with_pins_and_reads)
{
	open_ctx(800);
	add_workers(2, map_and_unmap, NULL);
	add_workers(1, pin_and_unpin, NULL);
	add_workers(1, read_and_write, NULL);
	run_workers();
	ck_assert_int_eq(iommufd_model_close(ctx_fd), 0);
	check_nothing_left();
}
END_TEST

START_TEST(maps_race_safely_with_domains_and_pins)
{
	open_ctx(600);
	add_workers(2, map_and_unmap, NULL);
	add_workers(1, pin_and_unpin, NULL);
	add_workers(1, domains_come_and_go, NULL);
	run_workers();
	ck_assert_int_eq(iommufd_model_close(ctx_fd), 0);
	check_nothing_left();
}
END_TEST

/* A vIOMMU on a nest parent, with the queue's memory mapped in slot 0. */
static u32 viommu_id, device_id;

static void make_viommu(void)
{
	struct iommu_hwpt_alloc hwpt = {
		.size = sizeof(hwpt), .flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
		.pt_id = 1,
	};
	struct iommu_viommu_alloc viommu = {
		.size = sizeof(viommu), .type = IOMMU_VIOMMU_TYPE_SELFTEST,
	};
	u32 stdev;

	ck_assert_int_eq(map_slot(0), 0);
	ck_assert_int_eq(add_device(&stdev, &device_id), 0);
	hwpt.dev_id = device_id;
	ck_assert_int_eq(iommufd_model_ioctl(ctx_fd, IOMMU_HWPT_ALLOC, &hwpt),
			 0);
	viommu.dev_id = device_id;
	viommu.hwpt_id = hwpt.out_hwpt_id;
	ck_assert_int_eq(iommufd_model_ioctl(ctx_fd, IOMMU_VIOMMU_ALLOC,
					     &viommu), 0);
	viommu_id = viommu.out_viommu_id;
}

static bool closed(int rc)
{
	return rc == -EBADF;
}

static int alloc_queue(u32 index, u32 *id)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd), .type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.viommu_id = viommu_id, .index = index,
		.nesting_parent_iova = IOVA, .length = P,
	};
	int rc = iommufd_model_ioctl(ctx_fd, IOMMU_HW_QUEUE_ALLOC, &cmd);

	*id = cmd.out_hw_queue_id;
	return rc;
}

static bool queue_result_is_good(int rc)
{
	/* -EIO, -EBUSY: the queue before it is missing or being destroyed. */
	return !rc || closed(rc) || rc == -ENOENT || rc == -EIO ||
	       rc == -EBUSY;
}

/* Retries until the queue that depends on this one is destroyed. */
static void destroy_queue(struct worker *worker, u32 id)
{
	int rc;

	do {
		sched_yield();
		rc = ioctl_destroy(ctx_fd, id);
	} while (rc == -EBUSY);
	expect(worker, !rc || closed(rc));
}

static void queues_come_and_go(struct worker *worker)
{
	unsigned int i;
	int rc = 0;
	u32 id;

	for (i = 0; i < rounds && !closed(rc); i++) {
		rc = alloc_queue(0, &id);
		expect(worker, queue_result_is_good(rc));
		__atomic_fetch_add(&progress, 1, __ATOMIC_RELAXED);
		sched_yield();
		if (!rc)
			destroy_queue(worker, id);
		/* Now the memory of the queue can be unmapped. */
		sched_yield();
		worker->done += !rc;
	}
	finish();
}

/* Creates and destroys queue 1, once for each queue 0, on which it depends. */
static void dependents_come_and_go(struct worker *worker)
{
	unsigned int seen = 0, now;
	int rc = 0;
	u32 id;

	while (!flag_is_up(&finished) && !closed(rc)) {
		sched_yield();
		now = __atomic_load_n(&progress, __ATOMIC_RELAXED);
		if (now == seen)
			continue;
		rc = alloc_queue(1, &id);
		expect(worker, queue_result_is_good(rc));
		if (rc)
			continue;
		seen = now;
		destroy_queue(worker, id);
		worker->done++;
	}
}

static void remap_slot(struct worker *worker)
{
	int rc = 0;

	while (!flag_is_up(&finished) && !closed(rc)) {
		rc = unmap(IOVA, 2 * P);
		expect(worker, !rc || rc == -EBUSY || closed(rc));
		if (!rc) {
			worker->done++;
			rc = map_slot(0);
			expect(worker, !rc || closed(rc));
		}
		sched_yield();
	}
}

START_TEST(queues_race_safely_with_unmap_of_their_memory)
{
	open_ctx(800);
	make_viommu();
	add_workers(1, queues_come_and_go, NULL);
	add_workers(1, dependents_come_and_go, NULL);
	add_workers(1, remap_slot, NULL);
	run_workers();
	ck_assert_int_eq(iommufd_model_close(ctx_fd), 0);
	check_nothing_left();
}
END_TEST

START_TEST(queues_race_safely_with_close)
{
	unsigned int round;

	for (round = 0; round < 60; round++) {
		open_ctx(100000);
		make_viommu();
		add_workers(1, queues_come_and_go, NULL);
	add_workers(1, dependents_come_and_go, NULL);
		add_workers(1, remap_slot, NULL);
		start_workers();
		while (__atomic_load_n(&progress, __ATOMIC_RELAXED) <
		       round % 20)
			sched_yield();
		ck_assert_int_eq(iommufd_model_close(ctx_fd), 0);
		join_workers();
		check_nothing_left();
	}
}
END_TEST

/* The id of the current DEVICE. */
static u32 current_device;

static void devices_come_and_go(struct worker *worker)
{
	unsigned int i;
	u32 stdev, idev;

	for (i = 0; i < rounds; i++) {
		expect(worker, !add_device(&stdev, &idev));
		__atomic_store_n(&current_device, idev, __ATOMIC_RELEASE);
		sched_yield();
		if (i % 4)
			sched_yield();
		expect(worker, !ioctl_destroy(ctx_fd, stdev));
	}
	finish();
}

static void vdevices_come_and_go(struct worker *worker)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd), .viommu_id = viommu_id,
		.virt_id = 1 + worker->nr,
	};
	int rc;

	while (!flag_is_up(&finished)) {
		cmd.dev_id = __atomic_load_n(&current_device,
					     __ATOMIC_ACQUIRE);
		rc = iommufd_model_ioctl(ctx_fd, IOMMU_VDEVICE_ALLOC, &cmd);
		expect(worker, !rc || rc == -ENOENT || rc == -EEXIST);
		if (!rc) {
			worker->done++;
			/*
			 * The destroy of the device may destroy the vDEVICE,
			 * too, or have done so.
			 */
			rc = ioctl_destroy(ctx_fd, cmd.out_vdevice_id);
			expect(worker, !rc || rc == -ENOENT || rc == -EBUSY);
		}
		sched_yield();
	}
}

START_TEST(vdevices_race_safely_with_unbind_of_their_device)
{
	open_ctx(600);
	make_viommu();
	current_device = device_id;
	add_workers(1, devices_come_and_go, NULL);
	add_workers(2, vdevices_come_and_go, NULL);
	run_workers();
	ck_assert_int_eq(iommufd_model_close(ctx_fd), 0);
	check_nothing_left();
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_test(tc, maps_race_safely_with_pins_and_reads);
	tcase_add_test(tc, maps_race_safely_with_domains_and_pins);
	tcase_add_test(tc, queues_race_safely_with_unmap_of_their_memory);
	tcase_add_test(tc, queues_race_safely_with_close);
	tcase_add_test(tc, vdevices_race_safely_with_unbind_of_their_device);
}

int main(void)
{
	mem = mmap(NULL, 2 * NR_SLOTS * P, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return EXIT_FAILURE;
	return run_races("map_races", add_tests);
}
