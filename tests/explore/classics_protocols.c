// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * More classic programs, each in its right form and in wrong forms: further
 * locks made of reads and writes, barriers, waiting without a lock, elections,
 * transactions, and reclamation of memory.  See classics.c for the others.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <stdio.h>
#include <stdlib.h>

static int inside, turn, flags[3], first, second, shared[3], done[3];
static atomic_t count, sense, version;
static struct mutex mutex, accounts[2];
static struct rw_semaphore sem;
static spinlock_t lock;
static wait_queue_head_t queue;
static struct completion completion;

static void setup(void *data)
{
	int i;

	(void)data;
	inside = turn = first = 0;
	second = -1;
	memset(flags, 0, sizeof(flags));
	memset(shared, 0, sizeof(shared));
	memset(done, 0, sizeof(done));
	atomic_set(&count, 0);
	atomic_set(&sense, 0);
	atomic_set(&version, 0);
	mutex_init(&mutex);
	for (i = 0; i < 2; i++)
		mutex_init(&accounts[i]);
	init_rwsem(&sem);
	spin_lock_init(&lock);
	init_waitqueue_head(&queue);
	init_completion(&completion);
}

/* The critical section: asserts that only one thread is in it at a time. */
static void section(void)
{
	iommufd_model_assert(!READ_ONCE(inside));
	WRITE_ONCE(inside, 1);
	WRITE_ONCE(inside, 0);
}

/*
 * Szymanski's lock for two.  The flag is 1 outside the waiting room's door, 3
 * in the doorway, 2 while others may still come in, and 4 once it is closed.
 */
static bool in_doorway(bool looks_twice)
{
	int flag = READ_ONCE(flags[1]);

	return flag == 2 || (looks_twice ? READ_ONCE(flags[1]) : flag) == 3;
}

static void szymanski_lock(int me, bool waits, bool looks_twice)
{
	WRITE_ONCE(flags[me], 1);
	while (READ_ONCE(flags[!me]) > 2)
		cpu_relax();
	WRITE_ONCE(flags[me], 3);
	if (READ_ONCE(flags[!me]) == 1) {
		WRITE_ONCE(flags[me], 2);
		while (READ_ONCE(flags[!me]) != 4)
			cpu_relax();
	}
	WRITE_ONCE(flags[me], 4);
	while (waits && me && READ_ONCE(flags[0]) > 1)
		cpu_relax();
	section();
	while (!me && in_doorway(looks_twice))
		cpu_relax();
	WRITE_ONCE(flags[me], 0);
}

static void szymanski(int me)
{
	szymanski_lock(me, true, false);
}

/* Does not wait until those with a lower number have left. */
static void szymanski_all_at_once(int me)
{
	szymanski_lock(me, false, false);
}

/* Thread 1 can go from 3 to 2 between the two looks. */
static void szymanski_looks_twice(int me)
{
	szymanski_lock(me, true, true);
}

THREADS_2(szymanski)
THREADS_2(szymanski_all_at_once)
THREADS_2(szymanski_looks_twice)

/* Lamport's fast lock: without contention two variables are enough. */
static void lamport(int me, bool looks_again)
{
again:
	WRITE_ONCE(flags[me], 1);
	WRITE_ONCE(first, me);
	if (READ_ONCE(second) >= 0) {
		WRITE_ONCE(flags[me], 0);
		while (READ_ONCE(second) >= 0)
			cpu_relax();
		goto again;
	}
	WRITE_ONCE(second, me);
	if (looks_again && READ_ONCE(first) != me) {
		WRITE_ONCE(flags[me], 0);
		while (READ_ONCE(flags[!me]))
			cpu_relax();
		if (READ_ONCE(second) != me) {
			while (READ_ONCE(second) >= 0)
				cpu_relax();
			goto again;
		}
	}
	section();
	WRITE_ONCE(second, -1);
	WRITE_ONCE(flags[me], 0);
}

static void lamport_fast(int me)
{
	lamport(me, true);
}

static void lamport_looks_once(int me)
{
	lamport(me, false);
}

THREADS_2(lamport_fast)
THREADS_2(lamport_looks_once)

/* One bit for each thread: the one with the higher number gives way. */
static void one_bit(int me)
{
	for (;;) {
		WRITE_ONCE(flags[me], 1);
		if (!me || !READ_ONCE(flags[0]))
			break;
		WRITE_ONCE(flags[me], 0);
		while (READ_ONCE(flags[0]))
			cpu_relax();
	}
	while (!me && READ_ONCE(flags[1]))
		cpu_relax();
	section();
	WRITE_ONCE(flags[me], 0);
}

/* Hyman's lock, which was published, and is wrong. */
static void hyman(int me)
{
	WRITE_ONCE(flags[me], 1);
	while (READ_ONCE(turn) != me) {
		while (READ_ONCE(flags[!me]))
			cpu_relax();
		WRITE_ONCE(turn, me);
	}
	section();
	WRITE_ONCE(flags[me], 0);
}

/* The turn goes round, so that a thread that does not come blocks the other. */
static void strict_turns(int me)
{
	while (READ_ONCE(turn) != me)
		cpu_relax();
	section();
	WRITE_ONCE(turn, !me);
}

