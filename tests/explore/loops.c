// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Loops in which a thread waits: for time, for many variables, with a choice in
 * each turn, and in shards.
 */
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/kthread.h>
#include <sys/mman.h>

static struct {
	wait_queue_head_t queue;
	int flag, many[20];
} s;

static int private[3][13];

static atomic_t counted;
static struct timer_list timer;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	init_waitqueue_head(&s.queue);
}

static void set_flag(void *data)
{
	(void)data;
	WRITE_ONCE(s.flag, 1);
}

static void wait_for_flag(void *data)
{
	(void)data;
	while (!READ_ONCE(s.flag))
		cpu_relax();
}

static struct iommufd_model_explore_result result;

static int explore(const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options options)
{
	options.jobs = options.jobs ? options.jobs : 1;
	options.quiet = true;
	iommufd_model_explore_free(&result);
	return iommufd_model_explore(test, &options, &result);
}

#define explore_with(test, ...) \
	explore(test, (struct iommufd_model_explore_options){ __VA_ARGS__ })

/* All threads wait until time passes, and that lets one go on. */
static void sleep_and_set(void *data)
{
	wait_event_timeout(s.queue, READ_ONCE(s.many[0]), 10);
	set_flag(data);
}

START_TEST(a_loop_waits_for_a_thread_that_waits_for_time)
{
	static const struct iommufd_model_test test = {
		.name = "time", .setup = setup,
		.threads = { { "a", wait_for_flag }, { "b", sleep_and_set } },
	};

	ck_assert_msg(!explore_with(&test, .timeouts = 0), "%s", result.report);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}
END_TEST

static bool any_is_set(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(s.many); i++)
		if (READ_ONCE(s.many[i]))
			return true;
	return false;
}

static void wait_for_any(void *data)
{
	(void)data;
	while (!any_is_set())
		cpu_relax();
}

static void set_last(void *data)
{
	(void)data;
	WRITE_ONCE(s.many[ARRAY_SIZE(s.many) - 1], 1);
}

START_TEST(a_loop_that_looks_at_many_variables_waits_for_each)
{
	static const struct iommufd_model_test test = {
		.name = "many", .setup = setup,
		.threads = { { "a", wait_for_any }, { "b", set_last } },
	};

	ck_assert_msg(!explore_with(&test, .executions = 5000), "%s",
		      result.report);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}
END_TEST

/* A turn with a choice is none in which nothing changes. */
static void choose_until_flag(void *data)
{
	(void)data;
	while (!READ_ONCE(s.flag) && !iommufd_model_choose(2, "goes on"))
		cpu_relax();
}

/* The choice comes into turns that had none. */
static void choose_if_set(void *data)
{
	(void)data;
	while (!READ_ONCE(s.flag)) {
		if (READ_ONCE(s.many[0]))
			iommufd_model_choose(2, "goes on");
		cpu_relax();
	}
}

static void set_both(void *data)
{
	WRITE_ONCE(s.many[0], 1);
	set_flag(data);
}

START_TEST(a_loop_does_not_wait_once_it_chooses)
{
	static const struct iommufd_model_test test = {
		.name = "late choice", .setup = setup,
		.threads = { { "a", choose_if_set }, { "b", set_both } },
	};

	ck_assert_int_eq(explore_with(&test, .executions = 5000), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_STEP_LIMIT);
}
END_TEST

START_TEST(a_loop_with_a_choice_does_not_wait)
{
	static const struct iommufd_model_test test = {
		.name = "choice", .setup = setup,
		.threads = { { "a", choose_until_flag }, { "b", set_flag } },
	};

	ck_assert_int_eq(explore_with(&test, .executions = 5000), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_STEP_LIMIT);
}
END_TEST

/*
 * The loop is in few executions, and not in the first ones: these divide the
 * work by the first steps.
 */

static void write_own(int *own)
{
	int i;

	for (i = 0; i < 30; i++)
		WRITE_ONCE(*own, i);
}

static void count(void)
{
	int i;

	for (i = 0; i < 3; i++)
		WRITE_ONCE(s.many[0], READ_ONCE(s.many[0]) + 1);
}

