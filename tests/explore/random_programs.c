// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The reduced search against brute force.
 *
 * Each random program (program.h) is run through all its interleavings, and
 * then in every other mode of the explorer.  These must be the same:
 *
 *	the final states, with what each thread saw on its way
 *	the kinds of failure, and which CHECKs failed
 *	the values that an invariant sees together
 *
 * If nothing fails, each trace (a class of interleavings that differ only in
 * the order of independent steps) must be run exactly once, and plain reduction
 * must run as many executions as brute force finds traces.  This test decides
 * itself which steps are independent, from the explorer's record of the steps.
 *
 *	random_programs [--count N] [--first SEED] [--limit N] [--large N] [--tell]
 *
 * --large N compares each N-th program that is too large for brute force (4).
 *	random_programs --print SEED
 */
#include "../../src/explore/internal.h"
#include "program.h"
#include "suite.h"
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define NR_CHUNKS 20
#define TABLE_SIZE (1u << 13)
#define MOST_INTERLEAVINGS (TABLE_SIZE / 2)
#define MOST_BOUND 2
#define MOST_FAILURES 40
#define LEAST_LARGE 60
#define MOST_LARGE 4000
#define NR_WALKS 4000

/* A set of hashes, and how often each of them occurred. */
struct table {
	unsigned int nr, generation;
	struct {
		u64 hash;
		unsigned int generation, times;
		int least;		/* the least number of preemptions */
	} rows[TABLE_SIZE];
};

/*
 * struct record - the results of one exploration, in shared memory, because
 * executions run in children
 * @states: the final states of all executions, and the values that the
 *	invariant saw
 * @traces: the traces of the counted executions by this test's own relation;
 *	@clocks: by the explorer's
 * @within: the number of executions for each number of preemptions
 * @checks: the CHECKs that failed; @seen: the kinds of failure
 */
struct record {
	struct table states, traces, clocks;
	unsigned long runs, counted;
	unsigned long within[64];
	int most_preemptions;
	u64 checks;
	unsigned int seen;
	bool locked; /* by one of several jobs */
};

struct totals {
	unsigned long kept, large, failing, clean, brute, plain, commuting;
	unsigned long doubles, wrong, redundant, symmetric, invariant, choosing;
	unsigned long merged, with_states, unjudged, compared_large;
	unsigned long merged_whole, with_whole_states;
	unsigned long full; /* how often a table had no room */
};

static struct record *brute, *other, *closed;
static struct totals *totals;
static struct record *now;
static unsigned long count = SANITIZED ? 60 : 400, first = 1, limit = 1200;
static unsigned long large = 4;
static bool tell, closed_is_known, closed_is_large, slow;
static struct program program;
static struct iommufd_model_test test;
static const struct iommufd_model_memory listed = { &world, sizeof(world) },
					 all_memory =
						 IOMMUFD_MODEL_STATIC_VARIABLES,
					 no_memory = { NULL, 0 };

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

static void clear(struct table *table)
{
	table->nr = 0;
	table->generation++;
}

static int find(const struct table *table, u64 hash)
{
	unsigned int i = (unsigned int)(hash % TABLE_SIZE);

	while (table->rows[i].generation == table->generation &&
	       table->rows[i].hash != hash)
		i = (i + 1) % TABLE_SIZE;
	return (int)i;
}

static bool has(const struct table *table, u64 hash)
{
	return table->rows[find(table, hash)].generation == table->generation;
}

static void put(struct table *table, u64 hash, int preemptions)
{
	int i = find(table, hash);

	if (table->rows[i].generation != table->generation) {
		if (table->nr == TABLE_SIZE * 3 / 4) {
			/* Not abort(): other processes wait for the lock. */
			totals->full++;
			return;
		}
		table->nr++;
		table->rows[i].generation = table->generation;
		table->rows[i].hash = hash;
		table->rows[i].times = 0;
		table->rows[i].least = preemptions;
	}
	table->rows[i].times++;
	if (table->rows[i].least > preemptions)
		table->rows[i].least = preemptions;
}

