// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random programs of RCU, work items, timers, delays and plain variables that all
 * threads use.  The reduced search must find the same final states as a search
 * of every schedule, which uses no knowledge of conflicts.  A program of three
 * threads has too many schedules for that: random ones must end in no state that
 * the search did not find.
 *
 * The states are counted in memory that the exploring processes share.
 *
 *	random_deferred [--count N]
 */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "final_states.h"
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/delay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ACTIONS 4
#define NR_THREADS 3
#define MOST_EXECUTIONS 3000
#define NR_WALKS 3000

enum action {
	NOTHING,
	READ_SECTION,
	SYNCHRONIZE,
	CALL,
	BARRIER,
	QUEUE,
	QUEUE_OTHER,
	CANCEL,
	CANCEL_SYNC,
	FLUSH,
	FLUSH_QUEUE,
	ARM,
	DELETE,
	DELETE_SYNC,
	SRCU_SECTION,
	SYNCHRONIZE_SRCU,
	QUEUE_DELAYED,
	MODIFY_DELAYED,
	CANCEL_DELAYED_SYNC,
	FLUSH_DELAYED,
	FLUSH_QUEUED,
	MODIFY_TO_NOW,
	SLEEP,
	LOOK_AT_CLOCK,
	BUSY,
	BUSY_DELAYED,
	MOVE,
	MOVE_LATER,
	FLUSH_OTHER_QUEUE,
	NR_ACTIONS
};

static enum action program[NR_THREADS][MAX_ACTIONS];
static bool ordered, requeues;
static int nr_programs;

static struct workqueue_struct *queue, *other_queue;
static struct work_struct work, other_work;
static struct delayed_work delayed;
static struct timer_list timer;
static struct srcu_struct srcu;
static struct rcu_head heads[NR_THREADS * MAX_ACTIONS];
static int nr_heads;

/*
 * The events as each thread saw them, in order; @clock_now is a shared variable
 * that orders them.
 */
static int clock_now;
static unsigned long long trace[NR_THREADS + 5];

static struct final_states *states;

/* Each event reads the shared variable and changes it. */
static void tick(int who, int what)
{
	int now = READ_ONCE(clock_now);

	trace[who] = (trace[who] ^ (unsigned long long)(now * 64 + what + 1)) *
		     0x100000001b3ull;
	WRITE_ONCE(clock_now, now * 3 + what + 1);
}

static void look(int who, int what)
{
	int now = READ_ONCE(clock_now);

	trace[who] = (trace[who] ^ (unsigned long long)(now * 64 + what + 1)) *
		     0x100000001b3ull;
}

static void runs(struct work_struct *w)
{
	int who = NR_THREADS + (w != &work);

	if (requeues && w == &work && READ_ONCE(clock_now) < 10)
		queue_work(queue, w);
	tick(who, 20);
}

static void runs_delayed(struct work_struct *w)
{
	(void)w;
	tick(NR_THREADS + 4, 23);
}

static void fires(struct timer_list *t)
{
	(void)t;
	tick(NR_THREADS + 2, 21);
}

static void called(struct rcu_head *head)
{
	(void)head;
	look(NR_THREADS + 3, 22);
}

/*
 * The time that the clock has reached.  It has a step of its own: otherwise the
 * search may have a step between an operation before and this, and brute force
 * has none.
 */
static unsigned long time_now(void)
{
	cpu_relax();
	return jiffies;
}

static void act_delayed(int who, enum action action)
{
	switch (action) {
	case QUEUE_DELAYED:
		cpu_relax();
		look(who, queue_delayed_work(queue, &delayed, 5));
		break;
	case MODIFY_DELAYED:
		cpu_relax();
		look(who, mod_delayed_work(queue, &delayed, 15));
		break;
	case CANCEL_DELAYED_SYNC:
		look(who, cancel_delayed_work_sync(&delayed));
		break;
	case FLUSH_DELAYED:
		look(who, flush_delayed_work(&delayed));
		break;
	case FLUSH_QUEUED:
		look(who, flush_work(&delayed.work));
		break;
	case MODIFY_TO_NOW:
		look(who, mod_delayed_work(queue, &delayed, 0));
		break;
	case MOVE:
		look(who, mod_delayed_work(other_queue, &delayed, 0));
		break;
	case MOVE_LATER:
		cpu_relax();
		look(who, mod_delayed_work(other_queue, &delayed, 5));
		break;
	case BUSY_DELAYED:
		look(who, (int)work_busy(&delayed.work));
		break;
	case SLEEP:
		cpu_relax();
		msleep(5);
		break;
	case LOOK_AT_CLOCK:
		look(who, (int)time_now());
		break;
	default:
		break;
	}
}