static void wait_after_some_counts(void *data)
{
	write_own(&s.many[1]);
	count();
	if (READ_ONCE(s.many[0]) == 4)
		wait_for_flag(data);
}

static void count_and_set(void *data)
{
	write_own(&s.many[2]);
	count();
	set_flag(data);
}

static const struct iommufd_model_test late_loop = {
	.name = "shards",
	.setup = setup,
	.threads = { { "a", wait_after_some_counts }, { "b", count_and_set } },
};

START_TEST(a_loop_that_one_shard_learns_ends_it)
{
	char text[200];

	ck_assert_int_eq(explore_with(&late_loop, .shard = 1, .shards = 2), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_STOPPED);
	iommufd_model_verdict_text(&result, text, sizeof(text));
	ck_assert_msg(strstr(text, "a loop that waits: no shards"), "%s", text);
}
END_TEST

START_TEST(a_loop_that_one_job_learns_is_known_to_all)
{
	char text[200];

	ck_assert_int_eq(explore_with(&late_loop, .jobs = 2), 0);
	iommufd_model_verdict_text(&result, text, sizeof(text));
	ck_assert_msg(result.verdict == IOMMUFD_MODEL_COMPLETE, "%s", text);
}
END_TEST

/*
 * Exchanges that fail change nothing, so two threads that wait for a lock do not
 * keep each other awake.
 */
static void take_by_exchange(void *data)
{
	(void)data;
	while (xchg(&s.flag, 1))
		cpu_relax();
	iommufd_model_assert(READ_ONCE(s.many[0]) == 0);
	WRITE_ONCE(s.many[0], 1);
	WRITE_ONCE(s.many[0], 0);
	smp_store_release(&s.flag, 0);
}

static void flag_is_a_lock(void *data)
{
	(void)data;
	iommufd_model_assert(READ_ONCE(s.flag) <= 1);
}

