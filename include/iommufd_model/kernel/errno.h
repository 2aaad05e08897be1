/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Errnos that only a kernel has; user space does not see them.
 */
#ifndef IOMMUFD_MODEL_KERNEL_ERRNO_H
#define IOMMUFD_MODEL_KERNEL_ERRNO_H

#include <errno.h>

/** a signal interrupted the system call, which is restarted */
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513	/**< the system call is always restarted */
/** the system call is restarted if no handler was called */
#define ERESTARTNOHAND 514
#define ENOIOCTLCMD 515	/**< the file has no such ioctl */
/** a resource that the driver needs is not available yet */
#define EPROBE_DEFER 517
#define EOPENSTALE 518	/**< the file was found in a stale directory */
#define ENOPARAM 519	/**< there is no such parameter */
#define EBADHANDLE 521	/**< the handle is not valid */
#define ENOTSYNC 522	/**< an update did not match */
#define EBADCOOKIE 523	/**< the cookie is not valid */
#define ENOTSUPP 524	/**< not supported; EOPNOTSUPP is for user space */
#define ETOOSMALL 525	/**< the buffer is too small */
#define ESERVERFAULT 526	/**< an error that has no errno */
#define EBADTYPE 527	/**< the type is not supported */
#define EIOCBQUEUED 529	/**< the request was queued */

#endif
