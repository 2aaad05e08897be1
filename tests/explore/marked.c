// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Volatile variables, list_empty() without the lock of the list, and data_race():
 * accesses that do not race, and whose order matters.  All orders of them are
 * explored, in each mode of the search.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>

struct item {
	struct list_head entry;
};

static volatile int wants[2], turn, inside, ready, value;
static int once, raced;
static struct list_head items;
static spinlock_t lock;
static wait_queue_head_t queue;

static void setup(void *data)
{
	(void)data;
	wants[0] = wants[1] = turn = inside = ready = value = 0;
	once = raced = 0;
	INIT_LIST_HEAD(&items);
	spin_lock_init(&lock);
	init_waitqueue_head(&queue);
}

static void nothing(void *data)
{
	(void)data;
}

/* Volatile variables */

static void section(void)
{
	iommufd_model_assert(!inside);
	inside = 1;
	inside = 0;
}

static void peterson(int me)
{
	wants[me] = 1;
	turn = !me;
	while (wants[!me] && turn == !me)
		;
	section();
	wants[me] = 0;
}
THREADS_2(peterson)

static void turn_first(int me)
{
	turn = !me;
	wants[me] = 1;
	while (wants[!me] && turn == !me)
		;
	section();
	wants[me] = 0;
}
THREADS_2(turn_first)

static void produces(void *data)
{
	(void)data;
	value = 42;
	ready = 1;
}

static void produces_late(void *data)
{
	(void)data;
	ready = 1;
	value = 42;
}

static void consumes(void *data)
{
	(void)data;
	while (!ready)
		;
	iommufd_model_assert(value == 42);
}

/* A volatile access and an operation. */
static void writes_volatile(void *data)
{
	(void)data;
	*(volatile int *)&once = 1;
}

static void reads_before(void *data)
{
	(void)data;
	iommufd_model_assert(READ_ONCE(once));
}

static void reads_after(void *data)
{
	(void)data;
	iommufd_model_assert(!READ_ONCE(once));
}

/* data_race() */

static void writes_raced(void *data)
{
	(void)data;
	WRITE_ONCE(raced, 1);
}

static void reads_raced_before(void *data)
{
	(void)data;
	iommufd_model_assert(data_race(raced));
}

static void reads_raced_after(void *data)
{
	(void)data;
	iommufd_model_assert(!data_race(raced));
}

/* A list that is looked at without its lock */

static void add(void)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

	spin_lock(&lock);
	list_add_tail(&item->entry, &items);
	spin_unlock(&lock);
}

static void adds(void *data)
{
	(void)data;
	add();
	wake_up(&queue);
}

static void wakes_and_adds(void *data)
{
	(void)data;
	wake_up(&queue);
	add();
}

static void adds_two(void *data)
{
	adds(data);
	adds(data);
}

/* Take the first item, which must be there. */
static void take(void)
{
	struct item *item;

	spin_lock(&lock);
	iommufd_model_assert(!list_empty(&items));
	item = list_first_entry(&items, struct item, entry);
	list_del(&item->entry);
	spin_unlock(&lock);
	kfree(item);
}

static void waits_and_takes(void *data)
{
	(void)data;
	wait_event(queue, !list_empty(&items));
	take();
}

static void polls_and_takes(void *data)
{
	(void)data;
	while (list_empty(&items))
		cpu_relax();
	take();
}

static void takes_if_any(void *data)
{
	(void)data;
	if (!list_empty(&items))
		take();
}

static void empties(void *data)
{
	(void)data;
	while (!list_empty(&items))
		take();
}

static void is_empty(void *data)
{
	(void)data;
	iommufd_model_assert(list_empty(&items));
}

static void frees_what_is_left(void *data)
{
	struct item *item, *next;

	(void)data;
	list_for_each_entry_safe(item, next, &items, entry)
		kfree(item);
}

static void polls_in_vain(void *data)
{
	(void)data;
	while (list_empty(&items))
		cpu_relax();
}

#define TWO(a, b) T(a), T(b)

static const struct verdict verdicts[] = {
	RIGHT(0, "Peterson", setup, NULL, T2(peterson)),
	WRONG(ASSERTION, "WRITE_ONCE (volatile)", NULL, "turn first", setup,
	      NULL, T2(turn_first)),
	RIGHT(0, "produced", setup, NULL, TWO(produces, consumes)),
	/* The first execution begins with the loop. */
	RIGHT(0, "waited for", setup, NULL, TWO(consumes, produces)),
	WRONG(ASSERTION, "value == 42", NULL, "produced late", setup, NULL,
	      TWO(consumes, produces_late)),
	WRONG(LIVELOCK, "consumes waits in a loop for ready (volatile), ", NULL,
	      "not produced", setup, NULL, TWO(consumes, nothing)),
	WRONG(ASSERTION, "READ_ONCE(once)", NULL, "read before", setup, NULL,
	      TWO(writes_volatile, reads_before)),
	WRONG(ASSERTION, "!READ_ONCE(once)", NULL, "read after", setup, NULL,
	      TWO(writes_volatile, reads_after)),
	WRONG(ASSERTION, "data_race(raced)", NULL, "raced before", setup, NULL,
	      TWO(writes_raced, reads_raced_before)),
	WRONG(ASSERTION, "!data_race(raced)", NULL, "raced after", setup, NULL,
	      TWO(writes_raced, reads_raced_after)),
	RIGHT(0, "waits", setup, is_empty, TWO(waits_and_takes, adds)),
	WRONG(LOST_WAKEUP, "waits_and_takes waits", NULL, "woken first", setup,
	      NULL, TWO(waits_and_takes, wakes_and_adds)),
	RIGHT(0, "polls", setup, is_empty, TWO(polls_and_takes, adds)),
	WRONG(ASSERTION, "!list_empty(&items)", "READ_ONCE of list_empty()",
	      "two poll", setup, frees_what_is_left, T(polls_and_takes),
	      T(adds_two), T(takes_if_any)),
	WRONG(LIVELOCK, "polls_in_vain waits in a loop", NULL, "polls in vain",
	      setup, NULL, TWO(polls_in_vain, nothing)),
	WRONG(LEAK, "16 bytes (add", NULL, "not seen", setup, NULL,
	      TWO(adds, takes_if_any)),
	WRONG(ASSERTION, "list_empty(&items)", NULL, "emptied", setup, is_empty,
	      TWO(adds, empties)),
};

