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

/** the most threads that a test may have, with those that it spawns */
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
	void *data;	/**< the argument of all functions */
	/** runs before the threads start; may be NULL */
	void (*setup)(void *data);
	/** the threads; they end at the first entry without a function */
	struct iommufd_model_test_thread threads[IOMMUFD_MODEL_MAX_THREADS];
	/**
	 * Called after every step, while no thread runs; may be NULL.  It may
	 * read the ground's objects, which is no step here, and must not change
	 * anything nor block.
	 */
	void (*invariant)(void *data);
	/** runs when all threads have ended; may be NULL */
	void (*after)(void *data);
	/**
	 * Bit n is set: thread n is equal to all other threads whose bit is
	 * set.  They run the same code on the same data, and there is no
	 * difference between them.  Only schedules that start them in order are
	 * explored.
	 */
	unsigned int symmetric;
	/**
	 * 0, or the size of this struct: a library that knows fewer members
	 * refuses a test that uses the others
	 */
	size_t size;
	/**
	 * Entry n is IOMMUFD_MODEL_INTERRUPTS(m): thread n is an interrupt
	 * handler on the processor of thread m.  It begins between any two
	 * steps of thread m while that has interrupts on, or when it has ended.
	 * Thread m goes on when the handler has ended.  In the handler
	 * interrupts are off, in_hardirq() is true, and nothing may sleep.
	 * 0: thread n is an ordinary thread.
	 */
	unsigned char interrupts[IOMMUFD_MODEL_MAX_THREADS];
};

/** The value of interrupts[] for a handler that interrupts thread @p number. */
#define IOMMUFD_MODEL_INTERRUPTS(number) ((unsigned char)((number) + 1))

/** What can be wrong with an execution. */
enum iommufd_model_failure {
	IOMMUFD_MODEL_NO_FAILURE,	/**< nothing is wrong */
	IOMMUFD_MODEL_FAIL_ASSERTION,	/**< an iommufd_model_assert() failed */
	IOMMUFD_MODEL_FAIL_INVARIANT,	/**< one of the invariant failed */
	IOMMUFD_MODEL_FAIL_WARN,	/**< a WARN of no other kind */
	/** an increment of a counter from zero, or a decrement below zero */
	IOMMUFD_MODEL_FAIL_REFCOUNT,
	/** an operation on freed memory */
	IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	IOMMUFD_MODEL_FAIL_DOUBLE_FREE,	/**< freed memory was freed again */
	/** memory was freed by a function of another family */
	IOMMUFD_MODEL_FAIL_ALLOCATOR,
	IOMMUFD_MODEL_FAIL_LEAK,	/**< memory is allocated at the end */
	/** the same, because of a cycle of references */
	IOMMUFD_MODEL_FAIL_NEVER_RELEASED,
	/** the release of a context left objects */
	IOMMUFD_MODEL_FAIL_NO_PROGRESS,
	/** threads wait for each other's locks, or for each other's end */
	IOMMUFD_MODEL_FAIL_DEADLOCK,
	/** a thread sleeps, and no thread is left that could wake it */
	IOMMUFD_MODEL_FAIL_LOST_WAKEUP,
	IOMMUFD_MODEL_FAIL_TIMEOUT,	/**< a wait ran into its timeout */
	/** a lock was misused, or is held at the end */
	IOMMUFD_MODEL_FAIL_LOCK,
	/** two locks were taken in both orders */
	IOMMUFD_MODEL_FAIL_LOCK_ORDER,
	/** a function that may sleep was called under a spinlock */
	IOMMUFD_MODEL_FAIL_ATOMIC,
	IOMMUFD_MODEL_FAIL_CRASH,	/**< a signal, or exit() */
	IOMMUFD_MODEL_FAIL_SANITIZER,	/**< a sanitizer reported an error */
	IOMMUFD_MODEL_FAIL_STEP_LIMIT,	/**< there were too many steps */
	/** a loop waits for a change that no thread is left to make */
	IOMMUFD_MODEL_FAIL_LIVELOCK,
	/** a thread came to no operation for a long time */
	IOMMUFD_MODEL_FAIL_HANG,
	/** the same schedule did not give the same steps */
	IOMMUFD_MODEL_FAIL_NONDETERMINISM,
	IOMMUFD_MODEL_NR_FAILURES	/**< how many there are */
};

