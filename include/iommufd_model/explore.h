/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The explorer: a test of two or more threads, run through all its
 * interleavings.
 *
 *	static void getter(void *data) { ... }
 *	static void destroyer(void *data) { ... }
 *
 *	static const struct iommufd_model_test test = {
 *		.name = "get against destroy",
 *		.setup = setup,
 *		.threads = { { "getter", getter }, { "destroyer", destroyer } },
 *		.after = after,
 *	};
 *	...
 *	ck_assert_explored(&test);			(check.h)
 *
 * One execution is: setup alone, then the threads, interleaved, then after
 * alone.  The explorer decides at every operation that passes the ground's gate
 * (a counter, a lock, a wait queue, memory, READ_ONCE and WRITE_ONCE) which
 * thread goes on.  It knows nothing else of the code: what two threads do to a
 * plain variable without the ground is not seen.
 *
 * The test must be deterministic: what a thread does next may depend on what
 * the ground's operations gave, and not on time, addresses or the memory of
 * earlier executions.  That is checked.
 *
 * Executions run in a child process, so that a crash ends an execution and not
 * the program, and so that nothing an execution does to memory outlives the
 * exploration.  Allocations of the ground come from an arena of the explorer,
 * time is virtual: a timeout fires only when nothing else can run.
 */
#ifndef IOMMUFD_MODEL_EXPLORE_H
#define IOMMUFD_MODEL_EXPLORE_H

#include <iommufd_model/kernel/refcount.h>
#include <stdio.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define IOMMUFD_MODEL_MAX_THREADS 16

struct iommufd_model_test_thread {
	const char *name;	/* NULL: "thread a" and so on */
	void (*fn)(void *data);
};

/*
 * struct iommufd_model_test
 * @name: for reports; unique in the program
 * @data: what all functions get
 * @setup: before the threads start; may be NULL
 * @threads: up to the first without a function
 * @invariant: after every step, while the threads stand still; may be NULL.
 *	It looks (refcount_read and so on pass no gate here) and must not block
 * @after: when all threads have ended; may be NULL
 * @symmetric: bit n: thread n runs the same code with the same data as all
 *	other threads with their bit set, and nothing tells them apart.  Only
 *	schedules that start them in order are explored
 *
 * Any of the functions may fail the execution by iommufd_model_assert().
 */
struct iommufd_model_test {
	const char *name;
	void *data;
	void (*setup)(void *data);
	struct iommufd_model_test_thread threads[IOMMUFD_MODEL_MAX_THREADS];
	void (*invariant)(void *data);
	void (*after)(void *data);
	unsigned int symmetric;
};

/* What can be wrong with an execution. */
enum iommufd_model_failure {
	IOMMUFD_MODEL_NO_FAILURE,
	IOMMUFD_MODEL_FAIL_ASSERTION,
	IOMMUFD_MODEL_FAIL_INVARIANT,
	IOMMUFD_MODEL_FAIL_WARN,
	IOMMUFD_MODEL_FAIL_REFCOUNT,		/* from zero, below zero */
	IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	IOMMUFD_MODEL_FAIL_DOUBLE_FREE,
	IOMMUFD_MODEL_FAIL_ALLOCATOR,		/* wrong family */
	IOMMUFD_MODEL_FAIL_LEAK,
	IOMMUFD_MODEL_FAIL_NEVER_RELEASED,	/* a leak that is a cycle */
	IOMMUFD_MODEL_FAIL_NO_PROGRESS,		/* a release left objects */
	IOMMUFD_MODEL_FAIL_DEADLOCK,
	IOMMUFD_MODEL_FAIL_LOST_WAKEUP,
	IOMMUFD_MODEL_FAIL_TIMEOUT,		/* a wait ran into its timeout */
	IOMMUFD_MODEL_FAIL_LOCK,		/* misuse, or held at the end */
	IOMMUFD_MODEL_FAIL_LOCK_ORDER,
	IOMMUFD_MODEL_FAIL_CRASH,		/* a signal, exit() */
	IOMMUFD_MODEL_FAIL_SANITIZER,
	IOMMUFD_MODEL_FAIL_STEP_LIMIT,		/* an endless loop */
	IOMMUFD_MODEL_FAIL_HANG,		/* one that passes no gate */
	IOMMUFD_MODEL_FAIL_NONDETERMINISM,
	IOMMUFD_MODEL_NR_FAILURES
};

enum iommufd_model_explore_mode {
	/* every trace: one execution of each order of dependent operations */
	IOMMUFD_MODEL_EXHAUSTIVE,
	/* all interleavings with at most so many preemptions, fewest first */
	IOMMUFD_MODEL_BOUNDED,
	/* so many executions with random priorities (PCT) */
	IOMMUFD_MODEL_RANDOM,
	/* one given schedule */
	IOMMUFD_MODEL_REPLAY,
};

