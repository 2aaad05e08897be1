// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random programs of three threads, with operations of many kinds: locks of each
 * type, completions, semaphores, wait queues, sequence counters, atomic variables
 * and bits.  A program has too many schedules for brute force.  So random ones
 * must end in no final state that the search did not find, and the search with
 * the states of all memory must find the same final states as the one without.
 *
 *	random_kinds [--count N] [--first SEED]
 */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "final_states.h"
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/completion.h>
#include <iommufd_model/kernel/delay.h>
#include <iommufd_model/kernel/percpu_rwsem.h>
#include <iommufd_model/kernel/rwlock.h>
#include <iommufd_model/kernel/semaphore.h>
#include <iommufd_model/kernel/seqlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NR_THREADS 3
#define MAX_ACTIONS 3
#define MOST_EXECUTIONS 4000
#define NR_WALKS 3000

enum action {
	NOTHING,
	LOCK,
	TRYLOCK,
	DOWN_READ,
	DOWN_WRITE,
	TRY_READ,
	TRY_WRITE,
	DOWNGRADE,
	READ_LOCK,
	WRITE_LOCK,
	READ_TRYLOCK,
	WRITE_TRYLOCK,
	COMPLETE,
	COMPLETE_ALL,
	WAIT_COMPLETION,
	TRY_COMPLETION,
	COMPLETION_DONE,
	DOWN,
	DOWN_TRYLOCK,
	DOWN_TIMEOUT,
	SET_AND_WAKE,
	WAIT_FLAG,
	SPIN_LOCK,
	SPIN_TRYLOCK,
	SEQ_READ_SECTION,
	SEQ_WRITE_SECTION,
	INC_RETURN,
	CMPXCHG,
	SET_BIT,
	CLEAR_BIT,
	CHANGE,
	LOOK,
	SLEEP,
	PERCPU_READ,
	PERCPU_WRITE,
	WAIT_EXCLUSIVE,
	NR_ACTIONS
};

/* An action, and on which of the two objects. */
struct step {
	enum action action;
	int object;
};

static struct step program[NR_THREADS][MAX_ACTIONS];

static struct object {
	struct mutex mutex;
	struct rw_semaphore rwsem;
	rwlock_t rwlock;
	spinlock_t spin;
	struct completion completion;
	struct semaphore semaphore;
	wait_queue_head_t queue;
	int flag;
	seqcount_t seq;
	atomic_t atom;
	struct percpu_rw_semaphore percpu;
} objects[2];
static unsigned long bits;
/* A variable that the changes and looks of all threads order, and what they saw. */
static int value;
static unsigned long long seen[NR_THREADS];

static struct final_states *states;

static int nr_programs = 150, first_seed = 1;

static void saw(int who, int what)
{
	seen[who] =
		(seen[who] ^ (unsigned long long)(what + 1)) * 0x100000001b3ull;
}

static void look(int who)
{
	saw(who, READ_ONCE(value));
}

static void change(int who)
{
	int now = READ_ONCE(value);

	saw(who, now);
	WRITE_ONCE(value, now * 3 + 2);
}

/* Each has call sites of its own, as the search knows the last one of a thread. */
static void use_rwsem(int who, struct object *o, enum action action)
{
	switch (action) {
	case DOWN_READ:
		down_read(&o->rwsem);
		look(who);
		up_read(&o->rwsem);
		break;
	case DOWN_WRITE:
		down_write(&o->rwsem);
		change(who);
		up_write(&o->rwsem);
		break;
	case DOWNGRADE:
		down_write(&o->rwsem);
		change(who);
		downgrade_write(&o->rwsem);
		look(who);
		up_read(&o->rwsem);
		break;
	default:
		break;
	}
}

static void try_rwsem(int who, struct object *o, enum action action)
{
	bool got = false;

	if (action == TRY_READ && down_read_trylock(&o->rwsem)) {
		got = true;
		look(who);
		up_read(&o->rwsem);
	} else if (action == TRY_WRITE && down_write_trylock(&o->rwsem)) {
		got = true;
		change(who);
		up_write(&o->rwsem);
	}
	saw(who, got);
}

