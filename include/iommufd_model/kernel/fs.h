/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
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
 *
 * In the library, and so in a backtrace, the names of the functions begin with
 * iommufd_model_ where they do not here: iommufd_model_fget() is fget().
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

/** What a file can do; a missing one is an error to the user. */
struct file_operations {
	/**
	 * Called by iommufd_model_open() with NULL as @p inode; 0, or a
	 * negative errno.
	 */
	int (*open)(struct inode *inode, struct file *filp);
	/**
	 * Lets go of what the file has; its last reference is gone.  @p inode
	 * is NULL, the result is not looked at.
	 */
	int (*release)(struct inode *inode, struct file *filp);
	/**
	 * Reads; bytes done, or a negative errno.  @p *ppos is 0 unless the
	 * user gave a position, and no file here moves it.
	 */
	ssize_t (*read)(struct file *filp, char __user *buf, size_t count,
			long long *ppos);
	/** Writes; bytes done, or a negative errno.  @p *ppos is 0. */
	ssize_t (*write)(struct file *filp, const char __user *buf,
			 size_t count, long long *ppos);
	/** EPOLL bits that hold now; nobody can be made to wait. */
	unsigned int (*poll)(struct file *filp);
	/** Does a request; its result, or a negative errno. */
	long (*unlocked_ioctl)(struct file *filp, unsigned int cmd,
			       unsigned long arg);
	/** Fills in a new mapping; 0, or a negative errno. */
	int (*mmap)(struct file *filp, struct vm_area_struct *vma);
};

/** An open file. */
struct file {
	const struct file_operations *f_op;	/**< what it can do */
	void *private_data;	/**< its maker's */
	const char *f_name;	/**< for reports */
	refcount_t f_count;	/**< references */
	unsigned int f_flags;	/**< as given to anon_inode_getfile() */
	/** next to be released by this thread */
	struct file *f_deferred;
};

/** @cond INTERNAL */
/* Their names in the library. */
#define anon_inode_getfile iommufd_model_anon_inode_getfile
/** @endcond */

/** @cond INTERNAL */
static inline struct file *iommufd_model_get_file(
	struct file *file, const struct iommufd_model_site *site)
{
	iommufd_model_refcount_add(&file->f_count, 1, site);
	return file;
}
/** @endcond */

/**
 * Takes one more reference to a file.
 * @param file  the file
 * @return @p file
 * @ownership The caller owns a reference already, and one more afterwards.
 */
#define get_file(file) \
	iommufd_model_get_file(file, IOMMUFD_MODEL_SITE(#file))

/**
 * Reads how many references a file has.
 * @param file  the file
 * @return the references, an unsigned int
 */
#define file_count(file) refcount_read(&(file)->f_count)

/** @cond INTERNAL */
/* Their names in the library. */
#define fget iommufd_model_fget
#define fput iommufd_model_fput
#define __fput_sync iommufd_model_fput_sync
#define get_unused_fd_flags iommufd_model_get_unused_fd_flags
#define put_unused_fd iommufd_model_put_unused_fd
#define fd_install iommufd_model_fd_install
#define close_fd iommufd_model_close_fd
/** @endcond */

/**
 * Makes a file.
 * @param name   what reports call it; must stay valid
 * @param fops   what it can do; must stay valid
 * @param priv   its private_data
 * @param flags  kept in f_flags, and nothing else
 * @return the file, or an error pointer
 * @ownership The caller owns its one reference.
 * @errors -ENOMEM.
 */
IOMMUFD_MODEL_API struct file *
anon_inode_getfile(const char *name, const struct file_operations *fops,
		   void *priv, int flags);

/**
 * Finds the file behind a descriptor.
 * @param fd  a descriptor
 * @return the file, or NULL if there is none
 * @ownership The caller owns a new reference.
 */
IOMMUFD_MODEL_API struct file *fget(unsigned int fd);

/**
 * Drops a reference; the last one releases the file.
 * @param file  not to be used any more
 * @ownership The caller's reference is gone.
 * @context The release function runs when the thread leaves its outermost
 *   system call; outside of one it runs before the call returns, and may block
 *   then.
 */
IOMMUFD_MODEL_API void fput(struct file *file);

/**
 * Drops a reference; the last one releases the file before the call returns.
 * @param file  not to be used any more
 * @ownership The caller's reference is gone.
 * @context May block if the release function does.
 */
IOMMUFD_MODEL_API void __fput_sync(struct file *file);

/**
 * Reserves the lowest free descriptor.  Nobody can look it up.
 * @param flags  without effect
 * @return the descriptor, or a negative errno
 * @ownership The caller ends with fd_install() or put_unused_fd().
 * @errors -EMFILE: none is free; -ENOMEM.
 */
IOMMUFD_MODEL_API int get_unused_fd_flags(unsigned int flags);

/**
 * Gives a reserved descriptor back.
 * @param fd  reserved, and not installed; a WARN if installed
 */
IOMMUFD_MODEL_API void put_unused_fd(unsigned int fd);

/**
 * Publishes a file under a reserved descriptor.
 * @param fd    reserved, and not installed; a WARN if installed
 * @param file  the file
 * @ownership The caller's reference to @p file goes to the table.
 */
IOMMUFD_MODEL_API void fd_install(unsigned int fd, struct file *file);

/**
 * Takes a descriptor out of the table and drops the table's reference.
 * @param fd  a descriptor
 * @return 0, or a negative errno
 * @errors -EBADF: there is none.
 * @context As of fput().
 */
IOMMUFD_MODEL_API int close_fd(unsigned int fd);

/** Begins a system call on this thread; they nest. */
IOMMUFD_MODEL_API void iommufd_model_enter(void);

/**
 * Ends a system call on this thread.  The outermost one releases the files that
 * fput() deferred.
 * @context May block if a release function does.
 */
IOMMUFD_MODEL_API void iommufd_model_leave(void);

IOMMUFD_MODEL_END_DECLS

#endif