/*
 * struct iommufd_model_explore_options - zero is the default of each
 *
 * An environment variable, named at the right, has the last word.
 * IOMMUFD_MODEL_EXPLORE_ is left out of its name.
 *
 * @mode: exhaustive				MODE=exhaustive|bounded|random
 * @plain: no reduction by commuting counter operations	PLAIN=1
 * @preemptions: bounded: at most so many, 2; -1: no bound; none at all:
 *	IOMMUFD_MODEL_NO_PREEMPTIONS		PREEMPTIONS=N
 * @depth: random: PCT's d, the number of orders that matter, 3	DEPTH=N
 * @executions: stop after so many; no limit, random 10,000	EXECUTIONS=N
 * @steps: an execution with more is an endless loop, 10,000; at most 32,000
 *						STEPS=N
 * @seconds: stop after so much time; no limit		SECONDS=X
 * @hang: seconds without a step that are a hang, 10	HANG=X
 * @seed: of random, 1					SEED=N
 * @jobs: processes that share the work, 1		JOBS=N
 * @shard, @shards: do part @shard (from 1) of @shards; all	SHARD=K/N
 * @ignore: bit n: failure n is none; not one that leaves nothing to go on with
 *						IGNORE=timeout,leak
 * @fail_nth: the n-th allocation of the threads fails	FAIL_NTH=N
 * @schedule: of a replay; a string, or the name of a file with one
 *						REPLAY=[TEST:]SCHEDULE
 * @own_stacks: a replay's threads are not threads of the system, which a
 *	debugger sees, but on stacks of our own as when exploring  OWN_STACKS=1
 * @in_process: no child process; what a failed execution held stays as it was.
 *	A replay that the environment asks for is always in process, for the
 *	sake of debuggers				IN_PROCESS=1
 * @keep_going: do not stop at the first failure, count them all
 *						KEEP_GOING=1
 * @no_minimise: hand back the first failure as it was found	MINIMISE=0
 * @report: where the report of a failure goes; stderr; @quiet: nowhere
 * @command: of a failure's report: what replays a schedule put behind it; by
 *	default this program with IOMMUFD_MODEL_EXPLORE_REPLAY set
 * @progress: called now and then while it runs
 * @explain: called with NULL before an execution that will be told begins, and
 *	at its end with what was left allocated: fills @text, and returns true if
 *	that can never be released
 */
#define IOMMUFD_MODEL_NO_PREEMPTIONS (-2)

struct iommufd_model_explore_result;
struct iommufd_model_explore_options {
	enum iommufd_model_explore_mode mode;
	bool plain;
	int preemptions;
	unsigned int depth;
	unsigned long executions;
	unsigned int steps;
	double seconds;
	double hang;
	unsigned long seed;
	unsigned int jobs;
	unsigned int shard, shards;
	unsigned int ignore;
	unsigned int fail_nth;
	const char *schedule;
	bool own_stacks;
	bool in_process;
	bool keep_going;
	bool no_minimise;
	bool quiet;
	FILE *report;
	const char *command;
	void (*progress)(const struct iommufd_model_explore_result *so_far,
			 void *data);
	void *progress_data;
	bool (*explain)(const void *leaked, char *text, size_t size);
	const char *html, *trace;
};

enum iommufd_model_verdict {
	IOMMUFD_MODEL_NOT_EXPLORED,	/* an error came first */
	IOMMUFD_MODEL_COMPLETE,		/* all there is, and no failure */
	IOMMUFD_MODEL_COMPLETE_BOUNDED,	/* all up to @preemptions */
	IOMMUFD_MODEL_COMPLETE_SHARD,	/* all of this shard */
	IOMMUFD_MODEL_STOPPED,		/* a limit came first: @limit */
	IOMMUFD_MODEL_NOT_FOUND,	/* random: no failure in @executions */
	IOMMUFD_MODEL_REPLAYED,		/* one schedule, and no failure */
	IOMMUFD_MODEL_FAILED,		/* @failure */
};

/*
 * struct iommufd_model_explore_result
 * @executions: complete ones; @redundant: given up half-way, because another
 *	one is equivalent
 * @nr_failed: executions that failed; @seen: bit n: failure n was among them
 * @steps, @depth: of all executions, of the longest
 * @injected: the n-th allocation was reached and failed, in some execution
 * @done: estimated part of the work that is done, 0 to 1
 * @failure, @text: of the failure handed back, @text one sentence
 * @thread: that failed, from 0; -1: setup, after or nobody
 * @found_after: number of the execution that first failed, from 1
 * @preemptions: of the schedule handed back; or the bound that was reached
 * @limit: which one stopped it, "200 executions"
 * @options: as they were in the end, with defaults and the environment
 * @schedule: of the failure
 * @command: what replays it, as a shell takes it
 * @report: its report, some kB of text
 *
 * Strings are the result's own, until iommufd_model_explore_free().
 */
