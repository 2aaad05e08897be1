/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The explorer: a test of two or more threads, run through all its
 * interleavings.
 *
 * @code
 * static void getter(void *data) { ... }
 * static void destroyer(void *data) { ... }
 *
 * static const struct iommufd_model_test test = {
 * 	.name = "get against destroy",
 * 	.setup = setup,
 * 	.threads = { { "getter", getter }, { "destroyer", destroyer } },
 * 	.after = after,
 * };
 * ...
 * ck_assert_explored(&test);			(check.h)
 * @endcode
 *
 * One execution is: setup alone, then the threads, interleaved, then after
 * alone.  The explorer decides at every operation that passes the ground's gate
 * (a counter, a lock, a wait queue, memory, READ_ONCE and WRITE_ONCE) which
 * thread goes on.  It knows nothing else of the code: what two threads do to a
 * plain variable without the ground is not seen.
 *
 * The test must be deterministic: what a thread does next may depend on what
 * the ground's operations gave, and not on time, addresses or the memory of
 * earlier executions, in which static variables live on.  That is checked.
 *
 * Executions run in a child process, so that a crash ends an execution and not
 * the program, and so that nothing an execution does to memory outlives the
 * exploration.  Allocations of the ground come from an arena of the explorer.
 * Time is virtual and costs nothing: a timeout may fire at any moment from the
 * start of its wait on, as other threads may be as slow as can be.  A timeout of
 * IOMMUFD_MODEL_WATCHDOG or more is there to notice that nothing happens any
 * more, and fires only then.
 */
#ifndef IOMMUFD_MODEL_EXPLORE_H
#define IOMMUFD_MODEL_EXPLORE_H

#include <iommufd_model/kernel/refcount.h>
#include <iommufd_model/record.h>
#include <stdio.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** threads of a test, spawned ones too */
#define IOMMUFD_MODEL_MAX_THREADS 16

/** A thread of a test. */
struct iommufd_model_test_thread {
	const char *name;	/**< for reports; NULL: "thread a" and so on */
	void (*fn)(void *data);	/**< what it does */
};

/**
 * A test.  Any of its functions may fail the execution by
 * iommufd_model_assert().
 */
struct iommufd_model_test {
	const char *name;	/**< for reports; unique in the program */
	void *data;	/**< what all functions get */
	/** before the threads start; may be NULL */
	void (*setup)(void *data);
	/** up to the first without a function */
	struct iommufd_model_test_thread threads[IOMMUFD_MODEL_MAX_THREADS];
	/**
	 * Called after every step, while the threads stand still; may be NULL.
	 * It looks (refcount_read() and so on pass no gate here) and must not
	 * block.
	 */
	void (*invariant)(void *data);
	/** when all threads have ended; may be NULL */
	void (*after)(void *data);
	/**
	 * Bit n: thread n runs the same code with the same data as all other
	 * threads with their bit set, and nothing tells them apart.  Only
	 * schedules that start them in order are explored.
	 */
	unsigned int symmetric;
};

/** What can be wrong with an execution. */
enum iommufd_model_failure {
	IOMMUFD_MODEL_NO_FAILURE,	/**< nothing */
	IOMMUFD_MODEL_FAIL_ASSERTION,	/**< iommufd_model_assert() */
	IOMMUFD_MODEL_FAIL_INVARIANT,	/**< the same in invariant() */
	IOMMUFD_MODEL_FAIL_WARN,	/**< a WARN of no kind below */
	/** a counter from zero, or below zero */
	IOMMUFD_MODEL_FAIL_REFCOUNT,
	/** an operation on freed memory */
	IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	IOMMUFD_MODEL_FAIL_DOUBLE_FREE,	/**< a free of freed memory */
	IOMMUFD_MODEL_FAIL_ALLOCATOR,	/**< a free of the wrong family */
	IOMMUFD_MODEL_FAIL_LEAK,	/**< memory is left at the end */
	IOMMUFD_MODEL_FAIL_NEVER_RELEASED,	/**< a leak that is a cycle */
	IOMMUFD_MODEL_FAIL_NO_PROGRESS,	/**< a release left objects */
	IOMMUFD_MODEL_FAIL_DEADLOCK,	/**< nobody can go on: locks, joins */
	/** one sleeps, and nobody is left to wake it */
	IOMMUFD_MODEL_FAIL_LOST_WAKEUP,
	IOMMUFD_MODEL_FAIL_TIMEOUT,	/**< a wait ran into its timeout */
	/** misuse of a lock, or held at the end */
	IOMMUFD_MODEL_FAIL_LOCK,
	IOMMUFD_MODEL_FAIL_LOCK_ORDER,	/**< two locks in both orders */
	/** what may sleep is called under a spinlock */
	IOMMUFD_MODEL_FAIL_ATOMIC,
	IOMMUFD_MODEL_FAIL_CRASH,	/**< a signal, exit() */
	IOMMUFD_MODEL_FAIL_SANITIZER,	/**< what a sanitizer found */
	IOMMUFD_MODEL_FAIL_STEP_LIMIT,	/**< an endless loop */
	/** a loop waits for what no thread is left to change */
	IOMMUFD_MODEL_FAIL_LIVELOCK,
	IOMMUFD_MODEL_FAIL_HANG,	/**< one that passes no gate */
	/** not the same with the same schedule */
	IOMMUFD_MODEL_FAIL_NONDETERMINISM,
	IOMMUFD_MODEL_NR_FAILURES	/**< how many there are */
};

