// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs with semaphores and completions, each in its right form and in wrong
 * ones.  The numbers of executions are those of a search without states: what waits
 * is no step, and what is given in another order is no other execution.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/completion.h>
#include <iommufd_model/kernel/semaphore.h>

static struct semaphore mutex, first, second, room, items, spaces;
static struct completion done;
static int count, inside, taken, guarded;

static void set_all(int mutex_is, int first_is, int second_is, int room_is)
{
	sema_init(&mutex, mutex_is);
	sema_init(&first, first_is);
	sema_init(&second, second_is);
	sema_init(&room, room_is);
	sema_init(&items, 0);
	sema_init(&spaces, 2);
	init_completion(&done);
	count = inside = taken = guarded = 0;
}

static void setup(void *data)
{
	(void)data;
	set_all(1, 0, 1, 1);
}

static void nothing(void *data)
{
	(void)data;
}

/* A barrier that is used again: two gates, of which one is always closed. */

static void pass(struct semaphore *gate)
{
	down(gate);
	up(gate);
}

static void meet(int all, bool closes)
{
	down(&mutex);
	if (++count == all) {
		if (closes)
			down(&second);
		up(&first);
	}
	up(&mutex);
	pass(&first);
	down(&mutex);
	if (!--count) {
		down(&first);
		if (closes)
			up(&second);
	}
	up(&mutex);
	if (closes)
		pass(&second);
}

static void two_meet_twice(void *data)
{
	(void)data;
	meet(2, true);
	meet(2, true);
}

static void three_meet(void *data)
{
	(void)data;
	meet(3, true);
}

/* With one gate only, a thread may come to the end of a round before the other. */
static int rounds[2];

static void meets_behind_one_gate(int me)
{
	int round;

	for (round = 1; round <= 2; round++) {
		WRITE_ONCE(rounds[me], round);
		meet(2, false);
		iommufd_model_assert(READ_ONCE(rounds[!me]) >= round);
	}
}

THREADS_2(meets_behind_one_gate)

/* A buffer with two places. */

static void puts_and(int nr, bool holds)
{
	while (nr--) {
		if (holds)
			down(&mutex);
		down(&spaces);
		if (!holds)
			down(&mutex);
		guarded++;
		up(&mutex);
		up(&items);
	}
}

static void gets_and(int nr, bool holds)
{
	while (nr--) {
		if (holds)
			down(&mutex);
		down(&items);
		if (!holds)
			down(&mutex);
		guarded--;
		up(&mutex);
		up(&spaces);
	}
}

static void puts_two(void *data)
{
	(void)data;
	puts_and(2, false);
}

static void puts_four(void *data)
{
	(void)data;
	puts_and(4, false);
}

static void gets_four(void *data)
{
	(void)data;
	gets_and(4, false);
}

static void gets_with_mutex(void *data)
{
	(void)data;
	gets_and(2, true);
}

static void puts_without_mutex(void *data)
{
	(void)data;
	down(&spaces);
	guarded++;
	up(&items);
}

/* Three at a table, with a fork between any two of them. */

static struct semaphore forks[3];

static void set_table(int seats)
{
	int i;

	set_all(1, 0, 1, seats);
	for (i = 0; i < 3; i++)
		sema_init(&forks[i], 1);
}

static void setup_two_seats(void *data)
{
	(void)data;
	set_table(2);
}

static void setup_three_seats(void *data)
{
	(void)data;
	set_table(3);
}

static void eats(int me)
{
	down(&room);
	down(&forks[me]);
	down(&forks[(me + 1) % 3]);
	up(&forks[me]);
	up(&forks[(me + 1) % 3]);
	up(&room);
}

THREADS_3(eats)

/* Readers share the room; the first one takes it for all. */

static void reads(void *data)
{
	(void)data;
	down(&mutex);
	if (++inside == 1)
		down(&room);
	up(&mutex);
	iommufd_model_assert(READ_ONCE(guarded) % 2 == 0);
	down(&mutex);
	if (!--inside)
		up(&room);
	up(&mutex);
}

