/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The user's side: /dev/iommu and the system calls on it.
 *
 * Each call returns what the kernel would, with the errno in the result
 * (-ENOENT) rather than in errno.  Descriptors are the model's own; they mean
 * nothing to the C library's ioctl() and close(), nor do the process's own
 * descriptors mean anything here.
 *
 * All calls may be made from any thread.  A call that drops the last reference
 * to a context releases it before it returns, and may block then.
 */
#ifndef IOMMUFD_MODEL_MODEL_H
#define IOMMUFD_MODEL_MODEL_H

#include <iommufd_model/kernel/types.h>
#include <sys/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Opens /dev/iommu.
 * @return a descriptor, the lowest free from 3 (iommufd_model_set_first_fd())
 *   on, or a negative errno
 * @ownership The descriptor owns the one reference to a new context.
 * @errors -ENOMEM; -EMFILE.
 * @rule R-CTX-1
 */
IOMMUFD_MODEL_API int iommufd_model_open(void);

/**
 * Does a request.
 * @param fd   a descriptor
 * @param cmd  as in uapi.h, IOMMU_TEST_CMD, or of
 *   iommufd_model_register_ioctl()
 * @param arg  its struct, the size in its first member
 * @return 0 or what the command returns, or a negative errno
 * @errors -EBADF; -ENOTTY: no such request; -EFAULT: a bad @p arg; -EINVAL: too
 *   short; -E2BIG: too long, and not zero there; those of the command.
 * @context May block, IOMMU_DESTROY up to the destroy timeout.
 * @rule R-UAPI-1 to R-UAPI-11
 */
IOMMUFD_MODEL_API int iommufd_model_ioctl(int fd, unsigned int cmd, void *arg);

/**
 * Closes a descriptor.
 * @param fd  a descriptor
 * @return 0, or a negative errno
 * @ownership The descriptor's reference is dropped; if it was the last one, the
 *   context is released before the call returns.
 * @errors -EBADF.
 * @context May block.
 * @rule R-RELEASE-1 to R-RELEASE-5
 */
IOMMUFD_MODEL_API int iommufd_model_close(int fd);

/**
 * Reads from a file; never blocks: an empty event queue gives 0.
 * @param fd     a descriptor
 * @param buf    where to
 * @param count  bytes
 * @return bytes done, or a negative errno
 * @errors -EBADF; -EINVAL: it cannot be read, or less than a record; -EFAULT;
 *   -ESPIPE: no multiple of a page fault's record; -ENOMEM.
 * @rule R-EVQ-4, R-EVQ-8
 */
IOMMUFD_MODEL_API ssize_t iommufd_model_read(int fd, void *buf, size_t count);

/**
 * Reads from a file at a position.
 * @param fd     a descriptor
 * @param buf    where to
 * @param count  bytes
 * @param pos    0: iommufd_model_read()
 * @return bytes done, or a negative errno
 * @errors -ESPIPE: @p pos is not 0; the rest as of iommufd_model_read().
 */
IOMMUFD_MODEL_API ssize_t iommufd_model_pread(int fd, void *buf, size_t count,
					      long long pos);

/**
 * Writes to a file; never blocks.
 * @param fd     a descriptor
 * @param buf    what
 * @param count  bytes
 * @return bytes done, or a negative errno
 * @errors -EBADF; -EINVAL: it cannot be written, or no such response; -EFAULT;
 *   -ESPIPE: no multiple of a response.
 * @rule R-EVQ-5
 */
IOMMUFD_MODEL_API ssize_t iommufd_model_write(int fd, const void *buf,
					      size_t count);

/**
 * Tells for which events a file is ready now, for example whether an event
 * queue is not empty.
 * @param fd  a descriptor
 * @return EPOLL bits, or a negative errno; a file without a poll() function is
 *   always ready
 * @errors -EBADF.
 * @rule R-EVQ-3
 */
IOMMUFD_MODEL_API int iommufd_model_poll(int fd);