static void use_rwlock(int who, struct object *o, enum action action)
{
	int got = 1;

	if (action == READ_LOCK)
		read_lock(&o->rwlock);
	else if (action == WRITE_LOCK)
		write_lock(&o->rwlock);
	else if (action == READ_TRYLOCK)
		got = read_trylock(&o->rwlock);
	else
		got = write_trylock(&o->rwlock);
	saw(who, got);
	if (!got)
		return;
	if (action == READ_LOCK || action == READ_TRYLOCK) {
		look(who);
		read_unlock(&o->rwlock);
	} else {
		change(who);
		write_unlock(&o->rwlock);
	}
}

static void use_semaphore(int who, struct object *o, enum action action)
{
	int rc = 0;

	if (action == DOWN)
		down(&o->semaphore);
	else if (action == DOWN_TRYLOCK)
		rc = down_trylock(&o->semaphore);
	else
		rc = down_timeout(&o->semaphore, 3);
	saw(who, rc);
	if (rc)
		return;
	change(who);
	up(&o->semaphore);
}

static void use_lock(int who, struct object *o, enum action action)
{
	switch (action) {
	case TRYLOCK:
		if (!mutex_trylock(&o->mutex))
			break;
		change(who);
		mutex_unlock(&o->mutex);
		return;
	case SPIN_LOCK:
		spin_lock(&o->spin);
		change(who);
		spin_unlock(&o->spin);
		return;
	case SPIN_TRYLOCK:
		if (!spin_trylock(&o->spin))
			break;
		change(who);
		spin_unlock(&o->spin);
		return;
	case PERCPU_READ:
		percpu_down_read(&o->percpu);
		look(who);
		percpu_up_read(&o->percpu);
		return;
	case PERCPU_WRITE:
		percpu_down_write(&o->percpu);
		change(who);
		percpu_up_write(&o->percpu);
		return;
	default:
		mutex_lock(&o->mutex);
		change(who);
		mutex_unlock(&o->mutex);
		return;
	}
	saw(who, 0);
}

static void use_seqcount(int who, struct object *o, enum action action)
{
	unsigned int start;

	if (action == SEQ_READ_SECTION) {
		start = read_seqcount_begin(&o->seq);
		look(who);
		saw(who, read_seqcount_retry(&o->seq, start));
		return;
	}
	mutex_lock(&o->mutex);
	preempt_disable();
	write_seqcount_begin(&o->seq);
	change(who);
	write_seqcount_end(&o->seq);
	preempt_enable();
	mutex_unlock(&o->mutex);
}

static void wait_or_wake(int who, struct object *o, enum action action)
{
	switch (action) {
	case COMPLETE:
		complete(&o->completion);
		break;
	case COMPLETE_ALL:
		complete_all(&o->completion);
		break;
	case WAIT_COMPLETION:
		saw(who, wait_for_completion_timeout(&o->completion, 5) > 0);
		break;
	case TRY_COMPLETION:
		saw(who, try_wait_for_completion(&o->completion));
		break;
	case COMPLETION_DONE:
		saw(who, completion_done(&o->completion));
		break;
	case SET_AND_WAKE:
		WRITE_ONCE(o->flag, 1);
		wake_up(&o->queue);
		break;
	case WAIT_EXCLUSIVE:
		saw(who, wait_event_interruptible_exclusive(o->queue,
							    xchg(&o->flag, 0)));
		break;
	default:
		saw(who,
		    wait_event_timeout(o->queue, READ_ONCE(o->flag), 4) > 0);
		break;
	}
}

