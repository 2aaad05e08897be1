// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Files, descriptors, and the system calls on them.
 *
 * The table of descriptors is an xarray.  A reserved descriptor has the zero
 * entry in it.  An installed descriptor has a pointer to its file, and owns a
 * reference.  No other lock is taken with the table's lock held.
 *
 * The kernel looks up descriptors without a lock.  Therefore each operation on
 * the table passes the gate as one operation; the xarray's lock and memory do
 * not pass it.
 */
#include "file_call.h"
#include "ground.h"
#include <iommufd_model/model.h>

#define LAST_FD 1048575

static struct lock_class_key fds_key = { "file descriptors", 0 };
static struct xarray fds = {
	.xa_lock = __SPIN_LOCK_INITIALIZER(&fds_key),
	.xa_flags = XA_FLAGS_ALLOC,
};

static u32 first_fd = 3;
const struct iommufd_model_fd_source *iommufd_model_fd_source;

/*
 * At the gate, the address of byte n stands for descriptor n.  The bytes are
 * never accessed.  The last one stands for all numbers that are too large.
 */
static char fd_slots[LAST_FD + 2];
NO_CHECKPOINT(fd_slots);

static const void *slot(unsigned int fd)
{
	return &fd_slots[fd <= LAST_FD ? fd : LAST_FD + 1];
}

#define CHANGE_TABLE(addr, fd, expr)                                       \
	(IOMMUFD_MODEL_GATE_OPEN() ?                                       \
		 GATED_WHOLE(IOMMUFD_MODEL_OP_FD_WRITE, addr, fd,          \
			     IOMMUFD_MODEL_SITE("fds"), expr) :            \
		 (long)(expr))

void (*iommufd_model_file_call)(struct file *file,
				enum iommufd_model_file_event event, long arg);

static void tell(struct file *file, enum iommufd_model_file_event event,
		 long arg)
{
	if (IOMMUFD_MODEL_GATE_OPEN() && iommufd_model_file_call)
		iommufd_model_file_call(file, event, arg);
}

static const struct iommufd_model_label file_label = { "file", 0 };

struct file *anon_inode_getfile(const char *name,
				const struct file_operations *fops, void *priv,
				int flags)
{
	struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return ERR_PTR(-ENOMEM);
	iommufd_model_label(file, &file_label);
	file->f_name = name;
	file->f_op = fops;
	file->private_data = priv;
	file->f_flags = (unsigned int)flags;
	file->f_mode = OPEN_FMODE((unsigned int)flags);
	refcount_set(&file->f_count, 1);
	tell(file, IOMMUFD_MODEL_FILE_MADE, 0);
	return file;
}

static void release_file(struct file *file)
{
	tell(file, IOMMUFD_MODEL_FILE_RELEASE, 0);
	if (file->f_op->release)
		file->f_op->release(NULL, file);
	tell(file, IOMMUFD_MODEL_FILE_RELEASED, 0);
	kfree(file);
}

void fput(struct file *file)
{
	struct iommufd_model_task *task = current_task();

	if (!refcount_dec_and_test(&file->f_count))
		return;
	if (!task->syscall_depth) {
		release_file(file);
		return;
	}
	file->f_deferred = task->deferred;
	task->deferred = file;
}

void __fput_sync(struct file *file)
{
	might_sleep();
	if (refcount_dec_and_test(&file->f_count))
		release_file(file);
}

void iommufd_model_enter(void)
{
	current_task()->syscall_depth++;
}

void iommufd_model_leave(void)
{
	struct iommufd_model_task *task = current_task();
	struct file *file;

	while (task->syscall_depth == 1 && task->deferred) {
		file = task->deferred;
		task->deferred = file->f_deferred;
		release_file(file);
	}
	task->syscall_depth--;
}

/*
 * Returns the index of @fd in the table.  Each process that the source of
 * descriptors serves has its own part of the table.
 */
