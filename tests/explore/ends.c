// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What an exploration has room for, and ends that no other test has: a second
 * signal, a first execution that differs when it is done again, a crash in the
 * program's own process.
 */
#define _GNU_SOURCE
#include "suite.h"
#include "../../src/kernel/poison.h"
#include <iommufd_model/kernel.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int x;

static void clear(void *data)
{
	(void)data;
	x = 0;
}

static void increment(void *data)
{
	(void)data;
	WRITE_ONCE(x, READ_ONCE(x) + 1);
}

static struct iommufd_model_explore_result result;

static int explore(const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options options)
{
	int rc;

	iommufd_model_explore_free(&result);
	options.quiet = true;
	rc = iommufd_model_explore(test, &options, &result);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	return rc;
}

#define explore_with(test, ...) \
	explore(test, (struct iommufd_model_explore_options){ __VA_ARGS__ })

/* The first signal asks for an end, and there is none. */
static void interrupt_twice(void *data)
{
	(void)data;
	WRITE_ONCE(x, 1);
	kill(getppid(), SIGINT);
	usleep(1100000);
	kill(getppid(), SIGINT);
	for (;;)
		pause();
}

START_TEST(a_second_signal_after_a_while_ends_the_program)
{
	static const struct iommufd_model_test test = {
		.name = "interrupts", .setup = clear,
		.threads = { { "a", interrupt_twice }, { "b", increment } },
	};
	int status;
	pid_t pid;

	/* libcheck has a handler, and an exploration leaves it that. */
	signal(SIGINT, SIG_DFL);
	pid = fork();
	if (!pid) {
		explore_with(&test, .jobs = 1, .returns = true);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGINT);
}
END_TEST

/* Executions without end, of which the first one asks for it. */
static void interrupt_once(void *data)
{
	static bool done;
	int i;

	if (!done)
		kill(getppid(), SIGINT);
	done = true;
	for (i = 0; i < 30; i++)
		increment(data);
}

/* What was done is printed before, unless that is not wanted. */
START_TEST(a_signal_ends_the_program_after_the_exploration)
{
	static const struct iommufd_model_test test = {
		.name = "interrupted", .setup = clear,
		.threads = { { "a", interrupt_once }, { "b", interrupt_once } },
	};
	struct iommufd_model_explore_options options = {
		.jobs = 1, .quiet = _i == 1, .report = tmpfile(),
	};
	char text[200];
	size_t n;
	int status;
	pid_t pid;

	signal(SIGINT, SIG_DFL);
	pid = fork();
	if (!pid) {
		iommufd_model_explore(&test, &options, NULL);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGINT);
	rewind(options.report);
	n = fread(text, 1, sizeof(text) - 1, options.report);
	text[n] = 0;
	fclose(options.report);
	if (options.quiet)
		ck_assert_str_eq(text, "");
	else
		ck_assert_msg(strstr(text, "interrupted: stopped at SIGINT, "),
			      "%s", text);
}
END_TEST

static void one_more_the_first_time(void *data)
{
	static bool again;

	increment(data);
	if (!again)
		WRITE_ONCE(x, 0);
	again = true;
}

START_TEST(a_first_execution_that_is_shorter_again_is_told)
{
	static const struct iommufd_model_test test = {
		.name = "shorter", .setup = clear,
		.threads = { { "a", one_more_the_first_time } },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_NONDETERMINISM);
	ck_assert_msg(strstr(result.report, "the first execution had 3 steps, "
			     "and the same schedule once more ended after 2"),
		      "%s", result.report);
}
END_TEST

/* With AddressSanitizer its report is the end of the program. */
#ifndef WITH_ASAN
static void follow_null(void *data)
{
	int *volatile none = NULL;

	increment(data);
	*(volatile int *)none = 1;
}

START_TEST(a_crash_in_the_own_process_is_a_failure)
{
	static const struct iommufd_model_test test = {
		.name = "crashes", .setup = clear,
		.threads = { { "a", follow_null }, { "b", increment } },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1, .in_process = true),
			 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_CRASH);
	ck_assert_msg(strstr(result.text, "NULL pointer"), "%s", result.text);
}
END_TEST
#endif

