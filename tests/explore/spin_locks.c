// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Locks for three and four threads, made of reads and writes, in which threads wait in
 * loops: too much for a search without states.  Each is explored with the states of
 * all memory, in its right form and in a wrong one.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <string.h>

#define NOBODY (-1)
#define MOST 4

static int inside;

static void section(void)
{
	iommufd_model_assert(!READ_ONCE(inside));
	WRITE_ONCE(inside, 1);
	WRITE_ONCE(inside, 0);
}

/* At each level one thread at least waits: the last one that came to it. */

static int level[MOST], last[MOST];

/* @below: the level that others must be below of, relative to one's own */
static void climb(int me, int below)
{
	int at, other;
	bool free;

	for (at = 1; at < 3; at++) {
		WRITE_ONCE(level[me], at);
		WRITE_ONCE(last[at], me);
		do {
			free = true;
			for (other = 0; other < 3; other++)
				if (other != me &&
				    READ_ONCE(level[other]) >= at + below)
					free = false;
		} while (!free && READ_ONCE(last[at]) == me);
	}
	section();
	WRITE_ONCE(level[me], 0);
}

static void filter(int me)
{
	climb(me, 0);
}

static void coarse_filter(int me)
{
	climb(me, 1);
}

THREADS_3(filter)
THREADS_3(coarse_filter)

/* Who is alone writes only its own name and finds it again. */

static int first, second, wants[MOST];

static void wait_until_free(void)
{
	while (READ_ONCE(second) != NOBODY)
		cpu_relax();
}

static void lock_fast(int me, bool looks)
{
	int other;

	for (;;) {
		WRITE_ONCE(wants[me], 1);
		WRITE_ONCE(first, me);
		if (READ_ONCE(second) != NOBODY) {
			WRITE_ONCE(wants[me], 0);
			wait_until_free();
			continue;
		}
		WRITE_ONCE(second, me);
		if (!looks || READ_ONCE(first) == me)
			return;
		WRITE_ONCE(wants[me], 0);
		for (other = 0; other < 3; other++)
			while (READ_ONCE(wants[other]))
				cpu_relax();
		if (READ_ONCE(second) == me)
			return;
		wait_until_free();
	}
}

static void unlock_fast(int me)
{
	WRITE_ONCE(second, NOBODY);
	WRITE_ONCE(wants[me], 0);
}

static void fast(int me)
{
	lock_fast(me, true);
	section();
	unlock_fast(me);
}

static void too_fast(int me)
{
	lock_fast(me, false);
	section();
	unlock_fast(me);
}

THREADS_3(fast)
THREADS_3(too_fast)

/* Two of four play in each of two rounds, the winners in a third one. */

static int plays[3][2], turn[3];

static void win(int game, int side)
{
	WRITE_ONCE(plays[game][side], 1);
	WRITE_ONCE(turn[game], side);
	while (READ_ONCE(plays[game][!side]) && READ_ONCE(turn[game]) == side)
		cpu_relax();
}

static void leave(int game, int side)
{
	WRITE_ONCE(plays[game][side], 0);
}

static void tournament(int me)
{
	win(1 + me / 2, me & 1);
	win(0, me / 2);
	section();
	leave(0, me / 2);
	leave(1 + me / 2, me & 1);
}

/* It leaves the first game before it has won the last one. */
static void impatient(int me)
{
	win(1 + me / 2, me & 1);
	leave(1 + me / 2, me & 1);
	win(0, me / 2);
	section();
	leave(0, me / 2);
}

THREADS_3(tournament)
THREADS_3(impatient)

static void tournament_3(void *data)
{
	(void)data;
	tournament(3);
}

static void impatient_3(void *data)
{
	(void)data;
	impatient(3);
}

static void setup(void *data)
{
	(void)data;
	inside = 0;
	memset(level, 0, sizeof(level));
	memset(last, 0, sizeof(last));
	memset(wants, 0, sizeof(wants));
	memset(plays, 0, sizeof(plays));
	memset(turn, 0, sizeof(turn));
	first = second = NOBODY;
}

static void nothing(void *data)
{
	(void)data;
}

static const struct verdict verdicts[] = {
	RIGHT(0, "filter", setup, nothing, T3(filter)),
	WRONG(ASSERTION, "inside", NULL, "coarse filter", setup, nothing,
	      T3(coarse_filter)),
	RIGHT(0, "fast lock", setup, nothing, T3(fast)),
	WRONG(ASSERTION, "inside", NULL, "too fast", setup, nothing,
	      T3(too_fast)),
	RIGHT(0, "tournament", setup, nothing, T3(tournament), T(tournament_3)),
	WRONG(ASSERTION, "inside", NULL, "impatient", setup, nothing,
	      T3(impatient), T(impatient_3)),
};

START_TEST(states_go_with_loops_that_wait)
{
	static const struct iommufd_model_memory all[] = {
		IOMMUFD_MODEL_STATIC_VARIABLES,
	};
	struct iommufd_model_explore_options options = { .executions = 500000 };
	struct verdict v = verdicts[_i];
	const char *why;

	memcpy(v.test.memory, all, sizeof(all));
	options.states_after = 1;
	/* Where there are none, only the wrong forms end soon. */
	if (!v.failure) {
		options.seconds = 0.1;
		options.quiet = true;
		iommufd_model_explore_free(&verdict_result);
		iommufd_model_explore(&v.test, &options, &verdict_result);
		why = verdict_result.no_states;
		if (*why) {
			ck_assert_str_ne(why, "a loop that waits");
			return;
		}
		options.seconds = 0;
	}
	check_verdict_with(&v, options);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spin_locks");
	TCase *tc = tcase_create("spin_locks");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, states_go_with_loops_that_wait, 0,
			    ARRAY_SIZE(verdicts));
	return run_suite(suite);
}
