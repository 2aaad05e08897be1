/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The library that iommufd-model exec preloads: an unmodified program opens
 * /dev/iommu and gets the model, or a kernel tree.
 *
 * Each function of the C library that takes a descriptor or a path is replaced
 * here by one that looks into a table of bytes, one for each descriptor, and
 * calls the C library's own if the byte is 0.  Files of the model have the same
 * number in the table of the ground and in the process.  In the process a
 * *holder* has the number: a real descriptor, so that nothing else gets the
 * number, and so that poll(), select() and epoll work without our help.
 *
 * - The holder of /dev/iommu, and of every file that cannot be polled, is
 *   /dev/zero, opened with the access mode 3, which allows ioctl() and nothing
 *   else.  Such a descriptor is always ready, as these files are, and what
 *   reaches it by a way that is not replaced here (io_uring, a system call made
 *   by the program's own assembly) fails with EBADF or ENOTTY.
 * - The holder of an event queue is an eventfd that is ready for reading when
 *   the queue is; or, if the queue is never ready for writing, an epoll
 *   descriptor that watches such an eventfd (ready.c).
 *
 * Descriptors that only this library uses have high numbers, and close() and
 * close_range() of the program leave them alone.
 *
 * In a child process the model's memory is a copy, on which nothing may be done
 * that the parent should see.  So what the child does with an inherited
 * descriptor is a request to the process that has the model (link.h).  A child
 * that opens /dev/iommu itself has a model of its own.  Where there is no link,
 * because the child came about in a way that is not seen here or because a new
 * program runs in it, the descriptor is lost: each use of it fails with EBADF
 * and a line on standard error.
 */
#ifndef PRELOAD_H
#define PRELOAD_H

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sys/uio.h>
#include "../kernel/ground.h"
#include <iommufd_model/kernel/fs.h>

#define EXPORT __attribute__((visibility("default")))
#define EXPORT_AS(name) \
	__attribute__((visibility("default"), alias(name)))
#define likely_true(x) __builtin_expect(!!(x), 1)

#define NR_FDS 1048576

/* What a descriptor is, in the eyes of this library. */
enum kind {
	KIND_OTHER,	/* the program's own */
	KIND_FILE,	/* a file of the ground */
	KIND_PRIVATE,	/* this library's, which the program cannot use */
	KIND_FAULTS,	/* a fail-nth file: faults.c */
	KIND_LOST,	/* a file of the ground, of another process */
	KIND_REMOTE,	/* a file of the process with the model: client.c */
	KIND_LINK,	/* private, and not for a child: link.c */
};

extern unsigned char preload_kinds[NR_FDS];

static inline enum kind kind_of(int fd)
{
	if ((unsigned int)fd >= NR_FDS)
		return KIND_OTHER;
	return (enum kind)__atomic_load_n(&preload_kinds[fd], __ATOMIC_RELAXED);
}

/* real.c: the functions that are replaced, as the next library has them */
#define REAL_FUNCTIONS(F) \
	F(int, open, (const char *, int, ...)) \
	F(int, openat, (int, const char *, int, ...)) \
	F(int, close, (int)) \
	F(int, close_range, (unsigned int, unsigned int, int)) \
	F(int, dup, (int)) \
	F(int, dup2, (int, int)) \
	F(int, dup3, (int, int, int)) \
	F(int, fcntl, (int, int, ...)) \
	F(int, ioctl, (int, unsigned long, ...)) \
	F(ssize_t, read, (int, void *, size_t)) \
	F(ssize_t, write, (int, const void *, size_t)) \
	F(ssize_t, pread64, (int, void *, size_t, off64_t)) \
	F(ssize_t, pwrite64, (int, const void *, size_t, off64_t)) \
	F(ssize_t, readv, (int, const struct iovec *, int)) \
	F(ssize_t, writev, (int, const struct iovec *, int)) \
	F(ssize_t, preadv64, (int, const struct iovec *, int, off64_t)) \
	F(ssize_t, pwritev64, (int, const struct iovec *, int, off64_t)) \
	F(ssize_t, preadv64v2, (int, const struct iovec *, int, off64_t, int)) \
	F(ssize_t, pwritev64v2, (int, const struct iovec *, int, off64_t, int)) \
	F(ssize_t, __read_chk, (int, void *, size_t, size_t)) \
	F(ssize_t, __pread64_chk, (int, void *, size_t, off64_t, size_t)) \
	F(FILE *, fopen64, (const char *, const char *)) \
	F(FILE *, fdopen, (int, const char *)) \
	F(void *, opendir, (const char *)) \
	F(int, access, (const char *, int)) \
	F(int, faccessat, (int, const char *, int, int)) \
	F(int, euidaccess, (const char *, int)) \
	F(int, stat64, (const char *, void *)) \
	F(int, lstat64, (const char *, void *)) \
	F(int, fstatat64, (int, const char *, void *, int)) \
	F(int, statx, (int, const char *, int, unsigned int, void *)) \
	F(int, sigaction, (int, const void *, void *)) \
	F(int, pthread_sigmask, (int, const void *, void *)) \
	F(long, syscall, (long, ...)) \
	F(pid_t, fork, (void)) \
	F(pid_t, waitpid, (int, int *, int)) \
	F(pid_t, wait4, (pid_t, int *, int, struct rusage *)) \
	F(int, waitid, (idtype_t, id_t, siginfo_t *, int)) \
	F(void, _exit, (int) __attribute__((__noreturn__)))

#define REAL_MEMBER(type, name, parameters) type (*name) parameters;
struct real_functions {
	REAL_FUNCTIONS(REAL_MEMBER)
};
#undef REAL_MEMBER
extern struct real_functions preload_real;
void preload_resolve(void);

/* A library's constructor may come before ours. */
#define REAL(name) (likely_true(preload_real.name) ? preload_real.name : \
		    (preload_resolve(), preload_real.name))

