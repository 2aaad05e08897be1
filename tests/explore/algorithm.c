// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests of each behaviour of the explorer, with numbers of executions that were
 * worked out by hand, and regression tests.  A comment that begins with "Once"
 * describes a fault that the explorer used to have.
 */
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define BIT_OF(failure) (1u << (failure))

struct dummy {
	struct mutex mutex;
	spinlock_t spin;
	refcount_t refs;
	int value;
	bool done;
	struct dummy *self;
};

/* The variables that the threads of a test share; setup() initialises them. */
static struct {
	refcount_t a, b;
	int x, y, z;
	struct mutex m, n;
	spinlock_t spin;
	struct rw_semaphore sem;
	wait_queue_head_t wq;
	struct dummy *dummy;
	int order[4], nr_order;
	int looked;
	long long_value;
	int *moved, *slot;
	struct completion chosen;
	atomic_t counter;
} s;

/* Shared memory in which executions, which run in children, leave results. */
static struct {
	unsigned int outcomes;
	int looked;
	/* how many executions each process has done */
	struct {
		pid_t pid;
		unsigned long executions;
	} process[16];
} *told;

static void setup(void *data)
{
	struct dummy *dummy;

	(void)data;
	memset(&s, 0, sizeof(s));
	mutex_init(&s.m);
	mutex_init(&s.n);
	spin_lock_init(&s.spin);
	init_rwsem(&s.sem);
	init_waitqueue_head(&s.wq);
	refcount_set(&s.a, 2);
	refcount_set(&s.b, 2);
	init_completion(&s.chosen);
	dummy = kzalloc(sizeof(*dummy), GFP_KERNEL);
	mutex_init(&dummy->mutex);
	spin_lock_init(&dummy->spin);
	refcount_set(&dummy->refs, 1);
	s.dummy = dummy;
}

static void after(void *data)
{
	(void)data;
	kfree(s.dummy);
	told->outcomes |= 1u << s.x;
}

#define MAKE_TEST(name_, ...)						\
	static const struct iommufd_model_test name_ = {		\
		.name = #name_, .setup = setup, .after = after,		\
		.threads = { __VA_ARGS__ },				\
	}
#define THREAD(fn) { NULL, fn }

static struct iommufd_model_explore_result result;

/* An exploration waits for all processes that it has started. */
static int explore(const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options options)
{
	int rc;

	iommufd_model_explore_free(&result);
	told->outcomes = 0;
	options.quiet = true;
	rc = iommufd_model_explore(test, &options, &result);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	return rc;
}

#define explore_with(test, ...) \
	explore(test, (struct iommufd_model_explore_options){ __VA_ARGS__ })

/*
 * Explores @test completely, without a failure; returns the number of
 * executions.
 */
