// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that keep each other in loops that wait, until another thread ends that.
 * It could go on at any time, so there is no livelock, and the search comes to an
 * end.
 *
 * Each loop backs off in another way: with flags, locks, exchanges or a counter.
 * The thread that ends it does so at once, after steps that nobody looks at, after
 * a delay, after a timeout, or when it has got a lock.  In random programs the loops
 * have random bodies.  An exhaustive search must find all final states that a bounded
 * one and random executions find.
 *
 *	let_go_on [--count N] [--first SEED]
 */
#include "final_states.h"
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/delay.h>
#include <stdio.h>

#define NR_SLOTS 5
#define ENDS 3 /* the number of the thread that ends the loops, of at most 4 */
#define STOPPED 99

static struct mutex mutexes[3];
static atomic_t words[3];
static int flags[3], many[30], stop, last, nobody, phase;
static wait_queue_head_t queue;
/* How each thread left its loop, and what it found then. */
static unsigned int seen[4];
static struct final_states *states;
static int nr_programs = 20, first_seed = 1;

static void setup(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 3; i++) {
		mutex_init(&mutexes[i]);
		atomic_set(&words[i], 0);
		flags[i] = 0;
	}
	memset(seen, 0, sizeof(seen));
	memset(many, 0, sizeof(many));
	stop = last = nobody = phase = 0;
	init_waitqueue_head(&queue);
}

static void after(void *data)
{
	unsigned long long hash =
		(unsigned int)(last + 64 * flags[0] + 128 * flags[1]);
	int i;

	(void)data;
	for (i = 0; i < 4; i++)
		hash = (hash ^ seen[i]) * 0x9e3779b97f4a7c15ull;
	note_final_state(states, hash);
}

/* Loops that back off */

static void enter(int me)
{
	seen[me] = 1u + (unsigned int)READ_ONCE(last);
	WRITE_ONCE(last, me + 1);
}

static void toggle(int me, int other)
{
	WRITE_ONCE(flags[me], 1);
	while (READ_ONCE(flags[other])) {
		WRITE_ONCE(flags[me], 0);
		if (READ_ONCE(stop)) {
			seen[me] = STOPPED;
			return;
		}
		cpu_relax();
		WRITE_ONCE(flags[me], 1);
	}
	enter(me);
	WRITE_ONCE(flags[me], 0);
}

static void keep(int me, int other)
{
	WRITE_ONCE(flags[me], 1);
	while (READ_ONCE(flags[other]) && !READ_ONCE(stop))
		cpu_relax();
	enter(me);
	WRITE_ONCE(flags[me], 0);
}

static void swapped_locks(int me, int other)
{
	mutex_lock(&mutexes[me]);
	while (!mutex_trylock(&mutexes[other])) {
		mutex_unlock(&mutexes[me]);
		if (READ_ONCE(stop)) {
			seen[me] = STOPPED;
			return;
		}
		cpu_relax();
		mutex_lock(&mutexes[me]);
	}
	enter(me);
	mutex_unlock(&mutexes[other]);
	mutex_unlock(&mutexes[me]);
}

static void try_both(int me, int other)
{
	while (!READ_ONCE(stop)) {
		if (mutex_trylock(&mutexes[me])) {
			if (mutex_trylock(&mutexes[other])) {
				enter(me);
				mutex_unlock(&mutexes[other]);
				mutex_unlock(&mutexes[me]);
				return;
			}
			mutex_unlock(&mutexes[me]);
		}
		cpu_relax();
	}
	seen[me] = STOPPED;
}

static void exchange(int me, int other)
{
	while (!READ_ONCE(stop)) {
		if (!atomic_cmpxchg(&words[me], 0, 1)) {
			if (!atomic_cmpxchg(&words[other], 0, 1)) {
				enter(me);
				atomic_set(&words[other], 0);
				atomic_set(&words[me], 0);
				return;
			}
			atomic_set(&words[me], 0);
		}
		cpu_relax();
	}
	seen[me] = STOPPED;
}

static void count_in(int me, int other)
{
	(void)other;
	while (!READ_ONCE(stop)) {
		if (atomic_inc_return(&words[0]) == 1) {
			enter(me);
			atomic_dec(&words[0]);
			return;
		}
		atomic_dec(&words[0]);
		cpu_relax();
	}
	seen[me] = STOPPED;
}

