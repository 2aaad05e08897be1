// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Child processes: what a child does with its own descriptors does not affect
 * other processes, and what it does with an inherited descriptor succeeds or
 * gives an error.
 */
#include "program.h"
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern char **environ;

static int wait_for(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A child that opens the device has a model of its own. */
static void own_model(int fd)
{
	pid_t pid = fork();
	int own;

	CHECK(pid >= 0);
	if (!pid) {
		own = open_iommu();
		CHECK(new_ioas(own) == 1);
		CHECK(!close(own));
		_exit(0);
	}
	CHECK(!wait_for(pid));
	CHECK(new_ioas(fd) == 2);
}

/* The child closes everything, as daemons do; the parent goes on. */
static void closes(int fd)
{
	pid_t pid = fork();

	if (!pid) {
		closefrom(3);
		_exit(0);
	}
	CHECK(!wait_for(pid));
	CHECK(new_ioas(fd) == 3);
	/* After vfork() the child shares the parent's memory. */
	pid = vfork();
	if (!pid) {
		close(fd);
		_exit(0);
	}
	CHECK(!wait_for(pid));
	CHECK(new_ioas(fd) == 4);
}

/* The parent sees what a child does with an inherited descriptor. */
static void shares(int fd)
{
	pid_t pid = fork();
	int copy;

	if (!pid) {
		CHECK(new_ioas(fd) == 5);
		CHECK(!destroy(fd, 4));
		FAILS(EFAULT, ioctl(fd, IOMMU_IOAS_ALLOC, (void *)8));
		FAILS(ENOENT, destroy(fd, 99));
		FAILS(EINVAL, read(fd, &copy, sizeof(copy)));
		copy = dup(fd);
		CHECK((fcntl(copy, F_GETFL) & O_ACCMODE) == O_RDWR);
		CHECK(!close(fd));
		FAILS(EBADF, destroy(fd, 3));
		CHECK(!destroy(copy, 3));
		/* The parent also sees what a child of the child does. */
		pid = fork();
		if (!pid)
			_exit((int)new_ioas(copy));
		CHECK(wait_for(pid) == 3);
		_exit(0);
	}
	CHECK(!wait_for(pid));
	FAILS(ENOENT, destroy(fd, 4));
	CHECK(!destroy(fd, 3));
	CHECK(!destroy(fd, 5));
}

/* The file lives until the last process closes it. */
static void outlives(void)
{
	int fd = open_iommu(), pipes[2];
	pid_t pid;
	char c;

	CHECK(!pipe(pipes));
	CHECK(new_ioas(fd) == 1);
	pid = fork();
	if (!pid) {
		CHECK(read(pipes[0], &c, 1) == 1);
		CHECK(new_ioas(fd) == 2);
		_exit(0);
	}
	CHECK(!close(fd));
	CHECK(write(pipes[1], "x", 1) == 1);
	CHECK(!wait_for(pid));
	CHECK(!close(pipes[0]) && !close(pipes[1]));
}

/* A child that is killed at any moment does not stop other processes. */
static void killed(void)
{
	int fd = open_iommu();
	uint32_t id = new_ioas(fd);
	pid_t pid;
	int status, i;

	for (i = 0; i < 20; i++) {
		pid = fork();
		if (!pid)
			for (;;)
				destroy(fd, new_ioas(fd));
		usleep(5000);
		CHECK(!kill(pid, SIGKILL));
		CHECK(waitpid(pid, &status, 0) == pid);
	}
	CHECK(!destroy(fd, id));
	CHECK(!close(fd));
}

static void *hammer(void *arg)
{
	int fd = (int)(intptr_t)arg, i;

	for (i = 0; i < 500; i++)
		CHECK(!destroy(fd, new_ioas(fd)));
	return NULL;
}

/* Four processes, with four threads each, use one context. */
static void many(int fd)
{
	pthread_t threads[4];
	pid_t pids[4];
	int i, k;

	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		for (k = 0; !pids[i] && k < 4; k++)
			CHECK(!pthread_create(&threads[k], NULL, hammer,
					      (void *)(intptr_t)fd));
		for (k = 0; !pids[i] && k < 4; k++)
			CHECK(!pthread_join(threads[k], NULL));
		if (!pids[i])
			_exit(0);
	}
	for (i = 0; i < 4; i++)
		CHECK(!wait_for(pids[i]));
	CHECK(new_ioas(fd) == 3);
}