static void never_comes(void *data)
{
	(void)data;
}

THREADS_2(one_bit)
THREADS_2(hyman)
THREADS_2(strict_turns)

/* CLH lock: each thread spins on the node of the one before it. */
static struct clh_node {
	int locked;
} clh_nodes[3], *clh_tail, *clh_mine[2];

static void setup_clh(void *data)
{
	setup(data);
	memset(clh_nodes, 0, sizeof(clh_nodes));
	clh_mine[0] = &clh_nodes[0];
	clh_mine[1] = &clh_nodes[1];
	clh_tail = &clh_nodes[2];
}

static void clh_twice(int me, bool takes_the_other)
{
	struct clh_node *before;
	int i;

	for (i = 0; i < 2; i++) {
		WRITE_ONCE(clh_mine[me]->locked, 1);
		before = xchg(&clh_tail, clh_mine[me]);
		while (READ_ONCE(before->locked))
			cpu_relax();
		section();
		WRITE_ONCE(clh_mine[me]->locked, 0);
		if (takes_the_other)
			clh_mine[me] = before;
	}
}

static void clh(int me)
{
	clh_twice(me, true);
}

/* Sets its own node again, on which the next thread may still spin. */
static void clh_with_own_node(int me)
{
	clh_twice(me, false);
}

THREADS_2(clh)
THREADS_2(clh_with_own_node)

/* A barrier of two that is used twice; the sense is turned by the last. */
static void sense_barrier(int my_sense)
{
	if (atomic_inc_return(&count) == 2) {
		atomic_set(&count, 0);
		atomic_set(&sense, my_sense);
	} else {
		while (atomic_read(&sense) != my_sense)
			cpu_relax();
	}
}

/* The sense is turned first, so the count is set back too late. */
static void hasty_barrier(int my_sense)
{
	if (atomic_inc_return(&count) == 2) {
		atomic_set(&sense, my_sense);
		atomic_set(&count, 0);
	} else {
		while (atomic_read(&sense) != my_sense)
			cpu_relax();
	}
}

static void two_phases(int me, void (*meet)(int my_sense))
{
	WRITE_ONCE(shared[me], 1);
	meet(1);
	iommufd_model_assert(READ_ONCE(shared[!me]));
	meet(0);
}

static void with_sense(int me)
{
	two_phases(me, sense_barrier);
}

static void with_haste(int me)
{
	two_phases(me, hasty_barrier);
}

THREADS_2(with_sense)
THREADS_2(with_haste)

/* Eventcount: a waiter notes the version before it looks at the condition. */
static void waits_for_event(bool version_first)
{
	int seen = version_first ? atomic_read(&version) : 0;

	if (READ_ONCE(first))
		return;
	if (!version_first)
		seen = atomic_read(&version);
	wait_event(queue, atomic_read(&version) != seen);
	iommufd_model_assert(READ_ONCE(first));
}

static void waits_by_version(void *data)
{
	(void)data;
	waits_for_event(true);
}

static void waits_by_late_version(void *data)
{
	(void)data;
	waits_for_event(false);
}

static void raises_event(void *data)
{
	(void)data;
	WRITE_ONCE(first, 1);
	atomic_inc(&version);
	wake_up_all(&queue);
}

/* Initialisation that is done once; the others wait: 0 new, 1 busy, 2 ready. */
static void once(bool waits)
{
	if (!atomic_cmpxchg(&count, 0, 1)) {
		WRITE_ONCE(shared[0], READ_ONCE(shared[0]) + 7);
		atomic_set_release(&count, 2);
		wake_up_all(&queue);
	} else if (waits) {
		wait_event(queue, atomic_read_acquire(&count) == 2);
	}
	iommufd_model_assert(READ_ONCE(shared[0]) == 7);
}

static void runs_once(int me)
{
	(void)me;
	once(true);
}

static void runs_once_without_wait(int me)
{
	(void)me;
	once(false);
}

THREADS_3(runs_once)
THREADS_2(runs_once_without_wait)

/* A completion that is used twice. */
static void completes_twice(void *data)
{
	(void)data;
	complete(&completion);
	wait_event(queue, READ_ONCE(first));
	complete(&completion);
}

static void waits_and_starts_again(bool reinit_first)
{
	wait_for_completion(&completion);
	if (reinit_first)
		reinit_completion(&completion);
	WRITE_ONCE(first, 1);
	wake_up(&queue);
	if (!reinit_first)
		reinit_completion(&completion);
	wait_for_completion(&completion);
}

static void reinit_then_start(void *data)
{
	(void)data;
	waits_and_starts_again(true);
}

static void start_then_reinit(void *data)
{
	(void)data;
	waits_and_starts_again(false);
}

/* A token goes round a ring of three. */
static void holds_token(int me, bool passes_first)
{
	wait_event(queue, READ_ONCE(turn) == me);
	if (passes_first) {
		WRITE_ONCE(turn, (me + 1) % 3);
		wake_up_all(&queue);
	}
	section();
	if (!passes_first) {
		WRITE_ONCE(turn, (me + 1) % 3);
		wake_up_all(&queue);
	}
}