struct iommufd_model_explore_result {
	enum iommufd_model_verdict verdict;
	unsigned long executions;
	unsigned long redundant;
	unsigned long nr_failed;
	unsigned int seen;
	unsigned long steps;
	unsigned int depth;
	double seconds;
	double done;
	bool injected;
	enum iommufd_model_failure failure;
	int thread;
	unsigned long found_after;
	int preemptions;
	unsigned long seed;
	char limit[32];
	struct iommufd_model_explore_options options;
	char *text;
	char *schedule;
	char *command;
	char *report;
};

/*
 * iommufd_model_explore(test, options, result): explore @test.  @options may be
 * NULL.  0: no failure, as far as result->verdict says; 1: a failure was found;
 * -EINVAL: the test or the options make no sense, or a schedule does not fit
 * the test (a sentence goes to options->report); -ENOMEM, -EAGAIN: no memory or
 * process.  Not while another thread uses the ground.  May take for ever: see
 * the limits.  @result is valid in all cases and is given back by
 * iommufd_model_explore_free(); NULL if it does not matter.
 */
IOMMUFD_MODEL_API int
iommufd_model_explore(const struct iommufd_model_test *test,
		      const struct iommufd_model_explore_options *options,
		      struct iommufd_model_explore_result *result);
IOMMUFD_MODEL_API void
iommufd_model_explore_free(struct iommufd_model_explore_result *result);

/*
 * iommufd_model_failure_name(failure): "use after free" and so on;
 * iommufd_model_failure_from_name(name): the other way round, blanks may be
 * written as '-'; IOMMUFD_MODEL_NR_FAILURES if there is none of that name.
 */
IOMMUFD_MODEL_API const char *
iommufd_model_failure_name(enum iommufd_model_failure failure);
IOMMUFD_MODEL_API enum iommufd_model_failure
iommufd_model_failure_from_name(const char *name);

/*
 * iommufd_model_verdict_text(result, buf, size): "complete", "complete up to 2
 * preemptions", "stopped at 200 executions, about 3 % done", "no failure in
 * 10000 executions, seed 1", "FAILED: use after free".  Returns @buf.
 */
IOMMUFD_MODEL_API const char *
iommufd_model_verdict_text(const struct iommufd_model_explore_result *result,
			   char *buf, size_t size);

/*
 * iommufd_model_assert(cond): the execution fails if @cond does not hold.  For
 * setup, threads, invariant and after, where libcheck's assertions must not be
 * used.  Outside of an exploration a failure prints a line and aborts.
 */
#define iommufd_model_assert(cond) do {					\
	if (!(cond))							\
		iommufd_model_assertion_failed(IOMMUFD_MODEL_SITE(#cond), \
					       "%s", #cond);		\
} while (0)
#define iommufd_model_assert_msg(cond, ...) do {			\
	if (!(cond))							\
		iommufd_model_assertion_failed(IOMMUFD_MODEL_SITE(#cond), \
					       __VA_ARGS__);		\
} while (0)
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_assertion_failed(const struct iommufd_model_site *site,
			       const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * iommufd_model_spawn(name, fn, data): start one more thread, from inside of a
 * thread of the test.  Its number, or -EAGAIN if there are too many.  @name
 * must stay valid.  iommufd_model_join(number): wait until it has ended; a
 * thread may be joined by several.  Every thread ends before after() runs,
 * joined or not.  Outside of an exploration spawn() runs @fn at once.
 */
#define iommufd_model_spawn(name, fn, data) \
	iommufd_model_spawn_thread(name, fn, data, IOMMUFD_MODEL_SITE(#fn))
#define iommufd_model_join(number) \
	iommufd_model_join_thread(number, IOMMUFD_MODEL_SITE(#number))
IOMMUFD_MODEL_API int
iommufd_model_spawn_thread(const char *name, void (*fn)(void *data), void *data,
			   const struct iommufd_model_site *site);
IOMMUFD_MODEL_API void
iommufd_model_join_thread(int number, const struct iommufd_model_site *site);

/* iommufd_model_thread_number(): of the running thread, from 0; -1: none. */
IOMMUFD_MODEL_API int iommufd_model_thread_number(void);

/*
 * iommufd_model_wait_zero(r): wait until @r is zero, as one step: what a
 * correct waiter with a correct waker does, without the wait queue between
 * them.  Blocks.  Outside of an exploration it spins.
 */
#define iommufd_model_wait_zero(r) \
	iommufd_model_wait_zero_at(r, IOMMUFD_MODEL_SITE(#r))
IOMMUFD_MODEL_API void
iommufd_model_wait_zero_at(refcount_t *r,
			   const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
