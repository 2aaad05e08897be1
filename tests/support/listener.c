// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "listener.h"

static void note_queue(struct file *filp, wait_queue_head_t *wq,
		       poll_table *table)
{
	(void)filp;
	container_of(table, struct listener, table)->queue = wq;
}

static int hear(struct wait_queue_entry *wait, unsigned int mode, int flags,
		void *key)
{
	struct listener *listener = container_of(wait, struct listener, wait);

	(void)flags;
	(void)key;
	listener->heard += !!(mode & TASK_INTERRUPTIBLE);
	return 0;
}

__poll_t listen_to(struct listener *listener, struct file *filp)
{
	__poll_t events;

	listener->heard = 0;
	init_poll_funcptr(&listener->table, note_queue);
	events = vfs_poll(filp, &listener->table);
	init_waitqueue_func_entry(&listener->wait, hear);
	add_wait_queue(listener->queue, &listener->wait);
	return events;
}

void stop_listening(struct listener *listener)
{
	remove_wait_queue(listener->queue, &listener->wait);
}
