// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The classic programs of textbooks on concurrency, each in its right form and
 * in the wrong forms that textbooks warn of.  They are on mutual exclusion, on
 * waiting, and on the lifetimes of objects.  Data structures without a lock are
 * in classics_lockfree.c.
 *
 * Some classics are in other files:
 *
 *	atomics.c	ticket lock, locks of one word, ABA in a stack, claims
 *	locks.c		upgrade of a reader, two locks in both orders
 *	waits.c		bounded buffer with two conditions, completions
 *	tables.c	torn read of a seqlock
 *	rcu.c		lookup of a counted object under RCU
 *	work.c		cancel against run, timer against destroy
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/sched.h>

static int inside, turn, flags[3], tickets[3], result[3];
static struct mutex mutex, forks[3];
static wait_queue_head_t queue, other_queue;
static spinlock_t lock;

static void setup(void *data)
{
	int i;

	(void)data;
	inside = turn = 0;
	memset(flags, 0, sizeof(flags));
	memset(tickets, 0, sizeof(tickets));
	memset(result, 0, sizeof(result));
	mutex_init(&mutex);
	for (i = 0; i < 3; i++)
		mutex_init(&forks[i]);
	init_waitqueue_head(&queue);
	init_waitqueue_head(&other_queue);
	spin_lock_init(&lock);
}

/* The critical section: asserts that only one thread is in it at a time. */
static void section(void)
{
	iommufd_model_assert(!READ_ONCE(inside));
	WRITE_ONCE(inside, 1);
	WRITE_ONCE(inside, 0);
}

/* The functions below exclude each other by plain reads and writes. */

static void peterson(int me)
{
	WRITE_ONCE(flags[me], 1);
	WRITE_ONCE(turn, !me);
	while (READ_ONCE(flags[!me]) && READ_ONCE(turn) == !me)
		cpu_relax();
	section();
	WRITE_ONCE(flags[me], 0);
}

static void peterson_turn_first(int me)
{
	WRITE_ONCE(turn, !me);
	WRITE_ONCE(flags[me], 1);
	while (READ_ONCE(flags[!me]) && READ_ONCE(turn) == !me)
		cpu_relax();
	section();
	WRITE_ONCE(flags[me], 0);
}

static void look_then_flag(int me)
{
	while (READ_ONCE(flags[!me]))
		cpu_relax();
	WRITE_ONCE(flags[me], 1);
	section();
	WRITE_ONCE(flags[me], 0);
}

static void flag_then_look(int me)
{
	WRITE_ONCE(flags[me], 1);
	while (READ_ONCE(flags[!me]))
		cpu_relax();
	section();
	WRITE_ONCE(flags[me], 0);
}

/* While it is the other thread's turn, takes the flag back and waits. */
static void dekker(int me)
{
	WRITE_ONCE(flags[me], 1);
	while (READ_ONCE(flags[!me])) {
		if (READ_ONCE(turn) == me)
			continue;
		WRITE_ONCE(flags[me], 0);
		while (READ_ONCE(turn) != me)
			cpu_relax();
		WRITE_ONCE(flags[me], 1);
	}
	section();
	WRITE_ONCE(turn, !me);
	WRITE_ONCE(flags[me], 0);
}

/*
 * Reads the turn once.  If the turn changes after that, both threads can wait
 * with their flags set.
 */
static void dekker_without_second_look(int me)
{
	WRITE_ONCE(flags[me], 1);
	if (READ_ONCE(flags[!me]) && READ_ONCE(turn) != me) {
		WRITE_ONCE(flags[me], 0);
		while (READ_ONCE(flags[!me]))
			cpu_relax();
		WRITE_ONCE(flags[me], 1);
	} else {
		while (READ_ONCE(flags[!me]))
			cpu_relax();
	}
	section();
	WRITE_ONCE(turn, !me);
	WRITE_ONCE(flags[me], 0);
}

static void bakery_wait(int me, int other)
{
	int theirs;

	do {
		theirs = READ_ONCE(tickets[other]);
	} while (theirs && (theirs < tickets[me] ||
			    (theirs == tickets[me] && other < me)));
}

static void bakery_draw(int me)
{
	WRITE_ONCE(tickets[me], READ_ONCE(tickets[!me]) + 1);
}

static void bakery(int me)
{
	WRITE_ONCE(flags[me], 1);
	bakery_draw(me);
	WRITE_ONCE(flags[me], 0);
	while (READ_ONCE(flags[!me]))
		cpu_relax();
	bakery_wait(me, !me);
	section();
	WRITE_ONCE(tickets[me], 0);
}