START_TEST(exchanges_that_fail_wake_nobody)
{
	struct iommufd_model_test test = {
		.name = "exchange",
		.setup = setup,
		.threads = { { "a", take_by_exchange },
			     { "b", take_by_exchange },
			     { "c", take_by_exchange } },
	};

	ck_assert_int_eq(explore_with(&test, .plain = true), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	test.invariant = flag_is_a_lock;
	ck_assert_int_eq(explore_with(&test, .plain = false), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
}
END_TEST

/* The functions below count in a loop that waits for something else. */

static void counts_until_flag(void *data)
{
	(void)data;
	while (!READ_ONCE(s.flag)) {
		atomic_inc(&counted);
		WRITE_ONCE(s.many[0], READ_ONCE(s.many[0]) + 2);
		cpu_relax();
	}
}

static void waits_for_counts(void *data)
{
	while (atomic_read(&counted) < 3)
		cpu_relax();
	set_flag(data);
}

static void counts_and_waits_for_counts(void *data)
{
	while (atomic_read(&counted) < 3) {
		WRITE_ONCE(s.many[1], READ_ONCE(s.many[1]) + 1);
		cpu_relax();
	}
	set_flag(data);
}

static int counting_kthread(void *data)
{
	(void)data;
	while (!kthread_should_stop()) {
		atomic_inc(&counted);
		msleep(10);
	}
	return 0;
}

static void runs_kthread(void *data)
{
	struct task_struct *k = kthread_run(counting_kthread, data, "counts");

	kthread_stop(k);
}

static void counting_timer(struct timer_list *t)
{
	atomic_inc(&counted);
	mod_timer(t, jiffies + 10);
}

static void arms_and_deletes(void *data)
{
	(void)data;
	mod_timer(&timer, jiffies + 10);
	timer_delete_sync(&timer);
}

static void asserts_few(void *data)
{
	(void)data;
	iommufd_model_assert(atomic_read(&counted) < 4);
}

static void only_counts(void *data)
{
	(void)data;
	for (;;)
		atomic_inc(&counted);
}

static void setup_counts(void *data)
{
	setup(data);
	atomic_set(&counted, 0);
	timer_setup(&timer, counting_timer, 0);
}

START_TEST(a_loop_that_counts_may_wait)
{
	static const struct {
		enum iommufd_model_failure failure;
		struct iommufd_model_test test;
	} rows[] = {
#define ROW(failure_, after_, ...)					\
	{ IOMMUFD_MODEL_##failure_,					\
	  { .name = #__VA_ARGS__, .setup = setup_counts,		\
	    .after = after_, .threads = { __VA_ARGS__ } } }
		ROW(NO_FAILURE, NULL, { "a", counts_until_flag },
		    { "b", set_flag }),
		ROW(NO_FAILURE, NULL, { "a", counts_until_flag },
		    { "b", counts_until_flag }, { "c", set_flag }),
		ROW(NO_FAILURE, NULL, { "a", counts_until_flag },
		    { "b", waits_for_counts }),
		ROW(NO_FAILURE, NULL, { "a", counts_until_flag },
		    { "b", counts_and_waits_for_counts }),
		ROW(NO_FAILURE, NULL, { "a", runs_kthread }),
		ROW(NO_FAILURE, NULL, { "a", arms_and_deletes }),
		ROW(FAIL_ASSERTION, asserts_few, { "a", counts_until_flag },
		    { "b", set_flag }),
		ROW(FAIL_LIVELOCK, NULL, { "a", counts_until_flag }),
		ROW(FAIL_STEP_LIMIT, NULL, { "a", only_counts }),
#undef ROW
	};

	explore_with(&rows[_i].test, .keep_going = false);
	ck_assert_msg(result.failure == rows[_i].failure, "%s: %s, not %s",
		      rows[_i].test.name,
		      iommufd_model_failure_name(result.failure),
		      iommufd_model_failure_name(rows[_i].failure));
	if (!rows[_i].failure)
		ck_assert_int_eq(result.verdict,
				 IOMMUFD_MODEL_VERDICT_COMPLETE);
}
END_TEST

/* A thread that backs off yields to the one that takes the locks in order. */

static struct mutex locks[2];

static void setup_locks(void *data)
{
	setup(data);
	mutex_init(&locks[0]);
	mutex_init(&locks[1]);
}

static void locks_in_order(void *data)
{
	(void)data;
	mutex_lock(&locks[0]);
	mutex_lock(&locks[1]);
	mutex_unlock(&locks[1]);
	mutex_unlock(&locks[0]);
}

static void backs_off(void *data)
{
	(void)data;
	mutex_lock(&locks[1]);
	while (!mutex_trylock(&locks[0])) {
		mutex_unlock(&locks[1]);
		cpu_relax();
		mutex_lock(&locks[1]);
	}
	mutex_unlock(&locks[0]);
	mutex_unlock(&locks[1]);
}

START_TEST(a_loop_yields_within_any_bound)
{
	static const struct iommufd_model_test test = {
		.name = "yields",
		.setup = setup_locks,
		.threads = { { "a", backs_off }, { "b", locks_in_order } },
	};

	ck_assert_msg(!explore_with(&test, .mode = IOMMUFD_MODEL_MODE_BOUNDED,
				    .preemptions = _i),
		      "%s", result.report);
	ck_assert_int_eq(result.verdict,
			 IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED);
}
END_TEST

/*
 * Two threads back off in step until a third one stops them.  It can go on, or
 * when time has passed.
 */
static void back_off(int me, int other)
{
	WRITE_ONCE(s.many[me], 1);
	while (READ_ONCE(s.many[other]) && !READ_ONCE(s.flag)) {
		WRITE_ONCE(s.many[me], 0);
		cpu_relax();
		WRITE_ONCE(s.many[me], 1);
	}
	WRITE_ONCE(s.many[me], 0);
}

static void back_off_0(void *data)
{
	(void)data;
	back_off(0, 1);
}

static void back_off_1(void *data)
{
	(void)data;
	back_off(1, 0);
}

static void set_flag_in_time(void *data)
{
	wait_event_timeout(s.queue, READ_ONCE(s.many[2]), 10);
	set_flag(data);
}

static void do_nothing(void *data)
{
	(void)data;
}

START_TEST(a_thread_that_ends_a_livelock_is_let_go_on)
{
	static const struct {
		const char *name;
		void (*fn)(void *data);
		enum iommufd_model_failure failure;
	} rows[] = {
		{ "at any time", set_flag, IOMMUFD_MODEL_NO_FAILURE },
		{ "in time", set_flag_in_time, IOMMUFD_MODEL_NO_FAILURE },
		{ "never", do_nothing, IOMMUFD_MODEL_FAIL_LIVELOCK },
	};
	struct iommufd_model_test test = {
		.name = rows[_i].name,
		.setup = setup,
		.threads = { { "one", back_off_0 },
			     { "two", back_off_1 },
			     { "three", rows[_i].fn } },
	};
	enum iommufd_model_verdict all = IOMMUFD_MODEL_VERDICT_COMPLETE;
	unsigned int bound;

	/* First without a bound. */
	for (bound = 0; bound <= 2; bound++) {
		explore_with(&test,
			     .mode = bound ? IOMMUFD_MODEL_MODE_BOUNDED :
					     IOMMUFD_MODEL_MODE_EXHAUSTIVE,
			     .preemptions = bound, .seconds = 60,
			     .ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT);
		ck_assert_msg(result.failure == rows[_i].failure, "%s: %s",
			      test.name, result.report);
		if (!rows[_i].failure)
			ck_assert_int_eq(result.verdict, all);
		all = IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED;
	}
}
END_TEST

/* A thread does more steps than a round may have before another one looks. */
static void work_for_long(void *data)
{
	int i;

	for (i = 0; i < 1400; i++)
		WRITE_ONCE(s.many[1], i * i);
	WRITE_ONCE(s.many[0], 1);
	set_flag(data);
}

static void wait_and_look(void *data)
{
	(void)data;
	while (!READ_ONCE(s.flag))
		READ_ONCE(s.many[0]);
}

START_TEST(a_thread_that_works_for_long_is_not_in_step)
{
	static const struct iommufd_model_test test = {
		.name = "long",
		.setup = setup,
		.threads = { { "waits", wait_and_look },
			     { "works", work_for_long } },
	};

	ck_assert_int_eq(explore_with(&test, .seconds = 60), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}
END_TEST

/*
 * The first turns are all the same, so that it is known as a loop that waits.  Then
 * another thread makes it work for ever.
 */
static void works_until_flag(void *data)
{
	(void)data;
	while (!READ_ONCE(s.flag))
		WRITE_ONCE(s.many[0],
			   (READ_ONCE(s.many[0]) * (1 + READ_ONCE(s.many[1])) +
			    READ_ONCE(s.many[2])) %
				   9973);
}

static void makes_it_count(void *data)
{
	(void)data;
	WRITE_ONCE(s.many[2], 1);
}

static void makes_it_work(void *data)
{
	WRITE_ONCE(s.many[1], 2);
	makes_it_count(data);
}

START_TEST(a_loop_that_works_while_it_waits_is_a_livelock)
{
	struct iommufd_model_test test = {
		.name = "works",
		.setup = setup,
		.threads = { { "works", works_until_flag },
			     { "starts",
			       _i ? makes_it_work : makes_it_count } },
	};
	char *schedule;

	explore_with(&test, .seconds = 60);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_LIVELOCK);
	ck_assert_uint_eq(result.seen, 1u << IOMMUFD_MODEL_FAIL_LIVELOCK);
	schedule = strdup(result.schedule);
	explore_with(&test, .mode = IOMMUFD_MODEL_MODE_REPLAY,
		     .schedule = schedule);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_LIVELOCK);
	free(schedule);
}
END_TEST

/*
 * Each turn leaves everything as it was, but who looks while it lasts sees another
 * value.  The three values are seen from the last to the first in three turns.
 */
static int went_back;

static void toggles_until_flag(void *data)
{
	(void)data;
	while (!READ_ONCE(s.flag)) {
		WRITE_ONCE(s.many[0], 1);
		WRITE_ONCE(s.many[0], 2);
		WRITE_ONCE(s.many[0], 3);
	}
}

static void looks_three_times(void *data)
{
	int value[3], i;

	(void)data;
	for (i = 0; i < 3; i++)
		value[i] = READ_ONCE(s.many[0]);
	WRITE_ONCE(s.flag, 1);
	went_back = value[0] == 3 && value[1] == 2 && value[2] == 1;
}

static void must_not_go_back(void *data)
{
	(void)data;
	iommufd_model_assert(!went_back);
}

START_TEST(a_turn_that_changes_something_back_can_be_seen)
{
	static const struct iommufd_model_test test = {
		.name = "seen",
		.setup = setup,
		.threads = { { "toggles", toggles_until_flag },
			     { "looks", looks_three_times } },
		.after = must_not_go_back,
	};

	explore_with(&test, .seconds = 60);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_ASSERTION);
}
END_TEST

