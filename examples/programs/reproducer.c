// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program like those that a fuzzer of system calls writes when it has found a
 * bug: bare system calls, structs that are put together number by number at
 * fixed addresses, threads that call at the same time, and processes that are
 * started again and again.
 *
 * It does not know this library, and finds no bug in it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* AddressSanitizer uses the low addresses, so avoid them. */
#define DATA 0x200000000000ul
#define AT(offset) (DATA + (offset))
#define PUT32(offset, value) (*(uint32_t *)AT(offset) = (uint32_t)(value))
#define PUT64(offset, value) (*(uint64_t *)AT(offset) = (uint64_t)(value))

static long fd;
static uint32_t ioas;

/* IOMMU_IOAS_MAP of a page at a fixed IOVA, and IOMMU_IOAS_UNMAP of it */
static void *map_and_unmap(void *arg)
{
	unsigned long at = (unsigned long)(uintptr_t)arg;

	PUT32(at, 40);
	PUT32(at + 4, 7);
	PUT32(at + 8, ioas);
	PUT32(at + 12, 0);
	PUT64(at + 16, AT(0x8000));
	PUT64(at + 24, 0x1000);
	PUT64(at + 32, 0x1000000 + at);
	syscall(SYS_ioctl, fd, 0x3b85, AT(at));
	PUT32(at, 24);
	PUT32(at + 4, ioas);
	PUT64(at + 8, 0x1000000 + at);
	PUT64(at + 16, 0x1000);
	syscall(SYS_ioctl, fd, 0x3b86, AT(at));
	return NULL;
}

/* IOMMU_DESTROY of the IOAS, with a pointer that is good and one that is not */
static void *destroy(void *arg)
{
	(void)arg;
	syscall(SYS_ioctl, fd, 0x3b80, 0x10ul);
	PUT32(0x100, 8);
	PUT32(0x104, ioas);
	syscall(SYS_ioctl, fd, 0x3b80, AT(0x100));
	return NULL;
}

static void execute_one(void)
{
	pthread_t threads[3];
	int i;

	PUT64(0, 0x6d6f692f7665642f);	/* "/dev/iom" */
	PUT64(8, 0x756d);		/* "mu" */
	fd = syscall(SYS_openat, -100, AT(0), 2ul, 0ul);
	PUT32(0x40, 12);
	PUT32(0x44, 0);
	syscall(SYS_ioctl, fd, 0x3b81, AT(0x40));
	ioas = *(uint32_t *)AT(0x48);
	pthread_create(&threads[0], NULL, map_and_unmap, (void *)0x1000);
	pthread_create(&threads[1], NULL, map_and_unmap, (void *)0x2000);
	pthread_create(&threads[2], NULL, destroy, NULL);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	/* The descriptor is left open, and so is the mapping perhaps. */
}

int main(int argc, char **argv)
{
	int left = argc > 1 ? atoi(argv[1]) : 100, status;
	pid_t pid;

	syscall(SYS_mmap, DATA, 0x10000ul, 3ul, 0x32ul, -1, 0ul);
	for (; left; left--) {
		pid = fork();
		if (!pid) {
			execute_one();
			_exit(fd < 0);
		}
		while (waitpid(pid, &status, 0) != pid)
			;
		if (status) {
			printf("stopped with status %#x\n", status);
			return 1;
		}
	}
	puts("nothing found");
	return 0;
}
