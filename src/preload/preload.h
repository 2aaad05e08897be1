/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The library that iommufd-model exec preloads: an unmodified program opens
 * /dev/iommu and gets the model, or a kernel tree.
 *
 * Each function of the C library that takes a descriptor or a path is replaced
 * by one that looks into a table of bytes, one for each descriptor, and calls
 * the C library's function if the byte is 0.  A file of the model has the same
 * number in the table of descriptors in src/kernel and in the process.  In the
 * process a *holder* has the number: a real descriptor, so that the number is
 * not used for another file, and so that poll(), select() and epoll work
 * unchanged.
 *
 * - The holder of /dev/iommu, and of every file that cannot be polled, is
 *   /dev/zero, opened with the access mode 3, which allows only ioctl().  Such
 *   a descriptor is always ready, as these files are.  An access to it that is
 *   not replaced here (by io_uring, or by a system call in the program's own
 *   assembly) fails with EBADF or ENOTTY.
 * - The holder of an event queue is an eventfd that is ready for reading when
 *   the queue is; or, if the queue is never ready for writing, an epoll
 *   descriptor that watches such an eventfd (ready.c).
 *
 * Descriptors that only this library uses have high numbers, and close() and
 * close_range() of the program leave them alone.
 *
 * In a child process the model's memory is a copy, so a change there is not
 * seen by the parent.  Therefore a system call of the child on an inherited
 * descriptor is a request to the process that has the model (link.h).  A child
 * that opens /dev/iommu itself has a model of its own.  There is no link if the
 * child was made in a way that is not seen here, or if it runs a new program.
 * Then the descriptor is lost: each use of it fails with EBADF and a line on
 * standard error.
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

/* The kinds of descriptors. */
enum kind {
	KIND_OTHER,	/* a descriptor of the program */
	KIND_FILE,	/* a file of the model */
	/* a descriptor of this library, which the program cannot use */
	KIND_PRIVATE,
	KIND_FAULTS,	/* a fail-nth file: faults.c */
	/* a file of the model in another process, without a link to it */
	KIND_LOST,
	/* a file of the model in another process, by a link: client.c */
	KIND_REMOTE,
	/* a private descriptor that a child does not inherit: link.c */
	KIND_LINK,
};

extern unsigned char preload_kinds[NR_FDS];

static inline enum kind kind_of(int fd)
{
	if ((unsigned int)fd >= NR_FDS)
		return KIND_OTHER;
	return (enum kind)__atomic_load_n(&preload_kinds[fd], __ATOMIC_RELAXED);
}

/*
 * real.c: the replaced functions as the next library of the program defines
 * them
 */
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

/* Another library's constructor may run first and call a replaced function. */
#define REAL(name) (likely_true(preload_real.name) ? preload_real.name : \
		    (preload_resolve(), preload_real.name))

/*
 * Return what a function of the C library returns for @rc: if it is a negative
 * errno, set errno and return -1.
 */
static inline long preload_result(long rc)
{
	if (rc >= 0 || rc < -4095)
		return rc;
	errno = (int)-rc;
	return -1;
}

__attribute__((format(printf, 1, 2))) void preload_say(const char *format, ...);

/*
 * table.c: descriptors.  These functions return a negative errno and do not set
 * errno.  They may be called only for descriptors of KIND_FILE.
 */
void preload_table_forked(void);
/* Call this before every call of the model. */
void preload_prepare_thread(void);
/*
 * Open a device of the model with the @flags of open().  Returns -ENOENT if
 * there is no such device.
 */
int preload_open_device(const char *node, int flags);
int preload_close(int fd);
/*
 * Close the file of @fd in the model, but not the descriptor, when a process
 * ends.
 */
void preload_close_model(int fd);
/* The program has replaced @fd, a file of the model, by another descriptor. */
void preload_replaced(int fd);
/* The program has made the descriptor @copy of the same file as @fd. */
int preload_duplicated(int fd, int copy);
/* Give the new descriptor @fd a high number, and make it private. */
int preload_make_private(int fd);
void preload_drop_private(int fd);
/* True in the process to which the descriptors in the table belong. */
bool preload_is_owner(void);
/*
 * Return -EBADF for a descriptor that the program cannot use.  If it belongs to
 * another process, print a line that says so.
 */
int preload_refuse(int fd);
/* True if there is a device with this name below /dev. */
bool preload_has_device(const char *node);
/* Return the highest descriptor that is not KIND_OTHER, or -1. */
int preload_last_fd(void);
void preload_set_kind(int fd, enum kind kind);

/* memory.c: files and huge pages of the program, for the model */
struct file *preload_foreign(int fd);
long preload_file_memory(struct file *file, u64 start, u64 size);
/* The program has made, or removed, a mapping. */
void preload_note_shared(void *addr, size_t length, int fd, off64_t offset);
void preload_note_unmapped(void *addr, size_t length);
/* munmap() of the program's memory.  This function and the next set errno. */
int preload_munmap(unsigned long start, size_t length);
/* mmap() with MAP_HUGETLB, and the length that munmap() has to remove there. */
void *preload_huge_mmap(void *addr, size_t length, int prot, int flags);
size_t preload_huge_length(void *addr, size_t length);

/*
 * ready.c: the readiness of event queues
 *
 * preload_holder_create() returns a descriptor that is ready when the file is,
 * or -1 if the file cannot be polled or no descriptor can be made.  The caller
 * duplicates it to the number of the file and closes it.
 */