/** Which schedules are run. */
enum iommufd_model_explore_mode {
	/** One execution for each order of the operations that conflict. */
	IOMMUFD_MODEL_MODE_EXHAUSTIVE,
	/** All interleavings up to a number of preemptions, fewest first. */
	IOMMUFD_MODEL_MODE_BOUNDED,
	/** A number of executions with random priorities (PCT). */
	IOMMUFD_MODEL_MODE_RANDOM,
	IOMMUFD_MODEL_MODE_REPLAY,	/**< One given schedule. */
};

/**
 * From this timeout on, in jiffies (30 s), one fires only when no thread can go
 * on.
 */
#define IOMMUFD_MODEL_WATCHDOG 30000

struct iommufd_model_explore_result;

/**
 * Options of an exploration.
 *
 * Begin with iommufd_model_explore_options_init(), which sets every option to
 * the default that is named here, and then change some: what they say counts as
 * it is, 0 included.
 *
 * It is also possible to begin with zeros, as in
 * `struct iommufd_model_explore_options options = { .quiet = true };`.
 * @p size is 0 then, and an option that is 0 has its default.
 *
 * An environment variable has the last word.  Its name is
 * IOMMUFD_MODEL_EXPLORE_ and what is named here.
 */
struct iommufd_model_explore_options {
	/** set by iommufd_model_explore_options_init(); 0: see above */
	size_t size;
	/** default exhaustive; MODE=exhaustive|bounded|random */
	enum iommufd_model_explore_mode mode;
	/** true: operations on a counter are not taken to commute; PLAIN=1 */
	bool plain;
	/**
	 * Bounded mode: the most preemptions of an execution, default 2; -1: no
	 * bound.  PREEMPTIONS=N
	 */
	int preemptions;
	/**
	 * Random mode: how many orders of steps a failure may depend on (the d
	 * of PCT), from 1, default 3.  DEPTH=N
	 */
	unsigned int depth;
	/**
	 * How many timeouts may fire in one execution while other threads can
	 * go on, default 2.  TIMEOUTS=N
	 */
	int timeouts;
	/**
	 * How many sleeps in a wait queue or for a completion may end in one
	 * execution for no reason, default 0.  So a condition that is tested
	 * with if, and not in a loop, is found.  Sleeps with a timeout below
	 * IOMMUFD_MODEL_WATCHDOG are left to @p timeouts.  SPURIOUS=N
	 */
	int spurious;
	/**
	 * Stop after this number of executions; 0, the default: no limit, but
	 * 10,000 in random mode.  EXECUTIONS=N
	 */
	unsigned long executions;
	/**
	 * An execution with more steps is taken for an endless loop, default
	 * 10,000, at most 32,000.  STEPS=N
	 */
	unsigned int steps;
	/** Stop after this time; 0, the default: no limit.  SECONDS=X */
	double seconds;
	/**
	 * A thread that comes to no operation for this number of seconds hangs,
	 * default 10; 0: it may take for ever.  HANG=X
	 */
	double hang;
	/** Random mode: where the random numbers begin, default 1.  SEED=N */
	unsigned long seed;
	/** how many processes share the work, default 1.  JOBS=N */
	unsigned int jobs;
	/**
	 * Explore one part of the schedules: @p shard, from 1 to @p shards,
	 * default 1 of 1.  SHARD=K/N
	 */
	unsigned int shard;
	unsigned int shards;	/**< see @p shard */
	/**
	 * Bit n: failure n does not count.  A failure after which the execution
	 * cannot continue (use after free, crash) cannot be ignored.
	 * IGNORE=timeout,leak
	 */
	unsigned int ignore;
	/** The n-th allocation of the threads fails; 0: none.  FAIL_NTH=N */
	unsigned int fail_nth;
	/**
	 * Replay mode: the schedule, or the name of a file with one.  A
	 * schedule whose fingerprint is of another test or of other code is
	 * refused.  With TEST in the variable only the test of that name is
	 * replayed, and the program fails if it explores no such test.
	 * REPLAY=[TEST:]SCHEDULE
	 */
	const char *schedule;
	/**
	 * Replay a schedule even if its fingerprint is of another test or of
	 * other code.  FORCE=1
	 */
	bool force;
	/**
	 * The version of a test that is made from something that may change, a
	 * text file for example.  A schedule of another version is refused.
	 */
	const char *version;
	/**
	 * Replay on the stacks that an exploration uses.  By default each
	 * thread of a replay is a thread of the system, which debuggers can
	 * show.  OWN_STACKS=1
	 */
	bool own_stacks;
	/**
	 * Run in this process, not in a child.  What a failed execution has
	 * allocated or locked stays as it is.  A replay that the environment
	 * asks for always runs in this process, so that a debugger sees it.
	 * IN_PROCESS=1
	 */
	bool in_process;
	/** Do not stop at the first failure, count them all.  KEEP_GOING=1 */
	bool keep_going;
	/** Hand back the first failure as it was found.  MINIMISE=0 */
	bool no_minimise;
	/**
	 * SIGINT and SIGTERM stop an exploration.  By default a line then says
	 * what was done, and the signal ends the program as usual.  With this
	 * option iommufd_model_explore() returns, with the signal in the
	 * result.  Where a program has a handler of its own for the signal,
	 * that handler stays and the exploration goes on.
	 */
	bool returns;
	bool quiet;	/**< print no report of a failure */
	FILE *report;	/**< where reports are printed; NULL: stderr */
	/**
	 * A command for the report of a failure: followed by a schedule, it
	 * replays that schedule.  NULL: this program, with
	 * IOMMUFD_MODEL_EXPLORE_REPLAY set.
	 */
	const char *command;
	/** Called about ten times a second while the exploration runs. */
	void (*progress)(const struct iommufd_model_explore_result *so_far,
			 void *data);
	void *progress_data;	/**< what progress() gets as @p data */
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
	/** title of the record; NULL: the name of the test */
	const char *title;
};

