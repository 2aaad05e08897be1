/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Event counters with a descriptor, by which a driver signals its user.
 *
 * A test makes one by iommufd_model_eventfd() and gives its descriptor to the
 * code under test.  iommufd_model_read() takes what has been signalled,
 * iommufd_model_write() adds to it, and iommufd_model_poll() tells whether
 * there is any.  A read of nothing sleeps unless the flags have EFD_NONBLOCK.
 *
 * A signal takes the counter's spinlock, with interrupts off, and wakes.
 *
 * eventfd_ctx_remove_wait_queue() is not there.
 */
#ifndef IOMMUFD_MODEL_KERNEL_EVENTFD_H
#define IOMMUFD_MODEL_KERNEL_EVENTFD_H

#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/fs.h>
#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct eventfd_ctx;

/* The flags, under the names of <sys/eventfd.h>. */
#ifdef __linux__
#include <sys/eventfd.h>
#else
#define EFD_SEMAPHORE 1	/**< a read takes 1, and not all */
#define EFD_NONBLOCK 04000	/**< reads and writes do not sleep */
#define EFD_CLOEXEC 02000000	/**< has no effect */
#endif

/**
 * Makes an event counter with a descriptor, as the system call eventfd2() does.
 * @param count  its first value
 * @param flags  EFD_ bits
 * @return the descriptor, or a negative errno
 * @ownership The caller must close the descriptor.
 * @errors -EINVAL: other flags; -EMFILE; -ENOMEM.
 */
IOMMUFD_MODEL_API int iommufd_model_eventfd(unsigned int count, int flags);

/** @cond INTERNAL */
/* The names of these functions in the library begin with iommufd_model_. */
#define eventfd_fget iommufd_model_eventfd_fget
#define eventfd_ctx_fdget iommufd_model_eventfd_ctx_fdget
#define eventfd_ctx_fileget iommufd_model_eventfd_ctx_fileget
/** @endcond */

/**
 * Finds the file of an event counter.
 * @param fd  a descriptor
 * @return the file, or an error pointer
 * @ownership The caller owns a new reference to the file.
 * @errors -EBADF: there is no file; -EINVAL: it is no event counter.
 * @context Does not block.
 */
IOMMUFD_MODEL_API struct file *eventfd_fget(int fd);
/**
 * Finds an event counter.
 * @param fd  a descriptor
 * @return the counter, or an error pointer
 * @ownership The caller owns a new reference, which outlives the descriptor.
 * @errors The same as for eventfd_fget().
 * @context Does not block.
 */
IOMMUFD_MODEL_API struct eventfd_ctx *eventfd_ctx_fdget(int fd);
/**
 * Finds the event counter of a file.
 * @param file  the file
 * @return the counter, or an error pointer
 * @ownership The caller owns a new reference, which outlives the file.
 * @errors -EINVAL: the file is no event counter.
 * @context Does not block.
 */
IOMMUFD_MODEL_API struct eventfd_ctx *eventfd_ctx_fileget(struct file *file);

/**
 * Drops a reference.
 * @param ctx  the counter
 * @ownership The caller gives up its reference.
 * @context Does not block.
 */
#define eventfd_ctx_put(ctx) \
	iommufd_model_eventfd_ctx_put(ctx, IOMMUFD_MODEL_SITE(#ctx))
/**
 * Adds 1 to a counter, unless it has the largest possible value, and wakes
 * those that wait for it.
 * @param ctx  the counter
 * @context Any, also in an interrupt handler; does not block.
 */
#define eventfd_signal(ctx) \
	iommufd_model_eventfd_signal(ctx, 0, IOMMUFD_MODEL_SITE(#ctx))
/**
 * Does the same as eventfd_signal().
 * @param ctx   the counter
 * @param mask  has no effect
 */
#define eventfd_signal_mask(ctx, mask) \
	iommufd_model_eventfd_signal(ctx, mask, IOMMUFD_MODEL_SITE(#ctx))

/**
 * Tells whether eventfd_signal() may be called.  It always may.
 * @return true
 */
static inline bool eventfd_signal_allowed(void)
{
	return true;
}

/** @behind{eventfd_ctx_put} */
IOMMUFD_MODEL_API void
iommufd_model_eventfd_ctx_put(struct eventfd_ctx *ctx,
			      const struct iommufd_model_site *site);
/** @behind{eventfd_signal_mask} */
IOMMUFD_MODEL_API void
iommufd_model_eventfd_signal(struct eventfd_ctx *ctx, unsigned int mask,
			     const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
