// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * io_uring does not reach the model: a read of the device fails, and has no
 * other effect.
 */
#include "program.h"
#include <linux/io_uring.h>
#include <sys/syscall.h>

struct ring {
	int fd;
	struct io_uring_params params;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
};

/* Returns false if this system has no io_uring. */
static bool make_ring(struct ring *ring)
{
	int flags = MAP_SHARED | MAP_POPULATE;

	ring->fd = (int)syscall(SYS_io_uring_setup, 4, &ring->params);
	if (ring->fd < 0)
		return false;
	ring->sq = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, ring->fd,
			IORING_OFF_SQ_RING);
	ring->cq = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, ring->fd,
			IORING_OFF_CQ_RING);
	ring->sqes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, ring->fd,
			  IORING_OFF_SQES);
	return ring->sq != MAP_FAILED && ring->cq != MAP_FAILED &&
	       ring->sqes != MAP_FAILED;
}

/* Submit one entry, and return its result. */
static int submit(struct ring *ring, int op, int fd, void *buf, unsigned int n)
{
	unsigned int *tail = (void *)(ring->sq + ring->params.sq_off.tail);
	unsigned int *head = (void *)(ring->cq + ring->params.cq_off.head);
	unsigned int *mask = (void *)(ring->cq + ring->params.cq_off.ring_mask);
	unsigned int *array = (void *)(ring->sq + ring->params.sq_off.array);
	struct io_uring_cqe *cqes = (void *)(ring->cq +
					     ring->params.cq_off.cqes);
	unsigned int at = *tail % ring->params.sq_entries;
	int result;

	memset(&ring->sqes[at], 0, sizeof(ring->sqes[at]));
	ring->sqes[at].opcode = (unsigned char)op;
	ring->sqes[at].fd = fd;
	ring->sqes[at].addr = (uintptr_t)buf;
	ring->sqes[at].len = n;
	array[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	CHECK(syscall(SYS_io_uring_enter, ring->fd, 1, 1,
		      IORING_ENTER_GETEVENTS, NULL, 0) == 1);
	result = cqes[*head & *mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}

int main(void)
{
	struct ring ring = { .fd = -1 };
	char buf[64];
	int fd = open_iommu(), other[2];

	if (make_ring(&ring)) {
		CHECK(!pipe(other));
		CHECK(write(other[1], "x", 1) == 1);
		CHECK(submit(&ring, IORING_OP_READ, other[0], buf, 1) == 1);
		CHECK(submit(&ring, IORING_OP_READ, fd, buf, 64) == -EBADF);
		CHECK(submit(&ring, IORING_OP_WRITE, fd, buf, 64) == -EBADF);
		CHECK(submit(&ring, IORING_OP_URING_CMD, fd, NULL, 0) < 0);
	}
	CHECK(!close(fd));
	puts("ring: good");
	return 0;
}