/* Sets errno if @rc is a negative errno, and returns what a C function does. */
static inline long preload_result(long rc)
{
	if (rc >= 0 || rc < -4095)
		return rc;
	errno = (int)-rc;
	return -1;
}

__attribute__((format(printf, 1, 2))) void preload_say(const char *format, ...);

/*
 * table.c: descriptors.  These return a negative errno, not errno; and they are
 * called for descriptors of KIND_FILE only.
 */
void preload_table_forked(void);
/* Before every call of the model. */
void preload_prepare_thread(void);
/* Opens a device of the model; @flags as for open().  -ENOENT: there is none. */
int preload_open_device(const char *node, int flags);
int preload_close(int fd);
/* The same without the descriptor, at the end of a process. */
void preload_close_model(int fd);
/* The program has replaced @fd, a file of the model, by another descriptor. */
void preload_replaced(int fd);
/* The program has made the descriptor @copy of the same file as @fd. */
int preload_duplicated(int fd, int copy);
/* Gives @fd, a new descriptor, a high number and makes it ours. */
int preload_make_private(int fd);
void preload_drop_private(int fd);
/* Returns true in the process whose descriptors the table has. */
bool preload_is_owner(void);
/*
 * Returns -EBADF for a descriptor that the program cannot use.  If it belongs to
 * another process, a line says so.
 */
int preload_refuse(int fd);
/* Is there such a device, by its name below /dev? */
bool preload_has_device(const char *node);
/* The highest number that is of a kind, or -1. */
int preload_last_fd(void);
void preload_set_kind(int fd, enum kind kind);

/* memory.c: files of the program in the eyes of the ground; huge pages */
struct file *preload_foreign(int fd);
long preload_file_memory(struct file *file, u64 start, u64 size);
/* The program has made, or removed, a mapping. */
void preload_note_shared(void *addr, size_t length, int fd, off64_t offset);
void preload_note_unmapped(void *addr, size_t length);
/* munmap() of the program's memory; sets errno, as the next one. */
int preload_munmap(unsigned long start, size_t length);
/* mmap() with MAP_HUGETLB, and the length that munmap() removes there. */
void *preload_huge_mmap(void *addr, size_t length, int prot, int flags);
size_t preload_huge_length(void *addr, size_t length);

/*
 * ready.c: the readiness of event queues
 *
 * preload_holder_create() returns a descriptor that is ready when the file is;
 * -1: the file cannot be polled, or there is none.  The caller puts it at the
 * number of the file and closes it.
 */
struct holder;
int preload_holder_create(struct file *file);
/* Count one descriptor of the file more, or less. */
void preload_holder_share(struct file *file);
void preload_holder_drop(struct file *file);
struct holder *preload_holder_get(struct file *file);
void preload_holder_put(struct holder *holder);
/* The file may have become ready, or not be ready any more. */
void preload_holder_refresh(struct holder *holder);
void preload_holders_refresh(void);
extern int preload_nr_ready;

/* syscall.c: a system call, with errno set after an error */
long preload_raw(long nr, long a0, long a1, long a2, long a3, long a4, long a5);

