// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * System calls on files of the model.  All functions return a negative errno.
 *
 * A file of the model has read() and write() of one buffer.  As in a kernel, a
 * call with several buffers goes through them one after the other, and ends
 * with the first that is not filled.
 */
#include "preload.h"
#include <limits.h>
#include <iommufd_model/model.h>

long preload_ioctl(int fd, unsigned long cmd, void *arg)
{
	long rc;

	preload_prepare_thread();
	rc = iommufd_model_ioctl(fd, (unsigned int)cmd, arg);
	/* The ioctl may have taken events off a queue. */
	if (__builtin_expect(__atomic_load_n(&preload_nr_ready,
					     __ATOMIC_RELAXED), 0))
		preload_holders_refresh();
	return rc;
}

static ssize_t transfer(struct file *file, bool write, const struct iovec *iov,
			loff_t *pos)
{
	if (write)
		return file->f_op->write ?
			       file->f_op->write(file, iov->iov_base,
						 iov->iov_len, pos) : -EINVAL;
	return file->f_op->read ? file->f_op->read(file, iov->iov_base,
						   iov->iov_len, pos) : -EINVAL;
}

static ssize_t transfer_all(struct file *file, bool write,
			    const struct iovec *iov, int n, loff_t pos)
{
	ssize_t done = 0, rc;
	struct iovec one;
	int i;

	if (!(file->f_mode & (write ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	if (n < 0 || n > IOV_MAX)
		return -EINVAL;
	for (i = 0; i < n; i++) {
		/* The program passed the array, so its address may be bad. */
		if (copy_from_user(&one, iov + i, sizeof(one)))
			return done ? done : -EFAULT;
		rc = transfer(file, write, &one, &pos);
		if (rc < 0)
			return done ? done : rc;
		done += rc;
		if ((size_t)rc < one.iov_len)
			break;
	}
	return done;
}

static ssize_t transfer_fd(int fd, bool write, const struct iovec *iov, int n,
			   off64_t pos)
{
	struct holder *holder;
	struct file *file;
	ssize_t rc = -EBADF;

	if (pos < 0)
		return -EINVAL;
	preload_prepare_thread();
	iommufd_model_enter();
	file = fget((unsigned int)fd);
	if (!file)
		goto out;
	holder = preload_holder_get(file);
	rc = transfer_all(file, write, iov, n, (loff_t)pos);
	if (holder) {
		preload_holder_refresh(holder);
		preload_holder_put(holder);
	}
	fput(file);
out:
	iommufd_model_leave();
	return rc;
}

ssize_t preload_readv(int fd, const struct iovec *iov, int n, off64_t pos)
{
	return transfer_fd(fd, false, iov, n, pos);
}

ssize_t preload_writev(int fd, const struct iovec *iov, int n, off64_t pos)
{
	return transfer_fd(fd, true, iov, n, pos);
}

#define SETTABLE (O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME)

static long get_or_set_flags(int fd, bool set, long flags)
{
	struct file *file = fget((unsigned int)fd);
	long rc = 0;

	if (!file)
		return -EBADF;
	if (set)
		file->f_flags = (file->f_flags & ~(unsigned int)SETTABLE) |
				((unsigned int)flags & SETTABLE);
	else
		rc = (long)file->f_flags;
	fput(file);
	return rc;
}

long preload_fcntl(int fd, int cmd, long arg)
{
	int copy, rc;

	switch (cmd) {
	case F_GETFL:
	case F_SETFL:
		return get_or_set_flags(fd, cmd == F_SETFL, arg);
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		copy = REAL(fcntl)(fd, cmd, arg);
		if (copy < 0)
			return -errno;
		rc = preload_duplicated(fd, copy);
		if (rc)
			REAL(close)(copy);
		return rc ? rc : copy;
	default:
		rc = REAL(fcntl)(fd, cmd, arg);
		return rc < 0 ? -errno : rc;
	}
}
