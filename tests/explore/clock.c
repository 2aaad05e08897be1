// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that look at the clock, and what moves it.
 *
 * What a thread finds depends on whether a timeout, a delayed work item, a timer
 * or msleep() of another thread moved the clock before.  So the orders of the
 * two are both tried, also if the threads share nothing else.  Each program is
 * run through all its interleavings and then with the reduced search, which
 * must come to the same results.
 */
#include "../../src/explore/internal.h"
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/delay.h>
#include <iommufd_model/kernel/timer.h>
#include <iommufd_model/kernel/workqueue.h>
#include <sys/mman.h>

/*
 * struct program
 * @results: how many different results there are
 * @executions: how many the reduced search takes; 0: not said
 */
struct program {
	struct iommufd_model_test test;
	unsigned int results;
	unsigned long executions;
};

static DECLARE_WAIT_QUEUE_HEAD(queue);
static DECLARE_WAIT_QUEUE_HEAD(other_queue);
static struct delayed_work work, other_work;
static struct timer_list timer;
static int flag, never, mine, yours;
static long found[3];
static u64 *seen;	/* which results there were, shared with the children */

static void work_fn(struct work_struct *w)
{
	(void)w;
}

static void timer_fn(struct timer_list *t)
{
	(void)t;
}

static void setup(void *data)
{
	(void)data;
	init_waitqueue_head(&queue);
	init_waitqueue_head(&other_queue);
	INIT_DELAYED_WORK(&work, work_fn);
	INIT_DELAYED_WORK(&other_work, work_fn);
	timer_setup(&timer, timer_fn, 0);
	flag = never = mine = yours = 0;
	memset(found, 0, sizeof(found));
}

/* Leave out an execution that is equivalent to another one. */
static void after(void *data)
{
	const struct search *search = explore_execution_current()->search;
	unsigned long result = (unsigned long)found[0] * 9 +
			       (unsigned long)found[1] * 3 +
			       (unsigned long)found[2];

	(void)data;
	cancel_delayed_work_sync(&work);
	cancel_delayed_work_sync(&other_work);
	timer_delete_sync(&timer);
	if (!search->dead)
		*seen |= 1ull << result % 64;
}

/* The same, and the time at the end is a part of the result. */
static void after_all(void *data)
{
	found[2] = jiffies >= 30;
	after(data);
}

/* What moves the clock */

static void sleep_10(void *data)
{
	(void)data;
	msleep(10);
	WRITE_ONCE(mine, 1);
}

static void sleep_10_only(void *data)
{
	(void)data;
	msleep(10);
}

static void sleep_20(void *data)
{
	(void)data;
	msleep(20);
	WRITE_ONCE(yours, 1);
}

static void wait_10(void *data)
{
	(void)data;
	wait_event_timeout(queue, READ_ONCE(never), 10);
}

static void delay_10(void *data)
{
	(void)data;
	schedule_delayed_work(&work, 10);
}

static void delay_20(void *data)
{
	(void)data;
	schedule_delayed_work(&other_work, 20);
}

static void fire_10(void *data)
{
	(void)data;
	mod_timer(&timer, 10);
}

/* What looks at it */

static void look(void *data)
{
	(void)data;
	WRITE_ONCE(yours, 1);
	found[0] = jiffies >= 10;
	WRITE_ONCE(yours, 2);
}

static void look_twice(void *data)
{
	(void)data;
	WRITE_ONCE(yours, 1);
	found[0] = jiffies >= 10;
	WRITE_ONCE(yours, 2);
	found[1] = jiffies >= 10;
	WRITE_ONCE(yours, 3);
}

static void delay_10_and_flush(void *data)
{
	(void)data;
	schedule_delayed_work(&work, 10);
	flush_delayed_work(&work);
}

static void tell_and_sleep_20(void *data)
{
	(void)data;
	WRITE_ONCE(mine, 1);
	msleep(20);
}

static void look_and_look(void *data)
{
	(void)data;
	cpu_relax();
	found[0] = jiffies >= 10;
	found[1] = READ_ONCE(mine);
}