/*
 * The first thread is inside of a turn and waits for the lock of the second one,
 * which is the one whose loop nobody ends.
 */
static struct mutex held;
static int stopped;

static void setup_held(void *data)
{
	setup(data);
	mutex_init(&held);
	stopped = 0;
}

static void takes_until_stopped(void *data)
{
	(void)data;
	while (!READ_ONCE(stopped)) {
		mutex_lock(&held);
		mutex_unlock(&held);
		cond_resched();
	}
}

static void polls_with_mutex(void *data)
{
	(void)data;
	mutex_lock(&held);
	while (!READ_ONCE(s.flag))
		cpu_relax();
	mutex_unlock(&held);
	WRITE_ONCE(stopped, 1);
}

START_TEST(the_thread_that_polls_is_reported)
{
	static const struct iommufd_model_test test = {
		.name = "held",
		.setup = setup_held,
		.threads = { { "takes", takes_until_stopped },
			     { "polls", polls_with_mutex } },
	};

	/* In the execution with the fewest preemptions, the first one has ended. */
	explore_with(&test, .seconds = 60, .no_minimise = true);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_LIVELOCK);
	ck_assert_msg(strstr(result.report,
			     "polls waits in a loop for s.flag,"),
		      "%s", result.report);
}
END_TEST

/*
 * Three threads back off in step, and have much to do before they try again: they
 * look at few locations, but often.  A turn ends where a call site comes again with
 * the same location, so each of these loops has a call site of its own.
 */