/*
 * The stack of a thread ends.  A replay on a thread of the system has more room, so
 * there the failure was once taken for a test that is not deterministic.
 */
#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(__ILP32__) && \
	!defined(WITH_ASAN) && !defined(WITH_TSAN)
#define STACKS_END 1

static noinline int go_deep(int n)
{
	volatile char local[1000];

	local[n] = 1;
	return n ? go_deep(n - 1) + local[n] : READ_ONCE(x);
}

static void use_the_stack_up(void *data)
{
	increment(data);
	x = go_deep(400);
}

/* One variable that is larger than a page. */
static void use_it_up_at_once(void *data)
{
	char local[300 << 10], *p = local;

	/* All of it is there, also where a compiler sees that it is not needed. */
	__asm__("" : "+r"(p) : : "memory");
	increment(data);
	*p = 1;
	__asm__ volatile("" : : "r"(p) : "memory");
}

START_TEST(a_stack_that_is_used_up_is_told)
{
	const struct iommufd_model_test test = {
		.name = "deep", .setup = clear,
		.threads = { { "a", _i ? use_it_up_at_once : use_the_stack_up },
			     { "b", increment } },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_CRASH);
	ck_assert_msg(strstr(result.text, "256 kB, is used up"), "%s",
		      result.text);
	ck_assert_msg(strstr(result.command, "OWN_STACKS=1"), "%s",
		      result.command);
}
END_TEST
#endif

static void spawn_too_many(void *data)
{
	int i, number;

	(void)data;
	for (i = 1; i < IOMMUFD_MODEL_MAX_THREADS; i++) {
		number = iommufd_model_spawn("child", clear, NULL);
		iommufd_model_assert(number == i);
		iommufd_model_join(number);
	}
	iommufd_model_assert(iommufd_model_spawn("child", clear, NULL) ==
			     -EAGAIN);
}

START_TEST(a_thread_too_many_is_not_spawned)
{
	static const struct iommufd_model_test test = {
		.name = "spawns", .threads = { { "a", spawn_too_many } },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}
END_TEST

static void allocate_too_much(void *data)
{
	(void)data;
	iommufd_model_assert(!kmalloc(100u << 20, GFP_KERNEL));
}

START_TEST(memory_of_an_execution_has_an_end)
{
	static const struct iommufd_model_test test = {
		.name = "allocates", .threads = { { "a", allocate_too_much } },
	};

	ck_assert_msg(!explore_with(&test, .jobs = 1), "%s", result.report);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}
END_TEST

START_TEST(a_schedule_of_too_many_steps_is_refused)
{
	static const struct iommufd_model_test test = {
		.name = "long", .setup = clear,
		.threads = { { "a", increment }, { "b", increment } },
	};

	ck_assert_int_eq(explore_with(&test, .mode = IOMMUFD_MODEL_REPLAY,
				      .schedule = "a32000b"), -EINVAL);
}
END_TEST

/* Thread a has ended after two steps; there is no thread c. */
START_TEST(a_schedule_that_wants_another_thread_is_refused)
{
	static const struct iommufd_model_test test = {
		.name = "short", .setup = clear,
		.threads = { { "a", increment }, { "b", increment } },
	};

	ck_assert_int_eq(explore_with(&test, .mode = IOMMUFD_MODEL_REPLAY,
				      .schedule = _i ? "c" : "aaaa"),
			 -EINVAL);
}
END_TEST

START_TEST(a_schedule_says_how_it_was_found)
{
	static const struct iommufd_model_test test = {
		.name = "long", .setup = clear,
		.threads = { { "a", increment }, { "b", increment } },
	};

	ck_assert_int_eq(explore_with(&test, .mode = IOMMUFD_MODEL_REPLAY,
				      .schedule = "-+fail7+plain"), 0);
	ck_assert_uint_eq(result.options.fail_nth, 7);
	ck_assert(result.options.plain);
}
END_TEST

static int many[8000];

static void write_many(void *data)
{
	size_t i;

	(void)data;
	for (i = 0; i < ARRAY_SIZE(many); i++)
		WRITE_ONCE(many[i], 1);
}

START_TEST(variables_of_an_execution_have_an_end)
{
	static const struct iommufd_model_test test = {
		.name = "variables", .setup = clear,
		.threads = { { "a", write_many }, { "b", increment } },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_STEP_LIMIT);
	ck_assert_msg(strstr(result.text, "variables in one execution"), "%s",
		      result.text);
}
END_TEST

/*
 * A handler uses as many variables as there is room for and waits, while others
 * are about to use two more in one allocation, and one is about to free it.
 * None of these steps is done, so none of them needs room.
 */

struct two {
	refcount_t a, b;
};
static struct two *waited_for;
static refcount_t never;

static void fill_and_wait(void *data)
{
	size_t i;

	(void)data;
	for (i = 0; i < 6144; i++)
		WRITE_ONCE(many[i], 1);
	iommufd_model_wait_zero(&never);
}

static void wait_for_a(void *data)
{
	(void)data;
	iommufd_model_wait_zero(&waited_for->a);
}

static void wait_for_b(void *data)
{
	(void)data;
	iommufd_model_wait_zero(&waited_for->b);
}

static void free_waited_for(void *data)
{
	(void)data;
	kfree(waited_for);
}

static void setup_waited_for(void *data)
{
	clear(data);
	waited_for = kzalloc(sizeof(*waited_for), GFP_KERNEL);
	refcount_set(&waited_for->a, 1);
	refcount_set(&waited_for->b, 1);
	refcount_set(&never, 1);
}

START_TEST(only_steps_that_are_done_need_room_for_variables)
{
	static const struct iommufd_model_test test = {
		.name = "full",
		.setup = setup_waited_for,
		.threads = { { "handler", fill_and_wait },
			     { "a", wait_for_a },
			     { "b", wait_for_b },
			     { "c", free_waited_for } },
		.interrupts = { [0] = IOMMUFD_MODEL_INTERRUPTS(3) },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1, .hang = 5), 1);
	ck_assert_msg(result.failure == IOMMUFD_MODEL_FAIL_LOST_WAKEUP,
		      "%s: %s", iommufd_model_failure_name(result.failure),
		      result.text);
}
END_TEST