static unsigned long executions(const struct iommufd_model_test *test)
{
	ck_assert_int_eq(explore_with(test, .jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	return result.executions;
}

static unsigned long plain_executions(const struct iommufd_model_test *test)
{
	ck_assert_int_eq(explore_with(test, .plain = true), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	return result.executions;
}

static void fails(const struct iommufd_model_test *test,
		  enum iommufd_model_failure failure)
{
	ck_assert_int_eq(explore_with(test, .jobs = 1), 1);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_FAILED);
	ck_assert_str_eq(iommufd_model_failure_name(result.failure),
			 iommufd_model_failure_name(failure));
	ck_assert_ptr_nonnull(result.schedule);
	ck_assert_ptr_nonnull(result.report);
	ck_assert(*result.text);
}

/*
 * Asserts that the schedule in the result, up to its fingerprint, is @choices.
 */
static void ck_assert_choices(const char *choices)
{
	size_t len = strcspn(result.schedule, "@");

	ck_assert_uint_eq(len, strlen(choices));
	ck_assert(!strncmp(result.schedule, choices, len));
}

/* The tests below are about counters. */

static void inc_a(void *data)
{
	(void)data;
	refcount_inc(&s.a);
}

static void read_a(void *data)
{
	(void)data;
	(void)refcount_read(&s.a);
}

static void put_a(void *data)
{
	(void)data;
	(void)refcount_dec_and_test(&s.a);
}

static void put_inc_a(void *data)
{
	(void)data;
	refcount_inc(&s.a);
	(void)refcount_dec_and_test(&s.a);
}

static void set_b_0(void *data)
{
	setup(data);
	refcount_set(&s.b, 0);
}

static void get_b(void *data)
{
	(void)data;
	(void)refcount_inc_not_zero(&s.b);
}

static void one_of_b(void *data)
{
	(void)data;
	(void)refcount_dec_if_one(&s.b);
}

static void read_b(void *data)
{
	(void)data;
	(void)refcount_read(&s.b);
}

MAKE_TEST(two_incs, THREAD(inc_a), THREAD(inc_a));
MAKE_TEST(inc_and_read, THREAD(inc_a), THREAD(read_a));
MAKE_TEST(two_reads, THREAD(read_a), THREAD(read_a));
MAKE_TEST(two_puts, THREAD(put_a), THREAD(put_a));
MAKE_TEST(inc_and_put, THREAD(inc_a), THREAD(put_a));
MAKE_TEST(three_pairs, THREAD(put_inc_a), THREAD(put_inc_a),
	  THREAD(put_inc_a));
MAKE_TEST(inc_and_two_puts, THREAD(inc_a), THREAD(put_a), THREAD(put_a));
static const struct iommufd_model_test gets_from_zero = {
	.name = "gets_from_zero", .setup = set_b_0, .after = after,
	.threads = { THREAD(get_b), THREAD(get_b), THREAD(read_b),
		     THREAD(one_of_b) },
};

START_TEST(two_incs_commute)
{
	ck_assert_uint_eq(executions(&two_incs), 1);
	ck_assert_uint_eq(plain_executions(&two_incs), 2);
}
END_TEST

START_TEST(an_inc_and_a_read_do_not_commute)
{
	ck_assert_uint_eq(executions(&inc_and_read), 2);
	ck_assert_uint_eq(executions(&two_reads), 1);
}
END_TEST

START_TEST(a_failed_get_is_a_read)
{
	ck_assert_uint_eq(executions(&gets_from_zero), 1);
}
END_TEST

START_TEST(the_last_put_does_not_commute)
{
	/*
	 * The counter begins at 2.  One of two puts is the last one; with an
	 * inc and a put neither drops the last reference.
	 */
	ck_assert_uint_eq(executions(&two_puts), 2);
	ck_assert_uint_eq(executions(&inc_and_put), 1);
	/* The counter never falls below 2, so all operations commute. */
	ck_assert_uint_eq(executions(&three_pairs), 1);
	/* If both puts come before the inc, it increments from zero. */
	fails(&inc_and_two_puts, IOMMUFD_MODEL_FAIL_REFCOUNT);
}
END_TEST

static void writes_to_dummy(void *data)
{
	(void)data;
	WRITE_ONCE(s.dummy->value, 1);
}

MAKE_TEST(one_write, THREAD(writes_to_dummy));

/* What follows the write could use memory that another thread frees. */
START_TEST(only_without_plain_is_code_after_an_operation_a_step)
{
	ck_assert_uint_eq(executions(&one_write), 1);
	ck_assert_uint_eq(result.depth, 2);
	ck_assert_uint_eq(plain_executions(&one_write), 1);
	ck_assert_uint_eq(result.depth, 1);
}
END_TEST

static void put_b_if_one(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	if (refcount_dec_if_one(&s.b))
		WRITE_ONCE(s.x, 1);
	mutex_unlock(&s.m);
}

static void put_b_twice(void *data)
{
	(void)data;
	refcount_dec(&s.b);
	mutex_lock(&s.m);
	refcount_dec(&s.b);
	mutex_unlock(&s.m);
	refcount_set(&s.b, 3);
}

static void set_b_3(void *data)
{
	setup(data);
	refcount_set(&s.b, 3);
}

/*
 * Takes a second reference to the dummy, which others may free, and drops it.
 */
static void get_dummy_and_put(void *data)
{
	(void)data;
	if (!refcount_inc_not_zero(&s.dummy->refs)) {
		s.x = 1;
		return;
	}
	(void)refcount_dec_and_test(&s.dummy->refs);
}

static void put_dummy_twice(void *data)
{
	refcount_inc(&s.dummy->refs);
	(void)data;
	(void)refcount_dec_and_test(&s.dummy->refs);
	(void)refcount_dec_and_test(&s.dummy->refs);
}

MAKE_TEST(dummy_for_a_moment, THREAD(get_dummy_and_put),
	  THREAD(put_dummy_twice));

/*
 * The extra step behind a put must not hide references that other threads took
 * before the put.
 */
START_TEST(step_after_a_put_does_not_hide_a_get)
{
	executions(&dummy_for_a_moment);
	ck_assert_uint_eq(told->outcomes, 3);
}
END_TEST

static const struct iommufd_model_test one_for_a_moment = {
	.name = "one_for_a_moment", .setup = set_b_3, .after = after,
	.threads = { THREAD(put_b_if_one), THREAD(put_b_twice) },
};

/*
 * In an earlier version the explorer ordered the first dec of b after a
 * refcount_dec_if_one() that failed, which hid the conflict of the lock
 * operations that follow.  At the same time the dec did not remove that
 * refcount_dec_if_one() from the sleep set.
 */
START_TEST(what_orders_a_counter_also_wakes)
{
	executions(&one_for_a_moment);
	ck_assert_uint_eq(told->outcomes, 3);
}
END_TEST

/* The tests below are about locks. */

static void section(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.y++;
	mutex_unlock(&s.m);
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
	s.y++;
	up_write(&s.sem);
}

static void reader_then_mutex(void *data)
{
	(void)data;
	down_read(&s.sem);
	mutex_lock(&s.m);
	mutex_unlock(&s.m);
	up_read(&s.sem);
}

static void mutex_then_reader(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	down_read(&s.sem);
	up_read(&s.sem);
	mutex_unlock(&s.m);
}

static void m_then_n(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	mutex_lock(&s.n);
	mutex_unlock(&s.n);
	mutex_unlock(&s.m);
}

static void n_then_m(void *data)
{
	(void)data;
	mutex_lock(&s.n);
	mutex_lock(&s.m);
	mutex_unlock(&s.m);
	mutex_unlock(&s.n);
}

static void both_orders(void *data)
{
	m_then_n(data);
	n_then_m(data);
}

static void try_m(void *data)
{
	(void)data;
	if (mutex_trylock(&s.m))
		mutex_unlock(&s.m);
	else
		__atomic_store_n(&s.x, 1, __ATOMIC_RELAXED);
}

MAKE_TEST(two_sections, THREAD(section), THREAD(section));
MAKE_TEST(three_sections, THREAD(section), THREAD(section), THREAD(section));
MAKE_TEST(three_readers, THREAD(reader), THREAD(reader), THREAD(reader));
MAKE_TEST(reader_and_writer, THREAD(reader), THREAD(writer));
MAKE_TEST(two_that_could_not, THREAD(reader_then_mutex),
	  THREAD(mutex_then_reader));
MAKE_TEST(triangle, THREAD(reader_then_mutex), THREAD(writer),
	  THREAD(mutex_then_reader));
MAKE_TEST(abba, THREAD(m_then_n), THREAD(n_then_m));
MAKE_TEST(one_in_both_orders, THREAD(both_orders));
MAKE_TEST(section_and_try, THREAD(section), THREAD(try_m));
MAKE_TEST(three_tries, THREAD(try_m), THREAD(try_m), THREAD(try_m));
static const struct iommufd_model_test three_equal_sections = {
	.name = "three_equal_sections", .setup = setup, .after = after,
	.threads = { THREAD(section), THREAD(section), THREAD(section) },
	.symmetric = 7,
};

START_TEST(sections_come_in_each_order)
{
	ck_assert_uint_eq(executions(&two_sections), 2);
	ck_assert_uint_eq(executions(&three_sections), 6);
}
END_TEST

START_TEST(equal_threads_come_in_one_order)
{
	ck_assert_uint_eq(executions(&three_equal_sections), 1);
}
END_TEST

START_TEST(readers_commute)
{
	ck_assert_uint_eq(executions(&three_readers), 1);
	ck_assert_uint_eq(executions(&reader_and_writer), 2);
}
END_TEST

START_TEST(trylock_gets_it_before_and_after_and_not_between)
{
	/* The trylock runs before lock, before unlock, or after unlock. */
	ck_assert_uint_eq(executions(&section_and_try), 3);
	ck_assert_uint_eq(told->outcomes, 3);
}
END_TEST

/*
 * One of three trylocks is the first to get the lock.  Of the other two, both
 * fail; or one fails and the other gets the lock after the first unlock; or one
 * gets it then and the other fails during that section, or gets the lock after
 * or before that section.  Once: two trylocks that fail were taken to conflict.
 */
START_TEST(two_trylocks_that_fail_commute)
{
	ck_assert_uint_eq(executions(&three_tries), 21);
}
END_TEST

START_TEST(a_reader_behind_a_waiting_writer_deadlocks)
{
	const unsigned int order = BIT_OF(IOMMUFD_MODEL_FAIL_LOCK_ORDER);

	ck_assert_int_eq(explore_with(&two_that_could_not, .ignore = order), 0);
	ck_assert_int_eq(explore_with(&triangle, .ignore = order), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_DEADLOCK);
}
END_TEST

START_TEST(lock_order_inversion_is_found_without_a_deadlock)
{
	fails(&one_in_both_orders, IOMMUFD_MODEL_FAIL_LOCK_ORDER);
	fails(&abba, IOMMUFD_MODEL_FAIL_LOCK_ORDER);
	ck_assert_int_eq(
		explore_with(&abba,
			     .ignore = BIT_OF(IOMMUFD_MODEL_FAIL_LOCK_ORDER)),
		1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_DEADLOCK);
	ck_assert_int_eq(result.preemptions, 1);
}
END_TEST

/* The tests below are about memory. */

static void set_done(void *data)
{
	(void)data;
	mutex_lock(&s.dummy->mutex);
	s.dummy->done = true;
	mutex_unlock(&s.dummy->mutex);
}

static void free_if_done(void *data)
{
	struct dummy *dummy = s.dummy;
	bool done;

	(void)data;
	mutex_lock(&dummy->mutex);
	done = dummy->done;
	mutex_unlock(&dummy->mutex);
	if (done) {
		s.dummy = NULL;
		kfree(dummy);
	}
}

static void spin_set_done(void *data)
{
	(void)data;
	spin_lock(&s.dummy->spin);
	s.dummy->done = true;
	spin_unlock(&s.dummy->spin);
}

static void spin_free_if_done(void *data)
{
	struct dummy *dummy = s.dummy;
	bool done;

	(void)data;
	spin_lock(&dummy->spin);
	done = dummy->done;
	spin_unlock(&dummy->spin);
	if (done) {
		s.dummy = NULL;
		kfree(dummy);
	}
}

static void free_dummy(void *data)
{
	struct dummy *dummy = s.dummy;

	(void)data;
	s.dummy = NULL;
	kfree(dummy);
}

static void free_dummy_again(void *data)
{
	struct dummy *dummy = s.dummy;

	(void)data;
	kfree(dummy);
	s.dummy = NULL;
	kfree(dummy);
}

/*
 * A pointer that setup saves; reading it is a plain access and not an
 * operation.
 */
static struct dummy *dummy_before;

static void setup_before(void *data)
{
	setup(data);
	dummy_before = s.dummy;
}

static void read_dummy(void *data)
{
	(void)data;
	(void)READ_ONCE(dummy_before->value);
}

static void locked_free(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	WRITE_ONCE(s.y, 1);
	kfree(s.dummy);
	s.dummy = NULL;
	mutex_unlock(&s.m);
}

static void locked_read(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	if (!READ_ONCE(s.y))
		(void)READ_ONCE(s.dummy->value);
	mutex_unlock(&s.m);
}

static void leaks(void *data)
{
	(void)data;
	(void)!kzalloc(8, GFP_KERNEL);
}

MAKE_TEST(lock_in_what_is_freed, THREAD(set_done), THREAD(free_if_done));
MAKE_TEST(spinlock_in_what_is_freed, THREAD(spin_set_done),
	  THREAD(spin_free_if_done));
static const struct iommufd_model_test free_and_read = {
	.name = "free_and_read", .setup = setup_before, .after = after,
	.threads = { THREAD(read_dummy), THREAD(free_dummy) },
};
MAKE_TEST(free_and_read_locked, THREAD(locked_read), THREAD(locked_free));
MAKE_TEST(double_free, THREAD(free_dummy_again));

static void frees_nothing(void *data)
{
	void *p = kvcalloc(0, 8, GFP_KERNEL);
	void *other = kmalloc(8, GFP_KERNEL);

	(void)data;
	iommufd_model_assert(p && other);
	kvfree(p);
	kfree(other);
}

static void frees_nothing_twice(void *data)
{
	void *p = kmalloc(0, GFP_KERNEL);

	(void)data;
	kfree(p);
	kfree(p);
}

MAKE_TEST(free_of_nothing, THREAD(frees_nothing), THREAD(frees_nothing));
MAKE_TEST(double_free_of_nothing, THREAD(frees_nothing_twice));
MAKE_TEST(leak, THREAD(leaks));

#if !SANITIZED	/* a sanitizer reports such a write itself */
/* The last byte, which is in no whole word. */
static void writes_to_freed_memory(void *data)
{
	volatile char *p = kmalloc(13, GFP_KERNEL);

	(void)data;
	if (!p)
		return;
	kfree((void *)p);
	/* What is there depends on an address, so any value may be. */
	p[12] = (char)~p[12];
}

MAKE_TEST(write_to_freed_memory, THREAD(writes_to_freed_memory));

START_TEST(a_write_to_any_byte_of_freed_memory_is_found)
{
	fails(&write_to_freed_memory, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
}
END_TEST
#endif

START_TEST(the_tail_of_an_unlock_is_found_in_freed_memory)
{
	fails(&lock_in_what_is_freed, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
	executions(&spinlock_in_what_is_freed);
}
END_TEST

START_TEST(a_free_conflicts_with_accesses_to_the_memory)
{
	fails(&free_and_read, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
	ck_assert_uint_eq(executions(&free_and_read_locked), 2);
}
END_TEST

START_TEST(misuse_of_memory_is_found)
{
	fails(&double_free, IOMMUFD_MODEL_FAIL_DOUBLE_FREE);
	fails(&leak, IOMMUFD_MODEL_FAIL_LEAK);
}
END_TEST

START_TEST(memory_without_bytes_can_be_freed_once)
{
	ck_assert_uint_eq(executions(&free_of_nothing), 1);
	fails(&double_free_of_nothing, IOMMUFD_MODEL_FAIL_DOUBLE_FREE);
}
END_TEST

/* The tests below are about waiting. */

static void wait_for_x(void *data)
{
	(void)data;
	wait_event(s.wq, READ_ONCE(s.x));
}

static void set_x_and_wake(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
	wake_up(&s.wq);
}

static void wake_and_set_x(void *data)
{
	(void)data;
	wake_up(&s.wq);
	WRITE_ONCE(s.x, 1);
}

static void wait_a_minute(void *data)
{
	long left = wait_event_timeout(s.wq, READ_ONCE(s.x), 60000);

	(void)data;
	iommufd_model_assert(left == 60000);
}

static void wait_in_vain(void *data)
{
	long left = wait_event_timeout(s.wq, READ_ONCE(s.x), 60000);

	(void)data;
	iommufd_model_assert(left == 0);
	iommufd_model_assert(jiffies == 60000);
}

static void wait_10(void *data)
{
	(void)data;
	wait_event_timeout(s.wq, false, 10);
	WRITE_ONCE(s.x, 1);
}

static void wait_also_10(void *data)
{
	(void)data;
	wait_event_timeout(s.wq, false, 10);
	WRITE_ONCE(s.x, 2);
}

static void wait_20(void *data)
{
	(void)data;
	wait_event_timeout(s.wq, false, 20);
	WRITE_ONCE(s.x, 2);
}

MAKE_TEST(good_wake, THREAD(wait_for_x), THREAD(set_x_and_wake));
MAKE_TEST(bad_wake, THREAD(wait_for_x), THREAD(wake_and_set_x));
MAKE_TEST(timed_good_wake, THREAD(wait_a_minute), THREAD(set_x_and_wake));
MAKE_TEST(timed_in_vain, THREAD(wait_in_vain));
MAKE_TEST(by_deadline, THREAD(wait_20), THREAD(wait_10));
MAKE_TEST(equal_deadlines, THREAD(wait_10), THREAD(wait_also_10));

START_TEST(a_lost_wakeup_is_found_and_no_other)
{
	executions(&good_wake);
	fails(&bad_wake, IOMMUFD_MODEL_FAIL_LOST_WAKEUP);
}
END_TEST

/*
 * In an earlier version the explorer reported that the first execution and its
 * repetition differ.
 */
START_TEST(a_lost_wakeup_can_be_ignored)
{
	static const struct iommufd_model_test nobody_wakes = {
		.name = "nobody_wakes", .setup = setup, .after = after,
		.threads = { THREAD(wait_for_x) },
	};

	ck_assert_int_eq(
		explore_with(&nobody_wakes,
			     .ignore = BIT_OF(IOMMUFD_MODEL_FAIL_LOST_WAKEUP)),
		0);
	ck_assert_uint_eq(result.executions, 1);
}
END_TEST

START_TEST(a_watchdog_fires_only_when_nothing_else_can_run)
{
	executions(&timed_good_wake);
	fails(&timed_in_vain, IOMMUFD_MODEL_FAIL_TIMEOUT);
}
END_TEST

START_TEST(a_timeout_takes_no_time)
{
	ck_assert_int_eq(
		explore_with(&timed_in_vain,
			     .ignore = BIT_OF(IOMMUFD_MODEL_FAIL_TIMEOUT)),
		0);
	ck_assert(result.seconds < 30);
}
END_TEST

START_TEST(timeouts_come_by_deadline)
{
	const unsigned int ignore = BIT_OF(IOMMUFD_MODEL_FAIL_TIMEOUT);

	ck_assert_int_eq(explore_with(&by_deadline, .ignore = ignore,
				      .timeouts = IOMMUFD_MODEL_NO_TIMEOUTS),
			 0);
	ck_assert_uint_eq(told->outcomes, 1u << 2);
	ck_assert_int_eq(explore_with(&equal_deadlines, .ignore = ignore), 0);
	ck_assert_uint_eq(told->outcomes, 1u << 1 | 1u << 2);
}
END_TEST

/* The tests below spawn and join threads. */

static void child(void *data)
{
	(void)data;
	iommufd_model_assert(READ_ONCE(s.x) == 1);
	WRITE_ONCE(s.x, 2);
}

static void parent(void *data)
{
	int number;

	WRITE_ONCE(s.x, 1);
	number = iommufd_model_spawn("child", child, data);
	iommufd_model_assert(number == 1);
	iommufd_model_join(number);
	iommufd_model_assert(READ_ONCE(s.x) == 2);
}

static void parent_without_join(void *data)
{
	WRITE_ONCE(s.x, 1);
	iommufd_model_spawn("child", child, data);
	iommufd_model_assert(READ_ONCE(s.x) == 2);
}

static void parent_too_early(void *data)
{
	iommufd_model_spawn("child", child, data);
	WRITE_ONCE(s.x, 1);
}

MAKE_TEST(family, THREAD(parent));
MAKE_TEST(family_without_join, THREAD(parent_without_join));
MAKE_TEST(family_too_early, THREAD(parent_too_early));

START_TEST(a_child_comes_after_its_spawn_and_before_its_join)
{
	ck_assert_uint_eq(executions(&family), 1);
	fails(&family_without_join, IOMMUFD_MODEL_FAIL_ASSERTION);
	fails(&family_too_early, IOMMUFD_MODEL_FAIL_ASSERTION);
}
END_TEST

/*
 * The tests below are about bounds, limits and the schedule that is handed
 * back.
 */

static void x_1_2(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
	WRITE_ONCE(s.x, 2);
}

static void x_is_not_1(void *data)
{
	(void)data;
	iommufd_model_assert(READ_ONCE(s.x) != 1);
}

static void x_is_2(void *data)
{
	(void)data;
	iommufd_model_assert(READ_ONCE(s.x) == 2);
}

static void many_writes(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 10; i++)
		WRITE_ONCE(s.x, 1);
}

MAKE_TEST(one_preemption, THREAD(x_1_2), THREAD(x_is_not_1));
MAKE_TEST(none_needed, THREAD(x_1_2), THREAD(x_is_2));
MAKE_TEST(large, THREAD(many_writes), THREAD(many_writes));
MAKE_TEST(larger, THREAD(many_writes), THREAD(many_writes),
	  THREAD(many_writes), THREAD(many_writes));

START_TEST(a_bound_of_0_does_not_find_what_takes_1)
{
	setenv("IOMMUFD_MODEL_EXPLORE_PREEMPTIONS", "0", 1);
	ck_assert_int_eq(explore_with(&one_preemption,
				      .mode = IOMMUFD_MODEL_BOUNDED), 0);
	unsetenv("IOMMUFD_MODEL_EXPLORE_PREEMPTIONS");
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE_BOUNDED);
	ck_assert_int_eq(result.preemptions, 0);
	ck_assert_uint_eq(result.executions, 2);
	ck_assert_int_eq(explore_with(&one_preemption,
				      .mode = IOMMUFD_MODEL_BOUNDED,
				      .preemptions = 1), 1);
	ck_assert_int_eq(result.preemptions, 1);
	ck_assert_choices("ab");
}
END_TEST

START_TEST(a_bound_that_cuts_nothing_is_complete)
{
	ck_assert_int_eq(explore_with(&two_incs, .mode = IOMMUFD_MODEL_BOUNDED,
				      .preemptions = 2), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}
END_TEST

START_TEST(the_counterexample_has_the_fewest_preemptions)
{
	fails(&one_preemption, IOMMUFD_MODEL_FAIL_ASSERTION);
	ck_assert_int_eq(result.preemptions, 1);
	ck_assert_int_eq(explore_with(&none_needed, .no_minimise = true), 1);
	ck_assert_int_eq(result.preemptions, 1);
	fails(&none_needed, IOMMUFD_MODEL_FAIL_ASSERTION);
	ck_assert_int_eq(result.preemptions, 0);
	ck_assert_choices("b");
}
END_TEST

START_TEST(pct_finds_a_deadlock_and_again_with_the_same_seed)
{
	const unsigned int order = BIT_OF(IOMMUFD_MODEL_FAIL_LOCK_ORDER);
	unsigned long found = 0;
	char *schedule = NULL;
	int i;

	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(explore_with(&abba,
				.mode = IOMMUFD_MODEL_RANDOM, .depth = 2,
				.executions = 1000, .seed = 7,
				.no_minimise = true,
				.ignore = order), 1);
		ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_DEADLOCK);
		if (!i) {
			found = result.found_after;
			schedule = strdup(result.schedule);
		}
	}
	ck_assert_uint_eq(result.found_after, found);
	ck_assert_str_eq(result.schedule, schedule);
	free(schedule);
}
END_TEST

START_TEST(random_runs_that_find_nothing_say_so)
{
	char text[64];

	ck_assert_int_eq(explore_with(&three_sections,
				      .mode = IOMMUFD_MODEL_RANDOM,
				      .executions = 50, .seed = 3), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_NOT_FOUND);
	ck_assert_str_eq(iommufd_model_verdict_text(&result, text,
						    sizeof(text)),
			 "no failure in 50 executions, seed 3");
}
END_TEST

START_TEST(limits_stop_the_search)
{
	char text[64];

	ck_assert_int_eq(explore_with(&three_sections, .executions = 3), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_STOPPED);
	ck_assert_uint_eq(result.executions, 3);
	ck_assert_str_eq(result.limit, "3 executions");
	iommufd_model_verdict_text(&result, text, sizeof(text));
	ck_assert_int_eq(strncmp(text, "stopped at 3 executions, about ", 31),
			 0);
	ck_assert_int_eq(explore_with(&larger, .seconds = 0.2), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_STOPPED);
	ck_assert_str_eq(result.limit, "0.2 s");
	ck_assert(result.seconds < 20);
}
END_TEST

/*
 * Two threads of 10 writes have 20!  / (10!  10!)  interleavings, and each is a
 * trace.
 */
START_TEST(search_is_not_complete_before_its_end)
{
	ck_assert_int_eq(explore_with(&large, .executions = 184755), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_STOPPED);
	ck_assert(result.done < 1);
	ck_assert_uint_eq(executions(&large), 184756);
}
END_TEST

START_TEST(memory_does_not_grow_with_executions)
{
	const unsigned long many = SANITIZED ? 20000 : 100000;
	struct rusage few_use, many_use;

	explore_with(&large, .mode = IOMMUFD_MODEL_BOUNDED, .preemptions = -1,
		     .executions = 1000);
	getrusage(RUSAGE_CHILDREN, &few_use);
	explore_with(&large, .mode = IOMMUFD_MODEL_BOUNDED, .preemptions = -1,
		     .executions = many);
	ck_assert_uint_eq(result.executions, many);
	getrusage(RUSAGE_CHILDREN, &many_use);
	ck_assert_int_lt(many_use.ru_maxrss - few_use.ru_maxrss, 1024);
}
END_TEST

/* Explores shard by shard; returns the set of all failures that were found. */
static unsigned int seen_by_shards(const struct iommufd_model_test *test,
				   unsigned int shards, unsigned long *sum)
{
	unsigned int k, seen = 0, outcomes = 0;

	*sum = 0;
	for (k = 1; k <= shards; k++) {
		explore_with(test, .shard = k, .shards = shards,
			     .keep_going = true);
		*sum += result.executions;
		seen |= result.seen;
		outcomes |= told->outcomes;
	}
	told->outcomes = outcomes;
	return seen;
}

static void checks_x_and_y(void *data)
{
	(void)data;
	iommufd_model_assert(READ_ONCE(s.x) != 1);
	WRITE_ONCE(s.y, READ_ONCE(s.x) + 1);
	if (READ_ONCE(s.y) == 3)
		kfree((void *)(uintptr_t)32);
}

MAKE_TEST(fails_in_two_ways, THREAD(x_1_2), THREAD(checks_x_and_y));

/*
 * In an earlier version a failure during the division into shards ended the
 * exploration.
 */
START_TEST(shards_that_keep_going_see_all_failures)
{
	unsigned long sum;
	unsigned int all;

	ck_assert_int_eq(explore_with(&fails_in_two_ways, .keep_going = true),
			 1);
	all = result.seen;
	ck_assert_uint_gt(all & (all - 1), 0);
	ck_assert_uint_eq(seen_by_shards(&fails_in_two_ways, 3, &sum), all);
	ck_assert_uint_eq(seen_by_shards(&three_sections, 3, &sum), 0);
	ck_assert_uint_eq(sum, 6);
	ck_assert_int_eq(explore_with(&three_sections, .shard = 2,
				      .shards = 3), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE_SHARD);
}
END_TEST

START_TEST(jobs_share_the_work)
{
	ck_assert_int_eq(explore_with(&three_sections, .jobs = 3), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert_uint_eq(result.executions, 6);
	ck_assert_int_eq(explore_with(&one_preemption, .jobs = 3), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_ASSERTION);
}
END_TEST

/*
 * All choices lie below 30 steps of one thread, so what the jobs share at first is
 * one subtree.
 */

#define LATE_CHOICES 7
#define LATE_EXECUTIONS 3432 /* 14 over 7 */

/* Executions last so long that other processes run, on a busy machine, too. */
static void count_execution(void *data)
{
	unsigned int i;

	(void)data;
	usleep(100);
	kfree(s.dummy);
	for (i = 0; i < ARRAY_SIZE(told->process); i++) {
		if (!told->process[i].pid)
			__sync_val_compare_and_swap(&told->process[i].pid, 0,
						    getpid());
		if (told->process[i].pid != getpid())
			continue;
		told->process[i].executions++;
		return;
	}
}

static void set_and_choose(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 30; i++)
		WRITE_ONCE(s.x, i);
	complete(&s.chosen);
	for (i = 0; i < LATE_CHOICES; i++)
		atomic_inc_return(&s.counter);
}

static void wait_and_choose(void *data)
{
	int i;

	(void)data;
	wait_for_completion(&s.chosen);
	for (i = 0; i < LATE_CHOICES; i++)
		atomic_inc_return(&s.counter);
}

static const struct iommufd_model_test late_choices = {
	.name = "late choices",
	.setup = setup,
	.after = count_execution,
	.threads = {
		{ "sets", set_and_choose },
		{ "waits", wait_and_choose },
	},
};

START_TEST(an_idle_job_gets_a_part_of_another_ones_subtree)
{
	unsigned long most = 0, all = 0, n;
	unsigned int i;

	memset(told, 0, sizeof(*told));
	ck_assert_int_eq(explore_with(&late_choices, .jobs = 2 + (unsigned)_i),
			 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert_uint_eq(result.executions, LATE_EXECUTIONS);
	for (i = 0; i < ARRAY_SIZE(told->process); i++) {
		n = told->process[i].executions;
		all += n;
		most = n > most ? n : most;
	}
	ck_assert_uint_ge(all, LATE_EXECUTIONS);
	/* Those that find out how deep the common part is are few. */
	ck_assert_uint_gt(all - most, LATE_EXECUTIONS / 20);
}
END_TEST

/* Once the limit was said to be the time, if only one job had done its share. */
START_TEST(a_job_that_has_done_its_share_stops_at_the_limit)
{
	int i;

	for (i = 0; i < 5; i++) {
		ck_assert_int_eq(explore_with(&late_choices, .jobs = 3,
					      .executions = LATE_EXECUTIONS),
				 0);
		if (result.verdict != IOMMUFD_MODEL_COMPLETE)
			ck_assert_str_eq(result.limit, "3432 executions");
	}
}
END_TEST

/*
 * Once a job took the thread that stays with the other job for one that had been
 * tried, before that thread had done its step.  Nobody knew yet that the step looks
 * at the clock, so the thread stayed asleep where the clock had moved.
 */

#define CLOCK_EXECUTIONS \
	(2 * 180) /* before or after the move; 6! / (2! * 2!) */

static void look_and_count(void *data)
{
	(void)data;
	cpu_relax();
	s.looked = (int)jiffies;
	atomic_inc_return(&s.counter);
	atomic_inc_return(&s.counter);
}

static void delay_and_count(void *data)
{
	(void)data;
	mdelay(3);
	atomic_inc_return(&s.counter);
}

static void count_twice(void *data)
{
	(void)data;
	atomic_inc_return(&s.counter);
	atomic_inc_return(&s.counter);
}

/* The jobs share one subtree, as all choices lie below 30 steps. */
static void set_and_spawn(void *data)
{
	int i;

	for (i = 0; i < 30; i++)
		WRITE_ONCE(s.x, i);
	iommufd_model_spawn("looks", look_and_count, data);
	iommufd_model_spawn("delays", delay_and_count, data);
	iommufd_model_spawn("counts", count_twice, data);
	atomic_inc_return(&s.counter);
}

/* A test has two threads. */
static void count_nothing(void *data)
{
	(void)data;
}

/* Executions last so long that idle jobs have asked for work at each end of one. */
static void wait_for_idle_jobs(void *data)
{
	(void)data;
	kfree(s.dummy);
	usleep(300);
}

static const struct iommufd_model_test late_clock = {
	.name = "late clock",
	.setup = setup,
	.after = wait_for_idle_jobs,
	.threads = {
		{ "sets", set_and_spawn },
		{ "counts", count_nothing },
	},
};

START_TEST(a_step_that_no_job_has_done_is_not_taken_for_tried)
{
	int i;

	for (i = 0; i < 10; i++) {
		ck_assert_int_eq(
			explore_with(&late_clock, .plain = true, .jobs = 5), 0);
		ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
		ck_assert_uint_eq(result.executions, CLOCK_EXECUTIONS);
	}
}
END_TEST

/*
 * Once jobs did not learn which operation is the last one of a thread, unless all of
 * them came to it in the part of the tree that they share.  Here that is one subtree,
 * and the operation is one only in a few executions.
 */

#define ENDING_CHOICES 5

static void free_if_told(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 30; i++)
		WRITE_ONCE(s.y, i);
	for (i = 0; i < ENDING_CHOICES; i++)
		atomic_inc_return(&s.counter);
	if (READ_ONCE(s.x)) {
		kfree(s.dummy);
		s.dummy = NULL;
	}
}

static void tell_and_use(void *data)
{
	struct dummy *dummy = s.dummy;
	int i, last = 0;

	(void)data;
	for (i = 0; i < ENDING_CHOICES; i++)
		last = atomic_inc_return(&s.counter);
	if (last != ENDING_CHOICES + 1)
		return;
	WRITE_ONCE(s.x, 1);
	s.looked = dummy->self->value;
}

static void setup_self(void *data)
{
	setup(data);
	s.dummy->self = s.dummy;
}

static const struct iommufd_model_test rare_ending = {
	.name = "rare ending",
	.setup = setup_self,
	.after = after,
	.threads = {
		{ "frees", free_if_told },
		{ "tells", tell_and_use },
	},
};

START_TEST(jobs_learn_where_threads_end)
{
	ck_assert_int_eq(explore_with(&rare_ending, .jobs = 1 + (unsigned)_i),
			 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
}
END_TEST

/*
 * Once the jobs of a shard did not begin again when one of them had learnt something
 * about the states after they had shared work.
 */

static void choose_and_count(void *data)
{
	int i;

	(void)data;
	wait_for_completion(&s.chosen);
	/* The first job never comes to this operation in the part that it keeps. */
	if (atomic_inc_return(&s.counter) == 1)
		refcount_inc(&s.a);
	for (i = 1; i < LATE_CHOICES; i++)
		atomic_inc_return(&s.counter);
}

static const struct iommufd_model_test late_counter = {
	.name = "late counter",
	.setup = setup,
	.after = count_execution,
	.threads = {
		{ "sets", set_and_choose },
		{ "waits", choose_and_count },
	},
	.memory = { IOMMUFD_MODEL_MEMORY(s) },
};

START_TEST(the_jobs_of_a_shard_begin_again)
{
	unsigned long executions = 0;
	unsigned int shard;

	for (shard = 1; shard <= 2; shard++) {
		ck_assert_int_eq(explore_with(&late_counter, .jobs = 2,
					      .shard = shard, .shards = 2),
				 0);
		ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE_SHARD);
		executions += result.executions;
	}
	ck_assert_uint_eq(executions, LATE_EXECUTIONS);
}
END_TEST

/* What a job learns late, of loops and of states, all jobs know. */

static int elsewhere;

static void choose_and_look(void *data)
{
	int i;

	(void)data;
	wait_for_completion(&s.chosen);
	if (atomic_inc_return(&s.counter) == 1)
		s.looked = READ_ONCE(elsewhere);
	for (i = 1; i < LATE_CHOICES; i++)
		atomic_inc_return(&s.counter);
}

static const struct iommufd_model_test late_memory = {
	.name = "late memory",
	.setup = setup,
	.after = count_execution,
	.threads = {
		{ "sets", set_and_choose },
		{ "waits", choose_and_look },
	},
	.memory = { IOMMUFD_MODEL_MEMORY(s) },
};

START_TEST(jobs_learn_that_states_cannot_be_used)
{
	ck_assert_int_eq(explore_with(&late_memory, .jobs = 2 + (unsigned)_i),
			 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert_str_eq(result.no_states,
			 "memory that the test does not list: elsewhere");
	ck_assert_uint_eq(result.executions, LATE_EXECUTIONS);
}
END_TEST

static void choose_and_spin(void *data)
{
	int i;

	(void)data;
	wait_for_completion(&s.chosen);
	if (atomic_inc_return(&s.counter) == 1)
		while (READ_ONCE(s.y) < 3)
			cpu_relax();
	for (i = 1; i < LATE_CHOICES; i++)
		atomic_inc_return(&s.counter);
}

static void set_choose_and_set(void *data)
{
	int i;

	set_and_choose(data);
	for (i = 0; i <= 3; i++)
		WRITE_ONCE(s.y, i);
}

static const struct iommufd_model_test late_loop = {
	.name = "late loop",
	.setup = setup,
	.after = count_execution,
	.threads = {
		{ "sets", set_choose_and_set },
		{ "waits", choose_and_spin },
	},
};

START_TEST(jobs_learn_which_loops_wait)
{
	unsigned long executions;

	ck_assert_int_eq(explore_with(&late_loop, .jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	executions = result.executions;
	ck_assert_int_eq(explore_with(&late_loop, .jobs = 2 + (unsigned)_i), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert_uint_eq(result.executions, executions);
}
END_TEST

/*
 * A process that waits for work has a timer that ends it.  Once the exploration went
 * on without what it might have been given.
 */

static void set_timer(int us)
{
	const struct itimerval timer = { { 0, 0 }, { 0, us } };

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void setup_slowly(void *data)
{
	/* Check has a handler. */
	signal(SIGALRM, SIG_DFL);
	set_timer(0);
	usleep(400000);
	setup(data);
}

static void free_and_set_timer(void *data)
{
	(void)data;
	kfree(s.dummy);
	set_timer(200000);
}

static const struct iommufd_model_test killed_job = {
	.name = "killed job",
	.setup = setup_slowly,
	.after = free_and_set_timer,
	.threads = {
		{ "frees", free_if_told },
		{ "counts", count_twice },
	},
};

START_TEST(an_exploration_ends_if_a_job_is_killed)
{
	ck_assert_int_eq(explore_with(&killed_job, .jobs = 4), -EAGAIN);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_NOT_EXPLORED);
}
END_TEST

/*
 * The tests below have threads that loop for ever, crash, or are not
 * deterministic.
 */

static void loop_with_steps(void *data)
{
	(void)data;
	while (!READ_ONCE(s.x))
		;
}

static void loop_without_steps(void *data)
{
	volatile int forever = 1;

	(void)data;
	(void)READ_ONCE(s.x);
	while (forever)
		;
}

static void null_pointer(void *data)
{
	volatile int *volatile p = NULL;

	(void)data;
	(void)READ_ONCE(s.x);
	*p = 1;
}

static void aborts(void *data)
{
	(void)data;
	(void)READ_ONCE(s.x);
	abort();
}

static void exits(void *data)
{
	(void)data;
	(void)READ_ONCE(s.x);
	exit(0);
}

static void exits_at_once(void *data)
{
	(void)data;
	_exit(3);
}

static int deep(volatile char *from, int n)
{
	volatile char here[1024];

	here[0] = from[0];
	return n ? deep(here, n - 1) + here[0] : here[0];
}

static void overflows_its_stack(void *data)
{
	volatile char start[1] = { 0 };

	(void)data;
	(void)READ_ONCE(s.x);
	s.x = deep(start, 1 << 20);
}

static void divides_by_zero(void *data)
{
	volatile int one = 1, zero = 0;

	(void)data;
	(void)READ_ONCE(s.x);
#if defined(__x86_64__)
	s.x = one / zero;
#else
	raise(SIGFPE);
#endif
}

static void kills_itself(void *data)
{
	(void)data;
	(void)READ_ONCE(s.x);
	kill(getpid(), SIGKILL);
}

MAKE_TEST(endless, THREAD(loop_with_steps), THREAD(section));
MAKE_TEST(hanging, THREAD(loop_without_steps));
MAKE_TEST(second_hanging, THREAD(section), THREAD(loop_without_steps));
MAKE_TEST(null, THREAD(section), THREAD(null_pointer));
MAKE_TEST(aborting, THREAD(section), THREAD(aborts));
MAKE_TEST(exiting, THREAD(section), THREAD(exits));
MAKE_TEST(exiting_at_once, THREAD(section), THREAD(exits_at_once));
MAKE_TEST(overflowing, THREAD(section), THREAD(overflows_its_stack));
MAKE_TEST(dividing, THREAD(section), THREAD(divides_by_zero));
MAKE_TEST(killed, THREAD(section), THREAD(kills_itself));

START_TEST(an_endless_loop_is_found)
{
	ck_assert_int_eq(explore_with(&endless, .steps = 500), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_LIVELOCK);
	ck_assert_int_eq(explore_with(&hanging, .hang = 0.3), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_HANG);
	ck_assert_int_eq(explore_with(&second_hanging, .hang = 0.3), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_HANG);
	ck_assert_int_eq(result.thread, 1);
	ck_assert_ptr_nonnull(strstr(result.report, "at         loop_without_steps"));
}
END_TEST

START_TEST(a_crash_ends_the_execution_and_not_the_test)
{
	static const struct iommufd_model_test *const tests[] = {
		&null, &aborting, &exiting, &exiting_at_once, &overflowing,
		&dividing, &killed,
	};

	ck_assert_int_eq(explore_with(tests[_i], .keep_going = true), 1);
	/* With a sanitizer the kind of failure depends on its runtime. */
	if (SANITIZED)
		return;
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_CRASH);
	ck_assert(*result.text);
}
END_TEST

static void every_other_time(void *data)
{
	static int n;

	(void)data;
	if (n++ & 1)
		(void)READ_ONCE(s.z);
	(void)READ_ONCE(s.y);
}

static void by_chance(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 30; i++)
		if (rand() & 1)
			(void)READ_ONCE(s.z);
		else
			(void)READ_ONCE(s.y);
}

/* This variable keeps its value between executions; setup does not set it. */
static int calls;

static void value_from_outside(void *data)
{
	(void)data;
	WRITE_ONCE(s.z, ++calls);
	(void)READ_ONCE(s.y);
}

static void value_set(void *data)
{
	(void)data;
	refcount_set(&s.a, 2 + ++calls % 2);
}

static void value_found(void *data)
{
	(void)data;
	s.z = ++calls;
	(void)READ_ONCE(s.z);
}

static void value_of_a_counter(void *data)
{
	(void)data;
	s.b.refs = 2 + ++calls;
	refcount_inc(&s.b);
}

static void another_address(void *data)
{
	int *const locations[] = { &s.y, &s.z };

	int *location = locations[++calls & 1];

	(void)data;
	(void)READ_ONCE(*location);
}

static void another_chunk(void *data)
{
	struct dummy *more = kzalloc(sizeof(*more), GFP_KERNEL);
	struct dummy *used = ++calls & 1 ? more : s.dummy;

	(void)data;
	WRITE_ONCE(used->done, true);
	kfree(more);
}

static void another_size(void *data)
{
	(void)data;
	kfree(kzalloc(16 + (size_t)(++calls & 1), GFP_KERNEL));
}

/*
 * Reads s.y only in the third call.  That execution is not compared with
 * another one, and the executions after it do not contain this step.
 */
static void rare_branch(void *data)
{
	(void)data;
	if (++calls == 3)
		(void)READ_ONCE(s.y);
	WRITE_ONCE(s.z, 1);
	(void)READ_ONCE(s.z);
}

static void the_clock(void *data)
{
	struct timespec now;

	(void)data;
	clock_gettime(CLOCK_MONOTONIC, &now);
	WRITE_ONCE(s.long_value, now.tv_nsec + now.tv_sec * 1000000000l);
}

static void one_step_more(void *data)
{
	(void)data;
	(void)READ_ONCE(s.y);
	if (calls++)
		(void)READ_ONCE(s.y);
}

static void one_step_less(void *data)
{
	(void)data;
	(void)READ_ONCE(s.y);
	if (!calls++)
		(void)READ_ONCE(s.y);
}

static void writes_z(void *data)
{
	(void)data;
	WRITE_ONCE(s.z, 1);
	(void)READ_ONCE(s.z);
}

MAKE_TEST(not_the_same, THREAD(every_other_time), THREAD(section));
MAKE_TEST(random_test, THREAD(section), THREAD(by_chance));
MAKE_TEST(value_test, THREAD(value_from_outside), THREAD(section));
MAKE_TEST(set_test, THREAD(value_set), THREAD(section));
MAKE_TEST(found_test, THREAD(value_found), THREAD(section));
MAKE_TEST(counter_test, THREAD(value_of_a_counter), THREAD(section));
MAKE_TEST(address_test, THREAD(another_address), THREAD(section));
MAKE_TEST(chunk_test, THREAD(another_chunk), THREAD(section));
MAKE_TEST(size_test, THREAD(another_size), THREAD(section));
MAKE_TEST(rare_test, THREAD(rare_branch), THREAD(writes_z));
MAKE_TEST(clock_test, THREAD(the_clock), THREAD(section));
MAKE_TEST(more_test, THREAD(one_step_more), THREAD(section));
MAKE_TEST(less_test, THREAD(one_step_less), THREAD(section));

static const struct {
	const struct iommufd_model_test *test;
	const char *at;
	const char *says[2];
} not_deterministic[] = {
	{ &not_the_same, "every_other_time",
	  { "step 1 was ", " in an earlier execution" } },
	{ &random_test, "by_chance",
	  { "step ", " in an earlier execution" } },
	{ &value_test, "value_from_outside",
	  { "WRITE_ONCE of s.z in value_from_outside",
	    "wrote 1 in an earlier execution, and now 2" } },
	{ &set_test, "value_set",
	  { "refcount_set of &s.a", "had the argument 3" } },
	{ &found_test, "value_found",
	  { "READ_ONCE of s.z in value_found",
	    "found 1 in an earlier execution, and now 2" } },
	{ &counter_test, "value_of_a_counter",
	  { "refcount_add of &s.b", "found 3" } },
	{ &address_test, "another_address",
	  { "READ_ONCE of *location", "another address" } },
	{ &chunk_test, "another_chunk",
	  { "WRITE_ONCE of ", "another address" } },
	{ &size_test, "another_size",
	  { "kzalloc", "had the argument 17" } },
	{ &rare_test, "rare_branch",
	  { "in rare_branch", "in an earlier execution" } },
	{ &clock_test, "the_clock",
	  { "WRITE_ONCE of s.long_value", "and now 0x" } },
	{ &more_test, "one_step_more",
	  { "ended after", "READ_ONCE of s.y in one_step_more" } },
	{ &less_test, "one_step_less",
	  { "step 2 was READ_ONCE of s.y in one_step_less",
	    "which has ended now" } },
};

START_TEST(a_test_that_is_not_deterministic_is_reported)
{
	const char *const *says = not_deterministic[_i].says;
	char at[80];

	/*
	 * A sanitizer has large mappings, of which one may be at this address.
	 */
	if (SANITIZED && not_deterministic[_i].test == &clock_test)
		return;
	calls = 0;
	fails(not_deterministic[_i].test, IOMMUFD_MODEL_FAIL_NONDETERMINISM);
	ck_assert_msg(strstr(result.text, says[0]), "%s", result.text);
	ck_assert_msg(strstr(result.text, says[1]), "%s", result.text);
	ck_assert_msg(strstr(result.report, "live on from one"), "%s",
		      result.report);
	snprintf(at, sizeof(at), "\n  at         %s algorithm.c:",
		 not_deterministic[_i].at);
	ck_assert_msg(strstr(result.report, at), "%s", result.report);
}
END_TEST

static void waits_in_two_loops(void *data)
{
	(void)data;
	while (!READ_ONCE(s.x))
		cpu_relax();
	WRITE_ONCE(s.z, 1);
	while (!READ_ONCE(s.y))
		cpu_relax();
}

/* @number: the variable that changes while nobody looks at it any more */
static void sets_x_and_y(int *number)
{
	WRITE_ONCE(s.x, 1);
	WRITE_ONCE(*number, 2);
	WRITE_ONCE(*number, 3);
	WRITE_ONCE(s.y, 1);
}

static void changes_x(void *data)
{
	(void)data;
	sets_x_and_y(&s.x);
}

static void changes_looked(void *data)
{
	(void)data;
	sets_x_and_y(&s.looked);
}

MAKE_TEST(loops_x, THREAD(waits_in_two_loops), THREAD(changes_x));
MAKE_TEST(loops_looked, THREAD(waits_in_two_loops), THREAD(changes_looked));

/*
 * The first loop may end with each of three values of x, but with one value in
 * the other test.  The second loop does not look at x, so it does not matter to
 * that loop which of the variables changes meanwhile.
 */
START_TEST(a_loop_waits_for_what_it_has_looked_at_itself)
{
	unsigned long one_value = executions(&loops_looked);

	ck_assert_uint_eq(executions(&loops_x), 3 * one_value);
}
END_TEST

static void waits_twice(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++)
		while (!READ_ONCE(s.x))
			cpu_relax();
	told->outcomes |= 16u << READ_ONCE(s.y);
}

static void sets_x_only(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
}

static void sets_y_and_x(void *data)
{
	(void)data;
	WRITE_ONCE(s.y, 1);
	WRITE_ONCE(s.x, 2);
}

MAKE_TEST(waits_again, THREAD(waits_twice), THREAD(sets_x_only),
	  THREAD(sets_y_and_x));

/*
 * The second loop does not wait for anything if the first one has ended, although
 * nothing has changed between its look and the last one of the first.
 */
START_TEST(a_loop_that_begins_again_does_not_wait)
{
	(void)executions(&waits_again);
	ck_assert_uint_eq(told->outcomes >> 4, 3);
}
END_TEST

/* Tells what it has found in x if it had to look twice. */
static void waits_for_x(void *data)
{
	int x, looks = 0;

	(void)data;
	while (!(x = READ_ONCE(s.x)))
		looks++;
	if (looks)
		told->outcomes |= 16u << x;
	WRITE_ONCE(s.y, 1);
}

static void changes_x_in_a_loop(void *data)
{
	int x = 0;

	(void)data;
	while (!READ_ONCE(s.y)) {
		x += x < 2;
		WRITE_ONCE(s.x, x);
	}
}

MAKE_TEST(two_loops, THREAD(waits_for_x), THREAD(changes_x_in_a_loop));

/*
 * The second thread waits as well, but its first two turns change something, and
 * the thread that waits for that goes on after each of them.
 */
START_TEST(a_turn_that_changes_something_lets_other_loops_go_on)
{
	(void)executions(&two_loops);
	ck_assert_uint_eq(told->outcomes & ~15u, 16u << 1 | 16u << 2);
}
END_TEST

/* Changes something in its first three turns, and then waits for y. */
static void changes_x_and_waits(void *data)
{
	int turns = 0;

	(void)data;
	while (!READ_ONCE(s.y)) {
		turns++;
		WRITE_ONCE(s.x, turns < 3 ? turns : 3);
	}
	told->outcomes |= 16u << turns;
}

static void sets_y(void *data)
{
	(void)data;
	WRITE_ONCE(s.y, 1);
}

MAKE_TEST(patient, THREAD(changes_x_and_waits), THREAD(sets_y));

/*
 * Two turns are unlike all that follow.  So after the third, the last one that
 * changes something, two idle turns are done freely, and the thread waits at the
 * end of the next one.
 */
START_TEST(a_loop_does_as_many_idle_turns_as_it_took_to_come_to_them)
{
	(void)executions(&patient);
	ck_assert_uint_eq(told->outcomes >> 4, (1u << 7) - 1);
}
END_TEST

static void crashes_later(void *data)
{
	(void)data;
	(void)READ_ONCE(s.y);
	if (calls++)
		abort();
}

MAKE_TEST(later_test, THREAD(crashes_later));

/* The second execution has the same schedule as the first, and crashes. */
START_TEST(a_crash_of_the_second_execution_is_nondeterminism)
{
	calls = 0;
	fails(&later_test, IOMMUFD_MODEL_FAIL_NONDETERMINISM);
	ck_assert_msg(strstr(result.report, "crash was found first"), "%s",
		      result.report);
}
END_TEST

/* A correct test: between executions only addresses and old contents differ. */
static void setup_that_moves(void *data)
{
	static int n;
	int i;

	setup(data);
	/* Each execution leaks blocks, so the next one gets other addresses. */
	for (i = 0; i <= n % 3; i++)
		s.moved = calloc(1, 48 + 16 * (size_t)(n % 5));
	n++;
	s.slot = s.moved;
}

static void uses_what_moved(void *data)
{
	int *local = malloc(32), on_stack = 0;

	(void)data;
	WRITE_ONCE(on_stack, 1);
	(void)READ_ONCE(on_stack);
	WRITE_ONCE(local[1], 1);
	(void)READ_ONCE(*s.moved);
	WRITE_ONCE(*s.moved, 2);
	WRITE_ONCE(s.slot, local);
	(void)READ_ONCE(s.slot);
	free(local);
}

static void uses_raw_memory(void *data)
{
	int *memory = kmalloc(24, GFP_KERNEL);

	(void)data;
	WRITE_ONCE(memory[3], 1);
	(void)READ_ONCE(memory[3]);
	kfree(memory);
}

START_TEST(a_test_may_use_memory_that_moves)
{
	static const struct iommufd_model_test moving = {
		.name = "moving", .setup = setup_that_moves, .after = after,
		.threads = { THREAD(uses_what_moved), THREAD(section),
			     THREAD(uses_raw_memory), THREAD(uses_what_moved) },
	};

	ck_assert_uint_gt(executions(&moving), 1);
	ck_assert_int_eq(explore_with(&moving, .keep_going = true,
				      .mode = IOMMUFD_MODEL_BOUNDED,
				      .preemptions = 1), 0);
}
END_TEST

/* The tests below are about assertions, on invariants and on leaks. */

static void setup_fails(void *data)
{
	setup(data);
	iommufd_model_assert(s.x == 1);
}

static void after_fails(void *data)
{
	after(data);
	iommufd_model_assert(s.x == 1);
}

static void keeps_it(void *data)
{
	(void)data;
	mutex_lock(&s.m);
}

static void too_many_puts(void *data)
{
	(void)data;
	(void)refcount_dec_and_test(&s.a);
	(void)refcount_dec_and_test(&s.a);
	(void)refcount_dec_and_test(&s.a);
}

static void warns(void *data)
{
	(void)data;
	(void)READ_ONCE(s.x);
	WARN_ON(s.x == 0);
}

static const struct iommufd_model_test bad_setup = {
	.name = "bad_setup", .setup = setup_fails, .after = after,
	.threads = { THREAD(section) },
};
static const struct iommufd_model_test bad_after = {
	.name = "bad_after", .setup = setup, .after = after_fails,
	.threads = { THREAD(section) },
};
MAKE_TEST(kept, THREAD(keeps_it));
MAKE_TEST(underflow, THREAD(too_many_puts));
MAKE_TEST(warning, THREAD(warns));

START_TEST(assertions_hold_in_setup_and_after)
{
	fails(&bad_setup, IOMMUFD_MODEL_FAIL_ASSERTION);
	ck_assert_str_eq(result.text, "s.x == 1");
	fails(&bad_after, IOMMUFD_MODEL_FAIL_ASSERTION);
}
END_TEST

START_TEST(misuse_is_found)
{
	fails(&kept, IOMMUFD_MODEL_FAIL_LOCK);
	fails(&underflow, IOMMUFD_MODEL_FAIL_REFCOUNT);
	fails(&warning, IOMMUFD_MODEL_FAIL_WARN);
}
END_TEST

static void x_is_never_2(void *data)
{
	(void)data;
	told->looked = ++s.looked;
	iommufd_model_assert(READ_ONCE(s.x) != 2);
}

static void x_1_2_3(void *data)
{
	x_1_2(data);
	WRITE_ONCE(s.x, 3);
}

/* An invariant: reads x and y together, but only once z is set. */
static void x_and_y_agree(void *data)
{
	(void)data;
	if (READ_ONCE(s.z))
		iommufd_model_assert(READ_ONCE(s.x) == READ_ONCE(s.y));
}

static void set_x_and_y(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
	WRITE_ONCE(s.y, 1);
}

static void set_z(void *data)
{
	(void)data;
	WRITE_ONCE(s.z, 1);
}

static void a_or_b_is_left(void *data)
{
	(void)data;
	iommufd_model_assert(refcount_read(&s.a) || refcount_read(&s.b) < 3);
}

static void wait_for_a(void *data)
{
	(void)data;
	iommufd_model_wait_zero(&s.a);
	refcount_inc(&s.b);
}

static void put_a_twice(void *data)
{
	(void)data;
	(void)refcount_dec_and_test(&s.a);
	refcount_inc(&s.b);
	refcount_dec(&s.b);
	(void)refcount_dec_and_test(&s.a);
}

/*
 * Once, an execution in which all threads that could go on were in the sleep set
 * was given up without a look at those that could not: here at the waiter, which
 * can go on only before the counter is set again, and whose second operation then
 * races with a thread in the sleep set.
 */
static void one_of_each(void *data)
{
	setup(data);
	refcount_set(&s.a, 1);
	refcount_set(&s.b, 1);
}

static void gets_b(void *data)
{
	(void)data;
	(void)refcount_inc_not_zero(&s.b);
}

static void waits_for_a_and_puts_b(void *data)
{
	(void)data;
	iommufd_model_wait_zero(&s.a);
	told->outcomes |= 4u << refcount_dec_not_one(&s.b);
}

static void puts_a_and_sets_it(void *data)
{
	(void)data;
	(void)refcount_dec_and_test(&s.a);
	refcount_set(&s.a, 1);
}

static const struct iommufd_model_test blocked_beside_sleepers = {
	.name = "blocked_beside_sleepers", .setup = one_of_each,
	.after = after,
	.threads = {
		THREAD(gets_b), THREAD(waits_for_a_and_puts_b),
		THREAD(puts_a_and_sets_it),
	},
};

START_TEST(what_blocks_a_thread_is_reversed_if_all_others_sleep)
{
	struct iommufd_model_explore_options options = {
		.jobs = 1, .plain = _i & 1,
		.ignore = BIT_OF(IOMMUFD_MODEL_FAIL_DEADLOCK) |
			  BIT_OF(IOMMUFD_MODEL_FAIL_LOST_WAKEUP),
	};

	ck_assert_int_eq(explore(&blocked_beside_sleepers, options), 0);
	ck_assert_uint_eq(told->outcomes & 12, 12);
}
END_TEST

static void puts_a_and_reads_what_it_freed(void *data)
{
	struct dummy *dummy = s.dummy;

	(void)data;
	s.dummy = NULL;
	kfree(dummy);
	(void)refcount_dec_and_test(&s.a);
	(void)READ_ONCE(dummy->value);
}

static void waits_for_a_and_fails(void *data)
{
	(void)data;
	iommufd_model_wait_zero(&s.a);
	iommufd_model_assert(s.x);
}

static const struct iommufd_model_test two_failures = {
	.name = "two_failures", .setup = one_of_each, .after = after,
	.threads = {
		THREAD(puts_a_and_reads_what_it_freed),
		THREAD(waits_for_a_and_fails),
	},
};

/* The second thread can go on only where the first one's next step fails. */
START_TEST(after_a_failure_other_threads_are_tried_at_its_step)
{
	ck_assert_int_eq(explore_with(&two_failures, .keep_going = true), 1);
	ck_assert_uint_eq(result.seen,
			  BIT_OF(IOMMUFD_MODEL_FAIL_USE_AFTER_FREE) |
			  BIT_OF(IOMMUFD_MODEL_FAIL_ASSERTION));
}
END_TEST

static void looks_at_dummy(void *data)
{
	(void)data;
	if (s.dummy)
		iommufd_model_assert(READ_ONCE(s.dummy->value) != 2);
}

static void x_and_y_differ_by_1(void *data)
{
	int x = READ_ONCE(s.x), y = READ_ONCE(s.y);

	(void)data;
	iommufd_model_assert(x - y != 2);
}

static void adds_to_x(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
	WRITE_ONCE(s.x, 2);
	WRITE_ONCE(s.x, 0);
}

static void adds_to_y(void *data)
{
	(void)data;
	WRITE_ONCE(s.y, 1);
	iommufd_model_assert(READ_ONCE(s.y) != 1);
}

static const struct iommufd_model_test invariant_of_x = {
	.name = "invariant_of_x", .setup = setup, .after = after,
	.threads = { THREAD(x_1_2_3) }, .invariant = x_is_never_2,
};
static const struct iommufd_model_test invariant_of_three = {
	.name = "invariant_of_three", .setup = setup, .after = after,
	.threads = { THREAD(set_x_and_y), THREAD(set_z) },
	.invariant = x_and_y_agree,
};
static const struct iommufd_model_test invariant_and_wait = {
	.name = "invariant_and_wait", .setup = setup, .after = after,
	.threads = { THREAD(put_a_twice), THREAD(wait_for_a) },
	.invariant = a_or_b_is_left,
};
static const struct iommufd_model_test invariant_of_dummy = {
	.name = "invariant_of_dummy", .setup = setup_before, .after = after,
	.threads = { THREAD(read_dummy), THREAD(free_dummy) },
	.invariant = looks_at_dummy,
};
static const struct iommufd_model_test invariant_after_failure = {
	.name = "invariant_after_failure", .setup = setup, .after = after,
	.threads = { THREAD(adds_to_x), THREAD(adds_to_y) },
	.invariant = x_and_y_differ_by_1,
};

START_TEST(an_invariant_breaks_at_its_step)
{
	fails(&invariant_of_x, IOMMUFD_MODEL_FAIL_INVARIANT);
	/* The invariant ran before the first step and after the first two. */
	ck_assert_int_eq(told->looked, 3);
}
END_TEST

/*
 * In an earlier version locations that the invariant first read in a later
 * execution gave no conflicts.
 */
START_TEST(an_invariant_may_look_at_more_later)
{
	fails(&invariant_of_three, IOMMUFD_MODEL_FAIL_INVARIANT);
}
END_TEST

/*
 * In an earlier version the explorer ran a blocked wait and reported
 * nondeterminism.
 */
START_TEST(an_invariant_may_look_at_what_is_waited_for)
{
	fails(&invariant_and_wait, IOMMUFD_MODEL_FAIL_INVARIANT);
	ck_assert_int_eq(explore_with(&invariant_and_wait,
				      .keep_going = true), 1);
	ck_assert_uint_eq(result.seen, BIT_OF(IOMMUFD_MODEL_FAIL_INVARIANT));
}
END_TEST

START_TEST(an_invariant_may_look_at_what_is_freed)
{
	fails(&invariant_of_dummy, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
}
END_TEST

/* After a failure the search continues in another process. */
START_TEST(an_invariant_is_known_after_a_failure)
{
	ck_assert_int_eq(explore_with(&invariant_after_failure,
				      .keep_going = true), 1);
	ck_assert_uint_eq(result.seen,
			  BIT_OF(IOMMUFD_MODEL_FAIL_INVARIANT) |
			  BIT_OF(IOMMUFD_MODEL_FAIL_ASSERTION));
}
END_TEST

/* The tests below are about schedules. */

/*
 * Replays in a child process, because a failed replay leaves allocations
 * behind.
 */
static int replay(const struct iommufd_model_test *test, const char *schedule)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		explore(test, (struct iommufd_model_explore_options){
			.mode = schedule ? IOMMUFD_MODEL_REPLAY :
					   IOMMUFD_MODEL_EXHAUSTIVE,
			.schedule = schedule });
		_exit(result.verdict == IOMMUFD_MODEL_FAILED ||
				      result.verdict == IOMMUFD_MODEL_REPLAYED ?
			      (int)result.failure : 100);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_replay_fails_as_the_exploration_did)
{
	static const struct iommufd_model_test *const tests[] = {
		&one_preemption, &bad_wake, &lock_in_what_is_freed, &abba,
		&invariant_of_three, &leak, &underflow,
	};
	char *schedule;

	ck_assert_int_eq(explore_with(tests[_i], .jobs = 0), 1);
	schedule = strdup(result.schedule);
	ck_assert_int_eq(replay(tests[_i], schedule), (int)result.failure);
	ck_assert_int_eq(replay(tests[_i], schedule), (int)result.failure);
	free(schedule);
}
END_TEST

START_TEST(a_replay_takes_a_file_or_the_environment)
{
	char name[] = "/tmp/algorithm-XXXXXX";
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "ab\n", 3), 3);
	close(fd);
	ck_assert_int_eq(replay(&one_preemption, name),
			 IOMMUFD_MODEL_FAIL_ASSERTION);
	unlink(name);
	ck_assert_int_eq(replay(&one_preemption, "a2b"),
			 IOMMUFD_MODEL_NO_FAILURE);
	setenv("IOMMUFD_MODEL_EXPLORE_REPLAY", "one_preemption:ab", 1);
	ck_assert_int_eq(replay(&one_preemption, NULL),
			 IOMMUFD_MODEL_FAIL_ASSERTION);
	/* The schedule is for another test, so this test is explored. */
	ck_assert_int_eq(replay(&two_sections, NULL), 100);
	setenv("IOMMUFD_MODEL_EXPLORE_REPLAY", "ab", 1);
	ck_assert_int_eq(replay(&one_preemption, NULL),
			 IOMMUFD_MODEL_FAIL_ASSERTION);
	unsetenv("IOMMUFD_MODEL_EXPLORE_REPLAY");
}
END_TEST

/* A test before and after changes of its code, and other tests. */
static void drops(void *data)
{
	(void)data;
	if (refcount_dec_and_test(&s.a))
		return;
	iommufd_model_assert(refcount_read(&s.a) == 1);
}

static void drops_after_a_look(void *data)
{
	(void)data;
	(void)READ_ONCE(s.y);
	drops(data);
}

static void drops_and_does_more(void *data)
{
	drops(data);
	(void)READ_ONCE(s.y);
}

static void drops_mended(void *data)
{
	(void)data;
	(void)refcount_dec_and_test(&s.a);
}

#define VERSION(fn, second) {						\
	.name = "versions", .setup = setup, .after = after,		\
	.threads = { { "one", fn }, { second, fn } } }

