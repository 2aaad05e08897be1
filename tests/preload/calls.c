// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every way to open /dev/iommu, to call it, to duplicate its descriptor and to
 * close it.
 */
#include "program.h"
#include <dirent.h>
#include <linux/openat2.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

int __open_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);

static void check_open(int fd)
{
	CHECK(fd >= 0);
	CHECK(new_ioas(fd) == 1);
	CHECK(!close(fd));
	FAILS(EBADF, close(fd));
	FAILS(EBADF, destroy(fd, 1));
}

static void opens(void)
{
	struct open_how how = { .flags = O_RDWR };
	int dev;

	check_open(open("/dev/iommu", O_RDWR));
	check_open(open64("/dev/iommu", O_RDWR | O_CLOEXEC));
	check_open(openat(AT_FDCWD, "/dev/iommu", O_RDONLY));
	check_open(openat64(-1, "//dev/./x/../iommu", O_RDWR));
	check_open(__open_2("/dev/iommu", O_RDWR));
	check_open(__openat_2(AT_FDCWD, "/dev/iommu", O_RDWR));
	check_open((int)syscall(SYS_openat, AT_FDCWD, "/dev/iommu", O_RDWR));
	check_open((int)syscall(SYS_openat2, AT_FDCWD, "/dev/iommu", &how,
				sizeof(how)));
	dev = open("/dev", O_RDONLY | O_DIRECTORY);
	check_open(openat(dev, "iommu", O_RDWR));
	CHECK(!close(dev));
	CHECK(!chdir("/dev"));
	check_open(open("iommu", O_RDWR));
	CHECK(!chdir("/"));
	FAILS(ENOTDIR, open("/dev/iommu", O_RDWR | O_DIRECTORY));
	FAILS(EEXIST, open("/dev/iommu", O_RDWR | O_CREAT | O_EXCL, 0600));
	FAILS(EFAULT, open((const char *)8, O_RDWR));
	FAILS(ENOENT, open("/nowhere/iommu", O_RDWR));
}

static void questions(void)
{
	struct stat info;
	int fd;

	CHECK(!access("/dev/iommu", R_OK | W_OK));
	CHECK(!stat("/dev/iommu", &info) && S_ISCHR(info.st_mode));
	fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	CHECK(!fstat(fd, &info) && S_ISCHR(info.st_mode));
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
	CHECK(!fcntl(fd, F_SETFL, O_NONBLOCK));
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	CHECK(!close(fd));
}

static void requests(void)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd), .flags = 1 };
	int fd = open_iommu(), on = 1, off = 0;

	FAILS(EOPNOTSUPP, ioctl(fd, IOMMU_IOAS_ALLOC, &cmd));
	cmd.size = 4;
	FAILS(EINVAL, ioctl(fd, IOMMU_IOAS_ALLOC, &cmd));
	FAILS(EFAULT, ioctl(fd, IOMMU_IOAS_ALLOC, (void *)8));
	FAILS(EFAULT, ioctl(fd, IOMMU_IOAS_ALLOC, NULL));
	FAILS(ENOTTY, ioctl(fd, _IO('x', 1), NULL));
	FAILS(ENOENT, destroy(fd, 1));
	CHECK(syscall(SYS_ioctl, fd, IOMMU_IOAS_ALLOC, NULL) == -1);
	CHECK(!ioctl(fd, FIONCLEX) && !fcntl(fd, F_GETFD));
	CHECK(!ioctl(fd, FIOCLEX) && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(!ioctl(fd, FIONBIO, &on) && (fcntl(fd, F_GETFL) & O_NONBLOCK));
	CHECK(!syscall(SYS_ioctl, fd, FIONBIO, &off));
	CHECK(!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	FAILS(EFAULT, ioctl(fd, FIONBIO, (void *)8));
	CHECK(!close(fd));
	FAILS(EBADF, ioctl(fd, FIOCLEX));
	FAILS(EBADF, ioctl(fd, FIONBIO, &on));
}

/* The results of reads and writes of /dev/iommu itself. */
static void transfers(void)
{
	int fd = open("/dev/iommu", O_RDONLY);
	struct iovec iov;
	char buf[64];

	iov.iov_base = buf;
	iov.iov_len = sizeof(buf);
	FAILS(EINVAL, read(fd, buf, sizeof(buf)));
	FAILS(EINVAL, readv(fd, &iov, 1));
	FAILS(EINVAL, pread(fd, buf, sizeof(buf), 0));
	FAILS(EINVAL, preadv(fd, &iov, 1, 0));
	FAILS(EINVAL, syscall(SYS_read, fd, buf, sizeof(buf)));
	FAILS(EBADF, write(fd, buf, sizeof(buf)));
	FAILS(EBADF, writev(fd, &iov, 1));
	CHECK(!close(fd));
}

static int new_ioas_of(int fd)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	return ioctl(fd, IOMMU_IOAS_ALLOC, &cmd);
}

