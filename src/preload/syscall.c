// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * syscall(): a system call for which there is a function here is passed to that
 * function, so that a program of the kind that a fuzzer writes works like one
 * that uses the C library.  All others go to the kernel.
 *
 * io_uring is not passed to the model: what is submitted for a descriptor of
 * the model fails, because its holder allows nothing.
 */
#include "preload.h"
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
static long ask_kernel(long nr, const long *a)
{
	register long a3 __asm__("r10") = a[3];
	register long a4 __asm__("r8") = a[4];
	register long a5 __asm__("r9") = a[5];
	long rc;

	__asm__ volatile("syscall"
			 : "=a"(rc)
			 : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(a3),
			   "r"(a4), "r"(a5)
			 : "rcx", "r11", "memory");
	return rc;
}
#elif defined(__aarch64__)
static long ask_kernel(long nr, const long *a)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a[0];
	register long x1 __asm__("x1") = a[1];
	register long x2 __asm__("x2") = a[2];
	register long x3 __asm__("x3") = a[3];
	register long x4 __asm__("x4") = a[4];
	register long x5 __asm__("x5") = a[5];

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#else
static long ask_kernel(long nr, const long *a)
{
	long rc = REAL(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);

	return rc == -1 ? -errno : rc;
}
#endif

long preload_raw(long nr, long a0, long a1, long a2, long a3, long a4, long a5)
{
	const long a[6] = { a0, a1, a2, a3, a4, a5 };

	return preload_result(ask_kernel(nr, a));
}

/* Make a system call that forks, in the process and in its child. */
static long forked(long nr, const long *a, unsigned long flags)
{
	struct preload_fork fork;
	long rc;

	if (flags & 0x100 /* CLONE_VM */ || preload_last_fd() < 0)
		return preload_result(ask_kernel(nr, a));
	preload_fork_prepare(&fork);
	rc = ask_kernel(nr, a);
	if (rc)
		preload_fork_parent(&fork, (int)rc);
	else
		preload_fork_child(&fork);
	return preload_result(rc);
}

static long io_uring(long nr, const long *a)
{
	static bool said;
	int fd;

	for (fd = 0; fd <= preload_last_fd(); fd++)
		if (kind_of(fd) == KIND_FILE && !said) {
			said = true;
			preload_say("io_uring does not reach the model: what "
				    "is submitted for descriptor %d fails", fd);
		}
	return preload_result(ask_kernel(nr, a));
}

/* struct open_how of the kernel: flags, mode, resolve */
static long open_how(const long *a)
{
	char name[PATH_ROOM];
	unsigned long flags;
	int tid = 0;
	enum target target = preload_target((int)a[0], (const char *)a[1], name,
					    &tid);

	if (target == TARGET_OTHER)
		return preload_result(ask_kernel(SYS_openat2, a));
	preload_prepare_thread();
	if (copy_from_user(&flags, (const void *)a[2], sizeof(flags)))
		return preload_result(-EFAULT);
	return preload_result(preload_open_target(target, name, tid,
						  (int)flags));
}

EXPORT long syscall(long nr, ...)
{
	va_list args;
	long a[6];
	int i;

	va_start(args, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	switch (nr) {
#ifdef SYS_open
	case SYS_open:
		return open((const char *)a[0], (int)a[1], (mode_t)a[2]);
	case SYS_creat:
		return open((const char *)a[0], O_CREAT | O_WRONLY | O_TRUNC,
			    (mode_t)a[1]);
	case SYS_dup2:
		return dup2((int)a[0], (int)a[1]);
	case SYS_fork:
		return forked(nr, a, 0);
#endif
	case SYS_openat:
		return openat((int)a[0], (const char *)a[1], (int)a[2],
			      (mode_t)a[3]);
	case SYS_openat2:
		return open_how(a);
	case SYS_close:
		return close((int)a[0]);
	case SYS_close_range:
		return close_range((unsigned int)a[0], (unsigned int)a[1],
				   (int)a[2]);
	case SYS_dup:
		return dup((int)a[0]);
	case SYS_dup3:
		return dup3((int)a[0], (int)a[1], (int)a[2]);
	case SYS_fcntl:
		return fcntl((int)a[0], (int)a[1], a[2]);
	case SYS_ioctl:
		return ioctl((int)a[0], (unsigned long)a[1], (void *)a[2]);
	case SYS_read:
		return read((int)a[0], (void *)a[1], (size_t)a[2]);
	case SYS_write:
		return write((int)a[0], (void *)a[1], (size_t)a[2]);
	case SYS_pread64:
		return pread64((int)a[0], (void *)a[1], (size_t)a[2], a[3]);
	case SYS_pwrite64:
		return pwrite64((int)a[0], (void *)a[1], (size_t)a[2], a[3]);
	case SYS_readv:
		return readv((int)a[0], (void *)a[1], (int)a[2]);
	case SYS_writev:
		return writev((int)a[0], (void *)a[1], (int)a[2]);
	case SYS_preadv:
		return preadv64((int)a[0], (void *)a[1], (int)a[2], a[3]);
	case SYS_pwritev:
		return pwritev64((int)a[0], (void *)a[1], (int)a[2], a[3]);
	case SYS_preadv2:
		return preadv64v2((int)a[0], (void *)a[1], (int)a[2], a[3],
				  (int)a[5]);
	case SYS_pwritev2:
		return pwritev64v2((int)a[0], (void *)a[1], (int)a[2], a[3],
				   (int)a[5]);
	case SYS_mmap:
		return (long)mmap64((void *)a[0], (size_t)a[1], (int)a[2],
				    (int)a[3], (int)a[4], a[5]);
	case SYS_munmap:
		return munmap((void *)a[0], (size_t)a[1]);
	case SYS_mremap:
		return (long)mremap((void *)a[0], (size_t)a[1], (size_t)a[2],
				    (int)a[3], (void *)a[4]);
	case SYS_clone:
		return forked(nr, a, (unsigned long)a[0]);
	case SYS_clone3:
		/* The flags are the first member of a struct. */
		return forked(nr, a, a[0] ? *(unsigned long *)a[0] : ~0ul);
	case SYS_wait4:
		return wait4((pid_t)a[0], (int *)a[1], (int)a[2],
			     (struct rusage *)a[3]);
	case SYS_exit_group:
		_exit((int)a[0]);
	case SYS_io_uring_setup:
	case SYS_io_uring_enter:
		return io_uring(nr, a);
	default:
		return preload_result(ask_kernel(nr, a));
	}
}
