/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Internals of the explorer.  Its files are listed from the top layer down, and a
 * file calls those that are listed below it:
 *
 *	api.c		iommufd_model_explore(): jobs, the verdict, the result
 *	report.c	the report of a failure, and columns.c the steps in it
 *	options.c	options, their defaults, the environment
 *	passes.c	the walks that make an exploration; minimisation
 *	steal.c		a part of one job's tree for a job that is idle
 *	worker.c	the child process that walks the tree of schedules
 *	crash.c		signals and sanitizer reports while an execution runs
 *	execution.c	one execution: setup, threads, after
 *	background.c	threads that the ground starts by itself
 *	check.c		what can be wrong at the end of an execution
 *	blocked.c	no thread can go on: time, deadlock, lost wake-up
 *	choice.c	steps that choose a value
 *	search.c	which schedule is next: the tree of choices
 *	progress.c	how far an exploration is
 *	dpor.c		which steps must also be tried in the other order
 *	checkpoint.c	copies of all memory, to go on from there
 *	process.c	signals that stop an exploration; ends of processes
 *	states.c	states that were explored before
 *	plain.c		plain accesses in the subtrees below these states
 *	states_file.c	the file in which processes share these states
 *	known.c		the table of these states
 *	memory.c	all memory that a test can change
 *	dpor_races.c	which steps race, and what is tried for that
 *	dpor_commute.c	which steps are independent, and sleep sets
 *	dpor_locations.c  the locations that a step accesses
 *	spin.c		loops that wait for another thread
 *	spin_rounds.c	threads that keep each other in their loops
 *	spin_learn.c	which call sites are in a loop that waits
 *	marked.c	volatile accesses that are steps
 *	ending.c	what threads do after their last operation
 *	schedule.c	schedules as text
 *	fingerprint.c	does a schedule belong to this test and this code?
 *	determinism.c	is a step the same as in an earlier execution?
 *	watch.c		accesses of watched code that are wrong
 *	failure.c	the execution has failed
 *	order.c		which operations order the accesses of watched code
 *	ordered.c	what would order two that race
 *	recorder.c	what the explorer adds to the record of an execution
 *	conflict.c	what operations are to each other
 *	threads.c	which threads can go on, and what blocks the others
 *	arena.c		memory of an execution
 *	fiber.c		stacks
 *	../watch/	watched code: who accessed what, and when
 *
 * Few calls go up.  arena.c, dpor_locations.c and dpor_races.c put their parts
 * into a checkpoint.  background.c, plain.c and watch.c, to which an operation or an
 * access of a thread leads, ask execution.c which execution runs; background.c
 * also starts threads there.  blocked.c asks background.c which threads are idle.
 * arena.c tells watch.c of allocations, and watch.c tells plain.c of accesses,
 * which asks states.c where they belong.  spin_rounds.c asks dpor_locations.c
 * which step was the last on a location, and spin.c what a step or a thread
 * looks at.
 * threads.c and conflict.c ask each other.
 *
 * Two structs are passed around.  struct search is the walk through the
 * schedules of a test.  It lies in memory that the parent shares with the child
 * that works on it, so that another child can go on when one has died.  struct
 * execution is the execution that runs, and belongs to the child alone.
 * exploration.h has what is above these.
 */
#ifndef EXPLORE_INTERNAL_H
#define EXPLORE_INTERNAL_H

#include "../kernel/ground.h"
#include "../record/record.h"
#include "../watch/watch.h"
#include "fiber.h"
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel/lockdep.h>
#include <limits.h>
#include <setjmp.h>

#define MAX_THREADS IOMMUFD_MODEL_MAX_THREADS
#define MAX_STEPS 32000
/* the largest number of locations of one step */
#define NODE_LOCATIONS 4
#define NO_LINK (~0u)
#define LINK(depth, which) ((depth) << 2 | (which))
#define LINK_DEPTH(link) ((link) >> 2)
#define LINK_WHICH(link) ((link) & 3)
#define EXPLORE_HOW_TO_FORCE \
	" (--force or IOMMUFD_MODEL_EXPLORE_FORCE=1 runs it)"
#define MAX_WATCHED 64
#define MAX_ENDINGS 64
#define MAX_LOOPS 128
#define MAX_LOOKED_AT 16
#define MAX_ACCESSES 4096
#define ACCESS_WORDS (MAX_ACCESSES / 64)
#define MAX_HELD_LOCKS 6
#define MAX_LOCKSETS 256
/* The largest number of subtrees that jobs take one by one. */
#define EXPLORE_MAX_TAKEN 65536
/* Marks the choice of a step that follows the last operation of a thread. */
#define CHOICE_ENDS 0x80
#define CHOICE_THREAD(choice) ((choice) & 0x7f)
/* The value that the step chooses; see choice.c. */
#define CHOICE_VALUE(choice) ((choice) >> 8)
#define BIT16(n) ((u16)(1u << (n)))

typedef int16_t s16;

/* How an operation conflicts with others on the same location. */
enum conflict {
	CONFLICT_NONE,		/* uses only memory that must not be freed */
	CONFLICT_READ,
	CONFLICT_READ_BIT,	/* reads one bit; the flags hold its number */
	CONFLICT_WRITE_BIT,
	CONFLICT_WRITE,
	CONFLICT_ADD,		/* adds to a counter; its result is certain */
	CONFLICT_TAKE,		/* takes 1 from a completion; flags: see below */
	CONFLICT_GIVE,		/* a complete() that wakes no thread */
	CONFLICT_ZERO,		/* waits until a counter is zero */
	CONFLICT_UNTIL,		/* waits for a condition that then stays true */
	CONFLICT_LOCK,		/* flags say what it does, see below */
	CONFLICT_EPOCH,		/* flags say what it does, see below */
	CONFLICT_BEGIN,		/* an item begins to run, which changes it */
	CONFLICT_FLUSH,		/* reads what an item will run, or has run */
	CONFLICT_PREPARE,	/* a thread enters a wait queue */
	CONFLICT_LEAVE,		/* a thread leaves a wait queue */
	CONFLICT_WAKE,
	CONFLICT_RESUME,	/* a sleeping thread goes on after a wake-up */
	/* a sleeping thread goes on after its timeout, or spuriously */
	CONFLICT_EXPIRE,
	CONFLICT_FREE,
	CONFLICT_AFTER,		/* what a thread does after an operation */
	CONFLICT_PLAIN,		/* a plain access (plain.c), which is no step */
};

/* For a step on one bit of a word, the node's flags hold the bit's number. */
#define BIT_OF(op) ((u8)((op)->arg & 63))

/* The flag of a CONFLICT_TAKE: after complete_all(), it changes nothing. */
#define TAKE_NOTHING 1u

/* Flags of a CONFLICT_LOCK. */
#undef LOCK_READ	/* <fcntl.h> defines it, too */
#define LOCK_READ 1u		/* the shared side of a semaphore */
#define LOCK_TAKE 2u
#define LOCK_DROP 4u
#define LOCK_QUEUE 8u		/* a writer begins to wait */
#define LOCK_TRY 16u		/* a trylock; without LOCK_TAKE it has failed */
#define LOCK_QUEUED 32u		/* taken while a writer was waiting */
#define LOCK_WAITED 64u		/* taken by a writer whose wait began before */
#define LOCK_HELD 128u		/* a writer begins to wait for another one */

