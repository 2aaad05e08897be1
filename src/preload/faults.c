// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The files /proc/PID/fail-nth and /proc/PID/task/TID/fail-nth.
 *
 * A number N that is written to such a file makes the N-th allocation of that
 * thread in the model fail.  A read of the file then gives the number of
 * allocations that are left until then, or 0 after the failure.
 *
 * The numbers are in a table of threads that the allocator reads while it holds
 * its lock.  It reads the table only after the first number was written.
 */
#include "preload.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NR_THREADS 1024
#define NUMBER_ROOM 24

static struct {
	int tid, left;
} threads[NR_THREADS];
/* The thread that each descriptor is for. */
static int tids[NR_FDS];

static __thread int own_tid __attribute__((tls_model("initial-exec")));

/*
 * Return the entry of a thread, or NULL if there is none and no room for one.
 */
static int *left_of(int tid, bool make)
{
	int i, none = 0;

	for (i = 0; i < NR_THREADS; i++) {
		int at = __atomic_load_n(&threads[i].tid, __ATOMIC_ACQUIRE);

		if (at == tid)
			return &threads[i].left;
		if (at)
			continue;
		if (!make)
			return NULL;
		none = 0;
		if (__atomic_compare_exchange_n(&threads[i].tid, &none, tid,
						false, __ATOMIC_ACQ_REL,
						__ATOMIC_ACQUIRE) ||
		    none == tid)
			return &threads[i].left;
	}
	return NULL;
}

static bool must_fail(void)
{
	int *left;

	if (!own_tid)
		own_tid = gettid();
	left = left_of(own_tid, false);
	if (!left || __atomic_load_n(left, __ATOMIC_RELAXED) <= 0)
		return false;
	return !__atomic_sub_fetch(left, 1, __ATOMIC_RELAXED);
}

/* Requests to another process */

static int *own_left(bool make)
{
	if (!own_tid)
		own_tid = gettid();
	return left_of(own_tid, make);
}

int preload_faults_take(void)
{
	int *left;

	if (likely_true(!iommufd_model_fault_source))
		return 0;
	left = own_left(false);
	return left ? __atomic_exchange_n(left, 0, __ATOMIC_RELAXED) : 0;
}

void preload_faults_give(int number)
{
	int *left = number ? own_left(true) : NULL;

	if (left)
		__atomic_store_n(left, number, __ATOMIC_RELAXED);
}

int preload_faults_lend(int number)
{
	int left = preload_faults_take();

	if (number) {
		preload_faults_give(number);
		iommufd_model_fault_source = must_fail;
	}
	return left;
}

int preload_faults_open(int tid, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d", tid);
	if (access(path, F_OK))
		return -ENOENT;
	fd = REAL(open)("/dev/zero", 3 | (flags & O_CLOEXEC));
	if (fd < 0)
		return -errno;
	tids[fd] = tid;
	preload_set_kind(fd, KIND_FAULTS);
	return fd;
}

void preload_faults_close(int fd)
{
	preload_set_kind(fd, KIND_OTHER);
}

int preload_faults_tid(int fd)
{
	return tids[fd];
}

void preload_faults_set_tid(int fd, int tid)
{
	tids[fd] = tid;
	preload_set_kind(fd, KIND_FAULTS);
}

ssize_t preload_faults_read(int tid, char *buf, size_t size, off64_t pos)
{
	char text[NUMBER_ROOM];
	int *left = left_of(tid, false);
	size_t n = (size_t)snprintf(text, sizeof(text), "%d\n",
				    left ? __atomic_load_n(left,
							   __ATOMIC_RELAXED) :
					   0);

	if (pos < 0)
		return -EINVAL;
	if ((size_t)pos >= n)
		return 0;
	n -= (size_t)pos;
	if (n > size)
		n = size;
	preload_prepare_thread();
	return copy_to_user(buf, text + pos, n) ? -EFAULT : (ssize_t)n;
}

ssize_t preload_faults_write(int tid, const char *buf, size_t size)
{
	char text[NUMBER_ROOM] = "", *end;
	size_t n = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
	long number;
	int *left;

	preload_prepare_thread();
	if (copy_from_user(text, buf, n))
		return -EFAULT;
	number = strtol(text, &end, 0);
	end += strspn(end, " \t\n");
	if (end == text || *end || number < 0 || number > INT_MAX)
		return -EINVAL;
	left = left_of(tid, true);
	if (!left)
		return -ENOMEM;
	__atomic_store_n(left, (int)number, __ATOMIC_RELAXED);
	iommufd_model_fault_source = must_fail;
	return (ssize_t)size;
}
