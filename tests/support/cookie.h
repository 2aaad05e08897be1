/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For tests of mmap: probes that own cookies. */
#ifndef TESTS_SUPPORT_COOKIE_H
#define TESTS_SUPPORT_COOKIE_H

#include "probe.h"

#define MMIO 0x40000000ul
#define PAGES(n) ((n) * PAGE_SIZE)

/* Make a cookie for @owner; returns its offset. */
unsigned long cookie(struct probe *owner, size_t length);
void drop(struct probe *owner, unsigned long offset);

#endif
