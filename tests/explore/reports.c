// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What a report says of threads that are blocked, of what a test prints, and of
 * a test that does something else the second time; and where it goes.
 */
#define _GNU_SOURCE
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/notes.h>
#include <stdio.h>
#include <unistd.h>

static struct {
	struct rw_semaphore sem;
	struct mutex mutex;
	struct completion never;
	int x;
} s;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	init_rwsem(&s.sem);
	mutex_init(&s.mutex);
}

static void increment(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, READ_ONCE(s.x) + 1);
}

static struct iommufd_model_explore_result result;

static void explore_fails(const struct iommufd_model_test *test,
			  enum iommufd_model_failure failure, const char *told)
{
	struct iommufd_model_explore_options options = {
		.jobs = 1, .quiet = true,
	};

	iommufd_model_explore_free(&result);
	ck_assert_int_eq(iommufd_model_explore(test, &options, &result), 1);
	ck_assert_int_eq(result.failure, failure);
	ck_assert_msg(strstr(result.report, told), "no \"%s\" in %s", told,
		      result.report);
}

/* Locks that setup has taken are in no thread's list. */

static void setup_reads(void *data)
{
	setup(data);
	down_read(&s.sem);
}

static void setup_writes(void *data)
{
	setup(data);
	down_write(&s.sem);
}

static void reader(void *data)
{
	(void)data;
	down_read(&s.sem);
	up_read(&s.sem);
}

static void writer(void *data)
{
	(void)data;
	down_write(&s.sem);
	up_write(&s.sem);
}

START_TEST(a_writer_in_line_is_told)
{
	static const struct iommufd_model_test test = {
		.name = "writer in line", .setup = setup_reads,
		.threads = { { "reader", reader }, { "writer", writer } },
	};

	explore_fails(&test, IOMMUFD_MODEL_FAIL_DEADLOCK,
		      "before it in line is writer");
}
END_TEST

START_TEST(no_writer_is_told_if_there_is_none)
{
	static const struct iommufd_model_test test = {
		.name = "no writer", .setup = setup_writes,
		.threads = { { "reader", reader } },
	};

	explore_fails(&test, IOMMUFD_MODEL_FAIL_DEADLOCK,
		      "reader  waits for s.sem, in reader");
	ck_assert_ptr_null(strstr(result.report, "in line"));
}
END_TEST

/* A thread waits for the end of one that waits for its mutex. */

static void lock_mutex(void *data)
{
	(void)data;
	mutex_lock(&s.mutex);
	mutex_unlock(&s.mutex);
}

static void join_with_mutex(void *data)
{
	int child;

	(void)data;
	mutex_lock(&s.mutex);
	child = iommufd_model_spawn("child", lock_mutex, NULL);
	iommufd_model_join(child);
	mutex_unlock(&s.mutex);
}

START_TEST(a_join_in_a_deadlock_is_told)
{
	static const struct iommufd_model_test test = {
		.name = "join", .setup = setup,
		.threads = { { "parent", join_with_mutex } },
	};

	explore_fails(&test, IOMMUFD_MODEL_FAIL_DEADLOCK, "child waits for");
	ck_assert_msg(strstr(result.text, "parent waits for"), "%s",
		      result.text);
}
END_TEST

static void print_and_fail(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
	fprintf(stderr, "==12==ERROR: this was printed\n");
	fflush(stderr);
	iommufd_model_assert(!s.x);
}

/* What comes before the word is the number of a process. */
START_TEST(what_a_test_has_printed_is_in_the_report)
{
	static const struct iommufd_model_test test = {
		.name = "prints", .setup = setup,
		.threads = { { "a", print_and_fail } },
	};

	explore_fails(&test, IOMMUFD_MODEL_FAIL_ASSERTION,
		      "ERROR: this was printed");
	ck_assert_ptr_null(strstr(result.report, "==12=="));
}
END_TEST

static void one_more_the_second_time(void *data)
{
	static bool again;

	increment(data);
	if (again)
		WRITE_ONCE(s.x, 0);
	again = true;
}

static void nothing(void *data)
{
	(void)data;
}

START_TEST(a_first_execution_that_is_longer_again_is_told)
{
	static const struct iommufd_model_test test = {
		.name = "longer", .setup = setup,
		.threads = { { "a", nothing },
			     { "b", one_more_the_second_time } },
	};

	explore_fails(&test, IOMMUFD_MODEL_FAIL_NONDETERMINISM,
		      "the first execution ended after 2 steps, and now there "
		      "is one more");
}
END_TEST

static void setup_waits(void *data)
{
	setup(data);
	init_completion(&s.never);
	wait_for_completion(&s.never);
}

/* There is no way to go on. */
START_TEST(a_deadlock_in_setup_cannot_be_ignored)
{
	static const struct iommufd_model_test test = {
		.name = "waits", .setup = setup_waits,
		.threads = { { "a", increment } },
	};
	struct iommufd_model_explore_options options = {
		.jobs = 1, .quiet = true,
		.ignore = 1u << IOMMUFD_MODEL_FAIL_DEADLOCK,
	};

	iommufd_model_explore_free(&result);
	ck_assert_int_eq(iommufd_model_explore(&test, &options, &result), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_DEADLOCK);
}
END_TEST