/* Does not wait until the other thread has drawn its ticket. */
static void bakery_without_choosing(int me)
{
	bakery_draw(me);
	bakery_wait(me, !me);
	section();
	WRITE_ONCE(tickets[me], 0);
}

/* The filter lock: the last thread to arrive at a level waits there. */
static void filter(int me)
{
	int level;

	for (level = 1; level < 3; level++) {
		WRITE_ONCE(flags[me], level);
		WRITE_ONCE(tickets[level], me);
		while ((READ_ONCE(flags[(me + 1) % 3]) >= level ||
			READ_ONCE(flags[(me + 2) % 3]) >= level) &&
		       READ_ONCE(tickets[level]) == me)
			cpu_relax();
	}
	section();
	WRITE_ONCE(flags[me], 0);
}

/* A filter lock with one level, which is too few for three threads. */
static void filter_one_level(int me)
{
	WRITE_ONCE(flags[me], 1);
	WRITE_ONCE(tickets[1], me);
	while ((READ_ONCE(flags[(me + 1) % 3]) ||
		READ_ONCE(flags[(me + 2) % 3])) &&
	       READ_ONCE(tickets[1]) == me)
		cpu_relax();
	section();
	WRITE_ONCE(flags[me], 0);
}

THREADS_2(peterson)
THREADS_2(peterson_turn_first)
THREADS_2(look_then_flag)
THREADS_2(flag_then_look)
THREADS_2(dekker)
THREADS_2(dekker_without_second_look)
THREADS_2(bakery)
THREADS_2(bakery_without_choosing)
THREADS_3(filter_one_level)
THREADS_2(filter)

/*
 * A queue of waiting threads, each of which spins on its own node (MCS lock).
 */

struct mcs_node {
	struct mcs_node *next;
	int locked;
};

static struct mcs_node mcs_nodes[2], *mcs_tail;

static void setup_mcs(void *data)
{
	setup(data);
	memset(mcs_nodes, 0, sizeof(mcs_nodes));
	mcs_tail = NULL;
}

static void mcs_lock(struct mcs_node *me)
{
	struct mcs_node *prev;

	WRITE_ONCE(me->next, NULL);
	WRITE_ONCE(me->locked, 1);
	prev = xchg(&mcs_tail, me);
	if (!prev)
		return;
	WRITE_ONCE(prev->next, me);
	while (READ_ONCE(me->locked))
		cpu_relax();
}

static void mcs_unlock(struct mcs_node *me, bool wait)
{
	struct mcs_node *next = READ_ONCE(me->next);

	if (!next) {
		if (cmpxchg(&mcs_tail, me, NULL) == me)
			return;
		/* The next thread has not yet written its address to @me. */
		while (wait && !(next = READ_ONCE(me->next)))
			cpu_relax();
	}
	if (next)
		WRITE_ONCE(next->locked, 0);
}

static void mcs(int me)
{
	mcs_lock(&mcs_nodes[me]);
	section();
	mcs_unlock(&mcs_nodes[me], true);
}

static void mcs_without_wait(int me)
{
	mcs_lock(&mcs_nodes[me]);
	section();
	mcs_unlock(&mcs_nodes[me], false);
}

THREADS_2(mcs)
THREADS_2(mcs_without_wait)

static const struct verdict exclusion[] = {
	RIGHT(0, "Peterson", setup, NULL, T2(peterson)),
	WRONG(ASSERTION, "section", "peterson_turn_first",
	      "Peterson, turn before flag", setup, NULL,
	      T2(peterson_turn_first)),
	WRONG(ASSERTION, "section", "look_then_flag", "look, then flag", setup,
	      NULL, T2(look_then_flag)),
	WRONG(LIVELOCK, "flags", NULL, "flag, then look", setup, NULL,
	      T2(flag_then_look)),
	RIGHT(0, "Dekker", setup, NULL, T2(dekker)),
	WRONG(LIVELOCK, "dekker_without_second_look", "flags",
	      "Dekker without a second look", setup, NULL,
	      T2(dekker_without_second_look)),
	RIGHT(0, "bakery", setup, NULL, T2(bakery)),
	WRONG(ASSERTION, "section", "bakery_draw", "bakery without choosing",
	      setup, NULL, T2(bakery_without_choosing)),
	RIGHT(0, "filter lock of two", setup, NULL, T2(filter)),
	WRONG(ASSERTION, "section", "filter_one_level",
	      "filter lock, one level for three", setup, NULL,
	      T3(filter_one_level)),
	RIGHT(0, "MCS lock", setup_mcs, NULL, T2(mcs)),
	WRONG(LIVELOCK, "locked", NULL, "MCS unlock that does not wait",
	      setup_mcs, NULL, T2(mcs_without_wait)),
};