static void token(int me)
{
	holds_token(me, false);
}

static void token_too_early(int me)
{
	holds_token(me, true);
}

THREADS_3(token)
THREADS_3(token_too_early)

/*
 * The election of a leader in a ring of two, by the highest number.  A thread
 * passes numbers on to its neighbour; the one whose number comes back is the
 * leader.
 */
static int inbox[2][4], nr_in[2], leader, nr_leaders;

static void setup_ring(void *data)
{
	setup(data);
	memset(nr_in, 0, sizeof(nr_in));
	leader = -1;
	nr_leaders = 0;
}

static void send(int to, int number)
{
	mutex_lock(&mutex);
	inbox[to][nr_in[to]++] = number;
	mutex_unlock(&mutex);
	wake_up_all(&queue);
}

static bool has_mail(int me, int nr)
{
	bool has;

	mutex_lock(&mutex);
	has = nr_in[me] > nr || leader >= 0;
	mutex_unlock(&mutex);
	return has;
}

static void elect(int me, bool passes_lower)
{
	int nr = 0, number;

	send(!me, me);
	for (;;) {
		wait_event(queue, has_mail(me, nr));
		mutex_lock(&mutex);
		number = nr_in[me] > nr ? inbox[me][nr++] : -1;
		mutex_unlock(&mutex);
		if (number < 0)
			return;
		if (number == me) {
			mutex_lock(&mutex);
			leader = me;
			nr_leaders++;
			mutex_unlock(&mutex);
			wake_up_all(&queue);
			return;
		}
		if (number > me || passes_lower)
			send(!me, number);
	}
}

static void candidate(int me)
{
	elect(me, false);
}

static void candidate_for_all(int me)
{
	elect(me, true);
}

static void one_leader(void *data)
{
	(void)data;
	iommufd_model_assert(nr_leaders == 1 && leader == 1);
}

THREADS_2(candidate)
THREADS_2(candidate_for_all)

/* Claims to lead if nobody does: in one step, or in two. */
static void claims(int me)
{
	if (!atomic_cmpxchg(&count, 0, me + 1))
		done[me] = 1;
}

static void claims_in_two_steps(int me)
{
	if (atomic_read(&count))
		return;
	atomic_set(&count, me + 1);
	done[me] = 1;
}

static void one_claim(void *data)
{
	(void)data;
	iommufd_model_assert(done[0] + done[1] == 1);
}

THREADS_2(claims)
THREADS_2(claims_in_two_steps)

/* Transfers between two accounts, and a reader that adds them up. */
static void setup_accounts(void *data)
{
	setup(data);
	shared[0] = shared[1] = 10;
}

static void transfer(int from, int to)
{
	mutex_lock(&accounts[0]);
	mutex_lock_nested(&accounts[1], 1);
	WRITE_ONCE(shared[from], READ_ONCE(shared[from]) - 1);
	WRITE_ONCE(shared[to], READ_ONCE(shared[to]) + 1);
	mutex_unlock(&accounts[1]);
	mutex_unlock(&accounts[0]);
}

static void transfers(int me)
{
	transfer(me, !me);
}

/* Gives the first lock back before it takes the second one. */
static void transfers_in_one_phase(void *data)
{
	(void)data;
	mutex_lock(&accounts[0]);
	WRITE_ONCE(shared[0], READ_ONCE(shared[0]) - 1);
	mutex_unlock(&accounts[0]);
	mutex_lock(&accounts[1]);
	WRITE_ONCE(shared[1], READ_ONCE(shared[1]) + 1);
	mutex_unlock(&accounts[1]);
}

/* Takes the lock of the account that pays first. */
static void transfers_out_of_order(int me)
{
	mutex_lock(&accounts[me]);
	mutex_lock_nested(&accounts[!me], 1);
	WRITE_ONCE(shared[me], READ_ONCE(shared[me]) - 1);
	WRITE_ONCE(shared[!me], READ_ONCE(shared[!me]) + 1);
	mutex_unlock(&accounts[!me]);
	mutex_unlock(&accounts[me]);
}

static void adds_up(void *data)
{
	int sum;

	(void)data;
	mutex_lock(&accounts[0]);
	mutex_lock_nested(&accounts[1], 1);
	sum = READ_ONCE(shared[0]) + READ_ONCE(shared[1]);
	mutex_unlock(&accounts[1]);
	mutex_unlock(&accounts[0]);
	iommufd_model_assert(sum == 20);
}

/*
 * Takes back what it did if the second lock cannot be had, and then takes both
 * locks in their order.
 */
static void tries_both(int me, bool takes_back)
{
	mutex_lock(&accounts[me]);
	WRITE_ONCE(shared[me], READ_ONCE(shared[me]) - 1);
	if (!mutex_trylock(&accounts[!me])) {
		if (takes_back)
			WRITE_ONCE(shared[me], READ_ONCE(shared[me]) + 1);
		mutex_unlock(&accounts[me]);
		transfer(me, !me);
		return;
	}
	WRITE_ONCE(shared[!me], READ_ONCE(shared[!me]) + 1);
	mutex_unlock(&accounts[!me]);
	mutex_unlock(&accounts[me]);
}

