/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Who polls a file, as a driver does: it asks the file for its wait queue and
 * adds an entry with a function.
 */
#ifndef TESTS_SUPPORT_LISTENER_H
#define TESTS_SUPPORT_LISTENER_H

#include <iommufd_model/kernel.h>

/*
 * struct listener
 * @heard: how many wake-ups there were that wake a poller
 */
struct listener {
	poll_table table;
	wait_queue_head_t *queue;
	struct wait_queue_entry wait;
	unsigned int heard;
};

/*
 * Poll @filp, which must call poll_wait() once, and count wake-ups from now on.
 * Returns what the file's poll returned.  The wait queue must stay until
 * stop_listening(), also if the file does not.
 */
__poll_t listen_to(struct listener *listener, struct file *filp);
void stop_listening(struct listener *listener);

#endif
