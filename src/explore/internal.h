/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Inside of the explorer.
 *
 *	api.c		what was asked for, jobs, the result
 *	options.c	options, their defaults, the environment
 *	worker.c	child processes, passes, minimisation
 *	process.c	signals, and the ends of processes
 *	search.c	which schedule is next: the tree of choices
 *	ending.c	what threads do behind their last operation
 *	spin.c		loops that wait for another thread
 *	conflict.c	what operations are to each other
 *	dpor.c	which steps may not be swapped; races
 *	determinism.c		is a step what it was in an earlier execution
 *	execution.c		one execution: threads, who can go on, time
 *	fiber.c		stacks
 *	arena.c		memory of an execution
 *	schedule.c	schedules as text; fingerprint.c their fingerprint
 *	recorder.c	writes the record of an execution that is reported
 *	report.c	the report; columns.c the interleaving in it
 *
 * struct search lies in memory shared by the parent and the child that works on
 * it, so that the work goes on in another child when one has died.  All else
 * belongs to the child.
 */
#ifndef EXPLORE_INTERNAL_H
#define EXPLORE_INTERNAL_H

#include "../kernel/ground.h"
#include "fiber.h"
#include "../record/record.h"
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel/lockdep.h>

#define MAX_THREADS IOMMUFD_MODEL_MAX_THREADS
#define MAX_STEPS 32000
#define NO_LINK (~0u)
#define EXPLORE_HOW_TO_FORCE \
	" (--force or IOMMUFD_MODEL_EXPLORE_FORCE=1 runs it)"
#define MAX_WATCHED 64
#define MAX_ENDINGS 64
#define MAX_LOOPS 128
#define MAX_LOOKED_AT 16
/* A choice that is a thread's step behind its last operation (ending.c). */
#define CHOICE_ENDS 0x80
#define CHOICE_THREAD(choice) ((choice)&0x7f)
#define BIT16(n) ((u16)(1u << (n)))

typedef int16_t s16;

/* What an operation is to the others on the same location (dpor.c). */
enum conflict {
	CONFLICT_NONE, /* nothing but a use of the memory */
	CONFLICT_READ,
	CONFLICT_WRITE,
	CONFLICT_ADD, /* adds to a counter, and what it gets is known */
	CONFLICT_ZERO, /* waits for zero */
	CONFLICT_LOCK, /* see the flags */
	CONFLICT_PREPARE,
	CONFLICT_WAKE,
	CONFLICT_RESUME,
	CONFLICT_EXPIRE, /* a sleep ends by its timeout, not woken */
	CONFLICT_FREE,
	CONFLICT_AFTER, /* what a thread does behind its last step */
};

/* Of CONFLICT_LOCK. */
#define LOCK_READ 1u /* the shared side */
#define LOCK_TAKE 2u
#define LOCK_DROP 4u
#define LOCK_QUEUE 8u /* a writer begins to wait */
#define LOCK_TRY 16u /* never blocks; without LOCK_TAKE: it failed */
#define LOCK_QUEUED 32u /* taken while some writer was queued */
#define LOCK_WAITED 64u /* that one */

/*
 * struct node - a choice, and the step that followed from it
 * @clock: how many steps of each thread happened before this step ended
 * @prev: the step before on the same location, as a link: 2 * depth + which
 * @enabled: threads that could go on here, @early: those of them that could by
 *	a timeout only
 * @backtrack: threads to try here, @done: those of them that are, with all that
 *	follows; @sleep: threads that need no try, from elsewhere
 * @hidden: threads that another one, @stand_in, stands in for: see search.c
 * @index: number of this step in its thread, from 1
 * @preemptions: before this step
 * @before, @delta: of a counter; @result: what the operation gave
 * @addr, @place, @arg, @value: to know it again by (determinism.c)
 */
struct node {
	const struct iommufd_model_site *site;
	u64 addr, value;
	u32 location, arg;
	s16 clock[MAX_THREADS];
	u32 prev[2];
	int before;
	int delta;
	int result;
	u16 enabled, early, backtrack, done, sleep, hidden, stand_in;
	u16 index;
	u16 preemptions;
	u8 thread, kind;
	u8 conflict[2], flags[2];
};

/* Thread @thread has ended behind the operation at @site. */
struct ending {
	const struct iommufd_model_site *site;
	int thread;
};

/* A call site in a loop of @fn that waits (spin.c). */
struct loop_site {
	const struct iommufd_model_site *site;
	void (*fn)(void *data);
};

/*
 * struct fingerprint - of a test and of how its code went, in a schedule
 * @test: of the names of the test and of its threads
 * @given: of the steps that the schedule gives, @all: of the first @nr steps;
 *	operation, function and expression of each, and whose it is
 */
