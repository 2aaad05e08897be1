// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "user_memory.h"
#include <check.h>
#include <string.h>
#include <unistd.h>

char *user_memory(int first, int second)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert(p != MAP_FAILED);
	ck_assert_int_eq(mprotect(p, page, first), 0);
	ck_assert_int_eq(mprotect(p + page, page, second), 0);
	return p + page;
}

void *read_only(const void *data, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = user_memory(PROT_READ | PROT_WRITE, PROT_NONE) - page;

	memcpy(p, data, len);
	ck_assert_int_eq(mprotect(p, page, PROT_READ), 0);
	return p;
}