struct holder;
int preload_holder_create(struct file *file);
/*
 * The number of descriptors of the file has become larger, or smaller, by one.
 */
void preload_holder_share(struct file *file);
void preload_holder_drop(struct file *file);
struct holder *preload_holder_get(struct file *file);
void preload_holder_put(struct holder *holder);
/*
 * Call these when the file may have become ready, or may not be ready any more.
 */
void preload_holder_refresh(struct holder *holder);
void preload_holders_refresh(void);
extern int preload_nr_ready;

/* syscall.c: make a system call; errno is set after an error */
long preload_raw(long nr, long a0, long a1, long a2, long a3, long a4, long a5);

/* server.c: true if this thread works for a child process */
bool preload_serving(void);
int preload_serve_pid(void);	/* 0: for this process */
unsigned long preload_serve_base(void);
int preload_serve_reserve(unsigned int flags);
void preload_serve_unreserve(int fd);
void preload_serve_installed(int fd, int polled);
int preload_serve_foreign(int fd);
/*
 * Functions for fork().  preload_serve_prepare() makes the server's part of the
 * child before the fork.  Afterwards the parent calls preload_serve_parent() to
 * start to serve the child, or preload_serve_undo() if there is no child.  The
 * child calls preload_serve_forked().
 */
void *preload_serve_prepare(void);
void preload_serve_parent(void *prepared, int link, int pid);
void preload_serve_undo(void *prepared);
/*
 * Between these two calls no thread works for a child, unless a request takes
 * very long.
 */
void preload_serve_stop(void);
void preload_serve_go_on(void);
int preload_serve_threads(void);	/* number of these threads */
void preload_serve_forked(void);
/* Wait until no child uses a descriptor of this process any more. */
void preload_serve_wait(void);
/* True if this process, or one that it has a link to, counts pinned pages. */
bool preload_process_known(void);
/*
 * A child has ended, and wait() has told its parent: wait until its files are
 * closed.
 */
void preload_serve_reaped(int pid);
/*
 * Get the number of pages that a process has pinned and locked.  Returns false
 * if they are not known.
 */
bool preload_process_memory(int pid, unsigned long *pinned,
			    unsigned long *locked);

/*
 * client.c: system calls on files of another process; they return a negative
 * errno, like those in calls.c
 */
long preload_remote_ioctl(int fd, unsigned long cmd, void *arg);
ssize_t preload_remote_transfer(int fd, bool write, const struct iovec *iov,
				int n, off64_t pos);
int preload_remote_close(int fd);
void preload_remote_replaced(int fd);
int preload_remote_duplicated(int fd, int copy);
long preload_remote_flags(int fd, int cmd, long arg);
long preload_remote_mmap(int fd, size_t length, int prot, int flags,
			 off64_t offset);
/* Returns false if no file of another process is mapped there. */
bool preload_remote_munmap(unsigned long start, size_t length);
bool preload_remote_linked(void);
bool preload_remote_memory(int pid, unsigned long *pinned,
			   unsigned long *locked);
/*
 * preload_remote_prepare() returns one end of a new link, for a child that this
 * process, itself a child, is about to fork, or -1.  The new child passes it to
 * preload_remote_begin().
 */
int preload_remote_prepare(void);
void preload_remote_begin(int link);

/* calls.c: system calls on files of the model; they return a negative errno */
long preload_ioctl(int fd, unsigned long cmd, void *arg);
ssize_t preload_readv(int fd, const struct iovec *iov, int n, off64_t pos);
ssize_t preload_writev(int fd, const struct iovec *iov, int n, off64_t pos);
long preload_fcntl(int fd, int cmd, long arg);

/* paths.c: paths that this library provides */
enum target {
	TARGET_OTHER, TARGET_DEVICE, TARGET_FAULTS, TARGET_DEBUGFS,
	TARGET_STATUS,	/* /proc/PID/status */
};
#define PATH_ROOM 256
/*
 * Return what the path names.  @out has PATH_ROOM bytes, and is set for two
 * kinds: to the name below /dev of a device, and to the real path of a file of
 * debugfs.  *@tid is set to the thread of a fail-nth file, or to the process of
 * a status.
 */
enum target preload_target(int dirfd, const char *path, char *out, int *tid);
/* Implements open() for a path that is not TARGET_OTHER. */
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
 * Functions for the number of allocations that are left until one fails.  A
 * thread takes its number for a request to another process, and gives the rest
 * back after it.  The thread that works on the request is lent the number;
 * preload_faults_lend() returns what is left of the number that it was lent
 * before.
 */
int preload_faults_take(void);
void preload_faults_give(int left);
int preload_faults_lend(int left);

/* signals.c: installs the handler for copies to and from bad addresses */
void preload_signals_init(void);
void preload_signals_thread(void);

/* process.c: the begin and the end of the process, and its children */
void preload_process_init(void);
void preload_process_used(void);
/* The state of a fork(), in whichever way it is called. */
struct preload_fork {
	void *prepared;
	int ends[2];
};
void preload_fork_prepare(struct preload_fork *fork);
void preload_fork_parent(struct preload_fork *fork, int pid);
void preload_fork_child(struct preload_fork *fork);
void preload_end(void);

#endif