static void act(int who, const struct step *step)
{
	struct object *o = &objects[step->object];

	switch (step->action) {
	case NOTHING:
	case NR_ACTIONS:
		break;
	case DOWN_READ:
	case DOWN_WRITE:
	case DOWNGRADE:
		use_rwsem(who, o, step->action);
		break;
	case TRY_READ:
	case TRY_WRITE:
		try_rwsem(who, o, step->action);
		break;
	case READ_LOCK:
	case WRITE_LOCK:
	case READ_TRYLOCK:
	case WRITE_TRYLOCK:
		use_rwlock(who, o, step->action);
		break;
	case DOWN:
	case DOWN_TRYLOCK:
	case DOWN_TIMEOUT:
		use_semaphore(who, o, step->action);
		break;
	case SEQ_READ_SECTION:
	case SEQ_WRITE_SECTION:
		use_seqcount(who, o, step->action);
		break;
	case INC_RETURN:
		saw(who, atomic_inc_return(&o->atom));
		break;
	case CMPXCHG:
		saw(who, atomic_cmpxchg(&o->atom, 1, 5));
		break;
	case SET_BIT:
		saw(who, test_and_set_bit(step->object, &bits));
		break;
	case CLEAR_BIT:
		saw(who, test_and_clear_bit(step->object, &bits));
		break;
	case CHANGE:
		change(who);
		break;
	case LOOK:
		look(who);
		break;
	case SLEEP:
		msleep(3);
		look(who);
		break;
	case LOCK:
	case TRYLOCK:
	case SPIN_LOCK:
	case SPIN_TRYLOCK:
	case PERCPU_READ:
	case PERCPU_WRITE:
		use_lock(who, o, step->action);
		break;
	case COMPLETE:
	case COMPLETE_ALL:
	case WAIT_COMPLETION:
	case TRY_COMPLETION:
	case COMPLETION_DONE:
	case SET_AND_WAKE:
	case WAIT_FLAG:
	case WAIT_EXCLUSIVE:
		wait_or_wake(who, o, step->action);
		break;
	}
}

static void run_program(int who)
{
	int i;

	for (i = 0; i < MAX_ACTIONS; i++)
		act(who, &program[who][i]);
}

static void first(void *data)
{
	(void)data;
	run_program(0);
}

static void second(void *data)
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
	struct object *o;

	(void)data;
	value = 0;
	bits = 0;
	memset(seen, 0, sizeof(seen));
	memset(objects, 0, sizeof(objects));
	for (o = objects; o < objects + 2; o++) {
		mutex_init(&o->mutex);
		init_rwsem(&o->rwsem);
		rwlock_init(&o->rwlock);
		spin_lock_init(&o->spin);
		init_completion(&o->completion);
		sema_init(&o->semaphore, o == objects ? 1 : 2);
		init_waitqueue_head(&o->queue);
		seqcount_init(&o->seq);
		ck_assert_int_eq(percpu_init_rwsem(&o->percpu), 0);
	}
}

static void after(void *data)
{
	unsigned long long hash = (unsigned long long)value ^ bits << 40;
	int i;

	(void)data;
	for (i = 0; i < NR_THREADS; i++)
		hash = (hash ^ seen[i]) * 0x9e3779b97f4a7c15ull;
	for (i = 0; i < 2; i++) {
		hash = hash * 31 + (unsigned int)atomic_read(&objects[i].atom);
		percpu_free_rwsem(&objects[i].percpu);
	}
	note_final_state(states, hash);
}

static struct iommufd_model_test test = {
	.name = "random kinds",
	.setup = setup,
	.after = after,
	.threads = { { "first", first },
		     { "second", second },
		     { "third", third } },
};

/* Returns the verdict; the final states are in @to. */
static enum iommufd_model_verdict explore(enum iommufd_model_explore_mode mode,
					  unsigned long executions,
					  struct final_states *to)
{
	struct iommufd_model_explore_result result;
	struct iommufd_model_explore_options options;
	enum iommufd_model_verdict verdict;

	iommufd_model_explore_options_init(&options);
	options.mode = mode;
	options.executions = executions;
	options.jobs = 1;
	options.quiet = true;
	options.seed = 7;
	options.states_after = 1;
	options.ignore = 1u << IOMMUFD_MODEL_FAIL_LOST_WAKEUP |
			 1u << IOMMUFD_MODEL_FAIL_TIMEOUT;
	states->nr = 0;
	iommufd_model_explore(&test, &options, &result);
	verdict = result.verdict;
	iommufd_model_explore_free(&result);
	*to = *states;
	return verdict;
}