/* Looks at more locations than the explorer compares. */
static void toggle_and_look(int me, int other)
{
	size_t i;

	WRITE_ONCE(flags[me], 1);
	while (READ_ONCE(flags[other]) && !READ_ONCE(stop)) {
		WRITE_ONCE(flags[me], 0);
		for (i = 0; i < ARRAY_SIZE(many); i++)
			if (READ_ONCE(many[i]))
				return;
		WRITE_ONCE(flags[me], 1);
	}
	WRITE_ONCE(flags[me], 0);
}

#define THREAD(fn, name, me, other)      \
	static void fn##_##name(void *d) \
	{                                \
		(void)d;                 \
		fn(me, other);           \
	}
#define TWO(fn) THREAD(fn, 0, 0, 1) THREAD(fn, 1, 1, 0)
#define RING(fn) THREAD(fn, r1, 1, 2) THREAD(fn, r2, 2, 0)
TWO(toggle)
TWO(keep)
TWO(swapped_locks)
TWO(try_both)
TWO(exchange)
TWO(count_in)
TWO(toggle_and_look)
RING(toggle)
RING(swapped_locks)
RING(try_both)

/* Threads that end the loops */

static void at_once(void *data)
{
	(void)data;
	WRITE_ONCE(stop, 1);
}

static void looks_first(void *data)
{
	seen[ENDS] = 1u + (unsigned int)READ_ONCE(last);
	at_once(data);
}

static void after_steps(void *data)
{
	int i;

	for (i = 0; i < 3; i++)
		WRITE_ONCE(many[i], 1);
	at_once(data);
}

static void after_delay(void *data)
{
	msleep(3);
	at_once(data);
}

static void after_timeout(void *data)
{
	wait_event_timeout(queue, READ_ONCE(nobody), 10);
	at_once(data);
}

static void with_lock(void *data)
{
	mutex_lock(&mutexes[0]);
	at_once(data);
	mutex_unlock(&mutexes[0]);
}

static void never(void *data)
{
	(void)data;
}

struct named {
	const char *name;
	void (*fn[3])(void *data);
};

#define NAMED(...)                  \
	{                           \
#__VA_ARGS__,       \
		{                   \
			__VA_ARGS__ \
		}                   \
	}

static const struct named loops[] = {
	NAMED(toggle_0, toggle_1),
	NAMED(keep_0, toggle_1),
	NAMED(toggle_0, keep_1),
	NAMED(swapped_locks_0, swapped_locks_1),
	NAMED(try_both_0, try_both_1),
	NAMED(exchange_0, exchange_1),
	NAMED(count_in_0, count_in_1),
	NAMED(swapped_locks_0, swapped_locks_r1, swapped_locks_r2),
	NAMED(try_both_0, try_both_r1, try_both_r2),
};
#define NR_OF_TWO 7
static const struct named ends[] = {
	NAMED(at_once),	    NAMED(looks_first),	  NAMED(after_steps),
	NAMED(after_delay), NAMED(after_timeout), NAMED(with_lock),
};

/* Exploring */

static struct iommufd_model_test test = {
	.name = "let go on",
	.setup = setup,
	.after = after,
};
static struct iommufd_model_explore_result result;
static char verdict[200];

static void use(const struct named *loop, const struct named *end)
{
	int i;

	memset(test.threads, 0, sizeof(test.threads));
	for (i = 0; i < 3 && loop->fn[i]; i++)
		test.threads[i].fn = loop->fn[i];
	test.threads[i].fn = end->fn[0];
}

static void explore(struct iommufd_model_explore_options options,
		    struct final_states *to)
{
	options.jobs = options.jobs ? options.jobs : 1;
	options.quiet = true;
	options.ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT;
	options.seed = 7;
	states->nr = 0;
	iommufd_model_explore_free(&result);
	iommufd_model_explore(&test, &options, &result);
	iommufd_model_verdict_text(&result, verdict, sizeof(verdict));
	*to = *states;
}

#define explore_to(to, ...) \
	explore((struct iommufd_model_explore_options){ __VA_ARGS__ }, to)

static struct final_states found, bounded, walked, merged;
static unsigned long merged_states;

static void check_within(const char *what, const char *of,
			 const struct final_states *some)
{
	int missing = missing_final_states(some, &found);

	ck_assert_msg(!missing, "%s: the search lacks %d of %d of %s", of,
		      missing, some->nr, what);
}

