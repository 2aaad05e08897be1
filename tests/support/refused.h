/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Calls of the C library that fail: what the system has no memory, thread,
 * process or file for.
 *
 * A program for which CMake has iommufd_model_refuse() calls these functions
 * through wrappers.  refuse(CALL_MMAP, 2) makes the second mmap() from now on
 * fail, and no other one; refuse(CALL_MMAP, ALL) makes all of them fail.  Calls
 * that the C library itself makes, or a shared library, are not counted.
 */
#ifndef TESTS_SUPPORT_REFUSED_H
#define TESTS_SUPPORT_REFUSED_H

enum refusable {
	CALL_MALLOC,
	CALL_CALLOC,
	CALL_STRDUP,
	CALL_MMAP,
	CALL_MEMFD_CREATE,
	CALL_FTRUNCATE,
	CALL_PWRITE,
	CALL_POSIX_FALLOCATE,
	CALL_FLOCK,
	CALL_PTHREAD_CREATE,
	CALL_PTHREAD_ATFORK,
	CALL_PIPE,
	CALL_FORK,
	CALL_OPEN_MEMSTREAM,
	NR_CALLS
};

#define ALL -1

/* Make the @nth of these calls from now on fail, or ALL of them; 0: none. */
void refuse(enum refusable call, int nth);

/* Returns how many calls have failed since refuse(). */
int nr_refused(enum refusable call);

#endif