static void act(int who, enum action action)
{
	int idx;

	switch (action) {
	case READ_SECTION:
		rcu_read_lock();
		tick(who, action);
		rcu_read_unlock();
		break;
	case SYNCHRONIZE:
		synchronize_rcu();
		look(who, action);
		break;
	case CALL:
		call_rcu(&heads[who * MAX_ACTIONS], called);
		break;
	case BARRIER:
		rcu_barrier();
		look(who, action);
		break;
	case QUEUE:
		look(who, queue_work(queue, &work));
		break;
	case QUEUE_OTHER:
		look(who, queue_work(queue, &other_work));
		break;
	case CANCEL:
		look(who, cancel_work(&work));
		break;
	case CANCEL_SYNC:
		look(who, cancel_work_sync(&work));
		break;
	case FLUSH:
		look(who, flush_work(&work));
		break;
	case FLUSH_QUEUE:
		flush_workqueue(queue);
		look(who, action);
		break;
	case FLUSH_OTHER_QUEUE:
		flush_workqueue(other_queue);
		look(who, action);
		break;
	case BUSY:
		look(who, (int)work_busy(&work));
		break;
	case ARM:
		look(who, mod_timer(&timer, time_now() + 10));
		break;
	case DELETE:
		look(who, timer_delete(&timer));
		break;
	case DELETE_SYNC:
		look(who, timer_delete_sync(&timer));
		break;
	case SRCU_SECTION:
		idx = srcu_read_lock(&srcu);
		tick(who, action);
		srcu_read_unlock(&srcu, idx);
		break;
	case SYNCHRONIZE_SRCU:
		synchronize_srcu(&srcu);
		look(who, action);
		break;
	default:
		act_delayed(who, action);
		break;
	}
}

static void run_program(int who)
{
	int i;

	for (i = 0; i < MAX_ACTIONS; i++)
		act(who, program[who][i]);
}

static void first(void *data)
{
	(void)data;
	run_program(0);
}

static void last(void *data)
{
	(void)data;
	run_program(1);
}

static void third(void *data)
{
	(void)data;
	run_program(2);
}

static void setup(void *data)
{
	(void)data;
	clock_now = 0;
	nr_heads = 0;
	memset(trace, 0, sizeof(trace));
	queue = ordered ? alloc_ordered_workqueue("queue", 0) :
			  alloc_workqueue("queue", 0, 0);
	other_queue = alloc_ordered_workqueue("other queue", 0);
	INIT_WORK(&work, runs);
	INIT_WORK(&other_work, runs);
	INIT_DELAYED_WORK(&delayed, runs_delayed);
	timer_setup(&timer, fires, 0);
	init_srcu_struct(&srcu);
}

static void after(void *data)
{
	unsigned long long hash = (unsigned long long)clock_now;
	int i;

	(void)data;
	for (i = 0; i < (int)ARRAY_SIZE(trace); i++)
		hash = (hash ^ trace[i]) * 0x9e3779b97f4a7c15ull;
	note_final_state(states, hash);
	destroy_workqueue(queue);
	destroy_workqueue(other_queue);
}

static const struct iommufd_model_test two_threads = {
	.name = "random deferred",
	.setup = setup,
	.after = after,
	.threads = { { "first", first }, { "last", last } },
};

static const struct iommufd_model_test three_threads = {
	.name = "random deferred",
	.setup = setup,
	.after = after,
	.threads = { { "first", first }, { "last", last }, { "third", third } },
};

static void describe(int seed)
{
	int i, j;

	printf("seed %d, ordered %d, requeues %d:", seed, ordered, requeues);
	for (i = 0; i < NR_THREADS; i++) {
		printf(" [");
		for (j = 0; j < MAX_ACTIONS; j++)
			printf(" %d", program[i][j]);
		printf(" ]");
	}
	printf("\n");
}

