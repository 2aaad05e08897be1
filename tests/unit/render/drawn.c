// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Explored failures as pages: which execution is recorded, in which file, and
 * what its page says of the position of each thread.
 */
#include "record_suite.h"
#include "read.h"
#include "timeline.h"
#include <iommufd_model/explore.h>
#include <stdlib.h>
#include <unistd.h>

/* The functions below explore and draw. */

static int times(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

struct box {
	refcount_t r;
};

static struct box *box;

static void make_box(void *data)
{
	(void)data;
	box = kzalloc(sizeof(*box), GFP_KERNEL);
	refcount_set(&box->r, 2);
}

static void put_box(void *data)
{
	struct box *mine = box;

	(void)data;
	if (refcount_dec_and_test(&mine->r))
		kfree(mine);
}

/* Reads the counter after the thread has dropped its reference. */
static void read_box(void *data)
{
	struct box *mine = box;

	put_box(data);
	iommufd_model_assert(refcount_read(&mine->r) < 3);
}

static const struct iommufd_model_test wrong = {
	.name = "wrong box",
	.setup = make_box,
	.threads = { { "putter", put_box }, { "reader", read_box } },
};
static const struct iommufd_model_test right = {
	.name = "right box",
	.setup = make_box,
	.threads = { { "putter", put_box }, { "another", put_box } },
};

/* Returns the JSON of the page of the record @of, and frees @of. */
static char *page_of(struct iommufd_model_record *of)
{
	struct timeline timeline = { .record = of };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(to);
	timeline_make(&timeline);
	render_page_json(&timeline, to);
	timeline_free(&timeline);
	fclose(to);
	iommufd_model_record_free(of);
	return text;
}

static char *content(const char *path, size_t *len)
{
	FILE *from = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	ck_assert_ptr_nonnull(from);
	*len = fread(text, 1, (1 << 20) - 1, from);
	fclose(from);
	return text;
}

/*
 * Explores @test and draws the record in its file.  Returns the JSON of the
 * page, or NULL if no file was written.
 */
static char *drawn(const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options *options, int rc)
{
	char path[] = "record-XXXXXX", *text;
	struct iommufd_model_record *read;
	int fd = mkstemp(path);
	size_t len;

	ck_assert_int_ge(fd, 0);
	options->record = path;
	options->quiet = true;
	ck_assert_int_eq(iommufd_model_explore_observed(test, options, NULL),
			 rc);
	text = content(path, &len);
	close(fd);
	unlink(path);
	read = *text ? render_read(path, text, len) : NULL;
	ck_assert(read || !*text);
	free(text);
	return read ? page_of(read) : NULL;
}

START_TEST(the_order_that_breaks_is_drawn)
{
	struct iommufd_model_explore_options options = { .mode = 0 };
	char *page;

	iommufd_model_observe_stop();
	page = drawn(&wrong, &options, 1);
	ck_assert_ptr_nonnull(page);
	ck_assert_ptr_nonnull(strstr(page, "\"kind\":\"failure\""));
	ck_assert_ptr_nonnull(strstr(page, "\"threads\":[\"main\","));
	ck_assert_ptr_nonnull(strstr(page, "\"putter\""));
	ck_assert_ptr_nonnull(strstr(page, "\"next\":\"refcount_read"));
	free(page);
}
END_TEST

START_TEST(in_a_directory_each_test_has_its_own_record)
{
	char dir[] = "record-XXXXXX", path[64], command[160], *text;
	struct iommufd_model_explore_options options = {
		.record = dir, .quiet = true, .title = "a title",
	};
	struct iommufd_model_explore_result result;
	size_t len;

	iommufd_model_observe_stop();
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(iommufd_model_explore_observed(&wrong, &options,
							&result), 1);
	snprintf(path, sizeof(path), "%s/wrong-box.record", dir);
	text = content(path, &len);
	ck_assert_ptr_nonnull(strstr(text, "\"title\":\"a title\""));
	snprintf(command, sizeof(command),
		 "To see it as a page:\n  iommufd-model page %s\n", path);
	ck_assert_ptr_nonnull(strstr(result.report, command));
	free(text);
	iommufd_model_explore_free(&result);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/*
 * Returns the contents of the file @path in a static buffer, and removes the
 * file.
 */
static const char *taken(const char *path)
{
	static char text[64];
	FILE *from = fopen(path, "r");

	ck_assert_ptr_nonnull(from);
	text[fread(text, 1, sizeof(text) - 1, from)] = 0;
	fclose(from);
	ck_assert_int_eq(unlink(path), 0);
	return text;
}

static void put(const char *path, const char *text)
{
	FILE *to = fopen(path, "w");

	ck_assert_ptr_nonnull(to);
	fputs(text, to);
	ck_assert_int_eq(fclose(to), 0);
}

START_TEST(a_file_without_our_mark_is_not_replaced)
{
	char path[] = "foreign-XXXXXX";
	struct iommufd_model_explore_options options = {
		.record = path, .quiet = true,
	};
	struct iommufd_model_explore_result result;
	int fd = mkstemp(path);

	iommufd_model_observe_stop();
	ck_assert_int_eq(close(fd), 0);
	put(path, "mine");
	ck_assert_int_eq(iommufd_model_record_save(record, path), -EEXIST);
	/* The exploration returns its verdict although the record is lost. */
	ck_assert_int_eq(iommufd_model_explore_observed(&wrong, &options,
							&result), 1);
	ck_assert(result.record_lost);
	iommufd_model_explore_free(&result);
	ck_assert_str_eq(taken(path), "mine");

	put(path, "mine");
	setenv("IOMMUFD_MODEL_OVERWRITE", "1", 1);
	ck_assert_int_eq(iommufd_model_explore_observed(&wrong, &options, NULL),
			 1);
	unsetenv("IOMMUFD_MODEL_OVERWRITE");
	ck_assert_int_eq(iommufd_model_record_save(record, path), 0);
	ck_assert_ptr_nonnull(strstr(taken(path), "iommufd-model"));
}
END_TEST

START_TEST(a_file_that_cannot_be_written_changes_nothing_else)
{
	struct iommufd_model_explore_options options = {
		.record = "/no/such/file", .quiet = true,
	};
	struct iommufd_model_explore_result result;

	iommufd_model_observe_stop();
	ck_assert_int_eq(iommufd_model_explore_observed(&wrong, &options,
							&result), 1);
	ck_assert_ptr_null(strstr(result.report, "To see it"));
	ck_assert_ptr_nonnull(result.record);
	iommufd_model_explore_free(&result);
}
END_TEST

START_TEST(the_result_has_the_record_also_without_the_observer)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result result;
	char *page;

	iommufd_model_observe_stop();
	ck_assert_int_eq(iommufd_model_explore(&wrong, &options, &result), 1);
	page = page_of(result.record);
	result.record = NULL;
	ck_assert_ptr_nonnull(strstr(page, "\"kind\":\"failure\""));
	ck_assert_ptr_nonnull(strstr(page, "dec_and_test mine-\\u003er 2 -"));
	free(page);
	iommufd_model_explore_free(&result);
}
END_TEST

START_TEST(what_does_not_break_is_drawn_only_when_it_is_replayed)
{
	struct iommufd_model_explore_options options = { .mode = 0 };
	char *page;

	iommufd_model_observe_stop();
	ck_assert_ptr_null(drawn(&right, &options, 0));
	options.mode = IOMMUFD_MODEL_REPLAY;
	options.schedule = "b1a";
	page = drawn(&right, &options, 0);
	ck_assert_ptr_nonnull(page);
	ck_assert_ptr_nonnull(strstr(page, "\"kind\":\"replay\""));
	/* The thread that ran first has done its operation and could go on. */
	ck_assert_int_eq(times(page, "\"p\":1,\"x\""), 1);
	free(page);
}
END_TEST

static struct ends {
	struct mutex a, b;
	struct rw_semaphore sem;
} *ends;

static void make_ends(void *data)
{
	(void)data;
	ends = kzalloc(sizeof(*ends), GFP_KERNEL);
	mutex_init(&ends->a);
	mutex_init(&ends->b);
	init_rwsem(&ends->sem);
}

static void free_ends(void *data)
{
	(void)data;
	kfree(ends);
}

static void a_then_b(void *data)
{
	(void)data;
	mutex_lock(&ends->a);
	mutex_lock(&ends->b);
	mutex_unlock(&ends->b);
	mutex_unlock(&ends->a);
}

static void b_then_a(void *data)
{
	(void)data;
	mutex_lock(&ends->b);
	mutex_lock(&ends->a);
	mutex_unlock(&ends->a);
	mutex_unlock(&ends->b);
}

static void do_nothing(void *data)
{
	(void)data;
}

static void spin(void *data)
{
	(void)data;
	mutex_lock(&ends->a);
	for (;;)
		__asm__ volatile("");
}

static void read_a(void *data)
{
	(void)data;
	down_read(&ends->sem);
	mutex_lock(&ends->a);
	mutex_unlock(&ends->a);
	up_read(&ends->sem);
}

static void fail_reading(void *data)
{
	(void)data;
	down_read(&ends->sem);
	mutex_lock(&ends->b);
	iommufd_model_assert(0);
}

static void take_b(void *data)
{
	(void)data;
	mutex_lock(&ends->b);
	mutex_unlock(&ends->b);
}

static void b_is_free(void *data)
{
	(void)data;
	iommufd_model_assert(!READ_ONCE(ends->b.owner));
}

static const char *states(const char *page)
{
	return strstr(page, "\"states\":");
}

START_TEST(a_page_has_the_state_of_each_thread)
{
	struct iommufd_model_explore_options options = {
		.ignore = 1u << IOMMUFD_MODEL_FAIL_LOCK_ORDER, .hang = 1,
	};
	const struct iommufd_model_test deadlock = {
		.name = "deadlock", .setup = make_ends, .after = free_ends,
		.threads = { { "ab", a_then_b }, { "ba", b_then_a },
			     { "idle", do_nothing } },
	};
	const struct iommufd_model_test hang = {
		.name = "hang", .setup = make_ends, .after = free_ends,
		.threads = { { "spinner", spin } },
	};
	const struct iommufd_model_test readers = {
		.name = "readers", .setup = make_ends, .after = free_ends,
		.threads = { { "bad", fail_reading }, { "good", read_a } },
	};
	const struct iommufd_model_test invariant = {
		.name = "invariant", .setup = make_ends, .after = free_ends,
		.invariant = b_is_free,
		.threads = { { "x", take_b }, { "y", take_b } },
	};
	int stacks;
	char *page;

	iommufd_model_observe_stop();
	for (stacks = 0; stacks < 2; stacks++) {
		options.own_stacks = stacks;
		page = drawn(&deadlock, &options, 1);
		ck_assert_ptr_nonnull(strstr(states(page),
			"waits for b, held by ba"));
		ck_assert_ptr_nonnull(strstr(states(page),
			"waits for a, held by ab"));
		ck_assert_ptr_nonnull(strstr(states(page), "\"ended\"]"));
		free(page);
	}
	options.own_stacks = false;
	page = drawn(&invariant, &options, 1);
	ck_assert_ptr_nonnull(strstr(page,
				     "\"threads\":[\"main\",\"x\",\"y\"]"));
	ck_assert_int_eq(times(page, "\"p\":1,\"x\""), 0);
	free(page);
	page = drawn(&hang, &options, 1);
	ck_assert_ptr_nonnull(strstr(states(page), "[\"\",\"failed\""));
	free(page);
	page = drawn(&readers, &options, 1);
	ck_assert_ptr_nonnull(strstr(states(page),
		"[\"\",\"failed\",\"next: down_read ends-\\u003esem\"]"));
	free(page);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("drawn");
	TCase *tcase = recorded_case(suite, "drawn");

	tcase_add_test(tcase, the_order_that_breaks_is_drawn);
	tcase_add_test(tcase, a_file_without_our_mark_is_not_replaced);
	tcase_add_test(tcase, in_a_directory_each_test_has_its_own_record);
	tcase_add_test(tcase,
		       a_file_that_cannot_be_written_changes_nothing_else);
	tcase_add_test(tcase,
		       the_result_has_the_record_also_without_the_observer);
	tcase_add_test(tcase,
		       what_does_not_break_is_drawn_only_when_it_is_replayed);
	tcase_add_test(tcase, a_page_has_the_state_of_each_thread);
	return run_suite(suite);
}