START_TEST(mutual_exclusion)
{
	check_verdict(&exclusion[_i]);
}
END_TEST

/* The functions below are the dining philosophers. */

static void eat(int first, int second)
{
	mutex_lock(&forks[first]);
	mutex_lock_nested(&forks[second], SINGLE_DEPTH_NESTING);
	mutex_unlock(&forks[second]);
	mutex_unlock(&forks[first]);
}

static void philosopher(int me)
{
	int left = me, right = (me + 1) % 3;

	eat(min(left, right), max(left, right));
}

static void left_fork_first(int me)
{
	eat(me, (me + 1) % 3);
}

/* At most two philosophers sit at the table. */
static struct completion chairs;

static void setup_chairs(void *data)
{
	setup(data);
	init_completion(&chairs);
	complete(&chairs);
	complete(&chairs);
}

static void philosopher_on_chair(int me)
{
	wait_for_completion(&chairs);
	eat(me, (me + 1) % 3);
	complete(&chairs);
}

THREADS_3(philosopher)
THREADS_3(left_fork_first)
THREADS_3(philosopher_on_chair)

/* The functions below are a barrier. */

static int arrived, generation;

static void setup_barrier(void *data)
{
	setup(data);
	arrived = generation = 0;
}

static bool last_at_barrier(void)
{
	bool last;

	spin_lock(&lock);
	last = READ_ONCE(arrived) + 1 == 2;
	WRITE_ONCE(arrived, last ? 0 : READ_ONCE(arrived) + 1);
	if (last)
		WRITE_ONCE(generation, READ_ONCE(generation) + 1);
	spin_unlock(&lock);
	return last;
}

static void barrier_by_generation(void)
{
	int mine = READ_ONCE(generation);

	if (last_at_barrier())
		wake_up_all(&queue);
	else
		wait_event(queue, READ_ONCE(generation) != mine);
}

/*
 * The count can leave zero again before a sleeper has read it, so the barrier
 * is wrong.
 */
static void barrier_by_count(void)
{
	if (last_at_barrier())
		wake_up_all(&queue);
	else
		wait_event(queue, !READ_ONCE(arrived));
}

static void rounds(int me, void (*wait)(void))
{
	int round;

	for (round = 1; round <= 2; round++) {
		WRITE_ONCE(result[me], round);
		wait();
		iommufd_model_assert(READ_ONCE(result[!me]) >= round);
	}
}

static void with_generation(int me)
{
	rounds(me, barrier_by_generation);
}

static void with_count(int me)
{
	rounds(me, barrier_by_count);
}

THREADS_2(with_generation)
THREADS_2(with_count)

/* The functions below lose wake-ups. */

static int ready, readies[2];

static void setup_ready(void *data)
{
	setup(data);
	ready = readies[0] = readies[1] = 0;
}

static void sleeps(void *data)
{
	(void)data;
	wait_event(queue, READ_ONCE(ready));
}

static void looks_then_sleeps(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	if (READ_ONCE(ready))
		return;
	prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
	schedule();
	finish_wait(&queue, &wait);
}

static void sets_and_wakes(void *data)
{
	(void)data;
	WRITE_ONCE(ready, 1);
	wake_up(&queue);
}

static void wakes_and_sets(void *data)
{
	(void)data;
	wake_up(&queue);
	WRITE_ONCE(ready, 1);
}

/* Two exclusive sleepers on one queue wait for different events. */
static void sleeps_for(int me)
{
	wait_event_interruptible_exclusive(queue, READ_ONCE(readies[me]));
}

static void wakes_one(void *data)
{
	(void)data;
	WRITE_ONCE(readies[1], 1);
	wake_up(&queue);
	WRITE_ONCE(readies[0], 1);
	wake_up(&queue);
}

static void wakes_all(void *data)
{
	(void)data;
	WRITE_ONCE(readies[1], 1);
	wake_up_all(&queue);
	WRITE_ONCE(readies[0], 1);
	wake_up_all(&queue);
}

THREADS_2(sleeps_for)

/* The functions below are a rendezvous of two threads. */

static struct completion here[2];

static void setup_rendezvous(void *data)
{
	setup(data);
	init_completion(&here[0]);
	init_completion(&here[1]);
}

static void meets(int me)
{
	WRITE_ONCE(result[me], 1);
	complete(&here[me]);
	wait_for_completion(&here[!me]);
	iommufd_model_assert(READ_ONCE(result[!me]));
}

static void waits_first(int me)
{
	wait_for_completion(&here[!me]);
	complete(&here[me]);
}

THREADS_2(meets)
THREADS_2(waits_first)

/*
 * A producer and a consumer with semaphores; a completion counts as a semaphore
 * does.
 */