/** Which schedules are run. */
enum iommufd_model_explore_mode {
	/** Every trace: one execution of each order of dependent operations. */
	IOMMUFD_MODEL_EXHAUSTIVE,
	/** All interleavings with at most so many preemptions, fewest first. */
	IOMMUFD_MODEL_BOUNDED,
	/** so many executions with random priorities (PCT) */
	IOMMUFD_MODEL_RANDOM,
	IOMMUFD_MODEL_REPLAY,	/**< one given schedule */
};

/** a timeout that fires only when nobody else can go on: 30 s, in jiffies */
#define IOMMUFD_MODEL_WATCHDOG 30000
/** for the option timeouts: none while others can go on */
#define IOMMUFD_MODEL_NO_TIMEOUTS (-1)
/** for the option preemptions: none at all */
#define IOMMUFD_MODEL_NO_PREEMPTIONS (-2)

struct iommufd_model_explore_result;

/**
 * Options of an exploration; zero is the default of each.
 *
 * An environment variable has the last word.  Its name is
 * IOMMUFD_MODEL_EXPLORE_ and what is named here.
 */
struct iommufd_model_explore_options {
	/** exhaustive; MODE=exhaustive|bounded|random */
	enum iommufd_model_explore_mode mode;
	/** no reduction by commuting counter operations; PLAIN=1 */
	bool plain;
	/**
	 * Bounded: at most so many, 2; -1: no bound; none at all:
	 * IOMMUFD_MODEL_NO_PREEMPTIONS.  PREEMPTIONS=N
	 */
	int preemptions;
	/** Random: PCT's d, the number of orders that matter, 3.  DEPTH=N */
	unsigned int depth;
	/**
	 * In one execution, so many timeouts may fire while other threads can
	 * go on, 2; none: IOMMUFD_MODEL_NO_TIMEOUTS.  TIMEOUTS=N
	 */
	int timeouts;
	/** stop after so many; no limit, random 10,000.  EXECUTIONS=N */
	unsigned long executions;
	/**
	 * An execution with more is an endless loop, 10,000; at most 32,000.
	 * STEPS=N
	 */
	unsigned int steps;
	double seconds;	/**< stop after so much time; no limit.  SECONDS=X */
	/** seconds without a step that are a hang, 10.  HANG=X */
	double hang;
	unsigned long seed;	/**< of random, 1.  SEED=N */
	/** processes that share the work, 1.  JOBS=N */
	unsigned int jobs;
	unsigned int shard,	/**< do this part, from 1.  SHARD=K/N */
		shards;		/**< of so many; 0: all.  SHARD=K/N */
	/**
	 * Bit n: failure n is none; not one that leaves nothing to go on with.
	 * IGNORE=timeout,leak
	 */
	unsigned int ignore;
	/** the n-th allocation of the threads fails.  FAIL_NTH=N */
	unsigned int fail_nth;
	/**
	 * Of a replay; a string, or the name of a file with one.  It is refused
	 * if it says that it is of another test or of other code.  A TEST that
	 * is not explored makes the program fail.  REPLAY=[TEST:]SCHEDULE
	 */
	const char *schedule;
	/**
	 * Replay a schedule though its fingerprint is of another test or of
	 * other code.  FORCE=1
	 */
	bool force;
	/**
	 * Of the test, if it is made from something that may change: a schedule
	 * of another version is of another test.
	 */
	const char *version;
	/**
	 * A replay's threads are not threads of the system, which a debugger
	 * sees, but on stacks of our own as when exploring.  OWN_STACKS=1
	 */
	bool own_stacks;
	/**
	 * No child process; what a failed execution held stays as it was.  A
	 * replay that the environment asks for is always in process, for the
	 * sake of debuggers.  IN_PROCESS=1
	 */
	bool in_process;
	/** Do not stop at the first failure, count them all.  KEEP_GOING=1 */
	bool keep_going;
	/** hand back the first failure as it was found.  MINIMISE=0 */
	bool no_minimise;
	/**
	 * SIGINT and SIGTERM stop an exploration.  Then return, with the
	 * verdict and with the signal in the result, and let the caller end; by
	 * default a line says what was done, and the signal ends the program as
	 * ever.  A program with handlers of its own keeps those.
	 */
	bool returns;
	bool quiet;	/**< the report of a failure goes nowhere */
	FILE *report;	/**< where it goes; stderr */
	/**
	 * Of a failure's report: what replays a schedule put behind it; by
	 * default this program with IOMMUFD_MODEL_EXPLORE_REPLAY set.
	 */
	const char *command;
	/** Called now and then while it runs. */
	void (*progress)(const struct iommufd_model_explore_result *so_far,
			 void *data);
	void *progress_data;	/**< for progress() */
	/**
	 * Called before an execution that will be reported begins, with the
	 * record that is written of it.
	 */
	void (*observe)(struct iommufd_model_record *record);
	/**
	 * Called at the end of such an execution with what was left allocated:
	 * fills @p text, and returns true if that can never be released.
	 */
	bool (*explain)(const void *leaked, char *text, size_t size);
	/**
	 * A file that the record of the execution that is handed back is
	 * written to, also of a replay that does not fail; or a directory, in
	 * which it gets the name of the test.  The report has the command that
	 * makes a page of it.  A file that cannot be written is complained of
	 * on standard error and changes nothing else.  RECORD=FILE
	 */
	const char *record;
	const char *title;	/**< of the record; the test's name */
};