#define LOOK_AROUND                                   \
	for (i = 0; i < ARRAY_SIZE(private[me]); i++) \
	READ_ONCE(private[me][i])

static void back_off_slowly(int me, int other)
{
	size_t i;

	WRITE_ONCE(s.many[me], 1);
	while (READ_ONCE(s.many[other])) {
		WRITE_ONCE(s.many[me], 0);
		LOOK_AROUND;
		LOOK_AROUND;
		LOOK_AROUND;
		LOOK_AROUND;
		LOOK_AROUND;
		LOOK_AROUND;
		LOOK_AROUND;
		WRITE_ONCE(s.many[me], 1);
	}
	WRITE_ONCE(s.many[me], 0);
}

static void back_off_slowly_0(void *data)
{
	(void)data;
	back_off_slowly(0, 1);
}

static void back_off_slowly_1(void *data)
{
	(void)data;
	back_off_slowly(1, 2);
}

static void back_off_slowly_2(void *data)
{
	(void)data;
	back_off_slowly(2, 0);
}

START_TEST(a_round_may_have_many_steps)
{
	static const struct iommufd_model_test test = {
		.name = "slow",
		.setup = setup,
		.threads = { { "one", back_off_slowly_0 },
			     { "two", back_off_slowly_1 },
			     { "three", back_off_slowly_2 } },
	};

	explore_with(&test, .seconds = 60);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_LIVELOCK);
	ck_assert_msg(strstr(result.report, "in step with two,"), "%s",
		      result.report);
}
END_TEST

/* Each turn of a thread that polls with a trylock ends with an unlock. */

static spinlock_t tried;
static int ready, taken;
static unsigned long *tries; /* in all executions */
static struct {
	int value;
} * freed;

