// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The functions that replace those of the C library: what a program calls.
 *
 * Each function checks what the descriptor or the path is, and calls the C
 * library's function if this is not a matter for the model.  The names with 64,
 * with _chk and with __ are those to which headers of the C library change the
 * plain names.
 */
#include "preload.h"
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <iommufd_model/model.h>

/* Functions that headers use without a declaration. */
int __open_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
ssize_t __read_chk(int fd, void *buf, size_t size, size_t room);
ssize_t __pread64_chk(int fd, void *buf, size_t size, off64_t pos, size_t room);

/* Opening */

static int open_path(int dirfd, const char *path, int flags, mode_t mode)
{
	char name[PATH_ROOM];
	int tid = 0;
	enum target target = preload_target(dirfd, path, name, &tid);

	if (target != TARGET_OTHER)
		return (int)preload_result(preload_open_target(target, name,
							       tid, flags));
	if (dirfd == AT_FDCWD)
		return REAL(open)(path, flags, mode);
	return REAL(openat)(dirfd, path, flags, mode);
}

static bool has_mode(int flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

#define TAKE_MODE(last, flags)				\
	mode_t mode = 0;				\
	va_list args;					\
	if (has_mode(flags)) {				\
		va_start(args, last);			\
		mode = va_arg(args, mode_t);		\
		va_end(args);				\
	}

EXPORT int open(const char *path, int flags, ...)
{
	TAKE_MODE(flags, flags)
	return open_path(AT_FDCWD, path, flags, mode);
}

EXPORT int openat(int dirfd, const char *path, int flags, ...)
{
	TAKE_MODE(flags, flags)
	return open_path(dirfd, path, flags, mode);
}

extern int open64(const char *path, int flags, ...) EXPORT_AS("open");
extern int __open(const char *path, int flags, ...) EXPORT_AS("open");
extern int __open64(const char *path, int flags, ...) EXPORT_AS("open");
extern int openat64(int dirfd, const char *path, int flags, ...)
	EXPORT_AS("openat");

EXPORT int __open_2(const char *path, int flags)
{
	return open_path(AT_FDCWD, path, flags, 0);
}

EXPORT int __openat_2(int dirfd, const char *path, int flags)
{
	return open_path(dirfd, path, flags, 0);
}

extern int __open64_2(const char *path, int flags) EXPORT_AS("__open_2");
extern int __openat64_2(int dirfd, const char *path, int flags)
	EXPORT_AS("__openat_2");

/* Streams */

static ssize_t stream_read(void *cookie, char *buf, size_t size)
{
	return read((int)(intptr_t)cookie, buf, size);
}

static ssize_t stream_write(void *cookie, const char *buf, size_t size)
{
	ssize_t n = write((int)(intptr_t)cookie, buf, size);

	/* a write function of a stream returns 0 after an error */
	return n < 0 ? 0 : n;
}

static int stream_close(void *cookie)
{
	return close((int)(intptr_t)cookie);
}

static FILE *stream_of(int fd, const char *mode)
{
	static const cookie_io_functions_t functions = {
		.read = stream_read, .write = stream_write,
		.close = stream_close,
	};

	FILE *stream = fopencookie((void *)(intptr_t)fd, mode, functions);

	if (stream)
		stream->_fileno = fd;	/* fileno() returns it */
	return stream;
}

EXPORT FILE *fdopen(int fd, const char *mode)
{
	return kind_of(fd) ? stream_of(fd, mode) : REAL(fdopen)(fd, mode);
}

static int flags_of_mode(const char *mode)
{
	int flags = strchr(mode, '+') ? O_RDWR :
		    mode[0] == 'r' ? O_RDONLY : O_WRONLY;

	return flags | (strchr(mode, 'e') ? O_CLOEXEC : 0);
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
	char name[PATH_ROOM];
	int tid = 0, fd;
	enum target target = preload_target(AT_FDCWD, path, name, &tid);
	FILE *stream;

	if (target == TARGET_OTHER)
		return REAL(fopen64)(path, mode);
	if (target == TARGET_DEBUGFS)
		return REAL(fopen64)(name, mode);
	fd = (int)preload_result(preload_open_target(target, name, tid,
						     flags_of_mode(mode)));
	if (fd < 0)
		return NULL;
	stream = fdopen(fd, mode);
	if (!stream)
		close(fd);
	return stream;
}

extern FILE *fopen64(const char *path, const char *mode) EXPORT_AS("fopen");

EXPORT DIR *opendir(const char *path)
{
	char name[PATH_ROOM];
	int tid = 0;

	if (preload_target(AT_FDCWD, path, name, &tid) == TARGET_DEBUGFS)
		path = name;
	return REAL(opendir)(path);
}

/*
 * Functions that examine a path.  A device looks like the holder of its
 * descriptors.
 */

static const char *seen_path(int dirfd, const char *path, char *name)
{
	int tid = 0;

	switch (preload_target(dirfd, path, name, &tid)) {
	case TARGET_DEVICE:
		return "/dev/zero";
	case TARGET_DEBUGFS:
		return name;
	case TARGET_FAULTS:	/* a file that exists */
		return "/proc/self/comm";
	default:
		return path;
	}
}

#define SEEN(dirfd, path) seen_path(dirfd, path, (char[PATH_ROOM]){ 0 })

EXPORT int access(const char *path, int mode)
{
	return REAL(access)(SEEN(AT_FDCWD, path), mode);
}

EXPORT int euidaccess(const char *path, int mode)
{
	return REAL(euidaccess)(SEEN(AT_FDCWD, path), mode);
}

extern int eaccess(const char *path, int mode) EXPORT_AS("euidaccess");

EXPORT int faccessat(int dirfd, const char *path, int mode, int flags)
{
	return REAL(faccessat)(dirfd, SEEN(dirfd, path), mode, flags);
}

EXPORT int stat64(const char *path, struct stat64 *buf)
{
	return REAL(stat64)(SEEN(AT_FDCWD, path), buf);
}

EXPORT int lstat64(const char *path, struct stat64 *buf)
{
	return REAL(lstat64)(SEEN(AT_FDCWD, path), buf);
}

EXPORT int fstatat64(int dirfd, const char *path, struct stat64 *buf, int flags)
{
	return REAL(fstatat64)(dirfd, SEEN(dirfd, path), buf, flags);
}

extern int stat(const char *path, struct stat *buf)
	EXPORT_AS("stat64") __attribute__((nothrow));
extern int lstat(const char *path, struct stat *buf)
	EXPORT_AS("lstat64") __attribute__((nothrow));
extern int fstatat(int dirfd, const char *path, struct stat *buf, int flags)
	EXPORT_AS("fstatat64") __attribute__((nothrow));

EXPORT int statx(int dirfd, const char *path, int flags, unsigned int mask,
		 struct statx *buf)
{
	return REAL(statx)(dirfd, SEEN(dirfd, path), flags, mask, buf);
}

/* ioctls */

/* ioctl(FIONBIO): @value points to an int, which says whether to set the flag. */
static int set_nonblocking(int fd, const void *value)
{
	int on, flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return flags;
	if (copy_from_user(&on, value, sizeof(on)))
		return (int)preload_result(-EFAULT);
	return fcntl(fd, F_SETFL,
		     on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

/* A kernel handles these requests for every file, before the file sees them. */
static bool is_for_every_file(unsigned long cmd)
{
	return (unsigned int)cmd == FIOCLEX || (unsigned int)cmd == FIONCLEX ||
	       (unsigned int)cmd == FIONBIO;
}

static int request_for_every_file(int fd, unsigned long cmd, const void *arg)
{
	if ((unsigned int)cmd == FIONBIO)
		return set_nonblocking(fd, arg);
	return fcntl(fd, F_SETFD,
		     (unsigned int)cmd == FIOCLEX ? FD_CLOEXEC : 0);
}

EXPORT int ioctl(int fd, unsigned long cmd, ...)
{
	va_list args;
	void *arg;

	va_start(args, cmd);
	arg = va_arg(args, void *);
	va_end(args);
	if (kind_of(fd) == KIND_OTHER)
		return REAL(ioctl)(fd, cmd, arg);
	if (is_for_every_file(cmd))
		return request_for_every_file(fd, cmd, arg);
	switch (kind_of(fd)) {
	case KIND_FILE:
		return (int)preload_result(preload_ioctl(fd, cmd, arg));
	case KIND_REMOTE:
		return (int)preload_result(preload_remote_ioctl(fd, cmd, arg));
	case KIND_FAULTS:
		return (int)preload_result(-ENOTTY);
	default:
		return (int)preload_result(preload_refuse(fd));
	}
}

/* Reading and writing */

static ssize_t faults_transfer(int fd, bool write, const struct iovec *iov,
			       int n, off64_t pos)
{
	int tid = preload_faults_tid(fd);

	if (n < 1)
		return 0;
	return write ? preload_faults_write(tid, iov->iov_base, iov->iov_len) :
		       preload_faults_read(tid, iov->iov_base, iov->iov_len,
					   pos);
}

/* Read or write a descriptor that is not KIND_OTHER. */
static ssize_t transfer(int fd, bool write, const struct iovec *iov, int n,
			off64_t pos)
{
	ssize_t rc;

	switch (kind_of(fd)) {
	case KIND_FILE:
		rc = write ? preload_writev(fd, iov, n, pos) :
			     preload_readv(fd, iov, n, pos);
		break;
	case KIND_REMOTE:
		rc = preload_remote_transfer(fd, write, iov, n, pos);
		break;
	case KIND_FAULTS:
		rc = faults_transfer(fd, write, iov, n, pos);
		break;
	default:
		rc = preload_refuse(fd);
	}
	return preload_result(rc);
}

static ssize_t transfer_one(int fd, bool write, const void *buf, size_t size,
			    off64_t pos)
{
	const struct iovec iov = { (void *)(uintptr_t)buf, size };

	return transfer(fd, write, &iov, 1, pos);
}

EXPORT ssize_t read(int fd, void *buf, size_t size)
{
	if (likely_true(!kind_of(fd)))
		return REAL(read)(fd, buf, size);
	return transfer_one(fd, false, buf, size, 0);
}

EXPORT ssize_t write(int fd, const void *buf, size_t size)
{
	if (likely_true(!kind_of(fd)))
		return REAL(write)(fd, buf, size);
	return transfer_one(fd, true, buf, size, 0);
}

EXPORT ssize_t pread64(int fd, void *buf, size_t size, off64_t pos)
{
	if (likely_true(!kind_of(fd)))
		return REAL(pread64)(fd, buf, size, pos);
	return transfer_one(fd, false, buf, size, pos);
}

EXPORT ssize_t pwrite64(int fd, const void *buf, size_t size, off64_t pos)
{
	if (likely_true(!kind_of(fd)))
		return REAL(pwrite64)(fd, buf, size, pos);
	return transfer_one(fd, true, buf, size, pos);
}

extern ssize_t __read(int fd, void *buf, size_t size) EXPORT_AS("read");
extern ssize_t __write(int fd, const void *buf, size_t size)
	EXPORT_AS("write");
extern ssize_t pread(int fd, void *buf, size_t size, off_t pos)
	EXPORT_AS("pread64");
extern ssize_t __pread64(int fd, void *buf, size_t size, off64_t pos)
	EXPORT_AS("pread64");
extern ssize_t pwrite(int fd, const void *buf, size_t size, off_t pos)
	EXPORT_AS("pwrite64");
extern ssize_t __pwrite64(int fd, const void *buf, size_t size, off64_t pos)
	EXPORT_AS("pwrite64");

/* If the buffer is too small, the C library's function reports it. */

EXPORT ssize_t __read_chk(int fd, void *buf, size_t size, size_t room)
{
	if (likely_true(!kind_of(fd) || size > room))
		return REAL(__read_chk)(fd, buf, size, room);
	return transfer_one(fd, false, buf, size, 0);
}

EXPORT ssize_t __pread64_chk(int fd, void *buf, size_t size, off64_t pos,
			     size_t room)
{
	if (likely_true(!kind_of(fd) || size > room))
		return REAL(__pread64_chk)(fd, buf, size, pos, room);
	return transfer_one(fd, false, buf, size, pos);
}

extern ssize_t __pread_chk(int fd, void *buf, size_t size, off_t pos,
			   size_t room) EXPORT_AS("__pread64_chk");

EXPORT ssize_t readv(int fd, const struct iovec *iov, int n)
{
	if (likely_true(!kind_of(fd)))
		return REAL(readv)(fd, iov, n);
	return transfer(fd, false, iov, n, 0);
}

EXPORT ssize_t writev(int fd, const struct iovec *iov, int n)
{
	if (likely_true(!kind_of(fd)))
		return REAL(writev)(fd, iov, n);
	return transfer(fd, true, iov, n, 0);
}

EXPORT ssize_t preadv64(int fd, const struct iovec *iov, int n, off64_t pos)
{
	if (likely_true(!kind_of(fd)))
		return REAL(preadv64)(fd, iov, n, pos);
	return transfer(fd, false, iov, n, pos);
}

EXPORT ssize_t pwritev64(int fd, const struct iovec *iov, int n, off64_t pos)
{
	if (likely_true(!kind_of(fd)))
		return REAL(pwritev64)(fd, iov, n, pos);
	return transfer(fd, true, iov, n, pos);
}

/* The position -1 stands for the position of the open file. */

EXPORT ssize_t preadv64v2(int fd, const struct iovec *iov, int n, off64_t pos,
			  int flags)
{
	if (likely_true(!kind_of(fd)))
		return REAL(preadv64v2)(fd, iov, n, pos, flags);
	if (flags)
		return preload_result(-EOPNOTSUPP);
	return transfer(fd, false, iov, n, pos == -1 ? 0 : pos);
}

EXPORT ssize_t pwritev64v2(int fd, const struct iovec *iov, int n, off64_t pos,
			   int flags)
{
	if (likely_true(!kind_of(fd)))
		return REAL(pwritev64v2)(fd, iov, n, pos, flags);
	if (flags)
		return preload_result(-EOPNOTSUPP);
	return transfer(fd, true, iov, n, pos == -1 ? 0 : pos);
}

extern ssize_t preadv(int fd, const struct iovec *iov, int n, off_t pos)
	EXPORT_AS("preadv64");
extern ssize_t pwritev(int fd, const struct iovec *iov, int n, off_t pos)
	EXPORT_AS("pwritev64");
extern ssize_t preadv2(int fd, const struct iovec *iov, int n, off_t pos,
		       int flags) EXPORT_AS("preadv64v2");
extern ssize_t pwritev2(int fd, const struct iovec *iov, int n, off_t pos,
			int flags) EXPORT_AS("pwritev64v2");

/* Descriptors */

static bool is_private(int fd)
{
	return kind_of(fd) == KIND_PRIVATE || kind_of(fd) == KIND_LINK;
}

static int close_ours(int fd)
{
	switch (kind_of(fd)) {
	case KIND_FILE:
		return preload_close(fd);
	case KIND_REMOTE:
		return preload_remote_close(fd);
	case KIND_PRIVATE:
	case KIND_LINK:
		return -EBADF;
	default:
		preload_set_kind(fd, KIND_OTHER);
		return REAL(close)(fd) ? -errno : 0;
	}
}

EXPORT int close(int fd)
{
	if (likely_true(!kind_of(fd)))
		return REAL(close)(fd);
	return (int)preload_result(close_ours(fd));
}

extern int __close(int fd) EXPORT_AS("close");

/* Gives the descriptor @copy, which exists in the process, the kind of @fd. */
static int become(int fd, int copy)
{
	int rc = 0;

	switch (kind_of(fd)) {
	case KIND_FILE:
		rc = preload_duplicated(fd, copy);
		break;
	case KIND_REMOTE:
		rc = preload_remote_duplicated(fd, copy);
		break;
	case KIND_FAULTS:
		preload_faults_set_tid(copy, preload_faults_tid(fd));
		break;
	case KIND_LOST:
		preload_set_kind(copy, KIND_LOST);
		break;
	default:
		break;
	}
	if (!rc)
		return copy;
	REAL(close)(copy);
	return (int)preload_result(rc);
}

EXPORT int dup(int fd)
{
	int copy;

	if (likely_true(!kind_of(fd)))
		return REAL(dup)(fd);
	if (is_private(fd))
		return (int)preload_result(-EBADF);
	copy = REAL(dup)(fd);
	return copy < 0 ? copy : become(fd, copy);
}

/* Handle dup2(), whose real call has returned @rc. */
static int replaced(int fd, int copy, int rc)
{
	if (rc < 0 || fd == copy)
		return rc;
	if (kind_of(copy) == KIND_FILE)
		preload_replaced(copy);
	else if (kind_of(copy) == KIND_REMOTE)
		preload_remote_replaced(copy);
	preload_set_kind(copy, KIND_OTHER);
	return become(fd, copy);
}

EXPORT int dup2(int fd, int copy)
{
	if (likely_true(!kind_of(fd) && !kind_of(copy)))
		return REAL(dup2)(fd, copy);
	if (is_private(fd) || is_private(copy))
		return (int)preload_result(-EBADF);
	return replaced(fd, copy, REAL(dup2)(fd, copy));
}

EXPORT int dup3(int fd, int copy, int flags)
{
	if (likely_true(!kind_of(fd) && !kind_of(copy)))
		return REAL(dup3)(fd, copy, flags);
	if (is_private(fd) || is_private(copy))
		return (int)preload_result(-EBADF);
	return replaced(fd, copy, REAL(dup3)(fd, copy, flags));
}

extern int __dup2(int fd, int copy) EXPORT_AS("dup2");

EXPORT int fcntl(int fd, int cmd, ...)
{
	va_list args;
	long arg;
	int rc;

	va_start(args, cmd);
	arg = va_arg(args, long);
	va_end(args);
	switch (kind_of(fd)) {
	case KIND_OTHER:
		return REAL(fcntl)(fd, cmd, arg);
	case KIND_FILE:
		return (int)preload_result(preload_fcntl(fd, cmd, arg));
	case KIND_PRIVATE:
	case KIND_LINK:
		return (int)preload_result(-EBADF);
	case KIND_REMOTE:
		if (cmd == F_GETFL || cmd == F_SETFL)
			return (int)preload_result(
				preload_remote_flags(fd, cmd, arg));
		/* fall through */
	default:
		rc = REAL(fcntl)(fd, cmd, arg);
		if (rc >= 0 && (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC))
			rc = become(fd, rc);
		return rc;
	}
}

extern int fcntl64(int fd, int cmd, ...) EXPORT_AS("fcntl");
extern int __fcntl(int fd, int cmd, ...) EXPORT_AS("fcntl");

/*
 * Descriptors of the model are closed first.  The real call then closes the
 * ranges between private descriptors.
 */
EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	unsigned int from = first, end, fd;
	int rc = 0;

	if (first > last || preload_last_fd() < 0 ||
	    first > (unsigned int)preload_last_fd())
		return REAL(close_range)(first, last, flags);
	end = last < (unsigned int)preload_last_fd() ?
		      last : (unsigned int)preload_last_fd();
	for (fd = first; !rc && fd <= end; fd++) {
		if (is_private((int)fd)) {
			if (from < fd)
				rc = REAL(close_range)(from, fd - 1, flags);
			from = fd + 1;
		} else if (kind_of((int)fd) && !(flags & CLOSE_RANGE_CLOEXEC)) {
			close_ours((int)fd);
		}
	}
	if (!rc && from <= last)
		rc = REAL(close_range)(from, last, flags);
	return rc;
}

EXPORT void closefrom(int first)
{
	close_range(first < 0 ? 0 : (unsigned int)first, ~0u, 0);
}

/* Memory */

static void *real_mmap(void *addr, size_t length, int prot, int flags, int fd,
		       off64_t offset)
{
	void *at;

	if ((flags & (MAP_HUGETLB | MAP_ANONYMOUS)) ==
	    (MAP_HUGETLB | MAP_ANONYMOUS))
		return preload_huge_mmap(addr, length, prot, flags);
	at = (void *)preload_raw(SYS_mmap, (long)addr, (long)length, prot,
				 flags, fd, (long)offset);
	if (at == MAP_FAILED)
		return at;
	if (flags & MAP_FIXED)
		preload_note_unmapped(at, length);
	if (flags & MAP_SHARED && !(flags & MAP_ANONYMOUS))
		preload_note_shared(at, length, fd, offset);
	return at;
}

static bool is_device(const void *addr, size_t length)
{
	unsigned long at = (unsigned long)addr;

	return iommufd_model_is_device_memory(at) ||
	       (length && iommufd_model_is_device_memory(at + length - 1));
}

static long map_file(int fd, size_t length, int prot, int flags, off64_t offset)
{
	struct file *file;
	fmode_t mode;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		preload_say("mmap of a file of the model at a fixed address is "
			    "not possible here");
		return -EOPNOTSUPP;
	}
	file = fget((unsigned int)fd);
	if (!file)
		return -EBADF;
	mode = file->f_mode;
	fput(file);
	if (!(mode & FMODE_READ) ||
	    ((flags & MAP_SHARED) && (prot & PROT_WRITE) &&
	     !(mode & FMODE_WRITE)))
		return -EACCES;
	preload_prepare_thread();
	return (long)iommufd_model_mmap(fd, length, prot, flags, (u64)offset);
}

EXPORT void *mmap64(void *addr, size_t length, int prot, int flags, int fd,
		    off64_t offset)
{
	if (likely_true(flags & MAP_ANONYMOUS || !kind_of(fd)))
		return real_mmap(addr, length, prot, flags, fd, offset);
	if (kind_of(fd) == KIND_REMOTE && !(flags & MAP_FIXED))
		return (void *)preload_result(
			preload_remote_mmap(fd, length, prot, flags, offset));
	if (kind_of(fd) != KIND_FILE)
		return (void *)preload_result(preload_refuse(fd));
	return (void *)preload_result(map_file(fd, length, prot, flags,
					       offset));
}

extern void *mmap(void *addr, size_t length, int prot, int flags, int fd,
		  off_t offset) EXPORT_AS("mmap64");

EXPORT int munmap(void *addr, size_t length)
{
	int rc;

	if (preload_remote_munmap((unsigned long)addr,
				  (length + PAGE_SIZE - 1) & PAGE_MASK))
		return 0;
	if (likely_true(!is_device(addr, length)))
		return preload_munmap((unsigned long)addr,
				      preload_huge_length(addr, length));
	preload_prepare_thread();
	rc = iommufd_model_munmap(addr, length);
	/* If nothing is mapped there, munmap() still succeeds. */
	if (rc == -EINVAL && length && !((uintptr_t)addr % PAGE_SIZE))
		rc = 0;
	return (int)preload_result(rc);
}

/*
 * Do mremap() for a mapping of a device.  It cannot grow and, here, cannot
 * move.
 */
static long remap_device(void *addr, size_t old, size_t new, int flags)
{
	if ((uintptr_t)addr % PAGE_SIZE || !new || flags & ~MREMAP_MAYMOVE)
		return -EINVAL;
	old = (old + PAGE_SIZE - 1) & PAGE_MASK;
	new = (new + PAGE_SIZE - 1) & PAGE_MASK;
	if (new > old)
		return -EFAULT;
	if (new < old && munmap((char *)addr + new, old - new))
		return -errno;
	return (long)addr;
}

EXPORT void *mremap(void *addr, size_t old, size_t new, int flags, ...)
{
	void *to = NULL;
	va_list args;

	if (flags & MREMAP_FIXED) {
		va_start(args, flags);
		to = va_arg(args, void *);
		va_end(args);
	}
	if (likely_true(!is_device(addr, old)))
		return (void *)preload_raw(SYS_mremap, (long)addr, (long)old,
					   (long)new, flags, (long)to, 0);
	return (void *)preload_result(remap_device(addr, old, new, flags));
}