/**
 * Sets all options to their defaults: what
 * iommufd_model_explore_options_init() calls.
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
 * Copies options and makes them complete: those that @p from leaves at their
 * default get its value, and @p size is set.
 * @param to    the copy; unchanged after an error
 * @param from  options; NULL: all have their defaults
 * @return 0, or -EINVAL if no version of this library has options of that size,
 *   or if options are set that this version does not know
 */
IOMMUFD_MODEL_API int iommufd_model_explore_options_copy(
	struct iommufd_model_explore_options *to,
	const struct iommufd_model_explore_options *from);

/** What an exploration found. */
enum iommufd_model_verdict {
	IOMMUFD_MODEL_VERDICT_NOT_EXPLORED,	/**< an error came first */
	/** all schedules were explored, and none fails */
	IOMMUFD_MODEL_VERDICT_COMPLETE,
	/** the same for all schedules up to the bound of preemptions */
	IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED,
	/** the same for all schedules of this shard */
	IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD,
	/** a limit was reached before the end, and no failure was found */
	IOMMUFD_MODEL_VERDICT_STOPPED,
	/** random: no failure in the executions that were run */
	IOMMUFD_MODEL_VERDICT_NOT_FOUND,
	IOMMUFD_MODEL_VERDICT_REPLAYED,	/**< one schedule, without a failure */
	IOMMUFD_MODEL_VERDICT_FAILED,	/**< a failure was found */
};

/**
 * The result of an exploration.  It owns its strings and its record until
 * iommufd_model_explore_free().
 */
