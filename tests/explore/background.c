// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that the ground starts itself: they run at any moment after they were
 * started, whichever thread started them, and other threads can wait for what
 * they do.
 */
#include "suite.h"
#include "verdict.h"
#include "../../src/kernel/ground.h"

struct item {
	int done;
	bool taken;
};

static struct item *item;
static struct mutex mutex;
static wait_queue_head_t queue;
static int ran, flag, never;
static int number_; /* a thread may read it before it has been set */

static void setup(void *data)
{
	(void)data;
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	mutex_init(&mutex);
	init_waitqueue_head(&queue);
	ran = flag = never = 0;
}

static void after(void *data)
{
	(void)data;
	kfree(item);
}

static void runs(void *data)
{
	struct item *mine = data;

	WRITE_ONCE(ran, READ_ONCE(ran) + 1);
	iommufd_model_done(&mine->done, IOMMUFD_MODEL_SITE("runs()"));
}

static int number(void)
{
	return __atomic_load_n(&number_, __ATOMIC_RELAXED);
}

static void set_number(int number)
{
	__atomic_store_n(&number_, number, __ATOMIC_RELAXED);
}

static void start(void)
{
	set_number(iommufd_model_background("runs", runs, item, false));
}

static void wait_until(int target)
{
	iommufd_model_wait_until(&item->done, target, number(),
				 IOMMUFD_MODEL_SITE("item->done"));
}

static void starts_and_waits(void *data)
{
	(void)data;
	start();
	wait_until(1);
	iommufd_model_assert(READ_ONCE(ran) == 1);
}

static void does_not_wait(void *data)
{
	(void)data;
	start();
	iommufd_model_assert(READ_ONCE(ran) == 1);
}

static void hopes_to_be_first(void *data)
{
	(void)data;
	start();
	iommufd_model_assert(READ_ONCE(ran) == 0);
}

static void frees_at_once(void *data)
{
	(void)data;
	start();
	kfree(item);
	item = NULL;
}

static void frees_after_wait(void *data)
{
	(void)data;
	start();
	wait_until(1);
	kfree(item);
	item = NULL;
}

static void starts_many_in_turn(void *data)
{
	int i;

	(void)data;
	for (i = 1; i <= 2 * IOMMUFD_MODEL_MAX_THREADS; i++) {
		start();
		wait_until(i);
	}
	iommufd_model_assert(READ_ONCE(ran) == i - 1);
}

static void starts_many_at_once(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < IOMMUFD_MODEL_MAX_THREADS; i++)
		start();
}

static void locks_and_runs(void *data)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	runs(data);
}

static void waits_with_lock(void *data)
{
	(void)data;
	mutex_lock(&mutex);
	set_number(
		iommufd_model_background("locks", locks_and_runs, item, false));
	wait_until(1);
	mutex_unlock(&mutex);
}

static void waits_for_itself(void *data)
{
	(void)data;
	WRITE_ONCE(ran, 1);
	wait_until(1);
}

static void starts_what_waits_for_itself(void *data)
{
	(void)data;
	set_number(iommufd_model_background("self", waits_for_itself, NULL,
					    false));
}

/* The functions below retire threads. */

static void runs_unless_retired(void *data)
{
	wait_until(0);
	if (!iommufd_model_task->retired)
		runs(data);
}

static void starts_and_retires(void *data)
{
	const struct iommufd_model_op never_op = {
		.kind = IOMMUFD_MODEL_OP_WRITE_ONCE,
		.addr = &ran,
		.arg = sizeof(ran),
		.site = IOMMUFD_MODEL_SITE("ran"),
	};

	(void)data;
	set_number(iommufd_model_background("runs", runs_unless_retired, item,
					    false));
	mutex_lock(&mutex);
	if (!READ_ONCE(ran))
		iommufd_model_background_retire(number(), &never_op);
	mutex_unlock(&mutex);
}

static void expects_run(void *data)
{
	(void)data;
	iommufd_model_assert(ran);
	kfree(item);
}

static void expects_no_run(void *data)
{
	(void)data;
	iommufd_model_assert(!ran);
	kfree(item);
}

/* The functions below are threads that stay until the end. */

static void stays(void *data)
{
	wait_event(queue, READ_ONCE(flag));
	runs(data);
}

static void starts_one_that_stays(void *data)
{
	(void)data;
	set_number(iommufd_model_background("stays", stays, item, true));
}

static void starts_one_that_does_not(void *data)
{
	(void)data;
	set_number(iommufd_model_background("waits", stays, item, false));
}

static void waits_for_one_that_stays(void *data)
{
	starts_one_that_stays(data);
	wait_until(1);
}