static const struct {
	struct iommufd_model_test test;
	int rc;
} versions[] = {
	{ VERSION(drops, "two"), 1 },
	{ VERSION(drops_after_a_look, "two"), -EINVAL },
	{ VERSION(drops_and_does_more, "two"), -EINVAL },
	{ VERSION(drops_mended, "two"), -EINVAL },
	{ VERSION(drops, "three"), -EINVAL },
};

static int explore_anew(const struct iommufd_model_test *test,
			const struct iommufd_model_explore_options *options)
{
	iommufd_model_explore_free(&result);
	return iommufd_model_explore(test, options, &result);
}

START_TEST(a_schedule_of_other_code_is_refused)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_test test = versions[_i].test;
	char *schedule, *text = NULL;
	size_t size;

	fails(&versions[0].test, IOMMUFD_MODEL_FAIL_ASSERTION);
	schedule = strdup(result.schedule);
	options.mode = IOMMUFD_MODEL_REPLAY;
	options.schedule = schedule;
	options.quiet = false;
	options.report = open_memstream(&text, &size);
	ck_assert_int_eq(explore_anew(&test, &options),
			 versions[_i].rc);
	fflush(options.report);
	if (versions[_i].rc < 0)
		ck_assert_msg(strstr(text, "the schedule is of") &&
			      strstr(text, "FORCE=1"), "%s", text);
	else
		ck_assert_str_eq(result.schedule, schedule);
	options.force = true;
	ck_assert_int_ge(explore_anew(&test, &options), 0);
	options.force = false;
	test.name = "another";
	ck_assert_int_eq(explore_anew(&test, &options),
			 -EINVAL);
	/* A directory in front of the name makes no difference. */
	test.name = "some/where/versions";
	ck_assert_int_eq(explore_anew(&test, &options),
			 versions[_i].rc);
	test.name = versions[0].test.name;
	options.version = "2";
	ck_assert_int_eq(explore_anew(&test, &options),
			 -EINVAL);
	fclose(options.report);
	free(text);
	free(schedule);
}
END_TEST

