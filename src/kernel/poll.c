// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The system calls that tell which events of a file are ready.
 *
 * The first call of the file's poll() puts the thread on the file's wait
 * queues.  The entries stay there until the system call ends.  A wake-up marks
 * its entry, so that none is lost while the thread does not sleep.
 *
 * The explorer assumes that the thread sleeps on the queue that it entered
 * last.  A file with several queues is polled correctly, but not all orders of
 * its wake-ups are explored.
 */
#include "ground.h"
#include <iommufd_model/kernel/poll.h>
#include <iommufd_model/kernel/sched.h>
#include <iommufd_model/model.h>

#define MAX_QUEUES 8

struct poller {
	poll_table table;
	int nr;
	struct {
		struct wait_queue_entry wait;
		wait_queue_head_t *wq;
	} entries[MAX_QUEUES];
};

static void add_queue(struct file *filp, wait_queue_head_t *wq,
		      poll_table *table)
{
	struct poller *poller = container_of(table, struct poller, table);
	const struct iommufd_model_site *site = IOMMUFD_MODEL_SITE("poll_wait");
	struct wait_queue_entry *wait;

	(void)filp;
	if (poller->nr == MAX_QUEUES) {
		iommufd_model_log(IOMMUFD_MODEL_NOTICE, site,
				  "a file has more than %d wait queues",
				  MAX_QUEUES);
		return;
	}
	wait = &poller->entries[poller->nr].wait;
	poller->entries[poller->nr++].wq = wq;
	iommufd_model_wait_init(wait, current_task(), woken_wake_function);
	iommufd_model_add_wait(wq, wait, 0, site);
}

/* Returns true if a queue has woken the thread since the last call. */
static bool was_woken(struct poller *poller)
{
	bool woken = false;
	int i;

	for (i = 0; i < poller->nr; i++)
		if (__atomic_fetch_and(&poller->entries[i].wait.flags,
				       ~WQ_FLAG_WOKEN, __ATOMIC_SEQ_CST) &
		    WQ_FLAG_WOKEN)
			woken = true;
	return woken;
}

static long sleep_for_a_queue(struct poller *poller, long timeout)
{
	const struct iommufd_model_site *site = IOMMUFD_MODEL_SITE("poll");

	iommufd_model_set_state(TASK_INTERRUPTIBLE, site);
	if (!was_woken(poller))
		timeout = iommufd_model_schedule(timeout, site);
	iommufd_model_set_state(TASK_RUNNING, site);
	return timeout;
}

static void remove_queues(struct poller *poller)
{
	const struct iommufd_model_site *site = IOMMUFD_MODEL_SITE("poll");

	while (poller->nr) {
		poller->nr--;
		iommufd_model_remove_wait(poller->entries[poller->nr].wq,
					  &poller->entries[poller->nr].wait,
					  site);
	}
}

/* Returns those of @events that are ready; 0 after @timeout. */
static int poll_file(struct file *file, unsigned int events, long timeout)
{
	struct poller poller = { .nr = 0 };
	__poll_t ready;

	init_poll_funcptr(&poller.table, timeout ? add_queue : NULL);
	poller.table._key = events | EPOLLERR | EPOLLHUP;
	for (;;) {
		ready = vfs_poll(file, &poller.table) & poller.table._key;
		poller.table._qproc = NULL;
		if (ready || !timeout)
			break;
		timeout = sleep_for_a_queue(&poller, timeout);
	}
	remove_queues(&poller);
	return (int)ready;
}

static int poll_fd(int fd, unsigned int events, long timeout)
{
	struct file *file;
	int rc = -EBADF;

	iommufd_model_enter();
	file = fget((unsigned int)fd);
	if (file) {
		rc = poll_file(file, events, timeout);
		fput(file);
	}
	iommufd_model_leave();
	return rc;
}

int iommufd_model_poll(int fd)
{
	return poll_fd(fd, ~0u, 0);
}

int iommufd_model_poll_wait(int fd, unsigned int events, int timeout)
{
	return poll_fd(fd, events, timeout < 0 ? MAX_SCHEDULE_TIMEOUT :
		       (long)msecs_to_jiffies((unsigned int)timeout));
}