static void lock(struct record *record)
{
	while (__atomic_exchange_n(&record->locked, true, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock(struct record *record)
{
	__atomic_store_n(&record->locked, false, __ATOMIC_RELEASE);
}

static void begin(struct record *record)
{
	clear(&record->states);
	clear(&record->traces);
	clear(&record->clocks);
	record->runs = record->counted = 0;
	record->checks = 0;
	record->seen = 0;
	record->most_preemptions = 0;
	memset(record->within, 0, sizeof(record->within));
	now = record;
	program_checks = &record->checks;
}

/*
 * The functions below compute the trace of the execution that has just ended.
 */

static enum location location_of(const struct node *node)
{
	return (enum location)(node->site - sites);
}

static bool in_obj(const struct node *node)
{
	return node->site >= &sites[OBJ] && node->site <= &sites[OBJ_MUTEX];
}

static bool reads(const struct node *node)
{
	return node->kind == IOMMUFD_MODEL_OP_REFCOUNT_READ ||
	       node->kind == IOMMUFD_MODEL_OP_ATOMIC_READ ||
	       node->kind == IOMMUFD_MODEL_OP_BIT_TEST ||
	       node->kind == IOMMUFD_MODEL_OP_SEQ_BEGIN ||
	       node->kind == IOMMUFD_MODEL_OP_SEQ_READ ||
	       node->kind == IOMMUFD_MODEL_OP_LOCK_READ ||
	       node->kind == IOMMUFD_MODEL_OP_WAIT_READ ||
	       node->kind == IOMMUFD_MODEL_OP_READ_ONCE;
}

/*
 * Tells whether a step changes a location that the invariant reads, so that its
 * order matters.
 */
static bool changes_what_is_watched(const struct node *node)
{
	return (program.watch | program.watch_if) & (1u << location_of(node)) &&
	       (node->kind == IOMMUFD_MODEL_OP_WRITE_ONCE ||
		(node->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE &&
		 !reads(node)));
}

static bool is_zero_wait(const struct node *node)
{
	return node->kind == IOMMUFD_MODEL_OP_WAIT_ZERO;
}

static bool nothing(const struct node *node)
{
	return node->kind == IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL ||
	       node->kind == IOMMUFD_MODEL_OP_RWSEM_UP_TAIL ||
	       node->kind == IOMMUFD_MODEL_OP_WAIT_FINISH ||
	       node->kind == IOMMUFD_MODEL_OP_SPAWN ||
	       node->kind == IOMMUFD_MODEL_OP_JOIN ||
	       node->kind == IOMMUFD_MODEL_OP_AFTER ||
	       node->kind == IOMMUFD_MODEL_OP_CHOOSE ||
	       node->kind == IOMMUFD_MODEL_OP_RELAX ||
	       (node->kind == IOMMUFD_MODEL_OP_ALLOC && !program.fail_nth);
}

static bool locks_depend(const struct node *a, const struct node *b)
{
	unsigned int f = a->flags[0], e = b->flags[0];

	if (f & e & LOCK_READ && f & (LOCK_TAKE | LOCK_DROP) &&
	    e & (LOCK_TAKE | LOCK_DROP))
		return false;
	if (f & e & LOCK_QUEUE)
		return false;
	return !(f & e & LOCK_TRY) || (f | e) & LOCK_TAKE;
}

static bool expires(const struct node *node)
{
	return node->conflict[0] == CONFLICT_EXPIRE;
}

static bool has_timeout(const struct node *sleep)
{
	return sleep->delta >= 0 && sleep->delta < IOMMUFD_MODEL_WATCHDOG;
}

static bool resumes(const struct node *node)
{
	return node->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP && !expires(node);
}

/* Tells whether the code after step @a looks at the clock, which @b moves. */
static bool looks_at(const struct node *a, const struct node *b)
{
	enum conflict look = (enum conflict)a->conflict[NODE_LOCATIONS - 1],
		      move = (enum conflict)b->conflict[NODE_LOCATIONS - 1];

	return (look == CONFLICT_READ || look == CONFLICT_WRITE) &&
	       (move == CONFLICT_ADD || move == CONFLICT_WRITE);
}

static bool depend(const struct node *a, const struct node *b)
{
	if (looks_at(a, b) || looks_at(b, a))
		return true;
	if (a->kind == IOMMUFD_MODEL_OP_FREE ||
	    b->kind == IOMMUFD_MODEL_OP_FREE)
		return in_obj(a) && in_obj(b);
	if (changes_what_is_watched(a) && changes_what_is_watched(b))
		return true;
	/*
	 * Two timeouts conflict because of their limit, and so do two spurious
	 * wake-ups.
	 */
	if (expires(a) && expires(b) && has_timeout(a) == has_timeout(b))
		return true;
	if (location_of(a) != location_of(b) || nothing(a) || nothing(b))
		return false;
	if (a->conflict[0] == CONFLICT_LOCK && b->conflict[0] == CONFLICT_LOCK)
		return locks_depend(a, b);
	if (location_of(a) == QUEUE0 || location_of(a) == QUEUE1)
		return (a->kind == IOMMUFD_MODEL_OP_WAIT_WAKE && !resumes(b)) ||
		       (b->kind == IOMMUFD_MODEL_OP_WAIT_WAKE && !resumes(a));
	return !(reads(a) || is_zero_wait(a)) || !(reads(b) || is_zero_wait(b));
}

static u64 hash_step(const struct node *node, const s16 *clock)
{
	u64 hash = mix((u64)world.list_of[node->thread], node->index);
	int t;

	hash = mix(hash, node->kind);
	hash = mix(hash, node->value_chosen);
	for (t = 0; t < MAX_LISTS; t++)
		hash += mix((u64)world.list_of[t] * 100 + 5, (u64)clock[t]);
	return mix(hash, 3);
}

/* The hash is a sum, so that the order of the steps does not matter. */
static void hash_trace(u64 *ours, u64 *theirs)
{
	static s16 clocks[MAX_STEPS][MAX_LISTS];
	const struct search *search = explore_execution_current()->search;
	const struct node *nodes = search->nodes;
	int i, j, t;

	*ours = *theirs = 0;
	for (i = 0; i < search->depth; i++) {
		memset(clocks[i], 0, sizeof(clocks[i]));
		for (j = 0; j < i; j++) {
			if (nodes[i].thread != nodes[j].thread &&
			    !depend(&nodes[i], &nodes[j]))
				continue;
			for (t = 0; t < MAX_LISTS; t++)
				if (clocks[i][t] < clocks[j][t])
					clocks[i][t] = clocks[j][t];
		}
		clocks[i][nodes[i].thread] = (s16)nodes[i].index;
		*ours += hash_step(&nodes[i], clocks[i]);
		*theirs += hash_step(&nodes[i], nodes[i].clock);
	}
}

static int preemptions_now(void)
{
	const struct search *search = explore_execution_current()->search;
	const struct node *nodes = search->nodes;
	int i, n = 0;

	/*
	 * A timeout that fires while others can go on counts as a preemption.
	 */
	for (i = 1; i < search->depth; i++)
		n += nodes[i].early & BIT16(nodes[i].thread) ||
		     (nodes[i].thread != nodes[i - 1].thread &&
		      nodes[i].enabled & ~nodes[i].early &
			      BIT16(nodes[i - 1].thread));
	return n;
}

static void program_after(void *data)
{
	const struct search *search = explore_execution_current()->search;
	u64 threads[MAX_LISTS], ours, theirs, state = program_state(threads);
	int n = preemptions_now();

	(void)data;
	if (!world.obj_gone)
		kfree(world.obj);
	/* Longer than it takes an idle job to ask for work (steal.c) */
	if (slow)
		usleep(400);
	/*
	 * The first execution is run twice, to check that it is deterministic;
	 * skip the second.
	 */
	if (search->forced > search->depth)
		return;
	/*
	 * What runs on when the execution is equivalent to another one, or has
	 * come to a state that was seen before, does not count.  It does after
	 * a failure, which the search cannot look behind.
	 */
	if (search->dead && !search->failed)
		return;
	now->runs++;
	lock(now);
	put(&now->states, state, n);
	unlock(now);
	if (search->opt.mode == IOMMUFD_MODEL_RANDOM)
		return;
	if (n > now->most_preemptions)
		now->most_preemptions = n;
	if (search->dead)
		return;
	/*
	 * What several jobs have run before they begin again together counts,
	 * too; their traces are compared with nothing.
	 */
	if (slow)
		return;
	/*
	 * The exploration may restart when it learns which locations the
	 * invariant reads.
	 */
	if (!search->executions && search->shards == 1) {
		now->counted = 0;
		clear(&now->traces);
		clear(&now->clocks);
	}
	now->counted++;
	now->within[n < 63 ? n : 63]++;
	if (search->opt.mode == IOMMUFD_MODEL_BOUNDED && search->bound >= 0)
		return;
	hash_trace(&ours, &theirs);
	lock(now);
	put(&now->traces, ours, n);
	put(&now->clocks, theirs, n);
	unlock(now);
}

static u64 look_at(unsigned int locations, u64 hash)
{
	int loc;

	for (loc = COUNT0; loc <= VAR2; loc++) {
		if (!(locations & (1u << loc)))
			continue;
		if (loc <= COUNT1)
			hash = mix(hash,
				   (u64)iommufd_model_refcount_read(
					   count_at((enum location)loc),
					   &sites[loc]));
		else
			hash = mix(hash, (u64)get_var((enum location)loc));
	}
	return hash;
}

static void program_invariant(void *data)
{
	enum location if_this = (enum location)__builtin_ctz(program.watch);
	u64 hash = look_at(program.watch, 99);
	bool more;

	(void)data;
	more = if_this <= COUNT1 ? count_at(if_this)->refs == 2 :
				   *var_at(if_this) != 0;
	if (more)
		hash = look_at(program.watch_if, hash);
	lock(now);
	put(&now->states, hash, 0);
	unlock(now);
	iommufd_model_assert(program.never < 0 ||
			     (int)(hash % 64) != program.never);
}

static bool spurious(void)
{
	return program.seed % 4 == 3;
}

/* True if a sleep can end early only while another thread can go on. */
static bool needs_others(enum verb verb)
{
	switch (verb) {
	case WAIT:
	case WAIT_BADLY:
		return spurious();
	case WAIT_TIMED:
		return !(program.ignore & 1u << IOMMUFD_MODEL_FAIL_TIMEOUT);
	default:
		return false;
	}
}

static bool ends_early(void)
{
	int l, i;

	for (l = 0; l < MAX_LISTS; l++)
		for (i = 0; i < program.lists[l].nr; i++)
			if (needs_others(program.lists[l].ops[i].verb))
				return true;
	return false;
}

/* The functions below compare results. */

static int nr_wrong;

static void wrong(const char *mode, const char *what, unsigned long is,
		  unsigned long should)
{
	if (!nr_wrong++)
		print_program(&program, stderr);
	fprintf(stderr, "program %lu, %s: %s: %lu, should be %lu\n",
		program.seed, mode, what, is, should);
	totals->wrong++;
}

static unsigned long missing(const struct table *from, const struct table *in)
{
	unsigned long n = 0;
	unsigned int i;

	for (i = 0; i < TABLE_SIZE; i++)
		n += in->rows[i].generation == in->generation &&
		     !has(from, in->rows[i].hash);
	return n;
}

/* Some programs have another limit of early timeouts, or spurious wake-ups. */
static void limit_early(struct iommufd_model_explore_options *options)
{
	options->timeouts = program.seed % 8 == 5;
	options->spurious = spurious();
}

static void explore(struct record *record,
		    struct iommufd_model_explore_options *options,
		    struct iommufd_model_explore_result *result)
{
	options->keep_going = true;
	options->no_minimise = true;
	options->quiet = true;
	options->ignore = program.ignore;
	options->fail_nth = program.fail_nth;
	options->alloc_failures = program.alloc_failures;
	limit_early(options);
	begin(record);
	totals->full = 0;
	ck_assert_int_ge(iommufd_model_explore(&test, options, result), 0);
	if (totals->full)
		wrong("table", "without room", totals->full, 0);
}

/*
 * The search has a step after the last operation of a thread, and brute force
 * has none.  During that step, a sleep of another thread can end early; after
 * it, it cannot.  So if the search finds more than brute force does, and the
 * program has such a sleep, all its interleavings are run with one more
 * operation at the end of each thread.  What happens then is permitted.
 */
static void run_closed(void)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_BOUNDED,
		.preemptions = -1,
		.executions = MOST_INTERLEAVINGS,
	};
	struct iommufd_model_test saved = test;
	struct iommufd_model_explore_result r;

	if (closed_is_known || !ends_early())
		return;
	closed_is_known = true;
	test.symmetric = 0;
	test.memory[0].size = 0;
	program.closes = true;
	explore(closed, &options, &r);
	program.closes = false;
	test = saved;
	closed->seen = r.seen;
	if (r.executions + r.nr_failed >= options.executions)
		closed_is_large = true;
	iommufd_model_explore_free(&r);
}

/*
 * Returns the number of states that @other has and that are not permitted.  If
 * there are too many interleavings to know that, returns 0.
 */
static unsigned long unknown(void)
{
	unsigned long n = 0;
	unsigned int i;

	if (missing(&brute->states, &other->states))
		run_closed();
	for (i = 0; i < TABLE_SIZE && !closed_is_large; i++)
		n += other->states.rows[i].generation ==
			     other->states.generation &&
		     !has(&brute->states, other->states.rows[i].hash) &&
		     !has(&closed->states, other->states.rows[i].hash);
	return n;
}

/* Returns the kinds of failure in @seen that are not permitted. */
static unsigned int unknown_failures(unsigned int seen, unsigned int all)
{
	if (seen & ~all)
		run_closed();
	return closed_is_large ? 0 : seen & ~(all | closed->seen);
}

static u64 unknown_checks(void)
{
	u64 more = other->checks & ~brute->checks;

	if (more)
		run_closed();
	return closed_is_large ? 0 : more & ~closed->checks;
}

static void same_states(const char *mode,
			const struct iommufd_model_explore_result *all,
			const struct iommufd_model_explore_result *result)
{
	unsigned long n;

	n = missing(&other->states, &brute->states);
	if (n)
		wrong(mode, "states not seen", n, 0);
	n = unknown();
	if (n)
		wrong(mode, "states brute force does not know", n, 0);
	/*
	 * kfree() reports held locks at once, before its step, so that failures
	 * which would come after it are not seen.
	 */
	if (all->seen & 1u << IOMMUFD_MODEL_FAIL_LOCK ?
		    !result->seen :
		    all->seen & ~result->seen)
		wrong(mode, "failures", result->seen, all->seen);
	if (unknown_failures(result->seen, all->seen))
		wrong(mode, "failures", result->seen, all->seen);
	if (brute->checks & ~other->checks || unknown_checks())
		wrong(mode, "failed checks", other->checks, brute->checks);
}

/*
 * Tells whether a semaphore is taken for reading and also tried for writing.
 * The search knows that a writer who failed because of a reader would also have
 * failed with one reader more; the relation of this test does not.
 */
static bool reads_and_tries(void)
{
	unsigned int reads = 0, tries = 0;
	const struct step_of *op;
	int l, i;

	for (l = 0; l < MAX_LISTS; l++)
		for (i = 0; i < program.lists[l].nr; i++) {
			op = &program.lists[l].ops[i];
			if (op->verb == DOWN_READ || op->verb == TRY_READ)
				reads |= 1u << op->loc;
			else if (op->verb == TRY_WRITE)
				tries |= 1u << op->loc;
		}
	return reads & tries;
}

static bool uses(enum verb verb)
{
	int l, i;

	for (l = 0; l < MAX_LISTS; l++)
		for (i = 0; i < program.lists[l].nr; i++)
			if (program.lists[l].ops[i].verb == verb)
				return true;
	return false;
}

/*
 * Tells whether a step may look at the clock with one of the values that it
 * chooses, and not with another.  The search then takes a thread out of a sleep
 * set for all of its values.
 */
static bool chooses_whether_to_look(void)
{
	return (uses(CHOOSE) || program.alloc_failures) &&
	       (uses(LOOK) || uses(DELAY) || uses(WAIT_TIMED));
}

/*
 * Tells whether the program looks at locks or uses a completion.  Whether such steps
 * are independent depends on the state, and the relation of this test does not.
 */
static bool depends_on_state(void)
{
	return uses(IS_LOCKED) || uses(TAKE) || uses(TRY_TAKE) || uses(GIVE) ||
	       uses(GIVE_ALL);
}

/*
 * Tells whether plain reduction must run each trace exactly once.  It does not
 * if the reads of the invariant depend on each other, if it does not know
 * whether a sleep can end early, or if a choice decides about the clock.  Nor
 * does it try in every case that a writer queues before a lock is dropped,
 * rather than taking the lock just after that.
 */
static bool exact(void)
{
	int l, i;

	for (l = 0; l < MAX_LISTS; l++)
		for (i = 0; i < program.lists[l].nr; i++)
			if (program.lists[l].ops[i].verb == DOWN_WRITE)
				return false;
	return !program.watch_if && !reads_and_tries() && !depends_on_state() &&
	       !ends_early() &&
	       !chooses_whether_to_look();
}

static void check_exhaustive(const struct iommufd_model_explore_result *all,
			     bool plain, unsigned long *executions)
{
	struct iommufd_model_explore_options options = { .plain = plain };
	struct iommufd_model_explore_result r;
	const char *mode = plain ? "plain" : "commuting";

	explore(other, &options, &r);
	same_states(mode, all, &r);
	totals->redundant += r.redundant;
	if (!all->nr_failed && r.verdict != IOMMUFD_MODEL_COMPLETE)
		wrong(mode, "verdict", r.verdict, IOMMUFD_MODEL_COMPLETE);
	if (!all->nr_failed && r.executions != other->counted)
		wrong(mode, "executions", r.executions, other->counted);
	if (!all->nr_failed && plain && exact() &&
	    r.executions != brute->traces.nr)
		wrong(mode, "traces", r.executions, brute->traces.nr);
	if (!all->nr_failed && plain && !ends_early() &&
	    !chooses_whether_to_look() &&
	    r.executions > brute->traces.nr)
		wrong(mode, "more than the traces", r.executions,
		      brute->traces.nr);
	if (!all->nr_failed && !ends_early() && !chooses_whether_to_look() &&
	    other->traces.nr != other->counted)
		wrong(mode, "traces among the executions", other->traces.nr,
		      other->counted);
	if (!all->nr_failed && other->clocks.nr != other->counted)
		totals->doubles += other->counted - other->clocks.nr;
	*executions = r.executions;
	iommufd_model_explore_free(&r);
}

/*
 * Check that a search with states gives the same final states and failures.
 * The memory is @memory, or all static variables.
 */
static void check_states(const struct iommufd_model_explore_result *all,
			 bool plain, struct iommufd_model_memory memory)
{
	struct iommufd_model_explore_options options = { .plain = plain };
	struct iommufd_model_explore_result r;
	const char *mode = memory.start ? "states" : "states of all memory";

	test.memory[0] = memory;
	explore(other, &options, &r);
	same_states(mode, all, &r);
	if (!all->nr_failed && r.verdict != IOMMUFD_MODEL_COMPLETE)
		wrong(mode, "verdict", r.verdict, IOMMUFD_MODEL_COMPLETE);
	if (memory.start) {
		totals->merged += r.executions;
		totals->with_states += r.states > 0;
	} else {
		totals->merged_whole += r.executions;
		totals->with_whole_states += r.states > 0;
	}
	iommufd_model_explore_free(&r);
	test.memory[0].size = 0;
}

static void check_symmetric(const struct iommufd_model_explore_result *all,
			    bool plain)
{
	struct iommufd_model_explore_options options = { .plain = plain };
	struct iommufd_model_explore_result r;

	test.symmetric = (1u << program.same) - 1;
	explore(other, &options, &r);
	same_states("symmetric", all, &r);
	iommufd_model_explore_free(&r);
	test.symmetric = 0;
	totals->symmetric += plain;
}

static void check_shards(const struct iommufd_model_explore_result *all,
			 bool plain, unsigned long executions)
{
	struct iommufd_model_explore_options options = { .plain = plain };
	struct iommufd_model_explore_result r;
	unsigned long sum = 0;
	unsigned int seen = 0, shards = 2 + pick_one(2), k;

	other->checks = 0;
	options.shards = shards;
	clear(&other->states);
	for (k = 1; k <= shards; k++) {
		options.shard = k;
		options.keep_going = true;
		options.no_minimise = true;
		options.quiet = true;
		options.ignore = program.ignore;
		options.fail_nth = program.fail_nth;
		options.alloc_failures = program.alloc_failures;
		limit_early(&options);
		now = other;
		program_checks = &other->checks;
		ck_assert_int_ge(iommufd_model_explore(&test, &options, &r), 0);
		sum += r.executions;
		seen |= r.seen;
		iommufd_model_explore_free(&r);
	}
	r.seen = seen;
	same_states("shards", all, &r);
	/*
	 * With an invariant the shards treat more steps as conflicts.  Which
	 * counter operations commute depends on the executions that were run.
	 */
	if (!all->nr_failed && plain && exact() && !program.watch &&
	    sum != executions)
		wrong("shards", "executions", sum, executions);
}

/*
 * Executions take long, so that the jobs take work from each other.  @executions:
 * how many a search without states has; 0: not known
 */
static void check_jobs(const struct iommufd_model_explore_result *all,
		       bool plain, unsigned long executions,
		       struct iommufd_model_memory memory)
{
	struct iommufd_model_explore_options options = {
		.jobs = 2 + (unsigned int)(program.seed / 8 % 3),
		.plain = plain,
		.states_after = 1,
	};
	struct iommufd_model_explore_result r;
	const char *mode = memory.size ? "states, jobs" : "jobs";

	test.memory[0] = memory;
	slow = true;
	explore(other, &options, &r);
	slow = false;
	same_states(mode, all, &r);
	if (executions && !all->nr_failed && exact() && !program.watch &&
	    r.executions != executions)
		wrong(mode, "executions", r.executions, executions);
	iommufd_model_explore_free(&r);
	test.memory[0].size = 0;
}

static void check_bounded(const struct iommufd_model_explore_result *all,
			  int bound)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_BOUNDED, .preemptions = bound,
	};
	struct iommufd_model_explore_result r;
	unsigned long n, within = 0, sum = 0;
	unsigned int i;
	char text[2] = { (char)('0' + bound), 0 };
	bool whole;
	int k;

	/* A 0 in the options means the default. */
	setenv("IOMMUFD_MODEL_EXPLORE_PREEMPTIONS", text, 1);
	explore(other, &options, &r);
	unsetenv("IOMMUFD_MODEL_EXPLORE_PREEMPTIONS");
	n = missing(&brute->states, &other->states);
	if (n)
		wrong("bounded", "states brute force does not know", n, 0);
	if (other->most_preemptions > bound)
		wrong("bounded", "preemptions",
		      (unsigned long)other->most_preemptions,
		      (unsigned long)bound);
	if (r.seen & ~all->seen)
		wrong("bounded", "failures", r.seen, all->seen);
	for (i = 0; !program.watch && i < TABLE_SIZE; i++)
		if (brute->states.rows[i].generation ==
			    brute->states.generation &&
		    brute->states.rows[i].least <= bound &&
		    !has(&other->states, brute->states.rows[i].hash))
			wrong("bounded", "state not seen with bound",
			      (unsigned long)brute->states.rows[i].least,
			      (unsigned long)bound);
	whole = brute->most_preemptions <= bound;
	for (k = 0; k <= bound; k++) {
		within += brute->within[k];
		sum += within;
		if (k >= brute->most_preemptions)
			break;
	}
	if (!all->nr_failed && r.executions != sum)
		wrong("bounded", "executions", r.executions, sum);
	if (!all->nr_failed &&
	    r.verdict != (whole ? IOMMUFD_MODEL_COMPLETE :
				  IOMMUFD_MODEL_COMPLETE_BOUNDED))
		wrong("bounded", "verdict", r.verdict,
		      whole ? IOMMUFD_MODEL_COMPLETE :
			      IOMMUFD_MODEL_COMPLETE_BOUNDED);
	iommufd_model_explore_free(&r);
}