static const char *const bad_schedules[] = {
	"q", "a0", "a99999", "ab!", "3a", "a=", "a=256", "a= 1", "a+failx",
	"a+fail 1", "a+fail+1", "a+loops 1", "a+loops+1", "a b", "a@",
	"a+markedx", "a@123456789abc", "a@123456789abc.x", "@123456789abc.1 ",
};

START_TEST(a_schedule_that_makes_no_sense_is_refused)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_REPLAY, .schedule = bad_schedules[_i],
	};
	char *text = NULL;
	size_t size;

	options.report = open_memstream(&text, &size);
	ck_assert_int_eq(
		iommufd_model_explore(&two_sections, &options, &result),
		-EINVAL);
	fclose(options.report);
	ck_assert_msg(strstr(text, "two_sections: schedule") &&
		      strstr(text, "expected"), "%s", text);
	free(text);
}
END_TEST

static void many_steps(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 100; i++)
		(void)READ_ONCE(s.y);
}

MAKE_TEST(long_test, THREAD(many_steps), THREAD(many_steps));

static void sets_x_in_the_end(void *data)
{
	many_steps(data);
	WRITE_ONCE(s.x, 1);
}

/* @data: the number of a thread that sets x */
static void joins(void *data)
{
	iommufd_model_join(*(int *)data);
	iommufd_model_assert(s.x == 1);
}