/* Explore with the states of all memory; returns false if that does not end. */
static bool explore_merged(void)
{
	static const struct iommufd_model_memory all[] = {
		IOMMUFD_MODEL_STATIC_VARIABLES,
	};

	memcpy(test.memory, all, sizeof(all));
	explore_to(&merged, .states_after = 1, .executions = 20000);
	memset(test.memory, 0, sizeof(test.memory));
	merged_states += result.states;
	return result.verdict != IOMMUFD_MODEL_VERDICT_STOPPED;
}

/* The search with the states of all memory finds the same. */
static void check_merged(const char *of)
{
	int missing, more;

	if (!explore_merged())
		return;
	ck_assert_msg(result.verdict == IOMMUFD_MODEL_VERDICT_COMPLETE,
		      "%s, with states: %s\n%s", of, verdict,
		      result.report ? result.report : "");
	missing = missing_final_states(&found, &merged);
	more = missing_final_states(&merged, &found);
	ck_assert_msg(!missing && !more,
		      "%s: with states %d of %d are missing, %d are more", of,
		      missing, found.nr, more);
}

START_TEST(the_search_ends_and_finds_what_others_find)
{
	const struct named *loop = &loops[_i / (int)ARRAY_SIZE(ends)];
	const struct named *end = &ends[_i % (int)ARRAY_SIZE(ends)];
	char name[120];

	snprintf(name, sizeof(name), "%s, %s", loop->name, end->name);
	use(loop, end);
	explore_to(&found, .seconds = 0);
	ck_assert_msg(result.verdict == IOMMUFD_MODEL_VERDICT_COMPLETE,
		      "%s: %s\n%s", name, verdict,
		      result.report ? result.report : "");
	explore_to(&bounded, .mode = IOMMUFD_MODEL_MODE_BOUNDED,
		   .preemptions = 2, .executions = 2000);
	ck_assert_msg(!result.failure, "%s, bounded: %s", name, verdict);
	explore_to(&walked, .mode = IOMMUFD_MODEL_MODE_RANDOM,
		   .executions = 500);
	ck_assert_msg(!result.failure, "%s, random: %s", name, verdict);
	check_within("the bounded search", name, &bounded);
	check_within("random executions", name, &walked);
	check_merged(name);
}
END_TEST

/* Jobs share out the tree, each by what it has learnt of the loops. */
START_TEST(two_jobs_find_the_same)
{
	use(&loops[_i], &ends[1]);
	explore_to(&found, .jobs = 2);
	ck_assert_str_eq(verdict, "complete");
	explore_to(&walked, .jobs = 1);
	ck_assert_int_eq(found.nr, walked.nr);
	check_within("one job", loops[_i].name, &walked);
}
END_TEST

START_TEST(without_a_thread_that_ends_it_there_is_a_livelock)
{
	static const struct named nobody_ends = NAMED(never);
	/* Of two that count, the one that goes on first gets in. */
	bool counts = loops[_i].fn[0] == count_in_0;

	use(&loops[_i], &nobody_ends);
	explore_to(&found, .seconds = 0);
	ck_assert_msg(result.failure == (counts ? IOMMUFD_MODEL_NO_FAILURE :
						  IOMMUFD_MODEL_FAIL_LIVELOCK),
		      "%s: %s", loops[_i].name, verdict);
	explore_merged();
	ck_assert_msg(result.failure == (counts ? IOMMUFD_MODEL_NO_FAILURE :
						  IOMMUFD_MODEL_FAIL_LIVELOCK),
		      "%s, with states: %s", loops[_i].name, verdict);
}
END_TEST

/* The tree is too large to be walked to its end, and nothing fails in it. */
static const struct named ring = NAMED(toggle_0, toggle_r1, toggle_r2);

START_TEST(a_ring_of_flags_fails_in_no_mode)
{
	use(&ring, &ends[_i]);
	explore_to(&found, .executions = 2000);
	ck_assert_msg(!result.failure, "%s: %s\n%s", ends[_i].name, verdict,
		      result.report);
	explore_to(&bounded, .mode = IOMMUFD_MODEL_MODE_BOUNDED,
		   .preemptions = 2, .executions = 5000);
	ck_assert_msg(!result.failure, "%s, bounded: %s\n%s", ends[_i].name,
		      verdict, result.report);
}
END_TEST

START_TEST(a_ring_of_flags_that_nobody_ends_is_a_livelock)
{
	static const struct named nobody_ends = NAMED(never);

	use(&ring, &nobody_ends);
	explore_to(&found, .seconds = 0);
	ck_assert_msg(result.failure == IOMMUFD_MODEL_FAIL_LIVELOCK, "%s",
		      verdict);
}
END_TEST