static void rolls_back(int me)
{
	tries_both(me, true);
}

static void does_not_roll_back(int me)
{
	tries_both(me, false);
}

/* Tries again in the same order, in step with the other thread, for ever. */
static void rolls_back_in_step(int me)
{
	for (;;) {
		mutex_lock(&accounts[me]);
		WRITE_ONCE(shared[me], READ_ONCE(shared[me]) - 1);
		if (mutex_trylock(&accounts[!me]))
			break;
		WRITE_ONCE(shared[me], READ_ONCE(shared[me]) + 1);
		mutex_unlock(&accounts[me]);
		cpu_relax();
	}
	WRITE_ONCE(shared[!me], READ_ONCE(shared[!me]) + 1);
	mutex_unlock(&accounts[!me]);
	mutex_unlock(&accounts[me]);
}

static void sum_is_20(void *data)
{
	(void)data;
	iommufd_model_assert(shared[0] + shared[1] == 20);
}

THREADS_2(transfers)
THREADS_2(transfers_out_of_order)

/* The transfers wait for each other, and not for this thread. */
static void waits_for_a_transfer(void *data)
{
	(void)data;
	while (!READ_ONCE(done[0]) && !READ_ONCE(done[1]))
		cpu_relax();
}

static void transfers_and_tells_0(void *data)
{
	transfers_out_of_order_0(data);
	WRITE_ONCE(done[0], 1);
}

static void transfers_and_tells_1(void *data)
{
	transfers_out_of_order_1(data);
	WRITE_ONCE(done[1], 1);
}
THREADS_2(rolls_back)
THREADS_2(does_not_roll_back)
THREADS_2(rolls_back_in_step)

/* A transaction that is done again if the version has changed meanwhile. */
static void commits(bool validates)
{
	int seen, value;

	for (;;) {
		seen = atomic_read(&version);
		value = READ_ONCE(shared[0]);
		spin_lock(&lock);
		if (!validates || atomic_read(&version) == seen)
			break;
		spin_unlock(&lock);
	}
	WRITE_ONCE(shared[0], value + 1);
	atomic_inc(&version);
	spin_unlock(&lock);
}

static void optimistic(int me)
{
	(void)me;
	commits(true);
}

static void too_optimistic(int me)
{
	(void)me;
	commits(false);
}

static void added_twice(void *data)
{
	(void)data;
	iommufd_model_assert(shared[0] == 2);
}

THREADS_2(optimistic)
THREADS_2(too_optimistic)

/* A reader that takes the semaphore again while a writer waits. */
static void reads_twice(void *data)
{
	(void)data;
	down_read(&sem);
	down_read(&sem);
	up_read(&sem);
	up_read(&sem);
}

static void reads_one_after_the_other(void *data)
{
	(void)data;
	down_read(&sem);
	up_read(&sem);
	down_read(&sem);
	up_read(&sem);
}

static void writes(void *data)
{
	(void)data;
	down_write(&sem);
	section();
	up_write(&sem);
}

/* Gives the read lock back, takes the write lock, and must look again. */
static void upgrades(bool looks_again)
{
	bool missing;

	down_read(&sem);
	missing = !READ_ONCE(shared[0]);
	up_read(&sem);
	if (!missing)
		return;
	down_write(&sem);
	if (!looks_again || !READ_ONCE(shared[0]))
		WRITE_ONCE(shared[0], READ_ONCE(shared[0]) + 1);
	up_write(&sem);
}

static void upgrades_and_looks(int me)
{
	(void)me;
	upgrades(true);
}

static void upgrades_blindly(int me)
{
	(void)me;
	upgrades(false);
}

static void added_once(void *data)
{
	(void)data;
	iommufd_model_assert(shared[0] == 1);
}

THREADS_2(upgrades_and_looks)
THREADS_2(upgrades_blindly)

/* A semaphore of one, made of a count and a wait queue, as a mutex. */
static void down(void)
{
	wait_event(queue, atomic_add_unless(&count, -1, 0));
}

static void up(void)
{
	atomic_inc(&count);
	wake_up(&queue);
}

static void setup_semaphore(void *data)
{
	setup(data);
	atomic_set(&count, 1);
}

static void semaphore(int me)
{
	(void)me;
	down();
	section();
	up();
}

/* Gives the semaphore back twice. */
static void semaphore_up_twice(int me)
{
	semaphore(me);
	up();
}

THREADS_3(semaphore)
THREADS_3(semaphore_up_twice)

/* A state machine: 0 idle, 1 running, 2 stopping, 3 stopped. */
static void starts(bool in_one_step)
{
	if (in_one_step) {
		if (atomic_cmpxchg(&count, 0, 1))
			return;
	} else {
		if (atomic_read(&count))
			return;
		atomic_set(&count, 1);
	}
	WRITE_ONCE(shared[0], 1);
	if (atomic_cmpxchg(&count, 1, 0) == 2) {
		WRITE_ONCE(shared[0], 0);
		atomic_set(&count, 3);
	}
}

static void starts_by_cmpxchg(void *data)
{
	(void)data;
	starts(true);
}