static unsigned long key_of(unsigned int fd)
{
	if (__builtin_expect(!iommufd_model_fd_source, 1))
		return fd;
	return fd <= LAST_FD ? fd + iommufd_model_fd_source->base() :
			       ULONG_MAX;
}

/* Reserves the number that the source of descriptors gives. */
static int reserve_given(unsigned int flags)
{
	int fd = iommufd_model_fd_source->reserve(flags), rc;

	if (fd < 0)
		return fd;
	rc = fd > LAST_FD ? -EMFILE :
	     xa_insert(&fds, key_of((unsigned int)fd), XA_ZERO_ENTRY,
		       GFP_KERNEL);
	if (!rc)
		return fd;
	iommufd_model_fd_source->unreserve(fd);
	return rc == -EBUSY ? -EMFILE : rc;
}

static int reserve(unsigned int flags)
{
	u32 fd;
	int rc;

	if (iommufd_model_fd_source)
		return reserve_given(flags);
	rc = xa_alloc(&fds, &fd, XA_ZERO_ENTRY,
		      XA_LIMIT(__atomic_load_n(&first_fd, __ATOMIC_RELAXED),
			       LAST_FD),
		      GFP_KERNEL);
	if (rc)
		return rc == -EBUSY ? -EMFILE : rc;
	return (int)fd;
}

int get_unused_fd_flags(unsigned int flags)
{
	return (int)CHANGE_TABLE(&fds, -1, reserve(flags));
}

int iommufd_model_set_first_fd(int fd)
{
	if (fd < 0)
		return -EINVAL;
	return (int)__atomic_exchange_n(&first_fd, (u32)fd, __ATOMIC_RELAXED);
}

void put_unused_fd(unsigned int fd)
{
	(void)CHANGE_TABLE(slot(fd), fd, WARN_ON(xa_erase(&fds, key_of(fd))));
	if (iommufd_model_fd_source)
		iommufd_model_fd_source->unreserve((int)fd);
}

void fd_install(unsigned int fd, struct file *file)
{
	/*
	 * The descriptor is reserved, so that this store allocates no memory.
	 */
	(void)CHANGE_TABLE(slot(fd), fd,
			   WARN_ON(xa_store(&fds, key_of(fd), file,
					    GFP_KERNEL)));
	if (iommufd_model_fd_source)
		iommufd_model_fd_source->installed((int)fd, file);
	tell(file, IOMMUFD_MODEL_FILE_INSTALLED, 0);
}

int iommufd_model_fd_share(int fd, struct file *file)
{
	return (int)CHANGE_TABLE(slot((unsigned int)fd), fd,
				 xa_insert(&fds, key_of((unsigned int)fd),
					   file, GFP_KERNEL));
}

int anon_inode_getfd(const char *name, const struct file_operations *fops,
		     void *priv, int flags)
{
	int fd = get_unused_fd_flags((unsigned int)flags);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, fops, priv, flags);
	if (IS_ERR(file)) {
		put_unused_fd((unsigned int)fd);
		return (int)PTR_ERR(file);
	}
	fd_install((unsigned int)fd, file);
	return fd;
}

/*
 * Takes a reference to the file; *@refs is set to the number of references
 * before.
 */
static inline struct file *look_up(unsigned int fd, int *refs,
				   const struct iommufd_model_site *site)
{
	struct file *file;

	xa_lock(&fds);
	file = xa_load(&fds, key_of(fd));
	if (file) {
		*refs = iommufd_model_raw_refcount_add_not_zero(&file->f_count,
								1, site);
		if (!*refs)
			file = NULL;
	}
	xa_unlock(&fds);
	return file;
}

IOMMUFD_MODEL_COLD static struct file *
look_up_gated(unsigned int fd, const struct iommufd_model_site *site)
{
	struct iommufd_model_op count = {
		.kind = IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO,
		.arg = 1, .site = site,
	};
	struct file *file;
	int refs = 0;

	file = (struct file *)GATED_WHOLE(IOMMUFD_MODEL_OP_FD_READ, slot(fd),
					  fd, site, look_up(fd, &refs, site));
	if (!file)
		return NULL;
	/*
	 * The reference is taken in the same step as the lookup.  With a step
	 * of its own, the file could be closed and freed in between.
	 */
	count.addr = &file->f_count;
	count.before = refs;
	count.after = iommufd_model_refcount_result(count.kind, refs, 1);
	iommufd_model_gate_event(&count);
	return file;
}

