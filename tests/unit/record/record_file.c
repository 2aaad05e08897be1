// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The file of a record: a file that was written can be read and gives the same
 * record, and an error in a file is reported with its line and column.
 */
#include "record_suite.h"
#include "read.h"
#include "timeline.h"
#include <iommufd_model/explore.h>
#include <fcntl.h>
#include <unistd.h>

static char *written(const struct iommufd_model_record *r, size_t *len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	ck_assert_ptr_nonnull(to);
	ck_assert_int_eq(iommufd_model_record_write(r, to), 0);
	fclose(to);
	return text;
}

/* Returns the message of render_read() about @text, which must be invalid. */
static const char *complaint(const char *text, size_t len)
{
	static char said[400];
	struct iommufd_model_record *r;
	FILE *to = tmpfile();
	int was = dup(2);
	size_t n;

	fflush(stderr);
	dup2(fileno(to), 2);
	r = render_read("x", text, len);
	fflush(stderr);
	dup2(was, 2);
	close(was);
	rewind(to);
	n = fread(said, 1, sizeof(said) - 1, to);
	said[n] = 0;
	fclose(to);
	ck_assert_ptr_null(r);
	return said;
}

static void take(void *data)
{
	iommufd_model_assert(!refcount_dec_and_test(data));
}

static void *allocate(void)
{
	refcount_t *r = kzalloc(sizeof(*r), GFP_KERNEL);

	refcount_set(r, 2);
	return r;
}

static refcount_t *shared;

static void make(void *data)
{
	(void)data;
	shared = allocate();
}

static void drop(void *data)
{
	(void)data;
	take(shared);
}

/* Makes a record with threads, a failure, and names with special characters. */
static struct iommufd_model_record *failed(void)
{
	static const struct iommufd_model_test test = {
		.name = "a \"quoted\\\" \xff name\n", .setup = make,
		.threads = { { "one", drop }, { "two", drop } },
	};
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result result;
	struct iommufd_model_record *r;

	iommufd_model_observe_stop();
	ck_assert_int_eq(iommufd_model_explore_observed(&test, &options,
							&result), 1);
	r = result.record;
	result.record = NULL;
	iommufd_model_explore_free(&result);
	ck_assert_ptr_nonnull(r);
	return r;
}

/* Makes a record with objects, references and locks. */
static struct iommufd_model_record *run(void)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	struct iommufd_access *access = new_access(ictx);

	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, "attach <it>", 7);
	ck_assert_int_eq(iommufd_access_attach(access, ioas->obj.id), 0);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP_END, NULL, 0);
	iommufd_access_destroy(access);
	iommufd_model_check_close(ictx);
	return record;
}

START_TEST(record_is_read_as_it_was_written)
{
	struct iommufd_model_record *r = _i ? failed() : run(), *again;
	char *first, *second;
	size_t len, again_len;

	first = written(r, &len);
	again = render_read("x", first, len);
	ck_assert_ptr_nonnull(again);
	second = written(again, &again_len);
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
	iommufd_model_record_free(again);
	if (_i)
		iommufd_model_record_free(r);
}
END_TEST

/*
 * A part of a line, the text that replaces it, and the message that must
 * result.
 */
static const struct {
	const char *part, *instead, *says;
} edits[] = {
	{ "\"iommufd-model-record\":1", "\"iommufd-model-record\":2", "x:1:1:" },
	{ "\"kind\":\"failure\"", "\"kind\":\"story\"", "x:1:27: \"kind\"" },
	{ "\"kind\":\"failure\"", "\"kind\":7", "x:1:27: \"kind\"" },
	{ "{\"iommufd", "{\"iommufd\":,", "x:1:12: unexpected token" },
	{ "{\"site\":1,", "{\"site\":2,", "x:2:2: \"site\"" },
	{ "{\"site\":1,", "[\"site\",1,", "x:2:" },
	{ "{\"site\":1,", "{\"sight\":1,", "x:2:1: expected \"site\"" },
	{ "\"thread\":1,", "\"thread\":-1,", ": \"thread\": expected a num" },
	{ "\"thread\":1,", "\"thread\":70000,", "from 0 to 65535" },
	{ "\"arg\":1", "\"arg\":\"1\"", ": \"arg\": expected a number" },
	{ "\"done\":true", "\"done\":1", "expected true or false" },
	{ "\"done\":true", "\"dune\":true", "\"dune\": expected no such mem" },
	{ "{\"op\":\"alloc\"", "{\"op\":\"halloc\"", ":2: \"op\": expected one" },
	{ "\"state\":\"ended\"", "\"state\":\"dead\"", "\"state\": expected one" },
	{ "{\"thread\":2,", "{\"thread\":64,", "from 0 to 63" },
	{ "{\"failure\":\"failed ", "{\"failure\":\"fail ", ": \"failure\": exp" },
	{ "{\"end\":true}\n", "", ":1: the file ends before" },
	{ "{\"end\":true}", "{\"end\":true}\n{}", ":1: expected nothing" },
};

