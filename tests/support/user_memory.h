/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* User memory of which a part cannot be read or written. */
#ifndef TESTS_SUPPORT_USER_MEMORY_H
#define TESTS_SUPPORT_USER_MEMORY_H

#include <stddef.h>
#include <sys/mman.h>

/*
 * Map two pages with these PROT_ values, which are never freed.  Returns the
 * address of the second page.
 */
char *user_memory(int first, int second);

/* Return a copy of @len bytes that can be read but not written. */
void *read_only(const void *data, size_t len);

#endif