static void reads_and_leaves_early(void *data)
{
	(void)data;
	down(&mutex);
	down(&room);
	up(&room);
	up(&mutex);
	iommufd_model_assert(READ_ONCE(guarded) % 2 == 0);
}

static void writes(void *data)
{
	(void)data;
	down(&room);
	WRITE_ONCE(guarded, 1);
	WRITE_ONCE(guarded, 2);
	up(&room);
}

/* At most two are inside. */

static void setup_pool(void *data)
{
	(void)data;
	set_all(1, 0, 0, 2);
}

static void setup_large_pool(void *data)
{
	(void)data;
	set_all(1, 0, 0, 3);
}

static atomic_t in_pool;

static void swims(void *data)
{
	(void)data;
	down(&room);
	iommufd_model_assert(atomic_inc_return(&in_pool) <= 2);
	atomic_dec(&in_pool);
	up(&room);
}

static void swims_if_there_is_room(void *data)
{
	(void)data;
	if (!down_trylock(&room))
		up(&room);
}

/* Two wait for each other. */

static void setup_closed(void *data)
{
	(void)data;
	set_all(1, 0, 0, 1);
}

static void arrives_first(void *data)
{
	(void)data;
	WRITE_ONCE(count, 1);
	up(&first);
	down(&second);
}

static void arrives_second(void *data)
{
	(void)data;
	up(&second);
	down(&first);
	iommufd_model_assert(READ_ONCE(count) == 1);
}

static void waits_to_be_met(void *data)
{
	(void)data;
	down(&second);
	up(&first);
}

static void waits_to_be_met_too(void *data)
{
	(void)data;
	down(&first);
	up(&second);
}

/* Who takes must not rely on which of two others has given. */

static void writes_and_gives(void *data)
{
	(void)data;
	WRITE_ONCE(count, 1);
	up(&first);
}

static void only_gives(void *data)
{
	(void)data;
	up(&first);
}

static void takes_one(void *data)
{
	(void)data;
	down(&first);
	iommufd_model_assert(READ_ONCE(count) == 1);
}

static void takes_both(void *data)
{
	(void)data;
	down(&first);
	down(&first);
	iommufd_model_assert(READ_ONCE(count) == 1);
}

static void takes_twice_in_all(void *data)
{
	(void)data;
	down(&first);
}

/* A completion lets all go on that wait, and is then used again. */

static void completes_all(void *data)
{
	(void)data;
	guarded = 1;
	complete_all(&done);
}

static void waits_for_all(void *data)
{
	(void)data;
	wait_for_completion(&done);
	iommufd_model_assert(guarded == 1);
}

static void looks_first(void *data)
{
	(void)data;
	if (completion_done(&done))
		iommufd_model_assert(guarded == 1);
	wait_for_completion(&done);
}

static void completes_one(void *data)
{
	(void)data;
	complete(&done);
}

static void begins_again(void *data)
{
	(void)data;
	reinit_completion(&done);
	complete(&done);
}

static void waits_once(void *data)
{
	(void)data;
	wait_for_completion(&done);
}

static void waits_twice(void *data)
{
	(void)data;
	wait_for_completion(&done);
	wait_for_completion(&done);
}

/* Who has taken, and looks, sees nothing: that hides no order of the two. */

static void setup_done(void *data)
{
	setup(data);
	complete(&done);
}

static void takes_and_looks(void *data)
{
	(void)data;
	wait_for_completion(&done);
	iommufd_model_assert(!completion_done(&done));
	iommufd_model_assert(!guarded);
	complete(&done);
}

static void takes_and_sets(void *data)
{
	(void)data;
	wait_for_completion(&done);
	guarded = 1;
	complete(&done);
}