static int first_number, second_number = 1;
static const struct iommufd_model_test joins_first = {
	.name = "joins_first", .setup = setup, .after = after,
	.data = &first_number,
	.threads = { THREAD(sets_x_in_the_end), THREAD(joins) },
}, joins_second = {
	.name = "joins_second", .setup = setup, .after = after,
	.data = &second_number,
	.threads = { THREAD(joins), THREAD(sets_x_in_the_end) },
};

START_TEST(any_thread_can_be_waited_for)
{
	ck_assert_uint_eq(executions(&joins_first), 1);
	ck_assert_uint_eq(executions(&joins_second), 1);
}
END_TEST

START_TEST(a_number_in_a_schedule_may_be_any)
{
	char text[20];
	int n;

	for (n = 1; n < 100; n++) {
		snprintf(text, sizeof(text), "a%db", n);
		ck_assert_int_eq(explore_with(&long_test, .schedule = text,
					      .mode = IOMMUFD_MODEL_REPLAY), 0);
	}
}
END_TEST

START_TEST(an_exploration_that_finds_nothing_prints_nothing)
{
	struct iommufd_model_explore_options options = { .jobs = 1 };
	char *text = NULL;
	size_t size;

	options.report = open_memstream(&text, &size);
	ck_assert_int_eq(iommufd_model_explore(&two_sections, &options,
					       &result), 0);
	fclose(options.report);
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(a_verdict_says_if_it_is_of_one_shard)
{
	unsigned int shards;

	for (shards = 1; shards <= 4; shards++) {
		ck_assert_int_eq(explore_with(&two_sections, .jobs = 1,
					      .shards = shards, .shard = 1),
				 0);
		ck_assert_int_eq(result.verdict,
				 shards == 1 ? IOMMUFD_MODEL_COMPLETE :
					       IOMMUFD_MODEL_COMPLETE_SHARD);
	}
}
END_TEST

/* With enough preemptions a further one adds nothing. */
START_TEST(a_bound_that_cuts_nothing_costs_nothing)
{
	unsigned long executions;

	explore_with(&two_sections, .mode = IOMMUFD_MODEL_BOUNDED, .jobs = 1,
		     .preemptions = 20);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	executions = result.executions;
	explore_with(&two_sections, .mode = IOMMUFD_MODEL_BOUNDED, .jobs = 1,
		     .preemptions = 40);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert_uint_eq(result.executions, executions);
}
END_TEST

/* The bounds come in the order of the options. */
START_TEST(a_verdict_tells_all_bounds_in_order)
{
	struct iommufd_model_explore_result r = {
		.verdict = IOMMUFD_MODEL_COMPLETE, .timeouts_bounded = true,
		.spurious_bounded = true, .allocs_bounded = true,
		.copies_bounded = true,
	};
	static const char *const order[] = {
		"timeout", "wake-up", "allocation", "cop",
	};
	const char *at;
	char text[400];
	size_t i;

	at = iommufd_model_verdict_text(&r, text, sizeof(text));
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		at = strstr(at, order[i]);
		ck_assert_msg(at, "%s: %s", order[i], text);
	}
}
END_TEST