static void check_random(const struct iommufd_model_explore_result *all)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_RANDOM, .executions = 40,
		.seed = program.seed,
	};
	struct iommufd_model_explore_result r;
	unsigned long n;

	explore(other, &options, &r);
	n = unknown();
	if (n)
		wrong("random", "states brute force does not know", n, 0);
	if (unknown_failures(r.seen, all->seen))
		wrong("random", "failures", r.seen, all->seen);
	if (r.executions + r.nr_failed != 40)
		wrong("random", "executions", r.executions + r.nr_failed, 40);
	iommufd_model_explore_free(&r);
}

static void prepare_program(unsigned long seed)
{
	int i;

	make_program(&program, seed);
	memset(&test, 0, sizeof(test));
	test.name = "program";
	test.data = &program;
	test.setup = program_setup;
	test.after = program_after;
	for (i = 0; i < program.nr_threads; i++)
		test.threads[i].fn = program_thread;
	if (program.watch)
		test.invariant = program_invariant;
}

/*
 * Runs all interleavings; returns false if there are too many.  With @plain it
 * leaves out the extra steps behind the last operation on an object, which
 * changes the number of executions.
 */
static bool run_all(struct iommufd_model_explore_result *all, bool plain)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_BOUNDED, .preemptions = -1,
		.executions = 200, .plain = plain,
	};

	explore(brute, &options, all);
	/* Each failure costs a process. */
	if (all->nr_failed > MOST_FAILURES)
		return false;
	if (all->executions + all->nr_failed < options.executions)
		return true;
	iommufd_model_explore_free(all);
	options.executions = limit;
	explore(brute, &options, all);
	return all->executions + all->nr_failed < options.executions;
}

