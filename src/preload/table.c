// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Descriptors: the table of their kinds, and the numbers that src/kernel uses.
 *
 * A descriptor that src/kernel reserves is a holder at once; fd_install()
 * replaces it by the holder that suits the file.
 *
 * When a descriptor is closed, the file leaves the table in src/kernel before
 * the number becomes free in the process, and is released after that, as in a
 * kernel.
 */
#include "preload.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <iommufd_model/model.h>

unsigned char preload_kinds[NR_FDS];

/* The flags of the open that is running. */
static __thread int open_flags
	__attribute__((tls_model("initial-exec")));
static __thread bool thread_is_ready
	__attribute__((tls_model("initial-exec")));
static int last_fd = -1;
static pid_t owner;

/* Only a kernel tree has devices other than that of the model. */
__attribute__((weak)) int iommufd_model_open_node(const char *node);
__attribute__((weak)) bool iommufd_model_has_node(const char *node);

void preload_set_kind(int fd, enum kind kind)
{
	int last = __atomic_load_n(&last_fd, __ATOMIC_RELAXED);

	while (fd > last && !__atomic_compare_exchange_n(&last_fd, &last, fd,
							 false,
							 __ATOMIC_RELAXED,
							 __ATOMIC_RELAXED))
		;
	__atomic_store_n(&preload_kinds[fd], (unsigned char)kind,
			 __ATOMIC_RELEASE);
}

int preload_last_fd(void)
{
	return __atomic_load_n(&last_fd, __ATOMIC_RELAXED);
}

bool preload_is_owner(void)
{
	return getpid() == owner;
}

int preload_make_private(int fd)
{
	struct rlimit limit;
	int high, base = 1 << 16;

	if (fd < 0)
		return -errno;
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < 1 << 17)
		base = (int)limit.rlim_cur - (int)limit.rlim_cur / 4;
	high = REAL(fcntl)(fd, F_DUPFD_CLOEXEC, base);
	if (high >= 0) {
		REAL(close)(fd);
		fd = high;
	}
	preload_set_kind(fd, KIND_PRIVATE);
	return fd;
}

void preload_drop_private(int fd)
{
	preload_set_kind(fd, KIND_OTHER);
	REAL(close)(fd);
}

/* Functions that src/kernel calls to reserve and install descriptors */

/*
 * The program has closed a file of the model in a way that was not seen here,
 * since the number is used again.
 */
static void forget(int fd)
{
	struct file *file = iommufd_model_fd_take(fd);

	preload_set_kind(fd, KIND_OTHER);
	if (!file)
		return;
	preload_holder_drop(file);
	fput(file);
}

static int reserve(unsigned int flags)
{
	int fd;

	if (preload_serving())
		return preload_serve_reserve(flags);
	fd = REAL(open)("/dev/zero", 3 | ((int)flags & O_CLOEXEC) |
			    (open_flags & O_CLOEXEC));

	if (fd < 0)
		return -errno;
	if (fd < NR_FDS && kind_of(fd) == KIND_FILE)
		forget(fd);
	return fd;
}

static void unreserve(int fd)
{
	if (preload_serving())
		preload_serve_unreserve(fd);
	else
		REAL(close)(fd);
}

static void installed(int fd, struct file *file)
{
	int polled = preload_holder_create(file), flags;

	if (preload_serving()) {
		preload_serve_installed(fd, polled);
		return;
	}
	if (polled >= 0) {
		flags = REAL(fcntl)(fd, F_GETFD) & FD_CLOEXEC ? O_CLOEXEC : 0;
		REAL(dup3)(polled, fd, flags);
		REAL(close)(polled);
	}
	preload_set_kind(fd, KIND_FILE);
}

static const struct iommufd_model_fd_source source = {
	.reserve = reserve, .unreserve = unreserve, .installed = installed,
	.foreign = preload_foreign, .memory = preload_file_memory,
	.base = preload_serve_base,
};

