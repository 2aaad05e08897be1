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
 * In one execution setup runs alone, then the threads run interleaved, then
 * after runs alone.  At every operation that passes the gate of the ground (on
 * a counter, a lock, a wait queue or memory, READ_ONCE and WRITE_ONCE) the
 * explorer decides which thread goes on.  It does not see accesses to plain
 * variables; in a build with ThreadSanitizer, races between them are found as
 * well.
 *
 * The test must be deterministic: what a thread does next may depend on the
 * results of these operations, and not on time, on addresses or on earlier
 * executions.  (Static variables keep their values from one execution to the
 * next, so setup has to set them.)  This is checked.
 *
 * Executions run in a child process.  So a crash ends an execution and not the
 * program, and what executions do to memory is gone when the exploration ends.
 * Allocations of the ground come from memory of the explorer.
 *
 * Time is virtual, and no test has to wait.  As other threads can be
 * arbitrarily slow, a timeout may fire at any moment after its wait has begun.
 * A timeout of IOMMUFD_MODEL_WATCHDOG or more is there only to notice that
 * nothing happens any more, and fires only when no thread can go on.
 */
#ifndef IOMMUFD_MODEL_EXPLORE_H
#define IOMMUFD_MODEL_EXPLORE_H

#include <iommufd_model/kernel/refcount.h>
#include <iommufd_model/record.h>
#include <stdio.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** the largest number of threads of a test, including those that it spawns */
#define IOMMUFD_MODEL_MAX_THREADS 16
/** the most values that iommufd_model_choose() can choose from */
#define IOMMUFD_MODEL_MAX_CHOICES 256

/** A thread of a test. */
struct iommufd_model_test_thread {
	/** the name in reports; NULL for "thread a" and so on */
	const char *name;
	void (*fn)(void *data);	/**< the function of the thread */
};

/** the most pieces of memory that a test can list */
#define IOMMUFD_MODEL_MAX_MEMORY 8

/** A piece of memory, such as a static variable of a test. */
struct iommufd_model_memory {
	const void *start;	/**< its first byte */
	size_t size;	/**< how many bytes it has */
};

/** An entry of a test's memory[]: a variable, with all its members. */
#define IOMMUFD_MODEL_MEMORY(variable) { &(variable), sizeof(variable) }

/**
 * An entry of a test's memory[], the only one: the static variables of the
 * program, and of this library.  So memory of malloc(), thread-local variables
 * and the variables of other libraries are not shared between the threads.
 */
#define IOMMUFD_MODEL_STATIC_VARIABLES { NULL, (size_t)-1 }

/**
 * A test.  Any of its functions may fail the execution by
 * iommufd_model_assert().
 */
struct iommufd_model_test {
	/** the name in reports, which must be unique in the program */
	const char *name;
	void *data;	/**< the argument of all functions */
	/** runs before the threads start; may be NULL */
	void (*setup)(void *data);
	/** the threads; they end at the first entry without a function */
	struct iommufd_model_test_thread threads[IOMMUFD_MODEL_MAX_THREADS];
	/**
	 * Called after every step, while no thread runs; may be NULL.  It may
	 * read the ground's objects, which does not count as a step, but must
	 * not change anything or block.
	 */
	void (*invariant)(void *data);
	/** runs when all threads have ended; may be NULL */
	void (*after)(void *data);
	/**
	 * If bit n is set, thread n is equal to all other threads whose bit is
	 * set: they run the same code on the same data and do not differ in
	 * anything.  The explorer then runs only schedules that start them in
	 * order.
	 */
	unsigned int symmetric;
	/**
	 * 0, or the size of this struct; a library that knows fewer members
	 * refuses a test that uses the others
	 */
	size_t size;
	/**
	 * If entry n is IOMMUFD_MODEL_INTERRUPTS(m), thread n is an interrupt
	 * handler on the processor of thread m.  It begins between any two
	 * steps of thread m while thread m has interrupts on, or after thread m
	 * has ended.  Thread m continues when the handler has ended.  In the
	 * handler interrupts are off, in_hardirq() is true, and nothing may
	 * sleep.  If entry n is 0, thread n is an ordinary thread.
	 */
	unsigned char interrupts[IOMMUFD_MODEL_MAX_THREADS];
	/**
	 * The memory that the threads share, apart from what the ground
	 * allocates: each variable that a thread writes after setup and that a
	 * thread reads.  It ends at the first entry without a size.  With it an
	 * exhaustive exploration knows a state that it has explored before, and
	 * does not explore it again.  A variable that is missing is noticed if
	 * an operation accesses it, and not if only plain accesses do: then
	 * executions may be missed.
	 */
	struct iommufd_model_memory memory[IOMMUFD_MODEL_MAX_MEMORY];
};

