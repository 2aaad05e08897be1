// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Names of error numbers, as result lines show them.
 *
 * If two names share a number, the name that the kernel uses is listed.
 */
#include "internal.h"

#ifndef EDEADLOCK
#define EDEADLOCK EDEADLK
#endif

#define NAME(e) { e, #e }

static const struct {
	int number;
	const char *name;
} names[] = {
	NAME(EPERM), NAME(ENOENT), NAME(EINTR), NAME(EIO), NAME(ENXIO),
	NAME(E2BIG), NAME(EBADF), NAME(EAGAIN), NAME(ENOMEM), NAME(EACCES),
	NAME(EFAULT), NAME(EBUSY), NAME(EEXIST), NAME(EXDEV), NAME(ENODEV),
	NAME(EINVAL), NAME(ENFILE), NAME(EMFILE), NAME(ENOTTY), NAME(EFBIG),
	NAME(ENOSPC), NAME(ESPIPE), NAME(EROFS), NAME(EPIPE), NAME(EDOM),
	NAME(ERANGE), NAME(EDEADLOCK), NAME(ENOSYS), NAME(ENODATA), NAME(ETIME),
	NAME(EPROTO), NAME(EBADMSG), NAME(EOVERFLOW), NAME(EILSEQ),
	NAME(EMSGSIZE), NAME(EPROTONOSUPPORT), NAME(EOPNOTSUPP),
	NAME(EADDRINUSE), NAME(EADDRNOTAVAIL), NAME(ENOBUFS), NAME(ETIMEDOUT),
	NAME(EALREADY), NAME(EINPROGRESS), NAME(ECANCELED),
	NAME(EBADE), NAME(EBADFD),
};

const char *errno_name(int number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

int errno_number(const struct token *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (token_is(name, names[i].name))
			return names[i].number;
	return 0;
}
