// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * States that were explored before: with them an exploration is shorter, and
 * finds the same.
 */
#include "protocol.h"
#include "suite.h"
#include <iommufd_model/kernel/sched.h>
#include <iommufd_model/observe.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct iommufd_model_explore_result result;
static struct iommufd_model_test test;
/* Outcomes of executions, which run in children: bit n for the outcome n. */
static unsigned long *outcomes;

static int explore(struct iommufd_model_explore_options options)
{
	iommufd_model_explore_free(&result);
	options.quiet = true;
	return iommufd_model_explore(&test, &options, &result);
}

#define explore_with(...) \
	explore((struct iommufd_model_explore_options){ __VA_ARGS__ })

static unsigned long all_executions(void)
{
	return result.executions + result.redundant;
}

static void ck_assert_verdict_has(const char *what)
{
	char text[200];

	iommufd_model_verdict_text(&result, text, sizeof(text));
	ck_assert_msg(strstr(text, what), "%s: no %s", text, what);
}

/* The protocol */

static struct protocol protocol;

/* With AddressSanitizer the states of all memory are not used. */
#if defined(__SANITIZE_ADDRESS__)
#define KNOWS_STATICS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KNOWS_STATICS 0
#endif
#endif
#ifndef KNOWS_STATICS
#define KNOWS_STATICS 1
#endif

static void list_memory(const void *start, size_t size)
{
	test.memory[0].start = start;
	test.memory[0].size = size;
}

static void list_statics(void)
{
	struct iommufd_model_memory statics = IOMMUFD_MODEL_STATIC_VARIABLES;

	test.memory[0] = statics;
}

static void make(int getters, int rounds, enum protocol_bug bug)
{
	memset(&protocol, 0, sizeof(protocol));
	memset(&test, 0, sizeof(test));
	protocol.bug = bug;
	protocol_init(&protocol, &test, "protocol", getters, rounds);
	list_memory(&protocol, sizeof(protocol));
}

START_TEST(the_protocol_is_explored_with_fewer_executions)
{
	unsigned long without;

	make(2 + (_i & 1), 2 - (_i & 1), RIGHT);
	protocol.two_step_unlock = protocol.wait_queue = _i & 2;
	list_memory(NULL, 0);
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_uint_eq(result.states, 0);
	without = all_executions();
	list_memory(&protocol, sizeof(protocol));
	if (_i & 4)
		list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
	ck_assert_uint_lt(all_executions(), without);
	ck_assert_int_eq(explore_with(.jobs = 2), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
}
END_TEST

/* Figures of an exploration that checkpoints must not change. */
struct figures {
	int rc;
	enum iommufd_model_verdict verdict;
	enum iommufd_model_failure failure;
	unsigned long executions, redundant, states, found_after, steps;
	unsigned int seen;
	char schedule[400];
};

static struct figures figures_with(struct iommufd_model_explore_options options)
{
	struct figures f = { .rc = explore(options) };

	f.verdict = result.verdict;
	f.failure = result.failure;
	f.executions = result.executions;
	f.redundant = result.redundant;
	f.states = result.states;
	f.found_after = result.found_after;
	f.seen = result.seen;
	if (result.schedule)
		snprintf(f.schedule, sizeof(f.schedule), "%s", result.schedule);
	f.steps = result.steps;
	return f;
}

START_TEST(checkpoints_change_only_the_number_of_steps)
{
	static const enum protocol_bug bugs[] = {
		RIGHT, NO_BUG, BUG1, BUG3, BUG4
	};
	const enum protocol_bug bug = bugs[_i % 5];
	bool found = bug == BUG1 || bug == BUG3 || bug == BUG4;
	/* Each failure ends a process, which takes longer than the search. */
	unsigned long most = found && _i >= 5 ? 300 : 3000;
	struct figures with, without;

	make(2, 2, bug);
	protocol.wait_queue = _i & 1;
	with = figures_with((struct iommufd_model_explore_options){
		.jobs = 1, .keep_going = _i >= 5, .executions = most });
	without = figures_with((struct iommufd_model_explore_options){
		.jobs = 1, .keep_going = _i >= 5, .executions = most,
		.no_checkpoints = true });
	ck_assert_int_eq(with.rc, found);
	if (!found && KNOWS_STATICS)
		ck_assert_uint_lt(with.steps, without.steps);
	with.steps = without.steps = 0;
	/* An execution that is left cannot fail after that. */
	if (found && _i >= 5)
		with.executions = without.executions = with.redundant =
			without.redundant = 0;
	ck_assert_mem_eq(&with, &without, sizeof(with));
}
END_TEST

/*
 * What an execution that is left at a known state has changed must not be seen
 * by the next one, not even by one that begins with setup.
 */
static struct {
	spinlock_t lock;
	int inside, ended, flag;
	char memory[2 * PAGE_SIZE];
} left;

static void *left_page(void)
{
	return left.memory + PAGE_SIZE;
}

static void left_setup(void *data)
{
	(void)data;
	spin_lock_init(&left.lock);
	left.flag = left.ended = 0;
	iommufd_model_assert(!left.inside);
	iommufd_model_assert(
		!iommufd_model_page_pins(virt_to_page(left_page())));
}

/* The last operation of the thread is another one in a few orders only. */
static void left_thread(void *data)
{
	struct page *page;
	int i;

	(void)data;
	left.inside++;
	for (i = 0; i < 3; i++) {
		iommufd_model_assert(
			pin_user_pages_fast((unsigned long)left_page(), 1,
					    FOLL_WRITE, &page) == 1);
		spin_lock(&left.lock);
		WRITE_ONCE(left.flag, READ_ONCE(left.flag) + 1);
		spin_unlock(&left.lock);
		unpin_user_page(page);
	}
	left.inside--;
	spin_lock(&left.lock);
	i = ++left.ended;
	spin_unlock(&left.lock);
	if (i == 2)
		WRITE_ONCE(left.flag, 0);
}

/* Allocates something or not; the execution may be left before the free. */
static void maker(void *data)
{
	void *p = NULL;
	int i;

	(void)data;
	if (!iommufd_model_choose(2, "does not allocate"))
		p = kmalloc(8, GFP_KERNEL);
	for (i = 0; i < 2; i++) {
		spin_lock(&left.lock);
		spin_unlock(&left.lock);
	}
	kfree(p);
}

static void no_maker(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 4; i++) {
		spin_lock(&left.lock);
		spin_unlock(&left.lock);
	}
}