static struct completion slots, items;
static int filled;

static void setup_buffer(void *data)
{
	setup(data);
	init_completion(&slots);
	init_completion(&items);
	complete(&slots);
	filled = 0;
}

static void change_buffer(int by)
{
	WRITE_ONCE(filled, READ_ONCE(filled) + by);
	iommufd_model_assert(filled >= 0 && filled <= 1);
}

static void produces(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		wait_for_completion(&slots);
		mutex_lock(&mutex);
		change_buffer(1);
		mutex_unlock(&mutex);
		complete(&items);
	}
}

static void consumes(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		wait_for_completion(&items);
		mutex_lock(&mutex);
		change_buffer(-1);
		mutex_unlock(&mutex);
		complete(&slots);
	}
}

static void consumes_under_mutex(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		mutex_lock(&mutex);
		wait_for_completion(&items);
		change_buffer(-1);
		complete(&slots);
		mutex_unlock(&mutex);
	}
}

static void produces_without_slot(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		mutex_lock(&mutex);
		change_buffer(1);
		mutex_unlock(&mutex);
		complete(&items);
	}
}

static void buffer_is_empty(void *data)
{
	(void)data;
	iommufd_model_assert(!filled);
}

/* One wait queue for both ends of a buffer that has room for one element. */

static void sleep_in_line(void)
{
	DEFINE_WAIT(wait);

	prepare_to_wait_exclusive(&queue, &wait, TASK_UNINTERRUPTIBLE);
	mutex_unlock(&mutex);
	schedule();
	finish_wait(&queue, &wait);
	mutex_lock(&mutex);
}

/* Fills the buffer @n times if @by is 1, or empties it. */
static void change_by(int by, int n, bool wakes_all)
{
	while (n--) {
		mutex_lock(&mutex);
		while (filled == (by > 0))
			sleep_in_line();
		filled += by;
		if (wakes_all)
			wake_up_all(&queue);
		else
			wake_up(&queue);
		mutex_unlock(&mutex);
	}
}

static void puts_two_wakes_all(void *data)
{
	(void)data;
	change_by(1, 2, true);
}

static void gets_one_wakes_all(void *data)
{
	(void)data;
	change_by(-1, 1, true);
}

static void puts_two_wakes_one(void *data)
{
	(void)data;
	change_by(1, 2, false);
}

static void gets_one_wakes_one(void *data)
{
	(void)data;
	change_by(-1, 1, false);
}

/* A reader-writer lock that is built from a mutex and a condition. */

static int readers, writers, waiting_writers;

static void setup_rw(void *data)
{
	setup(data);
	readers = writers = waiting_writers = 0;
}

/* Sleeps until @wq is woken; the mutex is unlocked meanwhile. */
static void condition_wait(wait_queue_head_t *wq)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(wq, &wait, TASK_UNINTERRUPTIBLE);
	mutex_unlock(&mutex);
	schedule();
	finish_wait(wq, &wait);
	mutex_lock(&mutex);
}

/* Unlocks the mutex before it enters the queue, so a wake-up can be lost. */
static void condition_wait_late(wait_queue_head_t *wq)
{
	DEFINE_WAIT(wait);

	mutex_unlock(&mutex);
	prepare_to_wait(wq, &wait, TASK_UNINTERRUPTIBLE);
	schedule();
	finish_wait(wq, &wait);
	mutex_lock(&mutex);
}

static void read_in_lock(void)
{
	iommufd_model_assert(!READ_ONCE(inside));
}

static void reader(void *data)
{
	(void)data;
	mutex_lock(&mutex);
	while (writers || waiting_writers)
		condition_wait(&queue);
	readers++;
	mutex_unlock(&mutex);
	read_in_lock();
	mutex_lock(&mutex);
	if (!--readers)
		wake_up_all(&queue);
	mutex_unlock(&mutex);
}

static void writer_that(void (*wait)(wait_queue_head_t *wq), bool wakes_all)
{
	mutex_lock(&mutex);
	waiting_writers++;
	while (readers || writers)
		wait(&queue);
	waiting_writers--;
	writers++;
	mutex_unlock(&mutex);
	section();
	mutex_lock(&mutex);
	writers--;
	if (wakes_all)
		wake_up_all(&queue);
	mutex_unlock(&mutex);
}

static void writer(void *data)
{
	(void)data;
	writer_that(condition_wait, true);
}

static void writer_waits_late(void *data)
{
	(void)data;
	writer_that(condition_wait_late, true);
}

static void writer_wakes_nobody(void *data)
{
	(void)data;
	writer_that(condition_wait, false);
}

