/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Messages between a child process and the process that has the model.
 *
 * The model stays in the process that has opened the device.  A child that is
 * forked while descriptors are open gets a link, a socket, at whose other end a
 * thread of that process works for the child: each system call of the child on
 * an inherited descriptor is a request.  Each thread of the child has a link of
 * its own, so that a thread that sleeps in a request does not block another.
 *
 * The alternative would be a model in memory that all processes share.  Then a
 * child that is killed while it holds a lock would stop all others, and the
 * allocator, the threads and the thread-local data of src/kernel would have to
 * be written for several processes.  With a server, a child can die at any
 * moment, and a program without children pays nothing.
 *
 * The server reads and writes the child's memory by process_vm_readv() and
 * process_vm_writev(), and gets the child's descriptors by pidfd_getfd().
 * While it works on a request it may ask the child for a new descriptor, or
 * give it one.
 */
#ifndef PRELOAD_LINK_H
#define PRELOAD_LINK_H

#include "preload.h"

enum link_op {
	LINK_IOCTL,	/* fd, command, address */
	LINK_READ,	/* fd, address of the iovecs, their number, position */
	LINK_WRITE,	/* the same */
	LINK_CLOSE,	/* fd */
	LINK_DUP,	/* fd, new number */
	LINK_FCNTL,	/* fd, F_GETFL or F_SETFL, value */
	LINK_MMAP,	/* fd, length, prot, flags, offset; gives a descriptor */
	LINK_MUNMAP,	/* the server's address, length */
	LINK_MEMORY,	/* pid: the pages that it has pinned and locked */
	LINK_THREAD,	/* with a socket: a link for another thread */
	LINK_CHILD,	/* with a socket: a link for a child of this child */

	/* messages of the server */
	LINK_DONE,	/* the result */
	LINK_RESERVE,	/* flags: open a holder, and send its number */
	LINK_UNRESERVE,	/* fd */
	/* fd, with a descriptor: the new file of the model has this fd */
	LINK_INSTALL,
};

struct link_message {
	enum link_op op;
	int pid;	/* of the child */
	int fail;	/* number of the allocation that is to fail; 0: none */
	long args[5];
	long result;
	unsigned long pinned, locked;
};

/*
 * A message may carry a descriptor; -1: it has none.  Both functions return
 * false if the other end was closed.
 */
bool link_send(int link, const struct link_message *message, int fd);
bool link_receive(int link, struct link_message *message, int *fd);
/*
 * Make a link whose two ends are private descriptors; returns false on error.
 */
bool link_make(int ends[2]);

#endif