static void sum_up(const struct iommufd_model_explore_result *all,
		   unsigned long plain, unsigned long commuting)
{
	totals->kept++;
	totals->unjudged += closed_is_large;
	totals->failing += all->nr_failed > 0;
	totals->clean += !all->nr_failed;
	totals->invariant += program.watch != 0;
	totals->choosing += uses(CHOOSE) || program.alloc_failures;
	totals->brute += all->executions;
	totals->plain += plain;
	totals->commuting += commuting;
	if (tell)
		fprintf(stderr, "%lu: %lu interleavings, %lu failed, %lu plain,"
			" %lu commuting, %u states\n", program.seed,
			all->executions, all->nr_failed, plain, commuting,
			brute->states.nr);
}

/*
 * Tells whether a thread ends with an operation on a location that it has used
 * before.  Both operations have one call site here, so the explorer takes each
 * of them for the end of the thread and has one more step behind the first.
 */
static bool ends_with_a_repetition(void)
{
	const struct list_of *list;
	int i;

	for (list = program.lists; list < program.lists + MAX_LISTS; list++)
		for (i = 0; i < list->nr - 1; i++)
			if (list->ops[i].loc == list->ops[list->nr - 1].loc)
				return true;
	return false;
}

/* Random executions must end in no state that a search did not see. */
static void check_walks(void)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_RANDOM, .executions = NR_WALKS,
		.seed = program.seed,
	};
	struct iommufd_model_explore_result r;
	unsigned long n;

	explore(other, &options, &r);
	n = missing(&brute->states, &other->states);
	if (n)
		wrong("random", "states that the search has not seen", n, 0);
	iommufd_model_explore_free(&r);
}

