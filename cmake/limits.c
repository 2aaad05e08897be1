// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libcheck's limit for a case, which limits.cmake sets: before main(), since
 * libcheck reads it when the first case is made.  Who sets CK_DEFAULT_TIMEOUT has
 * another.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>

__attribute__((constructor)) static void set_case_timeout(void)
{
	setenv("CK_DEFAULT_TIMEOUT", IOMMUFD_MODEL_CASE_TIMEOUT, 0);
}