/** The value of interrupts[] for a handler that interrupts thread @p number. */
#define IOMMUFD_MODEL_INTERRUPTS(number) ((unsigned char)((number) + 1))

/** The ways in which an execution can fail. */
enum iommufd_model_failure {
	IOMMUFD_MODEL_NO_FAILURE,	/**< nothing is wrong */
	IOMMUFD_MODEL_FAIL_ASSERTION,	/**< an iommufd_model_assert() failed */
	/** an iommufd_model_assert() in the invariant failed */
	IOMMUFD_MODEL_FAIL_INVARIANT,
	IOMMUFD_MODEL_FAIL_WARN,	/**< a WARN that has no kind below */
	/** an increment of a counter from zero, or a decrement below zero */
	IOMMUFD_MODEL_FAIL_REFCOUNT,
	/** an operation on freed memory */
	IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	IOMMUFD_MODEL_FAIL_DOUBLE_FREE,	/**< freed memory was freed again */
	/** memory was freed by a function of another family */
	IOMMUFD_MODEL_FAIL_ALLOCATOR,
	/** memory is still allocated at the end */
	IOMMUFD_MODEL_FAIL_LEAK,
	/**
	 * memory is still allocated at the end because of a cycle of references
	 */
	IOMMUFD_MODEL_FAIL_NEVER_RELEASED,
	/** the release of a context left objects */
	IOMMUFD_MODEL_FAIL_NO_PROGRESS,
	/** threads wait for each other's locks, or for each other's end */
	IOMMUFD_MODEL_FAIL_DEADLOCK,
	/** a thread sleeps, and no thread is left that could wake it */
	IOMMUFD_MODEL_FAIL_LOST_WAKEUP,
	IOMMUFD_MODEL_FAIL_TIMEOUT,	/**< a wait reached its timeout */
	/** a lock was misused, or is still held at the end */
	IOMMUFD_MODEL_FAIL_LOCK,
	/** two locks were taken in both orders */
	IOMMUFD_MODEL_FAIL_LOCK_ORDER,
	/** a function that may sleep was called under a spinlock */
	IOMMUFD_MODEL_FAIL_ATOMIC,
	/** a signal ended the execution, or exit() was called */
	IOMMUFD_MODEL_FAIL_CRASH,
	IOMMUFD_MODEL_FAIL_SANITIZER,	/**< a sanitizer reported an error */
	/**
	 * the execution took more steps than the limit, or used more variables
	 * or watched memory than there is room for
	 */
	IOMMUFD_MODEL_FAIL_STEP_LIMIT,
	/**
	 * a loop waits for a change, but no thread is left that could make it
	 */
	IOMMUFD_MODEL_FAIL_LIVELOCK,
	/** a thread made no operation for a long time */
	IOMMUFD_MODEL_FAIL_HANG,
	/** the same schedule did not give the same steps */
	IOMMUFD_MODEL_FAIL_NONDETERMINISM,
	/** watched code: two accesses, one of them a write, without an order */
	IOMMUFD_MODEL_FAIL_DATA_RACE,
	/** watched code: an access to memory that is not allocated */
	IOMMUFD_MODEL_FAIL_OUT_OF_BOUNDS,
	IOMMUFD_MODEL_NR_FAILURES	/**< the number of failures */
};