/* A child uses an inherited mapping of the device, and makes one itself. */
static void maps(void)
{
	volatile uint32_t *page, *other;
	struct machine m;
	pid_t pid;

	make_machine(&m);
	page = mmap(NULL, m.mmap_length, PROT_READ | PROT_WRITE, MAP_SHARED,
		    m.fd, (off_t)m.mmap_offset);
	CHECK(page != MAP_FAILED);
	page[2] = 1;
	pid = fork();
	if (!pid) {
		CHECK(page[2] == 1);
		page[2] = 2;
		other = mmap(NULL, m.mmap_length, PROT_READ | PROT_WRITE,
			     MAP_SHARED, m.fd, (off_t)m.mmap_offset);
		CHECK(other != MAP_FAILED && other[2] == 2);
		other[2] = 3;
		CHECK(!munmap((void *)page, m.mmap_length));
		CHECK(!munmap((void *)other, m.mmap_length));
		FAILS(EBUSY, destroy(m.fd, m.viommu));
		_exit(0);
	}
	CHECK(!wait_for(pid));
	CHECK(page[2] == 3);
	CHECK(!munmap((void *)page, m.mmap_length));
	CHECK(!destroy(m.fd, m.viommu));
	CHECK(!close(m.fd));
}

/* A child's event queue: its descriptor number, and when it is ready. */
static void queues(void)
{
	struct iommu_fault_alloc alloc = { .size = sizeof(alloc) };
	struct pollfd fd = { .events = POLLIN | POLLOUT };
	int device = open_iommu();
	pid_t pid = fork();

	if (!pid) {
		CHECK(!ioctl(device, IOMMU_FAULT_QUEUE_ALLOC, &alloc));
		fd.fd = (int)alloc.out_fault_fd;
		CHECK(fd.fd == device + 1);
		CHECK(poll(&fd, 1, 0) == 1 && fd.revents == POLLOUT);
		FAILS(ESPIPE, read(fd.fd, &alloc, sizeof(alloc)));
		CHECK(!close(fd.fd));
		_exit(0);
	}
	CHECK(!wait_for(pid));
	CHECK(!destroy(device, 1));
	CHECK(!close(device));
}

/* Memory of a child can be pinned only if the parent has mapped it, too. */
static void memory(void)
{
	int flags = MAP_ANONYMOUS, i;
	char *area[2];
	struct iommu_ioas_map map = {
		.size = sizeof(map), .length = 4096,
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE,
	};
	struct machine m;
	pid_t pid;

	make_machine(&m);
	for (i = 0; i < 2; i++)
		area[i] = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			       flags | (i ? MAP_SHARED : MAP_PRIVATE), -1, 0);
	map.ioas_id = m.ioas;
	pid = fork();
	if (!pid) {
		map.user_va = (uintptr_t)area[1];
		CHECK(!ioctl(m.fd, IOMMU_IOAS_MAP, &map));
		CHECK(!close(2));	/* a line on stderr says why */
		map.user_va = (uintptr_t)area[0];
		FAILS(EFAULT, ioctl(m.fd, IOMMU_IOAS_MAP, &map));
		_exit(0);
	}
	CHECK(!wait_for(pid));
	CHECK(!close(m.fd));
}

static long pinned_pages(pid_t pid)
{
	char path[64], line[256];
	long kb = -1;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	status = fopen(path, "r");
	CHECK(status);
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "VmPin: %ld kB", &kb) == 1)
			break;
	CHECK(!fclose(status));
	return kb / 4;
}

