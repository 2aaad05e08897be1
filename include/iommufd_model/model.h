/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The user's side: /dev/iommu and the system calls on it.
 *
 * Each call returns what the kernel would, with the errno in the result
 * (-ENOENT) rather than in errno.  Descriptors are the model's own; they mean
 * nothing to the C library's ioctl() and close(), nor do the process's own
 * descriptors mean anything here.
 *
 * All calls may be made from any thread.
 */
#ifndef IOMMUFD_MODEL_MODEL_H
#define IOMMUFD_MODEL_MODEL_H

#include <iommufd_model/kernel/types.h>
#include <sys/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

/*
 * iommufd_model_open(): open /dev/iommu (spec/01 8.2).  A descriptor, lowest
 * free from 3, that owns the one reference to a new context; -ENOMEM, -EMFILE.
 * Another first one than 3 can be set.
 */
IOMMUFD_MODEL_API int iommufd_model_open(void);

/*
 * iommufd_model_ioctl(fd, cmd, arg): @cmd as in <iommufd_model/uapi.h>, @arg
 * its struct.  0 or what the command returns; -EBADF; spec/05 for the rest.
 * A bad @arg is -EFAULT.  May block, up to the destroy timeout.
 */
IOMMUFD_MODEL_API int iommufd_model_ioctl(int fd, unsigned int cmd, void *arg);

/*
 * iommufd_model_close(fd): drop the descriptor's reference.  If it was the last
 * one the context is released before the call returns.  0 or -EBADF.
 */
IOMMUFD_MODEL_API int iommufd_model_close(int fd);

/*
 * iommufd_model_read(fd, buf, count), iommufd_model_write(fd, buf, count):
 * bytes done; -EBADF; -EINVAL if the file has no such operation; spec/07 for
 * the rest.  Neither ever blocks: reading an empty event queue gives 0.
 * iommufd_model_pread(fd, buf, count, pos): the same at a position; -ESPIPE
 * from every file there is, unless it is 0.
 * iommufd_model_poll(fd): the bits of poll() that hold now, which is how to
 * learn that an event queue is not empty; -EBADF, -EINVAL.
 */
IOMMUFD_MODEL_API ssize_t iommufd_model_read(int fd, void *buf, size_t count);
IOMMUFD_MODEL_API ssize_t iommufd_model_pread(int fd, void *buf, size_t count,
					      long long pos);
IOMMUFD_MODEL_API ssize_t iommufd_model_write(int fd, const void *buf,
					      size_t count);
IOMMUFD_MODEL_API int iommufd_model_poll(int fd);

/*
 * iommufd_model_mmap(fd, length, prot, flags, offset): PROT_ and MAP_ values of
 * <sys/mman.h>.  The address, or an error pointer (spec/01 9.3); -EBADF;
 * -ENODEV if the file cannot be mapped.  A mapping holds a reference to its
 * file and a users unit on the object it shows.
 */
IOMMUFD_MODEL_API void *iommufd_model_mmap(int fd, size_t length, int prot,
					   int flags, u64 offset);

/*
 * iommufd_model_munmap(addr, length): remove one mapping that has exactly these
 * bounds, the latest if there are several; -EINVAL if there is none.
 */
IOMMUFD_MODEL_API int iommufd_model_munmap(void *addr, size_t length);

/*
 * iommufd_model_mdup(addr, length): duplicate a mapping, as fork() does with
 * each.  0, -EINVAL, -ENOMEM.
 */
IOMMUFD_MODEL_API int iommufd_model_mdup(void *addr, size_t length);

/*
 * iommufd_model_object_type(fd, id): enum iommufd_object_type of the published
 * object with this id, 0 if there is none; -EBADF, -EBADFD.  Changes nothing.
 */
IOMMUFD_MODEL_API int iommufd_model_object_type(int fd, u32 id);

/*
 * iommufd_model_set_first_fd(fd): from now on take the lowest free descriptor
 * from @fd on, as if the process had the ones below for other files.  The one
 * that was set before; -EINVAL if @fd is negative.
 */
IOMMUFD_MODEL_API int iommufd_model_set_first_fd(int fd);

/*
 * iommufd_model_set_destroy_timeout(ms): how long a destroy that waits may wait
 * (spec/01 7.2), 60,000 ms unless set.  For all contexts.
 */
IOMMUFD_MODEL_API void iommufd_model_set_destroy_timeout(unsigned int ms);

/*
 * iommufd_model_set_capable(capable): does the user have the capabilities the
 * uAPI asks for (CAP_SYS_RESOURCE)?  Yes unless set.
 */
IOMMUFD_MODEL_API void iommufd_model_set_capable(bool capable);

/*
 * iommufd_model_set_memlock_limit(pages): how many pages a user without the
 * capabilities may have pinned in all; no limit unless set.
 */
IOMMUFD_MODEL_API void iommufd_model_set_memlock_limit(unsigned long pages);

/* iommufd_model_version(): "0.1.0". */
IOMMUFD_MODEL_API const char *iommufd_model_version(void);

IOMMUFD_MODEL_END_DECLS

#endif
