/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Looking up a file by its descriptor, and dropping the reference afterwards.
 * CLASS(fd, f)(number) drops the reference at the end of the block.
 *
 * <iommufd_model/kernel.h> does not include this header, because struct fd is a
 * common name.
 */
#ifndef IOMMUFD_MODEL_KERNEL_FILE_H
#define IOMMUFD_MODEL_KERNEL_FILE_H

#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/fs.h>

/** The result of a lookup by descriptor: the file, with a reference held. */
struct fd {
	struct file *file;	/**< the file, or NULL; use fd_file() */
};

/** Gives the file of a struct fd, or NULL. */
#define fd_file(f) ((f).file)
/** Tells whether a struct fd has no file. */
#define fd_empty(f) (!(f).file)

/**
 * Finds the file behind a descriptor, as fget().
 * @param fd  a descriptor
 * @return the file, for fd_file() and fdput()
 */
static inline struct fd fdget(unsigned int fd)
{
	struct fd found = { fget(fd) };

	return found;
}

/**
 * Drops the reference of fdget(), if a file was found.
 * @param f  what fdget() returned
 */
static inline void fdput(struct fd f)
{
	if (f.file)
		fput(f.file);
}

/** @cond INTERNAL */
DEFINE_CLASS(fd, struct fd, fdput(_T), fdget(fd), int fd)
/** @endcond */

#endif
