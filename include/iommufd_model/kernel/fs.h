/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * struct file and the table of file descriptors.
 *
 * A file lives as long as it has references.  As in the kernel, the last fput()
 * does not call the file's release function immediately if the thread is inside
 * a system call (iommufd_model_ioctl() and the like).  The function is called
 * when the thread leaves its outermost system call.  Outside of a system call
 * fput() calls it before it returns; __fput_sync() always does.
 *
 * Descriptors are numbers of the model, not of the process.  They start at 3,
 * and the lowest free number is assigned first.  A descriptor is first reserved
 * and then either installed, which makes it visible to every thread, or put
 * back.
 *
 * The symbols in the library, which a backtrace shows, begin with
 * iommufd_model_: fget() is iommufd_model_fget().
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

/* The events that poll() reports, under the names of <sys/epoll.h>. */
#ifdef __linux__
#include <sys/epoll.h>
#else
#define EPOLLIN 0x001u
#define EPOLLOUT 0x004u
#define EPOLLRDNORM 0x040u
#endif

/**
 * The operations of a file.  A member may be NULL; the user's call then fails.
 */
struct file_operations {
	/**
	 * Opens the file.  iommufd_model_open() calls it with NULL as
	 * @p inode.  Returns 0 or a negative errno.
	 */
	int (*open)(struct inode *inode, struct file *filp);
	/**
	 * Releases what the file owns, after its last reference is gone.
	 * @p inode is NULL, and the result is ignored.
	 */
	int (*release)(struct inode *inode, struct file *filp);
	/**
	 * Reads at most @p count bytes into @p buf.  Returns the number of
	 * bytes or a negative errno.  @p *ppos is the position that the user
	 * gave, or else 0; the library ignores changes to it.
	 */
	ssize_t (*read)(struct file *filp, char __user *buf, size_t count,
			long long *ppos);
	/**
	 * Writes at most @p count bytes from @p buf.  Returns the number of
	 * bytes or a negative errno.  @p *ppos is 0.
	 */
	ssize_t (*write)(struct file *filp, const char __user *buf,
			 size_t count, long long *ppos);
	/** Returns the EPOLL bits that hold now.  It cannot block. */
	unsigned int (*poll)(struct file *filp);
	/** Executes a request.  Returns its result or a negative errno. */
	long (*unlocked_ioctl)(struct file *filp, unsigned int cmd,
			       unsigned long arg);
	/** Sets up a new mapping.  Returns 0 or a negative errno. */
	int (*mmap)(struct file *filp, struct vm_area_struct *vma);
};

/** An open file. */
struct file {
	const struct file_operations *f_op;	/**< its operations */
	void *private_data;	/**< for the code that made the file */
	const char *f_name;	/**< its name, for reports */
	refcount_t f_count;	/**< the number of references */
	unsigned int f_flags;	/**< the flags given to anon_inode_getfile() */
	/** the next file that this thread is to release */
	struct file *f_deferred;
};

/** @cond INTERNAL */
/* The symbols in the library. */
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
 * @ownership The caller must already own a reference, and owns one more
 *   afterwards.
 * @context Does not block.
 */
