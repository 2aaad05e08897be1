// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Event counters, which eventfd.h describes.
 *
 * A counter lives as long as it has references: one belongs to its file, the
 * others to callers of eventfd_ctx_fdget().  @lock guards @count.  A thread
 * that is about to sleep reads @count without the lock, so every write of it is
 * a WRITE_ONCE().
 */
#include "ground.h"
#include <iommufd_model/kernel/eventfd.h>
#include <iommufd_model/kernel/poll.h>

struct eventfd_ctx {
	refcount_t refs;
	spinlock_t lock;
	wait_queue_head_t queue;
	u64 count;
	int flags;
};

static void put(struct eventfd_ctx *ctx, const struct iommufd_model_site *site)
{
	if (iommufd_model_refcount_sub_and_test(&ctx->refs, 1, site) == 1)
		iommufd_model_free(ctx, false, site);
}

void iommufd_model_eventfd_ctx_put(struct eventfd_ctx *ctx,
				   const struct iommufd_model_site *site)
{
	put(ctx, site);
}

void iommufd_model_eventfd_signal(struct eventfd_ctx *ctx, unsigned int mask,
				  const struct iommufd_model_site *site)
{
	unsigned long flags = iommufd_model_irq_save(site);

	(void)mask;
	iommufd_model_spin_lock(&ctx->lock, site);
	if (ctx->count < U64_MAX)
		WRITE_ONCE(ctx->count, ctx->count + 1);
	iommufd_model_wake(&ctx->queue, TASK_NORMAL, 1, site);
	iommufd_model_spin_unlock(&ctx->lock, site);
	iommufd_model_irq_restore(flags, site);
}

/* The functions below are the operations of the file. */

static int counter_release(struct inode *inode, struct file *file)
{
	struct eventfd_ctx *ctx = file->private_data;

	(void)inode;
	wake_up(&ctx->queue);
	put(ctx, IOMMUFD_MODEL_SITE("&ctx->refs"));
	return 0;
}

/* Takes a value from the counter; returns 0 if the counter is 0. */
static u64 take(struct eventfd_ctx *ctx)
{
	u64 value;

	spin_lock_irq(&ctx->lock);
	value = ctx->count;
	if (value && ctx->flags & EFD_SEMAPHORE)
		value = 1;
	if (value) {
		WRITE_ONCE(ctx->count, ctx->count - value);
		wake_up(&ctx->queue);
	}
	spin_unlock_irq(&ctx->lock);
	return value;
}

static ssize_t counter_read(struct file *file, char __user *buf, size_t count,
			    loff_t *ppos)
{
	struct eventfd_ctx *ctx = file->private_data;
	u64 value;

	(void)ppos;
	if (count < sizeof(value))
		return -EINVAL;
	while (!(value = take(ctx))) {
		if (ctx->flags & EFD_NONBLOCK)
			return -EAGAIN;
		wait_event_interruptible(ctx->queue, READ_ONCE(ctx->count));
	}
	if (copy_to_user(buf, &value, sizeof(value)))
		return -EFAULT;
	return sizeof(value);
}

/* Adds @value to the counter; returns false if there is no room for it. */
static bool add(struct eventfd_ctx *ctx, u64 value)
{
	bool room;

	spin_lock_irq(&ctx->lock);
	room = U64_MAX - ctx->count > value;
	if (room) {
		WRITE_ONCE(ctx->count, ctx->count + value);
		wake_up(&ctx->queue);
	}
	spin_unlock_irq(&ctx->lock);
	return room;
}

static ssize_t counter_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct eventfd_ctx *ctx = file->private_data;
	u64 value;

	(void)ppos;
	if (count < sizeof(value))
		return -EINVAL;
	if (copy_from_user(&value, buf, sizeof(value)))
		return -EFAULT;
	if (value == U64_MAX)
		return -EINVAL;
	while (!add(ctx, value)) {
		if (ctx->flags & EFD_NONBLOCK)
			return -EAGAIN;
		wait_event_interruptible(ctx->queue,
					 U64_MAX - READ_ONCE(ctx->count) >
						 value);
	}
	return sizeof(value);
}

static __poll_t counter_poll(struct file *file, poll_table *table)
{
	struct eventfd_ctx *ctx = file->private_data;
	u64 count;

	poll_wait(file, &ctx->queue, table);
	count = READ_ONCE(ctx->count);
	return (count ? EPOLLIN : 0u) | (count == U64_MAX ? EPOLLERR : 0u) |
	       (count < U64_MAX - 1 ? EPOLLOUT : 0u);
}

static const struct file_operations counter_fops = {
	.release = counter_release,
	.read = counter_read,
	.write = counter_write,
	.poll = counter_poll,
};

static struct eventfd_ctx *new_ctx(unsigned int count, int flags)
{
	struct eventfd_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);

	if (!ctx)
		return NULL;
	refcount_set(&ctx->refs, 1);
	spin_lock_init(&ctx->lock);
	init_waitqueue_head(&ctx->queue);
	ctx->count = count;
	ctx->flags = flags;
	return ctx;
}

int iommufd_model_eventfd(unsigned int count, int flags)
{
	struct eventfd_ctx *ctx;
	struct file *file;
	int fd;

	if (flags & ~(EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC))
		return -EINVAL;
	ctx = new_ctx(count, flags);
	if (!ctx)
		return -ENOMEM;
	fd = get_unused_fd_flags(0);
	if (fd < 0)
		goto err_free;
	file = anon_inode_getfile("[eventfd]", &counter_fops, ctx,
				  O_RDWR | (flags & EFD_NONBLOCK));
	if (IS_ERR(file)) {
		put_unused_fd((unsigned int)fd);
		fd = (int)PTR_ERR(file);
		goto err_free;
	}
	fd_install((unsigned int)fd, file);
	return fd;

err_free:
	kfree(ctx);
	return fd;
}

struct file *eventfd_fget(int fd)
{
	struct file *file = fd < 0 ? NULL : fget((unsigned int)fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op == &counter_fops)
		return file;
	fput(file);
	return ERR_PTR(-EINVAL);
}

struct eventfd_ctx *eventfd_ctx_fileget(struct file *file)
{
	struct eventfd_ctx *ctx = file->private_data;

	if (file->f_op != &counter_fops)
		return ERR_PTR(-EINVAL);
	refcount_inc(&ctx->refs);
	return ctx;
}

struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	struct file *file = eventfd_fget(fd);
	struct eventfd_ctx *ctx;

	if (IS_ERR(file))
		return ERR_CAST(file);
	ctx = eventfd_ctx_fileget(file);
	fput(file);
	return ctx;
}