static void describe(int seed)
{
	int i, j;

	printf("seed %d:", seed);
	for (i = 0; i < NR_THREADS; i++) {
		printf(" [");
		for (j = 0; j < MAX_ACTIONS; j++)
			if (program[i][j].action)
				printf(" %d.%d", program[i][j].action,
				       program[i][j].object);
		printf(" ]");
	}
	printf("\n");
}

static void check_within(int seed, const char *what,
			 const struct final_states *some,
			 const struct final_states *all)
{
	int missing = missing_final_states(some, all);

	if (!missing)
		return;
	describe(seed);
	ck_abort_msg("%s: %d of %d are not among %d", what, missing, some->nr,
		     all->nr);
}

/* Returns false if the search without states does not end soon. */
static bool compare(int seed)
{
	static struct final_states found, merged, walked;
	static const struct iommufd_model_memory
		all_memory = IOMMUFD_MODEL_STATIC_VARIABLES,
		none;
	enum iommufd_model_verdict verdict;

	setenv("IOMMUFD_MODEL_EXPLORE_STATES", "0", 1);
	verdict =
		explore(IOMMUFD_MODEL_MODE_EXHAUSTIVE, MOST_EXECUTIONS, &found);
	unsetenv("IOMMUFD_MODEL_EXPLORE_STATES");
	if (verdict != IOMMUFD_MODEL_VERDICT_COMPLETE)
		return false;
	explore(IOMMUFD_MODEL_MODE_RANDOM, NR_WALKS, &walked);
	check_within(seed, "random executions", &walked, &found);
	test.memory[0] = all_memory;
	verdict = explore(IOMMUFD_MODEL_MODE_EXHAUSTIVE, MOST_EXECUTIONS,
			  &merged);
	test.memory[0] = none;
	ck_assert_int_eq(verdict, IOMMUFD_MODEL_VERDICT_COMPLETE);
	check_within(seed, "without states", &found, &merged);
	check_within(seed, "with states", &merged, &found);
	return true;
}

static void make_program(int seed)
{
	enum action some[4];
	int nr, n, i, j;

	srand((unsigned int)seed);
	nr = 2 + rand() % 3;
	for (i = 0; i < nr; i++)
		some[i] = (enum action)(1 + rand() % (NR_ACTIONS - 1));
	memset(program, 0, sizeof(program));
	for (i = 0; i < NR_THREADS; i++) {
		n = 1 + rand() % (i ? 2 : 3);
		for (j = 0; j < n; j++) {
			program[i][j].action = some[rand() % nr];
			program[i][j].object = !(rand() % 3);
		}
	}
}

START_TEST(each_search_finds_the_same_final_states)
{
	int seed, compared = 0;

	for (seed = first_seed; seed < first_seed + nr_programs; seed++) {
		make_program(seed);
		compared += compare(seed);
	}
	printf("%d programs compared\n", compared);
	ck_assert_int_gt(compared, nr_programs / 2);
}
END_TEST

/* Programs with which a search was wrong once. */
START_TEST(programs_that_differed_once)
{
	static const struct step list[][NR_THREADS][MAX_ACTIONS] = {
		/* The writer of a rwlock_t comes first only without readers. */
		{ { { READ_LOCK, 0 }, { READ_LOCK, 0 } },
		  { { WRITE_LOCK, 0 } },
		  { { READ_LOCK, 0 } } },
		/* What begins the steps to an access in a known subtree. */
		{ { { TRY_WRITE, 0 }, { TRY_WRITE, 1 }, { DOWN_WRITE, 0 } },
		  { { TRY_WRITE, 0 }, { TRY_WRITE, 0 } },
		  { { TRY_WRITE, 0 } } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		memcpy(program, list[i], sizeof(program));
		ck_assert(compare(-(int)i));
	}
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("random_kinds");
	TCase *tc = tcase_create("random_kinds");

	states = begin_random(argc, argv, &nr_programs, &first_seed);
	if (!states)
		return EXIT_FAILURE;
	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, each_search_finds_the_same_final_states);
	tcase_add_test(tc, programs_that_differed_once);
	return run_suite(suite);
}