/* Drop CAP_IPC_LOCK; pinned memory is charged only without it. */
static bool drop_capability(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	unsigned int bit = 1u << CAP_IPC_LOCK;
	bool had;

	CHECK(!syscall(SYS_capget, &header, data));
	had = data[0].effective & bit;
	data[0].effective &= ~bit;
	CHECK(!syscall(SYS_capset, &header, data));
	return had;
}

/*
 * A memory file that the child has mapped is charged to the child until the
 * parent takes the map over.  The pages still exist when the child has ended.
 */
static void files(void)
{
	struct iommu_ioas_change_process change = { .size = sizeof(change) };
	struct iommu_ioas_map_file map = {
		.size = sizeof(map), .length = 8192, .iova = 0x10000000,
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE |
			 IOMMU_IOAS_MAP_FIXED_IOVA,
	};
	pid_t parent = getpid(), pid;
	bool charged = drop_capability();
	struct machine m;

	make_machine(&m);
	map.ioas_id = m.ioas;
	pid = fork();
	if (!pid) {
		map.fd = memfd_create("test", 0);
		CHECK(!ftruncate(map.fd, 8192));
		CHECK(!ioctl(m.fd, IOMMU_IOAS_MAP_FILE, &map));
		CHECK(pinned_pages(getpid()) == 2);
		CHECK(!pinned_pages(parent));
		FAILS(EINVAL, (map.iova += 8192, map.start = 4096,
			       ioctl(m.fd, IOMMU_IOAS_MAP_FILE, &map)));
		_exit(0);
	}
	CHECK(!wait_for(pid));
	CHECK(!ioctl(m.fd, IOMMU_IOAS_CHANGE_PROCESS, &change));
	CHECK(pinned_pages(parent) == (charged ? 2 : 0));
	CHECK(!close(m.fd));
	CHECK(!charged || !pinned_pages(parent));
}

/*
 * Memory that only a child has mapped, and that is not pinned, ends with the
 * child.
 */
static void gone(void)
{
	char *area = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct iommu_test_cmd mock = { .id = 0 };
	struct iommu_ioas_map map = {
		.size = sizeof(map), .length = 4096, .iova = 0x10000000,
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_FIXED_IOVA,
		.user_va = (uintptr_t)area,
	};
	int fd = open_iommu();
	pid_t pid;

	map.ioas_id = mock.id = new_ioas(fd);
	pid = fork();
	if (!pid)
		_exit(ioctl(fd, IOMMU_IOAS_MAP, &map));
	CHECK(!wait_for(pid));
	FAILS(EFAULT, test_command(fd, IOMMU_TEST_OP_MOCK_DOMAIN, &mock));
	CHECK(!close(fd));
	CHECK(!munmap(area, 4096));
}

/* An allocation that fails for a child fails in the process with the model. */
static void fails(int fd)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	pid_t pid = fork();
	int numbers;

	if (!pid) {
		numbers = open("/proc/thread-self/fail-nth", O_RDWR);
		CHECK(write(numbers, "1", 1) == 1);
		FAILS(ENOMEM, ioctl(fd, IOMMU_IOAS_ALLOC, &cmd));
		CHECK(pread(numbers, &cmd, 2, 0) == 2);
		CHECK(!memcmp(&cmd, "0\n", 2));
		_exit(0);
	}
	CHECK(!wait_for(pid));
}

/* fork() by a system call that the program makes itself. */
static void raw(int fd)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (!pid)
		_exit((int)new_ioas(fd));
	CHECK(wait_for(pid) == 4);
}

static void spawns(int fd)
{
	char *argv[] = { (char[]){ "true" }, NULL };
	pid_t pid;

	CHECK(!posix_spawnp(&pid, "true", NULL, NULL, argv, environ));
	CHECK(!wait_for(pid));
	CHECK(new_ioas(fd) == 5);
}

int main(void)
{
	int fd = open_iommu();

	CHECK(new_ioas(fd) == 1);
	own_model(fd);
	closes(fd);
	shares(fd);
	outlives();
	killed();
	many(fd);
	maps();
	queues();
	memory();
	files();
	gone();
	fails(fd);
	raw(fd);
	spawns(fd);
	CHECK(!close(fd));
	puts("child: good");
	return 0;
}