/*
 * A program with too many interleavings for brute force: the search without
 * states is compared with random executions, and with the search with states.
 * Here many executions come to a state that is known.
 */
static void check_large(unsigned long seed)
{
	struct iommufd_model_explore_options options = {
		.executions = MOST_LARGE,
	};
	struct iommufd_model_explore_result all;

	options.jobs = 1;
	explore(brute, &options, &all);
	if (all.verdict == IOMMUFD_MODEL_VERDICT_COMPLETE && !all.nr_failed &&
	    all.executions > LEAST_LARGE && brute->states.nr < TABLE_SIZE / 2) {
		check_walks();
		check_states(&all, false, listed);
		check_states(&all, false, all_memory);
		check_jobs(&all, false, 0, no_memory);
		check_jobs(&all, false, 0, seed % 2 ? listed : all_memory);
		totals->compared_large++;
	}
	iommufd_model_explore_free(&all);
}

static void check_program(unsigned long seed)
{
	struct iommufd_model_explore_result all;
	unsigned long plain = 0, commuting = 0;

	prepare_program(seed);
	begin(closed);
	closed_is_known = closed_is_large = false;
	if (!run_all(&all, false)) {
		totals->large++;
		if (!all.nr_failed && seed % large == 0)
			check_large(seed);
		iommufd_model_explore_free(&all);
		return;
	}
	check_exhaustive(&all, false, &commuting);
	check_states(&all, false, listed);
	check_states(&all, false, all_memory);
	if (program.same)
		check_symmetric(&all, false);
	if (seed % 3 == 0)
		check_shards(&all, false, commuting);
	if (seed % 8 == 5)
		check_jobs(&all, false, 0,
			   seed % 16 == 5 ? listed : all_memory);
	if (seed % 2)
		check_bounded(&all, (int)(seed % (MOST_BOUND + 1)));
	if (seed % 10 == 2)
		check_random(&all);
	if (program.gives_away) {
		iommufd_model_explore_free(&all);
		if (!run_all(&all, true)) {
			totals->large++;
			iommufd_model_explore_free(&all);
			return;
		}
	}
	check_exhaustive(&all, true, &plain);
	check_states(&all, true, listed);
	check_states(&all, true, all_memory);
	if (program.same)
		check_symmetric(&all, true);
	if (seed % 7 == 0)
		check_shards(&all, true, plain);
	if (seed % 8 == 1)
		check_jobs(&all, true, plain, no_memory);
	if (!all.nr_failed && commuting > plain && !program.gives_away &&
	    !ends_early() && !chooses_whether_to_look() &&
	    !ends_with_a_repetition())
		wrong("commuting", "executions", commuting, plain);
	sum_up(&all, plain, commuting);
	iommufd_model_explore_free(&all);
}