/*
 * Flags of a CONFLICT_EPOCH (../kernel/epoch.c).  A location has up to two
 * epochs.  For LEAVE the node's @delta is the number of the section; for END it
 * is a limit: the wait is for all sections with a number below it.
 */
#define EPOCH_ENTER 1u
#define EPOCH_LEAVE 2u
#define EPOCH_BEGIN 4u
#define EPOCH_END 8u
#define EPOCH_SECOND 4		/* shift of the flags of the second epoch */

/*
 * struct node - the choice of a thread, and the step that the thread then did
 * @clock: how many steps of each thread happened before this step ended
 * @prev: for each location, a link to the previous step on it: the depth of
 *	that step, and which of that step's locations it is
 * @enabled: threads that could go on here
 * @early: threads in @enabled that could go on only by a timeout or spuriously
 * @backtrack: threads to try here
 * @done: threads that have been tried here, with the whole subtree below
 * @sleep: the sleep set: threads that need not be tried here
 * @goes_on: threads in @done or @sleep that can go on after their next step,
 *	whatever other threads do until then
 * @covered: threads that need not be tried here, as they were tried in an equal
 *	state (states.c)
 * @elsewhere: threads that another job tries here (steal.c)
 * @looks, @moves: threads in @done or @sleep of which it is known that their next
 *	step looks at the clock, or moves it
 * @hidden: threads for which @stand_in is tried, as they are equal (search.c)
 * @over: the threads whose numbers a thread can get that the step starts
 * @index: number of this step among those of its thread, from 1
 * @preemptions: how many preemptions there were before this step
 * @before, @delta: value of a counter or completion, and what was added to it
 * @end: of an addition to an atomic variable: its result is certain as long as
 *	the variable is above this value
 * @certain: of an addition to a refcount_t: it is one in any order
 * @result: what the operation returned
 * @value_chosen, @nr_values: the value that the step chooses, and how many
 *	values it can choose; a step that chooses nothing has one value, 0
 * @addr, @location, @arg, @value: what determinism.c compares
 * @history: see states.c
 */
struct node {
	const struct iommufd_model_site *site;
	u64 addr, value, history;
	u32 location, arg;
	s16 clock[MAX_THREADS];
	u32 prev[NODE_LOCATIONS];
	int before;
	int delta;
	long end;
	int result;
	u16 enabled, early, backtrack, done, sleep, goes_on, looks, moves;
	u16 covered, elsewhere;
	u16 hidden, stand_in;
	u16 over;
	u16 index;
	u16 preemptions;
	u16 value_chosen, nr_values;
	u8 thread, kind, certain;
	u8 conflict[NODE_LOCATIONS], flags[NODE_LOCATIONS];
};

#define COST_SIZES 40

/*
 * struct subtree_costs - how many executions subtrees took, see progress.c
 * @at: for each node of the path, how many executions there were when it was
 *	reached and when the thread that is tried there now began, and how many
 *	the first thread took
 * @before, @from: how many there were when the job was given what it does now, and
 *	at which depth (steal.c)
 * @first, @later: for each size of the first, as a power of two, what the first
 *	threads took, once for each later one, and what the later ones took
 */
struct subtree_costs {
	struct {
		u32 reached, began, first;
	} at[MAX_STEPS + 1];
	u32 before;
	int from;
	double first[COST_SIZES], later[COST_SIZES];
};

/* In some execution, thread @thread ended after the operation at @site. */
struct ending {
	const struct iommufd_model_site *site;
	int thread;
};

#define MAX_FOUND 2

/* A call site in a loop that waits, in a thread whose function is @fn. */
struct loop_site {
	const struct iommufd_model_site *site;
	void (*fn)(void *data);
	int patience;			/* idle turns before the thread waits */
	/* each turn adds the same numbers to what it changes and finds */
	bool counts;
	/* what steps there found in the turns by which it was learnt, as hashes */
	int nr_found;			/* more than MAX_FOUND: they are not kept */
	u64 found[MAX_FOUND];
};

/*
 * struct fingerprint - hashes that show whether a schedule fits test and code
 * @test: hash of the name of the test and the names of its threads
 * @given: hash of the steps that the schedule lists: of each its thread,
 *	operation, function and expression
 * @all: the same hash, of the first @nr steps
 */
struct fingerprint {
	u16 test, given, all;
	int nr;
};

/* A lock that a thread holds, and flags of the step that has taken it. */
struct held_lock {
	const void *addr;
	u64 flags;
};

/* The locks of a thread, by address; unused bytes are 0. */
struct lockset {
	struct held_lock at[MAX_HELD_LOCKS];
	u32 thread, nr;
};

/*
 * struct access - a thread's access to a location, while it holds some locks;
 * unused bytes are 0
 * @locks: the number of these locks (known.c); of a plain access, what is ordered
 *	before it (plain.c)
 */
struct access {
	const void *addr;
	u8 thread, kind, conflict, flags;
	u32 locks;
};

/* Accesses, by number (known.c). */
struct access_set {
	u64 bits[ACCESS_WORDS];
};

enum search_next {
	SEARCH_FIRST,		/* nothing has been run yet */
	SEARCH_ADVANCE,		/* go to the next schedule */
	SEARCH_DONE,		/* there is no other schedule */
	SEARCH_LIMIT,		/* a limit was reached */
};

/*
 * struct search - a walk through the schedules of a test
 * @executing: an execution runs now
 * @depth: number of steps of the execution that runs, or of the last one
 * @forced: number of choices at the start that are given; all but the last of
 *	these nodes are known from earlier executions
 * @top: every thread is tried at nodes above this depth, and the subtrees below
 *	it are dealt out to shards
 * @split: every thread is tried at nodes above this depth, too, by this job or
 *	another one: @top or more (steal.c)
 * @stealing: how jobs find each other; NULL: there is one job
 * @works: this job has work; @got: another one has given it some
 * @shares: in this walk, it has given a part of the tree away or was given one
 * @leaf: number of the subtree at @top that comes next
 * @taken: for each subtree, the walk and the job that took it last; NULL: there
 *	is one job.  @job: number of this one; @walk: of the walk, from 1
 * @bound: most preemptions in this pass; -1: no bound
 * @cut: a schedule was left out because of @bound
 * @cut_timeouts: a schedule was left out because of the limit of timeouts
 * @cut_spurious: a schedule was left out because of the limit of spurious
 *	wake-ups
 * @cut_allocs, @cut_copies: the same of the limits of failed allocations and of
 *	short copies
 * @dead: from step @dead_at on the execution is not counted, as it is
 *	equivalent to another one or belongs to another shard; it is only
 *	brought to its end, or left
 * @mine: the execution is in a subtree that belongs to this shard
 * @injected: an allocation was made to fail
 * @no_stack: a thread could not be started
 * @next_sleep: sleep set of the next node
 * @choices: the schedule of the failure that is reported; only the first
 *	@nr_short of its @nr_choices are needed, the others are default choices;
 *	@nr_ends more behind them are steps that did not come (ending.c)
 * @target: if set, only executions with this failure count
 * @stop: a flag shared with other jobs; if set, the walk ends soon
 * @fingerprint: fingerprint of the steps that are replayed
 * @claimed: fingerprint that the schedule carries, if @claims is set
 * @hash: of all steps so far
 * @given: the schedule to replay, of @nr_given choices
 * @given_loops: number of call sites in loops that the schedule has met
 * @given_steps: number of steps that its execution had; 0: not known
 * @error: what is wrong with the schedule
 * @differs_by: a sentence that says what differed when the same schedule ran
 *	again, or ""; @differs_at and @differs_in are its call site and thread
 * @watched: locations that the invariant reads (dpor_locations.c)
 * @endings: see ending.c; the first @nr_endings were known when the walk began;
 *	all @nr_learnt of them are used when it begins again
 * @hurries: for how many executions threads that poll are not held up; @hurried:
 *	they were so once
 * @loops: likewise the call sites in loops that wait (spin_learn.c)
 * @marked: volatile accesses are steps (marked.c); @marked_learnt: they are when
 *	the walk begins again
 * @sees_all: all plain accesses are seen, so none needs a step of its own (ending.c)
 * @states: the states that were explored, in memory that processes share; NULL:
 *	the test does not say in which memory its state is
 * @retry: the execution taught something new and does not count
 * @unclear: it came to the limit of steps in loops that wait, while others could
 *	have gone on; @cut_steps: an execution did
 * @late: something was learnt after the subtrees were dealt out to the shards
 * @restart: the walk has to begin again, with what was learnt
 */
