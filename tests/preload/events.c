// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Event queues among a program's other descriptors: poll(), select() and epoll
 * report an event as soon as it is there, and until it is read.
 */
#include "program.h"
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/uio.h>

static struct machine machine;
static int queue, other[2];

static void make_queue(void)
{
	struct iommu_vdevice_alloc vdevice = {
		.size = sizeof(vdevice), .virt_id = 7,
	};
	struct iommu_hwpt_selftest data = { .iotlb = 1 };
	struct iommu_hwpt_alloc nested = {
		.size = sizeof(nested), .data_type = 0xdead,
		.data_len = sizeof(data), .data_uptr = (uintptr_t)&data,
	};
	struct iommu_test_cmd replace = { .id = 0 };
	struct iommu_veventq_alloc events = {
		.size = sizeof(events), .type = 0xbeefbeef,
		.veventq_depth = 4,
	};

	make_machine(&machine);
	vdevice.viommu_id = machine.viommu;
	vdevice.dev_id = machine.device;
	CHECK(!ioctl(machine.fd, IOMMU_VDEVICE_ALLOC, &vdevice));
	nested.dev_id = machine.device;
	nested.pt_id = machine.viommu;
	CHECK(!ioctl(machine.fd, IOMMU_HWPT_ALLOC, &nested));
	replace.id = machine.stdev;
	replace.mock_domain_replace.pt_id = nested.out_hwpt_id;
	CHECK(!test_command(machine.fd, IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
			    &replace));
	events.viommu_id = machine.viommu;
	CHECK(!ioctl(machine.fd, IOMMU_VEVENTQ_ALLOC, &events));
	queue = (int)events.out_veventq_fd;
	CHECK(!pipe(other));
}

static void trigger(void)
{
	struct iommu_test_cmd cmd = {
		.trigger_vevent.dev_id = machine.device,
	};

	CHECK(!test_command(machine.fd, IOMMU_TEST_OP_TRIGGER_VEVENT, &cmd));
}

/* Return what poll() reports for the queue; a pipe is polled as well. */
static int poll_queue(int fd, int ms)
{
	struct pollfd fds[2] = {
		{ .fd = other[0], .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	CHECK(poll(fds, 2, ms) == !!fds[1].revents);
	CHECK(!fds[0].revents);
	return fds[1].revents;
}

static int select_queue(void)
{
	struct timeval none = { 0, 0 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(queue, &set);
	FD_SET(other[0], &set);
	return select(queue > other[0] ? queue + 1 : other[0] + 1, &set, NULL,
		      NULL, &none);
}

static ssize_t take(size_t size)
{
	char buf[256];

	return read(queue, buf, size);
}

static void *trigger_later(void *arg)
{
	(void)arg;
	usleep(50000);
	trigger();
	return NULL;
}

static void polls(void)
{
	int copy = dup(queue);
	pthread_t thread;

	CHECK(!poll_queue(queue, 0) && !select_queue());
	trigger();
	CHECK(poll_queue(queue, 0) == POLLIN && select_queue() == 1);
	CHECK(poll_queue(copy, 0) == POLLIN);
	trigger();
	/*
	 * The buffer has room for both events: both are read, and the queue is
	 * empty.
	 */
	CHECK(take(256) > 0);
	CHECK(!poll_queue(queue, 0) && !poll_queue(copy, 0));
	CHECK(!select_queue());
	/* A thread that sleeps in poll() wakes up. */
	CHECK(!pthread_create(&thread, NULL, trigger_later, NULL));
	CHECK(poll_queue(queue, -1) == POLLIN);
	CHECK(!pthread_join(thread, NULL));
	CHECK(!close(copy));
	CHECK(poll_queue(queue, 0) == POLLIN);
}

static void epolls(void)
{
	struct epoll_event event = { .events = EPOLLIN }, got[2];
	int ep = epoll_create1(0);

	event.data.fd = queue;
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, queue, &event));
	event.data.fd = other[0];
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, other[0], &event));
	CHECK(epoll_wait(ep, got, 2, 0) == 1 && got[0].data.fd == queue);
	CHECK(take(256) > 0);
	CHECK(!epoll_wait(ep, got, 2, 0));
	CHECK(write(other[1], "x", 1) == 1);
	trigger();
	CHECK(epoll_wait(ep, got, 2, 0) == 2);
	CHECK(!close(ep));
	/* A file that is always ready cannot be in an epoll set. */
	ep = epoll_create1(0);
	FAILS(EPERM, epoll_ctl(ep, EPOLL_CTL_ADD, machine.fd, &event));
	CHECK(!close(ep));
}

/* Several buffers are filled one after the other. */
static void vectors(void)
{
	char one[12], two[240];	/* an event has 12 bytes */
	struct iovec iov[2] = {
		{ one, sizeof(one) }, { two, sizeof(two) },
	};

	FAILS(EINVAL, take(1));
	FAILS(EFAULT, read(queue, (void *)8, 256));
	CHECK(poll_queue(queue, 0) == POLLIN);
	trigger();
	CHECK(readv(queue, iov, 2) == 24);
	CHECK(!poll_queue(queue, 0));
	CHECK(!take(256));
	FAILS(EFAULT, readv(queue, (struct iovec *)8, 2));
	FAILS(EINVAL, readv(queue, iov, -1));
	FAILS(EINVAL, write(queue, one, 8));
}

/* A queue for page faults is always ready for writing. */
static void faults(void)
{
	struct iommu_fault_alloc alloc = { .size = sizeof(alloc) };
	struct pollfd fd = { .events = POLLIN | POLLOUT };

	CHECK(!ioctl(machine.fd, IOMMU_FAULT_QUEUE_ALLOC, &alloc));
	fd.fd = (int)alloc.out_fault_fd;
	CHECK(poll(&fd, 1, 0) == 1 && fd.revents == POLLOUT);
	CHECK(!close(fd.fd));
	CHECK(!destroy(machine.fd, alloc.out_fault_id));
}

int main(void)
{
	char c;

	make_queue();
	polls();
	epolls();
	CHECK(read(other[0], &c, 1) == 1);
	vectors();
	faults();
	CHECK(!close(queue) && !close(machine.fd));
	puts("events: good");
	return 0;
}
