// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What the fuzz targets share; fuzz.h describes the functions. */
#include "fuzz.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int messages = STDERR_FILENO;

void fuzz_quiet(void)
{
	FILE *null = fopen("/dev/null", "w");
	int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);

	if (!null || copy < 0)
		return;
	messages = copy;
#ifdef __GLIBC__
	/* The streams only: libFuzzer writes to the descriptors. */
	stdout = null;
	stderr = null;
#else
	dup2(fileno(null), STDOUT_FILENO);
	dup2(fileno(null), STDERR_FILENO);
#endif
}

void fuzz_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vdprintf(messages, fmt, args);
	va_end(args);
	dprintf(messages, "\n");
	abort();
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		fuzz_fail("out of memory");
	memcpy(text, data, size);
	text[size] = 0;
	return text;
}