/* Once it said "about 1e+02 % done". */
START_TEST(a_search_that_was_stopped_is_not_all_done)
{
	static const struct {
		double done;
		const char *text;
	} of[] = {
		{ 0.004, "about 0.4 % done" }, { 0.5, "about 50 % done" },
		{ 0.984, "about 98 % done" },  { 0.999, "about 99 % done" },
		{ 1, "about 99 % done" },
	};
	struct iommufd_model_explore_result r = {
		.verdict = IOMMUFD_MODEL_STOPPED,
		.done = of[_i].done,
	};
	char text[400];

	iommufd_model_verdict_text(&r, text, sizeof(text));
	ck_assert_msg(strstr(text, of[_i].text), "%s", text);
}
END_TEST

static void leave_no_memory(void *unused)
{
	const struct rlimit none = { 1, 1 };

	(void)unused;
	setrlimit(RLIMIT_AS, &none);
}

/* False under qemu-user, which does not pass this limit on to the system. */
static bool memory_can_be_limited(void)
{
	int status;
	pid_t child = fork();

	if (!child) {
		leave_no_memory(NULL);
		_exit(mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0) == MAP_FAILED);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* The memory limit is set in the child process, in which setup runs. */
START_TEST(no_memory_for_a_thread_is_an_error)
{
	struct iommufd_model_test test = two_incs;

	if (!memory_can_be_limited()) {
		puts("skipped: the memory of a process cannot be limited");
		return;
	}
	test.setup = leave_no_memory;
	ck_assert_int_eq(explore_with(&test, .jobs = 0), -ENOMEM);
}
END_TEST

START_TEST(options_that_make_no_sense_are_refused)
{
	static const struct iommufd_model_test empty = { .name = "empty" };

	ck_assert_int_eq(explore_with(&empty, .jobs = 0), -EINVAL);
	ck_assert_int_eq(explore_with(&two_incs, .shard = 3, .shards = 2),
			 -EINVAL);
	ck_assert_int_eq(explore_with(&two_incs, .steps = 40000), -EINVAL);
	ck_assert_int_eq(explore_with(&two_incs, .mode = IOMMUFD_MODEL_REPLAY),
			 -EINVAL);
	setenv("IOMMUFD_MODEL_EXPLORE_MODE", "fast", 1);
	ck_assert_int_eq(explore_with(&two_incs, .jobs = 0), -EINVAL);
	unsetenv("IOMMUFD_MODEL_EXPLORE_MODE");
}
END_TEST

/* The tests below are about check.h. */

static void fewer_executions(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
}

MAKE_TEST(clean, THREAD(fewer_executions), THREAD(fewer_executions));

START_TEST(assertions_of_check_hold)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_BOUNDED, .preemptions = 1,
	};

	ck_assert_explored(&clean);
	ck_assert_explored_with(&clean, &options);
	ck_assert_explored_fails(&one_preemption, IOMMUFD_MODEL_FAIL_ASSERTION);
}
END_TEST