/* The list of allocations begins with one that is not the execution's. */
START_TEST(an_allocation_of_an_execution_that_was_left_is_gone)
{
	void *before = kmalloc(8, GFP_KERNEL);

	memset(&test, 0, sizeof(test));
	test.name = "left allocation";
	test.setup = left_setup;
	test.threads[0].fn = maker;
	test.threads[1].fn = no_maker;
	list_statics();
	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_uint_ge(result.redundant, KNOWS_STATICS);
	kfree(before);
}
END_TEST

START_TEST(what_an_execution_left_is_gone)
{
	memset(&test, 0, sizeof(test));
	test.name = "left";
	test.setup = left_setup;
	test.threads[0].fn = test.threads[1].fn = test.threads[2].fn =
		left_thread;
	list_statics();
	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_uint_ge(result.redundant, 10 * KNOWS_STATICS);
}
END_TEST

/*
 * A thread uses memory of malloc() in a few executions only.  Such memory is in
 * no checkpoint.
 */
static int *of_malloc;
static int counted;

static void late_setup(void *data)
{
	left_setup(data);
	*of_malloc = counted = 0;
}

static void late_writer(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 3; i++) {
		spin_lock(&left.lock);
		WRITE_ONCE(left.flag, READ_ONCE(left.flag) + 1);
		spin_unlock(&left.lock);
	}
}

static void late_user(void *data)
{
	int i;

	(void)data;
	for (i = 0; READ_ONCE(left.flag) == 2 && i < 2; i++) {
		WRITE_ONCE(*of_malloc, READ_ONCE(*of_malloc) + 1);
		counted++;
	}
}

static void late_after(void *data)
{
	(void)data;
	iommufd_model_assert(*of_malloc == counted);
}

START_TEST(memory_that_turns_out_to_be_unknown_ends_the_use_of_checkpoints)
{
	of_malloc = malloc(sizeof(*of_malloc));
	memset(&test, 0, sizeof(test));
	test.name = "late";
	test.setup = late_setup;
	test.after = late_after;
	test.threads[0].fn = test.threads[1].fn = late_writer;
	test.threads[2].fn = late_user;
	list_memory(&left, sizeof(left));
	if (_i)
		list_statics();
	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_verdict_has("without states");
	free(of_malloc);
}
END_TEST

/* A checkpoint must not be written to memory that cannot be written. */
START_TEST(a_constant_can_be_listed)
{
	static const int constant = 3;

	make(2, 1, RIGHT);
	test.memory[1].start = &constant;
	test.memory[1].size = sizeof(constant);
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_uint_gt(result.states, 0);
}
END_TEST

START_TEST(the_bugs_of_the_protocol_are_found)
{
	static const struct {
		enum protocol_bug bug;
		enum iommufd_model_failure failure;
	} bugs[] = {
		{ BUG1, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE },
		{ BUG3, IOMMUFD_MODEL_FAIL_ASSERTION },
		{ BUG4, IOMMUFD_MODEL_FAIL_LOST_WAKEUP },
	};

	make(2, 2, bugs[_i % 3].bug);
	if (_i >= 3)
		list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 1);
	ck_assert_int_eq(result.failure, bugs[_i % 3].failure);
	ck_assert_int_eq(explore_with(.keep_going = true, .executions = 300),
			 1);
	ck_assert(result.seen & 1u << bugs[_i % 3].failure);
}
END_TEST

START_TEST(with_too_little_room_the_search_goes_on_without_more_states)
{
	make(3, 2, RIGHT);
	ck_assert_int_eq(explore_with(.states = 1, .executions = 40000), 0);
	ck_assert(result.states_full);
	ck_assert_verdict_has("no room for more than ");
}
END_TEST

/* What the progress said, for each of its calls. */
static struct {
	double executions, done;
} said[1000];
static int nr_said;

static void note_progress(const struct iommufd_model_explore_result *r,
			  void *data)
{
	(void)data;
	if (nr_said == ARRAY_SIZE(said))
		return;
	said[nr_said].executions = (double)(r->executions + r->redundant);
	said[nr_said++].done = r->done;
}

START_TEST(half_time_is_estimated_within_a_factor_of_three)
{
	int i, seen = 0;
	double part;

	make(2, 4, RIGHT);
	nr_said = 0;
	ck_assert_int_eq(explore_with(.jobs = 1, .progress = note_progress), 0);
	for (i = 0; i < nr_said; i++) {
		part = said[i].executions / (double)all_executions();
		if (part < 0.45 || part > 0.55)
			continue;
		seen++;
		ck_assert_double_gt(said[i].done * 3, part);
		ck_assert_double_lt(said[i].done, part * 3);
	}
	ck_assert(seen || nr_said < 10);
}
END_TEST