static void starts_by_read_and_write(void *data)
{
	(void)data;
	starts(false);
}

/* Stops what is idle, and asks what runs to stop. */
static void stops(void *data)
{
	(void)data;
	if (atomic_cmpxchg(&count, 0, 3) && atomic_cmpxchg(&count, 1, 2) != 1)
		atomic_cmpxchg(&count, 0, 3);
}

static void is_stopped(void *data)
{
	(void)data;
	iommufd_model_assert(atomic_read(&count) == 3);
}

/* Users of a resource that is being closed: count up first, then look. */
static void uses(bool counts_first)
{
	if (!counts_first && READ_ONCE(first))
		return;
	atomic_inc(&count);
	if (!counts_first || !READ_ONCE(first))
		iommufd_model_assert(!READ_ONCE(shared[0]));
	atomic_dec(&count);
	wake_up(&queue);
}

static void uses_counted(void *data)
{
	(void)data;
	uses(true);
}

static void uses_looked_at(void *data)
{
	(void)data;
	uses(false);
}

static void closes(void *data)
{
	(void)data;
	WRITE_ONCE(first, 1);
	wait_event(queue, !atomic_read(&count));
	WRITE_ONCE(shared[0], 1);
}

/* Latch: two copies, of which readers use the one that is not written. */
static void latch_writes(bool counts_first)
{
	int i, v;

	for (v = 1; v <= 2; v++)
		for (i = 0; i < 2; i++) {
			if (counts_first)
				atomic_inc(&version);
			WRITE_ONCE(flags[i], v);
			WRITE_ONCE(done[i], v);
			if (!counts_first)
				atomic_inc(&version);
		}
}

static void latch_writer(void *data)
{
	(void)data;
	latch_writes(true);
}

static void latch_counts_late(void *data)
{
	(void)data;
	latch_writes(false);
}

static void latch_reader(void *data)
{
	int seen, a, b;

	(void)data;
	do {
		seen = atomic_read(&version);
		a = READ_ONCE(flags[seen & 1 ? 1 : 0]);
		b = READ_ONCE(done[seen & 1 ? 1 : 0]);
	} while (atomic_read(&version) != seen);
	iommufd_model_assert(a == b);
}

/*
 * A queue of two slots for many producers and consumers.  The number of a slot
 * says who may use it next.
 */
static struct {
	atomic_t number;
	int value;
} slots[2];
static atomic_t head, tail;

static void setup_slots(void *data)
{
	int i;

	setup(data);
	for (i = 0; i < 2; i++) {
		atomic_set(&slots[i].number, i);
		slots[i].value = 0;
	}
	atomic_set(&head, 0);
	atomic_set(&tail, 0);
}

static void put_value(int value, bool numbers_first)
{
	int at;

	do {
		at = atomic_read(&tail);
		if (atomic_read(&slots[at & 1].number) != at)
			return;
	} while (atomic_cmpxchg(&tail, at, at + 1) != at);
	if (numbers_first)
		atomic_set(&slots[at & 1].number, at + 1);
	WRITE_ONCE(slots[at & 1].value, value);
	if (!numbers_first)
		atomic_set(&slots[at & 1].number, at + 1);
}

static void puts_value(int me)
{
	put_value(me + 1, false);
}

static void numbers_before_value(int me)
{
	put_value(me + 1, true);
}

static void takes_value(int me)
{
	int at = atomic_read(&head), value;

	if (atomic_read(&slots[at & 1].number) != at + 1 ||
	    atomic_cmpxchg(&head, at, at + 1) != at)
		return;
	value = READ_ONCE(slots[at & 1].value);
	iommufd_model_assert(value);
	atomic_set(&slots[at & 1].number, at + 2);
	done[me] = value;
}

static void took_different_values(void *data)
{
	(void)data;
	iommufd_model_assert(!done[0] || done[0] != done[1]);
}

THREADS_2(puts_value)
THREADS_2(numbers_before_value)
THREADS_2(takes_value)

/* A list whose walkers take the next lock before they give one back. */
static struct link {
	struct link *next;
	spinlock_t lock;
	struct mutex mutex;
} *links[3];

static void setup_links(void *data)
{
	int i;

	setup(data);
	for (i = 2; i >= 0; i--) {
		links[i] = kzalloc(sizeof(*links[i]), GFP_KERNEL);
		links[i]->next = i < 2 ? links[i + 1] : NULL;
		spin_lock_init(&links[i]->lock);
		mutex_init(&links[i]->mutex);
	}
}

static void free_links(void *data)
{
	struct link *link = links[0], *next;

	(void)data;
	for (; link; link = next) {
		next = link->next;
		kfree(link);
	}
}

static void walk(bool hand_over_hand)
{
	struct link *link = links[0], *next;

	spin_lock(&link->lock);
	while ((next = READ_ONCE(link->next))) {
		if (!hand_over_hand)
			spin_unlock(&link->lock);
		spin_lock_nested(&next->lock, 1);
		if (hand_over_hand)
			spin_unlock(&link->lock);
		link = next;
	}
	spin_unlock(&link->lock);
}

static void walks_hand_over_hand(void *data)
{
	(void)data;
	walk(true);
}