struct search {
	struct iommufd_model_explore_options opt;
	enum search_next next;
	bool executing;
	int depth, forced, top, split;
	int shard, shards;
	int bound;
	bool cut, cut_timeouts, cut_spurious, cut_allocs, cut_copies, cut_steps;
	bool dead, mine;
	bool injected, no_stack;
	int dead_at;
	unsigned long leaf;
	u32 *taken, job, walk;
	struct stealing *stealing;
	bool works, got, shares;
	u64 random;
	u16 next_sleep;
	s16 priority[MAX_THREADS];
	int change[8];
	unsigned long executions, redundant, steps, failed;
	unsigned int seen, max_depth;
	unsigned long heartbeat;
	double started;
	const int *stop;
	enum iommufd_model_failure failure;
	unsigned long found_after;
	int found_preemptions;
	enum iommufd_model_failure target;
	int nr_choices, nr_short, nr_ends;
	u16 choices[MAX_STEPS];
	struct fingerprint fingerprint, claimed;
	bool claims;
	u32 hash;
	int nr_given;
	u16 given[MAX_STEPS];
	int given_loops, given_steps;
	char error[128];
	char differs_by[RECORD_TEXT];
	const struct iommufd_model_site *differs_at;
	int differs_in;
	const void *watched[MAX_WATCHED];
	int nr_watched;
	struct ending endings[MAX_ENDINGS];
	int nr_endings, nr_learnt, hurries;
	bool hurried;
	struct loop_site loops[MAX_LOOPS];
	int nr_loops, nr_loops_learnt;
	bool marked, marked_learnt, sees_all;
	bool retry, unclear, late, restart;
	struct states *states;
	struct subtree_costs costs;
	struct node nodes[MAX_STEPS + 1];
};

/*
 * struct thread - a thread of the test
 * @op: the operation that the thread is about to do; NULL while the thread runs
 * @site: call site of its last operation
 * @deadline: when its sleep times out, if @timed is set; @over: it has passed
 * @queued: counted as a writer that waits for a semaphore
 * @doomed: its next operation is in memory that has been freed
 * @interrupts: the thread that this one, a handler, interrupts; -1: none
 * @interrupted_by: the handler that runs on its processor; -1: none
 * @entered_at, @left_at: depths at which the last such handler began and ended;
 *	-1: none did
 * @steps: how many steps have been done by threads with its number
 * @clock: vector clock after its last step
 * @base: how many of @steps were done by earlier threads with its number
 * @sections: how many RCU and SRCU read sections it is in
 * @found: the last pointer into the arena read in a read section, or NULL
 * @endings: how many steps at call sites of last operations it has done (ending.c)
 * @background: the thread was started by the ground, not by the test
 * @stays: it may sleep when all others have ended
 *
 * The remaining fields belong to spin.c and spin_rounds.c.
 * @in_loop: its last step was in a loop that waits
 * @spins: waits for a step of another thread
 * @changed: its steps since the last idle turn may have changed something
 * @disturbed_at: depth of the last step that may have changed what it looked at
 * @alone: it runs its loop although no other thread can go on; @yields: it has
 *	done so for long, and another thread can go on now and then
 * @turn_head: number of its step at which this turn began; 0: not known
 * @turn_hash: hash of the steps of the previous turn; 0: others disturbed it since
 * @last_turn: the same, whether disturbed or not
 * @counts: it is in a loop whose turns count (struct loop_site)
 * @idle_turns: number of idle turns in a row
 * @same: the turn that ended last was the same as the one before
 * @released_by: depth of the step that let it go on; -1: none
 * @missed: its turns begin where it could not take a lock by trying
 * @looked_at: the first MAX_LOOKED_AT locations of its steps in the loop
 * @wrote: bit n is set if one of these steps has changed @looked_at[n], which is
 *	no lock
 */
struct thread {
	struct iommufd_model_task task;
	struct fiber fiber;
	const struct iommufd_model_op *op;
	const struct iommufd_model_site *site;
	const char *name;
	void (*fn)(void *data);
	void *data;
	unsigned long deadline;
	bool timed, ended, over, queued, doomed;
	bool background, stays;
	int interrupts, interrupted_by, entered_at, left_at;
	u16 steps, base, sections, endings;
	const void *found;
	const s16 *clock;
	bool in_loop, spins, changed, alone, yields, counts, missed, same;
	unsigned int turns_alone;
	int disturbed_at;
	int turn_head, idle_turns;
	u64 turn_hash, last_turn;
	int released_by;
	int nr_looked_at;
	const void *looked_at[MAX_LOOKED_AT];
	u16 wrote;
};

enum phase {
	PHASE_NONE,
	PHASE_SETUP,
	PHASE_THREADS,
	PHASE_INVARIANT,
	PHASE_AFTER,
};