/** Which schedules are run. */
enum iommufd_model_explore_mode {
	/** Runs one execution for each order of the conflicting operations. */
	IOMMUFD_MODEL_MODE_EXHAUSTIVE,
	/**
	 * Runs all interleavings up to a number of preemptions, fewest first.
	 */
	IOMMUFD_MODEL_MODE_BOUNDED,
	/** Runs a number of executions with random priorities (PCT). */
	IOMMUFD_MODEL_MODE_RANDOM,
	IOMMUFD_MODEL_MODE_REPLAY,	/**< Runs one given schedule. */
};

/**
 * A timeout of at least this many jiffies (30 s) fires only when no thread can
 * go on.
 */
#define IOMMUFD_MODEL_WATCHDOG 30000

struct iommufd_model_explore_result;

/**
 * The options of an exploration.
 *
 * Begin with iommufd_model_explore_options_init(), which sets every option to
 * the default that is named here, and then change some.  The value of every
 * option counts, also if it is 0.
 *
 * It is also possible to begin with zeros, as in `struct
 * iommufd_model_explore_options options = { .quiet = true };`.  Then @p size is
 * 0, and every option that is 0 has its default.
 *
 * An environment variable overrides the option.  Its name is
 * IOMMUFD_MODEL_EXPLORE_ followed by the name in capital letters in the comment
 * of the option.
 */