static void walks_hand_by_hand(void *data)
{
	(void)data;
	walk(false);
}

/* The unlock of a mutex may still use it when the next one has it. */
static void walks_by_mutex(void *data)
{
	struct link *link = links[0], *next;

	(void)data;
	mutex_lock(&link->mutex);
	while ((next = READ_ONCE(link->next))) {
		mutex_lock_nested(&next->mutex, 1);
		mutex_unlock(&link->mutex);
		link = next;
	}
	mutex_unlock(&link->mutex);
}

/* AddressSanitizer finds the access to the freed lock before the lock is taken. */
#ifdef __SANITIZE_ADDRESS__
#define FREED_LOCK "walk classics_protocols.c"
#else
#define FREED_LOCK "next->lock"
#endif

static void removes_1(void *data)
{
	struct link *link;

	(void)data;
	spin_lock(&links[0]->lock);
	link = links[0]->next;
	spin_lock_nested(&link->lock, 1);
	WRITE_ONCE(links[0]->next, link->next);
	spin_unlock(&link->lock);
	spin_unlock(&links[0]->lock);
	kfree(link);
}

static void removes_1_by_mutex(void *data)
{
	struct link *link;

	(void)data;
	mutex_lock(&links[0]->mutex);
	link = links[0]->next;
	mutex_lock_nested(&link->mutex, 1);
	WRITE_ONCE(links[0]->next, link->next);
	mutex_unlock(&link->mutex);
	mutex_unlock(&links[0]->mutex);
	kfree(link);
}

/*
 * Reclamation by epochs: a reader announces the epoch it reads in, and what was
 * removed is freed when no reader is left in it.
 */
static int *object, epoch_of[2];

static void setup_epochs(void *data)
{
	setup(data);
	object = kzalloc(sizeof(*object), GFP_KERNEL);
	epoch_of[0] = epoch_of[1] = 0;
}

static void reads_in_epoch(void *data)
{
	int *p;

	(void)data;
	WRITE_ONCE(epoch_of[0], 1);
	p = READ_ONCE(object);
	if (p)
		READ_ONCE(*p);
	WRITE_ONCE(epoch_of[0], 0);
}

/* Announces that it reads when it already has the pointer. */
static void reads_before_epoch(void *data)
{
	int *p = READ_ONCE(object);

	(void)data;
	WRITE_ONCE(epoch_of[0], 1);
	if (p)
		READ_ONCE(*p);
	WRITE_ONCE(epoch_of[0], 0);
}

static void removes_and_waits(void *data)
{
	int *p = xchg(&object, NULL);

	(void)data;
	while (READ_ONCE(epoch_of[0]))
		cpu_relax();
	kfree(p);
}

/* Waits first, so that a reader can find the object afterwards. */
static void waits_and_removes(void *data)
{
	(void)data;
	while (READ_ONCE(epoch_of[0]))
		cpu_relax();
	kfree(xchg(&object, NULL));
}

/* A buffer that is swapped: the writer fills the one that nobody reads. */
static void swaps(bool fills_first)
{
	int back = !READ_ONCE(turn);

	spin_lock(&lock);
	if (fills_first) {
		WRITE_ONCE(shared[back], 5);
		WRITE_ONCE(flags[back], 5);
	}
	WRITE_ONCE(turn, back);
	spin_unlock(&lock);
	if (!fills_first) {
		WRITE_ONCE(shared[back], 5);
		WRITE_ONCE(flags[back], 5);
	}
}

static void fills_and_swaps(void *data)
{
	(void)data;
	swaps(true);
}

static void swaps_and_fills(void *data)
{
	(void)data;
	swaps(false);
}

static void reads_front(void *data)
{
	int front, a, b;

	(void)data;
	spin_lock(&lock);
	front = READ_ONCE(turn);
	a = READ_ONCE(shared[front]);
	b = READ_ONCE(flags[front]);
	spin_unlock(&lock);
	iommufd_model_assert(a == b);
}

/* Two sorts of threads that must not be inside together (one bathroom). */
static void enters(int me, bool by_one_step)
{
	int sort = me ? 1 : -1;

	if (by_one_step) {
		wait_event(queue, ({
			int n = atomic_read(&count);

			n * sort >= 0 && atomic_cmpxchg(&count, n, n + sort) == n;
		}));
	} else {
		wait_event(queue, atomic_read(&count) * sort >= 0);
		atomic_add(sort, &count);
	}
	WRITE_ONCE(shared[me], READ_ONCE(shared[me]) + 1);
	iommufd_model_assert(!READ_ONCE(shared[!me]));
	WRITE_ONCE(shared[me], READ_ONCE(shared[me]) - 1);
	atomic_sub(sort, &count);
	wake_up_all(&queue);
}

static void enters_in_one_step(int me)
{
	enters(me, true);
}

static void looks_and_enters(int me)
{
	enters(me, false);
}

THREADS_2(enters_in_one_step)
THREADS_2(looks_and_enters)