static atomic_t total;

static void clear_total(void *data)
{
	(void)data;
	atomic_set(&total, 0);
}

static void count_one(void *data)
{
	(void)data;
	atomic_inc_return(&total);
}

/* It says so once, whatever the number of jobs, and only if it would help. */
START_TEST(a_long_search_says_that_it_could_use_states)
{
	struct iommufd_model_test long_test = {
		.name = "long",
		.setup = clear_total,
		.threads = { { "a", count_one }, { "b", count_one },
			     { "c", count_one }, { "d", count_one },
			     { "e", count_one }, { "f", count_one },
			     { "g", count_one }, { "h", count_one },
			     { "i", count_one } }, /* 9! = 362,880 orders */
	};
	struct iommufd_model_explore_options options = {
		.jobs = 1 + (_i & 2),
		.executions = 130000,
	};
	char *text = NULL, *said_first;
	size_t size;

	if (_i % 2)
		setenv("IOMMUFD_MODEL_EXPLORE_STATES", "0", 1);
	options.report = open_memstream(&text, &size);
	iommufd_model_explore_free(&result);
	/* A handler turns states off, so they would not help. */
	if (_i == 4)
		long_test.interrupts[8] = IOMMUFD_MODEL_INTERRUPTS(0);
	ck_assert_int_eq(iommufd_model_explore(&long_test, &options, &result),
			 0);
	unsetenv("IOMMUFD_MODEL_EXPLORE_STATES");
	fclose(options.report);
	said_first = strstr(text, "long: more than 100000 executions: ");
	if (_i % 2 || _i == 4) {
		ck_assert_ptr_null(said_first);
	} else {
		ck_assert_ptr_nonnull(said_first);
		ck_assert_ptr_nonnull(strstr(text, "STATIC_VARIABLES"));
		ck_assert_ptr_null(strstr(said_first + 1, "long: more"));
	}
	free(text);
}
END_TEST

/* Plain memory */

static struct {
	struct mutex mutex, other;
	int x, z;
	int seen[3], rank[3];
} s;

static int unlisted;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	mutex_init(&s.mutex);
	mutex_init(&s.other);
	unlisted = 0;
}

/* What another thread left in the plain variable stays on the stack. */
static void add_to_x(void *data)
{
	int was;

	(void)data;
	mutex_lock(&s.mutex);
	was = s.x;
	s.x = was ? 1 : 2;
	mutex_unlock(&s.mutex);
	mutex_lock(&s.other);
	mutex_unlock(&s.other);
	WRITE_ONCE(s.z, was);
}

static void put_back(void *data)
{
	(void)data;
	mutex_lock(&s.mutex);
	s.x = 0;
	mutex_unlock(&s.mutex);
	mutex_lock(&s.other);
	mutex_unlock(&s.other);
}

static void tell(void *data)
{
	(void)data;
	*outcomes |= 1ul << (s.z * 3 + s.x);
}

static void plain_test(void)
{
	memset(&test, 0, sizeof(test));
	test.name = "plain memory";
	test.setup = setup;
	test.threads[0].fn = add_to_x;
	test.threads[1].fn = put_back;
	test.threads[2].fn = add_to_x;
	test.after = tell;
}

START_TEST(what_a_thread_read_by_a_plain_access_belongs_to_the_state)
{
	unsigned long without;

	plain_test();
	*outcomes = 0;
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	without = *outcomes;
	list_memory(&s, sizeof(s));
	if (_i)
		list_statics();
	*outcomes = 0;
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_uint_gt(result.states, 0);
	ck_assert_uint_eq(*outcomes, without);
}
END_TEST

/* What lies behind a full list is not written back with the checkpoints. */
static void allocate_much(void *data)
{
	static const size_t sizes[] = { 1 << 20, 60 << 10 };
	void *p[8];
	int i, nr = *(int *)data;

	for (i = 0; i < nr; i++)
		p[i] = kmalloc(sizes[nr > 1], GFP_KERNEL);
	spin_lock(&left.lock);
	spin_unlock(&left.lock);
	while (i--)
		kfree(p[i]);
}

/* In one piece, or in pieces that are not too large. */
START_TEST(much_allocated_memory_ends_the_use_of_states)
{
	static int nr;

	nr = _i ? 8 : 1;
	memset(&test, 0, sizeof(test));
	test.name = "much memory";
	test.setup = left_setup;
	test.data = &nr;
	test.threads[0].fn = test.threads[1].fn = allocate_much;
	list_memory(&left, sizeof(left));
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_uint_eq(result.states, 0);
	ck_assert_verdict_has(
		"without states: the test allocates too much memory");
}
END_TEST