/* Tests the condition once, and does not test it again after the wake-up. */
static void writer_with_if(void *data)
{
	(void)data;
	mutex_lock(&mutex);
	if (readers || writers)
		condition_wait(&queue);
	writers++;
	mutex_unlock(&mutex);
	section();
	mutex_lock(&mutex);
	writers--;
	wake_up_all(&queue);
	mutex_unlock(&mutex);
}

/*
 * A lock that prefers writers: readers wait on @queue, writers on @other_queue.
 */

static void prior_writer(void *data)
{
	(void)data;
	mutex_lock(&mutex);
	waiting_writers++;
	while (readers || writers)
		condition_wait(&other_queue);
	waiting_writers--;
	writers++;
	mutex_unlock(&mutex);
	section();
	mutex_lock(&mutex);
	writers--;
	if (waiting_writers)
		wake_up(&other_queue);
	else
		wake_up_all(&queue);
	mutex_unlock(&mutex);
}

static void reader_leaves(bool tells_writers)
{
	mutex_lock(&mutex);
	if (!--readers && tells_writers)
		wake_up(&other_queue);
	mutex_unlock(&mutex);
}

static void reader_enters(void)
{
	mutex_lock(&mutex);
	while (writers || waiting_writers)
		condition_wait(&queue);
	readers++;
	mutex_unlock(&mutex);
	read_in_lock();
}

static void polite_reader(void *data)
{
	(void)data;
	reader_enters();
	reader_leaves(true);
}

static void silent_reader(void *data)
{
	(void)data;
	reader_enters();
	reader_leaves(false);
}

/* A reader that takes the lock although a writer is waiting. */
static void reader_before_writer(void *data)
{
	(void)data;
	mutex_lock(&mutex);
	while (writers)
		condition_wait(&queue);
	iommufd_model_assert_msg(!waiting_writers,
				 "a reader overtakes a writer that waits");
	readers++;
	mutex_unlock(&mutex);
	read_in_lock();
	reader_leaves(true);
}

/*
 * The cigarette smokers: tobacco and paper are put on the table, and only one
 * of the two smokers can use them.
 */

static struct completion tobacco, paper, matches;
static bool has_tobacco, has_paper, over;

static void setup_table(void *data)
{
	setup(data);
	init_completion(&tobacco);
	init_completion(&paper);
	init_completion(&matches);
	has_tobacco = has_paper = over = false;
}

static void agent_by_ingredient(void *data)
{
	(void)data;
	complete(&tobacco);
	complete(&paper);
}

static void smoker_with_matches(void *data)
{
	(void)data;
	wait_for_completion(&tobacco);
	wait_for_completion(&paper);
	WRITE_ONCE(over, true);
	complete(&matches);
	complete(&paper);
}

static void smoker_with_tobacco(void *data)
{
	(void)data;
	wait_for_completion(&paper);
	if (READ_ONCE(over))
		return;
	wait_for_completion(&matches);
}

static void agent_by_table(void *data)
{
	(void)data;
	spin_lock(&lock);
	has_tobacco = has_paper = true;
	spin_unlock(&lock);
	wake_up_all(&queue);
}

/* Takes both ingredients or none. */
static bool take_both(void)
{
	bool got;

	spin_lock(&lock);
	got = has_tobacco && has_paper;
	if (got) {
		has_tobacco = has_paper = false;
		over = true;
	}
	spin_unlock(&lock);
	return got;
}

static bool is_over(void)
{
	bool answer;

	spin_lock(&lock);
	answer = over;
	spin_unlock(&lock);
	return answer;
}

static void patient_smoker_with_matches(void *data)
{
	(void)data;
	wait_event(queue, take_both());
	wake_up_all(&queue);
}

static void patient_smoker_with_tobacco(void *data)
{
	(void)data;
	wait_event(queue, is_over());
}

/* The sleeping barber, who has one chair for waiting customers. */

static int waiting, served, turned_away;
static struct completion cut;

static void setup_barber(void *data)
{
	setup(data);
	init_completion(&cut);
	waiting = served = turned_away = 0;
}

static void customer(void *data)
{
	bool free;

	(void)data;
	spin_lock(&lock);
	free = !waiting;
	waiting += free;
	turned_away += !free;
	spin_unlock(&lock);
	if (!free)
		return;
	wake_up(&queue);
	wait_for_completion(&cut);
}

/*
 * Takes a customer from the chair.  Also returns true if no more customers will
 * come.
 */
static bool next_customer(void)
{
	bool any;

	spin_lock(&lock);
	any = waiting > 0;
	waiting -= any;
	served += any;
	any |= served + turned_away == 2;
	spin_unlock(&lock);
	return any;
}

static bool day_is_over(void)
{
	bool answer;

	spin_lock(&lock);
	answer = served + turned_away == 2;
	spin_unlock(&lock);
	return answer;
}

