// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Fuzz target: the reports of shards, which `iommufd-model merge` reads.
 *
 * A zero byte separates two files.  The exit code is one of the program's, and
 * the order of the files does not matter for it.
 */
#include "fuzz.h"
#include "cli.h"
#include "merge.h"
#include <stdlib.h>
#include <string.h>

#define MAX_FILES 8

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_quiet();
	return 0;
}

static int merge(char *const *files, int nr, bool backwards, bool json)
{
	struct parts parts = { NULL, 0, 0 };
	int i, code = EXIT_UNUSABLE;
	bool good = true;

	for (i = 0; i < nr; i++) {
		const char *file = files[backwards ? nr - 1 - i : i];

		good = parts_parse("fuzz", "file", file, strlen(file),
				   &parts) && good;
	}
	if (good)
		code = parts_merge("fuzz", &parts, json);
	parts_free(&parts);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *files[MAX_FILES];
	size_t at = 0;
	int nr = 0, code;

	while (at <= size && nr < MAX_FILES) {
		files[nr] = text + at;
		at += strlen(files[nr++]) + 1;
	}
	code = merge(files, nr, false, false);
	fuzz_assert(code >= EXIT_FINE && code <= EXIT_UNUSABLE);
	fuzz_assert(merge(files, nr, true, true) == code);
	free(text);
	return 0;
}
