// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The system has no memory, process, thread or file to give for an exploration;
 * and the ends of processes that no test of the algorithm has.
 */
#define _GNU_SOURCE
#include "refused.h"
#include "suite.h"
#include "../../src/explore/exploration.h"
#include "../../src/kernel/poison.h"
#include "../../src/kernel/tsan.h"
#include <iommufd_model/kernel.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	int x, seen;
} s;

static void clear(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
}

static void increment(void *data)
{
	int x = READ_ONCE(s.x);

	(void)data;
	WRITE_ONCE(s.x, x + 1);
}

static void must_be_two(void *data)
{
	(void)data;
	iommufd_model_assert(s.x == 2);
}

static const struct iommufd_model_test good = {
	.name = "good", .setup = clear,
	.threads = { { "a", increment }, { "b", increment } },
	.memory = { { &s, sizeof(s) } },
};

static const struct iommufd_model_test bad = {
	.name = "bad", .setup = clear, .after = must_be_two,
	.threads = { { "a", increment }, { "b", increment } },
};

static struct iommufd_model_explore_result result;

static bool refused;

/*
 * The @nth of these calls fails, but none of libcheck.  An exploration waits for
 * all processes that it has started.
 */
static int explore(enum refusable call, int nth,
		   const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options options)
{
	int rc;

	iommufd_model_explore_free(&result);
	options.quiet = !options.report;
	refuse(call, nth);
	rc = iommufd_model_explore(test, &options, &result);
	refused = nr_refused(call);
	refuse(call, 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	return rc;
}

#define explore_refused(call, nth, test, ...) \
	explore(call, nth, test, \
		(struct iommufd_model_explore_options){ __VA_ARGS__ })
#define explore_with(test, ...) explore_refused(0, 0, test, __VA_ARGS__)

static const struct {
	enum refusable call;
	int nth;
	unsigned int jobs;
	int error;
} for_a_process[] = {
	{ CALL_PIPE, 1, 1, -EAGAIN },
	{ CALL_FORK, 1, 1, -EAGAIN },
	{ CALL_FORK, 1, 2, -EAGAIN },
	{ CALL_FORK, 2, 2, -EAGAIN },
	{ CALL_FTRUNCATE, 1, 1, -ENOMEM },
};

START_TEST(no_process_is_an_error)
{
	ck_assert_int_eq(explore_refused(for_a_process[_i].call,
					 for_a_process[_i].nth, &good,
					 .jobs = for_a_process[_i].jobs),
			 for_a_process[_i].error);
	ck_assert_int_eq(explore_with(&good, .jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}
END_TEST

/*
 * Each mapping fails once, in this process or in its child.  Some are only for
 * the states, without which the exploration is complete as well.
 */
START_TEST(no_memory_is_an_error_or_costs_the_states)
{
	int n, nr_errors = 0, rc;

	for (n = 1; n < 30; n++) {
		rc = explore_refused(CALL_MMAP, n, &good,
				     .jobs = _i ? 2 : 1);
		if (!rc)
			ck_assert_int_eq(result.verdict,
					 IOMMUFD_MODEL_COMPLETE);
		else if (_i)
			ck_assert(rc == -ENOMEM || rc == -EAGAIN);
		else
			ck_assert_int_eq(rc, -ENOMEM);
		nr_errors += !!rc;
	}
	ck_assert_int_ge(nr_errors, 4);
	ck_assert_int_eq(rc, 0);
}
END_TEST

START_TEST(no_memory_in_the_own_process_is_an_error)
{
	int n, nr_errors = 0, rc;

	for (n = 1; n < 30; n++) {
		rc = explore_refused(CALL_MMAP, n, &good, .jobs = 1,
				     .in_process = true);
		ck_assert(rc == 0 || rc == -ENOMEM);
		nr_errors += !!rc;
	}
	ck_assert_int_ge(nr_errors, 4);
	ck_assert_int_eq(rc, 0);
}
END_TEST

/*
 * A file of states that cannot be made, or not be used, is an error.  It is left
 * empty or complete: the next process makes it, or uses it.
 */
static const struct {
	enum refusable call;
	bool there;
} for_a_file[] = {
	{ CALL_FLOCK, true },
	{ CALL_FLOCK, false },
	{ CALL_POSIX_FALLOCATE, false },
	{ CALL_PWRITE, false },
	{ CALL_MMAP, false },
	{ CALL_MMAP, true },
};

START_TEST(without_its_file_of_states_an_exploration_is_an_error)
{
	bool there = for_a_file[_i].there;
	enum refusable call = for_a_file[_i].call;
	char file[] = "/tmp/refused-XXXXXX";
	int n, rc, nr_errors = 0;

	if (!explore_memory_start())
		return;
	close(mkstemp(file));
	for (n = 1;; n++) {
		ck_assert_int_eq(truncate(file, 0), 0);
		if (there)
			ck_assert_int_eq(explore_with(&good, .jobs = 1,
						      .states_file = file),
					 0);
		rc = explore_refused(call, n, &good, .jobs = 1,
				     .states_file = file);
		if (!refused && !rc)
			break;
		ck_assert_int_lt(n, 100);
		nr_errors += rc == -EINVAL;
		ck_assert_int_eq(
			explore_with(&good, .jobs = 1, .states_file = file), 0);
		ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	}
	ck_assert_int_eq(nr_errors, 1);
	unlink(file);
}
END_TEST

START_TEST(a_file_of_states_that_cannot_be_emptied_is_left)
{
	char file[] = "/tmp/refused-XXXXXX";
	struct stat st;
	char *text;
	size_t size;
	FILE *report;
	int fd;

	if (!explore_memory_start())
		return;
	report = open_memstream(&text, &size);
	fd = mkstemp(file);
	refuse(CALL_PWRITE, 1);
	ck_assert_int_eq(explore_refused(CALL_FTRUNCATE, 1, &good, .jobs = 1,
					 .report = report, .states_file = file),
			 -EINVAL);
	refuse(CALL_PWRITE, 0);
	fclose(report);
	ck_assert_msg(strstr(text, "cannot be emptied"), "%s", text);
	free(text);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_gt(st.st_size, 0);
	/* Without its first bytes it is none of the explorer's files. */
	ck_assert_int_eq(explore_with(&good, .jobs = 1, .states_file = file),
			 -EINVAL);
	close(fd);
	unlink(file);
}
END_TEST

/*
 * What is made of a failure fails, also in the own process, whose record is a
 * mapping as well.  A call that was refused in a child is not counted here, and
 * comes behind those of this process.
 */
static const enum refusable for_a_report[] = {
	CALL_MALLOC, CALL_CALLOC, CALL_STRDUP, CALL_OPEN_MEMSTREAM, CALL_MMAP,
};

START_TEST(a_failure_without_memory_is_an_error_or_has_a_gap)
{
	int n, rc;

	for (n = 1;; n++) {
		rc = explore_refused(for_a_report[_i / 2], n, &bad, .jobs = 1,
				     .in_process = _i % 2);
		if (!refused && rc == 1)
			break;
		ck_assert(rc == 1 || rc == -ENOMEM);
		ck_assert_int_lt(n, 100);
	}
	ck_assert_int_gt(n, 1);
}
END_TEST

/* With threads of the system, as a replay has them. */
START_TEST(a_replay_without_a_thread_is_an_error)
{
	char *schedule;

	ck_assert_int_eq(explore_with(&bad, .jobs = 1), 1);
	schedule = strdup(result.schedule);
	ck_assert_int_eq(explore_refused(CALL_PTHREAD_CREATE, _i, &bad,
					 .mode = IOMMUFD_MODEL_REPLAY,
					 .schedule = schedule), -ENOMEM);
	ck_assert_int_eq(explore_with(&bad, .mode = IOMMUFD_MODEL_REPLAY,
				      .schedule = schedule), 1);
	ck_assert_int_eq(explore_refused(CALL_MMAP, 4, &bad,
					 .mode = IOMMUFD_MODEL_REPLAY,
					 .schedule = schedule), -ENOMEM);
	free(schedule);
	/* The report of a failure that was found needs a replay as well. */
	ck_assert_int_eq(explore_refused(CALL_PTHREAD_CREATE, _i, &bad,
					 .jobs = 1), -ENOMEM);
}
END_TEST

/* The tests below are about the ends of processes. */

/* A signal that is asked for, and no operation at which the thread could end. */
static void interrupt_and_hang(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
	kill(getppid(), SIGINT);
	for (;;)
		pause();
}

START_TEST(a_child_that_does_not_stop_is_killed)
{
	static const struct iommufd_model_test test = {
		.name = "hangs", .setup = clear,
		.threads = { { "a", interrupt_and_hang }, { "b", increment } },
	};

	/* libcheck has a handler, and an exploration leaves it that. */
	signal(SIGINT, SIG_DFL);
	ck_assert_int_eq(explore_with(&test, .jobs = 1, .returns = true), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_STOPPED);
	ck_assert_int_eq(result.signal, SIGINT);
}
END_TEST

static int ends[2];

/* The parent is gone, and the child does not get the signal for that. */
static void kill_parent(void *data)
{
	static bool killed;

	(void)data;
	close(ends[0]);
	if (!killed) {
		prctl(PR_SET_PDEATHSIG, 0);
		kill(getppid(), SIGKILL);
	}
	killed = true;
	clear(NULL);
}

static void increment_often(void *data)
{
	int i;

	for (i = 0; i < 8; i++)
		increment(data);
}

/* Each of these processes has the end of the pipe until it ends. */
START_TEST(a_child_ends_when_its_parent_has_gone)
{
	static const struct iommufd_model_test test = {
		.name = "orphan", .setup = kill_parent,
		.threads = { { "a", increment_often },
			     { "b", increment_often } },
	};
	int status;
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		explore_with(&test, .jobs = 1);
		_exit(0);
	}
	close(ends[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(read(ends[0], &c, 1), 0);
}
END_TEST

START_TEST(a_child_whose_parent_has_gone_before_it_began_ends)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		explore_child_begins(getpid(), false);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

static int signal_to_raise;

static void raise_signal(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
	raise(signal_to_raise);
}

/* A sanitizer has a report of its own for some of these. */
START_TEST(a_fault_is_a_crash_with_the_name_of_its_signal)
{
	static const struct {
		int sig;
		const char *name;
	} signals[] = {
		{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" },
		{ SIGABRT, "SIGABRT" }, { SIGFPE, "SIGFPE" },
		{ SIGILL, "SIGILL" },
	};
	static const struct iommufd_model_test test = {
		.name = "raises", .setup = clear,
		.threads = { { "a", raise_signal }, { "b", increment } },
	};

	signal_to_raise = signals[_i].sig;
	ck_assert_int_eq(explore_with(&test, .jobs = 1), 1);
#ifndef WITH_ASAN
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_CRASH);
	ck_assert_msg(strstr(result.text, signals[_i].name), "%s", result.text);
#endif
}
END_TEST

static Suite *refused_suite(void)
{
	Suite *suite = suite_create("refused");
	TCase *tc = tcase_create("system");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, no_process_is_an_error, 0,
			    ARRAY_SIZE(for_a_process));
	tcase_add_loop_test(tc, no_memory_is_an_error_or_costs_the_states, 0,
			    2);
	tcase_add_test(tc, no_memory_in_the_own_process_is_an_error);
	tcase_add_loop_test(
		tc, without_its_file_of_states_an_exploration_is_an_error, 0,
		ARRAY_SIZE(for_a_file));
	tcase_add_test(tc, a_file_of_states_that_cannot_be_emptied_is_left);
	tcase_add_loop_test(tc,
			    a_failure_without_memory_is_an_error_or_has_a_gap,
			    0, 2 * ARRAY_SIZE(for_a_report));
	tcase_add_loop_test(tc, a_replay_without_a_thread_is_an_error, 1, 3);

	tc = tcase_create("ends");
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, a_child_that_does_not_stop_is_killed);
	tcase_add_test(tc, a_child_ends_when_its_parent_has_gone);
	tcase_add_test(tc, a_child_whose_parent_has_gone_before_it_began_ends);
	tcase_add_loop_test(tc, a_fault_is_a_crash_with_the_name_of_its_signal,
			    0, 5);
	return suite;
}

int main(void)
{
	return run_suite(refused_suite());
}
