// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Eight threads make, map and destroy objects, each in a context of its own and
 * all in a common one; and so do as many threads in each child process.  No
 * request may fail without a reason, no id may be given twice, and nothing may
 * be left.
 *	threads [SECONDS [CHILDREN]]
 */
#include "program.h"
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>

#define NR_THREADS 8

static int shared;
static char *memory;
static time_t until;
static unsigned long rounds[NR_THREADS];

static void work(int fd, void *memory)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map), .length = 4096,
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE,
		.user_va = (uintptr_t)memory,
	};
	struct iommu_ioas_unmap unmap = { .size = sizeof(unmap) };

	map.ioas_id = new_ioas(fd);
	CHECK(!ioctl(fd, IOMMU_IOAS_MAP, &map));
	unmap.ioas_id = map.ioas_id;
	unmap.iova = map.iova;
	unmap.length = map.length;
	CHECK(!ioctl(fd, IOMMU_IOAS_UNMAP, &unmap));
	CHECK(unmap.length == map.length);
	CHECK(!destroy(fd, map.ioas_id));
}

static void *run(void *arg)
{
	unsigned long *done = arg;
	void *page = memory + 4096 * (done - rounds);
	int own, copy;

	do {
		own = open_iommu();
		copy = dup(own);
		work(shared, page);
		work(copy, page);
		CHECK(!close(own));
		work(copy, page);
		CHECK(!close(copy));
		++*done;
	} while (time(NULL) < until);
	return NULL;
}

static unsigned long run_threads(void)
{
	pthread_t threads[NR_THREADS];
	unsigned long sum = 0;
	int i;

	for (i = 0; i < NR_THREADS; i++)
		CHECK(!pthread_create(&threads[i], NULL, run, &rounds[i]));
	for (i = 0; i < NR_THREADS; i++) {
		CHECK(!pthread_join(threads[i], NULL));
		sum += rounds[i];
	}
	return sum;
}

int main(int argc, char **argv)
{
	int children = argc > 2 ? atoi(argv[2]) : 0, i, status;
	unsigned long sum;

	until = time(NULL) + (argc > 1 ? atoi(argv[1]) : 1);
	shared = open_iommu();
	/*
	 * The memory is shared with the children, as pages of private memory
	 * cannot be pinned for them.
	 */
	memory = mmap(NULL, NR_THREADS * 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(memory != MAP_FAILED);
	for (i = 0; i < children; i++)
		if (!fork()) {
			run_threads();
			return 0;
		}
	sum = run_threads();
	for (i = 0; i < children; i++) {
		CHECK(wait(&status) > 0);
		CHECK(WIFEXITED(status) && !WEXITSTATUS(status));
	}
	/* Every id is free again, so the lowest one is given. */
	CHECK(new_ioas(shared) == 1);
	CHECK(!close(shared));
	printf("threads: good, %lu rounds\n", sum);
	return 0;
}