struct file *iommufd_model_fd_get(int fd)
{
	int refs;

	return look_up((unsigned int)fd, &refs, IOMMUFD_MODEL_SITE("file"));
}

struct file *fget(unsigned int fd)
{
	const struct iommufd_model_site *site = IOMMUFD_MODEL_SITE("file");
	struct file *file;
	int refs;

	if (IOMMUFD_MODEL_GATE_OPEN())
		file = look_up_gated(fd, site);
	else
		file = look_up(fd, &refs, site);
	if (__builtin_expect(!file && iommufd_model_fd_source, 0))
		file = iommufd_model_fd_source->foreign((int)fd);
	return file;
}

static struct file *take_out(unsigned int fd)
{
	struct file *file;

	xa_lock(&fds);
	file = xa_load(&fds, key_of(fd));
	if (file)
		__xa_erase(&fds, key_of(fd));
	xa_unlock(&fds);
	return file;
}

struct file *iommufd_model_fd_take(int fd)
{
	unsigned int nr = (unsigned int)fd;

	return (struct file *)CHANGE_TABLE(slot(nr), nr, take_out(nr));
}

int close_fd(unsigned int fd)
{
	struct file *file = iommufd_model_fd_take((int)fd);

	if (!file)
		return -EBADF;
	fput(file);
	return 0;
}

int iommufd_model_ioctl(int fd, unsigned int cmd, void *arg)
{
	struct file *file;
	long rc = -ENOTTY;

	iommufd_model_enter();
	file = fget((unsigned int)fd);
	if (!file) {
		rc = -EBADF;
		goto out;
	}
	tell(file, IOMMUFD_MODEL_FILE_IOCTL, (long)cmd);
	if (file->f_op->unlocked_ioctl)
		rc = file->f_op->unlocked_ioctl(file, cmd, (unsigned long)arg);
	if (rc == -ENOIOCTLCMD)	/* not for user space */
		rc = -ENOTTY;
	tell(file, IOMMUFD_MODEL_FILE_IOCTL_END, rc);
	fput(file);
out:
	iommufd_model_leave();
	return (int)rc;
}

int iommufd_model_close(int fd)
{
	int rc;

	iommufd_model_enter();
	rc = close_fd((unsigned int)fd);
	iommufd_model_leave();
	return rc;
}

ssize_t iommufd_model_pread(int fd, void *buf, size_t count, long long pos)
{
	ssize_t rc = -EINVAL;
	loff_t at = (loff_t)pos;
	struct file *file;

	iommufd_model_enter();
	file = fget((unsigned int)fd);
	if (!file) {
		rc = -EBADF;
		goto out;
	}
	if (!(file->f_mode & FMODE_READ))
		rc = -EBADF;
	else if (file->f_op->read)
		rc = file->f_op->read(file, buf, count, &at);
	fput(file);
out:
	iommufd_model_leave();
	return rc;
}

ssize_t iommufd_model_read(int fd, void *buf, size_t count)
{
	return iommufd_model_pread(fd, buf, count, 0);
}

ssize_t iommufd_model_write(int fd, const void *buf, size_t count)
{
	ssize_t rc = -EINVAL;
	struct file *file;
	loff_t pos = 0;

	iommufd_model_enter();
	file = fget((unsigned int)fd);
	if (!file) {
		rc = -EBADF;
		goto out;
	}
	if (!(file->f_mode & FMODE_WRITE))
		rc = -EBADF;
	else if (file->f_op->write)
		rc = file->f_op->write(file, buf, count, &pos);
	fput(file);
out:
	iommufd_model_leave();
	return rc;
}