/*
 * struct execution - the execution that runs
 * @record: where it is recorded; NULL if it is not recorded
 * @nr_test_threads: number of threads that the test lists; they come first
 * @handlers: some of the threads are interrupt handlers
 * @clean: what the explorer leaves on stacks is cleared (memory.c)
 * @saving: main is to make a checkpoint (checkpoint.c)
 * @cut: the execution has been left before its end
 * @mark: how many allocations there were before setup
 * @current: the thread that runs; -1: main
 * @alive: threads that have not ended
 * @fresh: threads that have done nothing yet that another one could notice
 * @expired: the next step ends a sleep after its timeout, woken or not
 * @roused: the next step ends a sleep by a spurious wake-up
 * @timeouts: how many timeouts have fired while other threads could go on
 * @spurious: how many sleeps have ended by a spurious wake-up
 * @chosen: the value that the last step chose, until it is used
 * @failed_allocs, @short_copies: how many there were
 * @stalled: loops that wait have had one more turn each (spin.c)
 * @in_step: threads that were found to go round in their loops in step
 *	(spin_rounds.c)
 * @kept: threads that others in their loops have kept from going on; if one of
 *	them can go on, no other thread does
 * @nr_ends: how many turns have ended since the depth @news_at, where a thread
 *	began or left a loop, or changed what loops look at
 * @touched_at: depth at which a thread in no loop has last used that; -1: none has
 * @no_news_from, @no_news_to: between which depths there was nothing like that for
 *	longest
 * @pinned: how many pages were pinned when it began
 * @time_clock: vector clock of all that happened before time passed
 * @written: the previous step, if it wrote memory that can be compared with
 *	earlier executions: @written_size bytes at @written_at; @written_known:
 *	the value is known from an earlier execution
 * @nr_locations: how many locations determinism.c has numbered
 * @arena: where the arena begins
 * @stacks_from, @stacks_to: the range in which the stacks of all threads are;
 *	@on_stacks: there was an operation on memory in it
 * @main_fiber, @main_task: of main, which runs setup and after
 * @arriving: the thread that was started and has not reached an operation yet;
 *	-1: none.  @arriving_to: the fiber that goes on when it has
 * @retired_by: the fiber that goes on when a retired thread has ended
 * @leave: where main goes on when the execution ends early
 * @gate_hook, @record_hook: the explorer's hooks, at the gate
 * @other_hooks: the hooks that were there before
 */
struct execution {
	const struct iommufd_model_test *test;
	struct search *search;
	struct iommufd_model_record *record;
	enum phase phase;
	int nr_threads, nr_test_threads;
	bool handlers, clean, saving, cut;
	unsigned int mark;
	int current;
	u16 alive;
	u16 fresh;
	bool expired, roused;
	int timeouts, spurious;
	int chosen, failed_allocs, short_copies;
	unsigned long pinned;
	bool stalled;
	u16 in_step, kept;
	int nr_ends, touched_at, news_at, no_news_from, no_news_to;
	s16 time_clock[MAX_THREADS];
	enum iommufd_model_failure failure;
	struct node *written;
	const void *written_at;
	int written_size;
	bool written_known;
	u32 nr_locations;
	uintptr_t arena;
	uintptr_t stacks_from, stacks_to;
	bool on_stacks;
	struct fiber main_fiber, *arriving_to, *retired_by;
	int arriving;
	struct iommufd_model_task *main_task;
	jmp_buf leave;
	struct iommufd_model_hook gate_hook, record_hook, *other_hooks;
	struct thread threads[MAX_THREADS];
};

/* arena.c: the memory of an execution */

/*
 * struct chunk - an allocation
 * @start: address of the header that src/kernel puts before the allocation
 * @first_location: the first of the locations in it (dpor_locations.c)
 * @freed_step: the step that freed it; -1: not freed; MAX_STEPS: freed by no
 *	step
 * @freed_by, @freed_at: thread and call site of the free
 * @was: the description of the allocation, filled in when it is freed
 * @zeroed_by, @zeroed_at: for watched code: the thread that allocated it
 *	zeroed, and the epoch of that thread then; -1: there is none
 */
struct chunk {
	const char *start;
	size_t size;
	u32 first_location;
	int freed_step;
	int freed_by;
	const struct iommufd_model_site *freed_at;
	struct iommufd_model_allocation was;
	int zeroed_by;
	u32 zeroed_at;
};
#define EXPLORE_ARENA_SIZE (96ul << 20)

/*
 * Let src/kernel allocate from the arena.  Returns the start of the arena, or
 * NULL if there is no memory.
 */
const char *explore_arena_start(void);
/* Free all memory of the arena. */
void explore_arena_reset(void);
/* Return the chunk that contains @addr, or NULL. */
struct chunk *explore_arena_chunk(const void *addr);
/* Return the last chunk that begins at or below @addr, or NULL. */
struct chunk *explore_arena_below(const void *addr);
/* Return a chunk that was written to after it had been freed, or NULL. */
const struct chunk *explore_arena_overwritten(void);
/* Return the freed chunk from which a pointer to @addr was read, or NULL. */
struct chunk *explore_arena_poison(const void *addr);
/* Write the name of a chunk that has been freed to @buf, such as "ioas 3". */
void explore_arena_name(const struct chunk *chunk, char *buf, size_t size);
bool explore_arena_any_freed(void);
/* True if freed memory must not be read. */
bool explore_arena_shut(void);
/*
 * Return the chunk after @chunk in the order of addresses, or the first one if
 * @chunk is NULL.  NULL: there is none.
 */
const struct chunk *explore_arena_next(const struct chunk *chunk);
/* From the next execution on, each thread has a part of its own. */
void explore_arena_keep_apart(bool yes);
/*
 * Reserve zeroes, which take memory only where they are used; or NULL.  Large
 * tables are such memory and no static variables: at the end of each process
 * LeakSanitizer looks through all of those, and touches every page.
 */
void *explore_arena_reserve(size_t size);
/* Put the arena into a checkpoint. */
void explore_arena_save(void);
/* The number of the thread that allocates now; -1: main. */
extern int explore_arena_turn;

/* threads.c: which threads can go on */

/*
 * Returns the threads that can go on without a timeout or a spurious wake-up.
 * Sets *@early to those that can go on only that way, while others can go on.
 */
u16 explore_threads_enabled(const struct execution *exec, u16 *early);
bool explore_thread_enabled(const struct execution *exec,
			    const struct thread *thread);
/* True if @thread may time out or wake up spuriously while others can go on. */
bool explore_thread_early(const struct execution *exec,
			  const struct thread *thread);
/*
 * The same as explore_thread_early(), if @thread sleeps now or later, whichever
 * other threads can go on then.
 */
bool explore_thread_may_end_early(const struct search *search,
				  const struct thread *thread);
/* True if the sleep of @thread would end by its timeout if it went on now. */
bool explore_thread_would_expire(const struct execution *exec,
				 const struct thread *thread);
/* True if the sleep of @thread would end spuriously if it went on now. */
bool explore_thread_would_rouse(const struct execution *exec,
				const struct thread *thread);
/* True if the next step of @thread only marks that it waits as a writer. */
bool explore_thread_only_queues(const struct thread *thread);
/* True if the semaphore can be taken for writing, or for reading. */
bool explore_rwsem_open(const struct rw_semaphore *sem, bool write);
/*
 * Return the thread that has the lock that @thread waits for, or that it joins,
 * or that waits as a writer for the same semaphore; -1: none.  *@site is set to
 * the call site at which the lock was taken, or to NULL.
 */
int explore_thread_blocker(const struct execution *exec,
			   const struct thread *thread,
			   const struct iommufd_model_site **site);
/* Return the number of the thread that runs; -1: main. */
static inline int explore_thread_running(const struct execution *exec)
{
	if (exec->phase == PHASE_INVARIANT)
		return -1;
	return exec->arriving >= 0 ? exec->arriving : exec->current;
}
/*
 * Write the name of a thread to @buf and return it: "getter" or "thread c".
 */
const char *explore_thread_name(const struct execution *exec, int number,
				char *buf, size_t size);

