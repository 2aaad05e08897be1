/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * struct file and the table of file descriptors.
 *
 * A file lives as long as it has references.  The last fput() does not run the
 * release function on the spot: as in the kernel it is done when the thread
 * leaves its outermost system call (iommufd_model_ioctl() and its like), or at
 * once where there is none.  __fput_sync() always releases at once.
 *
 * Descriptors are the model's own numbers, not the process's.  They start at 3
 * and the lowest free one is given out.  A number can be reserved, then either
 * installed (visible to everybody) or put back.
 */
#ifndef IOMMUFD_MODEL_KERNEL_FS_H
#define IOMMUFD_MODEL_KERNEL_FS_H

#include <iommufd_model/kernel/refcount.h>
#include <iommufd_model/kernel/slab.h>
#include <sys/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct file;
struct inode;
struct vm_area_struct;

/* What poll() reports, under the names of <sys/epoll.h>. */
#ifdef __linux__
#include <sys/epoll.h>
#else
#define EPOLLIN 0x001u
#define EPOLLOUT 0x004u
#define EPOLLRDNORM 0x040u
#endif

/*
 * struct file_operations - what a file can do; a missing one is an error to the
 * user
 * @read, @write: bytes done, or an errno; *@ppos is 0 unless the user gave a
 *	position, and no file here moves it
 * @poll: EPOLL bits that hold now; nobody can be made to wait
 */
struct file_operations {
	int (*open)(struct inode *inode, struct file *filp);
	int (*release)(struct inode *inode, struct file *filp);
	ssize_t (*read)(struct file *filp, char __user *buf, size_t count,
			long long *ppos);
	ssize_t (*write)(struct file *filp, const char __user *buf,
			 size_t count, long long *ppos);
	unsigned int (*poll)(struct file *filp);
	long (*unlocked_ioctl)(struct file *filp, unsigned int cmd,
			       unsigned long arg);
	int (*mmap)(struct file *filp, struct vm_area_struct *vma);
};

struct file {
	const struct file_operations *f_op;
	void *private_data;
	const char *f_name;
	refcount_t f_count;
	unsigned int f_flags;
	struct file *f_deferred;	/* next to be released by this thread */
};

/*
 * anon_inode_getfile(name, fops, priv, flags): a file with one reference, owned
 * by the caller, known to reports as @name, which must stay valid.  -ENOMEM.
 */
#define anon_inode_getfile iommufd_model_anon_inode_getfile

/* get_file(file): one more reference; the caller owns one.  Returns @file. */
static inline struct file *iommufd_model_get_file(
	struct file *file, const struct iommufd_model_site *site)
{
	iommufd_model_refcount_add(&file->f_count, 1, site);
	return file;
}
#define get_file(file) \
	iommufd_model_get_file(file, IOMMUFD_MODEL_SITE(#file))

/* file_count(file): references now. */
#define file_count(file) refcount_read(&(file)->f_count)

/* fget(fd): a new reference to the file behind @fd; NULL if there is none. */
#define fget iommufd_model_fget

/* fput(file): drop a reference; the last one releases, deferred. */
#define fput iommufd_model_fput

/* __fput_sync(file): drop a reference; the last one releases now. */
#define __fput_sync iommufd_model_fput_sync

/* get_unused_fd_flags(flags): reserve; -EMFILE, -ENOMEM. */
#define get_unused_fd_flags iommufd_model_get_unused_fd_flags

/* put_unused_fd(fd): give back a number that was not installed. */
#define put_unused_fd iommufd_model_put_unused_fd

/* fd_install(fd, file): publish; the caller's reference goes to the table. */
#define fd_install iommufd_model_fd_install

/* close_fd(fd): drop the table's reference; 0 or -EBADF. */
#define close_fd iommufd_model_close_fd

IOMMUFD_MODEL_API struct file *
anon_inode_getfile(const char *name, const struct file_operations *fops,
		   void *priv, int flags);
IOMMUFD_MODEL_API struct file *fget(unsigned int fd);
IOMMUFD_MODEL_API void fput(struct file *file);
IOMMUFD_MODEL_API void __fput_sync(struct file *file);
IOMMUFD_MODEL_API int get_unused_fd_flags(unsigned int flags);
IOMMUFD_MODEL_API void put_unused_fd(unsigned int fd);
IOMMUFD_MODEL_API void fd_install(unsigned int fd, struct file *file);
IOMMUFD_MODEL_API int close_fd(unsigned int fd);

/*
 * iommufd_model_enter(), iommufd_model_leave(): the bounds of a system call on
 * this thread; they nest.  The outermost leave releases what fput() deferred.
 */
IOMMUFD_MODEL_API void iommufd_model_enter(void);
IOMMUFD_MODEL_API void iommufd_model_leave(void);

IOMMUFD_MODEL_END_DECLS

#endif