/* Two atoms of hydrogen and one of oxygen make water. */
static void makes_water(bool is_oxygen, bool in_one_step)
{
	spin_lock(&lock);
	if (is_oxygen)
		WRITE_ONCE(first, READ_ONCE(first) + 1);
	else
		WRITE_ONCE(shared[0], READ_ONCE(shared[0]) + 1);
	if (!in_one_step) {
		spin_unlock(&lock);
		spin_lock(&lock);
	}
	if (READ_ONCE(first) >= 1 && READ_ONCE(shared[0]) >= 2) {
		WRITE_ONCE(turn, READ_ONCE(turn) + 1);
		spin_unlock(&lock);
		wake_up_all(&queue);
		return;
	}
	spin_unlock(&lock);
	wait_event(queue, READ_ONCE(turn));
}

static void hydrogen(int me)
{
	(void)me;
	makes_water(false, true);
}

static void hydrogen_in_two_steps(int me)
{
	(void)me;
	makes_water(false, false);
}

static void oxygen(void *data)
{
	(void)data;
	makes_water(true, true);
}

static void one_molecule(void *data)
{
	(void)data;
	iommufd_model_assert(turn == 1);
}

THREADS_2(hydrogen)
THREADS_2(hydrogen_in_two_steps)

/* A log: places are reserved, and what is committed is read in order. */
static void logs(int me, bool reserves_in_one_step)
{
	int at;

	if (reserves_in_one_step) {
		at = atomic_inc_return(&count) - 1;
	} else {
		at = atomic_read(&count);
		atomic_set(&count, at + 1);
	}
	WRITE_ONCE(shared[at], me + 1);
}

static void reserves(int me)
{
	logs(me, true);
}

static void reserves_in_two_steps(int me)
{
	logs(me, false);
}

static void log_has_both(void *data)
{
	(void)data;
	iommufd_model_assert(shared[0] + shared[1] == 3);
}

THREADS_2(reserves)
THREADS_2(reserves_in_two_steps)

