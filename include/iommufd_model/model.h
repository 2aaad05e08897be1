/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * User space's side: /dev/iommu and the system calls on it.
 *
 * Each call returns what the kernel would return.  An error is in the result
 * (as -ENOENT), not in errno.  Descriptors are the model's own: the C library's
 * ioctl() and close() do not know them, and these calls do not know the
 * descriptors of the process.
 *
 * All calls may be made from any thread.  A call that drops the last reference
 * to a context releases the context before it returns, and may block while it
 * does so.
 */
#ifndef IOMMUFD_MODEL_MODEL_H
#define IOMMUFD_MODEL_MODEL_H

#include <iommufd_model/kernel/types.h>
#include <sys/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Opens /dev/iommu.
 * @return the lowest free descriptor that is not below 3 (see
 *   iommufd_model_set_first_fd()), or a negative errno
 * @ownership The descriptor owns the only reference to a new context.
 * @errors -ENOMEM; -EMFILE.
 * @rule R-CTX-1
 */
IOMMUFD_MODEL_API int iommufd_model_open(void);

/**
 * Executes an ioctl.
 * @param fd   a descriptor
 * @param cmd  a request of uapi.h, IOMMU_TEST_CMD, or a request that
 *   iommufd_model_register_ioctl() has registered
 * @param arg  the struct of the request; its first member is its size
 * @return 0 or what the command returns, or a negative errno
 * @errors -EBADF: no such descriptor; -ENOTTY: no such request; -EFAULT: @p arg
 *   is a bad address; -EINVAL: the struct is too short; -E2BIG: the struct is
 *   too long and the bytes in excess are not zero; and the errors of the
 *   command.
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
 * Reads from a file.  It never blocks: if an event queue is empty, it returns
 * 0.
 * @param fd     a descriptor
 * @param buf    the destination
 * @param count  the size of the destination in bytes
 * @return the number of bytes that were read, or a negative errno
 * @errors -EBADF: no such descriptor; -EINVAL: the file cannot be read, or @p
 *   count is less than a record; -EFAULT: @p buf is a bad address; -ESPIPE: @p
 *   count is not a multiple of the size of a page fault's record; -ENOMEM.
 * @rule R-EVQ-4, R-EVQ-8
 */
IOMMUFD_MODEL_API ssize_t iommufd_model_read(int fd, void *buf, size_t count);

/**
 * Reads from a file at a position.
 * @param fd     a descriptor
 * @param buf    the destination
 * @param count  the size of the destination in bytes
 * @param pos    the position; with 0 the call does what iommufd_model_read()
 *   does
 * @return the number of bytes that were read, or a negative errno
 * @errors -ESPIPE: @p pos is not 0; and the errors of iommufd_model_read().
 */
IOMMUFD_MODEL_API ssize_t iommufd_model_pread(int fd, void *buf, size_t count,
					      long long pos);

/**
 * Writes to a file.  It never blocks.
 * @param fd     a descriptor
 * @param buf    the source
 * @param count  the number of bytes
 * @return the number of bytes that were written, or a negative errno
 * @errors -EBADF: no such descriptor; -EINVAL: the file cannot be written, or
 *   no fault waits for the response; -EFAULT: @p buf is a bad address; -ESPIPE:
 *   @p count is not a multiple of the size of a response.
 * @rule R-EVQ-5
 */
IOMMUFD_MODEL_API ssize_t iommufd_model_write(int fd, const void *buf,
					      size_t count);

/**
 * Tells which events of a file are ready now.  For example, a queue that is not
 * empty can be read.
 * @param fd  a descriptor
 * @return a set of EPOLL bits, or a negative errno; a file without a poll()
 *   function is always ready
 * @errors -EBADF.
 * @rule R-EVQ-3
 */
IOMMUFD_MODEL_API int iommufd_model_poll(int fd);

/**
 * Waits until a file is ready.
 * @param fd       a descriptor
 * @param events   the EPOLL bits to wait for; EPOLLERR and EPOLLHUP always end
 *   the wait
 * @param timeout  the longest time in milliseconds; negative for no limit
 * @return the EPOLL bits that hold, 0 if the time has passed, or a negative
 *   errno
 * @errors -EBADF.
 * @context May block.
 */