START_TEST(a_list_of_memory_can_be_full)
{
	static struct {
		struct iommufd_model_test test;
		struct iommufd_model_memory behind;
	} full;
	static char more[IOMMUFD_MODEL_MAX_MEMORY];
	struct iommufd_model_explore_options options = { .jobs = 1,
							 .quiet = true };
	unsigned long without;
	int i;

	plain_test();
	*outcomes = 0;
	ck_assert_int_eq(explore(options), 0);
	without = *outcomes;
	list_memory(&s, sizeof(s));
	full.test = test;
	for (i = 1; i < IOMMUFD_MODEL_MAX_MEMORY; i++) {
		full.test.memory[i].start = &more[i];
		full.test.memory[i].size = 1;
	}
	full.behind.start = outcomes;
	full.behind.size = sizeof(*outcomes);
	*outcomes = 0;
	iommufd_model_explore_free(&result);
	ck_assert_int_eq(iommufd_model_explore(&full.test, &options, &result),
			 0);
	ck_assert_uint_gt(result.states, 0);
	ck_assert_uint_eq(*outcomes, without);
}
END_TEST

/* What a thread has chosen is nowhere in memory until it writes it. */
static void chooses_and_writes(void *data)
{
	int value = (int)iommufd_model_choose(3, "value");

	(void)data;
	mutex_lock(&s.mutex);
	mutex_unlock(&s.mutex);
	WRITE_ONCE(s.z, value);
}

static void copies_z(void *data)
{
	(void)data;
	mutex_lock(&s.mutex);
	mutex_unlock(&s.mutex);
	WRITE_ONCE(s.x, READ_ONCE(s.z));
}

START_TEST(what_a_thread_has_chosen_belongs_to_the_state)
{
	memset(&test, 0, sizeof(test));
	test.name = "choice";
	test.setup = setup;
	test.threads[0].fn = chooses_and_writes;
	test.threads[1].fn = copies_z;
	test.after = tell;
	list_memory(&s, sizeof(s));
	*outcomes = 0;
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_uint_gt(result.states, 0);
	/* z and x are 0 0, 1 0, 1 1, 2 0 or 2 2 */
	ck_assert_uint_eq(*outcomes,
			  1ul << 0 | 1ul << 3 | 1ul << 4 | 1ul << 6 | 1ul << 8);
}
END_TEST

static void use_unlisted(void *data)
{
	(void)data;
	WRITE_ONCE(unlisted, 1);
}

START_TEST(an_operation_on_memory_that_is_not_listed_ends_the_use_of_states)
{
	unsigned long without;

	plain_test();
	test.threads[3].fn = use_unlisted;
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	without = result.executions;
	list_memory(&s, sizeof(s));
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_uint_eq(result.executions, without);
	ck_assert_uint_eq(result.states, 0);
	ck_assert_verdict_has("without states: memory that the test does not "
			      "list: unlisted");
}
END_TEST

/*
 * Three threads take numbers twice.  They keep the first one in a register, on
 * the heap or in a static variable until they have the second.
 */
static int take_number(struct mutex *mutex, int *next)
{
	int number;

	mutex_lock(mutex);
	number = (*next)++;
	mutex_unlock(mutex);
	return number;
}

static void tell_numbers(int first, int second)
{
	s.seen[iommufd_model_thread_number()] = first;
	s.rank[iommufd_model_thread_number()] = second;
}

static void keeps_in_a_register(void *data)
{
	int first = take_number(&s.mutex, &s.x);

	(void)data;
	tell_numbers(first, take_number(&s.other, &s.z));
}

static void keeps_on_the_heap(void *data)
{
	int *first = kmalloc(sizeof(*first), GFP_KERNEL);

	(void)data;
	*first = take_number(&s.mutex, &s.x);
	tell_numbers(*first, take_number(&s.other, &s.z));
	kfree(first);
}

static void keeps_in_a_static_variable(void *data)
{
	int *first = &s.seen[iommufd_model_thread_number()];

	(void)data;
	*first = take_number(&s.mutex, &s.x);
	tell_numbers(*first, take_number(&s.other, &s.z));
}

/* The number of the order of three different numbers, from 0 to 5. */
static int order_of(const int number[3])
{
	return number[0] * 2 + (number[1] > number[2]);
}

static void tell_orders(void *data)
{
	(void)data;
	*outcomes |= 1ul << (order_of(s.seen) * 6 + order_of(s.rank));
}

START_TEST(what_a_thread_keeps_for_itself_belongs_to_the_state)
{
	void (*const fns[])(void *data) = {
		keeps_in_a_register,
		keeps_on_the_heap,
		keeps_in_a_static_variable,
	};
	unsigned long without;

	plain_test();
	test.threads[0].fn = test.threads[1].fn = test.threads[2].fn = fns[_i];
	test.after = tell_orders;
	*outcomes = 0;
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	without = *outcomes;
	ck_assert_int_eq(__builtin_popcountl(without), 36);
	list_statics();
	*outcomes = 0;
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
	ck_assert_uint_eq(*outcomes, without);
}
END_TEST

/*
 * The first thread clears x if the second one has set z, and nobody can tell
 * later: the state is that of the path on which it came first.  On that path a
 * state is reached next that is known already, so the access of the third thread
 * is known from there only.  It races with the write of the other path.  States
 * are compared after each write here.
 */
static noinline void clear_x_if_z(void)
{
	if (READ_ONCE(s.z))
		WRITE_ONCE(s.x, 0);
}

static void pass_the_mutex(void)
{
	mutex_lock(&s.mutex);
	mutex_unlock(&s.mutex);
}

static void clears_x_if_z(void *data)
{
	(void)data;
	clear_x_if_z();
	pass_the_mutex();
	WRITE_ONCE(s.seen[0], 1);
}

static void sets_z(void *data)
{
	(void)data;
	pass_the_mutex();
	WRITE_ONCE(s.z, 1);
}

static void sets_x(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, 1);
}