static void stop(void *data)
{
	WRITE_ONCE(flag, 1);
	wake_up(&queue);
	wait_until(1);
	iommufd_model_assert(ran == 1);
	after(data);
}

/* The functions below run in setup and after. */

static void start_in_setup(void *data)
{
	setup(data);
	start();
}

static void wait_in_setup(void *data)
{
	start_in_setup(data);
	wait_until(1);
	iommufd_model_assert(ran == 1);
}

static void waits(void *data)
{
	(void)data;
	wait_until(1);
}

static void nothing(void *data)
{
	(void)data;
}

static void start_and_wait_in_after(void *data)
{
	start();
	wait_until(1);
	after(data);
}

static void start_in_after(void *data)
{
	start();
	after(data);
}

static void stay_in_setup(void *data)
{
	setup(data);
	starts_one_that_stays(data);
}

static void locks(void *data)
{
	(void)data;
	mutex_lock(&mutex);
}

static void block_in_after(void *data)
{
	mutex_lock(&mutex);
	iommufd_model_background("locks", locks, NULL, false);
	mutex_unlock(&mutex);
	locks(data);
	after(data);
}

#define ROW(failure_, setup_, fn_, after_, ...)                 \
	{                                                       \
		.failure = IOMMUFD_MODEL_##failure_,            \
		.test = { .name = #fn_ "/" #setup_ "/" #after_, \
			  .setup = setup_,                      \
			  .after = after_,                      \
			  .threads = { { #fn_, fn_ } } },       \
		.told = { __VA_ARGS__ },                        \
	}

static const struct verdict verdicts[] = {
	ROW(NO_FAILURE, setup, starts_and_waits, after, NULL),
	ROW(FAIL_ASSERTION, setup, does_not_wait, after, "ran"),
	ROW(FAIL_ASSERTION, setup, hopes_to_be_first, after, "ran"),
	ROW(FAIL_USE_AFTER_FREE, setup, frees_at_once, after, "runs()"),
	ROW(NO_FAILURE, setup, frees_after_wait, after, NULL),
	ROW(NO_FAILURE, setup, starts_many_in_turn, after, NULL),
	ROW(FAIL_STEP_LIMIT, setup, starts_many_at_once, after, "threads"),
	ROW(FAIL_DEADLOCK, setup, waits_with_lock, after, "&mutex",
	    "item->done"),
	ROW(FAIL_DEADLOCK, setup, starts_what_waits_for_itself, after,
	    "self waits for item->done"),
	ROW(FAIL_ASSERTION, setup, starts_and_retires, expects_run, "ran"),
	ROW(FAIL_ASSERTION, setup, starts_and_retires, expects_no_run, "!ran"),
	ROW(NO_FAILURE, setup, starts_one_that_stays, stop, NULL),
	ROW(FAIL_LOST_WAKEUP, setup, starts_one_that_does_not, after,
	    "waits waits"),
	ROW(FAIL_LOST_WAKEUP, setup, waits_for_one_that_stays, after,
	    "stays waits"),
	ROW(NO_FAILURE, start_in_setup, waits, after, NULL),
	ROW(NO_FAILURE, wait_in_setup, waits, after, NULL),
	ROW(NO_FAILURE, stay_in_setup, nothing, stop, NULL),
	ROW(NO_FAILURE, setup, nothing, start_and_wait_in_after, NULL),
	ROW(FAIL_USE_AFTER_FREE, setup, nothing, start_in_after, "runs()"),
	ROW(FAIL_DEADLOCK, setup, nothing, block_in_after, "&mutex"),
};

START_TEST(a_background_thread_runs_at_any_moment)
{
	check_verdict(&verdicts[_i]);
}
END_TEST

/* This operation and a wait for the counter may come in either order. */
static void adds(void *data)
{
	(void)data;
	iommufd_model_done(&never, IOMMUFD_MODEL_SITE("never"));
}

START_TEST(a_wait_costs_no_executions)
{
	static const struct verdict v = {
		.test = { .name = "wait",
			  .setup = setup,
			  .after = after,
			  .threads = { { "a", starts_and_waits },
				       { "b", adds } } },
	};

	check_verdict(&v);
	ck_assert_uint_eq(verdict_result.executions, 1);
	ck_assert_uint_eq(verdict_result.redundant, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("background");
	TCase *tc = tcase_create("background");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, a_background_thread_runs_at_any_moment, 0,
			    ARRAY_SIZE(verdicts));
	tcase_add_test(tc, a_wait_costs_no_executions);
	return run_suite(suite);
}
