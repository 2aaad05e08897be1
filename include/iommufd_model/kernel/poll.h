/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * What a file's poll() function uses.
 *
 * The function calls poll_wait() for each wait queue that is woken when the
 * state of the file changes, and only then tests the state.  A change after
 * poll_wait() wakes the caller.  A function that tests the state first loses
 * wake-ups, which the explorer finds.
 */
#ifndef IOMMUFD_MODEL_KERNEL_POLL_H
#define IOMMUFD_MODEL_KERNEL_POLL_H

#include <iommufd_model/kernel/fs.h>
#include <iommufd_model/kernel/wait.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct poll_table_struct;

/** A function that poll_wait() calls, to be woken by the queue later. */
typedef void (*poll_queue_proc)(struct file *filp, wait_queue_head_t *wq,
				struct poll_table_struct *table);

/** What a poll() function is given. */
typedef struct poll_table_struct {
	poll_queue_proc _qproc;	/**< NULL: the caller is not going to wait */
	__poll_t _key;	/**< the events for which it waits */
} poll_table;

/** what a file without a poll() function is ready for */
#define DEFAULT_POLLMASK (EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM)

/**
 * Puts the caller of poll() on a wait queue, if it is going to wait.
 * @param filp   the file
 * @param wq     the queue, or NULL
 * @param table  what poll() was given; may be NULL
 * @context Does not block.
 */
static inline void poll_wait(struct file *filp, wait_queue_head_t *wq,
			     poll_table *table)
{
	if (table && table->_qproc && wq)
		table->_qproc(filp, wq, table);
}

/**
 * Initialises a table.
 * @param table  the table
 * @param proc   its function, or NULL
 */
static inline void init_poll_funcptr(poll_table *table, poll_queue_proc proc)
{
	table->_qproc = proc;
	table->_key = ~(__poll_t)0;
}

/**
 * Tells whether the caller of poll() is not going to wait.
 * @param table  what poll() was given
 * @return true if it is not
 */
static inline bool poll_does_not_wait(const poll_table *table)
{
	return !table || !table->_qproc;
}

/**
 * Gives the events for which the caller of poll() waits.
 * @param table  what poll() was given
 * @return EPOLL bits
 */
static inline __poll_t poll_requested_events(const poll_table *table)
{
	return table ? table->_key : ~(__poll_t)0;
}

/**
 * Tells whether a file has a poll() function.
 * @param file  the file
 * @return true if it has
 */
static inline bool file_can_poll(struct file *file)
{
	return file->f_op->poll;
}

/**
 * Asks a file what it is ready for.
 * @param file   the file
 * @param table  a table, or NULL
 * @return EPOLL bits
 */
static inline __poll_t vfs_poll(struct file *file, poll_table *table)
{
	return file_can_poll(file) ? file->f_op->poll(file, table) :
				     (__poll_t)DEFAULT_POLLMASK;
}

IOMMUFD_MODEL_END_DECLS

#endif