struct fingerprint {
	u16 test, given, all;
	int nr;
};

enum search_next {
	SEARCH_FIRST, /* nothing has been done */
	SEARCH_ADVANCE, /* to the next schedule */
	SEARCH_DONE, /* there is none */
	SEARCH_LIMIT, /* a limit was reached */
};

/*
 * struct search - a walk through the schedules of a test
 * @depth: steps so far of the execution that runs, or that was the last
 * @forced: so many choices are given; all but the last of these nodes are known
 *	from earlier executions
 * @top: above this depth every thread is tried; below, a shard is alone
 * @leaf: number of the place at @top, to deal out to shards
 * @bound: of preemptions, this pass; -1: none.  @cut: something was left out
 * @dead: from step @dead_at on the search does not want this execution: it is
 *	equivalent to another or somebody else's, and only brought to its end
 * @choices: of the failure to hand back; the first @nr_short of them are
 *	needed, the others are what would come anyway
 * @target: search only for this failure
 * @stop: of another job: no more
 * @watched: what the invariant looks at (dpor.c)
 * @endings: where threads have ended (ending.c): the first @nr_endings are
 *	known since the walk began, and all @nr_learnt from its next beginning
 * @loops: the same of loops that wait (spin.c)
 * @anew: one of these was not known when the walk began
 * @differs_by: what was not the same with the same schedule, in a sentence, or
 *	""; @differs_at, @differs_in: its call site and thread
 */
struct search {
	struct iommufd_model_explore_options opt;
	enum search_next next;
	bool executing;
	int depth, forced, top;
	int shard, shards;
	int bound;
	bool cut, dead, mine;
	bool cut_timeouts; /* more could have fired */
	bool injected; /* an allocation was made to fail */
	bool no_stack; /* a thread could not be started */
	int dead_at;
	unsigned long leaf;
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
	int nr_choices, nr_short;
	unsigned char choices[MAX_STEPS];
	struct fingerprint print, claimed; /* of a replay; what is claimed, if
					      @claims */
	bool claims;
	u32 hash; /* of all steps so far */
	int nr_given; /* of the schedule to replay */
	unsigned char given[MAX_STEPS];
	char error[128];
	char differs_by[RECORD_TEXT];
	const struct iommufd_model_site *differs_at;
	int differs_in;
	const void *watched[MAX_WATCHED];
	int nr_watched;
	struct ending endings[MAX_ENDINGS];
	int nr_endings, nr_learnt;
	struct loop_site loops[MAX_LOOPS];
	int nr_loops, nr_loops_learnt;
	bool retry; /* the execution taught something: it
					   does not count */
	bool late;			/* that was too late for a shard */
	int given_loops;		/* that the schedule to replay has met */
	bool anew;
	struct node nodes[MAX_STEPS + 1];
};

/* struct thread - one of the test's */
struct thread {
	struct iommufd_model_task task;
	struct fiber fiber;
	const struct iommufd_model_op *op; /* what it is about to do; NULL:
						   it runs */
	const struct iommufd_model_site *site; /* of its last operation */
	const char *name;
	void (*fn)(void *data);
	void *data;
	unsigned long deadline; /* of a sleep */
	bool timed, ended;
	bool over; /* time has passed beyond @deadline */
	bool queued; /* counted as a waiting writer */
	bool doomed; /* @op's memory has been freed */
	u16 steps;
	const s16 *clock; /* after its last step */
	/* spin.c */
	const struct iommufd_model_site *loop_head; /* where a turn begins */
	bool spins; /* waits for a step of another thread */
	bool disturbed; /* one has come in this turn */
	bool alone; /* goes round, as nobody else can */
	unsigned int turns_alone;
	u16 turn_from; /* steps before this turn */
	u64 turn_hash; /* of the turn before */
	int released_by; /* depth of the step that let it go on */
	int nr_looked_at;
	const void *looked_at[MAX_LOOKED_AT];
};

enum phase {
	PHASE_NONE,
	PHASE_SETUP,
	PHASE_THREADS,
	PHASE_INVARIANT,
	PHASE_AFTER,
};

/* struct execution - the execution that runs */
struct execution {
	const struct iommufd_model_test *test;
	struct search *search;
	struct iommufd_model_record *trace; /* NULL: it is not reported */
	enum phase phase;
	int nr_threads;
	int current; /* -1: main */
	u16 alive;
	u16 fresh; /* no step yet that others can tell */
	bool expired; /* the step to come ends a sleep whose
					   time is over, woken or not */
	int timeouts; /* that fired while others could go on */
	s16 time_clock[MAX_THREADS]; /* what happened before time passed */
	enum iommufd_model_failure failure;
	struct thread threads[MAX_THREADS];
};
extern struct execution explore_run;

