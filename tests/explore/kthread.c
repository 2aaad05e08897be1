// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Kernel threads: stopping and parking them, in the right forms and in wrong
 * ones.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/kthread.h>
#include <stdio.h>
#include <stdlib.h>

static struct task_struct *thread;
static int work, done, stopped;
static DEFINE_SPINLOCK(lock);

static struct mutex mutex;

/* The functions below are executed by kernel threads. */

static int works_with_mutex(void *data)
{
	(void)data;
	while (!kthread_should_stop()) {
		mutex_lock(&mutex);
		mutex_unlock(&mutex);
		cond_resched();
	}
	return 0;
}

static int waits_to_stop(void *data)
{
	(void)data;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 7;
}

/* The stop can come between the test and the change of the state. */
static int sets_state_late(void *data)
{
	(void)data;
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
	return 7;
}

static int works(void *data)
{
	(void)data;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		if (READ_ONCE(work)) {
			WRITE_ONCE(work, 0);
			__set_current_state(TASK_RUNNING);
			WRITE_ONCE(done, 1);
			continue;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* The work can come between the test and the change of the state. */
static int works_late(void *data)
{
	(void)data;
	while (!kthread_should_stop()) {
		if (READ_ONCE(work)) {
			WRITE_ONCE(work, 0);
			WRITE_ONCE(done, 1);
			continue;
		}
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
	return 0;
}

static int parks(void *data)
{
	(void)data;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		if (kthread_should_park()) {
			__set_current_state(TASK_RUNNING);
			kthread_parkme();
			continue;
		}
		WRITE_ONCE(work, READ_ONCE(work) + 1);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int never_parks(void *data)
{
	return waits_to_stop(data);
}

static int returns_at_once(void *data)
{
	(void)data;
	return 3;
}

static int never_looks(void *data)
{
	(void)data;
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	return 0;
}

/* Nobody wakes it before the stop: it can only time out. */
static int polls(void *data)
{
	(void)data;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule_timeout(1);
		WRITE_ONCE(done, 1);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* The functions below control the kernel threads. */

static void reset(void)
{
	work = done = 0;
	stopped = 0;
}

#define SETUP(fn)                                          \
	static void setup_##fn(void *data)                 \
	{                                                  \
		reset();                                   \
		thread = kthread_run(fn, data, "%s", #fn); \
		iommufd_model_assert(!IS_ERR(thread));     \
	}
SETUP(waits_to_stop)
SETUP(sets_state_late)
SETUP(works)
SETUP(works_late)
SETUP(parks)
SETUP(never_parks)
SETUP(returns_at_once)
SETUP(never_looks)
SETUP(polls)

static void setup_created(void *data)
{
	reset();
	thread = kthread_create(waits_to_stop, data, "created");
}

static void stops(void *data)
{
	int rc = kthread_stop(thread);

	(void)data;
	iommufd_model_assert(rc == 7 || rc == -EINTR);
	stopped = rc;
}

static void wakes_and_stops(void *data)
{
	(void)data;
	wake_up_process(thread);
	iommufd_model_assert(kthread_stop(thread) == 7);
}

static void gives_work(void *data)
{
	(void)data;
	WRITE_ONCE(work, 1);
	wake_up_process(thread);
}

static void stop(void *data)
{
	(void)data;
	kthread_stop(thread);
}

static void stop_when_done(void *data)
{
	(void)data;
	iommufd_model_assert(done);
	kthread_stop(thread);
}

static void parks_and_looks(void *data)
{
	int was;

	(void)data;
	iommufd_model_assert(!kthread_park(thread));
	was = READ_ONCE(work);
	iommufd_model_assert(kthread_park(thread) == -EBUSY);
	iommufd_model_assert(was == READ_ONCE(work));
	kthread_unpark(thread);
}

static void parks_only(void *data)
{
	(void)data;
	kthread_park(thread);
}

static void expects_no_poll(void *data)
{
	(void)data;
	WRITE_ONCE(work, 1);
	iommufd_model_assert(!READ_ONCE(done));
}

/* The thread may end by itself: it takes a reference to stop it. */

static void setup_reference(void *data)
{
	setup_returns_at_once(data);
	iommufd_model_assert(get_task_struct(thread) == thread);
}

static void setup_two_references(void *data)
{
	setup_waits_to_stop(data);
	get_task_struct(thread);
	get_task_struct(thread);
}

static void stops_what_may_have_ended(void *data)
{
	int rc = kthread_stop(thread);

	(void)data;
	iommufd_model_assert(rc == 3 || rc == 7 || rc == -EINTR);
}

static void stops_and_puts(void *data)
{
	stops_what_may_have_ended(data);
	put_task_struct(thread);
}

static void puts_and_stops(void *data)
{
	(void)data;
	put_task_struct(thread);
	kthread_stop(thread);
}

static void only_puts(void *data)
{
	(void)data;
	put_task_struct(thread);
}

static void gets_late(void *data)
{
	(void)data;
	get_task_struct(thread);
	stops_and_puts(data);
}

static void stops_with_lock(void *data)
{
	(void)data;
	spin_lock(&lock);
	kthread_stop(thread);
	spin_unlock(&lock);
}

static void stops_with_mutex(void *data)
{
	struct task_struct *task =
		kthread_run(works_with_mutex, NULL, "thread");

	(void)data;
	mutex_lock(&mutex);
	kthread_stop(task);
	mutex_unlock(&mutex);
}

static void put_late(void *data)
{
	(void)data;
	put_task_struct(thread);
}

static void wakes(void *data)
{
	(void)data;
	wake_up_process(thread);
}

static void setup_mutex(void *data)
{
	(void)data;
	mutex_init(&mutex);
}

static void nothing(void *data)
{
	(void)data;
}

static void expects_call(void *data)
{
	(void)data;
	iommufd_model_assert(stopped == 7);
}

static void expects_no_call(void *data)
{
	(void)data;
	iommufd_model_assert(stopped == -EINTR);
}

static const struct verdict verdicts[] = {
	RIGHT(0, "stop", setup_waits_to_stop, NULL, T(stops)),
	RIGHT(0, "stop in after", setup_waits_to_stop, stop, T(nothing)),
	RIGHT(0, "create", setup_created, NULL, T(stops)),
	RIGHT(0, "work", setup_works, stop_when_done, T(gives_work)),
	RIGHT(0, "park", setup_parks, stop, T(parks_and_looks)),
	RIGHT(0, "stop while parked", setup_parks, stop, T(parks_only)),
	RIGHT(0, "reference", setup_reference, NULL, T(stops_and_puts)),
	RIGHT(0, "reference, not stopped", setup_reference, NULL, T(only_puts)),
	RIGHT(0, "two references", setup_two_references, NULL,
	      T(stops_and_puts), T(stops_and_puts)),
	WRONG(USE_AFTER_FREE, "kthread_stop(thread)", NULL, "put too early",
	      setup_reference, NULL, T(puts_and_stops)),
	WRONG(USE_AFTER_FREE, "get_task_struct(thread)", NULL,
	      "reference too late", setup_returns_at_once, NULL, T(gets_late)),
	WRONG(USE_AFTER_FREE, "READ_ONCE of thread", NULL, "wake-up too late",
	      setup_returns_at_once, NULL, T(wakes)),
	RIGHT(0, "wake-up with a reference", setup_reference, put_late,
	      T(wakes)),
	WRONG(LEAK, "allocation", NULL, "not put", setup_reference, NULL,
	      T(stops_what_may_have_ended)),
	WRONG(ASSERTION, "stopped", NULL, "called", setup_waits_to_stop,
	      expects_call, T(stops)),
	WRONG(ASSERTION, "stopped", NULL, "not called", setup_waits_to_stop,
	      expects_no_call, T(stops)),
	WRONG(LOST_WAKEUP, "schedule()", "sets_state_late", "state late",
	      setup_sets_state_late, NULL, T(stops)),
	WRONG(ASSERTION, "done", NULL, "work late", setup_works_late,
	      stop_when_done, T(gives_work)),
	WRONG(ASSERTION, "== 7", NULL, "stopped before it ran", setup_created,
	      NULL, T(wakes_and_stops)),
	WRONG(LOST_WAKEUP, "schedule()", "never_parks", "never parks",
	      setup_never_parks, stop, T(parks_only)),
	WRONG(LOST_WAKEUP, "schedule()", "never_looks", "never looks",
	      setup_never_looks, NULL, T(stop)),
	WRONG(USE_AFTER_FREE, "kthread_stop(thread)", NULL, "returns",
	      setup_returns_at_once, NULL, T(stop)),
	WRONG(ATOMIC, "kthread_stop", "lock", "stop with lock",
	      setup_waits_to_stop, NULL, T(stops_with_lock)),
	WRONG(ASSERTION, "done", NULL, "polls", setup_polls, stop,
	      T(expects_no_poll)),
	WRONG(LEAK, "allocation", NULL, "not stopped", setup_waits_to_stop,
	      NULL, T(nothing)),
};

START_TEST(the_right_forms_are_complete_and_the_wrong_ones_found)
{
	check_verdict(&verdicts[_i]);
	if (getenv("EXPLORE_FIGURES"))
		printf("%s: %lu executions, %lu redundant, depth %u\n",
		       verdicts[_i].test.name, verdict_result.executions,
		       verdict_result.redundant, verdict_result.depth);
}
END_TEST

/* A thread that waits for a lock in a loop does not wait for the loop's condition. */
START_TEST(a_thread_with_a_loop_is_part_of_a_deadlock)
{
	static const struct verdict verdict = WRONG(
		DEADLOCK, "mutex", "kthread_stop(task)", "stop with mutex",
		setup_mutex, NULL, T(stops_with_mutex));
	static const enum iommufd_model_explore_mode modes[] = {
		IOMMUFD_MODEL_MODE_EXHAUSTIVE,
		IOMMUFD_MODEL_MODE_BOUNDED,
		IOMMUFD_MODEL_MODE_RANDOM,
	};
	struct iommufd_model_explore_options options = { .mode = modes[_i] };

	check_verdict_with(&verdict, options);
}
END_TEST

/* The n-th allocation of a thread fails; there is one in kthread_run(). */
static unsigned long failing;

static void runs_and_stops(void *unused)
{
	struct task_struct *task = kthread_run(waits_to_stop, NULL, "thread");

	(void)unused;
	iommufd_model_assert(IS_ERR(task) == (failing == 1));
	if (!IS_ERR(task))
		kthread_stop(task);
	else
		iommufd_model_assert(PTR_ERR(task) == -ENOMEM);
}

START_TEST(without_memory_there_is_no_thread)
{
	const struct iommufd_model_test test = {
		.name = "without memory",
		.threads = { T(runs_and_stops) },
	};
	struct iommufd_model_explore_options options;
	struct iommufd_model_explore_result result;

	for (failing = 1; failing < 3; failing++) {
		iommufd_model_explore_options_init(&options);
		options.quiet = options.returns = true;
		options.fail_nth = (unsigned int)failing;
		ck_assert_int_eq(
			iommufd_model_explore(&test, &options, &result), 0);
		ck_assert_int_eq(result.verdict,
				 IOMMUFD_MODEL_VERDICT_COMPLETE);
		ck_assert(result.injected == (failing == 1));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kthread");
	TCase *tc = tcase_create("kthread");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(
		tc, the_right_forms_are_complete_and_the_wrong_ones_found, 0,
		ARRAY_SIZE(verdicts));
	tcase_add_loop_test(tc, a_thread_with_a_loop_is_part_of_a_deadlock, 0,
			    3);
	tcase_add_test(tc, without_memory_there_is_no_thread);
	return run_suite(suite);
}
