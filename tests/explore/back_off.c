// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that take one thing, try another, and give back what they have if that
 * fails.
 *
 *	one backs off, the other takes the locks in order	complete
 *	a turn says which of the two backs off			complete
 *	both back off, and go on in step for ever		livelock
 *
 * The shape of the loop and what is in it must not matter, nor the mode of the
 * search.
 *
 *	back_off [EVERY]	run every case, or one of EVERY
 */
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/delay.h>
#include <iommufd_model/kernel/sched.h>

static struct mutex mutexes[2];
static spinlock_t spinlocks[2];
static atomic_t words[2];
static int flags[2], turn, inside;
static int every = 1;

static void setup(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		mutex_init(&mutexes[i]);
		spin_lock_init(&spinlocks[i]);
		atomic_set(&words[i], 0);
		flags[i] = 0;
	}
	turn = inside = 0;
}

static void section(void)
{
	iommufd_model_assert(!READ_ONCE(inside));
	WRITE_ONCE(inside, 1);
	WRITE_ONCE(inside, 0);
}

static void unlock_both(int me, int other)
{
	section();
	mutex_unlock(&mutexes[other]);
	mutex_unlock(&mutexes[me]);
}

/* The shapes of the loop; @pause is a statement that comes before a new try. */

#define FOR_LOOP(pause)                             \
	for (;;) {                                  \
		mutex_lock(&mutexes[me]);           \
		if (mutex_trylock(&mutexes[other])) \
			break;                      \
		mutex_unlock(&mutexes[me]);         \
		pause;                              \
	}                                           \
	unlock_both(me, other)

#define WHILE_LOOP(pause)                         \
	mutex_lock(&mutexes[me]);                 \
	while (!mutex_trylock(&mutexes[other])) { \
		mutex_unlock(&mutexes[me]);       \
		pause;                            \
		mutex_lock(&mutexes[me]);         \
	}                                         \
	unlock_both(me, other)

#define GOTO_LOOP(pause)                       \
again:                                         \
	mutex_lock(&mutexes[me]);              \
	if (!mutex_trylock(&mutexes[other])) { \
		mutex_unlock(&mutexes[me]);    \
		pause;                         \
		goto again;                    \
	}                                      \
	unlock_both(me, other)

#define DO_LOOP(pause)                                 \
	bool done;                                     \
                                                       \
	do {                                           \
		mutex_lock(&mutexes[me]);              \
		done = mutex_trylock(&mutexes[other]); \
		if (!done) {                           \
			mutex_unlock(&mutexes[me]);    \
			pause;                         \
		}                                      \
	} while (!done);                               \
	unlock_both(me, other)

#define TRY_BOTH(pause)                                     \
	for (;;) {                                          \
		if (mutex_trylock(&mutexes[me])) {          \
			if (mutex_trylock(&mutexes[other])) \
				break;                      \
			mutex_unlock(&mutexes[me]);         \
		}                                           \
		pause;                                      \
	}                                                   \
	unlock_both(me, other)

#define SPINLOCKS(pause)                             \
	for (;;) {                                   \
		spin_lock(&spinlocks[me]);           \
		if (spin_trylock(&spinlocks[other])) \
			break;                       \
		spin_unlock(&spinlocks[me]);         \
		pause;                               \
	}                                            \
	section();                                   \
	spin_unlock(&spinlocks[other]);              \
	spin_unlock(&spinlocks[me])

#define WHILE_FLAG(pause)                 \
	WRITE_ONCE(flags[me], 1);         \
	while (READ_ONCE(flags[other])) { \
		WRITE_ONCE(flags[me], 0); \
		pause;                    \
		WRITE_ONCE(flags[me], 1); \
	}                                 \
	section();                        \
	WRITE_ONCE(flags[me], 0)

#define FOR_FLAG(pause)                       \
	for (;;) {                            \
		WRITE_ONCE(flags[me], 1);     \
		if (!READ_ONCE(flags[other])) \
			break;                \
		WRITE_ONCE(flags[me], 0);     \
		pause;                        \
	}                                     \
	section();                            \
	WRITE_ONCE(flags[me], 0)

