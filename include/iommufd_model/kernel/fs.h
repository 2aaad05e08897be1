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

#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/refcount.h>
#include <iommufd_model/kernel/slab.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct file;
struct inode;
struct vm_area_struct;

struct poll_table_struct;
struct module;

/**
 * The operations of a file.  A member may be NULL; the user's call then fails.
 */
struct file_operations {
	struct module *owner;	/**< the module; without effect */
	/** Would set the position of the file; the library never calls it. */
	loff_t (*llseek)(struct file *filp, loff_t offset, int whence);
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
			loff_t *ppos);
	/**
	 * Writes at most @p count bytes from @p buf.  Returns the number of
	 * bytes or a negative errno.  @p *ppos is 0.
	 */
	ssize_t (*write)(struct file *filp, const char __user *buf,
			 size_t count, loff_t *ppos);
	/**
	 * Calls poll_wait() for each wait queue that announces a change, and
	 * then returns the EPOLL bits that hold now (poll.h).
	 */
	__poll_t (*poll)(struct file *filp, struct poll_table_struct *table);
	/** Executes a request.  Returns its result or a negative errno. */
	long (*unlocked_ioctl)(struct file *filp, unsigned int cmd,
			       unsigned long arg);
	/**
	 * Would execute a request of a 32-bit program; the library never calls
	 * it.
	 */
	long (*compat_ioctl)(struct file *filp, unsigned int cmd,
			     unsigned long arg);
	/** Sets up a new mapping.  Returns 0 or a negative errno. */
	int (*mmap)(struct file *filp, struct vm_area_struct *vma);
	/** Would turn signals on or off; the library never calls it. */
	int (*fasync)(int fd, struct file *filp, int on);
};

/** An open file. */
struct file {
	/** the operations of the file */
	const struct file_operations *f_op;
	void *private_data;	/**< for the code that made the file */
	const char *f_name;	/**< its name, for reports */
	refcount_t f_count;	/**< the number of references */
	unsigned int f_flags;	/**< the flags given to anon_inode_getfile() */
	fmode_t f_mode;	/**< FMODE_ bits */
	loff_t f_pos;	/**< the position; without effect */
	/**
	 * links the files that this thread will release when its system call
	 * ends
	 */
	struct file *f_deferred;
};

#define FMODE_READ 1u	/**< the file may be read */
#define FMODE_WRITE 2u	/**< the file may be written */
#define FMODE_LSEEK 4u	/**< the file has a position */
#define FMODE_PREAD 8u	/**< the file can be read at a given position */
/** the file can be written at a given position */
#define FMODE_PWRITE 16u
#define FMODE_STREAM 0x200000u	/**< the file is a stream */
/** Gives the FMODE_ bits of O_RDONLY, O_WRONLY or O_RDWR in @p flags. */
#define OPEN_FMODE(flags) ((fmode_t)(((flags) + 1) & O_ACCMODE))
#ifndef O_CLOEXEC
#define O_CLOEXEC 02000000	/**< closed by exec; without effect */
#endif

/** @cond INTERNAL */
/* The names of the functions in the library begin with iommufd_model_. */
#define anon_inode_getfile iommufd_model_anon_inode_getfile
#define anon_inode_getfd iommufd_model_anon_inode_getfd
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
/* The names of the functions in the library begin with iommufd_model_. */
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
 * @param flags  O_RDONLY, O_WRONLY or O_RDWR, which tells what user space may
 *   do, and further flags that are only stored in f_flags
 * @return the file, or an error pointer
 * @ownership The caller owns the only reference.
 * @errors -ENOMEM.
 * @context May sleep in a kernel; hold no spinlock.
 */
IOMMUFD_MODEL_API struct file *
anon_inode_getfile(const char *name, const struct file_operations *fops,
		   void *priv, int flags);

/**
 * Creates a file and installs a descriptor for it.
 * @param name   as for anon_inode_getfile()
 * @param fops   as for anon_inode_getfile()
 * @param priv   its private_data
 * @param flags  as for anon_inode_getfile()
 * @return the descriptor, or a negative errno
 * @ownership The descriptor owns the only reference to the file.
 * @errors -ENOMEM; -EMFILE: no descriptor is free.
 * @context May sleep in a kernel; hold no spinlock.
 */
IOMMUFD_MODEL_API int
anon_inode_getfd(const char *name, const struct file_operations *fops,
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
 * @context The same as for fput().
 */
IOMMUFD_MODEL_API int close_fd(unsigned int fd);

/**
 * @name Files without a position
 * @{
 */
/**
 * Says that a file has no position; the open() of a file may call it.
 * @param inode  the inode that open() was given
 * @param filp   the file
 * @return 0
 */
static inline int nonseekable_open(struct inode *inode, struct file *filp)
{
	(void)inode;
	filp->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return 0;
}

static inline int stream_open(struct inode *inode, struct file *filp)
{
	nonseekable_open(inode, filp);
	filp->f_mode |= FMODE_STREAM;
	return 0;
}
/** @} */

/**
 * Is a function for the member llseek that does not change the position.
 * @param filp    the file
 * @param offset  ignored
 * @param whence  ignored
 * @return the position
 */
static inline loff_t noop_llseek(struct file *filp, loff_t offset, int whence)
{
	(void)offset;
	(void)whence;
	return filp->f_pos;
}

/** The value of compat_ioctl for a driver; it is never called. */
#define compat_ptr_ioctl ((long (*)(struct file *, unsigned int,	\
				    unsigned long))NULL)

/**
 * Begins a system call on this thread.  Calls nest; each needs an
 * iommufd_model_leave().
 */
IOMMUFD_MODEL_API void iommufd_model_enter(void);

/**
 * Ends a system call on this thread.  At the end of the outermost system call
 * the files whose release fput() deferred are released.
 * @context May block if a release function does.
 */
IOMMUFD_MODEL_API void iommufd_model_leave(void);

/** @cond INTERNAL */
/*
 * Defines __free(fput) and CLASS(get_unused_fd, fd)(flags).  take_fd() keeps
 * the descriptor.
 */
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