struct iommufd_model_explore_options {
	/**
	 * set by iommufd_model_explore_options_init(); if it is 0, options that
	 * are 0 have their defaults
	 */
	size_t size;
	/** the mode, by default exhaustive; MODE=exhaustive|bounded|random */
	enum iommufd_model_explore_mode mode;
	/**
	 * true to treat all operations on the same counter as conflicts;
	 * PLAIN=1
	 */
	bool plain;
	/**
	 * Bounded mode: the largest number of preemptions in an execution, by
	 * default 2; -1 for no bound.  PREEMPTIONS=N
	 */
	int preemptions;
	/**
	 * Random mode: the number of ordering constraints that a failure may
	 * need (the d of PCT), at least 1, by default 3.  DEPTH=N
	 */
	unsigned int depth;
	/**
	 * The number of timeouts that may fire in one execution while other
	 * threads can go on, by default 2.  TIMEOUTS=N
	 */
	int timeouts;
	/**
	 * The number of spurious wake-ups in one execution, by default 0:
	 * sleeps in a wait queue that end although nobody has woken the
	 * sleeper.  They reveal a condition that is tested with
	 * if, and not in a loop.  Sleeps with a timeout below
	 * IOMMUFD_MODEL_WATCHDOG are excluded; @p timeouts ends these.
	 * SPURIOUS=N
	 */
	int spurious;
	/**
	 * How many allocations of the threads may fail in one execution,
	 * default 0.  Each of these failures is a choice, so one exploration
	 * covers every set of that many allocations in all interleavings.  Not
	 * together with @p fail_nth.  ALLOC_FAILURES=N
	 */
	int alloc_failures;
	/**
	 * How many user copies of the threads may be short in one execution,
	 * default 0: nothing is copied, or half of the bytes.  Each of them is
	 * a choice.  SHORT_COPIES=N
	 */
	int short_copies;
	/**
	 * The number of executions after which the exploration stops; 0, the
	 * default, for no limit, but 10,000 in random mode.  EXECUTIONS=N
	 */
	unsigned long executions;
	/**
	 * The largest number of steps of an execution; one with more is
	 * reported as an endless loop.  By default 10,000, at most 32,000.
	 * STEPS=N
	 */
	unsigned int steps;
	/**
	 * The time after which the exploration stops, in seconds; 0, the
	 * default, for no limit.  SECONDS=X
	 */
	double seconds;
	/**
	 * A thread that makes no operation for this number of seconds is
	 * reported as hanging; by default 10, 0 for no limit.  HANG=X
	 */
	double hang;
	/** random mode: the seed of the random numbers, by default 1; SEED=N */
	unsigned long seed;
	/** the number of processes that share the work, by default 1; JOBS=N */
	unsigned int jobs;
	/**
	 * The number of the shard to explore, from 1 to @p shards, when the
	 * schedules are split into parts; by default 1 of 1.  SHARD=K/N
	 */
	unsigned int shard;
	unsigned int shards;	/**< the number of shards; see @p shard */
	/**
	 * If bit n is set, failure n is ignored.  A failure after which the
	 * execution cannot continue (use after free, crash) cannot be ignored.
	 * IGNORE=timeout,leak
	 */
	unsigned int ignore;
	/**
	 * the allocation of the threads that fails, from 1; 0 for none;
	 * FAIL_NTH=N
	 */
	unsigned int fail_nth;
	/**
	 * Replay mode: the schedule, or the name of a file that contains one.
	 * A schedule is refused if its fingerprint is that of another test or
	 * of other code.  If the variable has a TEST, only the test with that
	 * name is replayed, and the program fails if it explores no such test.
	 * REPLAY=[TEST:]SCHEDULE
	 */
	const char *schedule;
	/**
	 * True to replay a schedule even if its fingerprint is that of another
	 * test or of other code.  FORCE=1
	 */
	bool force;
	/**
	 * The version of a test that is made from something that may change,
	 * for example a text file.  A schedule of another version is refused.
	 */
	const char *version;
	/**
	 * True to replay on the stacks that an exploration uses.  By default
	 * each thread of a replay is a real thread, which debuggers can show.
	 * OWN_STACKS=1
	 */
	bool own_stacks;
	/**
	 * True to run in this process and not in a child.  What a failed
	 * execution has allocated or locked then stays allocated or locked.  A
	 * replay that the environment requests always runs in this process, so
	 * that a debugger sees it.  IN_PROCESS=1
	 */
	bool in_process;
	/**
	 * true to continue after a failure and to count all failures;
	 * KEEP_GOING=1
	 */
	bool keep_going;
	/**
	 * true to hand back the first failure as found, not minimised;
	 * MINIMISE=0
	 */
	bool no_minimise;
	/**
	 * SIGINT and SIGTERM stop an exploration.  By default a line then
	 * reports what was explored, and the signal ends the program as usual.
	 * If this option is true, iommufd_model_explore() returns instead, with
	 * the signal in the result.  If the program has a handler of its own
	 * for the signal, that handler stays and the exploration goes on.
	 */
	bool returns;
	bool quiet;	/**< print no report of a failure */
	FILE *report;	/**< where reports are printed; NULL: stderr */
	/**
	 * A command that replays a schedule if the schedule is appended to it;
	 * the report of a failure shows it.  NULL for this program, with
	 * IOMMUFD_MODEL_EXPLORE_REPLAY set.
	 */
	const char *command;
	/** Called about ten times a second while the exploration runs. */
	void (*progress)(const struct iommufd_model_explore_result *so_far,
			 void *data);
	void *progress_data;	/**< the argument @p data of progress() */
	/**
	 * Called before each execution that will be reported, with the record
	 * that will be written of it.
	 */
	void (*observe)(struct iommufd_model_record *record);
	/**
	 * Called at the end of such an execution, with memory that is still
	 * allocated.  It fills @p text and returns true if that memory can
	 * never be freed.
	 */
	bool (*explain)(const void *leaked, char *text, size_t size);
	/**
	 * A file to which the record of the execution that is handed back is
	 * written, also by a replay that does not fail.  If it is a directory,
	 * the file in it is named after the test.  The report has the command
	 * that makes a page of the record.  If the file cannot be written, a
	 * message on standard error says so, and nothing else changes.
	 * RECORD=FILE
	 */
	const char *record;
	/**
	 * How many megabytes of memory the states of all jobs take, at most
	 * 4096, default 64; 0: none are kept.  If there is no room for more,
	 * the exploration goes on, and the verdict says so.  STATES=N
	 */
	int states;
	/** title of the record; NULL: the name of the test */
	const char *title;
	/**
	 * For a test whose memory is IOMMUFD_MODEL_STATIC_VARIABLES: after this
	 * number of executions the search begins again with states; default
	 * 100; 1: it uses states from the start.  STATES_AFTER=N
	 */
	unsigned int states_after;
	/**
	 * Run each execution from setup to its end, also if states are used:
	 * begin none at a copy of memory, and leave none when it comes to a
	 * known state.  The same executions are counted, and they take longer.
	 * CHECKPOINTS=0 sets it
	 */
	bool no_checkpoints;
	/**
	 * A file in which the states are kept, of as many megabytes as @ref
	 * states; it is made if it does not exist.  All processes that explore
	 * the same test with the same options and the same file share the
	 * states: the parts of an exploration (@ref shard), and a run that goes
	 * on with what an earlier one has left.  The addresses in them must be
	 * the same, so there must be no address randomization ("setarch -R").
	 * The caller sees to it that nothing else differs that decides what the
	 * threads do, such as arguments of the program.  In a directory each
	 * test has a file of its own.  NULL: the states are gone when the
	 * exploration ends.  It is not used where no states are.
	 * STATES_FILE=FILE
	 */
	const char *states_file;
};