/* server.c: this thread works for another process, a child */
bool preload_serving(void);
int preload_serve_pid(void);	/* 0: this process */
unsigned long preload_serve_base(void);
int preload_serve_reserve(unsigned int flags);
void preload_serve_unreserve(int fd);
void preload_serve_installed(int fd, int polled);
int preload_serve_foreign(int fd);
/*
 * A fork(): the child's part, made before; the parent starts to serve it, or
 * undoes it if there is no child; the child forgets.
 */
void *preload_serve_prepare(void);
void preload_serve_parent(void *prepared, int link, int pid);
void preload_serve_undo(void *prepared);
/* Between the two no thread works for a child, unless a request takes long. */
void preload_serve_stop(void);
void preload_serve_go_on(void);
int preload_serve_threads(void);	/* how many there are */
void preload_serve_forked(void);
/* Waits until no child uses a descriptor of this process any more. */
void preload_serve_wait(void);
/* Does this process, or one that it has a link to, count pages? */
bool preload_process_known(void);
/* A child has ended, and its parent knows: waits until its files are closed. */
void preload_serve_reaped(int pid);
/* The pages that a process has pinned and locked; false: not known. */
bool preload_process_memory(int pid, unsigned long *pinned,
			    unsigned long *locked);

/* client.c: system calls on files of another process; as in calls.c */
long preload_remote_ioctl(int fd, unsigned long cmd, void *arg);
ssize_t preload_remote_transfer(int fd, bool write, const struct iovec *iov,
				int n, off64_t pos);
int preload_remote_close(int fd);
void preload_remote_replaced(int fd);
int preload_remote_duplicated(int fd, int copy);
long preload_remote_flags(int fd, int cmd, long arg);
long preload_remote_mmap(int fd, size_t length, int prot, int flags,
			 off64_t offset);
/* Returns false if it is no such mapping. */
bool preload_remote_munmap(unsigned long start, size_t length);
bool preload_remote_linked(void);
bool preload_remote_memory(int pid, unsigned long *pinned,
			   unsigned long *locked);
/* The end of a link for a child of this child, or -1; the child begins. */
int preload_remote_prepare(void);
void preload_remote_begin(int link);

/* calls.c: system calls on files of the model; they return a negative errno */
long preload_ioctl(int fd, unsigned long cmd, void *arg);
ssize_t preload_readv(int fd, const struct iovec *iov, int n, off64_t pos);
ssize_t preload_writev(int fd, const struct iovec *iov, int n, off64_t pos);
long preload_fcntl(int fd, int cmd, long arg);

/* paths.c */
enum target {
	TARGET_OTHER, TARGET_DEVICE, TARGET_FAULTS, TARGET_DEBUGFS,
	TARGET_STATUS,	/* /proc/PID/status */
};
#define PATH_ROOM 256
/*
 * Which file the path names.  @out of PATH_ROOM bytes gets: of a device its
 * name below /dev; of a file of debugfs the path that it has here; else nothing.
 * *@tid: the thread of a fail-nth file, or the process of a status.
 */
enum target preload_target(int dirfd, const char *path, char *out, int *tid);
/* open() of something else than TARGET_OTHER */
int preload_open_target(enum target target, const char *name, int tid,
			int flags);
void preload_paths_exit(void);

/* faults.c: the files fail-nth of /proc */
int preload_faults_open(int tid, int flags);
void preload_faults_close(int fd);
int preload_faults_tid(int fd);
void preload_faults_set_tid(int fd, int tid);
ssize_t preload_faults_read(int tid, char *buf, size_t size, off64_t pos);
ssize_t preload_faults_write(int tid, const char *buf, size_t size);
/*
 * The number of the calling thread: taken for a request to another process, and
 * given back after it; lent to the thread that works on the request.  The last
 * returns what is left of the number that was lent before.
 */
int preload_faults_take(void);
void preload_faults_give(int left);
int preload_faults_lend(int left);

/* signals.c: installs the handler for copies to and from bad addresses */
void preload_signals_init(void);
void preload_signals_thread(void);

/* process.c: the end of the process, and its children */
void preload_process_init(void);
void preload_process_used(void);
/* fork(), by any of the ways to call it */
struct preload_fork {
	void *prepared;
	int ends[2];
};
void preload_fork_prepare(struct preload_fork *fork);
void preload_fork_parent(struct preload_fork *fork, int pid);
void preload_fork_child(struct preload_fork *fork);
void preload_end(void);

#endif