/* If the limit of steps is short, that is said, and is no failure. */
START_TEST(a_limit_that_loops_have_used_up_is_no_failure)
{
	use(&loops[0], &ends[0]);
	explore_to(&found, .steps = 52);
	ck_assert_msg(result.verdict == IOMMUFD_MODEL_VERDICT_STOPPED, "%s\n%s",
		      verdict, result.report);
	ck_assert_str_eq(result.limit, "52 steps in loops that wait");
}
END_TEST

/* Waits for nothing, and does not end. */
static void count_for_ever(void *data)
{
	(void)data;
	for (;;)
		atomic_inc(&words[0]);
}

START_TEST(a_thread_that_never_ends_fails_at_the_limit)
{
	static const struct named without = NAMED(count_for_ever);
	static const struct named with = NAMED(count_for_ever, keep_1, keep_0);

	use(_i ? &with : &without, &ends[0]);
	explore_to(&found, .steps = 1000);
	ck_assert_msg(result.failure == IOMMUFD_MODEL_FAIL_STEP_LIMIT, "%s",
		      verdict);
}
END_TEST

START_TEST(a_loop_that_looks_at_very_many_locations_does_not_fail)
{
	static const struct named look =
		NAMED(toggle_and_look_0, toggle_and_look_1);
	static const struct named timeout = NAMED(after_timeout);

	use(&look, _i ? &timeout : &ends[0]);
	/*
	 * In the second program time passes when the threads are in step, and some
	 * executions reach the limit of steps.
	 */
	explore_to(&found, .executions = _i ? 300 : 60);
	ck_assert_msg(!result.failure, "%s\n%s", verdict, result.report);
}
END_TEST

/*
 * One of two threads that back off in step tells how far it is.  Each round has an
 * effect for a thread that looks on, so none of them is left out.
 */
static void tells(void *data)
{
	(void)data;
	WRITE_ONCE(flags[0], 1);
	while (READ_ONCE(flags[1])) {
		WRITE_ONCE(flags[0], 0);
		if (READ_ONCE(stop))
			return;
		WRITE_ONCE(phase, 1);
		WRITE_ONCE(phase, 2);
		WRITE_ONCE(flags[0], 1);
	}
	WRITE_ONCE(flags[0], 0);
}

static void sees_ten_phases(void *data)
{
	int i = 0;

	while (i < 10 && READ_ONCE(phase) == 2 - i % 2)
		i++;
	iommufd_model_assert(i < 10);
	at_once(data);
}

START_TEST(a_thread_may_look_on_for_many_rounds)
{
	static const struct named tell = NAMED(tells, toggle_1);
	static const struct named sees = NAMED(sees_ten_phases);

	use(&tell, &sees);
	explore_to(&found, .seconds = 60);
	ck_assert_msg(result.failure == IOMMUFD_MODEL_FAIL_ASSERTION, "%s",
		      verdict);
}
END_TEST

/* Random programs */

enum action {
	NOTHING,
	SET,
	CLEAR,
	EXIT_IF_SET,
	EXIT_IF_CLEAR,
	TRY,
	TRY_AND_EXIT,
	DROP,
	SWAP_AND_EXIT,
	SWAP_BACK,
	COUNT_AND_EXIT,
	COUNT_BACK,
	RELAX,
	NR_LOOP_ACTIONS,
	LOOK,
	SLEEP,
	WAIT,
	STOP,
};

/* An action, and on which of two objects. */
struct slot {
	enum action action;
	int object;
};

static struct slot program[3][NR_SLOTS];

/* What a thread in a loop has taken and must give back. */
struct taken {
	bool lock[2], counted;
};