void preload_prepare_thread(void)
{
	if (likely_true(thread_is_ready))
		return;
	thread_is_ready = true;
	preload_signals_thread();
}

static pthread_once_t used_once = PTHREAD_ONCE_INIT;

void preload_table_forked(void)
{
	static const pthread_once_t fresh = PTHREAD_ONCE_INIT;

	used_once = fresh;
	owner = getpid();
}

static void use(void)
{
	iommufd_model_fd_source = &source;
	owner = getpid();
	preload_signals_init();
	preload_process_used();
}

bool preload_has_device(const char *node)
{
	if (iommufd_model_has_node)
		return iommufd_model_has_node(node);
	return !strcmp(node, "iommu");
}

static int open_node(const char *node)
{
	if (iommufd_model_open_node)
		return iommufd_model_open_node(node);
	return strcmp(node, "iommu") ? -ENOENT : iommufd_model_open();
}

int preload_open_device(const char *node, int flags)
{
	struct file *file;
	int fd;

	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	pthread_once(&used_once, use);
	preload_prepare_thread();
	open_flags = flags;
	fd = open_node(node);
	open_flags = 0;
	if (fd < 0)
		return fd;
	file = fget((unsigned int)fd);
	if (file) {
		file->f_flags = (unsigned int)(flags & ~(O_CREAT | O_NOCTTY |
							 O_TRUNC | O_CLOEXEC));
		file->f_mode = OPEN_FMODE((unsigned int)flags);
		fput(file);
	}
	return fd;
}

/* Closing and duplicating */

/*
 * Remove @fd from the tables.  The caller then closes the descriptor and calls
 * fput().
 */
static struct file *take(int fd)
{
	struct file *file = iommufd_model_fd_take(fd);

	if (!file)
		return NULL;
	if (!preload_serving())
		preload_set_kind(fd, KIND_OTHER);
	preload_holder_drop(file);
	return file;
}

int preload_close(int fd)
{
	struct file *file;
	int rc = 0;

	/*
	 * A child after vfork() shares the parent's tables, but not its
	 * descriptors.
	 */
	if (!preload_serving() && !preload_is_owner())
		return REAL(close)(fd) ? -errno : 0;
	preload_prepare_thread();
	iommufd_model_enter();
	file = take(fd);
	if (!file || (!preload_serving() && REAL(close)(fd)))
		rc = -EBADF;
	if (file)
		fput(file);
	iommufd_model_leave();
	return rc;
}

void preload_close_model(int fd)
{
	struct file *file;

	iommufd_model_enter();
	file = iommufd_model_fd_take(fd);
	if (file) {
		preload_holder_drop(file);
		fput(file);
	}
	iommufd_model_leave();
}

void preload_replaced(int fd)
{
	struct file *file;

	if (!preload_is_owner())
		return;
	iommufd_model_enter();
	file = take(fd);
	/* Do not close @fd: dup2() has already made it another descriptor. */
	if (file)
		fput(file);
	iommufd_model_leave();
}

int preload_duplicated(int fd, int copy)
{
	struct file *file;
	int rc = -EBADF;

	if (!preload_serving() && !preload_is_owner())
		return 0;
	iommufd_model_enter();
	file = fget((unsigned int)fd);
	if (file) {
		rc = iommufd_model_fd_share(copy, file);
		if (rc)
			fput(file);
	}
	if (!rc) {
		preload_holder_share(file);
		if (!preload_serving())
			preload_set_kind(copy, KIND_FILE);
	}
	iommufd_model_leave();
	return rc;
}

/* Descriptors of another process */

int preload_refuse(int fd)
{
	static bool said;

	if (kind_of(fd) == KIND_LOST &&
	    !__atomic_exchange_n(&said, true, __ATOMIC_RELAXED))
		preload_say("process %d uses descriptor %d, which belongs to "
			    "the model of another process: not possible here "
			    "(docs/programs.md)", getpid(), fd);
	return -EBADF;
}
