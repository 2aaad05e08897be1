// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting: all forms of wait queues, completions, semaphores, and the classic
 * mistakes in their right and wrong form.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/sched.h>
#include <iommufd_model/kernel/semaphore.h>

#define SLOTS 1

static DECLARE_WAIT_QUEUE_HEAD(queue);
static wait_queue_head_t not_full, not_empty;
static spinlock_t lock;
static struct completion done;
static struct task_struct *sleeper;
static int flag, filled, taken, readers, counter;
static unsigned long bits;

static void setup(void *data)
{
	(void)data;
	init_waitqueue_head(&queue);
	init_waitqueue_head(&not_full);
	init_waitqueue_head(&not_empty);
	spin_lock_init(&lock);
	init_completion(&done);
	sleeper = NULL;
	flag = filled = taken = readers = counter = 0;
	bits = 1;
}

static void nothing(void *data)
{
	(void)data;
}

#define ROW(failure_, one, two, ...)					\
	{ .failure = IOMMUFD_MODEL_##failure_,				\
	  .test = { .name = #one " and " #two, .setup = setup,			\
	    .threads = { { #one, one }, { #two, two } } },		\
	  .told = { "" __VA_ARGS__ } }
#define ROW3(failure_, one, two, three, ...)				\
	{ .failure = IOMMUFD_MODEL_##failure_,				\
	  .test = { .name = #one ", " #two " and " #three, .setup = setup,	\
	    .threads = { { #one, one }, { #two, two },			\
			 { #three, three } } },				\
	  .told = { "" __VA_ARGS__ } }
#define ROW4(failure_, one, two, three, four, ...)			\
	{ .failure = IOMMUFD_MODEL_##failure_,				\
	  .test = { .name = #one ", " #two ", " #three " and " #four,		\
	    .setup = setup,						\
	    .threads = { { #one, one }, { #two, two },			\
			 { #three, three }, { #four, four } } },	\
	  .told = { "" __VA_ARGS__ } }

/* Sets a flag and wakes the sleepers. */

static void set(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up(&queue);
}

static void set_interruptible(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up_interruptible(&queue);
}

static void set_all(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up_all(&queue);
}

static void set_poll(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up_poll(&queue, 1);
}

static void set_if_active(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	if (wq_has_sleeper(&queue))
		wake_up(&queue);
}

static void set_locked(void *data)
{
	(void)data;
	spin_lock_irq(&lock);
	flag = 1;
	wake_up(&queue);
	spin_unlock_irq(&lock);
}

static void set_var(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up_var(&flag);
}

static void set_and_wake_process(void *data)
{
	struct task_struct *task;

	(void)data;
	WRITE_ONCE(flag, 1);
	task = READ_ONCE(sleeper);
	if (task)
		wake_up_process(task);
}

static void clear_bit_and_wake(void *data)
{
	(void)data;
	WRITE_ONCE(bits, 0ul);
	wake_up_bit(&bits, 0);
}

/* The functions below lose a wake-up, each in another way. */

static void wake_before_set(void *data)
{
	(void)data;
	wake_up(&queue);
	WRITE_ONCE(flag, 1);
}

static void look_before_set(void *data)
{
	bool active = waitqueue_active(&queue);

	(void)data;
	WRITE_ONCE(flag, 1);
	if (active)
		wake_up(&queue);
}

static void test_before_enter(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	if (READ_ONCE(flag))
		return;
	prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
	schedule();
	finish_wait(&queue, &wait);
}

static void only_set(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
}

/* The functions below sleep. */

static void check(void)
{
	iommufd_model_assert(READ_ONCE(flag));
}

#define SLEEPER(fn, what)						\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		what;							\
		check();						\
	}

SLEEPER(sleep_plain, wait_event(queue, READ_ONCE(flag)))
SLEEPER(sleep_idle, wait_event_idle(queue, READ_ONCE(flag)))
SLEEPER(sleep_killable,
	iommufd_model_assert(!wait_event_killable(queue, READ_ONCE(flag))))
SLEEPER(sleep_interruptible,
	iommufd_model_assert(!wait_event_interruptible(queue,
						       READ_ONCE(flag))))
SLEEPER(sleep_freezable,
	iommufd_model_assert(!wait_event_freezable(queue, READ_ONCE(flag))))
SLEEPER(sleep_exclusive,
	iommufd_model_assert(!wait_event_interruptible_exclusive(
		queue, READ_ONCE(flag))))
SLEEPER(sleep_killable_exclusive,
	iommufd_model_assert(!wait_event_killable_exclusive(queue,
							    READ_ONCE(flag))))
SLEEPER(sleep_cmd, wait_event_cmd(queue, READ_ONCE(flag), readers++,
				  readers--))
SLEEPER(sleep_var, wait_var_event(&flag, READ_ONCE(flag)))

static void sleep_for_a_bit(void *data)
{
	(void)data;
	iommufd_model_assert(!wait_on_bit(&bits, 0, TASK_UNINTERRUPTIBLE));
	iommufd_model_assert(!READ_ONCE(bits));
}

static void sleep_locked(void *data)
{
	(void)data;
	spin_lock_irq(&lock);
	wait_event_lock_irq(queue, flag, lock);
	iommufd_model_assert(flag);
	spin_unlock_irq(&lock);
}

static void sleep_locked_interruptible(void *data)
{
	(void)data;
	spin_lock_irq(&lock);
	iommufd_model_assert(
		!wait_event_interruptible_lock_irq(queue, flag, lock));
	iommufd_model_assert(flag);
	spin_unlock_irq(&lock);
}

/* An open-coded wait loop, as in the kernel. */
static void sleep_in_a_loop(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	for (;;) {
		prepare_to_wait(&queue, &wait, TASK_INTERRUPTIBLE);
		if (READ_ONCE(flag))
			break;
		schedule();
	}
	finish_wait(&queue, &wait);
	check();
}

/* An open-coded wait loop with add_wait_queue(), the older form. */
static void sleep_on_a_queue(void *data)
{
	DECLARE_WAITQUEUE(wait, current);

	(void)data;
	add_wait_queue(&queue, &wait);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(flag))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&queue, &wait);
	check();
}

static void sleep_until_woken(void *data)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	(void)data;
	add_wait_queue(&queue, &wait);
	while (!READ_ONCE(flag))
		wait_woken(&wait, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
	remove_wait_queue(&queue, &wait);
	check();
}

/* Sleeps on no queue: another thread wakes it by wake_up_process(). */
static void sleep_as_a_process(void *data)
{
	(void)data;
	WRITE_ONCE(sleeper, current);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(flag))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

/* Tests the flag before it sets the state. */
static void sleep_as_a_process_too_late(void *data)
{
	(void)data;
	WRITE_ONCE(sleeper, current);
	while (!READ_ONCE(flag)) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
}

/* Sleeps on a queue, but another thread wakes it by wake_up_process(). */
static void sleep_in_a_queue_as_a_process(void *data)
{
	(void)data;
	WRITE_ONCE(sleeper, current);
	wait_event(queue, READ_ONCE(flag));
}

static const struct verdict sleepers[] = {
	ROW(NO_FAILURE, sleep_plain, set),
	ROW(NO_FAILURE, sleep_idle, set_all),
	ROW(NO_FAILURE, sleep_killable, set),
	ROW(NO_FAILURE, sleep_interruptible, set_interruptible),
	ROW(NO_FAILURE, sleep_freezable, set_poll),
	ROW(NO_FAILURE, sleep_exclusive, set),
	ROW(NO_FAILURE, sleep_killable_exclusive, set),
	ROW(NO_FAILURE, sleep_cmd, set),
	ROW(NO_FAILURE, sleep_var, set_var),
	ROW(NO_FAILURE, sleep_for_a_bit, clear_bit_and_wake),
	ROW(NO_FAILURE, sleep_locked, set_locked),
	ROW(NO_FAILURE, sleep_locked_interruptible, set_locked),
	ROW(NO_FAILURE, sleep_in_a_loop, set_interruptible),
	ROW(NO_FAILURE, sleep_on_a_queue, set),
	ROW(NO_FAILURE, sleep_until_woken, set),
	ROW(NO_FAILURE, sleep_as_a_process, set_and_wake_process),
	ROW(NO_FAILURE, sleep_in_a_queue_as_a_process, set_and_wake_process),
	ROW(NO_FAILURE, sleep_plain, set_if_active),
	ROW3(NO_FAILURE, sleep_plain, sleep_interruptible, set_all),
	ROW3(NO_FAILURE, sleep_exclusive, sleep_plain, set),
	ROW(FAIL_LOST_WAKEUP, sleep_plain, set_interruptible, "READ_ONCE",
	    "put itself on that queue in step", "the last wake-up was step"),
	ROW(FAIL_LOST_WAKEUP, sleep_plain, wake_before_set, "READ_ONCE"),
	ROW(FAIL_LOST_WAKEUP, sleep_plain, look_before_set, "READ_ONCE"),
	ROW(FAIL_LOST_WAKEUP, test_before_enter, set, "schedule()"),
	ROW(FAIL_LOST_WAKEUP, sleep_plain, only_set,
	    "put itself on that queue in step", "nobody ever wakes the queue"),
	ROW(FAIL_LOST_WAKEUP, sleep_on_a_queue, wake_before_set),
	ROW(FAIL_LOST_WAKEUP, sleep_until_woken, wake_before_set),
	ROW(FAIL_LOST_WAKEUP, sleep_var, set),
	ROW(FAIL_LOST_WAKEUP, sleep_for_a_bit, set_var, "bit 0 of &bits"),
	ROW(FAIL_LOST_WAKEUP, sleep_as_a_process_too_late,
	    set_and_wake_process),
};

START_TEST(a_sleeper_is_woken_if_the_order_is_right)
{
	check_verdict(&sleepers[_i]);
}
END_TEST

/* The tests below and their functions are about exclusive sleepers. */

/* Waits exclusively until there is an element, and takes it. */
static void take(void)
{
	wait_event_interruptible_exclusive(queue, READ_ONCE(filled));
	WRITE_ONCE(filled, 0);
}

static void consume(void *data)
{
	(void)data;
	take();
}

static void consume_and_pass_on(void *data)
{
	(void)data;
	take();
	WRITE_ONCE(filled, 1);
	wake_up(&queue);
}

/* Waits for another condition on the same queue. */
static void bystand(void *data)
{
	(void)data;
	wait_event_interruptible_exclusive(queue, READ_ONCE(flag));
}

static void bystand_unexclusively(void *data)
{
	(void)data;
	wait_event(queue, READ_ONCE(flag));
}

static void fill(void *data)
{
	(void)data;
	WRITE_ONCE(filled, 1);
	wake_up(&queue);
}

static void fill_then_set(void *data)
{
	(void)data;
	WRITE_ONCE(filled, 1);
	wake_up(&queue);
	wait_event(not_full, !READ_ONCE(filled));
	WRITE_ONCE(flag, 1);
	wake_up_all(&queue);
}

static void consume_and_tell(void *data)
{
	(void)data;
	take();
	wake_up(&not_full);
}

static void fill_all_then_set(void *data)
{
	(void)data;
	WRITE_ONCE(filled, 1);
	wake_up_all(&queue);
	wait_event(not_full, !READ_ONCE(filled));
	WRITE_ONCE(flag, 1);
	wake_up_all(&queue);
}

static void sleep_exclusive_once(void *data)
{
	(void)data;
	wait_event_interruptible_exclusive(queue, READ_ONCE(flag));
}

static void set_nr(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up_nr(&queue, 2);
}

static void give_up(void *data)
{
	(void)data;
	if (wait_event_interruptible_timeout(not_full, false, 10))
		iommufd_model_assert(false);
}

/* An exclusive sleeper that gives up may consume another one's wake-up. */
static void enter_and_give_up(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	prepare_to_wait_exclusive(&queue, &wait, TASK_INTERRUPTIBLE);
	finish_wait(&queue, &wait);
}

static void enter_give_up_and_pass_on(void *data)
{
	enter_and_give_up(data);
	wake_up(&queue);
}

static const struct verdict exclusive[] = {
	ROW(NO_FAILURE, consume, fill),
	/* wake_up() wakes only one of the two exclusive sleepers. */
	ROW3(FAIL_LOST_WAKEUP, sleep_exclusive_once, sleep_exclusive_once, set),
	ROW3(NO_FAILURE, sleep_exclusive_once, sleep_exclusive_once, set_nr),
	ROW3(NO_FAILURE, sleep_exclusive_once, sleep_exclusive_once, set_all),
	ROW4(FAIL_LOST_WAKEUP, sleep_exclusive_once, sleep_exclusive_once,
	     sleep_exclusive_once, set_nr),
	ROW3(NO_FAILURE, consume_and_pass_on, consume_and_pass_on, fill),
	/* The wake-up goes to a sleeper whose condition is still false. */
	ROW3(FAIL_LOST_WAKEUP, consume_and_tell, bystand, fill_then_set),
	ROW3(NO_FAILURE, consume_and_tell, bystand, fill_all_then_set),
	ROW3(NO_FAILURE, consume_and_tell, bystand_unexclusively,
	     fill_then_set),
	/* The wake-up goes to a sleeper that gives up. */
	ROW3(FAIL_LOST_WAKEUP, consume, enter_and_give_up, fill),
	ROW3(NO_FAILURE, consume, enter_give_up_and_pass_on, fill),
	ROW(FAIL_TIMEOUT, give_up, nothing),
};

START_TEST(a_wake_up_wakes_one_exclusive_sleeper)
{
	check_verdict(&exclusive[_i]);
}
END_TEST

/* A bounded buffer with two conditions. */

/* Both functions test and act with the lock held. */
static bool put_one(void)
{
	bool room;

	spin_lock(&lock);
	room = filled < SLOTS;
	filled += room;
	spin_unlock(&lock);
	return room;
}

static bool get_one(void)
{
	bool any;

	spin_lock(&lock);
	any = filled > 0;
	filled -= any;
	spin_unlock(&lock);
	return any;
}

/* Sleeps once, and asserts that there is an element after the wake-up. */
static void consume_if(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	prepare_to_wait(&not_empty, &wait, TASK_UNINTERRUPTIBLE);
	if (!get_one()) {
		schedule();
		iommufd_model_assert(get_one());
	}
	finish_wait(&not_empty, &wait);
	wake_up(&not_full);
}

static void produce_while(void *data)
{
	(void)data;
	wait_event(not_full, put_one());
	wake_up(&not_empty);
}

static void produce_two(void *data)
{
	produce_while(data);
	produce_while(data);
}

static void consume_while(void *data)
{
	(void)data;
	wait_event(not_empty, get_one());
	wake_up(&not_full);
}

static const struct verdict buffers[] = {
	/* With one thread at each end, and no spurious wake-up, it works. */
	ROW(NO_FAILURE, produce_while, consume_if),
	ROW(NO_FAILURE, produce_while, consume_while),
	/* Two consumers are woken for one element. */
	ROW3(FAIL_ASSERTION, produce_two, consume_if, consume_if,
	     "get_one()"),
	ROW3(NO_FAILURE, produce_two, consume_while, consume_while),
};

START_TEST(a_buffer_with_two_conditions_needs_a_loop)
{
	check_verdict(&buffers[_i]);
}
END_TEST

static const struct verdict spurious[] = {
	ROW(FAIL_ASSERTION, produce_while, consume_if, "get_one()"),
	ROW(NO_FAILURE, produce_while, consume_while),
	ROW(NO_FAILURE, sleep_plain, set),
	ROW(NO_FAILURE, sleep_in_a_loop, set_interruptible),
	ROW(NO_FAILURE, sleep_as_a_process, set_and_wake_process),
	ROW(NO_FAILURE, sleep_exclusive, set),
	/* Spurious wake-ups hide no lost wake-up. */
	ROW(FAIL_LOST_WAKEUP, sleep_plain, wake_before_set),
	ROW(FAIL_LOST_WAKEUP, sleep_plain, only_set),
};

START_TEST(a_sleeper_may_be_woken_for_no_reason)
{
	struct iommufd_model_explore_options options = { .spurious = 2 };
	char text[128];

	check_verdict_with(&spurious[_i], options);
	if (spurious[_i].failure == IOMMUFD_MODEL_FAIL_ASSERTION)
		ck_assert_ptr_nonnull(strstr(verdict_result.report,
					     "woken for no reason"));
	iommufd_model_verdict_text(&verdict_result, text, sizeof(text));
	if (verdict_result.spurious_bounded)
		ck_assert_ptr_nonnull(strstr(text, "2 spurious wake-ups"));
}
END_TEST

static void sleep_once(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
	schedule();
	finish_wait(&queue, &wait);
	check();
}

/* Nobody wakes the sleeper, so only the step before the end tells of its wake-up. */
START_TEST(one_spurious_wake_up_may_come_before_the_last_step)
{
	const struct verdict v =
		ROW(FAIL_ASSERTION, sleep_once, only_set, "READ_ONCE");
	struct iommufd_model_explore_options options = {
		.spurious = 1, .timeouts = IOMMUFD_MODEL_NO_TIMEOUTS,
		.ignore = 1u << IOMMUFD_MODEL_FAIL_LOST_WAKEUP,
	};

	check_verdict_with(&v, options);
}
END_TEST

static void sleep_twice(void *data)
{
	DEFINE_WAIT(wait);
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
		schedule();
		finish_wait(&queue, &wait);
	}
	iommufd_model_assert(false);
}

START_TEST(no_more_wake_ups_are_spurious_than_the_option_says)
{
	struct verdict v = ROW(NO_FAILURE, sleep_twice, only_set);
	struct iommufd_model_explore_options options = {
		.spurious = 1 + (unsigned int)_i,
		.ignore = 1u << IOMMUFD_MODEL_FAIL_LOST_WAKEUP,
	};

	if (_i)
		v.failure = IOMMUFD_MODEL_FAIL_ASSERTION;
	check_verdict_with(&v, options);
}
END_TEST

static int delayed;

static void only_wake(void *data)
{
	(void)data;
	wake_up(&queue);
}

static void expect_a_timeout(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
	iommufd_model_assert(!schedule_timeout(10));
	finish_wait(&queue, &wait);
}

/* A delay that wakes nobody and is woken by nobody, with both states. */
static void delays(void *data)
{
	(void)data;
	schedule_timeout_uninterruptible(10);
	schedule_timeout_interruptible(10);
	WRITE_ONCE(delayed, 1);
}

static void polls_with_delays(void *data)
{
	(void)data;
	while (!READ_ONCE(delayed))
		schedule_timeout_uninterruptible(1);
}

static void wakes_nobody(void *data)
{
	(void)data;
}

/* The timeout of a wait is a failure also if a delay ends at the same time. */
static void waits_as_long(void *data)
{
	(void)data;
	wait_event_timeout(queue, READ_ONCE(delayed) == 2, 10);
}

/* A loop as kernel code has it, which a signal would end. */
static void waits_for_delay(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	for (;;) {
		prepare_to_wait(&queue, &wait, TASK_INTERRUPTIBLE);
		if (READ_ONCE(delayed) || signal_pending(current))
			break;
		schedule();
	}
	finish_wait(&queue, &wait);
	BUG_ON(!READ_ONCE(delayed) || fatal_signal_pending(current));
}

static void delays_and_wakes(void *data)
{
	delays(data);
	wake_up(&queue);
}

static void finds_a_bug(void *data)
{
	(void)data;
	BUG_ON(!READ_ONCE(delayed));
}

static void setup_delays(void *data)
{
	(void)data;
	init_waitqueue_head(&queue);
	delayed = 0;
}

START_TEST(the_end_of_a_delay_is_no_failure)
{
	static const struct verdict rows[] = {
		RIGHT(0, "delay", setup_delays, NULL, T(delays),
		      T(wakes_nobody)),
		RIGHT(0, "poll", setup_delays, NULL, T(delays),
		      T(polls_with_delays)),
		WRONG(TIMEOUT, "READ_ONCE(delayed)", NULL, "wait", setup_delays,
		      NULL, T(delays), T(waits_as_long)),
		RIGHT(0, "sleep", setup_delays, NULL, T(waits_for_delay),
		      T(delays_and_wakes)),
		WRONG(WARN, "!READ_ONCE(delayed)", NULL, "bug", setup_delays,
		      NULL, T(finds_a_bug), T(delays)),
		WRONG(LIVELOCK, "delayed", NULL, "poll for nothing",
		      setup_delays, NULL, T(polls_with_delays)),
	};

	check_verdict(&rows[_i]);
}
END_TEST

/* The two threads share nothing but the queue. */
START_TEST(a_sleeper_may_be_on_the_queue_before_a_wake_up)
{
	const struct verdict v =
		ROW(FAIL_ASSERTION, only_wake, expect_a_timeout, "schedule_timeout");
	struct iommufd_model_explore_options options = {
		.ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT,
	};

	check_verdict_with(&v, options);
}
END_TEST

START_TEST(without_the_option_no_wakeup_is_spurious)
{
	struct verdict v = spurious[0];

	v.failure = IOMMUFD_MODEL_NO_FAILURE;
	check_verdict(&v);
	ck_assert(!verdict_result.spurious_bounded);
}
END_TEST

/* The tests below and their functions are about completions. */

static void finish(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	complete(&done);
}

static void finish_twice(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	complete(&done);
	complete(&done);
}

static void finish_all(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	complete_all(&done);
}

static void finish_too_early(void *data)
{
	(void)data;
	complete(&done);
	WRITE_ONCE(flag, 1);
}

static void reinit_and_finish(void *data)
{
	(void)data;
	reinit_completion(&done);
	WRITE_ONCE(flag, 1);
	complete(&done);
}

SLEEPER(await, wait_for_completion(&done))
SLEEPER(await_interruptible,
	iommufd_model_assert(!wait_for_completion_interruptible(&done)))
SLEEPER(await_killable,
	iommufd_model_assert(!wait_for_completion_killable(&done)))
SLEEPER(await_by_looking, {
	while (!try_wait_for_completion(&done))
		cpu_relax();
})
SLEEPER(await_done, {
	while (!completion_done(&done))
		cpu_relax();
})

static void await_timeout(void *data)
{
	unsigned long left;

	(void)data;
	left = wait_for_completion_timeout(&done, 10);
	if (left)
		check();
}

static void await_for_ever_or_not(void *data)
{
	(void)data;
	iommufd_model_assert(wait_for_completion_timeout(&done, 10));
}

static void await_twice(void *data)
{
	(void)data;
	wait_for_completion(&done);
	wait_for_completion(&done);
}

static void try_once(void *data)
{
	(void)data;
	if (try_wait_for_completion(&done))
		WRITE_ONCE(taken, 1);
}

static void await_under_lock(void *data)
{
	(void)data;
	spin_lock(&lock);
	wait_for_completion(&done);
	spin_unlock(&lock);
}

static const struct verdict completions[] = {
	ROW(NO_FAILURE, await, finish),
	ROW(NO_FAILURE, await_interruptible, finish),
	ROW(NO_FAILURE, await_killable, finish_all),
	ROW(NO_FAILURE, await_by_looking, finish),
	ROW(NO_FAILURE, await_done, finish),
	ROW(NO_FAILURE, await_timeout, finish),
	ROW(NO_FAILURE, await_twice, finish_twice),
	ROW(NO_FAILURE, await_twice, finish_all),
	ROW3(NO_FAILURE, await, await, finish_twice),
	ROW3(NO_FAILURE, await, await, finish_all),
	ROW3(NO_FAILURE, await_twice, finish, finish),
	ROW(FAIL_ASSERTION, await, finish_too_early, "flag"),
	ROW(FAIL_ASSERTION, await_for_ever_or_not, finish, "timeout"),
	ROW(FAIL_LOST_WAKEUP, await, nothing, "&done"),
	ROW(FAIL_LOST_WAKEUP, await_twice, finish, "&done"),
	ROW3(FAIL_LOST_WAKEUP, await, await, finish, "&done"),
	ROW3(FAIL_LOST_WAKEUP, await, try_once, finish, "&done"),
	/* The reinit cancels a completion by another thread. */
	ROW4(FAIL_LOST_WAKEUP, await, await, finish, reinit_and_finish),
	ROW(FAIL_ATOMIC, await_under_lock, finish,
	    "wait_for_completion may sleep", "&lock"),
};

START_TEST(a_completion_lets_one_thread_go_on_for_each_complete)
{
	check_verdict(&completions[_i]);
}
END_TEST

START_TEST(a_completion_is_taken_again_after_a_spurious_wake_up)
{
	struct iommufd_model_explore_options options = { .spurious = 1 };

	if (completions[_i].failure == IOMMUFD_MODEL_NO_FAILURE)
		check_verdict_with(&completions[_i], options);
}
END_TEST

/* A completion on the stack of the waiting thread. */

static struct completion *on_stack;

static void setup_stack(void *data)
{
	setup(data);
	on_stack = NULL;
}

static void await_on_stack(void *data)
{
	DECLARE_COMPLETION_ONSTACK(mine);

	(void)data;
	WRITE_ONCE(on_stack, &mine);
	wait_for_completion(&mine);
}

static void give_up_on_stack(void *data)
{
	DECLARE_COMPLETION_ONSTACK(mine);

	(void)data;
	WRITE_ONCE(on_stack, &mine);
	wait_for_completion_timeout(&mine, 10);
}

/* The right form: no thread can complete it once the lock is taken. */
static void withdraw_from_stack(void *data)
{
	DECLARE_COMPLETION_ONSTACK(mine);

	(void)data;
	WRITE_ONCE(on_stack, &mine);
	wait_for_completion_timeout(&mine, 10);
	spin_lock(&lock);
	WRITE_ONCE(on_stack, NULL);
	spin_unlock(&lock);
}

static void complete_on_stack(void *data)
{
	struct completion *x = READ_ONCE(on_stack);

	(void)data;
	if (x)
		complete(x);
}

static void complete_locked(void *data)
{
	struct completion *x;

	(void)data;
	spin_lock(&lock);
	x = READ_ONCE(on_stack);
	if (x)
		complete(x);
	spin_unlock(&lock);
}

#define STACK(failure_, one, two, ...)					\
	{ .failure = IOMMUFD_MODEL_##failure_,				\
	  .test = { .name = #one " and " #two, .setup = setup_stack,	\
		    .threads = { { #one, one }, { #two, two } } },	\
	  .told = { __VA_ARGS__ } }

static const struct verdict stacks[] = {
	STACK(FAIL_USE_AFTER_FREE, give_up_on_stack, complete_on_stack,
	      "complete of x", "on the stack of give_up_on_stack"),
	STACK(NO_FAILURE, withdraw_from_stack, complete_locked, NULL),
	STACK(FAIL_LOST_WAKEUP, await_on_stack, complete_on_stack, NULL),
};

START_TEST(a_completion_on_a_stack_must_outlive_the_complete)
{
	struct iommufd_model_explore_options options = {
		.ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT,
	};

	check_verdict_with(&stacks[_i], options);
}
END_TEST

/* Semaphores */

static DEFINE_SEMAPHORE(one, 1);
static struct semaphore two, none;

static void setup_semaphores(void *data)
{
	setup(data);
	/* An expression, as the call of a function is. */
	sema_init(&one, 1), sema_init(&two, 2);
	sema_init(&none, 0);
}

/* At most @most threads are here at a time. */
static void enter_and_leave(int most)
{
	spin_lock(&lock);
	counter++;
	iommufd_model_assert(counter <= most);
	spin_unlock(&lock);
	spin_lock(&lock);
	counter--;
	spin_unlock(&lock);
}

static void with_one(void *data)
{
	(void)data;
	down(&one);
	enter_and_leave(1);
	up(&one);
}

static void with_two(void *data)
{
	(void)data;
	if (!down_interruptible(&two)) {
		enter_and_leave(2);
		up(&two);
	}
}

static void with_two_as_if_one(void *data)
{
	(void)data;
	down(&two);
	enter_and_leave(1);
	up(&two);
}

static void tries_one(void *data)
{
	(void)data;
	if (!down_trylock(&one)) {
		enter_and_leave(1);
		up(&one);
	}
}

static void tries_as_a_mutex(void *data)
{
	(void)data;
	if (down_trylock(&one)) {
		enter_and_leave(1);
		up(&one);
	}
}

static void keeps_one(void *data)
{
	(void)data;
	down(&one);
}

static void one_then_two(void *data)
{
	(void)data;
	down(&one);
	down(&two);
	up(&two);
	up(&one);
}

static void two_then_one(void *data)
{
	(void)data;
	down(&two);
	down(&two);
	down(&one);
	up(&one);
	up(&two);
	up(&two);
}

static void comes_when_told(void *data)
{
	(void)data;
	down(&none);
	iommufd_model_assert(READ_ONCE(flag));
}

static void tells(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	up(&none);
}

static void tells_too_early(void *data)
{
	(void)data;
	up(&none);
	WRITE_ONCE(flag, 1);
}

static void with_one_or_late(void *data)
{
	int rc = down_timeout(&one, 10);

	(void)data;
	iommufd_model_assert(!rc || rc == -ETIME);
	if (!rc) {
		enter_and_leave(1);
		up(&one);
	}
}

static void all_given_back(void *data)
{
	(void)data;
	iommufd_model_assert(!down_trylock(&one));
	iommufd_model_assert(down_trylock(&one) == 1);
}

#define SEMAPHORE(failure_, one_, two_, after_, ...)			\
	{ .failure = IOMMUFD_MODEL_##failure_,				\
	  .test = { .name = #one_ " and " #two_, .after = after_,	\
		    .setup = setup_semaphores,				\
		    .threads = { { #one_, one_ }, { #two_, two_ } } },	\
	  .told = { "" __VA_ARGS__ } }

static const struct verdict semaphores[] = {
	SEMAPHORE(NO_FAILURE, with_one, with_one, all_given_back),
	SEMAPHORE(NO_FAILURE, with_two, with_two, NULL),
	SEMAPHORE(FAIL_ASSERTION, with_two_as_if_one, with_two_as_if_one, NULL,
		  "counter <= most"),
	SEMAPHORE(NO_FAILURE, with_one, tries_one, all_given_back),
	SEMAPHORE(FAIL_ASSERTION, with_one, tries_as_a_mutex, NULL),
	SEMAPHORE(FAIL_LOST_WAKEUP, with_one, keeps_one, NULL, "&one"),
	SEMAPHORE(FAIL_LOST_WAKEUP, one_then_two, two_then_one, NULL),
	SEMAPHORE(NO_FAILURE, comes_when_told, tells, NULL),
	SEMAPHORE(FAIL_ASSERTION, comes_when_told, tells_too_early, NULL,
		  "flag"),
	SEMAPHORE(NO_FAILURE, with_one, with_one_or_late, all_given_back),
};

START_TEST(a_semaphore_lets_as_many_in_as_its_count)
{
	struct iommufd_model_explore_options options = {
		.ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT,
	};

	check_verdict_with(&semaphores[_i], options);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("waits");
	TCase *tc = tcase_create("waits");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, a_sleeper_is_woken_if_the_order_is_right, 0,
			    ARRAY_SIZE(sleepers));
	tcase_add_loop_test(tc, a_wake_up_wakes_one_exclusive_sleeper, 0,
			    ARRAY_SIZE(exclusive));
	tcase_add_loop_test(tc, a_buffer_with_two_conditions_needs_a_loop, 0,
			    ARRAY_SIZE(buffers));
	tcase_add_loop_test(tc,
			    a_completion_on_a_stack_must_outlive_the_complete,
			    0, ARRAY_SIZE(stacks));
	tcase_add_loop_test(tc, a_sleeper_may_be_woken_for_no_reason, 0,
			    ARRAY_SIZE(spurious));
	tcase_add_test(tc, one_spurious_wake_up_may_come_before_the_last_step);
	tcase_add_loop_test(
		tc, no_more_wake_ups_are_spurious_than_the_option_says, 0, 2);
	tcase_add_loop_test(tc, the_end_of_a_delay_is_no_failure, 0, 6);
	tcase_add_test(tc, a_sleeper_may_be_on_the_queue_before_a_wake_up);
	tcase_add_test(tc, without_the_option_no_wakeup_is_spurious);
	tcase_add_loop_test(tc, a_semaphore_lets_as_many_in_as_its_count, 0,
			    ARRAY_SIZE(semaphores));
	tcase_add_loop_test(tc,
			    a_completion_lets_one_thread_go_on_for_each_complete,
			    0, ARRAY_SIZE(completions));
	tcase_add_loop_test(
		tc, a_completion_is_taken_again_after_a_spurious_wake_up, 0,
		ARRAY_SIZE(completions));
	return run_suite(suite);
}
