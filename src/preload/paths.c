// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Find out whether a path names a file that this library provides.
 *
 * A path is examined in full only if its last component, or its beginning, is
 * one that this library provides.  It may be a bad address, so it is read by a
 * system call.  "//", "."  and ".."  are resolved in the text of the path;
 * symbolic links are not followed.
 *
 * The files of debugfs with which a program sets up fault injection exist in a
 * folder of their own, which is made when it is first needed.  They can be read
 * and written, and have no effect.
 */
#include "preload.h"
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define DEBUGFS "/sys/kernel/debug"

/*
 * Copy a string.  Returns -1 if its address is bad, or if it is too long to be
 * the path of a file that this library provides.
 */
static int copy_path(char *to, const char *path)
{
	uintptr_t at = (uintptr_t)path;
	size_t first = 4096 - at % 4096, done;
	struct iovec local = { to, PATH_ROOM };
	struct iovec remote[2] = {
		{ (void *)at, first < PATH_ROOM ? first : PATH_ROOM },
		{ (void *)(at + first), 0 },
	};
	ssize_t n;

	if (!path)
		return -1;
	remote[1].iov_len = PATH_ROOM - remote[0].iov_len;
	n = process_vm_readv(getpid(), &local, 1, remote, 2, 0);
	if (n < 0 && errno == EFAULT)
		return -1;
	if (n < 0)	/* a sandbox forbids the system call */
		done = strnlen(path, PATH_ROOM);
	else
		done = strnlen(to, (size_t)n);
	if (n < 0)
		memcpy(to, path, done);
	if (done >= PATH_ROOM || (n >= 0 && done == (size_t)n))
		return -1;
	to[done] = 0;
	return 0;
}

/*
 * Write the absolute path of the folder of @dirfd to @to.  Returns false if
 * there is none.
 */
static bool folder_of(int dirfd, char *to)
{
	char link[64];
	ssize_t n;

	if (dirfd == AT_FDCWD)
		return getcwd(to, PATH_ROOM);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
	n = readlink(link, to, PATH_ROOM - 1);
	if (n <= 0)
		return false;
	to[n] = 0;
	return true;
}

/*
 * Add the components of @path to @to, which is absolute and has no "."  or
 * "..".
 */
static bool add_components(char *to, const char *path)
{
	size_t n, used = strlen(to);

	for (; *path; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (!n || (n == 1 && path[0] == '.'))
			continue;
		if (n == 2 && !strncmp(path, "..", 2)) {
			while (used && to[--used] != '/')
				;
			to[used] = 0;
			continue;
		}
		if (used + n + 2 > PATH_ROOM)
			return false;
		to[used++] = '/';
		memcpy(to + used, path, n);
		used += n;
		to[used] = 0;
	}
	return true;
}

static bool may_be_ours(const char *path)
{
	const char *base = strrchr(path, '/');

	base = base ? base + 1 : path;
	return !strcmp(base, "iommu") || !strcmp(base, "vfio") ||
	       !strcmp(base, "fail-nth") ||
	       (!strcmp(base, "status") && preload_process_known()) ||
	       strstr(path, "kernel/debug");
}

/*
 * Parse "PID" or @self, which stands for @id.  Returns the number, or 0 if the
 * path has neither.
 */
static int own_id(const char **path, const char *self, int id)
{
	size_t n = strlen(self);
	char *end;
	long given;

	if (!strncmp(*path, self, n)) {
		*path += n;
		return id;
	}
	given = strtol(*path, &end, 10);
	if (end == *path || given <= 0 || given > INT_MAX)
		return 0;
	*path = end;
	return (int)given;
}

/*
 * Return the thread of a path /proc/PID[/task/TID]/fail-nth; 0 for other paths.
 */
static int faults_tid(const char *path)
{
	int tid;

	if (strncmp(path, "/proc/", 6))
		return 0;
	path += 6;
	if (!strncmp(path, "thread-self/", 12)) {
		path += 11;
		tid = gettid();
	} else {
		tid = own_id(&path, "self", getpid());
		if (tid != getpid())
			return 0;
		if (!strncmp(path, "/task/", 6)) {
			path += 6;
			tid = own_id(&path, "self", getpid());
		}
	}
	return strcmp(path, "/fail-nth") ? 0 : tid;
}

/* Return the process of a path /proc/PID/status; 0 for other paths. */
static int status_pid(const char *path)
{
	int pid;

	if (strncmp(path, "/proc/", 6))
		return 0;
	path += 6;
	pid = own_id(&path, "self", getpid());
	return strcmp(path, "/status") ? 0 : pid;
}

/* Adds @pages to the number in the line that begins with @name. */
static void add_pages(char *text, size_t room, const char *name,
		      unsigned long pages)
{
	char *line = strstr(text, name), *end, number[32];
	unsigned long kb;

	if (!line || !pages)
		return;
	line += strlen(name);
	kb = strtoul(line, &end, 10) + pages * (PAGE_SIZE >> 10);
	snprintf(number, sizeof(number), "\t%8lu", kb);
	if (strlen(text) + strlen(number) < room) {
		memmove(line + strlen(number), end, strlen(end) + 1);
		memcpy(line, number, strlen(number));
	}
}

/*
 * Make a copy of the status of a process, to whose numbers the pages are added
 * that the process has pinned and locked in the model.
 */