/* Uses of another thread's stack, of which there may be one for each step. */

static int *lent;
static spinlock_t spin;

static void lend(void *data)
{
	int own[80] = { 0 };

	(void)data;
	WRITE_ONCE(lent, own);
	spin_lock(&spin);
	spin_unlock(&spin);
	WRITE_ONCE(lent, NULL);
}

static void use_lent(void *data)
{
	int *p = READ_ONCE(lent), i;

	(void)data;
	for (i = 0; p && i < 80; i++)
		WRITE_ONCE(p[i], 1);
}

static void clear_lent(void *data)
{
	clear(data);
	lent = NULL;
	spin_lock_init(&spin);
}

START_TEST(uses_of_a_stack_that_is_gone_are_found_among_many)
{
	static const struct iommufd_model_test test = {
		.name = "lends", .setup = clear_lent,
		.threads = { { "a", lend }, { "b", use_lent } },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
	ck_assert_msg(strstr(result.text, "on the stack of a"), "%s",
		      result.text);
}
END_TEST

/*
 * Only the last of many uses is of a function that may have returned: the others
 * are of one that waits for the thread that uses its variables.
 */

static int *inner;

static noinline void lend_inner(void)
{
	int own[100] = { 0 };

	WRITE_ONCE(inner, own);
	WRITE_ONCE(inner, NULL);
}

static void use_all(void *data)
{
	int *outer = data, *p, i;

	for (i = 0; i < 100; i++)
		WRITE_ONCE(outer[i], 1);
	p = READ_ONCE(inner);
	if (p)
		WRITE_ONCE(*p, 1);
}

static void lend_all(void *data)
{
	int own[100] = { 0 }, user;

	(void)data;
	user = iommufd_model_spawn("b", use_all, own);
	lend_inner();
	iommufd_model_join(user);
}

static void clear_inner(void *data)
{
	clear(data);
	inner = NULL;
}

START_TEST(the_last_of_many_uses_of_a_stack_is_reversed)
{
	static const struct iommufd_model_test test = {
		.name = "lends all",
		.setup = clear_inner,
		.threads = { { "a", lend_all } },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
	ck_assert_msg(strstr(result.text, "on the stack of a"), "%s",
		      result.text);
}
END_TEST

/*
 * A thread that ends in more places than are learnt.  After the last one it uses
 * what another thread has freed.
 */

struct link {
	int *to;
};
static struct link *link_to_x;

#define PLACE(n)                          \
	do {                              \
		if (place == (n))         \
			WRITE_ONCE(x, n); \
	} while (0)
#define PLACES_5(n)   \
	PLACE(n);     \
	PLACE(n + 1); \
	PLACE(n + 2); \
	PLACE(n + 3); \
	PLACE(n + 4)
#define PLACES_20(n)      \
	PLACES_5(n);      \
	PLACES_5(n + 5);  \
	PLACES_5(n + 10); \
	PLACES_5(n + 15)

static void end_in_many_places(void *data)
{
	int place = (int)iommufd_model_choose(80, "the place");

	(void)data;
	PLACES_20(0);
	PLACES_20(20);
	PLACES_20(40);
	PLACES_20(60);
	if (place == 79)
		(void)*(volatile int *)link_to_x->to;
}

static void free_link(void *data)
{
	(void)data;
	kfree(link_to_x);
}

static void setup_link(void *data)
{
	clear(data);
	link_to_x = kzalloc(sizeof(*link_to_x), GFP_KERNEL);
	link_to_x->to = &x;
}

START_TEST(what_follows_the_last_operation_is_known_in_many_places)
{
	static const struct iommufd_model_test test = {
		.name = "places",
		.setup = setup_link,
		.threads = { { "a", end_in_many_places }, { "b", free_link } },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1), 1);
	ck_assert_msg(strstr(result.report, "end_in_many_places"), "%s",
		      result.report);
}
END_TEST

/* The record of the replay has no room for the steps of the threads. */
static void fill_record(void *data)
{
	int i;

	clear(data);
	for (i = 0; i < 300000; i++)
		WRITE_ONCE(x, 0);
}

static void must_not_be_one(void *data)
{
	increment(data);
	iommufd_model_assert(READ_ONCE(x) != 1);
}

START_TEST(a_failure_behind_a_full_record_is_told)
{
	static const struct iommufd_model_test test = {
		.name = "full record", .setup = fill_record,
		.threads = { { "a", must_not_be_one } },
	};

	ck_assert_int_eq(explore_with(&test, .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_ASSERTION);
	ck_assert_msg(strstr(result.report, "must_not_be_one"), "%s",
		      result.report);
}
END_TEST

static Suite *ends_suite(void)
{
	Suite *suite = suite_create("ends");
	TCase *tc = tcase_create("ends");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, a_second_signal_after_a_while_ends_the_program);
	tcase_add_loop_test(
		tc, a_signal_ends_the_program_after_the_exploration, 0, 2);
	tcase_add_test(tc, a_first_execution_that_is_shorter_again_is_told);
#ifndef WITH_ASAN
	tcase_add_test(tc, a_crash_in_the_own_process_is_a_failure);
#endif
#ifdef STACKS_END
	tcase_add_loop_test(tc, a_stack_that_is_used_up_is_told, 0, 2);
#endif
	tcase_add_test(tc, a_thread_too_many_is_not_spawned);
	tcase_add_test(tc, memory_of_an_execution_has_an_end);
	tcase_add_test(tc, a_schedule_of_too_many_steps_is_refused);
	tcase_add_loop_test(
		tc, a_schedule_that_wants_another_thread_is_refused, 0, 2);
	tcase_add_test(tc, a_schedule_says_how_it_was_found);
	tcase_add_test(tc, variables_of_an_execution_have_an_end);
	tcase_add_test(tc, only_steps_that_are_done_need_room_for_variables);
	tcase_add_test(tc, a_failure_behind_a_full_record_is_told);
	tcase_add_test(tc, uses_of_a_stack_that_is_gone_are_found_among_many);
	tcase_add_test(tc, the_last_of_many_uses_of_a_stack_is_reversed);
	tcase_add_test(tc,
		       what_follows_the_last_operation_is_known_in_many_places);
	return suite;
}

int main(void)
{
	return run_suite(ends_suite());
}