static void setup_tried(void *data)
{
	setup(data);
	spin_lock_init(&tried);
	ready = taken = 0;
	freed = NULL;
}

static void gets_ready(void *data)
{
	(void)data;
	spin_lock(&tried);
	ready = 1;
	spin_unlock(&tried);
}

static void tries_until_ready(void *data)
{
	bool done = false;

	(void)data;
	for (;;) {
		++*tries;
		if (spin_trylock(&tried)) {
			done = ready;
			taken += done;
			spin_unlock(&tried);
			if (done)
				return;
		}
		cpu_relax();
	}
}

/*
 * Once each execution went one turn further than the one before, which made 53
 * million turns in 22 seconds.
 */
START_TEST(a_loop_with_a_trylock_is_soon_learnt)
{
	static const struct iommufd_model_test test = {
		.name = "tries",
		.setup = setup_tried,
		.threads = { { "gets ready", gets_ready },
			     { "tries", tries_until_ready },
			     { "tries, too", tries_until_ready } },
	};

	tries = mmap(NULL, sizeof(*tries), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(tries, MAP_FAILED);
	ck_assert_msg(!explore_with(&test, .states = 0), "%s", result.report);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert_uint_lt(*tries, 1000000);
}
END_TEST

/*
 * A thread that does as many turns as one that polls, and then uses memory that
 * another one frees.  No step follows the use.
 */

static void setup_freed(void *data)
{
	setup_tried(data);
	freed = kzalloc(sizeof(*freed), GFP_KERNEL);
}

static void works_and_uses(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 40; i++) {
		spin_lock(&tried);
		taken++;
		spin_unlock(&tried);
	}
	freed->value = 1;
}

static void frees_after_the_last(void *data)
{
	bool mine;

	(void)data;
	spin_lock(&tried);
	mine = taken == 40;
	spin_unlock(&tried);
	if (!mine)
		return;
	kfree(freed);
	ready = 1;
}

static void free_what_is_left(void *data)
{
	(void)data;
	if (!ready)
		kfree(freed);
}

START_TEST(the_last_of_many_steps_of_a_thread_comes_last)
{
	struct iommufd_model_test test = {
		.name = "works",
		.setup = setup_freed,
		.after = free_what_is_left,
		.threads = { { "works", works_and_uses },
			     { "frees", frees_after_the_last } },
	};

	if (_i)
		test.memory[0] = (struct iommufd_model_memory)
			IOMMUFD_MODEL_STATIC_VARIABLES;
	ck_assert_int_eq(explore_with(&test, .states_after = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("loops");
	TCase *tc = tcase_create("loops");

	tcase_add_test(tc, a_loop_waits_for_a_thread_that_waits_for_time);
	tcase_add_test(tc, a_loop_that_looks_at_many_variables_waits_for_each);
	tcase_add_test(tc, a_loop_with_a_choice_does_not_wait);
	tcase_add_test(tc, a_loop_does_not_wait_once_it_chooses);
	tcase_add_test(tc, a_loop_that_one_shard_learns_ends_it);
	tcase_add_test(tc, a_loop_that_one_job_learns_is_known_to_all);
	tcase_add_test(tc, exchanges_that_fail_wake_nobody);
	tcase_add_loop_test(tc, a_loop_that_counts_may_wait, 0, 9);
	tcase_add_loop_test(tc, a_loop_yields_within_any_bound, 1, 4);
	tcase_add_loop_test(tc, a_thread_that_ends_a_livelock_is_let_go_on, 0,
			    3);
	tcase_add_test(tc, a_thread_that_works_for_long_is_not_in_step);
	tcase_add_loop_test(tc, a_loop_that_works_while_it_waits_is_a_livelock,
			    0, 2);
	tcase_add_test(tc, a_turn_that_changes_something_back_can_be_seen);
	tcase_add_test(tc, the_thread_that_polls_is_reported);
	tcase_add_test(tc, a_round_may_have_many_steps);
	tcase_add_test(tc, a_loop_with_a_trylock_is_soon_learnt);
	tcase_add_loop_test(tc, the_last_of_many_steps_of_a_thread_comes_last,
			    0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