static int open_status(int pid, unsigned long pinned, unsigned long locked,
		       int flags)
{
	char path[64], text[8192];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = REAL(open)(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = REAL(read)(fd, text, sizeof(text) - 1);
	REAL(close)(fd);
	text[n > 0 ? n : 0] = 0;
	add_pages(text, sizeof(text), "VmLck:", locked);
	add_pages(text, sizeof(text), "VmPin:", pinned);
	fd = memfd_create("status", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
	if (fd < 0)
		return -errno;
	if (REAL(write)(fd, text, strlen(text)) < 0 ||
	    lseek(fd, 0, SEEK_SET)) {
		REAL(close)(fd);
		return -EIO;
	}
	return fd;
}

/* debugfs */

static char debugfs[64];
static pid_t debugfs_owner;
static pthread_mutex_t debugfs_lock = PTHREAD_MUTEX_INITIALIZER;

static const char *const fault_points[] = {
	"failslab", "fail_page_alloc", "fail_usercopy", "fail_iommufd",
};

static const struct {
	const char *name, *text;
} fault_files[] = {
	{ "ignore-gfp-wait", "Y\n" }, { "ignore-gfp-highmem", "Y\n" },
	{ "verbose", "2\n" }, { "probability", "0\n" }, { "interval", "1\n" },
	{ "times", "1\n" }, { "space", "0\n" }, { "task-filter", "N\n" },
	{ "cache-filter", "N\n" }, { "min-order", "1\n" },
	{ "stacktrace-depth", "32\n" },
};

static void make_file(const char *folder, const char *name, const char *text)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = REAL(open)(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (REAL(write)(fd, text, strlen(text)) < 0) {
		/* the file stays empty */
	}
	REAL(close)(fd);
}

static void remove_debugfs(void)
{
	char folder[96], path[160];
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(fault_points); i++) {
		snprintf(folder, sizeof(folder), "%s/%s", debugfs,
			 fault_points[i]);
		for (k = 0; k < ARRAY_SIZE(fault_files); k++) {
			snprintf(path, sizeof(path), "%s/%s", folder,
				 fault_files[k].name);
			unlink(path);
		}
		rmdir(folder);
	}
	rmdir(debugfs);
}

static bool make_debugfs(void)
{
	char folder[96];
	size_t i, k;

	snprintf(debugfs, sizeof(debugfs), "/tmp/iommufd-model-debugfs-XXXXXX");
	if (!mkdtemp(debugfs)) {
		debugfs[0] = 0;
		return false;
	}
	debugfs_owner = getpid();
	for (i = 0; i < ARRAY_SIZE(fault_points); i++) {
		snprintf(folder, sizeof(folder), "%s/%s", debugfs,
			 fault_points[i]);
		if (mkdir(folder, 0700))
			return false;
		for (k = 0; k < ARRAY_SIZE(fault_files); k++)
			make_file(folder, fault_files[k].name,
				  fault_files[k].text);
	}
	return true;
}

static bool debugfs_path(const char *below, char *out)
{
	bool good = true;
	int n;

	pthread_mutex_lock(&debugfs_lock);
	if (!debugfs[0])
		good = make_debugfs();
	pthread_mutex_unlock(&debugfs_lock);
	n = snprintf(out, PATH_ROOM, "%s%s", debugfs, below);
	return good && n < PATH_ROOM;
}

void preload_paths_exit(void)
{
	if (debugfs[0] && debugfs_owner == getpid())
		remove_debugfs();
	debugfs[0] = 0;
}

/* True if the path names debugfs or its files for fault injection. */
static bool is_debugfs(const char *path)
{
	size_t n = strlen(DEBUGFS);

	return !strncmp(path, DEBUGFS, n) &&
	       (!path[n] || !strncmp(path + n, "/fail", 5));
}

enum target preload_target(int dirfd, const char *path, char *out, int *tid)
{
	char given[PATH_ROOM], full[PATH_ROOM] = "";
	int saved = errno;
	bool good;

	good = !copy_path(given, path) && may_be_ours(given) &&
	       (given[0] == '/' || folder_of(dirfd, full)) &&
	       add_components(full, given);
	errno = saved;
	if (!good)
		return TARGET_OTHER;
	if (!strcmp(full, "/dev/iommu") || !strcmp(full, "/dev/vfio/vfio")) {
		strcpy(out, full + strlen("/dev/"));
		return preload_has_device(out) ? TARGET_DEVICE : TARGET_OTHER;
	}
	*tid = faults_tid(full);
	if (*tid)
		return TARGET_FAULTS;
	*tid = status_pid(full);
	if (*tid)
		return TARGET_STATUS;
	if (is_debugfs(full) && debugfs_path(full + strlen(DEBUGFS), out))
		return TARGET_DEBUGFS;
	return TARGET_OTHER;
}

int preload_open_target(enum target target, const char *name, int tid,
			int flags)
{
	unsigned long pinned, locked;
	char status[64];
	int fd;

	if (target == TARGET_STATUS) {
		snprintf(status, sizeof(status), "/proc/%d/status", tid);
		name = status;
	}
	if (target == TARGET_FAULTS)
		return preload_faults_open(tid, flags);
	if (target == TARGET_STATUS && !(flags & (O_ACCMODE | O_PATH)) &&
	    (preload_remote_linked() ?
	     preload_remote_memory(tid, &pinned, &locked) :
	     preload_process_memory(tid, &pinned, &locked)))
		return open_status(tid, pinned, locked, flags);
	if (target == TARGET_DEVICE && !(flags & O_PATH))
		return preload_open_device(name, flags);
	fd = REAL(open)(target == TARGET_DEVICE ? "/dev/zero" : name,
			flags & ~(O_CREAT | O_EXCL));
	return fd < 0 ? -errno : fd;
}