/* Returns false if it was too much. */
static bool explore_in(int seed, enum iommufd_model_explore_mode mode,
		       unsigned long executions, struct final_states *to,
		       struct iommufd_model_explore_result *result)
{
	const struct iommufd_model_test *test = program[2][0] ? &three_threads :
								&two_threads;
	struct iommufd_model_explore_options options;
	int rc;

	iommufd_model_explore_options_init(&options);
	options.mode = mode;
	options.preemptions = 1000;
	options.jobs = 1;
	options.executions = executions;
	options.seed = (unsigned long)seed;
	states->nr = 0;
	rc = iommufd_model_explore(test, &options, result);
	if (rc)
		describe(seed);
	ck_assert_int_eq(rc, 0);
	*to = *states;
	return result->verdict != IOMMUFD_MODEL_VERDICT_STOPPED;
}

/* Each thread has only one callback. */
static enum action only_one(enum action action, bool *call)
{
	if (action == CALL && *call)
		return NOTHING;
	*call |= action == CALL;
	return action;
}

/* Each family has actions that concern each other. */
static void make_program(int seed)
{
	static const enum action families[][8] = {
		{ READ_SECTION, SYNCHRONIZE, CALL, BARRIER },
		{ QUEUE, QUEUE_OTHER, FLUSH, FLUSH_QUEUE },
		{ QUEUE, CANCEL, CANCEL_SYNC, FLUSH },
		{ QUEUE, QUEUE_OTHER, CANCEL, FLUSH_QUEUE },
		{ ARM, DELETE, DELETE_SYNC, READ_SECTION },
		{ SRCU_SECTION, SYNCHRONIZE_SRCU, QUEUE, FLUSH },
		{ READ_SECTION, SYNCHRONIZE, QUEUE, CANCEL_SYNC },
		{ QUEUE_DELAYED, MODIFY_DELAYED, SLEEP, LOOK_AT_CLOCK },
		{ QUEUE_DELAYED, CANCEL_DELAYED_SYNC, ARM, LOOK_AT_CLOCK },
		{ QUEUE_DELAYED, FLUSH_DELAYED, SLEEP, LOOK_AT_CLOCK },
		{ QUEUE_DELAYED, FLUSH_QUEUED, FLUSH_DELAYED, NOTHING },
		{ QUEUE_DELAYED, FLUSH_QUEUED, MODIFY_TO_NOW, NOTHING },
		{ QUEUE_DELAYED, FLUSH_QUEUE, MODIFY_TO_NOW, NOTHING },
		/* The actions of these consist of many steps. */
		{ QUEUE, CANCEL, BUSY, FLUSH },
		{ QUEUE_DELAYED, MODIFY_TO_NOW, BUSY_DELAYED, FLUSH_QUEUED },
		{ MODIFY_TO_NOW, MODIFY_DELAYED, MOVE, FLUSH_QUEUE },
		{ MODIFY_TO_NOW, MOVE, MOVE_LATER, FLUSH_OTHER_QUEUE },
		{ MODIFY_TO_NOW, QUEUE_OTHER, MOVE, FLUSH_QUEUED },
	};
	const enum action *family;
	bool call = false, large;
	int i, j, n;

	srand((unsigned int)seed);
	i = rand() % (int)ARRAY_SIZE(families);
	family = families[i];
	large = i >= (int)ARRAY_SIZE(families) - 5;
	ordered = rand() % 2;
	requeues = !(rand() % 4);
	memset(program, 0, sizeof(program));
	for (i = 0; i < 2; i++) {
		n = 1 + rand() % ((i ? 2 : 3) - large);
		for (j = 0, call = false; j < n; j++)
			program[i][j] = only_one(family[rand() % 4], &call);
	}
}

/* A program of three threads, with a few of all actions. */
static void make_large_program(int seed)
{
	enum action some[5];
	bool call = false, timed;
	int nr, i, j, n;

	srand((unsigned int)seed);
	nr = 2 + rand() % 4;
	timed = !(rand() % 3);
	for (i = 0; i < nr; i++)
		some[i] =
			(enum action)(1 + rand() % (timed ? NR_ACTIONS - 1 :
							    QUEUE_DELAYED - 1));
	ordered = rand() % 2;
	requeues = !(rand() % 4);
	memset(program, 0, sizeof(program));
	for (i = 0; i < NR_THREADS; i++) {
		n = 1 + rand() % 2;
		for (j = 0, call = false; j < n; j++)
			program[i][j] = only_one(some[rand() % nr], &call);
	}
	if (!program[2][0])
		program[2][0] = READ_SECTION;
}