/** What an exploration found. */
enum iommufd_model_verdict {
	IOMMUFD_MODEL_NOT_EXPLORED,	/**< an error came first */
	IOMMUFD_MODEL_COMPLETE,	/**< all there is, and no failure */
	IOMMUFD_MODEL_COMPLETE_BOUNDED,	/**< all up to the preemptions */
	IOMMUFD_MODEL_COMPLETE_SHARD,	/**< all of this shard */
	IOMMUFD_MODEL_STOPPED,	/**< a limit came first */
	/** random: no failure in so many executions */
	IOMMUFD_MODEL_NOT_FOUND,
	IOMMUFD_MODEL_REPLAYED,	/**< one schedule, and no failure */
	IOMMUFD_MODEL_FAILED,	/**< a failure */
};

/**
 * What came of an exploration.  Strings are the result's own, until
 * iommufd_model_explore_free().
 */
struct iommufd_model_explore_result {
	enum iommufd_model_verdict verdict;	/**< what it found */
	unsigned long executions;	/**< complete ones */
	/** more that turned out to be equivalent to another one */
	unsigned long redundant;
	unsigned long nr_failed;	/**< executions that failed */
	unsigned int seen;	/**< bit n: failure n was among them */
	unsigned long steps;	/**< of all executions */
	unsigned int depth;	/**< steps of the longest */
	double seconds;	/**< how long it took */
	double done;	/**< estimated part of the work that is done, 0 to 1 */
	/** the n-th allocation was reached and failed, in some execution */
	bool injected;
	enum iommufd_model_failure failure;	/**< the failure handed back */
	/** that failed, from 0; -1: setup, after or nobody in particular */
	int thread;
	/** number of the execution that first failed, from 1 */
	unsigned long found_after;
	/** of the schedule handed back; or the bound that was reached */
	int preemptions;
	/** true if more timeouts could have fired than the option allows */
	bool timeouts_bounded;
	unsigned long seed;	/**< of random */
	/** which one stopped it, "200 executions", or the signal "SIGINT" */
	char limit[32];
	int signal;	/**< that interrupted it; 0: none did */
	/** as they were in the end, with defaults and the environment */
	struct iommufd_model_explore_options options;
	char *text;	/**< of the failure, one sentence; NULL: none */
	char *schedule;	/**< of the failure; NULL: none */
	char *command;	/**< what replays it, as a shell takes it; NULL: none */
	char *report;	/**< of the failure, some kB of text; NULL: none */
	/** of the execution that is handed back; NULL: none */
	struct iommufd_model_record *record;
	bool record_lost;	/**< the file of the record was not written */
};

