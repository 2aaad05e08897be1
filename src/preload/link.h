/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a child process and the process that has the model say to each other.
 *
 * The model stays in the process that has opened the device.  A child that is
 * forked while descriptors are open gets a link, a socket, at whose other end a
 * thread of that process works for the child: each system call of the child on
 * an inherited descriptor is a request.  Each thread of the child has a link of
 * its own, so that one that sleeps does not hold up another.
 *
 * The other way would be a model in memory that all processes share.  Then a
 * child that is killed while it holds a lock would stop all others, and the
 * ground's allocator, its threads and its thread-local data would have to be
 * made for several processes.  With a server, a child can die at any moment, and
 * single processes pay nothing.
 *
 * The server reads and writes the child's memory by process_vm_readv() and
 * process_vm_writev(), and knows the child's descriptors by pidfd_getfd().
 * While it works on a request it may ask the child for a new descriptor, or give
 * it one.
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

	/* What the server sends. */
	LINK_DONE,	/* the result */
	LINK_RESERVE,	/* flags: open a holder, and send its number */
	LINK_UNRESERVE,	/* fd */
	LINK_INSTALL,	/* fd, with a descriptor: a file of the model is there */
};

struct link_message {
	enum link_op op;
	int pid;	/* of the child */
	int fail;	/* in how many allocations one is to fail; 0: in none */
	long args[5];
	long result;
	unsigned long pinned, locked;
};

/* The message may carry a descriptor, -1: none.  False: the other end is gone. */
bool link_send(int link, const struct link_message *message, int fd);
bool link_receive(int link, struct link_message *message, int *fd);
/* Makes a link with both ends private; false after an error. */
bool link_make(int ends[2]);

#endif
