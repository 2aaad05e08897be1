// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Kinds of locks in memory that a test lists, and what ends the use of states.
 */
#define _GNU_SOURCE
#include "suite.h"
#include "../../src/kernel/poison.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/memfd.h>
#include <iommufd_model/kernel/semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	rwlock_t lock;
	struct completion done;
	int x;
} s;

/* The values of x at the ends of executions, which run in children. */
static unsigned int *outcomes;

static void clear(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	rwlock_init(&s.lock);
	init_completion(&s.done);
}

static void use_lock(void *data)
{
	(void)data;
	write_lock(&s.lock);
	WRITE_ONCE(s.x, READ_ONCE(s.x) + 1);
	write_unlock(&s.lock);
	read_lock(&s.lock);
	iommufd_model_assert(READ_ONCE(s.x) > 0);
	read_unlock(&s.lock);
	if (write_trylock(&s.lock))
		write_unlock(&s.lock);
	if (read_trylock(&s.lock))
		read_unlock(&s.lock);
}

static void increment(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, READ_ONCE(s.x) + 1);
}

static struct iommufd_model_explore_result result;

static void explore(struct iommufd_model_test test)
{
	struct iommufd_model_explore_options options = {
		.jobs = 1, .quiet = true,
	};

	test.name = "states";
	if (!test.setup)
		test.setup = clear;
	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	iommufd_model_explore_free(&result);
	ck_assert_msg(!iommufd_model_explore(&test, &options, &result), "%s",
		      result.report);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}

#define explore_test(...) explore((struct iommufd_model_test){ __VA_ARGS__ })

static void ck_assert_states_end_by(const char *why)
{
	ck_assert_msg(strstr(result.no_states, why), "\"%s\"",
		      result.no_states);
}

START_TEST(a_lock_for_readers_is_part_of_a_state)
{
	explore_test(.threads = { { "a", use_lock }, { "b", use_lock } },
		     .memory = { { &s, sizeof(s) } });
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
}
END_TEST

static void explore_statics(const char *why)
{
	explore_test(.threads = { { "a", increment }, { "b", increment } },
		     .memory = { IOMMUFD_MODEL_STATIC_VARIABLES });
#ifdef WITH_ASAN
	why = "static variables are not known here";
#endif
	ck_assert_states_end_by(why);
}

START_TEST(device_memory_ends_the_use_of_states)
{
	void *page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);

	explore_statics("device memory");
	free_pages_exact(page, PAGE_SIZE);
}
END_TEST

START_TEST(memory_files_end_the_use_of_states)
{
	int fd = memfd_create("states", MFD_CLOEXEC);
	struct file *file;

	ck_assert_int_eq(ftruncate(fd, PAGE_SIZE), 0);
	file = iommufd_model_fget_any(fd);
	explore_statics("memfds");
	fput(file);
	close(fd);
}
END_TEST

START_TEST(equal_threads_end_the_use_of_states)
{
	explore_test(.threads = { { "a", increment }, { "b", increment } },
		     .symmetric = true, .memory = { { &s, sizeof(s) } });
	ck_assert_states_end_by("equal threads");
}
END_TEST

static char much[32u << 20];

START_TEST(too_much_listed_memory_ends_the_use_of_states)
{
	explore_test(.threads = { { "a", increment }, { "b", increment } },
		     .memory = { { much, sizeof(much) } });
	ck_assert_states_end_by("too much memory");
}
END_TEST

/* A piece of memory is too large, and then another one. */
START_TEST(the_first_reason_is_told)
{
	explore_test(.threads = { { "a", increment }, { "b", increment } },
		     .memory = { { much, sizeof(much) / 2 },
				 { much + sizeof(much) / 2,
				   sizeof(much) / 2 } });
	ck_assert_states_end_by("too much memory");
}
END_TEST

/* What only a thread has is noticed when a state is compared. */

static int memory_file;

static void use_device_memory(void *data)
{
	void *page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);

	increment(data);
	increment(data);
	free_pages_exact(page, PAGE_SIZE);
}

static void use_memory_file(void *data)
{
	struct file *file = iommufd_model_fget_any(memory_file);

	increment(data);
	increment(data);
	fput(file);
}

START_TEST(what_a_thread_uses_ends_the_use_of_states)
{
	memory_file = memfd_create("states", MFD_CLOEXEC);
	ck_assert_int_eq(ftruncate(memory_file, PAGE_SIZE), 0);
	explore_test(.threads = { { "a", _i ? use_memory_file :
					      use_device_memory },
				  { "b", increment } },
		     .memory = { IOMMUFD_MODEL_STATIC_VARIABLES });
#ifndef WITH_ASAN
	ck_assert_states_end_by(_i ? "memfds" : "device memory");
#endif
	close(memory_file);
}
END_TEST