/**
 * Sets all options to their defaults.  iommufd_model_explore_options_init()
 * calls it.
 * @param options  options of any content
 * @param size     the size of the struct that the caller was compiled with
 */
IOMMUFD_MODEL_API void iommufd_model_explore_options_init_sized(
	struct iommufd_model_explore_options *options, size_t size);

/**
 * Sets all options to their defaults.
 * @param options  options of any content
 */
static inline void iommufd_model_explore_options_init(
	struct iommufd_model_explore_options *options)
{
	iommufd_model_explore_options_init_sized(options, sizeof(*options));
}

/**
 * Copies options and completes the copy.  If the size in @p from is 0, each
 * option that is 0 gets its default in the copy.  The size of the copy is set.
 * @param to    the copy; unchanged after an error
 * @param from  options; NULL: all have their defaults
 * @return 0, or -EINVAL if no version of this library has options of that size,
 *   or if options are set that this version does not know
 */
IOMMUFD_MODEL_API int iommufd_model_explore_options_copy(
	struct iommufd_model_explore_options *to,
	const struct iommufd_model_explore_options *from);

/** The verdict of an exploration. */
enum iommufd_model_verdict {
	/** an error prevented the exploration */
	IOMMUFD_MODEL_VERDICT_NOT_EXPLORED,
	/** all schedules were explored, and none fails */
	IOMMUFD_MODEL_VERDICT_COMPLETE,
	/**
	 * all schedules up to the bound of preemptions were explored; none
	 * fails
	 */
	IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED,
	/** all schedules of this shard were explored; none fails */
	IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD,
	/** a limit was reached before the end, and no failure was found */
	IOMMUFD_MODEL_VERDICT_STOPPED,
	/** random mode: none of the executions that were run failed */
	IOMMUFD_MODEL_VERDICT_NOT_FOUND,
	/** one schedule was replayed and did not fail */
	IOMMUFD_MODEL_VERDICT_REPLAYED,
	IOMMUFD_MODEL_VERDICT_FAILED,	/**< a failure was found */
};

/**
 * The result of an exploration.  It owns its strings and its record until
 * iommufd_model_explore_free().
 */