START_TEST(the_reduced_search_ends_in_every_state)
{
	static struct final_states reduced, every;
	struct iommufd_model_explore_result a, b;
	unsigned long executions = 0, all = 0;
	const char *env = getenv("RANDOM_SEED");
	int seed, compared = 0, from = env ? atoi(env) : 1;
	bool good;

	for (seed = from; seed < from + nr_programs; seed++) {
		make_program(seed);
		good = explore_in(seed, IOMMUFD_MODEL_MODE_EXHAUSTIVE, 20000,
				  &reduced, &a);
		if (good)
			good = explore_in(seed, IOMMUFD_MODEL_MODE_BOUNDED,
					  20000, &every, &b);
		if (good)
			ck_assert_int_eq(missing_final_states(&reduced, &every),
					 0);
		if (good && missing_final_states(&every, &reduced)) {
			describe(seed);
			ck_abort_msg("%d states of %d", reduced.nr, every.nr);
		}
		if (good) {
			compared++;
			executions += a.executions + a.redundant;
			all += b.executions;
		}
		iommufd_model_explore_free(&a);
		iommufd_model_explore_free(&b);
	}
	printf("%d programs compared, %lu executions for %lu\n", compared,
	       executions, all);
	ck_assert_int_gt(compared, nr_programs / 2);
}
END_TEST

/* Returns false if the search is too long. */
static bool compare_with_walks(int seed)
{
	static struct final_states found, walked;
	struct iommufd_model_explore_result r;
	bool good;

	good = explore_in(seed, IOMMUFD_MODEL_MODE_EXHAUSTIVE, MOST_EXECUTIONS,
			  &found, &r);
	iommufd_model_explore_free(&r);
	if (!good)
		return false;
	explore_in(seed, IOMMUFD_MODEL_MODE_RANDOM, NR_WALKS, &walked, &r);
	iommufd_model_explore_free(&r);
	if (missing_final_states(&walked, &found)) {
		describe(seed);
		ck_abort_msg("a state is not among %d", found.nr);
	}
	return true;
}

START_TEST(random_executions_end_in_states_that_the_search_found)
{
	const char *env = getenv("RANDOM_SEED");
	int seed, compared = 0, from = env ? atoi(env) : 1;

	for (seed = from; seed < from + nr_programs; seed++) {
		make_large_program(seed);
		compared += compare_with_walks(seed);
	}
	printf("%d programs of three threads compared\n", compared);
	ck_assert_int_gt(compared, nr_programs / 2);
}
END_TEST

/* Programs with which the search was wrong once. */
START_TEST(programs_that_differed_once)
{
	static const struct {
		bool ordered, requeues;
		enum action program[NR_THREADS][MAX_ACTIONS];
	} list[] = {
		/* An item that has queued itself again is cancelled as it runs. */
		{ false,
		  true,
		  { { QUEUE, CANCEL_SYNC },
		    { READ_SECTION },
		    { SYNCHRONIZE } } },
		/* A run is cancelled that waits, and is in a sleep set. */
		{ true,
		  true,
		  { { CANCEL, QUEUE_OTHER },
		    { FLUSH_QUEUE, QUEUE_OTHER },
		    { QUEUE, CANCEL } } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		ordered = list[i].ordered;
		requeues = list[i].requeues;
		memcpy(program, list[i].program, sizeof(program));
		compare_with_walks((int)i + 1);
	}
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("random_deferred");
	TCase *tc = tcase_create("random_deferred");

	if (argc == 3 && !strcmp(argv[1], "--count"))
		nr_programs = (int)strtol(argv[2], NULL, 10);
	if (argc != (nr_programs ? 3 : 1) || nr_programs < 0) {
		fprintf(stderr, "usage: %s [--count N]\n", argv[0]);
		return EXIT_FAILURE;
	}
	nr_programs = nr_programs ? nr_programs : 300;
	states = share_final_states();
	if (!states) {
		perror(argv[0]);
		return EXIT_FAILURE;
	}
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, the_reduced_search_ends_in_every_state);
	tcase_add_test(tc,
		       random_executions_end_in_states_that_the_search_found);
	tcase_add_test(tc, programs_that_differed_once);
	return run_suite(suite);
}