/**
 * Explores a test.
 * @param test     the test
 * @param options  its options; NULL: the default
 * @param result   what came of it, valid in all cases; NULL if it does not
 *   matter
 * @return 0: no failure, as far as the verdict says; 1: a failure was found; or
 *   a negative errno
 * @ownership The caller gives the result back by iommufd_model_explore_free().
 * @errors -EINVAL: the test or the options make no sense, or a schedule does
 *   not fit the test (a sentence goes where reports go); -ENOMEM, -EAGAIN: no
 *   memory or process.
 * @context Not while another thread uses the ground.  May take for ever: see
 *   the limits.
 */
IOMMUFD_MODEL_API int
iommufd_model_explore(const struct iommufd_model_test *test,
		      const struct iommufd_model_explore_options *options,
		      struct iommufd_model_explore_result *result);

/**
 * Frees what a result has.
 * @param result  as iommufd_model_explore() left it
 */
IOMMUFD_MODEL_API void
iommufd_model_explore_free(struct iommufd_model_explore_result *result);

/**
 * Names a failure.
 * @param failure  the failure
 * @return "use after free" and so on; static
 */
IOMMUFD_MODEL_API const char *
iommufd_model_failure_name(enum iommufd_model_failure failure);

/**
 * Finds a failure by its name.
 * @param name  the name; blanks may be written as '-'
 * @return the failure; IOMMUFD_MODEL_NR_FAILURES if there is none of that name
 */
IOMMUFD_MODEL_API enum iommufd_model_failure
iommufd_model_failure_from_name(const char *name);

/**
 * Tells a verdict in words: "complete", "complete up to 2 preemptions",
 * "stopped at 200 executions, about 3 % done", "no failure in 10000 executions,
 * seed 1", "FAILED: use after free".
 * @param result  the result
 * @param buf     for the words
 * @param size    its size
 * @return @p buf
 */
IOMMUFD_MODEL_API const char *
iommufd_model_verdict_text(const struct iommufd_model_explore_result *result,
			   char *buf, size_t size);

/**
 * Fails the execution if a condition does not hold.  For setup, threads,
 * invariant and after, where libcheck's assertions must not be used.  Outside
 * of an exploration a failure prints a line and aborts.
 * @param cond  what must hold
 */
#define iommufd_model_assert(cond) do {					\
	if (!(cond))							\
		iommufd_model_assertion_failed(IOMMUFD_MODEL_SITE(#cond), \
					       "%s", #cond);		\
} while (0)

/**
 * Is iommufd_model_assert() with a text of one's own.
 * @param cond  what must hold
 * @param ...   as of printf()
 */
#define iommufd_model_assert_msg(cond, ...) do {			\
	if (!(cond))							\
		iommufd_model_assertion_failed(IOMMUFD_MODEL_SITE(#cond), \
					       __VA_ARGS__);		\
} while (0)

/**
 * Fails the execution: what iommufd_model_assert() calls.
 * @param site  the place of the call
 * @param fmt   as of printf()
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_assertion_failed(const struct iommufd_model_site *site,
			       const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Starts one more thread, from inside of a thread of the test.  Outside of an
 * exploration it runs @p fn at once.
 * @param name  for reports; must stay valid
 * @param fn    what it does
 * @param data  for @p fn
 * @return its number, or -EAGAIN if there are too many
 * @ownership Every thread ends before after() runs, joined or not.
 */
#define iommufd_model_spawn(name, fn, data) \
	iommufd_model_spawn_thread(name, fn, data, IOMMUFD_MODEL_SITE(#fn))

/**
 * Waits until a thread has ended, which may be joined by several.
 * @param number  of iommufd_model_spawn()
 * @context Blocks.
 */
#define iommufd_model_join(number) \
	iommufd_model_join_thread(number, IOMMUFD_MODEL_SITE(#number))
/** @behind{iommufd_model_spawn} */
IOMMUFD_MODEL_API int
iommufd_model_spawn_thread(const char *name, void (*fn)(void *data), void *data,
			   const struct iommufd_model_site *site);
/** @behind{iommufd_model_join} */
IOMMUFD_MODEL_API void
iommufd_model_join_thread(int number, const struct iommufd_model_site *site);

/**
 * Gives the number of the running thread.
 * @return from 0; -1: none of a test
 */
IOMMUFD_MODEL_API int iommufd_model_thread_number(void);

/**
 * Waits until a counter is zero, as one step: what a correct waiter with a
 * correct waker does, without the wait queue between them.  Outside of an
 * exploration it spins.
 * @param r  a refcount_t
 * @context Blocks.
 */
#define iommufd_model_wait_zero(r) \
	iommufd_model_wait_zero_at(r, IOMMUFD_MODEL_SITE(#r))
/** @behind{iommufd_model_wait_zero} */
IOMMUFD_MODEL_API void
iommufd_model_wait_zero_at(refcount_t *r,
			   const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