struct iommufd_model_explore_result {
	/** the number of bytes of the struct that the library has filled in */
	size_t size;
	enum iommufd_model_verdict verdict;	/**< the verdict */
	/** the number of complete executions */
	unsigned long executions;
	/**
	 * the number of further executions that were equivalent to an earlier
	 * one, or came to a state that was explored before
	 */
	unsigned long redundant;
	unsigned long states;	/**< how many states were kept */
	bool states_full;	/**< there was no room for more of them */
	/** why states were not used for a test that lists its memory, or "" */
	char no_states[80];
	unsigned long nr_failed;	/**< executions that failed */
	/** bit n is set if some execution had failure n */
	unsigned int seen;
	/** the number of steps of all executions together */
	unsigned long steps;
	/** the number of steps of the longest execution */
	unsigned int depth;
	double seconds;	/**< the time that the exploration took, in seconds */
	double done;	/**< estimated part of the work that is done, 0 to 1 */
	/** true if an allocation was made to fail in some execution */
	bool injected;
	/** the failure that is handed back */
	enum iommufd_model_failure failure;
	/**
	 * the number of the thread that failed, from 0; -1 for setup, after or
	 * none
	 */
	int thread;
	/** the number of the execution that failed first, from 1 */
	unsigned long found_after;
	/**
	 * the preemptions of the schedule that is handed back; or the bound
	 * that was reached
	 */
	int preemptions;
	/** true if more timeouts could have fired than the option allows */
	bool timeouts_bounded;
	/**
	 * true if more spurious wake-ups could have come than the option allows
	 */
	bool spurious_bounded;
	/**
	 * the same as timeouts_bounded, for allocations that were made to fail
	 */
	bool allocs_bounded;
	/** the same as timeouts_bounded, for short user copies */
	bool copies_bounded;
	unsigned long seed;	/**< random mode: the seed */
	/**
	 * the limit that stopped the exploration, such as "200 executions" or
	 * "10000 steps in loops that wait", or the signal
	 */
	char limit[32];
	int signal;	/**< the signal that stopped the exploration, or 0 */
	/** the options that were used, with defaults and the environment */
	struct iommufd_model_explore_options options;
	char *text;	/**< the failure in one sentence, or NULL */
	char *schedule;	/**< the schedule that fails, or NULL */
	/** a command for a shell that replays the schedule, or NULL */
	char *command;
	/** the report of the failure, some kB of text, or NULL */
	char *report;
	/** the record of the execution that is handed back, or NULL */
	struct iommufd_model_record *record;
	/** true if the file of the record could not be written */
	bool record_lost;
	/**
	 * How many source files of the program are watched, so that their plain
	 * accesses were seen.  0: no plain access was seen.
	 */
	unsigned int watched;
	/**
	 * How many source files of the program and of the shared libraries that
	 * it is linked with are not watched, of those that include a header of
	 * this library.  The files of the ground do not count.
	 */
	unsigned int unwatched;
};

/**
 * Explores a test.  iommufd_model_explore() calls it.
 * @param test     the test
 * @param options  the options; NULL for the defaults
 * @param result   the result; may be NULL
 * @param size     the size of the struct that the caller was compiled with
 * @return the same as iommufd_model_explore()
 */
IOMMUFD_MODEL_API int
iommufd_model_explore_sized(const struct iommufd_model_test *test,
			    const struct iommufd_model_explore_options *options,
			    struct iommufd_model_explore_result *result,
			    size_t size);

/**
 * Explores a test.
 * @param test     the test
 * @param options  the options; NULL for the defaults
 * @param result   the result, which is filled in in all cases; may be NULL
 * @return 0 if no failure was found, as far as the verdict says; 1 if a failure
 *   was found; or a negative errno
 * @ownership The caller must free the result with iommufd_model_explore_free().
 * @errors -EINVAL: the test or the options are invalid, or a schedule does not
 *   fit the test (a sentence is printed where reports go); -ENOMEM, -EAGAIN:
 *   memory is short, no process could be created, or something else has killed
 *   one of them.
 * @context No other thread may use the ground at the same time.  The call can
 *   take very long: see the limits in the options.
 */
