// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Fuzz target: a record that is read back, and what is made of it.
 *
 * A record that can be read can be written, and what is written is read as the
 * same record.  The page, the trace and the columns of any record can be drawn.
 */
#include "fuzz.h"
#include "read.h"
#include "timeline.h"
#include <iommufd_model/record.h>
#include <stdlib.h>
#include <string.h>

static FILE *null;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_quiet();
	/* A process of dot for each picture would take most of the time. */
	setenv("IOMMUFD_MODEL_LAYOUT", "rows", 1);
	null = fopen("/dev/null", "w");
	fuzz_assert(null);
	return 0;
}

static char *written(const struct iommufd_model_record *record, size_t *len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	fuzz_assert(to);
	fuzz_assert(!iommufd_model_record_write(record, to));
	fuzz_assert(!fclose(to));
	return text;
}

static void draw(const struct iommufd_model_record *record)
{
	struct timeline timeline = { .record = record };

	timeline_make(&timeline);
	render_page_json(&timeline, null);
	render_trace(&timeline, null);
	render_columns(&timeline, null);
	timeline_free(&timeline);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *once, *twice;
	struct iommufd_model_record *record = render_read("fuzz", text, size);
	size_t len, len_twice;

	free(text);
	if (!record)
		return 0;
	draw(record);
	once = written(record, &len);
	iommufd_model_record_free(record);
	record = render_read("again", once, len);
	if (!record)
		fuzz_fail("not read again:\n%s", once);
	twice = written(record, &len_twice);
	iommufd_model_record_free(record);
	if (len != len_twice || memcmp(once, twice, len))
		fuzz_fail("written once:\n%sand twice:\n%s", once, twice);
	free(once);
	free(twice);
	return 0;
}
