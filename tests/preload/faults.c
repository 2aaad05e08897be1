// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * fail-nth: every allocation of a few requests fails once, only in the thread
 * that asked for it; and the files of debugfs that belong to it.
 */
#include "program.h"
#include <dirent.h>
#include <pthread.h>

static int numbers;

static void set(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	CHECK(pwrite(numbers, text, (size_t)len, 0) == len);
}

static unsigned int get(void)
{
	char text[16] = "";

	CHECK(pread(numbers, text, sizeof(text) - 1, 0) > 1);
	CHECK(strchr(text, '\n'));
	return (unsigned int)atoi(text);
}

static int requests(void)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	int fd = open("/dev/iommu", O_RDWR), rc;

	if (fd < 0)
		return -1;
	rc = ioctl(fd, IOMMU_IOAS_ALLOC, &cmd);
	CHECK(!close(fd));
	return rc;
}

static void sweep(void)
{
	unsigned int n, failed = 0;
	bool done = false;

	for (n = 1; !done; n++) {
		set(n);
		errno = 0;
		if (requests())
			CHECK(errno == ENOMEM && !get());
		else
			done = get() > 0;
		failed += !done;
		set(0);
		CHECK(!get());
		CHECK(n < 100);
	}
	CHECK(failed > 2);
}

static void *in_another_thread(void *arg)
{
	(void)arg;
	CHECK(!requests());
	return NULL;
}

static void threads(void)
{
	pthread_t thread;

	set(1);
	CHECK(!pthread_create(&thread, NULL, in_another_thread, NULL));
	CHECK(!pthread_join(thread, NULL));
	CHECK(get() == 1);
	CHECK(requests() == -1 && !get());
}

static void paths(void)
{
	char path[64];
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/self/task/%d/fail-nth", getpid());
	numbers = open(path, O_RDWR);
	CHECK(numbers >= 0);
	FAILS(ENOENT, open("/proc/self/task/1234567/fail-nth", O_RDWR));
	FAILS(EINVAL, write(numbers, "no", 2));
	FAILS(EFAULT, write(numbers, (void *)8, 2));
	FAILS(ENOTTY, ioctl(numbers, IOMMU_IOAS_ALLOC, NULL));
	stream = fopen("/proc/thread-self/fail-nth", "r+");
	CHECK(stream);
	CHECK(fputs("5", stream) >= 0 && !fflush(stream));
	CHECK(!fclose(stream));
	CHECK(get() == 5);
	set(0);
}

static void debugfs(void)
{
	DIR *dir = opendir("/sys/kernel/debug/");
	struct dirent *entry;
	int fd, found = 0;

	CHECK(dir);
	while ((entry = readdir(dir)))
		found += !strcmp(entry->d_name, "fail_iommufd") ||
			 !strcmp(entry->d_name, "failslab");
	CHECK(found == 2);
	fd = openat(dirfd(dir), "failslab/ignore-gfp-wait", O_WRONLY);
	CHECK(fd >= 0 && write(fd, "N", 1) == 1 && !close(fd));
	CHECK(!closedir(dir));
	fd = open("/sys/kernel/debug/fail_iommufd/probability", O_RDWR);
	CHECK(fd >= 0 && write(fd, "100", 3) == 3 && !close(fd));
	CHECK(!access("/sys/kernel/debug/fail_iommufd/times", W_OK));
	FAILS(ENOENT, open("/sys/kernel/debug/fail_nothing/times", O_RDWR));
}

int main(void)
{
	paths();
	sweep();
	threads();
	CHECK(!close(numbers));
	debugfs();
	puts("faults: good");
	return 0;
}