static void duplicates(void)
{
	int fd = open_iommu(), copy[5], i;

	copy[0] = dup(fd);
	copy[1] = dup2(fd, 40);
	copy[2] = dup3(fd, 41, O_CLOEXEC);
	copy[3] = fcntl(fd, F_DUPFD, 50);
	copy[4] = fcntl(fd, F_DUPFD_CLOEXEC, 50);
	CHECK(copy[0] == fd + 1 && copy[1] == 40 && copy[2] == 41);
	CHECK(copy[3] == 50 && copy[4] == 51);
	CHECK(fcntl(41, F_GETFD) && !fcntl(40, F_GETFD));
	CHECK(dup2(fd, fd) == fd);
	CHECK(new_ioas(fd) == 1);
	CHECK(!close(fd));
	FAILS(EBADF, new_ioas_of(fd));
	/*
	 * All descriptors refer to one file, which lives until the last one is
	 * closed.
	 */
	for (i = 0; i < 5; i++) {
		CHECK(new_ioas(copy[i]) == (uint32_t)i + 2);
		if (i < 4)
			CHECK(!close(copy[i]));
	}
	CHECK(!destroy(51, 1));
	CHECK(!close(51));
}

/* dup2() to a descriptor of the model, and from it to another descriptor. */
static void replacements(void)
{
	int fd = open_iommu(), other = open("/dev/null", O_RDWR), third;
	char c = 0;

	CHECK(dup2(other, fd) == fd);
	CHECK(write(fd, &c, 1) == 1);
	third = open_iommu();
	CHECK(dup2(third, other) == other);
	CHECK(new_ioas(other) == 1);
	CHECK(!close(third));
	CHECK(!close(other));
	CHECK(!close(fd));
}

static void ranges(void)
{
	int fd = open_iommu(), copy = dup2(fd, 60), other = dup2(1, 61);

	CHECK(!close_range(60, ~0u, 0));
	FAILS(EBADF, new_ioas_of(60));
	FAILS(EBADF, fcntl(61, F_GETFD));
	CHECK(copy == 60 && other == 61);
	CHECK(new_ioas(fd) == 1);
	CHECK(!close_range((unsigned int)fd, (unsigned int)fd,
			   CLOSE_RANGE_CLOEXEC));
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	closefrom(3);
	FAILS(EBADF, new_ioas_of(fd));
	fd = open_iommu();
	CHECK(fd == 3);
	CHECK(!syscall(SYS_close_range, 3, ~0u, 0));
	FAILS(EBADF, fcntl(3, F_GETFD));
}

static void numbers(void)
{
	struct rlimit limit = { .rlim_cur = 64 }, old;
	int fd, n = 0;

	CHECK(!getrlimit(RLIMIT_NOFILE, &old));
	limit.rlim_max = old.rlim_max;
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	while ((fd = open("/dev/iommu", O_RDWR)) >= 0)
		CHECK(fd == 3 + n++);
	CHECK(errno == EMFILE && n == 61);
	closefrom(3);
	CHECK(!setrlimit(RLIMIT_NOFILE, &old));
}

static void streams(void)
{
	FILE *stream = fopen("/dev/iommu", "r+");

	CHECK(stream);
	CHECK(new_ioas(fileno(stream)) == 1);
	CHECK(fgetc(stream) == EOF && errno == EINVAL);
	CHECK(!fclose(stream));
	FAILS(EBADF, fcntl(3, F_GETFD));
}

int main(void)
{
	opens();
	questions();
	requests();
	transfers();
	duplicates();
	replacements();
	ranges();
	numbers();
	streams();
	puts("calls: good");
	return 0;
}