static inline int
iommufd_model_explore(const struct iommufd_model_test *test,
		      const struct iommufd_model_explore_options *options,
		      struct iommufd_model_explore_result *result)
{
	return iommufd_model_explore_sized(test, options, result,
					   sizeof(*result));
}

/**
 * Frees the strings and the record of a result.
 * @param result  the result of iommufd_model_explore()
 */
IOMMUFD_MODEL_API void
iommufd_model_explore_free(struct iommufd_model_explore_result *result);

/**
 * Returns the name of a failure.
 * @param failure  the failure
 * @return "use after free" and so on; a static string
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
 * Writes a verdict as text: "complete", "complete up to 2 preemptions",
 * "stopped at 200 executions, about 3 % done", "no failure in 10000 executions,
 * seed 1", "FAILED: use after free".
 * @param result  the result
 * @param buf     gets the text
 * @param size    its size
 * @return @p buf
 */
IOMMUFD_MODEL_API const char *
iommufd_model_verdict_text(const struct iommufd_model_explore_result *result,
			   char *buf, size_t size);

/**
 * Fails the execution if a condition does not hold.  To be used in setup, in
 * threads, in the invariant and in after.  Assertions of libcheck do the same
 * there if check.h of this library is included.  Outside of an exploration a
 * failure prints a line and aborts.
 * @param cond  what must hold
 */