static void wait_for_x(void *data)
{
	(void)data;
	while (!READ_ONCE(s.x))
		cpu_relax();
}

START_TEST(a_loop_that_waits_ends_the_use_of_states)
{
	explore_test(.threads = { { "a", wait_for_x }, { "b", increment } },
		     .memory = { { &s, sizeof(s) } });
	ck_assert_states_end_by("a loop that waits");
}
END_TEST

/*
 * The lists of exclusive sleepers are part of all memory.  They are not part of
 * memory that a test lists, as the entries are on stacks.
 */

static struct semaphore tokens;
static wait_queue_head_t exclusive;

static void setup_tokens(void *data)
{
	clear(data);
	sema_init(&tokens, 1);
	init_waitqueue_head(&exclusive);
}

static void pass_twice(void *data)
{
	int i;

	for (i = 0; i < 2; i++) {
		down(&tokens);
		increment(data);
		up(&tokens);
	}
}

static void pass_exclusively(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		iommufd_model_assert(!wait_event_interruptible_exclusive(
			exclusive, !xchg(&s.x, 1)));
		WRITE_ONCE(s.x, 0);
		wake_up(&exclusive);
	}
}

static void pass_and_complete(void *data)
{
	complete(&s.done);
	pass_twice(data);
	wait_for_completion(&s.done);
}

START_TEST(exclusive_sleepers_are_part_of_all_memory)
{
	void (*const fns[])(void *data) = {
		pass_twice,
		pass_exclusively,
		pass_and_complete,
	};
	struct iommufd_model_test test = {
		.setup = setup_tokens,
		.threads = { { "a", fns[_i] }, { "b", fns[_i] } },
		.memory = { IOMMUFD_MODEL_STATIC_VARIABLES },
	};

	explore(test);
#ifndef WITH_ASAN
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
#endif
	test.memory[0] = (struct iommufd_model_memory){ &s, sizeof(s) };
	explore(test);
	ck_assert_str_ne(result.no_states, "");
}
END_TEST

static void read_by_rcu(void *data)
{
	int *own = kmalloc(sizeof(*own), GFP_KERNEL);

	WRITE_ONCE(*own, 1);
	rcu_read_lock();
	increment(data);
	rcu_read_unlock();
	kfree(own);
}

/* What RCU has is in the library. */
START_TEST(an_operation_of_another_kind_ends_the_use_of_states)
{
	struct iommufd_model_test test = {
		.threads = { { "a", read_by_rcu }, { "b", increment } },
		.memory = { IOMMUFD_MODEL_STATIC_VARIABLES },
	};

	if (_i)
		test.memory[0] = (struct iommufd_model_memory){ &s, sizeof(s) };
	explore(test);
#ifdef WITH_ASAN
	if (!_i)
		return;
#endif
	ck_assert_states_end_by("rcu_read_lock");
}
END_TEST

#define MANY 4200

static struct {
	struct mutex mutex[80];
	int many[MANY];
} large;

static void setup_large(void *data)
{
	size_t i;

	clear(data);
	memset(&large, 0, sizeof(large));
	for (i = 0; i < ARRAY_SIZE(large.mutex); i++)
		mutex_init(&large.mutex[i]);
}

static void write_many(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < MANY; i++)
		WRITE_ONCE(large.many[i], 1);
}

START_TEST(too_many_accesses_end_the_use_of_states)
{
	explore_test(.setup = setup_large,
		     .threads = { { "a", write_many }, { "b", increment } },
		     .memory = { { &large, sizeof(large) },
				 { &s, sizeof(s) } });
	ck_assert_states_end_by("too many different accesses");
}
END_TEST

static void lock_many(void *data)
{
	size_t i;

	(void)data;
	for (i = 0; i < ARRAY_SIZE(large.mutex); i++) {
		mutex_lock(&large.mutex[i]);
		mutex_unlock(&large.mutex[i]);
	}
}

START_TEST(too_many_locks_end_the_use_of_states)
{
	explore_test(.setup = setup_large,
		     .threads = { { "a", lock_many }, { "b", increment } },
		     .memory = { { &large, sizeof(large) },
				 { &s, sizeof(s) } });
	ck_assert_states_end_by("too many locks and counters");
}
END_TEST

/* Both write x while they hold more locks than the set of a thread has. */

static struct mutex nested[9];

static void setup_nested(void *data)
{
	clear(data);
	mutex_init(&nested[0]);
	mutex_init(&nested[1]);
	mutex_init(&nested[2]);
	mutex_init(&nested[3]);
	mutex_init(&nested[4]);
	mutex_init(&nested[5]);
	mutex_init(&nested[6]);
	mutex_init(&nested[7]);
	mutex_init(&nested[8]);
}

static void increment_under_many(void *data)
{
	int i;

	for (i = 0; i < 9; i++)
		mutex_lock(&nested[i]);
	increment(data);
	while (i--)
		mutex_unlock(&nested[i]);
	increment(data);
}