struct iommufd_model_explore_result {
	size_t size;	/**< how much of the struct the library has filled in */
	enum iommufd_model_verdict verdict;	/**< what it found */
	unsigned long executions;	/**< complete ones */
	/** further ones that turned out to be equivalent to another one */
	unsigned long redundant;
	unsigned long nr_failed;	/**< executions that failed */
	unsigned int seen;	/**< bit n: some execution had failure n */
	unsigned long steps;	/**< of all executions together */
	unsigned int depth;	/**< steps of the longest execution */
	double seconds;	/**< how long it took */
	double done;	/**< estimated part of the work that is done, 0 to 1 */
	/** the n-th allocation was reached and failed, in some execution */
	bool injected;
	enum iommufd_model_failure failure;	/**< the failure handed back */
	/** the thread that failed, from 0; -1: setup, after or none */
	int thread;
	/** number of the execution that first failed, from 1 */
	unsigned long found_after;
	/** of the schedule handed back; or the bound that was reached */
	int preemptions;
	/** true if more timeouts could have fired than the option allows */
	bool timeouts_bounded;
	/** the same of sleeps that end for no reason */
	bool spurious_bounded;
	unsigned long seed;	/**< random mode: the seed */
	/** the limit that stopped it, "200 executions", or the signal */
	char limit[32];
	int signal;	/**< the signal that stopped it; 0: none did */
	/** as they were in the end, with defaults and the environment */
	struct iommufd_model_explore_options options;
	char *text;	/**< the failure in one sentence; NULL: none */
	char *schedule;	/**< the schedule that fails; NULL: none */
	/** a command for a shell that replays the schedule; NULL: none */
	char *command;
	/** the report of the failure, some kB of text; NULL: none */
	char *report;
	/** of the execution that is handed back; NULL: none */
	struct iommufd_model_record *record;
	bool record_lost;	/**< the file of the record was not written */
};

/**
 * Explores a test: what iommufd_model_explore() calls.
 * @param test     the test
 * @param options  its options; NULL: the defaults
 * @param result   what came of it; may be NULL
 * @param size     the size of the struct that the caller was compiled with
 * @return as of iommufd_model_explore()
 */
IOMMUFD_MODEL_API int
iommufd_model_explore_sized(const struct iommufd_model_test *test,
			    const struct iommufd_model_explore_options *options,
			    struct iommufd_model_explore_result *result,
			    size_t size);

/**
 * Explores a test.
 * @param test     the test
 * @param options  its options; NULL: the defaults
 * @param result   what came of it, filled in in all cases; may be NULL
 * @return 0: no failure, as far as the verdict says; 1: a failure was found; or
 *   a negative errno
 * @ownership The caller gives the result back by iommufd_model_explore_free().
 * @errors -EINVAL: the test or the options make no sense, or a schedule does
 *   not fit the test (a sentence is printed where reports go); -ENOMEM,
 *   -EAGAIN: no memory or process.
 * @context No other thread may use the ground at the same time.  It can take
 *   very long: see the limits in the options.
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
 * @param cond  what must hold
 * @param ...   the text, as for printf()
 */
#define iommufd_model_assert_msg(cond, ...) do {			\
	if (!(cond))							\
		iommufd_model_assertion_failed(IOMMUFD_MODEL_SITE(#cond), \
					       __VA_ARGS__);		\
} while (0)

/**
 * Fails the execution: what iommufd_model_assert() calls.
 * @param site  the call site
 * @param fmt   the text, as for printf()
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_assertion_failed(const struct iommufd_model_site *site,
			       const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Starts one more thread, from a thread of the test.  Outside of an exploration
 * it calls @p fn and returns when that returns.
 * @param name  its name in reports; must stay valid
 * @param fn    what it does
 * @param data  the argument of @p fn
 * @return its number, or -EAGAIN if there are too many
 * @ownership Every thread ends before after() runs, joined or not.
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
/** timeouts of options whose size is 0: none may fire while others can go on */
#define IOMMUFD_MODEL_NO_TIMEOUTS (-1)
/** preemptions of options whose size is 0: none */
#define IOMMUFD_MODEL_NO_PREEMPTIONS (-2)
/** @} */

IOMMUFD_MODEL_END_DECLS

#endif