#define iommufd_model_assert(cond) do {					\
	if (!(cond))							\
		iommufd_model_assertion_failed(IOMMUFD_MODEL_SITE(#cond), \
					       "%s", #cond);		\
} while (0)

/**
 * Does what iommufd_model_assert() does, and adds a text to the report.
 * @param cond  the condition that must hold
 * @param ...   the text, as for printf()
 */
#define iommufd_model_assert_msg(cond, ...) do {			\
	if (!(cond))							\
		iommufd_model_assertion_failed(IOMMUFD_MODEL_SITE(#cond), \
					       __VA_ARGS__);		\
} while (0)

/**
 * Fails the execution.  iommufd_model_assert() calls it.
 * @param site  the call site
 * @param fmt   the text, as for printf()
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_assertion_failed(const struct iommufd_model_site *site,
			       const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Starts another thread, from a thread of the test.  Outside of an exploration
 * it calls @p fn itself and returns when @p fn does.
 * @param name  its name in reports; must stay valid
 * @param fn    the function of the thread
 * @param data  the argument of @p fn
 * @return the number of the thread, or -EAGAIN if there are too many
 * @ownership Every thread ends before after() runs, whether or not it was
 *   joined.
 */
#define iommufd_model_spawn(name, fn, data) \
	iommufd_model_spawn_thread(name, fn, data, IOMMUFD_MODEL_SITE(#fn))

/**
 * Waits until a thread has ended.  Several threads may wait for the same one.
 * @param number  what iommufd_model_spawn() returned
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
 * @return its number, from 0; -1 if it is not a thread of a test
 */
IOMMUFD_MODEL_API int iommufd_model_thread_number(void);

/**
 * Says whether the caller runs in an execution: in the setup, a thread, the
 * invariant or the after function of a test that is being explored.
 * @return true if so
 */
IOMMUFD_MODEL_API bool iommufd_model_in_execution(void);

/**
 * Waits until a counter is zero, as one step.  It stands for a wait queue that
 * is used correctly on both sides, and makes an exploration shorter.  Outside
 * of an exploration it reads the counter again and again.
 * @param r  the counter, a pointer to a refcount_t
 * @context Blocks.
 */
#define iommufd_model_wait_zero(r) \
	iommufd_model_wait_zero_at(r, IOMMUFD_MODEL_SITE(#r))
/** @behind{iommufd_model_wait_zero} */
IOMMUFD_MODEL_API void
iommufd_model_wait_zero_at(refcount_t *r,
			   const struct iommufd_model_site *site);

/**
 * Chooses one of several values: an exploration tries each of them.  The choice
 * is a step of the schedule, a replay makes it again, and reports show it.  A
 * random exploration draws the value.  Outside of an exploration, and in setup,
 * in the invariant and in after, the value is 0.
 *
 * A loop that goes on as long as a choice says so has no end, and reaches the
 * limit of steps.
 * @param n     how many values there are, from 1 to IOMMUFD_MODEL_MAX_CHOICES;
 *   with any other number the assertion of this call fails, also outside of an
 *   exploration
 * @param what  a string literal that says in reports what is chosen
 * @return the value, from 0 to @p n - 1
 * @context Any; does not block.
 */
#define iommufd_model_choose(n, what) \
	iommufd_model_choose_at(n, IOMMUFD_MODEL_SITE(what))
/**
 * Chooses one of several values: what iommufd_model_choose() calls.
 * @param n     how many values there are
 * @param site  the call site
 * @return the value, from 0 to @p n - 1
 */
IOMMUFD_MODEL_API int
iommufd_model_choose_at(long n, const struct iommufd_model_site *site);

/**
 * @name Deprecated
 * Names of versions before 0.1.  New code does not use them, and 1.0 will not
 * have them.
 * @{
 */
/** the old name of IOMMUFD_MODEL_MODE_EXHAUSTIVE */
#define IOMMUFD_MODEL_EXHAUSTIVE IOMMUFD_MODEL_MODE_EXHAUSTIVE
/** the old name of IOMMUFD_MODEL_MODE_BOUNDED */
#define IOMMUFD_MODEL_BOUNDED IOMMUFD_MODEL_MODE_BOUNDED
/** the old name of IOMMUFD_MODEL_MODE_RANDOM */
#define IOMMUFD_MODEL_RANDOM IOMMUFD_MODEL_MODE_RANDOM
/** the old name of IOMMUFD_MODEL_MODE_REPLAY */
#define IOMMUFD_MODEL_REPLAY IOMMUFD_MODEL_MODE_REPLAY
/** the old name of IOMMUFD_MODEL_VERDICT_NOT_EXPLORED */
#define IOMMUFD_MODEL_NOT_EXPLORED IOMMUFD_MODEL_VERDICT_NOT_EXPLORED
/** the old name of IOMMUFD_MODEL_VERDICT_COMPLETE */
#define IOMMUFD_MODEL_COMPLETE IOMMUFD_MODEL_VERDICT_COMPLETE
/** the old name of IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED */
#define IOMMUFD_MODEL_COMPLETE_BOUNDED IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED
/** the old name of IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD */
#define IOMMUFD_MODEL_COMPLETE_SHARD IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD
/** the old name of IOMMUFD_MODEL_VERDICT_STOPPED */
#define IOMMUFD_MODEL_STOPPED IOMMUFD_MODEL_VERDICT_STOPPED
/** the old name of IOMMUFD_MODEL_VERDICT_NOT_FOUND */
#define IOMMUFD_MODEL_NOT_FOUND IOMMUFD_MODEL_VERDICT_NOT_FOUND
/** the old name of IOMMUFD_MODEL_VERDICT_REPLAYED */
#define IOMMUFD_MODEL_REPLAYED IOMMUFD_MODEL_VERDICT_REPLAYED
/** the old name of IOMMUFD_MODEL_VERDICT_FAILED */
#define IOMMUFD_MODEL_FAILED IOMMUFD_MODEL_VERDICT_FAILED
/**
 * for the option timeouts, if size is 0: no timeout may fire while others can
 * go on
 */
#define IOMMUFD_MODEL_NO_TIMEOUTS (-1)
/** for the option preemptions, if size is 0: no preemptions */
#define IOMMUFD_MODEL_NO_PREEMPTIONS (-2)
/** @} */

IOMMUFD_MODEL_END_DECLS

#endif