/*
 * Each chunk has its own seeds, and continues until it has kept enough
 * programs, which are none for some chunks if there are few programs.
 */
START_TEST(reduced_searches_see_what_brute_force_sees)
{
	unsigned long seed = first + (unsigned long)_i, before = totals->kept;
	unsigned long enough = (count + NR_CHUNKS - 1 - (unsigned long)_i) /
			       NR_CHUNKS;

	while (totals->kept - before < enough) {
		check_program(seed);
		seed += NR_CHUNKS;
	}
	ck_assert_int_eq(nr_wrong, 0);
}
END_TEST

/* Programs with which a search or this test was wrong once. */
START_TEST(programs_that_differed_once)
{
	static const unsigned long seeds[] = { 20199,  20323,  30443,  101422,
					       106326, 201075, 206402, 300224,
					       710706, 715561, 717524,
					       3011016, 10200972, 11005071 };
	unsigned int i;

	program_without_clock = true;
	for (i = 0; i < ARRAY_SIZE(seeds); i++)
		check_program(seeds[i]);
	program_without_clock = false;
	check_program(17001908);
	check_program(20403536);
	check_program(30004616);
	ck_assert_int_eq(nr_wrong, 0);
}
END_TEST

static void arguments(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--tell")) {
			tell = true;
		} else if (!strcmp(argv[i], "--count") && i + 1 < argc) {
			count = strtoul(argv[++i], NULL, 10);
		} else if (!strcmp(argv[i], "--first") && i + 1 < argc) {
			first = strtoul(argv[++i], NULL, 10);
		} else if (!strcmp(argv[i], "--limit") && i + 1 < argc) {
			limit = strtoul(argv[++i], NULL, 10);
			if (limit > MOST_INTERLEAVINGS)
				limit = MOST_INTERLEAVINGS;
		} else if (!strcmp(argv[i], "--large") && i + 1 < argc) {
			large = strtoul(argv[++i], NULL, 10);
			large += !large;
		} else if (!strcmp(argv[i], "--print") && i + 1 < argc) {
			make_program(&program, strtoul(argv[++i], NULL, 10));
			print_program(&program, stdout);
			exit(EXIT_SUCCESS);
		} else {
			fprintf(stderr, "%s: what is %s?\n", argv[0], argv[i]);
			exit(EXIT_FAILURE);
		}
	}
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("random_programs");
	TCase *tc = tcase_create("random_programs");
	int code;

	arguments(argc, argv);
	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	brute = shared(sizeof(*brute));
	other = shared(sizeof(*other));
	closed = shared(sizeof(*closed));
	totals = shared(sizeof(*totals));
	tcase_add_loop_test(tc, reduced_searches_see_what_brute_force_sees, 0,
			    NR_CHUNKS);
	tcase_add_test(tc, programs_that_differed_once);
	suite_add_tcase(suite, tc);
	code = run_suite(suite);
	printf("%lu programs, %lu without a failure, %lu with equal threads, "
	       "%lu with an invariant, %lu that choose, %lu left out as too "
	       "large\n"
	       "%lu interleavings, %lu plain, %lu commuting executions, %lu "
	       "redundant, %lu twice by the explorer's clocks, %lu wrong\n"
	       "with states %lu executions, states in %lu of %lu; of all "
	       "memory %lu, %lu; in %lu not known whether all states are "
	       "right\n",
	       totals->kept, totals->clean, totals->symmetric,
	       totals->invariant, totals->choosing, totals->large,
	       totals->brute, totals->plain, totals->commuting,
	       totals->redundant, totals->doubles, totals->wrong,
	       totals->merged, totals->with_states, 2 * totals->kept,
	       totals->merged_whole, totals->with_whole_states,
	       totals->unjudged);
	printf("%lu large programs with and without states\n",
	       totals->compared_large);
	return code;
}