/**
 * Waits until a file is ready for something.
 * @param fd       a descriptor
 * @param events   EPOLL bits: for what; EPOLLERR and EPOLLHUP always count
 * @param timeout  the longest time in milliseconds; negative for no limit
 * @return the bits that hold, 0 when the time has passed, or a negative errno
 * @errors -EBADF.
 * @context May block.
 */
IOMMUFD_MODEL_API int iommufd_model_poll_wait(int fd, unsigned int events,
					      int timeout);

/**
 * Maps the memory of an mmap cookie.
 * @param fd      a descriptor of /dev/iommu
 * @param length  bytes, exactly the cookie's
 * @param prot    PROT_ values of <sys/mman.h>
 * @param flags   MAP_SHARED
 * @param offset  exactly the cookie's
 * @return the address, or an error pointer
 * @ownership The mapping holds a reference to the file, and so to the context,
 *   and a users reference to the owner of the cookie, until
 *   iommufd_model_munmap().
 * @errors -EBADF; -ENODEV: the file cannot be mapped; -EINVAL: not whole pages,
 *   not shared; -EPERM: PROT_EXEC; -ENXIO: no such cookie, or its owner is not
 *   published; -ENOMEM.
 * @context May block.
 * @rule R-MMAP-3
 */
IOMMUFD_MODEL_API void *iommufd_model_mmap(int fd, size_t length, int prot,
					   int flags, u64 offset);

/**
 * Removes mappings from a range of addresses, and splits mappings that reach
 * beyond the range.  If several mappings have the same address, the latest one
 * is removed.
 * @param addr    the first address, of a page
 * @param length  bytes, rounded up to pages
 * @return 0, or a negative errno
 * @ownership The references of each removed mapping are dropped.  If a mapping
 *   is split, each remaining part holds its own references to the owner and the
 *   file.
 * @errors -EINVAL: there is none, or @p addr is not of a page; -ENOMEM: a
 *   mapping cannot be split, and nothing is removed.
 * @context May block.
 * @rule R-MMAP-4
 */
IOMMUFD_MODEL_API int iommufd_model_munmap(void *addr, size_t length);

/**
 * Duplicates a mapping, as fork() does with each.
 * @param addr    its address
 * @param length  its length
 * @return 0, or a negative errno
 * @ownership The copy holds references of its own to the owner and the file.
 * @errors -EINVAL: there is none; -ENOMEM.
 * @context May block.
 * @rule R-MMAP-4
 */
IOMMUFD_MODEL_API int iommufd_model_mdup(void *addr, size_t length);

/**
 * Tells the type of the object with an id.  Changes nothing.
 * @param fd  a descriptor of /dev/iommu
 * @param id  the id
 * @return an enum iommufd_object_type, 0 if nothing is published there, or a
 *   negative errno
 * @errors -EBADF; -EBADFD: another kind of file.
 */
IOMMUFD_MODEL_API int iommufd_model_object_type(int fd, u32 id);

/**
 * Sets the lowest number of a descriptor, as if all lower numbers were in use
 * by other files.
 * @param fd  the number, 3 unless set
 * @return the one that was set before, or a negative errno
 * @errors -EINVAL: @p fd is negative.
 */
IOMMUFD_MODEL_API int iommufd_model_set_first_fd(int fd);

/**
 * Sets how long a destroy that waits may wait, in all contexts.
 * @param ms  milliseconds, 60,000 unless set
 * @rule R-DESTROY-6
 */
IOMMUFD_MODEL_API void iommufd_model_set_destroy_timeout(unsigned int ms);

/**
 * Sets whether the user has the capabilities the uAPI asks for
 * (CAP_SYS_RESOURCE).
 * @param capable  true unless set
 */
IOMMUFD_MODEL_API void iommufd_model_set_capable(bool capable);

/**
 * Sets how many pages a user without the capabilities may have pinned in all.
 * @param pages  no limit unless set
 */
IOMMUFD_MODEL_API void iommufd_model_set_memlock_limit(unsigned long pages);

/**
 * Gives the version of the library.
 * @return "0.1.0"; static
 */
IOMMUFD_MODEL_API const char *iommufd_model_version(void);

IOMMUFD_MODEL_END_DECLS

#endif