START_TEST(must_fail_for_a_failure)
{
	struct iommufd_model_explore_options options = { .quiet = true };

	ck_assert_explored_with(&one_preemption, &options);
}
END_TEST

START_TEST(must_fail_for_a_limit)
{
	struct iommufd_model_explore_options options = { .executions = 1 };

	ck_assert_explored_with(&clean, &options);
}
END_TEST

START_TEST(must_fail_for_a_bad_option)
{
	struct iommufd_model_explore_options options = {
		.quiet = true, .steps = 40000,
	};

	ck_assert_explored_with(&clean, &options);
}
END_TEST

START_TEST(must_fail_for_want_of_a_failure)
{
	ck_assert_explored_fails(&clean, IOMMUFD_MODEL_FAIL_ASSERTION);
}
END_TEST

START_TEST(must_fail_for_another_failure)
{
	ck_assert_explored_fails(&one_preemption, IOMMUFD_MODEL_FAIL_LEAK);
}
END_TEST

static int run(TCase *tc, enum print_output how)
{
	Suite *suite = suite_create("algorithm");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, how);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

static bool all_that_must_fail_do(void)
{
	TCase *tc = tcase_create("must_fail");
	int failed;

	tcase_add_test(tc, must_fail_for_a_failure);
	tcase_add_test(tc, must_fail_for_a_limit);
	tcase_add_test(tc, must_fail_for_a_bad_option);
	tcase_add_test(tc, must_fail_for_want_of_a_failure);
	tcase_add_test(tc, must_fail_for_another_failure);
	failed = run(tc, CK_SILENT);
	if (failed != 5)
		fprintf(stderr, "%d of 5 tests that must fail did\n", failed);
	return failed == 5;
}

