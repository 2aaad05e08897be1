// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define _GNU_SOURCE
#include "refused.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

/* @left: which of the next calls fails, or ALL; 0: none */
static struct {
	int left, refused;
} calls[NR_CALLS];

void refuse(enum refusable call, int nth)
{
	calls[call].left = nth;
	calls[call].refused = 0;
}

int nr_refused(enum refusable call)
{
	return calls[call].refused;
}

static int fails(enum refusable call)
{
	int *left = &calls[call].left;

	if (!*left || (*left != ALL && --*left))
		return 0;
	calls[call].refused++;
	return 1;
}

/* The function @name, which gives @bad and sets errno if it is to fail. */
#define WRAP(type, name, call, bad, error, parameters, ...)	\
	type __real_##name parameters;				\
	type __wrap_##name parameters;				\
	type __wrap_##name parameters				\
	{							\
		if (!fails(call))				\
			return __real_##name(__VA_ARGS__);	\
		errno = error;					\
		return bad;					\
	}

WRAP(void *, malloc, CALL_MALLOC, NULL, ENOMEM, (size_t size), size)
WRAP(void *, calloc, CALL_CALLOC, NULL, ENOMEM, (size_t nr, size_t size), nr,
     size)
WRAP(char *, strdup, CALL_STRDUP, NULL, ENOMEM, (const char *text), text)
WRAP(void *, mmap, CALL_MMAP, MAP_FAILED, ENOMEM,
     (void *addr, size_t size, int prot, int flags, int fd, off_t offset),
     addr, size, prot, flags, fd, offset)
WRAP(int, memfd_create, CALL_MEMFD_CREATE, -1, EMFILE,
     (const char *name, unsigned int flags), name, flags)
WRAP(int, ftruncate, CALL_FTRUNCATE, -1, ENOSPC, (int fd, off_t size), fd, size)
WRAP(ssize_t, pwrite, CALL_PWRITE, -1, ENOSPC,
     (int fd, const void *from, size_t size, off_t offset), fd, from, size,
     offset)
WRAP(int, posix_fallocate, CALL_POSIX_FALLOCATE, ENOSPC, ENOSPC,
     (int fd, off_t offset, off_t size), fd, offset, size)
WRAP(int, flock, CALL_FLOCK, -1, ENOLCK, (int fd, int operation), fd, operation)
WRAP(int, pthread_create, CALL_PTHREAD_CREATE, EAGAIN, EAGAIN,
     (pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
      void *arg), thread, attr, fn, arg)
WRAP(int, pthread_atfork, CALL_PTHREAD_ATFORK, ENOMEM, ENOMEM,
     (void (*before)(void), void (*parent)(void), void (*child)(void)),
     before, parent, child)
WRAP(int, pipe, CALL_PIPE, -1, EMFILE, (int ends[2]), ends)
WRAP(pid_t, fork, CALL_FORK, -1, EAGAIN, (void), )
WRAP(FILE *, open_memstream, CALL_OPEN_MEMSTREAM, NULL, ENOMEM,
     (char **text, size_t *size), text, size)