static void tell_x(void *data)
{
	(void)data;
	*outcomes |= 1ul << s.x;
}

START_TEST(a_state_above_a_known_one_has_its_accesses)
{
	memset(&test, 0, sizeof(test));
	test.name = "known states";
	test.setup = setup;
	test.threads[0].fn = clears_x_if_z;
	test.threads[1].fn = sets_z;
	test.threads[2].fn = sets_x;
	test.after = tell_x;
	list_statics();
	*outcomes = 0;
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
	ck_assert_uint_eq(*outcomes, 1ul << 0 | 1ul << 1);
}
END_TEST

/*
 * Three paths lead to one state: the reader chooses what it reads, and nobody can
 * tell later.  On the first path, the first thread sleeps in that state, on the
 * second path the second thread, and on the third path none.  A thread that slept
 * may write @third there, which races with the last read of the third path.
 */
static struct {
	atomic_t first, second, third;
} three;

static void setup_three(void *data)
{
	setup(data);
	atomic_set(&three.first, 0);
	atomic_set(&three.second, 0);
	atomic_set(&three.third, 0);
}

static void exchanges_first(void *data)
{
	(void)data;
	if (!atomic_cmpxchg(&three.first, 0, 2) &&
	    atomic_read(&three.second) == 2)
		atomic_set(&three.third, 2);
}

static void exchanges_second(void *data)
{
	(void)data;
	atomic_cmpxchg(&three.second, 0, 2);
}

static noinline void read_some_of_three(void)
{
	switch (iommufd_model_choose(3, "path")) {
	case 0:
		atomic_read(&three.second);
		break;
	case 1:
		atomic_read(&three.first);
		break;
	default:
		if (!atomic_read(&three.first) && !atomic_read(&three.second) &&
		    !atomic_read(&three.third) && atomic_read(&three.third))
			*outcomes = 1;
	}
}

static void reads_some_of_three(void *data)
{
	(void)data;
	mutex_lock(&s.mutex);
	read_some_of_three();
	mutex_unlock(&s.mutex);
	WRITE_ONCE(s.seen[0], 1);
}

/* After that the exchanges fail, and a failed one is only a read. */
static void prevents_exchanges(void *data)
{
	(void)data;
	mutex_lock(&s.mutex);
	atomic_set(&three.first, 1);
	atomic_set(&three.second, 1);
	mutex_unlock(&s.mutex);
}

START_TEST(a_thread_that_slept_in_a_known_state_is_tried_there)
{
	memset(&test, 0, sizeof(test));
	test.name = "sleep sets";
	test.setup = setup_three;
	test.threads[0].fn = exchanges_first;
	test.threads[1].fn = exchanges_second;
	test.threads[2].fn = reads_some_of_three;
	test.threads[3].fn = prevents_exchanges;
	list_statics();
	*outcomes = 0;
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_eq(*outcomes, 1);
}
END_TEST

static DECLARE_WAIT_QUEUE_HEAD(sleepers);

/*
 * Three sleepers for whom nobody comes.  They come to most states on several
 * paths, on which different threads are in the sleep set.  (AddressSanitizer may
 * give a function's variables another place each time, and the queue points to
 * them, so that fewer states are equal with it.)
 */
static void sleeps_for_2(void *data)
{
	(void)data;
	wait_event_timeout(sleepers, READ_ONCE(s.z), 2);
	WRITE_ONCE(s.z, 0);
}

START_TEST(how_many_executions_three_sleepers_take)
{
	memset(&test, 0, sizeof(test));
	test.name = "three sleepers";
	test.setup = setup;
	test.threads[0].fn = test.threads[1].fn = test.threads[2].fn =
		sleeps_for_2;
	list_memory(&s, sizeof(s));
	test.memory[1].start = &sleepers;
	test.memory[1].size = sizeof(sleepers);
	ck_assert_int_eq(explore_with(.jobs = 1,
				      .ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT),
			 0);
	ck_assert_str_eq(result.no_states, "");
	ck_assert(!result.states_full);
	ck_assert_uint_eq(result.executions, 40);
	/*
	 * Fewer if a thread is not woken that sleeps, and did not when the state
	 * was stored, or if that state keeps its sleep set; more if the threads
	 * are tried that need not be.
	 */
	ck_assert_uint_eq(result.redundant, 552);
	ck_assert_uint_eq(result.states, 1840);
}
END_TEST

/*
 * The sleeper chooses what to write before it sleeps, and the waker replaces it
 * after the wake-up: both values lead to one state.  With both, the sleep can
 * also end by itself before the wake-up.
 */
static noinline void choose_z(void)
{
	WRITE_ONCE(s.z, 1 + (int)iommufd_model_choose(2, "z"));
}

static void chooses_z_and_sleeps(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	choose_z();
	prepare_to_wait(&sleepers, &wait, TASK_INTERRUPTIBLE);
	WRITE_ONCE(s.x, 1);
	if (!schedule_timeout(1))
		s.seen[0] = READ_ONCE(s.z);
	finish_wait(&sleepers, &wait);
}

static void wakes_and_sets_z(void *data)
{
	(void)data;
	if (!READ_ONCE(s.x))
		return;
	wake_up(&sleepers);
	WRITE_ONCE(s.z, 3);
}

static void tell_what_a_timeout_has_seen(void *data)
{
	(void)data;
	if (s.z == 3)
		*outcomes |= 1ul << s.seen[0];
}