#define get_file(file) \
	iommufd_model_get_file(file, IOMMUFD_MODEL_SITE(#file))

/**
 * Reads the number of references to a file.
 * @param file  the file
 * @return the number, an unsigned int
 */
#define file_count(file) refcount_read(&(file)->f_count)

/** @cond INTERNAL */
/* The symbols in the library. */
#define fget iommufd_model_fget
#define fput iommufd_model_fput
#define __fput_sync iommufd_model_fput_sync
#define get_unused_fd_flags iommufd_model_get_unused_fd_flags
#define put_unused_fd iommufd_model_put_unused_fd
#define fd_install iommufd_model_fd_install
#define close_fd iommufd_model_close_fd
/** @endcond */

/**
 * Creates a file that has no descriptor yet.
 * @param name   its name in reports; must stay valid as long as the file
 * @param fops   its operations; must stay valid as long as the file
 * @param priv   its private_data
 * @param flags  stored in f_flags, without further effect
 * @return the file, or an error pointer
 * @ownership The caller owns the only reference.
 * @errors -ENOMEM.
 * @context May sleep in a kernel; hold no spinlock.
 */
IOMMUFD_MODEL_API struct file *
anon_inode_getfile(const char *name, const struct file_operations *fops,
		   void *priv, int flags);

/**
 * Finds the file behind a descriptor.
 * @param fd  a descriptor
 * @return the file, or NULL if there is none
 * @ownership The caller owns a new reference.
 * @context Does not block.
 */
IOMMUFD_MODEL_API struct file *fget(unsigned int fd);

/**
 * Drops a reference; the last one releases the file.
 * @param file  the file; the caller must not use it afterwards
 * @ownership The caller gives up its reference.
 * @context Inside a system call this does not block, because the release
 *   function runs when the thread leaves its outermost system call.  Outside of
 *   one the release function runs before the call returns, and may block.
 */
IOMMUFD_MODEL_API void fput(struct file *file);

/**
 * Drops a reference; the last one releases the file before the call returns.
 * @param file  the file; the caller must not use it afterwards
 * @ownership The caller gives up its reference.
 * @context May block if the release function does.
 */
IOMMUFD_MODEL_API void __fput_sync(struct file *file);

/**
 * Reserves the lowest free descriptor.  It cannot be looked up yet.
 * @param flags  without effect
 * @return the descriptor, or a negative errno
 * @ownership The caller owns the reservation and must pass it to fd_install()
 *   or put_unused_fd().
 * @errors -EMFILE: no descriptor is free; -ENOMEM.
 * @context May sleep in a kernel; hold no spinlock.
 */
IOMMUFD_MODEL_API int get_unused_fd_flags(unsigned int flags);

/**
 * Makes a reserved descriptor free again.
 * @param fd  a descriptor that is reserved and not installed
 * @errors A WARN if the descriptor is installed.
 * @context Does not block.
 */
IOMMUFD_MODEL_API void put_unused_fd(unsigned int fd);

/**
 * Installs a file under a reserved descriptor, which publishes it.
 * @param fd    a descriptor that is reserved and not installed
 * @param file  the file
 * @ownership The caller's reference to @p file passes to the table.
 * @errors A WARN if the descriptor is installed.
 * @context Hold no spinlock.  The call itself does not block.
 */
IOMMUFD_MODEL_API void fd_install(unsigned int fd, struct file *file);

/**
 * Removes a descriptor from the table and drops the table's reference.
 * @param fd  a descriptor
 * @return 0, or a negative errno
 * @errors -EBADF: the descriptor is not installed.
 * @context As for fput().
 */
IOMMUFD_MODEL_API int close_fd(unsigned int fd);

/**
 * Begins a system call on this thread.  Calls nest; each needs an
 * iommufd_model_leave().
 */
IOMMUFD_MODEL_API void iommufd_model_enter(void);

/**
 * Ends a system call on this thread.  When the outermost system call ends, the
 * files are released that fput() deferred.
 * @context May block if a release function does.
 */
IOMMUFD_MODEL_API void iommufd_model_leave(void);

/** @cond INTERNAL */
/* __free(fput), and CLASS(get_unused_fd, fd)(flags), which take_fd() keeps */
DEFINE_FREE(fput, struct file *, if (!IS_ERR_OR_NULL(_T)) fput(_T))
DEFINE_CLASS(get_unused_fd, int, if (_T >= 0) put_unused_fd((unsigned int)_T),
	     get_unused_fd_flags(flags), unsigned int flags)
#define take_fd(fd) __extension__({					\
	int __fd = (fd);						\
	(fd) = -EBADF;							\
	__fd;								\
})
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
