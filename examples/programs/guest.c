// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program of the kind of a VMM: it gives a guest's memory and a device to an
 * I/O address space, and waits for the events of a virtual IOMMU in the same
 * loop as for everything else.
 *
 * It does not know this library.  In place of a VFIO device it uses a device of
 * the mock driver, which a kernel with CONFIG_IOMMUFD_TEST has as well.  With
 * --forget it ends without closing anything.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <iommufd_model/iommufd_test.h>	/* the mock's, of the kernel tree */
#include <iommufd_model/uapi.h>		/* <linux/iommufd.h> */

#define GUEST_MEMORY (4u << 20)
#define GUEST_START 0x10000000

static int iommu;

static void check(int rc, const char *what)
{
	if (rc < 0) {
		perror(what);
		exit(1);
	}
}

static uint32_t new_ioas(void)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	check(ioctl(iommu, IOMMU_IOAS_ALLOC, &cmd), "IOMMU_IOAS_ALLOC");
	return cmd.out_ioas_id;
}

static void map_memory(uint32_t ioas, void *memory)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd), .ioas_id = ioas,
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.user_va = (uintptr_t)memory, .length = GUEST_MEMORY,
		.iova = GUEST_START,
	};

	check(ioctl(iommu, IOMMU_IOAS_MAP, &cmd), "IOMMU_IOAS_MAP");
}

struct device {
	uint32_t mock, id;
};

/* Stands for VFIO_DEVICE_BIND_IOMMUFD and VFIO_DEVICE_ATTACH_IOMMUFD_PT. */
static struct device attach(uint32_t ioas)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd), .op = IOMMU_TEST_OP_MOCK_DOMAIN,
		.id = ioas,
	};

	check(ioctl(iommu, IOMMU_TEST_CMD, &cmd), "a device of the mock");
	return (struct device){
		.mock = cmd.mock_domain.out_stdev_id,
		.id = cmd.mock_domain.out_idev_id,
	};
}

static uint32_t new_hwpt(uint32_t device, uint32_t parent, uint32_t flags,
			 uint32_t type)
{
	struct iommu_hwpt_selftest data = { .iotlb = 0 };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd), .flags = flags, .dev_id = device,
		.pt_id = parent, .data_type = type,
		.data_len = type ? sizeof(data) : 0,
		.data_uptr = type ? (uintptr_t)&data : 0,
	};

	check(ioctl(iommu, IOMMU_HWPT_ALLOC, &cmd), "IOMMU_HWPT_ALLOC");
	return cmd.out_hwpt_id;
}

/* Make a vIOMMU for the guest; returns the descriptor of its events. */
static int new_viommu(struct device device, uint32_t ioas)
{
	struct iommu_viommu_alloc viommu = {
		.size = sizeof(viommu), .type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = device.id,
	};
	struct iommu_vdevice_alloc vdevice = {
		.size = sizeof(vdevice), .dev_id = device.id, .virt_id = 8,
	};
	struct iommu_veventq_alloc events = {
		.size = sizeof(events), .type = IOMMU_VEVENTQ_TYPE_SELFTEST,
		.veventq_depth = 16,
	};
	struct iommu_test_cmd use = {
		.size = sizeof(use), .op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = device.mock,
	};

	viommu.hwpt_id = new_hwpt(device.id, ioas,
				  IOMMU_HWPT_ALLOC_NEST_PARENT, 0);
	check(ioctl(iommu, IOMMU_VIOMMU_ALLOC, &viommu), "IOMMU_VIOMMU_ALLOC");
	vdevice.viommu_id = events.viommu_id = viommu.out_viommu_id;
	check(ioctl(iommu, IOMMU_VDEVICE_ALLOC, &vdevice),
	      "IOMMU_VDEVICE_ALLOC");
	check(ioctl(iommu, IOMMU_VEVENTQ_ALLOC, &events),
	      "IOMMU_VEVENTQ_ALLOC");
	use.mock_domain_replace.pt_id =
		new_hwpt(device.id, viommu.out_viommu_id, 0,
			 IOMMU_HWPT_DATA_SELFTEST);
	check(ioctl(iommu, IOMMU_TEST_CMD, &use), "attach to the guest's");
	return (int)events.out_veventq_fd;
}

/* Let the hardware report an event of the device to the guest. */
static void cause_event(struct device device)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd), .op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent = { .dev_id = device.id },
	};

	check(ioctl(iommu, IOMMU_TEST_CMD, &cmd), "an event");
}

static void watch(int set, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	check(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

/* The loop of a VMM, which runs until the guest stops. */
static void run(int events, int stop)
{
	int set = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event;
	struct {
		struct iommufd_vevent_header header;
		struct iommu_viommu_event_selftest what;
	} got;

	check(set, "epoll_create1");
	watch(set, events);
	watch(set, stop);
	while (epoll_wait(set, &event, 1, -1) == 1) {
		if (event.data.fd == stop)
			break;
		check((int)read(events, &got, sizeof(got)), "read");
		printf("event %u of the guest's device %u\n",
		       got.header.sequence, got.what.virt_id);
		if (got.header.sequence == 2)
			check(eventfd_write(stop, 1), "eventfd_write");
	}
	close(set);
}

int main(int argc, char **argv)
{
	void *memory = mmap(NULL, GUEST_MEMORY, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int events, stop = eventfd(0, EFD_CLOEXEC), i;
	struct device device;
	uint32_t ioas;

	iommu = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	check(iommu, "/dev/iommu");
	ioas = new_ioas();
	map_memory(ioas, memory);
	device = attach(ioas);
	events = new_viommu(device, ioas);
	for (i = 0; i < 3; i++)
		cause_event(device);
	run(events, stop);
	if (argc > 1 && !strcmp(argv[1], "--forget"))
		return 0;
	close(events);
	close(iommu);
	munmap(memory, GUEST_MEMORY);
	puts("the guest has ended");
	return 0;
}