START_TEST(a_sleep_ends_before_a_wake_up_that_led_to_a_known_state)
{
	memset(&test, 0, sizeof(test));
	test.name = "sleep";
	test.setup = setup;
	test.threads[0].fn = chooses_z_and_sleeps;
	test.threads[1].fn = wakes_and_sets_z;
	test.after = tell_what_a_timeout_has_seen;
	list_statics();
	*outcomes = 0;
	ck_assert_int_eq(explore_with(.jobs = 1,
				      .ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT),
			 0);
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.redundant, 0);
	/* It is woken, or sees 1, 2, or 3 when the sleep has ended by itself. */
	ck_assert_uint_eq(*outcomes, 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3);
}
END_TEST

/*
 * The reader chooses whether it reads, and both choices lead to one state, after
 * which the memory is freed.  Only one of them could read it after that.
 */
static struct {
	int first, second;
} *freed;

static void setup_freed(void *data)
{
	setup(data);
	freed = kzalloc(sizeof(*freed), GFP_KERNEL);
}

static noinline void read_or_not(void)
{
	if (iommufd_model_choose(2, "reads"))
		READ_ONCE(freed->second);
}

static void reads_or_not(void *data)
{
	(void)data;
	read_or_not();
	WRITE_ONCE(s.seen[0], 1);
}

static void frees_it(void *data)
{
	(void)data;
	kfree(freed);
}

START_TEST(a_free_in_a_known_state_is_compared_with_the_steps_before_it)
{
	memset(&test, 0, sizeof(test));
	test.name = "free";
	test.setup = setup_freed;
	test.threads[0].fn = reads_or_not;
	test.threads[1].fn = frees_it;
	list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE);
}
END_TEST

/*
 * States that differ in one byte only; a hash reads up to 64 of them at a time.
 * The second time, of all memory.
 */
static char bytes[64];
static int which;

static void setup_bytes(void *data)
{
	setup(data);
	memset(bytes, 0, sizeof(bytes));
}

static void set_byte(char value)
{
	mutex_lock(&s.mutex);
	bytes[which] = value;
	mutex_unlock(&s.mutex);
	mutex_lock(&s.other);
	mutex_unlock(&s.other);
}

static void sets_byte_to_1(void *data)
{
	(void)data;
	set_byte(1);
}

static void sets_byte_to_2(void *data)
{
	(void)data;
	set_byte(2);
}

static void tell_byte(void *data)
{
	(void)data;
	*outcomes |= 1ul << bytes[which];
}

START_TEST(every_byte_belongs_to_the_state)
{
	memset(&test, 0, sizeof(test));
	test.name = "bytes";
	test.setup = setup_bytes;
	test.threads[0].fn = sets_byte_to_1;
	test.threads[1].fn = sets_byte_to_2;
	test.after = tell_byte;
	if (_i) {
		list_statics();
	} else {
		list_memory(&s, sizeof(s));
		test.memory[1].start = bytes;
		test.memory[1].size = sizeof(bytes);
	}
	for (which = 0; which < (int)sizeof(bytes); which++) {
		*outcomes = 0;
		ck_assert_int_eq(explore_with(.jobs = 1), 0);
		ck_assert_uint_gt(result.states, 0);
		ck_assert_uint_eq(*outcomes, 1 << 1 | 1 << 2);
	}
}
END_TEST

static int *malloced;

static void use_malloced(void *data)
{
	(void)data;
	WRITE_ONCE(*malloced, 1);
}

START_TEST(memory_that_is_not_static_ends_the_use_of_states)
{
	unsigned long without;
	int on_the_stack = 0;

	plain_test();
	malloced = malloc(sizeof(*malloced));
	test.threads[2].fn = use_malloced;
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	without = result.executions;
	list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_uint_eq(result.executions, without);
	ck_assert_uint_eq(result.states, 0);
	ck_assert_verdict_has("without states: memory that is not static: ");
	plain_test();
	test.data = &on_the_stack;
	list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_verdict_has("without states: the data of the test is no "
			      "static variable");
	free(malloced);
}
END_TEST

static void setup_with_observer(void *data)
{
	setup(data);
	iommufd_model_assert(!iommufd_model_observe_start(NULL, NULL));
}

static void stop_observer(void *data)
{
	(void)data;
	iommufd_model_observe_stop();
}

/* What the observer knows is not compared. */
START_TEST(an_observer_ends_the_use_of_states)
{
	plain_test();
	test.setup = setup_with_observer;
	test.after = stop_observer;
	list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_uint_eq(result.states, 0);
	ck_assert_verdict_has("without states: an observer is running");
}
END_TEST

START_TEST(a_short_search_does_without_the_states_of_all_memory)
{
	unsigned long without;

	make(2, 2, RIGHT);
	list_memory(NULL, 0);
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	without = all_executions();
	list_statics();
	unsetenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER");
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_uint_gt(result.states, 0);
	ck_assert_uint_lt(all_executions(), without);
	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1000000", 1);
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_uint_eq(result.states, 0);
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_eq(all_executions(), without);
	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
}
END_TEST

START_TEST(states_are_an_option)
{
	make(2, 2, RIGHT);
	ck_assert_int_eq(explore_with(.states = -1), -EINVAL);
	ck_assert_int_eq(explore_with(.states = 4097), -EINVAL);
	setenv("IOMMUFD_MODEL_EXPLORE_STATES", "0", 1);
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_uint_eq(result.states, 0);
	unsetenv("IOMMUFD_MODEL_EXPLORE_STATES");
	ck_assert_int_eq(explore_with(.mode = IOMMUFD_MODEL_MODE_RANDOM,
				      .executions = 10),
			 0);
	ck_assert_uint_eq(result.states, 0);
}
END_TEST