START_TEST(errors_have_line_and_column)
{
	struct iommufd_model_record *r = failed();
	char *text, *at, *edited = NULL;
	const char *said;
	size_t len;
	FILE *to;

	text = written(r, &len);
	at = strstr(text, edits[_i].part);
	ck_assert_msg(at, "no %s in it", edits[_i].part);
	to = open_memstream(&edited, &len);
	fprintf(to, "%.*s%s%s", (int)(at - text), text, edits[_i].instead,
		at + strlen(edits[_i].part));
	fclose(to);
	said = complaint(edited, len);
	ck_assert_msg(!strncmp(said, "x:", 2) && strstr(said, edits[_i].says),
		      "%s: %s", edits[_i].instead, said);
	free(edited);
	free(text);
	iommufd_model_record_free(r);
}
END_TEST

START_TEST(a_file_that_is_cut_is_an_error)
{
	struct iommufd_model_record *r = failed();
	size_t len, cut;
	char *text = written(r, &len);

	for (cut = 0; cut + 2 < len; cut += 1 + cut / 40)
		ck_assert_ptr_nonnull(strstr(complaint(text, cut), "x:"));
	free(text);
	iommufd_model_record_free(r);
}
END_TEST

static void draw_all(struct iommufd_model_record *r)
{
	struct timeline timeline = { .record = r };
	FILE *to = fopen("/dev/null", "w");

	timeline_make(&timeline);
	render_page(&timeline, to);
	render_trace(&timeline, to);
	render_columns(&timeline, to);
	timeline_free(&timeline);
	fclose(to);
}

/* Changes bytes at random: the file is then an error, or can be drawn. */
START_TEST(damaged_file_is_an_error_or_is_drawn)
{
	struct iommufd_model_record *r = _i % 2 ? failed() : run(), *again;
	unsigned int seed = (unsigned int)_i, i, n;
	size_t len;
	char *text = written(r, &len), *edited = calloc(1, len + 1);
	int null = open("/dev/null", O_WRONLY), was = dup(2);

	setenv("IOMMUFD_MODEL_LAYOUT", "rows", 1);
	dup2(null, 2);
	for (n = 0; n < 60; n++) {
		memcpy(edited, text, len);
		for (i = 0; i <= n % 3; i++) {
			seed = seed * 1103515245 + 12345;
			edited[(seed >> 3) % len] =
				"0123456789{}[]\",:-x\n"[(seed >> 9) % 20];
		}
		again = render_read("x", edited, len);
		if (again)
			draw_all(again);
		iommufd_model_record_free(again);
	}
	dup2(was, 2);
	close(was);
	close(null);
	free(edited);
	free(text);
	if (_i % 2)
		iommufd_model_record_free(r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("record file");
	TCase *tcase = recorded_case(suite, "file");

	tcase_add_loop_test(tcase, record_is_read_as_it_was_written, 0, 2);
	tcase_add_loop_test(tcase, errors_have_line_and_column,
			    0, ARRAY_SIZE(edits));
	tcase_add_test(tcase, a_file_that_is_cut_is_an_error);
	tcase_add_loop_test(tcase, damaged_file_is_an_error_or_is_drawn, 0, 10);
	return run_suite(suite);
}
