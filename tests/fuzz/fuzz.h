/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the fuzz targets share.
 *
 * A target is a program with LLVMFuzzerTestOneInput(), which gets one input
 * after another in one process.  An input that breaks a property ends the
 * program, so that libFuzzer keeps the input.  Without libFuzzer, standalone.c
 * has the main().
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * fuzz_quiet(): send what the library prints to standard output and standard
 * error to /dev/null, and keep the real standard error for fuzz_fail().  Parsers
 * print a message for most inputs.
 */
void fuzz_quiet(void);

/* fuzz_fail(): print a message and abort. */
void fuzz_fail(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

#define fuzz_assert(cond) do {						\
	if (!(cond))							\
		fuzz_fail("%s:%d: %s does not hold", __FILE__,		\
			  __LINE__, #cond);				\
} while (0)

/*
 * fuzz_text(data, size): returns a copy of an input, followed by a zero byte,
 * that the caller frees.  AddressSanitizer finds reads behind its end.
 */
char *fuzz_text(const uint8_t *data, size_t size);

#endif