START_TEST(shards_with_states_cover_all)
{
	unsigned int k, states = 0;

	make(2, 2, BUG1);
	for (k = 1; k <= 3; k++)
		if (explore_with(.shard = k, .shards = 3))
			break;
	ck_assert_uint_le(k, 3);
	make(2, 2, RIGHT);
	for (k = 1; k <= 3; k++) {
		ck_assert_int_eq(explore_with(.shard = k, .shards = 3), 0);
		ck_assert_int_eq(result.verdict,
				 IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD);
		states += result.states;
	}
	ck_assert_uint_gt(states, 0);
}
END_TEST

/* The second time, of all memory. */
/* In one process the addresses are the same, so it can go on with its own file. */
START_TEST(states_are_kept_in_a_file)
{
	char dir[] = "/tmp/states-XXXXXX", file[80];
	struct iommufd_model_explore_options options = {
		.jobs = 1, .states_file = dir, .states = 4,
	};

	if (!KNOWS_STATICS)
		return;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	make(2, 2, RIGHT);
	ck_assert_int_eq(explore(options), 0);
	ck_assert_uint_gt(all_executions(), 100);
	/* What the caller has passed, also if it is a directory. */
	ck_assert_ptr_eq(result.options.states_file, dir);
	ck_assert_int_eq(explore(options), 0);
	ck_assert_uint_lt(all_executions(), 10);
	options.states = 8;
	ck_assert_int_eq(explore(options), -EINVAL);
	snprintf(file, sizeof(file), "%s/%s.states", dir, test.name);
	ck_assert_int_eq(unlink(file), 0);
	rmdir(dir);
}
END_TEST

START_TEST(jobs_share_their_states)
{
	unsigned long alone;

	make(2, 3, RIGHT);
	if (_i)
		list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	alone = all_executions();
	ck_assert_int_eq(explore_with(.jobs = 2), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_uint_le(all_executions(), alone + alone / 4);
}
END_TEST

/*
 * No access in a section is to be tried before a section of another thread that
 * its lock puts before it.  The sections have 90 orders.
 */
static void two_sections(int number)
{
	char *own = &left.memory[number * 64];
	int i, n;

	for (n = 0; n < 2; n++) {
		WRITE_ONCE(*own, n);
		spin_lock(&left.lock);
		for (i = 0; i < 3; i++)
			WRITE_ONCE(left.flag, i);
		spin_unlock(&left.lock);
	}
}

static void first_of_three(void *data)
{
	(void)data;
	two_sections(0);
}

static void second_of_three(void *data)
{
	(void)data;
	two_sections(1);
}

static void third_of_three(void *data)
{
	(void)data;
	two_sections(2);
}

START_TEST(an_access_comes_after_the_lock_under_which_it_is_done)
{
	memset(&test, 0, sizeof(test));
	test.name = "sections";
	test.setup = left_setup;
	test.threads[0].fn = first_of_three;
	test.threads[1].fn = second_of_three;
	test.threads[2].fn = third_of_three;
	list_memory(&left, sizeof(left));
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_uint_gt(result.states, 0);
	ck_assert_uint_le(all_executions(), 90);
}
END_TEST

/*
 * Which value of a counter a thread found is no part of the state of all memory
 * if its operation does not return it.  So no more executions are needed than with
 * a list, whose states have more: all that the threads have done.  Code that is
 * not optimised may keep such a value elsewhere.
 */
START_TEST(a_value_that_a_thread_does_not_get_is_no_part_of_the_state)
{
	unsigned long listed;

	make(2, 3, RIGHT);
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	listed = all_executions();
	list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
#ifdef __OPTIMIZE__
	ck_assert_uint_le(all_executions(), listed);
#else
	(void)listed;
#endif
}
END_TEST

/* Additions to a counter */

static struct {
	spinlock_t lock;
	refcount_t users;
	bool lent;
	int ended[2];
} added;

static void added_setup(void *data)
{
	spin_lock_init(&added.lock);
	refcount_set(&added.users, *(int *)data);
	added.lent = false;
	added.ended[0] = added.ended[1] = 0;
}

static void adds(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 3; i++) {
		spin_lock(&added.lock);
		spin_unlock(&added.lock);
		refcount_inc(&added.users);
		(void)refcount_inc_not_zero(&added.users);
	}
}

static void make_adds(int *users)
{
	memset(&test, 0, sizeof(test));
	test.name = "adds";
	test.setup = added_setup;
	test.data = users;
}

/*
 * The lock is taken in 1,680 orders, which meet in few states.  In none of these
 * is an addition to be tried before another one: with that there were 1,665
 * executions.
 */
START_TEST(additions_that_commute_in_any_order_are_not_reversed)
{
	static int users = 1;

	make_adds(&users);
	test.threads[0].fn = test.threads[1].fn = test.threads[2].fn = adds;
	list_memory(&added, sizeof(added));
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	ck_assert_uint_gt(result.states, 0);
	ck_assert_uint_le(all_executions(), 203);
}
END_TEST

/*
 * A thread lends a reference, but takes it too late.  If nobody borrows it, that
 * does no harm, and no variable tells later who has dropped it.
 */