/* conflict.c: which operations conflict */

/* The effect of an operation on a counter. */
struct effect {
	long value, result;
	bool misuse;
};

/* The relation of two steps on the same location. */
enum relation {
	INDEPENDENT,		/* their order makes no difference */
	ORDERED,		/* the later one could not have come first */
	RACING			/* the other order may have another result */
};

/* A counter here is a refcount_t or an atomic variable. */
static inline bool explore_is_counter(enum iommufd_model_op_kind kind)
{
	return kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE ||
	       iommufd_model_op_is_atomic(kind);
}
static inline bool explore_is_completion(enum iommufd_model_op_kind kind)
{
	return kind == IOMMUFD_MODEL_OP_COMPLETION_TAKE ||
	       kind == IOMMUFD_MODEL_OP_COMPLETION_WAIT ||
	       kind == IOMMUFD_MODEL_OP_COMPLETE;
}
/* True if a counter operation of this kind only reads the counter. */
static inline bool explore_only_reads(enum iommufd_model_op_kind kind)
{
	return kind == IOMMUFD_MODEL_OP_REFCOUNT_READ ||
	       kind == IOMMUFD_MODEL_OP_ATOMIC_READ ||
	       kind == IOMMUFD_MODEL_OP_SEQ_BEGIN ||
	       kind == IOMMUFD_MODEL_OP_SEQ_READ ||
	       kind == IOMMUFD_MODEL_OP_BIT_TEST;
}
/* To be called only for an operation on an atomic variable. */
static inline const struct iommufd_model_atomic_op *
explore_atomic(const struct iommufd_model_op *op)
{
	return (const struct iommufd_model_atomic_op *)op;
}
/* Return the value of the counter on which @op operates. */
long explore_counter_value(const struct iommufd_model_op *op);
/* Return the effect of @op on a counter with this value. */
struct effect explore_counter_effect(const struct iommufd_model_op *op,
				     long value);
/*
 * True if @a and @b have the same results in both orders on a counter with this
 * value.
 */
bool explore_counters_commute(const struct iommufd_model_op *a,
			      const struct iommufd_model_op *b, long value);
/*
 * Set *@before to the count of the completion of @op, and *@delta to what @op will
 * add to it.  Returns false if it is not an operation on a completion.
 */
bool explore_completion_effect(const struct iommufd_model_op *op, int *before,
			       int *delta);
/* True if the count of the completion of @op is not 0. */
bool explore_completion_open(const struct iommufd_model_op *op);
/* True if this kind waits for a condition that stays true once it is true. */
bool explore_is_until(enum iommufd_model_op_kind kind);
/* True if the condition of an operation with argument @arg holds at @value. */
bool explore_until_holds(enum iommufd_model_op_kind kind, int value, int arg);
/* True if an operation of this kind can block. */
bool explore_may_block(enum iommufd_model_op_kind kind);
/* True if an operation of this kind can always be done. */
bool explore_never_blocks(enum iommufd_model_op_kind kind);
/* False for an operation that no other thread can notice. */
bool explore_is_observable(const struct iommufd_model_op *op);
/*
 * True if the operation uses its address only as a name, as a wake-up of those
 * that wait for a variable does: the variable may have been freed.
 */
bool explore_only_names(const struct iommufd_model_op *op);
/*
 * Return how an operation of this kind conflicts, if its values are not known.
 */
enum conflict explore_conflict_of(enum iommufd_model_op_kind kind);
/* Return how the next step of @thread conflicts. */
enum conflict explore_conflict_next(const struct execution *exec,
				    const struct thread *thread);
/* Return the lock flags of the next step of @thread; @queue: it only queues. */
unsigned int explore_conflict_lock_flags(const struct thread *thread,
					 bool queue);
/*
 * Return the relation of step @f and the later step @e, from their conflicts or
 * their lock flags.  @nr_threads is the number of threads of the execution.
 */
enum relation explore_conflict_relation(enum conflict f, enum conflict e);
/* The same for steps that may be on single bits, which have these numbers. */
enum relation explore_conflict_bit_relation(enum conflict f, unsigned int f_bit,
					    enum conflict e,
					    unsigned int e_bit);
enum relation explore_conflict_lock_relation(unsigned int f, unsigned int e,
					     int nr_threads);
/*
 * The same for epochs.  @section is the @delta of the node of the first step,
 * and @target that of the second.
 */
enum relation explore_conflict_epoch_relation(unsigned int f, unsigned int e,
					      int section, int target);
unsigned int explore_conflict_epoch_flags(const struct iommufd_model_op *op);
/* The same for two nodes; location @fi of @f is also location @ei of @e. */
enum relation explore_conflict_node_relation(const struct node *f, int fi,
					     const struct node *e, int ei,
					     int nr_threads);
/* True if all earlier steps on location @fi of @f happened before @f. */
bool explore_conflict_ends_walk(const struct node *f, int fi);

/* order.c: the order of accesses of watched code */

/* Called before the first execution of a process; false: there is no memory. */
bool explore_order_prepare(void);
/* Called when the thread that runs has done @op. */
void explore_order(struct execution *exec, const struct iommufd_model_op *op);
/* Called when the thread that runs starts thread @number. */
void explore_order_start(struct execution *exec, int number);

/* ordered.c: what would order two accesses.  These functions need a record. */

void explore_ordered_reset(void);
void explore_ordered_start(const struct execution *exec, int number);
/* Called when a step of the thread that runs has begun. */
void explore_ordered_step(const struct execution *exec);
/*
 * Return the step, from 1, after which the access was made; 0: before all
 * steps.
 */
unsigned int explore_ordered_after(const struct execution *exec,
				   const struct watch_access *access);
/* Write to the record what would order the two accesses. */
void explore_ordered_if(const struct execution *exec,
			const struct watch_access *first,
			const struct watch_access *second);

/* watch.c: accesses of watched code */

/* Called when an execution begins. */
void explore_watch_reset(struct execution *exec);
/* Called when exec->phase has changed. */
void explore_watch_phase(const struct execution *exec);
void explore_watch_allocated(struct chunk *chunk, bool zero);
/* Called when thread @number begins to run. */
static inline void explore_watch_switch(int number)
{
	iommufd_model_watch.self = number;
	iommufd_model_watch.me = &iommufd_model_watch.threads[number];
}

/* recorder.c: the record of an execution */

/* From now on every operation goes into the record of the execution. */
void explore_record_begin(struct execution *exec);
/*
 * Called when thread @number does its next step; @queue: it only queues a
 * writer.
 */
void explore_record_step(const struct execution *exec, int number, bool queue);
/* Record that the failure is about @chunk. */
void explore_record_memory(const struct execution *exec,
			   const struct chunk *chunk);
/* Record what each thread does at the end. */
void explore_record_end(const struct execution *exec);

/* failure.c: how an execution has failed */

/*
 * The execution has failed, unless @failure is to be ignored.  Only the first
 * failure counts.  @site and @addr, which the failure is about, may be NULL.
 */