int main(void)
{
	TCase *tc = tcase_create("algorithm");
	bool good;

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		return EXIT_FAILURE;
	good = all_that_must_fail_do();
	tcase_add_test(tc, two_incs_commute);
	tcase_add_test(tc, an_inc_and_a_read_do_not_commute);
	tcase_add_test(tc, a_failed_get_is_a_read);
	tcase_add_test(tc, the_last_put_does_not_commute);
	tcase_add_test(tc,
		       only_without_plain_is_code_after_an_operation_a_step);
	tcase_add_test(tc, what_orders_a_counter_also_wakes);
	tcase_add_test(tc, step_after_a_put_does_not_hide_a_get);
	tcase_add_test(tc, sections_come_in_each_order);
	tcase_add_test(tc, equal_threads_come_in_one_order);
	tcase_add_loop_test(
		tc, what_blocks_a_thread_is_reversed_if_all_others_sleep, 0, 2);
	tcase_add_test(tc, readers_commute);
	tcase_add_test(tc, trylock_gets_it_before_and_after_and_not_between);
	tcase_add_test(tc, two_trylocks_that_fail_commute);
	tcase_add_test(tc, a_reader_behind_a_waiting_writer_deadlocks);
	tcase_add_test(tc, lock_order_inversion_is_found_without_a_deadlock);
	tcase_add_test(tc, the_tail_of_an_unlock_is_found_in_freed_memory);
	tcase_add_test(tc, a_free_conflicts_with_accesses_to_the_memory);
#if !SANITIZED
	tcase_add_test(tc, a_write_to_any_byte_of_freed_memory_is_found);
#endif
	tcase_add_test(tc, misuse_of_memory_is_found);
	tcase_add_test(tc, memory_without_bytes_can_be_freed_once);
	tcase_add_test(tc, a_lost_wakeup_is_found_and_no_other);
	tcase_add_test(tc, a_lost_wakeup_can_be_ignored);
	tcase_add_test(tc, a_watchdog_fires_only_when_nothing_else_can_run);
	tcase_add_test(tc, a_timeout_takes_no_time);
	tcase_add_test(tc, timeouts_come_by_deadline);
	tcase_add_test(tc, a_child_comes_after_its_spawn_and_before_its_join);
	tcase_add_test(tc, a_bound_of_0_does_not_find_what_takes_1);
	tcase_add_test(tc, a_bound_that_cuts_nothing_is_complete);
	tcase_add_test(tc, the_counterexample_has_the_fewest_preemptions);
	tcase_add_test(tc, pct_finds_a_deadlock_and_again_with_the_same_seed);
	tcase_add_test(tc, random_runs_that_find_nothing_say_so);
	tcase_add_test(tc, limits_stop_the_search);
	if (!SANITIZED) {
		tcase_add_test(tc, search_is_not_complete_before_its_end);
		tcase_add_test(tc, no_memory_for_a_thread_is_an_error);
	}
	tcase_add_test(tc, memory_does_not_grow_with_executions);
	tcase_add_test(tc, shards_that_keep_going_see_all_failures);
	tcase_add_test(tc, jobs_share_the_work);
	tcase_add_loop_test(tc, an_idle_job_gets_a_part_of_another_ones_subtree,
			    0, 3);
	tcase_add_test(tc, a_job_that_has_done_its_share_stops_at_the_limit);
	tcase_add_test(tc, a_step_that_no_job_has_done_is_not_taken_for_tried);
	tcase_add_loop_test(tc, jobs_learn_where_threads_end, 0, 3);
	tcase_add_test(tc, the_jobs_of_a_shard_begin_again);
	tcase_add_loop_test(tc, jobs_learn_that_states_cannot_be_used, 0, 3);
	tcase_add_loop_test(tc, jobs_learn_which_loops_wait, 0, 3);
	tcase_add_test(tc, an_exploration_ends_if_a_job_is_killed);
	tcase_add_test(tc, an_endless_loop_is_found);
	tcase_add_loop_test(tc, a_crash_ends_the_execution_and_not_the_test, 0,
			    7);
	tcase_add_loop_test(tc, a_test_that_is_not_deterministic_is_reported, 0,
			    ARRAY_SIZE(not_deterministic));
	tcase_add_test(tc, a_crash_of_the_second_execution_is_nondeterminism);
	tcase_add_test(tc, a_loop_waits_for_what_it_has_looked_at_itself);
	tcase_add_test(tc, a_loop_that_begins_again_does_not_wait);
	tcase_add_test(tc,
		       a_turn_that_changes_something_lets_other_loops_go_on);
	tcase_add_test(
		tc, a_loop_does_as_many_idle_turns_as_it_took_to_come_to_them);
	tcase_add_test(tc, a_test_may_use_memory_that_moves);
	tcase_add_test(tc, assertions_hold_in_setup_and_after);
	tcase_add_test(tc, misuse_is_found);
	tcase_add_test(tc, an_invariant_breaks_at_its_step);
	tcase_add_test(tc, an_invariant_may_look_at_more_later);
	tcase_add_test(tc, an_invariant_may_look_at_what_is_waited_for);
	tcase_add_test(tc, an_invariant_may_look_at_what_is_freed);
	tcase_add_test(tc, an_invariant_is_known_after_a_failure);
	tcase_add_test(tc, after_a_failure_other_threads_are_tried_at_its_step);
	tcase_add_loop_test(tc, a_replay_fails_as_the_exploration_did, 0, 7);
	tcase_add_test(tc, a_replay_takes_a_file_or_the_environment);
	tcase_add_loop_test(tc, a_schedule_of_other_code_is_refused, 0,
			    ARRAY_SIZE(versions));
	tcase_add_loop_test(tc, a_schedule_that_makes_no_sense_is_refused, 0,
			    ARRAY_SIZE(bad_schedules));
	tcase_add_test(tc, any_thread_can_be_waited_for);
	tcase_add_test(tc, a_number_in_a_schedule_may_be_any);
	tcase_add_test(tc, an_exploration_that_finds_nothing_prints_nothing);
	tcase_add_test(tc, a_verdict_says_if_it_is_of_one_shard);
	tcase_add_test(tc, a_bound_that_cuts_nothing_costs_nothing);
	tcase_add_test(tc, a_verdict_tells_all_bounds_in_order);
	tcase_add_loop_test(tc, a_search_that_was_stopped_is_not_all_done, 0,
			    5);
	tcase_add_test(tc, options_that_make_no_sense_are_refused);
	tcase_add_test(tc, assertions_of_check_hold);
	return run(tc, CK_ENV) || !good ? EXIT_FAILURE : EXIT_SUCCESS;
}
