/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Functions for the poll() of a file.
 *
 * A poll() function calls poll_wait() for each wait queue that is woken when
 * the state of the file changes, and only then tests the state.  If the state
 * changes after poll_wait(), the caller is woken.  A function that tests the
 * state first loses wake-ups, which the explorer finds.
 */
#ifndef IOMMUFD_MODEL_KERNEL_POLL_H
#define IOMMUFD_MODEL_KERNEL_POLL_H

#include <iommufd_model/kernel/fs.h>
#include <iommufd_model/kernel/wait.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct poll_table_struct;

/**
 * The type of the function that poll_wait() calls, so that the queue wakes the
 * caller later.
 */
typedef void (*poll_queue_proc)(struct file *filp, wait_queue_head_t *wq,
				struct poll_table_struct *table);

/** The argument of a poll() function. */
typedef struct poll_table_struct {
	poll_queue_proc _qproc;	/**< NULL if the caller is not going to wait */
	__poll_t _key;	/**< the events for which the caller waits */
} poll_table;

/** the events that are ready in a file without a poll() function */
#define DEFAULT_POLLMASK (EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM)

/**
 * Puts the caller of poll() on a wait queue, if the caller is going to wait.
 * @param filp   the file
 * @param wq     the queue, or NULL
 * @param table  the argument of poll(); may be NULL
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
 * @param table  the argument of poll()
 * @return true if the caller is not going to wait
 */
static inline bool poll_does_not_wait(const poll_table *table)
{
	return !table || !table->_qproc;
}

/**
 * Gives the events for which the caller of poll() waits.
 * @param table  the argument of poll()
 * @return a set of EPOLL bits
 */
static inline __poll_t poll_requested_events(const poll_table *table)
{
	return table ? table->_key : ~(__poll_t)0;
}

/**
 * Tells whether a file has a poll() function.
 * @param file  the file
 * @return true if it has one
 */
static inline bool file_can_poll(struct file *file)
{
	return file->f_op->poll;
}

/**
 * Asks a file which events are ready.
 * @param file   the file
 * @param table  a table, or NULL
 * @return a set of EPOLL bits
 */
static inline __poll_t vfs_poll(struct file *file, poll_table *table)
{
	return file_can_poll(file) ? file->f_op->poll(file, table) :
				     (__poll_t)DEFAULT_POLLMASK;
}

IOMMUFD_MODEL_END_DECLS

#endif