void explore_fail(struct execution *exec, enum iommufd_model_failure failure,
		  const struct iommufd_model_site *site, const void *addr,
		  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same for a use of @chunk, which has been freed: "@what ioas 3, ..." */
void explore_fail_freed(struct execution *exec,
			enum iommufd_model_failure failure,
			const struct iommufd_model_site *site,
			const struct chunk *chunk, const char *what);

/* determinism.c: is a step the same as in an earlier execution? */

/* Called once, before the first execution. */
void explore_determinism_start(void);
/* Called when an execution begins. */
void explore_determinism_reset(struct execution *exec);
/*
 * Return @addr as nodes store it: relative to the arena if it is in the arena.
 */
u64 explore_determinism_address(const struct execution *exec, const void *addr);
/* The step of @node is new: store what is compared in later executions. */
void explore_determinism_note(struct execution *exec, struct node *node,
			      const struct iommufd_model_op *op, u32 location);
/*
 * The step of @node is known from an earlier execution.  Fails the execution
 * and returns false if the step was a different one there.
 */
bool explore_determinism_check(struct execution *exec, struct node *node,
			       const struct iommufd_model_op *op, u32 location);
/* Fail the execution, because thread @number has to go on and cannot. */
void explore_determinism_wrong_choice(struct execution *exec, int number);
/* The same check for the value that the previous step has written. */
bool explore_determinism_compare_write(struct execution *exec);
static inline bool explore_determinism_check_write(struct execution *exec)
{
	return !exec->written || explore_determinism_compare_write(exec);
}
void explore_determinism_fail(struct execution *exec, int number,
			      const struct iommufd_model_site *site,
			      const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* fingerprint.c: does a schedule belong to this test and this code? */

u16 explore_fingerprint_test(const struct iommufd_model_test *test,
			     const char *version);
/*
 * Called when thread @number is about to do @op.  Fails the execution and
 * returns false if the steps so far are not those for which the schedule was
 * made.
 */
bool explore_fingerprint_step(struct execution *exec, int number,
			      const struct iommufd_model_op *op);
/* Called at the end of an execution that has not failed, for the same check. */
void explore_fingerprint_end(struct execution *exec);

/* schedule.c: schedules as text */

/*
 * Return the schedule of @choices as text, from malloc(); NULL: no memory.  @s has
 * found it, with the first @loops call sites in its loops.
 */
char *explore_schedule_text(const struct search *s, const u16 *choices, int nr,
			    int loops, const struct fingerprint *fingerprint);
/* Returns 0, or -EINVAL with a sentence in search->error. */
int explore_schedule_parse(struct search *search, const char *text);

/* ending.c: what threads do after their last operation */

/*
 * Thread @number has done @op.  Returns true if its code after @op, on @addr,
 * is a step of its own.
 */
bool explore_ending_follows(const struct search *search, int number,
			    const struct iommufd_model_op *op,
			    const void *addr);
/*
 * Called when @thread has ended, to learn the call site of its last operation.
 */
void explore_ending_note(struct execution *exec, const struct thread *thread);
/* True if the step @f is all that its thread does after its last operation. */
bool explore_ending_known(const struct search *search, const struct node *f);
/* True if a thread whose last step is @last waits for its AFTER. */
bool explore_ending_waits(const struct search *search, const struct node *last);
/* Called for each step. */
void explore_ending_step(const struct execution *exec, struct thread *thread);
/*
 * Called between executions.  @done: the walk has come to its end.  Returns true if
 * it has to begin again.
 */
bool explore_ending_advance(struct search *search, bool done);
/*
 * Return @enabled without threads that only end, or all of @enabled if no other
 * thread is left.
 */
u16 explore_ending_last(const struct execution *exec, u16 enabled);

/* marked.c: volatile accesses that are steps */

/* Called before the first process starts; false: there is no memory. */
bool explore_marked_prepare(void);
/* Called when an execution begins. */
void explore_marked_reset(void);
/*
 * What the step of @node is about, as its call site says.  If it is a volatile
 * access without a name, the name of the variable is written to @buf.
 */
const char *explore_marked_what(const struct node *node, char *buf,
				size_t size);

/* spin.c: loops that wait for another thread */

/* Called when @thread has come to its next operation: it may begin to wait. */
void explore_spin_arrived(struct execution *exec, struct thread *thread);
/* Called when @thread has ended. */
void explore_spin_ended(struct execution *exec, struct thread *thread);
/* Called when thread @number does the step of @node. */
void explore_spin_stepped(struct execution *exec, int number,
			  const struct node *node,
			  const struct iommufd_model_op *op);
/* True if a thread waits in a loop. */
bool explore_spin_any(const struct execution *exec);
/*
 * Called when no thread can go on: let a thread that waits in a loop do a turn
 * alone.  Returns false if all such threads have done so often enough.
 */
bool explore_spin_alone(struct execution *exec);
/*
 * Return those of @enabled that others in their loops have kept from going on.
 * If there are none, return @enabled without the threads that have run their
 * loops alone for long; if no others are left, return @enabled.
 */
u16 explore_spin_yield(const struct execution *exec, u16 enabled);
/* Fail with a livelock of a thread that waits in a loop.  There is one. */
void explore_spin_fail(struct execution *exec);

/* spin_rounds.c: threads that keep each other in their loops */

/*
 * For a replay: if the steps have been done that the search did, and those of all
 * threads repeat, fail as the search did, which knew that these are loops that
 * wait.  Returns false if they do not.
 */
bool explore_spin_repeats(struct execution *exec);
/*
 * At the limit of steps: true if loops that wait have used up much of it while they
 * kept another thread from going on.
 */
bool explore_spin_kept(struct execution *exec);
/*
 * Return a hash of all that decides when the threads in loops wait, and when others
 * let them go on; 0: it is not known.
 */
u64 explore_spin_state(const struct execution *exec);
/*
 * At the limit of steps: true if every thread that can go on, also after time has
 * passed, is in a loop that waits, and has long been.
 */
bool explore_spin_all(const struct execution *exec);

/* spin_learn.c: which call sites are in a loop that waits */

/*
 * Called at the limit of steps.  Returns true if a loop that waits was learnt.
 */
bool explore_spin_learn(struct execution *exec);

/* dpor.c: what is done at each step, and at the end of an execution */

/* Called when an execution begins. */
void explore_dpor_reset(void);
/*
 * Called when thread @number is about to do its next step: store it as the node
 * at search->depth.  Fails the execution and returns false if the step uses
 * freed memory, or is not the one that an earlier execution did there.
 */
bool explore_dpor_step(struct execution *exec, int number, bool queue);
/* Called when the execution ends with threads that are blocked for ever. */
void explore_dpor_blocked(struct execution *exec);
/* Called when all threads that can go on at the new node @node are asleep. */
void explore_dpor_asleep(struct execution *exec, const struct node *node);
/*
 * Called when the step that is being done prevents the operation that is the next
 * one of thread @number for the time of the call.  The step could have come after
 * it.  The thread goes on, or is retired (background.c).
 */
void explore_dpor_never(struct execution *exec, int number);
void explore_dpor_retire(struct execution *exec, int number);
/*
 * Called, if exec->on_stacks is set, when @thread has come to an operation or
 * has ended: functions that it has returned from have left their stack frames.
 */
void explore_dpor_left(struct execution *exec, struct thread *thread);
/*
 * The thread whose step was done last has looked at the clock after it, or has
 * moved the clock.
 */
void explore_dpor_clock(struct execution *exec, bool moves);
/*
 * Called when @thread has come to its next operation, which may be in freed
 * memory.
 */
void explore_dpor_arrived(struct thread *thread);

/* dpor_races.c: which steps race, and what is tried for that */

/* Called before the first execution of a process; false: there is no memory. */
bool explore_dpor_prepare(void);
/* Put the accesses to stacks of other threads into a checkpoint. */
void explore_dpor_save_foreign(void);
/* Called when time passes, because no thread could go on. */
void explore_dpor_time(struct execution *exec);
/*
 * Set @clock to the vector clock of a step of the thread that comes after it has
 * taken these locks, all of them after the last step so far.
 */
void explore_dpor_take_locks(struct execution *exec, int number,
			     const struct held_lock *locks, int nr,
			     s16 clock[MAX_THREADS]);
/* A subtree follows that is known, with the accesses in @set. */
void explore_dpor_known(const struct access *accesses,
			const struct access_set *set);
/*
 * An access of that subtree has the vector clock @clock: find the earlier steps with
 * which it races.
 */
void explore_dpor_follows(struct execution *exec, const struct access *access,
			  const s16 clock[MAX_THREADS]);

/* dpor_commute.c: which steps are independent, and sleep sets */

/* Return a hash of what keeps node->certain from being set. */
u64 explore_dpor_most(void);

/* dpor_locations.c: the locations that a step accesses */

/* Return a link to the last step on the location at @addr, or NO_LINK. */
u32 explore_dpor_last_link(const void *addr);

/* Put what is known of locations into a checkpoint. */
void explore_dpor_save(void);
u32 explore_dpor_nr_locations(void);
/*
 * Called when the execution has gone back to a checkpoint.  Before that it had
 * @nr_before locations.
 */
void explore_dpor_restored(u32 nr_before);
/* Called when the invariant reads @addr. */
void explore_dpor_watch(struct search *search, const void *addr);

/* progress.c: how much of a search is done */

/* Called when the search has come to a new node at this depth. */
void explore_progress_reached(struct search *search, int depth);
/* Called when the search goes on at the node at @depth, of another job's path. */
void explore_progress_given(struct search *search, int depth);
/* Called when a walk begins, which has done nothing yet. */
void explore_progress_begins(struct search *search);
/* Called when the thread that was tried at the node has been tried, with its subtree. */
void explore_progress_tried(struct search *search, int depth);

/* blocked.c: no thread can go on */

/*
 * No thread can go on: move the clock to the first timeout and fail because of
 * it, unless timeouts are ignored.  Returns false if no thread has a timeout.
 */
bool explore_let_time_pass(struct execution *exec);
/* No thread can go on, and none has a timeout: fail. */
void explore_fail_blocked(struct execution *exec);

/* check.c: what can be wrong at the end of an execution */

/*
 * Fail if @task still holds a lock or is in a context or a section.
 * @who is a text like "the thread ends".
 */
void explore_check_left(struct execution *exec,
			const struct iommufd_model_task *task, const char *who);
/* Check the end of an execution; allocations made before @mark do not count. */
void explore_check_end(struct execution *exec, unsigned long mark);

/* choice.c: steps that choose a value */

/*
 * Called when thread @number is about to do its next step: let it choose a
 * value.  Fails the execution and returns false if the schedule gives a value
 * that it cannot choose.
 */
bool explore_choice_make(struct execution *exec, int number);
/* True if the step of @node is known, apart from the value that it chooses. */
static inline bool explore_choice_again(const struct search *search,
					const struct node *node)
{
	return node->value_chosen &&
	       node - search->nodes == search->forced - 1;
}

/* states.c: states that were explored before */

struct known;

size_t explore_states_size(void);
/* Initialise zeroed memory of that size; the states are in @known. */
void explore_states_init(struct states *states, struct known *known);
/* True if states are used in this search. */
bool explore_states_used(const struct search *search);
/* Called when the search begins again. */
void explore_states_clear(struct search *search);
void explore_states_told(const struct search *search,
			 struct iommufd_model_explore_result *r);
/* Called before the threads of the test are started. */
void explore_states_begin(struct execution *exec);
/* Called when thread @number is started by thread @by. */
void explore_states_started(struct execution *exec, int number, int by);
/* Called when the step of @node is known from an earlier execution. */
void explore_states_known(const struct search *search, const struct node *node);
/* Called when the step of @node, which does @op, is new. */
void explore_states_step(struct execution *exec, struct node *node,
			 const struct iommufd_model_op *op);
/*
 * Called when the step of @node, at @depth or below it, accesses these
 * locations.
 */
void explore_states_access(struct execution *exec, const struct node *node,
			   int depth, const void *const *addr, int nr);
/*
 * Return which of the threads @may are to be tried at the new node @node: all of
 * them if the state before its step was not explored before.  Otherwise the
 * others are in node->covered.
 */
u16 explore_states_untried(struct execution *exec, struct node *node, u16 may);
/* Called when the subtree below the node at @depth is done. */
void explore_states_done(struct search *search, int depth);
/* True if it is known whether the search uses states. */
bool explore_states_settled(const struct search *search);
/* All jobs begin again: add to what @to knows of the memory what @from knows. */
void explore_states_learn(struct search *to, const struct search *from);
/* Copy what belongs to the path of @from, as far as the node at @depth. */
void explore_states_give(struct search *to, const struct search *from,
			 int depth);
/* True if states are used, or will be. */
bool explore_states_wanted(const struct search *search);
/* Stop the use of states, and begin the search again. */
void explore_states_turn_off(struct search *search, const char *why);
/*
 * What follows the states of the path below @depth is not all explored below them.
 */
void explore_states_taint(struct search *search, int depth);
struct known *explore_states_known_of(const struct search *search);
/*
 * Return the plain accesses below the last node of the path, up to *@depth, that
 * will be stored; NULL: there is none.  *@depth becomes that of the node above.
 */
struct plain_set *explore_states_plain(const struct search *search, int *depth);
/* Called when the execution failed. */
void explore_states_failed(struct search *search);

/* Called when a step of thread @number takes or drops this lock. */
void explore_states_lock(const struct search *search, int number,
			 const void *lock, unsigned int flags);

/* plain.c: plain accesses in the subtrees of known states */

/*
 * struct plain_set - the plain accesses in a subtree
 * @depth: of the node at which the state was reached
 * @epoch: of each thread, when the state was reached (../watch/watch.h)
 */
struct plain_set {
	u32 depth, epoch[WATCH_THREADS];
	struct access_set accesses;
};

/* Called when a node is reached that will be stored. */
void explore_plain_begin(const struct execution *exec, struct plain_set *set);
/* Called for each access of a thread; see struct watch. */
void explore_plain_accessed(uintptr_t addr, size_t size,
			    const struct watch_access *watched);
/*
 * The state was met before, with these accesses in its subtree.  Return false if
 * one of them may race with the execution so far.
 */
bool explore_plain_known(struct execution *exec, const struct access_set *set);

/* known.c: the table of these states */

size_t explore_known_size(unsigned int megabytes);
/* Initialise zeroed memory of that size.  @shared: several jobs use it. */
void explore_known_init(struct known *known, unsigned int megabytes,
			bool shared);
/* Forget the states, unless they are shared. */
void explore_known_clear(struct known *known);
unsigned long explore_known_nr(const struct known *known);
/* Return the number of the access, or -1 if there are too many. */
int explore_known_access(struct known *known, const struct access *access);
/* The accesses by number. */
const struct access *explore_known_accesses(const struct known *known);
/*
 * Return the number of the set, or, if there are too many, that of no locks of
 * the same thread, which is the number of the thread.
 */
int explore_known_lockset(struct known *known, const struct lockset *set);
const struct lockset *explore_known_locksets(const struct known *known);
/* Add the accesses of @set to those of @to. */
void explore_known_add(const struct known *known, struct access_set *to,
		       const struct access_set *set);
/* The same without the plain accesses. */
void explore_known_add_steps(const struct known *known, struct access_set *to,
			     const struct access_set *set);
/*
 * Note that @thread accesses this granule, which is eight bytes.  Return 1 if two
 * threads have done so, and one of them has written; -1: there are too many.
 */
int explore_known_granule(struct known *known, u64 granule, unsigned int thread,
			  bool write);
/* Return how often that has become 1 for a granule. */
u64 explore_known_shared(const struct known *known);
/* Return the keys of the tracked locations; see struct watch. */
u64 *explore_known_tracked(struct known *known);
/* True if the table of accesses is half full. */
bool explore_known_is_crowded(const struct known *known);
/* If the state is known, copy what was stored with it. */
bool explore_known_find(struct known *known, u64 key, u16 *sleep,
			struct access_set *accesses);
/*
 * Store the state, or add to what is stored with it.  False if there is no room
 * for it.
 */
bool explore_known_store(struct known *known, u64 key, u16 sleep,
			 const struct access_set *accesses);

/* memory.c: all memory that a test can change */

/* Find the static variables.  False if they are not known here. */
bool explore_memory_start(void);
struct explore_range {
	uintptr_t start, end;
};
/*
 * Return the static variables that a checkpoint has; *@nr is the number of
 * ranges.  Only after explore_memory_start() has returned true.
 */
const struct explore_range *explore_memory_restored(int *nr);
/* A hash of the parts of the program that do not change. */
u64 explore_memory_constants(void);
/* True if @addr is in memory that explore_memory_hash() covers. */
bool explore_memory_has(const struct execution *exec, const void *addr);
/* True if @addr is in a part of the program that cannot be written. */
bool explore_memory_is_constant(const void *addr);
u64 explore_memory_hash_bytes(u64 hash, const void *start, size_t size);
/* Return a hash of all memory and of the registers, while all threads are stopped. */
u64 explore_memory_hash(const struct execution *exec);
/* Clear what lies below the caller's stack frame. */
void explore_memory_clean(void);
/* Clear the unused part of the stack of @fiber, which does not run. */
void explore_memory_clean_stack(const struct fiber *fiber);

/* process.c */

/* True if the program counts in its own memory how often its lines run. */
bool explore_counts_coverage(void);

/* checkpoint.c: copies of all memory */

/* The depth from which on a checkpoint is due; INT_MAX: none is made. */
extern int explore_checkpoint_next;
/*
 * Called before setup: make the first checkpoint, if there may be checkpoints
 * in this execution.
 */
void explore_checkpoint_begin(struct execution *exec);
/*
 * True if the execution need not come to an end, as the next one begins at a
 * checkpoint.
 */
bool explore_checkpoint_permits_cut(const struct execution *exec);
/* Make a checkpoint.  Called by main, while all threads are stopped. */
void explore_checkpoint_save(struct execution *exec);
/* For the parts of a checkpoint: copy @size bytes at @addr. */
void explore_checkpoint_put(void *addr, size_t size);
/*
 * Called by main before an execution begins: go back to the last checkpoint on
 * the path to the step that is tried.  Returns false if there is none.
 */
bool explore_checkpoint_restore(struct execution *exec);
/* The search goes on with another path: only what setup() left can be used. */
void explore_checkpoint_other_path(void);

/* search.c: which schedule is next */

/* Return a number for a random execution. */
u64 explore_search_random(struct search *search);
void explore_search_begin(struct search *search);
/*
 * Return the thread that does the step at search->depth: one of @enabled, or of
 * @early, which can go on by a timeout.
 */
int explore_search_choose(struct execution *exec, u16 enabled, u16 early);
/* Called when the execution has ended and has not failed. */
void explore_search_end(struct search *search);
void explore_search_failed(struct search *search,
			   enum iommufd_model_failure failure);
/*
 * True if the search does a part of the tree, and other shards or jobs do the rest.
 * All of them do the walk that finds how deep search.top is (passes.c).
 */
static inline bool explore_search_is_dealt(const struct search *search)
{
	return search->shards > 1 && search->shards != INT_MAX;
}

/* Return how many executions the search has done, of all kinds. */
static inline unsigned long explore_search_count(const struct search *search)
{
	return search->executions + search->redundant + search->failed;
}

/* True if it has done as many as the options say, or as its share of these. */
static inline bool explore_search_at_limit(const struct search *search)
{
	return search->opt.executions &&
	       explore_search_count(search) >= search->opt.executions;
}

/* Go to the next schedule.  Returns false if there is none. */
bool explore_search_advance(struct search *search);
/* Let the next execution try the first thread of @todo at the node at @depth. */
void explore_search_try(struct search *search, int depth, u16 todo);

/* background.c: threads that src/kernel starts by itself */

extern const struct iommufd_model_scheduler explore_scheduler;
/* True if @thread sleeps and may still sleep when all others have ended. */
bool explore_background_idle(const struct execution *exec,
			     const struct thread *thread);
/* True if every thread has ended or is idle in that sense. */
bool explore_background_all_idle(const struct execution *exec);
/*
 * Called by main: let background threads go on, one step of each in turn, until
 * @main can go on or, if @main is NULL, until none of them can.  Returns true
 * if @main can go on.
 */
bool explore_background_serve(struct execution *exec,
			      const struct thread *main);

/* execution.c: one execution */

/*
 * Start thread @number and let it come to its first operation; then @self goes
 * on.  Returns 0 or -EAGAIN.
 */
int explore_execution_start_thread(struct execution *exec, int number,
				   const char *name, void (*fn)(void *data),
				   void *data, struct fiber *self);
/* Called when the thread @self runs again, or main if @self is NULL. */
void explore_execution_resume(struct execution *exec, struct thread *self);
/*
 * Prepare for executions of @test in this process.  Returns an execution that
 * is valid until explore_execution_stop(), or NULL if there is no memory.
 */
struct execution *explore_execution_start(const struct iommufd_model_test *test,
					  struct search *search,
					  struct iommufd_model_record *record);
/* Run one execution; exec->failure says how it ended. */
void explore_execution_run(struct execution *exec);
void explore_execution_stop(struct execution *exec);
/* End the execution that runs, from inside of it.  Does not return. */
void explore_execution_leave(struct execution *exec);
/*
 * For signal handlers: return what explore_execution_start() returned last, or
 * NULL.
 */
struct execution *explore_execution_current(void);

#endif