static void tell_x(void *data)
{
	(void)data;
	*outcomes |= 1u << s.x;
}

START_TEST(a_thread_may_hold_many_locks)
{
	struct iommufd_model_test test = {
		.setup = setup_nested, .after = tell_x,
		.threads = { { "a", increment_under_many },
			     { "b", increment_under_many } },
	};
	unsigned int without;

	outcomes = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	explore(test);
	without = *outcomes;
	*outcomes = 0;
	test.memory[0] = (struct iommufd_model_memory){ &s, sizeof(s) };
	test.memory[1] = (struct iommufd_model_memory){ nested,
							sizeof(nested) };
	explore(test);
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
	ck_assert_uint_eq(*outcomes, without);
	munmap(outcomes, PAGE_SIZE);
}
END_TEST

/* The state has that a thread waits for a variable by its address. */
static void wait_for_variable(void *data)
{
	(void)data;
	wait_var_event(&s.x, READ_ONCE(s.x));
}

static void set_variable(void *data)
{
	increment(data);
	wake_up_var(&s.x);
}

START_TEST(a_wait_for_a_variable_is_part_of_a_state)
{
	explore_test(.threads = { { "a", wait_for_variable },
				  { "b", set_variable },
				  { "c", increment } },
		     .memory = { { &s, sizeof(s) } });
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
}
END_TEST

/* In which order threads have taken from a completion is no part of a state. */

static void setup_done(void *data)
{
	clear(data);
	complete(&s.done);
	complete(&s.done);
	complete(&s.done);
}

static void take_once(void *data)
{
	(void)data;
	wait_for_completion(&s.done);
}

START_TEST(who_has_taken_is_part_of_a_state_and_not_in_which_order)
{
	explore_test(.setup = setup_done,
		     .threads = { { "a", take_once },
				  { "b", take_once },
				  { "c", take_once } },
		     .memory = { { &s, sizeof(s) } });
	ck_assert_str_eq(result.no_states, "");
	/* A state for each set of threads that have taken, but for that of all. */
	ck_assert_uint_eq(result.states, 7);
	ck_assert_uint_eq(result.executions, 3);
}
END_TEST

/* Another thread writes to a stack, and a third one makes states known. */

static struct {
	wait_queue_head_t queue;
	struct mutex mutex;
	int *own, given_back, count;
	atomic_t users;
} lent;

static void setup_lent(void *data)
{
	clear(data);
	memset(&lent, 0, sizeof(lent));
	init_waitqueue_head(&lent.queue);
	mutex_init(&lent.mutex);
}

static noinline void lend(void)
{
	int own = 0;

	WRITE_ONCE(lent.own, &own);
	wake_up(&lent.queue);
	wait_event(lent.queue, READ_ONCE(lent.given_back));
	iommufd_model_assert(READ_ONCE(own) == 1);
}

static void lend_and_increment(void *data)
{
	lend();
	increment(data);
}

static void use_and_give_back(void *data)
{
	(void)data;
	wait_event(lent.queue, READ_ONCE(lent.own));
	WRITE_ONCE(*READ_ONCE(lent.own), 1);
	WRITE_ONCE(lent.given_back, 1);
	wake_up(&lent.queue);
}

static void count_twice(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		mutex_lock(&lent.mutex);
		lent.count++;
		mutex_unlock(&lent.mutex);
	}
}

START_TEST(a_use_of_a_stack_is_part_of_a_known_state)
{
	explore_test(.setup = setup_lent,
		     .threads = { { "a", lend_and_increment },
				  { "b", use_and_give_back },
				  { "c", count_twice },
				  { "d", count_twice } },
		     .memory = { IOMMUFD_MODEL_STATIC_VARIABLES });
#ifndef WITH_ASAN
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
#endif
}
END_TEST

/* In a known state two threads are about to write to the stack of a third one. */

static void setup_lent_to_two(void *data)
{
	setup_lent(data);
	atomic_set(&lent.users, 2);
}

static noinline int lend_to_two(void)
{
	int own = 0;

	WRITE_ONCE(lent.own, &own);
	wait_event(lent.queue, !atomic_read(&lent.users));
	return READ_ONCE(own);
}

static void lend_and_tell(void *data)
{
	(void)data;
	s.x = lend_to_two();
}

static void write_if_lent(int value)
{
	int *own;

	mutex_lock(&lent.mutex);
	own = READ_ONCE(lent.own);
	mutex_unlock(&lent.mutex);
	if (own)
		WRITE_ONCE(*own, value);
	if (atomic_dec_and_test(&lent.users))
		wake_up(&lent.queue);
}

static void write_1(void *data)
{
	(void)data;
	write_if_lent(1);
}

static void write_2(void *data)
{
	(void)data;
	write_if_lent(2);
}