static const struct verdict verdicts[] = {
	RIGHT(256, "barrier, used twice", setup, nothing, T(two_meet_twice),
	      T(two_meet_twice)),
	RIGHT(1296, "barrier of three", setup, nothing, T(three_meet),
	      T(three_meet), T(three_meet)),
	WRONG(ASSERTION, "meets_behind_one_gate", NULL, "barrier with one gate",
	      setup, nothing, T2(meets_behind_one_gate)),
	RIGHT(64, "buffer", setup, nothing, T(puts_four), T(gets_four)),
	RIGHT(1376, "buffer, two producers", setup, nothing, T(puts_two),
	      T(puts_two), T(gets_four)),
	WRONG(LOST_WAKEUP, "items", NULL, "buffer, mutex taken first", setup,
	      nothing, T(puts_two), T(gets_with_mutex)),
	WRONG(DATA_RACE, "guarded", NULL, "buffer without a mutex", setup,
	      nothing, T(puts_without_mutex), T(puts_without_mutex)),
	RIGHT(66, "table for two of three", setup_two_seats, nothing, T3(eats)),
	WRONG(LOST_WAKEUP, "forks", NULL, "table for three", setup_three_seats,
	      nothing, T3(eats)),
	RIGHT(48, "readers and writers", setup, nothing, T(reads), T(reads),
	      T(writes), T(writes)),
	WRONG(ASSERTION, "reads_and_leaves_early", NULL,
	      "reader outside of the room", setup, nothing,
	      T(reads_and_leaves_early), T(writes)),
	RIGHT(162, "pool", setup_pool, nothing, T(swims), T(swims), T(swims)),
	WRONG(ASSERTION, "in_pool", NULL, "pool for three", setup_large_pool,
	      nothing, T(swims), T(swims), T(swims)),
	RIGHT(36, "pool, left if it is full", setup_pool, nothing,
	      T(swims_if_there_is_room), T(swims_if_there_is_room),
	      T(swims_if_there_is_room)),
	RIGHT(1, "rendezvous", setup_closed, nothing, T(arrives_first),
	      T(arrives_second)),
	WRONG(LOST_WAKEUP, "second", NULL, "rendezvous, both wait first",
	      setup_closed, nothing, T(waits_to_be_met),
	      T(waits_to_be_met_too)),
	RIGHT(3, "two give, and one takes both", setup_closed, nothing,
	      T(writes_and_gives), T(only_gives), T(takes_both)),
	WRONG(ASSERTION, "takes_one", NULL, "two give, and one takes one",
	      setup_closed, nothing, T(writes_and_gives), T(only_gives),
	      T(takes_one)),
	RIGHT(6, "two give, and two take", setup_closed, nothing, T(only_gives),
	      T(only_gives), T(takes_twice_in_all), T(takes_twice_in_all)),
	RIGHT(1, "completion for all", setup, nothing, T(completes_all),
	      T(waits_for_all), T(waits_for_all), T(waits_for_all)),
	RIGHT(2, "completion, looked at", setup, nothing, T(completes_all),
	      T(looks_first)),
	WRONG(ASSERTION, "guarded", NULL, "completion, looked at when taken",
	      setup_done, nothing, T(takes_and_looks), T(takes_and_sets)),
	WRONG(LOST_WAKEUP, "waits_once", NULL,
	      "completion, used again too early", setup, nothing,
	      T(completes_one), T(begins_again), T(waits_once), T(waits_once)),
	WRONG(LOST_WAKEUP, "waits_twice", NULL, "completion, one is missing",
	      setup, nothing, T(completes_one), T(waits_twice)),
};

START_TEST(the_right_forms_are_complete_and_the_wrong_ones_found)
{
	check_verdict(&verdicts[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("semaphores");
	TCase *tc = tcase_create("semaphores");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(
		tc, the_right_forms_are_complete_and_the_wrong_ones_found, 0,
		ARRAY_SIZE(verdicts));
	return run_suite(suite);
}
