// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ALARM: an object with a file, a timer and a work item.  The timer ticks, the
 * work item counts the ticks, and user space polls and reads them.
 *
 *	file ---U---> alarm <---- work item <---- timer
 *	  |
 *	  +---U---> ctx
 *
 *	holder		holds		from		to
 *	file		alarm, U	its creation	its release
 *	file		ctx, U		its creation	its release
 *	timer		alarm, -	start		destroy op
 *	work item	alarm, -	tick		run, or destroy op
 *
 * U is a reference in users, or to the ctx; - is no reference at all.
 *
 * While the file is open, IOMMU_DESTROY of the alarm fails with EBUSY, and the
 * ctx lives on after user space has closed /dev/iommu.  The timer and the work
 * item hold no reference, so the destroy op stops them: first the timer, as it
 * queues the work item.  The timer is shut down, as it arms itself again.
 *
 * Locks: alarm->mutex guards ticks.  Once the timer is armed, only its function
 * uses left.
 */
#include "alarm.h"

struct iommufd_alarm {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct file *file;
	unsigned long period;
	u32 left;
	struct timer_list timer;
	struct work_struct work;
	wait_queue_head_t wait;

	struct mutex mutex;
	u64 ticks;
};

/* Runs in a softirq, and cannot take the mutex. */
static void iommufd_alarm_tick(struct timer_list *timer)
{
	struct iommufd_alarm *alarm = timer_container_of(alarm, timer, timer);

	queue_work(system_wq, &alarm->work);
	if (--alarm->left)
		mod_timer(&alarm->timer, jiffies + alarm->period);
}

static void iommufd_alarm_work(struct work_struct *work)
{
	struct iommufd_alarm *alarm =
		container_of(work, struct iommufd_alarm, work);

	mutex_lock(&alarm->mutex);
	WRITE_ONCE(alarm->ticks, alarm->ticks + 1);
	mutex_unlock(&alarm->mutex);
	wake_up_interruptible(&alarm->wait);
}

static ssize_t iommufd_alarm_read(struct file *file, char __user *buf,
				  size_t count, loff_t *ppos)
{
	struct iommufd_alarm *alarm = file->private_data;
	ssize_t rc = -EAGAIN;

	if (count < sizeof(alarm->ticks))
		return -EINVAL;
	mutex_lock(&alarm->mutex);
	if (alarm->ticks) {
		rc = sizeof(alarm->ticks);
		if (copy_to_user(buf, &alarm->ticks, sizeof(alarm->ticks)))
			rc = -EFAULT;
		else
			WRITE_ONCE(alarm->ticks, 0);
	}
	mutex_unlock(&alarm->mutex);
	return rc;
}

static __poll_t iommufd_alarm_poll(struct file *file, poll_table *wait)
{
	struct iommufd_alarm *alarm = file->private_data;

	poll_wait(file, &alarm->wait, wait);
	return READ_ONCE(alarm->ticks) ? EPOLLIN | EPOLLRDNORM : 0;
}

/* Once users is dropped, IOMMU_DESTROY may free the alarm: read ictx first. */
static int iommufd_alarm_release(struct inode *inode, struct file *file)
{
	struct iommufd_alarm *alarm = file->private_data;
	struct iommufd_ctx *ictx = alarm->ictx;

	refcount_dec(&alarm->obj.users);
	iommufd_ctx_put(ictx);
	return 0;
}

static const struct file_operations iommufd_alarm_fops = {
	.owner = THIS_MODULE,
	.read = iommufd_alarm_read,
	.poll = iommufd_alarm_poll,
	.release = iommufd_alarm_release,
};

/* If this is called for a failed creation, the file was released before. */
static void iommufd_alarm_destroy(struct iommufd_object *obj)
{
	struct iommufd_alarm *alarm =
		container_of(obj, struct iommufd_alarm, obj);

	timer_shutdown_sync(&alarm->timer);
	cancel_work_sync(&alarm->work);
}

const struct iommufd_object_ops iommufd_alarm_ops = {
	.file_offset = offsetof(struct iommufd_alarm, file),
	.destroy = iommufd_alarm_destroy,
};

/* Create the file of @alarm with its references. */
static int iommufd_alarm_make_file(struct iommufd_alarm *alarm)
{
	struct file *file;

	file = anon_inode_getfile("[iommufd-alarm]", &iommufd_alarm_fops, alarm,
				  O_RDONLY);
	if (IS_ERR(file))
		return PTR_ERR(file);
	/* The release drops both. */
	refcount_inc(&alarm->obj.users);
	iommufd_ctx_get(alarm->ictx);
	alarm->file = file;
	return 0;
}

int iommufd_alarm_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_alarm_alloc *cmd = ucmd->cmd;
	struct iommufd_alarm *alarm;
	int fd, rc;

	if (cmd->flags)
		return -EOPNOTSUPP;
	if (!cmd->period_ms || !cmd->count)
		return -EINVAL;
	alarm = iommufd_object_alloc_ucmd(ucmd, alarm, IOMMUFD_OBJ_ALARM);
	if (IS_ERR(alarm))
		return PTR_ERR(alarm);
	/* Do first what cannot fail: the destroy op relies on it. */
	alarm->ictx = ucmd->ictx;
	alarm->period = msecs_to_jiffies(cmd->period_ms);
	alarm->left = cmd->count;
	timer_setup(&alarm->timer, iommufd_alarm_tick, 0);
	INIT_WORK(&alarm->work, iommufd_alarm_work);
	init_waitqueue_head(&alarm->wait);
	mutex_init(&alarm->mutex);

	rc = iommufd_alarm_make_file(alarm);
	if (rc)
		return rc;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	cmd->out_alarm_id = alarm->obj.id;
	cmd->out_alarm_fd = fd;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc) {
		put_unused_fd(fd);
		return rc;
	}
	/* Nothing fails any more.  From fd_install() on the user has the file. */
	mod_timer(&alarm->timer, jiffies + alarm->period);
	fd_install(fd, alarm->file);
	return 0;
}