static void barber(void *data)
{
	int before;

	(void)data;
	do {
		before = served;
		wait_event(queue, next_customer());
		if (served != before)
			complete(&cut);
	} while (!day_is_over());
}

/*
 * Finds no customer, and enters the wait queue only afterwards, which is too
 * late.
 */
static void barber_sleeps_late(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	if (!next_customer()) {
		prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
		schedule();
		finish_wait(&queue, &wait);
		next_customer();
	}
	complete(&cut);
}

static void sits_down(void *data)
{
	(void)data;
	spin_lock(&lock);
	waiting++;
	spin_unlock(&lock);
	wake_up(&queue);
	wait_for_completion(&cut);
}

static const struct verdict waits[] = {
	RIGHT(0, "dining philosophers", setup, NULL, T3(philosopher)),
	WRONG(DEADLOCK, "forks", "left_fork_first",
	      "dining philosophers, left fork first", setup, NULL,
	      T3(left_fork_first)),
	RIGHT(0, "dining philosophers with two chairs", setup_chairs, NULL,
	      T3(philosopher_on_chair)),
	RIGHT(0, "barrier, used twice", setup_barrier, NULL,
	      T2(with_generation)),
	WRONG(LOST_WAKEUP, "barrier_by_count", "queue",
	      "barrier by count, used twice", setup_barrier, NULL,
	      T2(with_count)),
	RIGHT(0, "wake-up", setup_ready, NULL, T(sleeps), T(sets_and_wakes)),
	WRONG(LOST_WAKEUP, "looks_then_sleeps", NULL, "look, then sleep",
	      setup_ready, NULL, T(looks_then_sleeps), T(sets_and_wakes)),
	WRONG(LOST_WAKEUP, "sleeps", "wakes_and_sets", "wake, then set",
	      setup_ready, NULL, T(sleeps), T(wakes_and_sets)),
	RIGHT(0, "wake-up of all", setup_ready, NULL, T2(sleeps_for),
	      T(wakes_all)),
	WRONG(LOST_WAKEUP, "sleeps_for", "wakes_one",
	      "wake-up of one of two conditions", setup_ready, NULL,
	      T2(sleeps_for), T(wakes_one)),
	RIGHT(0, "rendezvous", setup_rendezvous, NULL, T2(meets)),
	WRONG(LOST_WAKEUP, "waits_first", "here",
	      "rendezvous, wait first", setup_rendezvous, NULL,
	      T2(waits_first)),
	RIGHT(0, "buffer with semaphores", setup_buffer, buffer_is_empty,
	      T(produces), T(consumes)),
	WRONG(LOST_WAKEUP, "consumes_under_mutex", "items",
	      "semaphore under the mutex", setup_buffer, buffer_is_empty,
	      T(produces), T(consumes_under_mutex)),
	WRONG(ASSERTION, "filled", "produces_without_slot",
	      "buffer without the semaphore of slots", setup_buffer,
	      buffer_is_empty, T(produces_without_slot), T(consumes)),
	RIGHT(0, "one condition, all are woken", setup_buffer, buffer_is_empty,
	      T(puts_two_wakes_all), T(gets_one_wakes_all),
	      T(gets_one_wakes_all)),
	WRONG(LOST_WAKEUP, "sleep_in_line", "wake_up queue",
	      "one condition, one is woken", setup_buffer, buffer_is_empty,
	      T(puts_two_wakes_one), T(gets_one_wakes_one),
	      T(gets_one_wakes_one)),
	RIGHT(0, "readers and writers", setup_rw, NULL, T(reader), T(writer)),
	RIGHT(0, "a reader and two writers", setup_rw, NULL, T(reader),
	      T(writer), T(writer)),
	WRONG(LOST_WAKEUP, "condition_wait_late", "queue",
	      "condition, on the queue too late", setup_rw, NULL, T(reader),
	      T(writer_waits_late)),
	WRONG(LOST_WAKEUP, "condition_wait", "queue",
	      "a writer that wakes nobody", setup_rw, NULL, T(reader),
	      T(writer_wakes_nobody)),
	WRONG(ASSERTION, "section", "writer_with_if",
	      "a writer that looks once", setup_rw, NULL, T(writer_with_if),
	      T(writer_with_if), T(writer_with_if)),
	RIGHT(0, "priority of writers", setup_rw, NULL, T(polite_reader),
	      T(prior_writer), T(prior_writer)),
	WRONG(LOST_WAKEUP, "prior_writer", "silent_reader",
	      "a last reader that tells no writer", setup_rw, NULL,
	      T(silent_reader), T(prior_writer)),
	WRONG(ASSERTION, "overtakes", "reader_before_writer",
	      "a reader that overtakes", setup_rw, NULL, T(polite_reader),
	      T(prior_writer), T(reader_before_writer)),
	RIGHT(0, "cigarette smokers", setup_table, NULL, T(agent_by_table),
	      T(patient_smoker_with_matches), T(patient_smoker_with_tobacco)),
	WRONG(LOST_WAKEUP, "smoker_with_matches", "smoker_with_tobacco",
	      "cigarette smokers, one ingredient at a time", setup_table, NULL,
	      T(agent_by_ingredient), T(smoker_with_matches),
	      T(smoker_with_tobacco)),
	RIGHT(0, "sleeping barber", setup_barber, NULL, T(barber), T(customer),
	      T(customer)),
	WRONG(LOST_WAKEUP, "barber_sleeps_late", "queue",
	      "a barber that sleeps too late", setup_barber, NULL,
	      T(barber_sleeps_late), T(sits_down)),
};