static noinline void borrow(void)
{
	bool mine;

	spin_lock(&added.lock);
	mine = added.lent;
	added.lent = false;
	spin_unlock(&added.lock);
	if (mine)
		refcount_dec(&added.users);
}

static noinline void lend(void)
{
	spin_lock(&added.lock);
	added.lent = true;
	spin_unlock(&added.lock);
	refcount_inc(&added.users);
	borrow();
}

static void lender(void *data)
{
	(void)data;
	lend();
	WRITE_ONCE(added.ended[0], 1);
}

static void borrower(void *data)
{
	(void)data;
	borrow();
	WRITE_ONCE(added.ended[1], 1);
}

static void takes(void *data)
{
	(void)data;
	refcount_dec(&added.users);
}

START_TEST(what_each_thread_has_added_belongs_to_the_state)
{
	static int users = 2;

	make_adds(&users);
	test.threads[0].fn = lender;
	test.threads[1].fn = borrower;
	test.threads[2].fn = takes;
	list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_REFCOUNT);
}
END_TEST

START_TEST(a_verdict_says_that_static_variables_are_not_known)
{
	make(2, 1, RIGHT);
	list_statics();
	ck_assert_int_eq(explore_with(.jobs = 1), 0);
	ck_assert_verdict_has("without states: static variables are not known");
}
END_TEST

static void add_protocol_tests(TCase *tc)
{
	tcase_add_loop_test(tc, the_protocol_is_explored_with_fewer_executions,
			    0, KNOWS_STATICS ? 8 : 4);
	tcase_add_loop_test(tc, checkpoints_change_only_the_number_of_steps,
			    0, 10);
	tcase_add_loop_test(tc, jobs_share_their_states, 0, 1 + KNOWS_STATICS);
	tcase_add_loop_test(tc, the_bugs_of_the_protocol_are_found, 0, 6);
	tcase_add_test(
		tc, with_too_little_room_the_search_goes_on_without_more_states);
	tcase_add_test(tc, half_time_is_estimated_within_a_factor_of_three);
	tcase_add_loop_test(tc, a_long_search_says_that_it_could_use_states, 0,
			    5);
	tcase_add_test(tc, a_constant_can_be_listed);
	tcase_add_test(tc, states_are_an_option);
	tcase_add_test(tc, states_are_kept_in_a_file);
	tcase_add_test(tc, shards_with_states_cover_all);
	if (KNOWS_STATICS)
		tcase_add_test(
			tc,
			a_short_search_does_without_the_states_of_all_memory);
	else
		tcase_add_test(
			tc,
			a_verdict_says_that_static_variables_are_not_known);
}

static void add_program_tests(TCase *tc)
{
	tcase_add_test(tc, what_an_execution_left_is_gone);
	tcase_add_test(tc,
		       an_allocation_of_an_execution_that_was_left_is_gone);
	tcase_add_loop_test(
		tc,
		memory_that_turns_out_to_be_unknown_ends_the_use_of_checkpoints,
		0, 2);
	tcase_add_test(tc,
		       an_access_comes_after_the_lock_under_which_it_is_done);
	tcase_add_test(tc,
		       additions_that_commute_in_any_order_are_not_reversed);
	tcase_add_loop_test(
		tc, what_a_thread_read_by_a_plain_access_belongs_to_the_state,
		0, KNOWS_STATICS ? 2 : 1);
	tcase_add_loop_test(tc, much_allocated_memory_ends_the_use_of_states,
			    0, 2);
	tcase_add_test(tc, a_list_of_memory_can_be_full);
	tcase_add_test(tc, what_a_thread_has_chosen_belongs_to_the_state);
	tcase_add_loop_test(tc, every_byte_belongs_to_the_state, 0,
			    1 + KNOWS_STATICS);
	tcase_add_test(
		tc,
		an_operation_on_memory_that_is_not_listed_ends_the_use_of_states);
}

static void add_statics_tests(TCase *tc)
{
	tcase_add_loop_test(
		tc, what_a_thread_keeps_for_itself_belongs_to_the_state, 0, 3);
	tcase_add_test(tc, how_many_executions_three_sleepers_take);
	tcase_add_test(tc, a_state_above_a_known_one_has_its_accesses);
	tcase_add_test(tc, what_each_thread_has_added_belongs_to_the_state);
	tcase_add_test(
		tc, a_value_that_a_thread_does_not_get_is_no_part_of_the_state);
	tcase_add_test(tc, a_thread_that_slept_in_a_known_state_is_tried_there);
	tcase_add_test(tc,
		       a_sleep_ends_before_a_wake_up_that_led_to_a_known_state);
	tcase_add_test(tc,
		       a_free_in_a_known_state_is_compared_with_the_steps_before_it);
	tcase_add_test(tc, memory_that_is_not_static_ends_the_use_of_states);
	tcase_add_test(tc, an_observer_ends_the_use_of_states);
}

int main(void)
{
#ifdef __SANITIZE_THREAD__
	return 77;	/* states are not used where races are looked for */
#endif
	Suite *suite = suite_create("states");
	TCase *protocol_tests = tcase_create("protocol");
	TCase *program_tests = tcase_create("programs");

	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	outcomes = mmap(NULL, sizeof(*outcomes), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	add_protocol_tests(protocol_tests);
	add_program_tests(program_tests);
	if (KNOWS_STATICS)
		add_statics_tests(program_tests);
	suite_add_tcase(suite, protocol_tests);
	suite_add_tcase(suite, program_tests);
	return run_suite(suite);
}
