// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Mappings of /dev/iommu, and the program's own memory in an IOAS: bad addresses,
 * with and without signal handlers of the program.
 */
#include "program.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

static struct machine machine;
static volatile int caught;
static sigjmp_buf back;

static int map_memory(void *addr, size_t length, uint64_t iova)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd), .ioas_id = machine.ioas,
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.user_va = (uintptr_t)addr, .length = length, .iova = iova,
	};

	return ioctl(machine.fd, IOMMU_IOAS_MAP, &cmd);
}

static void unmap_memory(size_t length, uint64_t iova)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd), .ioas_id = machine.ioas,
		.length = length, .iova = iova,
	};

	CHECK(!ioctl(machine.fd, IOMMU_IOAS_UNMAP, &cmd));
}

static void *map_device(void)
{
	return mmap(NULL, machine.mmap_length, PROT_READ | PROT_WRITE,
		    MAP_SHARED, machine.fd, (off_t)machine.mmap_offset);
}

static void devices(void)
{
	volatile uint32_t *page;

	FAILS(ENXIO, mmap(NULL, 4096, PROT_READ, MAP_SHARED, machine.fd, 0));
	FAILS(EINVAL, mmap(NULL, machine.mmap_length, PROT_READ, MAP_PRIVATE,
			   machine.fd, (off_t)machine.mmap_offset));
	page = map_device();
	CHECK((void *)page != MAP_FAILED);
	page[1] = page[0];
	CHECK(page[1] == page[0]);
	FAILS(EFAULT, mremap((void *)page, machine.mmap_length,
			     2 * machine.mmap_length, MREMAP_MAYMOVE));
	CHECK(mremap((void *)page, machine.mmap_length, machine.mmap_length,
		     MREMAP_MAYMOVE) == page);
	/* The mapping holds a reference to the vIOMMU. */
	FAILS(EBUSY, destroy(machine.fd, machine.viommu));
	CHECK(!munmap((void *)page, machine.mmap_length));
	CHECK(!munmap((void *)page, machine.mmap_length));
}

static void bad_addresses(void)
{
	char *area = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(!munmap(area + 4096, 4096));
	CHECK(!map_memory(area, 4096, 0x10000000));
	FAILS(EFAULT, map_memory(area, 8192, 0x20000000));
	CHECK(!mprotect(area, 4096, PROT_READ));
	FAILS(EFAULT, map_memory(area, 4096, 0x20000000));
	CHECK(!mprotect(area, 4096, PROT_READ | PROT_WRITE));
	unmap_memory(4096, 0x10000000);
	CHECK(!munmap(area, 4096));
}

static int check_map(const void *addr, size_t length, uint64_t iova)
{
	struct iommu_test_cmd cmd = {
		.check_map = {
			.iova = iova, .length = length, .uptr = (uintptr_t)addr,
		},
	};

	cmd.id = machine.mock_hwpt;
	return test_command(machine.fd, IOMMU_TEST_OP_MD_CHECK_MAP, &cmd);
}

/*
 * A page of a memory file is the same page at all addresses where it is mapped.
 */
static void files(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	char *one, *two;

	CHECK(!ftruncate(fd, 16384));
	one = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 8192);
	CHECK(!close(fd));
	CHECK(!map_memory(one, 16384, 0x10000000));
	CHECK(!check_map(one, 16384, 0x10000000));
	CHECK(!check_map(two, 8192, 0x10002000));
	FAILS(EINVAL, check_map(two, 8192, 0x10000000));
	unmap_memory(16384, 0x10000000);
	/*
	 * Memory that the program maps over a part of the file is not the
	 * file's.
	 */
	CHECK(mmap(one + 4096, 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	      one + 4096);
	CHECK(!map_memory(one, 16384, 0x10000000));
	CHECK(!check_map(one + 4096, 4096, 0x10001000));
	CHECK(!check_map(two, 8192, 0x10002000));
	unmap_memory(16384, 0x10000000);
	CHECK(!munmap(two, 8192) && !munmap(one, 16384));
}

static bool is_mapped(void *addr)
{
	return !mincore(addr, 4096, (unsigned char[1]){ 0 });
}

/* munmap() of pinned pages leaves them mapped until they are unpinned. */
static void pinned(void)
{
	char *area = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *other = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	CHECK(!map_memory(area, 8192, 0x10000000));
	CHECK(!munmap(area, 8192));
	CHECK(is_mapped(area));
	CHECK(!check_map(area, 8192, 0x10000000));
	unmap_memory(8192, 0x10000000);
	CHECK(!munmap(other, 4096));
	CHECK(!is_mapped(area) && !is_mapped(other));
}

#define HUGE (2ul << 20)

/* This works whether or not the system has huge pages. */
static void huge_pages(void)
{
	char *area = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	CHECK(area != MAP_FAILED && !((uintptr_t)area % HUGE));
	CHECK(!map_memory(area, 2 * HUGE, 0x40000000));
	CHECK(!check_map(area, 2 * HUGE, 0x40000000));
	unmap_memory(2 * HUGE, 0x40000000);
	CHECK(!munmap(area, 2 * HUGE));
	CHECK(!is_mapped(area));
	area = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	CHECK(area != MAP_FAILED);
	area[HUGE - 1] = 1;
	CHECK(!munmap(area, HUGE));
}

static void handler(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	caught++;
	CHECK(info->si_addr == (void *)16);
	siglongjmp(back, 1);
}

/*
 * The program's handler is called for each of its own faults, and for no
 * others.
 */
static void own_handler(void)
{
	struct sigaction action = {
		.sa_sigaction = handler, .sa_flags = SA_SIGINFO,
	}, old;
	int i;

	CHECK(!sigaction(SIGSEGV, &action, &old));
	CHECK(old.sa_handler == SIG_DFL);
	for (i = 1; i <= 3; i++) {
		bad_addresses();
		if (!sigsetjmp(back, 1))
			*(volatile int *)16 = 1;
		CHECK(caught == i);
	}
	CHECK(!sigaction(SIGSEGV, &old, &action));
	CHECK(action.sa_sigaction == handler);
	CHECK(signal(SIGBUS, SIG_IGN) == SIG_DFL);
	CHECK(signal(SIGBUS, SIG_DFL) == SIG_IGN);
}

static void *blocked(void *arg)
{
	sigset_t all;

	(void)arg;
	sigfillset(&all);
	CHECK(!pthread_sigmask(SIG_SETMASK, &all, NULL));
	bad_addresses();
	return NULL;
}

int main(void)
{
	pthread_t thread;
	sigset_t all, old;

	sigfillset(&all);
	CHECK(!sigprocmask(SIG_BLOCK, &all, &old));
	make_machine(&machine);
	bad_addresses();
	CHECK(!sigprocmask(SIG_SETMASK, &old, NULL));
	devices();
	files();
	pinned();
	huge_pages();
	own_handler();
	CHECK(!pthread_create(&thread, NULL, blocked, NULL));
	CHECK(!pthread_join(thread, NULL));
	CHECK(!close(machine.fd));
	puts("memory: good");
	return 0;
}