static void check(int i, bool whole,
		  struct iommufd_model_explore_options options)
{
	static const struct iommufd_model_memory all =
		IOMMUFD_MODEL_STATIC_VARIABLES;
	struct verdict v = verdicts[i];

	if (whole)
		v.test.memory[0] = all;
	check_verdict_with(&v, options);
}

START_TEST(all_orders_are_explored)
{
	struct iommufd_model_explore_options options = { .jobs = 1 };

	check(_i, false, options);
	options.plain = true;
	check(_i, false, options);
}
END_TEST

START_TEST(states_hide_no_order)
{
	struct iommufd_model_explore_options options = { .states_after = 1 };

	check(_i, true, options);
}
END_TEST

/* Each job begins again when one of them has learnt that these are steps. */
START_TEST(jobs_explore_all_orders)
{
	struct iommufd_model_explore_result result;
	struct iommufd_model_explore_options options = {
		.jobs = 2,
		.quiet = true,
	};

	iommufd_model_explore(&verdicts[_i].test, &options, &result);
	ck_assert_int_eq(result.failure, verdicts[_i].failure);
	ck_assert_int_eq(result.verdict,
			 verdicts[_i].failure ? IOMMUFD_MODEL_VERDICT_FAILED :
						IOMMUFD_MODEL_VERDICT_COMPLETE);
	iommufd_model_explore_free(&result);
}
END_TEST

/* Only in some executions do both threads access the value, and nothing orders them. */

static void count(void)
{
	int i;

	for (i = 0; i < 2; i++)
		WRITE_ONCE(once, READ_ONCE(once) + 1);
}

static void writes_after_some_counts(void *data)
{
	(void)data;
	count();
	if (READ_ONCE(once) == 3)
		value = 1;
}

static void counts_and_reads(void *data)
{
	(void)data;
	count();
	ready = value;
}

static const struct iommufd_model_test late = {
	.name = "late",
	.setup = setup,
	.threads = { T(writes_after_some_counts), T(counts_and_reads) },
};

START_TEST(what_one_job_learns_is_known_to_all)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result result;
	unsigned long executions = 0;

	for (options.jobs = 1; options.jobs <= 2; options.jobs++) {
		iommufd_model_explore(&late, &options, &result);
		ck_assert_int_eq(result.verdict,
				 IOMMUFD_MODEL_VERDICT_COMPLETE);
		ck_assert(!executions || executions == result.executions);
		executions = result.executions;
		iommufd_model_explore_free(&result);
	}
}
END_TEST

/*
 * There is room for 512 call sites.  Each other one has no name, and not that of
 * another.  The names of those that have room take long, so the execution that fails
 * has none of them.
 */

#define TEN(x) x x x x x x x x x x
#define READ_600_TIMES(x)                                              \
	TEN(TEN((void)(x); (void)(x); (void)(x); (void)(x); (void)(x); \
		(void)(x);))

static void fills_or_fails(void *data)
{
	(void)data;
	if (iommufd_model_choose(2, "fails")) {
		turn = 1;
		iommufd_model_assert(turn == 2);
	}
	READ_600_TIMES(ready)
	value = 1;
}

static void writes(void *data)
{
	(void)data;
	value = 2;
}

START_TEST(without_room_a_call_site_has_no_name)
{
	static const struct iommufd_model_test test = {
		.name = "many",
		.setup = setup,
		.threads = { T(fills_or_fails), T(writes) },
	};
	struct iommufd_model_explore_options options = {
		.jobs = 1,
		.quiet = true,
	};
	struct iommufd_model_explore_result result;

	iommufd_model_explore(&test, &options, &result);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_ASSERTION);
	ck_assert_msg(strstr(result.report, "? ?:0"), "%s", result.report);
	iommufd_model_explore_free(&result);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("marked");
	TCase *tc = tcase_create("marked");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, all_orders_are_explored, 0,
			    ARRAY_SIZE(verdicts));
	tcase_add_loop_test(tc, states_hide_no_order, 0, ARRAY_SIZE(verdicts));
	tcase_add_loop_test(tc, jobs_explore_all_orders, 0,
			    ARRAY_SIZE(verdicts));
	tcase_add_test(tc, what_one_job_learns_is_known_to_all);
	tcase_add_test(tc, without_room_a_call_site_has_no_name);
	return run_suite(suite);
}