#define EXCHANGES(pause)                                  \
	for (;;) {                                        \
		while (atomic_cmpxchg(&words[me], 0, 1))  \
			pause;                            \
		if (!atomic_cmpxchg(&words[other], 0, 1)) \
			break;                            \
		atomic_set(&words[me], 0);                \
		pause;                                    \
	}                                                 \
	section();                                        \
	atomic_set(&words[other], 0);                     \
	atomic_set(&words[me], 0)

#define NOTHING \
	do {    \
	} while (0)

/* One function for each shape and each pause, and the two threads that run it. */
#define BOTH(fn)                       \
	static void fn##_0(void *data) \
	{                              \
		(void)data;            \
		fn(0, 1);              \
	}                              \
	static void fn##_1(void *data) \
	{                              \
		(void)data;            \
		fn(1, 0);              \
	}
#define DEFINE(fn, shape, pause)          \
	static void fn(int me, int other) \
	{                                 \
		shape(pause);             \
	}                                 \
	BOTH(fn)
#define DEFINE_ALL(shape)                                  \
	DEFINE(shape##_relaxes, shape, cpu_relax())        \
	DEFINE(shape##_reschedules, shape, cond_resched()) \
	DEFINE(shape##_sleeps, shape, msleep(1))           \
	DEFINE(shape##_at_once, shape, NOTHING)

DEFINE_ALL(FOR_LOOP)
DEFINE_ALL(WHILE_LOOP)
DEFINE_ALL(GOTO_LOOP)
DEFINE_ALL(DO_LOOP)
DEFINE_ALL(TRY_BOTH)
DEFINE_ALL(SPINLOCKS)
DEFINE_ALL(WHILE_FLAG)
DEFINE_ALL(FOR_FLAG)
DEFINE_ALL(EXCHANGES)

/*
 * Keeps its flag set while it waits, and looks only when the other flag is set,
 * too.
 */
static void flag_first(void *data)
{
	(void)data;
	WRITE_ONCE(flags[0], 1);
	while (READ_ONCE(flags[1]))
		cpu_relax();
	section();
	WRITE_ONCE(flags[0], 0);
}

struct row {
	const char *name;
	void (*fn[2])(void *data);
};

#define ROW(a, b)            \
	{                    \
#a ", " #b,  \
		{            \
			a, b \
		}            \
	}
#define ROWS(shape)                                                \
	ROW(shape##_relaxes_0, shape##_relaxes_1),                 \
		ROW(shape##_reschedules_0, shape##_reschedules_1), \
		ROW(shape##_sleeps_0, shape##_sleeps_1),           \
		ROW(shape##_at_once_0, shape##_at_once_1)

static const struct row in_step[] = {
	ROWS(FOR_LOOP),
	ROWS(WHILE_LOOP),
	ROWS(GOTO_LOOP),
	ROWS(DO_LOOP),
	ROWS(TRY_BOTH),
	ROWS(SPINLOCKS),
	ROWS(WHILE_FLAG),
	ROWS(FOR_FLAG),
	ROWS(EXCHANGES),
	ROW(flag_first, WHILE_FLAG_relaxes_1),
	ROW(WHILE_FLAG_at_once_0, FOR_FLAG_sleeps_1),
};

/* Takes the locks, or sets the flag, and waits for nothing. */

static void in_order(void *data)
{
	(void)data;
	mutex_lock(&mutexes[0]);
	mutex_lock(&mutexes[1]);
	unlock_both(0, 1);
}

static void spin_in_order(void *data)
{
	(void)data;
	spin_lock(&spinlocks[0]);
	spin_lock(&spinlocks[1]);
	section();
	spin_unlock(&spinlocks[1]);
	spin_unlock(&spinlocks[0]);
}

/* Dekker's: only the thread whose turn it is not backs off. */
static void dekker(int me, int other)
{
	WRITE_ONCE(flags[me], 1);
	while (READ_ONCE(flags[other])) {
		if (READ_ONCE(turn) != me) {
			WRITE_ONCE(flags[me], 0);
			while (READ_ONCE(turn) != me)
				cpu_relax();
			WRITE_ONCE(flags[me], 1);
		}
	}
	section();
	WRITE_ONCE(turn, other);
	WRITE_ONCE(flags[me], 0);
}
BOTH(dekker)

#define RIGHT(shape, other)                                          \
	ROW(shape##_relaxes_1, other), ROW(shape##_sleeps_1, other), \
		ROW(other, shape##_at_once_1)

static const struct row right[] = {
	RIGHT(FOR_LOOP, in_order),  RIGHT(WHILE_LOOP, in_order),
	RIGHT(GOTO_LOOP, in_order), RIGHT(DO_LOOP, in_order),
	RIGHT(TRY_BOTH, in_order),  RIGHT(SPINLOCKS, spin_in_order),
	ROW(dekker_0, dekker_1),
};

/* The modes of the search. */
static const struct mode {
	const char *name;
	struct iommufd_model_explore_options options;
	bool states;
} modes[] = {
	{ "exhaustive", { .jobs = 1 }, false },
	{ "two jobs", { .jobs = 2 }, false },
	{ "plain", { .jobs = 1, .plain = true }, false },
	{ "states", { .jobs = 1, .states_after = 1 }, true },
	{ "bounded",
	  { .jobs = 1, .mode = IOMMUFD_MODEL_MODE_BOUNDED, .preemptions = 2 },
	  false },
};
#define EXHAUSTIVE_MODES 4

/* The schedule of a failure fails again in the same way. */
static void check_replay(const struct iommufd_model_test *test,
			 const struct iommufd_model_explore_result *failed)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_MODE_REPLAY,
		.schedule = failed->schedule,
		.quiet = true,
	};
	struct iommufd_model_explore_result result = { 0 };

	iommufd_model_explore(test, &options, &result);
	ck_assert_msg(result.failure == failed->failure, "%s, replay of %s: %s",
		      test->name, failed->schedule,
		      iommufd_model_failure_name(result.failure));
	iommufd_model_explore_free(&result);
}

static void check(const struct row *row, const struct mode *mode,
		  enum iommufd_model_failure failure)
{
	struct iommufd_model_test test = {
		.name = row->name,
		.setup = setup,
		.threads = { { "one", row->fn[0] }, { "two", row->fn[1] } },
	};
	struct iommufd_model_explore_options options = mode->options;
	struct iommufd_model_explore_result result = { 0 };
	char text[200];

	if (mode->states)
		test.memory[0].size = SIZE_MAX;
	options.quiet = true;
	options.seconds = 60;
	iommufd_model_explore(&test, &options, &result);
	iommufd_model_verdict_text(&result, text, sizeof(text));
	ck_assert_msg(result.failure == failure, "%s, %s: %s\n%s", row->name,
		      mode->name, text, result.report ? result.report : "");
	if (failure)
		check_replay(&test, &result);
	else
		ck_assert_msg(!strncmp(text, "complete", 8), "%s, %s: %s",
			      row->name, mode->name, text);
	iommufd_model_explore_free(&result);
}

START_TEST(threads_that_back_off_in_step_are_a_livelock)
{
	/* The pause decides nothing, so one of them will do for most modes. */
	int n = _i * every, i, nr = _i % 4 ? 1 : EXHAUSTIVE_MODES;

	for (i = 0; i < nr; i++)
		check(&in_step[n], &modes[i], IOMMUFD_MODEL_FAIL_LIVELOCK);
}
END_TEST

START_TEST(a_thread_that_backs_off_before_another_is_right)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		check(&right[_i * every], &modes[i], IOMMUFD_MODEL_NO_FAILURE);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("back_off");
	TCase *tc = tcase_create("back_off");

	tcase_add_loop_test(tc, threads_that_back_off_in_step_are_a_livelock, 0,
			    ((int)ARRAY_SIZE(in_step) + every - 1) / every);
	tcase_add_loop_test(tc, a_thread_that_backs_off_before_another_is_right,
			    0, ((int)ARRAY_SIZE(right) + every - 1) / every);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		every = atoi(argv[1]);
	if (every < 1) {
		fprintf(stderr, "usage: %s [EVERY]\n", argv[0]);
		return EXIT_FAILURE;
	}
	return run_suite(suite());
}
