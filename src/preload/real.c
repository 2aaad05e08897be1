// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The functions that this library replaces, as the next library of the program
 * defines them: the C library, or a sanitizer's runtime.
 */
#include "preload.h"
#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

struct real_functions preload_real;

void preload_resolve(void)
{
	void *found;

	/* In C11 a void pointer cannot be cast to a pointer to a function. */
#define RESOLVE(type, name, parameters)					\
	found = dlsym(RTLD_NEXT, #name);				\
	memcpy(&preload_real.name, &found, sizeof(found));
	REAL_FUNCTIONS(RESOLVE)
#undef RESOLVE
}

void preload_say(const char *format, ...)
{
	char line[1024] = "iommufd-model: ";
	size_t used = strlen(line);
	int saved = errno, n;
	va_list args;

	va_start(args, format);
	n = vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	used += (size_t)n < sizeof(line) - used - 1 ? (size_t)n :
						      sizeof(line) - used - 2;
	line[used++] = '\n';
	if (REAL(write)(STDERR_FILENO, line, used) < 0) {
		/* nobody reads the message */
	}
	errno = saved;
}