/* Each expansion has call sites of its own, as the parts of a loop have. */
#define ACT(slot, taken, leave)                                        \
	switch ((slot)->action) {                                      \
	case SET:                                                      \
		WRITE_ONCE(flags[(slot)->object], 1);                  \
		break;                                                 \
	case CLEAR:                                                    \
		WRITE_ONCE(flags[(slot)->object], 0);                  \
		break;                                                 \
	case EXIT_IF_SET:                                              \
		leave = READ_ONCE(flags[(slot)->object]);              \
		break;                                                 \
	case EXIT_IF_CLEAR:                                            \
		leave = !READ_ONCE(flags[(slot)->object]);             \
		break;                                                 \
	case TRY:                                                      \
	case TRY_AND_EXIT:                                             \
		if ((taken)->lock[(slot)->object] ||                   \
		    !mutex_trylock(&mutexes[(slot)->object]))          \
			break;                                         \
		(taken)->lock[(slot)->object] = true;                  \
		leave = (slot)->action == TRY_AND_EXIT;                \
		break;                                                 \
	case DROP:                                                     \
		if ((taken)->lock[(slot)->object])                     \
			mutex_unlock(&mutexes[(slot)->object]);        \
		(taken)->lock[(slot)->object] = false;                 \
		break;                                                 \
	case SWAP_AND_EXIT:                                            \
		leave = !atomic_cmpxchg(&words[(slot)->object], 0, 1); \
		break;                                                 \
	case SWAP_BACK:                                                \
		atomic_set(&words[(slot)->object], 0);                 \
		break;                                                 \
	case COUNT_AND_EXIT:                                           \
		if ((taken)->counted)                                  \
			break;                                         \
		(taken)->counted = true;                               \
		leave = atomic_inc_return(&words[2]) == 1;             \
		break;                                                 \
	case COUNT_BACK:                                               \
		if ((taken)->counted)                                  \
			atomic_dec(&words[2]);                         \
		(taken)->counted = false;                              \
		break;                                                 \
	case RELAX:                                                    \
		cpu_relax();                                           \
		break;                                                 \
	default:                                                       \
		break;                                                 \
	}                                                              \
	if (leave) {                                                   \
		seen[me] = 1u + (unsigned int)((slot)-program[me]);    \
		break;                                                 \
	}

static void give_back(const struct taken *taken)
{
	int i;

	if (taken->counted)
		atomic_dec(&words[2]);
	for (i = 0; i < 2; i++)
		if (taken->lock[i])
			mutex_unlock(&mutexes[i]);
}

static void run_loop(int me)
{
	const struct slot *slot = program[me];
	struct taken taken = { { false, false }, false };
	bool leave = false;

	for (;;) {
		if (READ_ONCE(stop)) {
			seen[me] = STOPPED;
			break;
		}
		ACT(&slot[0], &taken, leave)
		ACT(&slot[1], &taken, leave)
		ACT(&slot[2], &taken, leave)
		ACT(&slot[3], &taken, leave)
		ACT(&slot[4], &taken, leave)
		cpu_relax();
	}
	give_back(&taken);
}

static void run_loop_0(void *data)
{
	(void)data;
	run_loop(0);
}

static void run_loop_1(void *data)
{
	(void)data;
	run_loop(1);
}

static void run_end(void *data)
{
	const struct slot *slot;

	for (slot = program[2]; slot < program[2] + NR_SLOTS; slot++) {
		switch (slot->action) {
		case LOOK:
			seen[ENDS] =
				seen[ENDS] * 3 + 1u +
				(unsigned int)READ_ONCE(flags[slot->object]);
			break;
		case SET:
			WRITE_ONCE(flags[slot->object], 1);
			break;
		case CLEAR:
			WRITE_ONCE(flags[slot->object], 0);
			break;
		case SWAP_BACK:
			atomic_set(&words[slot->object], 0);
			break;
		case SLEEP:
			msleep(2);
			break;
		case WAIT:
			wait_event_timeout(queue, READ_ONCE(nobody), 5);
			break;
		case STOP:
			at_once(data);
			break;
		default:
			break;
		}
	}
}

static void make_loop(struct slot *loop)
{
	int n = 2 + rand() % (NR_SLOTS - 1), i;

	for (i = 0; i < n; i++) {
		loop[i].action =
			(enum action)(1 + rand() % (NR_LOOP_ACTIONS - 1));
		loop[i].object = rand() % 2;
	}
}

/* In half of the programs the loops are the same, with the objects exchanged. */
static void make_program(int seed)
{
	static const enum action some[] = { LOOK,      SET,   CLEAR,
					    SWAP_BACK, SLEEP, WAIT };
	int n, i;

	srand((unsigned int)seed);
	memset(program, 0, sizeof(program));
	make_loop(program[0]);
	if (rand() % 2) {
		make_loop(program[1]);
	} else {
		memcpy(program[1], program[0], sizeof(program[1]));
		for (i = 0; i < NR_SLOTS; i++)
			program[1][i].object = !program[0][i].object;
	}
	n = rand() % 3;
	for (i = 0; i < n; i++) {
		program[2][i].action = some[rand() % (int)ARRAY_SIZE(some)];
		program[2][i].object = rand() % 2;
	}
	program[2][n].action = STOP;
}