struct chunk;

/* execution.c */
int explore_execution_start(const struct iommufd_model_test *test,
			    struct search *search,
			    struct iommufd_model_record *trace);
/* One execution; explore_run.failure says how it ended. */
void explore_execution_run(void);
void explore_execution_stop(void);
/* The turn is main's for good; does not return. */
void explore_execution_leave(void);
u16 explore_threads_who_can_go_on(void);
/* Whose next step would be that a timeout fires, though others can go on. */
u16 explore_threads_who_may_expire(void);
/* If @thread, which sleeps, went on now, it would be by its timeout. */
bool explore_threads_would_expire(const struct thread *thread);
/* The execution has failed, unless @failure is ignored.  @site may be NULL. */
void explore_fail(enum iommufd_model_failure failure,
		  const struct iommufd_model_site *site, const void *addr,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same, about @chunk, which has been freed: "@what CHUNK, ...". */
void explore_fail_freed(enum iommufd_model_failure failure,
			const struct iommufd_model_site *site,
			const struct chunk *chunk, const char *what);
/*
 * Who has the lock that @thread waits for, or is the one it joins, or is queued
 * for the semaphore before it; -1: nobody.  *@site: where the lock was taken, if
 * it was.
 */
int explore_threads_blocker(const struct thread *thread,
			    const struct iommufd_model_site **site);
/* @thread's next step only says that a writer waits. */
bool explore_threads_only_queues(const struct thread *thread);
const char *explore_threads_thread_name(int number, char *buf, size_t size);

/* search.c */
void explore_search_begin(struct search *search);
/*
 * Thread to go on, of those @enabled, or of those that could by a timeout
 * (@early), for the step at search->depth.
 */
int explore_search_choose(struct search *search, u16 enabled, u16 early);
/* The execution is over, and nothing was wrong. */
void explore_search_end(struct search *search);
void explore_search_failed(struct search *search,
			   enum iommufd_model_failure failure);
/* Go to the next schedule; false if there is none. */
bool explore_search_advance(struct search *search);
double explore_search_progress(const struct search *search);
int explore_search_default(const struct search *search, int depth);

/* ending.c */
/* @op has been done by thread @number: is what follows a step of its own? */
bool explore_ending_follows(const struct search *search, int number,
			    const struct iommufd_model_op *op);
/* Thread @thread has ended. */
void explore_ending_note(struct search *search, const struct thread *thread);
/* Is the step @f all that its thread does behind its last operation? */
bool explore_ending_known(const struct search *search, const struct node *f);
/* Of @enabled, those whose next step is more than that, if there are any. */
u16 explore_ending_last(const struct search *search, u16 enabled);

/* spin.c */
/* The limit of steps is reached: is some loop the reason? */
bool explore_spin_learn(struct search *search);
/* @thread has come to its next operation: does it wait? */
void explore_spin_arrived(const struct search *search, struct thread *thread);
/* The step of thread @number has been noted as @node. */
void explore_spin_stepped(struct search *search, int number,
			  const struct node *node,
			  const struct iommufd_model_op *op);
bool explore_spin_any(void);
/* Nobody can go on: let one that waits go round.  False: all have done so. */
bool explore_spin_alone(void);
/* Fail with a livelock if some thread is in a loop that waits. */
void explore_spin_fail(const struct search *search);

/* dpor.c */
void explore_dpor_reset(void);
/*
 * The step of thread @number is about to be done: note it as nodes[depth].
 * False: it uses freed memory.
 */
bool explore_dpor_step(struct search *search, int number, bool queue);
/* The end, with threads that are blocked for ever. */
void explore_dpor_blocked(struct search *search);
void explore_dpor_watch(struct search *search, const void *addr);
void explore_dpor_arrived(struct thread *thread);
/* Nobody could go on, and time passes. */
void explore_dpor_time(void);

/* determinism.c */
void explore_determinism_start(void);
/* An execution begins. */
void explore_determinism_reset(void);
/* The number of a location that came up for the first time. */
u32 explore_determinism_location(void);
/* The step of @node is about to be done for the first time, at @place. */
void explore_determinism_note(struct node *node,
			      const struct iommufd_model_op *op, u32 location);
/* It is known: false, and the execution has failed, if it was another then. */
bool explore_determinism_check(struct search *search, struct node *node,
			       const struct iommufd_model_op *op, u32 location);
/* The execution fails: thread @number was to go on, and cannot. */
void explore_determinism_wrong_choice(struct search *search, int number);
/* The same of what the step before wrote, if it did. */
extern struct node *explore_determinism_last;
bool explore_determinism_compare_write(struct search *search);
static inline bool explore_determinism_check_write(struct search *search)
{
	return !explore_determinism_last ||
	       explore_determinism_compare_write(search);
}
void explore_determinism_fail(struct search *search, int number,
			      const struct iommufd_model_site *site,
			      const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* conflict.c */
/* What an operation does to a counter. */
struct effect {
	int value, result;
	bool misuse;
};

/* May the steps be swapped; if not, could the later one have come first? */
enum relation {
	INDEPENDENT,
	ORDERED,
	RACING
};

bool explore_conflict_is_counter(enum iommufd_model_op_kind kind);
/* What @op does to a counter of value @v. */
struct effect explore_conflict_effect(const struct iommufd_model_op *op, int v);
/* Do @a and @b, on a counter that is @v, give the same in both orders? */
bool explore_conflict_commute(const struct iommufd_model_op *a,
			      const struct iommufd_model_op *b, int v);
bool explore_conflict_rwsem_open(const struct rw_semaphore *sem, bool write);
bool explore_conflict_may_block(enum iommufd_model_op_kind kind);
/* Not so what any thread can do at any time, and nobody notices. */
bool explore_conflict_is_observable(const struct iommufd_model_op *op);
/* What the next step of @thread is to others. */
enum conflict explore_conflict_next(const struct thread *thread);
/* The lock flags of a step that is about to be done. */
unsigned int explore_conflict_lock_flags(const struct thread *thread,
					 bool queue);
enum conflict explore_conflict_of(enum iommufd_model_op_kind kind);
enum relation explore_conflict_lock_relation(unsigned int f, unsigned int e);
enum relation explore_conflict_relation(enum conflict f, enum conflict e);
/* Of their places @fi and @ei, which are the same. */
enum relation explore_conflict_node_relation(const struct node *f, int fi,
					     const struct node *e, int ei);
/* Everything before @f on its place @fi happened before it. */
bool explore_conflict_ends_walk(const struct node *f, int fi);

/* arena.c */
/* An allocation; what follows @freed_step is of the free. */
struct chunk {
	const char *start; /* of the ground's header */
	size_t size;
	u32 first_location;
	int freed_step; /* -1: alive; MAX_STEPS: no step */
	int freed_by;
	const struct iommufd_model_site *freed_at;
	struct iommufd_model_allocation was;
};
int explore_arena_start(void);
void explore_arena_reset(void);
struct chunk *explore_arena_chunk(const void *addr);
/* A chunk written to after it was freed, or NULL. */
struct chunk *explore_arena_overwritten(void);
/* The chunk a pointer was read out of after that one was freed, or NULL. */
struct chunk *explore_arena_poison(const void *addr);
void explore_arena_name(const struct chunk *chunk, char *buf, size_t size);
bool explore_arena_any_freed(void);
#define EXPLORE_ARENA_SIZE (64ul << 20)
extern char *explore_arena_base;
/* Of @addr in the arena; not less than its size: it is elsewhere. */
static inline size_t explore_arena_offset(const void *addr)
{
	return (uintptr_t)addr - (uintptr_t)explore_arena_base;
}

/* fingerprint.c */
u16 explore_fingerprint_test(const struct iommufd_model_test *test,
			     const char *version);
/* A step is about to be done; false: it is not the one that was meant. */
bool explore_fingerprint_step(struct search *search, int number,
			      const struct iommufd_model_op *op);
/* The end of an execution without a failure. */
void explore_fingerprint_end(struct search *search);

/* schedule.c */
/* Text of the schedule of @choices; malloc'ed, or NULL. */
char *explore_schedule_text(const unsigned char *choices, int nr,
			    const struct iommufd_model_explore_options *opt,
			    int loops, const struct fingerprint *print);
/* 0, or -EINVAL with a sentence in search->error. */
int explore_schedule_parse(struct search *search, const char *text);

/* recorder.c */
/* From now on every operation goes into @record. */
void explore_record_begin(struct iommufd_model_record *record);
/* Thread @number does its step; @queue: it only begins to wait as a writer. */
void explore_record_step(struct iommufd_model_record *record, int number,
			 bool queue);
void explore_record_end(struct iommufd_model_record *record);
void explore_record_memory(struct iommufd_model_record *record,
			   const struct chunk *chunk);

/*
 * report.c: explore_report(record, test, schedule, command, draw, to): print it
 * for people.  @command replays it, @draw makes a page of it and may be NULL;
 * several lines are allowed.
 */
void explore_report(const struct iommufd_model_record *record, const char *test,
		    const char *schedule, const char *command, const char *draw,
		    FILE *to);

#endif