START_TEST(waiting_and_waking)
{
	check_verdict(&waits[_i]);
}
END_TEST

/* The tests below and their functions are about the lifetimes of objects. */

struct object {
	refcount_t strong;
	struct rcu_head rcu;
	struct timer_list timer;
	struct work_struct work;
	int value;
};

static struct object *shared;

static struct object *make_object(void)
{
	struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);

	refcount_set(&o->strong, 1);
	return o;
}

static void setup_none(void *data)
{
	setup(data);
	shared = NULL;
}

static void free_shared(void *data)
{
	(void)data;
	kfree(shared);
}

static void use(struct object *o)
{
	iommufd_model_assert(READ_ONCE(o->value) == 7);
}

/* The functions below initialise an object with a double check. */

static void initialises(void *data)
{
	struct object *o = smp_load_acquire(&shared);

	(void)data;
	if (!o) {
		mutex_lock(&mutex);
		o = shared;
		if (!o) {
			o = make_object();
			WRITE_ONCE(o->value, 7);
			smp_store_release(&shared, o);
		}
		mutex_unlock(&mutex);
	}
	use(o);
}

static void initialises_by_cmpxchg(void *data)
{
	struct object *o = smp_load_acquire(&shared), *mine, *theirs;

	(void)data;
	if (!o) {
		mine = make_object();
		WRITE_ONCE(mine->value, 7);
		theirs = cmpxchg(&shared, NULL, mine);
		if (theirs)
			kfree(mine);
		o = theirs ? theirs : mine;
	}
	use(o);
}

static void publishes_too_early(void *data)
{
	struct object *o = smp_load_acquire(&shared);

	(void)data;
	if (!o) {
		mutex_lock(&mutex);
		o = shared;
		if (!o) {
			o = make_object();
			smp_store_release(&shared, o);
			WRITE_ONCE(o->value, 7);
		}
		mutex_unlock(&mutex);
	}
	use(o);
}

static void checks_once(void *data)
{
	struct object *o = smp_load_acquire(&shared);

	(void)data;
	if (!o) {
		mutex_lock(&mutex);
		o = make_object();
		WRITE_ONCE(o->value, 7);
		smp_store_release(&shared, o);
		mutex_unlock(&mutex);
	}
	use(o);
}

/* The functions below publish an object by RCU. */

static void publishes_by_rcu(void *data)
{
	struct object *o = make_object();

	(void)data;
	WRITE_ONCE(o->value, 7);
	rcu_assign_pointer(shared, o);
}

static void publishes_by_rcu_too_early(void *data)
{
	struct object *o = make_object();

	(void)data;
	rcu_assign_pointer(shared, o);
	WRITE_ONCE(o->value, 7);
}

static void reads_by_rcu(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock();
	o = rcu_dereference(shared);
	if (o)
		use(o);
	rcu_read_unlock();
}

/*
 * A weak pointer: it does not keep the object alive, and is cleared with the
 * lock held.
 */

static void setup_weak(void *data)
{
	setup(data);
	shared = make_object();
	WRITE_ONCE(shared->value, 7);
}

static void drop(struct object *o)
{
	if (!refcount_dec_and_test(&o->strong))
		return;
	spin_lock(&lock);
	WRITE_ONCE(shared, NULL);
	spin_unlock(&lock);
	kfree(o);
}

static void drops_the_last(void *data)
{
	(void)data;
	drop(READ_ONCE(shared));
}

static void upgrades(void *data)
{
	struct object *o;

	(void)data;
	spin_lock(&lock);
	o = READ_ONCE(shared);
	if (o && !refcount_inc_not_zero(&o->strong))
		o = NULL;
	spin_unlock(&lock);
	if (o) {
		use(o);
		drop(o);
	}
}