START_TEST(writes_to_a_stack_come_after_a_known_state)
{
	struct iommufd_model_test test = {
		.setup = setup_lent_to_two,
		.after = tell_x,
		.threads = { { "a", lend_and_tell },
			     { "b", write_1 },
			     { "c", write_2 } },
		.memory = { IOMMUFD_MODEL_STATIC_VARIABLES },
	};

	outcomes = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	explore(test);
#ifndef WITH_ASAN
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
#endif
	/* Nobody has written, or one of the two was the last to write. */
	ck_assert_uint_eq(*outcomes, 1u << 0 | 1u << 1 | 1u << 2);
	munmap(outcomes, PAGE_SIZE);
}
END_TEST

/* There is room for 2^20 changes of pins in an execution. */

#define PAGES_AT_ONCE 64

static char pinned[(PAGES_AT_ONCE + 1) * PAGE_SIZE];

static void pin_often(void *data)
{
	struct page *pages[PAGES_AT_ONCE];
	int i, n;

	clear(data);
	for (i = 0; i < (1 << 19) / PAGES_AT_ONCE + 1; i++) {
		iommufd_model_assert(
			pin_user_pages_fast((unsigned long)pinned,
					    PAGES_AT_ONCE, FOLL_WRITE,
					    pages) == PAGES_AT_ONCE);
		for (n = 0; n < PAGES_AT_ONCE; n++)
			unpin_user_page(pages[n]);
	}
}

START_TEST(with_too_many_pins_the_search_goes_on)
{
	explore_test(.setup = pin_often,
		     .threads = { { "a", increment }, { "b", increment } },
		     .memory = { { &s, sizeof(s) } });
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
}
END_TEST

/* How often setup runs, in the processes of a search. */
static unsigned int *setups;

static void clear_and_count(void *data)
{
	clear(data);
	__atomic_add_fetch(setups, 1, __ATOMIC_RELAXED);
}

START_TEST(a_long_search_without_states_does_not_begin_again)
{
	struct iommufd_model_test test = {
		.name = "long",
		.setup = clear_and_count,
		.threads = { { "a", increment },
			     { "b", increment },
			     { "c", increment } },
	};
	struct iommufd_model_explore_options options = {
		.jobs = 1,
		.states_after = 2,
		.quiet = true,
	};
	const char *why = "the data of the test is no static variable";
	unsigned int without;
	int own;

#ifdef WITH_ASAN
	why = "static variables are not known here";
#endif
	setups = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(!iommufd_model_explore(&test, &options, &result));
	iommufd_model_explore_free(&result);
	without = *setups;
	*setups = 0;
	test.memory[0] =
		(struct iommufd_model_memory)IOMMUFD_MODEL_STATIC_VARIABLES;
	test.data = &own;
	ck_assert(!iommufd_model_explore(&test, &options, &result));
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert_states_end_by(why);
	ck_assert_uint_eq(*setups, without);
	munmap(setups, PAGE_SIZE);
}
END_TEST

static Suite *states_why_suite(void)
{
	Suite *suite = suite_create("states_why");
	TCase *tc = tcase_create("states_why");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, a_lock_for_readers_is_part_of_a_state);
	tcase_add_test(tc, device_memory_ends_the_use_of_states);
	tcase_add_test(tc, memory_files_end_the_use_of_states);
	tcase_add_test(tc, equal_threads_end_the_use_of_states);
	tcase_add_test(tc, too_much_listed_memory_ends_the_use_of_states);
	tcase_add_test(tc, the_first_reason_is_told);
	tcase_add_loop_test(tc, what_a_thread_uses_ends_the_use_of_states, 0,
			    2);
	tcase_add_test(tc, a_loop_that_waits_ends_the_use_of_states);
	tcase_add_loop_test(tc, exclusive_sleepers_are_part_of_all_memory, 0,
			    3);
	tcase_add_loop_test(
		tc, an_operation_of_another_kind_ends_the_use_of_states, 0, 2);
	tcase_add_test(tc, too_many_accesses_end_the_use_of_states);
	tcase_add_test(tc, too_many_locks_end_the_use_of_states);
	tcase_add_test(tc, a_thread_may_hold_many_locks);
	tcase_add_test(tc, a_wait_for_a_variable_is_part_of_a_state);
	tcase_add_test(tc, a_use_of_a_stack_is_part_of_a_known_state);
	tcase_add_test(tc, writes_to_a_stack_come_after_a_known_state);
	tcase_add_test(tc,
		       who_has_taken_is_part_of_a_state_and_not_in_which_order);
	tcase_add_test(tc, with_too_many_pins_the_search_goes_on);
	tcase_add_test(tc, a_long_search_without_states_does_not_begin_again);
	return suite;
}

int main(void)
{
	return run_suite(states_why_suite());
}
