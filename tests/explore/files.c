// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A file with the kernel's own operations: one thread writes a byte, and
 * another polls for it and reads it.  In the right form poll() first enters the
 * queue and then tests for the byte.  In the wrong forms it tests first, does
 * not enter the queue, or the writer does not wake the reader.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/model.h>

enum form {
	POLL_FIRST,
	LOOK_FIRST,	/* poll_wait() comes after the test */
	NO_QUEUE,	/* poll_wait() is missing */
	NO_WAKE,	/* the writer does not wake the reader */
};

struct mailbox {
	spinlock_t lock;
	wait_queue_head_t queue;
	enum form form;
	int fd, full;
	char byte;
};

static struct mailbox box;

static bool is_full(struct mailbox *m)
{
	bool full;

	spin_lock(&m->lock);
	full = m->full;
	spin_unlock(&m->lock);
	return full;
}

static __poll_t mailbox_poll(struct file *filp, poll_table *wait)
{
	struct mailbox *m = filp->private_data;
	__poll_t events = 0;

	if (m->form == LOOK_FIRST && is_full(m))
		events = EPOLLIN | EPOLLRDNORM;
	if (m->form != NO_QUEUE)
		poll_wait(filp, &m->queue, wait);
	if (m->form != LOOK_FIRST && is_full(m))
		events = EPOLLIN | EPOLLRDNORM;
	return events;
}

static ssize_t mailbox_read(struct file *filp, char __user *buf, size_t count,
			    loff_t *ppos)
{
	struct mailbox *m = filp->private_data;
	char byte;
	bool full;

	if (*ppos)
		return -ESPIPE;
	if (!count)
		return 0;
	spin_lock(&m->lock);
	full = m->full;
	byte = m->byte;
	m->full = 0;
	spin_unlock(&m->lock);
	if (!full)
		return -EAGAIN;
	return copy_to_user(buf, &byte, 1) ? -EFAULT : 1;
}

static ssize_t mailbox_write(struct file *filp, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct mailbox *m = filp->private_data;
	char byte;

	if (!count || *ppos)
		return 0;
	if (get_user(byte, buf))
		return -EFAULT;
	spin_lock(&m->lock);
	m->full = 1;
	m->byte = byte;
	spin_unlock(&m->lock);
	if (m->form != NO_WAKE)
		wake_up_interruptible_poll(&m->queue, EPOLLIN);
	return 1;
}

static const struct file_operations mailbox_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.read = mailbox_read,
	.write = mailbox_write,
	.poll = mailbox_poll,
	.llseek = noop_llseek,
};

static void setup(enum form form)
{
	spin_lock_init(&box.lock);
	init_waitqueue_head(&box.queue);
	box.form = form;
	box.full = 0;
	box.fd = anon_inode_getfd("[mailbox]", &mailbox_fops, &box,
				  O_RDWR | O_CLOEXEC);
}

#define SETUP(name, form)						\
static void name(void *data)						\
{									\
	(void)data;							\
	setup(form);							\
}
SETUP(right, POLL_FIRST)
SETUP(look_first, LOOK_FIRST)
SETUP(no_queue, NO_QUEUE)
SETUP(no_wake, NO_WAKE)

static void reader(void *data)
{
	char byte = 0;
	int events;

	(void)data;
	events = iommufd_model_poll_wait(box.fd, EPOLLIN, -1);
	iommufd_model_assert(events == EPOLLIN);
	iommufd_model_assert(iommufd_model_read(box.fd, &byte, 1) == 1);
	iommufd_model_assert(byte == 'x');
}

/* Waits with a timeout; after a timeout the byte may still be unread. */
static void impatient(void *data)
{
	int events;

	(void)data;
	events = iommufd_model_poll_wait(box.fd, EPOLLIN, 10);
	iommufd_model_assert(events == EPOLLIN || events == 0);
}

static void writer(void *data)
{
	(void)data;
	iommufd_model_assert(iommufd_model_write(box.fd, "x", 1) == 1);
}

static void after(void *data)
{
	(void)data;
	iommufd_model_close(box.fd);
}

#define ROW(failure_, setup_, one, ...)					\
	{ .failure = IOMMUFD_MODEL_##failure_,				\
	  .test = { .name = #setup_ ": " #one, .setup = setup_,		\
	    .after = after,						\
	    .threads = { { #one, one }, { "writer", writer } } },	\
	  .told = { "" __VA_ARGS__ } }

static const struct verdict polls[] = {
	ROW(NO_FAILURE, right, reader),
	ROW(NO_FAILURE, right, impatient),
	ROW(FAIL_LOST_WAKEUP, look_first, reader, "poll"),
	ROW(FAIL_LOST_WAKEUP, no_queue, reader, "poll"),
	ROW(FAIL_LOST_WAKEUP, no_wake, reader, "poll"),
};

START_TEST(a_poll_before_the_test_loses_no_wake_up)
{
	check_verdict(&polls[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("files");
	TCase *tc = tcase_create("files");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, a_poll_before_the_test_loses_no_wake_up, 0,
			    ARRAY_SIZE(polls));
	return run_suite(suite);
}