static const char *describe(int seed)
{
	static char text[400];
	size_t len = (size_t)snprintf(text, sizeof(text), "seed %d:", seed);
	const struct slot *slot;

	for (slot = program[0]; slot < program[0] + 3 * NR_SLOTS; slot++)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "%s %d.%d",
			(slot - program[0]) % NR_SLOTS ? "" : " |",
			slot->action, slot->object);
	return text;
}

/* Returns false if the exhaustive search does not end soon. */
static bool compare(int seed)
{
	static const struct named both = NAMED(run_loop_0, run_loop_1);
	static const struct named end = NAMED(run_end);
	bool done;

	use(&both, &end);
	explore_to(&found, .executions = 8000);
	ck_assert_msg(!result.failure, "%s: %s\n%s", describe(seed), verdict,
		      result.report);
	done = result.verdict == IOMMUFD_MODEL_VERDICT_COMPLETE;
	explore_to(&bounded, .mode = IOMMUFD_MODEL_MODE_BOUNDED,
		   .preemptions = 2, .executions = 8000);
	ck_assert_msg(!result.failure, "%s, bounded: %s\n%s", describe(seed),
		      verdict, result.report);
	explore_to(&walked, .mode = IOMMUFD_MODEL_MODE_RANDOM,
		   .executions = 1000);
	ck_assert_msg(!result.failure, "%s, random: %s\n%s", describe(seed),
		      verdict, result.report);
	if (!done)
		return false;
	check_within("the bounded search", describe(seed), &bounded);
	check_within("random executions", describe(seed), &walked);
	check_merged(describe(seed));
	return true;
}

START_TEST(the_search_finds_all_final_states_of_random_loops)
{
	int seed, compared = 0;

	for (seed = first_seed; seed < first_seed + nr_programs; seed++) {
		make_program(seed);
		compared += compare(seed);
	}
	printf("%d programs compared, %lu states kept\n", compared,
	       merged_states);
	ck_assert_int_gt(compared, nr_programs / 2);
}
END_TEST

/* Programs with which a search was wrong once. */
START_TEST(programs_that_failed_once)
{
	static const struct slot list[][3][NR_SLOTS] = {
		/* The loop that is not known does a fifth of all steps. */
		{ { { SWAP_BACK, 1 }, { CLEAR, 0 }, { SET, 1 }, { DROP, 1 } },
		  { { SWAP_BACK, 0 }, { CLEAR, 1 }, { SET, 0 }, { DROP, 0 } },
		  { { SLEEP, 1 }, { STOP, 0 } } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		memcpy(program, list[i], sizeof(program));
		compare(-(int)i);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("let_go_on");
	TCase *tc = tcase_create("let_go_on");

	/* The last one takes as long as half of the others. */
	tcase_add_loop_test(tc, the_search_ends_and_finds_what_others_find, 0,
			    (int)(ARRAY_SIZE(loops) * ARRAY_SIZE(ends)) - 1);
	tcase_add_loop_test(tc, two_jobs_find_the_same, 0, NR_OF_TWO);
	tcase_add_loop_test(tc,
			    without_a_thread_that_ends_it_there_is_a_livelock,
			    0, (int)ARRAY_SIZE(loops));
	tcase_add_loop_test(tc, a_ring_of_flags_fails_in_no_mode, 0,
			    (int)ARRAY_SIZE(ends));
	tcase_add_test(tc, a_ring_of_flags_that_nobody_ends_is_a_livelock);
	tcase_add_test(tc, a_limit_that_loops_have_used_up_is_no_failure);
	tcase_add_loop_test(tc, a_thread_that_never_ends_fails_at_the_limit, 0,
			    2);
	tcase_add_loop_test(
		tc, a_loop_that_looks_at_very_many_locations_does_not_fail, 0,
		2);
	tcase_add_test(tc, a_thread_may_look_on_for_many_rounds);
	tcase_add_test(tc, the_search_finds_all_final_states_of_random_loops);
	tcase_add_test(tc, programs_that_failed_once);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(int argc, char **argv)
{
	states = begin_random(argc, argv, &nr_programs, &first_seed);
	if (!states)
		return EXIT_FAILURE;
	return run_suite(suite());
}
