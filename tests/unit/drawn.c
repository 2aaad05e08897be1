// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Explored failures as pages: which one is drawn, where, and what it says of
 * where each thread stands.
 */
#include "recording_suite.h"
#include <iommufd_model/explore.h>
#include <stdlib.h>
#include <unistd.h>

/* Explored failures */

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

/* Reads what it has given away. */
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

/* Explore @test, drawn to a file; its text, NULL if none was written. */
static char *drawn(const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options *options, int rc)
{
	static char path[] = "recording-XXXXXX", *text;
	int fd = mkstemp(path);
	long len;
	FILE *from;

	ck_assert_int_ge(fd, 0);
	options->html = path;
	options->quiet = true;
	ck_assert_int_eq(iommufd_model_explore_observed(test, options, NULL),
			 rc);
	close(fd);
	/* By its name: the page has taken the place of the empty file. */
	from = fopen(path, "r");
	ck_assert_ptr_nonnull(from);
	fseek(from, 0, SEEK_END);
	len = ftell(from);
	rewind(from);
	text = calloc(1, (size_t)len + 1);
	ck_assert_int_eq(fread(text, 1, (size_t)len, from), len);
	fclose(from);
	unlink(path);
	strcpy(path, "recording-XXXXXX");
	if (*text)
		return text;
	free(text);
	return NULL;
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

START_TEST(in_a_directory_each_test_has_its_own_page)
{
	char dir[] = "recording-XXXXXX", path[64];
	struct iommufd_model_explore_options options = {
		.html = dir, .trace = dir, .quiet = true, .title = "a title",
	};

	iommufd_model_observe_stop();
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(iommufd_model_explore_observed(&wrong, &options, NULL),
			 1);
	snprintf(path, sizeof(path), "%s/wrong-box.html", dir);
	ck_assert_int_eq(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/wrong-box.json", dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* What stands in the file @path, which is removed; static. */
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

START_TEST(a_file_of_somebody_else_stays)
{
	char path[] = "foreign-XXXXXX";
	struct iommufd_model_explore_options options = {
		.html = path, .quiet = true,
	};
	int fd = mkstemp(path);

	iommufd_model_observe_stop();
	ck_assert_int_eq(close(fd), 0);
	put(path, "mine");
	ck_assert_int_eq(iommufd_model_film_save(recording,
						 IOMMUFD_MODEL_FILM_HTML, NULL,
						 path), -EEXIST);
	/* The verdict is there all the same. */
	ck_assert_int_eq(iommufd_model_explore_observed(&wrong, &options, NULL),
			 1);
	ck_assert_str_eq(taken(path), "mine");

	put(path, "mine");
	setenv("IOMMUFD_MODEL_OVERWRITE", "1", 1);
	ck_assert_int_eq(iommufd_model_explore_observed(&wrong, &options, NULL),
			 1);
	unsetenv("IOMMUFD_MODEL_OVERWRITE");
	ck_assert_int_eq(iommufd_model_film_save(recording,
						 IOMMUFD_MODEL_FILM_TEXT, NULL,
						 path), 0);
	ck_assert_ptr_nonnull(strstr(taken(path), "iommufd-model"));
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
	/* Each has one operation, behind which it has ended. */
	ck_assert_int_eq(times(page, "\"p\":1,\"x\""), 0);
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

START_TEST(a_page_says_where_threads_stand)
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
	ck_assert_ptr_nonnull(strstr(states(page), "[\"\",\"between two op"));
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
	tcase_add_test(tcase, a_file_of_somebody_else_stays);
	tcase_add_test(tcase, in_a_directory_each_test_has_its_own_page);
	tcase_add_test(tcase,
		       what_does_not_break_is_drawn_only_when_it_is_replayed);
	tcase_add_test(tcase, a_page_says_where_threads_stand);
	return run_suite(suite);
}