IOMMUFD_MODEL_API int iommufd_model_poll_wait(int fd, unsigned int events,
					      int timeout);

/**
 * Maps the memory of an mmap cookie.
 * @param fd      a descriptor of /dev/iommu
 * @param length  the length in bytes, which must be that of the cookie
 * @param prot    PROT_ values of <sys/mman.h>
 * @param flags   MAP_SHARED
 * @param offset  the offset, which must be that of the cookie
 * @return the address, or an error pointer
 * @ownership The mapping holds a reference to the file, and so to the context,
 *   and a users reference to the owner of the cookie, until
 *   iommufd_model_munmap().
 * @errors -EBADF: no such descriptor; -ENODEV: the file cannot be mapped;
 *   -EINVAL: @p length is not a multiple of the page size, or the mapping is
 *   not shared; -EPERM: @p prot has PROT_EXEC; -ENXIO: there is no such cookie,
 *   or its owner is not published; -ENOMEM.
 * @context May block.
 * @rule R-MMAP-3
 */
IOMMUFD_MODEL_API void *iommufd_model_mmap(int fd, size_t length, int prot,
					   int flags, u64 offset);

/**
 * Removes mappings from a range of addresses, and splits mappings that reach
 * beyond the range.  If several mappings have the same address, the latest one
 * is removed.
 * @param addr    the first address, at the start of a page
 * @param length  the length in bytes, rounded up to whole pages
 * @return 0, or a negative errno
 * @ownership The references of each removed mapping are dropped.  If a mapping
 *   is split, each remaining part holds its own references to the owner and the
 *   file.
 * @errors -EINVAL: there is no mapping, or @p addr is not at the start of a
 *   page; -ENOMEM: a mapping cannot be split, and nothing is removed.
 * @context May block.
 * @rule R-MMAP-4
 */
IOMMUFD_MODEL_API int iommufd_model_munmap(void *addr, size_t length);

/**
 * Duplicates a mapping, as fork() does with each mapping.
 * @param addr    the address of the mapping
 * @param length  the length of the mapping in bytes
 * @return 0, or a negative errno
 * @ownership The copy holds references of its own to the owner and the file.
 * @errors -EINVAL: there is no such mapping; -ENOMEM.
 * @context May block.
 * @rule R-MMAP-4
 */
IOMMUFD_MODEL_API int iommufd_model_mdup(void *addr, size_t length);

/**
 * Tells the type of the object with an id.  It changes nothing.
 * @param fd  a descriptor of /dev/iommu
 * @param id  the id
 * @return an enum iommufd_object_type, 0 if no object is published under the
 *   id, or a negative errno
 * @errors -EBADF: no such descriptor; -EBADFD: it is another kind of file.
 */
IOMMUFD_MODEL_API int iommufd_model_object_type(int fd, u32 id);

/**
 * Sets the lowest number that a descriptor can get, as if all lower numbers
 * were used by other files.
 * @param fd  the number; the default is 3
 * @return the previous number, or a negative errno
 * @errors -EINVAL: @p fd is negative.
 */
IOMMUFD_MODEL_API int iommufd_model_set_first_fd(int fd);

/**
 * Sets the longest time that a destroy waits, in all contexts.
 * @param ms  the time in milliseconds; the default is 60,000
 * @rule R-DESTROY-6
 */
IOMMUFD_MODEL_API void iommufd_model_set_destroy_timeout(unsigned int ms);

/**
 * Sets whether the user has CAP_SYS_RESOURCE, the capability for which the uAPI
 * asks.
 * @param capable  true if the user has it, which is the default
 */
IOMMUFD_MODEL_API void iommufd_model_set_capable(bool capable);

/**
 * Sets how many pages a user without CAP_SYS_RESOURCE may have pinned
 * altogether.
 * @param pages  the number of pages; by default there is no limit
 */
IOMMUFD_MODEL_API void iommufd_model_set_memlock_limit(unsigned long pages);

/**
 * Returns the version of the library.
 * @return "0.1.0"; static
 */
IOMMUFD_MODEL_API const char *iommufd_model_version(void);

IOMMUFD_MODEL_END_DECLS

#endif
