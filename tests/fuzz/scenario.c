// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Fuzz target: a scenario as text.
 *
 * The first byte says whether the scenario is treated as a recorded one; the
 * rest is its text.  A text is parsed or it has errors, each with a position in
 * the text.  Parsing does nothing to the model, and a text that is printed
 * twice has the same checksum.  Nothing is run: the system calls have a target
 * of their own, and unit tests run random texts.
 */
#include "fuzz.h"
#include "scenario.h"
#include <iommufd_model/kernel/slab.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_quiet();
	return 0;
}

static void check_errors(const struct scenario_errors *errors, const char *text,
			 size_t len)
{
	unsigned int i, line = 1, nr_lines = 1;
	size_t at;

	for (at = 0; at < len; at++)
		nr_lines += text[at] == '\n';
	fuzz_assert(errors->count && errors->count <= SCENARIO_MAX_ERRORS);
	for (i = 0; i < errors->count; i++) {
		const struct scenario_error *error = &errors->at[i];

		fuzz_assert(error->line >= line && error->line <= nr_lines);
		fuzz_assert(error->column && error->column <= len + 1);
		fuzz_assert(*error->text);
		line = error->line;
	}
}

/* Return the checksum of the text, or 0 if it has errors. */
static unsigned long long parse(const char *text, size_t len, bool recorded)
{
	unsigned long before = iommufd_model_allocations();
	struct scenario_errors errors;
	struct scenario *s;
	unsigned long long sum = 0;

	s = scenario_parse("fuzz", text, len, recorded, &errors);
	fuzz_assert(iommufd_model_allocations() == before);
	if (s) {
		fuzz_assert(!errors.count && !errors.more);
		scenario_is_empty(s);
		sum = scenario_checksum(s);
	} else {
		check_errors(&errors, text, len);
		scenario_print_errors("fuzz", &errors, stderr);
	}
	scenario_free(s);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size ? size - 1 : 0;
	bool recorded = size && *data & 1;
	/* Exactly as long as the text, without a zero byte. */
	char *text = malloc(len + !len);

	fuzz_assert(text);
	memcpy(text, data + !!size, len);
	fuzz_assert(parse(text, len, recorded) == parse(text, len, recorded));
	free(text);
	return 0;
}