static const struct verdict protocols[] = {
	RIGHT(0, "Szymanski", setup, NULL, T2(szymanski)),
	WRONG(LIVELOCK, "flags", NULL, "Szymanski, all at once", setup, NULL,
	      T2(szymanski_all_at_once)),
	WRONG(LIVELOCK, "flags", NULL, "Szymanski, looks twice", setup, NULL,
	      T2(szymanski_looks_twice)),
	RIGHT(0, "Lamport's fast lock", setup, NULL, T2(lamport_fast)),
	WRONG(ASSERTION, "section", NULL, "Lamport's, looks once", setup, NULL,
	      T2(lamport_looks_once)),
	RIGHT(0, "one bit", setup, NULL, T2(one_bit)),
	WRONG(ASSERTION, "section", NULL, "Hyman", setup, NULL, T2(hyman)),
	RIGHT(0, "strict turns", setup, NULL, T2(strict_turns)),
	WRONG(LIVELOCK, "turn", NULL, "strict turns, one does not come", setup,
	      NULL, T(never_comes), { "strict_turns 1", strict_turns_1 }),
	RIGHT(0, "CLH", setup_clh, NULL, T2(clh)),
	WRONG(LIVELOCK, "locked", NULL, "CLH with its own node", setup_clh,
	      NULL, T2(clh_with_own_node)),
	RIGHT(0, "barrier with a sense", setup, NULL, T2(with_sense)),
	WRONG(LIVELOCK, "sense", NULL, "barrier with a sense, in haste", setup,
	      NULL, T2(with_haste)),
	RIGHT(0, "eventcount", setup, NULL, T(waits_by_version),
	      T(raises_event)),
	WRONG(LOST_WAKEUP, "queue", NULL, "eventcount, noted late", setup, NULL,
	      T(waits_by_late_version), T(raises_event)),
	RIGHT(0, "once", setup, NULL, T3(runs_once)),
	WRONG(ASSERTION, "shared", NULL, "once, without waiting", setup, NULL,
	      T2(runs_once_without_wait)),
	RIGHT(0, "a completion used again", setup, NULL, T(completes_twice),
	      T(reinit_then_start)),
	WRONG(LOST_WAKEUP, "completion", NULL, "a completion reset late", setup,
	      NULL, T(completes_twice), T(start_then_reinit)),
	RIGHT(0, "token ring", setup, NULL, T3(token)),
	WRONG(ASSERTION, "section", NULL, "token passed too early", setup, NULL,
	      T3(token_too_early)),
	RIGHT(0, "election in a ring", setup_ring, one_leader, T2(candidate)),
	WRONG(ASSERTION, "nr_leaders", NULL, "election, all are passed on",
	      setup_ring, one_leader, T2(candidate_for_all)),
	RIGHT(0, "claim", setup, one_claim, T2(claims)),
	WRONG(ASSERTION, "done", NULL, "claim in two steps", setup, one_claim,
	      T2(claims_in_two_steps)),
	RIGHT(0, "two-phase locking", setup_accounts, sum_is_20, T2(transfers),
	      T(adds_up)),
	WRONG(ASSERTION, "sum == 20", NULL, "locking in one phase",
	      setup_accounts, sum_is_20, T(adds_up), T(transfers_in_one_phase)),
	WRONG(DEADLOCK, "accounts", NULL, "locks out of order", setup_accounts,
	      sum_is_20, T2(transfers_out_of_order)),
	WRONG(DEADLOCK, "accounts", NULL, "locks out of order, and a loop",
	      setup_accounts, sum_is_20, T2(transfers_and_tells),
	      T(waits_for_a_transfer)),
	RIGHT(0, "rollback", setup_accounts, sum_is_20, T2(rolls_back)),
	WRONG(ASSERTION, "== 20", NULL, "no rollback", setup_accounts,
	      sum_is_20, T2(does_not_roll_back)),
	WRONG(LIVELOCK, "accounts", NULL, "rollback in step", setup_accounts,
	      sum_is_20, T2(rolls_back_in_step)),
	RIGHT(0, "optimistic transaction", setup, added_twice, T2(optimistic)),
	WRONG(ASSERTION, "added_twice", NULL, "too optimistic transaction",
	      setup, added_twice, T2(too_optimistic)),
	RIGHT(0, "readers and a writer", setup, NULL,
	      T(reads_one_after_the_other), T(writes)),
	WRONG(DEADLOCK, "sem", NULL, "a reader that reads twice", setup, NULL,
	      T(reads_twice), T(writes)),
	RIGHT(0, "upgrade that looks again", setup, added_once,
	      T2(upgrades_and_looks)),
	WRONG(ASSERTION, "added_once", NULL, "upgrade that does not look",
	      setup, added_once, T2(upgrades_blindly)),
	RIGHT(0, "semaphore as a mutex", setup_semaphore, NULL, T3(semaphore)),
	WRONG(ASSERTION, "section", NULL, "semaphore given back twice",
	      setup_semaphore, NULL, T3(semaphore_up_twice)),
	RIGHT(0, "state machine", setup, is_stopped, T(starts_by_cmpxchg),
	      T(stops)),
	WRONG(ASSERTION, "is_stopped", NULL, "state machine, two steps", setup,
	      is_stopped, T(starts_by_read_and_write), T(stops)),
	RIGHT(0, "users are counted, then looked at", setup, NULL,
	      T(uses_counted), T(closes)),
	WRONG(ASSERTION, "shared", NULL, "users are looked at, then counted",
	      setup, NULL, T(uses_looked_at), T(closes)),
	RIGHT(0, "latch", setup, NULL, T(latch_writer), T(latch_reader)),
	WRONG(ASSERTION, "a == b", NULL, "latch that counts late", setup, NULL,
	      T(latch_counts_late), T(latch_reader)),
	RIGHT(0, "queue with numbers", setup_slots, took_different_values,
	      T2(puts_value), T2(takes_value)),
	WRONG(ASSERTION, "value", NULL, "queue, number before value",
	      setup_slots, took_different_values, T2(numbers_before_value),
	      { "takes 0", takes_value_0 }),
	RIGHT(0, "hand over hand", setup_links, free_links,
	      T(walks_hand_over_hand), T(removes_1)),
	WRONG(USE_AFTER_FREE, FREED_LOCK, NULL, "hand by hand", setup_links,
	      free_links, T(walks_hand_by_hand), T(removes_1)),
	WRONG(USE_AFTER_FREE, "mutex_unlock tail", "walks_by_mutex",
	      "hand over hand, by mutexes", setup_links, free_links,
	      T(walks_by_mutex), T(removes_1_by_mutex)),
	RIGHT(0, "epochs", setup_epochs, NULL, T(reads_in_epoch),
	      T(removes_and_waits)),
	WRONG(USE_AFTER_FREE, "*p", NULL, "epoch announced late", setup_epochs,
	      NULL, T(reads_before_epoch), T(removes_and_waits)),
	WRONG(USE_AFTER_FREE, "*p", NULL, "epoch, waits first", setup_epochs,
	      NULL, T(reads_in_epoch), T(waits_and_removes)),
	RIGHT(0, "double buffer", setup, NULL, T(fills_and_swaps),
	      T(reads_front)),
	WRONG(ASSERTION, "a == b", NULL, "double buffer, swapped first", setup,
	      NULL, T(swaps_and_fills), T(reads_front)),
	RIGHT(0, "one bathroom", setup, NULL, T2(enters_in_one_step)),
	WRONG(ASSERTION, "shared", NULL, "one bathroom, looks and enters",
	      setup, NULL, T2(looks_and_enters)),
	RIGHT(0, "water", setup, one_molecule, T2(hydrogen), T(oxygen)),
	WRONG(ASSERTION, "turn == 1", NULL, "water, in two steps", setup,
	      one_molecule, T2(hydrogen_in_two_steps), T(oxygen)),
	RIGHT(0, "log", setup, log_has_both, T2(reserves)),
	WRONG(ASSERTION, "log_has_both", NULL, "log, reserved in two steps",
	      setup, log_has_both, T2(reserves_in_two_steps)),
};

START_TEST(protocols_and_their_wrong_forms)
{
	check_verdict(&protocols[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("classics_protocols");
	TCase *tc = tcase_create("classics_protocols");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, protocols_and_their_wrong_forms, 0,
			    ARRAY_SIZE(protocols));
	return run_suite(suite);
}