static void upgrades_blindly(void *data)
{
	struct object *o;

	(void)data;
	spin_lock(&lock);
	o = READ_ONCE(shared);
	if (o)
		refcount_inc(&o->strong);
	spin_unlock(&lock);
	if (o) {
		use(o);
		drop(o);
	}
}

static void upgrades_without_lock(void *data)
{
	struct object *o = READ_ONCE(shared);

	(void)data;
	if (o && refcount_inc_not_zero(&o->strong)) {
		use(o);
		drop(o);
	}
}

/* A timer and a work item that start each other. */

static void timer_queues_work(struct timer_list *timer)
{
	struct object *o = timer_container_of(o, timer, timer);

	schedule_work(&o->work);
}

static void work_arms_timer(struct work_struct *work)
{
	struct object *o = container_of(work, struct object, work);

	WRITE_ONCE(o->value, READ_ONCE(o->value) + 1);
	if (o->value == 1)
		mod_timer(&o->timer, jiffies + 10);
}

static void setup_pair(void *data)
{
	setup(data);
	shared = make_object();
	timer_setup(&shared->timer, timer_queues_work, 0);
	INIT_WORK(&shared->work, work_arms_timer);
}

static void starts(void *data)
{
	(void)data;
	mod_timer(&shared->timer, jiffies + 10);
}

static void shut_down(void)
{
	timer_shutdown_sync(&shared->timer);
	cancel_work_sync(&shared->work);
	kfree(shared);
}

static void starts_and_shuts_down(void *data)
{
	starts(data);
	shut_down();
}

static void starts_and_cancels_work_first(void *data)
{
	starts(data);
	cancel_work_sync(&shared->work);
	timer_delete_sync(&shared->timer);
	kfree(shared);
}

static void starts_and_deletes_timer_first(void *data)
{
	starts(data);
	timer_delete_sync(&shared->timer);
	cancel_work_sync(&shared->work);
	kfree(shared);
}

static void nothing(void *data)
{
	(void)data;
}

static const struct verdict lives[] = {
	RIGHT(0, "double-checked initialisation", setup_none, free_shared,
	      T(initialises), T(initialises)),
	RIGHT(0, "initialisation by cmpxchg", setup_none, free_shared,
	      T(initialises_by_cmpxchg), T(initialises_by_cmpxchg)),
	WRONG(ASSERTION, "READ_ONCE(o->value) == 7", "publishes_too_early",
	      "published before it is initialised", setup_none, free_shared,
	      T(publishes_too_early), T(publishes_too_early)),
	WRONG(LEAK, "make_object", NULL, "checked once", setup_none,
	      free_shared, T(checks_once), T(checks_once)),
	RIGHT(0, "publication by RCU", setup_none, free_shared,
	      T(publishes_by_rcu), T(reads_by_rcu)),
	WRONG(ASSERTION, "READ_ONCE(o->value) == 7",
	      "publishes_by_rcu_too_early", "publication by RCU, too early",
	      setup_none, free_shared, T(publishes_by_rcu_too_early),
	      T(reads_by_rcu)),
	RIGHT(5, "weak pointer", setup_weak, NULL, T(drops_the_last),
	      T(upgrades)),
	WRONG(REFCOUNT, "upgrades_blindly", "from 0",
	      "weak pointer, inc of zero", setup_weak, NULL, T(drops_the_last),
	      T(upgrades_blindly)),
	WRONG(USE_AFTER_FREE, "upgrades_without_lock", "drop",
	      "weak pointer without the lock", setup_weak, NULL,
	      T(drops_the_last), T(upgrades_without_lock)),
	RIGHT(0, "a timer and a work item", setup_pair, NULL,
	      T(starts_and_shuts_down), T(nothing)),
	WRONG(USE_AFTER_FREE, "starts_and_cancels_work_first", "work",
	      "a timer and a work item, the work first", setup_pair, NULL,
	      T(starts_and_cancels_work_first), T(nothing)),
	WRONG(USE_AFTER_FREE, "starts_and_deletes_timer_first", "timer",
	      "a timer and a work item, the timer not shut down", setup_pair,
	      NULL, T(starts_and_deletes_timer_first), T(nothing)),
};

START_TEST(lives_of_objects)
{
	check_verdict(&lives[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("classics");
	TCase *tc = tcase_create("classics");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, mutual_exclusion, 0, ARRAY_SIZE(exclusion));
	tcase_add_loop_test(tc, waiting_and_waking, 0, ARRAY_SIZE(waits));
	tcase_add_loop_test(tc, lives_of_objects, 0, ARRAY_SIZE(lives));
	return run_suite(suite);
}