static void choose_and_look(void *data)
{
	(void)data;
	found[1] = iommufd_model_choose(2, "value");
	found[0] = jiffies >= 10;
	WRITE_ONCE(yours, 1);
}

static void choose_whether_to_look(void *data)
{
	(void)data;
	found[1] = iommufd_model_choose(3, "value");
	found[0] = found[1] == 1 && jiffies >= 10;
	WRITE_ONCE(yours, 1);
}

static void wait_for_flag(void *data)
{
	(void)data;
	found[0] = wait_event_timeout(other_queue, READ_ONCE(flag), 100) < 100;
}

static void set_flag(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up(&other_queue);
}

static void wait_for_flag_shortly(void *data)
{
	(void)data;
	found[0] = wait_event_timeout(queue, READ_ONCE(flag), 2) > 0;
}

/* Its third sleep begins when the clock says 2. */
static void wait_thrice(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 3; i++)
		wait_event_timeout(queue, READ_ONCE(flag), 1);
	WRITE_ONCE(flag, 1);
	wake_up(&queue);
}

#define PROGRAM(results_, executions_, one, two)			\
	{ .results = results_, .executions = executions_,		\
	  .test = { .name = #one " and " #two, .setup = setup,		\
		    .after = after,					\
		    .threads = { { #one, one }, { #two, two } } } }

static const struct program programs[] = {
	PROGRAM(2, 0, sleep_10, look),
	PROGRAM(3, 0, sleep_10, look_twice),
	PROGRAM(2, 0, wait_10, look),
	PROGRAM(2, 0, delay_10, look),
	PROGRAM(2, 0, fire_10, look),
	PROGRAM(2, 0, delay_10_and_flush, look),
	{ .results = 7,
	  .test = { .name = "two sleeps and a look",
		    .setup = setup,
		    .after = after_all,
		    .threads = { { "sleep_10", sleep_10_only },
				 { "tell_and_sleep_20", tell_and_sleep_20 },
				 { "look_and_look", look_and_look } } } },
	PROGRAM(4, 0, sleep_10, choose_and_look),
	PROGRAM(4, 0, sleep_10, choose_whether_to_look),
	PROGRAM(2, 0, wait_for_flag_shortly, wait_thrice),
	{ .results = 2,
	  .test = { .name = "time left",
		    .setup = setup,
		    .after = after,
		    .threads = { { "sleeper", wait_for_flag },
				 { "waker", set_flag },
				 { "sleep_10", sleep_10 } } } },
	/* Nothing looks at the clock. */
	PROGRAM(1, 1, sleep_10, sleep_20),
	PROGRAM(1, 1, delay_10, delay_20),
};

static struct iommufd_model_explore_result
explore(const struct iommufd_model_test *test,
	struct iommufd_model_explore_options options)
{
	struct iommufd_model_explore_result r;

	options.quiet = options.keep_going = true;
	options.jobs = 1;
	options.ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT;
	*seen = 0;
	ck_assert_int_eq(iommufd_model_explore(test, &options, &r), 0);
	ck_assert_int_eq(r.failure, IOMMUFD_MODEL_NO_FAILURE);
	return r;
}

START_TEST(a_thread_finds_the_clock_before_and_after_each_move)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_BOUNDED, .preemptions = -1,
	};
	const struct program *p = &programs[_i];
	struct iommufd_model_explore_result r;
	u64 all;

	r = explore(&p->test, options);
	iommufd_model_explore_free(&r);
	all = *seen;
	ck_assert_int_eq(__builtin_popcountll(all), (int)p->results);
	options.mode = IOMMUFD_MODEL_EXHAUSTIVE;
	r = explore(&p->test, options);
	ck_assert_msg(*seen == all, "%s: results %llx, not %llx",
		      p->test.name, (unsigned long long)*seen,
		      (unsigned long long)all);
	if (p->executions)
		ck_assert_uint_eq(r.executions, p->executions);
	iommufd_model_explore_free(&r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tc = tcase_create("clock");

	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		return 1;
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(
		tc, a_thread_finds_the_clock_before_and_after_each_move, 0,
		ARRAY_SIZE(programs));
	return run_suite(suite);
}