START_TEST(a_report_is_written_where_the_options_say)
{
	static const struct iommufd_model_test test = {
		.name = "fails", .setup = setup,
		.threads = { { "a", print_and_fail } },
	};
	char *text = NULL;
	size_t size;
	struct iommufd_model_explore_options options = {
		.jobs = 1, .report = open_memstream(&text, &size),
	};

	iommufd_model_explore_free(&result);
	ck_assert_int_eq(iommufd_model_explore(&test, &options, &result), 1);
	fclose(options.report);
	ck_assert_str_eq(text, result.report);
	free(text);
}
END_TEST

/* Lines of a script that is in no file, as a thread's own note tells them. */
static void follow_lines(void *data)
{
	(void)data;
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, "the first step", 7);
	increment(data);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP_END, "", 0);
	iommufd_model_assert(READ_ONCE(s.x) != 1);
}

START_TEST(a_line_of_no_file_has_its_number)
{
	static const struct iommufd_model_test test = {
		.name = "lines", .setup = setup,
		.threads = { { "a", follow_lines }, { "b", nothing } },
	};

	explore_fails(&test, IOMMUFD_MODEL_FAIL_ASSERTION, "line 7: ");
}
END_TEST

static char memory[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static void pin(int n)
{
	struct page *pages[2];

	iommufd_model_assert(
		pin_user_pages_fast((unsigned long)memory, n, 0, pages) == n);
}

static void pin_one(void *data)
{
	(void)data;
	pin(1);
}

static void pin_two(void *data)
{
	(void)data;
	pin(2);
}

START_TEST(pages_that_stay_pinned_are_counted)
{
	struct iommufd_model_test test = {
		.name = "pins",
		.setup = setup,
		.threads = { { "a", _i ? pin_two : pin_one } },
	};

	explore_fails(&test, IOMMUFD_MODEL_FAIL_LEAK,
		      _i ? "2 pages are still pinned" :
			   "1 page is still pinned");
}
END_TEST

static void must_be_one(void *data)
{
	(void)data;
	iommufd_model_assert(READ_ONCE(s.x) == 1);
}

static const struct iommufd_model_test fails = {
	.name = "fails",
	.setup = setup,
	.threads = { { "a", must_be_one } },
};

/* What this program does with arguments: it prints how to run it again. */
static int print_command(void)
{
	struct iommufd_model_explore_options options = { .quiet = true };

	if (iommufd_model_explore(&fails, &options, &result) != 1)
		return 2;
	puts(result.command);
	return 0;
}

START_TEST(the_command_is_quoted_for_a_shell)
{
	char path[512], command[600], text[2000] = "";
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *schedule;
	FILE *from;

	ck_assert_int_gt(len, 0);
	path[len] = 0;
	snprintf(command, sizeof(command), "'%s' plain 'two words' '' 'a;b'",
		 path);
	from = popen(command, "r");
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), from));
	ck_assert_int_eq(pclose(from), 0);
	schedule = strstr(text, "IOMMUFD_MODEL_EXPLORE_REPLAY='fails:");
	ck_assert_ptr_eq(schedule, text);
	ck_assert_msg(strstr(text, " CK_FORK=no ") &&
			      strstr(text, " plain 'two words' '' 'a;b'\n"),
		      "%s", text);
}
END_TEST

/* So is the name of the file that the page is made of. */
START_TEST(the_file_of_a_record_is_quoted_for_a_shell)
{
	char folder[] = "/tmp/reports-XXXXXX", path[64], told[100];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/%s", folder,
		 _i ? "a record" : "record");
	snprintf(told, sizeof(told),
		 _i ? "iommufd-model page '%s'" : "iommufd-model page %s",
		 path);
	setenv("IOMMUFD_MODEL_EXPLORE_RECORD", path, 1);
	explore_fails(&fails, IOMMUFD_MODEL_FAIL_ASSERTION, told);
	unsetenv("IOMMUFD_MODEL_EXPLORE_RECORD");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("reports");
	TCase *tc = tcase_create("reports");

	tcase_add_test(tc, a_writer_in_line_is_told);
	tcase_add_test(tc, no_writer_is_told_if_there_is_none);
	tcase_add_test(tc, a_join_in_a_deadlock_is_told);
	tcase_add_test(tc, what_a_test_has_printed_is_in_the_report);
	tcase_add_test(tc, a_first_execution_that_is_longer_again_is_told);
	tcase_add_test(tc, a_deadlock_in_setup_cannot_be_ignored);
	tcase_add_test(tc, a_report_is_written_where_the_options_say);
	tcase_add_test(tc, a_line_of_no_file_has_its_number);
	tcase_add_loop_test(tc, pages_that_stay_pinned_are_counted, 0, 2);
	tcase_add_test(tc, the_command_is_quoted_for_a_shell);
	tcase_add_loop_test(tc, the_file_of_a_record_is_quoted_for_a_shell, 0,
			    2);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(int argc, char **argv)
{
	(void)argv;
	return argc > 1 ? print_command() : run_suite(suite());
}
